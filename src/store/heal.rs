//! A disk that fails, from the moment it does until it is well again.
//!
//! At the first error the handle that had it writes no more. What is known to be on the disk is opened once more behind
//! [glass](super::glass), and everybody looks at that: reading never stops, and shows nothing that was not acknowledged.
//! The writer's thread then tries again and again whether the disk takes bytes. When it does, the head of the file is put
//! back to what was known to be there (so what was answered "not saved" is not), a new handle is opened, and a first
//! commit proves it.

use super::disk::{Disk, is_full};
use super::handle::{Handle, Ledger, Nurse, Wound};
use super::tx::{Batch, Changes, Tx};
use super::writer::Note;
use super::{Fault, Health};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long looks that began before an error, or before the healing, may take to finish.
const GRACE: Duration = Duration::from_secs(1);
/// The first try to heal comes after this, every other after twice the time, at most [`WAIT_MAX`].
const WAIT: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(3);

/// The one handle in use, where everybody looks, and what is known of the disk.
pub(super) struct Ward {
    disk: Arc<dyn Disk>,
    ledger: Arc<Ledger>,
    shown: RwLock<Arc<Handle>>,
    health: watch::Sender<Health>,
    wound: Mutex<Option<Wound>>,
    notes: Sender<Note>,
}

impl Ward {
    /// Opens the database on a disk. The writer is told of wounds by `notes`.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        ledger: Ledger,
        notes: Sender<Note>,
    ) -> Result<Arc<Self>, redb::DatabaseError> {
        let ledger = Arc::new(ledger);
        let handle = Arc::new(Handle::open(&disk, &ledger)?);
        let shown = RwLock::new(handle.clone());
        let health = watch::Sender::new(Health::Well);
        let ward = Arc::new(Self { disk, ledger, shown, health, wound: Mutex::default(), notes });
        ward.tend(&handle);
        Ok(ward)
    }

    fn tend(self: &Arc<Self>, handle: &Handle) {
        let me: Weak<Self> = Arc::downgrade(self);
        handle.tended_by(me);
    }

    /// What everybody looks at.
    pub(super) fn shown(&self) -> Arc<Handle> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the disk is still where it was opened.
    pub(super) fn in_place(&self) -> std::io::Result<()> {
        self.disk.in_place()
    }

    /// How the disk is.
    pub(super) fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Shows another handle; gives the one shown before.
    fn show(&self, handle: Arc<Handle>) -> Arc<Handle> {
        std::mem::replace(&mut *self.shown.write().unwrap_or_else(PoisonError::into_inner), handle)
    }

    fn wound(&self) -> MutexGuard<'_, Option<Wound>> {
        self.wound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is(&self, health: Health) {
        self.health.send_if_modified(|now| std::mem::replace(now, health) != health);
    }

    /// The last handle, for closing; the others are gone.
    pub(super) fn into_handle(self) -> Arc<Handle> {
        self.shown.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Nurse for Ward {
    fn wounded(&self, wound: Wound) {
        tracing::error!(why = %wound.why, "the disk failed: nothing new is kept until it is well again");
        self.is(if wound.full { Health::Full } else { Health::Failing });
        let writing = wound.writing;
        *self.wound() = Some(wound);
        match Handle::glass(&self.disk, &self.ledger.synced()) {
            Ok(glass) => {
                let before = self.show(Arc::new(glass));
                if writing {
                    before.quiet(GRACE);
                }
            }
            Err(error) => tracing::error!(%error, "what is kept cannot be read either"),
        }
        // A writer that is gone needs to know nothing.
        let _ = self.notes.send(Note::Wounded);
    }
}

/// A store that is ill: only the writer's thread has one.
pub(super) struct Patient {
    ward: Arc<Ward>,
    /// What was changed in memory alone, in order.
    soft: Vec<Changes>,
    since: Instant,
    next: Instant,
    wait: Duration,
}

impl Patient {
    /// Takes in the handle that failed.
    pub(super) fn admit(ward: &Arc<Ward>, failed: &Handle, why: &str) -> Self {
        if failed.stop_writing() {
            // No error of the disk: redb itself stumbled, over damaged pages say. It gets a new handle, too.
            ward.wounded(Wound { full: false, len: 0, why: why.to_owned(), writing: true });
        }
        let now = Instant::now();
        Self { ward: ward.clone(), soft: Vec::new(), since: now, next: now + WAIT, wait: WAIT }
    }

    /// When the next try to heal is due.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Keeps what was changed in memory, for the healing.
    pub(super) fn remember(&mut self, changes: Vec<Changes>) {
        self.soft.extend(changes);
    }

    /// How many verbs' changes are kept in memory.
    pub(super) fn remembered(&self) -> usize {
        self.soft.len()
    }

    /// Tries to heal; gives the new handle and how far the journal reaches.
    pub(super) fn heal(&mut self, failed: &Handle) -> Option<(Arc<Handle>, u64)> {
        match self.treat(failed) {
            Ok(healed) => {
                self.ward.tend(&healed.0);
                *self.ward.wound() = None;
                self.ward.is(Health::Well);
                tracing::info!(after = ?self.since.elapsed(), "the disk is well again");
                Some(healed)
            }
            Err(fault) => {
                tracing::debug!(%fault, "not well yet");
                self.wait = (self.wait * 2).min(WAIT_MAX);
                self.next = Instant::now() + self.wait;
                None
            }
        }
    }

    fn treat(&self, failed: &Handle) -> Result<(Arc<Handle>, u64), Fault> {
        let ward = &self.ward;
        let len = ward.wound().as_ref().map_or(0, |wound| wound.len);
        let room = ward.disk.room(len);
        if let Err(error) = &room {
            ward.is(if is_full(error) { Health::Full } else { Health::Failing });
        }
        room.map_err(Fault::disk)?;
        // From here on the file may change: whoever still looks by the old handle would read what is not theirs.
        failed.give_up();
        ward.ledger.put_back(&*ward.disk).map_err(Fault::disk)?;
        let fresh = Arc::new(Handle::open(&ward.disk, &ward.ledger)?);
        if !fresh.quick {
            // It has made a commit to mend the file, so the next one may overwrite what the glass shows.
            self.unveil(&fresh);
        }
        let reached = replay(&fresh, &self.soft).inspect_err(|_| {
            fresh.give_up();
            self.new_glass();
        })?;
        if fresh.quick {
            self.unveil(&fresh);
        }
        Ok((fresh, reached))
    }

    fn unveil(&self, fresh: &Arc<Handle>) {
        let glass = self.ward.show(fresh.clone());
        glass.quiet(GRACE);
        glass.give_up();
    }

    /// After a try that wrote and failed, the disk may be known to be further than the glass shows.
    fn new_glass(&self) {
        let ward = &self.ward;
        let made = Handle::glass(&ward.disk, &ward.ledger.synced()).map_err(Fault::from);
        match made.and_then(|glass| replay(&glass, &self.soft).map(|_| glass)) {
            Ok(glass) => {
                let before = ward.show(Arc::new(glass));
                before.quiet(GRACE);
                before.give_up();
            }
            Err(fault) => tracing::error!(%fault, "what is kept cannot be read"),
        }
    }
}

/// One commit with what was changed in memory, if only to prove that there can be one. Gives how far the journal reaches.
fn replay(handle: &Handle, soft: &[Changes]) -> Result<u64, Fault> {
    let commit = super::writer::begin(handle)?;
    let reached = {
        let batch = Batch::new(&commit);
        for changes in soft {
            batch.apply(changes.clone())?;
        }
        super::reached(&Tx::new(&batch, 0))?
    };
    handle.commit(commit)?;
    Ok(reached)
}
