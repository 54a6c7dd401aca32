//! Answers: pages, parts of pages, redirects; and every refusal as a status and a sentence, in one table.

use super::scene::Scene;
use super::ui::layout;
use crate::domain::{No, Refusal, Why};
use crate::store::Fault;
use crate::words::Words;
use maud::{Markup, html};
use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};
use serde_json::Value;

/// Seconds after which what could not be kept may be sent again: healing takes no longer once the cause is gone.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// What a handler gives.
pub type Reply = Result<Response, No>;

/// A page or part of one.
pub fn html(markup: Markup) -> Response {
    html_with(StatusCode::OK, markup)
}

/// A filtered list, and for the page's script the stream that belongs to it.
pub fn filtered(markup: Markup, live: &str, seq: u64) -> Response {
    let mut response = html(markup);
    if let Ok(live) = HeaderValue::from_str(live) {
        response.headers_mut().insert("X-Live", live);
        response.headers_mut().insert("X-Seq", HeaderValue::from(seq));
    }
    response
}

/// The same with a status.
pub fn html_with(status: StatusCode, markup: Markup) -> Response {
    Response::builder().status(status).content_type("text/html; charset=utf-8").body(markup.into_string())
}

/// A form that comes back with what is wrong: 422, typed texts kept.
pub fn form_again(markup: Markup) -> Response {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, markup)
}

/// A sentence.
pub fn sentence(status: StatusCode, text: impl Into<String>) -> Response {
    Response::builder().status(status).content_type("text/plain; charset=utf-8").body(text.into())
}

/// Changes to an open page, in the words of the live stream.
pub fn ops(ops: &[Value]) -> Response {
    let body = serde_json::json!({ "ops": ops }).to_string();
    Response::builder().content_type("application/json").body(body)
}

/// JSON.
pub fn json(value: &Value) -> Response {
    Response::builder().content_type("application/json").body(value.to_string())
}

/// Another page: 303, or for a script the same in a header it follows itself.
pub fn go(fragment: bool, to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    if fragment {
        Response::builder().status(StatusCode::NO_CONTENT).header("X-Go", to).finish()
    } else {
        Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
    }
}

/// Who is not logged in goes to the login; a script is told where that is and keeps what was typed.
pub fn log_in(fragment: bool, to: &str) -> Response {
    let value = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/entrar"));
    if fragment {
        Response::builder().status(StatusCode::UNAUTHORIZED).header("X-Login", value).finish()
    } else {
        Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, value).finish()
    }
}

/// The form belongs to another session: an old tab, or somebody else's page (C33).
pub fn stale(w: Words, fragment: bool) -> Response {
    let scene = Scene::bare(w);
    if fragment {
        return sentence(StatusCode::FORBIDDEN, w.form_stale());
    }
    html_with(StatusCode::FORBIDDEN, layout::message(&scene, w.form_stale_title(), w.form_stale()))
}

/// Refusals as statuses and sentences.
pub fn no(scene: &Scene, fragment: bool, no: &No) -> Response {
    let (status, text) = match no {
        No::Refused(refusal) => (status(refusal), words(scene.w, refusal)),
        // Logged once, where the disk failed.
        No::Failed(Fault::Unwell(_)) => (StatusCode::SERVICE_UNAVAILABLE, scene.w.not_kept().into()),
        No::Failed(fault) => {
            let number = fault_number(fault);
            let busy = matches!(fault, Fault::Storage(_) | Fault::Closed);
            let status = if busy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
            (status, if busy { scene.w.not_saved(&number) } else { scene.w.our_fault(&number) })
        }
    };
    let title = match (status, no) {
        (StatusCode::NOT_FOUND, _) => scene.w.not_found_title(),
        (StatusCode::SERVICE_UNAVAILABLE, No::Failed(_)) => scene.w.not_kept_title(),
        _ => scene.w.refused_title(),
    };
    let mut response =
        if fragment { sentence(status, text) } else { html_with(status, layout::message(scene, title, &text)) };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}

/// Logs a fault of ours once and gives the number the person sees.
fn fault_number(fault: &Fault) -> String {
    let number = crate::domain::token::name()[..8].to_owned();
    tracing::error!(%fault, %number, "a request failed");
    number
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound | Refusal::ChatOff => StatusCode::NOT_FOUND,
        Refusal::NotAllowed => StatusCode::FORBIDDEN,
        Refusal::SessionOver => StatusCode::UNAUTHORIZED,
        Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::LinkDead => StatusCode::GONE,
        Refusal::TakenBy(_)
        | Refusal::ReasonMissing
        | Refusal::Closed
        | Refusal::Queued
        | Refusal::Revoked
        | Refusal::Blocked
        | Refusal::OnesOwn
        | Refusal::CodeMissing
        | Refusal::LastAdmin
        | Refusal::AlreadySetUp => StatusCode::CONFLICT,
    }
}

/// A refusal in words.
pub fn words(w: Words, refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotFound => w.not_found().into(),
        Refusal::NotAllowed => w.not_allowed().into(),
        Refusal::SessionOver => w.session_over().into(),
        Refusal::Busy => w.too_many_logins().into(),
        Refusal::Invalid(wrong) => wrong.first().map_or(w.check_fields().into(), |(_, why)| why_words(w, *why)),
        Refusal::TakenBy(name) => w.taken_by(name),
        Refusal::ReasonMissing => w.reason_missing().into(),
        Refusal::Closed => w.is_closed().into(),
        Refusal::Queued => w.is_queued().into(),
        Refusal::ChatOff => w.chat_off().into(),
        Refusal::Revoked => w.is_revoked().into(),
        Refusal::Blocked => w.is_blocked().into(),
        Refusal::OnesOwn => w.ones_own().into(),
        Refusal::CodeMissing => w.step_text().into(),
        Refusal::LinkDead => w.link_dead().into(),
        Refusal::LastAdmin => w.last_admin().into(),
        Refusal::AlreadySetUp => w.already_set_up().into(),
    }
}

/// What is wrong with a field, in words.
pub fn why_words(w: Words, why: Why) -> String {
    match why {
        Why::Empty => w.why_empty().into(),
        Why::TooLong(most) => w.why_too_long(most),
        Why::LineTooLong { line, most } => w.why_line_too_long(line, most),
        Why::NoReasons => w.why_no_reasons().into(),
        Why::TooOften(times) => w.why_too_often(times),
        Why::TooShort(least) => w.why_too_short(least),
        Why::NotAnEmail => w.why_not_an_email().into(),
        Why::PhoneWords => w.why_phone_words().into(),
        Why::NotAPhone => w.why_not_a_phone().into(),
        Why::NotAChoice => w.why_not_a_choice().into(),
        Why::Several => w.why_several().into(),
        Why::InUse => w.why_in_use().into(),
        Why::NotANumber => w.why_not_a_number().into(),
        Why::NotAUrl => w.why_not_a_url().into(),
        Why::Wrong => w.why_wrong().into(),
        Why::TooCommon => w.why_too_common().into(),
        Why::TooMany(most) => w.why_too_many(most),
        Why::NotAKey => w.why_not_a_key().into(),
        Why::PrivateKey => w.why_private_key().into(),
        Why::OneOfTwo => w.why_one_of_two().into(),
        Why::Wait(seconds) => w.login_wait(seconds as u64),
    }
}

/// The page of a status that no handler gave: for the guard in front of all routes.
pub fn status_page(status: StatusCode, number: Option<&str>) -> Response {
    let w = Words(crate::domain::values::Language::PtBr);
    let text = match status {
        StatusCode::PAYLOAD_TOO_LARGE => w.too_large().to_owned(),
        StatusCode::REQUEST_TIMEOUT => w.too_slow().to_owned(),
        StatusCode::FORBIDDEN => w.form_stale().to_owned(),
        StatusCode::NOT_FOUND => w.not_found().to_owned(),
        _ if status.is_server_error() => w.our_fault(number.unwrap_or("–")),
        _ => w.not_understood().to_owned(),
    };
    html_with(status, html! { (layout::message(&Scene::bare(w), w.refused_title(), &text)) })
}
