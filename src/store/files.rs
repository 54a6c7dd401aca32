//! Bytes on disk, named by what they are: `files/ab/<sha-256 in hex>`. The same bytes are kept once.
//!
//! A file is whole and durable before its hash is given out (temporary name, fsync, rename, fsync of the
//! directory), so the commit that names it comes after, and a power cut leaves at most a file nobody names.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a draft gathers before it goes to the disk thread: large enough that a 100 MB upload costs 400 trips.
const BUFFER_BYTES: usize = 256 * 1024;

/// The SHA-256 of a kept file: its name, its identity and the proof of its contents. Text form: 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The text was not 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a file hash: 64 lower-case hex digits expected")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    /// One spelling only (lower case), or the same file would have two names.
    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NotAHash),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(NotAHash);
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Hash {
    type Error = NotAHash;

    fn try_from(text: String) -> Result<Self, NotAHash> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

/// One kept file as [`Files::list`] finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub hash: Hash,
    /// Its length.
    pub bytes: u64,
    /// When these bytes were last kept (again). Whoever sweeps unnamed files spares the young ones: between
    /// `keep` and the commit that names it a file is unnamed and wanted.
    pub kept_at: SystemTime,
}

/// The `files/` directory. Cheap to clone. One process only: the data directory's lock sees to that.
#[derive(Debug, Clone)]
pub struct Files {
    root: Arc<Path>,
    drafts: Arc<AtomicU64>,
    /// Held while a file takes its name, and while one is removed for its age: a file kept anew is never the one removed.
    naming: Arc<Mutex<()>>,
}

impl Files {
    /// Opens `files/` inside the data directory `dir`, making what is missing (0700) and removing the drafts an
    /// earlier process left behind. Blocking.
    ///
    /// # Errors
    /// Whatever the disk says, with the path it said it about.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let root = dir.join("files");
        make_dir(&root)?;
        let tmp = root.join("tmp");
        make_dir(&tmp)?;
        for entry in fs::read_dir(&tmp).map_err(at(&tmp))? {
            let left = entry?.path();
            fs::remove_file(&left).map_err(at(&left))?;
        }
        // All 256 at once, so that no two `keep`s can disagree on who must fsync a new one's parent.
        for first in 0..=u8::MAX {
            make_dir(&root.join(format!("{first:02x}")))?;
        }
        sync_dir(&root)?;
        sync_dir(dir)?;
        Ok(Self { root: root.into(), drafts: Arc::default(), naming: Arc::default() })
    }

    /// The files of a directory that another process may have open: to be read only, nothing is made or cleared.
    pub fn beside(dir: &Path) -> Self {
        Self { root: dir.join("files").into(), drafts: Arc::default(), naming: Arc::default() }
    }

    /// A new, empty draft. Touches no disk before the first bytes.
    pub fn draft(&self) -> Draft {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let temp = Temp(self.root.join("tmp").join(number.to_string()));
        let disk = Disk { temp, file: None, hasher: Sha256::new() };
        Draft { files: self.clone(), buffer: Vec::new(), bytes: 0, disk: Some(disk) }
    }

    /// Where the file of this hash is, if it is kept.
    pub fn path(&self, hash: &Hash) -> PathBuf {
        let hex = hash.to_string();
        self.root.join(&hex[..2]).join(hex)
    }

    /// Opens a kept file for reading, with its length in bytes.
    ///
    /// # Errors
    /// `NotFound` when it is not kept; else whatever the disk says.
    pub async fn read(&self, hash: &Hash) -> io::Result<(tokio::fs::File, u64)> {
        let path = self.path(hash);
        off_thread(move || {
            let file = File::open(&path).map_err(at(&path))?;
            let bytes = file.metadata()?.len();
            Ok((tokio::fs::File::from_std(file), bytes))
        })
        .await
    }

    /// Removes a file that was last kept longer ago than `age`; one that was kept anew meanwhile stays. Blocking.
    ///
    /// # Errors
    /// Whatever the disk says; a file that is gone already is fine.
    pub fn remove_older(&self, hash: &Hash, age: Duration) -> io::Result<()> {
        let _naming = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::metadata(self.path(hash)).and_then(|known| known.modified()) {
            Ok(kept_at) if kept_at.elapsed().is_ok_and(|past| past > age) => self.remove(hash),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a kept file. Removing what is not there is fine: the end is the same. Blocking.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn remove(&self, hash: &Hash) -> io::Result<()> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result.map_err(at(&path)),
        }
    }

    /// Every kept file, in the order of the hashes. Names that are no hash are not ours and are left out. Blocking.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn list(&self) -> io::Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for first in 0..=u8::MAX {
            let dir = self.root.join(format!("{first:02x}"));
            let entries = match fs::read_dir(&dir) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(at(&dir))?,
            };
            for entry in entries {
                let entry = entry?;
                let Some(hash) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                    continue;
                };
                // One that was swept away meanwhile is not kept any more.
                let Ok(metadata) = entry.metadata() else { continue };
                kept.push(Kept { hash, bytes: metadata.len(), kept_at: metadata.modified()? });
            }
        }
        kept.sort_unstable_by_key(|file| file.hash);
        Ok(kept)
    }
}

/// A file being written. Dropped before [`Draft::keep`] (refused, client gone), it leaves nothing on the disk.
#[derive(Debug)]
pub struct Draft {
    files: Files,
    buffer: Vec<u8>,
    bytes: u64,
    /// Away while a disk thread works on it; never back after an error or a write given up half-way.
    disk: Option<Disk>,
}

/// What a draft is on the disk; it travels to the disk thread and back.
#[derive(Debug)]
struct Disk {
    file: Option<File>,
    hasher: Sha256,
    temp: Temp,
}

/// A path whose file goes when the value goes.
#[derive(Debug)]
struct Temp(PathBuf);

impl Drop for Temp {
    fn drop(&mut self) {
        // Already renamed away, or never made: nothing to remove. Any other error: the next start clears `tmp`.
        let _ = fs::remove_file(&self.0);
    }
}

impl Disk {
    /// Writes and hashes `bytes`; also called with none, so that an empty file exists.
    fn append(&mut self, bytes: &[u8]) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&self.temp.0)
                .map_err(at(&self.temp.0))?,
        };
        let file = self.file.insert(file);
        file.write_all(bytes).map_err(at(&self.temp.0))?;
        self.hasher.update(bytes);
        Ok(file)
    }
}

impl Draft {
    /// Takes more bytes. Memory stays under 512 KiB whatever the length of the file.
    ///
    /// # Errors
    /// Whatever the disk says (`StorageFull` among others); the draft is lost then.
    pub async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BUFFER_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == BUFFER_BYTES {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// How many bytes it has taken so far: what a limit is held against.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes what is still buffered and tells where all of it can be read, to see what the file is before
    /// keeping it. The path is good while the draft lives.
    ///
    /// # Errors
    /// As [`Draft::write`].
    pub async fn written(&mut self) -> io::Result<PathBuf> {
        self.flush().await?;
        self.disk.as_ref().map(|disk| disk.temp.0.clone()).ok_or_else(lost)
    }

    /// Makes the file durable under its hash, once, however often the same bytes are kept.
    ///
    /// # Errors
    /// Whatever the disk says; nothing is kept then.
    pub async fn keep(mut self) -> io::Result<Hash> {
        let mut disk = self.disk.take().ok_or_else(lost)?;
        let (buffer, files) = (std::mem::take(&mut self.buffer), self.files.clone());
        off_thread(move || {
            disk.append(&buffer)?.sync_all().map_err(at(&disk.temp.0))?;
            let hash = Hash(disk.hasher.finalize().into());
            let path = files.path(&hash);
            // Over an older copy too: the bytes are the same, the date becomes new, and a rotten copy is healed.
            {
                let _naming = files.naming.lock().unwrap_or_else(PoisonError::into_inner);
                fs::rename(&disk.temp.0, &path).map_err(at(&path))?;
            }
            path.parent().map_or(Ok(()), sync_dir)?;
            Ok(hash)
        })
        .await
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut disk = self.disk.take().ok_or_else(lost)?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let done = off_thread(move || {
            disk.append(&buffer)?;
            buffer.clear();
            Ok((disk, buffer))
        });
        let (disk, buffer) = done.await?;
        self.disk = Some(disk);
        self.buffer = buffer;
        Ok(())
    }
}

/// Room on the file system that holds `dir`, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What an ordinary user may still write.
    pub free_bytes: u64,
    /// The size of the whole file system.
    pub total_bytes: u64,
}

/// Measures the room left where `dir` is. Blocking, but answered from memory on local disks.
///
/// # Errors
/// Whatever the system says.
pub fn room(dir: &Path) -> io::Result<Room> {
    let seen = rustix::fs::statvfs(dir).map_err(io::Error::from).map_err(at(dir))?;
    Ok(Room {
        free_bytes: seen.f_bavail.saturating_mul(seen.f_frsize),
        total_bytes: seen.f_blocks.saturating_mul(seen.f_frsize),
    })
}

fn lost() -> io::Error {
    io::Error::other("this draft was given up by an earlier error")
}

/// Adds the path to an error, keeping its kind.
fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Makes a directory (0700) where there is none, but none above it: a data directory that is gone is not made anew.
pub(crate) fn make_dir(path: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result.map_err(at(path)),
    }
}

/// Puts a small file, readable by its owner alone, in the place of whatever has this name; there is always the one or
/// the other, whenever the power goes. Until it is whole it is called `<name>.new`. Blocking.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_dir(path.parent().unwrap_or(Path::new(".")))
}

pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(at(path))
}

/// Runs disk work where it may block. What was moved in is dropped there, also when nobody waits any more.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
