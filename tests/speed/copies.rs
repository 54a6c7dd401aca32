//! A backup while people write: how fast it is beside `cp`, and what the senders notice.

use super::fill::{self, Filled, PASSWORD};
use super::house::House;
use super::messages;
use super::office::command;
use super::paper::{Paper, ms};
use super::wire::{Times, Visitor, Wire};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const FILES: usize = 400;
const FILE_BYTES: usize = 1 << 20;
/// Twenty messages a second.
const PAUSE: Duration = Duration::from_millis(50);
const NORMAL: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(300);

pub async fn measure(large: &Filled, paper: &mut Paper) {
    let copy = large.copy();
    attach(&copy.path().join("data"));
    let house = House::on(copy).await;
    let visitor = Visitor::enter(&house.staff, &fill::email(0), PASSWORD, "/perfil").await;
    let conversation = large.conversations - large.living().0;
    let mut wire = Wire::to(&house.staff).await;
    let normal = send(&mut wire, &visitor, conversation, "n", |began| began.elapsed() < NORMAL).await;
    let data = house.dir.path().join("data");
    let (archive, beside) = (house.dir.path().join("copia.tar"), house.dir.path().join("cp"));
    let began = Instant::now();
    let mut backup = command(&["backup", archive.to_str().unwrap(), "--data", data.to_str().unwrap()]).spawn().unwrap();
    let during = send(&mut wire, &visitor, conversation, "d", |began| {
        assert!(began.elapsed() < PATIENCE, "the backup ends");
        backup.try_wait().unwrap().is_none()
    });
    let during = during.await;
    let took = began.elapsed();
    assert!(backup.wait().unwrap().success());
    let plain = cp(&data, &beside);
    let (speed, p99s) = (plain.as_secs_f64() / took.as_secs_f64(), (normal.p99(), during.p99()));
    paper.row(
        "backup of 1,000,000 entries and 400 MB of files while 20 messages a second arrive",
        &format!("{:.1} s", took.as_secs_f64()),
        &format!("cp and sync: {:.1} s ({:.0} % of its speed)", plain.as_secs_f64(), speed * 100.0),
        "≥ 50 %",
        speed >= 0.5,
    );
    paper.row(
        "the senders meanwhile",
        &format!("p50 {}, p99 {}", ms(during.p50()), ms(p99s.1)),
        &format!("without a backup: p50 {}, p99 {}", ms(normal.p50()), ms(p99s.0)),
        "p99 ≤ 3 ×",
        p99s.1 <= 3 * p99s.0,
    );
}

/// Files as the house keeps them: under the hash of what is in them.
fn attach(data: &Path) {
    use sha2::{Digest, Sha256};
    for n in 0..FILES {
        let mut seed = n as u64 + 1;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as u8
        })
        .take(FILE_BYTES)
        .collect();
        let name: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = data.join("files").join(&name[..2]);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

async fn send(
    wire: &mut Wire,
    visitor: &Visitor,
    conversation: usize,
    name: &str,
    mut goes_on: impl FnMut(Instant) -> bool,
) -> Times {
    let (start, mut times) = (Instant::now(), Vec::new());
    while goes_on(start) {
        let request = messages::message(visitor, conversation, &format!("{name}-{}", times.len()));
        let began = Instant::now();
        assert_eq!(wire.send(&request).await.status, 200);
        times.push(began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    Times::new(times)
}

fn cp(from: &Path, to: &Path) -> Duration {
    let began = Instant::now();
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).output().unwrap();
    // What vanished while it copied (a draft of the index) is named, and no harm.
    let said = String::from_utf8_lossy(&copied.stderr);
    assert!(said.lines().all(|line| line.contains("No such file")), "{said}");
    assert!(Command::new("sync").arg("-f").arg(to).status().unwrap().success());
    began.elapsed()
}
