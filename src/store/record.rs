//! Records and their indexes: put and remove keep both in step.
//!
//! A record lies under its number in its own table, as named MessagePack fields behind a version byte and before a
//! checksum: a new optional field needs no migration, and a flipped bit is noticed instead of served.

use super::{Fault, Key, Tx};
use serde::{Serialize, de::DeserializeOwned};
use std::ops::ControlFlow;

/// The name of a table; all are listed in the domain's schema.
pub type Table = &'static str;

/// The layout of a stored record: version byte, named fields, CRC-32 of both.
const LAYOUT: u8 = 1;

/// A typed record number.
pub trait Id: Copy + Into<u64> + From<u64> + std::fmt::Debug {}

/// Something kept in a table of its own.
pub trait Record: Serialize + DeserializeOwned {
    /// Its number's type.
    type Id: Id;
    /// The table it lies in.
    const TABLE: Table;
    /// Its number, from [`Tx::next`].
    fn id(&self) -> Self::Id;
    /// Names every index key under which it is to be found.
    fn indexes(&self, at: &mut Indexes) {
        let _ = at;
    }
}

/// The index keys of one record.
#[derive(Default)]
pub struct Indexes(pub(super) Vec<(Table, Vec<u8>)>);

impl Indexes {
    /// The record is found in `index` under `key`.
    pub fn at(&mut self, index: Table, key: Key) {
        self.0.push((index, key.bytes().to_vec()));
    }

    /// Each key once, however often it was named.
    pub(super) fn distinct(mut self) -> impl Iterator<Item = (Table, Vec<u8>)> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.into_iter()
    }
}

/// Which end of a range comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Smallest key first.
    Rising,
    /// Greatest key first.
    Falling,
}

/// What a walk over raw rows calls for each of them.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// Reads bytes: a snapshot, or a write in progress.
pub trait Raw {
    /// The value under a key.
    fn raw(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
    /// Visits the rows from `low` (inclusive) to `high` (exclusive; `None` is the end).
    fn walk(
        &self,
        table: Table,
        low: &[u8],
        high: Option<&[u8]>,
        order: Order,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault>;
    /// How many rows there are from `low` to `high`, counted up to `most`. A snapshot may remember it for every other
    /// that reads as far in the journal: what is counted must only change with something that is announced.
    fn rows(&self, table: Table, low: &[u8], high: Option<&[u8]>, most: usize) -> Result<usize, Fault> {
        let mut n = 0;
        self.walk(table, low, high, Order::Rising, &mut |_, _| {
            n += 1;
            if n < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(n)
    }
}

/// Reads records; for everything that reads bytes.
pub trait Look: Raw {
    /// The record with this number, if there is one. Fails where its bytes are damaged.
    fn get<R: Record>(&self, id: R::Id) -> Result<Option<R>, Fault> {
        let number: u64 = id.into();
        self.raw(R::TABLE, &number.to_be_bytes())?.map(|bytes| read(number, &bytes)).transpose()
    }

    /// The numbers found in `index` under keys that begin with `prefix`, at most `most` of them.
    fn ids<I: Id>(&self, index: Table, prefix: &Key, order: Order, most: usize) -> Result<Vec<I>, Fault> {
        let mut found = Vec::new();
        self.each_id(index, prefix.bytes(), prefix.after().as_deref(), order, |id| {
            found.push(id);
            found.len() < most
        })?;
        Ok(found)
    }

    /// Visits the numbers in an index between two keys until `visit` says false.
    fn each_id<I: Id>(
        &self,
        index: Table,
        low: &[u8],
        high: Option<&[u8]>,
        order: Order,
        mut visit: impl FnMut(I) -> bool,
    ) -> Result<(), Fault> {
        let mut broken = None;
        self.walk(index, low, high, order, &mut |key, tag| match row_number(index, key, tag) {
            Ok(number) if visit(I::from(number)) => ControlFlow::Continue(()),
            Ok(_) => ControlFlow::Break(()),
            Err(fault) => {
                broken = Some(fault);
                ControlFlow::Break(())
            }
        })?;
        broken.map_or(Ok(()), Err)
    }

    /// The first record found in `index` exactly under `key`.
    fn find<R: Record>(&self, index: Table, key: &Key) -> Result<Option<R>, Fault> {
        match self.ids::<R::Id>(index, key, Order::Rising, 1)?.first() {
            Some(id) => self.get(*id),
            None => Ok(None),
        }
    }

    /// The records found in `index` under keys that begin with `prefix`.
    fn list<R: Record>(&self, index: Table, prefix: &Key, order: Order, most: usize) -> Result<Vec<R>, Fault> {
        let ids = self.ids::<R::Id>(index, prefix, order, most)?;
        ids.into_iter().filter_map(|id| self.get(id).transpose()).collect()
    }

    /// Every record of a table in the order of their numbers, at most `most`.
    fn all<R: Record>(&self, most: usize) -> Result<Vec<R>, Fault> {
        let mut found = Vec::new();
        let mut failed = None;
        self.walk(R::TABLE, &[], None, Order::Rising, &mut |key, bytes| {
            match read(number_at_end(key).unwrap_or_default(), bytes) {
                Ok(record) => found.push(record),
                Err(fault) => failed = Some(fault),
            }
            if failed.is_some() || found.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failed.map_or(Ok(found), Err)
    }
}

impl<T: Raw + ?Sized> Look for T {}

impl Tx<'_> {
    /// Stores a record under its number, and under its index keys instead of those it had before.
    pub fn put<R: Record>(&mut self, record: &R) -> Result<(), Fault> {
        let number: u64 = record.id().into();
        let mut now = Indexes::default();
        record.indexes(&mut now);
        let mut before = Indexes::default();
        if let Some(old) = self.get::<R>(record.id())? {
            old.indexes(&mut before);
        }
        for (index, key) in &before.0 {
            if !now.0.iter().any(|(i, k)| i == index && k == key) {
                self.remove_raw(index, &with_number(key, number));
            }
        }
        for (index, key) in &now.0 {
            if !before.0.iter().any(|(i, k)| i == index && k == key) {
                let row = with_number(key, number);
                let tag = row_tag(index, &row).to_vec();
                self.put_raw(index, row, tag);
            }
        }
        self.put_raw(R::TABLE, number.to_be_bytes().to_vec(), encode(record)?);
        Ok(())
    }

    /// Removes a record and its index keys; nothing happens where there is none.
    pub fn remove<R: Record>(&mut self, id: R::Id) -> Result<(), Fault> {
        if let Some(old) = self.get::<R>(id)? {
            let mut before = Indexes::default();
            old.indexes(&mut before);
            for (index, key) in &before.0 {
                self.remove_raw(index, &with_number(key, id.into()));
            }
            let number: u64 = id.into();
            self.remove_raw(R::TABLE, &number.to_be_bytes());
        }
        Ok(())
    }
}

/// Reads a record and makes sure that it is the one asked for: a flipped bit in a key files it under another's number.
pub(super) fn read<R: Record>(number: u64, bytes: &[u8]) -> Result<R, Fault> {
    let record: R = decode(R::TABLE, number, bytes)?;
    if record.id().into() != number {
        return Err(Fault::Damaged { table: R::TABLE, number });
    }
    Ok(record)
}

/// What an index row holds: the checksum of its place. Without it a flipped bit in a key would show one thing among
/// another's.
pub(super) fn row_tag(index: &str, row: &[u8]) -> [u8; 4] {
    row_tag_of(index, row, &[])
}

fn row_tag_of(table: &str, row: &[u8], value: &[u8]) -> [u8; 4] {
    let mut tag = crc32fast::Hasher::new();
    for part in [table.as_bytes(), row, value] {
        tag.update(part);
    }
    tag.finalize().to_be_bytes()
}

/// The number at the end of an index row whose tag fits.
pub(super) fn row_number(index: Table, row: &[u8], tag: &[u8]) -> Result<u64, Fault> {
    let number = number_at_end(row);
    let damaged = Fault::Damaged { table: index, number: number.unwrap_or_default() };
    number.filter(|_| tag == row_tag(index, row)).ok_or(damaged)
}

pub(super) fn with_number(key: &[u8], number: u64) -> Vec<u8> {
    [key, &number.to_be_bytes()].concat()
}

pub(super) fn number_at_end(key: &[u8]) -> Option<u64> {
    key.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![LAYOUT];
    rmp_serde::encode::write_named(&mut bytes, value).map_err(|error| Fault::Encoding(error.to_string()))?;
    let tag = crc32fast::hash(&bytes);
    bytes.extend(tag.to_be_bytes());
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(table: Table, number: u64, bytes: &[u8]) -> Result<T, Fault> {
    let damaged = || Fault::Damaged { table, number };
    let (body, tag) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    if crc32fast::hash(body) != u32::from_be_bytes(*tag) || body.first() != Some(&LAYOUT) {
        return Err(damaged());
    }
    rmp_serde::from_slice(&body[1..]).map_err(|error| Fault::Encoding(format!("{table} {number}: {error}")))
}

/// A journal event as it is kept: its time, its fields, and a checksum over its number and both.
pub(super) fn seal<T: Serialize>(number: u64, at: i64, event: &T) -> Result<Vec<u8>, Fault> {
    let mut bytes = at.to_be_bytes().to_vec();
    rmp_serde::encode::write_named(&mut bytes, event).map_err(|error| Fault::Encoding(error.to_string()))?;
    let tag = row_tag_of(super::JOURNAL, &number.to_be_bytes(), &bytes);
    bytes.extend(tag);
    Ok(bytes)
}

/// The same from how layout 1 kept an event: a version byte before the fields, and the checksum over those alone.
pub(super) fn resealed(number: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let (at, record) = bytes.split_first_chunk::<8>()?;
    let (body, _) = record.split_last_chunk::<4>()?;
    let mut bytes = [&at[..], body.get(1..)?].concat();
    let tag = row_tag_of(super::JOURNAL, number, &bytes);
    bytes.extend(tag);
    Some(bytes)
}

/// Reads a journal event back.
pub(super) fn unseal<T: DeserializeOwned>(number: u64, bytes: &[u8]) -> Result<T, Fault> {
    let damaged = || Fault::Damaged { table: super::JOURNAL, number };
    let (body, tag) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    if *tag != row_tag_of(super::JOURNAL, &number.to_be_bytes(), body) {
        return Err(damaged());
    }
    let event = body.get(8..).ok_or_else(damaged)?;
    rmp_serde::from_slice(event).map_err(|error| Fault::Encoding(format!("journal {number}: {error}")))
}

/// A counter as it is kept: its value, and a checksum over its name and value. One that fell back would give the next
/// record another's number.
pub(super) fn counted(name: &str, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    [&bytes[..], &row_tag_of(super::META, name.as_bytes(), &bytes)].concat()
}

/// Reads a counter back; one that was never kept is at zero.
pub(super) fn count(name: &str, kept: Option<&[u8]>) -> Result<u64, Fault> {
    let Some(kept) = kept else { return Ok(0) };
    let damaged = Fault::Damaged { table: super::META, number: 0 };
    let value = kept.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
    value.filter(|value| kept == counted(name, *value)).ok_or(damaged)
}

/// Whether a stored row fits its checksum, by the shape of the row alone: of whatever table, known or not.
pub(super) fn is_sound(table: &str, row: &[u8], value: &[u8]) -> bool {
    match value.split_last_chunk::<4>() {
        _ if table == super::META && super::data_dir::is_stamp(row) => true,
        None => false,
        Some((body, tag)) if body.is_empty() || [super::META, super::JOURNAL].contains(&table) => {
            *tag == row_tag_of(table, row, body)
        }
        Some((body, tag)) => crc32fast::hash(body) == u32::from_be_bytes(*tag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m3_a_flipped_bit_is_an_error_and_never_a_wrong_value() {
        let good = encode(&("Sofia", 900_000u64)).expect("a tuple encodes");
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert!(decode::<(String, u64)>("t", 1, &bad).is_err(), "byte {at} bit {bit}");
            }
        }
        assert_eq!(decode::<(String, u64)>("t", 1, &good).expect("untouched"), ("Sofia".into(), 900_000));
    }
}
