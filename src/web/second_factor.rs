//! One's own second factor: set up, recovery codes, switched off; and an admin who takes away somebody else's.

use super::answer::{self, Reply};
use super::ask::Ask;
use super::desk::Desk;
use super::fields::Fields;
use super::inbox::actions;
use super::paths;
use super::proof;
use super::scene::Scene;
use super::ui::form::{self, Form};
use super::ui::icon::icon;
use super::ui::layout::{self, Place};
use super::ui::qr::qr;
use crate::domain::audit::{self, Deed};
use crate::domain::ids::UserId;
use crate::domain::second_factor::totp::{Checked, Seed};
use crate::domain::second_factor::{self as factor, Code, Given, SecondFactor};
use crate::domain::{Answer, No, Refusal, Staff, user};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use maud::{Markup, html};
use poem::Response;
use poem::http::StatusCode;
use std::time::Instant;

/// How long somebody may take between scanning and the first code, in milliseconds.
const SETTING_UP_MS: i64 = 15 * 60_000;
/// The field of the proof for new recovery codes: it stands on one page with [`proof::FIELD`].
const PROOF_OF_CODES: &str = "prova_codigos";

/// Why a code is not taken.
pub enum Told {
    /// It is none.
    Wrong,
    /// It was used already.
    Used,
    /// The machine's clock is behind.
    ClockBack,
    /// The seed cannot be read: its key is not here.
    Unreadable,
    /// Too many were wrong: so many seconds are to be waited.
    Wait(u64),
}

impl Told {
    /// The same in words, with the machine's time.
    pub fn words(&self, scene: &Scene) -> String {
        match self {
            Self::Wrong => scene.w.code_wrong(&scene.clock.time(crate::store::now())),
            Self::Used => scene.w.code_used().to_owned(),
            Self::ClockBack => scene.w.code_clock_back().to_owned(),
            Self::Unreadable => scene.w.code_unreadable().to_owned(),
            Self::Wait(seconds) => scene.w.login_wait(*seconds),
        }
    }
}

/// What somebody typed: the app's code of now, or a recovery code that is left. It is used up by
/// the verb that it lets happen.
pub fn recognise(desk: &Desk, one: SecondFactor, typed: &str) -> Answer<Result<Code, Told>> {
    let told = recognised(desk, &one, typed)?;
    Ok(told.map(|given| Code { sealed: one.sealed, given }))
}

fn recognised(desk: &Desk, one: &SecondFactor, typed: &str) -> Answer<Result<Given, Told>> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
    if plain.len() != 6 || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let known = factor::kept_code(&plain).filter(|hash| one.codes.contains(hash));
        return Ok(known.map(Given::Recovery).ok_or(Told::Wrong));
    }
    let seed = desk.seal()?.and_then(|seal| seal.open(&factor::about(one.id), &one.sealed));
    let Some(seed) = seed.and_then(|bytes| Seed::of(&bytes)) else { return Ok(Err(Told::Unreadable)) };
    // By the machine's clock, right or wrong: it is what somebody can compare with the phone's.
    Ok(match seed.check(&plain, crate::store::now(), one.last_step) {
        Checked::Right(step) => Ok(Given::Step(step)),
        Checked::Used => Err(Told::Used),
        Checked::ClockBack => Err(Told::ClockBack),
        Checked::Wrong => Err(Told::Wrong),
    })
}

/// Under which wrong codes of a user are counted, wherever they are given: by the limits of passwords, and apart from
/// those, so that whoever has the password does not try codes any faster.
pub fn tries(id: UserId) -> String {
    format!("codigo {id}")
}

/// A code of one's own second factor, behind the password. A wrong one is noted, as at the login.
async fn own_code(ask: &Ask<Staff>) -> Answer<Result<Code, Told>> {
    let one = factor::of(&ask.desk.look()?, ask.who.id)?.ok_or(Refusal::NotFound)?;
    let (key, staff) = (tries(one.id), ask.who.clone());
    if let Err(wait) = ask.desk.attempts.begin(ask.from(), &key, Instant::now()) {
        if wait.first {
            ask.write_soft(move |tx| audit::note(tx, &staff, Deed::LoginSlowed, false, "")).await?;
        }
        return Ok(Err(Told::Wait(wait.seconds() as u64)));
    }
    let code = recognise(&ask.desk, one, ask.fields.text("codigo"))?;
    match &code {
        Ok(_) => ask.desk.attempts.right(ask.from(), &key),
        Err(_) => ask.write_soft(move |tx| audit::note(tx, &staff, Deed::SecondStep, false, "")).await?,
    }
    Ok(code)
}

/// The field for a code: six digits, or a recovery code.
pub fn code_field(form: &Form<'_>, scene: &Scene, recovery: bool) -> Markup {
    let w = scene.w;
    if recovery {
        form.code("codigo", w.recovery_code(), w.recovery_code_hint(), "text", "off")
    } else {
        form.code("codigo", w.app_code(), w.app_code_hint(), "numeric", "one-time-code")
    }
}

/// The page: what it is, or how it stands.
pub async fn page(ask: Ask<Staff>) -> Reply {
    let (scene, values) = (ask.scene(), Fields::default());
    Ok(answer::html(standing(&ask, &scene, &Form::new(&scene, &values))?))
}

fn refused(ask: &Ask<Staff>, no: No) -> Reply {
    let (scene, values) = (ask.scene(), Fields::default());
    Ok(answer::form_again(standing(ask, &scene, &Form::refused(&scene, &values, no)?)?))
}

/// The page again, with what is to be said of the code.
fn told(ask: &Ask<Staff>, told: &Told) -> Reply {
    let (scene, values) = (ask.scene(), Fields::default());
    let mut form = Form::new(&scene, &values);
    form.refusal = Some(told.words(&scene));
    let status = match told {
        Told::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(answer::html_with(status, standing(ask, &scene, &form)?))
}

fn standing(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let one = factor::of(&look, ask.who.id)?;
    let missing = factor::is_missing(&look, &ask.agency, &ask.who)?;
    Ok(card(
        scene,
        html! {
            @match &one {
                None => (intro(scene, missing, then(ask, missing), form)),
                Some(one) => (manage(scene, one, form)),
            }
            @if !missing { p.gate-foot { a href=(paths::PROFILE) { (w.my_profile()) } } }
        },
    ))
}

/// Where it leads in the end: to what somebody wanted when they were asked for it, or back to their profile.
fn then(ask: &Ask<Staff>, missing: bool) -> &str {
    let wanted = ask.fields.get("depois").unwrap_or_else(|| ask.query.text("depois"));
    if wanted.is_empty() && !missing { paths::PROFILE } else { paths::after_login(wanted) }
}

fn card(scene: &Scene, body: Markup) -> Markup {
    let title = scene.w.second_factor();
    layout::outside(scene, title, html! { h1 { (title) } (body) })
}

fn password(scene: &Scene, form: &Form<'_>, field: &str) -> Markup {
    form.password(field, scene.w.your_password(), "current-password", false, "")
}

fn intro(scene: &Scene, missing: bool, then: &str, form: &Form<'_>) -> Markup {
    let w = scene.w;
    html! {
        p.gate-text { (if missing { w.second_factor_must() } else { w.second_factor_text() }) }
        p.gate-text { (w.second_factor_apps()) }
        form method="post" action=(paths::SECOND_FACTOR) novalidate {
            (form.head())
            input type="hidden" name="depois" value=(then);
            (password(scene, form, proof::FIELD))
            button.button.main.wide type="submit" { (w.second_factor_begin()) }
        }
    }
}

fn manage(scene: &Scene, one: &SecondFactor, form: &Form<'_>) -> Markup {
    let w = scene.w;
    html! {
        p.gate-text { (w.second_factor_is_on(&scene.clock.moment(one.since), one.codes.len())) }
        @if let Some(refusal) = &form.refusal { p.refusal role="alert" { (refusal) } }
        form.apart method="post" action=(paths::SECOND_FACTOR_CODES) novalidate {
            h2 { (w.recovery_codes_renew()) }
            p.hint { (w.recovery_codes_renew_text()) }
            input type="hidden" name="_csrf" value=(scene.csrf);
            (password(scene, form, PROOF_OF_CODES))
            (form.code("codigo_codigos", w.app_or_recovery_code(), "", "text", "one-time-code"))
            button.button.wide type="submit" { (w.recovery_codes_renew()) }
        }
        form.apart method="post" action=(paths::SECOND_FACTOR_OFF) novalidate {
            h2 { (w.second_factor_take()) }
            p.hint { (w.second_factor_switch_off_text()) }
            input type="hidden" name="_csrf" value=(scene.csrf);
            (password(scene, form, proof::FIELD))
            (form.code("codigo", w.app_or_recovery_code(), "", "text", "one-time-code"))
            button.button.wide type="submit" { (w.second_factor_switch_off()) }
        }
    }
}

/// Begins to set one up: a fresh seed, which the page carries sealed until a code of it was seen.
pub async fn begin(mut ask: Ask<Staff>) -> Reply {
    if factor::of(&ask.desk.look()?, ask.who.id)?.is_some() {
        return Ok(ask.go(paths::SECOND_FACTOR));
    }
    // However lately it was proved: whoever sits down at an open desk must not lock its owner out.
    if let Err(no) = ask.prove_now(proof::FIELD).await {
        return refused(&ask, no);
    }
    let seed = Seed::random();
    let plain = [&ask.desk.store.now().to_be_bytes()[..], seed.bytes()].concat();
    let sealed = URL_SAFE_NO_PAD.encode(ask.desk.seal_or_make()?.close(&in_session(&ask.who), &plain));
    Ok(answer::html(scan(&ask, &seed, &sealed, None)))
}

/// A seed that is being set up opens in the session in which it was made, and nowhere else.
fn in_session(staff: &Staff) -> String {
    format!("setting up {} in session {}", factor::about(staff.id), staff.session)
}

fn scan(ask: &Ask<Staff>, seed: &Seed, sealed: &str, told: Option<String>) -> Markup {
    let (scene, values) = (ask.scene(), Fields::default());
    let w = scene.w;
    let mut form = Form::new(&scene, &values);
    form.refusal = told;
    let account = scene.staff().map_or("", |staff| &staff.name);
    let link = seed.link(&scene.agency, account);
    card(
        &scene,
        html! {
            p.gate-text { (w.second_factor_scan()) }
            (qr(&link, w.second_factor_scan()))
            p.gate-text { a href=(link) { (w.second_factor_open()) } }
            p.hint.seed { (w.second_factor_type()) code { (seed.text()) } }
            form method="post" action=(paths::SECOND_FACTOR_CONFIRM) novalidate autocomplete="off" {
                (form.head())
                input type="hidden" name="chave" value=(sealed);
                input type="hidden" name="depois" value=(then(ask, true));
                (form.code("codigo", w.second_factor_confirm(), w.app_code_hint(), "numeric", "one-time-code"))
                button.button.main.wide type="submit" { (w.second_factor_set_up()) }
            }
        },
    )
}

/// A code of the new app: from here on it is asked for.
pub async fn confirm(ask: Ask<Staff>) -> Reply {
    let seal = ask.desk.seal_or_make()?;
    let sealed = ask.fields.text("chave");
    let opened = URL_SAFE_NO_PAD.decode(sealed).ok().and_then(|bytes| seal.open(&in_session(&ask.who), &bytes));
    let now = ask.desk.store.now();
    let seed = opened.as_deref().and_then(|bytes| {
        let (at, seed) = bytes.split_first_chunk()?;
        (0..SETTING_UP_MS).contains(&(now - i64::from_be_bytes(*at))).then(|| Seed::of(seed))?
    });
    let Some(seed) = seed else {
        let (scene, w) = (ask.scene(), ask.w);
        let stale = html! { p.refusal role="alert" { (w.second_factor_stale()) } p.gate-foot { a href=(paths::SECOND_FACTOR) { (w.second_factor_begin()) } } };
        return Ok(answer::form_again(card(&scene, stale)));
    };
    let typed: String = ask.fields.text("codigo").chars().filter(|c| !c.is_whitespace()).take(64).collect();
    let Checked::Right(step) = seed.check(&typed, crate::store::now(), 0) else {
        let told = Told::Wrong.words(&ask.scene());
        return Ok(answer::form_again(scan(&ask, &seed, sealed, Some(told))));
    };
    let codes = factor::fresh_codes();
    let (staff, kept) = (ask.who.clone(), codes.clone());
    let sealed = seal.close(&factor::about(staff.id), seed.bytes());
    ask.write(move |tx| factor::enrol(tx, &staff, sealed, step, &kept)).await?;
    Ok(shown_once(&ask, &codes, then(&ask, true)))
}

/// New recovery codes: password and a code, or they would be a way around the app.
pub async fn renew_codes(mut ask: Ask<Staff>) -> Reply {
    let codes = factor::fresh_codes();
    let (staff, kept) = (ask.who.clone(), codes.clone());
    let code = match proved(&mut ask, PROOF_OF_CODES).await? {
        Ok(code) => code,
        Err(again) => return Ok(again),
    };
    let done = ask.write(move |tx| factor::renew_codes(tx, &staff, &code, &kept)).await;
    match done {
        Err(No::Refused(Refusal::LinkDead)) => told(&ask, &Told::Used),
        done => done.map(|()| shown_once(&ask, &codes, paths::PROFILE)),
    }
}

/// The password in this field, and then a code; or the page again.
async fn proved(ask: &mut Ask<Staff>, field: &'static str) -> Answer<Result<Code, Response>> {
    if let Err(no) = ask.prove_now(field).await {
        return refused(ask, no).map(Err);
    }
    match own_code(ask).await? {
        Ok(code) => Ok(Ok(code)),
        Err(why) => told(ask, &why).map(Err),
    }
}

fn shown_once(ask: &Ask<Staff>, codes: &[String], then: &str) -> Response {
    let scene = ask.scene();
    let w = scene.w;
    let account = format!("{} · {}", scene.agency, scene.staff().map_or("", |staff| &staff.name));
    let body = html! {
        h1 { (w.recovery_codes()) }
        p.gate-text { (w.recovery_codes_once()) }
        p.gate-text.print-only { (account) }
        pre.codes #codigos { @for code in codes { (code) "\n" } }
        div.settings-foot {
            button.button type="button" data-copy="#codigos" data-done=(w.copied()) { (icon("copy")) (w.copy()) }
            button.button type="button" data-print="" { (icon("file")) (w.print()) }
        }
        a.button.main.wide href=(then) { (w.recovery_codes_kept()) }
    };
    answer::html(layout::outside(&scene, w.recovery_codes(), body))
}

/// Switches it off: password and a code.
pub async fn switch_off(mut ask: Ask<Staff>) -> Reply {
    let code = match proved(&mut ask, proof::FIELD).await? {
        Ok(code) => code,
        Err(again) => return Ok(again),
    };
    let staff = ask.who.clone();
    match ask.write(move |tx| factor::switch_off(tx, &staff, &code)).await {
        Err(No::Refused(Refusal::LinkDead)) => told(&ask, &Told::Used),
        done => done.map(|()| ask.go(&format!("{}?salvo=sim", paths::PROFILE))),
    }
}

/// How one's own stands, for one's own page.
pub fn of_profile(scene: &Scene, one: Option<&SecondFactor>) -> Markup {
    let w = scene.w;
    html! {
        section.settings-form #duas-etapas {
            h2 { (w.second_factor()) }
            p { @match one {
                Some(one) => (w.second_factor_is_on(&scene.clock.moment(one.since), one.codes.len())),
                None => { (w.second_factor_is_off()) " " (w.second_factor_text()) },
            } }
            div.settings-foot { a.button href=(paths::SECOND_FACTOR) { (if one.is_some() { w.second_factor_manage() } else { w.second_factor_set_up() }) } }
        }
    }
}

/// The way to take away somebody's, where they have one.
pub fn of_user(ask: &Ask<Staff>, id: UserId) -> Answer<Markup> {
    let has = id != ask.who.id && factor::of(&ask.desk.look()?, id)?.is_some();
    Ok(html! {
        @if has { a.button href=(paths::user_second_factor(id)) data-dialog="" { (icon("phone")) (ask.w.second_factor_take()) } }
    })
}

/// An admin looks before taking away somebody's.
pub async fn taking(ask: Ask<Staff>) -> Reply {
    user::another(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let (scene, values) = (ask.scene(), Fields::default());
    let sheet = take_sheet(&ask, &scene, &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.second_factor(), sheet))
}

fn take_sheet(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let (id, w) = (ask.id::<UserId>()?, scene.w);
    let one = user::by_id(&ask.desk.look()?, id)?.ok_or(Refusal::NotFound)?;
    let body = html! { p { (w.second_factor_take_text(&one.name)) } (form.proof()) };
    let action = paths::user_second_factor(id);
    Ok(form::frame(scene, w.second_factor(), &action, form, body, w.second_factor_switch_off()))
}

/// An admin takes away somebody's, who lost the phone.
pub async fn take(mut ask: Ask<Staff>) -> Reply {
    let id: UserId = ask.id()?;
    user::another(&ask.desk.look()?, &ask.who, id)?;
    let done = match ask.prove().await {
        Ok(()) => {
            let staff = ask.who.clone();
            ask.write(move |tx| factor::remove(tx, &staff, id)).await
        }
        no => no,
    };
    match done {
        Ok(()) => Ok(ask.go(&format!("{}?salvo=sim", paths::USERS))),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = take_sheet(&ask, &scene, &form)?;
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.second_factor(), sheet))
        }
    }
}
