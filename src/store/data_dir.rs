//! The data directory: one process at a time, created safely, and never opened by a binary that is too old for it.

use super::tx::definition;
use super::{Fault, META};
use redb::{Database, ReadableDatabase};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The layout of the directory that this binary reads and writes.
pub const VERSION: u64 = 1;
const DATABASE: &str = "balcao.redb";
/// Bytes of pages that redb keeps in memory; its own default of 1 GiB gains microseconds nobody sees.
const CACHE_BYTES: usize = 64 << 20;

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
    #[error("{path} is damaged ({why}): restore a backup of the directory")]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        why: String,
    },
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

    /// Opens the database, making it first where there is none.
    pub fn database(&self) -> Result<Database, OpenError> {
        let path = self.path.join(DATABASE);
        if !path.try_exists().map_err(|why| OpenError::Unusable { path: path.clone(), why })? {
            self.create(&path)?;
        }
        let database =
            Database::builder().set_cache_size(CACHE_BYTES).open(&path).map_err(|error| explain(&path, error))?;
        let found =
            stamp(&database).map_err(|fault| OpenError::Damaged { path: path.clone(), why: fault.to_string() })?;
        match found {
            VERSION => Ok(database),
            0 => Err(OpenError::Damaged { path, why: "it has no version stamp".into() }),
            found => Err(OpenError::Newer { path: self.path.clone(), found }),
        }
    }

    /// A power cut in the very first commit would leave a file that never opens: so it is made under another name.
    fn create(&self, path: &Path) -> Result<(), OpenError> {
        let draft = self.path.join("balcao.redb.new");
        let unusable = |why| OpenError::Unusable { path: draft.clone(), why };
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        let database = Database::create(&draft).map_err(|error| explain(&draft, error))?;
        write_stamp(&database).map_err(|fault| OpenError::Damaged { path: draft.clone(), why: fault.to_string() })?;
        drop(database);
        File::open(&draft).and_then(|file| file.sync_all()).map_err(unusable)?;
        // A link refuses to take the place of a database that is there after all.
        fs::hard_link(&draft, path).map_err(unusable)?;
        fs::remove_file(&draft).map_err(unusable)?;
        File::open(&self.path).and_then(|dir| dir.sync_all()).map_err(unusable)
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_stamp(database: &Database) -> Result<(), Fault> {
    let mut commit = database.begin_write().map_err(Fault::transaction)?;
    commit.set_quick_repair(true);
    {
        let mut meta = commit.open_table(definition(META)).map_err(Fault::table)?;
        meta.insert(&b"version"[..], &VERSION.to_be_bytes()[..]).map_err(Fault::storage)?;
    }
    commit.commit().map_err(Fault::commit)
}

fn stamp(database: &Database) -> Result<u64, Fault> {
    let look = database.begin_read().map_err(Fault::transaction)?;
    let meta = match look.open_table(definition(META)) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(0),
        Err(error) => return Err(Fault::table(error)),
    };
    let bytes = meta.get(&b"version"[..]).map_err(Fault::storage)?;
    Ok(bytes.and_then(|guard| guard.value().try_into().ok()).map_or(0, u64::from_be_bytes))
}

fn explain(path: &Path, error: redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(path.to_owned()),
        redb::DatabaseError::Storage(redb::StorageError::Io(why)) if why.kind() != io::ErrorKind::InvalidData => {
            OpenError::Unusable { path: path.to_owned(), why }
        }
        other => OpenError::Damaged { path: path.to_owned(), why: other.to_string() },
    }
}
