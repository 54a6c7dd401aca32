//! `backup`, `restore`, `check`, `reindex`: what is done to a data directory from a terminal, whether it is served or not.

use crate::domain::copies::KEYS_MAX;
use crate::domain::schema::KINDS;
use crate::store::arrival;
use crate::store::files::Files;
use crate::store::snapshots::{self, Pace};
use crate::store::{DataDir, OpenError, Snapshot, Store, now};
use crate::vault::age::keys::{Identity, NoKey, Recipient};
use crate::vault::age::{Envelope, Key};
use crate::vault::archive::{self, Content};
use crate::vault::ask::{self, Wish};
use crate::vault::check::{self, Report};
use crate::vault::keeper;
use crate::vault::{hand_over, restore};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use std::fs::File;
use std::io::{BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file of private keys has a few lines.
const IDENTITIES_BYTES_MAX: u64 = 64 << 10;

/// Where the passphrase of an archive comes from.
#[derive(Args, Clone)]
struct Secret {
    /// A file whose first line is the passphrase of the archive
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[arg(long, env = "BALCAO_PASSPHRASE", hide = true, hide_env_values = true)]
    passphrase: Option<String>,
}

impl Secret {
    fn get(&self) -> Result<Option<String>> {
        let Some(path) = &self.passphrase_file else { return Ok(self.passphrase.clone()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let line = text.lines().next().unwrap_or_default().to_owned();
        if line.is_empty() { bail!("{} holds no passphrase", path.display()) } else { Ok(Some(line)) }
    }
}

/// How an archive is to be sealed.
#[derive(Args, Clone)]
pub(super) struct Seal {
    #[command(flatten)]
    secret: Secret,
    /// Instead: a public age key (age1…); who has its private key opens the archive, and nobody else. More than one may be given
    #[arg(long = "recipient", value_name = "KEY")]
    recipients: Vec<String>,
}

impl Seal {
    fn envelope(&self) -> Result<Envelope> {
        let passphrase = self.secret.get()?;
        if passphrase.is_some() && !self.recipients.is_empty() {
            bail!(
                "an archive is encrypted with a passphrase or to keys: give --passphrase-file (or BALCAO_PASSPHRASE) \
                 or --recipient, not both"
            );
        }
        if self.recipients.len() > KEYS_MAX {
            bail!("--recipient: at most {KEYS_MAX} keys");
        }
        if self.recipients.is_empty() {
            return Ok(passphrase.map_or(Envelope::Plain, Envelope::Passphrase));
        }
        let keys = self.recipients.iter().map(|text| {
            text.trim().parse::<Recipient>().map_err(|no| match no {
                // What nobody else may see is not said again.
                NoKey::Private => anyhow!("--recipient: {no}"),
                no => anyhow!("--recipient {text}: {no}"),
            })
        });
        Ok(Envelope::Recipients(keys.collect::<Result<_>>()?))
    }
}

/// What an archive is to be opened with.
#[derive(Args, Clone)]
pub(super) struct Open {
    #[command(flatten)]
    secret: Secret,
    /// Instead: a file of private age keys, as age-keygen writes it; more than one may be given
    #[arg(long = "identity", value_name = "FILE")]
    identities: Vec<PathBuf>,
}

impl Open {
    fn key(&self) -> Result<Key> {
        let passphrase = self.secret.get()?;
        if passphrase.is_some() && !self.identities.is_empty() {
            bail!(
                "an archive opens with a passphrase or with a key: give --passphrase-file (or BALCAO_PASSPHRASE) or \
                 --identity, not both"
            );
        }
        if self.identities.is_empty() {
            return Ok(passphrase.map_or(Key::Nothing, Key::Passphrase));
        }
        let mut all = Vec::new();
        for path in &self.identities {
            let mut bytes = Vec::new();
            let read = File::open(path).and_then(|file| file.take(IDENTITIES_BYTES_MAX).read_to_end(&mut bytes));
            read.with_context(|| format!("{} cannot be read", path.display()))?;
            let text = String::from_utf8_lossy(&bytes);
            all.extend(Identity::read_all(&text).map_err(|no| anyhow!("{}: {no}", path.display()))?);
        }
        Ok(Key::Identities(all))
    }
}

/// Says how far something is, for a person at a terminal and nobody else.
struct Progress {
    what: &'static str,
    all: u64,
    said: Instant,
}

impl Progress {
    fn new(what: &'static str, all: u64) -> Self {
        Self { what, all, said: Instant::now() }
    }

    fn at(&mut self, done: u64) {
        if self.said.elapsed() < Duration::from_millis(200) || !std::io::stderr().is_terminal() {
            return;
        }
        self.said = Instant::now();
        let of = (done.saturating_mul(100) / self.all.max(1)).min(100);
        eprint!("\r{}: {of:3} % of {} MB ", self.what, self.all >> 20);
        // A terminal that takes nothing shows nothing.
        let _ = std::io::stderr().flush();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if std::io::stderr().is_terminal() {
            eprint!("\r{:60}\r", "");
        }
    }
}

fn must_exist(dir: &Path) -> Result<()> {
    if dir.join("files").exists() || dir.join("balcao.redb").exists() {
        return Ok(());
    }
    bail!("{} is not a data directory of balcao: name one with --data", dir.display())
}

/// `backup FILE`: asks the running house for a snapshot, or takes one itself where nobody serves.
pub(super) fn backup(dir: &Path, to: &Path, seal: &Seal) -> Result<()> {
    must_exist(dir)?;
    let envelope = seal.envelope()?;
    let done = match DataDir::open(dir) {
        Ok(open) => {
            keeper::meet(&open)?;
            let store = Store::open(&open, KINDS)?;
            let taken = store
                .look()
                .map_err(anyhow::Error::from)
                .and_then(|look| snapshots::take(dir, &look, now(), Pace::Quick).context("the snapshot failed"));
            store.close();
            write(dir, &taken?.name(), to, &envelope)
                .and_then(|archived| keeper::note_backed(dir).map(|()| archived).map_err(Into::into))
        }
        Err(OpenError::InUse(_)) => {
            let name = ask::ask(dir, Wish::Snapshot)?;
            let archived = write(dir, &name, to, &envelope)?;
            ask::ask(dir, Wish::Backed).map(|_| archived)
        }
        Err(error) => Err(error.into()),
    };
    hand_over(dir)?;
    let archived = done?;
    println!("{}: the database and {} files", to.display(), archived.files);
    if !envelope.is_sealed() {
        println!(
            "The mail server's password and the keys of HTTPS are not in it: it is not encrypted (--passphrase-file, --recipient)."
        );
    }
    for hash in &archived.damaged {
        eprintln!("balcao: {} is damaged or missing, and not in the backup", Files::beside(dir).path(hash).display());
    }
    if archived.damaged.is_empty() { Ok(()) } else { bail!("the backup was made; some files are not in it") }
}

fn write(dir: &Path, name: &str, to: &Path, envelope: &Envelope) -> Result<archive::Archived> {
    let shot = snapshots::list(dir)?.into_iter().find(|shot| shot.name() == name);
    let shot = shot.ok_or_else(|| anyhow!("the snapshot {name} is gone: repeat this"))?;
    let content = Content::of(dir, &shot, envelope.is_sealed())?;
    let mut progress = Progress::new("backup", content.bytes());
    archive::write_file(content, to, envelope, &mut |done| progress.at(done))
        .with_context(|| format!("{} could not be written; what was there before is untouched", to.display()))
}

/// `restore FILE`: into a new directory.
pub(super) fn restore(from: &Path, dir: &Path, open: &Open) -> Result<()> {
    let file = File::open(from).with_context(|| format!("{} cannot be read", from.display()))?;
    let archive = restore::open(BufReader::with_capacity(1 << 20, file), &open.key()?)?;
    let mut progress = Progress::new("restore", archive.manifest().bytes());
    let restored = archive.restore(dir, &mut |done| progress.at(done))?;
    drop(progress);
    hand_over(dir)?;
    let files = restored.manifest.files.len() - restored.damaged.len();
    println!("{}: {} rows and {files} files, as of {}", dir.display(), restored.tally.rows, when(restored.manifest.at));
    if !restored.manifest.secrets {
        println!(
            "The mail server's password and the keys of HTTPS were not in the backup: set them again under Sistema."
        );
    }
    for hash in &restored.damaged {
        eprintln!("balcao: {hash} was damaged already when the backup was made, and is missing");
    }
    Ok(())
}

/// `restore --snapshot NAME`: the directory goes on from one of its own snapshots.
pub(super) fn restore_snapshot(name: &str, dir: &Path) -> Result<()> {
    must_exist(dir)?;
    let open = DataDir::open(dir)?;
    let mut shots = snapshots::list(dir)?;
    shots.retain(|shot| name == "newest" || shot.name() == name);
    let shot = match name {
        "newest" => shots.into_iter().find(|shot| shot.sound(dir).is_ok()),
        _ => shots.into_iter().next(),
    };
    let shot = shot.ok_or_else(|| anyhow!("there is no snapshot {name} in {}", snapshots::home(dir).display()))?;
    let used = arrival::put_back(&open, &shot, "before", now())
        .with_context(|| format!("{} could not be used; nothing was changed", shot.name()))?;
    hand_over(dir)?;
    println!("{}: as of {}", dir.display(), when(shot.at));
    if let Some(aside) = used.aside {
        println!("What was there before is kept as {aside}");
    }
    Ok(())
}

/// A moment as machines write it; the screens speak like people.
fn when(at: i64) -> String {
    let shot = snapshots::Shot { at, reached: 0, damaged: 0, bytes: 0 };
    shot.name().split('-').next().unwrap_or_default().to_owned()
}

/// `check`: says what is wrong, and changes nothing.
pub(super) fn check(dir: &Path) -> Result<()> {
    must_exist(dir)?;
    let report = match Rest::of(dir)? {
        Some(_rest) => {
            let look = Snapshot::at_rest(dir)?;
            let mut progress = Progress::new("check", 0);
            check::check(&look, &Files::beside(dir), &mut |done| progress.at(done))?
        }
        None => told(&ask::ask(dir, Wish::Check)?),
    };
    println!("{} rows and {} files were looked at", report.rows, report.files);
    for wrong in &report.wrong {
        println!("{wrong}");
    }
    match report.wrong.len() {
        0 => Ok(()),
        found => bail!("{found} things are wrong"),
    }
}

/// What the running house answered.
fn told(answer: &str) -> Report {
    let mut lines = answer.lines();
    let mut number = || lines.next().and_then(|line| line.parse().ok()).unwrap_or(0);
    let (rows, files) = (number(), number());
    Report { rows, files, wrong: lines.filter(|line| !line.is_empty()).map(str::to_owned).collect() }
}

/// A directory that nobody serves while this lives, held without changing anything in it.
struct Rest {
    _lock: Option<File>,
}

impl Rest {
    fn of(dir: &Path) -> Result<Option<Self>> {
        let Ok(lock) = File::open(dir.join("LOCK")) else { return Ok(Some(Self { _lock: None })) };
        match lock.try_lock_shared() {
            Ok(()) => Ok(Some(Self { _lock: Some(lock) })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(why)) => Err(why.into()),
        }
    }
}

/// `reindex`: forgets the search index; the next start makes it anew.
pub(super) fn reindex(dir: &Path) -> Result<()> {
    must_exist(dir)?;
    let _open = match DataDir::open(dir) {
        Err(OpenError::InUse(path)) => {
            bail!("{} is being served: stop it first; the index is made anew when it starts", path.display())
        }
        open => open?,
    };
    arrival::forget_search(dir)?;
    println!("{}: the search index is made anew at the next start", dir.display());
    Ok(())
}
