//! The best documents behind some place, dates checked on the way: a range in the query would scan a whole column.

use super::fields::{AT, CONVERSATION, KEY};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::columnar::Column;
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocId, Score, Searcher, SegmentReader};

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

/// The columns of one segment; to clone them costs nothing.
#[derive(Clone)]
struct Opened {
    at: Column<i64>,
    key: Column<u64>,
    conversation: Column<u64>,
}

/// The columns of all segments, opened once: to open them takes as long as the search for a rare word.
#[derive(Default)]
pub struct Columns(Mutex<HashMap<SegmentId, Opened>>);

impl Columns {
    /// Those of this searcher's segments, in their order; what it no longer has is let go.
    fn of(&self, searcher: &Searcher) -> tantivy::Result<Vec<Opened>> {
        let segments = searcher.segment_readers();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::with_capacity(segments.len());
        for segment in segments {
            let opened = match known.get(&segment.segment_id()) {
                Some(opened) => opened.clone(),
                None => {
                    let fast = segment.fast_fields();
                    Opened { at: fast.i64(AT)?, key: fast.u64(KEY)?, conversation: fast.u64(CONVERSATION)? }
                }
            };
            all.push(opened);
        }
        if known.len() != segments.len() || segments.iter().any(|one| !known.contains_key(&one.segment_id())) {
            *known = segments.iter().map(SegmentReader::segment_id).zip(all.iter().cloned()).collect();
        }
        Ok(all)
    }
}

/// The rows that a query finds, the best first. Segments are looked at from the newest on, and those left out in which
/// nothing can be better than what was found: what was written last year lies apart from what was written today.
///
/// # Errors
/// Whatever the index says.
pub fn rows(searcher: &Searcher, query: &dyn Query, wanted: &Rows, columns: &Columns) -> tantivy::Result<Vec<Row>> {
    let scoring = match wanted.scored {
        true => EnableScoring::enabled_from_searcher(searcher),
        false => EnableScoring::disabled_from_searcher(searcher),
    };
    let weight = query.weight(scoring)?;
    let mut segments: Vec<_> = searcher.segment_readers().iter().zip(columns.of(searcher)?).collect();
    segments.sort_by_key(|(_, columns)| Reverse(columns.at.max_value()));
    let mut best = Best { wanted, worst: None, found: Vec::new() };
    for (segment, columns) in segments {
        if best.is_beyond(columns.at.min_value(), columns.at.max_value()) {
            continue;
        }
        let alive = segment.alive_bitset();
        let is_alive = |doc: DocId| alive.is_none_or(|alive| alive.is_alive(doc));
        if wanted.scored {
            weight.for_each(segment, &mut |doc, score| {
                if is_alive(doc) {
                    best.meet(&columns, doc, score);
                }
            })?;
        } else {
            weight.for_each_no_score(segment, &mut |docs| {
                docs.iter().filter(|doc| is_alive(**doc)).for_each(|doc| best.meet(&columns, *doc, 0.0));
            })?;
        }
    }
    Ok(best.done())
}

/// The best so far, in no order, among up to as many that are not.
struct Best<'w> {
    wanted: &'w Rows,
    /// The last of the best when they were last told from the rest.
    worst: Option<Place>,
    found: Vec<Row>,
}

impl Best<'_> {
    /// Whether nothing of this time can be among them.
    fn is_beyond(&mut self, oldest: i64, newest: i64) -> bool {
        let behind = |place: Place| !self.wanted.scored && oldest > place.at;
        if newest < self.wanted.from || oldest >= self.wanted.until || self.wanted.after.is_some_and(behind) {
            return true;
        }
        if self.found.len() >= self.wanted.most {
            self.sift();
        }
        !self.wanted.scored && self.worst.is_some_and(|worst| newest < worst.at)
    }

    fn meet(&mut self, columns: &Opened, doc: DocId, score: Score) {
        let at = columns.at.first(doc).unwrap_or(0);
        if at < self.wanted.from || at >= self.wanted.until {
            return;
        }
        let score = if self.wanted.scored { score.max(0.0).to_bits() } else { 0 };
        if self.worst.is_some_and(|worst| (score, at) < (worst.score, worst.at)) {
            return;
        }
        let place = Place { score, at, key: columns.key.first(doc).unwrap_or(0) };
        if self.worst.is_some_and(|worst| place < worst) || self.wanted.after.is_some_and(|after| place >= after) {
            return;
        }
        let conversation = columns.conversation.first(doc).unwrap_or(0);
        if self.wanted.hidden.contains(&conversation) {
            return;
        }
        self.found.push(Row { place, conversation });
        if self.found.len() >= self.wanted.most * 2 {
            self.sift();
        }
    }

    /// Keeps the best. Now and then, for many at once: documents come oldest first, each better than all before it.
    fn sift(&mut self) {
        let Some(last) = self.wanted.most.checked_sub(1) else { return self.found.clear() };
        self.found.select_nth_unstable_by_key(last, |row| Reverse(*row));
        self.found.truncate(self.wanted.most);
        self.worst = self.found.last().map(|row| row.place);
    }

    fn done(mut self) -> Vec<Row> {
        self.found.sort_unstable_by_key(|row| Reverse(*row));
        self.found.truncate(self.wanted.most);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::{Fields, Subject};
    use super::*;
    use crate::demo::rng::Rng;
    use crate::domain::ids::EntryId;
    use tantivy::query::AllQuery;
    use tantivy::{Index, TantivyDocument};

    /// Rows whose times overlap between segments, some of them removed again; with what is left.
    fn index(rng: &mut Rng) -> (Searcher, Vec<Row>) {
        let (schema, fields) = Fields::schema();
        let index = Index::create_in_ram(schema);
        Fields::prepare(&index);
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 15 << 20).unwrap();
        writer.set_merge_policy(Box::new(tantivy::indexer::NoMergePolicy));
        let (mut rows, mut id) = (Vec::new(), 0);
        for segment in 0..i64::from(rng.range(1, 6)) {
            for _ in 0..rng.range(1, 60) {
                id += 1;
                let (at, conversation) = (segment * 20 + i64::from(rng.range(0, 39)), u64::from(rng.range(1, 4)));
                let key = Subject::Entry(EntryId(id)).key();
                let mut document = TantivyDocument::default();
                document.add_u64(fields.key, key);
                document.add_u64(fields.conversation, conversation);
                document.add_i64(fields.at, at);
                writer.add_document(document).unwrap();
                rows.push(Row { place: Place { score: 0, at, key }, conversation });
            }
            writer.commit().unwrap();
        }
        for _ in 0..rng.range(0, 9) {
            let gone = rows.swap_remove(rng.range(0, rows.len() as u32 - 1) as usize);
            writer.delete_term(fields.key_term(Subject::of(gone.place.key)));
            writer.commit().unwrap();
            if rows.len() == 1 {
                break;
            }
        }
        rows.sort_unstable_by_key(|row| Reverse(*row));
        (index.reader().unwrap().searcher(), rows)
    }

    #[test]
    fn whatever_is_left_out_the_rows_are_those_that_a_look_at_all_would_find() {
        let mut rng = Rng::new(5);
        let columns = Columns::default();
        for round in 0..60 {
            let (searcher, all) = index(&mut rng);
            for _ in 0..20 {
                let mut wanted = Rows::newest(rng.range(1, 20) as usize);
                if rng.chance(40) {
                    wanted.from = i64::from(rng.range(0, 100));
                    wanted.until = wanted.from + i64::from(rng.range(0, 60));
                }
                if rng.chance(50) {
                    wanted.after = Some(all[rng.range(0, all.len() as u32 - 1) as usize].place);
                }
                if rng.chance(30) {
                    wanted.hidden = Arc::new(HashSet::from([1, 3]));
                }
                let fits = |row: &&Row| {
                    (wanted.from..wanted.until).contains(&row.place.at)
                        && wanted.after.is_none_or(|after| row.place < after)
                        && !wanted.hidden.contains(&row.conversation)
                };
                let expected: Vec<Row> = all.iter().filter(fits).take(wanted.most).copied().collect();
                assert_eq!(rows(&searcher, &AllQuery, &wanted, &columns).unwrap(), expected, "round {round}");
            }
        }
    }
}
