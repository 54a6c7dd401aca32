//! The data directory: one process at a time, created safely, and never opened by a binary that is too old for it.

use super::disk::Plain;
use super::handle::{Handle, Ledger};
use super::tx::definition;
use super::{Disk, Fault, META, Raw, Snapshot, snapshots};
use redb::WriteTransaction;
use std::fs::{self, File, TryLockError};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The layout of the directory that this binary reads and writes.
pub const VERSION: u64 = super::upgrade::STEPS.len() as u64 + 1;
pub(super) const DATABASE: &str = "balcao.redb";
/// Under which name the layout's number is kept.
const STAMP: &str = "version";

/// Whether this row of the table of counters is the stamp.
pub(super) fn is_stamp(name: &[u8]) -> bool {
    name == STAMP.as_bytes()
}

/// The layout that the stamp names; 0 without one.
pub(super) fn layout(raw: &impl Raw) -> Result<u64, Fault> {
    let stamp = raw.raw(META, STAMP.as_bytes())?;
    Ok(stamp.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
}

/// There while a restore fills the directory; a directory with it is never opened.
pub const RESTORING: &str = "RESTORING";

/// Why a directory cannot be opened; each is one sentence for a person.
#[derive(thiserror::Error, Debug)]
pub enum OpenError {
    /// Another process has it.
    #[error("{0} is in use: another balcao is running on this directory")]
    InUse(PathBuf),
    /// It was written by a newer binary.
    #[error(
        "{path} was written by a newer version (layout {found}; this one reads up to {VERSION}): use the newer balcao"
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// Its layout.
        found: u64,
    },
    /// The database file is not one, or is broken.
    #[error("{path} is damaged ({why}): {}", way_out(path))]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        why: String,
    },
    /// A restore into it did not come to its end.
    #[error("{0} holds half a backup: a restore was interrupted here; repeat it (balcao restore FILE --data DIR)")]
    HalfRestored(PathBuf),
    /// The operating system refuses.
    #[error("{path} cannot be used: {why}")]
    Unusable {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// An open directory; the lock is held while this lives.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory if it is missing (mode 0700) and takes its lock.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |why| OpenError::Unusable { path: path.to_owned(), why };
        create_private(path).map_err(unusable)?;
        let lock = File::options().create(true).append(true).open(path.join("LOCK")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(why)) => Err(unusable(why)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database's file.
    pub(super) fn file(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The same as a disk, made first where there is none.
    pub(super) fn disk(&self) -> Result<Arc<dyn Disk>, OpenError> {
        let path = self.file();
        let unusable = |why| OpenError::Unusable { path: path.clone(), why };
        if self.path.join(RESTORING).try_exists().map_err(unusable)? {
            return Err(OpenError::HalfRestored(self.path.clone()));
        }
        if !path.try_exists().map_err(unusable)? {
            // Where there are snapshots there was a database: an empty one would look as if all were lost.
            if !snapshots::list(&self.path).map_err(unusable)?.is_empty() {
                return Err(OpenError::Damaged { path, why: "it is missing".into() });
            }
            self.create(&path)?;
        }
        Ok(Arc::new(Plain::open(&path).map_err(|why| OpenError::Unusable { path, why })?))
    }

    /// A power cut in the very first commit would leave a file that never opens: so it is made under another name.
    fn create(&self, path: &Path) -> Result<(), OpenError> {
        let draft = self.path.join("balcao.redb.new");
        let unusable = |why| OpenError::Unusable { path: draft.clone(), why };
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        let disk: Arc<dyn Disk> = Arc::new(Plain::create(&draft).map_err(unusable)?);
        create(&disk).map_err(|fault| OpenError::Damaged { path: draft.clone(), why: fault.to_string() })?;
        File::open(&draft).and_then(|file| file.sync_all()).map_err(unusable)?;
        // A link refuses to take the place of a database that is there after all.
        fs::hard_link(&draft, path).map_err(unusable)?;
        fs::remove_file(&draft).map_err(unusable)?;
        File::open(&self.path).and_then(|dir| dir.sync_all()).map_err(unusable)
    }
}

/// What to do about a database that does not open; `path` is its file, or its directory.
fn way_out(path: &Path) -> String {
    let dir = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    match snapshots::newest_good(dir) {
        Ok(Some(shot)) => format!(
            "the newest good snapshot is {0}; to go on from it: balcao restore --snapshot {0} --data {1}",
            shot.name(),
            dir.display()
        ),
        _ => "restore a backup of the directory".to_owned(),
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes an empty database on an empty disk. When it comes back, all of it is there to stay.
pub fn create(disk: &Arc<dyn Disk>) -> Result<(), Fault> {
    let handle = Handle::create(disk)?;
    let commit = super::writer::begin(&handle)?;
    put_stamp(&commit, VERSION)?;
    commit.commit().map_err(Fault::commit)?;
    handle.close()?;
    disk.sync().map_err(Fault::disk)
}

/// Says in a commit of which layout the database is from there on.
pub(super) fn put_stamp(commit: &WriteTransaction, layout: u64) -> Result<(), Fault> {
    let mut meta = commit.open_table(definition(META)).map_err(Fault::table)?;
    meta.insert(STAMP.as_bytes(), &layout.to_be_bytes()[..]).map_err(Fault::storage)?;
    Ok(())
}

/// Looks at a database without writing a byte to it: whether it is one, and of which layout, this one's or an older.
pub(super) fn examine(disk: &Arc<dyn Disk>, path: &Path) -> Result<(Ledger, u64), OpenError> {
    let ledger = Ledger::of(&**disk).map_err(|why| OpenError::Unusable { path: path.to_owned(), why })?;
    // On garbage redb may stumble rather than say so.
    let seen = catch_unwind(AssertUnwindSafe(|| {
        let glass = Handle::glass(disk, &ledger.synced()).map_err(|error| explain(path, error))?;
        let damaged = |fault: Fault| OpenError::Damaged { path: path.to_owned(), why: fault.to_string() };
        let look = Snapshot::of(Arc::new(glass)).map_err(damaged)?;
        layout(&look).map_err(damaged)
    }));
    let damaged = |why: &str| OpenError::Damaged { path: path.to_owned(), why: why.into() };
    match seen.unwrap_or_else(|_| Err(damaged("its pages make no sense")))? {
        0 => Err(damaged("it has no version stamp")),
        found if found <= VERSION => Ok((ledger, found)),
        found => Err(OpenError::Newer { path: path.to_owned(), found }),
    }
}

pub(super) fn explain(path: &Path, error: redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(path.to_owned()),
        redb::DatabaseError::Storage(redb::StorageError::Io(why)) if why.kind() != io::ErrorKind::InvalidData => {
            OpenError::Unusable { path: path.to_owned(), why }
        }
        other => OpenError::Damaged { path: path.to_owned(), why: other.to_string() },
    }
}
