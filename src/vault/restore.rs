//! The way back: an archive becomes a data directory, as a whole or not at all.
//!
//! What is not in the manifest, or not in its order, is refused before a byte of it is written. While the directory is
//! filled a mark lies in it with which no binary opens it; taking the mark away is the last step.

use super::age::{Opening, is_sealed};
use super::archive::{DATABASE, LOOSE_BYTES_MAX, MANIFEST, MANIFEST_BYTES_MAX, Manifest, SEAL, SEAL_BYTES_MAX, Seal};
use super::archive::{Part, file_name};
use super::tar::{cut, read_head, read_rest};
use crate::store::dump::{self, Hashing, Tally};
use crate::store::files::{Hash, room, sync_dir};
use crate::store::{DataDir, RESTORING, VERSION, arrival};
use anyhow::{Context, Result, bail};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// What a restore brought back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the archive said it holds.
    pub manifest: Manifest,
    /// What was in its database.
    pub tally: Tally,
    /// Files that the archive does not hold, because they were damaged where it was made.
    pub damaged: Vec<Hash>,
}

/// An archive that is being read, with its manifest understood.
pub struct Archive<R> {
    input: Hashing<R>,
    manifest: Manifest,
}

/// Opens an archive; an encrypted one with the passphrase that `ask` gives. Nothing is written yet.
///
/// # Errors
/// One sentence: no archive, a newer one, a wrong passphrase.
pub fn open<'r>(
    mut input: impl BufRead + 'r,
    ask: impl FnOnce() -> Result<String>,
) -> Result<Archive<Box<dyn Read + 'r>>> {
    let input: Box<dyn Read + 'r> = match is_sealed(&mut input)? {
        true => Box::new(Opening::new(input, &ask()?)?),
        false => Box::new(input),
    };
    let mut input = Hashing::new(input);
    let bytes = expect(&mut input, MANIFEST, None)?;
    if bytes > MANIFEST_BYTES_MAX {
        bail!("this is not a backup of Balcão: its list of contents is too long");
    }
    let text = whole(&mut input, bytes)?;
    let format = serde_json::from_slice::<Format>(&text).map(|format| (format.format, format.layout));
    match format {
        Ok((1, layout)) if layout <= VERSION => {}
        Ok(_) => bail!("this backup was made by a newer version of Balcão: use that one to restore it"),
        Err(_) => bail!("this is not a backup of Balcão: its list of contents cannot be read"),
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).context("this is not a backup of Balcão: its list of contents cannot be read")?;
    if !manifest.loose.iter().all(|(name, part)| is_loose(name) && part.bytes <= LOOSE_BYTES_MAX) {
        bail!("this is not a backup of Balcão: it names files that no data directory has");
    }
    if !manifest.files.is_sorted_by(|(a, _), (b, _)| a < b) {
        bail!("this is not a backup of Balcão: it names a file twice");
    }
    Ok(Archive { input, manifest })
}

/// The part of a manifest that every version understands.
#[derive(serde::Deserialize)]
struct Format {
    format: u32,
    layout: u64,
}

/// Whether a loose file of this name may be written: never up, never elsewhere.
fn is_loose(name: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty()
            && name.len() <= 80
            && !name.starts_with('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    name == "smtp-ca.pem" || name.strip_prefix("secrets/").is_some_and(plain)
}

/// Reads the next head, which must be of this file.
fn expect(input: &mut impl Read, name: &str, bytes: Option<u64>) -> Result<u64> {
    let found = read_head(input)?;
    let found = found.context("this is not a whole backup: it ends too early")?;
    if found.name != name || bytes.is_some_and(|bytes| bytes != found.bytes) {
        bail!("this is not a backup of Balcão, or not a whole one: something else stands where {name} should");
    }
    Ok(found.bytes)
}

/// Reads a small part into memory.
fn whole(input: &mut impl Read, bytes: u64) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    input.take(bytes).read_to_end(&mut text)?;
    if text.len() as u64 != bytes {
        bail!("this is not a whole backup: it ends too early");
    }
    read_rest(input, bytes)?;
    Ok(text)
}

impl<R: Read> Archive<R> {
    /// What it says it holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Makes a data directory of it: `dir` must be missing or empty. Blocking.
    ///
    /// # Errors
    /// One sentence; nothing is left in `dir` then.
    pub fn restore(self, dir: &Path, progress: &mut dyn FnMut(u64)) -> Result<Restored> {
        let made = !dir.try_exists()?;
        if !made {
            must_be_empty(dir)?;
        }
        let open = DataDir::open(dir)?;
        empty(dir)?;
        let free = room(dir)?.free_bytes;
        let done = if self.manifest.room() > free {
            Err(anyhow::anyhow!("{} has no room for it: {} bytes are needed", dir.display(), self.manifest.room()))
        } else {
            self.fill(&open, progress)
        };
        if done.is_err() {
            empty(dir)?;
            fs::remove_file(dir.join(RESTORING))?;
            fs::remove_file(dir.join("LOCK"))?;
            if made {
                fs::remove_dir(dir)?;
            }
        }
        done
    }

    fn fill(mut self, open: &DataDir, progress: &mut dyn FnMut(u64)) -> Result<Restored> {
        let dir = open.path();
        let draft = dir.join("balcao.redb.new");
        let mut done = self.manifest.database.bytes;
        let tally = self.database(&draft)?;
        progress(done);
        for (name, part) in std::mem::take(&mut self.manifest.loose) {
            self.loose(dir, &name, &part)?;
            done += part.bytes;
            self.manifest.loose.push((name, part));
        }
        let mut damaged = Vec::new();
        for (hash, bytes) in std::mem::take(&mut self.manifest.files) {
            if !self.file(dir, &hash, bytes)? {
                damaged.push(hash);
            }
            done += bytes;
            progress(done);
            self.manifest.files.push((hash, bytes));
        }
        let manifest = self.end(&damaged)?;
        // All that was written, at once: a million fsyncs would take an hour.
        rustix::fs::syncfs(File::open(dir)?).map_err(io::Error::from)?;
        arrival::place(open, &draft)?;
        fs::remove_file(dir.join(RESTORING))?;
        sync_dir(dir)?;
        Ok(Restored { manifest, tally, damaged })
    }

    fn database(&mut self, draft: &Path) -> Result<Tally> {
        let Part { bytes, sha256 } = self.manifest.database.clone();
        expect(&mut self.input, DATABASE, Some(bytes))?;
        let mut content = Hashing::new((&mut self.input).take(bytes));
        let loaded = dump::load(&mut content, bytes, draft).map_err(cut);
        let (rest, hash) = content.end();
        let (head, tally) = loaded?;
        if rest.limit() != 0 || Hash::from(hash) != sha256 || head.reached != self.manifest.reached {
            bail!("this backup is damaged: its database does not fit its list of contents");
        }
        read_rest(&mut self.input, bytes)?;
        Ok(tally)
    }

    fn loose(&mut self, dir: &Path, name: &str, part: &Part) -> Result<()> {
        expect(&mut self.input, name, Some(part.bytes))?;
        let text = whole(&mut self.input, part.bytes)?;
        let mut hashing = Hashing::new(io::sink());
        hashing.write_all(&text)?;
        if Hash::from(hashing.end().1) != part.sha256 {
            bail!("this backup is damaged: {name} does not fit its checksum");
        }
        let path = dir.join(name);
        path.parent().map_or(Ok(()), make_dir)?;
        create(&path)?.write_all(&text)?;
        Ok(())
    }

    /// Brings back one file; says false, and keeps nothing, where it does not fit its hash.
    fn file(&mut self, dir: &Path, hash: &Hash, bytes: u64) -> Result<bool> {
        let name = file_name(hash);
        expect(&mut self.input, &name, Some(bytes))?;
        let path = dir.join(&name);
        path.parent().map_or(Ok(()), make_dir)?;
        let mut content = Hashing::new((&mut self.input).take(bytes));
        let copied = io::copy(&mut content, &mut create(&path)?)?;
        if copied != bytes {
            bail!("this is not a whole backup: it ends too early");
        }
        let fits = Hash::from(content.end().1) == *hash;
        if !fits {
            fs::remove_file(&path)?;
        }
        read_rest(&mut self.input, bytes)?;
        Ok(fits)
    }

    /// Reads the seal: nothing before it was changed, what is damaged was damaged before, and nothing stands behind it.
    fn end(self, damaged: &[Hash]) -> Result<Manifest> {
        let (mut input, counted) = self.input.end();
        let bytes = expect(&mut input, SEAL, None)?;
        if bytes > SEAL_BYTES_MAX {
            bail!("this is not a backup of Balcão: its end is too long");
        }
        let seal: Seal = serde_json::from_slice(&whole(&mut input, bytes)?)
            .context("this backup is damaged: its end cannot be read")?;
        if seal.sha256 != Hash::from(counted) || seal.damaged != damaged {
            bail!("this backup is damaged: its content does not fit its checksum");
        }
        if read_head(&mut input)?.is_some() || input.read(&mut [0])? > 0 {
            bail!("this is not a backup of Balcão: something stands behind its end");
        }
        Ok(self.manifest)
    }
}

fn must_be_empty(dir: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))? {
        names.push(entry?.file_name());
    }
    // An interrupted restore left what it may clear itself.
    if names.iter().any(|name| name == RESTORING) || names.iter().all(|name| name == "LOCK") {
        return Ok(());
    }
    bail!("{} is not empty: a backup is restored into a new directory; nothing was changed", dir.display())
}

/// Marks the directory as half restored, and clears what an earlier try left.
fn empty(dir: &Path) -> io::Result<()> {
    File::create(dir.join(RESTORING))?.sync_all()?;
    sync_dir(dir)?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name() == RESTORING || entry.file_name() == "LOCK" {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}

fn make_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
