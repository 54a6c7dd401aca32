//! F02, F03: the power goes, at any moment, once or twice.
//!
//! Up to the last sync everything is on the disk. Of what came after it, any part is, in any order, torn between sectors.

use crate::agency::{self, Promise, Work, assert_whole, founded, open, wrong};
use crate::disk::{Op, Rig, SECTOR, apply};
use balcao::domain::schema::KINDS;
use balcao::store::{self, Store};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Histories that are cut; every second is cut again in its recovery, so there are half as many cuts more.
const RUNS: usize = 2_000;
const WORKERS: usize = 2;

/// Numbers that are the same in every run, so that a cut that fails can be cut again.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Below `most`.
    pub fn roll(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
    }
}

/// A disk's history, and what had been promised at which point of it.
pub struct History {
    pub start: Vec<u8>,
    pub log: Vec<Op>,
    pub promised: Vec<(usize, Promise)>,
}

impl History {
    /// What the disk may hold when the power goes after `upto` of what was asked.
    pub fn cut(&self, upto: usize, dice: &mut Dice) -> Vec<u8> {
        let synced = self.log[..upto].iter().rposition(|op| matches!(op, Op::Sync)).map_or(0, |last| last + 1);
        let mut bytes = self.start.clone();
        self.log[..synced].iter().for_each(|op| apply(&mut bytes, op));
        let mut loose: Vec<Op> = self.log[synced..upto].iter().flat_map(sectors).collect();
        // All, none, or some: each is a disk of its own.
        let kept = [0, 50, 100, 90, 10][dice.roll(5)];
        loose.retain(|_| dice.roll(100) < kept);
        if dice.roll(2) == 0 {
            for n in (1..loose.len()).rev() {
                loose.swap(n, dice.roll(n + 1));
            }
        }
        loose.iter().for_each(|op| apply(&mut bytes, op));
        bytes
    }

    fn promised_by(&self, upto: usize) -> Vec<Promise> {
        self.promised.iter().filter(|(at, _)| *at <= upto).map(|(_, promise)| promise.clone()).collect()
    }
}

fn sectors(op: &Op) -> Vec<Op> {
    match op {
        Op::Write(at, data) => {
            let pieces = data.chunks(SECTOR).enumerate();
            pieces.map(|(n, piece)| Op::Write(at + (n * SECTOR) as u64, piece.to_vec())).collect()
        }
        other => vec![other.clone()],
    }
}

/// Does things on a recording disk.
fn history(start: Vec<u8>, work: &Work, things: std::ops::Range<usize>) -> History {
    let rig = Rig::with(&start);
    rig.record();
    let store = open(&rig);
    let mut promised = Vec::new();
    for n in things {
        let kept = store.write_now(work.verb(n)).unwrap();
        let at = rig.asked();
        promised.extend(kept.into_iter().map(|promise| (at, promise)));
    }
    store.close();
    History { start, log: rig.log(), promised }
}

#[test]
fn f02_f03_three_thousand_power_cuts_and_cuts_in_the_recovery_lose_nothing() {
    let (start, work) = founded();
    let whole = history(start, &work, 0..160);
    assert!(whole.promised.len() > 150, "it promised: {}", whole.promised.len());
    let (next, slowest, twice) = (AtomicUsize::new(0), Mutex::new(Duration::ZERO), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= RUNS {
                        return;
                    }
                    let (took, again) = one_cut(&whole, &work, n);
                    let mut slowest = slowest.lock().unwrap();
                    *slowest = slowest.max(took);
                    twice.fetch_add(usize::from(again), Ordering::Relaxed);
                }
            });
        }
    });
    let (slowest, twice) = (slowest.into_inner().unwrap(), twice.into_inner());
    println!("{} cuts, {twice} of them in a recovery, slowest start {slowest:?}", RUNS + twice);
    assert!(RUNS + twice >= 3_000, "the recovery was cut, too: {twice}");
    assert!(slowest < Duration::from_secs(1), "F02: a start takes less than a second: {slowest:?}");
}

/// One cut; every second time the recovery, too, is cut. Gives how long the start took.
fn one_cut(whole: &History, work: &Work, n: usize) -> (Duration, bool) {
    let mut dice = Dice::new(n as u64 + 1);
    let upto = dice.roll(whole.log.len() + 1);
    let bytes = whole.cut(upto, &mut dice);
    let mut promised = whole.promised_by(upto);
    let when = format!("cut {n}");
    if n.is_multiple_of(2) {
        let began = Instant::now();
        let store = open(&Rig::with(&bytes));
        let took = began.elapsed();
        assert_whole(&store, &promised, &when);
        return (took, false);
    }
    let again = history(bytes, work, 1_000 + n * 8..1_000 + n * 8 + dice.roll(4));
    let upto = dice.roll(again.log.len() + 1);
    let bytes = again.cut(upto, &mut dice);
    promised.extend(again.promised_by(upto));
    let began = Instant::now();
    let store = open(&Rig::with(&bytes));
    let took = began.elapsed();
    assert_whole(&store, &promised, &format!("{when}, cut again"));
    (took, true)
}

#[test]
fn m2_a_cut_in_the_very_first_creation_is_why_it_happens_under_another_name() {
    let rig = Rig::default();
    rig.record();
    store::create(&rig.as_disk()).unwrap();
    assert!(rig.is_safe(), "all of it is on the disk before it takes its name");
    let whole = History { start: Vec::new(), log: rig.log(), promised: Vec::new() };
    let mut unusable = 0;
    for upto in 0..whole.log.len() {
        let bytes = whole.cut(upto, &mut Dice::new(upto as u64));
        let opened = Store::on(Rig::with(&bytes).as_disk(), Path::new("rig"), KINDS, store::this_machine());
        unusable += usize::from(opened.is_err());
    }
    assert!(unusable > 0, "a draft may be unusable: that is what the other name is for");
    let done = open(&Rig::with(&rig.after_power_cut()));
    assert!(agency::checked(&done).is_whole());
}

#[test]
fn the_harness_sees_what_a_store_without_sync_would_lose() {
    let (start, work) = founded();
    let mut whole = history(start, &work, 0..40);
    // As if no sync had ever reached the disk, while the answers were given all the same.
    whole.log.retain(|op| !matches!(op, Op::Sync));
    let promised = whole.promised_by(usize::MAX);
    let lost = (0..200).filter(|n| {
        let bytes = whole.cut(whole.log.len(), &mut Dice::new(*n));
        // Over pages that were never written redb may also panic: that is a loss like others.
        let whole = catch_unwind(AssertUnwindSafe(|| {
            let opened = Store::on(Rig::with(&bytes).as_disk(), Path::new("rig"), KINDS, store::this_machine());
            opened.is_ok_and(|store| wrong(&store, &promised).is_none())
        }));
        !whole.unwrap_or(false)
    });
    assert!(lost.count() > 100, "cuts that lose something are seen");
}
