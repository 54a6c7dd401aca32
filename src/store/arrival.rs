//! How a directory is met at a start: is the database in it the very file that was left here, or a copy that may be torn?
//!
//! A `cp` of a running directory reads the database while it changes, and what it made may not open, or worse, open. So
//! the directory remembers which file its database is (`ORIGINAL`: inode and time of birth, which no copy shares). A
//! database that is another file is checked as a whole before anybody is served from it; if it is torn, it is kept aside
//! and the newest good snapshot takes its place. The file that was left here is opened at once, whatever happened.

use super::data_dir::{DATABASE, DataDir, OpenError, layout};
use super::disk::{Disk, Plain};
use super::handle::{Handle, Ledger};
use super::snapshots::{self, Shot};
use super::{Snapshot, dump, files};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

const ORIGINAL: &str = "ORIGINAL";
/// What every database file of redb begins with.
const MAGIC: &[u8; 9] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// What was found at a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The file that was left here, or a new directory.
    Known,
    /// Another file than the one that was left here, and a sound one: the directory is a copy.
    Copy,
    /// A torn copy: a snapshot took its place.
    Recovered(Recovered),
}

/// A snapshot took the place of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The snapshot.
    pub from: Shot,
    /// The name under which the file that was there is kept, if there was one.
    pub aside: Option<String>,
    /// What was wrong with it.
    pub why: String,
}

/// Looks at the database before it is opened, and puts a snapshot in the place of a torn copy. Blocking.
///
/// # Errors
/// [`OpenError::Damaged`] where there is nothing to serve from; it names the newest good snapshot where there is one.
pub fn arrive(dir: &DataDir, now: i64) -> Result<Arrival, OpenError> {
    let path = dir.path().join(DATABASE);
    let unusable = |why| OpenError::Unusable { path: dir.path().to_owned(), why };
    snapshots::clear(dir.path()).map_err(unusable)?;
    match identity(&path) {
        // Made anew, or refused, by whoever opens the database.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Arrival::Known),
        Err(error) => return Err(unusable(error)),
        Ok(own) => {
            if remembered(dir.path()).map_err(unusable)? == Some(own) {
                return Ok(Arrival::Known);
            }
        }
    }
    let damaged = |why| OpenError::Damaged { path: path.clone(), why };
    let why = match judge(&path).map_err(unusable)? {
        Judged::Whole { reached } => {
            let newest = snapshots::newest_good(dir.path()).map_err(unusable)?;
            match newest.filter(|shot| shot.reached > reached) {
                None => {
                    remember(dir.path(), &path).map_err(unusable)?;
                    return Ok(Arrival::Copy);
                }
                Some(_) => "it is older than its newest snapshot".to_owned(),
            }
        }
        Judged::Foreign => return Err(damaged("it is not a database of this program".into())),
        Judged::Newer(found) => return Err(OpenError::Newer { path: dir.path().to_owned(), found }),
        Judged::Torn(why) => why,
    };
    match snapshots::newest_good(dir.path()).map_err(unusable)? {
        None => Err(damaged(why)),
        Some(shot) => {
            let used = put_back(dir, &shot, "torn", now).map_err(unusable)?;
            Ok(Arrival::Recovered(Recovered { why, ..used }))
        }
    }
}

/// Makes a database out of a snapshot and puts it in its place; the one that was there is kept beside it as
/// `balcao.redb.<label>-<now>`. Either all of it happens or nothing. Blocking.
///
/// # Errors
/// `InvalidData` where the snapshot is damaged; else whatever the disk says.
pub fn put_back(dir: &DataDir, shot: &Shot, label: &str, now: i64) -> io::Result<Recovered> {
    let (path, draft) = (dir.path().join(DATABASE), dir.path().join("balcao.redb.new"));
    remove(&draft)?;
    let mut file = File::open(shot.sound(dir.path())?.path)?;
    let bytes = file.metadata()?.len();
    if let Err(error) = dump::load(&mut file, bytes, &draft) {
        remove(&draft)?;
        return Err(error);
    }
    let mut aside = format!("{DATABASE}.{label}-{now}");
    match fs::hard_link(&path, dir.path().join(&aside)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => aside.clear(),
        linked => linked?,
    }
    place(dir, &draft)?;
    Ok(Recovered { from: shot.clone(), aside: (!aside.is_empty()).then_some(aside), why: String::new() })
}

/// Gives a finished database its name: it is the original from then on, and what was indexed of another is forgotten.
/// Blocking.
///
/// # Errors
/// Whatever the disk says.
pub fn place(dir: &DataDir, draft: &Path) -> io::Result<()> {
    forget_search(dir.path())?;
    // Cut off between these two, the old database is met as a copy once more, and nothing is lost.
    remember(dir.path(), draft)?;
    fs::rename(draft, dir.path().join(DATABASE))?;
    files::sync_dir(dir.path())
}

/// Removes the search index, which is never the only copy of anything: the next start makes it anew. Blocking.
///
/// # Errors
/// Whatever the disk says.
pub fn forget_search(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("search-") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Remembers that the database in its place is the original. Blocking.
///
/// # Errors
/// Whatever the disk says.
pub fn settle(dir: &DataDir) -> io::Result<()> {
    let path = dir.path().join(DATABASE);
    if remembered(dir.path())? == Some(identity(&path)?) { Ok(()) } else { remember(dir.path(), &path) }
}

fn remember(dir: &Path, database: &Path) -> io::Result<()> {
    files::replace(&dir.join(ORIGINAL), identity(database)?.as_bytes())
}

fn remembered(dir: &Path) -> io::Result<Option<String>> {
    match fs::read(dir.join(ORIGINAL)) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Which file this is, as no copy of it is. The device's number is no part of it where a time of birth is known: it may
/// change with every start of the machine.
fn identity(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    let born = metadata.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok(match born {
        Some(born) => format!("inode {} born {}\n", metadata.ino(), born.as_nanos()),
        None => format!("inode {} device {}\n", metadata.ino(), metadata.dev()),
    })
}

/// What a whole look at a database file showed.
enum Judged {
    Whole { reached: u64 },
    Torn(String),
    Foreign,
    Newer(u64),
}

/// Reads all of a database file and changes nothing of it: every page against its checksum, then every row.
fn judge(path: &Path) -> io::Result<Judged> {
    let mut magic = [0; 9];
    let begins = File::open(path)?.read_exact(&mut magic);
    if begins.is_err() || magic != *MAGIC {
        return Ok(Judged::Foreign);
    }
    // A torn file may also trip the database over its own certainties.
    match catch_unwind(AssertUnwindSafe(|| read_all(path))) {
        Ok(Ok((layout, _))) if layout > super::VERSION => Ok(Judged::Newer(layout)),
        Ok(Ok((_, reached))) => Ok(Judged::Whole { reached }),
        Ok(Err(why)) => Ok(Judged::Torn(why)),
        Err(_) => Ok(Judged::Torn("the database stumbled over it".into())),
    }
}

fn read_all(path: &Path) -> Result<(u64, u64), String> {
    let mut handle = look_at(path)?;
    if !handle.database.check_integrity().map_err(|error| error.to_string())? {
        tracing::warn!("the database in this copy was cut in mid-write; it begins from its last whole commit");
    }
    let look = Snapshot::of(Arc::new(handle)).map_err(|error| error.to_string())?;
    let layout = layout(&look).map_err(|error| error.to_string())?;
    if layout == 0 {
        return Err("it has no version stamp".into());
    }
    if layout != super::VERSION {
        // Its rows are not as this binary knows them; the pages were all looked at, and no snapshot counts as newer.
        return Ok((layout, u64::MAX));
    }
    let tally = dump::tally(&look).map_err(|error| error.to_string())?;
    match tally.damaged {
        0 => Ok((layout, look.reached().map_err(|error| error.to_string())?)),
        damaged => Err(format!("{damaged} of its rows are damaged")),
    }
}

/// Opens a database file so that nothing of it changes.
fn look_at(path: &Path) -> Result<Handle, String> {
    let opened = || -> io::Result<(Arc<dyn Disk>, Ledger)> {
        let disk: Arc<dyn Disk> = Arc::new(Plain::open(path)?);
        let ledger = Ledger::of(&*disk)?;
        Ok((disk, ledger))
    };
    let (disk, ledger) = opened().map_err(|error| error.to_string())?;
    Handle::glass(&disk, &ledger.synced()).map_err(|error| error.to_string())
}

impl Snapshot {
    /// A look at the database of a directory that nobody has open; not a byte of it changes. Blocking.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] where it does not open.
    pub fn at_rest(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(DATABASE);
        let look = || Self::of(Arc::new(look_at(&path)?)).map_err(|fault| fault.to_string());
        let looked = catch_unwind(AssertUnwindSafe(look));
        let looked = looked.unwrap_or_else(|_| Err("the database stumbled over it".into()));
        looked.map_err(|why| OpenError::Damaged { path, why })
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
