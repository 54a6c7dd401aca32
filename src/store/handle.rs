//! An open database, and its right to touch the disk, which it can lose.
//!
//! redb gives up on a file after the first error. So a handle is one of several in a process's life, one after the
//! other; what must outlive them, the head of the file as it is known to be on the disk, stands in the [`Ledger`].

use super::Fault;
use super::counts::Counts;
use super::disk::{Disk, is_full};
use super::glass::Glass;
use super::look::Sight;
use redb::{Builder, Database, DatabaseError, StorageBackend, WriteTransaction};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

/// Bytes of pages that redb keeps in memory; its own default of 1 GiB gains microseconds nobody sees.
pub(super) const CACHE_BYTES: usize = 64 << 20;
/// Bytes at the file's beginning that say which of two states counts; redb's own header is shorter.
const HEAD_BYTES: usize = 4_096;

/// What a handle may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum May {
    Nothing,
    Read,
    All,
}

/// The right to touch the disk. It only ever shrinks, and only between two touches.
#[derive(Debug)]
pub(super) struct Gate(RwLock<May>);

impl Gate {
    pub(super) fn open() -> Arc<Self> {
        Arc::new(Self(RwLock::new(May::All)))
    }

    fn pass<T>(&self, needed: May, touch: impl FnOnce() -> io::Result<T>) -> Option<io::Result<T>> {
        let may = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (*may >= needed).then(touch)
    }

    /// Touches the disk to read.
    pub(super) fn read<T>(&self, touch: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.pass(May::Read, touch).unwrap_or_else(|| Err(given_up()))
    }

    /// Takes rights away; true for whoever did it first.
    fn narrow(&self, to: May) -> bool {
        let mut may = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let first = *may > to;
        *may = to.min(*may);
        first
    }
}

fn given_up() -> io::Error {
    io::Error::other("this handle was given up")
}

/// What happened to a disk.
#[derive(Clone, Debug)]
pub(super) struct Wound {
    /// It is full, rather than broken.
    pub(super) full: bool,
    /// How long the file was to be.
    pub(super) len: u64,
    /// What was said.
    pub(super) why: String,
    /// It happened to the thread that writes.
    pub(super) writing: bool,
}

/// Who is told that a disk failed, before redb is.
pub(super) trait Nurse: Send + Sync {
    /// The handle writes no more; its looks may finish while this takes its time.
    fn wounded(&self, wound: Wound);
}

/// What is known of the file's head, whichever handle wrote it.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Heads>);

#[derive(Debug, Default)]
struct Heads {
    written: Vec<u8>,
    synced: Vec<u8>,
}

impl Ledger {
    /// The head of a disk that nobody writes to.
    pub(super) fn of(disk: &dyn Disk) -> io::Result<Self> {
        let bytes = disk.len()?.min(HEAD_BYTES as u64);
        // At most HEAD_BYTES.
        let mut head = vec![0; bytes as usize];
        disk.read(0, &mut head)?;
        Ok(Self(Mutex::new(Heads { written: head.clone(), synced: head })))
    }

    fn heads(&self) -> MutexGuard<'_, Heads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head as it is known to be on the disk.
    pub(super) fn synced(&self) -> Vec<u8> {
        self.heads().synced.clone()
    }

    /// Puts the head that is known to be on the disk back into its place: a commit that nobody was told of is gone.
    pub(super) fn put_back(&self, disk: &dyn Disk) -> io::Result<()> {
        let mut heads = self.heads();
        disk.write(0, &heads.synced)?;
        heads.written = heads.synced.clone();
        disk.sync()
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        let Some(at) = usize::try_from(at).ok().filter(|at| *at < HEAD_BYTES) else { return };
        let bytes = &bytes[..bytes.len().min(HEAD_BYTES - at)];
        let mut heads = self.heads();
        if heads.written.len() < at + bytes.len() {
            heads.written.resize(at + bytes.len(), 0);
        }
        heads.written[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn sync(&self) {
        let mut heads = self.heads();
        heads.synced = heads.written.clone();
    }
}

/// redb's way to the disk.
struct Live {
    disk: Arc<dyn Disk>,
    ledger: Arc<Ledger>,
    gate: Arc<Gate>,
    nurse: Call,
}

/// Whom to call; nobody, until the handle is in use.
type Call = Arc<OnceLock<Weak<dyn Nurse>>>;

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.disk.fmt(f)
    }
}

impl Live {
    fn touch<T>(&self, needed: May, len: u64, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let done = self.gate.pass(needed, work).unwrap_or_else(|| Err(given_up()));
        if let Err(error) = &done
            && self.gate.narrow(May::Read)
            && let Some(nurse) = self.nurse.get().and_then(Weak::upgrade)
        {
            let writing = needed == May::All;
            nurse.wounded(Wound { full: is_full(error), len, why: error.to_string(), writing });
        }
        done
    }
}

impl StorageBackend for Live {
    fn len(&self) -> io::Result<u64> {
        self.touch(May::Read, 0, || self.disk.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.touch(May::Read, 0, || self.disk.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.touch(May::All, len, || self.disk.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.touch(May::All, 0, || self.disk.sync().inspect(|()| self.ledger.sync()))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.touch(May::All, 0, || {
            self.ledger.write(offset, data);
            self.disk.write(offset, data)
        })
    }
}

/// An open database.
pub(super) struct Handle {
    /// What is looked at since the last commit, once somebody did. It goes before redb does.
    sight: Mutex<Option<Arc<Sight>>>,
    /// What redb has.
    pub(super) database: Database,
    /// What looks counted lately.
    pub(super) counts: Counts,
    gate: Arc<Gate>,
    nurse: Call,
    looks: AtomicUsize,
    /// It was opened without the walk through the whole file that a lost allocator state takes.
    pub(super) quick: bool,
}

impl Handle {
    /// Opens the database on a disk.
    pub(super) fn open(disk: &Arc<dyn Disk>, ledger: &Arc<Ledger>) -> Result<Self, DatabaseError> {
        not_empty(&**disk)?;
        Self::live(disk, ledger.clone())
    }

    /// Makes a database on a disk that is empty.
    pub(super) fn create(disk: &Arc<dyn Disk>) -> Result<Self, DatabaseError> {
        Self::live(disk, Arc::default())
    }

    fn live(disk: &Arc<dyn Disk>, ledger: Arc<Ledger>) -> Result<Self, DatabaseError> {
        let (gate, nurse) = (Gate::open(), Call::default());
        let live = Live { disk: disk.clone(), ledger, gate: gate.clone(), nurse: nurse.clone() };
        Self::over(live, gate, nurse)
    }

    /// Opens what is known to be on a disk, without ever writing to it.
    pub(super) fn glass(disk: &Arc<dyn Disk>, head: &[u8]) -> Result<Self, DatabaseError> {
        not_empty(&**disk)?;
        let gate = Gate::open();
        let glass = Glass::new(disk.clone(), gate.clone(), head).map_err(failed)?;
        Self::over(glass, gate, Call::default())
    }

    fn over(backend: impl StorageBackend, gate: Arc<Gate>, nurse: Call) -> Result<Self, DatabaseError> {
        let walked = Arc::new(AtomicBool::new(false));
        let repaired = walked.clone();
        let database = Builder::new()
            .set_cache_size(CACHE_BYTES)
            .set_repair_callback(move |_| repaired.store(true, Ordering::Relaxed))
            .create_with_backend(backend)?;
        let quick = !walked.load(Ordering::Relaxed);
        let (sight, counts, looks) = (Mutex::default(), Counts::default(), AtomicUsize::new(0));
        Ok(Self { sight, database, counts, gate, nurse, looks, quick })
    }

    /// From here on this one is told of errors.
    pub(super) fn tended_by(&self, nurse: Weak<dyn Nurse>) {
        // A handle comes into use once.
        let _ = self.nurse.set(nurse);
    }

    /// What is committed at this moment.
    pub(super) fn sight(&self) -> Result<Arc<Sight>, Fault> {
        let mut sight = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sight) = &*sight {
            return Ok(sight.clone());
        }
        let fresh = Arc::new(Sight::of(&self.database)?);
        *sight = Some(fresh.clone());
        Ok(fresh)
    }

    /// What was seen so far is no longer what there is; pages that nobody sees can be used again.
    fn move_on(&self) {
        drop(self.sight.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Commits: who looks from when this returns sees it.
    pub(super) fn commit(&self, commit: WriteTransaction) -> Result<(), Fault> {
        self.move_on();
        let done = commit.commit().map_err(Fault::commit);
        self.move_on();
        done
    }

    /// Somebody begins to look.
    pub(super) fn enter(&self) {
        self.looks.fetch_add(1, Ordering::AcqRel);
    }

    /// Somebody has looked enough.
    pub(super) fn leave(&self) {
        self.looks.fetch_sub(1, Ordering::AcqRel);
    }

    /// Waits until nobody looks any more, or for so long.
    pub(super) fn quiet(&self, most: Duration) {
        let until = Instant::now() + most;
        while self.looks.load(Ordering::Acquire) > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Touches the disk no more, not even to read: what is looked up from here on fails.
    pub(super) fn give_up(&self) {
        self.gate.narrow(May::Nothing);
    }

    /// Writes no more; looks go on.
    pub(super) fn stop_writing(&self) -> bool {
        self.gate.narrow(May::Read)
    }

    /// Closes the file, so that the next start needs no repair.
    pub(super) fn close(self) -> Result<(), Fault> {
        self.move_on();
        Ok(self.database.close()?)
    }

    /// Whether it still has every right.
    pub(super) fn is_sound(&self) -> bool {
        self.gate.pass(May::All, || Ok(())).is_some()
    }
}

fn failed(error: io::Error) -> DatabaseError {
    DatabaseError::Storage(redb::StorageError::Io(error))
}

/// redb would make a new database of a file of no bytes.
fn not_empty(disk: &dyn Disk) -> Result<(), DatabaseError> {
    match disk.len() {
        Ok(0) => Err(failed(io::Error::new(io::ErrorKind::InvalidData, "the file is empty"))),
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        Self::Storage(error.to_string())
    }
}
