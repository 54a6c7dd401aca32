//! What the journal says: which things changed, never what they contain. Followers look for themselves.

use super::ids::*;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// An entry was added to a conversation's timeline.
    EntryAdded {
        /// Whose timeline.
        conversation: ConversationId,
        /// The new entry.
        entry: EntryId,
    },
    /// An entry of an opportunity alone was added.
    OpportunityEntryAdded {
        /// Whose timeline.
        opportunity: OpportunityId,
        /// The new entry.
        entry: EntryId,
    },
    /// What is known about an entry's delivery changed.
    DeliveryChanged {
        /// The conversation of the entry.
        conversation: ConversationId,
        /// The entry.
        entry: EntryId,
    },
    /// A conversation's state, responsible, reason or department changed.
    ConversationChanged {
        /// Which.
        conversation: ConversationId,
        /// Whether it waited in the queue before, where everybody saw it who serves its department.
        was_queued: bool,
        /// In which department it was before, if in any.
        #[serde(default)]
        was_in: Option<DepartmentId>,
        /// Whose it was before: who loses it sees it go.
        was: Vec<UserId>,
    },
    /// Somebody read up to somewhere.
    Read(ConversationId),
    /// A contact was made or changed.
    ContactChanged(ContactId),
    /// An opportunity was made or changed.
    OpportunityChanged {
        /// Which.
        opportunity: OpportunityId,
        /// Whose it was before.
        was: Option<UserId>,
    },
    /// An external access was made, edited, used for the first time or revoked.
    AccessChanged {
        /// The access.
        access: AccessId,
        /// The conversation it opens.
        conversation: ConversationId,
    },
    /// A user was made or changed.
    UserChanged(UserId),
    /// The agency's settings, reasons or departments changed.
    AgencyChanged,
    /// Somebody came in, left, or answers at another extension.
    PresenceChanged(UserId),
    /// A new day began in the agency's zone.
    DayBegan,
    /// A session ended.
    SessionEnded(SessionId),
    /// What only the list of users tells of somebody changed: a login, a link to a password, its letter.
    UserNoted(UserId),
}
