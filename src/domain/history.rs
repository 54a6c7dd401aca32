//! Everything that happened with a contact or on an opportunity (E10): the timelines of its conversations and what
//! happened beside them, merged when somebody looks. A conversation keeps its contact and opportunity for ever, so nothing
//! has to be written twice when something is said.

use super::entry::{self, Entry};
use super::ids::*;
use super::refusal::Answer;
use super::schema::*;
use crate::store::{Key, Look, Order, Table};
use std::collections::BTreeSet;

/// The newest entries of a contact's whole history with a number below `before`, in the order of the timeline, at most
/// `most`; the caller leaves out what its viewer may not see.
pub fn of_contact(look: &impl Look, id: ContactId, before: Option<EntryId>, most: usize) -> Answer<Vec<Entry>> {
    merged(look, CONVERSATIONS_OF_CONTACT, ENTRIES_ON_CONTACT, id.0, before, most)
}

/// The same for an opportunity.
pub fn of_opportunity(look: &impl Look, id: OpportunityId, before: Option<EntryId>, most: usize) -> Answer<Vec<Entry>> {
    merged(look, CONVERSATIONS_BY_OPPORTUNITY, ENTRIES_ON_OPPORTUNITY, id.0, before, most)
}

fn merged(
    look: &impl Look,
    conversations: Table,
    beside: Table,
    subject: u64,
    before: Option<EntryId>,
    most: usize,
) -> Answer<Vec<Entry>> {
    let subject = Key::new().number(subject);
    let mut newest = Newest { before, most, found: BTreeSet::new() };
    newest.gather(look, beside, &subject)?;
    // The newest conversation first: behind it most others have nothing to add, which is seen at their last entry.
    for id in look.ids::<ConversationId>(conversations, &subject, Order::Falling, usize::MAX)? {
        newest.gather(look, ENTRIES_BY_CONVERSATION, &Key::new().number(id.0))?;
    }
    entry::all(look, newest.found)
}

/// The newest of several timelines.
struct Newest {
    before: Option<EntryId>,
    most: usize,
    found: BTreeSet<EntryId>,
}

impl Newest {
    fn gather(&mut self, look: &impl Look, index: Table, timeline: &Key) -> Answer<()> {
        let high = self.before.map(|id| timeline.clone().number(id.0).bytes().to_vec()).or_else(|| timeline.after());
        look.each_id(index, timeline.bytes(), high.as_deref(), Order::Falling, |id| {
            if self.found.len() < self.most {
                return self.found.insert(id);
            }
            // Older than all that are wanted: so is what follows.
            let wanted = self.found.first().is_some_and(|oldest| *oldest < id) && self.found.insert(id);
            if wanted {
                self.found.pop_first();
            }
            wanted
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Viewer;
    use crate::domain::agency;
    use crate::domain::conversation::{self, COUNTER, Draft, New};
    use crate::domain::opportunity::{self, Kind};
    use crate::domain::{Event, contact};
    use crate::store::check::check;
    use crate::store::{DataDir, Snapshot, Store, Tx};
    use std::ops::ControlFlow;

    const CONTACTS: usize = 2;
    const TURNS: usize = 20;

    /// Two clients with two deals and three conversations each, in which something happens turn by turn; in the end the
    /// deals change hands.
    fn a_busy_office(tx: &mut Tx<'_>) -> Answer<()> {
        let staff = agency::aurora(tx)?;
        let (mut deals, mut talks) = (Vec::new(), Vec::new());
        for n in 0..CONTACTS {
            let draft = contact::Draft { name: format!("Marta {n}"), ..contact::Draft::default() };
            let contact = contact::add(tx, &staff, &draft)?;
            for title in ["Casa", "Loja"] {
                let draft = opportunity::Draft {
                    kind: Kind::Sale,
                    title: title.into(),
                    seeking: String::new(),
                    property: String::new(),
                    amount: None,
                    contact,
                    responsible: staff.id,
                };
                let deal = opportunity::add(tx, &staff, &draft)?;
                deals.push((deal, draft));
            }
            for opportunity in [None, Some(deals[n * 2].0), Some(deals[n * 2 + 1].0)] {
                let responsible = Some(staff.id);
                let new = New { contact, opportunity, channel: COUNTER, department: None, responsible };
                talks.push(conversation::begin(tx, &staff, &new)?);
            }
        }
        for turn in 0..TURNS {
            let said = Draft { text: format!("Vez {turn}"), ..Draft::default() };
            conversation::say(tx, &Viewer::Staff(staff.clone()), talks[turn * 5 % talks.len()], &said)?;
            opportunity::set_stage(tx, &staff, deals[turn % deals.len()].0, 1 + turn % 3)?;
        }
        for n in 0..deals.len() {
            let contact = deals[(n + 2) % deals.len()].1.contact;
            let (deal, draft) = &deals[n];
            opportunity::edit(tx, &staff, *deal, &opportunity::Draft { contact, ..draft.clone() })?;
            opportunity::set_stage(tx, &staff, *deal, 5)?;
        }
        Ok(())
    }

    type Ids = Vec<EntryId>;

    /// Page for page, and the way it is told from every entry there is.
    fn both(
        look: &Snapshot,
        page: usize,
        read: impl Fn(Option<EntryId>) -> Vec<Entry>,
        is: impl Fn(&Entry) -> bool,
    ) -> (Ids, Ids) {
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let entries = read(before);
            assert!(entries.len() <= page && entries.is_sorted_by_key(|one| one.id));
            paged.splice(0..0, entries.iter().map(|one| one.id));
            before = entries.first().map(|first| first.id);
            if entries.is_empty() {
                break;
            }
        }
        let all = look.all::<Entry>(usize::MAX).expect("all").into_iter();
        (paged, all.filter(is).map(|one| one.id).collect())
    }

    #[test]
    fn e10_a_history_is_every_entry_of_its_subject_once_and_in_order() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(&DataDir::open(dir.path()).expect("it opens"), KINDS).expect("a store");
        store.write_now(a_busy_office).expect("a busy office");
        let look = store.look().expect("a look");
        let report = check::<Event>(&look, KINDS, &mut |_| ControlFlow::Continue(()));
        assert!(report.is_whole(), "{:?}", report.findings);
        for most in [1, 2, 7, 1_000] {
            for id in (1..=CONTACTS as u64).map(ContactId) {
                let read = |before| of_contact(&look, id, before, most).expect("a page");
                let (paged, all) = both(&look, most, read, |one| one.contact == id);
                assert_eq!(paged, all, "{id:?}, {most} a page");
                assert!(all.len() > TURNS);
            }
            for id in (1..=CONTACTS as u64 * 2).map(OpportunityId) {
                let read = |before| of_opportunity(&look, id, before, most).expect("a page");
                let (paged, all) = both(&look, most, read, |one| one.opportunity == Some(id));
                assert_eq!(paged, all, "{id:?}, {most} a page");
                assert!(all.len() > TURNS / 4);
            }
        }
    }
}
