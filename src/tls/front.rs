//! What one front door shows to those who ask for TLS; exchanged while it serves.

use super::pair::Pair;
use rustls::ServerConfig;
use rustls::server::Acceptor;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::LazyConfigAcceptor;
pub use tokio_rustls::server::TlsStream;

/// The protocol of an ACME server that looks whether a name is ours (RFC 8737).
pub(super) const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// One listener's TLS. [`Default`] speaks none.
#[derive(Default)]
pub struct Front {
    shown: RwLock<Shown>,
}

#[derive(Clone, Default)]
struct Shown {
    pair: Option<Pair>,
    /// Whether plain requests are sent to TLS.
    strict: bool,
    /// The name under which the door is reached, where there is one above all others.
    home: Option<String>,
    proof: Option<Proof>,
}

/// What an ACME server wants to see, while it looks.
#[derive(Clone)]
pub(super) struct Proof {
    /// For who asks by TLS.
    pub(super) config: Arc<ServerConfig>,
    /// For who asks by HTTP: the token in the address, and the answer to it.
    pub(super) token: String,
    pub(super) answer: String,
}

impl Front {
    /// Serves `pair` from the next connection on. `strict` sends plain requests to TLS; `home` is the door's own name.
    pub(super) fn show(&self, pair: Pair, strict: bool, home: Option<String>) {
        self.change(|shown| (shown.pair, shown.strict, shown.home) = (Some(pair), strict, home));
    }

    /// Speaks plain HTTP again.
    pub(super) fn hide(&self) {
        self.change(|shown| (shown.pair, shown.strict, shown.home) = (None, false, None));
    }

    /// Sets or forgets what an ACME server wants to see.
    pub(super) fn prove(&self, proof: Option<Proof>) {
        self.change(|shown| shown.proof = proof);
    }

    fn change(&self, how: impl FnOnce(&mut Shown)) {
        how(&mut self.shown.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn look<T>(&self, how: impl FnOnce(&Shown) -> T) -> T {
        how(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The pair that is served, if one is.
    pub fn pair(&self) -> Option<Pair> {
        self.look(|shown| shown.pair.clone())
    }

    /// Whether somebody who begins with a TLS greeting is worth hearing.
    pub fn listens(&self) -> bool {
        self.look(|shown| shown.pair.is_some() || shown.proof.is_some())
    }

    /// Whether plain requests are sent to TLS.
    pub fn is_strict(&self) -> bool {
        self.look(|shown| shown.strict)
    }

    /// Whether the certificate names this host (without port).
    pub fn names(&self, host: &str) -> bool {
        self.look(|shown| shown.pair.as_ref().is_some_and(|pair| pair.names(host)))
    }

    /// The name under which the door is reached, where there is one above all others.
    pub fn home(&self) -> Option<String> {
        self.look(|shown| shown.home.clone())
    }

    /// The answer to an ACME server that asks by HTTP (RFC 8555, 8.3).
    pub fn answer_to(&self, token: &str) -> Option<String> {
        self.look(|shown| shown.proof.as_ref().filter(|proof| proof.token == token).map(|proof| proof.answer.clone()))
    }

    /// Shakes hands. Nothing if that was all there was to it: an ACME server has seen what it came for.
    pub async fn accept<Io: AsyncRead + AsyncWrite + Unpin>(&self, io: Io) -> io::Result<Option<TlsStream<Io>>> {
        let greeting = LazyConfigAcceptor::new(Acceptor::default(), io).await?;
        let acme = greeting.client_hello().alpn().is_some_and(|mut all| all.any(|one| one == ACME_PROTOCOL));
        let config = self.look(|shown| match (acme, &shown.proof) {
            (true, Some(proof)) => Some(proof.config.clone()),
            _ => shown.pair.as_ref().map(|pair| pair.config.clone()),
        });
        let config = config.ok_or(io::ErrorKind::ConnectionRefused)?;
        let mut stream = greeting.into_stream(config).await?;
        if stream.get_ref().1.alpn_protocol() == Some(ACME_PROTOCOL) {
            stream.shutdown().await?;
            return Ok(None);
        }
        Ok(Some(stream))
    }
}
