//! Whether a database is whole: every record, every index against its records, the journal, the counters.
//!
//! A look reads what it is asked for and refuses what does not fit its checksum, but it cannot miss what has gone. This
//! walk can: a record that an index names must be there, an index row that a record names must be there, and tables
//! hold as many rows as they say.

use super::record::{self, Order, Raw, Table};
use super::{Fault, JOURNAL, Kind, META, Snapshot};
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Findings that a report names one by one; the rest is only counted.
pub const NAMED_MAX: usize = 200;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A row does not fit its checksum, or its place.
    #[error("{table}: row {number} is damaged")]
    Damaged {
        /// Its table or index.
        table: Table,
        /// The number at the end of its key.
        number: u64,
    },
    /// A walk through the table comes by a row that its own key does not lead to: a signpost on the way is damaged (F16).
    #[error("{table}: row {number} is there, but not found by its key")]
    Hidden {
        /// Its table.
        table: Table,
        /// The number at the end of its key.
        number: u64,
    },
    /// A record is not found under a key that it names.
    #[error("{index}: record {number} is missing there")]
    NotIndexed {
        /// The index.
        index: Table,
        /// The record's number.
        number: u64,
    },
    /// An index names a record that is not there, or that does not name this key.
    #[error("{index}: it names record {number}, which is not there or not of this place")]
    Stray {
        /// The index.
        index: Table,
        /// The record's number.
        number: u64,
    },
    /// A record names an index that its kind does not list.
    #[error("{table}: record {number} names an index that is not its kind's")]
    Unlisted {
        /// The record's table.
        table: Table,
        /// Its number.
        number: u64,
    },
    /// A table has not as many rows as it says.
    #[error("{table}: it says that it has {says} rows and shows {has}")]
    Count {
        /// Which.
        table: Table,
        /// What the table's head says.
        says: u64,
        /// What a walk finds.
        has: u64,
    },
    /// A number was given to a record that the counter has not reached: the next one would take its place.
    #[error("{table}: record {number} lies beyond the counter, which is at {counter}")]
    BeyondCounter {
        /// Which table.
        table: Table,
        /// The greatest number in it.
        number: u64,
        /// What the counter says.
        counter: u64,
    },
    /// An event of the journal is missing.
    #[error("journal: event {0} is missing")]
    Gap(u64),
    /// A table that nobody knows.
    #[error("{0}: nobody knows this table")]
    Unknown(String),
    /// A table could not be read to its end.
    #[error("{table}: it cannot be read to its end ({why})")]
    Unreadable {
        /// Which.
        table: Table,
        /// What was said.
        why: String,
    },
}

/// What a check saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Records read.
    pub records: u64,
    /// Index rows read.
    pub rows: u64,
    /// Journal events read.
    pub events: u64,
    /// What is not as it must be: the first [`NAMED_MAX`].
    pub findings: Vec<Finding>,
    /// How many there are in all.
    pub found: u64,
    /// The check was called off before its end.
    pub stopped: bool,
}

impl Report {
    /// Everything was read and is as it must be.
    pub fn is_whole(&self) -> bool {
        self.found == 0 && !self.stopped
    }

    fn find(&mut self, finding: Finding) {
        self.found += 1;
        if self.findings.len() < NAMED_MAX {
            self.findings.push(finding);
        }
    }
}

/// Walks everything in one look; `E` is the type of the journal's events. `going` is told how many rows were read, now
/// and then, and calls the check off by [`ControlFlow::Break`]. Reads only; a fault of the disk is a finding, too.
/// Blocking: about five seconds for a million records with five index keys each.
pub fn check<E: DeserializeOwned>(
    look: &Snapshot,
    kinds: &[Kind],
    going: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Report {
    let mut walk = Walk { look, report: Report::default(), going, read: 0 };
    for kind in kinds {
        let named = walk.records(kind);
        for index in kind.indexes {
            walk.index(kind, index, named.iter().find(|(name, _)| name == index).map_or(0, |(_, count)| *count));
        }
    }
    walk.journal::<E>();
    walk.unknown(kinds);
    walk.report
}

struct Walk<'w> {
    look: &'w Snapshot,
    report: Report,
    going: &'w mut dyn FnMut(u64) -> ControlFlow<()>,
    read: u64,
}

impl Walk<'_> {
    /// Visits a table's rows. What the database says or does on a damaged page, a panic too, is a finding.
    fn rows(&mut self, table: Table, mut visit: impl FnMut(&mut Self, &[u8], &[u8])) -> u64 {
        if self.report.stopped {
            return 0;
        }
        let look = self.look;
        let mut has = 0;
        let walked = catch_unwind(AssertUnwindSafe(|| {
            look.walk(table, &[], None, Order::Rising, &mut |key, value| {
                has += 1;
                self.read += 1;
                if self.read.is_multiple_of(4_096) && (self.going)(self.read).is_break() {
                    self.report.stopped = true;
                    return ControlFlow::Break(());
                }
                visit(self, key, value);
                ControlFlow::Continue(())
            })?;
            look.says(table)
        }));
        let unreadable = |why: String| Finding::Unreadable { table, why };
        match walked {
            Ok(Ok(says)) if says != has && !self.report.stopped => {
                self.report.find(Finding::Count { table, says, has });
            }
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => self.report.find(unreadable(fault.to_string())),
            Err(_) => self.report.find(unreadable("its pages make no sense".into())),
        }
        has
    }

    /// Reads a value, however damaged the way to it is.
    fn value(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        catch_unwind(AssertUnwindSafe(|| self.look.raw(table, key))).ok()?.ok()?
    }

    /// A row is found by its key, as whoever reads it looks for it.
    fn reach(&mut self, table: Table, key: &[u8], value: &[u8]) {
        if self.value(table, key).as_deref() != Some(value) {
            self.report.find(Finding::Hidden { table, number: record::number_at_end(key).unwrap_or_default() });
        }
    }

    /// Every record is sound, below its counter, and stands in every index under the keys it names. Gives how many keys
    /// were named in each index.
    fn records(&mut self, kind: &Kind) -> Vec<(Table, u64)> {
        let mut named: Vec<(Table, u64)> = kind.indexes.iter().map(|index| (*index, 0)).collect();
        let mut last = 0;
        self.rows(kind.table, |walk, key, bytes| {
            walk.report.records += 1;
            walk.reach(kind.table, key, bytes);
            let number = record::number_at_end(key).unwrap_or_default();
            last = last.max(number);
            let Ok(keys) = (kind.keys)(number, bytes) else {
                return walk.report.find(Finding::Damaged { table: kind.table, number });
            };
            for (index, key) in keys.distinct() {
                let Some((_, count)) = named.iter_mut().find(|(name, _)| *name == index) else {
                    walk.report.find(Finding::Unlisted { table: kind.table, number });
                    continue;
                };
                *count += 1;
                let row = record::with_number(&key, number);
                if walk.value(index, &row).is_none_or(|tag| tag != record::row_tag(index, &row)) {
                    walk.report.find(Finding::NotIndexed { index, number });
                }
            }
        });
        self.counter(kind.table, last);
        named
    }

    /// A table whose numbers are given by hand has no counter.
    fn counter(&mut self, table: Table, number: u64) {
        let name = super::tx::counter(table);
        match self.value(META, name.as_bytes()).map(|kept| record::count(&name, Some(&kept))) {
            Some(Ok(counter)) if counter < number => {
                self.report.find(Finding::BeyondCounter { table, number, counter });
            }
            _ => {}
        }
    }

    /// Every row fits its tag. If there are as many as the records named, each is one of those; only if not is the
    /// stray one looked for.
    fn index(&mut self, kind: &Kind, index: Table, named: u64) {
        let has = self.rows(index, |walk, row, tag| {
            walk.report.rows += 1;
            if let Err(Fault::Damaged { table, number }) = record::row_number(index, row, tag) {
                walk.report.find(Finding::Damaged { table, number });
            }
        });
        if has == named || self.report.stopped {
            return;
        }
        self.rows(index, |walk, row, _| {
            let number = record::number_at_end(row).unwrap_or_default();
            let bytes = walk.value(kind.table, &number.to_be_bytes());
            let keys = bytes.and_then(|bytes| (kind.keys)(number, &bytes).ok());
            let named = keys.is_some_and(|keys| {
                keys.0.iter().any(|(name, key)| *name == index && record::with_number(key, number) == row)
            });
            if !named {
                walk.report.find(Finding::Stray { index, number });
            }
        });
    }

    /// Every event can be read, and none is missing from the first to the last.
    fn journal<E: DeserializeOwned>(&mut self) {
        let mut before = None;
        self.rows(JOURNAL, |walk, key, value| {
            walk.report.events += 1;
            walk.reach(JOURNAL, key, value);
            let number = record::number_at_end(key).unwrap_or_default();
            if before.is_some_and(|before: u64| before.checked_add(1) != Some(number)) {
                walk.report.find(Finding::Gap(number.saturating_sub(1)));
            }
            before = Some(number);
            if record::unseal::<E>(number, value).is_err() {
                walk.report.find(Finding::Damaged { table: JOURNAL, number });
            }
        });
        let reached = catch_unwind(AssertUnwindSafe(|| self.look.reached())).unwrap_or(Ok(0)).unwrap_or(0);
        // The oldest events are trimmed, all of them in a quiet month.
        if let Some(last) = before.filter(|last| *last != reached && !self.report.stopped) {
            self.report.find(Finding::Gap(last.max(reached)));
        }
        self.rows(META, |walk, name, value| {
            walk.reach(META, name, value);
            let counter = std::str::from_utf8(name).is_ok_and(|name| record::count(name, Some(value)).is_ok());
            // The stamp is read, and judged, before anything else.
            if !counter && !super::data_dir::is_stamp(name) {
                walk.report.find(Finding::Damaged { table: META, number: 0 });
            }
        });
    }

    fn unknown(&mut self, kinds: &[Kind]) {
        let known = |name: &str| [META, JOURNAL].contains(&name) || kinds.iter().any(|k| k.tables().any(|t| t == name));
        match catch_unwind(AssertUnwindSafe(|| self.look.tables())) {
            Ok(Ok(tables)) => {
                for name in tables.into_iter().filter(|name| !known(name)) {
                    self.report.find(Finding::Unknown(name));
                }
            }
            _ => self.report.find(Finding::Unreadable { table: META, why: "the list of tables".into() }),
        }
    }
}

#[cfg(test)]
mod tests;
