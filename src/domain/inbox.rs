//! The list of conversations (Q1, Q2): three tabs, newest activity first, only what its viewer may see.

use super::access::{self, Act, Staff};
use super::contact;
use super::conversation::{Conversation, State};
use super::ids::*;
use super::refusal::Answer;
use super::schema::{CONVERSATIONS_BY_STATE, CONVERSATIONS_BY_WATCHER};
use crate::store::{Key, Look, Order};
use std::collections::HashSet;

/// Rows of a page.
pub const PAGE: usize = 50;
/// Counts above this are shown as "999+".
pub const COUNT_MAX: usize = 999;

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the contact's name, e-mail or phone.
    pub name: String,
    /// Whose.
    pub responsible: Option<UserId>,
    /// Whose queue.
    pub department: Option<DepartmentId>,
    /// By which channel.
    pub channel: Option<String>,
}

impl Filter {
    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn lets(&self, conversation: &Conversation, named: Option<&HashSet<ContactId>>) -> bool {
        self.responsible.is_none_or(|user| conversation.responsible == Some(user))
            && self.department.is_none_or(|department| conversation.department == Some(department))
            && self.channel.as_ref().is_none_or(|channel| *channel == conversation.channel)
            && named.is_none_or(|contacts| contacts.contains(&conversation.contact))
    }
}

/// A page of the list: conversations in this state, before the given one (its time and number), at most [`PAGE`].
pub fn page(
    look: &impl Look,
    staff: &Staff,
    state: State,
    filter: &Filter,
    before: Option<(i64, ConversationId)>,
) -> Answer<Vec<Conversation>> {
    let named = named(look, filter)?;
    let (index, prefix) = place(staff, state);
    let waits = matches!(state, State::Bot | State::Queued);
    let high = match before {
        Some((at, id)) => Some(prefix.clone().signed(at).number(id.0).bytes().to_vec()),
        None => prefix.after(),
    };
    let mut found = Vec::new();
    let mut ids: Vec<ConversationId> = Vec::new();
    let most = if filter.is_empty() && !(waits && staff.is_limited()) { PAGE } else { usize::MAX };
    look.each_id(index, prefix.bytes(), high.as_deref(), Order::Falling, |id| {
        ids.push(id);
        ids.len() < most
    })?;
    for id in ids {
        let Some(conversation) = look.get::<Conversation>(id)? else { continue };
        if filter.lets(&conversation, named.as_ref()) && access::sees(staff, &conversation) {
            found.push(conversation);
        }
        if found.len() == PAGE {
            break;
        }
    }
    Ok(found)
}

/// Whether a conversation belongs into this list of this viewer.
pub fn holds(
    look: &impl Look,
    staff: &Staff,
    state: State,
    filter: &Filter,
    conversation: &Conversation,
) -> Answer<bool> {
    Ok(conversation.state == state
        && access::sees(staff, conversation)
        && filter.lets(conversation, named(look, filter)?.as_ref()))
}

/// How many conversations in this state the viewer may see, counted up to one more than [`COUNT_MAX`].
pub fn count(look: &impl Look, staff: &Staff, state: State) -> Answer<usize> {
    let (index, prefix) = place(staff, state);
    if staff.is_limited() && matches!(state, State::Bot | State::Queued) {
        let waiting: Vec<Conversation> = look.list(index, &prefix, Order::Rising, COUNT_MAX + 1)?;
        return Ok(waiting.iter().filter(|one| access::sees(staff, one)).count());
    }
    Ok(look.rows(index, prefix.bytes(), prefix.after().as_deref(), COUNT_MAX + 1)?)
}

/// The whole queue is everybody's; of the rest, those who do not see everything have an index of their own.
fn place(staff: &Staff, state: State) -> (crate::store::Table, Key) {
    if staff.may(Act::SeeEverything) || matches!(state, State::Bot | State::Queued) {
        (CONVERSATIONS_BY_STATE, Key::new().small(state.key()))
    } else {
        (CONVERSATIONS_BY_WATCHER, Key::new().number(staff.id.0).small(state.key()))
    }
}

fn named(look: &impl Look, filter: &Filter) -> Answer<Option<HashSet<ContactId>>> {
    if filter.name.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(contact::matching(look, &filter.name, usize::MAX)?.into_iter().collect()))
}
