//! How often somebody may be wrong about a password: slower and slower, and never locked out for good.
//!
//! Counted at each door apart, per address and per pair of address and e-mail (BAR 6.3.1). A stranger who tries
//! somebody's e-mail from elsewhere therefore never locks that person out; from everywhere at once, an e-mail is slowed,
//! for a quarter of an hour at a time, only for addresses from which nobody logged in to it since the start. Links go on
//! working all the while.

use crate::domain::ids::UserId;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const PAIR_FREE: usize = 5;
const PAIR_WINDOW: Duration = Duration::from_secs(15 * 60);
const PAIR_WAIT_MAX: Duration = Duration::from_secs(30);
/// Wrong tries of a pair in an hour, after which it waits longer.
const PAIR_MAX: usize = 10;
const ADDRESS_MAX: usize = 20;
const ADDRESS_WINDOW: Duration = Duration::from_secs(5 * 60);
const EMAIL_MAX: usize = 60;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
/// How long a pair or an e-mail waits after too many in an hour: never for good.
const LOCK: Duration = Duration::from_secs(15 * 60);
/// Keys remembered at most; beyond it the oldest are forgotten.
const KEPT_MAX: usize = 50_000;

#[derive(PartialEq, Eq, Hash, Clone, Debug)]
enum Key {
    Pair(IpAddr, String),
    Address(IpAddr),
    Email(String),
}

/// That somebody must wait.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// How long.
    pub left: Duration,
    /// Whether this is the first to be told since the last attempt that was let: one line of the audit, however many
    /// knock meanwhile.
    pub first: bool,
}

impl Wait {
    /// As it is said: whole seconds, at least one.
    pub fn seconds(self) -> usize {
        usize::try_from(self.left.as_secs()).unwrap_or(usize::MAX).saturating_add(1)
    }
}

/// Wrong attempts lately.
#[derive(Default)]
pub struct Attempts {
    inner: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    wrong: HashMap<Key, Vec<Instant>>,
    known: HashSet<(IpAddr, String)>,
    told: HashSet<Key>,
}

impl Attempts {
    /// How long this address must wait before it may try this e-mail again; nothing if it may now. An attempt that may
    /// go on counts as wrong until [`right`](Self::right) is called, so that many at once do not all slip through.
    pub fn begin(&self, from: IpAddr, email: &str, now: Instant) -> Result<(), Wait> {
        let from = network(from);
        let mut memory = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = Key::Pair(from, email.to_owned());
        let known = memory.known.contains(&(from, email.to_owned()));
        let waits = [
            memory.recent(&pair, HOUR, now, |wrong| {
                let wait = if wrong.len() >= PAIR_MAX {
                    LOCK
                } else {
                    let lately = wrong.iter().filter(|at| now.duration_since(**at) < PAIR_WINDOW).count();
                    Duration::from_secs(1 << lately.checked_sub(PAIR_FREE)?.min(5)).min(PAIR_WAIT_MAX)
                };
                wrong.last().map(|last| *last + wait)
            }),
            memory.recent(&Key::Address(from), ADDRESS_WINDOW, now, |wrong| {
                let over = wrong.len().checked_sub(ADDRESS_MAX)?;
                // Behind one address may stand a whole office, or everybody, where a proxy does: who is known goes on.
                wrong.get(over).filter(|_| !known).map(|first| *first + ADDRESS_WINDOW)
            }),
            memory.recent(&Key::Email(email.to_owned()), HOUR, now, |wrong| {
                wrong.len().checked_sub(EMAIL_MAX)?;
                wrong.last().filter(|_| !known).map(|last| *last + LOCK)
            }),
        ];
        if let Some(until) = waits.into_iter().flatten().max().filter(|until| *until > now) {
            return Err(Wait { left: until - now, first: memory.told.len() < KEPT_MAX && memory.told.insert(pair) });
        }
        memory.told.remove(&pair);
        if memory.wrong.len() > KEPT_MAX {
            memory.told.clear();
            memory.wrong.retain(|_, wrong| wrong.last().is_some_and(|last| now.duration_since(*last) < PAIR_WINDOW));
        }
        for key in [pair, Key::Address(from), Key::Email(email.to_owned())] {
            memory.wrong.entry(key).or_default().push(now);
        }
        Ok(())
    }

    /// The attempt that began was right: it does not count, and this address is known for this e-mail.
    pub fn right(&self, from: IpAddr, email: &str) {
        let from = network(from);
        let mut memory = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        memory.wrong.remove(&Key::Pair(from, email.to_owned()));
        for key in [Key::Address(from), Key::Email(email.to_owned())] {
            if let Some(wrong) = memory.wrong.get_mut(&key) {
                wrong.pop();
            }
        }
        if memory.known.len() < KEPT_MAX {
            memory.known.insert((from, email.to_owned()));
        }
    }
}

impl Memory {
    fn recent(
        &mut self,
        key: &Key,
        window: Duration,
        now: Instant,
        until: impl FnOnce(&[Instant]) -> Option<Instant>,
    ) -> Option<Instant> {
        let wrong = self.wrong.get_mut(key)?;
        wrong.retain(|at| now.duration_since(*at) < window);
        if wrong.is_empty() {
            self.wrong.remove(key);
            return None;
        }
        until(wrong)
    }
}

/// What was written down lately of whom: a loop leaves a line a minute.
#[derive(Default)]
pub struct Lately {
    noted: Mutex<HashMap<(UserId, String), Instant>>,
}

impl Lately {
    /// Whether this is the first of its kind of this user in a minute.
    pub fn first(&self, who: UserId, what: &str) -> bool {
        self.first_at(who, what, Instant::now())
    }

    fn first_at(&self, who: UserId, what: &str, now: Instant) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= KEPT_MAX {
            noted.retain(|_, at| now.duration_since(*at) < MINUTE);
        }
        let key = (who, what.to_owned());
        let first = noted.get(&key).is_none_or(|at| now.duration_since(*at) >= MINUTE);
        if first && noted.len() < KEPT_MAX {
            noted.insert(key, now);
        }
        first
    }
}

/// One IPv6 customer has a whole /64.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(six) => {
            let s = six.segments();
            IpAddr::from([s[0], s[1], s[2], s[3], 0, 0, 0, 0])
        }
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 0, 7));

    fn stranger(n: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, n])
    }

    #[test]
    fn c38_after_five_misses_each_try_waits_longer_and_two_hundred_at_once_reach_five() {
        let attempts = Attempts::default();
        let now = Instant::now();
        let through = (0..200).filter(|_| attempts.begin(HOME, "a@b.c", now).is_ok()).count();
        assert_eq!(through, PAIR_FREE);
        assert!(attempts.begin(HOME, "a@b.c", now + Duration::from_secs(2)).is_ok());
        assert!(attempts.begin(HOME, "a@b.c", now + Duration::from_secs(3)).is_err());
        assert!(attempts.begin(HOME, "a@b.c", now + PAIR_WAIT_MAX * 2).is_ok(), "never for good");
    }

    #[test]
    fn c39_after_ten_misses_in_an_hour_a_quarter_of_an_hour_is_waited_and_never_more() {
        let attempts = Attempts::default();
        let (mut now, mut through) = (Instant::now(), 0);
        for _ in 0..10 {
            now += PAIR_WAIT_MAX;
            through += usize::from(attempts.begin(HOME, "a@b.c", now).is_ok());
        }
        assert_eq!(through, 10);
        let wait = attempts.begin(HOME, "a@b.c", now + PAIR_WAIT_MAX).unwrap_err();
        assert_eq!(wait.left, LOCK - PAIR_WAIT_MAX);
        assert!(attempts.begin(HOME, "a@b.c", now + LOCK).is_ok(), "then once more");
        assert!(attempts.begin(HOME, "a@b.c", now + LOCK + PAIR_WAIT_MAX).is_err());
        assert!(attempts.begin(stranger(1), "a@b.c", now).is_ok(), "elsewhere nobody waits");
    }

    #[test]
    fn c39_a_stranger_never_locks_the_owner_out() {
        let attempts = Attempts::default();
        let now = Instant::now();
        assert!(attempts.begin(HOME, "a@b.c", now).is_ok());
        attempts.right(HOME, "a@b.c");
        for n in 0..200 {
            let _ = attempts.begin(stranger(n), "a@b.c", now);
        }
        let slowed = attempts.begin(stranger(250), "a@b.c", now).unwrap_err();
        assert_eq!(slowed.left, LOCK, "from everywhere at once it is slowed, for a while");
        assert!(attempts.begin(HOME, "a@b.c", now).is_ok(), "but not at home");
    }

    #[test]
    fn what_somebody_does_in_a_loop_is_first_once_a_minute() {
        let (lately, now) = (Lately::default(), Instant::now());
        let firsts = (0..200).filter(|n| lately.first_at(UserId(1), "x", now + Duration::from_secs(*n))).count();
        assert_eq!(firsts, 4);
        assert!(lately.first_at(UserId(2), "x", now) && lately.first_at(UserId(1), "y", now));
    }

    #[test]
    fn one_address_cannot_try_every_e_mail() {
        let attempts = Attempts::default();
        let now = Instant::now();
        let through = (0..100).filter(|n| attempts.begin(HOME, &format!("{n}@b.c"), now).is_ok()).count();
        assert_eq!(through, ADDRESS_MAX);
        assert!(attempts.begin(HOME, "x@b.c", now + ADDRESS_WINDOW).is_ok());
    }
}
