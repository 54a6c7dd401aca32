//! What searches and the indexer's thread have in common: the index to read, how far it is, and what is to be done.

use super::collect::Columns;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock};
use tantivy::IndexReader;
use tokio::sync::watch;

const NOT_BUILDING: u8 = u8::MAX;

/// What searches and the indexer's thread share.
pub struct Shared {
    /// What searches opened of the index.
    pub columns: Columns,
    reader: RwLock<Option<IndexReader>>,
    building: AtomicU8,
    reached: watch::Sender<u64>,
    orders: watch::Sender<Orders>,
}

/// What the thread is to do; it wakes up when this changes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Orders {
    stop: bool,
    distrust: bool,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            columns: Columns::default(),
            reader: RwLock::default(),
            building: AtomicU8::new(0),
            reached: watch::Sender::new(0),
            orders: watch::Sender::default(),
        }
    }
}

impl Shared {
    /// What can be searched.
    pub fn reader(&self) -> Option<IndexReader> {
        self.reader.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many percent are built, if not all.
    pub fn building(&self) -> Option<u8> {
        Some(self.building.load(Ordering::Relaxed)).filter(|percent| *percent != NOT_BUILDING)
    }

    /// See [`super::Search::reached`].
    pub fn reached(&self) -> watch::Receiver<u64> {
        self.reached.subscribe()
    }

    /// Ends the thread.
    pub fn stop(&self) {
        self.orders.send_modify(|orders| orders.stop = true);
    }

    /// Has the index thrown away and built again.
    pub fn distrust(&self) {
        self.orders.send_modify(|orders| orders.distrust = true);
    }

    /// Wakes up with each order.
    pub fn orders(&self) -> watch::Receiver<Orders> {
        self.orders.subscribe()
    }

    /// Whether the thread is to end.
    pub fn stopping(&self) -> bool {
        self.orders.borrow().stop
    }

    /// Whether a search came upon something broken.
    pub fn distrusted(&self) -> bool {
        self.orders.borrow().distrust
    }

    /// What was broken is gone.
    pub fn trust(&self) {
        self.orders.send_modify(|orders| orders.distrust = false);
    }

    /// Searches read this from now on.
    pub fn show(&self, reader: Option<IndexReader>) {
        *self.reader.write().unwrap_or_else(PoisonError::into_inner) = reader;
    }

    /// The index is being built from here on.
    pub fn begun(&self) {
        self.built(0);
        self.reached.send_replace(0);
    }

    /// So many percent of it are built.
    pub fn built(&self, percent: u64) {
        self.building.store(percent.min(99) as u8, Ordering::Relaxed);
    }

    /// Everything up to this number of the journal is searchable.
    pub fn level(&self, cursor: u64) {
        self.building.store(NOT_BUILDING, Ordering::Relaxed);
        self.reached.send_replace(cursor);
    }
}
