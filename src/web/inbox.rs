//! The inbox: what waits, what is said, who it is (Q1–Q4, Q8–Q10).

pub mod actions;
pub mod documents;
pub mod side;
pub mod view;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::{Fields, number};
use super::find::within::Within;
use super::paths;
use super::scene::Scene;
use super::thread;
use super::ui::layout::{self, Live, Place};
use crate::domain::conversation::{self, Conversation, State};
use crate::domain::ids::*;
use crate::domain::inbox::{self, Filter};
use crate::domain::{Answer, Staff, Viewer, contact, external_access, opportunity, presence, reason, user};
use crate::store::{Look, Snapshot};
use documents::Documents;
use serde_json::json;
use side::Side;
use view::{Header, List, Row};

/// What the list shows: a tab and what it is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Fila, Abertos or Fechados.
    pub tab: State,
    /// Narrowed to.
    pub filter: Filter,
}

impl Shown {
    /// Reads it from an address.
    pub fn read(query: &Fields, otherwise: State) -> Self {
        let tab = match query.text("aba") {
            "fila" => State::Queued,
            "abertos" => State::Open,
            "fechados" => State::Closed,
            _ => otherwise,
        };
        let channel = query.get("canal").filter(|key| [conversation::PORTAL, conversation::COUNTER].contains(key));
        let filter = Filter {
            name: query.text("nome").trim().chars().take(100).collect(),
            responsible: query.number("atendente").map(UserId),
            department: query.number("setor").map(DepartmentId),
            channel: channel.map(str::to_owned),
        };
        Self { tab, filter }
    }

    /// Writes it into an address: `aba=fila&nome=…`.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("aba", tab_key(self.tab));
        if !self.filter.name.is_empty() {
            query.append_pair("nome", &self.filter.name);
        }
        if let Some(user) = self.filter.responsible {
            query.append_pair("atendente", &user.to_string());
        }
        if let Some(department) = self.filter.department {
            query.append_pair("setor", &department.to_string());
        }
        if let Some(channel) = &self.filter.channel {
            query.append_pair("canal", channel);
        }
        query.finish()
    }
}

/// A tab's key in addresses.
pub fn tab_key(tab: State) -> &'static str {
    match tab {
        State::Bot | State::Queued => "fila",
        State::Open => "abertos",
        State::Closed => "fechados",
    }
}

/// The list without an open conversation.
pub async fn index(ask: Ask<Staff>) -> Reply {
    show(&ask, None, None)
}

/// The list with a conversation open.
pub async fn open(ask: Ask<Staff>) -> Reply {
    let id = ask.id()?;
    let viewer = Viewer::Staff(ask.who.clone());
    let c = conversation::visible(&ask.desk.look()?, &viewer, id)?;
    let within = Within::read(&ask, &viewer, &c, paths::conversation(id)).await?;
    match within.as_ref().and_then(Within::first) {
        Some(first) if !ask.fragment() => Ok(ask.go(&first)),
        _ => show(&ask, Some(id), within.as_ref()),
    }
}

fn show(ask: &Ask<Staff>, id: Option<ConversationId>, within: Option<&Within>) -> Reply {
    let look = ask.desk.look()?;
    let scene = Scene { asked: within.map_or(String::new(), |within| within.asked.clone()), ..ask.scene() };
    let viewer = Viewer::Staff(ask.who.clone());
    // A filtered list's address names the conversation beside it: reloaded, both are there again.
    let beside = ask.query.number("conversa").map(ConversationId).filter(|_| !ask.fragment());
    let id = id.or_else(|| beside.filter(|id| conversation::visible(&look, &viewer, *id).is_ok()));
    let opened = id.map(|id| conversation::visible(&look, &viewer, id)).transpose()?;
    let begin = opened.as_ref().map_or_else(|| first_tab(&look, &ask.who), |c| Ok(c.state))?;
    let shown = Shown::read(&ask.query, begin);
    // A filtered list stands beside the conversation that is open.
    let beside = id.or_else(|| ask.query.number("conversa").map(ConversationId));
    let mut list = list(&look, &scene, &ask.who, &shown, beside, before(&ask.query))?;
    list.handed = handed(&look, &scene, ask.query.text("passada"))?;
    if ask.fragment() && id.is_none() {
        let live = address(&shown, beside);
        let rows =
            if list.rows.is_empty() { super::ui::bits::nothing_found(&scene) } else { view::rows(&scene, &list) };
        let seq = look.reached()?;
        return Ok(answer::filtered(rows, &live, seq));
    }
    let mut live = Live { address: address(&shown, id), seq: look.reached()? };
    let middle = match &opened {
        Some(c) => {
            let stretch = thread::at(&look, &scene, &viewer, c, within.and_then(|within| within.at))?;
            let (head, beside) = (header(&look, &ask.who, c)?, side(&look, &scene, &ask.who, c)?);
            view::thread(&scene, &head, &stretch, &beside, within)
        }
        None => view::nothing_open(&scene, &list),
    };
    live.address.push_str(&paths::marking(&scene.asked));
    let title = opened.as_ref().map_or(Ok(scene.w.conversations().to_owned()), |c| contact_name(&look, c))?;
    let body = view::page(&scene, &list, middle, opened.is_some());
    let unread = unread(&look, &ask.who)?;
    Ok(answer::html(layout::office(&scene, Place::Conversations, unread, &title, Some(&live), body)))
}

fn address(shown: &Shown, id: Option<ConversationId>) -> String {
    let open = id.map_or(String::new(), |id| format!("&conversa={id}"));
    format!("{}?tela=conversas&{}{open}", paths::LIVE, shown.query())
}

/// Whoever comes in sees what waits; where nothing does, what is theirs.
fn first_tab(look: &impl Look, staff: &Staff) -> Answer<State> {
    Ok(if inbox::count(look, staff, State::Queued)? > 0 { State::Queued } else { State::Open })
}

fn before(query: &Fields) -> Option<(i64, ConversationId)> {
    let (at, id) = query.get("antes")?.split_once('-')?;
    Some((at.parse().ok()?, ConversationId(number(id)?)))
}

/// Older entries of a conversation, as changes to the open page; a page of its own without scripts.
pub async fn older(ask: Ask<Staff>) -> Reply {
    let id: ConversationId = ask.id()?;
    let look = ask.desk.look()?;
    let viewer = Viewer::Staff(ask.who.clone());
    let c = conversation::visible(&look, &viewer, id)?;
    let before = ask.query.number("antes");
    older_answer(&look, &ask.scene(), &viewer, &c, before, ask.fragment())
}

/// The same for any viewer.
pub fn older_answer(
    look: &Snapshot,
    scene: &Scene,
    viewer: &Viewer,
    c: &Conversation,
    before: Option<u64>,
    fragment: bool,
) -> Reply {
    let stretch = thread::stretch(look, scene, viewer, c, before)?;
    let address = thread::messages_path(viewer, c).replace("mensagens", "entradas");
    if !fragment {
        let body = view::older_page(scene, &stretch, &address);
        return Ok(answer::html(layout::outside(scene, scene.w.messages(), body)));
    }
    let mut ops = Vec::new();
    for one in &stretch.bubbles {
        if let Some((day, key)) = &one.day {
            let html = super::ui::bubble::day_line(one, day, key).into_string();
            ops.push(
                json!({ "op": "put", "id": super::ui::bubble::day_dom(key), "into": thread::STREAM, "html": html }),
            );
        }
        let html = super::ui::bubble::alone(scene, one).into_string();
        ops.push(json!({ "op": "put", "id": one.dom, "into": thread::STREAM, "html": html }));
    }
    let button = super::ui::stream::older_button(scene, stretch.older, &address).into_string();
    ops.push(json!({ "op": "morph", "id": "anteriores", "html": button }));
    Ok(answer::ops(&ops))
}

/// The list, as data.
pub fn list(
    look: &impl Look,
    scene: &Scene,
    staff: &Staff,
    shown: &Shown,
    open: Option<ConversationId>,
    before: Option<(i64, ConversationId)>,
) -> Answer<List> {
    let found = inbox::page(look, staff, shown.tab, &shown.filter, before)?;
    let more = (found.len() == inbox::PAGE)
        .then(|| found.last().map(|last| format!("{}-{}", last.last_at, last.id)))
        .flatten();
    let mut rows = Vec::with_capacity(found.len());
    for c in &found {
        rows.push(row(look, scene, staff, c, shown, open)?);
    }
    let users = user::all(look)?.into_iter().filter(user::User::is_active).map(|user| (user.id, user.name)).collect();
    let departments =
        reason::departments(look)?.into_iter().filter(|one| one.active).map(|one| (one.id, one.name)).collect();
    Ok(List {
        open_one: open,
        shown: shown.clone(),
        rows,
        more,
        queued: count(look, staff, State::Queued)?,
        open: count(look, staff, State::Open)?,
        users,
        departments,
        handed: None,
    })
}

/// What is said of the conversation that was given away and is out of this viewer's sight: whose it is, and whether they
/// are in (P6).
fn handed(look: &impl Look, scene: &Scene, to: &str) -> Answer<Option<String>> {
    if to == "fila" {
        return Ok(Some(scene.w.handed_back().to_owned()));
    }
    let Some(id) = number(to).map(UserId) else { return Ok(None) };
    let takers = presence::takers(look, scene.now)?;
    let taker = takers.iter().find(|taker| taker.id == id);
    Ok(taker.map(|taker| {
        let out = super::presence::out(scene, taker).map_or(String::new(), |out| format!(" {out}"));
        scene.w.handed_to(&taker.name) + &out
    }))
}

/// How many a tab holds for this viewer.
pub fn count(look: &impl Look, staff: &Staff, tab: State) -> Answer<usize> {
    inbox::count(look, staff, tab)
}

/// One row of the list.
pub fn row(
    look: &impl Look,
    scene: &Scene,
    staff: &Staff,
    c: &Conversation,
    shown: &Shown,
    open: Option<ConversationId>,
) -> Answer<Row> {
    let responsible = match c.responsible {
        Some(id) if id != staff.id => Some(thread::user_name(look, id)?),
        _ => None,
    };
    Ok(Row {
        id: c.id,
        last_at: c.last_at,
        name: contact_name(look, c)?,
        preview: thread::preview(look, scene, &Viewer::Staff(staff.clone()), c)?,
        unread: conversation::unread(look, staff, c)? as usize,
        waiting: c.state == State::Queued,
        responsible,
        reference: reference(look, c)?,
        href: format!("{}?{}", paths::conversation(c.id), shown.query()),
        open: open == Some(c.id),
    })
}

/// The head of a conversation, as data.
pub fn header(look: &impl Look, staff: &Staff, c: &Conversation) -> Answer<Header> {
    let reference = match c.opportunity {
        Some(id) => Some((id, opportunity::by_id(look, id)?)),
        None => None,
    };
    let holder = c.responsible.map(|id| thread::user_name(look, id)).transpose()?;
    Ok(Header {
        id: c.id,
        state: c.state,
        name: contact_name(look, c)?,
        channel: c.channel.clone(),
        deal: reference.map(|(id, deal)| (id, deal.reference, deal.title)),
        mine: c.responsible == Some(staff.id),
        holder,
        read: c.channel == conversation::PORTAL,
        mail: external_access::of_conversation(look, c.id)?.iter().any(|access| access.revoked_at.is_none()),
    })
}

/// What stands beside a conversation, as data.
pub fn side(look: &impl Look, scene: &Scene, staff: &Staff, c: &Conversation) -> Answer<Side> {
    let contact = contact::by_id(look, c.contact)?;
    let deal = match c.opportunity {
        Some(id) => {
            let deal = opportunity::by_id(look, id)?;
            Some((opportunity::sees(staff, &deal), deal))
        }
        None => None,
    };
    let takers = presence::takers(look, scene.now)?;
    let mut reasons: Vec<(ReasonId, String)> = reason::all(look)?
        .into_iter()
        .filter(|one| one.active || c.reason == Some(one.id))
        .map(|one| (one.id, one.name))
        .collect();
    reasons.sort_by_key(|(_, name)| crate::domain::values::fold(name));
    Ok(Side {
        id: c.id,
        state: c.state,
        contact,
        deal,
        begun: scene.clock.moment(c.begun_at),
        channel: c.channel.clone(),
        reason: c.reason,
        responsible: c.responsible,
        department: c.department.map(|id| department_name(look, id)).transpose()?,
        takers,
        reasons,
        documents: Documents::of(look, scene, c, None)?,
    })
}

/// The number beside Conversas: what waits in the queue, and the conversations with something unread for this user.
pub fn unread(look: &impl Look, staff: &Staff) -> Answer<usize> {
    Ok(inbox::count(look, staff, State::Queued)? + conversation::with_unread(look, staff, inbox::COUNT_MAX)?)
}

/// With whom a conversation is.
pub fn contact_name(look: &impl Look, c: &Conversation) -> Answer<String> {
    Ok(contact::by_id(look, c.contact)?.name)
}

fn reference(look: &impl Look, c: &Conversation) -> Answer<Option<String>> {
    Ok(match c.opportunity {
        Some(id) => Some(opportunity::by_id(look, id)?.reference),
        None => None,
    })
}

fn department_name(look: &impl Look, id: DepartmentId) -> Answer<String> {
    Ok(look.get::<reason::Department>(id)?.map_or(String::new(), |one| one.name))
}
