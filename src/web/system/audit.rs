//! Sistema → Auditoria: who came in, who opened and shut which door. Read only; what is looked for stands in the address.

use crate::domain::access::{Act, Role};
use crate::domain::audit::{self, Actor, Deed, Filter, Kind, Note, Page, Verdict, Whom};
use crate::domain::ids::{AuditId, UserId};
use crate::domain::user::{self, User};
use crate::domain::{Answer, No, Staff};
use crate::store::{Fault, Snapshot};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::csv;
use crate::web::fields::{Fields, number};
use crate::web::paths;
use crate::web::pieces;
use crate::web::proof;
use crate::web::scene::Scene;
use crate::web::ui::bits;
use crate::web::ui::form::Form;
use crate::web::ui::icon::icon;
use crate::words::Words;
use maud::{Markup, html};
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// The fields of the filter, in the address and in the form of the export.
const FIELDS: [&str; 4] = ["quem", "tipo", "de", "ate"];

/// Digits of a hash that are shown: enough for two people on the phone.
const HASH_SHOWN: usize = 16;

/// The page: newest first, and older ones by the page. The first page says whether the chain is whole.
pub async fn show(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::ReadAudit)?;
    let scene = ask.scene();
    let users = user::all(&ask.desk.look()?)?;
    let before = ask.query.number("antes").map(AuditId);
    let (staff, filter) = (ask.who.clone(), filter(&scene, &users, &ask.query));
    let found = looking(&ask, move |look| {
        let page = audit::page(&look, &staff, &filter, before)?;
        let verdict = if before.is_none() { Some((audit::verify(&look)?, audit::last(&look)?)) } else { None };
        Ok((page, verdict))
    });
    let (page, verdict) = found.await?;
    let names = names(&users);
    let body = html! {
        p.hint { (scene.w.audit_hint()) }
        @if let Some((verdict, last)) = verdict { (said(&scene, verdict, last)) }
        (filters(&ask, &scene, &users))
        ul.names.audit { @for note in &page.notes { (row(&scene, &names, note)) } }
        @if page.notes.is_empty() { (bits::empty("search", scene.w.audit_none(), None)) }
        div.audit-foot { (older(&ask, &scene, &page)) (export_form(&ask, &scene)) }
    };
    Ok(answer::html(super::page(&ask, &scene, paths::SYSTEM_AUDIT, scene.w.audit(), body)?))
}

/// A setting or an export in words: `reason Proposta, on`, `presence obligatory`, `role Arquivo: read_audit`.
fn setting(w: Words, about: &str) -> String {
    let (key, rest) = about.split_once([' ', ',']).unwrap_or((about, ""));
    let name = match key {
        "agency" => w.agency(),
        "logo" => w.logo(),
        "mail_server" => w.mail_sending(),
        "external_chat" => w.external_chat(),
        "closing_message" => w.closing_message(),
        "copies" | "backup" => w.copies(),
        "presence" => w.presence_control(),
        "second_factor" => w.second_factor(),
        "reason" => w.reason(),
        "department" => w.department(),
        "role" => w.role_label(),
        "audit" => w.audit(),
        _ => return about.to_owned(),
    };
    let word = |text: &str| match text.trim() {
        "on" => w.setting_on().to_owned(),
        "off" => w.setting_off().to_owned(),
        "obligatory" | "required" => w.setting_obligatory().to_owned(),
        "optional" => w.setting_optional().to_owned(),
        "folder" => w.setting_folder().to_owned(),
        text => text.to_owned(),
    };
    let rest = match (key, rest.split_once(": ")) {
        ("role", Some((role, keys))) => {
            let acts = Act::ALL.into_iter().filter(|act| keys.split(' ').any(|key| key == act.key()));
            format!("{role}: {}", acts.map(|act| w.act(act)).collect::<Vec<_>>().join("; "))
        }
        _ => rest.split(", ").map(word).collect::<Vec<_>>().join(", "),
    };
    if rest.is_empty() { name.to_owned() } else { format!("{name}: {rest}") }
}

/// What fits the filter as a table to take away. The note about it is the first line of the table.
pub async fn export(mut ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::ReadAudit)?;
    if let Err(no) = ask.prove().await {
        return asked(&ask, no);
    }
    let scene = ask.scene();
    let users = user::all(&ask.desk.look()?)?;
    let permit = ask.desk.auditing().await?;
    let by = ask.who.clone();
    ask.write(move |tx| audit::note(tx, &by, Deed::Exported, true, "audit")).await?;
    let (look, staff, filter) = (ask.desk.look()?, ask.who.clone(), filter(&scene, &users, &ask.fields));
    let name = format!("auditoria-{}", scene.clock.date_key(scene.now));
    let taken = Taken { look, staff, filter, names: names(&users), scene };
    let table = pieces::body(move |out| {
        let written = taken.write(out);
        drop(permit);
        written
    });
    Ok(csv::file_of(&name, table))
}

/// The password was not proved lately, or was wrong: asks for it on a page of its own, from which the table then comes.
fn asked(ask: &Ask<Staff>, no: No) -> Reply {
    let scene = ask.scene();
    let refused = Form::refused(&scene, &ask.fields, no)?;
    // The page before had no field for it: whoever is asked for the first time did nothing wrong.
    let form = if ask.fields.ticked(proof::FIELD) { refused } else { Form::new(&scene, &ask.fields) };
    let body = html! {
        form.settings-form method="post" action=(paths::SYSTEM_AUDIT_EXPORT) novalidate {
            (form.head())
            @for name in FIELDS { input type="hidden" name=(name) value=(ask.fields.text(name)); }
            (form.proof())
            div.settings-foot {
                a.button href=(paths::SYSTEM_AUDIT) { (scene.w.audit()) }
                button.button.main type="submit" { (icon("file")) (scene.w.audit_export()) }
            }
        }
    };
    Ok(answer::form_again(super::page(ask, &scene, paths::SYSTEM_AUDIT, scene.w.audit_export(), body)?))
}

/// What an export takes away, and how it is said.
struct Taken {
    look: Snapshot,
    staff: Staff,
    filter: Filter,
    names: HashMap<UserId, String>,
    scene: Scene,
}

impl Taken {
    /// Writes it as a table, line by line, until nobody reads on.
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (scene, w) = (&self.scene, self.scene.w);
        let mut table = csv::Table::new([
            w.csv_number(),
            w.csv_when(),
            w.audit_who(),
            w.csv_from(),
            w.audit_kind(),
            w.csv_done(),
            w.csv_about(),
            w.csv_hash(),
        ]);
        let mut written = Ok(());
        audit::each(&self.look, &self.staff, &self.filter, None, &mut |note| {
            let (number, when) = (note.id.to_string(), scene.clock.machine(note.at));
            let (who, about, hash) = (who(scene, &self.names, &note.actor), about(scene, &note), note.hash());
            let done = if note.done { w.yes() } else { w.no() };
            table.line([&*number, &*when, &*who, &*note.from, w.deed(note.deed, note.done), done, &*about, &*hash]);
            written = out.write_all(table.take().as_bytes());
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .map_err(io::Error::other)?;
        written?;
        out.write_all(table.take().as_bytes())
    }
}

/// Reads away from the threads that serve, and in turn: it looks at every note there is.
async fn looking<T: Send + 'static>(
    ask: &Ask<Staff>,
    read: impl FnOnce(Snapshot) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let (permit, store) = (ask.desk.auditing().await?, ask.desk.store.clone());
    let done = tokio::task::spawn_blocking(move || {
        let read = store.look().map_err(No::from).and_then(read);
        drop(permit);
        read
    });
    done.await.map_err(|_| Fault::Panicked)?
}

/// What the address or the form asks for. A day that is none, and a person who is nobody, narrow nothing.
fn filter(scene: &Scene, users: &[User], fields: &Fields) -> Filter {
    let whom = match fields.text("quem") {
        "fora" => Some(Whom::Outside),
        "ninguem" => Some(Whom::Nobody),
        "casa" => Some(Whom::House),
        id => number(id)
            .and_then(|id| users.iter().find(|user| user.id == UserId(id)))
            .map(|user| Whom::User(user.id, user.email.clone())),
    };
    Filter {
        whom,
        kind: Kind::ALL.into_iter().find(|kind| kind.key() == fields.text("tipo")),
        from: scene.clock.day_start(fields.text("de"), 0),
        until: scene.clock.day_start(fields.text("ate"), 1),
    }
}

/// What the chain says of itself, and what somebody needs who compares it with what they wrote down.
fn said(scene: &Scene, verdict: Verdict, last: Option<(AuditId, String)>) -> Markup {
    match verdict {
        Verdict::Whole(notes) => html! {
            p.saved role="status" { (scene.w.audit_whole(notes)) }
            @if let Some((id, hash)) = last { p.hint { (scene.w.audit_last(id.0, hash.get(..HASH_SHOWN).unwrap_or(&hash))) } }
        },
        Verdict::Broken(id) => html! { p.refusal role="alert" { (scene.w.audit_broken(id.0)) } },
    }
}

fn filters(ask: &Ask<Staff>, scene: &Scene, users: &[User]) -> Markup {
    let w = scene.w;
    let (whom, kind) = (ask.query.text("quem"), ask.query.text("tipo"));
    let others = [("ninguem", w.audit_nobody()), ("fora", w.audit_outside()), ("casa", w.audit_house())];
    let narrow = FIELDS.iter().any(|name| ask.query.ticked(name));
    html! {
        form.filters.wide.audit-filters method="get" action=(paths::SYSTEM_AUDIT) {
            label { span { (w.audit_who()) } select name="quem" {
                option value="" { (w.find_anybody()) }
                @for user in users { @let id = user.id.to_string(); option value=(id) selected[id == whom] { (user.name) } }
                @for (value, label) in others { option value=(value) selected[value == whom] { (label) } }
            } }
            label { span { (w.audit_kind()) } select name="tipo" {
                option value="" { (w.audit_anything()) }
                @for one in Kind::ALL { option value=(one.key()) selected[one.key() == kind] { (w.kind_of_deed(one)) } }
            } }
            label { span { (w.find_from()) } input type="date" name="de" value=(ask.query.text("de")); }
            label { span { (w.find_until()) } input type="date" name="ate" value=(ask.query.text("ate")); }
            button.button type="submit" { (w.audit_filter()) }
            @if narrow { a.button href=(paths::SYSTEM_AUDIT) { (w.audit_no_filter()) } }
        }
    }
}

fn older(ask: &Ask<Staff>, scene: &Scene, page: &Page) -> Markup {
    let Some(last) = page.notes.last().filter(|_| page.more) else { return Markup::default() };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("antes", &last.id.to_string());
    query.extend_pairs(FIELDS.iter().map(|name| (name, ask.query.text(name))).filter(|(_, value)| !value.is_empty()));
    html! { a.button href={ (paths::SYSTEM_AUDIT) "?" (query.finish()) } { (scene.w.show_older()) } }
}

fn export_form(ask: &Ask<Staff>, scene: &Scene) -> Markup {
    html! {
        form method="post" action=(paths::SYSTEM_AUDIT_EXPORT) {
            input type="hidden" name="_csrf" value=(scene.csrf);
            @for name in FIELDS { input type="hidden" name=(name) value=(ask.query.text(name)); }
            button.button type="submit" { (icon("file")) (scene.w.audit_export()) }
        }
    }
}

fn names(users: &[User]) -> HashMap<UserId, String> {
    users.iter().map(|user| (user.id, user.name.clone())).collect()
}

fn who(scene: &Scene, names: &HashMap<UserId, String>, actor: &Actor) -> String {
    match actor {
        Actor::Nobody => scene.w.audit_nobody().to_owned(),
        Actor::House => scene.w.audit_house().to_owned(),
        Actor::User(id) => names.get(id).cloned().unwrap_or_default(),
        Actor::Outsider(email) => email.clone(),
    }
}

/// On whom or what. What verbs about users write as keys behind the first comma is said in words.
fn about(scene: &Scene, note: &Note) -> String {
    if matches!(note.deed, Deed::SettingsChanged | Deed::Exported) {
        return setting(scene.w, &note.about);
    }
    let Some((whom, keys)) = note.about.split_once(", ").filter(|_| note.deed.kind() == Kind::People) else {
        return note.about.clone();
    };
    keys.split(", ").fold(whom.to_owned(), |said, key| format!("{said}, {}", in_words(scene, key)))
}

fn in_words(scene: &Scene, key: &str) -> String {
    let w = scene.w;
    if let Ok(role) = Role::of(key) {
        return w.role(role).to_lowercase();
    }
    let to = |to: &str| if to == "queue" { w.queue().to_lowercase() } else { to.to_owned() };
    match key.splitn(3, ' ').collect::<Vec<_>>()[..] {
        ["mail"] => w.audit_by_mail().to_owned(),
        ["paper"] => w.audit_by_paper().to_owned(),
        ["conversations", count, whom] => w.audit_conversations(count, &to(whom)),
        ["own", id, name] => w.audit_own_role(id, name),
        ["was", email] => w.audit_was(email),
        ["departments", "all"] => w.audit_all_departments().to_owned(),
        ["departments", ..] => w.audit_departments(key.trim_start_matches("departments ")),
        ["opportunities", count, whom] => w.audit_opportunities(count, whom),
        _ => key.to_owned(),
    }
}

fn row(scene: &Scene, names: &HashMap<UserId, String>, note: &Note) -> Markup {
    let w = scene.w;
    html! {
        li {
            span.grow {
                b { (w.deed(note.deed, note.done)) }
                @if !note.about.is_empty() { span { (about(scene, note)) } }
                small { (who(scene, names, &note.actor)) @if !note.from.is_empty() { " · " (note.from) } " · " time datetime=(scene.clock.machine(note.at)) { (scene.clock.precise(note.at)) } }
            }
            @if !note.done { (bits::status("bad", w.audit_refused())) }
        }
    }
}
