//! What the parts do without the product: each measured in the same run, on the same disk, as what stands on it.

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Path};
use poem::{Body, EndpointExt, Route, Server, handler, post};
use redb::{Database, TableDefinition};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The argument with which this program is the bare server instead of the driver.
pub const BARE: &str = "--bare-server";
const BATCH_MAX: usize = 256;
/// Numbers of rows that no filled directory has reached.
const BEYOND: u64 = 1 << 40;

type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;
type Job = (u64, String, oneshot::Sender<()>);
/// A table, a key, and its value; nothing as a value takes the row away.
type Row = (&'static str, Vec<u8>, Option<Vec<u8>>);

/// A bare poem and a redb group-commit loop: the least that acknowledges a message durably. It changes the rows that a
/// message of ours changes, as many and as long, in the same tables of a copy of the same file.
pub struct Bare {
    pub base: String,
    child: Child,
    _dir: tempfile::TempDir,
}

impl Bare {
    pub fn start(dir: tempfile::TempDir) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(BARE)
            .arg(dir.path().join("data/balcao.redb"))
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
async fn take(jobs: Data<&mpsc::Sender<Job>>, Path(conversation): Path<u64>, body: Body) -> String {
    let form = body.into_vec().await.unwrap();
    let text = form_urlencoded::parse(&form).find(|(key, _)| key == "texto").unwrap().1.into_owned();
    let (done, answer) = oneshot::channel();
    jobs.send((conversation, text, done)).unwrap();
    answer.await.unwrap();
    "kept".to_owned()
}

/// Serves until it is killed.
pub fn serve(path: &path::Path) {
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
    let (mut n, mut last) = (BEYOND, HashMap::new());
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(BATCH_MAX - 1));
        let mut commit = database.begin_write().unwrap();
        commit.set_quick_repair(true);
        {
            let mut tables = HashMap::new();
            for (conversation, text, _) in &jobs {
                n += 1;
                let before = last.insert(*conversation, n);
                for (name, key, value) in rows(*conversation, n, before, text) {
                    let table = tables.entry(name).or_insert_with(|| commit.open_table(Table::new(name)).unwrap());
                    match value {
                        Some(value) => drop(table.insert(key.as_slice(), value.as_slice()).unwrap()),
                        None => drop(table.remove(key.as_slice()).unwrap()),
                    }
                }
            }
        }
        commit.commit().unwrap();
        for (_, _, done) in jobs {
            let _ = done.send(());
        }
    }
}

/// The rows of a message in this conversation, whose last one was `before`.
fn rows(c: u64, n: u64, before: Option<u64>, text: &str) -> Vec<Row> {
    let key = |parts: &[u64]| parts.iter().flat_map(|part| part.to_be_bytes()).collect::<Vec<u8>>();
    let (tag, counter) = (vec![7; 4], Some(vec![7; 12]));
    let mut entry = text.as_bytes().to_vec();
    entry.resize(entry.len() + 160, b'.');
    let mut all = vec![
        ("entries", key(&[n]), Some(entry)),
        ("entries_by_conversation", key(&[c, n]), Some(tag.clone())),
        ("entries_outside", key(&[c, n, n]), Some(tag.clone())),
        ("entries_by_token", key(&[1, c, n, n]), Some(tag.clone())),
        ("conversations", key(&[c]), Some(vec![b'.'; 350])),
        ("journal", key(&[n]), Some(vec![b'.'; 70])),
        ("meta", b"last entries".to_vec(), counter.clone()),
        ("meta", b"journal".to_vec(), counter),
    ];
    for (name, first) in [("conversations_by_state", 1), ("conversations_by_watcher", 2)] {
        all.push((name, key(&[first, n, c]), Some(tag.clone())));
        all.extend(before.map(|before| (name, key(&[first, before, c]), None)));
    }
    all
}

/// Half of so many writes of four kilobytes with fdatasync are faster than this.
pub fn fdatasync(beside: &path::Path) -> Duration {
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
