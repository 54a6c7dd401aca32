//! The archive: what it holds, in which order, and how it is written.
//!
//! `manifest.json` names everything that follows, in order: `database.dump`, the few loose files of the directory, then
//! every file under `files/` by its hash. `seal.json` ends it with the SHA-256 of all before. Secrets (the mail
//! server's password and the like) are in it only when the archive is encrypted.

use super::tar::{self, END_BYTES, taken};
use crate::store::dump::Hashing;
use crate::store::files::{Files, Hash};
use crate::store::snapshots::Shot;
use crate::store::{VERSION, secrets};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DATABASE: &str = "database.dump";
pub(super) const SEAL: &str = "seal.json";
/// What the manifest may have, in bytes: a million files.
pub(super) const MANIFEST_BYTES_MAX: u64 = 128 << 20;
pub(super) const SEAL_BYTES_MAX: u64 = 16 << 20;
/// What a loose file may have.
pub(super) const LOOSE_BYTES_MAX: u64 = 1 << 20;
/// The loose files of a directory that no secret is in.
const LOOSE: &[&str] = &["smtp-ca.pem"];

/// What an archive says it holds.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Manifest {
    /// The layout of the archive itself: 1.
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    /// The layout of the data in it.
    pub layout: u64,
    /// The moment it shows, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The number of the journal's last event in it.
    pub reached: u64,
    /// Whether the directory's secrets are in it.
    pub secrets: bool,
    /// The database.
    pub database: Part,
    /// Loose files by name.
    pub loose: Vec<(String, Part)>,
    /// The files by hash, with their lengths.
    pub files: Vec<(Hash, u64)>,
}

/// A part with its proof.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Part {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Hash,
}

/// What the end of an archive says.
#[derive(Serialize, Deserialize)]
pub(super) struct Seal {
    /// Of every byte before the seal.
    pub sha256: Hash,
    /// Files that were damaged or gone already where the archive was made.
    pub damaged: Vec<Hash>,
}

/// Everything that is to be archived, at one moment.
pub struct Content {
    manifest: Manifest,
    database: File,
    loose: Vec<Vec<u8>>,
    files: Files,
}

/// What was archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// How many files.
    pub files: u64,
    /// Files that were damaged or gone where they lay; the archive says so and does not hold them.
    pub damaged: Vec<Hash>,
    /// The moment it shows, in milliseconds since 1970 UTC.
    pub at: i64,
}

impl Content {
    /// Gathers what belongs to a snapshot: files are never changed, and each was there before the commit that names it.
    ///
    /// # Errors
    /// Whatever the disk says; `InvalidData` where the snapshot is damaged.
    pub fn of(dir: &Path, shot: &Shot, with_secrets: bool) -> io::Result<Self> {
        let database = shot.open(dir)?;
        let files = Files::beside(dir);
        let mut loose = Vec::new();
        let mut names: Vec<String> = LOOSE.iter().map(|name| (*name).to_owned()).collect();
        if with_secrets {
            names.extend(secrets::names(dir)?.into_iter().map(|name| format!("secrets/{name}")));
        }
        for name in names {
            match fs::read(dir.join(&name)) {
                Ok(bytes) => loose.push((name, bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let manifest = Manifest {
            format: 1,
            program: concat!("balcao ", env!("CARGO_PKG_VERSION")).to_owned(),
            layout: VERSION,
            at: shot.at,
            reached: shot.reached,
            secrets: with_secrets,
            database: part(&mut File::open(shot.path(dir))?)?,
            loose: loose
                .iter()
                .map(|(name, bytes)| Ok((name.clone(), part(&mut bytes.as_slice())?)))
                .collect::<io::Result<_>>()?,
            files: files.list()?.into_iter().map(|kept| (kept.hash, kept.bytes)).collect(),
        };
        Ok(Self { manifest, database, loose: loose.into_iter().map(|(_, bytes)| bytes).collect(), files })
    }

    /// What it is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How many bytes the parts have: what progress is measured against.
    pub fn bytes(&self) -> u64 {
        self.manifest.bytes()
    }

    /// Writes it, telling `progress` how many bytes of the parts are done.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn write(self, out: &mut impl Write, progress: &mut dyn FnMut(u64)) -> io::Result<Archived> {
        let at_s = u64::try_from(self.manifest.at / 1000).unwrap_or(0);
        let mut out = Writer { out: Hashing::new(out), at_s, done: 0, progress };
        let manifest = serde_json::to_vec(&self.manifest)?;
        out.part(MANIFEST, manifest.len() as u64, &mut manifest.as_slice())?;
        out.done = 0;
        let mut database = self.database;
        let whole = out.part(DATABASE, self.manifest.database.bytes, &mut database)?;
        if whole != Some(self.manifest.database.sha256) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the snapshot changed while it was read"));
        }
        for ((name, part), bytes) in self.manifest.loose.iter().zip(&self.loose) {
            out.part(name, part.bytes, &mut bytes.as_slice())?;
        }
        let mut damaged = Vec::new();
        for (hash, bytes) in &self.manifest.files {
            let read = match File::open(self.files.path(hash)) {
                Ok(mut file) => out.part(&file_name(hash), *bytes, &mut file)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    out.part(&file_name(hash), *bytes, &mut io::empty())?
                }
                Err(error) => return Err(error),
            };
            if read != Some(*hash) {
                damaged.push(*hash);
            }
        }
        let archived =
            Archived { files: (self.manifest.files.len() - damaged.len()) as u64, damaged, at: self.manifest.at };
        out.end(&archived.damaged)?;
        Ok(archived)
    }
}

impl Manifest {
    /// How many bytes the parts have.
    pub fn bytes(&self) -> u64 {
        let loose: u64 = self.loose.iter().map(|(_, part)| part.bytes).sum();
        let files = self.files.iter().fold(0u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
        self.database.bytes.saturating_add(loose).saturating_add(files)
    }

    /// How many bytes a disk needs for the parts and a little more.
    pub fn room(&self) -> u64 {
        self.bytes().saturating_add(taken(0).saturating_mul(self.files.len() as u64)).saturating_add(END_BYTES)
    }
}

/// The name of a file inside an archive.
pub(super) fn file_name(hash: &Hash) -> String {
    let hex = hash.to_string();
    format!("files/{}/{hex}", &hex[..2])
}

fn part(input: &mut impl Read) -> io::Result<Part> {
    let mut hashing = Hashing::new(io::sink());
    let bytes = io::copy(input, &mut hashing)?;
    Ok(Part { bytes, sha256: hashing.end().1.into() })
}

struct Writer<'w, W> {
    out: Hashing<W>,
    at_s: u64,
    done: u64,
    progress: &'w mut dyn FnMut(u64),
}

impl<W: Write> Writer<'_, W> {
    /// Writes one part; gives its hash, or nothing where there was less than it should have.
    fn part(&mut self, name: &str, bytes: u64, input: &mut impl Read) -> io::Result<Option<Hash>> {
        tar::write_head(&mut self.out, name, bytes, self.at_s)?;
        let mut input = Hashing::new(input.take(bytes));
        let mut piece = vec![0; 256 << 10];
        let mut left = bytes;
        while left > 0 {
            let read = input.read(&mut piece)?;
            if read == 0 {
                break;
            }
            self.out.write_all(&piece[..read])?;
            left -= read as u64;
            self.done += read as u64;
            (self.progress)(self.done);
        }
        io::copy(&mut io::repeat(0).take(left), &mut self.out)?;
        tar::write_rest(&mut self.out, bytes)?;
        Ok((left == 0).then(|| input.end().1.into()))
    }

    fn end(self, damaged: &[Hash]) -> io::Result<()> {
        let (mut out, sha256) = self.out.end();
        let seal = serde_json::to_vec(&Seal { sha256: sha256.into(), damaged: damaged.to_vec() })?;
        tar::write_head(&mut out, SEAL, seal.len() as u64, self.at_s)?;
        out.write_all(&seal)?;
        tar::write_rest(&mut out, seal.len() as u64)?;
        tar::write_end(&mut out)?;
        out.flush()
    }
}

/// Writes an archive next to `to` and gives it that name once it is whole and on disk; what was there before stays until
/// then. Blocking.
///
/// # Errors
/// Whatever the disk says; nothing is left of it then.
pub fn write_file(
    content: Content,
    to: &Path,
    passphrase: Option<&str>,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Archived> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = Draft(PathBuf::from(format!("{}.part", to.display())));
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft.0)?;
    let mut out = io::BufWriter::with_capacity(1 << 20, file);
    let archived = match passphrase {
        None => content.write(&mut out, progress)?,
        Some(passphrase) => {
            let mut sealing = super::age::Sealing::new(&mut out, passphrase)?;
            let archived = content.write(&mut sealing, progress)?;
            sealing.finish()?;
            archived
        }
    };
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&draft.0, to)?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    crate::store::files::sync_dir(parent)?;
    Ok(archived)
}

/// A file that goes unless it was renamed.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
