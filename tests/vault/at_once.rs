//! F38: people write as fast as they can while others search, read the audit and take backups.

use super::*;
use balcao::domain::entry::{self, Body};
use balcao::domain::ids::ConversationId;
use balcao::store::{DataDir, Snapshot, Store};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WRITERS: usize = 4;
const MESSAGES: usize = 120;
/// Of a hundred messages, ninety-nine are acknowledged within this by a debug build that shares its machine with all
/// of this (`tests/speed` measures the product).
const P99: Duration = Duration::from_millis(1_000);

/// What a writer was told, shared with those who look meanwhile.
struct Told {
    conversation: u64,
    acknowledged: AtomicUsize,
}

fn words(writer: usize, n: usize) -> String {
    format!("recado{writer}x{n} sobre a escritura")
}

async fn write(writer: usize, staff: &Person, told: &Told) -> Vec<Duration> {
    let mut waits = Vec::new();
    for n in 0..MESSAGES {
        let began = Instant::now();
        note(staff, told.conversation, &words(writer, n)).await;
        waits.push(began.elapsed());
        told.acknowledged.store(n + 1, Ordering::SeqCst);
    }
    waits
}

/// Takes backups until everything is written; gives each with what was acknowledged before it was asked for.
async fn back_up(admin: &Person, told: &[Told], over: &AtomicBool) -> Vec<(Vec<usize>, Vec<u8>)> {
    let mut taken = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let before = told.iter().map(|one| one.acknowledged.load(Ordering::SeqCst)).collect();
        let got = admin.post("/sistema/copias/arquivo", &[("frase", ""), ("prova", ADMIN.password)]).await;
        assert_eq!(got.status, 200, "{}", got.text());
        taken.push((before, got.body));
    }
    taken
}

/// Asks until everything is written; gives how often, and the longest wait.
async fn ask(staff: &Person, path: &str, wanted: &str, over: &AtomicBool) -> (usize, Duration) {
    let (mut times, mut longest) = (0, Duration::ZERO);
    while !over.load(Ordering::SeqCst) {
        let began = Instant::now();
        let page = staff.get(path).await;
        // A search within a conversation leads to its first hit.
        let shown = if page.status == 303 { page.header("location").to_owned() } else { page.text() };
        assert!(shown.contains(wanted), "{path}: {} {shown}", page.status);
        (times, longest) = (times + 1, longest.max(began.elapsed()));
    }
    (times, longest)
}

/// Which of a writer's messages a restored house has, in the order of the timeline.
fn of_writer(look: &Snapshot, writer: usize, told: &Told) -> Vec<usize> {
    let entries = entry::of_conversation(look, ConversationId(told.conversation), None, usize::MAX).unwrap();
    let number = |text: &str| text.strip_prefix(&format!("recado{writer}x"))?.split(' ').next()?.parse().ok();
    let texts = entries.into_iter().filter_map(|entry| match entry.body {
        Body::Message { text, .. } | Body::Note { text, .. } => Some(text),
        _ => None,
    });
    texts.filter_map(|text| number(&text)).collect()
}

#[tokio::test]
async fn f38_nobody_starves_and_every_backup_is_whole_while_all_write() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let (mut told, mut writers) = (Vec::new(), Vec::new());
    for n in 0..WRITERS {
        let conversation = queue(&admin, &format!("Cliente {n}")).await;
        told.push(Told { conversation, acknowledged: AtomicUsize::new(0) });
        writers.push(Person::enter(&house.staff, ADMIN).await);
    }
    let [archivist, auditor, searcher, reader] = [0; 4].map(|_| Person::enter(&house.staff, ADMIN)).map(Box::pin);
    let (archivist, auditor, searcher, reader) = tokio::join!(archivist, auditor, searcher, reader);
    note(&writers[0], told[0].conversation, "a primeira escritura").await;
    eventually("it is found", PATIENCE, || async {
        searcher.get("/busca?q=escritura").await.text().contains("primeira")
    })
    .await;
    let size = || std::fs::metadata(house.data().join("balcao.redb")).unwrap().len();
    let (over, before) = (AtomicBool::new(false), size());
    let within = format!("/conversas/{}?busca=escritura", told[0].conversation);
    let writing = async {
        let all = writers.iter().zip(&told).enumerate().map(|(n, (staff, told))| write(n, staff, told));
        let waits = futures_util::future::join_all(all).await;
        over.store(true, Ordering::SeqCst);
        waits.concat()
    };
    let (mut waits, taken, audited, searched, read) = tokio::join!(
        writing,
        back_up(&archivist, &told, &over),
        ask(&auditor, "/sistema/auditoria", "<time datetime", &over),
        ask(&searcher, "/busca?q=escritura", "<mark>", &over),
        ask(&reader, &within, "&em=", &over),
    );
    waits.sort_unstable();
    let p99 = waits[waits.len() * 99 / 100];
    println!("p99 {p99:?}; backups {}; audit {audited:?}; search {searched:?}; within {read:?}", taken.len());
    assert!(p99 < P99, "{p99:?}");
    assert!(taken.len() > 1 && audited.0 > 5 && searched.0 > 5 && read.0 > 5, "nobody starves");
    let grown = size() - before;
    assert!(grown < 64 << 20, "whoever looks for long does not blow the file up: {grown}");
    for (n, (before, archive)) in taken.iter().enumerate().rev().take(3) {
        let away = tempfile::tempdir().unwrap();
        let (file, data) = (away.path().join("a.tar"), away.path().join("data"));
        std::fs::write(&file, archive).unwrap();
        done(&data, &["restore", file.to_str().unwrap()]);
        done(&data, &["check"]);
        let store = Store::open(&DataDir::open(&data).unwrap(), balcao::domain::schema::KINDS).unwrap();
        let look = store.look().unwrap();
        for (writer, (told, least)) in told.iter().zip(before).enumerate() {
            let found = of_writer(&look, writer, told);
            assert_eq!(found, (0..found.len()).collect::<Vec<_>>(), "backup {n}: no gap");
            assert!(found.len() >= *least, "backup {n}: {} of {least}", found.len());
        }
    }
}
