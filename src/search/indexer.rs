//! Follows the journal, batches, commits; and rebuilds what is missing, broken or not of this store.
//!
//! The cursor (the last journal number that is indexed) lies in the payload of tantivy's own commits and nowhere else,
//! so words and cursor are never apart, whenever the process dies. Everything that can be said of trouble here is:
//! build it again from the store.

use super::collect::{self, Columns, Rows};
use super::fields::{Fields, Kind, Subject, VERSION};
use super::shared::Shared;
use super::shelf::{self, Kept, Shelf};
use crate::domain::Event;
use crate::domain::contact::Contact;
use crate::domain::entry::Entry;
use crate::domain::ids::*;
use crate::domain::opportunity::Opportunity;
use crate::store::{Fault, Order, Raw, Record, Snapshot, Store};
use anyhow::{Result, anyhow};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tantivy::query::{AllQuery, BooleanQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

/// How long changes gather before they are committed together: a commit costs the same for one as for a hundred.
const GATHER: Duration = Duration::from_millis(250);
/// Journal events read at once.
const EVENTS_AT_ONCE: usize = 2_000;
/// Records read from one look at the store while building: a look that is kept for long keeps old pages alive.
const RECORDS_A_LOOK: u64 = 2_000;
/// Records between two commits of an index that is built from nothing, so that search finds the newest early.
const RECORDS_A_COMMIT: u64 = 20_000;
/// Opportunities that follow a change of their client's name.
const OPPORTUNITIES_MAX: usize = 1_000;
/// How much the indexer stands back where the processor is asked for more than it has: who sends a message waits for
/// the writer, nobody waits for this.
const NICENESS: i32 = 5;
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LAST: Duration = Duration::from_secs(60);

/// Makes a subject of a record's number.
type Numbered = fn(u64) -> Subject;

/// Where the index stands, and what was announced behind it, each with its number.
struct News {
    cursor: u64,
    events: Vec<(u64, Event)>,
}

/// The thread's own.
pub struct Indexer {
    dir: PathBuf,
    store: Arc<Store>,
    shared: Arc<Shared>,
    fields: Fields,
    open: Option<Shelf>,
    told: String,
}

impl Indexer {
    /// An indexer for `search-N/` in the data directory.
    pub fn new(data: &Path, store: Arc<Store>, shared: Arc<Shared>) -> Self {
        let dir = data.join(format!("search-{VERSION}"));
        Self { dir, store, shared, fields: Fields::schema().1, open: None, told: String::new() }
    }

    /// Works until it is told to stop.
    pub fn run(mut self) {
        // Of this thread and those that tantivy begins from it; where it is refused, all have the same turn.
        let _ = rustix::process::nice(NICENESS);
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => return tracing::error!(%error, "search cannot follow the journal"),
        };
        let (mut bell, mut orders) = (self.store.bell(), self.shared.orders());
        let mut retry = RETRY_FIRST;
        while !self.shared.stopping() {
            bell.borrow_and_update();
            orders.borrow_and_update();
            let wait = match self.attempt() {
                Ok(()) => {
                    retry = RETRY_FIRST;
                    None
                }
                Err(error) => {
                    self.tell(&error);
                    self.open = None;
                    let wait = retry;
                    retry = (retry * 2).min(RETRY_LAST);
                    Some(wait)
                }
            };
            runtime.block_on(async {
                tokio::select! {
                    _ = orders.changed() => {}
                    () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
                    Ok(()) = bell.changed(), if wait.is_none() => {
                        tokio::select! {
                            _ = orders.changed() => {}
                            () = tokio::time::sleep(GATHER) => {}
                        }
                    }
                }
            });
        }
        if let Err(error) = self.finish() {
            self.tell(&error);
        }
    }

    /// Once through; a panic in a broken index is an error like others, after which nothing of the index is kept.
    fn attempt(&mut self) -> Result<()> {
        let distrust = self.shared.distrusted();
        if distrust {
            self.discard("a search came upon something broken")?;
            self.shared.trust();
        }
        match catch_unwind(AssertUnwindSafe(|| self.catch_up())) {
            Ok(done) => done,
            Err(_) => self.discard("the indexer panicked").and(Err(anyhow!("the indexer panicked"))),
        }
    }

    fn catch_up(&mut self) -> Result<()> {
        let mut shelf = match self.open.take() {
            Some(shelf) => shelf,
            None => self.open()?,
        };
        let done = self.follow(&mut shelf);
        self.open = Some(shelf);
        done
    }

    fn open(&mut self) -> Result<Shelf> {
        shelf::remove_older(&self.dir);
        let shelf = match shelf::open(&self.dir) {
            Kept::Good(shelf) => *shelf,
            Kept::Missing => shelf::make(&self.dir)?,
            Kept::Broken(why) => {
                self.discard(&why)?;
                shelf::make(&self.dir)?
            }
            Kept::Busy(error) => return Err(error),
        };
        self.shared.show(Some(shelf.reader.clone()));
        Ok(shelf)
    }

    fn discard(&mut self, why: &str) -> Result<()> {
        tracing::warn!(why, "the search index is thrown away and built again");
        self.shared.begun();
        self.shared.show(None);
        self.open = None;
        shelf::remove(&self.dir)
    }

    /// From the cursor to the journal's end; an index that is not whole is built first.
    fn follow(&mut self, shelf: &mut Shelf) -> Result<()> {
        let mut built = false;
        while !self.shared.stopping() {
            let look = self.store.look()?;
            let Some(news) = self.news(shelf, &look)? else {
                if built {
                    return Err(anyhow!("what was just built does not fit the journal"));
                }
                self.build(shelf)?;
                built = true;
                continue;
            };
            if self.apply(shelf, &look, news)? {
                break;
            }
        }
        Ok(())
    }

    /// The cursor and the events behind it; nothing where there is no way from the one to the others.
    fn news(&self, shelf: &mut Shelf, look: &Snapshot) -> Result<Option<News>> {
        let Some(cursor) = shelf.cursor(look)? else { return Ok(None) };
        match look.journal::<Event>(cursor, EVENTS_AT_ONCE) {
            Ok(news) => Ok((!news.gap).then_some(News { cursor, events: news.events })),
            // What cannot be read there can still be read from the records.
            Err(Fault::Damaged { .. } | Fault::Encoding(_)) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Indexes what events are about; says whether they were the last.
    fn apply(&mut self, shelf: &mut Shelf, look: &Snapshot, news: News) -> Result<bool> {
        let last = news.events.last().map_or(news.cursor, |(number, _)| *number);
        let all = news.events.len() < EVENTS_AT_ONCE;
        let changed = self.changed(shelf, news.events.into_iter().map(|(_, event)| event))?;
        for subject in &changed {
            shelf.writer.delete_term(self.fields.key_term(*subject));
            self.add(shelf, look, *subject)?;
        }
        shelf.cursor_is(last);
        if !changed.is_empty() {
            shelf.commit(look)?;
        }
        self.level(last);
        Ok(all)
    }

    /// What events are about. An opportunity is found by its client's name, so it follows its client.
    fn changed(&self, shelf: &Shelf, events: impl Iterator<Item = Event>) -> Result<BTreeSet<Subject>> {
        let mut changed = BTreeSet::new();
        for event in events {
            match event {
                Event::EntryAdded { entry, .. } => {
                    changed.insert(Subject::Entry(entry));
                }
                Event::OpportunityChanged { opportunity, .. } => {
                    changed.insert(Subject::Opportunity(opportunity));
                }
                Event::ContactChanged(id) => {
                    if changed.insert(Subject::Contact(id)) {
                        changed.extend(self.opportunities_of(shelf, id)?);
                    }
                }
                Event::OpportunityEntryAdded { .. }
                | Event::DeliveryChanged { .. }
                | Event::ConversationChanged { .. }
                | Event::Read(_)
                | Event::AccessChanged { .. }
                | Event::UserChanged(_)
                | Event::UserNoted(_)
                | Event::AgencyChanged
                | Event::PresenceChanged(_)
                | Event::DayBegan
                | Event::SessionEnded(_) => {}
            }
        }
        Ok(changed)
    }

    fn opportunities_of(&self, shelf: &Shelf, id: ContactId) -> Result<Vec<Subject>> {
        let term = |term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>;
        let of_contact = tantivy::Term::from_field_u64(self.fields.contact, id.0);
        let query = BooleanQuery::intersection(vec![term(of_contact), term(self.fields.kind_term(Kind::Opportunity))]);
        let rows =
            collect::rows(&shelf.reader.searcher(), &query, &Rows::newest(OPPORTUNITIES_MAX), &Columns::default())?;
        Ok(rows.into_iter().map(|row| Subject::of(row.place.key)).collect())
    }

    /// A damaged record is not searchable; the store's own check tells of it.
    fn add(&self, shelf: &Shelf, look: &Snapshot, subject: Subject) -> Result<()> {
        match self.fields.document(look, subject) {
            Ok(document) => {
                if let Some(document) = document {
                    shelf.writer.add_document(document)?;
                }
                Ok(())
            }
            Err(Fault::Damaged { .. } | Fault::Encoding(_)) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Everything anew from the store, newest first. An index that was whole is searched until this one is; one that
    /// was not shows what there is from time to time.
    fn build(&mut self, shelf: &mut Shelf) -> Result<()> {
        tracing::info!("the search index is being built");
        self.shared.begun();
        let (whole, look) = (shelf.was_whole(), self.store.look()?);
        let cursor = look.reached()?;
        shelf.cursor_lost();
        shelf.writer.delete_query(Box::new(AllQuery))?;
        let subjects: [(u64, Numbered); 3] = [
            (last::<Contact>(&look)?, |number| Subject::Contact(ContactId(number))),
            (last::<Opportunity>(&look)?, |number| Subject::Opportunity(OpportunityId(number))),
            (last::<Entry>(&look)?, |number| Subject::Entry(EntryId(number))),
        ];
        drop(look);
        let total: u64 = subjects.iter().map(|(last, _)| last).sum();
        let numbers = subjects.into_iter().flat_map(|(last, subject)| (1..=last).rev().map(subject));
        let mut look = self.store.look()?;
        for (done, subject) in (0_u64..).zip(numbers) {
            if done > 0 && done % RECORDS_A_LOOK == 0 {
                if self.shared.stopping() {
                    return Ok(());
                }
                self.shared.built(done * 100 / total.max(1));
                look = self.store.look()?;
            }
            if done > 0 && done % RECORDS_A_COMMIT == 0 && !whole {
                shelf.commit(&look)?;
            }
            self.add(shelf, &look, subject)?;
        }
        shelf.cursor_is(cursor);
        shelf.commit(&look)?;
        self.level(cursor);
        tracing::info!(records = total, "the search index is built");
        Ok(())
    }

    fn level(&mut self, cursor: u64) {
        self.told.clear();
        self.shared.level(cursor);
    }

    /// The last changes before the end; an unfinished index is left to the next start.
    fn finish(&mut self) -> Result<()> {
        let Some(mut shelf) = self.open.take() else { return Ok(()) };
        let look = self.store.look()?;
        if let Some(news) = self.news(&mut shelf, &look)? {
            self.apply(&mut shelf, &look, news)?;
            shelf.save(&look)?;
        }
        Ok(())
    }

    /// The same trouble again and again is told once.
    fn tell(&mut self, error: &anyhow::Error) {
        let words = format!("{error:#}");
        if words != self.told {
            tracing::error!(error = words, "the search index cannot be kept; trying again");
            self.told = words;
        }
    }
}

/// The highest number in a table.
fn last<R: Record>(look: &Snapshot) -> Result<u64> {
    let mut last = 0;
    look.walk(R::TABLE, &[], None, Order::Falling, &mut |key, _| {
        last = key.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        ControlFlow::Break(())
    })?;
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schema::KINDS;
    use crate::store::DataDir;

    #[test]
    fn f13_an_index_that_failed_a_search_is_thrown_away_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let lock = DataDir::open(dir.path()).expect("a data directory");
        let store = Arc::new(Store::open(&lock, KINDS).expect("a store"));
        let shared = Arc::new(Shared::default());
        let mut indexer = Indexer::new(dir.path(), store, shared.clone());
        assert_eq!(shared.building(), Some(0));
        indexer.attempt().expect("an index");
        assert!(shared.building().is_none() && shared.reader().is_some());
        let mark = indexer.dir.join("mark");
        std::fs::write(&mark, "").expect("written");
        indexer.attempt().expect("an index");
        assert!(mark.exists(), "nothing was wrong");
        shared.distrust();
        indexer.attempt().expect("an index");
        assert!(!mark.exists() && shared.building().is_none() && shared.reader().is_some());
        std::fs::write(&mark, "").expect("written");
        indexer.attempt().expect("an index");
        assert!(mark.exists(), "once is enough");
    }
}
