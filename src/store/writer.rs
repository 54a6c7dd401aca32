//! The one thread that writes: takes what is waiting, runs each verb, commits once, rings once, answers all.

use super::Fault;
use super::tx::{Batch, Tx};
use redb::Database;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// Verbs that may share one commit.
const BATCH_MAX: usize = 256;

trait Job: Send {
    /// Runs the verb; false means that it said no and its changes are to be dropped.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Tells the caller how it ended.
    fn answer(self: Box<Self>, commit: &Result<(), Fault>);
}

struct Pending<T, E, F> {
    verb: Option<F>,
    outcome: Option<Result<T, E>>,
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

    fn answer(self: Box<Self>, commit: &Result<(), Fault>) {
        // A refusal, too, may rest on what a neighbour in the batch wrote: without the commit nothing holds.
        let outcome = match (self.outcome, commit) {
            (_, Err(fault)) => Err(fault.clone().into()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => Err(Fault::Panicked.into()),
        };
        // The caller may have gone away; what was done stays done.
        let _ = self.reply.send(outcome);
    }
}

pub(super) struct Writer {
    jobs: Mutex<Option<Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(database: Arc<Database>, ring: watch::Sender<u64>) -> std::io::Result<Self> {
        let (jobs, waiting) = channel();
        let thread =
            std::thread::Builder::new().name("writer".into()).spawn(move || work(&database, &ring, &waiting))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn send<T, E, F>(&self, verb: F, reply: oneshot::Sender<Result<T, E>>) -> Result<(), Fault>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let job = Box::new(Pending { verb: Some(verb), outcome: None, reply });
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(Fault::Closed)
    }

    /// Lets what is waiting finish and ends the thread.
    pub(super) fn stop(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic there was already told to its caller.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work(database: &Database, ring: &watch::Sender<u64>, waiting: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(BATCH_MAX - 1));
        let commit = one_commit(database, &mut jobs);
        if let Ok(Some(reached)) = commit {
            ring.send_replace(reached);
        }
        let commit = commit.map(|_| ());
        if let Err(fault) = &commit {
            tracing::error!(%fault, "a commit failed: nothing of it was kept");
        }
        for job in jobs {
            job.answer(&commit);
        }
    }
}

/// Runs the verbs and commits; gives how far the journal reaches where it grew.
fn one_commit(database: &Database, jobs: &mut [Box<dyn Job>]) -> Result<Option<u64>, Fault> {
    let mut commit = database.begin_write().map_err(Fault::transaction)?;
    commit.set_quick_repair(true);
    let now = super::now();
    let (changed, reached) = {
        let batch = Batch::new(&commit);
        let mut changed = false;
        for job in jobs.iter_mut() {
            let mut tx = Tx::new(&batch, now);
            let yes = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
            if matches!(yes, Ok(true)) {
                let changes = tx.into_changes();
                changed |= !changes.is_empty();
                batch.apply(changes)?;
            }
        }
        (changed, super::reached(&Tx::new(&batch, now))?)
    };
    if changed {
        commit.commit().map_err(Fault::commit)?;
        Ok(Some(reached))
    } else {
        commit.abort().map_err(Fault::storage)?;
        Ok(None)
    }
}
