//! What kinds of records there are, told from above: this floor knows none by name, and yet walks all of them.

use super::Fault;
use super::record::{self, Indexes, Record, Table};

/// One kind of record and the indexes that belong to it.
#[derive(Clone, Copy)]
pub struct Kind {
    pub(super) table: Table,
    pub(super) indexes: &'static [Table],
    pub(super) keys: fn(u64, &[u8]) -> Result<Indexes, Fault>,
}

impl Kind {
    /// The kind of `R`, whose records stand in these indexes and no others.
    pub const fn of<R: Record>(indexes: &'static [Table]) -> Self {
        Self { table: R::TABLE, indexes, keys: keys::<R> }
    }

    /// Its table, and those of its indexes.
    pub fn tables(&self) -> impl Iterator<Item = Table> {
        std::iter::once(self.table).chain(self.indexes.iter().copied())
    }
}

fn keys<R: Record>(number: u64, bytes: &[u8]) -> Result<Indexes, Fault> {
    let mut keys = Indexes::default();
    record::read::<R>(number, bytes)?.indexes(&mut keys);
    Ok(keys)
}
