//! The way back: an archive becomes a data directory, as a whole or not at all.
//!
//! What is not in the manifest, or not in its order, is refused before a byte of it is written. While the directory is
//! filled a mark lies in it with which no binary opens it; taking the mark away is the last step.

use super::age::{Key, Opening, is_sealed};
use super::ahead::PIECE;
use super::archive::{DATABASE, FORMAT, LOOSE_BYTES_MAX, MANIFEST, MANIFEST_BYTES_MAX, Manifest, SEAL};
use super::archive::{Part, SEAL_BYTES_MAX, Seal, file_name};
use super::tar::{Entry, cut, read_head, read_rest};
use crate::store::dump::{self, Hashing, Tally};
use crate::store::files::{Hash, room, sync_dir};
use crate::store::{DataDir, RESTORING, VERSION, arrival};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
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
    input: R,
    /// Of the heads and hashes so far: what the seal must say.
    order: Sha256,
    manifest: Manifest,
}

/// Opens an archive; a sealed one with this key. Nothing is written yet.
///
/// # Errors
/// One sentence: no archive, a newer one, a key that does not fit.
pub fn open<'r>(mut input: impl BufRead + 'r, key: &Key) -> Result<Archive<Box<dyn Read + 'r>>> {
    let mut input: Box<dyn Read + 'r> = match is_sealed(&mut input)? {
        true => Box::new(Opening::new(input, key)?),
        false => Box::new(input),
    };
    let entry = expect(&mut input, MANIFEST, None)?;
    if entry.bytes > MANIFEST_BYTES_MAX {
        bail!("this is not a backup of Balcão: its list of contents is too long");
    }
    let text = whole(&mut input, entry.bytes)?;
    let format = serde_json::from_slice::<Format>(&text).map(|format| (format.format, format.layout));
    match format {
        Ok((FORMAT, layout)) if layout <= VERSION => {}
        Ok((..FORMAT, _)) => bail!("this backup was made before the first release: that program restores it"),
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
    let order = Sha256::new().chain_update(entry.head).chain_update(Sha256::digest(&text));
    Ok(Archive { input, order, manifest })
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
fn expect(input: &mut impl Read, name: &str, bytes: Option<u64>) -> Result<Entry> {
    let found = read_head(input)?;
    let found = found.context("this is not a whole backup: it ends too early")?;
    if found.name != name || bytes.is_some_and(|bytes| bytes != found.bytes) {
        bail!("this is not a backup of Balcão, or not a whole one: something else stands where {name} should");
    }
    Ok(found)
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

    /// Reads all of it and writes nothing: whether everything is what the manifest, the hashes and the seal say.
    /// Blocking.
    ///
    /// # Errors
    /// One sentence: what a restore would say.
    pub fn verify(mut self) -> Result<()> {
        let Part { bytes, sha256 } = self.manifest.database;
        self.next(DATABASE, bytes)?;
        let hash = dump::verify(&mut (&mut self.input).take(bytes), bytes).map_err(cut)?;
        if self.read(hash) != sha256 {
            bail!("this backup is damaged: its database does not fit its list of contents");
        }
        read_rest(&mut self.input, bytes)?;
        for (name, part) in std::mem::take(&mut self.manifest.loose) {
            self.loose(&name, &part)?;
        }
        let (mut damaged, mut piece) = (Vec::new(), vec![0; PIECE]);
        for (hash, bytes) in std::mem::take(&mut self.manifest.files) {
            self.next(&file_name(&hash), bytes)?;
            if !self.file(&mut io::sink(), &hash, bytes, &mut piece)? {
                damaged.push(hash);
            }
        }
        self.end(&damaged).map(drop)
    }

    fn fill(mut self, open: &DataDir, progress: &mut dyn FnMut(u64)) -> Result<Restored> {
        let dir = open.path();
        let draft = dir.join("balcao.redb.new");
        let mut done = self.manifest.database.bytes;
        let tally = self.database(&draft)?;
        progress(done);
        for (name, part) in std::mem::take(&mut self.manifest.loose) {
            let text = self.loose(&name, &part)?;
            let path = dir.join(&name);
            path.parent().map_or(Ok(()), make_dir)?;
            create(&path)?.write_all(&text)?;
            done += part.bytes;
            self.manifest.loose.push((name, part));
        }
        let (mut damaged, mut piece) = (Vec::new(), vec![0; PIECE]);
        for (hash, bytes) in std::mem::take(&mut self.manifest.files) {
            let name = file_name(&hash);
            self.next(&name, bytes)?;
            let path = dir.join(&name);
            path.parent().map_or(Ok(()), make_dir)?;
            if !self.file(&mut create(&path)?, &hash, bytes, &mut piece)? {
                fs::remove_file(&path)?;
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

    /// Reads the next head, which must be of this file; the seal must know it.
    fn next(&mut self, name: &str, bytes: u64) -> Result<()> {
        let entry = expect(&mut self.input, name, Some(bytes))?;
        self.order.update(entry.head);
        Ok(())
    }

    /// Notes the hash of what followed that head.
    fn read(&mut self, hash: [u8; 32]) -> Hash {
        self.order.update(hash);
        hash.into()
    }

    fn database(&mut self, draft: &Path) -> Result<Tally> {
        let Part { bytes, sha256 } = self.manifest.database;
        self.next(DATABASE, bytes)?;
        let mut content = Hashing::new((&mut self.input).take(bytes));
        let loaded = dump::load(&mut content, bytes, draft).map_err(cut);
        let (rest, hash) = content.end();
        let left = rest.limit();
        let (head, tally) = loaded?;
        if left != 0 || self.read(hash) != sha256 || head.reached != self.manifest.reached {
            bail!("this backup is damaged: its database does not fit its list of contents");
        }
        read_rest(&mut self.input, bytes)?;
        Ok(tally)
    }

    fn loose(&mut self, name: &str, part: &Part) -> Result<Vec<u8>> {
        self.next(name, part.bytes)?;
        let text = whole(&mut self.input, part.bytes)?;
        if self.read(Sha256::digest(&text).into()) != part.sha256 {
            bail!("this backup is damaged: {name} does not fit its checksum");
        }
        Ok(text)
    }

    /// Hands out what follows a file's head; says whether it fits its hash.
    fn file(&mut self, file: &mut impl Write, hash: &Hash, bytes: u64, piece: &mut [u8]) -> Result<bool> {
        let (mut left, mut content) = (bytes, Sha256::new());
        while left > 0 {
            let wanted = left.min(piece.len() as u64) as usize;
            let read = self.input.read(&mut piece[..wanted])?;
            if read == 0 {
                bail!("this is not a whole backup: it ends too early");
            }
            content.update(&piece[..read]);
            file.write_all(&piece[..read])?;
            left -= read as u64;
        }
        let fits = self.read(content.finalize().into()) == *hash;
        read_rest(&mut self.input, bytes)?;
        Ok(fits)
    }

    /// Reads the seal: nothing before it was changed, what is damaged was damaged before, and nothing stands behind it.
    fn end(mut self, damaged: &[Hash]) -> Result<Manifest> {
        let bytes = expect(&mut self.input, SEAL, None)?.bytes;
        if bytes > SEAL_BYTES_MAX {
            bail!("this is not a backup of Balcão: its end is too long");
        }
        let seal: Seal = serde_json::from_slice(&whole(&mut self.input, bytes)?)
            .context("this backup is damaged: its end cannot be read")?;
        let counted: [u8; 32] = self.order.finalize().into();
        if seal.sha256 != Hash::from(counted) || seal.damaged != damaged {
            bail!("this backup is damaged: its content does not fit its checksum");
        }
        if read_head(&mut self.input)?.is_some() || self.input.read(&mut [0])? > 0 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schema::KINDS;
    use crate::store::Store;
    use crate::store::files::Files;
    use crate::store::snapshots::{self, Pace};
    use crate::vault::archive::Content;

    /// An archive of a house with one whole and one damaged file.
    fn archive() -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let open = DataDir::open(&dir.path().join("data")).unwrap();
        let store = Store::open(&open, KINDS).unwrap();
        let files = Files::open(open.path()).unwrap();
        for (named, holds) in [("um", "um"), ("dois", "DOIS")] {
            let path = files.path(&<[u8; 32]>::from(Sha256::digest(named)).into());
            make_dir(path.parent().unwrap()).unwrap();
            fs::write(path, holds).unwrap();
        }
        let shot = snapshots::take(open.path(), &store.look().unwrap(), 1, Pace::Quick).unwrap();
        let mut out = Vec::new();
        let archived = Content::of(open.path(), &shot, false).unwrap().write(&mut out, &mut |_| {}).unwrap();
        assert_eq!((archived.files, archived.damaged.len()), (1, 1));
        out
    }

    fn verified(bytes: &[u8]) -> Result<()> {
        open(bytes, &Key::Nothing)?.verify()
    }

    #[test]
    fn r9_reading_back_finds_every_changed_byte_and_every_cut() {
        let good = archive();
        verified(&good).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(verified(&bad).is_err(), "byte {at} of {}", good.len());
        }
        for end in (0..good.len()).step_by(97).chain([good.len() - 1]) {
            assert!(verified(&good[..end]).is_err(), "cut at {end} of {}", good.len());
        }
    }
}
