//! Users: who works here (R7, as far as the first story needs it).

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::inbox::actions;
use super::paths;
use super::scene::Scene;
use super::system;
use super::ui::bits::{self, avatar};
use super::ui::form::{self, Form};
use super::ui::icon::icon;
use super::ui::layout::Place;
use crate::domain::access::{Act, Role};
use crate::domain::ids::*;
use crate::domain::session::{self, Session};
use crate::domain::user::{self, NewUser};
use crate::domain::{Answer, No, Refusal, Staff, password};
use maud::{Markup, html};

/// Everybody.
pub async fn index(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::RunTheSystem)?;
    let scene = ask.scene();
    let w = scene.w;
    let all = user::all(&ask.desk.look()?)?;
    let body = html! {
        div.list-tools { a.button.main href=(paths::USER_NEW) data-dialog="" { (icon("plus")) (w.new_user()) } }
        div.rows {
            @for one in &all {
                a.row.off[!one.active] href=(paths::user(one.id)) data-dialog="" {
                    (avatar(&one.name))
                    b { (one.name) }
                    @if one.active { span.hint { (w.role(one.role)) } } @else { (bits::status("bad", w.switched_off())) }
                    p { (one.email) " · " @match one.last_login_at { Some(at) => (w.last_login(&scene.clock.moment(at))), None => (w.never_logged_in()) } }
                }
            }
        }
    };
    Ok(answer::html(system::page(&ask, &scene, paths::USERS, w.users(), body)?))
}

/// The form of a new one.
pub async fn new(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::RunTheSystem)?;
    let scene = ask.scene();
    let values = Fields::default().with("papel", Role::Broker.key());
    Ok(actions::in_dialog(
        &ask,
        &scene,
        Place::System,
        scene.w.new_user(),
        new_sheet(&scene, &Form::new(&scene, &values)),
    ))
}

/// Makes it.
pub async fn create(mut ask: Ask<Staff>) -> Reply {
    match try_create(&mut ask).await {
        Ok(()) => Ok(ask.go(&format!("{}?salvo=sim", paths::USERS))),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.new_user(), new_sheet(&scene, &form)))
        }
    }
}

async fn try_create(ask: &mut Ask<Staff>) -> Answer<()> {
    ask.who.must(Act::RunTheSystem)?;
    let fields = &ask.fields;
    let (name, email, typed) =
        (fields.text("nome").to_owned(), fields.text("email").to_owned(), fields.text("senha").to_owned());
    let mut wrong = Vec::new();
    if name.trim().is_empty() {
        wrong.push(("nome", crate::domain::Why::Empty));
    }
    if let Err(why) = crate::domain::values::email(&email) {
        wrong.push(("email", why));
    }
    if let Err(why) = password::check(&typed, password::STAFF_CHARS_MIN, &[&name, &email, &ask.agency.name]) {
        wrong.push(("senha", why));
    }
    if !wrong.is_empty() {
        return Err(Refusal::Invalid(wrong).into());
    }
    let role = Role::of(fields.text("papel")).map_err(|why| Refusal::Invalid(vec![("papel", why)]))?;
    ask.prove().await?;
    let hashed = ask.desk.hash(typed, None).await?;
    let (staff, new) = (ask.who.clone(), NewUser { name, email, role, password: hashed });
    ask.desk.store.write(move |tx| user::add(tx, &staff, &new)).await.map(|_| ())
}

fn roles(scene: &Scene) -> Vec<(String, String)> {
    Role::ALL.into_iter().map(|role| (role.key().to_owned(), scene.w.role(role).to_owned())).collect()
}

fn new_sheet(scene: &Scene, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! {
        (form.text("nome", w.name()))
        div.two { (form.line("email", "email", w.email(), "off", "")) (form.select("papel", w.role_label(), &roles(scene))) }
        (form.password("senha", w.password(), "off", true, &w.password_hint(password::STAFF_CHARS_MIN)))
        p.hint { (w.tell_password()) }
        (form.proof())
    };
    form::frame(scene, w.new_user(), paths::USERS, form, body, w.create())
}

/// The form of an existing one.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::RunTheSystem)?;
    let id: UserId = ask.id()?;
    let one = user::by_id(&ask.desk.look()?, id)?.ok_or(Refusal::NotFound)?;
    let scene = ask.scene();
    let values = Fields::default().with("nome", one.name).with("email", one.email).with("papel", one.role.key());
    let values = if one.active { values.with("ativo", "sim") } else { values };
    let sheet = edit_sheet(&scene, id, &Form::new(&scene, &values), &sessions(&ask, id)?);
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.user(), sheet))
}

/// Changes it.
pub async fn change(mut ask: Ask<Staff>) -> Reply {
    let id: UserId = ask.id()?;
    match try_change(&mut ask, id).await {
        Ok(()) => Ok(ask.go(&format!("{}?salvo=sim", paths::USERS))),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = edit_sheet(&scene, id, &form, &sessions(&ask, id)?);
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.user(), sheet))
        }
    }
}

async fn try_change(ask: &mut Ask<Staff>, id: UserId) -> Answer<()> {
    ask.who.must(Act::RunTheSystem)?;
    let role = Role::of(ask.fields.text("papel")).map_err(|why| Refusal::Invalid(vec![("papel", why)]))?;
    ask.prove().await?;
    let (staff, fields) = (ask.who.clone(), ask.fields.clone());
    let done = ask.desk.store.write(move |tx| {
        user::edit(tx, &staff, id, fields.text("nome"), fields.text("email"), role, fields.ticked("ativo"))
    });
    done.await
}

fn sessions(ask: &Ask<Staff>, id: UserId) -> Answer<Vec<Session>> {
    session::of_user(&ask.desk.look()?, &ask.who, id, ask.desk.store.now())
}

fn edit_sheet(scene: &Scene, id: UserId, form: &Form<'_>, sessions: &[Session]) -> Markup {
    let w = scene.w;
    let body = html! {
        (form.text("nome", w.name()))
        div.two { (form.line("email", "email", w.email(), "off", "")) (form.select("papel", w.role_label(), &roles(scene))) }
        (form.tick("ativo", w.may_log_in(), None))
        (form.proof())
        @if !sessions.is_empty() { p { a href=(paths::user_sessions(id)) data-dialog="" { (icon("screen")) " " (w.sessions()) " (" (sessions.len()) ")" } } }
        p { a href=(paths::user_password(id)) data-dialog="" { (icon("key")) " " (w.new_password()) } }
    };
    form::frame(scene, w.user(), &paths::user(id), form, body, w.save())
}

/// The form of a new password for somebody.
pub async fn password_form(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::RunTheSystem)?;
    let id: UserId = ask.id()?;
    user::by_id(&ask.desk.look()?, id)?.ok_or(Refusal::NotFound)?;
    let scene = ask.scene();
    let values = Fields::default();
    Ok(actions::in_dialog(
        &ask,
        &scene,
        Place::System,
        scene.w.new_password(),
        password_sheet(&scene, id, &Form::new(&scene, &values)),
    ))
}

/// Sets it; that user's sessions end.
pub async fn set_password(mut ask: Ask<Staff>) -> Reply {
    let id: UserId = ask.id()?;
    match try_set_password(&mut ask, id).await {
        Ok(()) => Ok(ask.go(&format!("{}?salvo=sim", paths::USERS))),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(actions::form_again(
                &ask,
                &scene,
                Place::System,
                scene.w.new_password(),
                password_sheet(&scene, id, &form),
            ))
        }
    }
}

async fn try_set_password(ask: &mut Ask<Staff>, id: UserId) -> Result<(), No> {
    ask.who.must(Act::RunTheSystem)?;
    let one = user::by_id(&ask.desk.look()?, id)?.ok_or(Refusal::NotFound)?;
    let typed = ask.fields.text("senha").to_owned();
    password::check(&typed, password::STAFF_CHARS_MIN, &[&one.name, &one.email])
        .map_err(|why| Refusal::Invalid(vec![("senha", why)]))?;
    ask.prove().await?;
    let hashed = ask.desk.hash(typed, None).await?;
    let staff = ask.who.clone();
    ask.desk.store.write(move |tx| user::set_password(tx, &staff, id, hashed)).await
}

fn password_sheet(scene: &Scene, id: UserId, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! {
        (form.password("senha", w.password(), "off", true, &w.password_hint(password::STAFF_CHARS_MIN)))
        p.hint { (w.tell_password()) }
        (form.proof())
    };
    form::frame(scene, w.new_password(), &paths::user_password(id), form, body, w.save())
}
