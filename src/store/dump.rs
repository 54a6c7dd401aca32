//! The whole database as one stream: what snapshots and backups hold.
//!
//! A dump is a head (format, layout, how far the journal reached, when), every row of every table in order, compressed,
//! and the SHA-256 of all that. It is written from one look at the database, so it is consistent whatever is written
//! meanwhile, and independent of how the database lays out its pages: reading one makes a fresh database.

mod pack;

use super::data_dir::layout as layout_of;
use super::handle::CACHE_BYTES;
use super::tx::{Batch, Tx};
use super::{Fault, Snapshot, VERSION, record};
use redb::{Database, ReadableTable};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::path::Path;

const MAGIC: &[u8; 16] = b"balcao dump 1\r\n\0";
const HEAD_BYTES: u64 = 16 + 3 * 8;
const SEAL_BYTES: u64 = 32;
/// What claims to have been so many times larger is no records, but made to fill a disk (C56).
const UNPACKED_TIMES_MAX: u64 = 250;
/// So much may come out of however little.
const UNPACKED_BYTES_MIN: u64 = 64 << 20;
/// No key is longer, in bytes.
const KEY_BYTES_MAX: usize = 64 << 10;
/// No record is longer, in bytes.
const VALUE_BYTES_MAX: usize = 64 << 20;

const END: u8 = 0;
const TABLE: u8 = 1;
const ROW: u8 = 2;

/// What a dump says about itself before its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The layout of its tables, as [`VERSION`].
    pub layout: u64,
    /// The number of the journal's last event.
    pub reached: u64,
    /// When it was taken, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// What a dump holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Its rows.
    pub rows: u64,
    /// Rows whose checksum did not fit; they are kept as they were.
    pub damaged: u64,
    /// Bytes of all keys and values.
    pub bytes: u64,
}

/// Passes bytes on and hashes them.
pub(crate) struct Hashing<T> {
    inner: T,
    hasher: Sha256,
}

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, hasher: Sha256::new() }
    }

    /// What it passed on to, and the SHA-256 of all that passed.
    pub(crate) fn end(self) -> (T, [u8; 32]) {
        (self.inner, self.hasher.finalize().into())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.hasher.update(&bytes[..read]);
        Ok(read)
    }
}

fn ours(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(Fault::Storage(error.to_string()))
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not a whole copy of a database: {what}"))
}

/// Writes everything `look` sees, and tells `pace` the bytes of each row, so that it may slow things down. Another thread
/// compresses and writes.
///
/// # Errors
/// Whatever the disk says, of either side.
pub fn write<W: Write + Send>(look: &Snapshot, at: i64, out: W, pace: &mut dyn FnMut(u64)) -> io::Result<(W, Tally)> {
    let mut out = Hashing::new(out);
    let layout = layout_of(look).map_err(io::Error::other)?;
    let reached = look.reached().map_err(io::Error::other)?;
    out.write_all(MAGIC)?;
    out.write_all(&layout.to_be_bytes())?;
    out.write_all(&reached.to_be_bytes())?;
    out.write_all(&at.to_be_bytes())?;
    let (out, tally) = pack::packed(out, |packed| {
        let tally = rows(look, packed, pace)?;
        packed.write_all(&[END])?;
        packed.write_all(&tally.rows.to_be_bytes())?;
        Ok(tally)
    })?;
    let (mut out, seal) = out.end();
    out.write_all(&seal)?;
    Ok((out, tally))
}

/// Reads every row that `look` sees, and writes nothing: what a dump of it would hold.
///
/// # Errors
/// Whatever the disk says.
pub fn tally(look: &Snapshot) -> io::Result<Tally> {
    rows(look, &mut io::sink(), &mut |_| {})
}

fn rows(look: &Snapshot, out: &mut impl Write, pace: &mut dyn FnMut(u64)) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut tables = look.tables().map_err(io::Error::other)?;
    tables.sort_unstable();
    for name in &tables {
        let short = u8::try_from(name.len()).map_err(ours)?;
        out.write_all(&[TABLE, short])?;
        out.write_all(name.as_bytes())?;
        let table = look.sight.read.open_table(redb::TableDefinition::<&[u8], &[u8]>::new(name)).map_err(ours)?;
        for row in table.iter().map_err(ours)? {
            let (key, value) = row.map_err(ours)?;
            let (key, value) = (key.value(), value.value());
            tally.rows += 1;
            tally.bytes += (key.len() + value.len()) as u64;
            if !record::is_sound(name, key, value) {
                tally.damaged += 1;
                tracing::error!(table = %name, key = ?key, "a damaged row: its checksum does not fit");
            }
            let mut head = [ROW; 9];
            head[1..5].copy_from_slice(&u32::try_from(key.len()).map_err(ours)?.to_be_bytes());
            head[5..].copy_from_slice(&u32::try_from(value.len()).map_err(ours)?.to_be_bytes());
            out.write_all(&head)?;
            out.write_all(key)?;
            out.write_all(value)?;
            pace((key.len() + value.len()) as u64);
        }
    }
    Ok(tally)
}

/// Reads the head alone.
///
/// # Errors
/// `InvalidData` where it is no dump.
pub fn head(input: &mut impl Read) -> io::Result<Head> {
    let mut bytes = [0; HEAD_BYTES as usize];
    input.read_exact(&mut bytes).map_err(|_| broken("it is too short"))?;
    let (magic, rest) = bytes.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(broken("it begins differently"));
    }
    let (numbers, _) = rest.as_chunks::<8>();
    match *numbers {
        [layout, reached, at] => Ok(Head {
            layout: u64::from_be_bytes(layout),
            reached: u64::from_be_bytes(reached),
            at: i64::from_be_bytes(at),
        }),
        _ => Err(broken("its head is short")),
    }
}

/// Whether the `bytes` bytes of `input` are a whole dump; gives the SHA-256 of all of them, the seal included.
///
/// # Errors
/// `InvalidData` where it is cut or changed.
pub fn verify(input: &mut impl Read, bytes: u64) -> io::Result<[u8; 32]> {
    let mut covered = Hashing::new(input.take(covered(bytes)?));
    head(&mut covered)?;
    io::copy(&mut covered, &mut io::sink())?;
    let whole = covered.hasher.clone();
    let seal = closed(covered)?;
    Ok(whole.chain_update(seal).finalize().into())
}

fn covered(bytes: u64) -> io::Result<u64> {
    bytes.checked_sub(SEAL_BYTES).ok_or_else(|| broken("it is too short"))
}

/// Compares the seal that follows what was read, and gives it.
fn closed<R: Read>(covered: Hashing<io::Take<R>>) -> io::Result<[u8; 32]> {
    let (rest, counted) = covered.end();
    let missing = rest.limit();
    let mut seal = [0; SEAL_BYTES as usize];
    let whole = missing == 0 && rest.into_inner().read_exact(&mut seal).is_ok();
    if whole && seal == counted { Ok(seal) } else { Err(broken("its checksum does not fit")) }
}

/// Reads the `bytes` bytes of `input` into a new database at `path`, which is on disk when this returns. Only then has
/// the seal been seen to fit: on an error the file at `path` is worth nothing.
///
/// # Errors
/// `InvalidData` where it is cut, changed, or of a layout this binary does not know.
pub fn load(input: &mut impl Read, bytes: u64, path: &Path) -> io::Result<(Head, Tally)> {
    let mut covered = Hashing::new(input.take(covered(bytes)?));
    let head = head(&mut covered)?;
    if head.layout > VERSION {
        let why = format!("it was written by a newer version (layout {}; this one reads up to {VERSION})", head.layout);
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    let database = Database::builder().set_cache_size(CACHE_BYTES).create(path).map_err(ours)?;
    let most = UNPACKED_TIMES_MAX.saturating_mul(bytes).max(UNPACKED_BYTES_MIN);
    let mut unpacked = io::BufReader::new(zstd::Decoder::new(&mut covered)?.take(most));
    let filled = fill(&database, head.layout, &mut unpacked);
    if unpacked.get_ref().limit() == 0 {
        return Err(broken("it unpacks to more than records ever do"));
    }
    let (tally, layout) = filled?;
    drop(unpacked);
    closed(covered)?;
    if layout != head.layout {
        return Err(broken("its version stamp does not fit"));
    }
    drop(database);
    std::fs::File::open(path)?.sync_all()?;
    Ok((head, tally))
}

/// Puts every row into a database; gives what that is, and the layout that the version stamp among them names.
fn fill(database: &Database, layout: u64, input: &mut impl Read) -> io::Result<(Tally, u64)> {
    let mut commit = database.begin_write().map_err(ours)?;
    commit.set_quick_repair(true);
    let mut tally = Tally::default();
    let mut kind = byte(input)?;
    while kind == TABLE {
        let name_bytes = usize::from(byte(input)?);
        let name = bytes(input, name_bytes)?;
        // redb is certain that a name has a letter.
        let name =
            String::from_utf8(name).ok().filter(|name| !name.is_empty()).ok_or_else(|| broken("a table's name"))?;
        let mut table = commit.open_table(redb::TableDefinition::<&[u8], &[u8]>::new(&name)).map_err(ours)?;
        loop {
            kind = byte(input)?;
            if kind != ROW {
                break;
            }
            let (key_bytes, value_bytes) = (length(input)?, length(input)?);
            if key_bytes > KEY_BYTES_MAX || value_bytes > VALUE_BYTES_MAX {
                return Err(broken("a row is too long"));
            }
            let (key, value) = (bytes(input, key_bytes)?, bytes(input, value_bytes)?);
            tally.rows += 1;
            tally.bytes += (key_bytes + value_bytes) as u64;
            // Rows of an older layout had other checksums, or none.
            tally.damaged += u64::from(layout == VERSION && !record::is_sound(&name, &key, &value));
            table.insert(key.as_slice(), value.as_slice()).map_err(ours)?;
        }
    }
    let mut rows = [0; 8];
    input.read_exact(&mut rows)?;
    if kind != END || u64::from_be_bytes(rows) != tally.rows || input.read(&mut [0])? != 0 {
        return Err(broken("its rows do not add up"));
    }
    let stamped = layout_of(&Tx::new(&Batch::new(&commit), 0)).map_err(io::Error::other)?;
    commit.commit().map_err(ours)?;
    Ok((tally, stamped))
}

fn byte(input: &mut impl Read) -> io::Result<u8> {
    let mut one = [0];
    input.read_exact(&mut one)?;
    Ok(one[0])
}

fn length(input: &mut impl Read) -> io::Result<usize> {
    let mut four = [0; 4];
    input.read_exact(&mut four)?;
    usize::try_from(u32::from_be_bytes(four)).map_err(io::Error::other)
}

fn bytes(input: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
