//! Opportunities: the list, the form, and the page with the external chat at its top (E3, E4, E7).

pub mod view;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::inbox::{self, actions};
use super::paths;
use super::scene::Scene;
use super::thread;
use super::ui::form::{self, Form};
use super::ui::layout::{self, Live, Place};
use crate::domain::access::Act;
use crate::domain::conversation::{self, Conversation};
use crate::domain::ids::*;
use crate::domain::opportunity::{self, Draft, Kind, Outcome};
use crate::domain::{Answer, No, Refusal, Staff, Viewer, Why, contact, entry, external_access, user};
use crate::store::Look;
use maud::{Markup, html};
use serde_json::{Value, json};
use view::{Card, Page, Talk};

/// Cards of the list at most.
const LIST_MAX: usize = 100;
/// Entries of the history at most.
const HISTORY_MAX: usize = 60;

/// The list: "Minhas oportunidades, atualizadas recentemente".
pub async fn index(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let mine = ask.query.text("de") != "todas";
    let typed = ask.query.text("busca").to_owned();
    let found = opportunity::list(&look, &ask.who, mine, &typed, LIST_MAX)?;
    let cards = found.iter().map(|one| card(&look, &scene, one)).collect::<Answer<Vec<_>>>()?;
    if ask.fragment() {
        return Ok(answer::html(view::cards(&scene, &cards)));
    }
    let live = Live { address: format!("{}?tela=oportunidades", paths::LIVE), seq: look.reached()? };
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

/// What the open list is told of a changed opportunity: its card where it stands; a new one comes with the next look.
pub fn row_ops(look: &impl Look, scene: &Scene, staff: &Staff, id: OpportunityId) -> Answer<Vec<Value>> {
    let one = match opportunity::visible(look, staff, id) {
        Ok(one) => one,
        Err(No::Refused(_)) => return Ok(vec![json!({ "op": "del", "id": view::card_dom(id) })]),
        Err(no) => return Err(no),
    };
    if one.responsible != staff.id {
        return Ok(Vec::new());
    }
    let html = view::card(scene, &card(look, scene, &one)?).into_string();
    Ok(vec![json!({ "op": "put", "id": view::card_dom(id), "into": "oportunidades", "html": html })])
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
    let chosen =
        wanted.and_then(|wanted| talks.iter().find(|talk| talk.c.id == wanted)).or_else(|| talks.first()).cloned();
    let history = history(look, scene, staff, id)?;
    let documents = match &chosen {
        Some(talk) => inbox::documents(look, scene, &talk.c)?,
        None => Vec::new(),
    };
    Ok(Page { card: card(look, scene, &deal)?, talks, chosen, history, documents })
}

/// The chat on the page: the stream and what stands below it.
fn chat(look: &impl Look, scene: &Scene, staff: &Staff, c: &Conversation) -> Answer<Markup> {
    let viewer = Viewer::Staff(staff.clone());
    let stretch = thread::stretch(look, scene, &viewer, c, None)?;
    let head = inbox::header(look, staff, c)?;
    Ok(html! {
        (super::ui::stream::stream(scene, &stretch, &paths::of_conversation(c.id, "entradas")))
        div #pe { (inbox::view::foot(scene, &head)) }
    })
}

/// E10: what happened on the opportunity, newest first, in a line each.
fn history(look: &impl Look, scene: &Scene, staff: &Staff, id: OpportunityId) -> Answer<Vec<(String, String)>> {
    let viewer = Viewer::Staff(staff.clone());
    let mut lines = Vec::new();
    for one in entry::of_opportunity(look, id, None, HISTORY_MAX)?.into_iter().rev() {
        lines.push((line(look, scene, &viewer, &one)?, scene.clock.moment(one.at)));
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

/// The form of a new one.
pub async fn new(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let values = Fields::default()
        .with("responsavel", ask.who.id.to_string())
        .with("contato", ask.query.text("contato"))
        .with("tipo", "venda");
    let sheet = sheet(&ask, &scene, None, &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.new_opportunity(), sheet))
}

/// Makes it.
pub async fn create(ask: Ask<Staff>) -> Reply {
    let staff = ask.who.clone();
    let made = match read(&ask) {
        Ok((draft, client)) => {
            ask.desk
                .store
                .write(move |tx| {
                    let draft = with_client(tx, &staff, draft, &client)?;
                    opportunity::add(tx, &staff, &draft)
                })
                .await
        }
        Err(no) => Err(no),
    };
    match made {
        Ok(id) => Ok(ask.go(&paths::opportunity(id))),
        Err(no) => again(&ask, None, no),
    }
}

/// The form of an existing one.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let deal = opportunity::visible(&ask.desk.look()?, &ask.who, id)?;
    let scene = ask.scene();
    let values = Fields::default()
        .with("tipo", deal.kind.key())
        .with("titulo", deal.title)
        .with("procura", deal.seeking)
        .with("imovel", deal.property)
        .with("valor", deal.amount.map_or(String::new(), typed_amount))
        .with("contato", deal.contact.to_string())
        .with("responsavel", deal.responsible.to_string());
    let sheet = sheet(&ask, &scene, Some(id), &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.edit(), sheet))
}

/// Changes it.
pub async fn change(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let staff = ask.who.clone();
    let changed = match read(&ask) {
        Ok((draft, client)) => {
            ask.desk
                .store
                .write(move |tx| {
                    let draft = with_client(tx, &staff, draft, &client)?;
                    opportunity::edit(tx, &staff, id, &draft)
                })
                .await
        }
        Err(no) => Err(no),
    };
    match changed {
        Ok(()) => Ok(ask.go(&paths::opportunity(id))),
        Err(no) => again(&ask, Some(id), no),
    }
}

/// E4: a stage, an outcome or the priority.
pub async fn set(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let staff = ask.who.clone();
    let fields = ask.fields.clone();
    ask.desk
        .store
        .write(move |tx| {
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

/// A client who is not among the contacts yet: made in the same write.
struct Client {
    name: String,
    email: String,
    phone: String,
}

fn with_client(tx: &mut crate::store::Tx<'_>, staff: &Staff, draft: Draft, client: &Client) -> Answer<Draft> {
    if draft.contact != ContactId(0) {
        return Ok(draft);
    }
    let contact = contact::Draft {
        name: client.name.clone(),
        emails: client.email.clone(),
        phones: client.phone.clone(),
        note: String::new(),
    };
    let contact = contact::add(tx, staff, &contact).map_err(|no| match no {
        No::Refused(Refusal::Invalid(wrong)) => {
            Refusal::Invalid(wrong.into_iter().map(|(field, why)| (client_field(field), why)).collect()).into()
        }
        other => other,
    })?;
    Ok(Draft { contact, ..draft })
}

fn client_field(field: &'static str) -> &'static str {
    match field {
        "nome" => "cliente_nome",
        "emails" => "cliente_email",
        "telefones" => "cliente_telefone",
        other => other,
    }
}

fn read(ask: &Ask<Staff>) -> Result<(Draft, Client), No> {
    let fields = &ask.fields;
    let mut wrong = Vec::new();
    let kind = Kind::of(fields.text("tipo")).unwrap_or_else(|why| {
        wrong.push(("tipo", why));
        Kind::Sale
    });
    let amount = match fields.text("valor").trim() {
        "" => None,
        typed => cents(typed).map(Some).unwrap_or_else(|| {
            wrong.push(("valor", Why::NotANumber));
            None
        }),
    };
    let responsible = fields.number("responsavel").map_or(ask.who.id, UserId);
    let draft = Draft {
        kind,
        title: fields.text("titulo").to_owned(),
        seeking: fields.text("procura").to_owned(),
        property: fields.text("imovel").to_owned(),
        amount,
        contact: ContactId(fields.number("contato").unwrap_or(0)),
        responsible,
    };
    if draft.title.trim().is_empty() {
        wrong.push(("titulo", Why::Empty));
    }
    let client = Client {
        name: fields.text("cliente_nome").to_owned(),
        email: fields.text("cliente_email").to_owned(),
        phone: fields.text("cliente_telefone").to_owned(),
    };
    if wrong.is_empty() { Ok((draft, client)) } else { Err(Refusal::Invalid(wrong).into()) }
}

/// An amount as people type it: `775.000`, `R$ 775.000,50`, `775 000`.
fn cents(typed: &str) -> Option<u64> {
    let plain: String =
        typed.trim_start_matches("R$").trim_end_matches('€').chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, rest) = match plain.rsplit_once(',') {
        Some((whole, rest)) if rest.len() <= 2 => (whole, format!("{rest:0<2}")),
        Some(_) => return None,
        None => (plain.as_str(), "00".to_owned()),
    };
    let whole: String = whole.chars().filter(|c| *c != '.').collect();
    let whole: u64 = whole.parse().ok().filter(|n| *n < 1_000_000_000_000)?;
    Some(whole * 100 + rest.parse::<u64>().ok()?)
}

fn typed_amount(cents: u64) -> String {
    if cents.is_multiple_of(100) { (cents / 100).to_string() } else { format!("{},{:02}", cents / 100, cents % 100) }
}

fn again(ask: &Ask<Staff>, id: Option<OpportunityId>, no: No) -> Reply {
    let scene = ask.scene();
    let form = Form::refused(&scene, &ask.fields, no)?;
    let sheet = sheet(ask, &scene, id, &form)?;
    Ok(actions::form_again(ask, &scene, Place::Opportunities, scene.w.opportunity(), sheet))
}

fn sheet(ask: &Ask<Staff>, scene: &Scene, id: Option<OpportunityId>, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let mut contacts = vec![(String::new(), w.new_contact_here().to_owned())];
    contacts.extend(contact::search(&look, "", 2_000)?.into_iter().map(|one| (one.id.to_string(), one.name)));
    let people: Vec<(String, String)> =
        user::all(&look)?.into_iter().filter(|user| user.active).map(|user| (user.id.to_string(), user.name)).collect();
    let kinds: Vec<(String, String)> =
        Kind::ALL.into_iter().map(|kind| (kind.key().to_owned(), w.kind(kind).to_owned())).collect();
    let action = id.map_or(paths::OPPORTUNITIES.to_owned(), paths::opportunity);
    let (title, submit) =
        if id.is_some() { (w.edit_opportunity(), w.save()) } else { (w.new_opportunity(), w.create()) };
    Ok(form::frame(
        scene,
        title,
        &action,
        form,
        html! {
            @if id.is_none() { (form.select("tipo", w.kind_label(), &kinds)) } @else { input type="hidden" name="tipo" value=(form.value("tipo")); }
            (form.line("text", "titulo", w.title_label(), "off", w.title_hint()))
            (form.select("contato", w.client(), &contacts))
            @if id.is_none() {
                fieldset.new-contact {
                    legend { (w.new_contact_here()) }
                    div.two { (form.text("cliente_nome", w.name())) (form.line("email", "cliente_email", w.email(), "off", "")) }
                    (form.line("tel", "cliente_telefone", w.phone(), "off", ""))
                }
            }
            (form.area("procura", w.seeking(), 2, ""))
            div.two { (form.text("imovel", w.property())) (form.line("text", "valor", w.amount(), "off", "")) }
            (form.select("responsavel", w.responsible(), &people))
        },
        submit,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (typed, cents_) in [
            ("775.000", 77_500_000),
            ("R$ 775.000,5", 77_500_050),
            ("775 000 €", 77_500_000),
            ("0", 0),
            ("1234,56", 123_456),
        ] {
            assert_eq!(cents(typed), Some(cents_), "{typed}");
        }
        for odd in ["", "abc", "-5", "1,234.5", "99999999999999", "1,2,3"] {
            assert_eq!(cents(odd), None, "{odd}");
        }
        assert_eq!(cents(&typed_amount(77_500_050)), Some(77_500_050));
    }
}
