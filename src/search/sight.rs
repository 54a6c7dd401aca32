//! Who may see what is found. The index is asked for words only; whether a hit is shown, the store decides.

use super::Target;
use super::fields::{Kind, Subject, contact_parts, entry_parts, opportunity_parts};
use crate::domain::access::Act;
use crate::domain::entry::Entry;
use crate::domain::ids::*;
use crate::domain::{Answer, No, Refusal, Viewer, contact, conversation, entry, external_access, opportunity};
use crate::store::Look;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One viewer's eyes during one search.
pub struct Sight<'s, L: Look> {
    look: &'s L,
    viewer: &'s Viewer,
    /// What an outsider was let into.
    only: Option<Vec<ConversationId>>,
    seen: HashMap<ConversationId, bool>,
}

impl<'s, L: Look> Sight<'s, L> {
    /// The eyes of a viewer.
    pub fn new(look: &'s L, viewer: &'s Viewer) -> Answer<Self> {
        let only = match viewer {
            Viewer::Staff(_) => None,
            Viewer::Outsider(outsider) => {
                let accesses = external_access::of_outsider(look, outsider)?;
                Some(accesses.into_iter().map(|access| access.conversation).collect())
            }
        };
        Ok(Self { look, viewer, only, seen: HashMap::new() })
    }

    /// Of the kinds asked for (none is all) those there are for this viewer: messages only, for one from outside.
    pub fn kinds(&self, asked: &[Kind]) -> Vec<Kind> {
        let inside = matches!(self.viewer, Viewer::Staff(_));
        let fits = |kind: &Kind| (asked.is_empty() || asked.contains(kind)) && (inside || *kind == Kind::Message);
        Kind::ALL.into_iter().filter(fits).collect()
    }

    /// The conversations that are searched at all, where that is known beforehand.
    pub fn only(&self) -> Option<&[ConversationId]> {
        self.only.as_deref()
    }

    /// Whether what the index finds is, as a rule, for these eyes.
    pub fn sees_all(&self) -> bool {
        match self.viewer {
            Viewer::Staff(staff) => staff.may(Act::SeeEverything),
            Viewer::Outsider(_) => true,
        }
    }

    /// The conversations that turned out to be hidden so far.
    pub fn hidden(&self) -> Arc<HashSet<u64>> {
        Arc::new(self.seen.iter().filter(|(_, seen)| !**seen).map(|(id, _)| id.0).collect())
    }

    /// Where a hit leads and what it says, if it is still there and this viewer may see it.
    pub fn of(&mut self, subject: Subject, conversation: ConversationId) -> Answer<Option<(Target, Vec<String>)>> {
        match subject {
            Subject::Entry(id) => {
                if !self.sees(conversation)? {
                    return Ok(None);
                }
                let Some(entry) = entry::by_id(self.look, id)?.filter(|entry| shows(self.viewer, entry, conversation))
                else {
                    return Ok(None);
                };
                Ok(Some((Target::Entry { entry: id, conversation }, entry_parts(self.look, &entry)?)))
            }
            Subject::Contact(id) => {
                let Viewer::Staff(_) = self.viewer else { return Ok(None) };
                let contact = there(contact::by_id(self.look, id))?;
                Ok(contact.map(|contact| (Target::Contact(id), contact_parts(&contact))))
            }
            Subject::Opportunity(id) => {
                let Viewer::Staff(staff) = self.viewer else { return Ok(None) };
                let Some(one) = there(opportunity::visible(self.look, staff, id))? else { return Ok(None) };
                Ok(Some((Target::Opportunity(id), opportunity_parts(self.look, &one)?)))
            }
        }
    }

    fn sees(&mut self, id: ConversationId) -> Answer<bool> {
        if let Some(seen) = self.seen.get(&id) {
            return Ok(*seen);
        }
        let seen = there(conversation::visible(self.look, self.viewer, id))?.is_some();
        self.seen.insert(id, seen);
        Ok(seen)
    }
}

/// The index only says where to look: the entry itself must belong there, and be meant for outside eyes.
fn shows(viewer: &Viewer, entry: &Entry, conversation: ConversationId) -> bool {
    entry.conversation == Some(conversation) && (entry.outside.is_some() || matches!(viewer, Viewer::Staff(_)))
}

fn there<T>(answer: Answer<T>) -> Answer<Option<T>> {
    match answer {
        Ok(one) => Ok(Some(one)),
        Err(No::Refused(Refusal::NotFound)) => Ok(None),
        Err(no) => Err(no),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::{Outsider, Powers, Role, Staff};
    use crate::domain::entry::{Author, Body};
    use crate::domain::values::Language;

    #[test]
    fn whatever_the_index_says_an_entry_is_shown_only_where_and_to_whom_it_belongs() {
        let (language, session) = (Language::PtBr, SessionId(0));
        let staff = Viewer::Staff(Staff {
            id: UserId(1),
            name: String::new(),
            role: Role::Broker,
            own_role: None,
            powers: Powers::of_role(Role::Broker),
            departments: Vec::new(),
            language,
            session,
            from: String::new(),
        });
        let (from, opened_by) = (String::new(), None);
        let outsider = Viewer::Outsider(Outsider { email: "x@exemplo.com".into(), language, session, from, opened_by });
        let mut entry = Entry {
            id: EntryId(1),
            conversation: Some(ConversationId(7)),
            contact: ContactId(1),
            opportunity: None,
            at: 0,
            author: Author::System,
            body: Body::Note { text: "segredo".into(), files: Vec::new() },
            token: None,
            outside: None,
        };
        assert!(shows(&staff, &entry, ConversationId(7)) && !shows(&outsider, &entry, ConversationId(7)));
        entry.outside = Some(1);
        assert!(shows(&outsider, &entry, ConversationId(7)) && !shows(&outsider, &entry, ConversationId(8)));
        assert!(!shows(&staff, &entry, ConversationId(8)));
    }
}
