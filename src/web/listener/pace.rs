//! How slow a peer may be: shared by what we read (the guard's bodies) and what we write (the wire).

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// The least a peer must move. Only time spent waiting for the peer counts, so an idle stream is never late.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest single wait without a byte.
    pub stall: Duration,
    /// Waiting that is free before the rate is asked for.
    pub grace: Duration,
    /// Every second of waiting beyond the grace must have been paid with this many bytes, on average.
    pub bytes_per_second: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { stall: Duration::from_secs(10), grace: Duration::from_secs(10), bytes_per_second: 1024 }
    }
}

/// A [`Pace`] at work on one direction of one stream.
pub(in crate::web) struct Stopwatch {
    pace: Pace,
    bytes: u64,
    waited: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Stopwatch {
    pub(in crate::web) fn new(pace: Pace) -> Self {
        Self { pace, bytes: 0, waited: Duration::ZERO, waiting: None }
    }

    /// `bytes` went through: the current wait is over.
    pub(in crate::web) fn moved(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if let Some((since, _)) = self.waiting.take() {
            self.waited += since.elapsed();
        }
    }

    /// Called while nothing moves: true when the peer used up its time, else `cx` is woken when it will have.
    pub(in crate::web) fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let (_, alarm) = self.waiting.get_or_insert_with(|| {
            let paid = self.bytes / u64::from(self.pace.bytes_per_second.max(1));
            let credit = self.pace.grace.saturating_add(Duration::from_secs(paid));
            let left = credit.saturating_sub(self.waited).min(self.pace.stall);
            (Instant::now(), Box::pin(sleep(left)))
        });
        alarm.as_mut().poll(cx).is_ready()
    }
}
