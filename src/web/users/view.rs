//! How users are drawn: the list, and the forms of one.

use super::Listed;
use crate::domain::access::{Powers, Role};
use crate::domain::delivery::{self, Delivery};
use crate::domain::ids::*;
use crate::domain::invitation::{self, Invitation, Way};
use crate::domain::user::{self, State, User};
use crate::domain::{Answer, Staff, password, reason, role, session};
use crate::store::Look;
use crate::web::ask::Ask;
use crate::web::fields::number;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::second_factor;
use crate::web::ui::bits::{self, avatar};
use crate::web::ui::form::{self, Form};
use crate::web::ui::icon::icon;
use maud::{Markup, html};

/// A line of the list.
pub struct Row {
    one: User,
    role: String,
    sessions: usize,
    link: Option<Markup>,
}

/// Those whom the list holds, in the order of their names.
pub fn rows(look: &impl Look, scene: &Scene, staff: &Staff, listed: &Listed) -> Answer<Vec<Row>> {
    let mut rows = Vec::new();
    for one in user::all(look)? {
        let role = role_name(look, scene, &one)?;
        if !listed.holds(&one, &role) {
            continue;
        }
        // Of who may do more than they, nobody sees more than that they are here.
        let theirs = staff.powers.cover(user::powers(look, &one)?);
        let sessions = if theirs { session::of_user(look, staff, one.id, scene.now)?.len() } else { 0 };
        let link = link(look, scene, &one)?;
        rows.push(Row { one, role, sessions, link });
    }
    Ok(rows)
}

/// What is known of the link to a password that a user was made.
fn link(look: &impl Look, scene: &Scene, one: &User) -> Answer<Option<Markup>> {
    let w = scene.w;
    let found = invitation::of_user(look, one.id, scene.now)?;
    let text = match (one.state(), found) {
        (State::Disabled, _) | (State::Active, None) => return Ok(None),
        (State::Invited, None) => return Ok(Some(html! { (w.invitation_over()) })),
        (State::Invited, Some(found)) => match found.way {
            Way::Paper => w.invited_by_paper(&until(scene, &found)),
            Way::Mail => w.invited_by_mail(&letter(look, scene, &found)?, &until(scene, &found)),
        },
        (State::Active, Some(found)) => match found.way {
            Way::Paper => w.link_by_paper(&until(scene, &found)),
            Way::Mail => w.link_by_mail(&letter(look, scene, &found)?, &until(scene, &found)),
        },
    };
    Ok(Some(html! { (text) }))
}

/// Until when a link is good, in words.
pub fn until(scene: &Scene, one: &Invitation) -> String {
    scene.clock.exact(one.expires_at)
}

/// How far its letter is.
fn letter(look: &impl Look, scene: &Scene, one: &Invitation) -> Answer<String> {
    let w = scene.w;
    let found: Option<Delivery> = one.delivery.map(|id| delivery::by_id(look, id)).transpose()?.flatten();
    Ok(match found {
        Some(found) if found.state == delivery::State::Sent => w.mail_sent().to_owned(),
        Some(found) if found.state == delivery::State::Failed => w.mail_failed(&w.mail_cause(&found.words)),
        Some(found) if !found.words.is_empty() => w.mail_late(&w.mail_cause(&found.words)),
        _ => w.mail_queued().to_owned(),
    })
}

/// The lines.
pub fn list(scene: &Scene, rows: &[Row]) -> Markup {
    html! { @for row in rows { (line(scene, row)) } }
}

fn line(scene: &Scene, row: &Row) -> Markup {
    let (w, one) = (scene.w, &row.one);
    let tone = match one.state() {
        State::Active => "good",
        State::Invited => "warn",
        State::Disabled => "bad",
    };
    html! {
        a.row.off[one.state() == State::Disabled] href=(paths::user(one.id)) data-dialog="" {
            (avatar(&one.name))
            span.row-top { b { (one.name) } span.hint { (row.role) } }
            (bits::status(tone, w.state_of_user(one.state())))
            p {
                span { (one.email) }
                @if one.state() != State::Invited {
                    span { @match one.last_login_at { Some(at) => (w.last_login(&scene.clock.moment(at))), None => (w.never_logged_in()) } }
                }
                @if row.sessions > 0 { span.num { (w.sessions_count(row.sessions)) } }
                @if let Some(link) = &row.link { span { (link) } }
            }
        }
    }
}

/// What narrows the list while one types.
pub fn filters(ask: &Ask<Staff>, scene: &Scene) -> Markup {
    let w = scene.w;
    let (typed, chosen) = (ask.query.text("busca"), ask.query.text("estado"));
    html! {
        form.filters.wide method="get" action=(paths::USERS) role="search" {
            div.search {
                (icon("search"))
                input type="search" name="busca" value=(typed) placeholder=(w.user_search()) aria-label=(w.user_search()) data-filter="#usuarios" data-search="" autocomplete="off";
            }
            select name="estado" aria-label=(w.user_state()) {
                @for (value, label) in super::states(scene) { option value=(value) selected[value == chosen] { (label) } }
            }
            noscript { button.button type="submit" { (w.search()) } }
        }
    }
}

/// What a user is here, in words.
fn role_name(look: &impl Look, scene: &Scene, one: &User) -> Answer<String> {
    let own = one.own_role.map(|own| role::by_id(look, own)).transpose()?.flatten();
    Ok(own.map_or(scene.w.role(one.role).to_owned(), |own| own.name))
}

/// The roles this member of staff can give: such as may do no more than they. `now` is the one that is held.
fn roles(look: &impl Look, ask: &Ask<Staff>, scene: &Scene, now: Option<RoleId>) -> Answer<Vec<(String, String)>> {
    let mine = ask.who.powers;
    let house = Role::ALL.into_iter().filter(|role| mine.cover(Powers::of_role(*role)));
    let mut all: Vec<(String, String)> =
        house.map(|role| (role.key().to_owned(), scene.w.role(role).to_owned())).collect();
    let own = role::all(look)?.into_iter().filter(|own| own.active || now == Some(own.id));
    let own = own.filter(|own| mine.cover(own.powers()));
    all.extend(own.map(|own| (format!("{}{}", super::OWN, own.id), own.name)));
    Ok(all)
}

/// The departments whose queues they see.
fn departments(look: &impl Look, scene: &Scene, ticked: &[DepartmentId]) -> Answer<Markup> {
    let all = reason::departments(look)?.into_iter().filter(|one| one.active || ticked.contains(&one.id));
    let all: Vec<_> = all.map(|one| (one.id.to_string(), one.name, ticked.contains(&one.id))).collect();
    Ok(html! {
        @if !all.is_empty() {
            fieldset.choices {
                legend { (scene.w.user_departments()) }
                @for (id, name, on) in &all { (form::choice("setores", id, name, *on)) }
                p.hint { (scene.w.user_departments_hint()) }
            }
        }
    })
}

/// The departments that a form which comes back has ticked.
fn ticked(ask: &Ask<Staff>) -> Vec<DepartmentId> {
    ask.fields.all("setores").iter().filter_map(|id| number(id)).map(DepartmentId).collect()
}

/// The form of a new user.
pub fn new_sheet(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let roles = roles(&look, ask, scene, None)?;
    let body = html! {
        (form.text("nome", w.name()))
        div.two { (form.line("email", "email", w.email(), "off", "")) (form.select("papel", w.role_label(), &roles)) }
        (departments(&look, scene, &ticked(ask))?)
        (form.ways("como", w.how_they_come_in(), &super::ways(scene, &w.invite_by_mail_hint(invitation::DAYS))))
        div.way-password {
            (form.password("senha", w.password(), "off", true, &w.password_hint(password::STAFF_CHARS_MIN)))
            p.hint { (w.tell_password()) }
        }
        (form.proof())
    };
    Ok(form::frame(scene, w.new_user(), paths::USERS, form, body, w.create()))
}

/// The form of an existing user, and what else is done with one.
pub fn edit_sheet(ask: &Ask<Staff>, scene: &Scene, one: &User, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let sessions = session::of_user(&look, &ask.who, one.id, scene.now)?.len();
    let known = link(&look, scene, one)?;
    let (state, id, own) = (one.state(), one.id, one.id == ask.who.id);
    let roles = roles(&look, ask, scene, one.own_role)?;
    let served = if ask.fields.get("nome").is_some() { ticked(ask) } else { one.departments.clone() };
    let body = html! {
        (form.text("nome", w.name()))
        div.two { (form.line("email", "email", w.email(), "off", "")) (form.select("papel", w.role_label(), &roles)) }
        (departments(&look, scene, &served)?)
        (form.proof())
        @if let Some(known) = &known { p.hint { (known) } }
        div.deeds {
            @if sessions > 0 { a.button href=(paths::user_sessions(id)) data-dialog="" { (icon("screen")) (w.sessions()) " (" (sessions) ")" } }
            (second_factor::of_user(ask, id)?)
            @if state == State::Invited { a.button href=(paths::user_invite(id)) data-dialog="" { (icon("mail")) (w.invite_again()) } }
            @if own { a.button href=(paths::PROFILE) { (icon("key")) (w.my_profile()) } }
            @if state == State::Active && !own { a.button href=(paths::user_invite(id)) data-dialog="" { (icon("link")) (w.password_link()) } }
            @if state != State::Disabled {
                @if !own { a.button href=(paths::user_password(id)) data-dialog="" { (icon("key")) (w.set_password_now()) } }
                a.button.danger href=(paths::user_off(id)) data-dialog="" { (icon("user-off")) (w.switch_off()) }
            } @else {
                button.button type="submit" formaction=(paths::user_on(id)) { (icon("retry")) (w.switch_on()) }
            }
        }
    };
    Ok(form::frame(scene, w.user(), &paths::user(id), form, body, w.save()))
}

/// The form of a password that is told.
pub fn password_sheet(scene: &Scene, id: UserId, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! {
        (form.password("senha", w.password(), "off", true, &w.password_hint(password::STAFF_CHARS_MIN)))
        p.hint { (w.tell_password()) }
        (form.proof())
    };
    form::frame(scene, w.set_password_now(), &paths::user_password(id), form, body, w.save())
}
