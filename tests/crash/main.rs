//! What was acknowledged is kept, whenever the plug is pulled: judged from outside the process.
//!
//! The judge writes each acknowledged number into a file of its own, on disk, before it counts; a test that forgot what
//! it was promised could not miss it.

#[path = "../office/mod.rs"]
mod office;

use futures_util::future::join_all;
use office::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ROUNDS: usize = 24;
const CLIENTS: usize = 8;

/// What was promised.
struct Judge {
    file: Mutex<File>,
    path: std::path::PathBuf,
}

impl Judge {
    fn acknowledge(&self, client: usize, message: &str) {
        let mut file = self.file.lock().unwrap();
        writeln!(file, "{client} {message}").unwrap();
        file.sync_data().unwrap();
    }

    fn promised(&self) -> BTreeMap<usize, BTreeSet<String>> {
        let mut all: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for line in std::fs::read_to_string(&self.path).unwrap().lines() {
            let (client, message) = line.split_once(' ').unwrap();
            assert!(
                all.entry(client.parse().unwrap()).or_default().insert(message.to_owned()),
                "counted twice: {line}"
            );
        }
        all
    }
}

/// Somebody who writes numbered messages into a conversation of their own until the line is dead.
struct Client {
    number: usize,
    conversation: u64,
    next: AtomicUsize,
}

impl Client {
    fn message(&self, n: usize) -> String {
        format!("recado-{}-{n}", self.number)
    }

    async fn post(&self, staff: &Person, n: usize) -> reqwest::Result<u16> {
        let text = self.message(n);
        let path = format!("/conversas/{}/mensagens", self.conversation);
        let form = [("texto", text.as_str()), ("token", text.as_str()), ("modo", "anotacao")];
        Ok(staff.try_send(staff.form(&path, &form)).await?.status)
    }

    /// Gives the message whose answer never came, if there is one.
    async fn write(&self, staff: &Person, judge: &Judge, over: &AtomicBool) -> Option<usize> {
        while !over.load(Ordering::Relaxed) {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            match self.post(staff, n).await {
                Ok(status) => {
                    assert_eq!(status, 200, "{}", self.message(n));
                    judge.acknowledge(self.number, &self.message(n));
                }
                Err(_) => return Some(n),
            }
        }
        None
    }

    /// Every message of the conversation as staff read it, page by page to its beginning.
    async fn read(&self, staff: &Person) -> Vec<String> {
        let mut found = Vec::new();
        let mut path = format!("/conversas/{}/entradas", self.conversation);
        loop {
            let page = staff.get(&path).await.text();
            let words = page.split("<p class=\"words\">").skip(1).filter_map(|rest| rest.split('<').next());
            found.extend(words.filter(|text| text.starts_with("recado-")).map(str::to_owned));
            let Some(older) = between(&page, "name=\"antes\" value=\"", "\"") else { return found };
            path = format!("/conversas/{}/entradas?antes={older}", self.conversation);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_every_acknowledged_message_outlives_twenty_four_pulled_plugs_exactly_once() {
    let mut house = House::open().await;
    let mut staff = Person::enter(&house.staff, BROKER).await;
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let conversation = queue(&staff, &format!("Cliente {number}")).await;
        clients.push(Client { number, conversation, next: AtomicUsize::new(0) });
    }
    let path = house.data().with_file_name("promised");
    let judge = Judge { file: Mutex::new(File::create(&path).unwrap()), path };
    let mut slowest = Duration::ZERO;
    let mut in_flight = 0;
    for round in 0..ROUNDS {
        let over = AtomicBool::new(false);
        let writing = join_all(clients.iter().map(|client| client.write(&staff, &judge, &over)));
        let plug = async {
            tokio::time::sleep(Duration::from_millis(random(50, 400))).await;
            let pid = house.pid().to_string();
            assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
            over.store(true, Ordering::Relaxed);
        };
        let (unanswered, ()) = tokio::join!(writing, plug);
        house.kill();
        slowest = slowest.max(house.restart());
        staff = staff.anew();
        // Whoever got no answer sends the same again, as the page does: it is there once, whether or not it was before.
        for (client, n) in clients.iter().zip(unanswered) {
            let Some(n) = n else { continue };
            in_flight += 1;
            for _ in 0..2 {
                assert_eq!(client.post(&staff, n).await.unwrap(), 200);
            }
            judge.acknowledge(client.number, &client.message(n));
        }
        let read = join_all(clients.iter().map(|client| client.read(&staff))).await;
        let promised = judge.promised();
        for (client, found) in clients.iter().zip(read) {
            let once: BTreeSet<String> = found.iter().cloned().collect();
            assert_eq!(once.len(), found.len(), "round {round}: something is there twice");
            let empty = BTreeSet::new();
            let promised = promised.get(&client.number).unwrap_or(&empty);
            let lost: Vec<_> = promised.difference(&once).collect();
            assert!(lost.is_empty(), "round {round}: acknowledged and lost: {lost:?}");
            let foreign: Vec<_> = once.difference(promised).collect();
            assert!(foreign.is_empty(), "round {round}: there, but nobody sent it: {foreign:?}");
        }
    }
    let promised: usize = judge.promised().values().map(BTreeSet::len).sum();
    assert!(promised > ROUNDS * CLIENTS, "it wrote at all: {promised}");
    assert!(in_flight > ROUNDS / 2, "the plug was pulled while it wrote: {in_flight}");
    assert!(slowest < Duration::from_secs(3), "a start took {slowest:?}");
    let searched = search_is_whole(&mut house, &staff, &clients, &judge).await;
    println!("{promised} messages, {in_flight} in flight, slowest start {slowest:?}, all found {searched:?} after it");
}

/// Once more the plug; then everything that was ever promised must be found within ten seconds of the start.
async fn search_is_whole(house: &mut House, staff: &Person, clients: &[Client], judge: &Judge) -> Duration {
    // The last word of each conversation: the index has not necessarily heard of it when the plug is pulled.
    for client in clients {
        let n = client.next.fetch_add(1, Ordering::Relaxed);
        assert_eq!(client.post(staff, n).await.unwrap(), 200);
        judge.acknowledge(client.number, &client.message(n));
    }
    house.kill();
    house.restart();
    let (began, staff, promised) = (Instant::now(), staff.anew(), judge.promised());
    for client in clients {
        let last = client.message(client.next.load(Ordering::Relaxed) - 1);
        let address = format!("/busca?q=%22{last}%22");
        let found = || async { hits(&staff.get_fragment(&address).await.text()).contains(&last) };
        eventually("the last word is found", Duration::from_secs(10).saturating_sub(began.elapsed()), found).await;
    }
    let caught_up = began.elapsed();
    for client in clients {
        let (mut found, mut path) = (BTreeSet::new(), format!("/busca?q=%22recado-{}%22", client.number));
        loop {
            let page = staff.get_fragment(&path).await.text();
            found.extend(hits(&page));
            let Some(more) = between(&page, "class=\"more\" href=\"", "\"") else { break };
            path = more.replace("&amp;", "&");
        }
        let missing: Vec<_> = promised[&client.number].difference(&found).collect();
        assert!(missing.is_empty(), "kept, and not found: {missing:?}");
    }
    caught_up
}

/// The messages on a page of hits.
fn hits(page: &str) -> BTreeSet<String> {
    let page = page.replace("<mark>", "").replace("</mark>", "");
    let of = |at: usize| page[at..].split(|c: char| c != '-' && !c.is_ascii_alphanumeric()).next().map(str::to_owned);
    page.match_indices("recado-").filter_map(|(at, _)| of(at)).collect()
}

#[tokio::test]
async fn a_first_start_that_is_cut_short_starts_again() {
    for wait in [0, 1, 2, 4, 8, 16, 32, 64] {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let arguments = ["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"];
        let began = Instant::now();
        let mut child = command(&arguments).spawn().unwrap();
        tokio::time::sleep_until((began + Duration::from_millis(wait)).into()).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let house = House::on(dir);
        house.set_up().await;
    }
}

/// Milliseconds between the two, unlike in every run.
fn random(least: u64, most: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    least + std::collections::hash_map::RandomState::new().build_hasher().finish() % (most - least)
}
