//! Words and ranking: the full-text index over messages, notes, file names, contacts and opportunities.
//!
//! The index holds words and numbers, never text, and is never the only copy of anything: it lies in `search-N/` and may
//! be deleted at any time. One thread follows the journal ([`indexer`]) and keeps its cursor in the index's own commits.
//! What is found is shown only after the store was asked whether this viewer may see it.

mod collect;
mod fields;
mod indexer;
mod marks;
mod portuguese;
mod query;
mod shared;
mod shelf;
mod sight;

pub use fields::{Kind, VERSION};
pub use marks::Marked;

use crate::domain::ids::*;
use crate::domain::{Answer, Viewer};
use crate::store::{Snapshot, Store};
use collect::{Columns, Rows};
use fields::{Fields, Subject};
use shared::Shared;
use sight::Sight;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use tantivy::query::BooleanQuery;
use tokio::sync::watch;

/// Made once: a schema takes as long as a search inside a conversation.
static FIELDS: LazyLock<Fields> = LazyLock::new(|| Fields::schema().1);

/// Hits of one answer at most.
pub const HITS_MAX: usize = 200;
/// Hits that can be skipped at most.
pub const SKIP_MAX: usize = 10_000;
/// Rows looked at first; four times as many each time more are needed.
const ROWS_FIRST: usize = 64;
/// The same for whoever sees only some of them: a second look costs as much as the first.
const ROWS_FIRST_OF_SOME: usize = 512;
/// Rows looked at in one go at most: what bounds the memory of a search.
const ROWS_MAX: usize = 8_192;

/// What comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// The newest.
    #[default]
    Newest,
    /// What fits best.
    Best,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// As typed. All words must be found; `"…"` exactly so; the last one may be a beginning unless a space follows it.
    pub text: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Only on this contact's history, and the contact itself.
    pub contact: Option<ContactId>,
    /// Only what this user wrote; of opportunities, those they are responsible for.
    pub by: Option<UserId>,
    /// Only these kinds; none given is all.
    pub kinds: Vec<Kind>,
    /// Not before this moment (milliseconds since 1970).
    pub from: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
    /// What comes first.
    pub order: Order,
    /// How many hits to leave out at the beginning, at most [`SKIP_MAX`].
    pub skip: usize,
    /// How many hits at most, up to [`HITS_MAX`].
    pub most: usize,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            text: String::new(),
            conversation: None,
            contact: None,
            by: None,
            kinds: Vec::new(),
            from: None,
            until: None,
            order: Order::Newest,
            skip: 0,
            most: 20,
        }
    }
}

/// Where a hit leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// A message or note, at its place in its conversation.
    Entry {
        /// Which.
        entry: EntryId,
        /// Where.
        conversation: ConversationId,
    },
    /// A contact.
    Contact(ContactId),
    /// An opportunity.
    Opportunity(OpportunityId),
}

/// Something found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// Where it leads.
    pub target: Target,
    /// When it was written or last changed; milliseconds since 1970.
    pub at: i64,
    /// A line of it, as it stands in the store, what answers the question marked. Plain text: to be escaped.
    pub snippet: Marked,
}

/// What was found. There is no total: it would count what the viewer may not see.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// In the order asked for.
    pub hits: Vec<Hit>,
    /// Whether there are more behind them that the viewer may see.
    pub more: bool,
    /// The index is being built, this many percent are done: hits may be missing.
    pub building: Option<u8>,
}

/// The index and the thread that keeps it.
pub struct Search {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Search {
    /// Starts the thread that opens, mends or builds the index in `dir` (the data directory) and follows the journal.
    /// Never fails and never waits: until the index is there, nothing is found and the answer says so.
    pub fn start(dir: &Path, store: Arc<Store>) -> Self {
        let shared = Arc::new(Shared::default());
        let indexer = indexer::Indexer::new(dir, store, shared.clone());
        let thread = std::thread::Builder::new().name("search".into()).spawn(move || indexer.run());
        if let Err(error) = &thread {
            tracing::error!(%error, "the search thread did not start: nothing will be found");
        }
        Self { shared, thread: Mutex::new(thread.ok()) }
    }

    /// Indexes what is committed so far, commits, and ends the thread; the store is let go of.
    pub fn stop(&self) {
        self.shared.stop();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic there was logged when it happened.
            let _ = thread.join();
        }
    }

    /// Up to which number of the journal everything is searchable; 0 while the index is being built.
    pub fn reached(&self) -> watch::Receiver<u64> {
        self.shared.reached()
    }

    /// Answers a question with what this viewer may see. Blocks for milliseconds: call it where that is allowed.
    /// A broken index is never the caller's trouble: it is rebuilt, and the answer says so. What a question stumbles over
    /// before the index is asked says nothing of the index, and goes up.
    pub fn find(&self, look: &Snapshot, viewer: &Viewer, ask: &Question) -> Answer<Found> {
        let building = self.shared.building();
        let Some(reader) = self.shared.reader() else { return Ok(Found { building, ..Found::default() }) };
        let mut sight = Sight::new(look, viewer)?;
        let Some(query) = query::query(&FIELDS, ask, &sight.kinds(&ask.kinds), sight.only()) else {
            return Ok(Found { building, ..Found::default() });
        };
        let (searcher, columns) = (reader.searcher(), &self.shared.columns);
        let looked = catch_unwind(AssertUnwindSafe(|| look_up(&searcher, columns, &mut sight, &query, ask)));
        match looked {
            Ok(Ok(found)) => Ok(Found { building, ..found }),
            Ok(Err(Trouble::No(no))) => Err(no),
            broken => {
                if let Ok(Err(Trouble::Index(error))) = broken {
                    tracing::warn!(%error, "a search failed");
                }
                self.shared.distrust();
                Ok(Found { building: Some(0), ..Found::default() })
            }
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A whole text with everything marked that was asked for (Q6). Plain text: to be escaped.
pub fn mark(text: &str, asked: &str) -> Marked {
    marks::whole(text, &query::pieces(asked))
}

enum Trouble {
    No(crate::domain::No),
    Index(tantivy::TantivyError),
}

impl From<crate::domain::No> for Trouble {
    fn from(no: crate::domain::No) -> Self {
        Self::No(no)
    }
}

impl From<tantivy::TantivyError> for Trouble {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Index(error)
    }
}

fn look_up(
    searcher: &tantivy::Searcher,
    columns: &Columns,
    sight: &mut Sight<'_, Snapshot>,
    query: &BooleanQuery,
    ask: &Question,
) -> Result<Found, Trouble> {
    let pieces = query::pieces(&ask.text);
    let (mut skip, most) = (ask.skip.min(SKIP_MAX), ask.most.min(HITS_MAX));
    let mut rows = Rows::newest(if sight.sees_all() { ROWS_FIRST } else { ROWS_FIRST_OF_SOME });
    rows.scored = ask.order == Order::Best;
    (rows.from, rows.until) = (ask.from.unwrap_or(i64::MIN), ask.until.unwrap_or(i64::MAX));
    let mut found = Found::default();
    loop {
        let page = collect::rows(searcher, query, &rows, columns)?;
        for row in &page {
            let Some((target, parts)) = sight.of(Subject::of(row.place.key), ConversationId(row.conversation))? else {
                continue;
            };
            if skip > 0 {
                skip -= 1;
            } else if found.hits.len() == most {
                found.more = true;
                return Ok(found);
            } else {
                found.hits.push(Hit { target, at: row.place.at, snippet: marks::excerpt(&parts, &pieces) });
            }
        }
        if page.len() < rows.most {
            return Ok(found);
        }
        rows.after = page.last().map(|row| row.place);
        rows.hidden = sight.hidden();
        rows.most = (rows.most * 4).min(ROWS_MAX);
    }
}
