//! The timeline: everything that happens is an entry, in order, of every kind, and no entry ever changes.
//!
//! Corrections are new entries. Inbox, portal, contact history and search are views of this one log. An entry stands in
//! one timeline: its conversation's, or else that of its contact and opportunity; [`super::history`] merges them.

use super::access::Staff;
use super::event::Event;
use super::ids::*;
use super::opportunity::Outcome;
use super::refusal::Answer;
use super::schema::*;
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of a message or note at most.
pub const TEXT_CHARS_MAX: usize = 10_000;
/// Files of a message at most (Q10).
pub const FILES_MAX: usize = 10;

/// Who did it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A member of staff.
    User(UserId),
    /// Somebody from outside, by their access.
    Outsider(AccessId),
    /// The product itself.
    System,
}

impl Author {
    fn key(self) -> Key {
        match self {
            Self::System => Key::new().small(0).number(0),
            Self::User(id) => Key::new().small(1).number(id.0),
            Self::Outsider(id) => Key::new().small(2).number(id.0),
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Somebody said something, to be seen by both sides.
    Message {
        /// What.
        text: String,
        /// With which files.
        files: Vec<AttachmentId>,
    },
    /// An internal note, never seen outside (X1).
    Note {
        /// What.
        text: String,
        /// With which files.
        files: Vec<AttachmentId>,
    },
    /// The conversation began.
    Begun,
    /// Somebody took it from the queue (Q4).
    Taken,
    /// It was given to somebody (Q8).
    Transferred {
        /// Whose it was.
        from: Option<UserId>,
        /// Whose it is.
        to: UserId,
    },
    /// It went back to the queue.
    Queued {
        /// Whose it was.
        from: Option<UserId>,
    },
    /// It was closed (Q9).
    Closed {
        /// Why the contact had called.
        reason: ReasonId,
    },
    /// It was opened again.
    Reopened,
    /// Its reason was chosen (Q8).
    ReasonSet {
        /// The reason.
        reason: ReasonId,
    },
    /// An external access was created (E5).
    AccessMade {
        /// For which address.
        email: String,
    },
    /// The outsider entered for the first time.
    AccessUsed {
        /// By which address.
        email: String,
    },
    /// Its address was changed (E9).
    AccessEdited {
        /// Before.
        from: String,
        /// Now.
        to: String,
    },
    /// A new password was made (E9).
    AccessRenewed {
        /// For which address.
        email: String,
    },
    /// It was revoked (E9).
    AccessRevoked {
        /// Of which address.
        email: String,
    },
    /// A letter was put into the outbox (E11, E8).
    Mail {
        /// Its delivery, which knows how far it is.
        delivery: DeliveryId,
        /// To which address.
        to: String,
    },
    /// The opportunity was made.
    OpportunityMade,
    /// The opportunity was given to somebody.
    OpportunityGiven {
        /// Whose it was.
        from: UserId,
        /// Whose it is.
        to: UserId,
    },
    /// The opportunity moved to a stage.
    StageSet {
        /// 0 to 6.
        stage: usize,
    },
    /// The opportunity was won, lost or opened again.
    OutcomeSet {
        /// How it stands.
        outcome: Outcome,
    },
}

impl Body {
    /// Whether the outside sees it: what was said to them, and that the conversation began and ended.
    pub fn outside(&self) -> bool {
        matches!(self, Self::Message { .. } | Self::Begun | Self::Closed { .. } | Self::Reopened)
    }

    /// The files of a message or note.
    pub fn files(&self) -> &[AttachmentId] {
        match self {
            Self::Message { files, .. } | Self::Note { files, .. } => files,
            _ => &[],
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number; the order of the timeline.
    pub id: EntryId,
    /// The conversation it belongs to, if not to an opportunity alone.
    pub conversation: Option<ConversationId>,
    /// The contact whose history it is on.
    pub contact: ContactId,
    /// The opportunity whose history it is on.
    pub opportunity: Option<OpportunityId>,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who did it.
    pub author: Author,
    /// What happened.
    pub body: Body,
    /// The page's token: a retry with the same one finds this entry instead of making another.
    pub token: Option<String>,
    /// Its place among what the outside sees, from 1; nothing for what they do not see. Counting apart keeps gaps
    /// from telling them of internal notes.
    pub outside: Option<u64>,
}

impl Record for Entry {
    type Id = EntryId;
    const TABLE: Table = ENTRIES;
    fn id(&self) -> EntryId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        let Some(conversation) = self.conversation else {
            at.at(ENTRIES_ON_CONTACT, Key::new().number(self.contact.0));
            if let Some(opportunity) = self.opportunity {
                at.at(ENTRIES_ON_OPPORTUNITY, Key::new().number(opportunity.0));
            }
            return;
        };
        at.at(ENTRIES_BY_CONVERSATION, Key::new().number(conversation.0));
        if let Some(place) = self.outside {
            at.at(ENTRIES_OUTSIDE, Key::new().number(conversation.0).number(place));
        }
        if !self.body.files().is_empty() {
            at.at(ENTRIES_WITH_FILES, with_files_of(conversation, false));
            if let Some(place) = self.outside {
                at.at(ENTRIES_WITH_FILES, with_files_of(conversation, true).number(place));
            }
        }
        if let Some(token) = &self.token {
            at.at(ENTRIES_BY_TOKEN, self.author.key().text(token));
        }
    }
}

/// Where an entry goes, filled in by the subject that owns it.
pub(super) struct Place {
    pub(super) conversation: ConversationId,
    pub(super) contact: ContactId,
    pub(super) opportunity: Option<OpportunityId>,
    pub(super) outside: Option<u64>,
}

/// Adds an entry to a conversation's timeline and tells the journal.
pub(super) fn add(
    tx: &mut Tx<'_>,
    place: &Place,
    author: Author,
    body: Body,
    token: Option<String>,
) -> Answer<EntryId> {
    let id = tx.next(ENTRIES)?;
    tx.put(&Entry {
        id,
        conversation: Some(place.conversation),
        contact: place.contact,
        opportunity: place.opportunity,
        at: tx.now(),
        author,
        body,
        token,
        outside: place.outside,
    })?;
    tx.announce(&Event::EntryAdded { conversation: place.conversation, entry: id })?;
    Ok(id)
}

/// Adds an entry to an opportunity alone.
pub(super) fn add_to_opportunity(
    tx: &mut Tx<'_>,
    staff: &Staff,
    opportunity: OpportunityId,
    contact: ContactId,
    body: Body,
) -> Answer<()> {
    let id = tx.next(ENTRIES)?;
    let (at, author) = (tx.now(), Author::User(staff.id));
    tx.put(&Entry {
        id,
        conversation: None,
        contact,
        opportunity: Some(opportunity),
        at,
        author,
        body,
        token: None,
        outside: None,
    })?;
    tx.announce(&Event::OpportunityEntryAdded { opportunity, entry: id })?;
    Ok(())
}

/// The entry that this author already made with this token.
pub(super) fn by_token(look: &impl Look, author: Author, token: &str) -> Answer<Option<Entry>> {
    Ok(look.find(ENTRIES_BY_TOKEN, &author.key().text(token))?)
}

/// The newest entries of a conversation with a number below `before`, in the order of the timeline, at most `most`.
/// The conversation must have been reached through [`super::conversation::visible`].
pub fn of_conversation(
    look: &impl Look,
    id: ConversationId,
    before: Option<EntryId>,
    most: usize,
) -> Answer<Vec<Entry>> {
    newest(look, ENTRIES_BY_CONVERSATION, &Key::new().number(id.0), before, most)
}

/// The newest entries that the outside sees, with a place below `before`, in the order of the timeline, at most `most`.
/// The conversation must have been reached through [`super::conversation::visible`].
pub fn seen_outside(look: &impl Look, id: ConversationId, before: Option<u64>, most: usize) -> Answer<Vec<Entry>> {
    newest(look, ENTRIES_OUTSIDE, &Key::new().number(id.0), before.map(EntryId), most)
}

/// The newest entries of a conversation that hold files, in the order of the timeline, at most `most`: of all of them, or
/// of those that the outside sees. `before` is a number, for the outside a place.
/// The conversation must have been reached through [`super::conversation::visible`].
pub fn with_files(
    look: &impl Look,
    id: ConversationId,
    outside: bool,
    before: Option<u64>,
    most: usize,
) -> Answer<Vec<Entry>> {
    newest(look, ENTRIES_WITH_FILES, &with_files_of(id, outside), before.map(EntryId), most)
}

/// Where the entries with files of a conversation are found, apart for either side.
fn with_files_of(id: ConversationId, outside: bool) -> Key {
    Key::new().number(id.0).small(outside.into())
}

/// The entries of a conversation from number `from` on, in the order of the timeline, at most `most`.
/// The conversation must have been reached through [`super::conversation::visible`].
pub fn of_conversation_from(look: &impl Look, id: ConversationId, from: EntryId, most: usize) -> Answer<Vec<Entry>> {
    oldest(look, ENTRIES_BY_CONVERSATION, id.0, from.0, most)
}

/// The entries that the outside sees from place `from` on, in the order of the timeline, at most `most`.
/// The conversation must have been reached through [`super::conversation::visible`].
pub fn seen_outside_from(look: &impl Look, id: ConversationId, from: u64, most: usize) -> Answer<Vec<Entry>> {
    oldest(look, ENTRIES_OUTSIDE, id.0, from, most)
}

/// The entry with this number, if there is one.
pub fn by_id(look: &impl Look, id: EntryId) -> Answer<Option<Entry>> {
    Ok(look.get(id)?)
}

fn newest(look: &impl Look, index: Table, prefix: &Key, before: Option<EntryId>, most: usize) -> Answer<Vec<Entry>> {
    let high = before.map(|id| prefix.clone().number(id.0).bytes().to_vec()).or_else(|| prefix.after());
    let mut entries = some(look, index, (prefix.bytes(), high.as_deref()), Order::Falling, most)?;
    entries.reverse();
    Ok(entries)
}

fn oldest(look: &impl Look, index: Table, subject: u64, from: u64, most: usize) -> Answer<Vec<Entry>> {
    let prefix = Key::new().number(subject);
    let low = prefix.clone().number(from);
    some(look, index, (low.bytes(), prefix.after().as_deref()), Order::Rising, most)
}

/// The first entries of a stretch of an index, at most `most`.
fn some(
    look: &impl Look,
    index: Table,
    (low, high): (&[u8], Option<&[u8]>),
    order: Order,
    most: usize,
) -> Answer<Vec<Entry>> {
    let mut ids: Vec<EntryId> = Vec::new();
    if most > 0 {
        look.each_id(index, low, high, order, |id| {
            ids.push(id);
            ids.len() < most
        })?;
    }
    all(look, ids)
}

/// The entries with these numbers, in this order.
pub(super) fn all(look: &impl Look, ids: impl IntoIterator<Item = EntryId>) -> Answer<Vec<Entry>> {
    ids.into_iter().filter_map(|id| by_id(look, id).transpose()).collect()
}

/// The text of a message or note, checked.
pub(super) fn text(text: &str, has_files: bool) -> Answer<String> {
    let mut check = super::refusal::Check::default();
    let text = match has_files {
        true => check.text("texto", text, TEXT_CHARS_MAX),
        false => check.needed("texto", text, TEXT_CHARS_MAX),
    };
    check.done()?;
    Ok(text)
}
