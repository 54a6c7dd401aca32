//! Which screen is open, and what it is told of what happened.

use crate::domain::contact::{self, Contact};
use crate::domain::conversation::{self, Conversation, State};
use crate::domain::entry::{self, Author};
use crate::domain::ids::*;
use crate::domain::inbox as lists;
use crate::domain::opportunity::{self, Opportunity};
use crate::domain::{Answer, Event, No, Refusal, Staff, Viewer, access};
use crate::pulse::Typing;
use crate::store::Snapshot;
use crate::web::fields::Fields;
use crate::web::inbox::{self, Shown, view};
use crate::web::opportunities::Listed;
use crate::web::scene::Scene;
use crate::web::ui::layout;
use crate::web::ui::stream;
use crate::web::{opportunities, portal, presence, thread, users};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where "is typing" stands.
const TYPING_LINE: &str = "digitando-linha";

/// An open screen.
#[derive(Clone, Debug)]
pub enum Screen {
    /// The inbox: its list, and the open conversation.
    Inbox(Shown, Option<ConversationId>),
    /// An opportunity, with one of its conversations.
    Opportunity(OpportunityId, Option<ConversationId>),
    /// The list of opportunities.
    Opportunities(Listed),
    /// The register of who is in.
    Presence(presence::Shown),
    /// The reception's panel.
    Wall(presence::Shown),
    /// The list of users.
    Users(users::Listed),
    /// The portal: its list, and the open conversation.
    Portal(Option<ConversationId>),
    /// Any other page of the office: only the number beside Conversas lives.
    Other,
}

/// Who saw a conversation before it changed.
#[derive(Default)]
struct Before {
    /// The departments in whose queues it waited; none for the one that is everybody's.
    queued: BTreeSet<Option<DepartmentId>>,
    users: BTreeSet<UserId>,
}

impl Before {
    fn seen_by(&self, staff: &Staff) -> bool {
        self.queued.iter().any(|one| staff.serves(*one)) || self.users.contains(&staff.id)
    }
}

/// What happened, gathered so that each thing is drawn once.
#[derive(Default)]
pub struct News {
    entries: BTreeSet<(ConversationId, EntryId)>,
    /// With who saw it before: nobody, if nothing but its timeline grew.
    conversations: BTreeMap<ConversationId, Before>,
    contacts: BTreeSet<ContactId>,
    read: BTreeSet<ConversationId>,
    /// With whose they were before.
    opportunities: BTreeMap<OpportunityId, BTreeSet<UserId>>,
    accesses: bool,
    people: bool,
    presence: bool,
    users: bool,
}

impl News {
    /// Gathers events.
    pub fn of(events: &[Event]) -> Self {
        let mut news = Self::default();
        for event in events {
            match event {
                Event::EntryAdded { conversation, entry } | Event::DeliveryChanged { conversation, entry } => {
                    news.entries.insert((*conversation, *entry));
                }
                Event::ConversationChanged { conversation, was_queued, was_in, was } => {
                    let before = news.conversations.entry(*conversation).or_default();
                    before.queued.extend(was_queued.then_some(*was_in));
                    before.users.extend(was);
                }
                Event::ContactChanged(id) => drop(news.contacts.insert(*id)),
                Event::Read(id) => drop(news.read.insert(*id)),
                Event::OpportunityChanged { opportunity, was } => {
                    news.opportunities.entry(*opportunity).or_default().extend(was)
                }
                Event::OpportunityEntryAdded { opportunity, .. } => {
                    news.opportunities.entry(*opportunity).or_default();
                }
                Event::AccessChanged { conversation, .. } => {
                    news.accesses = true;
                    news.conversations.entry(*conversation).or_default();
                }
                Event::UserChanged(_) | Event::AgencyChanged => (news.people, news.users) = (true, true),
                Event::PresenceChanged(_) | Event::DayBegan => news.presence = true,
                Event::UserNoted(_) | Event::SessionEnded(_) => news.users = true,
            }
        }
        news
    }

    /// Counts the conversations and opportunities of contacts that changed as touched: they show the name.
    pub fn follow_contacts(&mut self, look: &Snapshot) -> Answer<()> {
        for contact in &self.contacts {
            for c in conversation::of_contact(look, *contact)? {
                self.conversations.entry(c.id).or_default();
                if let Some(id) = c.opportunity {
                    self.opportunities.entry(id).or_default();
                }
            }
        }
        Ok(())
    }

    fn touched(&self) -> BTreeSet<ConversationId> {
        let entries = self.entries.iter().map(|(conversation, _)| *conversation);
        entries.chain(self.conversations.keys().copied()).chain(self.read.iter().copied()).collect()
    }
}

impl Screen {
    /// Reads it from the stream's address; numbers in it open nothing by themselves, every look asks again.
    pub fn read(query: &Fields) -> Self {
        let conversation = query.number("conversa").map(ConversationId);
        match query.text("tela") {
            "conversas" => Self::Inbox(Shown::read(query, State::Queued), conversation),
            "oportunidade" => match query.number("oportunidade") {
                Some(id) => Self::Opportunity(OpportunityId(id), conversation),
                None => Self::Other,
            },
            "oportunidades" => Self::Opportunities(Listed::read(query)),
            "presenca" => Self::Presence(presence::Shown::read(query)),
            "painel" => Self::Wall(presence::Shown::read(query)),
            "usuarios" => Self::Users(users::Listed::read(query)),
            "portal" => Self::Portal(conversation),
            _ => Self::Other,
        }
    }

    /// The conversation that is open on it.
    pub fn open(&self) -> Option<ConversationId> {
        match self {
            Self::Inbox(_, open) | Self::Opportunity(_, open) | Self::Portal(open) => *open,
            Self::Opportunities(_) | Self::Presence(_) | Self::Wall(_) | Self::Users(_) | Self::Other => None,
        }
    }

    /// What this screen is told.
    pub fn ops(
        &self,
        look: &Snapshot,
        scene: &Scene,
        viewer: &Viewer,
        news: &News,
        framed: &mut Framed,
    ) -> Answer<Vec<Value>> {
        let mut ops = Vec::new();
        if let Some(open) = self.open() {
            ops.extend(thread_ops(look, scene, viewer, (open, news), framed)?);
        }
        match (self, viewer) {
            (Self::Portal(open), Viewer::Outsider(outsider)) if !news.touched().is_empty() => {
                ops.extend(portal::list_ops(look, scene, outsider, *open)?);
            }
            (_, Viewer::Staff(staff)) => {
                self.staff_ops(look, scene, staff, news, &mut ops)?;
                if !news.touched().is_empty() {
                    let unread = inbox::unread(look, staff)?;
                    let html = layout::unread_pip(scene, unread).into_string();
                    ops.push(json!({ "op": "morph", "id": "nao-lidas", "html": html }));
                }
            }
            _ => {}
        }
        Ok(ops)
    }

    fn staff_ops(
        &self,
        look: &Snapshot,
        scene: &Scene,
        staff: &Staff,
        news: &News,
        ops: &mut Vec<Value>,
    ) -> Answer<()> {
        match self {
            Self::Inbox(shown, open) => {
                let touched = news.touched();
                for id in &touched {
                    let seen_before = news.conversations.get(id).is_some_and(|before| before.seen_by(staff));
                    ops.extend(row_op(look, scene, staff, shown, (*id, seen_before), *open)?);
                }
                if !touched.is_empty() {
                    let (queued, open) =
                        (inbox::count(look, staff, State::Queued)?, inbox::count(look, staff, State::Open)?);
                    let html = view::tabs(scene, shown, queued, open).into_string();
                    ops.push(json!({ "op": "morph", "id": "abas", "html": html }));
                }
            }
            Self::Opportunity(id, open) => {
                let conversations = conversation::of_opportunity(look, *id)?;
                let touched = news.touched();
                let theirs = conversations.iter().any(|c| touched.contains(&c.id));
                if theirs || news.accesses || news.opportunities.contains_key(id) {
                    ops.extend(opportunities::page_ops(look, scene, staff, *id, *open)?);
                }
            }
            Self::Opportunities(listed) => {
                for (id, was) in &news.opportunities {
                    ops.extend(opportunities::row_ops(look, scene, staff, listed, *id, was.contains(&staff.id))?);
                }
            }
            Self::Presence(shown) if news.presence || news.people => {
                ops.push(presence_op(look, scene, staff, shown)?);
            }
            Self::Wall(shown) => {
                if news.presence || news.people {
                    ops.push(presence_op(look, scene, staff, shown)?);
                }
                // A new day too: who waits since today waits since yesterday now.
                if news.presence || !news.touched().is_empty() {
                    let html = presence::wall::queue(look, scene, staff)?.into_string();
                    ops.push(json!({ "op": "morph", "id": "espera", "html": html }));
                }
            }
            Self::Users(listed) if news.users => ops.extend(users::list_op(look, scene, staff, listed)?),
            Self::Presence(_) | Self::Users(_) | Self::Portal(_) | Self::Other => {}
        }
        Ok(())
    }
}

/// The board of the register; nothing of it where the register was switched off meanwhile.
fn presence_op(look: &Snapshot, scene: &Scene, staff: &Staff, shown: &presence::Shown) -> Answer<Value> {
    let html = match shown.board(look, scene.now) {
        Ok(board) => presence::view::board(scene, staff, &board).into_string(),
        Err(No::Refused(Refusal::NotFound)) => String::new(),
        Err(no) => return Err(no),
    };
    Ok(json!({ "op": "morph", "id": "presenca", "html": html }))
}

/// The row of a conversation: put where it belongs, or taken away from a list it is no longer in. Who neither sees it
/// nor saw it before is told nothing.
fn row_op(
    look: &Snapshot,
    scene: &Scene,
    staff: &Staff,
    shown: &Shown,
    (id, seen_before): (ConversationId, bool),
    open: Option<ConversationId>,
) -> Answer<Option<Value>> {
    let c = conversation::by_id(look, id)?;
    let dom = view::row_dom(id);
    if lists::holds(look, staff, shown.tab, &shown.filter, &c)? {
        let html = view::row(scene, &inbox::row(look, scene, staff, &c, shown, open)?).into_string();
        return Ok(Some(json!({ "op": "put", "id": dom, "into": "lista", "html": html })));
    }
    Ok((seen_before || access::sees(staff, &c)).then(|| json!({ "op": "del", "id": dom })))
}

/// What happens inside the open conversation.
fn thread_ops(
    look: &Snapshot,
    scene: &Scene,
    viewer: &Viewer,
    (open, news): (ConversationId, &News),
    framed: &mut Framed,
) -> Answer<Vec<Value>> {
    if !news.touched().contains(&open) && !news.people && !news.presence {
        return Ok(Vec::new());
    }
    let c = match conversation::visible(look, viewer, open) {
        Ok(c) => c,
        Err(No::Refused(Refusal::NotFound)) => {
            *framed = Framed::default();
            let before = news.conversations.get(&open);
            let seen = matches!(viewer, Viewer::Staff(staff) if before.is_some_and(|before| before.seen_by(staff)));
            return gone(look, scene, viewer, open, seen);
        }
        Err(no) => return Err(no),
    };
    let mut ops = Vec::new();
    let (mut outside, mut files) = (false, false);
    for (_, id) in news.entries.iter().filter(|(conversation, _)| *conversation == open) {
        let Some(one) = entry::by_id(look, *id)? else { continue };
        outside |= matches!(one.author, Author::Outsider(_));
        files |= !one.body.files().is_empty();
        ops.extend(thread::entry_ops(look, scene, viewer, &c, one)?);
    }
    if ops.iter().any(|op| op["op"] == "put") {
        ops.push(json!({ "op": "del", "id": "digitando" }));
    }
    // Who writes from outside has read what stands above.
    if news.read.contains(&open) || outside {
        ops.extend(thread::read_ops(look, scene, viewer, &c)?);
    }
    if framed.changes(look, &c)? || files || news.people || news.presence || news.accesses {
        ops.extend(frame_ops(look, scene, viewer, &c)?);
    }
    Ok(ops)
}

/// What head, side and foot of the open conversation were drawn from: a message changes nothing of it, and drawing them
/// costs more than the message.
#[derive(Default)]
pub struct Framed(Option<(Conversation, Contact, Option<Opportunity>)>);

impl Framed {
    /// Whether they would look different by now.
    fn changes(&mut self, look: &Snapshot, c: &Conversation) -> Answer<bool> {
        let (last_at, last_message) = (0, None);
        let counted = (0, 0, 0, 0, 0);
        let (outside_entries, received, read_inside, seen_inside, read_outside) = counted;
        let c = Conversation {
            last_at,
            last_message,
            outside_entries,
            received,
            read_inside,
            seen_inside,
            read_outside,
            ..c.clone()
        };
        let deal = c.opportunity.map(|id| opportunity::by_id(look, id)).transpose()?;
        let deal = deal.map(|deal| Opportunity { updated_at: 0, ..deal });
        let now = Some((c.clone(), contact::by_id(look, c.contact)?, deal));
        let changes = self.0 != now;
        self.0 = now;
        Ok(changes)
    }
}

/// Head, side and foot of the open conversation.
fn frame_ops(look: &Snapshot, scene: &Scene, viewer: &Viewer, c: &Conversation) -> Answer<Vec<Value>> {
    let Viewer::Staff(staff) = viewer else { return portal::frame_ops(look, scene, c) };
    let head = inbox::header(look, staff, c)?;
    let side = inbox::side::side(scene, &inbox::side(look, scene, staff, c)?).into_string();
    Ok(vec![
        json!({ "op": "morph", "id": "cabeca", "html": view::header(scene, &head).into_string() }),
        json!({ "op": "morph", "id": "pe", "html": view::foot(scene, &head).into_string() }),
        json!({ "op": "morph", "id": "lado", "html": side }),
    ])
}

/// The conversation is no longer theirs to see. What was said goes; staff read whose it is now, for they may just have
/// pressed "Assumir" (Q4); an outsider goes back to the list.
fn gone(look: &Snapshot, scene: &Scene, viewer: &Viewer, id: ConversationId, seen_before: bool) -> Answer<Vec<Value>> {
    let Viewer::Staff(_) = viewer else { return Ok(vec![json!({ "op": "end", "to": "/" })]) };
    if !seen_before {
        return Ok(Vec::new());
    }
    let holder = conversation::by_id(look, id)?.responsible.map(|user| thread::user_name(look, user)).transpose()?;
    let bar = view::gone(scene, &holder.unwrap_or_default()).into_string();
    let mut ops = vec![json!({ "op": "morph", "id": "pe", "html": bar }), json!({ "op": "del", "id": "digitando" })];
    ops.extend([thread::STREAM, "lado", "cabeca"].map(|id| json!({ "op": "morph", "id": id, "html": "" })));
    Ok(ops)
}

/// "… está digitando", if this viewer may know.
pub fn typing(look: &Snapshot, scene: &Scene, viewer: &Viewer, sign: &Typing) -> Answer<Option<Value>> {
    if conversation::visible(look, viewer, sign.conversation).is_err() {
        return Ok(None);
    }
    let outside = matches!(viewer, Viewer::Outsider(_));
    let name = match &sign.who {
        Viewer::Staff(_) if outside && sign.internal => return Ok(None),
        Viewer::Staff(staff) => staff.name.clone(),
        Viewer::Outsider(_) => {
            let c = conversation::by_id(look, sign.conversation)?;
            inbox::contact_name(look, &c)?
        }
    };
    let html = stream::typing(scene, layout::first_name(&name)).into_string();
    Ok(Some(json!({ "op": "put", "id": "digitando", "into": TYPING_LINE, "html": html })))
}
