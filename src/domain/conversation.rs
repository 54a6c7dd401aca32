//! A live chat with one contact: `bot → queued → open → closed`, its messages, and who has read how far.
//!
//! Everything a visitor's request does with a conversation begins with [`visible`].

mod handing;
mod reading;

pub use handing::{close, give_back, reopen, set_reason, take, transfer};
pub(super) use handing::{hand_over_all, held};
pub(super) use reading::ReadMark;
pub use reading::{mark_read, unread, with_unread};

use super::access::{self, Outsider, Staff, Viewer};
use super::attachment;
use super::entry::{self, Author, Body, Entry, Place};
use super::event::Event;
use super::external_access;
use super::ids::*;
use super::reason::Department;
use super::refusal::{Answer, Refusal, Why};
use super::schema::*;
use super::{contact, delivery, opportunity, token, user};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// How a conversation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The bot is asking.
    Bot,
    /// Fila: waiting for somebody.
    Queued,
    /// Abertos: somebody's.
    Open,
    /// Fechados.
    Closed,
}

impl State {
    /// Its place in index keys.
    pub fn key(self) -> u8 {
        match self {
            Self::Bot => 0,
            Self::Queued => 1,
            Self::Open => 2,
            Self::Closed => 3,
        }
    }
}

/// By what a contact talks with us. Kept as its key.
pub const PORTAL: &str = "portal";
/// Somebody who came in or called, written down by staff.
pub const COUNTER: &str = "balcao";

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its number.
    pub id: ConversationId,
    /// Its random name in the portal's addresses.
    pub token: String,
    /// With whom.
    pub contact: ContactId,
    /// On which opportunity, if on one.
    pub opportunity: Option<OpportunityId>,
    /// By which channel: [`PORTAL`] or [`COUNTER`].
    pub channel: String,
    /// Whose queue.
    pub department: Option<DepartmentId>,
    /// How it stands.
    pub state: State,
    /// Whose it is.
    pub responsible: Option<UserId>,
    /// The opportunity's responsible, who sees it too.
    pub follower: Option<UserId>,
    /// Why the contact called.
    pub reason: Option<ReasonId>,
    /// Milliseconds since 1970.
    pub begun_at: i64,
    /// Milliseconds since 1970: the last message, or the beginning.
    pub last_at: i64,
    /// The last message, for the list.
    pub last_message: Option<EntryId>,
    /// How many entries the outside sees.
    pub outside_entries: u64,
    /// How many messages came from outside.
    pub received: u64,
    /// How many of those the responsible has read.
    pub read_inside: u64,
    /// Up to which of [`Entry::outside`] the responsible has read: what the outsider sees as "lida".
    pub seen_inside: u64,
    /// Up to which of [`Entry::outside`] the outsider has read.
    pub read_outside: u64,
}

impl Conversation {
    /// The members of staff whose it is, or on whose opportunity it is.
    pub fn watchers(&self) -> impl Iterator<Item = UserId> + '_ {
        let follower = self.follower.filter(|follower| Some(*follower) != self.responsible);
        self.responsible.into_iter().chain(follower)
    }

    /// How many messages from outside the responsible has not read.
    fn unread(&self) -> u64 {
        self.received.saturating_sub(self.read_inside)
    }

    /// Whether everything is as in `other` but what follows from an entry: time, last message, counts and read marks.
    fn stands_as(&self, other: &Self) -> bool {
        let followed = Self {
            last_at: other.last_at,
            last_message: other.last_message,
            outside_entries: other.outside_entries,
            received: other.received,
            read_outside: other.read_outside,
            ..self.clone()
        };
        followed == *other
    }
}

impl Record for Conversation {
    type Id = ConversationId;
    const TABLE: Table = CONVERSATIONS;
    fn id(&self) -> ConversationId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        let state = self.state.key();
        at.at(CONVERSATIONS_BY_STATE, Key::new().small(state).signed(self.last_at));
        for user in self.watchers() {
            at.at(CONVERSATIONS_BY_WATCHER, Key::new().number(user.0).small(state).signed(self.last_at));
        }
        at.at(CONVERSATIONS_OF_CONTACT, Key::new().number(self.contact.0));
        if let Some(opportunity) = self.opportunity {
            at.at(CONVERSATIONS_BY_OPPORTUNITY, Key::new().number(opportunity.0));
        }
        at.at(CONVERSATIONS_BY_TOKEN, Key::new().text(&self.token));
        if let Some(reader) = self.responsible.filter(|_| self.state == State::Open && self.unread() > 0) {
            at.at(CONVERSATIONS_UNREAD, Key::new().number(reader.0));
        }
    }
}

/// A conversation to be begun by staff (Q3).
pub struct New {
    /// With whom.
    pub contact: ContactId,
    /// On which opportunity.
    pub opportunity: Option<OpportunityId>,
    /// By which channel.
    pub channel: &'static str,
    /// Whose queue.
    pub department: Option<DepartmentId>,
    /// Whose; nobody's is the queue.
    pub responsible: Option<UserId>,
}

/// What somebody wants to say.
#[derive(Default, Clone)]
pub struct Draft {
    /// The words.
    pub text: String,
    /// Tokens of uploads.
    pub files: Vec<String>,
    /// Made by the page: a retry with the same one makes no second message.
    pub token: Option<String>,
    /// An internal note instead of a message.
    pub internal: bool,
    /// E7, E8: tell the other side by e-mail too.
    pub mail: bool,
}

/// Begins a conversation (Q3). Its first message is said separately, in the same write.
pub fn begin(tx: &mut Tx<'_>, staff: &Staff, new: &New) -> Answer<ConversationId> {
    contact::by_id(tx, new.contact)?;
    let follower = match new.opportunity {
        Some(id) => Some(opportunity::visible(tx, staff, id)?.responsible),
        // Who puts it into a queue they do not serve goes on seeing it.
        None => (!staff.serves(new.department)).then_some(staff.id),
    };
    if let Some(responsible) = new.responsible {
        can_answer(tx, responsible)?;
    }
    if let Some(department) = new.department
        && !tx.get::<Department>(department)?.is_some_and(|one| one.active)
    {
        return Err(Refusal::Invalid(vec![("setor", Why::NotAChoice)]).into());
    }
    let id = tx.next(CONVERSATIONS)?;
    let mut conversation = Conversation {
        id,
        token: token::name(),
        contact: new.contact,
        opportunity: new.opportunity,
        channel: new.channel.to_owned(),
        department: new.department,
        state: if new.responsible.is_some() { State::Open } else { State::Queued },
        responsible: new.responsible,
        follower,
        reason: None,
        begun_at: tx.now(),
        last_at: tx.now(),
        last_message: None,
        outside_entries: 0,
        received: 0,
        read_inside: 0,
        seen_inside: 0,
        read_outside: 0,
    };
    record(tx, &mut conversation, Author::User(staff.id), Body::Begun, None)?;
    save(tx, &conversation)?;
    Ok(id)
}

/// The conversation in which this member of staff already said something with this token: for whole forms sent twice.
pub fn already_said(look: &impl Look, staff: &Staff, token: Option<&str>) -> Answer<Option<ConversationId>> {
    let Some(token) = token else { return Ok(None) };
    Ok(entry::by_token(look, Author::User(staff.id), token)?.and_then(|first| first.conversation))
}

/// Says something: a message to the other side, or an internal note. The same token again gives the first entry.
pub fn say(tx: &mut Tx<'_>, viewer: &Viewer, id: ConversationId, draft: &Draft) -> Answer<Entry> {
    let mut conversation = visible(tx, viewer, id)?;
    let author = author(tx, viewer, id)?;
    if let Some(token) = &draft.token
        && let Some(first) = entry::by_token(tx, author, token)?
    {
        return if first.conversation == Some(id) { Ok(first) } else { Err(Refusal::NotFound.into()) };
    }
    let claimed = attachment::claim(tx, viewer, &draft.files)?;
    let text = entry::text(&draft.text, !claimed.is_empty())?;
    let files = claimed.iter().map(|one| one.id).collect();
    let inside = matches!(viewer, Viewer::Staff(_));
    if inside && !draft.internal {
        match conversation.state {
            State::Queued | State::Bot => return Err(Refusal::Queued.into()),
            State::Closed => return Err(Refusal::Closed.into()),
            State::Open => {}
        }
    }
    let body = if inside && draft.internal { Body::Note { text, files } } else { Body::Message { text, files } };
    if !inside && conversation.state == State::Closed {
        requeue(tx, &mut conversation, author)?;
    }
    // At the counter nobody reads along: what staff write down there is what the conversation consists of.
    let message = matches!(body, Body::Message { .. }) || conversation.channel == COUNTER;
    let said = record(tx, &mut conversation, author, body, draft.token.clone())?;
    attachment::give(tx, claimed, said)?;
    if message {
        conversation.last_message = Some(said);
        conversation.last_at = tx.now().max(conversation.last_at);
        conversation.received += u64::from(!inside);
        if !inside {
            // Who writes has read what stands above.
            conversation.read_outside = conversation.outside_entries;
        }
        if let Some(opportunity) = conversation.opportunity {
            opportunity::touch(tx, opportunity)?;
        }
    }
    save(tx, &conversation)?;
    if message && draft.mail {
        delivery::tell_other_side(tx, viewer, &conversation, said)?;
    }
    Ok(entry::by_id(tx, said)?.ok_or(Refusal::NotFound)?)
}

/// Makes the new responsible of an opportunity the follower of its conversations.
pub(super) fn follow(tx: &mut Tx<'_>, id: OpportunityId, follower: UserId) -> Answer<()> {
    for mut conversation in of_opportunity(tx, id)? {
        conversation.follower = Some(follower);
        save(tx, &conversation)?;
    }
    Ok(())
}

/// Adds an entry about this conversation (access made, mail sent…) without moving it in the lists.
pub(super) fn note_down(tx: &mut Tx<'_>, id: ConversationId, author: Author, body: Body) -> Answer<EntryId> {
    let mut conversation = by_id(tx, id)?;
    let entry = record(tx, &mut conversation, author, body, None)?;
    tx.put(&conversation)?;
    Ok(entry)
}

/// The conversation, if this viewer may see it; there is no other way for a visitor's request to get one.
pub fn visible(look: &impl Look, viewer: &Viewer, id: ConversationId) -> Answer<Conversation> {
    match viewer {
        Viewer::Staff(staff) => visible_to_staff(look, staff, id),
        Viewer::Outsider(outsider) => {
            own_access(look, outsider, id)?.ok_or(Refusal::NotFound)?;
            by_id(look, id)
        }
    }
}

/// The conversation of a portal address, if this outsider may see it.
pub fn visible_by_token(look: &impl Look, outsider: &Outsider, token: &str) -> Answer<Conversation> {
    let found: Option<Conversation> = look.find(CONVERSATIONS_BY_TOKEN, &Key::new().text(token))?;
    let found = found.ok_or(Refusal::NotFound)?;
    visible(look, &Viewer::Outsider(outsider.clone()), found.id)
}

/// The same for a member of staff.
pub fn visible_to_staff(look: &impl Look, staff: &Staff, id: ConversationId) -> Answer<Conversation> {
    let found = look.get::<Conversation>(id)?.filter(|one| access::sees(staff, one));
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// The conversation without asking who looks: for what follows from something already allowed.
pub fn by_id(look: &impl Look, id: ConversationId) -> Answer<Conversation> {
    Ok(look.get(id)?.ok_or(Refusal::NotFound)?)
}

/// The newest conversations of a contact, at most two hundred; the caller shows only what its viewer may see.
pub fn of_contact(look: &impl Look, id: ContactId) -> Answer<Vec<Conversation>> {
    Ok(look.list(CONVERSATIONS_OF_CONTACT, &Key::new().number(id.0), Order::Falling, 200)?)
}

/// Every conversation on an opportunity, oldest first; the caller reached the opportunity through `visible`.
pub fn of_opportunity(look: &impl Look, id: OpportunityId) -> Answer<Vec<Conversation>> {
    Ok(look.list(CONVERSATIONS_BY_OPPORTUNITY, &Key::new().number(id.0), Order::Rising, 200)?)
}

fn requeue(tx: &mut Tx<'_>, conversation: &mut Conversation, author: Author) -> Answer<()> {
    let from = conversation.responsible.take();
    let body = if conversation.state == State::Closed { Body::Reopened } else { Body::Queued { from } };
    conversation.state = State::Queued;
    conversation.last_at = tx.now().max(conversation.last_at);
    record(tx, conversation, author, body, None)?;
    Ok(())
}

/// Adds an entry and counts it, if the outside sees it. The conversation is to be saved afterwards.
fn record(
    tx: &mut Tx<'_>,
    conversation: &mut Conversation,
    author: Author,
    body: Body,
    token: Option<String>,
) -> Answer<EntryId> {
    let outside = body.outside();
    conversation.outside_entries += u64::from(outside);
    let place = Place {
        conversation: conversation.id,
        contact: conversation.contact,
        opportunity: conversation.opportunity,
        outside: outside.then_some(conversation.outside_entries),
    };
    entry::add(tx, &place, author, body, token)
}

/// Keeps a conversation and says so, unless all that changed is what follows from an entry: that was announced already.
fn save(tx: &mut Tx<'_>, conversation: &Conversation) -> Answer<()> {
    let before = tx.get::<Conversation>(conversation.id)?;
    tx.put(conversation)?;
    if before.as_ref().is_some_and(|before| before.stands_as(conversation)) {
        return Ok(());
    }
    tx.announce(&Event::ConversationChanged {
        conversation: conversation.id,
        was_queued: before.as_ref().is_some_and(|before| matches!(before.state, State::Bot | State::Queued)),
        was_in: before.as_ref().and_then(|before| before.department),
        was: before.map_or(Vec::new(), |before| before.watchers().collect()),
    })?;
    Ok(())
}

fn author(look: &impl Look, viewer: &Viewer, id: ConversationId) -> Answer<Author> {
    match viewer {
        Viewer::Staff(staff) => Ok(Author::User(staff.id)),
        Viewer::Outsider(outsider) => {
            let access = own_access(look, outsider, id)?.ok_or(Refusal::NotFound)?;
            Ok(Author::Outsider(access.id))
        }
    }
}

fn own_access(look: &impl Look, outsider: &Outsider, id: ConversationId) -> Answer<Option<external_access::Access>> {
    Ok(external_access::of_outsider(look, outsider)?.into_iter().find(|access| access.conversation == id))
}

fn can_answer(look: &impl Look, id: UserId) -> Answer<()> {
    let fits = user::by_id(look, id)?.is_some_and(|user| user.is_active());
    if fits { Ok(()) } else { Err(Refusal::Invalid(vec![("responsavel", Why::NotAChoice)]).into()) }
}

#[cfg(test)]
mod tests;
