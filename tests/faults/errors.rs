//! F06 to F08, M4: the disk says no, at each place where it can, once or for a while.
//!
//! Whoever was not answered "done" reads nothing of it; whoever was, keeps it, power cut included; everybody reads all
//! the time; and nobody restarts anything.

use crate::agency::{Promise, Work, assert_whole, checked, close, founded, open, said, shared};
use crate::disk::{Act, EIO, ENOSPC, Plan, Rig};
use balcao::domain::conversation::{self, Draft};
use balcao::domain::ids::EntryId;
use balcao::domain::session;
use balcao::domain::{Answer, No};
use balcao::store::{Fault, Health, Store, Tx};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Messages written while the disk fails.
const MESSAGES: usize = 4;
const WORKERS: usize = 8;
/// "Healed within 30 s" (M4) is what the product promises; its own pace is this.
const HEALED: Duration = Duration::from_secs(5);

/// Waits until the store says it.
fn until(store: &Store, wanted: Health, most: Duration) {
    let mut health = store.health();
    let wait = async {
        let said = tokio::time::timeout(most, health.wait_for(|health| *health == wanted)).await;
        said.unwrap_or_else(|_| panic!("not {wanted:?} after {most:?}")).unwrap();
    };
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(wait);
}

/// A message whose words tell which try it is, while its token stays.
fn attempt(n: usize, attempt: usize) -> Draft {
    let text = format!("recado {n}, tentativa {attempt} {}", "que se repete ".repeat(n * 20));
    Draft { text: text.trim().to_owned(), token: Some(format!("t{n}")), internal: true, ..Draft::default() }
}

fn say(store: &Store, work: &Work, draft: Draft) -> Answer<EntryId> {
    let (viewer, id) = (work.viewer(), work.conversation);
    store.write_now(move |tx: &mut Tx<'_>| conversation::say(tx, &viewer, id, &draft)).map(|entry| entry.id)
}

/// What one run saw.
struct Seen {
    hit: bool,
    refused: usize,
}

/// Writes messages while the disk fails as planned; each is sent again until it is taken.
fn run(plan: Plan, mended_after: Option<Duration>) -> Seen {
    let (start, work) = founded();
    let rig = Rig::with(&start);
    let store = shared(&rig);
    let over = AtomicBool::new(false);
    let (mut promised, mut refused) = (Vec::new(), BTreeSet::new());
    rig.plan(plan);
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut read = BTreeSet::new();
            while !over.load(Ordering::Relaxed) {
                let look = store.look().expect("a look");
                read.extend(said(&look, &work).into_iter().map(|(_, text)| text));
                drop(look);
                // One reader of many, on a machine of few cores.
                std::thread::sleep(Duration::from_millis(2));
            }
            read
        });
        for n in 0..MESSAGES {
            for k in 0.. {
                let draft = attempt(n, k);
                let words = draft.text.clone();
                match say(&store, &work, draft) {
                    Ok(id) => {
                        promised.push(Promise::Said(id, words));
                        break;
                    }
                    Err(No::Failed(Fault::Unwell(_))) => drop(refused.insert(words)),
                    Err(no) => panic!("{plan:?}: {no}"),
                }
                if let Some(after) = mended_after {
                    std::thread::sleep(after);
                    rig.mend();
                }
                until(&store, Health::Well, HEALED);
            }
        }
        over.store(true, Ordering::Relaxed);
        reader.join().expect("reading never stops")
    });
    let when = format!("{plan:?}");
    let hit = rig.hits() > 0 || mended_after.is_some() && !refused.is_empty();
    rig.mend();
    assert!(read.is_disjoint(&refused), "{when}: seen, though it was refused");
    until(&store, Health::Well, HEALED);
    assert_whole(&store, &promised, &when);
    let texts: BTreeSet<String> = said(&store.look().unwrap(), &work).into_iter().map(|(_, text)| text).collect();
    assert!(texts.is_disjoint(&refused), "{when}: kept, though it was refused");
    assert_eq!(store.look().unwrap().reached().unwrap(), *store.bell().borrow(), "{when}: the bell");
    // What the operating system still held is gone: a sync that failed is never made up for by the next.
    assert_whole(&open(&Rig::with(&rig.after_power_cut())), &promised, &format!("{when}, and the power went"));
    close(store);
    assert_whole(&open(&Rig::with(&rig.after_power_cut())), &promised, &format!("{when}, closed"));
    Seen { hit, refused: refused.len() }
}

/// Tries every place at which this can fail, until none is left.
fn everywhere(plan: Plan) -> usize {
    let (next, refused, end) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while !end.load(Ordering::Relaxed) {
                    let seen = run(Plan { after: next.fetch_add(1, Ordering::Relaxed), ..plan }, None);
                    refused.fetch_add(seen.refused, Ordering::Relaxed);
                    if !seen.hit {
                        end.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    println!(
        "{plan:?}: {} places, {} refused",
        next.load(Ordering::Relaxed) - WORKERS,
        refused.load(Ordering::Relaxed)
    );
    refused.into_inner()
}

const ONCE: Plan = Plan { act: Act::Sync, after: 0, times: 1, errno: EIO, short: false };

#[test]
fn f06_every_sync_fails_once_and_nothing_is_half_done() {
    assert!(everywhere(ONCE) >= MESSAGES, "syncs of a commit failed");
}

#[test]
fn f07_every_write_fails_once_whole_or_torn() {
    assert!(everywhere(Plan { act: Act::Write, errno: ENOSPC, ..ONCE }) > MESSAGES);
    assert!(everywhere(Plan { act: Act::Write, short: true, ..ONCE }) > MESSAGES);
}

#[test]
fn f07_the_disk_fails_again_and_again_while_it_is_being_healed() {
    for times in [2, 3, 5] {
        assert!(everywhere(Plan { times, ..ONCE }) >= MESSAGES);
    }
}

#[test]
fn f06_a_disk_that_is_away_for_a_while_is_taken_back_by_itself() {
    for act in [Act::Sync, Act::Write] {
        let seen = run(Plan { act, times: usize::MAX, ..ONCE }, Some(Duration::from_millis(700)));
        assert!(seen.hit && seen.refused == 1, "{act:?}: refused {} times", seen.refused);
    }
}

#[test]
fn f08_a_full_disk_refuses_what_is_new_lets_people_in_and_forgets_nobody() {
    let (start, work) = founded();
    let rig = Rig::with(&start);
    let store = shared(&rig);
    let mut promised = Vec::new();
    for n in 0..3 {
        let draft = attempt(n, 0);
        promised.push(Promise::Said(say(&store, &work, draft.clone()).unwrap(), draft.text));
    }
    rig.fill(0);
    let full = |answer: Answer<EntryId>| matches!(answer, Err(No::Failed(Fault::Unwell(Health::Full))));
    let mut n = 3;
    while !full(say(&store, &work, attempt(n, 0))) {
        n += 1;
        assert!(n < 5_000, "it is never full");
    }
    assert_eq!(*store.health().borrow(), Health::Full);
    let rung = *store.bell().borrow();
    // Whoever comes in now is in, for all to see, though the disk takes nothing.
    let new = work.session();
    let begin = move |tx: &mut Tx<'_>| session::begin(tx, new);
    let cookie = block_on(store.write_soft::<_, No, _>(begin)).expect("login works");
    let now = balcao::store::now();
    let in_memory = session::of_cookie(&store.look().unwrap(), &cookie, now).unwrap().expect("they are in");
    // Who sends once more what was taken before is answered as before; who asks for nothing new is served.
    let again = say(&store, &work, attempt(1, 7)).expect("the same token, the same entry");
    assert!(matches!(&promised[1], Promise::Said(id, _) if *id == again));
    assert!(full(say(&store, &work, attempt(n, 1))), "anything else is refused at once");
    assert!(rig.kept_nothing_of("tentativa 1"), "and nothing of it reaches the disk");
    let began = Instant::now();
    rig.mend();
    until(&store, Health::Well, HEALED);
    println!("healed {:?} after there was room", began.elapsed());
    let after = say(&store, &work, attempt(n, 2)).expect("writes resume alone");
    assert!(*store.bell().borrow() > rung);
    let look = store.look().unwrap();
    assert_eq!(session::of_cookie(&look, &cookie, now).unwrap().map(|one| one.id), Some(in_memory.id), "still in");
    promised.push(Promise::Said(after, attempt(n, 2).text));
    promised.push(Promise::Session(in_memory.id));
    drop(look);
    close(store);
    assert_whole(&open(&Rig::with(&rig.after_power_cut())), &promised, "after a full disk");
}

#[test]
fn f06_a_disk_that_cannot_be_read_at_one_place_is_opened_anew() {
    let (start, work) = founded();
    let rig = Rig::with(&start);
    let store = open(&rig);
    let promised = Promise::Said(say(&store, &work, attempt(0, 0)).unwrap(), attempt(0, 0).text);
    store.close();
    for after in 0..40 {
        let rig = Rig::with(&rig.bytes());
        let store = open(&rig);
        rig.plan(Plan { act: Act::Read, after, ..ONCE });
        // The look that met the error says so; it never shows less than there is.
        let met = said_or_fault(&store, &work);
        assert!(met.is_err() || met.is_ok_and(|all| all.len() == 2), "place {after}");
        until(&store, Health::Well, HEALED);
        assert_whole(&store, std::slice::from_ref(&promised), &format!("place {after}"));
        let draft = attempt(1, 0);
        let next = say(&store, &work, draft.clone()).expect("and the next write works");
        assert_whole(&store, &[Promise::Said(next, draft.text)], &format!("place {after}, written"));
    }
}

fn said_or_fault(store: &Store, work: &Work) -> Answer<Vec<balcao::domain::entry::Entry>> {
    balcao::domain::entry::of_conversation(&store.look()?, work.conversation, None, usize::MAX)
}

#[test]
fn f40_a_verb_that_panics_leaves_nothing_and_the_next_works() {
    let (start, work) = founded();
    let rig = Rig::with(&start);
    let store = open(&rig);
    let (viewer, id) = (work.viewer(), work.conversation);
    let panicking = move |tx: &mut Tx<'_>| -> Answer<()> {
        conversation::say(tx, &viewer, id, &attempt(0, 0))?;
        panic!("a verb of the tests");
    };
    assert!(matches!(store.write_now(panicking), Err(No::Failed(Fault::Panicked))));
    assert_eq!(*store.health().borrow(), Health::Well, "the disk is not to blame");
    let said_after = say(&store, &work, attempt(0, 1)).expect("the next write works");
    let all = said(&store.look().unwrap(), &work);
    assert_eq!(all.last().map(|(id, _)| *id), Some(said_after));
    assert!(all.iter().all(|(_, text)| !text.contains("tentativa 0")), "nothing of it is left");
    assert!(checked(&store).is_whole());
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}
