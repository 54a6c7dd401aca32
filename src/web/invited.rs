//! The office's page of a link by which a member of staff sets a password: an invitation, or a new one.
//!
//! Opening it changes nothing: mail scanners open links. One deliberate press uses it up.

use super::answer::{self, Reply};
use super::ask::{Anyone, Ask};
use super::fields::Fields;
use super::login;
use super::paths;
use super::scene::Scene;
use super::ui::form::Form;
use super::ui::layout::{self, first_name};
use crate::domain::invitation;
use crate::domain::session::{self, Owner};
use crate::domain::user::{State, User};
use crate::domain::{Answer, No, Refusal, Viewer, Why, password};
use maud::{DOCTYPE, Markup, html};
use poem::http::StatusCode;
use std::time::Instant;

/// The page.
pub async fn page(ask: Ask<Anyone>) -> Reply {
    if ask.request.header("sec-fetch-site") == Some("cross-site") && !ask.query.ticked("aqui") {
        return Ok(from_elsewhere(&ask));
    }
    match promised(&ask) {
        Ok(one) => {
            let (scene, values) = (ask.scene(), Fields::default());
            Ok(answer::html(draw(&ask, &scene, &one, &Form::new(&scene, &values))))
        }
        Err(no) => dead(&ask, no),
    }
}

/// A link in a web mailer comes from another site, and the session's cookie stays away: our own page leads on, so that
/// whoever is in here is met, and the form fits their session.
fn from_elsewhere(ask: &Ask<Anyone>) -> poem::Response {
    let to = format!("{}?aqui=sim", paths::invited("", ask.param("segredo")));
    let w = ask.w;
    answer::html(html! {
        (DOCTYPE)
        html lang=(w.0.tag()) {
            head { meta charset="utf-8"; meta http-equiv="refresh" content={ "0;url=" (to) }; title { (ask.agency.name) } }
            body { a href=(to) { (w.continue_here()) } }
        }
    })
}

/// Sets the password. With the first one they are in; with a new one they log in, by all that their login asks for.
pub async fn set(ask: Ask<Anyone>) -> Reply {
    let one = match promised(&ask) {
        Ok(one) => one,
        Err(no) => return dead(&ask, no),
    };
    match try_set(&ask, &one).await {
        Ok(Some(cookie)) => {
            let mut response = ask.go("/");
            login::hand_over(&ask, &mut response, &cookie).await?;
            Ok(response)
        }
        Ok(None) => Ok(ask.go(&format!("{}?nova=sim", paths::LOGIN))),
        Err(no @ No::Refused(Refusal::LinkDead)) => dead(&ask, no),
        Err(no) => {
            let (scene, values) = (ask.scene(), Fields::default());
            let form = Form::refused(&scene, &values, no)?;
            Ok(answer::form_again(draw(&ask, &scene, &one, &form)))
        }
    }
}

async fn try_set(ask: &Ask<Anyone>, one: &User) -> Answer<Option<String>> {
    let typed = ask.fields.text("senha").to_owned();
    password::check(&typed, password::STAFF_CHARS_MIN, &[&one.name, &one.email, &ask.agency.name])
        .map_err(|why| Refusal::Invalid(vec![("senha", why)]))?;
    if ask.fields.text("senha2") != typed {
        return Err(Refusal::Invalid(vec![("senha2", Why::Wrong)]).into());
    }
    let hashed = ask.desk.hash(typed, None).await?;
    let (secret, browser, from) = (ask.param("segredo").to_owned(), ask.browser(), ask.address());
    let before = match &ask.who.0 {
        Some(Viewer::Staff(staff)) => Some(staff.session),
        _ => None,
    };
    let done = ask.desk.store.write(move |tx| {
        let (user, first) = invitation::redeem(tx, &secret, hashed, &from)?;
        if let Some(before) = before {
            session::leave(tx, before)?;
        }
        if !first {
            return Ok(None);
        }
        let owner = Owner::User(user);
        session::begin(tx, session::New { owner, browser, from, language: None, opened_by: None }).map(Some)
    });
    done.await
}

/// For whom the link is. Whoever guesses is slowed, link by link and address by address.
fn promised(ask: &Ask<Anyone>) -> Answer<User> {
    let secret = ask.param("segredo");
    let key = format!("convite {}", secret.chars().take(12).collect::<String>());
    if ask.desk.attempts.begin(ask.from(), &key, Instant::now()).is_err() {
        return Err(Refusal::LinkDead.into());
    }
    let (one, _) = invitation::promised(&ask.desk.look()?, secret, ask.desk.store.now())?;
    ask.desk.attempts.right(ask.from(), &key);
    Ok(one)
}

fn dead(ask: &Ask<Anyone>, no: No) -> Reply {
    if !matches!(no, No::Refused(Refusal::LinkDead)) {
        return Err(no);
    }
    let scene = ask.scene();
    let text = scene.w.invitation_dead();
    if ask.fragment() {
        return Ok(answer::sentence(StatusCode::GONE, text));
    }
    Ok(answer::html_with(StatusCode::GONE, layout::message(&scene, scene.w.refused_title(), text)))
}

fn draw(ask: &Ask<Anyone>, scene: &Scene, one: &User, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let first = one.state() == State::Invited;
    let (title, text) = match first {
        true => (w.welcome_name(first_name(&one.name)), w.choose_password_text(&one.email)),
        false => (w.new_password_label().to_owned(), w.choose_new_password_text(&one.email)),
    };
    let other = match &ask.who.0 {
        Some(Viewer::Staff(staff)) => Some(staff.name.as_str()),
        _ => None,
    };
    layout::outside(
        scene,
        &title,
        html! {
            h1 { (title) }
            p.gate-text { (text) }
            form method="post" action=(paths::invited("", ask.param("segredo"))) novalidate {
                (form.head())
                @if let Some(name) = other { p.hint role="status" { (w.here_as_other(name)) } }
                // For password managers: whose password it is.
                input.unseen type="email" name="email" value=(one.email) autocomplete="username" readonly tabindex="-1" aria-hidden="true";
                (form.password("senha", w.new_password_label(), "new-password", false, &w.password_hint(password::STAFF_CHARS_MIN)))
                (form.password("senha2", w.password_again(), "new-password", false, ""))
                button.button.main.wide type="submit" { (if first { w.choose_password() } else { w.save() }) }
            }
        },
    )
}
