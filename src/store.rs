//! Bytes and commits: tables of records with their indexes, one journal, one writer, one bell.
//!
//! Everything that changes goes through [`Store::write`]: a verb runs on the writer's thread against a view of its own,
//! shares its commit with whoever waited beside it, and is answered only when that commit is on disk. Then the bell
//! says how far the [`journal`](Store::journal) reaches, and everyone who must know reads forward. This floor knows no word
//! of the agency.

pub mod arrival;
pub mod check;
mod clock;
mod counts;
mod data_dir;
pub mod disk;
pub mod dump;
pub mod files;
mod glass;
mod handle;
mod heal;
mod journal;
mod key;
mod kind;
mod look;
mod record;
pub mod secrets;
pub mod snapshots;
pub mod steady;
mod tx;
mod upgrade;
mod writer;

pub use clock::{Clock, Machine, Reading, now, this_machine};
pub use data_dir::{DataDir, OpenError, RESTORING, VERSION, create};
pub use disk::Disk;
pub use journal::{News, trim_journal};
pub use key::Key;
pub use kind::Kind;
pub use look::Snapshot;
pub use record::{Id, Indexes, Look, Order, Raw, Record, Table, Visit};
pub use tx::Tx;

use handle::Ledger;
use journal::{JOURNAL, reached};
use look::sensible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

const META: Table = "meta";
/// How long a look that is still open may hold up the closing.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// A failure of ours: logged once, told to nobody in detail.
#[derive(thiserror::Error, Debug, Clone)]
pub enum Fault {
    /// The database or the disk under it refused.
    #[error("storage: {0}")]
    Storage(String),
    /// A record's checksum does not fit.
    #[error("damaged record {number} in {table}")]
    Damaged {
        /// Its table.
        table: Table,
        /// Its number.
        number: u64,
    },
    /// A record could not be written or read as bytes.
    #[error("encoding: {0}")]
    Encoding(String),
    /// The disk takes nothing at the moment: what was to be kept is not. It heals by itself.
    #[error("not kept: {0}")]
    Unwell(Health),
    /// A verb panicked; it left nothing behind.
    #[error("a write panicked")]
    Panicked,
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
}

/// How the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Well,
    /// Full: nothing new is kept. Looking goes on.
    Full,
    /// It failed in another way: nothing new is kept. Looking goes on as far as the disk can be read.
    Failing,
}

impl std::fmt::Display for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Well => "the disk is well",
            Self::Full => "the disk is full",
            Self::Failing => "the disk fails",
        })
    }
}

impl Fault {
    fn disk(error: std::io::Error) -> Self {
        Self::Storage(error.to_string())
    }
    fn transaction(error: redb::TransactionError) -> Self {
        Self::Storage(error.to_string())
    }
    fn table(error: redb::TableError) -> Self {
        Self::Storage(error.to_string())
    }
    fn storage(error: redb::StorageError) -> Self {
        Self::Storage(error.to_string())
    }
    fn commit(error: redb::CommitError) -> Self {
        Self::Storage(error.to_string())
    }
}

/// The open database.
pub struct Store {
    writer: writer::Writer,
    ward: Arc<heal::Ward>,
    bell: watch::Receiver<u64>,
    clock: Arc<Clock>,
}

impl Store {
    /// Opens the directory's database, which holds records of these kinds, and starts the writer's thread.
    pub fn open(dir: &DataDir, kinds: &[Kind]) -> Result<Self, OpenError> {
        let disk = dir.disk()?;
        let known = data_dir::examine(&disk, &dir.file())?;
        if known.1 < VERSION {
            upgrade::keep_aside(dir.path(), known.1).map_err(|why| OpenError::Unusable { path: dir.file(), why })?;
        }
        Self::known(disk, &dir.file(), kinds, known, this_machine())
    }

    /// The same on any disk, by any clock. `path` is what errors name.
    pub fn on(disk: Arc<dyn Disk>, path: &Path, kinds: &[Kind], machine: Machine) -> Result<Self, OpenError> {
        let known = data_dir::examine(&disk, path)?;
        Self::known(disk, path, kinds, known, machine)
    }

    fn known(
        disk: Arc<dyn Disk>,
        path: &Path,
        kinds: &[Kind],
        (mut ledger, layout): (Ledger, u64),
        machine: Machine,
    ) -> Result<Self, OpenError> {
        if layout < VERSION {
            upgrade::upgrade(&disk, kinds, ledger, layout)
                .map_err(|fault| OpenError::Damaged { path: path.to_owned(), why: fault.to_string() })?;
            ledger = data_dir::examine(&disk, path)?.0;
        }
        let (notes, waiting) = writer::notes();
        let damaged = |fault: Fault| OpenError::Damaged { path: path.to_owned(), why: fault.to_string() };
        let opened = sensible(META, || Ok(heal::Ward::open(disk, ledger, notes.clone()))).map_err(damaged)?;
        let ward = opened.map_err(|error| data_dir::explain(path, error))?;
        let look = Snapshot::of(ward.shown()).map_err(damaged)?;
        let (ring, bell) = watch::channel(look.reached().map_err(damaged)?);
        let clock = Arc::new(Clock::new(machine, journal::last_at(&look).map_err(damaged)?));
        let writer = writer::Writer::start(&ward, ring, (notes, waiting), clock.clone())
            .map_err(|why| OpenError::Unusable { path: path.to_owned(), why })?;
        Ok(Self { writer, ward, bell, clock })
    }

    /// Runs a verb and answers when what it did is on disk; a verb that says no changes nothing.
    pub async fn write<T, E, F>(&self, verb: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.ask(verb, false).await
    }

    /// The same for what may be lost in a crash while the disk takes nothing: until it does, it lies in memory, where
    /// everybody sees it. For coming and going, never for anything a person wrote.
    pub async fn write_soft<T, E, F>(&self, verb: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.ask(verb, true).await
    }

    async fn ask<T, E, F>(&self, verb: F, soft: bool) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writer.send(verb, soft, reply)?;
        answer.await.unwrap_or_else(|_| Err(Fault::Closed.into()))
    }

    /// [`Store::write`] from a thread that may block.
    pub fn write_now<T, E, F>(&self, verb: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writer.send(verb, false, reply)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(Fault::Closed.into()))
    }

    /// What is committed at this moment, unchanging while it is looked at.
    pub fn look(&self) -> Result<Snapshot, Fault> {
        Snapshot::of(self.ward.shown())
    }

    /// How far the journal reaches; it rings after each commit.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.clone()
    }

    /// The house's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What it shows: milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// How the disk is; it tells of every change.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.ward.health()
    }

    /// Finishes what is waiting, then closes the file, so that the next start is quick.
    pub fn close(self) {
        let Self { writer, ward, .. } = self;
        writer.stop();
        let Some(handle) = Arc::into_inner(ward).map(heal::Ward::into_handle) else { return };
        handle.quiet(CLOSE_GRACE);
        match Arc::into_inner(handle).map(handle::Handle::close) {
            Some(Ok(())) => {}
            Some(Err(fault)) => tracing::warn!(%fault, "the file was not closed cleanly; nothing acknowledged is lost"),
            None => tracing::warn!("somebody still looks: the file is closed when they have seen enough"),
        }
    }
}
