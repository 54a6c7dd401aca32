//! Logins whose password was right and whose second factor is still to come. In memory alone, for minutes: nobody who
//! is not in causes a write, and no clock that is set prolongs one.

use crate::domain::ids::UserId;
use crate::domain::password::Hashed;
use crate::domain::token;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the second factor may take.
pub const LIFE: Duration = Duration::from_secs(5 * 60);
/// With so many wrong codes it is over (C42).
const WRONG_MAX: u8 = 6;
/// Remembered at most; beyond it the oldest are forgotten.
const KEPT_MAX: usize = 10_000;

/// One of them.
#[derive(Clone, Debug)]
pub struct Half {
    /// Who, if the second factor is theirs.
    pub user: UserId,
    /// What the password was verified against.
    pub verified: Hashed,
    /// With which e-mail.
    pub email: String,
    began: Instant,
    wrong: u8,
}

/// All of them, by the hash of the browser's cookie.
#[derive(Default)]
pub struct Halfway(Mutex<HashMap<[u8; 32], Half>>);

impl Halfway {
    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Half>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The password was right. Gives the cookie's value.
    pub fn begin(&self, user: UserId, verified: Hashed, email: String, now: Instant) -> String {
        let mut all = self.all();
        all.retain(|_, half| half.is_good(now));
        if all.len() >= KEPT_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, half)| half.began).map(|(key, _)| *key)
        {
            all.remove(&oldest);
        }
        let secret = token::secret();
        all.insert(token::hash(&secret), Half { user, verified, email, began: now, wrong: 0 });
        secret
    }

    /// The one of this cookie, if it is not over.
    pub fn of(&self, secret: &str, now: Instant) -> Option<Half> {
        self.all().get(&token::hash(secret)).filter(|half| half.is_good(now)).cloned()
    }

    /// A code was wrong. Says whether another may be tried.
    pub fn missed(&self, secret: &str) -> bool {
        let (mut all, key) = (self.all(), token::hash(secret));
        let Some(half) = all.get_mut(&key) else { return false };
        half.wrong += 1;
        let over = half.wrong >= WRONG_MAX;
        if over {
            all.remove(&key);
        }
        !over
    }

    /// It is over.
    pub fn end(&self, secret: &str) {
        self.all().remove(&token::hash(secret));
    }
}

impl Half {
    fn is_good(&self, now: Instant) -> bool {
        now.duration_since(self.began) < LIFE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::password;

    #[test]
    fn c42_half_a_login_lasts_minutes_and_six_misses() {
        let (halfway, now) = (Halfway::default(), Instant::now());
        let hashed = password::hash("maré alta às nove").unwrap();
        let begin = || halfway.begin(UserId(7), hashed.clone(), "a@b.c".into(), now);
        let (one, other) = (begin(), begin());
        assert_ne!(one, other);
        assert!(halfway.of(&one, now + LIFE - Duration::from_secs(1)).is_some_and(|half| half.user == UserId(7)));
        assert!(halfway.of(&one, now + LIFE).is_none());
        assert!(halfway.of("", now).is_none() && halfway.of("ninguém", now).is_none());
        for n in 1..=5 {
            assert!(halfway.missed(&one), "{n}");
        }
        assert!(!halfway.missed(&one) && halfway.of(&one, now).is_none() && !halfway.missed(&one));
        assert!(halfway.of(&other, now).is_some(), "the other is not touched");
        halfway.end(&other);
        assert!(halfway.of(&other, now).is_none());
        let first = begin();
        for _ in 0..KEPT_MAX {
            halfway.begin(UserId(8), hashed.clone(), String::new(), now + Duration::from_secs(1));
        }
        assert!(halfway.of(&first, now + Duration::from_secs(2)).is_none(), "the oldest goes");
        assert_eq!(halfway.all().len(), KEPT_MAX);
    }
}
