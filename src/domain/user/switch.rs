//! Off and on again: who leaves hands over what is theirs, in the same write that shuts the door.

use super::{State, by_id, managed, one_admin_stays};
use crate::domain::access::Staff;
use crate::domain::audit::{self, Deed};
use crate::domain::event::Event;
use crate::domain::ids::UserId;
use crate::domain::opportunity::Outcome;
use crate::domain::refusal::{Answer, Check, Why};
use crate::domain::{conversation, invitation, opportunity, presence, session};
use crate::store::{Look, Tx};

/// What a user holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Conversations that are open.
    pub conversations: usize,
    /// Opportunities that are neither won nor lost.
    pub opportunities: usize,
    /// Opportunities that are.
    pub settled: usize,
}

/// To whom it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandOver {
    /// The open conversations: a colleague, or nobody for the queue.
    pub conversations: Option<UserId>,
    /// The opportunities: a colleague; needed where one is neither won nor lost.
    pub opportunities: Option<UserId>,
    /// Whether won and lost ones go too.
    pub settled: bool,
}

/// What was handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// Conversations that went to a colleague or back to the queue.
    pub conversations: usize,
    /// Opportunities that went to a colleague.
    pub opportunities: usize,
}

/// What is to be handed over.
pub fn held(look: &impl Look, staff: &Staff, id: UserId) -> Answer<Held> {
    managed(look, staff, id)?;
    let all = opportunity::of_user(look, id)?;
    let open = all.iter().filter(|one| one.outcome == Outcome::Open).count();
    Ok(Held { conversations: conversation::held(look, id)?.len(), opportunities: open, settled: all.len() - open })
}

/// Switches a user off: sessions and links end, what was theirs is handed over, history stays. The last admin stays.
pub fn switch_off(tx: &mut Tx<'_>, staff: &Staff, id: UserId, to: HandOver) -> Answer<Handed> {
    let mut user = managed(tx, staff, id)?;
    if user.state() == State::Disabled {
        return Ok(Handed::default());
    }
    one_admin_stays(tx, &user)?;
    let mut check = Check::default();
    for (field, colleague) in [("conversas", to.conversations), ("oportunidades", to.opportunities)] {
        if colleague.is_some_and(|colleague| colleague == id) || !takes(tx, colleague)? {
            check.wrong(field, Why::NotAChoice);
        }
    }
    if to.opportunities.is_none() && held(tx, staff, id)?.opportunities > 0 {
        check.wrong("oportunidades", Why::Empty);
    }
    check.done()?;
    user.enabled = false;
    tx.put(&user)?;
    session::end_all(tx, &session::Owner::User(id), None)?;
    invitation::void(tx, id)?;
    presence::end_of(tx, staff, id)?;
    let conversations = conversation::hand_over_all(tx, staff, id, to.conversations)?;
    let opportunities = match to.opportunities {
        Some(colleague) => opportunity::hand_over_all(tx, staff, id, colleague, to.settled)?,
        None => 0,
    };
    tx.announce(&Event::UserChanged(id))?;
    let mut about = user.handle();
    for (what, count, to) in
        [("conversations", conversations, to.conversations), ("opportunities", opportunities, to.opportunities)]
    {
        if count > 0 {
            about += &format!(", {what} {count} {}", receiver(tx, to)?);
        }
    }
    audit::note(tx, staff, Deed::UserOff, true, &about)?;
    Ok(Handed { conversations, opportunities })
}

/// Switches a user on again. What was handed over stays where it is.
pub fn switch_on(tx: &mut Tx<'_>, staff: &Staff, id: UserId) -> Answer<()> {
    let mut user = managed(tx, staff, id)?;
    if user.state() != State::Disabled {
        return Ok(());
    }
    user.enabled = true;
    tx.put(&user)?;
    tx.announce(&Event::UserChanged(id))?;
    audit::note(tx, staff, Deed::UserOn, true, &user.handle())
}

/// Whether somebody can be given work; nobody always can.
fn takes(look: &impl Look, colleague: Option<UserId>) -> Answer<bool> {
    let Some(id) = colleague else { return Ok(true) };
    Ok(by_id(look, id)?.is_some_and(|user| user.is_active()))
}

/// As the audit names whoever took it.
fn receiver(look: &impl Look, to: Option<UserId>) -> Answer<String> {
    let Some(id) = to else { return Ok("queue".to_owned()) };
    Ok(by_id(look, id)?.map_or(String::new(), |user| user.handle()))
}
