//! The backups that the house makes by itself into a folder of this machine: an external disk, a network share.
//!
//! One is written under a draft's name, read back from the disk and compared, and only then given its own name. Of what
//! lies in the folder, nothing is ever removed but what this house noted that it made.

use super::age;
use super::archive::{self, Content};
use super::restore;
use crate::domain::copies::{Copies, Envelope};
use crate::store::files::{Room, room, sync_dir};
use crate::store::secrets;
use crate::store::steady::Steady;
use rustix::fs::{Advice, fadvise};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Backups that are remembered at most, whatever folders they are in.
const REMEMBERED_MAX: usize = 1_000;
/// Bytes after which a rest is taken.
const BREATH_BYTES: usize = 4 << 20;
const BREATH_MAX: Duration = Duration::from_millis(100);

/// A backup that was read back and found good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When it was finished, in milliseconds since 1970 UTC.
    pub at: i64,
    /// How long it took, reading back included, in milliseconds.
    pub took: i64,
    /// The folder, as it was chosen.
    pub folder: String,
    /// Its file's name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Files that were damaged or gone already in the house, and so are not in it.
    pub damaged: u64,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// The folder's name does not begin at the root.
    NotAbsolute,
    /// The folder is a part of the data directory.
    Inside,
    /// There is no such folder, or it is none.
    Missing,
    /// The folder is there, but not the disk that was in it.
    Unplugged,
    /// It may not be written to, in the system's words.
    NotWritable(String),
    /// There is no room: bytes needed, bytes free.
    Full(u64, u64),
    /// It was written, and read back as something else.
    NotGood(String),
    /// Anything else, in the system's words.
    Failed(String),
    /// The house was closed meanwhile.
    Closed,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Looks whether a folder can take backups, by writing into it; says whether it is on another disk than the data.
///
/// # Errors
/// Why it cannot.
pub fn try_folder(dir: &Path, folder: &str) -> Result<bool, Trouble> {
    let path = Path::new(folder);
    if !path.is_absolute() {
        return Err(Trouble::NotAbsolute);
    }
    let (home, real) = (fs::canonicalize(dir)?, fs::canonicalize(path).map_err(|_| Trouble::Missing)?);
    if real.starts_with(&home) {
        return Err(Trouble::Inside);
    }
    let seen = fs::metadata(&real).map_err(|_| Trouble::Missing)?;
    if !seen.is_dir() {
        return Err(Trouble::Missing);
    }
    let probe = real.join(format!(".balcao-{}", crate::domain::token::name()));
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe).and_then(|mut file| {
        file.write_all(b"balcao")?;
        file.sync_all()
    });
    let removed = fs::remove_file(&probe);
    written.and(removed).map_err(|error| Trouble::NotWritable(error.to_string()))?;
    Ok(seen.dev() != fs::metadata(&home)?.dev())
}

/// What is to be made, and under which name.
pub struct Job<'j> {
    /// The data directory.
    pub dir: &'j Path,
    /// What the agency chose.
    pub copies: &'j Copies,
    /// The file's name without its ending.
    pub name: String,
    /// Set when the house closes.
    pub closing: &'j AtomicBool,
}

impl Job<'_> {
    /// The file's name.
    pub fn file_name(&self) -> String {
        format!("{}.tar{}", self.name, if self.copies.envelope.is_sealed() { ".age" } else { "" })
    }

    /// The name it has until it was read back.
    pub fn draft(&self) -> PathBuf {
        draft(&self.copies.folder, &self.file_name())
    }

    /// Looks whether the folder is there and its disk in it. Blocking.
    ///
    /// # Errors
    /// Why it is not.
    pub fn folder(&self) -> Result<(), Trouble> {
        let apart = try_folder(self.dir, &self.copies.folder)?;
        if self.copies.apart && !apart { Err(Trouble::Unplugged) } else { Ok(()) }
    }

    /// Writes it, reads it back, gives it its name; gives its size and how many files it lacks. Blocking, at half a
    /// processor's pace.
    ///
    /// # Errors
    /// Why there is none; nothing is left of it then.
    pub fn make(&self, content: Content) -> Result<(u64, u64), Trouble> {
        let draft = self.draft();
        let made = self.write_and_read(content, &draft);
        if made.is_err() {
            // What came before counts; the next try removes what is left.
            let _ = fs::remove_file(&draft);
        }
        if self.closing.load(Ordering::Relaxed) && made.is_err() { Err(Trouble::Closed) } else { made }
    }

    fn write_and_read(&self, content: Content, draft: &Path) -> Result<(u64, u64), Trouble> {
        let folder = Path::new(&self.copies.folder);
        let (needed, Room { free_bytes, .. }) = (content.manifest().room(), room(folder)?);
        if needed > free_bytes {
            return Err(Trouble::Full(needed, free_bytes));
        }
        let envelope = self.envelope()?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
        let mut out = self.gentle(Steady::new(file));
        let (archived, key) = archive::write_to(content, &mut out, &envelope, &mut |_| {})?;
        let file = out.inner.finish()?;
        // What is read back comes from the disk, not from memory. A system that cannot forget reads from memory.
        let _ = fadvise(&file, 0, None, Advice::DontNeed);
        let input = BufReader::with_capacity(1 << 20, self.gentle(File::open(draft)?));
        restore::open(input, &key)
            .and_then(|archive| archive.verify())
            .map_err(|error| Trouble::NotGood(format!("{error:#}")))?;
        fs::rename(draft, folder.join(self.file_name()))?;
        sync_dir(folder)?;
        Ok((file.metadata()?.len(), archived.damaged.len() as u64))
    }

    fn envelope(&self) -> Result<age::Envelope, Trouble> {
        match &self.copies.envelope {
            Envelope::Plain => Ok(age::Envelope::Plain),
            Envelope::Secret(name) => {
                let kept = secrets::read(self.dir, name)?;
                kept.map(age::Envelope::Passphrase).ok_or_else(|| Trouble::Failed(format!("secrets/{name} is missing")))
            }
            Envelope::Keys(keys) => {
                let keys: Result<_, _> = keys.iter().map(|key| key.parse()).collect();
                keys.map(age::Envelope::Recipients).map_err(|no: age::keys::NoKey| Trouble::Failed(no.to_string()))
            }
        }
    }

    fn gentle<T>(&self, inner: T) -> Gentle<'_, T> {
        Gentle { inner, closing: self.closing, passed: 0, began: Instant::now() }
    }
}

/// Passes bytes on, works and rests in turns of the same length, and ends when the house closes.
struct Gentle<'j, T> {
    inner: T,
    closing: &'j AtomicBool,
    passed: usize,
    began: Instant,
}

impl<T> Gentle<'_, T> {
    fn passed(&mut self, bytes: usize) -> io::Result<usize> {
        if self.closing.load(Ordering::Relaxed) {
            return Err(io::Error::other("the house closes"));
        }
        self.passed += bytes;
        if self.passed >= BREATH_BYTES {
            std::thread::sleep(self.began.elapsed().min(BREATH_MAX));
            (self.passed, self.began) = (0, Instant::now());
        }
        Ok(bytes)
    }
}

impl<T: Write> Write for Gentle<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.passed(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Gentle<'_, T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.passed(read)
    }
}

/// Where a backup lies until it was read back.
fn draft(folder: &str, name: &str) -> PathBuf {
    Path::new(folder).join(format!("{name}.part"))
}

/// Removes what an interrupted try left under this path. Blocking.
pub fn clear(begun: &str) {
    if let Err(error) = fs::remove_file(begun)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, begun, "what an interrupted backup left could not be removed");
    }
}

/// Removes the backups beyond the newest `keep` of this folder, and forgets those that somebody else removed. Only what
/// is noted in `made` is ever removed, and only while it has the size that was noted. Blocking.
pub fn thin_out(made: &mut Vec<Made>, copies: &Copies) {
    let here = |one: &Made| Path::new(&one.folder).join(&one.name);
    let is_there =
        |one: &Made| fs::symlink_metadata(here(one)).is_ok_and(|seen| seen.is_file() && seen.len() == one.bytes);
    made.retain(|one| one.folder != copies.folder || is_there(one));
    for old in superfluous(made, &copies.folder, copies.keep) {
        match fs::remove_file(here(&old)) {
            Ok(()) => made.retain(|one| *one != old),
            Err(error) => tracing::warn!(%error, name = %old.name, "an old backup could not be removed"),
        }
    }
    let beyond = made.len().saturating_sub(REMEMBERED_MAX);
    made.drain(..beyond);
}

/// Which of them (the newest last) are no longer kept: all but the newest `keep` of this folder, and the newest that
/// lacks nothing.
fn superfluous(made: &[Made], folder: &str, keep: u32) -> Vec<Made> {
    let here: Vec<&Made> = made.iter().filter(|one| one.folder == folder).collect();
    let whole = here.iter().rposition(|one| one.damaged == 0);
    let old = here.len().saturating_sub(keep.max(1) as usize);
    here.into_iter().take(old).enumerate().filter(|(n, _)| whole != Some(*n)).map(|(_, one)| one.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(n: i64, folder: &Path, damaged: u64) -> Made {
        let name = format!("balcao-{n}.tar");
        fs::write(folder.join(&name), "x").unwrap();
        Made { at: n, took: 1, folder: folder.display().to_string(), name, bytes: 1, damaged }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn r9_only_what_this_house_made_is_removed_and_never_the_newest_good_one() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (folder, other) = (folder.path(), other.path());
        let copies = Copies {
            folder: folder.display().to_string(),
            apart: false,
            minute: 0,
            keep: 2,
            envelope: Envelope::Plain,
            since: 0,
        };
        let mut all = vec![made(1, other, 0)];
        all.extend([(2, 0), (3, 0), (4, 1), (5, 1)].map(|(n, damaged)| made(n, folder, damaged)));
        fs::write(folder.join("balcao-0.tar"), "somebody else's").unwrap();
        fs::write(folder.join("férias.jpg"), "x").unwrap();
        thin_out(&mut all, &copies);
        assert_eq!(
            names(folder),
            ["balcao-0.tar", "balcao-3.tar", "balcao-4.tar", "balcao-5.tar", "férias.jpg"],
            "the two newest, and the newest that lacks nothing"
        );
        assert_eq!(names(other), ["balcao-1.tar"], "a folder that is no longer used is left alone");

        // One that is no longer what was made is not removed, and not counted.
        fs::write(folder.join("balcao-3.tar"), "another").unwrap();
        all.push(made(6, folder, 0));
        all.push(made(7, folder, 0));
        thin_out(&mut all, &copies);
        assert_eq!(names(folder), ["balcao-0.tar", "balcao-3.tar", "balcao-6.tar", "balcao-7.tar", "férias.jpg"]);
        assert_eq!(all.iter().map(|one| one.at).collect::<Vec<_>>(), [1, 6, 7]);
    }

    #[test]
    fn r9_a_folder_is_absolute_outside_there_and_writable() {
        let (data, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let inside = data.path().join("copias");
        fs::create_dir(&inside).unwrap();
        let link = away.path().join("atalho");
        std::os::unix::fs::symlink(&inside, &link).unwrap();
        let file = away.path().join("arquivo");
        fs::write(&file, "x").unwrap();
        let text = |path: &Path| path.display().to_string();
        for (folder, why) in [
            ("copias".to_owned(), Trouble::NotAbsolute),
            (String::new(), Trouble::NotAbsolute),
            (text(data.path()), Trouble::Inside),
            (text(&inside), Trouble::Inside),
            (text(&link), Trouble::Inside),
            (text(&away.path().join("nada")), Trouble::Missing),
            (text(&file), Trouble::Missing),
        ] {
            assert_eq!(try_folder(data.path(), &folder), Err(why), "{folder}");
        }
        assert!(matches!(try_folder(data.path(), "/proc"), Err(Trouble::NotWritable(_))));
        assert_eq!(try_folder(data.path(), &text(away.path())), Ok(false), "the same disk");
        assert_eq!(names(away.path()), ["arquivo", "atalho"], "nothing is left of the try");
    }
}
