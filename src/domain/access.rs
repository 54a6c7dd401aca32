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

/// What a role may do beyond its own work: the table of permissions, line by line. Screens, tests and the README are made
/// from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// See every conversation and opportunity, not only one's own.
    SeeEverything,
    /// Give a conversation that is another's to somebody.
    MoveOthersWork,
    /// Record that others come and go, and at which extension they answer (P4).
    RegisterOthers,
    /// Change reasons, departments and the closing message.
    EditLists,
    /// Invite, change and switch off users, and end their sessions; only such as may do no more than oneself.
    ManageUsers,
    /// Read and export the audit.
    ReadAudit,
    /// Make, download and try backups: they hold everything.
    KeepCopies,
    /// Change the agency itself, its mail, its HTTPS, the register of who is in, and the roles.
    RunTheSystem,
}

impl Act {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::SeeEverything,
        Self::MoveOthersWork,
        Self::RegisterOthers,
        Self::EditLists,
        Self::ManageUsers,
        Self::ReadAudit,
        Self::KeepCopies,
        Self::RunTheSystem,
    ];

    /// Those by which somebody comes to everything else: to people, to what they did, to all that is kept, to the house.
    /// The second factor, where it is required, is required of whoever holds one.
    pub const KEYS: [Self; 4] = [Self::ManageUsers, Self::ReadAudit, Self::KeepCopies, Self::RunTheSystem];

    /// Its key in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::SeeEverything => "see_everything",
            Self::MoveOthersWork => "move_others_work",
            Self::RegisterOthers => "register_others",
            Self::EditLists => "edit_lists",
            Self::ManageUsers => "manage_users",
            Self::ReadAudit => "read_audit",
            Self::KeepCopies => "keep_copies",
            Self::RunTheSystem => "run_the_system",
        }
    }
}

/// The table of permissions of the four roles; the agency's own roles say theirs themselves.
pub const fn may(role: Role, act: Act) -> bool {
    match act {
        Act::SeeEverything | Act::MoveOthersWork | Act::RegisterOthers => {
            matches!(role, Role::Admin | Role::Manager | Role::Receptionist)
        }
        Act::EditLists => matches!(role, Role::Admin | Role::Manager),
        Act::ManageUsers | Act::ReadAudit | Act::KeepCopies | Act::RunTheSystem => matches!(role, Role::Admin),
    }
}

/// Everything that somebody may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Powers(u16);

impl Powers {
    /// These and no others.
    pub fn of(acts: impl IntoIterator<Item = Act>) -> Self {
        Self(acts.into_iter().fold(0, |powers, act| powers | 1 << act as u16))
    }

    /// Those of one of the four roles.
    pub fn of_role(role: Role) -> Self {
        Self::of(Act::ALL.into_iter().filter(|act| may(role, *act)))
    }

    /// Whether this is among them.
    pub fn hold(self, act: Act) -> bool {
        self.0 & 1 << act as u16 != 0
    }

    /// Whether all of the others are among them.
    pub fn cover(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

/// A member of staff who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: UserId,
    /// As others read it.
    pub name: String,
    /// What they are here.
    pub role: Role,
    /// The name of the agency's own role that they have instead.
    pub own_role: Option<String>,
    /// What they may do.
    pub powers: Powers,
    /// Whose queues they see, if not all.
    pub departments: Vec<DepartmentId>,
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
        self.powers.hold(act)
    }

    /// Whether any page of the settings is theirs.
    pub fn may_settle(&self) -> bool {
        const SETTLE: [Act; 5] = [Act::EditLists, Act::ManageUsers, Act::ReadAudit, Act::KeepCopies, Act::RunTheSystem];
        SETTLE.into_iter().any(|act| self.may(act))
    }

    /// Whether the queue of a department is before their eyes; what has none is everybody's.
    pub fn serves(&self, department: Option<DepartmentId>) -> bool {
        self.departments.is_empty() || department.is_none_or(|one| self.departments.contains(&one))
    }

    /// Whether some of the queue is kept from them.
    pub fn is_limited(&self) -> bool {
        !self.departments.is_empty() && !self.may(Act::SeeEverything)
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

/// Whether a member of staff sees a conversation: what waits in the queues they serve, what is theirs, what is on their
/// opportunities; and all of it for those who run the place or receive everybody.
pub fn sees(staff: &Staff, conversation: &Conversation) -> bool {
    staff.may(Act::SeeEverything)
        || (matches!(conversation.state, State::Bot | State::Queued) && staff.serves(conversation.department))
        || conversation.watchers().any(|user| user == staff.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as the README shows it.
    fn table() -> String {
        let mut table =
            String::from("| | admin | manager | broker | receptionist |\n| --- | --- | --- | --- | --- |\n");
        for act in Act::ALL {
            let marks = Role::ALL.map(|role| if may(role, act) { "yes" } else { "" });
            table += &format!("| `{}` | {} |\n", act.key(), marks.join(" | "));
        }
        table
    }

    #[test]
    fn r7_the_readme_shows_the_table_of_permissions() {
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&table()), "put this into it:\n{}", table());
    }

    #[test]
    fn r7_powers_hold_what_they_were_made_of_and_cover_no_more() {
        for act in Act::ALL {
            let one = Powers::of([act]);
            assert!(Act::ALL.into_iter().all(|other| one.hold(other) == (other == act)), "{act:?}");
            assert_eq!(Powers::of_role(Role::Manager).cover(one), may(Role::Manager, act), "{act:?}");
            assert!(Powers::of_role(Role::Admin).cover(one) && one.cover(Powers::default()));
        }
    }
}
