//! What happened, in order: the house's only tale of itself. It holds ids, not contents, and is let go of with time.

use super::record::{self, Order, Raw, Table};
use super::{Fault, META, Snapshot, Tx};
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;

pub(super) const JOURNAL: Table = "journal";
/// Events let go of at most at once.
const TRIMMED_MAX: usize = 10_000;

/// Journal events behind some number.
pub struct News<E> {
    /// The events in order, each with its number.
    pub events: Vec<(u64, E)>,
    /// The reader is so far behind that some are gone.
    pub gap: bool,
}

impl Snapshot {
    /// The number of the journal's last event.
    pub fn reached(&self) -> Result<u64, Fault> {
        reached(self)
    }

    /// The journal's events after number `since`, at most `most`.
    pub fn journal<E: DeserializeOwned>(&self, since: u64, most: usize) -> Result<News<E>, Fault> {
        let mut news = News { events: Vec::new(), gap: false };
        let mut failed = None;
        let low = since.saturating_add(1).to_be_bytes();
        self.walk(JOURNAL, &low, None, Order::Rising, &mut |key, value| {
            let number = key.try_into().map_or(0, u64::from_be_bytes);
            match record::unseal(number, value) {
                Ok(event) => news.events.push((number, event)),
                Err(fault) => failed = Some(fault),
            }
            if failed.is_some() || news.events.len() >= most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        let reached = self.reached()?;
        news.gap = since > reached || news.events.first().map_or(since < reached, |(number, _)| *number > since + 1);
        failed.map_or(Ok(news), Err)
    }
}

/// The number of the journal's last event.
pub(super) fn reached(raw: &impl Raw) -> Result<u64, Fault> {
    record::count(JOURNAL, raw.raw(META, JOURNAL.as_bytes())?.as_deref())
}

/// When the last event was written, in milliseconds since 1970; 0 where there is none, or it is damaged.
pub(super) fn last_at(look: &Snapshot) -> Result<i64, Fault> {
    let mut last = 0;
    look.walk(JOURNAL, &[], None, Order::Falling, &mut |key, value| {
        let number = key.try_into().map_or(0, u64::from_be_bytes);
        if record::unseal::<serde::de::IgnoredAny>(number, value).is_ok() {
            last = stamp(value);
        }
        ControlFlow::Break(())
    })?;
    Ok(last)
}

fn stamp(value: &[u8]) -> i64 {
    value.first_chunk::<8>().map_or(i64::MIN, |bytes| i64::from_be_bytes(*bytes))
}

/// Drops journal events older than `before` (milliseconds since 1970); who is further behind must reload. One that a
/// clock stamped which was ahead is as old as the next that is not.
pub fn trim_journal(tx: &mut Tx<'_>, before: i64) -> Result<(), Fault> {
    let (mut passed, mut old, now) = (Vec::new(), 0, tx.now());
    tx.walk(JOURNAL, &[], None, Order::Rising, &mut |key, value| {
        let at = stamp(value);
        if (before..=now).contains(&at) || passed.len() >= TRIMMED_MAX {
            return ControlFlow::Break(());
        }
        passed.push(key.to_vec());
        if at < before {
            old = passed.len();
        }
        ControlFlow::Continue(())
    })?;
    for key in passed.drain(..old) {
        tx.remove_raw(JOURNAL, &key);
    }
    Ok(())
}
