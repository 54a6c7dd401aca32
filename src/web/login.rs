//! Coming in and going out, at both doors.

pub mod link;

use super::answer::{self, Reply};
use super::ask::{Anyone, Ask, Listener};
use super::door::{forget_cookie, set_cookie};
use super::fields::Fields;
use super::limits::Wait;
use super::paths;
use super::presence;
use super::scene::Scene;
use super::second_step;
use super::ui::form::Form;
use super::ui::layout;
use crate::domain::audit::{self, By, Deed};
use crate::domain::external_access::Access;
use crate::domain::external_access::asking;
use crate::domain::ids::UserId;
use crate::domain::password::Hashed;
use crate::domain::session::{self, Owner};
use crate::domain::values;
use crate::domain::{Answer, No, Refusal, Why, external_access, password, second_factor, user};
use maud::{Markup, html};
use poem::Response;
use poem::http::StatusCode;
use std::time::Instant;

/// What the login says when it says no: never whether the address is known.
enum Told<'s> {
    Nothing,
    Wrong,
    Wait(u64),
    Address(Why),
    LinkAsked,
    Text(&'s str),
}

/// The login's page.
pub async fn page(ask: Ask<Anyone>) -> Reply {
    if ask.listener == Listener::Staff && ask.desk.agency()?.is_none() {
        return Ok(ask.go(paths::SETUP));
    }
    if ask.who.0.is_some() {
        return Ok(ask.go(paths::after_login(ask.query.text("depois"))));
    }
    let told = match (ask.query.ticked("fim"), ask.query.ticked("nova"), ask.query.ticked("demorou")) {
        (true, ..) => Told::Text(ask.w.session_over()),
        (_, true, _) => Told::Text(ask.w.password_set_log_in()),
        (.., true) => Told::Text(ask.w.step_over()),
        _ if link::offered(&ask) && ask.query.ticked("link") => Told::LinkAsked,
        _ => Told::Nothing,
    };
    let scene = ask.scene();
    Ok(answer::html(draw(&ask, &scene, &ask.query, &told)))
}

/// Comes in.
pub async fn enter(ask: Ask<Anyone>) -> Reply {
    let email = values::email(ask.fields.text("email")).unwrap_or_default();
    let typed = ask.fields.text("senha").to_owned();
    let from = ask.from();
    let long = typed.chars().count() > password::CHARS_MAX;
    if let Err(wait) = ask.attempts().begin(from, &email, Instant::now()) {
        return slowed(&ask, wait, &email).await;
    }
    let typed = if long { String::new() } else { typed };
    let proof = match ask.listener {
        Listener::Staff => staff(&ask, &email, typed).await?,
        Listener::Public => outsider(&ask, &email, typed).await?,
    };
    let begun = match &proof {
        // As it stands now; the write that begins the session looks once more.
        Some(Proof::User(id, _)) if second_factor::of(&ask.desk.look()?, *id)?.is_some() => {
            Err(Refusal::CodeMissing.into())
        }
        Some(proof) => begin(&ask, proof.clone()).await,
        None => Err(Refusal::NotFound.into()),
    };
    let secret = match (begun, proof) {
        (Ok(secret), _) => secret,
        (Err(No::Refused(Refusal::CodeMissing)), Some(Proof::User(id, verified))) => {
            ask.attempts().right(from, &email);
            return Ok(second_step::begin(&ask, id, verified, email));
        }
        (Err(No::Refused(_)), _) => {
            note_refused(&ask, Deed::Login, email).await;
            return Ok(again(&ask, StatusCode::UNPROCESSABLE_ENTITY, &Told::Wrong));
        }
        (Err(no), _) => return Err(no),
    };
    ask.attempts().right(from, &email);
    let mut response = ask.go(&landing(&ask, &email)?);
    hand_over(&ask, &mut response, &secret).await?;
    Ok(response)
}

/// Where a login leads: staff by the question for their extension, where the register is kept (P1).
pub(super) fn landing(ask: &Ask<Anyone>, email: &str) -> Answer<String> {
    let then = ask.fields.text("depois");
    let look = ask.desk.look()?;
    let user = if ask.listener == Listener::Staff { user::by_email(&look, email)? } else { None };
    match user {
        Some(user) => presence::coming::after_login(&look, &ask.agency, user.id, then, ask.desk.store.now()),
        None => Ok(paths::after_login(then).to_owned()),
    }
}

/// Gives the browser its session. Who comes by TLS may still carry one from before, which went over the wire in the
/// clear: that one ends, here and in the browser.
pub(super) async fn hand_over(ask: &Ask<Anyone>, response: &mut Response, secret: &str) -> Answer<()> {
    set_cookie(response, ask.listener, Some(secret), ask.by_tls());
    let plain = ask.listener.cookie(false);
    if !ask.by_tls() || super::ask::cookie(ask.request.headers(), plain).is_none() {
        return Ok(());
    }
    if let Some(session) = super::ask::session(&ask.desk, plain, ask.request.headers())? {
        ask.desk.store.write_soft(move |tx| session::leave(tx, session.id)).await?;
    }
    forget_cookie(response, plain, false);
    Ok(())
}

/// Writes down that somebody was not let in. What was typed is kept only where it is an e-mail address: people type
/// passwords into the wrong field. Whether this can be written changes nothing about the answer.
pub(super) async fn note_refused(ask: &Ask<Anyone>, deed: Deed, about: String) {
    let by = By::nobody(&ask.address());
    if let Err(no) = ask.desk.store.write_soft(move |tx| audit::note(tx, by, deed, false, &about)).await {
        tracing::warn!(%no, "a refused login was not noted");
    }
}

async fn slowed(ask: &Ask<Anyone>, wait: Wait, about: &str) -> Reply {
    if wait.first {
        note_refused(ask, Deed::LoginSlowed, about.to_owned()).await;
    }
    Ok(again(ask, StatusCode::TOO_MANY_REQUESTS, &Told::Wait(wait.seconds() as u64)))
}

/// What was verified. It is looked at once more in the write that begins the session: a password may change, and an
/// access be revoked, while the hash is computed.
#[derive(Clone)]
enum Proof {
    User(UserId, Hashed),
    Outsider(String, Vec<Access>),
}

async fn staff(ask: &Ask<Anyone>, email: &str, typed: String) -> Answer<Option<Proof>> {
    let user = user::by_email(&ask.desk.look()?, email)?;
    let hashed = user.as_ref().and_then(|user| user.opens().cloned());
    let fits = ask.desk.fits(typed, hashed.clone()).await?;
    Ok(user.zip(hashed).filter(|_| fits).map(|(user, hashed)| Proof::User(user.id, hashed)))
}

/// The accesses of this e-mail that carry the password. The passwords of one e-mail lie under one salt, so that one
/// computation checks them all; only an access that was moved here from another address brings a salt of its own.
async fn outsider(ask: &Ask<Anyone>, email: &str, typed: String) -> Answer<Option<Proof>> {
    let mut left = external_access::of_email(&ask.desk.look()?, email)?;
    if left.is_empty() {
        ask.desk.fits(typed, None).await?;
        return Ok(None);
    }
    let mut verified: Vec<Access> = Vec::new();
    while let Some(first) = left.first().cloned() {
        let hashed = ask.desk.hash(typed.clone(), Some(first.password.clone())).await?;
        let (here, elsewhere): (Vec<Access>, Vec<Access>) = left
            .into_iter()
            .partition(|other| other.id == first.id || password::same_salt(&other.password, &first.password));
        verified.extend(here.into_iter().filter(|access| access.password == hashed));
        left = elsewhere;
    }
    Ok((!verified.is_empty()).then(|| Proof::Outsider(email.to_owned(), verified)))
}

async fn begin(ask: &Ask<Anyone>, proof: Proof) -> Answer<String> {
    let (browser, from, language) = (ask.browser(), ask.address(), Some(ask.w.0));
    ask.desk
        .store
        .write_soft(move |tx| {
            let (owner, opened_by) = match proof {
                Proof::User(id, verified) => {
                    user::logged_in(tx, id, &verified)?;
                    (Owner::User(id), None)
                }
                Proof::Outsider(email, verified) => {
                    let opened_by = external_access::logged_in(tx, &verified)?;
                    (Owner::Outsider(email), Some(opened_by))
                }
            };
            session::begin(tx, session::New { owner, browser, from, language, opened_by })
        })
        .await
}

/// Goes out: the session ends, its screens with it.
pub async fn leave(ask: Ask<Anyone>) -> Reply {
    if let Some(asked) = presence::coming::at_logout(&ask).await? {
        return Ok(asked);
    }
    if let Some(session) = super::ask::session(&ask.desk, ask.listener.cookie(ask.by_tls()), ask.request.headers())? {
        ask.desk.store.write_soft(move |tx| session::leave(tx, session.id)).await?;
    }
    let mut response = ask.go(paths::LOGIN);
    set_cookie(&mut response, ask.listener, None, ask.by_tls());
    Ok(response)
}

/// E11: the page of a link that lets in once. Opening it changes nothing: mail scanners open links.
pub async fn once_page(ask: Ask<Anyone>) -> Reply {
    let access = external_access::promised(&ask.desk.look()?, ask.param("segredo"), ask.desk.store.now())?;
    let scene = ask.scene();
    let w = scene.w;
    Ok(answer::html(layout::outside(
        &scene,
        w.enter(),
        html! {
            h1 { (w.welcome()) }
            p.gate-text { (w.once_text(&access.email)) }
            form method="post" {
                input type="hidden" name="_csrf" value=(scene.csrf);
                button.button.main.wide type="submit" { (w.enter()) }
            }
        },
    )))
}

/// E11: the deliberate press that uses it up.
pub async fn once_enter(ask: Ask<Anyone>) -> Reply {
    let secret = ask.param("segredo").to_owned();
    // A key of each link's own: whoever guesses at one link slows nobody else's.
    let key = format!("link {}", secret.chars().take(12).collect::<String>());
    if let Err(wait) = ask.attempts().begin(ask.from(), &key, Instant::now()) {
        return slowed(&ask, wait, "").await;
    }
    let (browser, from, language) = (ask.browser(), ask.address(), Some(ask.w.0));
    let cookie = ask
        .desk
        .store
        .write_soft(move |tx| {
            let access = external_access::redeem(tx, &secret, &from)?;
            let owner = Owner::Outsider(access.email);
            session::begin(tx, session::New { owner, browser, from, language, opened_by: None })
        })
        .await?;
    ask.attempts().right(ask.from(), &key);
    let mut response = ask.go("/");
    hand_over(&ask, &mut response, &cookie).await?;
    Ok(response)
}

fn again(ask: &Ask<Anyone>, status: StatusCode, told: &Told<'_>) -> Response {
    let scene = ask.scene();
    answer::html_with(status, draw(ask, &scene, &ask.fields, told))
}

fn draw(ask: &Ask<Anyone>, scene: &Scene, values: &Fields, told: &Told<'_>) -> Markup {
    let w = scene.w;
    let form = Form::new(scene, values);
    let form = if let Told::Address(why) = told { form.with_wrong("email", *why) } else { form };
    let office = ask.listener == Listener::Staff;
    let link = link::offered(ask);
    layout::outside(
        scene,
        w.enter(),
        html! {
            h1 { @if office { (w.enter()) } @else { (w.portal_title()) } }
            form method="post" action=(paths::LOGIN) novalidate {
                input type="hidden" name="depois" value=(values.text("depois"));
                @match told {
                    Told::Nothing | Told::Address(_) => {}
                    Told::Wrong => p.refusal role="alert" { (w.login_wrong()) },
                    Told::Wait(seconds) => p.refusal role="alert" { (w.login_wait(*seconds)) },
                    Told::LinkAsked => p.saved role="status" { (w.link_asked(asking::LINK_MINUTES)) },
                    Told::Text(text) => p.hint role="status" { (text) },
                }
                (form.line("email", "email", w.email(), "username", ""))
                (form.password("senha", w.password(), "current-password", false, ""))
                button.button.main.wide type="submit" { (w.enter()) }
                @if link { (link::button(scene)) }
            }
            @if !link { p.gate-foot { @if office { (w.login_help_staff()) } @else { (w.login_help_portal()) } } }
        },
    )
}
