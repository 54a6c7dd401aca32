//! Certificates: what each front door shows to those who ask for TLS, where it comes from, and that it never runs out.
//!
//! Three sources. **Files** of somebody else's care ([`Files`]) are read again whenever they change, and go before all
//! else. The **office's own** authority ([`office`]) serves a network on which no other would sign. The **portal's**
//! certificate is asked for by ACME ([`portal`]). What is made here lies among the directory's secrets.

mod acme;
mod authority;
mod files;
mod front;
mod names;
mod network;
mod office;
mod pair;
mod portal;

pub use files::Files;
pub use front::{Front, TlsStream};
pub use network::Network;
pub use office::{Office, Wrong};
pub use pair::{Broken, Pair, fingerprint};
pub use portal::{Portal, State};

use crate::store::secrets;
use rustls::crypto::CryptoProvider;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// What was switched on, as JSON.
const SETTINGS: &str = "tls-settings";
/// How often addresses and ages are looked at.
const HOUR: Duration = Duration::from_secs(3_600);

/// The one provider of ciphers.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    PROVIDER.clone()
}

/// Now, in seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().try_into().unwrap_or(i64::MAX))
}

/// The TLS of both front doors.
pub struct Tls {
    /// The office's.
    pub office: Arc<Front>,
    /// The portal's.
    pub portal: Arc<Front>,
    /// Whether a pair was given on the command line.
    pub office_given: bool,
    /// Likewise.
    pub portal_given: bool,
    dir: PathBuf,
    followed: Vec<(Files, Arc<Front>, (String, String))>,
    settings: Mutex<Settings>,
    acme: acme::Server,
    /// Rings when the portal's certificate shall be asked for at once.
    hurry: Notify,
}

/// What the command line says of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The office's certificate and key.
    pub office: Option<Files>,
    /// The portal's.
    pub portal: Option<Files>,
    /// Where certificates are asked for, if not at Let's Encrypt.
    pub directory: Option<String>,
    /// The authority (PEM file) of that place, if it is none of the public ones.
    pub directory_authority: Option<PathBuf>,
}

/// What was switched on in the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    office: Option<office::Own>,
    portal: Option<portal::Wish>,
}

impl Tls {
    /// Reads what there is. A pair that was given and cannot be used is the end; one of our own is made again.
    pub fn open(dir: &Path, given: Given) -> Result<Self, Broken> {
        let unreadable = |why: io::Error| Broken::Unreadable(format!("{SETTINGS} cannot be read: {why}"));
        let kept = secrets::read(dir, SETTINGS).map_err(unreadable)?;
        let settings = kept.map_or(Ok(Settings::default()), |text| serde_json::from_str(&text));
        let settings = settings.unwrap_or_else(|why| {
            tracing::error!(%why, "{SETTINGS} is damaged: HTTPS has to be switched on again");
            Settings::default()
        });
        let (office, portal) = (Arc::<Front>::default(), Arc::<Front>::default());
        let (office_given, portal_given) = (given.office.is_some(), given.portal.is_some());
        let mut followed = Vec::new();
        for (files, front) in [(given.office, &office), (given.portal, &portal)] {
            if let Some(files) = files {
                let at = |why| Broken::Unreadable(format!("{}: {why}", files.chain.display()));
                let texts = files.show(front).map_err(at)?;
                followed.push((files, front.clone(), texts));
            }
        }
        let acme = acme::Server::new(given.directory, given.directory_authority)?;
        let settings = Mutex::new(settings);
        let (dir, hurry) = (dir.to_owned(), Notify::new());
        let tls = Self { office, portal, office_given, portal_given, dir, followed, settings, acme, hurry };
        if let Err(why) = tls.refresh_office() {
            tracing::error!(%why, "the office's certificate cannot be served");
        }
        tls.show_portal();
        Ok(tls)
    }

    /// Keeps everything fresh, for ever.
    pub async fn keep(self: Arc<Self>) {
        let followed = self.followed.iter().cloned();
        let files = followed.map(|(files, front, texts)| files::follow(files, front, texts));
        let (office, portal) = (self.clone().keep_office(), self.clone().keep_portal());
        tokio::join!(futures_util::future::join_all(files), office, portal);
    }

    async fn keep_office(self: Arc<Self>) {
        let mut hours = tokio::time::interval(HOUR);
        // The first is at once, and was done when it was opened.
        hours.tick().await;
        loop {
            hours.tick().await;
            let tls = self.clone();
            if let Ok(Err(why)) = tokio::task::spawn_blocking(move || tls.refresh_office()).await {
                tracing::error!(%why, "the office's certificate cannot be renewed");
            }
        }
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is remembered, on disk first.
    fn remember(&self, how: impl FnOnce(&mut Settings)) -> io::Result<()> {
        let mut settings = self.settings();
        let mut changed = settings.clone();
        how(&mut changed);
        let text = serde_json::to_string(&changed).map_err(io::Error::other)?;
        secrets::keep(&self.dir, SETTINGS, &text)?;
        *settings = changed;
        Ok(())
    }

    fn secret(&self, name: &str) -> io::Result<Option<String>> {
        secrets::read(&self.dir, name)
    }
}
