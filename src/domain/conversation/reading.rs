//! Who has read how far: unread counts for staff, "lida" for both sides.

use super::{Conversation, State, visible};
use crate::domain::access::{Staff, Viewer};
use crate::domain::event::Event;
use crate::domain::ids::*;
use crate::domain::refusal::Answer;
use crate::domain::schema::{READ_MARKS, READ_MARKS_BY_USER};
use crate::store::{Indexes, Key, Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// How far a member of staff has read a conversation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadMark {
    id: ReadMarkId,
    conversation: ConversationId,
    user: UserId,
    received: u64,
}

impl Record for ReadMark {
    type Id = ReadMarkId;
    const TABLE: Table = READ_MARKS;
    fn id(&self) -> ReadMarkId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(READ_MARKS_BY_USER, Key::new().number(self.conversation.0).number(self.user.0));
    }
}

/// Notes that somebody has the entries up to this one before their eyes: for staff an entry's number, for the
/// outsider its place among what the outside sees.
pub fn mark_read(tx: &mut Tx<'_>, viewer: &Viewer, id: ConversationId, upto: u64) -> Answer<()> {
    let mut conversation = visible(tx, viewer, id)?;
    let moved = match viewer {
        Viewer::Outsider(_) => {
            let upto = upto.min(conversation.outside_entries);
            let moved = upto > conversation.read_outside;
            conversation.read_outside = conversation.read_outside.max(upto);
            moved
        }
        Viewer::Staff(staff) => read_by_staff(tx, staff, &mut conversation, EntryId(upto))?,
    };
    if moved {
        tx.put(&conversation)?;
        tx.announce(&Event::Read(id))?;
    }
    Ok(())
}

/// How many messages from outside this member of staff has not read, where it is theirs to read them.
pub fn unread(look: &impl Look, staff: &Staff, conversation: &Conversation) -> Answer<u64> {
    let read = match conversation.state {
        State::Closed => return Ok(0),
        State::Open if conversation.received <= conversation.read_inside => return Ok(0),
        State::Open if conversation.responsible != Some(staff.id) => return Ok(0),
        State::Open => {
            conversation.read_inside.max(mark(look, staff.id, conversation.id)?.map_or(0, |mark| mark.received))
        }
        State::Queued | State::Bot => mark(look, staff.id, conversation.id)?.map_or(0, |mark| mark.received),
    };
    Ok(conversation.received.saturating_sub(read))
}

fn read_by_staff(tx: &mut Tx<'_>, staff: &Staff, conversation: &mut Conversation, upto: EntryId) -> Answer<bool> {
    let newest = conversation.last_message.unwrap_or(EntryId(0));
    if upto < newest {
        // Counting what lies between is not worth a read of the whole timeline: a mark moves at the end only.
        return Ok(false);
    }
    let now = conversation.received;
    let before = mark(tx, staff.id, conversation.id)?;
    let mut moved = before.as_ref().map_or(0, |mark| mark.received) < now;
    if moved {
        let id = before.map_or_else(|| tx.next(READ_MARKS), |mark| Ok(mark.id))?;
        tx.put(&ReadMark { id, conversation: conversation.id, user: staff.id, received: now })?;
    }
    if conversation.responsible == Some(staff.id) && conversation.read_inside < now {
        conversation.read_inside = now;
        conversation.seen_inside = conversation.outside_entries;
        moved = true;
    }
    Ok(moved)
}

fn mark(look: &impl Look, user: UserId, conversation: ConversationId) -> Answer<Option<ReadMark>> {
    Ok(look.find(READ_MARKS_BY_USER, &Key::new().number(conversation.0).number(user.0))?)
}
