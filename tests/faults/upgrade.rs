//! F21: a directory of every layout there ever was opens in this binary, whenever the power goes meanwhile.
//!
//! `layout-1.tar.gz` is a directory as the last binary of that layout left it.

use crate::agency::{assert_whole, open};
use crate::cuts::{Dice, History};
use crate::disk::Rig;
use balcao::domain::entry::{Body, Entry};
use balcao::store::{Look, Store};
use std::path::Path;
use std::process::Command;

const CUTS: u64 = 60;

/// The database of that directory.
fn database(archive: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(archive);
    let unpacked = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(dir.path()).status().unwrap();
    assert!(unpacked.success());
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
