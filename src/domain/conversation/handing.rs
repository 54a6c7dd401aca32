//! From hand to hand: take, transfer, back to the queue, close with a reason, open again (Q4, Q8, Q9).

use super::reading::hold;
use super::{Conversation, PORTAL, State, can_answer, record, requeue, save, visible_to_staff};
use crate::domain::access::{Act, Staff};
use crate::domain::entry::{Author, Body};
use crate::domain::ids::*;
use crate::domain::reason::Reason;
use crate::domain::refusal::{Answer, No, Refusal, Why};
use crate::domain::schema::CONVERSATIONS_BY_WATCHER;
use crate::domain::{agency, user};
use crate::store::{Key, Look, Order, Tx};

/// Q4: takes a conversation from the queue. Of two who press at once one gets it, the other reads who did; whoever does
/// not serve its department never saw it there, and reads nothing.
pub fn take(tx: &mut Tx<'_>, staff: &Staff, id: ConversationId) -> Answer<()> {
    let mut conversation = tx.get::<Conversation>(id)?.ok_or(Refusal::NotFound)?;
    if staff.is_limited() && !staff.serves(conversation.department) {
        visible_to_staff(tx, staff, id)?;
    }
    match (conversation.state, conversation.responsible) {
        (State::Queued | State::Bot, _) => drop(visible_to_staff(tx, staff, id)?),
        (State::Open, Some(holder)) if holder == staff.id => return Ok(()),
        (State::Open, Some(holder)) => return Err(Refusal::TakenBy(user_name(tx, holder)?).into()),
        (State::Open, None) => {}
        (State::Closed, _) => {
            visible_to_staff(tx, staff, id)?;
            return Err(Refusal::Closed.into());
        }
    }
    hold(tx, staff, &mut conversation)?;
    record(tx, &mut conversation, Author::User(staff.id), Body::Taken, None)?;
    save(tx, &conversation)
}

/// Q8: gives it to somebody; from the queue, from oneself, or (those who may) from another.
pub fn transfer(tx: &mut Tx<'_>, staff: &Staff, id: ConversationId, to: UserId) -> Answer<()> {
    let conversation = visible_to_staff(tx, staff, id)?;
    if conversation.state == State::Open && conversation.responsible == Some(to) {
        return Ok(());
    }
    if conversation.state == State::Closed {
        return Err(Refusal::Closed.into());
    }
    may_move(staff, &conversation)?;
    can_answer(tx, to)?;
    give(tx, staff, conversation, to)
}

fn give(tx: &mut Tx<'_>, staff: &Staff, mut conversation: Conversation, to: UserId) -> Answer<()> {
    let from = conversation.responsible;
    if to == staff.id {
        hold(tx, staff, &mut conversation)?;
    } else {
        conversation.state = State::Open;
        conversation.responsible = Some(to);
        // Whoever is given a conversation has not read it: it stands at the top of their list, with its last word unread.
        conversation.read_inside = conversation.read_inside.min(conversation.received.saturating_sub(1));
        conversation.last_at = tx.now().max(conversation.last_at);
    }
    record(tx, &mut conversation, Author::User(staff.id), Body::Transferred { from, to }, None)?;
    save(tx, &conversation)
}

/// Puts it back into the queue (Q9, "situação: fila").
pub fn give_back(tx: &mut Tx<'_>, staff: &Staff, id: ConversationId) -> Answer<()> {
    let mut conversation = visible_to_staff(tx, staff, id)?;
    match conversation.state {
        State::Queued | State::Bot => return Ok(()),
        State::Closed => return Err(Refusal::Closed.into()),
        State::Open => may_move(staff, &conversation)?,
    }
    requeue(tx, &mut conversation, Author::User(staff.id))?;
    save(tx, &conversation)
}

/// Puts into the queue, or gives a colleague, what a member of staff who is switched off had open: nobody would read it
/// otherwise. Says how many that were.
pub(in crate::domain) fn hand_over_all(
    tx: &mut Tx<'_>,
    staff: &Staff,
    from: UserId,
    to: Option<UserId>,
) -> Answer<usize> {
    let open = held(tx, from)?;
    let count = open.len();
    for mut conversation in open {
        match to {
            Some(to) => give(tx, staff, conversation, to)?,
            None => {
                requeue(tx, &mut conversation, Author::User(staff.id))?;
                save(tx, &conversation)?;
            }
        }
    }
    Ok(count)
}

/// What a member of staff has open.
pub(in crate::domain) fn held(look: &impl Look, user: UserId) -> Answer<Vec<Conversation>> {
    let prefix = Key::new().number(user.0).small(State::Open.key());
    let mut open: Vec<Conversation> = look.list(CONVERSATIONS_BY_WATCHER, &prefix, Order::Rising, usize::MAX)?;
    open.retain(|conversation| conversation.responsible == Some(user));
    Ok(open)
}

/// Q8: chooses why the contact called.
pub fn set_reason(tx: &mut Tx<'_>, staff: &Staff, id: ConversationId, reason: ReasonId) -> Answer<()> {
    let mut conversation = visible_to_staff(tx, staff, id)?;
    known_reason(tx, reason)?;
    if conversation.reason != Some(reason) {
        conversation.reason = Some(reason);
        record(tx, &mut conversation, Author::User(staff.id), Body::ReasonSet { reason }, None)?;
        save(tx, &conversation)?;
    }
    Ok(())
}

/// Q9: closes it, with a reason (the one it has, if none is given), and says the closing message.
pub fn close(tx: &mut Tx<'_>, staff: &Staff, id: ConversationId, reason: Option<ReasonId>) -> Answer<()> {
    let mut conversation = visible_to_staff(tx, staff, id)?;
    if conversation.state == State::Closed {
        return Ok(());
    }
    let reason = reason.or(conversation.reason).ok_or(Refusal::ReasonMissing)?;
    known_reason(tx, reason)?;
    may_move(staff, &conversation)?;
    let words = agency::the(tx)?.map_or(String::new(), |agency| agency.closing_message);
    if !words.is_empty() && conversation.channel == PORTAL {
        let body = Body::Message { text: words, files: Vec::new() };
        let said = record(tx, &mut conversation, Author::System, body, None)?;
        conversation.last_message = Some(said);
    }
    conversation.state = State::Closed;
    conversation.reason = Some(reason);
    conversation.last_at = tx.now().max(conversation.last_at);
    record(tx, &mut conversation, Author::User(staff.id), Body::Closed { reason }, None)?;
    save(tx, &conversation)
}

/// Opens a closed conversation again, for oneself.
pub fn reopen(tx: &mut Tx<'_>, staff: &Staff, id: ConversationId) -> Answer<()> {
    let mut conversation = visible_to_staff(tx, staff, id)?;
    if conversation.state != State::Closed {
        return Ok(());
    }
    hold(tx, staff, &mut conversation)?;
    conversation.last_at = tx.now().max(conversation.last_at);
    record(tx, &mut conversation, Author::User(staff.id), Body::Reopened, None)?;
    save(tx, &conversation)
}

fn may_move(staff: &Staff, conversation: &Conversation) -> Answer<()> {
    let own = conversation.responsible.is_none() || conversation.watchers().any(|user| user == staff.id);
    if own || staff.may(Act::MoveOthersWork) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

fn known_reason(look: &impl Look, id: ReasonId) -> Answer<()> {
    let fits = look.get::<Reason>(id)?.is_some_and(|reason| reason.active);
    if fits { Ok(()) } else { Err(Refusal::Invalid(vec![("motivo", Why::NotAChoice)]).into()) }
}

fn user_name(look: &impl Look, id: UserId) -> Result<String, No> {
    Ok(user::by_id(look, id)?.map_or(String::new(), |user| user.name))
}
