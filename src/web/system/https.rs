//! Sistema → Segurança da conexão: HTTPS in the office by an authority of our own, and in the portal by ACME.
//!
//! Nobody is locked out: HTTPS alone is demanded only from a page that came by HTTPS, and given up only from a page that
//! did not.

use super::{admin, page, saved};
use crate::domain::audit::{self, Deed};
use crate::domain::{Answer, Staff, Why, values};
use crate::tls::{Office, Portal, State, Tls, Wrong};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::certificate::{self, reached_at};
use crate::web::fields::Fields;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use crate::words::Words;
use maud::{Markup, html};
use poem::http::uri::Scheme;
use std::sync::Arc;

/// How both doors stand.
pub async fn show(ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    let scene = ask.scene();
    let values = values_now(&ask);
    let forms = Forms { office: &Form::new(&scene, &values), portal: &Form::new(&scene, &values) };
    Ok(answer::html(draw(&ask, &scene, &forms)?))
}

/// Office: prepares, names, demands, or gives up.
pub async fn office(mut ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    if let Err(no) = ask.prove().await {
        let (scene, typed) = (ask.scene(), office_typed(&ask));
        return office_again(&ask, &scene, &Form::refused(&scene, &typed, no)?);
    }
    let (what, typed) = (ask.fields.text("fazer").to_owned(), ask.fields.text("nomes").to_owned());
    let (agency, by_tls) = (ask.agency.name.clone(), is_by_tls(&ask));
    let done = blocking(&ask, move |tls| match (what.as_str(), by_tls) {
        ("preparar", _) => tls.prepare(&agency, &typed),
        ("nomes", _) => tls.name(&typed),
        ("exigir", true) => tls.demand(true),
        ("aceitar", _) => tls.demand(false),
        ("desistir", false) => tls.give_up(),
        _ => Err(Wrong::NotOurs),
    });
    match done.await {
        Ok(()) => noted(&ask, "office").await,
        Err(wrong) => {
            let (scene, typed) = (ask.scene(), office_typed(&ask));
            let mut form = Form::new(&scene, &typed);
            form.refusal = Some(words(scene.w, &wrong));
            office_again(&ask, &scene, &form)
        }
    }
}

/// Portal: wishes for a certificate, or gives it up.
pub async fn portal(mut ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    if let Err(no) = ask.prove().await {
        let scene = ask.scene();
        return portal_again(&ask, &scene, &Form::refused(&scene, &ask.fields, no)?);
    }
    let (domain, email) = (ask.fields.text("dominio").to_owned(), values::email(ask.fields.text("contato")));
    let scene = ask.scene();
    let mut form = Form::new(&scene, &ask.fields);
    let done = if ask.fields.ticked("desligar") {
        blocking(&ask, Tls::unwish).await
    } else {
        match email {
            Err(why) => return portal_again(&ask, &scene, &form.with_wrong("contato", why)),
            Ok(_) if !ask.fields.ticked("concordo") => {
                form.refusal = Some(scene.w.https_agree_needed().to_owned());
                return portal_again(&ask, &scene, &form);
            }
            Ok(email) => blocking(&ask, move |tls| tls.wish(&domain, &email)).await,
        }
    };
    match done {
        Ok(()) => noted(&ask, "portal").await,
        Err(Wrong::NotAName(_)) => portal_again(&ask, &scene, &form.with_wrong("dominio", Why::NotAUrl)),
        Err(wrong) => {
            form.refusal = Some(words(scene.w, &wrong));
            portal_again(&ask, &scene, &form)
        }
    }
}

/// Leads back, with a note of what was pressed.
async fn noted(ask: &Ask<Staff>, door: &str) -> Reply {
    let what = if ask.fields.ticked("desligar") { "desligar" } else { ask.fields.text("fazer") };
    let (staff, about) = (ask.who.clone(), format!("HTTPS {door} {what} {}", ask.fields.text("dominio")));
    ask.write(move |tx| audit::note(tx, &staff, Deed::SettingsChanged, true, about.trim())).await?;
    saved(ask, paths::SYSTEM_HTTPS)
}

/// What was typed; the buttons alone come without the names, which are then as they were.
fn office_typed(ask: &Ask<Staff>) -> Fields {
    let typed = ask.fields.clone();
    if typed.get("nomes").is_some() { typed } else { typed.with("nomes", values_now(ask).text("nomes")) }
}

fn office_again(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Reply {
    let values = values_now(ask);
    let forms = Forms { office: form, portal: &Form::new(scene, &values) };
    Ok(answer::form_again(draw(ask, scene, &forms)?))
}

fn portal_again(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Reply {
    let values = values_now(ask);
    let forms = Forms { office: &Form::new(scene, &values), portal: form };
    Ok(answer::form_again(draw(ask, scene, &forms)?))
}

/// The disk and the making of keys keep no thread that serves.
async fn blocking(
    ask: &Ask<Staff>,
    what: impl FnOnce(&Tls) -> Result<(), Wrong> + Send + 'static,
) -> Result<(), Wrong> {
    let tls: Arc<Tls> = ask.desk.tls.clone();
    let done = tokio::task::spawn_blocking(move || what(&tls)).await;
    done.unwrap_or_else(|panic| Err(Wrong::Failed(panic.to_string())))
}

/// Whether this very page came by TLS: not what the agency says of itself.
fn is_by_tls(ask: &Ask<Staff>) -> bool {
    *ask.request.scheme() == Scheme::HTTPS
}

fn words(w: Words, wrong: &Wrong) -> String {
    match wrong {
        Wrong::NotAName(what) => w.https_not_a_name(what),
        Wrong::TooMany => w.https_too_many().to_owned(),
        Wrong::OutOfBounds(what) => w.https_out_of_bounds(what),
        Wrong::NotOurs => w.https_not_ours().to_owned(),
        Wrong::Failed(why) => {
            tracing::error!(why, "a certificate could not be made or kept");
            w.https_failed(why)
        }
    }
}

struct Forms<'f> {
    office: &'f Form<'f>,
    portal: &'f Form<'f>,
}

fn values_now(ask: &Ask<Staff>) -> Fields {
    let tls = &ask.desk.tls;
    let wish = tls.portal_wish();
    Fields::default()
        .with("nomes", tls.office_own().map_or(String::new(), |own| own.added.join(" ")))
        .with("dominio", wish.as_ref().map_or(String::new(), |wish| wish.domain.clone()))
        .with("contato", wish.map_or(String::new(), |wish| wish.email))
}

fn draw(ask: &Ask<Staff>, scene: &Scene, forms: &Forms<'_>) -> Answer<Markup> {
    let w = scene.w;
    let body = html! {
        section.settings-form { h3 { (w.https_office()) } (office_part(ask, scene, forms.office)) }
        section.settings-form { h3 { (w.https_portal()) } (portal_part(ask, scene, forms.portal)) }
    };
    page(ask, scene, paths::SYSTEM_HTTPS, w.connection_security(), body)
}

fn office_part(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let tls = &ask.desk.tls;
    match (tls.office_own(), tls.office.pair().filter(|_| tls.office_given)) {
        (_, Some(pair)) => html! { p { (w.https_given(&day(scene, pair.until))) } },
        (Some(own), None) => steps(ask, scene, form, &own),
        (None, None) => html! {
            p { (w.https_office_text()) }
            (office_form(form, html! {
                (form.line("text", "nomes", w.https_names(), "off", w.https_names_hint()))
                (form.proof_asked())
                div.settings-foot { button.button.main type="submit" name="fazer" value="preparar" { (w.https_prepare()) } }
            }))
        },
    }
}

fn office_form(form: &Form<'_>, body: Markup) -> Markup {
    html! { form method="post" action=(paths::SYSTEM_HTTPS) novalidate { (form.head()) (body) } }
}

fn steps(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>, own: &Office) -> Markup {
    let w = scene.w;
    let secure = format!("https://{}", reached_at(ask));
    html! {
        h4 { (w.https_step_1()) }
        p { @if !own.strict { (w.https_both()) " " } (w.https_step_1_text()) }
        ul.plain-names { @for name in &own.certified { li { (name) } } }
        (office_form(form, html! {
            (form.line("text", "nomes", w.https_names(), "off", w.https_names_hint()))
            @if form.value("fazer") == "nomes" { (form.proof_asked()) }
            div.settings-foot { button.button type="submit" name="fazer" value="nomes" { (w.save()) } }
        }))
        h4 { (w.https_step_2()) }
        p { (w.https_step_2_text()) }
        (certificate::code(ask))
        (certificate::fingerprint(scene, &own.fingerprint))
        h4 { (w.https_step_3()) }
        @if own.strict {
            p { (w.https_demanded()) " " a href=(secure) { (secure) } }
        } @else if is_by_tls(ask) {
            p { (w.https_step_3_text()) }
        } @else {
            p { (w.https_step_3_from_plain()) }
        }
        (switches(ask, scene, form, own, &secure))
    }
}

/// What may be pressed from here.
fn switches(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>, own: &Office, secure: &str) -> Markup {
    let w = scene.w;
    let by_tls = is_by_tls(ask);
    html! {
        form method="post" action=(paths::SYSTEM_HTTPS) {
            input type="hidden" name="_csrf" value=(scene.csrf);
            @if form.value("fazer") != "nomes" { (form.proof_asked()) }
            div.settings-foot {
                @if own.strict { button.button type="submit" name="fazer" value="aceitar" { (w.https_undemand()) } }
                @else if by_tls { button.button.main type="submit" name="fazer" value="exigir" { (w.https_demand()) } }
                @else { a.button.main href={ (secure) (paths::SYSTEM_HTTPS) } { (w.https_open()) } }
                @if !own.strict && !by_tls {
                    button.button.danger type="submit" name="fazer" value="desistir" data-confirm=(w.https_give_up_sure()) { (w.https_give_up()) }
                }
            }
            @if !own.strict && by_tls {
                p.hint { (w.https_give_up_from_plain()) " " a href={ "http://" (reached_at(ask)) (paths::SYSTEM_HTTPS) } { (w.https_open_plain()) } }
            }
        }
    }
}

fn portal_part(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let tls = &ask.desk.tls;
    let wish = tls.portal_wish();
    let plain =
        ask.agency.public_url.as_deref().filter(|url| url.starts_with("http://") && tls.portal.pair().is_some());
    html! {
        @if let Some(pair) = tls.portal.pair().filter(|_| tls.portal_given) {
            p { (w.https_given(&day(scene, pair.until))) }
        } @else {
            @match &wish { Some(wish) => (standing(scene, wish)), None => p { (w.https_portal_text()) } }
            form method="post" action=(paths::SYSTEM_HTTPS_PORTAL) novalidate {
                (form.head())
                (form.line("text", "dominio", w.https_domain(), "off", w.https_domain_hint()))
                (form.line("email", "contato", w.https_contact(), "email", ""))
                (form.tick("concordo", w.https_agree(), None))
                (form.proof_asked())
                div.settings-foot {
                    button.button.main type="submit" { @if wish.is_some() { (w.https_ask_again()) } @else { (w.https_ask()) } }
                    @if wish.is_some() { button.button type="submit" name="desligar" value="sim" { (w.https_unwish()) } }
                }
            }
        }
        @if let Some(address) = plain { p.hint { (w.https_portal_address_plain(address)) } }
    }
}

fn standing(scene: &Scene, wish: &Portal) -> Markup {
    let w = scene.w;
    let until = wish.until.map(|until| day(scene, until));
    html! {
        @if let Some(until) = &until { p role="status" { (w.https_served(&wish.domain, until)) } }
        @match &wish.state {
            State::Served => {}
            State::Asking => p role="status" { (w.https_asking(&wish.domain)) },
            State::Failed(why, next) => {
                p.refusal role="alert" { (w.https_refused(&wish.domain, &scene.clock.exact(next.saturating_mul(1_000)))) }
                p.what-was-said { (why) }
                p.hint { (w.https_ports_hint()) }
            }
        }
    }
}

/// A day, from seconds.
fn day(scene: &Scene, at: i64) -> String {
    scene.clock.exact(at.saturating_mul(1_000))
}
