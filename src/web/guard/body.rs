//! A request body that counts and times itself while it is read. Nothing is buffered.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use futures_util::Stream;
use hyper::body::Bytes;
use poem::error::ReadBodyError;
use poem::http::StatusCode;
use poem::{Body, Request};

use crate::web::listener::{Pace, Stopwatch};

const RUNS: u8 = 0;
const WAITS: u8 = 1;
const TOO_LARGE: u8 = 2;
const TOO_SLOW: u8 = 3;
const OVER: u8 = 4;

/// How the reading of one body goes, told by the body to the guard: the error that a handler sees passes through
/// poem, which makes a 400 of it, and through code of ours that may make anything of it.
pub(super) struct Reading(AtomicU8);

impl Reading {
    /// The answer to a body that was cut.
    pub(super) fn verdict(&self) -> Option<StatusCode> {
        match self.0.load(Ordering::Relaxed) {
            TOO_LARGE => Some(StatusCode::PAYLOAD_TOO_LARGE),
            TOO_SLOW => Some(StatusCode::REQUEST_TIMEOUT),
            _ => None,
        }
    }

    /// Somebody reads, and the peer sends nothing.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.load(Ordering::Relaxed) == WAITS
    }

    /// All of it was read, or there was none.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == OVER
    }

    fn becomes(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }
}

/// `request` with a body that fails after `bytes_max` bytes or when slower than `pace`.
pub(super) fn metered(mut request: Request, bytes_max: u64, pace: Pace) -> (Request, Arc<Reading>) {
    let body = request.take_body();
    let reading = Arc::new(Reading(AtomicU8::new(if body.is_empty() { OVER } else { RUNS })));
    // An empty body stays what it is, because poem's optional extractors look at its size.
    if !body.is_empty() {
        request.set_body(Body::from_bytes_stream(Meter {
            inner: Some(Box::pin(body.into_bytes_stream())),
            left: bytes_max,
            stopwatch: Stopwatch::new(pace),
            reading: reading.clone(),
        }));
    }
    (request, reading)
}

struct Meter {
    /// Gone after the end or the cut, so that hyper stops reading too.
    inner: Option<Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>>,
    left: u64,
    stopwatch: Stopwatch,
    reading: Arc<Reading>,
}

impl Meter {
    fn cut(&mut self, state: u8, error: io::Error) -> Poll<Option<io::Result<Bytes>>> {
        self.inner = None;
        self.reading.becomes(state);
        Poll::Ready(Some(Err(error)))
    }
}

impl Stream for Meter {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(inner) = &mut self.inner else {
            return Poll::Ready(None);
        };
        let poll = inner.as_mut().poll_next(cx);
        match poll {
            Poll::Pending if self.stopwatch.is_late(cx) => self.cut(TOO_SLOW, io::ErrorKind::TimedOut.into()),
            Poll::Pending => {
                self.reading.becomes(WAITS);
                Poll::Pending
            }
            Poll::Ready(Some(Ok(bytes))) => {
                self.stopwatch.moved(bytes.len());
                match self.left.checked_sub(bytes.len() as u64) {
                    Some(left) => {
                        self.left = left;
                        self.reading.becomes(RUNS);
                        Poll::Ready(Some(Ok(bytes)))
                    }
                    None => self.cut(TOO_LARGE, io::Error::other(ReadBodyError::PayloadTooLarge)),
                }
            }
            Poll::Ready(None) => {
                self.inner = None;
                self.reading.becomes(OVER);
                Poll::Ready(None)
            }
            Poll::Ready(failed) => {
                self.reading.becomes(RUNS);
                Poll::Ready(failed)
            }
        }
    }
}
