//! F21: a directory of every layout there ever was opens in this binary, whenever the power goes meanwhile.
//!
//! `layout-<n>.tar.gz` is a directory as the last binary of that layout left it.

use crate::agency::{assert_whole, open};
use crate::cuts::{Dice, History};
use crate::disk::Rig;
use crate::office::{BROKER, House, Person};
use balcao::domain::contact::Contact;
use balcao::domain::entry::{self, Body, Entry};
use balcao::domain::ids::*;
use balcao::domain::{contact, conversation, history, user};
use balcao::store::{Look, Store};
use std::path::Path;
use std::process::Command;

const CUTS: u64 = 60;
/// The directories of older layouts.
const OLDER: [&str; 4] = ["layout-1.tar.gz", "layout-2.tar.gz", "layout-3.tar.gz", "layout-4.tar.gz"];
/// The documents of conversation 1 in the directories of these layouts: what staff see, and what the outside does.
const DOCUMENTS: [(usize, usize); 4] = [(1, 1), (1, 1), (3, 2), (3, 2)];

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

/// In how many conversations Beatriz has something to read.
fn unread(store: &Store) -> usize {
    let look = store.look().unwrap();
    let broker = user::by_email(&look, BROKER.email).unwrap().unwrap();
    conversation::with_unread(&look, &user::as_staff(&look, &broker, SessionId(0)).unwrap(), 9).unwrap()
}

/// How many entries with files of conversation 1 either side finds.
fn documents(store: &Store) -> (usize, usize) {
    let look = store.look().unwrap();
    let found = |outside| entry::with_files(&look, ConversationId(1), outside, None, 9).unwrap().len();
    (found(false), found(true))
}

/// Every contact's history, against the entries themselves.
fn assert_histories(store: &Store, when: &str) {
    let look = store.look().unwrap();
    let entries = look.all::<Entry>(usize::MAX).unwrap();
    for one in look.all::<Contact>(usize::MAX).unwrap() {
        let theirs: Vec<&Entry> = entries.iter().filter(|entry| entry.contact == one.id).collect();
        let found = history::of_contact(&look, one.id, None, usize::MAX).unwrap();
        assert!(found.iter().eq(theirs), "{when}: {}", one.name);
    }
}

#[test]
fn f21_every_older_layout_opens_with_everything_in_it() {
    for (archive, documents_there) in OLDER.into_iter().zip(DOCUMENTS) {
        let rig = Rig::with(&database(archive));
        let store = open(&rig);
        assert_whole(&store, &[], archive);
        let said = said(&store);
        for text in
            ["Boa tarde, Marta.", "O contrato de locação está pronto.", "Recebi, obrigada.", "Quer a segunda via."]
        {
            assert!(said.iter().any(|one| one == text), "{archive}: {text}: {said:?}");
        }
        assert_eq!(unread(&store), 1, "{archive}: an index that its binary did not know");
        assert_eq!(documents(&store), documents_there, "{archive}: the documents of a conversation");
        let marta = contact::suggest(&store.look().unwrap(), "ped").unwrap();
        assert_eq!(marta.len(), 1, "{archive}: a contact by the second word of the name");
        assert_histories(&store, archive);
        store.close();
        let bytes = rig.bytes();
        let again = open(&Rig::with(&bytes));
        assert_whole(&again, &[], "opened once more");
    }
}

#[test]
fn f21_the_power_may_go_at_any_moment_of_an_upgrade() {
    for archive in OLDER {
        let start = database(archive);
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
            let when = format!("{archive}: cut {n} after {upto}");
            assert_whole(&store, &[], &when);
            assert_eq!((said(&store), unread(&store)), (before.clone(), 1), "{when}");
        }
    }
}

#[tokio::test]
async fn f21_the_program_serves_an_older_directory_and_keeps_what_it_was() {
    for archive in OLDER {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        unpack(archive, &data);
        let before = std::fs::read(data.join("balcao.redb")).unwrap();
        let house = House::again(dir).unwrap();
        let broker = Person::enter(&house.staff, BROKER).await;
        let talk = broker.get("/conversas/1").await.text();
        assert!(talk.contains("O contrato de locação está pronto."), "{talk}");
        let kept = format!("balcao.redb.{}", archive.trim_end_matches(".tar.gz"));
        assert_eq!(std::fs::read(data.join(kept)).unwrap(), before);
    }
}
