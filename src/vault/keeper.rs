//! Who keeps the running house's copies: a snapshot each hour in which something happened and one at the end, answers to
//! other processes, drills, and the memory of when each last went well.

pub mod daily;

use super::archive::Content;
use super::ask::{self, Waiting, Wish};
use super::check;
use super::drill::{self, Drilled};
use super::routine::Made;
use crate::store::arrival::{self, Arrival};
use crate::store::files::{Files, replace};
use crate::store::snapshots::{self, Pace, Shot, home};
use crate::store::{DataDir, Health, OpenError, Store, now};
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::interval;

const HOUR_MS: i64 = 3_600_000;
/// After a failure the next try comes this much later.
const AGAIN: Duration = Duration::from_secs(5 * 60);
const NOTES: &str = "notes.json";

/// What is remembered from one start to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// When the last archive was finished, in milliseconds since 1970 UTC.
    #[serde(default)]
    pub backed_at: Option<i64>,
    /// The last drill.
    #[serde(default)]
    pub drill: Option<Drill>,
    /// A snapshot took the place of a torn database, and nobody said yet that they read it.
    #[serde(default)]
    pub recovered: Option<Notice>,
    /// The backups that the house made by itself and that are still there, the newest last.
    #[serde(default)]
    pub made: Vec<Made>,
    /// Why the last of them failed, until one succeeds.
    #[serde(default)]
    pub failed: Option<daily::Failed>,
    /// The file that a try left, if it was cut off.
    #[serde(default)]
    pub begun: Option<String>,
}

/// How a drill went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// When it ended, in milliseconds since 1970 UTC.
    pub at: i64,
    /// How long it took, in milliseconds.
    pub took: i64,
    /// What came back, or why nothing did.
    pub outcome: Result<Drilled, String>,
}

/// What the people of the house must know after a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What was written after this moment may be missing, in milliseconds since 1970 UTC.
    pub from: i64,
    /// The name under which the torn file is kept.
    pub aside: Option<String>,
}

/// How the copies stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The snapshots, the newest first.
    pub shots: Vec<Shot>,
    /// What is remembered.
    pub notes: Notes,
    /// Why the last snapshot failed, if it did.
    pub trouble: Option<String>,
    /// A drill is going on.
    pub drilling: bool,
    /// A backup into the chosen folder is going on.
    pub copying: bool,
}

#[derive(Default)]
struct State {
    notes: Notes,
    trouble: Option<String>,
    tried: Option<Instant>,
    drilling: bool,
    copying: bool,
    asked: Option<Instant>,
    /// The snapshots' place could not be read; that is said once.
    blind: bool,
}

/// The keeper of one running house.
pub struct Keeper {
    dir: PathBuf,
    store: Arc<Store>,
    files: Files,
    state: Mutex<State>,
    taking: Mutex<()>,
    closing: AtomicBool,
}

impl Keeper {
    /// Clears what an earlier process left, and remembers.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn new(dir: &Path, store: Arc<Store>, files: Files) -> io::Result<Self> {
        snapshots::clear(dir)?;
        ask::clear(dir)?;
        drill::clear(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            store,
            files,
            state: Mutex::new(State { notes: read_notes(dir), ..State::default() }),
            taking: Mutex::default(),
            closing: AtomicBool::new(false),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, change: impl FnOnce(&mut Notes)) -> io::Result<()> {
        let mut state = self.state();
        change(&mut state.notes);
        write_notes(&self.dir, &state.notes)
    }

    /// How the copies stand. Blocking, shortly.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn standing(&self) -> io::Result<Standing> {
        let shots = snapshots::list(&self.dir)?;
        let state = self.state();
        Ok(Standing {
            shots,
            notes: state.notes.clone(),
            trouble: state.trouble.clone(),
            drilling: state.drilling,
            copying: state.copying,
        })
    }

    /// What a recovery lost, until somebody said that they read it.
    pub fn notice(&self) -> Option<Notice> {
        self.state().notes.recovered.clone()
    }

    /// Somebody read it.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn dismiss(&self) -> io::Result<()> {
        self.note(|notes| notes.recovered = None)
    }

    /// An archive was finished.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn backed(&self) -> io::Result<()> {
        self.note(|notes| notes.backed_at = Some(self.store.now()))
    }

    /// Takes a snapshot of this moment. Blocking.
    ///
    /// # Errors
    /// Whatever the disk says; it is shown until one succeeds.
    pub fn snapshot(&self, pace: Pace) -> io::Result<Shot> {
        let _taking = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.store.now();
        let taken = match *self.store.health().borrow() {
            // Its directory may be another by now, or that of no disk at all.
            Health::Failing => Err(io::Error::other(Health::Failing.to_string())),
            Health::Well | Health::Full => {
                let look = self.store.look().map_err(io::Error::other);
                look.and_then(|look| snapshots::take(&self.dir, &look, at, pace))
            }
        };
        let mut state = self.state();
        state.tried = Some(Instant::now());
        state.trouble = match &taken {
            Ok(shot) if shot.damaged > 0 => Some(format!("{} damaged rows", shot.damaged)),
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        if let Some(trouble) = &state.trouble {
            tracing::error!(%trouble, "the snapshot is not good");
        }
        taken
    }

    /// Takes one where something happened since the last and that is an hour ago.
    fn is_due(&self) -> bool {
        let state = self.state();
        let newest = snapshots::list(&self.dir).ok().and_then(|all| all.into_iter().next());
        let (old, behind) = match &newest {
            // A clock that was ahead must not stop them.
            Some(shot) => {
                (!(0..HOUR_MS).contains(&(self.store.now() - shot.at)), *self.store.bell().borrow() > shot.reached)
            }
            None => (true, *self.store.bell().borrow() > 0),
        };
        let patient = state.trouble.is_some() && state.tried.is_some_and(|tried| tried.elapsed() < AGAIN);
        old && behind && !patient
    }

    /// At the end, before the store is closed: a snapshot where something happened since the last. Blocking.
    pub fn last(&self) {
        let newest = snapshots::list(&self.dir).ok().and_then(|all| all.into_iter().next());
        if newest.map_or(0, |shot| shot.reached) < *self.store.bell().borrow() {
            // Told by `snapshot` itself; the house closes all the same.
            let _ = self.snapshot(Pace::Quick);
        }
    }

    /// Everything as it is now, ready to be written as an archive. Blocking.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn content(&self, with_secrets: bool) -> io::Result<Content> {
        Content::of(&self.dir, &self.snapshot(Pace::Quick)?, with_secrets)
    }

    /// Begins a drill away from whoever asks; nothing happens while another goes on.
    pub fn begin_drill(self: &Arc<Self>) {
        if std::mem::replace(&mut self.state().drilling, true) {
            return;
        }
        let keeper = self.clone();
        tokio::task::spawn_blocking(move || {
            let began = keeper.store.now();
            let outcome = keeper.drill();
            keeper.state().drilling = false;
            let ended = keeper.store.now();
            let drill =
                Drill { at: ended, took: ended - began, outcome: outcome.map_err(|error| format!("{error:#}")) };
            if let Err(why) = &drill.outcome {
                tracing::error!(%why, "a drill failed: a backup of today could not be restored");
            }
            if let Err(error) = keeper.note(|notes| notes.drill = Some(drill)) {
                tracing::error!(%error, "a drill's outcome could not be noted");
            }
        });
    }

    fn drill(&self) -> Result<Drilled> {
        let shot = self.snapshot(Pace::Quick)?;
        let drilled = drill::drill(&self.dir, &shot)?;
        if drilled.rows == 0 {
            bail!("nothing came back");
        }
        Ok(drilled)
    }

    fn answer(&self, waiting: Waiting) {
        let answer = match waiting.wish {
            Wish::Snapshot => self.snapshot(Pace::Quick).map(|shot| shot.name()).map_err(|error| error.to_string()),
            Wish::Check => self.check().map_err(|error| error.to_string()),
            Wish::Backed => self.backed().map(|()| String::new()).map_err(|error| error.to_string()),
        };
        if let Err(error) = waiting.answer(answer) {
            tracing::error!(%error, "another process could not be answered");
        }
    }

    fn check(&self) -> Result<String> {
        let report = check::check(&self.store.look()?, &self.files, &mut |_| {})?;
        Ok(format!("{}\n{}\n{}", report.rows, report.files, report.wrong.join("\n")))
    }

    /// Keeps at it until the house closes.
    pub async fn run(self: Arc<Self>, mut closing: watch::Receiver<bool>) {
        let (mut looks, bell) = (interval(ask::EVERY), ask::Bell::hang(&self.dir));
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = bell.rung() => {}
                _ = closing.changed() => return self.closing.store(true, Ordering::Relaxed),
            }
            let keeper = self.clone();
            // One after the other: a wish comes before the hour's snapshot, which would keep it waiting.
            let looked = tokio::task::spawn_blocking(move || keeper.look());
            if looked.await.is_err() {
                tracing::error!("the keeper of the copies stumbled");
            }
        }
    }

    fn look(self: &Arc<Self>) {
        let waiting = ask::waiting(&self.dir);
        let was_blind = std::mem::replace(&mut self.state().blind, waiting.is_err());
        match waiting {
            Ok(all) => all.into_iter().for_each(|one| self.answer(one)),
            Err(error) if !was_blind => tracing::error!(%error, "the snapshots' place cannot be read"),
            Err(_) => {}
        }
        if self.is_due() {
            // Told, and shown, by `snapshot` itself.
            let _ = self.snapshot(Pace::Gentle);
        }
        self.look_at_the_clock();
    }
}

/// Meets the directory before its database is opened: a torn copy begins from its newest good snapshot, says so on
/// standard error, and remembers it for the screens. Blocking.
///
/// # Errors
/// Where there is nothing to begin from.
pub fn meet(dir: &DataDir) -> Result<(), OpenError> {
    let Arrival::Recovered(recovered) = arrival::arrive(dir, now())? else { return Ok(()) };
    let (from, why) = (recovered.from.name(), &recovered.why);
    tracing::warn!(
        "this directory is a copy, and its database was torn ({why}): it begins from the snapshot {from}, and what was written later may be missing; the torn file is kept as {}",
        recovered.aside.as_deref().unwrap_or("nothing")
    );
    let mut notes = read_notes(dir.path());
    notes.recovered = Some(Notice { from: recovered.from.at, aside: recovered.aside });
    write_notes(dir.path(), &notes).map_err(|why| OpenError::Unusable { path: dir.path().to_owned(), why })
}

/// Remembers, for a directory that nobody has open, that an archive was finished.
///
/// # Errors
/// Whatever the disk says.
pub fn note_backed(dir: &Path) -> io::Result<()> {
    let mut notes = read_notes(dir);
    notes.backed_at = Some(now());
    write_notes(dir, &notes)
}

/// Notes that cannot be read are none; nothing depends on them.
fn read_notes(dir: &Path) -> Notes {
    let bytes = fs::read(home(dir).join(NOTES)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn write_notes(dir: &Path, notes: &Notes) -> io::Result<()> {
    replace(&home(dir).join(NOTES), &serde_json::to_vec(notes)?)
}
