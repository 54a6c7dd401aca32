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
pub use record::{Id, Indexes, Look, Order, Raw, Record, Table, Visit};
pub use tx::Tx;

use handle::Ledger;
use journal::{JOURNAL, reached};
use redb::{ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableHandle};
use std::ops::{Bound, ControlFlow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
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

/// A consistent look at the database.
pub struct Snapshot {
    read: ReadTransaction,
    /// Tables opened so far: a page reads hundreds of rows from a dozen of them, and opening one costs more than a row.
    opened: Mutex<Vec<(Table, Opened)>>,
    handle: Arc<handle::Handle>,
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.handle.leave();
    }
}

/// A table as this look sees it; nothing where it was never written to.
type Opened = Option<Arc<ReadOnlyTable<&'static [u8], &'static [u8]>>>;

impl Snapshot {
    fn of(handle: Arc<handle::Handle>) -> Result<Self, Fault> {
        let read = handle.database.begin_read().map_err(Fault::transaction)?;
        handle.enter();
        Ok(Self { read, opened: Mutex::default(), handle })
    }

    fn table(&self, table: Table) -> Result<Opened, Fault> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, there)) = opened.iter().find(|(name, _)| *name == table) {
            return Ok(there.clone());
        }
        let there = match self.read.open_table(tx::definition(table)) {
            Ok(there) => Some(Arc::new(there)),
            Err(redb::TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(Fault::table(error)),
        };
        opened.push((table, there.clone()));
        Ok(there)
    }
}

impl Snapshot {
    /// How many rows a table's head says it has.
    fn says(&self, table: Table) -> Result<u64, Fault> {
        self.table(table)?.map_or(Ok(0), |opened| opened.len().map_err(Fault::storage))
    }

    /// The names of all tables.
    fn tables(&self) -> Result<Vec<String>, Fault> {
        let tables = self.read.list_tables().map_err(Fault::storage)?;
        Ok(tables.map(|table| table.name().to_owned()).collect())
    }
}

impl Raw for Snapshot {
    fn raw(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        sensible(table, || {
            let Some(opened) = self.table(table)? else { return Ok(None) };
            Ok(opened.get(key).map_err(Fault::storage)?.map(|guard| guard.value().to_vec()))
        })
    }

    fn walk(
        &self,
        table: Table,
        low: &[u8],
        high: Option<&[u8]>,
        order: Order,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        let Some(opened) = sensible(table, || self.table(table))? else { return Ok(()) };
        let bounds = (Bound::Included(low), high.map_or(Bound::Unbounded, Bound::Excluded));
        let mut rows = sensible(table, || opened.range::<&[u8]>(bounds).map_err(Fault::storage))?;
        loop {
            let row = sensible(table, || {
                let row = if order == Order::Rising { rows.next() } else { rows.next_back() };
                row.transpose().map_err(Fault::storage)
            });
            let Some((key, value)) = row? else { break };
            if visit(key.value(), value.value()) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn rows(&self, table: Table, low: &[u8], high: Option<&[u8]>, most: usize) -> Result<usize, Fault> {
        if low.is_empty() && high.is_none() {
            return Ok(usize::try_from(self.says(table)?).unwrap_or(usize::MAX).min(most));
        }
        let reached = self.reached()?;
        let key = (table, low.to_vec(), high.map(<[u8]>::to_vec), most);
        if let Some(n) = self.handle.counts.recall(reached, &key) {
            return Ok(n);
        }
        let n = sensible(table, || {
            let Some(opened) = self.table(table)? else { return Ok(0) };
            let bounds = (Bound::Included(low), high.map_or(Bound::Unbounded, Bound::Excluded));
            let rows = opened.range::<&[u8]>(bounds).map_err(Fault::storage)?.take(most);
            rows.map(|row| row.map(|_| 1).map_err(Fault::storage)).sum()
        })?;
        self.handle.counts.remember(reached, key, n);
        Ok(n)
    }
}

/// Asks redb for something. It checks no page that it reads, and may stumble over a rotten one; that is no reason to.
fn sensible<T>(table: Table, ask: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or(Err(Fault::Damaged { table, number: 0 }))
}
