//! The agency's own roles (R7): a name and the permissions that go with it, beside the four roles of the house.

use super::access::{Act, Powers, Staff};
use super::audit::{self, Deed};
use super::event::Event;
use super::ids::RoleId;
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::ROLES;
use super::values::fold;
use crate::store::{Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of a name at most.
pub const NAME_CHARS_MAX: usize = 40;
const LIST_MAX: usize = 100;

/// A role of the agency's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRole {
    /// Its number.
    pub id: RoleId,
    /// As people read it.
    pub name: String,
    /// What those who have it may do.
    pub acts: Vec<Act>,
    /// Whether it is offered; who has it keeps it.
    pub active: bool,
}

impl Record for OwnRole {
    type Id = RoleId;
    const TABLE: Table = ROLES;
    fn id(&self) -> RoleId {
        self.id
    }
}

impl OwnRole {
    /// What those who have it may do.
    pub fn powers(&self) -> Powers {
        Powers::of(self.acts.iter().copied())
    }
}

/// What a form says of a role.
pub struct Draft {
    /// See [`OwnRole`].
    pub name: String,
    /// See [`OwnRole`].
    pub acts: Vec<Act>,
    /// See [`OwnRole`].
    pub active: bool,
}

/// A role that this member of staff may change: one that may do no more than they.
pub fn managed(look: &impl Look, staff: &Staff, id: RoleId) -> Answer<OwnRole> {
    staff.must(Act::RunTheSystem)?;
    let role = by_id(look, id)?.ok_or(Refusal::NotFound)?;
    if staff.powers.cover(role.powers()) { Ok(role) } else { Err(Refusal::NotAllowed.into()) }
}

/// Adds a role.
pub fn add(tx: &mut Tx<'_>, staff: &Staff, draft: &Draft) -> Answer<RoleId> {
    let id = tx.next(ROLES)?;
    keep(tx, staff, id, draft)?;
    Ok(id)
}

/// Changes a role that may do no more than they; whoever has it may from this moment do what it says now.
pub fn edit(tx: &mut Tx<'_>, staff: &Staff, id: RoleId, draft: &Draft) -> Answer<()> {
    managed(tx, staff, id)?;
    keep(tx, staff, id, draft)
}

fn keep(tx: &mut Tx<'_>, staff: &Staff, id: RoleId, draft: &Draft) -> Answer<()> {
    staff.must(Act::RunTheSystem)?;
    // Nobody gives what they do not have, also not by way of a role that they have themselves.
    if !staff.powers.cover(Powers::of(draft.acts.iter().copied())) {
        return Err(Refusal::NotAllowed.into());
    }
    let mut check = Check::default();
    let name = check.needed("nome", &draft.name, NAME_CHARS_MAX);
    if all(tx)?.iter().any(|other| other.id != id && fold(&other.name) == fold(&name)) {
        check.wrong("nome", Why::InUse);
    }
    check.done()?;
    let acts: Vec<Act> = Act::ALL.into_iter().filter(|act| draft.acts.contains(act)).collect();
    let keys: Vec<&str> = acts.iter().map(|act| act.key()).collect();
    let about = format!("role {name}: {}", keys.join(" "));
    tx.put(&OwnRole { id, name, acts, active: draft.active })?;
    // Every screen asks anew what its viewer may do.
    tx.announce(&Event::AgencyChanged)?;
    audit::note(tx, staff, Deed::SettingsChanged, true, &about)
}

/// All of them, offered or not, in the order in which they were made.
pub fn all(look: &impl Look) -> Answer<Vec<OwnRole>> {
    Ok(look.all(LIST_MAX)?)
}

/// One of them.
pub fn by_id(look: &impl Look, id: RoleId) -> Answer<Option<OwnRole>> {
    Ok(look.get(id)?)
}
