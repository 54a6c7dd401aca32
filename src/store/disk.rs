//! Where the database's bytes lie, and how a disk says no.
//!
//! The database speaks to a [`Disk`]: in the product a file, in tests whatever fails as the test wants. Nobody locks
//! the file itself; the directory's lock lets one process in.

use rustix::io::Errno;
use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes that must be free before a disk that was full is trusted again: the commits of some minutes.
pub const ROOM_BYTES: usize = 1 << 20;

/// Bytes at places, which stay once [`Disk::sync`] came back.
pub trait Disk: Debug + Send + Sync + 'static {
    /// How many there are.
    fn len(&self) -> io::Result<u64>;
    /// Whether there are none.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Fills `into` from place `at`; fails where that goes beyond the end.
    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()>;
    /// Puts bytes at a place.
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts off, or fills up with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Comes back when everything written before is there to stay.
    fn sync(&self) -> io::Result<()>;
    /// Tries whether the disk takes [`ROOM_BYTES`] again, and whether the file may be `len` bytes long.
    fn room(&self, len: u64) -> io::Result<()>;
    /// Whether the bytes still lie where the next start will look for them. Costs microseconds.
    fn in_place(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A file in the data directory.
///
/// Whoever moves the directory away, replaces it by a copy or unmounts its disk by force leaves an open file behind that
/// takes everything and that nobody will ever find again. So nothing counts as kept while its path names another file, or
/// none; when the directory is back, it goes on.
#[derive(Debug)]
pub struct Plain {
    file: File,
    path: PathBuf,
}

impl Plain {
    /// Opens a file that is there. Blocking, as everything here.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Makes a file, readable by its owner alone, where there is none.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { file, path: path.to_owned() })
    }
}

impl Disk for Plain {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, at)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()?;
        self.in_place()
    }

    fn room(&self, len: u64) -> io::Result<()> {
        self.in_place()?;
        let now = self.len()?;
        if len > now {
            // The length at which it failed; what is not needed is given back.
            self.file.set_len(len)?;
            self.file.set_len(now)?;
        }
        let path = self.path.with_file_name("room.tmp");
        let tried = try_to_write(&path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => tried.and(Err(error)),
            _ => tried,
        }
    }

    fn in_place(&self) -> io::Result<()> {
        let (own, path) = (self.file.metadata()?, self.path.display());
        match fs::metadata(&self.path) {
            Ok(there) if (there.dev(), there.ino()) == (own.dev(), own.ino()) => Ok(()),
            Ok(_) => Err(io::Error::other(format!("{path} is another file than the one that is open"))),
            Err(why) => Err(io::Error::new(why.kind(), format!("{path} is not where it was: {why}"))),
        }
    }
}

fn try_to_write(path: &Path) -> io::Result<()> {
    let mut file = File::options().write(true).create(true).truncate(true).open(path)?;
    // Not zeros: some file systems keep those without taking room.
    let page: Vec<u8> = (0..=u8::MAX).cycle().take(4_096).collect();
    for _ in 0..ROOM_BYTES / page.len() {
        file.write_all(&page)?;
    }
    file.sync_all()
}

/// Whether this is the disk saying that it is full: no space, no quota, or the file may not grow.
pub(super) fn is_full(error: &io::Error) -> bool {
    [Errno::NOSPC, Errno::DQUOT, Errno::FBIG].iter().any(|full| error.raw_os_error() == Some(full.raw_os_error()))
}
