//! Bytes and commits: tables of records with their indexes, one journal, one writer, one bell.
//!
//! Everything that changes goes through [`Store::write`]: a verb runs on the writer's thread against a view of its own,
//! shares its commit with whoever waited beside it, and is answered only when that commit is on disk. Then the bell
//! says how far the [`journal`](Store::journal) reaches, and everyone who must know reads forward. This floor knows no word
//! of the agency.

pub mod check;
mod data_dir;
pub mod files;

mod key;
mod record;
pub mod secrets;
mod tx;
mod writer;

pub use data_dir::{DataDir, OpenError, VERSION};
pub use key::Key;
pub use record::{Id, Indexes, Look, Order, Raw, Record, Table, Visit};
pub use tx::Tx;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableHandle};
use serde::de::DeserializeOwned;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{oneshot, watch};

const META: Table = "meta";
const JOURNAL: Table = "journal";

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
    /// A verb panicked; it left nothing behind.
    #[error("a write panicked")]
    Panicked,
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
}

impl Fault {
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

/// Milliseconds since 1970 UTC, by this machine's clock.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// The open database.
pub struct Store {
    database: Arc<Database>,
    writer: writer::Writer,
    bell: watch::Receiver<u64>,
}

impl Store {
    /// Opens the directory's database and starts the writer's thread.
    pub fn open(dir: &DataDir) -> Result<Self, OpenError> {
        let database = Arc::new(dir.database()?);
        let damaged = |fault: Fault| OpenError::Damaged { path: dir.path().to_owned(), why: fault.to_string() };
        let reached = Snapshot::of(&database).and_then(|look| look.reached()).map_err(damaged)?;
        let (ring, bell) = watch::channel(reached);
        let writer = writer::Writer::start(database.clone(), ring)
            .map_err(|why| OpenError::Unusable { path: dir.path().to_owned(), why })?;
        Ok(Self { database, writer, bell })
    }

    /// Runs a verb and answers when what it did is on disk; a verb that says no changes nothing.
    pub async fn write<T, E, F>(&self, verb: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writer.send(verb, reply)?;
        answer.await.unwrap_or_else(|_| Err(Fault::Panicked.into()))
    }

    /// The same from a thread that may block.
    pub fn write_now<T, E, F>(&self, verb: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writer.send(verb, reply)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(Fault::Panicked.into()))
    }

    /// What is committed at this moment, unchanging while it is looked at.
    pub fn look(&self) -> Result<Snapshot, Fault> {
        Snapshot::of(&self.database)
    }

    /// How far the journal reaches; it rings after each commit.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.bell.clone()
    }

    /// Finishes what is waiting, then closes the file, so that the next start is quick.
    pub fn close(self) {
        self.writer.stop();
    }
}

/// A consistent look at the database.
pub struct Snapshot {
    read: ReadTransaction,
}

/// Journal events behind some number.
pub struct News<E> {
    /// The events in order, each with its number.
    pub events: Vec<(u64, E)>,
    /// The reader is so far behind that some are gone.
    pub gap: bool,
}

impl Snapshot {
    fn of(database: &Database) -> Result<Self, Fault> {
        Ok(Self { read: database.begin_read().map_err(Fault::transaction)? })
    }

    /// The number of the journal's last event.
    pub fn reached(&self) -> Result<u64, Fault> {
        reached(self)
    }

    /// The journal's events after number `since`, at most `most`.
    pub fn journal<E: DeserializeOwned>(&self, since: u64, most: usize) -> Result<News<E>, Fault> {
        let mut news = News { events: Vec::new(), gap: false };
        let mut failed = None;
        let low = since.saturating_add(1).to_be_bytes();
        self.walk(JOURNAL, &low, None, Order::Rising, &mut |key, value| {
            let number = key.try_into().map_or(0, u64::from_be_bytes);
            match record::unseal(number, value) {
                Ok(event) => news.events.push((number, event)),
                Err(fault) => failed = Some(fault),
            }
            if failed.is_some() || news.events.len() >= most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        let reached = self.reached()?;
        news.gap = since > reached || news.events.first().map_or(since < reached, |(number, _)| *number > since + 1);
        failed.map_or(Ok(news), Err)
    }
}

impl Snapshot {
    /// How many rows a table's head says it has.
    fn says(&self, table: Table) -> Result<u64, Fault> {
        match self.read.open_table(tx::definition(table)) {
            Ok(opened) => opened.len().map_err(Fault::storage),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(Fault::table(error)),
        }
    }

    /// The names of all tables.
    fn tables(&self) -> Result<Vec<String>, Fault> {
        let tables = self.read.list_tables().map_err(Fault::storage)?;
        Ok(tables.map(|table| table.name().to_owned()).collect())
    }
}

impl Raw for Snapshot {
    fn raw(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.read.open_table(tx::definition(table)) {
            Ok(opened) => Ok(opened.get(key).map_err(Fault::storage)?.map(|guard| guard.value().to_vec())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(Fault::table(error)),
        }
    }

    fn walk(
        &self,
        table: Table,
        low: &[u8],
        high: Option<&[u8]>,
        order: Order,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        let opened = match self.read.open_table(tx::definition(table)) {
            Ok(opened) => opened,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(Fault::table(error)),
        };
        let bounds = (Bound::Included(low), high.map_or(Bound::Unbounded, Bound::Excluded));
        let mut rows = opened.range::<&[u8]>(bounds).map_err(Fault::storage)?;
        loop {
            let row = match order {
                Order::Rising => rows.next(),
                Order::Falling => rows.next_back(),
            };
            let Some(row) = row else { break };
            let (key, value) = row.map_err(Fault::storage)?;
            if visit(key.value(), value.value()) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

/// The number of the journal's last event.
fn reached(raw: &impl Raw) -> Result<u64, Fault> {
    record::count(JOURNAL, raw.raw(META, JOURNAL.as_bytes())?.as_deref())
}

/// Drops journal events older than `before` (milliseconds since 1970); who is further behind must reload.
pub fn trim_journal(tx: &mut Tx<'_>, before: i64) -> Result<(), Fault> {
    let mut old = Vec::new();
    tx.walk(JOURNAL, &[], None, Order::Rising, &mut |key, value| {
        let at = value.first_chunk::<8>().map_or(i64::MIN, |bytes| i64::from_be_bytes(*bytes));
        if at >= before || old.len() >= 10_000 {
            return ControlFlow::Break(());
        }
        old.push(key.to_vec());
        ControlFlow::Continue(())
    })?;
    for key in old {
        tx.remove_raw(JOURNAL, &key);
    }
    Ok(())
}
