//! A disk of the tests' own: bytes in memory that know which of them would survive a power cut.

use balcao::store::Disk;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// The disk writes in sectors: a torn write is torn between them.
pub const SECTOR: usize = 512;

/// What a database asked of its disk.
#[derive(Clone, Debug)]
pub enum Op {
    Write(u64, Vec<u8>),
    Len(u64),
    Sync,
}

/// What is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Write,
    Sync,
    Read,
    Len,
}

/// Which touches fail, and how.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub act: Act,
    /// Touches of this kind before the first that fails.
    pub after: usize,
    /// How many fail.
    pub times: usize,
    pub errno: i32,
    /// A write that fails has written its first half.
    pub short: bool,
}

#[derive(Default, Debug)]
struct State {
    /// What a read sees.
    seen: Vec<u8>,
    /// What a power cut leaves.
    kept: Vec<u8>,
    /// What lies between the two.
    dirty: Vec<Op>,
    log: Vec<Op>,
    recording: bool,
    plan: Option<Plan>,
    hits: usize,
    /// The disk has so much room.
    room: Option<u64>,
}

/// The disk.
#[derive(Clone, Default, Debug)]
pub struct Rig(Arc<Mutex<State>>);

pub const EIO: i32 = 5;
pub const ENOSPC: i32 = 28;

pub fn apply(bytes: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write(at, data) => {
            let at = *at as usize;
            if bytes.len() < at + data.len() {
                bytes.resize(at + data.len(), 0);
            }
            bytes[at..at + data.len()].copy_from_slice(data);
        }
        Op::Len(len) => bytes.resize(*len as usize, 0),
        Op::Sync => {}
    }
}

impl Rig {
    /// A disk with these bytes, all of them safe.
    pub fn with(bytes: &[u8]) -> Self {
        let rig = Self::default();
        (rig.state().seen, rig.state().kept) = (bytes.to_vec(), bytes.to_vec());
        rig
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn as_disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    pub fn record(&self) {
        self.state().recording = true;
    }

    /// How much was asked so far.
    pub fn asked(&self) -> usize {
        self.state().log.len()
    }

    pub fn log(&self) -> Vec<Op> {
        self.state().log.clone()
    }

    /// What a read sees.
    pub fn bytes(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    /// What is left when the power goes now and nothing reached the disk that did not have to.
    pub fn after_power_cut(&self) -> Vec<u8> {
        self.state().kept.clone()
    }

    /// Whether everything that was written is safe.
    pub fn is_safe(&self) -> bool {
        self.state().dirty.is_empty()
    }

    pub fn plan(&self, plan: Plan) {
        let mut state = self.state();
        state.plan = Some(plan);
        state.hits = 0;
    }

    /// The cause is gone.
    pub fn mend(&self) {
        let mut state = self.state();
        state.plan = None;
        state.room = None;
    }

    /// How many touches failed.
    pub fn hits(&self) -> usize {
        self.state().hits
    }

    /// Whether these words are nowhere on it.
    pub fn kept_nothing_of(&self, words: &str) -> bool {
        !self.state().seen.windows(words.len()).any(|window| window == words.as_bytes())
    }

    /// Fills the disk: beyond these bytes nothing can be written, wherever that is.
    pub fn fill(&self, room: u64) {
        self.state().room = Some(room);
    }
}

impl State {
    fn fails(&mut self, act: Act) -> Option<(io::Error, bool)> {
        let plan = self.plan.as_mut().filter(|plan| plan.act == act)?;
        if plan.after > 0 {
            plan.after -= 1;
            return None;
        }
        plan.times = plan.times.checked_sub(1)?;
        self.hits += 1;
        Some((io::Error::from_raw_os_error(plan.errno), plan.short))
    }

    fn does(&mut self, op: Op) {
        apply(&mut self.seen, &op);
        self.dirty.push(op.clone());
        if self.recording {
            self.log.push(op);
        }
    }

    /// Bytes that take room: not those that are zero by never having been written.
    fn is_full(&self, at: u64, data: &[u8]) -> bool {
        let end = at as usize + data.len();
        let used = self.seen.chunks(4_096).filter(|page| page.iter().any(|byte| *byte != 0)).count() as u64 * 4_096;
        let fresh = end > self.seen.len() || self.seen[at as usize..end].iter().all(|byte| *byte == 0);
        self.room.is_some_and(|room| fresh && used + data.len() as u64 > room)
    }
}

impl Disk for Rig {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().seen.len() as u64)
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        if let Some((error, _)) = state.fails(Act::Read) {
            return Err(error);
        }
        let at = at as usize;
        let end = at.checked_add(into.len()).filter(|end| *end <= state.seen.len());
        into.copy_from_slice(&state.seen[at..end.ok_or(io::ErrorKind::UnexpectedEof)?]);
        Ok(())
    }

    fn write(&self, at: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if let Some((error, short)) = state.fails(Act::Write) {
            if short {
                state.does(Op::Write(at, data[..data.len() / 2].to_vec()));
            }
            return Err(error);
        }
        if state.is_full(at, data) {
            state.hits += 1;
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        state.does(Op::Write(at, data.to_vec()));
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        if let Some((error, _)) = state.fails(Act::Len) {
            return Err(error);
        }
        state.does(Op::Len(len));
        Ok(())
    }

    /// As Linux does it: what a failed sync was to bring to the disk counts as brought, and is never tried again.
    fn sync(&self) -> io::Result<()> {
        let mut state = self.state();
        if let Some((error, _)) = state.fails(Act::Sync) {
            let lengths: Vec<Op> = state.dirty.drain(..).filter(|op| matches!(op, Op::Len(_))).collect();
            lengths.iter().for_each(|op| apply(&mut state.kept, op));
            return Err(error);
        }
        let dirty = std::mem::take(&mut state.dirty);
        dirty.iter().for_each(|op| apply(&mut state.kept, op));
        if state.recording {
            state.log.push(Op::Sync);
        }
        Ok(())
    }

    fn room(&self, _: u64) -> io::Result<()> {
        let mut state = self.state();
        if state.room.is_some() {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        let failing = state.plan.filter(|plan| plan.after == 0 && plan.times > 0 && plan.act != Act::Read);
        let failed = failing.and_then(|plan| state.fails(plan.act));
        failed.map_or(Ok(()), |(error, _)| Err(error))
    }
}
