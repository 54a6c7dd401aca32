//! Record numbers, one type for each noun, so that none is taken for another.

use crate::store::Id;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($name:ident: $what:literal),+ $(,)?) => {$(
        #[doc = concat!("The number of ", $what, ".")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);
        impl From<u64> for $name { fn from(number: u64) -> Self { Self(number) } }
        impl From<$name> for u64 { fn from(id: $name) -> Self { id.0 } }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl Id for $name {}
    )+};
}

ids! {
    AgencyId: "the agency (always 1)",
    UserId: "a member of staff",
    SessionId: "a session",
    PresenceId: "a stay in the house",
    ReasonId: "a reason of contact",
    RoleId: "a role of the agency's own",
    DepartmentId: "a department",
    ContactId: "a contact",
    OpportunityId: "an opportunity",
    ConversationId: "a conversation",
    ReadMarkId: "a read mark",
    EntryId: "an entry of the timeline",
    AttachmentId: "an attachment",
    AccessId: "an external access",
    OneTimeId: "a one-time entry",
    InvitationId: "an invitation of a member of staff",
    DeliveryId: "a delivery",
    AuditId: "a note of the audit",
    AuditChainId: "the audit's chain (always 1)",
}
