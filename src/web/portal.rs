//! The outsider's side of the external chat (E8): one login, the conversations given to this e-mail, nothing else.

use super::answer::{self, Reply};
use super::ask::Ask;
use super::door;
use super::find::within::{self, Within};
use super::inbox::documents::Documents;
use super::inbox::{self, actions};
use super::paths;
use super::scene::Scene;
use super::thread;
use super::ui::bits::{self, avatar};
use super::ui::composer::{self, Composer};
use super::ui::icon::icon;
use super::ui::layout::{self, Live};
use super::ui::stream;
use crate::domain::conversation::{self, Conversation, State};
use crate::domain::ids::*;
use crate::domain::{Answer, Outsider, Viewer, entry, external_access, opportunity, session};
use crate::store::Look;
use maud::{Markup, html};
use serde_json::{Value, json};

/// Everything this e-mail was given, newest activity first.
fn conversations(look: &impl Look, outsider: &Outsider) -> Answer<Vec<Conversation>> {
    let mut found: Vec<Conversation> = Vec::new();
    for access in external_access::of_outsider(look, outsider)? {
        if !found.iter().any(|c| c.id == access.conversation) {
            found.push(conversation::visible(look, &Viewer::Outsider(outsider.clone()), access.conversation)?);
        }
    }
    found.sort_by_key(|c| std::cmp::Reverse(c.last_at));
    Ok(found)
}

/// The list; somebody with only one conversation is led straight to it.
pub async fn index(ask: Ask<Outsider>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let all = conversations(&look, &ask.who)?;
    if let [only] = all.as_slice()
        && !ask.query.ticked("lista")
    {
        return Ok(ask.go(&paths::portal_conversation(&only.token)));
    }
    let live = Live { address: format!("{}?tela=portal", paths::LIVE), seq: look.reached()? };
    let body = html! {
        main.portal.portal-list #principal tabindex="-1" {
            (portal_head(&scene, &ask.who, &scene.agency, &ask.who.email, (false, None)))
            div.scroll { div #lista data-order="desc" data-rows="" { @for c in &all { (list_row(&look, &scene, &ask.who, c)?) } } }
        }
    };
    Ok(answer::html(layout::portal(&scene, scene.w.conversations(), Some(&live), body)))
}

/// One conversation.
pub async fn open(ask: Ask<Outsider>) -> Reply {
    let viewer = Viewer::Outsider(ask.who.clone());
    let c = conversation::visible_by_token(&ask.desk.look()?, &ask.who, ask.param("token"))?;
    let home = paths::portal_conversation(&c.token);
    let within = Within::read(&ask, &viewer, &c, home.clone()).await?;
    if let Some(first) = within.as_ref().and_then(Within::first).filter(|_| !ask.fragment()) {
        return Ok(ask.go(&first));
    }
    let look = ask.desk.look()?;
    let scene = Scene { asked: within.as_ref().map_or(String::new(), |within| within.asked.clone()), ..ask.scene() };
    let mut live = Live { address: format!("{}?tela=portal&conversa={}", paths::LIVE, c.id), seq: look.reached()? };
    let stretch = thread::at(&look, &scene, &viewer, &c, within.as_ref().and_then(|within| within.at))?;
    live.address.push_str(&paths::marking(&scene.asked));
    let title = title(&look, &scene, &c)?;
    let several = conversations(&look, &ask.who)?.len() > 1;
    let body = html! {
        main.portal.thread #principal tabindex="-1" data-drop="" {
            (portal_head(&scene, &ask.who, &scene.agency, &title, (several, Some(&home))))
            div #documentos-portal { (documents(&look, &scene, &c)?) }
            @if let Some(within) = &within { (within.bar(&scene)) }
            (stream::stream(&scene, &stretch, &paths::of_portal_conversation(&c.token, "entradas"), &home))
            @if stretch.until.is_some() { (within::foot(&scene, &home)) } @else { div #pe { (foot(&scene, &c)) } }
        }
    };
    Ok(answer::html(layout::portal(&scene, &title, Some(&live), body)))
}

/// Says something; the answer is the entry itself.
pub async fn say(ask: Ask<Outsider>) -> Reply {
    let c = conversation::visible_by_token(&ask.desk.look()?, &ask.who, ask.param("token"))?;
    let viewer = Viewer::Outsider(ask.who.clone());
    let (by, what) = (viewer.clone(), conversation::Draft { internal: false, ..actions::draft(&ask.fields) });
    let said = ask.write(move |tx| conversation::say(tx, &by, c.id, &what)).await?;
    if !ask.fragment() {
        return Ok(ask.go(&paths::portal_conversation(&c.token)));
    }
    Ok(answer::html(thread::said(&ask.desk.look()?, &ask.scene(), &viewer, &said)?))
}

/// Older entries; the number in the address counts what the outside sees.
pub async fn older(ask: Ask<Outsider>) -> Reply {
    let look = ask.desk.look()?;
    let c = conversation::visible_by_token(&look, &ask.who, ask.param("token"))?;
    let before = ask.query.number("antes");
    inbox::older_answer(&look, &ask.scene(), &Viewer::Outsider(ask.who.clone()), &c, before, ask.fragment())
}

/// The visitor's language.
pub async fn set_language(ask: Ask<Outsider>) -> Reply {
    if let Ok(language) = crate::domain::values::Language::of(ask.fields.text("idioma")) {
        let id = ask.who.session;
        ask.write(move |tx| session::set_language(tx, id, language)).await?;
    }
    Ok(ask.go("/"))
}

/// Ends every session of this e-mail, this one too.
pub async fn leave_everywhere(ask: Ask<Outsider>) -> Reply {
    let outsider = ask.who.clone();
    ask.write_soft(move |tx| session::leave_everywhere(tx, &outsider)).await?;
    let mut response = ask.go(paths::LOGIN);
    door::set_cookie(&mut response, ask.listener, None, ask.by_tls());
    Ok(response)
}

/// What a conversation is called outside: the opportunity's title, or the day it began. Never a reference of ours.
fn title(look: &impl Look, scene: &Scene, c: &Conversation) -> Answer<String> {
    match c.opportunity {
        Some(id) => Ok(opportunity::by_id(look, id)?.title),
        None => Ok(scene.w.conversation_of(&scene.clock.day(c.begun_at).to_lowercase())),
    }
}

fn portal_head(
    scene: &Scene,
    outsider: &Outsider,
    title: &str,
    below: &str,
    (several, home): (bool, Option<&str>),
) -> Markup {
    let w = scene.w;
    html! {
        header.head {
            @if several { a.icon.back.always href="/conversas?lista=1" data-back="" aria-label=(w.back()) { (icon("back")) } }
            @if scene.logo { img.logo src=(paths::LOGO) alt="" width="38" height="38"; } @else { span.logo aria-hidden="true" { (crate::domain::values::initials(title)) } }
            div.grow { h1 { (title) } p { (below) } }
            @if let Some(home) = home { (within::opener(scene, home)) }
            details.menu data-menu="" {
                summary.icon aria-label=(w.my_menu(&outsider.email)) { (icon("more")) }
                div.menu-list {
                    p.menu-who { b { (outsider.email) } span { (scene.agency) } }
                    form.field data-inline="" method="post" action=(paths::LANGUAGE) {
                        input type="hidden" name="_csrf" value=(scene.csrf);
                        label for="idioma" { (w.language()) }
                        select #idioma name="idioma" data-submit="" {
                            @for language in crate::domain::values::Language::ALL {
                                option value=(language.tag()) lang=(language.tag()) selected[language.tag() == scene.tag()] { (w.language_name(language)) }
                            }
                        }
                        noscript { button.button type="submit" { (w.save()) } }
                    }
                    form method="post" action=(paths::SESSIONS) {
                        input type="hidden" name="_csrf" value=(scene.csrf);
                        button type="submit" { (icon("exit")) (w.leave_everywhere()) }
                    }
                }
            }
            form method="post" action=(paths::LOGOUT) {
                input type="hidden" name="_csrf" value=(scene.csrf);
                button.icon type="submit" aria-label=(w.log_out()) title=(w.log_out()) { (icon("exit")) }
            }
        }
    }
}

fn documents(look: &impl Look, scene: &Scene, c: &Conversation) -> Answer<Markup> {
    let documents = Documents::of(look, scene, c, None)?;
    let count = documents.files.len();
    Ok(html! {
        @if count > 0 {
            details.documents {
                summary { (icon("file")) (scene.w.documents()) " " @if documents.more.is_some() { span.count.quiet { (count) "+" } } @else { (bits::count(count, true)) } (icon("down")) }
                div.document-list { (documents.cards(scene)) }
            }
        }
    })
}

fn foot(scene: &Scene, c: &Conversation) -> Markup {
    let mail = scene.mail_on.then(|| scene.w.send_email());
    let action = paths::of_portal_conversation(&c.token, "mensagens");
    html! {
        @if c.state == State::Closed { p.closed-line { (scene.w.closed_outside()) } }
        (composer::composer(scene, &Composer { action: &action, token: crate::domain::token::name(), notes: false, mail, text: "" }))
    }
}

/// What an open conversation's frame is told.
pub fn frame_ops(look: &impl Look, scene: &Scene, c: &Conversation) -> Answer<Vec<Value>> {
    Ok(vec![
        json!({ "op": "morph", "id": "documentos-portal", "html": documents(look, scene, c)?.into_string() }),
        json!({ "op": "morph", "id": "pe", "html": foot(scene, c).into_string() }),
    ])
}

/// What the open list is told: all of its rows, for there are few.
pub fn list_ops(
    look: &impl Look,
    scene: &Scene,
    outsider: &Outsider,
    open: Option<ConversationId>,
) -> Answer<Vec<Value>> {
    if open.is_some() {
        return Ok(Vec::new());
    }
    let rows = conversations(look, outsider)?;
    let rows = rows.iter().map(|c| list_row(look, scene, outsider, c)).collect::<Answer<Vec<_>>>()?;
    let html = html! { @for row in &rows { (row) } }.into_string();
    Ok(vec![json!({ "op": "morph", "id": "lista", "html": html })])
}

fn list_row(look: &impl Look, scene: &Scene, outsider: &Outsider, c: &Conversation) -> Answer<Markup> {
    let viewer = Viewer::Outsider(outsider.clone());
    let title = title(look, scene, c)?;
    let preview = thread::preview(look, scene, &viewer, c)?;
    let unread = unread(look, c)?;
    Ok(html! {
        a.row.unread[unread] id={ "conversa-" (c.token) } data-k=(c.last_at) href=(paths::portal_conversation(&c.token)) {
            (avatar(&title))
            b { (title) }
            time datetime=(scene.clock.machine(c.last_at)) { (scene.clock.short(c.last_at)) }
            p { (preview) }
            @if unread { span.count { span.unseen { (scene.w.unread()) } } }
        }
    })
}

/// Whether the last message came from inside and was not read.
fn unread(look: &impl Look, c: &Conversation) -> Answer<bool> {
    let last = c.last_message.map(|id| entry::by_id(look, id)).transpose()?.flatten();
    Ok(last.is_some_and(|last| {
        !matches!(last.author, entry::Author::Outsider(_)) && last.outside.is_some_and(|place| place > c.read_outside)
    }))
}
