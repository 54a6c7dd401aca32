//! Who has read how far: unread counts for staff, "lida" for both sides.

use super::{Conversation, State, visible};
use crate::domain::access::{Staff, Viewer};
use crate::domain::event::Event;
use crate::domain::ids::*;
use crate::domain::refusal::Answer;
use crate::domain::schema::{CONVERSATIONS_UNREAD, READ_MARKS, READ_MARKS_BY_USER};
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
    Ok(match conversation.state {
        State::Open if conversation.responsible == Some(staff.id) => conversation.unread(),
        State::Open | State::Closed => 0,
        State::Queued | State::Bot => {
            let read = mark(look, staff.id, conversation.id)?.map_or(0, |mark| mark.received);
            conversation.received.saturating_sub(read)
        }
    })
}

/// In how many conversations a member of staff has something to read that is theirs to read, counted up to `most`.
pub fn with_unread(look: &impl Look, staff: &Staff, most: usize) -> Answer<usize> {
    let own = Key::new().number(staff.id.0);
    Ok(look.rows(CONVERSATIONS_UNREAD, own.bytes(), own.after().as_deref(), most)?)
}

/// Makes somebody the responsible who came for it by themselves: what they had read of it before, the responsible has
/// read. The conversation is to be saved afterwards.
pub(super) fn hold(tx: &mut Tx<'_>, staff: &Staff, conversation: &mut Conversation) -> Answer<()> {
    conversation.state = State::Open;
    conversation.responsible = Some(staff.id);
    let read = mark(tx, staff.id, conversation.id)?.map_or(0, |mark| mark.received);
    if read > conversation.read_inside {
        conversation.read_inside = read;
        if conversation.unread() == 0 {
            conversation.seen_inside = conversation.outside_entries;
            tx.announce(&Event::Read(conversation.id))?;
        }
    }
    Ok(())
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
