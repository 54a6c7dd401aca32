//! Opportunities: the list, the form, and the page with the external chat at its top (E3, E4, E7).

pub mod form;
pub mod view;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::{Fields, number};
use super::inbox::{self, documents::Documents};
use super::paths;
use super::scene::Scene;
use super::thread;
use super::ui::layout::{self, Live, Place};
use crate::domain::access::Act;
use crate::domain::conversation::{self, Conversation};
use crate::domain::ids::*;
use crate::domain::opportunity::{self, Outcome};
use crate::domain::{Answer, No, Refusal, Staff, Viewer, Why, contact, entry, external_access, history};
use crate::store::Look;
use crate::words::dates::Said;
use maud::{Markup, html};
use serde_json::{Value, json};
use view::{Card, Page, Talk};

/// Entries of the history at most.
const HISTORY_MAX: usize = 60;

/// What the list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Only one's own.
    pub mine: bool,
    /// What was typed.
    pub typed: String,
}

impl Listed {
    /// Reads it from an address.
    pub fn read(query: &Fields) -> Self {
        Self { mine: query.text("de") != "todas", typed: query.text("busca").trim().chars().take(100).collect() }
    }

    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("de", if self.mine { "minhas" } else { "todas" });
        query.append_pair("busca", &self.typed).finish()
    }

    fn address(&self) -> String {
        format!("{}?tela=oportunidades&{}", paths::LIVE, self.query())
    }
}

fn before(query: &Fields) -> Option<(i64, OpportunityId)> {
    let (at, id) = query.get("antes")?.split_once('-')?;
    Some((at.parse().ok()?, OpportunityId(number(id)?)))
}

/// The list: "Minhas oportunidades, atualizadas recentemente".
pub async fn index(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let listed = Listed::read(&ask.query);
    let found = opportunity::page(&look, &ask.who, listed.mine, &listed.typed, before(&ask.query))?;
    let last = found.last().filter(|_| found.len() == opportunity::PAGE);
    let more =
        last.map(|last| format!("{}?{}&antes={}-{}", paths::OPPORTUNITIES, listed.query(), last.updated_at, last.id));
    let cards = found.iter().map(|one| card(&look, &scene, one)).collect::<Answer<Vec<_>>>()?;
    let cards = view::Cards { cards, more };
    let live = Live { address: listed.address(), seq: look.reached()? };
    if ask.fragment() {
        let nothing = cards.cards.is_empty();
        let drawn = if nothing { super::ui::bits::nothing_found(&scene) } else { view::cards(&scene, &cards) };
        return Ok(answer::filtered(drawn, &live.address, live.seq));
    }
    let Listed { mine, typed } = listed;
    let unread = inbox::unread(&look, &ask.who)?;
    let everything = ask.who.may(Act::SeeEverything);
    let head = view::list_head(&scene);
    let body = view::list(&scene, &cards, mine, everything, &typed);
    Ok(answer::html(layout::office_column(
        &scene,
        Place::Opportunities,
        unread,
        Some(&live),
        head,
        scene.w.opportunities(),
        body,
    )))
}

/// What the open list is told of a changed opportunity: its card where it belongs, or that it is gone. Who neither sees
/// it nor had it before is told nothing.
pub fn row_ops(
    look: &impl Look,
    scene: &Scene,
    staff: &Staff,
    listed: &Listed,
    id: OpportunityId,
    was_theirs: bool,
) -> Answer<Option<Value>> {
    let dom = view::card_dom(id);
    let one = match opportunity::visible(look, staff, id) {
        Ok(one) => one,
        Err(No::Refused(_)) => return Ok(was_theirs.then(|| json!({ "op": "del", "id": dom }))),
        Err(no) => return Err(no),
    };
    if !opportunity::listed(look, staff, &one, listed.mine, &listed.typed)? {
        return Ok(Some(json!({ "op": "del", "id": dom })));
    }
    let html = view::card(scene, &card(look, scene, &one)?).into_string();
    Ok(Some(json!({ "op": "put", "id": dom, "into": "oportunidades", "html": html })))
}

fn card(look: &impl Look, _scene: &Scene, one: &opportunity::Opportunity) -> Answer<Card> {
    Ok(Card {
        deal: one.clone(),
        contact: contact::by_id(look, one.contact)?,
        responsible: thread::user_name(look, one.responsible)?,
    })
}

/// One opportunity.
pub async fn open(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let wanted = ask.query.number("conversa").map(ConversationId);
    let page = page(&look, &scene, &ask.who, id, wanted)?;
    let chosen = page.chosen.as_ref().map(|talk| talk.c.id);
    let open = chosen.map_or(String::new(), |id| format!("&conversa={id}"));
    let live =
        Live { address: format!("{}?tela=oportunidade&oportunidade={id}{open}", paths::LIVE), seq: look.reached()? };
    let unread = inbox::unread(&look, &ask.who)?;
    let title = page.card.deal.reference.clone();
    let middle = match &page.chosen {
        Some(talk) => Some(chat(&look, &scene, &ask.who, &talk.c)?),
        None => None,
    };
    let body = view::page(&scene, &page, middle);
    Ok(answer::html(layout::office(&scene, Place::Opportunities, unread, &title, Some(&live), body)))
}

fn page(
    look: &impl Look,
    scene: &Scene,
    staff: &Staff,
    id: OpportunityId,
    wanted: Option<ConversationId>,
) -> Answer<Page> {
    let deal = opportunity::visible(look, staff, id)?;
    let accesses = external_access::of_opportunity(look, staff, id)?;
    let mut talks = Vec::new();
    for c in conversation::of_opportunity(look, id)? {
        let revoked =
            accesses.iter().filter(|access| access.conversation == c.id).all(|access| access.revoked_at.is_some());
        let email = accesses
            .iter()
            .find(|access| access.conversation == c.id)
            .map_or(String::new(), |access| access.email.clone());
        let unread = conversation::unread(look, staff, &c)?;
        talks.push(Talk { name: inbox::contact_name(look, &c)?, c, email, revoked, unread });
    }
    talks.sort_by_key(|talk| std::cmp::Reverse(talk.c.last_at));
    let chosen =
        wanted.and_then(|wanted| talks.iter().find(|talk| talk.c.id == wanted)).or_else(|| talks.first()).cloned();
    let history = history(look, scene, staff, id)?;
    let documents = match &chosen {
        Some(talk) => Documents::of(look, scene, &talk.c, None)?,
        None => Documents::default(),
    };
    Ok(Page { card: card(look, scene, &deal)?, talks, chosen, history, documents })
}

/// The chat on the page: the stream and what stands below it.
fn chat(look: &impl Look, scene: &Scene, staff: &Staff, c: &Conversation) -> Answer<Markup> {
    let viewer = Viewer::Staff(staff.clone());
    let stretch = thread::stretch(look, scene, &viewer, c, None)?;
    let head = inbox::header(look, staff, c)?;
    Ok(html! {
        (super::ui::stream::stream(scene, &stretch, &paths::of_conversation(c.id, "entradas"), &paths::conversation(c.id)))
        div #pe { (inbox::view::foot(scene, &head)) }
    })
}

/// E10: what happened on the opportunity, newest first, in a line each.
fn history(look: &impl Look, scene: &Scene, staff: &Staff, id: OpportunityId) -> Answer<Vec<(String, Said)>> {
    let viewer = Viewer::Staff(staff.clone());
    let mut lines = Vec::new();
    for one in history::of_opportunity(look, id, None, HISTORY_MAX)?.into_iter().rev() {
        lines.push((line(look, scene, &viewer, &one)?, scene.clock.moment_said(one.at)));
    }
    Ok(lines)
}

/// An entry in one line, with who said it.
pub fn line(look: &impl Look, scene: &Scene, viewer: &Viewer, one: &entry::Entry) -> Answer<String> {
    let text = thread::happened(look, scene, viewer, one)?;
    let short: String = text.lines().next().unwrap_or_default().chars().take(160).collect();
    Ok(match &one.body {
        entry::Body::Message { files, .. } | entry::Body::Note { files, .. } => {
            let who = thread::author_name(look, scene, one.author, one.contact)?;
            let short = if short.is_empty() { scene.w.files_sent(files.len()) } else { short };
            let label = if matches!(one.body, entry::Body::Note { .. }) { scene.w.note_of(&who) } else { who };
            format!("{label}: {short}")
        }
        _ => short,
    })
}

/// What the open page is told when something on it changed.
pub fn page_ops(
    look: &impl Look,
    scene: &Scene,
    staff: &Staff,
    id: OpportunityId,
    open: Option<ConversationId>,
) -> Answer<Vec<Value>> {
    let page = match page(look, scene, staff, id, open) {
        Ok(page) => page,
        Err(No::Refused(_)) => return Ok(vec![json!({ "op": "end", "to": paths::OPPORTUNITIES })]),
        Err(no) => return Err(no),
    };
    if page.chosen.is_some() && open.is_none() {
        // The first access was just created: the page gets a chat, which is another page.
        return Ok(vec![json!({ "op": "reload" })]);
    }
    Ok(vec![
        json!({ "op": "morph", "id": "ficha-oportunidade", "html": view::summary(scene, &page).into_string() }),
        json!({ "op": "morph", "id": "conversas-oportunidade", "html": view::talks(scene, &page).into_string() }),
        json!({ "op": "morph", "id": "lado-oportunidade", "html": view::beside(scene, &page).into_string() }),
    ])
}

/// E4: a stage, an outcome or the priority.
pub async fn set(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let staff = ask.who.clone();
    let fields = ask.fields.clone();
    ask.write(move |tx| {
        if let Some(stage) = fields.get("etapa") {
            let stage = stage.parse().map_err(|_| Refusal::Invalid(vec![("etapa", Why::NotAChoice)]))?;
            opportunity::set_stage(tx, &staff, id, stage)?;
        }
        match fields.text("desfecho") {
            "ganha" => opportunity::set_outcome(tx, &staff, id, Outcome::Won)?,
            "perdida" => opportunity::set_outcome(tx, &staff, id, Outcome::Lost)?,
            "aberta" => opportunity::set_outcome(tx, &staff, id, Outcome::Open)?,
            _ => {}
        }
        match fields.text("prioridade") {
            "alta" => opportunity::set_priority(tx, &staff, id, true),
            "baixa" => opportunity::set_priority(tx, &staff, id, false),
            _ => Ok(()),
        }
    })
    .await?;
    if ask.fragment() { Ok(answer::ops(&[])) } else { Ok(ask.go(&paths::opportunity(id))) }
}
