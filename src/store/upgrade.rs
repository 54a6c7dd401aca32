//! From an older layout to this one: each step in a commit of its own that also carries its stamp, so that a process
//! killed between or within them goes on where it was (F21).

use super::data_dir::{DATABASE, is_stamp, put_stamp};
use super::files::sync_dir;
use super::handle::{Handle, Ledger};
use super::record::{counted, number_at_end, resealed, row_tag, with_number};
use super::tx::definition;
use super::writer::begin;
use super::{Disk, Fault, JOURNAL, Kind, META, Table};
use redb::{ReadableTable, TableDefinition, TableHandle, WriteTransaction};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

/// Changes what is kept from one layout to the next.
type Step = fn(&WriteTransaction, &[Kind]) -> Result<(), Fault>;

/// The step at place `n` leads from layout `n + 1` to the next.
pub(super) const STEPS: [Step; 4] = [checksums_of_places, new_indexes, new_indexes, other_indexes];

/// Rows that are held in memory at once.
const ROWS_AT_ONCE: usize = 10_000;

/// Brings a database of these kinds of records from layout `from` to this binary's.
pub(super) fn upgrade(disk: &Arc<dyn Disk>, kinds: &[Kind], ledger: Ledger, from: u64) -> Result<(), Fault> {
    let handle = Handle::open(disk, &Arc::new(ledger))?;
    for (layout, step) in (1..).zip(STEPS).filter(|(layout, _)| *layout >= from) {
        tracing::info!(from = layout, to = layout + 1, "bringing the directory to a newer layout");
        let commit = begin(&handle)?;
        step(&commit, kinds)?;
        put_stamp(&commit, layout + 1)?;
        commit.commit().map_err(Fault::commit)?;
    }
    handle.close()
}

/// Keeps the database as it was before an upgrade, as `balcao.redb.layout-<n>`: what an upgrade got wrong can be begun
/// again. Blocking; a copy that is there already stays.
pub(super) fn keep_aside(dir: &Path, layout: u64) -> io::Result<()> {
    let copy = dir.join(format!("{DATABASE}.layout-{layout}"));
    if copy.try_exists()? {
        return Ok(());
    }
    let draft = dir.join(format!("{DATABASE}.new"));
    fs::copy(dir.join(DATABASE), &draft)?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, &copy)?;
    sync_dir(dir)
}

/// Layout 1 kept index rows without a value, counters and events without a checksum of their place (F16).
fn checksums_of_places(commit: &WriteTransaction, _: &[Kind]) -> Result<(), Fault> {
    for name in &names(commit)? {
        rewrite(commit, name, |key, value| match name.as_str() {
            META => <[u8; 8]>::try_from(value)
                .ok()
                .filter(|_| !is_stamp(key))
                .map(|bytes| counted(&String::from_utf8_lossy(key), u64::from_be_bytes(bytes))),
            JOURNAL => resealed(key, value),
            _ => value.is_empty().then(|| row_tag(name, key).to_vec()),
        })?;
    }
    Ok(())
}

/// Layouts 2 and 3 did not have every index that there is: one that is missing is filled from the records. A damaged
/// record is left out; a check names it.
fn new_indexes(commit: &WriteTransaction, kinds: &[Kind]) -> Result<(), Fault> {
    let there = names(commit)?;
    for kind in kinds.iter().filter(|kind| there.contains(kind.table)) {
        let mut missing = HashMap::new();
        for index in kind.indexes.iter().filter(|index| !there.contains(**index)) {
            missing.insert(*index, commit.open_table(definition(index)).map_err(Fault::table)?);
        }
        if missing.is_empty() {
            continue;
        }
        let records = commit.open_table(definition(kind.table)).map_err(Fault::table)?;
        for record in records.iter().map_err(Fault::storage)? {
            let (key, value) = record.map_err(Fault::storage)?;
            let number = number_at_end(key.value()).unwrap_or_default();
            let Ok(keys) = (kind.keys)(number, value.value()) else { continue };
            for (index, key) in keys.distinct() {
                let Some(rows) = missing.get_mut(index) else { continue };
                let row = with_number(&key, number);
                rows.insert(row.as_slice(), &row_tag(index, &row)[..]).map_err(Fault::storage)?;
            }
        }
    }
    Ok(())
}

/// Layout 4 found some records under other keys: an index has a name for each way it is keyed, so those that nobody names
/// any more go, and those that are missing come.
fn other_indexes(commit: &WriteTransaction, kinds: &[Kind]) -> Result<(), Fault> {
    new_indexes(commit, kinds)?;
    let named: HashSet<Table> = kinds.iter().flat_map(Kind::tables).chain([META, JOURNAL]).collect();
    for name in names(commit)?.iter().filter(|name| !named.contains(name.as_str())) {
        commit.delete_table(TableDefinition::<&[u8], &[u8]>::new(name)).map_err(Fault::table)?;
    }
    Ok(())
}

/// The names of all tables.
fn names(commit: &WriteTransaction) -> Result<HashSet<String>, Fault> {
    Ok(commit.list_tables().map_err(Fault::storage)?.map(|table| table.name().to_owned()).collect())
}

/// Gives every row of a table for which there is one a new value.
fn rewrite(commit: &WriteTransaction, table: &str, new: impl Fn(&[u8], &[u8]) -> Option<Vec<u8>>) -> Result<(), Fault> {
    let mut opened = commit.open_table(TableDefinition::<&[u8], &[u8]>::new(table)).map_err(Fault::table)?;
    let mut last: Option<Vec<u8>> = None;
    loop {
        let low = last.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let rows = opened.range::<&[u8]>((low, Bound::Unbounded)).map_err(Fault::storage)?;
        let mut changed: Vec<(Vec<u8>, Option<Vec<u8>>)> = Vec::new();
        for row in rows.take(ROWS_AT_ONCE) {
            let (key, value) = row.map_err(Fault::storage)?;
            changed.push((key.value().to_vec(), new(key.value(), value.value())));
        }
        let Some((key, _)) = changed.last() else { return Ok(()) };
        last = Some(key.clone());
        for (key, value) in changed {
            if let Some(value) = value {
                opened.insert(key.as_slice(), value.as_slice()).map_err(Fault::storage)?;
            }
        }
    }
}
