//! Each thing that can be wrong is made wrong, and found.

use super::*;
use crate::store::{DataDir, Fault, Id, Indexes, Key, Record, Store, Tx};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LeafId(u64);
impl From<u64> for LeafId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}
impl From<LeafId> for u64 {
    fn from(id: LeafId) -> Self {
        id.0
    }
}
impl Id for LeafId {}

#[derive(Serialize, Deserialize)]
struct Leaf {
    id: LeafId,
    tree: u64,
    twigs: Vec<u64>,
}

impl Record for Leaf {
    type Id = LeafId;
    const TABLE: Table = "leaves";
    fn id(&self) -> LeafId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at("leaves_by_tree", Key::new().number(self.tree));
        for twig in &self.twigs {
            at.at("leaves_by_twig", Key::new().number(*twig));
        }
    }
}

const KINDS: &[Kind] = &[Kind::of::<Leaf>(&["leaves_by_tree", "leaves_by_twig"])];

/// Forty leaves on four trees, each on a twig that it names twice; then what the test does to them.
fn after(sabotage: impl FnOnce(&mut Tx<'_>) + Send + 'static) -> Report {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = DataDir::open(dir.path()).expect("it opens");
    let store = Store::open(&dir, KINDS).expect("a store");
    let grown = store.write_now(|tx| {
        for n in 0..40 {
            let id = tx.next::<LeafId>(Leaf::TABLE)?;
            tx.put(&Leaf { id, tree: n % 4, twigs: vec![n, n] })?;
            tx.announce(&n)?;
        }
        Ok::<_, Fault>(())
    });
    grown.expect("leaves");
    let done = store.write_now(move |tx| {
        sabotage(tx);
        Ok::<_, Fault>(())
    });
    done.expect("done");
    let look = store.look().expect("a look");
    check::<u64>(&look, KINDS, &mut |_| ControlFlow::Continue(()))
}

fn row(tree: u64, number: u64) -> Vec<u8> {
    record::with_number(Key::new().number(tree).bytes(), number)
}

#[test]
fn a_whole_database_is_called_whole_and_all_of_it_was_read() {
    let report = after(|_| {});
    assert!(report.is_whole(), "{:?}", report.findings);
    assert_eq!((report.records, report.rows, report.events), (40, 80, 40));
}

#[test]
fn a_record_that_is_gone_is_missed_by_its_indexes() {
    let report = after(|tx| tx.remove_raw("leaves", &7u64.to_be_bytes()));
    let stray = |index| Finding::Stray { index, number: 7 };
    assert_eq!(report.findings, [stray("leaves_by_tree"), stray("leaves_by_twig")]);
}

#[test]
fn a_record_that_an_index_forgot_is_found() {
    let report = after(|tx| tx.remove_raw("leaves_by_tree", &row(2, 7)));
    assert_eq!(report.findings, [Finding::NotIndexed { index: "leaves_by_tree", number: 7 }]);
}

#[test]
fn an_index_row_of_another_place_is_found_though_the_count_is_right() {
    let report = after(|tx| {
        tx.remove_raw("leaves_by_tree", &row(2, 7));
        let wrong = row(3, 7);
        tx.put_raw("leaves_by_tree", wrong.clone(), record::row_tag("leaves_by_tree", &wrong).to_vec());
    });
    assert!(report.findings.contains(&Finding::NotIndexed { index: "leaves_by_tree", number: 7 }), "{report:?}");
}

#[test]
fn f16_a_row_whose_key_has_another_bit_is_found() {
    let report = after(|tx| {
        tx.remove_raw("leaves_by_tree", &row(2, 7));
        tx.put_raw("leaves_by_tree", row(3, 7), record::row_tag("leaves_by_tree", &row(2, 7)).to_vec());
    });
    assert!(report.findings.contains(&Finding::Damaged { table: "leaves_by_tree", number: 7 }), "{report:?}");
}

#[test]
fn f16_a_record_under_anothers_number_is_found() {
    let report = after(|tx| {
        let bytes = tx.raw("leaves", &7u64.to_be_bytes()).expect("read").expect("there");
        tx.put_raw("leaves", 8u64.to_be_bytes().to_vec(), bytes);
    });
    assert!(report.findings.contains(&Finding::Damaged { table: "leaves", number: 8 }), "{report:?}");
}

#[test]
fn a_counter_that_fell_back_is_found() {
    let name = super::super::tx::counter("leaves");
    let report = after(move |tx| tx.put_raw(META, name.as_bytes().to_vec(), record::counted(&name, 39)));
    assert_eq!(report.findings, [Finding::BeyondCounter { table: "leaves", number: 40, counter: 39 }]);
}

#[test]
fn f16_a_counter_with_another_bit_is_found_and_never_counted_on() {
    let name = super::super::tx::counter("leaves");
    let kept = record::counted(&name, 40);
    for bit in 0..kept.len() * 8 {
        let mut bad = kept.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(record::count(&name, Some(&bad)).is_err(), "bit {bit}");
    }
    let report = after(move |tx| tx.put_raw(META, name.as_bytes().to_vec(), vec![0; 12]));
    assert_eq!(report.findings, [Finding::Damaged { table: META, number: 0 }]);
}

#[test]
fn an_event_that_is_gone_or_cannot_be_read_is_found() {
    let report = after(|tx| {
        tx.remove_raw(JOURNAL, &12u64.to_be_bytes());
        tx.put_raw(JOURNAL, 20u64.to_be_bytes().to_vec(), vec![0; 20]);
    });
    assert_eq!(report.findings, [Finding::Gap(12), Finding::Damaged { table: JOURNAL, number: 20 }]);
    let trimmed = after(|tx| (1..=5u64).for_each(|n| tx.remove_raw(JOURNAL, &n.to_be_bytes())));
    assert!(trimmed.is_whole(), "what was trimmed is not missed: {:?}", trimmed.findings);
    let cut = after(|tx| tx.remove_raw(JOURNAL, &40u64.to_be_bytes()));
    assert_eq!(cut.findings, [Finding::Gap(40)]);
}

#[test]
fn a_table_that_nobody_knows_is_found() {
    let report = after(|tx| tx.put_raw("weeds", vec![1], vec![1]));
    assert_eq!(report.findings, [Finding::Unknown("weeds".into())]);
}

#[test]
fn a_check_can_be_called_off() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = DataDir::open(dir.path()).expect("it opens");
    let store = Store::open(&dir, KINDS).expect("a store");
    let grown = store.write_now(|tx| {
        for n in 0..5_000 {
            let id = tx.next::<LeafId>(Leaf::TABLE)?;
            tx.put(&Leaf { id, tree: n % 4, twigs: vec![n] })?;
        }
        Ok::<_, Fault>(())
    });
    grown.expect("leaves");
    let report = check::<u64>(&store.look().expect("a look"), KINDS, &mut |_| ControlFlow::Break(()));
    assert!(report.stopped && !report.is_whole() && report.records < 5_000);
}
