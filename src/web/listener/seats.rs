//! Who is connected: counts connections in all and per peer, and knows which of them only wait.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture, WaitForCancellationFutureOwned};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// New, or in the middle of a request's head.
    Head,
    /// A request is being read, worked on or answered; or the connection was upgraded.
    Busy,
    /// Kept alive between two requests.
    Idle,
}

/// One connection as the others see it.
pub(super) struct Seat {
    peer: IpAddr,
    cut: CancellationToken,
    phase: Mutex<(Phase, Instant)>,
}

impl Seat {
    /// The connection now does `phase`.
    pub(super) fn enter(&self, phase: Phase) {
        *locked(&self.phase) = (phase, Instant::now());
    }

    /// What the connection does, and since when.
    pub(super) fn phase(&self) -> (Phase, Instant) {
        *locked(&self.phase)
    }

    /// Ready when the connection must end at once.
    pub(super) fn is_cut(&self) -> WaitForCancellationFuture<'_> {
        self.cut.cancelled()
    }

    /// As [`Seat::is_cut`], for who cannot borrow.
    pub(super) fn is_cut_owned(&self) -> WaitForCancellationFutureOwned {
        self.cut.clone().cancelled_owned()
    }
}

/// All connections of one listener, oldest first.
pub(super) struct Seats {
    max: usize,
    per_peer_max: usize,
    rows: Mutex<(u64, BTreeMap<u64, Arc<Seat>>)>,
    left: Notify,
}

impl Seats {
    /// `max` connections in all, `per_peer_max` for one peer.
    pub(super) fn new(max: usize, per_peer_max: usize) -> Arc<Self> {
        Arc::new(Self { max, per_peer_max, rows: Mutex::default(), left: Notify::new() })
    }

    /// A seat for a connection from `address`, if need be that of whoever waited longest for a request: the peer's
    /// own when the peer is at its limit, anybody's when the house is. `None` when all those are busy.
    pub(super) fn take(seats: &Arc<Self>, address: IpAddr) -> Option<Taken> {
        Self::take_one(seats, address, seats.per_peer_max)
    }

    /// The same for a peer who may have as many as the house.
    pub(super) fn take_any(seats: &Arc<Self>, address: IpAddr) -> Option<Taken> {
        Self::take_one(seats, address, usize::MAX)
    }

    fn take_one(seats: &Arc<Self>, address: IpAddr, own_max: usize) -> Option<Taken> {
        let peer = peer_of(address);
        let mut rows = locked(&seats.rows);
        let (total, own) =
            present(&rows.1).fold((0, 0), |(total, own), seat| (total + 1, own + usize::from(seat.peer == peer)));
        if own >= own_max {
            longest_waiting(present(&rows.1).filter(|seat| seat.peer == peer))?.cut.cancel();
        } else if total >= seats.max {
            longest_waiting(present(&rows.1))?.cut.cancel();
        }
        let seat =
            Arc::new(Seat { peer, cut: CancellationToken::new(), phase: Mutex::new((Phase::Head, Instant::now())) });
        let id = rows.0;
        rows.0 += 1;
        rows.1.insert(id, seat.clone());
        Some(Taken { seats: seats.clone(), id, seat })
    }

    /// Closes the connection that waited longest for a request, if any waits: the process is out of descriptors.
    pub(super) fn free_one(&self) {
        if let Some(seat) = longest_waiting(present(&locked(&self.rows).1)) {
            seat.cut.cancel();
        }
    }

    /// Ends every connection at once, upgraded ones included.
    pub(super) fn cut_all(&self) {
        for seat in locked(&self.rows).1.values() {
            seat.cut.cancel();
        }
    }

    /// Returns when nobody is connected.
    pub(super) async fn empty(&self) {
        loop {
            let left = self.left.notified();
            if locked(&self.rows).1.is_empty() {
                return;
            }
            left.await;
        }
    }
}

/// A taken seat; dropped with the connection's socket.
pub(super) struct Taken {
    seats: Arc<Seats>,
    id: u64,
    seat: Arc<Seat>,
}

impl Taken {
    pub(super) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        locked(&self.seats.rows).1.remove(&self.id);
        self.seats.left.notify_waiters();
    }
}

/// The seats not yet told to leave.
fn present(rows: &BTreeMap<u64, Arc<Seat>>) -> impl Iterator<Item = &Arc<Seat>> {
    rows.values().filter(|seat| !seat.cut.is_cancelled())
}

fn longest_waiting<'a>(seats: impl Iterator<Item = &'a Arc<Seat>>) -> Option<&'a Arc<Seat>> {
    seats
        .map(|seat| (seat, seat.phase()))
        .filter(|(_, (phase, _))| *phase != Phase::Busy)
        .min_by_key(|(_, (_, since))| *since)
        .map(|(seat, _)| seat)
}

/// Whom an address counts for: itself, or its /64, since one IPv6 subscriber owns all of that.
fn peer_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

/// Nothing panics while it holds these locks, and a poisoned count would still be right.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(seats: &Arc<Seats>, address: &str) -> Option<Taken> {
        Seats::take(seats, address.parse().unwrap())
    }

    #[test]
    fn a_subscriber_is_one_peer() {
        let same = [
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ];
        for (a, b, expected) in same {
            let same = peer_of(a.parse().unwrap()) == peer_of(b.parse().unwrap());
            assert_eq!(same, expected, "{a} and {b}");
        }
    }

    #[tokio::test]
    async fn the_longest_waiting_of_the_same_peer_makes_room() {
        let seats = Seats::new(3, 2);
        let busy = take(&seats, "10.0.0.1").unwrap();
        busy.seat().enter(Phase::Busy);
        let waits = take(&seats, "10.0.0.1").unwrap();
        let other = take(&seats, "10.0.0.2").unwrap();
        let newer = take(&seats, "10.0.0.1").unwrap();
        assert!(waits.seat().cut.is_cancelled());
        assert!(!busy.seat().cut.is_cancelled() && !other.seat().cut.is_cancelled());
        newer.seat().enter(Phase::Busy);
        assert!(take(&seats, "10.0.0.1").is_none(), "all of the peer are busy");
        drop(newer);
        assert!(take(&seats, "10.0.0.1").is_some(), "a seat that was left is free");
    }

    #[tokio::test]
    async fn a_full_house_refuses_when_all_are_busy() {
        let seats = Seats::new(1, 5);
        let first = take(&seats, "10.0.0.1").unwrap();
        first.seat().enter(Phase::Busy);
        assert!(take(&seats, "10.0.0.2").is_none());
        first.seat().enter(Phase::Idle);
        let second = take(&seats, "10.0.0.2").unwrap();
        assert!(first.seat().cut.is_cancelled());
        drop((first, second));
        seats.empty().await;
    }
}
