//! The chain holds, and says where it does not.

use super::*;
use crate::domain::No;
use crate::store::{DataDir, Store};

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&DataDir::open(&dir.path().join("data")).unwrap(), crate::domain::schema::KINDS).unwrap();
    (dir, store)
}

fn wrote(store: &Store, work: impl FnOnce(&mut Tx<'_>) -> Answer<()> + Send + 'static) {
    store.write_now(work).unwrap();
}

fn ten(store: &Store) {
    wrote(store, |tx| {
        for n in 0..10 {
            tx.set_now(n * 40 * 86_400_000);
            note(tx, By::nobody("192.0.2.7"), Deed::Login, n % 2 == 0, &format!("a{n}@exemplo.com"))?;
        }
        Ok(())
    });
}

fn found(store: &Store) -> Verdict {
    verify(&store.look().unwrap()).unwrap()
}

#[test]
fn the_chain_is_whole_also_when_there_is_none() {
    let (_dir, store) = store();
    assert_eq!(found(&store), Verdict::Whole(0));
    ten(&store);
    assert_eq!(found(&store), Verdict::Whole(10));
}

#[test]
fn an_edited_a_removed_and_a_foreign_note_are_found() {
    type Hand = fn(&mut Tx<'_>) -> Answer<()>;
    let edit: Hand = |tx| {
        let mut note: Note = tx.get(AuditId(4))?.unwrap();
        note.about = "outra@exemplo.com".into();
        Ok(tx.put(&note)?)
    };
    let edit_well: Hand = |tx| {
        let mut note: Note = tx.get(AuditId(4))?.unwrap();
        note.done = !note.done;
        note.hash = hash(&note);
        Ok(tx.put(&note)?)
    };
    let remove: Hand = |tx| Ok(tx.remove::<Note>(AuditId(4))?);
    let first: Hand = |tx| Ok(tx.remove::<Note>(AuditId(1))?);
    let last: Hand = |tx| Ok(tx.remove::<Note>(AuditId(10))?);
    let more: Hand = |tx| {
        let mut note: Note = tx.get(AuditId(10))?.unwrap();
        (note.id, note.previous) = (AuditId(11), note.hash);
        note.hash = hash(&note);
        Ok(tx.put(&note)?)
    };
    for (what, hand, broken) in [
        ("edited", edit, 4),
        ("edited with its hash", edit_well, 5),
        ("removed", remove, 4),
        ("the first removed", first, 1),
        ("the last removed", last, 10),
        ("one put in", more, 11),
    ] {
        let (_dir, store) = store();
        ten(&store);
        wrote(&store, hand);
        assert_eq!(found(&store), Verdict::Broken(AuditId(broken)), "{what}");
    }
}

#[test]
fn what_is_older_than_thirteen_months_goes_and_the_rest_is_still_whole() {
    let (_dir, store) = store();
    ten(&store);
    wrote(&store, |tx| {
        tx.set_now(9 * 40 * 86_400_000 + KEPT_MS - 5 * 40 * 86_400_000 + 1);
        sweep(tx)
    });
    assert_eq!(found(&store), Verdict::Whole(5));
    wrote(&store, |tx| note(tx, By::house(), Deed::UserMade, true, "x"));
    assert_eq!(found(&store), Verdict::Whole(6));
}

#[test]
fn a_refused_verb_leaves_no_note_and_control_characters_are_escaped() {
    let (_dir, store) = store();
    let refused: Answer<()> = store.write_now(|tx| {
        note(tx, By::house(), Deed::Exported, true, "x")?;
        Err(No::Refused(crate::domain::Refusal::NotFound))
    });
    assert!(refused.is_err());
    wrote(&store, |tx| note(tx, By::nobody("x\ny"), Deed::Login, false, "a\r\n\u{1b}[31m\u{202e}b"));
    let one: Note = store.look().unwrap().get(AuditId(1)).unwrap().unwrap();
    assert_eq!((one.from.as_str(), one.about.as_str()), ("x\\u{a}y", "a\\u{d}\\u{a}\\u{1b}[31m\\u{202e}b"));
}
