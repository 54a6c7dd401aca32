//! Packing: rows are gathered in blocks, and another thread compresses and writes each as a frame of its own. A machine
//! with two processors walks through the database and compresses at once.
//!
//! Dumps of earlier binaries are one long frame; whoever reads takes frames until there are no more.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// The quickest level that is worth its name; the next ones cost twice the time for a tenth of the bytes.
const LEVEL: i32 = 1;
/// Bytes of a block before it is packed. Where one ends must not depend on anything but what was written: the same rows
/// give the same dump.
const BLOCK: usize = 256 << 10;
/// Blocks that wait to be packed.
const WAITING_MAX: usize = 8;

/// Packs what `fill` writes, into `out`; gives `out` back, and what `fill` said.
///
/// # Errors
/// What `out` or `fill` said.
pub(super) fn packed<W: Write + Send, T>(
    out: W,
    fill: impl FnOnce(&mut Blocks) -> io::Result<T>,
) -> io::Result<(W, T)> {
    let (blocks, waiting) = sync_channel(WAITING_MAX);
    let (used, again) = channel();
    thread::scope(|scope| {
        let packer = thread::Builder::new().name("pack".into());
        let packer = packer.spawn_scoped(scope, move || pack(out, &waiting, &used))?;
        // Dropped at its end, whatever it says, so that the packer never waits for it.
        let mut open = Blocks { open: Vec::with_capacity(BLOCK), blocks, again };
        let filled = fill(&mut open).and_then(|said| open.flush().map(|()| said));
        drop(open);
        let packed = packer.join().map_err(|_| io::Error::other("the packing stumbled"))?;
        // Where the packer failed, that is why the rest failed.
        let out = packed?;
        Ok((out, filled?))
    })
}

/// Where rows are gathered.
pub(super) struct Blocks {
    open: Vec<u8>,
    blocks: SyncSender<Vec<u8>>,
    again: Receiver<Vec<u8>>,
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.open.len() == BLOCK {
            self.flush()?;
        }
        let taken = bytes.len().min(BLOCK - self.open.len());
        self.open.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let mut next = self.again.try_recv().unwrap_or_default();
        next.clear();
        next.reserve(BLOCK);
        self.blocks.send(std::mem::replace(&mut self.open, next)).map_err(io::Error::other)
    }
}

fn pack<W: Write>(mut out: W, blocks: &Receiver<Vec<u8>>, used: &Sender<Vec<u8>>) -> io::Result<W> {
    let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
    let mut frame = Vec::with_capacity(zstd::zstd_safe::compress_bound(BLOCK));
    for block in blocks {
        packer.compress_to_buffer(&block, &mut frame)?;
        out.write_all(&frame)?;
        // Whoever is done takes nothing back.
        let _ = used.send(block);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn bytes(many: usize) -> Vec<u8> {
        (0..many).map(|n| (n * n / 7) as u8).collect()
    }

    fn unpacked(packed: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        zstd::Decoder::new(packed).unwrap().read_to_end(&mut whole).unwrap();
        whole
    }

    #[test]
    fn what_is_packed_comes_back_however_it_was_handed_in() {
        for many in [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7] {
            let whole = bytes(many);
            let mut seen = Vec::new();
            for piece in [1 << 12, 999_983, usize::MAX] {
                let fill = |out: &mut Blocks| whole.chunks(piece).try_for_each(|piece| out.write_all(piece));
                seen.push(packed(Vec::new(), fill).unwrap().0);
            }
            assert!(seen.iter().all(|one| *one == seen[0]), "{many} bytes pack the same");
            assert_eq!(unpacked(&seen[0]), whole);
        }
    }

    #[test]
    fn f08_a_disk_that_takes_nothing_ends_it_with_what_it_said() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let whole = bytes(20 * BLOCK);
        let said = packed(Full(100), |out| out.write_all(&whole)).err().map(|error| error.kind());
        assert_eq!(said, Some(io::ErrorKind::StorageFull));
        let said =
            packed(Vec::new(), |_| Err::<(), _>(io::ErrorKind::InvalidData.into())).err().map(|error| error.kind());
        assert_eq!(said, Some(io::ErrorKind::InvalidData));
    }
}
