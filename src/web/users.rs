//! Users: who works here, who is invited, who was switched off (R7).

pub mod links;
pub mod off;
mod view;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::{Fields, number};
use super::inbox::actions;
use super::paths;
use super::scene::Scene;
use super::system;
use super::ui::bits;
use super::ui::form::{Form, Way};
use super::ui::icon::icon;
use super::ui::layout::{Live, Place};
use crate::domain::access::{Act, Role};
use crate::domain::ids::*;
use crate::domain::invitation;
use crate::domain::user::{self, Duty, NewUser, State};
use crate::domain::values::fold;
use crate::domain::{Answer, No, Refusal, Staff, Why, password};
use crate::store::Look;
use maud::html;
use serde_json::{Value, json};

/// Before the number of a role of the agency's own, in forms.
const OWN: &str = "proprio-";

/// What the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// What was typed.
    typed: String,
    /// The state that was chosen, if it is one.
    state: Option<State>,
}

impl Listed {
    /// Reads it from an address.
    pub fn read(query: &Fields) -> Self {
        let state = State::ALL.into_iter().find(|state| state.key() == query.text("estado"));
        Self { typed: query.text("busca").trim().chars().take(user::NAME_CHARS_MAX).collect(), state }
    }

    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("tela", "usuarios").append_pair("estado", self.state.map_or("", State::key));
        format!("{}?{}", paths::LIVE, query.append_pair("busca", &self.typed).finish())
    }

    /// Whether a user fits what was typed, in name, e-mail and role, and the state that was chosen.
    fn holds(&self, one: &user::User, role: &str) -> bool {
        let typed = fold(&self.typed);
        let texts = [fold(&one.name), one.email.clone(), fold(role)];
        self.state.is_none_or(|state| one.state() == state) && texts.iter().any(|text| text.contains(&typed))
    }
}

/// Everybody who fits what was typed and chosen.
pub async fn index(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::ManageUsers)?;
    let scene = ask.scene();
    let w = scene.w;
    let look = ask.desk.look()?;
    let listed = Listed::read(&ask.query);
    let rows = view::rows(&look, &scene, &ask.who, &listed)?;
    let found = view::list(&scene, &rows);
    let live = Live { address: listed.address(), seq: look.reached()? };
    if ask.fragment() {
        let drawn = if rows.is_empty() { bits::nothing_found(&scene) } else { found };
        return Ok(answer::filtered(drawn, &live.address, live.seq));
    }
    let alone = rows.len() == 1 && listed == Listed::default();
    let body = html! {
        @if let Some(told) = off::told(&look, &scene, &ask.query)? { (told) }
        div.list-tools { a.button.main href=(paths::USER_NEW) data-dialog="" { (icon("plus")) (w.new_user()) } }
        (view::filters(&ask, &scene))
        div.rows.people #usuarios data-rows="" { (found) }
        div data-empty-for="usuarios" hidden[!rows.is_empty()] { (bits::empty("people", w.nothing_found(), None)) }
        @if alone { p.hint { (w.only_user()) } }
    };
    Ok(answer::html(system::live_page(&ask, &scene, (paths::USERS, &live), w.users(), body)?))
}

/// The open list is told: it is drawn anew, or nothing for whoever may no longer see it.
pub fn list_op(look: &impl Look, scene: &Scene, staff: &Staff, listed: &Listed) -> Answer<Option<Value>> {
    if !staff.may(Act::ManageUsers) {
        return Ok(None);
    }
    let html = view::list(scene, &view::rows(look, scene, staff, listed)?).into_string();
    Ok(Some(json!({ "op": "morph", "id": "usuarios", "html": html })))
}

/// Back to the list, at an address of its own each time: the list was open behind the dialog, and is drawn anew.
fn saved(ask: &Ask<Staff>) -> Reply {
    let now = ask.desk.look()?.reached()?;
    Ok(ask.go(&format!("{}?salvo={now}", paths::USERS)))
}

/// The form of a new one.
pub async fn new(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::ManageUsers)?;
    let scene = ask.scene();
    let way = if scene.mail_on { "email" } else { "papel" };
    let values = Fields::default().with("papel", Role::Broker.key()).with("como", way);
    let sheet = view::new_sheet(&ask, &scene, &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.new_user(), sheet))
}

/// Makes it, and the invitation with it; one to be printed is shown once.
pub async fn create(mut ask: Ask<Staff>) -> Reply {
    match try_create(&mut ask).await {
        Ok((id, Some(secret))) => links::handed_over(&ask, id, &secret),
        Ok((_, None)) => saved(&ask),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = view::new_sheet(&ask, &scene, &form)?;
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.new_user(), sheet))
        }
    }
}

async fn try_create(ask: &mut Ask<Staff>) -> Answer<(UserId, Option<String>)> {
    ask.who.must(Act::ManageUsers)?;
    let fields = &ask.fields;
    let (name, email, typed) =
        (fields.text("nome").to_owned(), fields.text("email").to_owned(), fields.text("senha").to_owned());
    let way = links::way(fields.get("como").unwrap_or("senha"));
    let mut wrong = Vec::new();
    if name.trim().is_empty() {
        wrong.push(("nome", Why::Empty));
    }
    if let Err(why) = crate::domain::values::email(&email) {
        wrong.push(("email", why));
    }
    if way.is_none()
        && let Err(why) = password::check(&typed, password::STAFF_CHARS_MIN, &[&name, &email, &ask.agency.name])
    {
        wrong.push(("senha", why));
    }
    if !wrong.is_empty() {
        return Err(Refusal::Invalid(wrong).into());
    }
    let duty = duty(fields)?;
    ask.prove().await?;
    let password = if way.is_none() { Some(ask.desk.hash(typed, None).await?) } else { None };
    let (staff, new) = (ask.who.clone(), NewUser { name, email, duty, password });
    let made = ask.write(move |tx| {
        let id = user::add(tx, &staff, &new)?;
        let secret = way.map(|way| invitation::make(tx, &staff, id, way)).transpose()?;
        Ok::<_, No>((id, secret.flatten()))
    });
    made.await
}

/// What the form says they do here: a role, and the queues they see.
fn duty(fields: &Fields) -> Answer<Duty> {
    let chosen = fields.text("papel");
    let own_role = chosen.strip_prefix(OWN).and_then(number).map(RoleId);
    let role = match own_role {
        Some(_) => Role::Broker,
        None => Role::of(chosen).map_err(|why| Refusal::Invalid(vec![("papel", why)]))?,
    };
    let departments = fields.all("setores").iter().filter_map(|id| number(id)).map(DepartmentId).collect();
    Ok(Duty { role, own_role, departments })
}

/// A user's role as the form names it.
fn role_key(one: &user::User) -> String {
    one.own_role.map_or(one.role.key().to_owned(), |own| format!("{OWN}{own}"))
}

/// The form of an existing one.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    let one = known(&ask)?;
    let scene = ask.scene();
    let values = Fields::default().with("nome", &*one.name).with("email", &*one.email).with("papel", role_key(&one));
    let sheet = view::edit_sheet(&ask, &scene, &one, &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.user(), sheet))
}

/// The user of the route, for whoever may change them.
fn known(ask: &Ask<Staff>) -> Answer<user::User> {
    user::managed(&ask.desk.look()?, &ask.who, ask.id()?)
}

/// The same, where it is not oneself.
fn another(ask: &Ask<Staff>) -> Answer<user::User> {
    user::another(&ask.desk.look()?, &ask.who, ask.id()?)
}

/// Changes it.
pub async fn change(mut ask: Ask<Staff>) -> Reply {
    let one = known(&ask)?;
    match try_change(&mut ask, one.id).await {
        Ok(()) => saved(&ask),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = view::edit_sheet(&ask, &scene, &one, &form)?;
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.user(), sheet))
        }
    }
}

async fn try_change(ask: &mut Ask<Staff>, id: UserId) -> Answer<()> {
    let duty = duty(&ask.fields)?;
    ask.prove().await?;
    let (staff, fields) = (ask.who.clone(), ask.fields.clone());
    let done = ask.write(move |tx| user::edit(tx, &staff, id, fields.text("nome"), fields.text("email"), &duty));
    done.await
}

/// The form of a new password for somebody.
pub async fn password_form(ask: Ask<Staff>) -> Reply {
    let one = another(&ask)?;
    let scene = ask.scene();
    let values = Fields::default();
    let sheet = view::password_sheet(&scene, one.id, &Form::new(&scene, &values));
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.new_password(), sheet))
}

/// Sets it; that user's sessions end.
pub async fn set_password(mut ask: Ask<Staff>) -> Reply {
    let one = another(&ask)?;
    match try_set_password(&mut ask, &one).await {
        Ok(()) => saved(&ask),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = view::password_sheet(&scene, one.id, &form);
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.new_password(), sheet))
        }
    }
}

async fn try_set_password(ask: &mut Ask<Staff>, one: &user::User) -> Answer<()> {
    let typed = ask.fields.text("senha").to_owned();
    password::check(&typed, password::STAFF_CHARS_MIN, &[&one.name, &one.email])
        .map_err(|why| Refusal::Invalid(vec![("senha", why)]))?;
    ask.prove().await?;
    let hashed = ask.desk.hash(typed, None).await?;
    let (staff, id) = (ask.who.clone(), one.id);
    ask.write(move |tx| user::set_password(tx, &staff, id, hashed)).await
}

/// The ways to get in, for the form of a new user.
pub fn ways<'a>(scene: &Scene, by_mail_hint: &'a str) -> [Way<'a>; 3] {
    let w = scene.w;
    let off = (!scene.mail_on).then(|| w.mail_not_set_up());
    [
        Way { value: "email", label: w.invite_by_mail(), hint: by_mail_hint, off },
        Way { value: "papel", label: w.invite_by_paper(), hint: w.invite_by_paper_hint(), off: None },
        Way { value: "senha", label: w.set_password_now(), hint: w.set_password_now_hint(), off: None },
    ]
}

/// The states, for the filter.
fn states(scene: &Scene) -> impl Iterator<Item = (&'static str, &'static str)> {
    let w = scene.w;
    std::iter::once(("", w.any_state())).chain(State::ALL.map(|state| (state.key(), w.state_of_user(state))))
}
