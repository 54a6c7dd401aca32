//! The best documents behind some place, dates checked on the way: a range in the query would scan a whole column.

use super::fields::{AT, CONVERSATION, KEY};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// A place in the order: the greater, the earlier it is shown. No two documents share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The score's bits, which order as the score does; 0 where only time counts.
    score: u32,
    /// Milliseconds since 1970.
    pub at: i64,
    /// [`super::fields::Subject::key`].
    pub key: u64,
}

/// A document found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// Whose timeline; 0 for none.
    pub conversation: u64,
}

/// Which rows are wanted.
#[derive(Clone)]
pub struct Rows {
    /// By score first, not by time alone.
    pub scored: bool,
    /// From when, in milliseconds since 1970.
    pub from: i64,
    /// Until before when.
    pub until: i64,
    /// Only those behind this place.
    pub after: Option<Place>,
    /// Conversations already known to be hidden from who asks.
    pub hidden: Arc<HashSet<u64>>,
    /// How many at most.
    pub most: usize,
}

impl Rows {
    /// Of any time, newest first, at most this many.
    pub fn newest(most: usize) -> Self {
        Self { scored: false, from: i64::MIN, until: i64::MAX, after: None, hidden: Arc::default(), most }
    }
}

impl Collector for Rows {
    type Fruit = Vec<Row>;
    type Child = Best;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Best> {
        let fast = segment.fast_fields();
        let (at, key, conversation) = (fast.i64(AT)?, fast.u64(KEY)?, fast.u64(CONVERSATION)?);
        Ok(Best { wanted: self.clone(), at, key, conversation, found: BinaryHeap::new() })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, segments: Vec<Vec<Row>>) -> tantivy::Result<Vec<Row>> {
        let mut rows: Vec<Row> = segments.into_iter().flatten().collect();
        rows.sort_unstable_by_key(|row| Reverse(*row));
        rows.truncate(self.most);
        Ok(rows)
    }
}

/// The best of one segment.
pub struct Best {
    wanted: Rows,
    at: Column<i64>,
    key: Column<u64>,
    conversation: Column<u64>,
    found: BinaryHeap<Reverse<Row>>,
}

impl SegmentCollector for Best {
    type Fruit = Vec<Row>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let at = self.at.first(doc).unwrap_or(0);
        if at < self.wanted.from || at >= self.wanted.until {
            return;
        }
        let score = if self.wanted.scored { score.max(0.0).to_bits() } else { 0 };
        let place = Place { score, at, key: self.key.first(doc).unwrap_or(0) };
        let worst = self.found.peek().filter(|_| self.found.len() >= self.wanted.most);
        if worst.is_some_and(|worst| worst.0.place > place) || self.wanted.after.is_some_and(|after| place >= after) {
            return;
        }
        let conversation = self.conversation.first(doc).unwrap_or(0);
        if self.wanted.hidden.contains(&conversation) {
            return;
        }
        self.found.push(Reverse(Row { place, conversation }));
        if self.found.len() > self.wanted.most {
            self.found.pop();
        }
    }

    fn harvest(self) -> Vec<Row> {
        self.found.into_iter().map(|row| row.0).collect()
    }
}
