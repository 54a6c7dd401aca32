//! The real binary on a filled directory.

use super::office::command;
use super::wire::{self, Wire};
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::time::{Duration, Instant};

/// Over which it is seen whether a house rests: longer than any breath of its gentle work.
const SECOND: Duration = Duration::from_secs(1);

pub struct House {
    pub staff: String,
    pub public: String,
    /// From before the process to its first answer.
    pub answered_in: Duration,
    pub dir: tempfile::TempDir,
    child: Child,
}

impl House {
    /// Starts on `dir`/data.
    pub async fn on(dir: tempfile::TempDir) -> Self {
        let data = dir.path().join("data");
        let began = Instant::now();
        let mut child =
            command(&["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"])
                .stderr(std::process::Stdio::inherit())
                .spawn()
                .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = |before: &str| {
            lines.find_map(|line| line.strip_prefix(before).map(str::to_owned)).expect("it says its doors")
        };
        let (staff, public) = (said("Balcão: "), said("Portal: "));
        std::thread::spawn(move || lines.for_each(drop));
        let status = Wire::to(&staff).await.send(b"GET /saude HTTP/1.1\r\nHost: x\r\n\r\n").await.status;
        assert_eq!(status, 200);
        Self { staff, public, answered_in: began.elapsed(), dir, child }
    }

    /// The same, once it is at rest: a directory that is new to it keeps it busy with its first snapshot for a while.
    pub async fn rested_on(dir: tempfile::TempDir) -> Self {
        let house = Self::on(dir).await;
        house.rest().await;
        house
    }

    /// Waits until it is at rest: neither the processor time nor the disk of what it does afterwards is a page's, a
    /// message's, or its neighbour's.
    pub async fn rest(&self) {
        let mut spent = wire::cpu(self.pid());
        loop {
            tokio::time::sleep(SECOND).await;
            let now = wire::cpu(self.pid());
            // A thread that ended took its time with it: then it was not at rest.
            if now.checked_sub(spent).is_some_and(|worked| worked < SECOND / 200) {
                return;
            }
            spent = now;
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Pulls the plug and starts again.
    pub async fn killed(mut self) -> Self {
        self.child.kill().unwrap();
        self.ended().await
    }

    /// Stops and starts again.
    pub async fn stopped(mut self) -> Self {
        assert!(std::process::Command::new("kill").arg(self.pid().to_string()).status().unwrap().success());
        self.ended().await
    }

    async fn ended(&mut self) -> Self {
        self.child.wait().unwrap();
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        Box::pin(Self::on(dir)).await
    }

    /// Resident megabytes: all, and those that are not pages of files.
    pub fn resident(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
        };
        (of("VmRSS:"), of("RssAnon:"))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
