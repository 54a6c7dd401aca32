//! Reading ahead: one thread reads and hashes the parts of an archive, in their order, while another writes what was
//! read. A machine with two processors does both at once.

use crate::store::files::Hash;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// Bytes that are read, hashed and written at a time.
pub(super) const PIECE: usize = 1 << 20;
/// Pieces that wait for whoever writes.
const WAITING_MAX: usize = 4;

/// A part of an archive, and where its bytes come from.
pub(super) struct Source<'s> {
    /// Its name in the archive.
    pub name: String,
    /// Its length in the archive.
    pub bytes: u64,
    /// What its content must hash to.
    pub expected: Option<Hash>,
    /// Whether it is one of the house's files, which may be damaged or gone without spoiling the rest.
    pub is_kept: bool,
    from: Lies<'s>,
}

enum Lies<'s> {
    Memory(&'s [u8]),
    Disk(PathBuf),
}

impl<'s> Source<'s> {
    pub(super) fn of_bytes(name: String, bytes: &'s [u8], expected: Option<Hash>) -> Self {
        Self { name, bytes: bytes.len() as u64, expected, is_kept: false, from: Lies::Memory(bytes) }
    }

    pub(super) fn of_file(name: String, bytes: u64, path: PathBuf, expected: Hash, is_kept: bool) -> Self {
        Self { name, bytes, expected: Some(expected), is_kept, from: Lies::Disk(path) }
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match &self.from {
            Lies::Memory(bytes) => Ok(Box::new(*bytes)),
            Lies::Disk(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) if self.is_kept && error.kind() == io::ErrorKind::NotFound => Ok(Box::new(io::empty())),
                Err(error) => Err(error),
            },
        }
    }
}

/// Some bytes of a part; the last of them come with the hash of all.
struct Piece {
    bytes: Vec<u8>,
    hash: Option<[u8; 32]>,
}

/// What was read, for whoever writes it.
pub(super) struct Pieces {
    read: Receiver<io::Result<Piece>>,
    used: Sender<Vec<u8>>,
}

impl Pieces {
    /// Hands on the bytes of the next part; gives their hash.
    ///
    /// # Errors
    /// What reading them or `to` said.
    pub(super) fn pass_on(&self, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<[u8; 32]> {
        loop {
            let piece = self.read.recv().map_err(io::Error::other)??;
            to(&piece.bytes)?;
            // A reader that is done takes nothing back.
            let _ = self.used.send(piece.bytes);
            if let Some(hash) = piece.hash {
                return Ok(hash);
            }
        }
    }
}

/// Reads every source in its order, each in exactly its length: one that is too short is filled up with zeroes, which
/// its hash tells. `write` takes them in the same order, meanwhile.
///
/// # Errors
/// What reading or `write` said.
pub(super) fn read(sources: &[Source<'_>], write: impl FnOnce(&Pieces) -> io::Result<()>) -> io::Result<()> {
    let (pieces, read) = sync_channel(WAITING_MAX);
    let (used, again) = channel();
    thread::scope(|scope| {
        let reader = Reader { pieces, again };
        thread::Builder::new().name("read ahead".into()).spawn_scoped(scope, move || reader.read_all(sources))?;
        // Dropped at its end, whatever it says, so that the reader never waits for it.
        let pieces = Pieces { read, used };
        write(&pieces)
    })
}

struct Reader {
    pieces: SyncSender<io::Result<Piece>>,
    again: Receiver<Vec<u8>>,
}

/// Whoever writes gave up.
struct Left;

impl Reader {
    fn read_all(self, sources: &[Source<'_>]) {
        for source in sources {
            if self.read_one(source).is_err() {
                return;
            }
        }
    }

    fn read_one(&self, source: &Source<'_>) -> Result<(), Left> {
        let mut left = source.bytes;
        let mut hasher = Sha256::new();
        let mut input = match source.open() {
            Ok(input) => input,
            Err(error) => return self.give(Err(error)),
        };
        loop {
            let mut bytes = self.again.try_recv().unwrap_or_default();
            bytes.resize(left.min(PIECE as u64) as usize, 0);
            if let Err(error) = fill(&mut input, &mut bytes) {
                return self.give(Err(error));
            }
            hasher.update(&bytes);
            left -= bytes.len() as u64;
            if left == 0 {
                return self.give(Ok(Piece { bytes, hash: Some(hasher.finalize().into()) }));
            }
            self.give(Ok(Piece { bytes, hash: None }))?;
        }
    }

    fn give(&self, piece: io::Result<Piece>) -> Result<(), Left> {
        let failed = piece.is_err();
        let given = self.pieces.send(piece).map_err(|_| Left);
        if failed { Err(Left) } else { given }
    }
}

/// Fills all of it, with zeroes where there is no more.
fn fill(input: &mut dyn Read, mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match input.read(bytes) {
            Ok(0) => {
                bytes.fill(0);
                return Ok(());
            }
            Ok(read) => bytes = &mut bytes[read..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
