//! F21: a directory of every layout there ever was opens in this binary, whenever the power goes meanwhile.
//!
//! `layout-1.tar.gz` is a directory as the last binary of that layout left it.

use crate::agency::{assert_whole, open};
use crate::cuts::{Dice, History};
use crate::disk::Rig;
use crate::office::{BROKER, House, Person};
use balcao::domain::entry::{Body, Entry};
use balcao::store::{Look, Store};
use std::path::Path;
use std::process::Command;

const CUTS: u64 = 60;

/// Puts that directory where it is wanted.
fn unpack(archive: &str, into: &Path) {
    std::fs::create_dir_all(into).unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(archive);
    let unpacked = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(into).status().unwrap();
    assert!(unpacked.success());
}

/// The database of that directory.
fn database(archive: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    unpack(archive, dir.path());
    std::fs::read(dir.path().join("balcao.redb")).unwrap()
}

/// What was said, as it stands in the store.
fn said(store: &Store) -> Vec<String> {
    let entries = store.look().unwrap().all::<Entry>(usize::MAX).unwrap().into_iter();
    let texts = entries.filter_map(|entry| match entry.body {
        Body::Message { text, .. } | Body::Note { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
}

#[test]
fn f21_layout_1_opens_with_everything_in_it() {
    let rig = Rig::with(&database("layout-1.tar.gz"));
    let store = open(&rig);
    assert_whole(&store, &[], "upgraded");
    let said = said(&store);
    for text in ["Boa tarde, Marta.", "O contrato de locação está pronto.", "Recebi, obrigada.", "Quer a segunda via."]
    {
        assert!(said.iter().any(|one| one == text), "{text}: {said:?}");
    }
    store.close();
    let bytes = rig.bytes();
    let again = open(&Rig::with(&bytes));
    assert_whole(&again, &[], "opened once more");
}

#[test]
fn f21_the_power_may_go_at_any_moment_of_an_upgrade() {
    let start = database("layout-1.tar.gz");
    let rig = Rig::with(&start);
    rig.record();
    open(&rig).close();
    let whole = History { start: start.clone(), log: rig.log(), promised: Vec::new() };
    let before = said(&open(&Rig::with(&start)));
    assert!(whole.log.len() > 10, "the upgrade writes");
    for n in 0..CUTS {
        let mut dice = Dice::new(n);
        let upto = dice.roll(whole.log.len() + 1);
        let store = open(&Rig::with(&whole.cut(upto, &mut dice)));
        assert_whole(&store, &[], &format!("cut {n} after {upto}"));
        assert_eq!(said(&store), before, "cut {n} after {upto}");
    }
}

#[tokio::test]
async fn f21_the_program_serves_an_older_directory_and_keeps_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    unpack("layout-1.tar.gz", &data);
    let before = std::fs::read(data.join("balcao.redb")).unwrap();
    let house = House::again(dir).unwrap();
    let broker = Person::enter(&house.staff, BROKER).await;
    let talk = broker.get("/conversas/1").await.text();
    assert!(talk.contains("O contrato de locação está pronto."), "{talk}");
    assert_eq!(std::fs::read(data.join("balcao.redb.layout-1")).unwrap(), before);
}
