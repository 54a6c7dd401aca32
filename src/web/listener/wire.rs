//! The socket of one connection with the time its bytes may take; hyper, and after an upgrade the WebSocket, talk
//! through it.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::seats::{Phase, Seat, Taken};
use super::{Limits, Stopwatch};

/// A socket that gives up on a peer that is too slow, and on its own connection when the seat is cut.
pub(super) struct Wire {
    stream: TcpStream,
    taken: Taken,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    head: Duration,
    idle: Duration,
    linger: Duration,
    /// One timer for the limit of the phase and, at the end, for the lingering.
    alarm: Pin<Box<Sleep>>,
    writing: Stopwatch,
    /// Our side is shut and we only hear the peer out.
    lingering: bool,
}

impl Wire {
    /// The seat is given back when the wire is dropped.
    pub(super) fn new(stream: TcpStream, taken: Taken, limits: &Limits) -> Self {
        Self {
            stream,
            cut: Box::pin(taken.seat().is_cut_owned()),
            taken,
            head: limits.head,
            idle: limits.idle,
            linger: limits.linger,
            alarm: Box::pin(sleep(limits.head)),
            writing: Stopwatch::new(limits.write),
            lingering: false,
        }
    }

    /// The first byte the peer sends, which stays to be read; nothing if none comes in time.
    pub(super) async fn first_byte(&mut self) -> Option<u8> {
        poll_fn(|cx| {
            if self.cut.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            if let Some(deadline) = self.deadline()
                && self.poll_alarm(deadline, cx).is_ready()
            {
                return Poll::Ready(None);
            }
            let mut byte = [0];
            let mut buffer = ReadBuf::new(&mut byte);
            let peeked = ready!(self.stream.poll_peek(cx, &mut buffer));
            Poll::Ready(peeked.ok().and_then(|_| buffer.filled().first().copied()))
        })
        .await
    }

    fn seat(&self) -> &Arc<Seat> {
        self.taken.seat()
    }

    /// When the present phase ends for a peer that sends nothing more; a busy one is the guard's to time.
    fn deadline(&self) -> Option<Instant> {
        match self.seat().phase() {
            (Phase::Head, since) => Some(since + self.head),
            (Phase::Idle, since) => Some(since + self.idle),
            (Phase::Busy, _) => None,
        }
    }

    /// Ready once `deadline` is over, else `cx` is woken then.
    fn poll_alarm(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        self.alarm.as_mut().poll(cx)
    }

    /// What every kind of write comes to: progress is noted, a wait is timed.
    fn paced(&mut self, poll: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match poll {
            Poll::Ready(Ok(bytes)) => self.writing.moved(bytes),
            Poll::Pending if self.writing.is_late(cx) => return Poll::Ready(Err(too_slow())),
            _ => {}
        }
        poll
    }

    /// Throws away what the peer still sends, until it closes or our patience ends.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut discarded = [0; 8 * 1024];
        loop {
            if self.cut.as_mut().poll(cx).is_ready() || self.alarm.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut discarded);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

fn too_slow() -> io::Error {
    io::ErrorKind::TimedOut.into()
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        // Checked before reading, or a byte in every interval would keep the limit away.
        if let Some(deadline) = self.deadline()
            && self.poll_alarm(deadline, cx).is_ready()
        {
            return Poll::Ready(Err(too_slow()));
        }
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before && self.seat().phase().0 == Phase::Idle {
            self.seat().enter(Phase::Head);
        }
        poll
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.paced(poll, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.paced(poll, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Says goodbye and hears the peer out: closing over unread bytes resets the connection, and an early answer
    /// (413, 400) would be lost with it.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.lingering {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.lingering = true;
            let end = Instant::now() + self.linger;
            self.alarm.as_mut().reset(end);
        }
        self.poll_linger(cx).map(Ok)
    }
}
