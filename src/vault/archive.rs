//! The archive: what it holds, in which order, and how it is written.
//!
//! `manifest.json` names everything that follows, in order: `database.dump`, the few loose files of the directory, then
//! every file under `files/` by its hash. `seal.json` ends it with a checksum of every part's head and hash. Secrets
//! (the mail server's password and the like) are in it only when the archive is encrypted.

use super::age::{Envelope, Key, Sealing};
use super::ahead::{self, Source};
use super::tar::{self, END_BYTES, taken};
use crate::store::files::{Files, Hash};
use crate::store::snapshots::{Shot, Sound};
use crate::store::steady::Steady;
use crate::store::{VERSION, secrets};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DATABASE: &str = "database.dump";
pub(super) const SEAL: &str = "seal.json";
/// The layout of the archive itself.
pub(super) const FORMAT: u32 = 2;
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
    /// The layout of the archive itself: 2.
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
    /// The SHA-256 of what stands before the seal: of each part, in order, its head and the SHA-256 of its content. What
    /// fills up blocks is zero, so no byte is left out, and none is hashed twice.
    pub sha256: Hash,
    /// Files that were damaged or gone already where the archive was made.
    pub damaged: Vec<Hash>,
}

/// Everything that is to be archived, at one moment.
pub struct Content {
    manifest: Manifest,
    database: Sound,
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
        let database = shot.sound(dir)?;
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
            format: FORMAT,
            program: concat!("balcao ", env!("CARGO_PKG_VERSION")).to_owned(),
            layout: VERSION,
            at: shot.at,
            reached: shot.reached,
            secrets: with_secrets,
            database: Part { bytes: database.bytes, sha256: database.sha256.into() },
            loose: loose.iter().map(|(name, bytes)| (name.clone(), part(bytes))).collect(),
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

    /// Writes it, telling `progress` how many bytes of the parts are done. Another thread reads ahead and hashes.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn write(self, out: &mut impl Write, progress: &mut dyn FnMut(u64)) -> io::Result<Archived> {
        let manifest = serde_json::to_vec(&self.manifest)?;
        let at_s = u64::try_from(self.manifest.at / 1000).unwrap_or(0);
        let sources = self.sources(&manifest);
        let mut order = Sha256::new();
        let mut damaged = Vec::new();
        let before = manifest.len() as u64;
        let mut done = 0u64;
        ahead::read(&sources, |pieces| {
            for source in &sources {
                let head = tar::head(&source.name, source.bytes, at_s)?;
                out.write_all(&head)?;
                let hash = pieces.pass_on(|bytes| {
                    out.write_all(bytes)?;
                    done += bytes.len() as u64;
                    progress(done.saturating_sub(before));
                    Ok(())
                })?;
                tar::write_rest(out, source.bytes)?;
                order.update(head);
                order.update(hash);
                let hash = Hash::from(hash);
                match source.expected {
                    Some(expected) if expected == hash => {}
                    None => {}
                    Some(expected) if source.is_kept => damaged.push(expected),
                    Some(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "it changed while it was read")),
                }
            }
            Ok(())
        })?;
        let seal = Seal { sha256: <[u8; 32]>::from(order.finalize()).into(), damaged };
        end(out, &seal, at_s)?;
        let files = (self.manifest.files.len() - seal.damaged.len()) as u64;
        Ok(Archived { files, damaged: seal.damaged, at: self.manifest.at })
    }

    /// Every part in its order.
    fn sources<'s>(&'s self, manifest: &'s [u8]) -> Vec<Source<'s>> {
        let mut sources = vec![Source::of_bytes(MANIFEST.to_owned(), manifest, None)];
        let Part { bytes, sha256 } = self.manifest.database;
        sources.push(Source::of_file(DATABASE.to_owned(), bytes, self.database.path.clone(), sha256, false));
        for ((name, part), bytes) in self.manifest.loose.iter().zip(&self.loose) {
            sources.push(Source::of_bytes(name.clone(), bytes, Some(part.sha256)));
        }
        let kept = self.manifest.files.iter();
        sources.extend(
            kept.map(|(hash, bytes)| Source::of_file(file_name(hash), *bytes, self.files.path(hash), *hash, true)),
        );
        sources
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

fn part(bytes: &[u8]) -> Part {
    Part { bytes: bytes.len() as u64, sha256: <[u8; 32]>::from(Sha256::digest(bytes)).into() }
}

fn end(out: &mut impl Write, seal: &Seal, at_s: u64) -> io::Result<()> {
    let seal = serde_json::to_vec(seal)?;
    out.write_all(&tar::head(SEAL, seal.len() as u64, at_s)?)?;
    out.write_all(&seal)?;
    tar::write_rest(out, seal.len() as u64)?;
    tar::write_end(out)?;
    out.flush()
}

/// Writes an archive next to `to` and gives it that name once it is whole and on disk; what was there before stays until
/// then. Blocking.
///
/// # Errors
/// Whatever the disk says; nothing is left of it then.
pub fn write_file(
    content: Content,
    to: &Path,
    envelope: &Envelope,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Archived> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = Draft(PathBuf::from(format!("{}.part", to.display())));
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft.0)?;
    let mut out = io::BufWriter::with_capacity(1 << 20, Steady::new(file));
    let (archived, _) = write_to(content, &mut out, envelope, progress)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    fs::rename(&draft.0, to)?;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    crate::store::files::sync_dir(parent)?;
    Ok(archived)
}

/// Writes an archive in its envelope. Gives what opens it, so that whoever wrote it can read it back: where it is sealed
/// for private keys that the house has not, that is the key of this one archive, which is nowhere else. Blocking.
///
/// # Errors
/// Whatever the disk says.
pub fn write_to(
    content: Content,
    out: &mut impl Write,
    envelope: &Envelope,
    progress: &mut dyn FnMut(u64),
) -> io::Result<(Archived, Key)> {
    if !envelope.is_sealed() {
        return Ok((content.write(out, progress)?, Key::Nothing));
    }
    let mut sealing = Sealing::new(&mut *out, envelope)?;
    let archived = content.write(&mut sealing, progress)?;
    let (out, file_key) = sealing.finish()?;
    out.flush()?;
    let key = match envelope {
        Envelope::Passphrase(passphrase) => Key::Passphrase(passphrase.clone()),
        Envelope::Plain | Envelope::Recipients(_) => Key::File(file_key),
    };
    Ok((archived, key))
}

/// A file that goes unless it was renamed.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
