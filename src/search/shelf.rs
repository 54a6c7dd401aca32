//! The index on disk: opened only if it is whole, and how far it reaches, in its own commits.

use super::fields::{Fields, VERSION};
use crate::domain::Event;
use crate::domain::entry;
use crate::store::files::make_dir;
use crate::store::{Fault, Snapshot};
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tantivy::indexer::{IndexWriter, IndexWriterOptions};
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, TantivyError};

/// Bytes of words that the writer gathers in memory: tantivy's least.
const WRITER_BYTES: usize = 15 << 20;
/// Events before the cursor that tell whose history it is.
const STAMP_EVENTS: u64 = 16;

/// An open index.
pub struct Shelf {
    /// Takes changes.
    pub writer: IndexWriter<TantivyDocument>,
    /// Gives searchers; it sees a commit after [`Shelf::commit`].
    pub reader: IndexReader,
    cursor: Cursor,
    saved: Option<u64>,
    whole: bool,
}

enum Cursor {
    /// As the payload has it, not yet compared with the store.
    Read(u64, u32),
    Known(u64),
    /// The index is not whole.
    Lost,
}

/// What was found where the index should be.
pub enum Kept {
    /// A whole index.
    Good(Box<Shelf>),
    /// Nothing.
    Missing,
    /// Something that cannot be used, and why.
    Broken(String),
    /// Something that may be good but cannot be had now.
    Busy(anyhow::Error),
}

/// Opens what there is. Every byte is checked first: a broken index must not be found out by a search.
pub fn open(dir: &Path) -> Kept {
    match fs::symlink_metadata(dir) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Kept::Missing,
        Err(error) => return Kept::Busy(error.into()),
    }
    let index = match checked(dir) {
        Ok(index) => index,
        Err(error) => return Kept::Broken(format!("{error:#}")),
    };
    match shelf(&index) {
        Ok(shelf) => Kept::Good(Box::new(shelf)),
        Err(error @ TantivyError::LockFailure(..)) => Kept::Busy(error.into()),
        Err(error) => Kept::Broken(error.to_string()),
    }
}

/// Makes an empty one.
pub fn make(dir: &Path) -> Result<Shelf> {
    make_dir(dir)?;
    let index = Index::builder().schema(Fields::schema().0).create_in_dir(dir)?;
    Ok(shelf(&index)?)
}

/// Removes it, whatever it is.
pub fn remove(dir: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(what) if what.is_dir() => fs::remove_dir_all(dir),
        Ok(_) => fs::remove_file(dir),
    };
    removed.with_context(|| format!("{} cannot be removed", dir.display()))
}

/// Removes what older versions left beside it; what cannot be removed is no trouble.
pub fn remove_older(dir: &Path) {
    for version in 0..VERSION {
        let _ = remove(&dir.with_file_name(format!("search-{version}")));
    }
}

fn checked(dir: &Path) -> Result<Index> {
    let index = Index::open_in_dir(dir)?;
    if index.schema() != Fields::schema().0 {
        return Err(anyhow!("it has other fields"));
    }
    let broken = index.validate_checksum()?;
    if !broken.is_empty() {
        return Err(anyhow!("damaged: {broken:?}"));
    }
    Ok(index)
}

fn shelf(index: &Index) -> tantivy::Result<Shelf> {
    Fields::prepare(index);
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let options =
        IndexWriterOptions::builder().num_worker_threads(1).memory_budget_per_thread(WRITER_BYTES).num_merge_threads(1);
    let writer = index.writer_with_options(options.build())?;
    let cursor = index.load_metas()?.payload.and_then(|payload| read(&payload)).unwrap_or(Cursor::Lost);
    let whole = !matches!(cursor, Cursor::Lost);
    Ok(Shelf { writer, reader, cursor, saved: None, whole })
}

impl Shelf {
    /// The last journal number that is in the index; none where the index is not whole, or was made of another history
    /// than this store's.
    pub fn cursor(&mut self, look: &Snapshot) -> Result<Option<u64>> {
        if let Cursor::Read(cursor, stamp) = self.cursor {
            let fits = cursor <= look.reached()? && now(look, cursor)?.is_none_or(|now| now == stamp);
            self.saved = Some(cursor);
            self.cursor = if fits { Cursor::Known(cursor) } else { Cursor::Lost };
        }
        match self.cursor {
            Cursor::Known(cursor) => Ok(Some(cursor)),
            _ => Ok(None),
        }
    }

    /// Everything up to this number was given to the writer.
    pub fn cursor_is(&mut self, cursor: u64) {
        self.cursor = Cursor::Known(cursor);
        self.whole = true;
    }

    /// The index begins anew.
    pub fn cursor_lost(&mut self) {
        self.cursor = Cursor::Lost;
    }

    /// Whether what can be searched was once complete.
    pub fn was_whole(&self) -> bool {
        self.whole
    }

    /// Writes everything to disk, the cursor with it, and shows it to searches.
    pub fn commit(&mut self, look: &Snapshot) -> Result<()> {
        let payload = match self.cursor {
            Cursor::Known(cursor) => {
                self.saved = Some(cursor);
                payload(cursor, now(look, cursor)?.unwrap_or(0))
            }
            _ => String::new(),
        };
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        Ok(self.reader.reload()?)
    }

    /// Commits where only the cursor moved.
    pub fn save(&mut self, look: &Snapshot) -> Result<()> {
        match self.cursor {
            Cursor::Known(cursor) if self.saved != Some(cursor) => self.commit(look),
            _ => Ok(()),
        }
    }
}

/// Cursor, the stamp of its event, and a check over both: nothing but our own words is believed.
fn payload(cursor: u64, stamp: u32) -> String {
    let words = format!("{cursor} {stamp}");
    format!("{words} {}", crc32fast::hash(words.as_bytes()))
}

fn read(text: &str) -> Option<Cursor> {
    let mut numbers = text.split(' ');
    let (cursor, stamp) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    (payload(cursor, stamp) == text).then_some(Cursor::Read(cursor, stamp))
}

/// What tells one history from another with the same numbers: the last events up to the cursor, and when what was said
/// in them was said. Nothing where the journal no longer has them.
fn now(look: &Snapshot, cursor: u64) -> Result<Option<u32>> {
    let events = cursor.min(STAMP_EVENTS);
    let news = match look.journal::<Event>(cursor - events, STAMP_EVENTS as usize) {
        Ok(news) => news.events,
        Err(Fault::Damaged { .. } | Fault::Encoding(_)) => return Ok(None),
        Err(fault) => return Err(fault.into()),
    };
    let mut stamp = crc32fast::Hasher::new();
    let mut seen = 0;
    for (_, event) in news.iter().filter(|(number, _)| *number <= cursor) {
        stamp.update(format!("{event:?}").as_bytes());
        if let Event::EntryAdded { entry, .. } | Event::OpportunityEntryAdded { entry, .. } = event {
            let at = entry::by_id(look, *entry).map_or(None, |entry| entry.map(|entry| entry.at));
            stamp.update(&at.unwrap_or(0).to_be_bytes());
        }
        seen += 1;
    }
    Ok((seen == events).then(|| stamp.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f14_only_our_own_payload_is_believed() {
        let good = payload(4_711, 99);
        assert!(matches!(read(&good), Some(Cursor::Read(4_711, 99))));
        for at in 0..good.len() {
            let mut bad = good.clone().into_bytes();
            bad[at] ^= 1;
            let bad = String::from_utf8(bad).expect("a flipped low bit of a digit is a character");
            assert!(read(&bad).is_none(), "{bad}");
        }
        assert!(read("").is_none() && read("4711").is_none() && read("x y z").is_none());
    }
}
