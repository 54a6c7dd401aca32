//! Looking at what is committed, unchanging while it is looked at.

use super::Fault;
use super::handle::Handle;
use super::record::{Order, Raw, Table, Visit};
use super::tx::definition;
use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTableMetadata, TableHandle};
use std::ops::{Bound, ControlFlow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// A consistent look at the database.
pub struct Snapshot {
    pub(super) sight: Arc<Sight>,
    handle: Arc<Handle>,
}

/// What there is to see between two commits. Everybody who looks between them shares it: beginning to read, and opening
/// a table, costs more than reading a row.
pub(super) struct Sight {
    pub(super) read: ReadTransaction,
    opened: Mutex<Vec<(Table, Opened)>>,
}

impl Sight {
    pub(super) fn of(database: &Database) -> Result<Self, Fault> {
        Ok(Self { read: database.begin_read().map_err(Fault::transaction)?, opened: Mutex::default() })
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.handle.leave();
    }
}

/// A table as this look sees it; nothing where it was never written to.
type Opened = Option<Arc<ReadOnlyTable<&'static [u8], &'static [u8]>>>;

impl Snapshot {
    pub(super) fn of(handle: Arc<Handle>) -> Result<Self, Fault> {
        handle.enter();
        match handle.sight() {
            Ok(sight) => Ok(Self { sight, handle }),
            Err(fault) => {
                handle.leave();
                Err(fault)
            }
        }
    }

    fn table(&self, table: Table) -> Result<Opened, Fault> {
        let mut opened = self.sight.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, there)) = opened.iter().find(|(name, _)| *name == table) {
            return Ok(there.clone());
        }
        let there = match self.sight.read.open_table(definition(table)) {
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
    pub(super) fn says(&self, table: Table) -> Result<u64, Fault> {
        self.table(table)?.map_or(Ok(0), |opened| opened.len().map_err(Fault::storage))
    }

    /// The names of all tables.
    pub(super) fn tables(&self) -> Result<Vec<String>, Fault> {
        let tables = self.sight.read.list_tables().map_err(Fault::storage)?;
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
pub(super) fn sensible<T>(table: Table, ask: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or(Err(Fault::Damaged { table, number: 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DataDir, Store};
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn between_two_commits_everybody_shares_one_sight_and_none_is_old() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(&DataDir::open(dir.path()).expect("it opens"), &[]).expect("a store");
        let announce = || store.write_now(|tx| tx.announce(&"said")).expect("it is kept");
        announce();
        let (one, other) = (store.look().expect("a look"), store.look().expect("a look"));
        assert!(Arc::ptr_eq(&one.sight, &other.sight), "nothing happened between them");
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // Who looks while a commit is under way must not leave what they saw to those who come after it.
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    drop(store.look());
                }
            });
            let seen: Vec<u64> = (2..100)
                .map(|_| {
                    announce();
                    store.look().and_then(|look| look.reached()).expect("a number")
                })
                .collect();
            over.store(true, Ordering::Relaxed);
            assert!(seen.into_iter().eq(2..100), "what was answered is seen");
        });
        assert_eq!(one.reached().expect("a number"), 1, "who looks already goes on seeing what was");
        let sight = Arc::downgrade(&one.sight);
        drop((one, other));
        assert!(sight.upgrade().is_none(), "nobody keeps pages alive that nobody looks at");
    }
}
