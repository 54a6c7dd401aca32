//! F15, F16, F21: a file that is not what it was.

use crate::agency::{Promise, Work, checked, founded, open};
use crate::cuts::Dice;
use crate::disk::Rig;
use balcao::domain::schema::KINDS;
use balcao::domain::{contact, entry, session};
use balcao::store::{self, OpenError, Store};
use std::path::Path;

/// Bits that are flipped, each in a file of its own (F16).
const FLIPS: usize = 200;

/// A database in use for a while, and what it holds.
fn used() -> (Vec<u8>, Work, Vec<Promise>) {
    let (start, work) = founded();
    let rig = Rig::with(&start);
    let store = open(&rig);
    let promised: Vec<Promise> = (0..240).flat_map(|n| store.write_now(work.verb(n)).unwrap()).collect();
    store.close();
    (rig.bytes(), work, promised)
}

/// What anybody could be shown: each thing by its number, and lists by their index.
fn shown(store: &Store, work: &Work, promised: &[Promise]) -> Vec<Option<String>> {
    let Ok(look) = store.look() else { return Vec::new() };
    let one = |promise: &Promise| match promise {
        Promise::Said(id, _) => crate::agency::words(&look, *id),
        Promise::Contact(id) => contact::by_id(&look, *id).ok().map(|one| format!("{one:?}")),
        Promise::Session(id) => session::by_id(&look, *id, store::now()).ok()?.map(|one| format!("{one:?}")),
        Promise::Letter(_) | Promise::File(_) => None,
    };
    let mut all: Vec<Option<String>> = promised.iter().map(one).collect();
    // What a list shows must be of that list: nothing of another conversation, nothing twice.
    let list = entry::of_conversation(&look, work.conversation, None, usize::MAX).unwrap_or_default();
    all.extend(list.iter().map(|entry| Some(format!("{entry:?}"))));
    all
}

#[test]
fn f16_of_two_hundred_flipped_bits_none_is_served_and_none_goes_unseen() {
    let (whole, work, promised) = used();
    let right = shown(&open(&Rig::with(&whole)), &work, &promised);
    // Pages in use: a flip where nothing lies is none.
    let pages: Vec<usize> =
        (0..whole.len() / 4_096).filter(|n| whole[n * 4_096..][..4_096].iter().any(|byte| *byte != 0)).collect();
    let (mut refused, mut found, mut harmless) = (0, 0, 0);
    let mut dice = Dice::new(16);
    for flip in 0..FLIPS {
        let at = pages[dice.roll(pages.len())] * 4_096 + dice.roll(4_096);
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << dice.roll(8);
        let Ok(store) = Store::on(Rig::with(&bytes).as_disk(), Path::new("rig"), KINDS, store::this_machine()) else {
            refused += 1;
            continue;
        };
        let now = shown(&store, &work, &promised);
        for one in now.iter().flatten() {
            assert!(right.iter().flatten().any(|other| other == one), "flip {flip} at {at}: served: {one}");
        }
        match checked(&store).is_whole() {
            true => {
                let differs = now.iter().zip(&right).position(|(now, right)| now != right);
                let what = differs.map_or((now.len(), &None, &None), |at| (at, &now[at], &right[at]));
                assert!(now == right, "flip {flip} at {at}: the check does not see that {what:?} of {}", right.len());
                harmless += 1;
            }
            false => found += 1,
        }
    }
    println!("{FLIPS} flips: {refused} refused at the start, {found} found by the check, {harmless} where nothing lay");
    assert!(found > 20, "the flips hit something: {found}");
}

#[test]
fn f21_a_newer_layout_is_refused_and_not_a_byte_of_it_is_written() {
    let (start, _) = founded();
    let newer = with_stamp(&start, store::VERSION + 1);
    let rig = Rig::with(&newer);
    rig.record();
    let opened = Store::on(rig.as_disk(), Path::new("rig"), KINDS, store::this_machine());
    assert!(matches!(opened, Err(OpenError::Newer { found, .. }) if found == store::VERSION + 1));
    assert_eq!(rig.asked(), 0, "it was only read");
    assert!(rig.bytes() == newer);
}

/// The same database as a later program would leave it.
fn with_stamp(bytes: &[u8], version: u64) -> Vec<u8> {
    use redb::TableDefinition;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("later.redb");
    std::fs::write(&path, bytes).unwrap();
    let database = redb::Database::open(&path).unwrap();
    let commit = database.begin_write().unwrap();
    let meta: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");
    commit.open_table(meta).unwrap().insert(&b"version"[..], &version.to_be_bytes()[..]).unwrap();
    commit.commit().unwrap();
    drop(database);
    std::fs::read(&path).unwrap()
}

#[test]
fn f15_what_is_no_database_any_more_is_refused_with_a_sentence_and_left_as_it_is() {
    let (whole, _) = founded();
    let text = "isto não é um banco de dados ".repeat(4_000).into_bytes();
    let mut other_magic = whole.clone();
    other_magic[..9].fill(b'x');
    let half = whole[..whole.len() / 2].to_vec();
    let head = whole[..4_096].to_vec();
    for (what, bytes) in
        [("nothing", Vec::new()), ("a text", text), ("another head", other_magic), ("half", half), ("a head", head)]
    {
        let rig = Rig::with(&bytes);
        rig.record();
        let Err(error) = Store::on(rig.as_disk(), Path::new("balcao.redb"), KINDS, store::this_machine()) else {
            panic!("{what} was opened")
        };
        assert!(matches!(error, OpenError::Damaged { .. }), "{what}: {error}");
        assert!(error.to_string().contains("balcao.redb") && !error.to_string().contains('\n'), "{what}: {error}");
        assert_eq!(rig.asked(), 0, "{what}: it is left as it was");
    }
}
