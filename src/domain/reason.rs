//! Why a contact called (motivo, Q12) and which queue takes it (setor): two short lists the agency edits.
//!
//! A name that is no longer offered stays readable where it was used.

use super::access::{Act, Staff};
use super::audit::{self, Deed};
use super::beginnings;
use super::event::Event;
use super::ids::{DepartmentId, ReasonId};
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::{DEPARTMENTS, REASONS};
use super::values::{Language, fold};
use crate::store::{Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of a name at most.
pub const NAME_CHARS_MAX: usize = 60;
const LIST_MAX: usize = 200;

/// A reason of contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Its number.
    pub id: ReasonId,
    /// As people read it.
    pub name: String,
    /// Whether it is offered.
    pub active: bool,
}

/// A department: a queue of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its number.
    pub id: DepartmentId,
    /// As people read it.
    pub name: String,
    /// Whether it is offered.
    pub active: bool,
}

impl Record for Reason {
    type Id = ReasonId;
    const TABLE: Table = REASONS;
    fn id(&self) -> ReasonId {
        self.id
    }
}

impl Record for Department {
    type Id = DepartmentId;
    const TABLE: Table = DEPARTMENTS;
    fn id(&self) -> DepartmentId {
        self.id
    }
}

/// Gives a new agency its first lists.
pub(super) fn begin(tx: &mut Tx<'_>, language: Language) -> Answer<()> {
    for name in beginnings::reasons(language) {
        let id = tx.next(REASONS)?;
        tx.put(&Reason { id, name: name.into(), active: true })?;
    }
    for name in beginnings::departments(language) {
        let id = tx.next(DEPARTMENTS)?;
        tx.put(&Department { id, name: name.into(), active: true })?;
    }
    Ok(())
}

/// Adds a reason.
pub fn add(tx: &mut Tx<'_>, staff: &Staff, name: &str) -> Answer<ReasonId> {
    staff.must(Act::EditLists)?;
    let name = fresh_name(name, all(tx)?.iter().map(|reason| (reason.name.as_str(), reason.active)))?;
    let id = tx.next(REASONS)?;
    tx.put(&Reason { id, name: name.clone(), active: true })?;
    tx.announce(&Event::AgencyChanged)?;
    audit::note(tx, staff, Deed::SettingsChanged, true, &format!("reason {name}, on"))?;
    Ok(id)
}

/// Offers a reason or no longer offers it.
pub fn offer(tx: &mut Tx<'_>, staff: &Staff, id: ReasonId, active: bool) -> Answer<()> {
    staff.must(Act::EditLists)?;
    let mut reason: Reason = tx.get(id)?.ok_or(Refusal::NotFound)?;
    reason.active = active;
    tx.put(&reason)?;
    tx.announce(&Event::AgencyChanged)?;
    let state = if active { "on" } else { "off" };
    audit::note(tx, staff, Deed::SettingsChanged, true, &format!("reason {}, {state}", reason.name))
}

/// Adds a department.
pub fn add_department(tx: &mut Tx<'_>, staff: &Staff, name: &str) -> Answer<DepartmentId> {
    staff.must(Act::EditLists)?;
    let name = fresh_name(name, departments(tx)?.iter().map(|one| (one.name.as_str(), one.active)))?;
    let id = tx.next(DEPARTMENTS)?;
    tx.put(&Department { id, name: name.clone(), active: true })?;
    tx.announce(&Event::AgencyChanged)?;
    audit::note(tx, staff, Deed::SettingsChanged, true, &format!("department {name}, on"))?;
    Ok(id)
}

/// Offers a department or no longer offers it.
pub fn offer_department(tx: &mut Tx<'_>, staff: &Staff, id: DepartmentId, active: bool) -> Answer<()> {
    staff.must(Act::EditLists)?;
    let mut department: Department = tx.get(id)?.ok_or(Refusal::NotFound)?;
    department.active = active;
    tx.put(&department)?;
    tx.announce(&Event::AgencyChanged)?;
    let state = if active { "on" } else { "off" };
    audit::note(tx, staff, Deed::SettingsChanged, true, &format!("department {}, {state}", department.name))
}

/// All reasons, offered or not, in the order in which they were made.
pub fn all(look: &impl Look) -> Answer<Vec<Reason>> {
    Ok(look.all(LIST_MAX)?)
}

/// All departments, offered or not.
pub fn departments(look: &impl Look) -> Answer<Vec<Department>> {
    Ok(look.all(LIST_MAX)?)
}

fn fresh_name<'n>(name: &str, mut taken: impl Iterator<Item = (&'n str, bool)>) -> Answer<String> {
    let mut check = Check::default();
    let name = check.needed("nome", name, NAME_CHARS_MAX);
    if taken.any(|(other, active)| active && fold(other) == fold(&name)) {
        check.wrong("nome", Why::InUse);
    }
    check.done()?;
    Ok(name)
}
