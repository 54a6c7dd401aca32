//! Certificates: what each front door shows to those who ask for TLS, where it comes from, and that it never runs out.

mod files;
mod front;
mod network;
mod pair;

pub use files::Files;
pub use front::{Front, TlsStream};
pub use network::Network;
pub use pair::{Broken, Pair, fingerprint};

use rustls::crypto::CryptoProvider;
use std::sync::{Arc, LazyLock};

/// The one provider of ciphers.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    PROVIDER.clone()
}

/// The TLS of both front doors.
pub struct Tls {
    /// The office's.
    pub office: Arc<Front>,
    /// The portal's.
    pub portal: Arc<Front>,
    followed: Vec<(Files, Arc<Front>, (String, String))>,
}

/// What the command line says of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The office's certificate and key.
    pub office: Option<Files>,
    /// The portal's.
    pub portal: Option<Files>,
}

impl Tls {
    /// Reads what there is. A pair that was given and cannot be used is the end.
    pub fn open(given: Given) -> Result<Self, Broken> {
        let tls = Self { office: Arc::default(), portal: Arc::default(), followed: Vec::new() };
        let mut followed = Vec::new();
        for (files, front) in [(given.office, &tls.office), (given.portal, &tls.portal)] {
            if let Some(files) = files {
                let texts =
                    files.show(front).map_err(|why| Broken::Unreadable(format!("{}: {why}", files.chain.display())))?;
                followed.push((files, front.clone(), texts));
            }
        }
        Ok(Self { followed, ..tls })
    }

    /// Keeps everything fresh, for ever.
    pub async fn keep(self: Arc<Self>) {
        let followed = self.followed.iter().cloned();
        futures_util::future::join_all(followed.map(|(files, front, texts)| files::follow(files, front, texts))).await;
    }
}
