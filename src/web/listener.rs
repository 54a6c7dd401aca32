//! The door of the house: our own accept loop, because poem's server bounds neither heads, nor peers, nor its own end.
//!
//! HTTP/1.1 only, plain or in TLS on the same port: the first byte tells. A connection is a [`seats::Seat`] (how many, whose, doing what) around a [`wire::Wire`] (how long
//! its bytes may take), and it keeps both through a WebSocket upgrade. How long a *request* may take and how much it
//! may carry is [`super::guard`]'s business.

mod pace;
mod proxies;
mod seats;
mod wire;

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::{StatusCode, uri::Scheme};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, IntoEndpoint, Request};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::tls::{Front, TlsStream};
pub use pace::Pace;
pub(super) use pace::Stopwatch;
pub use proxies::Proxies;
use seats::{Phase, Seat, Seats, Taken};
use wire::Wire;

/// What one listener gives its peers. [`Default`] holds the values of the house.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections in all, WebSockets included. The process needs as many file descriptors, and some.
    pub connections_max: usize,
    /// Open connections of one peer: an IPv4 address or an IPv6 /64. Behind a reverse proxy everybody is one peer.
    pub connections_per_peer_max: usize,
    /// From the first byte of a request to the end of its head; for a connection's first one from the accept, TLS
    /// handshake included.
    pub head: Duration,
    /// A kept-alive connection between two requests. Longer than a proxy's own (60 s is usual), or the two race.
    pub idle: Duration,
    /// How fast a peer must take what we send.
    pub write: Pace,
    /// How long a closing connection still hears its peer out, so that our last answer is read before a reset.
    pub linger: Duration,
    /// How long running requests and WebSockets may go on after the stop.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 2_000,
            // Sixty people behind one address, six connections each, and as much again.
            connections_per_peer_max: 600,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Pace::default(),
            linger: Duration::from_secs(2),
            stop: Duration::from_secs(5),
        }
    }
}

/// How one listener meets its peers. [`Default`] speaks plain HTTP with peers that are who they seem to be.
#[derive(Clone, Default)]
pub struct Terms {
    /// How much, how many, how long.
    pub limits: Limits,
    /// Its certificate, if it has one.
    pub tls: Arc<Front>,
    /// Who may speak for others.
    pub proxies: Arc<Proxies>,
}

/// A longer request head is answered 431.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// What hyper may buffer of one connection; its own 400 KB are much for two thousand.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// The first byte of a TLS connection (RFC 8446, 5.1); no HTTP request begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// A failing accept (no descriptor left, mostly) is tried again after this.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `endpoint` on `listener` until `stop` holds true (or its sender is gone), then waits for what is running, at
/// most [`Limits::stop`], and drops the rest.
///
/// A peer above its limit takes the place of its own connection that waited longest for a request; one with only busy
/// connections is closed unanswered. With both lengths in one head hyper goes by `Transfer-Encoding` and makes the
/// request the connection's last (RFC 9112, 6.1); two different `Content-Length` are 400.
pub async fn serve<E>(listener: TcpListener, endpoint: E, terms: Terms, mut stop: watch::Receiver<bool>)
where
    E: IntoEndpoint,
    E::Endpoint: 'static,
{
    let endpoint = Arc::new(endpoint.into_endpoint());
    let limits = terms.limits;
    let seats = Seats::new(limits.connections_max, limits.connections_per_peer_max);
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                failing = false;
                // A proxy's connections are many people's.
                let taken = if terms.proxies.trust(peer.ip()) {
                    Seats::take_any(&seats, peer.ip())
                } else {
                    Seats::take(&seats, peer.ip())
                };
                match taken {
                    Some(taken) => {
                        let talk = talk(stream, peer, taken, endpoint.clone(), terms.clone(), stop.clone());
                        tokio::spawn(talk);
                    }
                    None => tracing::debug!(%peer, "connection refused: limit reached"),
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%error, "cannot accept connections");
                }
                seats.free_one();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.stop, seats.empty()).await.is_err() {
        seats.cut_all();
    }
}

/// Returns when `stop` holds true. A dropped sender counts: nobody could stop us any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The two ends of a connection, and what is known of them.
struct Line {
    local: SocketAddr,
    peer: SocketAddr,
    seat: Arc<Seat>,
    proxies: Arc<Proxies>,
    is_tls: bool,
}

/// What the first byte told.
enum Spoken {
    Plain(Box<Wire>),
    Tls(Box<TlsStream<Wire>>),
}

/// One connection, from accept to close or upgrade.
async fn talk<E: Endpoint + 'static>(
    stream: TcpStream,
    peer: SocketAddr,
    taken: Taken,
    endpoint: Arc<E>,
    terms: Terms,
    mut stop: watch::Receiver<bool>,
) {
    // Without it a small answer waits for the ACK of the one before.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let seat = taken.seat().clone();
    // A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d.
    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    let mut wire = Wire::new(stream, taken, &terms.limits);
    let tls = terms.tls.clone();
    let line = Line { local, peer, seat: seat.clone(), proxies: terms.proxies, is_tls: false };
    let run = async {
        if !tls.listens() {
            return converse(wire, line, endpoint, stop).await;
        }
        let greeting = async {
            match wire.first_byte().await? {
                TLS_HANDSHAKE => tls.accept(wire).await.ok().flatten().map(|stream| Spoken::Tls(Box::new(stream))),
                _ => Some(Spoken::Plain(Box::new(wire))),
            }
        };
        let spoken = tokio::select! {
            spoken = greeting => spoken,
            () = stopped(&mut stop) => None,
        };
        match spoken {
            Some(Spoken::Tls(stream)) => converse(stream, Line { is_tls: true, ..line }, endpoint, stop).await,
            Some(Spoken::Plain(wire)) => converse(wire, line, endpoint, stop).await,
            // Never began, or not in time: nothing to mend and nobody to tell.
            None => {}
        }
    };
    tokio::select! {
        () = run => {}
        () = seat.is_cut() => {}
    }
}

/// HTTP over a connection that speaks it, until its end or the house's.
async fn converse<Io, E>(io: Io, line: Line, endpoint: Arc<E>, mut stop: watch::Receiver<bool>)
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    E: Endpoint + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        line.seat.enter(Phase::Busy);
        let (peer, by_tls) = line.proxies.origin(line.peer, line.is_tls, request.headers());
        let scheme = if by_tls { Scheme::HTTPS } else { Scheme::HTTP };
        let request = Request::from((request, LocalAddr(line.local.into()), RemoteAddr(peer.into()), scheme));
        answer(endpoint.clone(), request, line.seat.clone())
    });
    // The wire keeps both the head and the idle limit, which hyper's single timer cannot tell apart.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => connection.as_mut().graceful_shutdown(),
    }
    // An error here is the peer's or a limit's: nothing to mend and nobody to tell.
    let _ = connection.await;
}

/// Asks the endpoint, and marks the seat when the answer is over.
async fn answer<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
    seat: Arc<Seat>,
) -> Result<hyper::Response<Answer<impl Body<Data = hyper::body::Bytes, Error = std::io::Error>>>, Infallible> {
    let response = endpoint.get_response(request).await;
    // After 101 the bytes are no longer ours to time.
    let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    let done = (!upgraded).then(|| Done(seat));
    let response: hyper::Response<_> = response.into();
    Ok(response.map(|body| Answer { body, _done: done }))
}

/// A response body that tells the seat when it is over.
struct Answer<B> {
    body: B,
    _done: Option<Done>,
}

/// Dropped with the body: sent whole, or given up.
struct Done(Arc<Seat>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
