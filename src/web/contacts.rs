//! Contacts: the list, the form, and the page with the whole history (S8, E10).

pub mod picker;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::inbox::{self, actions};
use super::opportunities;
use super::paths;
use super::scene::Scene;
use super::ui::bits::{self, avatar};
use super::ui::form::{self, Form};
use super::ui::icon::icon;
use super::ui::layout::{self, Live, Place};
use crate::domain::contact::{self, Contact, Draft};
use crate::domain::conversation;
use crate::domain::entry::Entry;
use crate::domain::history;
use crate::domain::ids::*;
use crate::domain::opportunity::{self, Opportunity};
use crate::domain::values::phone_shown;
use crate::domain::{Answer, No, Staff, Viewer};
use crate::store::Look;
use crate::words::dates::Said;
use maud::{Markup, html};

/// Rows of the list at most.
const LIST_MAX: usize = 300;
/// Entries of a page of the history.
const HISTORY_PAGE: usize = 80;

/// The list.
pub async fn index(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let typed = ask.query.text("busca").to_owned();
    let found = contact::search(&look, &typed, LIST_MAX)?;
    if ask.fragment() {
        return Ok(answer::html(if found.is_empty() { bits::nothing_found(&scene) } else { rows(&scene, &found) }));
    }
    let w = scene.w;
    let total = contact::count(&look)?;
    let live = Live { address: format!("{}?tela=outra", super::paths::LIVE), seq: look.reached()? };
    let head = html! {
        span.hint.num { (w.contacts_count(total)) }
        a.button.main href=(paths::CONTACT_NEW) data-dialog="" { (icon("plus")) (w.new_contact()) }
    };
    let body = html! {
        form.filters.wide method="get" action=(paths::CONTACTS) role="search" {
            div.search {
                (icon("search"))
                input type="search" name="busca" value=(typed) placeholder=(w.contact_search()) aria-label=(w.contact_search()) data-filter="#contatos" data-search="" autocomplete="off";
            }
            noscript { button.button type="submit" { (w.search()) } }
        }
        div.rows #contatos data-rows="" { (rows(&scene, &found)) }
        div data-empty-for="contatos" hidden[!found.is_empty()] { (bits::empty("people", if typed.is_empty() { w.no_contacts() } else { w.nothing_found() }, None)) }
    };
    let unread = inbox::unread(&look, &ask.who)?;
    Ok(answer::html(layout::office_column(&scene, Place::Contacts, unread, Some(&live), head, w.contacts(), body)))
}

fn rows(scene: &Scene, found: &[Contact]) -> Markup {
    html! {
        @for one in found {
            a.row href=(paths::contact(one.id)) {
                (avatar(&one.name))
                b { (one.name) }
                span.hint.num { (one.phones.first().map_or(String::new(), |phone| phone_shown(phone, scene.home))) }
                p { (one.emails.join(", ")) }
            }
        }
    }
}

/// One contact with the whole history.
pub async fn open(ask: Ask<Staff>) -> Reply {
    let id: ContactId = ask.id()?;
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let w = scene.w;
    let one = contact::by_id(&look, id)?;
    let before = ask.query.number("antes").map(EntryId);
    let entries = history::of_contact(&look, id, before, HISTORY_PAGE)?;
    let older = (entries.len() == HISTORY_PAGE).then(|| entries.first().map(|first| first.id)).flatten();
    let viewer = Viewer::Staff(ask.who.clone());
    let history = history(&look, &scene, &viewer, &ask.who, entries)?;
    let deals = opportunity::of_contact(&look, &ask.who, id)?;
    let live = Live { address: format!("{}?tela=outra", super::paths::LIVE), seq: look.reached()? };
    let head = html! {
        a.button href={ (paths::CONVERSATION_NEW) "?contato=" (id) } data-dialog="" { (icon("chat")) (w.new_conversation()) }
        a.button href={ (paths::OPPORTUNITY_NEW) "?contato=" (id) } data-dialog="" { (icon("deal")) (w.new_opportunity()) }
        a.button href=(paths::contact_edit(id)) data-dialog="" { (icon("edit")) (w.edit_contact()) }
    };
    let body = html! {
        div.contact-page {
            section.card { (facts(&scene, &one)) (deal_links(&scene, &deals)) }
            section.card {
                h2 { (w.history()) a href={ (paths::FIND) "?contato=" (id) } { (w.find_in_history()) } }
                @if history.is_empty() { (bits::empty("clock", w.no_history(), None)) }
                ol.history {
                    @for line in &history { li { @if let Some(to) = &line.to { a href=(to) { (line.text) } } @else { (line.text) } small { (bits::said(&line.when)) } } }
                }
                @if let Some(older) = older { a.button href={ (paths::contact(id)) "?antes=" (older) } { (w.show_older()) } }
            }
        }
    };
    let unread = inbox::unread(&look, &ask.who)?;
    Ok(answer::html(layout::office_column(&scene, Place::Contacts, unread, Some(&live), head, &one.name, body)))
}

struct Line {
    text: String,
    when: Said,
    to: Option<String>,
}

/// Newest first; only what this member of staff may see.
fn history(look: &impl Look, scene: &Scene, viewer: &Viewer, staff: &Staff, entries: Vec<Entry>) -> Answer<Vec<Line>> {
    let mut lines = Vec::new();
    for one in entries.into_iter().rev() {
        let to = match (one.conversation, one.opportunity) {
            (Some(id), _) if conversation::visible_to_staff(look, staff, id).is_ok() => {
                Some(paths::entry_at(&paths::conversation(id), one.id.0))
            }
            (None, Some(id)) if opportunity::visible(look, staff, id).is_ok() => Some(paths::opportunity(id)),
            _ => continue,
        };
        lines.push(Line {
            text: opportunities::line(look, scene, viewer, &one)?,
            when: scene.clock.moment_said(one.at),
            to,
        });
    }
    Ok(lines)
}

fn facts(scene: &Scene, one: &Contact) -> Markup {
    let w = scene.w;
    html! {
        div.contact-head { (avatar(&one.name)) div { b { (one.name) } p.hint { (w.contact_since(&scene.clock.month(one.created_at))) } } }
        dl.facts {
            @for phone in &one.phones { dt { (w.phone()) } dd.num { a href={ "tel:" (phone) } { (phone_shown(phone, scene.home)) } } }
            @for email in &one.emails { dt { (w.email()) } dd { (email) } }
        }
        @if !one.note.is_empty() { p.hint.lines { (one.note) } }
    }
}

fn deal_links(scene: &Scene, deals: &[Opportunity]) -> Markup {
    html! {
        @if !deals.is_empty() {
            h2 { (scene.w.opportunities()) }
            ul.links { @for deal in deals { li { a href=(paths::opportunity(deal.id)) { b.ref { (deal.reference) } " " (deal.title) } } } }
        }
    }
}

/// The form of a new one.
pub async fn new(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let values = Fields::default();
    Ok(actions::in_dialog(
        &ask,
        &scene,
        Place::Contacts,
        scene.w.new_contact(),
        sheet(&scene, None, &Form::new(&scene, &values)),
    ))
}

/// Makes it.
pub async fn create(ask: Ask<Staff>) -> Reply {
    let (staff, draft) = (ask.who.clone(), draft(&ask.fields));
    match ask.write(move |tx| contact::add(tx, &staff, &draft)).await {
        Ok(id) => Ok(ask.go(&paths::contact(id))),
        Err(no) => again(&ask, None, no),
    }
}

/// The form of an existing one.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    let id: ContactId = ask.id()?;
    let one = contact::by_id(&ask.desk.look()?, id)?;
    let scene = ask.scene();
    let phones: Vec<String> = one.phones.iter().map(|phone| phone_shown(phone, scene.home)).collect();
    let values = Fields::default()
        .with("nome", one.name)
        .with("emails", one.emails.join("\n"))
        .with("telefones", phones.join("\n"))
        .with("observacao", one.note);
    Ok(actions::in_dialog(
        &ask,
        &scene,
        Place::Contacts,
        scene.w.edit_contact(),
        sheet(&scene, Some(id), &Form::new(&scene, &values)),
    ))
}

/// Changes it.
pub async fn change(ask: Ask<Staff>) -> Reply {
    let id: ContactId = ask.id()?;
    let (staff, draft) = (ask.who.clone(), draft(&ask.fields));
    match ask.write(move |tx| contact::edit(tx, &staff, id, &draft)).await {
        Ok(()) => Ok(ask.go(&paths::contact(id))),
        Err(no) => again(&ask, Some(id), no),
    }
}

fn draft(fields: &Fields) -> Draft {
    Draft {
        name: fields.text("nome").to_owned(),
        emails: fields.text("emails").to_owned(),
        phones: fields.text("telefones").to_owned(),
        note: fields.text("observacao").to_owned(),
    }
}

fn again(ask: &Ask<Staff>, id: Option<ContactId>, no: No) -> Reply {
    let scene = ask.scene();
    let form = Form::refused(&scene, &ask.fields, no)?;
    Ok(actions::form_again(ask, &scene, Place::Contacts, scene.w.contact(), sheet(&scene, id, &form)))
}

fn sheet(scene: &Scene, id: Option<ContactId>, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let (title, action) = match id {
        Some(id) => (w.edit_contact(), paths::contact(id)),
        None => (w.new_contact(), paths::CONTACTS.to_owned()),
    };
    let body = html! {
        (form.text("nome", w.name()))
        div.two { (form.area("emails", w.emails(), 2, w.one_per_line())) (form.area("telefones", w.phones(), 2, w.one_per_line())) }
        (form.area("observacao", w.remark(), 3, ""))
    };
    form::frame(scene, title, &action, form, body, w.save())
}
