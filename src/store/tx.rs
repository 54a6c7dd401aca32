//! One verb's view of the database: what is committed, what the same batch wrote before it, and its own changes on top.
//!
//! The changes stay in an overlay until the verb has said yes. A verb that refuses or panics leaves nothing behind,
//! though it shares its commit with others.

use super::record::{Id, Order, Raw, Table, Visit, count, counted, seal};
use super::{Fault, JOURNAL, META};
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::{Bound, ControlFlow};
use std::rc::Rc;

type Opened<'t> = redb::Table<'t, &'static [u8], &'static [u8]>;
/// What one verb changes in a table: values put, keys removed.
pub(super) type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
/// The same in all tables.
pub(super) type Changes = BTreeMap<Table, Rows>;

pub(super) fn definition(table: Table) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(table)
}

/// The name of the counter that numbers a table's records.
pub(super) fn counter(table: Table) -> String {
    format!("last {table}")
}

/// The tables of one open commit; each is opened once.
pub(super) struct Batch<'t> {
    commit: &'t WriteTransaction,
    tables: RefCell<HashMap<Table, Rc<RefCell<Opened<'t>>>>>,
}

impl<'t> Batch<'t> {
    pub(super) fn new(commit: &'t WriteTransaction) -> Self {
        Self { commit, tables: RefCell::default() }
    }

    /// The table; a visitor of its rows may read others, because verbs write to their overlay only.
    fn table(&self, table: Table) -> Result<Rc<RefCell<Opened<'t>>>, Fault> {
        let mut tables = self.tables.borrow_mut();
        if let Some(opened) = tables.get(table) {
            return Ok(opened.clone());
        }
        let opened = self.commit.open_table(definition(table)).map_err(Fault::table)?;
        let opened = Rc::new(RefCell::new(opened));
        tables.insert(table, opened.clone());
        Ok(opened)
    }

    pub(super) fn apply(&self, changes: Changes) -> Result<(), Fault> {
        for (table, rows) in changes {
            let opened = self.table(table)?;
            let mut opened = opened.borrow_mut();
            for (key, value) in rows {
                match value {
                    Some(value) => drop(opened.insert(key.as_slice(), value.as_slice()).map_err(Fault::storage)?),
                    None => drop(opened.remove(key.as_slice()).map_err(Fault::storage)?),
                }
            }
        }
        Ok(())
    }
}

/// What a verb sees below its own changes.
pub(super) trait Base {
    fn value(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
    fn rows(&self, table: Table, span: Span<'_>, mine: &Rows, visit: &mut Visit<'_>) -> Result<(), Fault>;
}

/// A stretch of a table, and from which end it is walked.
#[derive(Clone, Copy)]
pub(super) struct Span<'s> {
    bounds: (Bound<&'s [u8]>, Bound<&'s [u8]>),
    order: Order,
}

impl Base for Batch<'_> {
    fn value(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let opened = self.table(table)?;
        let opened = opened.borrow();
        let value = opened.get(key).map_err(Fault::storage)?.map(|guard| guard.value().to_vec());
        Ok(value)
    }

    fn rows(&self, table: Table, span: Span<'_>, mine: &Rows, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let opened = self.table(table)?;
        let opened = opened.borrow();
        let rows = opened.range::<&[u8]>(span.bounds).map_err(Fault::storage)?;
        let rows = rows.map(|row| row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())));
        let changed = mine.range::<[u8], _>(span.bounds);
        let walked = match span.order {
            Order::Rising => merge(rows, changed, span.order, visit),
            Order::Falling => merge(rows.rev(), changed.rev(), span.order, visit),
        };
        walked.map_err(Fault::storage)
    }
}

/// A write in progress, for one verb.
pub struct Tx<'t> {
    base: &'t dyn Base,
    changes: Changes,
    now: i64,
}

impl<'t> Tx<'t> {
    pub(super) fn new(base: &'t dyn Base, now: i64) -> Self {
        Self { base, changes: BTreeMap::new(), now }
    }

    pub(super) fn into_changes(self) -> Changes {
        self.changes
    }

    /// The time of this write, in milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Makes this write happen at another time: for imports and made-up histories.
    pub fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// The next free number for records of a table; a refused verb uses none up.
    pub fn next<I: Id>(&mut self, table: Table) -> Result<I, Fault> {
        self.count(&counter(table)).map(I::from)
    }

    /// Raises a named counter by one and gives its new value, beginning with 1.
    pub fn count(&mut self, name: &str) -> Result<u64, Fault> {
        let next = count(name, self.raw(META, name.as_bytes())?.as_deref())? + 1;
        self.put_raw(META, name.as_bytes().to_vec(), counted(name, next));
        Ok(next)
    }

    /// Writes an event into the journal: followers hear of it once this write is durable.
    pub fn announce<E: Serialize>(&mut self, event: &E) -> Result<(), Fault> {
        let number = self.count(JOURNAL)?;
        let bytes = seal(number, self.now, event)?;
        self.put_raw(JOURNAL, number.to_be_bytes().to_vec(), bytes);
        Ok(())
    }

    pub(super) fn put_raw(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.changes.entry(table).or_default().insert(key, Some(value));
    }

    pub(super) fn remove_raw(&mut self, table: Table, key: &[u8]) {
        self.changes.entry(table).or_default().insert(key.to_vec(), None);
    }
}

impl Raw for Tx<'_> {
    fn raw(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        if let Some(changed) = self.changes.get(table).and_then(|rows| rows.get(key)) {
            return Ok(changed.clone());
        }
        self.base.value(table, key)
    }

    fn walk(
        &self,
        table: Table,
        low: &[u8],
        high: Option<&[u8]>,
        order: Order,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        let bounds = (Bound::Included(low), high.map_or(Bound::Unbounded, Bound::Excluded));
        let none = Rows::new();
        let mine = self.changes.get(table).unwrap_or(&none);
        self.base.rows(table, Span { bounds, order }, mine, visit)
    }
}

/// Walks stored rows and changes side by side; where both have a key, the change counts.
fn merge<'c>(
    rows: impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), redb::StorageError>>,
    changed: impl Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)>,
    order: Order,
    visit: &mut Visit<'_>,
) -> Result<(), redb::StorageError> {
    let (mut rows, mut changed) = (rows.peekable(), changed.peekable());
    loop {
        let stored_first = match (rows.peek(), changed.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(Err(_)), _) => true,
            (Some(Ok((key, _))), Some((other, _))) => {
                if key == *other {
                    drop(rows.next());
                    continue;
                }
                (key < *other) == (order == Order::Rising)
            }
        };
        let flow = if stored_first {
            match rows.next() {
                Some(row) => {
                    let (key, value) = row?;
                    visit(&key, &value)
                }
                None => return Ok(()),
            }
        } else {
            match changed.next() {
                Some((key, Some(value))) => visit(key, value),
                _ => continue,
            }
        };
        if flow == ControlFlow::Break(()) {
            return Ok(());
        }
    }
}
