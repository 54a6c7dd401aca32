//! Reading the audit: newest first, by whom, of which kind, from and until when.

use super::{Actor, Chain, Kind, Note, PAGE};
use crate::domain::access::{Act, Staff};
use crate::domain::ids::{AuditChainId, AuditId, UserId};
use crate::domain::refusal::Answer;
use crate::store::Look;
use std::ops::ControlFlow;

/// Whose deeds are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A member of staff's, and what was done to them, who are named by their number or their address.
    User(UserId, String),
    /// Of people from outside.
    Outside,
    /// Of somebody who was not logged in.
    Nobody,
    /// Of whoever sits at the machine itself.
    House,
}

/// What is looked for; all of it, if nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whose.
    pub whom: Option<Whom>,
    /// Of which kind.
    pub kind: Option<Kind>,
    /// Not before; milliseconds since 1970.
    pub from: Option<i64>,
    /// Before; milliseconds since 1970.
    pub until: Option<i64>,
}

/// A page of notes.
#[derive(Debug)]
pub struct Page {
    /// Newest first.
    pub notes: Vec<Note>,
    /// Whether there are older ones.
    pub more: bool,
}

impl Filter {
    fn takes(&self, note: &Note) -> bool {
        let whom = self.whom.as_ref().is_none_or(|whom| match (whom, &note.actor) {
            (Whom::User(id, email), actor) => *actor == Actor::User(*id) || names(&note.about, *id, email),
            (Whom::Outside, Actor::Outsider(_)) => true,
            (Whom::Nobody, Actor::Nobody) | (Whom::House, Actor::House) => true,
            _ => false,
        });
        whom && self.kind.is_none_or(|kind| note.deed.kind() == kind)
            && self.from.is_none_or(|from| note.at >= from)
            && self.until.is_none_or(|until| note.at < until)
    }
}

/// Whether what a note is about begins with this user, `rosa@… (#5), …` under whatever address, or with this address
/// alone: `rosa@…`, not `maria-rosa@…`.
fn names(about: &str, id: UserId, email: &str) -> bool {
    let (whom, rest) = about.split_at(about.find([' ', ',', ':']).unwrap_or(about.len()));
    let number = rest.strip_prefix(" (#").and_then(|rest| rest.split_once(')')).map(|(number, _)| number);
    match number {
        Some(number) => number == id.to_string(),
        None => whom == email,
    }
}

/// A page of the audit before the given note; only for those who may.
pub fn page(look: &impl Look, staff: &Staff, filter: &Filter, before: Option<AuditId>) -> Answer<Page> {
    let mut page = Page { notes: Vec::new(), more: false };
    each(look, staff, filter, before, &mut |note| {
        page.more = page.notes.len() == PAGE;
        if page.more {
            return ControlFlow::Break(());
        }
        page.notes.push(note);
        ControlFlow::Continue(())
    })?;
    Ok(page)
}

/// Calls for every note that is looked for, newest first, until told to stop; only for those who may. It
/// looks at all of them: not for a thread that serves.
pub fn each(
    look: &impl Look,
    staff: &Staff,
    filter: &Filter,
    before: Option<AuditId>,
    call: &mut dyn FnMut(Note) -> ControlFlow<()>,
) -> Answer<()> {
    staff.must(Act::ReadAudit)?;
    let Some(chain) = look.get::<Chain>(AuditChainId(1))? else { return Ok(()) };
    let end = before.map_or(chain.last, |id| id.0.saturating_sub(1)).min(chain.last);
    for number in (chain.first..=end).rev() {
        if let Some(note) = look.get::<Note>(AuditId(number))?
            && filter.takes(&note)
            && call(note).is_break()
        {
            break;
        }
    }
    Ok(())
}
