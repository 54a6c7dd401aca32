//! The outbox: what is to leave the house, planned in the same write as what it is about, and how far it got.
//!
//! The letter itself is written when it is sent, so that no link's secret ever lies here.

use super::access::Viewer;
use super::conversation::{self, Conversation};
use super::entry::{Author, Body};
use super::event::Event;
use super::external_access::{self, Access};
use super::ids::*;
use super::refusal::{Answer, Refusal};
use super::schema::{DELIVERIES, DELIVERIES_DUE};
use super::{agency, invitation, token, user};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60_000;
/// After the n-th failure the next try waits this many minutes; the last number repeats.
const BACK_OFF_MINUTES: [i64; 8] = [1, 2, 5, 10, 15, 30, 60, 120];
/// When the settings are wrong no try is used up; somebody has to mend them.
const SETTINGS_WAIT: i64 = 5 * MINUTE;
/// A letter that could not be delivered for this long is given up: so long its waits were together, whatever the clock
/// did meanwhile.
const LIFE: i64 = 3 * 24 * 60 * MINUTE;
/// No wait is longer: whatever is to wait longer was planned by a clock that was ahead.
const WAIT_MAX: i64 = 120 * MINUTE;
const WORDS_CHARS_MAX: usize = 500;

/// What the letter says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// E11: the access data, with a link that lets in once.
    Access,
    /// E11: the link that somebody from outside asked for.
    Link,
    /// E7: a new message, to the outsider.
    MessageOutside(EntryId),
    /// E8: a new message, to the member of staff whose conversation it is.
    MessageInside(EntryId),
    /// R7: the link by which a member of staff sets a password.
    Invitation(InvitationId),
}

/// How far it is (the part of X5 that is known today).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Na fila.
    Queued,
    /// Enviado: the next server took it.
    Sent,
    /// Falhou.
    Failed,
}

/// One letter to one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// By which channel: the key of a provider.
    pub channel: String,
    /// To whom.
    pub to: String,
    /// What it says.
    pub about: About,
    /// On which conversation's history it is, if on one.
    pub conversation: Option<ConversationId>,
    /// Its entry there.
    pub entry: Option<EntryId>,
    /// The access it belongs to, if to one.
    pub access: Option<AccessId>,
    /// The part of the Message-ID before the @: the same for every try.
    pub message_key: String,
    /// How far it is.
    pub state: State,
    /// Milliseconds since 1970.
    pub planned_at: i64,
    /// When it is tried next.
    pub next_at: i64,
    /// How long it waited between its tries, or is to wait now, in milliseconds.
    #[serde(default)]
    pub waited: i64,
    /// Tries so far.
    pub tries: u32,
    /// What the server said last.
    pub words: String,
}

impl Record for Delivery {
    type Id = DeliveryId;
    const TABLE: Table = DELIVERIES;
    fn id(&self) -> DeliveryId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        if self.state == State::Queued {
            at.at(DELIVERIES_DUE, Key::new().signed(self.next_at));
        }
    }
}

impl Delivery {
    fn wait(&mut self, now: i64, how_long: i64) {
        (self.next_at, self.waited) = (now + how_long, self.waited + how_long);
        if self.waited > LIFE {
            self.state = State::Failed;
        }
    }
}

/// How a try ended; with the server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The next server took it.
    Sent(String),
    /// Not now.
    Later(String),
    /// Not ever.
    Never(String),
    /// Our settings are wrong.
    Settings(String),
}

/// Plans a letter to the outsider of an access.
pub(super) fn plan(tx: &mut Tx<'_>, author: Author, access: &Access, about: About) -> Answer<()> {
    put(tx, author, access.conversation, Some(access.id), access.email.clone(), about)
}

/// E7, E8: tells the other side of a message by e-mail; nobody, where there is no mail server or nobody to tell.
pub(super) fn tell_other_side(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    conversation: &Conversation,
    said: EntryId,
) -> Answer<()> {
    if agency::the(tx)?.is_none_or(|agency| agency.smtp.is_none()) {
        return Ok(());
    }
    let accesses = external_access::of_conversation(tx, conversation.id)?;
    let live = accesses.into_iter().filter(|access| access.revoked_at.is_none());
    match viewer {
        Viewer::Staff(staff) => {
            for access in live {
                plan(tx, Author::User(staff.id), &access, About::MessageOutside(said))?;
            }
            Ok(())
        }
        Viewer::Outsider(outsider) => {
            let Some(access) = live.into_iter().find(|access| access.email == outsider.email) else { return Ok(()) };
            let mut active = None;
            for id in conversation.watchers() {
                active = active.or(user::by_id(tx, id)?.filter(user::User::is_active));
            }
            let Some(user) = active else { return Ok(()) };
            let about = About::MessageInside(said);
            put(tx, Author::Outsider(access.id), conversation.id, Some(access.id), user.email, about)
        }
    }
}

/// Records how a try ended.
pub fn tried(tx: &mut Tx<'_>, id: DeliveryId, how: Tried) -> Answer<()> {
    let mut delivery: Delivery = tx.get(id)?.ok_or(Refusal::NotFound)?;
    if delivery.state != State::Queued {
        return Ok(());
    }
    let words = |text: String| text.chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect();
    match how {
        Tried::Sent(text) => (delivery.state, delivery.words) = (State::Sent, words(text)),
        Tried::Never(text) => (delivery.state, delivery.words) = (State::Failed, words(text)),
        Tried::Settings(text) => {
            delivery.words = words(text);
            delivery.wait(tx.now(), SETTINGS_WAIT);
        }
        Tried::Later(text) => {
            delivery.words = words(text);
            delivery.wait(tx.now(), wait_after(delivery.tries));
            delivery.tries += 1;
        }
    }
    keep(tx, &delivery)
}

/// Keeps how far a letter is, and says so where that is shown: on a history, or beside whom it invites.
fn keep(tx: &mut Tx<'_>, delivery: &Delivery) -> Answer<()> {
    tx.put(delivery)?;
    if let (Some(conversation), Some(entry)) = (delivery.conversation, delivery.entry) {
        tx.announce(&Event::DeliveryChanged { conversation, entry })?;
    }
    if let About::Invitation(id) = delivery.about
        && let Some(invitation) = invitation::by_id(tx, id)?
    {
        tx.announce(&Event::UserNoted(invitation.user))?;
    }
    Ok(())
}

/// Gives up letters of a conversation that still wait and would say the same as a newer one.
pub(super) fn give_up(tx: &mut Tx<'_>, conversation: ConversationId, about: About) -> Answer<()> {
    for mut delivery in tx.list::<Delivery>(DELIVERIES_DUE, &Key::new(), Order::Rising, usize::MAX)? {
        if delivery.conversation == Some(conversation) && delivery.about == about {
            (delivery.state, delivery.words) = (State::Failed, "replaced".into());
            keep(tx, &delivery)?;
        }
    }
    Ok(())
}

/// Tries everything that waits at once: the settings were just mended.
pub fn hurry(tx: &mut Tx<'_>) -> Answer<()> {
    for id in tx.ids::<DeliveryId>(DELIVERIES_DUE, &Key::new(), Order::Rising, usize::MAX)? {
        if let Some(mut delivery) = tx.get::<Delivery>(id)? {
            delivery.next_at = tx.now();
            tx.put(&delivery)?;
        }
    }
    Ok(())
}

/// What is to be tried now, at most `most`; and when the next one after those is due.
pub fn due(look: &impl Look, now: i64, most: usize) -> Answer<(Vec<Delivery>, Option<i64>)> {
    let (mut due, mut next) = (Vec::new(), None);
    let ahead = Key::new().signed(now.saturating_add(WAIT_MAX + 1));
    for (low, high) in [(&[][..], Some(ahead.bytes())), (ahead.bytes(), None)] {
        let mut ids: Vec<DeliveryId> = Vec::new();
        look.each_id(DELIVERIES_DUE, low, high, Order::Rising, |id| {
            ids.push(id);
            ids.len() <= most
        })?;
        for id in ids {
            let Some(delivery) = look.get::<Delivery>(id)? else { continue };
            if due.len() == most || high.is_some() && delivery.next_at > now {
                next = next.or(Some(delivery.next_at.min(now.saturating_add(WAIT_MAX))));
                break;
            }
            due.push(delivery);
        }
    }
    Ok((due, next))
}

/// The delivery with this number; the caller reached its entry through `conversation::visible`, or runs the system.
pub fn by_id(look: &impl Look, id: DeliveryId) -> Answer<Option<Delivery>> {
    Ok(look.get(id)?)
}

fn put(
    tx: &mut Tx<'_>,
    author: Author,
    conversation: ConversationId,
    access: Option<AccessId>,
    to: String,
    about: About,
) -> Answer<()> {
    let id = tx.next(DELIVERIES)?;
    let body = Body::Mail { delivery: id, to: to.clone() };
    let entry = conversation::note_down(tx, conversation, author, body)?;
    let new = queued(tx, id, to, about);
    tx.put(&Delivery { conversation: Some(conversation), entry: Some(entry), access, ..new })?;
    Ok(())
}

/// Plans the letter of an invitation; it is on no conversation's history.
pub(super) fn plan_invitation(tx: &mut Tx<'_>, invitation: InvitationId, to: String) -> Answer<DeliveryId> {
    let id = tx.next(DELIVERIES)?;
    let new = queued(tx, id, to, About::Invitation(invitation));
    tx.put(&new)?;
    Ok(id)
}

fn queued(tx: &Tx<'_>, id: DeliveryId, to: String, about: About) -> Delivery {
    Delivery {
        id,
        channel: "email".into(),
        to,
        about,
        conversation: None,
        entry: None,
        access: None,
        message_key: token::name(),
        state: State::Queued,
        planned_at: tx.now(),
        next_at: tx.now(),
        waited: 0,
        tries: 0,
        words: String::new(),
    }
}

fn wait_after(tries: u32) -> i64 {
    let minutes = BACK_OFF_MINUTES.get(tries as usize).or(BACK_OFF_MINUTES.last()).copied().unwrap_or(60);
    minutes * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f22_waits_grow_and_never_end() {
        let waits: Vec<i64> = (0..20).map(wait_after).collect();
        assert!(waits.is_sorted() && waits[0] == MINUTE && waits[19] == WAIT_MAX, "{waits:?}");
    }
}
