//! What the parts do without the product: each measured in the same run, on the same disk, as what stands on it.

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::Data;
use poem::{Body, EndpointExt, Route, Server, handler, post};
use redb::{Database, TableDefinition};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The argument with which this program is the bare server instead of the driver.
pub const BARE: &str = "--bare-server";
/// Bytes of all rows that one message changes, keys and values: entry, conversation, deal, their index rows, events,
/// counters.
const BYTES: usize = 2_000;
const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");
const BATCH_MAX: usize = 256;

type Job = (Vec<u8>, oneshot::Sender<()>);

/// A bare poem and a redb group-commit loop: the least that acknowledges a message durably.
pub struct Bare {
    pub base: String,
    child: Child,
    _dir: tempfile::TempDir,
}

impl Bare {
    pub fn start(beside: &Path) -> Self {
        let dir = tempfile::tempdir_in(beside).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(BARE)
            .arg(dir.path().join("bare.redb"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { base: format!("http://{}", line.trim()), child, _dir: dir }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[handler]
async fn take(jobs: Data<&mpsc::Sender<Job>>, body: Body) -> String {
    let form = body.into_vec().await.unwrap();
    let text = form_urlencoded::parse(&form).find(|(key, _)| key == "texto").unwrap().1.into_owned();
    let mut row = text.into_bytes();
    row.resize(BYTES, b'.');
    let (done, answer) = oneshot::channel();
    jobs.send((row, done)).unwrap();
    answer.await.unwrap();
    "kept".to_owned()
}

/// Serves until it is killed.
pub fn serve(path: &Path) {
    let database = Database::builder().set_cache_size(64 << 20).create(path).unwrap();
    let (jobs, waiting) = mpsc::channel::<Job>();
    std::thread::spawn(move || write(&database, &waiting));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let door = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        println!("{}", door.local_addr()[0].0.as_socket_addr().unwrap());
        let route = Route::new().at("/conversas/:id/mensagens", post(take)).data(jobs);
        Server::new_with_acceptor(door).run(route).await.unwrap();
    });
}

fn write(database: &Database, waiting: &mpsc::Receiver<Job>) {
    let mut number = 0;
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(BATCH_MAX - 1));
        let mut commit = database.begin_write().unwrap();
        commit.set_quick_repair(true);
        {
            let mut rows = commit.open_table(ROWS).unwrap();
            for (row, _) in &jobs {
                number += 1;
                rows.insert(number, row.as_slice()).unwrap();
            }
        }
        commit.commit().unwrap();
        for (_, done) in jobs {
            let _ = done.send(());
        }
    }
}

/// Half of so many writes of four kilobytes with fdatasync are faster than this.
pub fn fdatasync(beside: &Path) -> Duration {
    let path = beside.join("fdatasync");
    let file = File::create(&path).unwrap();
    let mut times = Vec::new();
    for n in 0..300 {
        file.write_all_at(&[n as u8; 4096], n * 4096).unwrap();
        let began = Instant::now();
        file.sync_data().unwrap();
        times.push(began.elapsed());
    }
    std::fs::remove_file(path).unwrap();
    super::wire::Times::new(times).p50()
}

/// How long a process takes that does nothing but say its version.
pub fn exec() -> Duration {
    let times = (0..20).map(|_| {
        let began = Instant::now();
        assert!(super::office::command(&["--version"]).stdout(Stdio::null()).status().unwrap().success());
        began.elapsed()
    });
    super::wire::Times::new(times.collect()).p50()
}

/// Says something while it is not over.
pub fn say(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
