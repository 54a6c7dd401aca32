//! Sistema → Auditoria: who came in, who opened and shut which door. Read only.

use crate::domain::access::Role;
use crate::domain::audit::{self, Actor, Note};
use crate::domain::ids::AuditId;
use crate::domain::{Answer, Staff};
use crate::store::Look;
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::scene::Scene;
use crate::web::ui::bits;
use crate::web::{paths, thread};
use maud::{Markup, html};

/// The page: newest first, and older ones by the page.
pub async fn show(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let look = ask.desk.look()?;
    let notes = audit::page(&look, &ask.who, ask.query.number("antes").map(AuditId))?;
    let rows = notes.iter().map(|note| row(&look, &scene, note)).collect::<Answer<Vec<_>>>()?;
    let older = notes.last().filter(|last| notes.len() == audit::PAGE && last.id.0 > 1);
    let body = html! {
        p.hint { (scene.w.audit_hint()) }
        ul.names.audit { @for row in &rows { (row) } }
        @if let Some(last) = older { p { a.button href={ (paths::SYSTEM_AUDIT) "?antes=" (last.id) } { (scene.w.show_older()) } } }
    };
    Ok(answer::html(super::page(&ask, &scene, paths::SYSTEM_AUDIT, scene.w.audit(), body)?))
}

/// On whom or what; a role's key at its end in words.
fn about(scene: &Scene, about: &str) -> String {
    match about.rsplit_once(", ").and_then(|(whom, key)| Some((whom, Role::of(key).ok()?))) {
        Some((whom, role)) => format!("{whom}, {}", scene.w.role(role).to_lowercase()),
        None => about.to_owned(),
    }
}

fn row(look: &impl Look, scene: &Scene, note: &Note) -> Answer<Markup> {
    let w = scene.w;
    let who = match &note.actor {
        Actor::Nobody => w.audit_nobody().to_owned(),
        Actor::House => w.audit_house().to_owned(),
        Actor::User(id) => thread::user_name(look, *id)?,
        Actor::Outsider(email) => email.clone(),
    };
    Ok(html! {
        li {
            span.grow {
                b { (w.deed(note.deed, note.done)) }
                @if !note.about.is_empty() { span { (about(scene, &note.about)) } }
                small { (who) @if !note.from.is_empty() { " · " (note.from) } " · " time datetime=(scene.clock.machine(note.at)) { (scene.clock.exact(note.at)) } }
            }
            @if !note.done { (bits::status("bad", w.audit_refused())) }
        }
    })
}
