//! The one thread that writes: takes what is waiting, runs each verb, commits once, rings once, answers all.

use super::Fault;
use super::clock::Clock;
use super::handle::Handle;
use super::heal::{Patient, Ward};
use super::tx::{Batch, Changes, Tx};
use redb::WriteTransaction;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

/// Verbs that may share one commit.
const BATCH_MAX: usize = 256;
/// Verbs whose changes may lie in memory while the disk takes nothing.
const SOFT_MAX: usize = 4_096;
/// How often it is asked whether the disk is still there while nobody writes.
const IDLE: Duration = Duration::from_secs(5);

/// What the writer's thread is told.
pub(super) enum Note {
    /// Work.
    Do(Box<dyn Job>),
    /// The disk failed.
    Wounded,
    /// Finish what is waiting, and end.
    Stop,
}

pub(super) trait Job: Send {
    /// Runs the verb; false means that it said no and its changes are to be dropped.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether it may lie in memory while the disk takes nothing.
    fn is_soft(&self) -> bool;
    /// Tells the caller how it ended.
    fn answer(self: Box<Self>, commit: Result<(), Fault>);
}

struct Pending<T, E, F> {
    verb: Option<F>,
    outcome: Option<Result<T, E>>,
    soft: bool,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Pending<T, E, F>
where
    T: Send,
    E: From<Fault> + Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        self.outcome = self.verb.take().map(|verb| verb(tx));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn is_soft(&self) -> bool {
        self.soft
    }

    fn answer(self: Box<Self>, commit: Result<(), Fault>) {
        // A refusal, too, may rest on what a neighbour in the batch wrote: without the commit nothing holds.
        let outcome = match (self.outcome, commit) {
            (_, Err(fault)) => Err(fault.into()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => Err(Fault::Panicked.into()),
        };
        // The caller may have gone away; what was done stays done.
        let _ = self.reply.send(outcome);
    }
}

pub(super) struct Writer {
    notes: Sender<Note>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The way to the writer's thread, and its end there.
pub(super) fn notes() -> (Sender<Note>, Receiver<Note>) {
    channel()
}

impl Writer {
    pub(super) fn start(
        ward: &Arc<Ward>,
        ring: watch::Sender<u64>,
        (notes, waiting): (Sender<Note>, Receiver<Note>),
        clock: Arc<Clock>,
    ) -> std::io::Result<Self> {
        let scribe = Scribe { ward: ward.clone(), handle: ward.shown(), ill: None, ring, waiting, clock };
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || scribe.work())?;
        Ok(Self { notes, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn send<T, E, F>(&self, verb: F, soft: bool, reply: oneshot::Sender<Result<T, E>>) -> Result<(), Fault>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let job = Box::new(Pending { verb: Some(verb), outcome: None, soft, reply });
        self.notes.send(Note::Do(job)).map_err(|_| Fault::Closed)
    }

    /// Lets what is waiting finish and ends the thread.
    pub(super) fn stop(&self) {
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A thread that is gone has stopped; a panic there was already told to its caller.
            let _ = self.notes.send(Note::Stop);
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The writer's thread.
struct Scribe {
    ward: Arc<Ward>,
    handle: Arc<Handle>,
    ill: Option<Patient>,
    ring: watch::Sender<u64>,
    waiting: Receiver<Note>,
    clock: Arc<Clock>,
}

impl Scribe {
    fn work(mut self) {
        loop {
            let over = match self.hear() {
                Ok(note) => self.take(note),
                Err(RecvTimeoutError::Timeout) => {
                    self.see_to_the_disk();
                    false
                }
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if over || self.ill.as_ref().is_some_and(|ill| ill.next() <= Instant::now()) {
                self.heal();
            }
            if over {
                return;
            }
            if self.ill.is_none() && !self.handle.is_sound() {
                self.ill = Some(Patient::admit(&self.ward, &self.handle, ""));
            }
        }
    }

    /// The next note; while ill, no longer than until the next try to heal.
    fn hear(&self) -> Result<Note, RecvTimeoutError> {
        let most = self.ill.as_ref().map_or(IDLE, |ill| ill.next().saturating_duration_since(Instant::now()));
        self.waiting.recv_timeout(most)
    }

    /// A disk that went while nobody wrote is told of, too.
    fn see_to_the_disk(&mut self) {
        if self.ill.is_none()
            && let Err(gone) = self.ward.in_place()
        {
            self.ill = Some(Patient::admit(&self.ward, &self.handle, &gone.to_string()));
        }
    }

    /// Does what a note says, and whatever else waits; true once it is over.
    fn take(&mut self, first: Note) -> bool {
        let (mut jobs, mut over) = (Vec::new(), false);
        for note in std::iter::once(first).chain(self.waiting.try_iter().take(BATCH_MAX - 1)) {
            match note {
                Note::Do(job) => jobs.push(job),
                Note::Wounded => {}
                Note::Stop => over = true,
            }
        }
        if !jobs.is_empty() {
            self.serve(jobs);
        }
        over
    }

    fn serve(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let soft_max = self.ill.as_ref().map(|ill| SOFT_MAX.saturating_sub(ill.remembered()));
        let handle = if soft_max.is_some() { self.ward.shown() } else { self.handle.clone() };
        let now = self.clock.now();
        let commit = catch_unwind(AssertUnwindSafe(|| one_commit(&handle, &mut jobs, soft_max, now)));
        let commit = commit.unwrap_or(Err(Fault::Panicked));
        let fault = match commit {
            Ok(done) => {
                if let Some(ill) = &mut self.ill {
                    ill.remember(done.kept);
                }
                if let Some(reached) = done.reached {
                    self.ring.send_replace(reached);
                }
                for (job, unkept) in jobs.into_iter().zip(done.unkept) {
                    job.answer(if unkept { Err(self.unwell()) } else { Ok(()) });
                }
                return;
            }
            Err(fault) => fault,
        };
        tracing::error!(%fault, "a commit failed: nothing of it was kept");
        if self.ill.is_none() {
            self.ill = Some(Patient::admit(&self.ward, &self.handle, &fault.to_string()));
        }
        for job in jobs {
            job.answer(Err(self.unwell()));
        }
    }

    fn unwell(&self) -> Fault {
        Fault::Unwell(*self.ward.health().borrow())
    }

    fn heal(&mut self) {
        let Some(mut ill) = self.ill.take() else { return };
        match ill.heal(&self.handle) {
            Some((handle, reached)) => {
                self.handle = handle;
                self.ring.send_replace(reached);
            }
            None => self.ill = Some(ill),
        }
    }
}

/// What came of a commit.
struct Done {
    /// How far the journal reaches, where it grew.
    reached: Option<u64>,
    /// Which jobs' changes were left out.
    unkept: Vec<bool>,
    /// The changes that lie in memory alone.
    kept: Vec<Changes>,
}

/// Begins a commit that a crash costs no walk through the whole file.
pub(super) fn begin(handle: &Handle) -> Result<WriteTransaction, Fault> {
    let mut commit = handle.database.begin_write().map_err(Fault::transaction)?;
    commit.set_quick_repair(true);
    Ok(commit)
}

/// Runs the verbs and commits. While the disk takes nothing (`soft_max`: for how many there is room in memory), verbs
/// that change nothing are answered as ever, soft ones are kept in memory, and of the others nothing is kept.
fn one_commit(handle: &Handle, jobs: &mut [Box<dyn Job>], soft_max: Option<usize>, now: i64) -> Result<Done, Fault> {
    let commit = begin(handle)?;
    let mut done = Done { reached: None, unkept: Vec::new(), kept: Vec::new() };
    let mut changed = false;
    {
        let batch = Batch::new(&commit);
        for job in jobs.iter_mut() {
            let mut tx = Tx::new(&batch, now);
            let yes = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
            let changes = if matches!(yes, Ok(true)) { tx.into_changes() } else { Changes::new() };
            let keep = soft_max.is_none_or(|most| job.is_soft() && done.kept.len() < most);
            done.unkept.push(!keep && !changes.is_empty());
            if keep && !changes.is_empty() {
                changed = true;
                if soft_max.is_some() {
                    done.kept.push(changes.clone());
                }
                batch.apply(changes)?;
            }
        }
        if changed {
            done.reached = Some(super::reached(&Tx::new(&batch, now))?);
        }
    }
    if changed {
        handle.commit(commit)?;
    } else {
        commit.abort().map_err(Fault::storage)?;
    }
    Ok(done)
}
