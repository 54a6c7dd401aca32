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
    ConversationChanged(ConversationId),
    /// Somebody read up to somewhere.
    Read(ConversationId),
    /// A contact was made or changed.
    ContactChanged(ContactId),
    /// An opportunity was made or changed.
    OpportunityChanged(OpportunityId),
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
    /// A session ended.
    SessionEnded(SessionId),
}
