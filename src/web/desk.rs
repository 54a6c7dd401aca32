//! What every screen has at hand: the store, the files, who is connected, and the limits on logging in.

use super::halfway::Halfway;
use super::limits::{Attempts, Lately};
use crate::domain::agency::{self, Agency};
use crate::domain::password::{self, Hashed};
use crate::domain::second_factor::seal::Seal;
use crate::domain::{Answer, No, Refusal, Viewer, token};
use crate::pulse::Pulse;
use crate::search::{Found, Question, Search};
use crate::store::files::Files;
use crate::store::secrets;
use crate::store::{Fault, Health, Snapshot, Store};
use crate::tls::Tls;
use crate::vault::keeper::Keeper;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

/// Password hashes computed at once: each takes 19 MiB and a core.
const HASHES_MAX: usize = 2;
/// How long somebody waits for their turn at those before they are asked to come back (BAR 6.3.1).
const HASH_WAIT: Duration = Duration::from_secs(4);
/// Searches at once: each takes a core for some milliseconds.
const SEARCHES_MAX: usize = 4;
/// Looks through the whole audit at once.
const AUDITS_MAX: usize = 2;
/// The secret that opens the seeds of second factors.
const SEAL: &str = "second-factors";

/// How the house looks from outside.
pub struct Front {
    /// The office's host and port, as the house knows them.
    pub office: String,
    /// The portal's address where the agency named none.
    pub portal: String,
    /// The certificates of the doors.
    pub tls: Arc<Tls>,
    /// Whether this is the demonstration.
    pub demo: bool,
}

/// Where things are kept and found.
pub struct Shelves {
    /// What is kept.
    pub store: Arc<Store>,
    /// The bytes of files.
    pub files: Files,
    /// The index over the texts.
    pub search: Arc<Search>,
    /// Who makes copies.
    pub keeper: Arc<Keeper>,
}

/// The things of one running house.
pub struct Desk {
    /// What is kept.
    pub store: Arc<Store>,
    /// The bytes of files.
    pub files: Files,
    /// The index over the texts.
    pub search: Arc<Search>,
    /// Who makes copies.
    pub keeper: Arc<Keeper>,
    /// Who is typing.
    pub pulse: Pulse,
    /// Wrong passwords lately.
    pub attempts: Attempts,
    /// The same at the portal's door.
    pub attempts_outside: Attempts,
    /// What of the audit would otherwise be written again and again.
    pub lately: Lately,
    /// Logins that wait for their second factor.
    pub halfway: Halfway,
    /// The certificates of the doors.
    pub tls: Arc<Tls>,
    /// True once the house is closing.
    pub closing: watch::Receiver<bool>,
    /// Whether this is the demonstration, which shows the gallery.
    pub demo: bool,
    hashing: Arc<Semaphore>,
    searching: Arc<Semaphore>,
    auditing: Arc<Semaphore>,
    setup_code: Mutex<Option<String>>,
    seal: Mutex<Option<Arc<Seal>>>,
    dir: PathBuf,
    office: String,
    portal: String,
}

impl Desk {
    /// Brings the things together. `setup_code` lets in whoever sets up the agency, while there is none.
    pub fn new(
        shelves: Shelves,
        dir: &Path,
        setup_code: Option<String>,
        front: Front,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            store: shelves.store,
            files: shelves.files,
            search: shelves.search,
            keeper: shelves.keeper,
            pulse: Pulse::default(),
            attempts: Attempts::default(),
            attempts_outside: Attempts::default(),
            lately: Lately::default(),
            closing,
            demo: front.demo,
            tls: front.tls,
            hashing: Arc::new(Semaphore::new(HASHES_MAX)),
            searching: Arc::new(Semaphore::new(SEARCHES_MAX)),
            auditing: Arc::new(Semaphore::new(AUDITS_MAX)),
            setup_code: Mutex::new(setup_code),
            halfway: Halfway::default(),
            seal: Mutex::default(),
            dir: dir.to_owned(),
            office: front.office,
            portal: front.portal,
        }
    }

    /// What is committed now.
    pub fn look(&self) -> Result<Snapshot, Fault> {
        self.store.look()
    }

    /// How the disk is at this moment.
    pub fn health(&self) -> Health {
        *self.store.health().borrow()
    }

    /// The agency, if it was set up.
    pub fn agency(&self) -> Answer<Option<Agency>> {
        agency::the(&self.look()?)
    }

    /// Where the data directory is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the portal is reached where the agency named no address: by the name in its own certificate, or this
    /// machine; never what a request says (C41).
    pub fn portal(&self) -> String {
        self.tls.portal.home().map_or_else(|| self.portal.clone(), |name| format!("https://{name}"))
    }

    /// Where the office is reached: where it speaks only TLS by https, under the name in a certificate that was given;
    /// never what a request says (C41).
    pub fn office(&self) -> String {
        let front = &self.tls.office;
        let port = self.office.rsplit_once(':').map_or("", |(_, port)| port);
        match (front.is_strict(), front.home()) {
            (true, Some(name)) if port == "443" => format!("https://{name}"),
            (true, Some(name)) => format!("https://{name}:{port}"),
            (true, None) => format!("https://{}", self.office),
            (false, _) => format!("http://{}", self.office),
        }
    }

    /// Whether this is the code printed at the start, however it was typed.
    pub fn is_setup_code(&self, typed: &str) -> bool {
        let code = self.setup_code.lock().unwrap_or_else(PoisonError::into_inner);
        let plain =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        code.as_ref().is_some_and(|code| token::same(&plain(code), &plain(typed)))
    }

    /// The code is used up.
    pub fn forget_setup_code(&self) {
        self.setup_code.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The seal of second factors, where its key is here: a backup that is not encrypted brings none.
    pub fn seal(&self) -> Answer<Option<Arc<Seal>>> {
        self.sealing(false)
    }

    /// The same, made where there is none.
    pub fn seal_or_make(&self) -> Answer<Arc<Seal>> {
        Ok(self.sealing(true)?.ok_or(Fault::Closed)?)
    }

    fn sealing(&self, make: bool) -> Answer<Option<Arc<Seal>>> {
        let disk = |error: std::io::Error| Fault::Storage(error.to_string());
        let mut seal = self.seal.lock().unwrap_or_else(PoisonError::into_inner);
        if seal.is_none() {
            let kept = secrets::read(&self.dir, SEAL).map_err(disk)?;
            let key = match kept.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()) {
                None if make => {
                    let key = Seal::key();
                    secrets::keep(&self.dir, SEAL, &URL_SAFE_NO_PAD.encode(key)).map_err(disk)?;
                    Some(key.to_vec())
                }
                key => key,
            };
            *seal = key.and_then(|key| Seal::of(&key)).map(Arc::new);
        }
        Ok(seal.clone())
    }

    /// Hashes a password, beside another of the same person if there is one, away from the threads that serve.
    pub async fn hash(&self, password: String, beside: Option<Hashed>) -> Answer<Hashed> {
        self.hashing(move || match beside {
            Some(other) => password::hash_beside(&password, &other),
            None => password::hash(&password),
        })
        .await?
        .map_err(No::from)
    }

    /// Whether a password fits a hash; without one it takes as long and says no.
    pub async fn fits(&self, password: String, hashed: Option<Hashed>) -> Answer<bool> {
        self.hashing(move || match hashed {
            Some(hashed) => password::fits(&password, &hashed),
            None => password::fits_nobody(&password),
        })
        .await
    }

    /// What of all there is this viewer may see and answers a question, away from the threads that serve.
    pub async fn find(&self, viewer: Viewer, question: Question) -> Answer<Found> {
        let permit = self.searching.clone().acquire_owned().await.map_err(|_| Fault::Closed)?;
        let (store, search) = (self.store.clone(), self.search.clone());
        let found = tokio::task::spawn_blocking(move || {
            let found = store.look().map_err(No::from).and_then(|look| search.find(&look, &viewer, &question));
            drop(permit);
            found
        });
        found.await.map_err(|_| Fault::Panicked)?
    }

    /// Leave to look through the whole audit, which few may do at once.
    pub async fn auditing(&self) -> Answer<OwnedSemaphorePermit> {
        Ok(self.auditing.clone().acquire_owned().await.map_err(|_| Fault::Closed)?)
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        let permit = turn(&self.hashing, HASH_WAIT).await?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        Ok(done.await.map_err(|_| Fault::Panicked)?)
    }
}

/// One's turn, or that there is none within this time.
async fn turn(turns: &Arc<Semaphore>, wait: Duration) -> Answer<OwnedSemaphorePermit> {
    let permit = timeout(wait, turns.clone().acquire_owned()).await.map_err(|_| Refusal::Busy)?;
    Ok(permit.map_err(|_| Fault::Closed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn asvs_6_3_1_nobody_waits_for_a_hash_for_ever() {
        let turns = Arc::new(Semaphore::new(1));
        let long = Duration::from_secs(30);
        let first = turn(&turns, long).await.unwrap();
        let second = turn(&turns, Duration::from_millis(10)).await;
        assert!(matches!(second, Err(No::Refused(Refusal::Busy))));
        drop(first);
        assert!(turn(&turns, long).await.is_ok());
    }
}
