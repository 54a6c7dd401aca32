//! The house's clock: the machine's, as long as that goes on as a clock does.
//!
//! What is over must stay over. So when the machine's clock goes back, the house's does not: by less than a minute, it
//! stands still until the machine has caught up; by more, it runs on at its own pace from where it was. If nobody puts
//! the machine right within some minutes, it is meant: then whoever keeps the house puts away everything that is over
//! by the house's clock, and only then [`follows`](Clock::follow). At the start it goes on from the journal's last event.
//!
//! A clock that leaps ahead is followed at once, since a machine that slept leaps, too. But what cannot be brought back
//! is not thrown away by it: see [`is_even`](Clock::is_even).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Steps back by less than this are waited out, in milliseconds.
const STILL_MS: i64 = 60_000;
/// How long a machine whose clock went back may be put right before it is believed, in milliseconds.
const DOUBT_MS: i64 = 10 * 60_000;
/// A step ahead by this much, in milliseconds, is a leap: an office may well close for a month.
const LEAP_MS: i64 = 35 * 86_400_000;
/// How long after a leap nothing is thrown away for its age, in milliseconds.
const EVEN_MS: i64 = 86_400_000;

/// Milliseconds since 1970 UTC, by this machine's clock.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}

/// What a machine's two clocks show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Milliseconds since 1970 UTC: somebody may set it.
    pub wall: i64,
    /// Milliseconds since some moment: nobody can.
    pub steady: i64,
}

/// Reads a machine's clocks.
pub type Machine = Box<dyn Fn() -> Reading + Send + Sync>;

/// This machine's clocks.
pub fn this_machine() -> Machine {
    let began = Instant::now();
    Box::new(move || Reading { wall: now(), steady: millis(began.elapsed()) })
}

fn millis(since: Duration) -> i64 {
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The clock of one house.
pub struct Clock {
    machine: Machine,
    hand: Mutex<Hand>,
}

/// Where the house's clock stands.
struct Hand {
    /// What it showed last.
    at: i64,
    /// The machine's steady clock then.
    steady: i64,
    /// Since when, by that, the machine's clock is behind and doubted.
    doubted: Option<i64>,
    /// When, by that, the machine's clock leapt ahead last.
    leapt: Option<i64>,
}

impl Clock {
    /// Goes on from the last moment that the house remembers; 0 where it remembers none.
    pub(super) fn new(machine: Machine, last: i64) -> Self {
        let Reading { wall, steady } = machine();
        let at = if last > 0 { last } else { wall };
        Self { machine, hand: Mutex::new(Hand { at, steady, doubted: None, leapt: None }) }
    }

    /// Milliseconds since 1970 UTC. Never less than it said before, but for [`follow`](Self::follow).
    pub fn now(&self) -> i64 {
        self.turned().at
    }

    /// Whether the machine's clock leapt ahead by weeks lately: whatever would be thrown away for its age waits a day
    /// then, since somebody may notice that the clock is wrong.
    pub fn is_even(&self) -> bool {
        let hand = self.turned();
        hand.leapt.is_none_or(|at| hand.steady - at >= EVEN_MS)
    }

    /// Whether the machine's clock has been behind for so long that it must be meant.
    pub fn may_follow(&self) -> bool {
        let hand = self.turned();
        hand.doubted.is_some_and(|since| hand.steady - since >= DOUBT_MS)
    }

    /// Goes back to where the machine's clock is. Whoever calls it has put away what is over by now.
    pub fn follow(&self) {
        let mut hand = self.turned();
        let Reading { wall, steady } = (self.machine)();
        tracing::warn!(from = hand.at, to = wall, "the machine's clock was set back; the house follows it");
        *hand = Hand { at: wall, steady, doubted: None, leapt: hand.leapt };
    }

    fn turned(&self) -> MutexGuard<'_, Hand> {
        let mut hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        hand.turn((self.machine)());
        hand
    }
}

impl Hand {
    fn turn(&mut self, Reading { wall, steady }: Reading) {
        let ran = self.at + (steady - self.steady).max(0);
        if wall >= if self.doubted.is_some() { ran } else { self.at } {
            if wall - ran >= LEAP_MS {
                self.leapt = Some(steady);
            }
            (self.at, self.doubted) = (wall, None);
        } else if self.doubted.is_some() || self.at - wall >= STILL_MS {
            (self.at, self.doubted) = (ran, self.doubted.or(Some(steady)));
        }
        self.steady = steady;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    /// Some day in 2026.
    const START: i64 = 1_795_000_000_000;

    struct Desk {
        machine: Arc<Mutex<Reading>>,
        clock: Clock,
    }

    /// A house that remembers START, on a machine whose clock is off by so much.
    fn house(off: i64) -> Desk {
        let machine = Arc::new(Mutex::new(Reading { wall: START + off, steady: 7 }));
        let read = machine.clone();
        Desk { machine, clock: Clock::new(Box::new(move || *read.lock().unwrap()), START) }
    }

    impl Desk {
        fn pass(&self, ms: i64) {
            let mut machine = self.machine.lock().unwrap();
            (machine.wall, machine.steady) = (machine.wall + ms, machine.steady + ms);
        }

        fn set(&self, ms: i64) {
            self.machine.lock().unwrap().wall += ms;
        }

        /// What it shows, from START on.
        fn shows(&self) -> i64 {
            self.clock.now() - START
        }
    }

    #[test]
    fn f34_a_clock_that_goes_on_is_followed_also_when_the_machine_slept() {
        let house = house(0);
        house.pass(MINUTE);
        assert_eq!(house.shows(), MINUTE);
        house.set(14 * 60 * MINUTE);
        assert_eq!(house.shows(), 14 * 60 * MINUTE + MINUTE);
        assert!(house.clock.is_even() && !house.clock.may_follow());
    }

    #[test]
    fn f34_a_small_step_back_is_waited_out() {
        let house = house(0);
        house.pass(MINUTE);
        assert_eq!(house.shows(), MINUTE);
        house.set(-30_000);
        assert_eq!(house.shows(), MINUTE);
        house.pass(20_000);
        assert_eq!(house.shows(), MINUTE, "it stands still");
        house.pass(20_000);
        assert_eq!(house.shows(), MINUTE + 10_000, "and goes on");
        // Whoever sets it back again and again stops it for no more than a minute.
        for _ in 0..10 {
            house.pass(10_000);
            house.set(-20_000);
            house.shows();
        }
        house.pass(DAY);
        assert!(house.shows() >= DAY, "{}", house.shows());
    }

    #[test]
    fn f34_set_back_it_runs_on_until_the_machine_is_right_again_or_it_is_meant() {
        for back in [MINUTE, 60 * MINUTE, DAY, 366 * DAY, START + 1] {
            let house = house(0);
            house.pass(MINUTE);
            assert_eq!(house.shows(), MINUTE, "{back}");
            house.set(-back);
            assert_eq!(house.shows(), MINUTE, "{back}");
            house.pass(9 * MINUTE);
            assert_eq!(house.shows(), 10 * MINUTE, "{back}");
            assert!(!house.clock.may_follow(), "{back}: somebody may put it right");
            house.set(back);
            assert_eq!(house.shows(), 10 * MINUTE, "{back}: somebody did");
            house.pass(20 * MINUTE);
            assert!(!house.clock.may_follow(), "{back}");
            house.set(-back);
            house.shows();
            house.pass(10 * MINUTE);
            assert!(house.clock.may_follow(), "{back}");
            assert_eq!(house.shows(), 40 * MINUTE, "{back}: not yet");
            house.clock.follow();
            assert_eq!(house.shows(), 40 * MINUTE - back, "{back}");
            assert!(!house.clock.may_follow(), "{back}");
        }
    }

    #[test]
    fn f34_it_goes_on_from_what_the_house_remembers() {
        let house = house(-366 * DAY);
        assert_eq!(house.shows(), 0, "a machine that forgot the year");
        house.pass(30_000);
        house.set(366 * DAY);
        assert_eq!(house.shows(), 30_000, "and was told it by the network");
        assert!(house.clock.is_even(), "that was no leap");
    }

    #[test]
    fn f34_a_leap_of_years_throws_nothing_away_for_a_day() {
        for off in [0, 10 * 366 * DAY] {
            let house = house(off);
            house.pass(MINUTE);
            house.set(10 * 366 * DAY - off);
            assert_eq!(house.shows(), 10 * 366 * DAY + MINUTE);
            assert!(!house.clock.is_even());
            house.pass(DAY - 1);
            assert!(!house.clock.is_even());
            house.pass(1);
            assert!(house.clock.is_even());
        }
    }
}
