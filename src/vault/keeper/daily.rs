//! The keeper's daily work: a backup into the chosen folder, at the chosen time or when somebody presses for one.

use super::super::routine::{self, Job, Made, Trouble};
use super::{Keeper, Notes};
use crate::domain::agency::{self, Agency};
use crate::domain::copies::{Before, Copies, day_and_time};
use crate::store::snapshots::Pace;
use crate::vault::archive::Content;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it is asked whether a backup is due.
const ASKED: Duration = Duration::from_secs(5);

/// A try that gave no backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Why.
    pub why: Trouble,
    /// When what was tried had been chosen: another choice was not tried yet.
    #[serde(default)]
    pub since: i64,
}

impl Notes {
    /// The last good backup in any folder, of those that the house makes by itself.
    pub fn last_made(&self) -> Option<&Made> {
        self.made.last()
    }

    fn before(&self, copies: &Copies) -> Before {
        let good = self.made.iter().rev().find(|one| one.folder == copies.folder);
        Before { good: good.map(|one| one.at), failed: self.failed_for(copies).map(|failed| failed.at) }
    }

    /// Why the last try failed, of what is chosen now.
    pub fn failed_for(&self, copies: &Copies) -> Option<&Failed> {
        self.failed.as_ref().filter(|failed| failed.since == copies.since)
    }
}

impl Keeper {
    /// Whether the house was to make backups by itself and has had no good one for too long.
    pub fn is_late(&self, agency: &Agency) -> bool {
        let good = || self.state().notes.last_made().map(|one| one.at);
        agency.copies.as_ref().is_some_and(|copies| copies.is_late(good(), self.store.now()))
    }

    /// Begins one if the time has come. Blocking, shortly.
    pub(super) fn look_at_the_clock(self: &Arc<Self>) {
        {
            let mut state = self.state();
            if state.copying || state.asked.is_some_and(|asked| asked.elapsed() < ASKED) {
                return;
            }
            state.asked = Some(Instant::now());
        }
        let agency = self.store.look().map_err(Into::into).and_then(|look| agency::the(&look));
        // A database that cannot be read is told of elsewhere, and often enough.
        let Ok(Some(Agency { copies: Some(copies), time_zone, .. })) = agency else { return };
        let before = self.state().notes.before(&copies);
        if copies.is_due(&time_zone, before, self.store.now()) {
            self.begin_copy(copies, time_zone);
        }
    }

    /// Begins a backup into the chosen folder, away from whoever asks; nothing happens while another goes on.
    pub fn begin_copy(self: &Arc<Self>, copies: Copies, zone: String) {
        if std::mem::replace(&mut self.state().copying, true) {
            return;
        }
        let (keeper, since) = (self.clone(), copies.since);
        tokio::spawn(async move {
            let worker = keeper.clone();
            let outcome = tokio::task::spawn_blocking(move || worker.copy(&copies, &zone)).await;
            let outcome = outcome.unwrap_or_else(|panic| Err(Trouble::Failed(panic.to_string())));
            if let Err(why) = outcome
                && why != Trouble::Closed
            {
                tracing::error!(?why, "the backup into the chosen folder failed");
                let failed = Failed { at: keeper.store.now(), why, since };
                if let Err(error) = keeper.note(|notes| notes.failed = Some(failed)) {
                    tracing::error!(%error, "why a backup failed could not be noted");
                }
            }
            keeper.state().copying = false;
        });
    }

    fn copy(&self, copies: &Copies, zone: &str) -> Result<(), Trouble> {
        let began = self.store.now();
        if let Some(begun) = self.state().notes.begun.clone() {
            routine::clear(&begun);
        }
        // Two houses may share a folder: their names must not meet.
        let name = format!("balcao-{}-{:.8}", day_and_time(zone, began), crate::domain::token::name());
        let job = Job { dir: &self.dir, copies, name, closing: &self.closing };
        job.folder()?;
        self.thin_out(copies)?;
        let draft = job.draft().display().to_string();
        self.note(|notes| notes.begun = Some(draft))?;
        let shot = self.snapshot(Pace::Gentle)?;
        let (bytes, damaged) = job.make(Content::of(&self.dir, &shot, copies.envelope.is_sealed())?)?;
        let at = self.store.now();
        let made = Made { at, took: at - began, folder: copies.folder.clone(), name: job.file_name(), bytes, damaged };
        tracing::info!(name = made.name, bytes, damaged, "a backup was made and read back");
        self.note(|notes| {
            (notes.begun, notes.failed) = (None, None);
            // One on the same disk does not outlive it: it calms nobody.
            notes.backed_at = if copies.apart { Some(at) } else { notes.backed_at };
            notes.made.push(made);
        })?;
        self.thin_out(copies)
    }

    fn thin_out(&self, copies: &Copies) -> Result<(), Trouble> {
        let mut made = self.state().notes.made.clone();
        routine::thin_out(&mut made, copies);
        Ok(self.note(|notes| notes.made = made)?)
    }
}
