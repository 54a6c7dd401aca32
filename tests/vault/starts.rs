//! F15, F18, M5: how a house begins from a directory that was copied while it ran, or that was damaged.

use super::*;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Writes notes, one after the other, until told to stop; `told` is how many were acknowledged.
async fn chatter(staff: &Person, talk: u64, told: &AtomicUsize, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let n = told.load(Ordering::Relaxed);
        note(staff, talk, &format!("recado-{n}.")).await;
        told.store(n + 1, Ordering::Relaxed);
    }
}

/// The numbers of the notes in a conversation.
async fn notes(staff: &Person, talk: u64) -> Vec<usize> {
    let mut found = Vec::new();
    let mut path = format!("/conversas/{talk}/entradas");
    loop {
        let page = staff.get(&path).await.text();
        let words = page.split("<p class=\"words\">").skip(1).filter_map(|rest| rest.split('<').next());
        found.extend(words.filter_map(|text| text.strip_prefix("recado-")?.strip_suffix('.')?.parse::<usize>().ok()));
        let Some(older) = between(&page, "name=\"antes\" value=\"", "\"") else { return found };
        path = format!("/conversas/{talk}/entradas?antes={older}");
    }
}

/// Whether a note in the directory says that a snapshot took the place of a torn file.
fn recovered(data: &Path) -> bool {
    let notes = std::fs::read_to_string(data.join("snapshots/notes.json")).unwrap_or_default();
    notes.contains("\"aside\"")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_twenty_copies_of_the_running_directory_all_start() {
    let house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    let file = say_with_file(&staff, talk, "segue", "o contrato").await;
    let (told, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let data = house.data();
    let rounds = async {
        let away = tempfile::tempdir().unwrap();
        let archive = away.path().join("a.tar");
        for round in 0..20 {
            // As often as not the copy has a snapshot of just now.
            let sure = told.load(Ordering::Relaxed);
            let fresh = round % 2 == 0;
            if fresh {
                let (data, archive) = (data.clone(), archive.clone());
                let made = move || done(&data, &["backup", archive.to_str().unwrap()]);
                tokio::task::spawn_blocking(made).await.unwrap();
            }
            let from = data.clone();
            let dir = tokio::task::spawn_blocking(move || copy(&from)).await.unwrap();
            let again = tokio::task::spawn_blocking(move || House::again(dir).unwrap()).await.unwrap();
            let torn = recovered(&again.data());
            let staff = Person::enter(&again.staff, BROKER).await;
            let mut there = notes(&staff, talk).await;
            there.sort_unstable();
            assert!(there.iter().copied().eq(0..there.len()), "round {round}: none is missing in between");
            assert!(!fresh || there.len() >= sure, "round {round}: {} of {sure}, torn: {torn}", there.len());
            assert_eq!(staff.get(&format!("/arquivos/{file}")).await.text(), "o contrato");
        }
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(rounds, chatter(&staff, talk, &told, &over));
    assert!(told.load(Ordering::Relaxed) > 200, "it wrote meanwhile");
}

/// A house with a snapshot, written on after it, closed.
async fn written() -> (House, u64) {
    let mut house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    note(&staff, talk, "recado-0.").await;
    house.stop();
    (house, talk)
}

fn database(data: &Path) -> std::fs::File {
    std::fs::File::options().read(true).write(true).open(data.join("balcao.redb")).unwrap()
}

#[tokio::test]
async fn f18_a_torn_copy_begins_from_its_newest_good_snapshot_and_says_so() {
    let (mut house, talk) = written().await;
    let early = std::fs::read(house.data().join("balcao.redb")).unwrap();
    house.restart();
    let staff = Person::enter(&house.staff, BROKER).await;
    for n in 1..200 {
        note(&staff, talk, &format!("recado-{n}.")).await;
    }
    let dir = copy(&house.data());
    let data = dir.path().join("data");
    // As a copy reads that began before all this was written and ended after it: the head is old, the rest is new.
    database(&data).write_all_at(&early[..64 << 10], 0).unwrap();
    let torn = std::fs::read(data.join("balcao.redb")).unwrap();
    let newest = snapshots(&data)[0].clone();
    let again = House::again(dir).unwrap();
    assert!(recovered(&again.data()), "it remembers");
    eventually("it says so at its start", PATIENCE, || async {
        again.errors().iter().any(|line| line.contains("was torn") && line.contains(&newest))
    })
    .await;
    let broker = Person::enter(&again.staff, BROKER).await;
    assert!(!broker.get("/conversas").await.text().contains("recomeçou do instantâneo"), "it is the admin's to know");
    let staff = Person::enter(&again.staff, ADMIN).await;
    assert!(staff.get("/conversas").await.text().contains("recomeçou do instantâneo"), "on every page");
    let page = staff.get("/sistema/copias").await.text();
    assert!(page.contains("balcao.redb.torn-"), "where the torn file is: {page}");
    assert_eq!(staff.post("/sistema/copias/aviso", &[("x", "")]).await.status, 204);
    assert!(!staff.get("/conversas").await.text().contains("recomeçou do instantâneo"), "until it was read");
    assert!(notes(&staff, talk).await.contains(&0), "what the snapshot {newest} has is there");
    let kept = std::fs::read_dir(again.data()).unwrap().map(|entry| entry.unwrap().path());
    let aside = kept.into_iter().find(|path| path.to_string_lossy().contains("balcao.redb.torn-"));
    assert_eq!(std::fs::read(aside.expect("the torn file is kept")).unwrap(), torn, "just as it was");
}

#[tokio::test]
async fn f18_a_copy_with_one_flipped_bit_that_would_open_is_noticed() {
    let (house, talk) = written().await;
    let dir = copy(&house.data());
    let data = dir.path().join("data");
    let bytes = std::fs::read(data.join("balcao.redb")).unwrap();
    let at = bytes.windows(9).rposition(|nine| nine == b"recado-0.").expect("the note is in the file");
    database(&data).write_all_at(b"R", at as u64).unwrap();
    let again = House::again(dir).unwrap();
    assert!(recovered(&again.data()));
    let staff = Person::enter(&again.staff, ADMIN).await;
    assert_eq!(notes(&staff, talk).await, [0], "never a wrong letter");
}

#[tokio::test]
async fn f18_a_damaged_snapshot_is_passed_over() {
    let (mut house, talk) = written().await;
    house.restart();
    let staff = Person::enter(&house.staff, BROKER).await;
    note(&staff, talk, "recado-1.").await;
    done(&house.data(), &["backup", house.data().with_file_name("x.tar").to_str().unwrap()]);
    let dir = copy(&house.data());
    let data = dir.path().join("data");
    // One that is newer than all, and broken.
    let mut bytes = std::fs::read(data.join("snapshots").join(&snapshots(&data)[0])).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(data.join("snapshots/29991231T235959.000Z-99999.snap"), bytes).unwrap();
    database(&data).set_len(40_000).unwrap();
    let again = House::again(dir).unwrap();
    assert!(recovered(&again.data()));
    let staff = Person::enter(&again.staff, ADMIN).await;
    assert_eq!(notes(&staff, talk).await.len(), 2);
}

#[tokio::test]
async fn f15_a_damaged_original_is_refused_with_the_way_out() {
    let (house, talk) = written().await;
    let data = house.data();
    let newest = snapshots(&data)[0].clone();
    let good = std::fs::read(data.join("balcao.redb")).unwrap();
    for (what, bytes) in [
        ("truncated", good[..good.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("foreign", b"%PDF-1.7 something else".repeat(1_000)),
    ] {
        std::fs::write(data.join("balcao.redb"), &bytes).unwrap();
        let before = tree(&data);
        let said = refused(&data, &["serve", "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"]);
        let command = format!("balcao restore --snapshot {newest} --data {}", data.display());
        assert!(said.contains(&command), "{what}: {said}");
        let after = tree(&data);
        assert_eq!(
            after.get(&data.join("balcao.redb")).map(|(hash, _)| hash),
            before.get(&data.join("balcao.redb")).map(|(hash, _)| hash),
            "{what}"
        );
    }
    std::fs::remove_file(data.join("balcao.redb")).unwrap();
    assert!(refused(&data, &["serve"]).contains("it is missing"), "an empty one would look as if all were lost");

    std::fs::write(data.join("balcao.redb"), &good[..good.len() / 2]).unwrap();
    assert!(refused(&data, &["restore", "--snapshot", "20200101T000000.000Z-1.snap"]).contains("there is no snapshot"));
    assert!(done(&data, &["restore", "--snapshot", &newest]).contains("is kept as balcao.redb.before-"));
    let dir = tempfile::tempdir().unwrap();
    std::fs::rename(&data, dir.path().join("data")).unwrap();
    let again = House::again(dir).unwrap();
    let staff = Person::enter(&again.staff, ADMIN).await;
    assert_eq!(notes(&staff, talk).await, [0]);
}

#[tokio::test]
async fn f18_a_moved_or_restored_directory_is_no_copy_and_starts_at_once() {
    let (house, _) = written().await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::rename(house.data(), dir.path().join("data")).unwrap();
    let original = std::fs::read(dir.path().join("data/ORIGINAL")).unwrap();
    let again = House::again(dir).unwrap();
    assert_eq!(std::fs::read(again.data().join("ORIGINAL")).unwrap(), original);
    assert!(!recovered(&again.data()));
}

#[test]
fn f21_a_directory_of_an_older_layout_is_no_torn_copy() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/layout-1.tar.gz");
    let unpacked = std::process::Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(dir.path()).status();
    assert!(unpacked.unwrap().success());
    done(dir.path(), &["user", "list"]);
    assert!(!recovered(dir.path()));
}

#[tokio::test]
async fn r9_a_snapshot_is_taken_at_once_and_at_the_end() {
    let mut house = House::new();
    let admin = house.set_up().await;
    let data = house.data();
    eventually("the first snapshot", PATIENCE, || async { !snapshots(&data).is_empty() }).await;
    let first = snapshots(&data);
    queue(&admin, "Marta").await;
    house.stop();
    let last = snapshots(&data);
    assert_ne!(first, last, "the end has one of its own");
    house.restart();
    house.stop();
    assert_eq!(snapshots(&data), last, "nothing happened: none was taken");
}

/// What lies among the snapshots unfinished: its bytes so far.
fn draft(data: &Path) -> Option<u64> {
    let entries = std::fs::read_dir(data.join("snapshots")).ok()?;
    let drafts =
        entries.filter_map(|entry| entry.ok()).filter(|entry| entry.path().to_string_lossy().ends_with(".draft"));
    drafts.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).max()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_a_snapshot_that_is_killed_on_the_way_never_has_a_name() {
    let mut house = House::open().await;
    let mut staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    let data = house.data();
    // Noise, so that nothing packs it: a snapshot of these takes its time.
    for n in 0..1_000u64 {
        let noise = (0..500).map(|m| format!("{:x}", (n * 500 + m + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        note(&staff, talk, &noise.collect::<String>()).await;
    }
    let mut cut = 0;
    for round in 0..12u64 {
        house.kill();
        for name in snapshots(&data) {
            std::fs::remove_file(data.join("snapshots").join(name)).unwrap();
        }
        house.restart();
        // Without one the house takes one at once; the plug is pulled when it is so far, another time further. It takes
        // some milliseconds: whoever looked every ten would mostly see it whole.
        let until = std::time::Instant::now() + PATIENCE;
        while draft(&data).is_none_or(|bytes| bytes < (round % 4) * (256 << 10)) && snapshots(&data).is_empty() {
            assert!(std::time::Instant::now() < until, "no snapshot is on its way");
        }
        house.kill();
        cut += usize::from(draft(&data).is_some());
        for shot in balcao::store::snapshots::list(&data).unwrap() {
            let whole = shot.sound(&data).map(drop);
            assert!(whole.is_ok(), "round {round}: {} has a name and is not whole: {whole:?}", shot.name());
        }
        house.restart();
        staff = staff.anew();
        note(&staff, talk, "e segue").await;
        eventually("the next is whole", PATIENCE, || async { !snapshots(&data).is_empty() && draft(&data).is_none() })
            .await;
    }
    assert!(cut >= 2, "the plug was pulled on the way: {cut} of 12");
}
