//! The database as it was last known to be on the disk, behind glass: everything can be read, and what is written lies
//! on the glass, in memory.

use super::disk::Disk;
use super::handle::Gate;
use redb::StorageBackend;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of a piece of glass; what is written lies on whole pieces.
const PIECE: usize = 4_096;

/// A view of a disk that never changes it.
#[derive(Debug)]
pub(super) struct Glass {
    disk: Arc<dyn Disk>,
    gate: Arc<Gate>,
    drawn: Mutex<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    pieces: HashMap<u64, Box<[u8; PIECE]>>,
    len: u64,
    /// How much of the disk shows through; what was cut off and grown again is empty.
    shown: u64,
}

impl Glass {
    /// In front of a disk, with these bytes as its beginning.
    pub(super) fn new(disk: Arc<dyn Disk>, gate: Arc<Gate>, head: &[u8]) -> io::Result<Self> {
        let len = disk.len()?;
        let glass = Self { disk, gate, drawn: Mutex::new(Drawn { pieces: HashMap::new(), len, shown: len }) };
        glass.write(0, head)?;
        Ok(glass)
    }

    fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What shows through from the disk.
    fn behind(&self, shown: u64, at: u64, into: &mut [u8]) -> io::Result<()> {
        let there = usize::try_from(shown.saturating_sub(at)).unwrap_or(usize::MAX).min(into.len());
        let (through, empty) = into.split_at_mut(there);
        empty.fill(0);
        if through.is_empty() { Ok(()) } else { self.gate.read(|| self.disk.read(at, through)) }
    }
}

/// The piece at a place, and where in it.
fn place(at: u64) -> (u64, usize) {
    // A remainder below PIECE fits.
    (at / PIECE as u64, (at % PIECE as u64) as usize)
}

impl StorageBackend for Glass {
    fn len(&self) -> io::Result<u64> {
        Ok(self.drawn().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let drawn = self.drawn();
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > drawn.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let shown = drawn.shown;
        let first = place(offset).0;
        let last = place(offset + out.len() as u64).0;
        let over: Vec<(u64, Box<[u8; PIECE]>)> =
            (first..=last).filter_map(|n| drawn.pieces.get(&n).map(|piece| (n, piece.clone()))).collect();
        drop(drawn);
        self.behind(shown, offset, out)?;
        for (n, piece) in over {
            let begins = n * PIECE as u64;
            let (from, to) = (begins.max(offset), (begins + PIECE as u64).min(offset + out.len() as u64));
            if from < to {
                let target = &mut out[(from - offset) as usize..(to - offset) as usize];
                target.copy_from_slice(&piece[(from - begins) as usize..(to - begins) as usize]);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut drawn = self.drawn();
        if len < drawn.len {
            let (last, within) = place(len);
            drawn.pieces.retain(|n, _| *n < last || (*n == last && within > 0));
            if let Some(piece) = drawn.pieces.get_mut(&last) {
                piece[within..].fill(0);
            }
            drawn.shown = drawn.shown.min(len);
        }
        drawn.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut drawn = self.drawn();
        let mut rest = data;
        let mut at = offset;
        while !rest.is_empty() {
            let (n, within) = place(at);
            let (now, later) = rest.split_at(rest.len().min(PIECE - within));
            if !drawn.pieces.contains_key(&n) {
                let mut piece = Box::new([0; PIECE]);
                if now.len() < PIECE {
                    self.behind(drawn.shown, n * PIECE as u64, &mut piece[..])?;
                }
                drawn.pieces.insert(n, piece);
            }
            if let Some(piece) = drawn.pieces.get_mut(&n) {
                piece[within..within + now.len()].copy_from_slice(now);
            }
            at += now.len() as u64;
            rest = later;
        }
        drawn.len = drawn.len.max(at);
        Ok(())
    }
}
