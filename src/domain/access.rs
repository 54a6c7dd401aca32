//! Who may do what: one table, asked by every verb.
//!
//! Loading is the other half: [`super::conversation::visible`], [`super::opportunity::visible`] and
//! [`super::attachment::visible`] are the only ways by which a request reaches those things.

use super::conversation::{Conversation, State};
use super::ids::*;
use super::password::Hashed;
use super::refusal::{Answer, Refusal};
use super::values::Language;
use serde::{Deserialize, Serialize};

/// What a user is in the house (R7).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the system.
    Admin,
    /// Runs the agency.
    Manager,
    /// Sells and lets.
    Broker,
    /// Receives everybody.
    Receptionist,
}

impl Role {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Manager, Self::Broker, Self::Receptionist];

    /// Its key in forms, in the API and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Broker => "broker",
            Self::Receptionist => "receptionist",
        }
    }

    /// The role of a key.
    pub fn of(key: &str) -> Result<Self, super::Why> {
        Self::ALL.into_iter().find(|role| role.key() == key).ok_or(super::Why::NotAChoice)
    }
}

/// What a role may do beyond seeing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Make and change users, reasons, departments and the agency itself.
    RunTheSystem,
    /// See every conversation and opportunity, not only one's own.
    SeeEverything,
    /// Give a conversation that is another's to somebody.
    MoveOthersWork,
    /// Record that others come and go, and at which extension they answer (P4).
    RegisterOthers,
}

/// The table of permissions.
pub fn may(role: Role, act: Act) -> bool {
    match act {
        Act::RunTheSystem => matches!(role, Role::Admin),
        Act::SeeEverything => matches!(role, Role::Admin | Role::Manager | Role::Receptionist),
        Act::MoveOthersWork => matches!(role, Role::Admin | Role::Manager | Role::Receptionist),
        Act::RegisterOthers => matches!(role, Role::Admin | Role::Manager | Role::Receptionist),
    }
}

/// A member of staff who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: UserId,
    /// As others read it.
    pub name: String,
    /// What this user may do.
    pub role: Role,
    /// The language of the pages.
    pub language: Language,
    /// The session by which they are in; 0 for the command line and the demo.
    pub session: SessionId,
    /// The network address from which they act; empty for the command line and the demo.
    pub from: String,
}

impl Staff {
    /// Whether this user may do it.
    pub fn may(&self, act: Act) -> bool {
        may(self.role, act)
    }

    /// Refuses unless this user may do it.
    pub fn must(&self, act: Act) -> Answer<()> {
        if self.may(act) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
    }
}

/// Somebody from outside who is logged in to the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outsider {
    /// The address by which they were let in.
    pub email: String,
    /// The language of the pages.
    pub language: Language,
    /// The session by which they are in.
    pub session: SessionId,
    /// The network address from which they act.
    pub from: String,
    /// The passwords that opened the session: it sees the accesses that carry one of them. `None` sees every access of
    /// the e-mail, because a mailed link proved the mailbox (E8).
    pub opened_by: Option<Vec<Hashed>>,
}

/// Whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// From inside.
    Staff(Staff),
    /// From outside.
    Outsider(Outsider),
}

/// Whether a member of staff sees a conversation: everything in the queue, what is theirs, what is on their
/// opportunities; and all of it for those who run the place or receive everybody.
pub fn sees(staff: &Staff, conversation: &Conversation) -> bool {
    staff.may(Act::SeeEverything)
        || matches!(conversation.state, State::Bot | State::Queued)
        || conversation.watchers().any(|user| user == staff.id)
}
