//! The login's second page: the password was right, and a code is asked for. Until it is right there is no session.

use super::answer::{self, Reply};
use super::ask::{Anyone, Ask, Listener};
use super::door::{forget_cookie, set_short_cookie};
use super::halfway::{Half, LIFE};
use super::login;
use super::paths;
use super::second_factor::{self, Told};
use super::ui::form::Form;
use super::ui::layout;
use crate::domain::audit::Deed;
use crate::domain::ids::UserId;
use crate::domain::password::Hashed;
use crate::domain::second_factor as factor;
use crate::domain::session::{self, Owner};
use crate::domain::{Answer, No, Refusal, user};
use maud::{Markup, html};
use poem::Response;
use poem::http::StatusCode;
use std::time::Instant;

/// The cookie of half a login: it opens nothing else.
fn cookie(by_tls: bool) -> &'static str {
    if by_tls { "__Host-balcao_etapa" } else { "balcao_etapa" }
}

/// The password was right, and this user has a code to give: goes on to it.
pub fn begin(ask: &Ask<Anyone>, id: UserId, verified: Hashed, email: String) -> Response {
    let secret = ask.desk.halfway.begin(id, verified, email, Instant::now());
    let mut response = ask.go(&paths::then(paths::LOGIN_STEP, paths::after_login(ask.fields.text("depois"))));
    set_short_cookie(&mut response, cookie(ask.by_tls()), &secret, LIFE.as_secs(), ask.by_tls());
    response
}

fn met(ask: &Ask<Anyone>) -> Option<(String, Half)> {
    let secret = super::ask::cookie(ask.request.headers(), cookie(ask.by_tls()))?;
    let half = ask.desk.halfway.of(secret, Instant::now()).filter(|_| ask.listener == Listener::Staff)?;
    Some((secret.to_owned(), half))
}

/// The page.
pub async fn page(ask: Ask<Anyone>) -> Reply {
    if met(&ask).is_none() {
        return Ok(ask.go(paths::LOGIN));
    }
    Ok(answer::html(draw(&ask, ask.query.text("depois"), ask.query.ticked("recuperacao"), None)))
}

/// Looks at the code, and lets in.
pub async fn enter(ask: Ask<Anyone>) -> Reply {
    let Some((secret, half)) = met(&ask) else { return Ok(over(&ask)) };
    let key = second_factor::tries(half.user);
    if let Err(wait) = ask.desk.attempts.begin(ask.from(), &key, Instant::now()) {
        if wait.first {
            login::note_refused(&ask, Deed::LoginSlowed, half.email.clone()).await;
        }
        return Ok(again(&ask, StatusCode::TOO_MANY_REQUESTS, &ask.w.login_wait(wait.seconds() as u64)));
    }
    let told = match try_enter(&ask, &half).await {
        Ok(Ok(session)) => {
            ask.desk.attempts.right(ask.from(), &key);
            ask.desk.halfway.end(&secret);
            let mut response = ask.go(&login::landing(&ask, &half.email)?);
            forget_cookie(&mut response, cookie(ask.by_tls()), ask.by_tls());
            login::hand_over(&ask, &mut response, &session).await?;
            return Ok(response);
        }
        Ok(Err(told)) => told,
        // The password, the user or the second factor changed meanwhile.
        Err(No::Refused(_)) => {
            ask.desk.halfway.end(&secret);
            return Ok(over(&ask));
        }
        Err(no) => return Err(no),
    };
    login::note_refused(&ask, Deed::SecondStep, half.email.clone()).await;
    if !ask.desk.halfway.missed(&secret) {
        return Ok(over(&ask));
    }
    Ok(again(&ask, StatusCode::UNPROCESSABLE_ENTITY, &told.words(&ask.scene())))
}

async fn try_enter(ask: &Ask<Anyone>, half: &Half) -> Answer<Result<String, Told>> {
    let one = factor::of(&ask.desk.look()?, half.user)?.ok_or(Refusal::NotFound)?;
    let code = match second_factor::recognise(&ask.desk, one, ask.fields.text("codigo"))? {
        Ok(code) => code,
        Err(told) => return Ok(Err(told)),
    };
    let (browser, from, language) = (ask.browser(), ask.address(), Some(ask.w.0));
    let (id, verified) = (half.user, half.verified.clone());
    let begun = ask.desk.store.write_soft(move |tx| {
        user::logged_in(tx, id, &verified)?;
        let new = session::New { owner: Owner::User(id), browser, from, language, opened_by: None };
        factor::begin_session(tx, id, &code, new)
    });
    match begun.await {
        Err(No::Refused(Refusal::LinkDead)) => Ok(Err(Told::Used)),
        begun => Ok(Ok(begun?)),
    }
}

/// From the beginning.
fn over(ask: &Ask<Anyone>) -> Response {
    let mut response = ask.go(&format!("{}?demorou=sim", paths::LOGIN));
    forget_cookie(&mut response, cookie(ask.by_tls()), ask.by_tls());
    response
}

fn again(ask: &Ask<Anyone>, status: StatusCode, text: &str) -> Response {
    let recovery = ask.fields.ticked("recuperacao");
    answer::html_with(status, draw(ask, ask.fields.text("depois"), recovery, Some(text)))
}

fn draw(ask: &Ask<Anyone>, then: &str, recovery: bool, told: Option<&str>) -> Markup {
    let (scene, values) = (ask.scene(), super::fields::Fields::default());
    let (w, form) = (scene.w, Form::new(&scene, &values));
    let here = paths::then(paths::LOGIN_STEP, paths::after_login(then));
    let more = if here.contains('?') { "&" } else { "?" };
    layout::outside(
        &scene,
        w.step_title(),
        html! {
            h1 { (w.step_title()) }
            p.gate-text { (if recovery { w.step_recovery_text() } else { w.step_text() }) }
            form method="post" action=(paths::LOGIN_STEP) novalidate {
                (form.head())
                input type="hidden" name="depois" value=(then);
                @if recovery { input type="hidden" name="recuperacao" value="sim"; }
                @if let Some(told) = told { p.refusal role="alert" { (told) } }
                (second_factor::code_field(&form, &scene, recovery))
                button.button.main.wide type="submit" { (w.enter()) }
            }
            p.gate-foot {
                @if recovery { a href=(here) { (w.step_use_app()) } }
                @else { a href={ (here) (more) "recuperacao=sim" } { (w.step_use_recovery()) } }
            }
            @if recovery { p.gate-foot { (w.step_lost()) } }
        },
    )
}
