//! The drill: a backup is made and restored into a scratch directory, exactly as in earnest, and compared.

use super::age::Key;
use super::archive::Content;
use super::restore;
use crate::store::Snapshot;
use crate::store::dump::{self, Hashing};
use crate::store::files::Hash;
use crate::store::snapshots::Shot;
use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

const SCRATCH: &str = "drill";

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drilled {
    /// Rows of the database, each as it was.
    pub rows: u64,
    /// Files, each as it was.
    pub files: u64,
    /// Files that are damaged where they lie, and so in every backup of them.
    pub damaged: u64,
}

struct Scratch(PathBuf);

impl Scratch {
    fn clear(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.clear() {
            tracing::error!(%error, "what the drill restored could not be removed; the next start does");
        }
    }
}

/// Removes what an interrupted drill left.
///
/// # Errors
/// Whatever the disk says.
pub fn clear(dir: &Path) -> io::Result<()> {
    Scratch(dir.join(SCRATCH)).clear()
}

/// Makes an archive of a snapshot and the files, restores it beside, and compares: the restored database, written again,
/// must be the same byte for byte. Blocking.
///
/// # Errors
/// One sentence: why a restore would have failed.
pub fn drill(dir: &Path, shot: &Shot) -> Result<Drilled> {
    let scratch = Scratch(dir.join(SCRATCH));
    scratch.clear()?;
    let content = Content::of(dir, shot, true)?;
    let (reader, writer) = io::pipe()?;
    let writing = std::thread::Builder::new()
        .name("drill".into())
        .spawn(move || content.write(&mut BufWriter::with_capacity(1 << 18, writer), &mut |_| {}))?;
    let archive = restore::open(BufReader::with_capacity(1 << 18, reader), &Key::Nothing)?;
    let restored = archive.restore(&scratch.0, &mut |_| {});
    let written = writing.join().map_err(|_| anyhow!("writing the backup panicked"))?;
    let restored = restored?;
    written?;
    let look = Snapshot::at_rest(&scratch.0)?;
    let (out, tally) = dump::write(&look, restored.manifest.at, Hashing::new(io::sink()), &mut |_| {})?;
    if Hash::from(out.end().1) != restored.manifest.database.sha256 || tally.damaged > 0 {
        bail!("the restored database is not the one that was backed up");
    }
    let damaged = restored.damaged.len() as u64;
    Ok(Drilled { rows: tally.rows, files: restored.manifest.files.len() as u64 - damaged, damaged })
}
