//! F34: the machine's clock is set forward and back by hours, days and years while the house works, and between its days.
//!
//! The house's clock is wound by hand here; the rule by which it follows is tested where it stands (`store/clock.rs`).

use crate::agency::{Promise, Work, assert_whole, found, message, said};
use crate::cuts::Dice;
use crate::disk::Rig;
use balcao::domain::conversation::{self, State as Shelf};
use balcao::domain::delivery::{self, State, Tried};
use balcao::domain::external_access::{self, Access};
use balcao::domain::session;
use balcao::domain::{Answer, Event, Refusal, inbox, upkeep};
use balcao::store::{self, Look, Reading, Store, Tx};
use std::path::Path;
use std::sync::{Arc, Mutex};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 366 * DAY;
/// Some day in 2026.
const START: i64 = 1_795_000_000_000;

/// A machine whose clocks are wound by hand.
#[derive(Clone)]
struct Wound(Arc<Mutex<Reading>>);

impl Wound {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Reading { wall: START, steady: 0 })))
    }

    fn pass(&self, ms: i64) {
        let mut reading = self.0.lock().unwrap();
        (reading.wall, reading.steady) = (reading.wall + ms, reading.steady + ms);
    }

    fn set(&self, ms: i64) {
        self.0.lock().unwrap().wall += ms;
    }

    fn wall(&self) -> i64 {
        self.0.lock().unwrap().wall
    }

    fn open(&self, rig: &Rig) -> Store {
        let read = self.0.clone();
        Store::on(
            rig.as_disk(),
            Path::new("rig"),
            balcao::domain::schema::KINDS,
            Box::new(move || *read.lock().unwrap()),
        )
        .unwrap()
    }
}

/// A house with an agency in it, by a clock wound by hand.
fn house() -> (Rig, Wound, Store, Work) {
    let (rig, wound) = (Rig::default(), Wound::new());
    store::create(&rig.as_disk()).unwrap();
    let store = wound.open(&rig);
    let work = store.write_now(found).unwrap();
    (rig, wound, store, work)
}

/// What the house does each minute (`app::keep_house`), and within an hour.
fn keep(store: &Store) {
    let (set_back, even) = (store.clock().may_follow(), store.clock().is_even());
    while store.write_now(move |tx: &mut Tx<'_>| upkeep::sweep(tx, even)).unwrap() {}
    if set_back {
        store.clock().follow();
    }
}

/// The machine was set back, nobody puts it right, and the house follows.
fn follow(store: &Store, wound: &Wound) {
    store.now();
    wound.pass(10 * MINUTE);
    keep(store);
    assert_eq!(store.now(), wound.wall(), "it follows");
}

fn log_in(store: &Store, work: &Work) -> String {
    let new = work.session();
    store.write_now(move |tx: &mut Tx<'_>| session::begin(tx, new)).unwrap()
}

fn is_in(store: &Store, cookie: &str) -> bool {
    session::of_cookie(&store.look().unwrap(), cookie, store.now()).unwrap().is_some()
}

#[test]
fn f34_a_session_that_was_over_never_comes_back() {
    for (idle, back) in [(61, 30), (61, 90), (13 * 60, 12 * 60 + 30), (61, 60 * 24 * 400)] {
        let (rig, wound, store, work) = house();
        let cookie = log_in(&store, &work);
        assert!(is_in(&store, &cookie));
        // Nobody asks while it runs out: it is over all the same.
        wound.pass(idle * MINUTE);
        store.now();
        wound.set(-back * MINUTE);
        assert!(!is_in(&store, &cookie), "{idle} {back}: at once");
        follow(&store, &wound);
        assert!(!is_in(&store, &cookie), "{idle} {back}: for good");
        let again = log_in(&store, &work);
        assert!(is_in(&store, &again), "{idle} {back}: whoever logs in is in");
        store.close();
        let store = wound.open(&rig);
        assert!(!is_in(&store, &cookie), "{idle} {back}: after a restart");
    }
}

#[test]
fn f34_a_clock_set_back_while_the_house_was_closed_revives_nobody() {
    let (rig, wound, store, work) = house();
    let cookie = log_in(&store, &work);
    wound.pass(30 * MINUTE);
    let other = log_in(&store, &work);
    wound.pass(45 * MINUTE);
    store.write_now(|tx: &mut Tx<'_>| Answer::Ok(tx.announce(&Event::AgencyChanged)?)).unwrap();
    assert!(!is_in(&store, &cookie) && is_in(&store, &other));
    store.close();
    wound.set(-40 * MINUTE);
    let store = wound.open(&rig);
    assert!(!is_in(&store, &cookie), "the journal says how late it was");
    assert!(is_in(&store, &other), "and nobody is sent out for it");
}

#[test]
fn f34_the_timeline_keeps_the_journals_order_whatever_the_clock_does() {
    for seed in 0..6 {
        let (rig, wound, store, work) = house();
        let (mut dice, mut promised, mut before) = (Dice::new(seed), Vec::new(), store.now());
        for n in 0..40 {
            let how_far = [2_000, 50_000, HOUR, DAY, YEAR, 10 * YEAR][dice.roll(6)];
            match dice.roll(6) {
                0 => wound.set(how_far),
                1 => wound.set(-how_far),
                2 => {
                    keep(&store);
                    before = store.now();
                }
                _ => wound.pass(how_far.min(DAY)),
            }
            assert!(store.now() >= before, "seed {seed}, {n}: the house's clock never goes back by itself");
            let (viewer, id, draft) = (work.viewer(), work.conversation, message(n));
            let text = draft.text.clone();
            let say = move |tx: &mut Tx<'_>| conversation::say(tx, &viewer, id, &draft);
            promised.push(Promise::Said(store.write_now(say).unwrap().id, text));
            before = store.now();
        }
        let order: Vec<String> = said(&store.look().unwrap(), &work).into_iter().map(|(_, text)| text).collect();
        let wanted: Vec<String> = (0..40).map(|n| message(n).text).collect();
        assert_eq!(order, wanted, "seed {seed}");
        let page = inbox::page(&store.look().unwrap(), &work.staff, Shelf::Open, &inbox::Filter::default(), None);
        assert!(page.unwrap().iter().any(|one| one.id == work.conversation), "seed {seed}: the inbox has it");
        assert_whole(&store, &promised, &format!("seed {seed}"));
        store.close();
        assert_whole(&wound.open(&rig), &promised, &format!("seed {seed}, opened once more"));
    }
}

/// The one letter of the house.
fn letter(store: &Store) -> delivery::Delivery {
    let all: Vec<delivery::Delivery> = store.look().unwrap().all(10).unwrap();
    assert_eq!(all.len(), 1);
    all.into_iter().next().unwrap()
}

fn try_it(store: &Store, how: Tried) {
    let id = letter(store).id;
    store.write_now(move |tx: &mut Tx<'_>| delivery::tried(tx, id, how)).unwrap();
}

/// How long nothing is carried; nothing if something is due.
fn rests(store: &Store) -> Option<i64> {
    let (due, next) = delivery::due(&store.look().unwrap(), store.now(), 4).unwrap();
    due.is_empty().then(|| next.expect("it is not forgotten") - store.now())
}

#[test]
fn f34_a_letter_waits_no_longer_than_two_hours_and_is_not_given_up_by_a_leap() {
    let (_rig, wound, store, _) = house();
    assert_eq!(rests(&store), None, "planned: due");
    wound.set(10 * YEAR);
    try_it(&store, Tried::Later("421".into()));
    assert_eq!(letter(&store).state, State::Queued, "a leap is no reason to give up");
    assert_eq!(rests(&store), Some(MINUTE));
    wound.set(-10 * YEAR);
    follow(&store, &wound);
    assert_eq!(rests(&store), None, "it does not wait for ten years");
    wound.set(-HOUR);
    follow(&store, &wound);
    try_it(&store, Tried::Later("421".into()));
    wound.set(-HOUR);
    store.now();
    assert!(rests(&store).is_some_and(|wait| wait <= 2 * MINUTE), "{:?}", rests(&store));
    follow(&store, &wound);
    assert!(rests(&store).is_none_or(|wait| wait <= 2 * HOUR), "{:?}", rests(&store));
    let mut tries = 2;
    while letter(&store).state == State::Queued {
        try_it(&store, Tried::Later("421".into()));
        tries += 1;
        assert!(tries < 60, "it is given up at last");
    }
    assert!(tries > 30, "{tries}: three days of waits");
    try_it(&store, Tried::Sent("250".into()));
    assert_eq!(letter(&store).state, State::Failed, "and that is said once");
}

#[test]
fn f34_a_link_that_was_over_never_opens_again_and_none_is_good_for_years() {
    let (_rig, wound, store, _) = house();
    let access = store.look().unwrap().all::<Access>(1).unwrap().remove(0);
    let (id, to) = (access.id, access.email);
    let link = || {
        let to = to.clone();
        store
            .write_now(move |tx: &mut Tx<'_>| external_access::one_time(tx, id, &to, external_access::ONCE_MS))
            .unwrap()
    };
    let opens = |secret: &str| external_access::promised(&store.look().unwrap(), secret, store.now()).is_ok();
    let first = link();
    assert!(opens(&first));
    wound.pass(73 * HOUR);
    assert!(!opens(&first));
    wound.set(-24 * HOUR);
    assert!(!opens(&first), "at once");
    follow(&store, &wound);
    assert!(!opens(&first), "for good");
    wound.set(10 * YEAR);
    let second = link();
    assert!(opens(&second));
    wound.set(-10 * YEAR);
    follow(&store, &wound);
    assert!(!opens(&second), "nor for ten years");
    let third = link();
    wound.set(-HOUR);
    follow(&store, &wound);
    assert!(opens(&third), "an hour's correction spoils no letter");
    let refused = store.write_now(move |tx: &mut Tx<'_>| external_access::redeem(tx, &first, "10.0.0.1"));
    assert!(refused.is_err_and(|no| no.to_string() == balcao::domain::No::from(Refusal::LinkDead).to_string()));
}

#[test]
fn f34_a_leap_of_years_does_not_empty_the_audit_or_the_journal() {
    let (_rig, wound, store, work) = house();
    let kept = |store: &Store| {
        let look = store.look().unwrap();
        let notes = balcao::domain::audit::page(&look, &work.staff, &Default::default(), None).unwrap().notes.len();
        (notes, look.journal::<Event>(0, 1_000).unwrap().gap)
    };
    let before = kept(&store);
    assert!(before.0 > 0 && !before.1, "{before:?}");
    wound.set(10 * YEAR);
    for _ in 0..23 {
        wound.pass(HOUR);
        keep(&store);
        assert_eq!(kept(&store), before, "somebody may still notice");
    }
    wound.set(-10 * YEAR);
    follow(&store, &wound);
    wound.pass(2 * DAY);
    keep(&store);
    assert_eq!(kept(&store), before, "somebody noticed");
    // An event that was stamped in those hours does not keep the journal from being trimmed for ten years.
    wound.set(10 * YEAR);
    store.write_now(|tx: &mut Tx<'_>| Answer::Ok(tx.announce(&Event::AgencyChanged)?)).unwrap();
    wound.set(-10 * YEAR);
    follow(&store, &wound);
    store.write_now(|tx: &mut Tx<'_>| Answer::Ok(tx.announce(&Event::AgencyChanged)?)).unwrap();
    wound.pass(31 * DAY);
    store.now();
    wound.pass(DAY);
    store.write_now(|tx: &mut Tx<'_>| Answer::Ok(tx.announce(&Event::AgencyChanged)?)).unwrap();
    keep(&store);
    let left = store.look().unwrap().journal::<Event>(store.bell().borrow().saturating_sub(1), 10).unwrap();
    assert!(kept(&store).1 && left.events.len() == 1, "what is old goes, what is new stays");
    let oldest = store.look().unwrap().journal::<Event>(0, 1_000).unwrap();
    assert_eq!(oldest.events.len(), 1);
}
