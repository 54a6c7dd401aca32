//! Sistema: the agency's name and looks, the external chat, reasons, departments, the closing message, the mail server.

pub mod audit;
pub mod copies;
mod envelope;
pub mod folder;
pub mod https;
pub mod mail;
pub mod roles;
pub mod security;

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::paths;
use super::scene::Scene;
use super::setup;
use super::ui::composer;
use super::ui::form::Form;
use super::ui::icon::icon;
use super::ui::layout::{self, Place};
use crate::domain::access::Act;
use crate::domain::agency::{self, Settings};
use crate::domain::attachment;
use crate::domain::ids::*;
use crate::domain::values::Language;
use crate::domain::{Answer, Refusal, Staff, Viewer, Why, reason};
use crate::media::{Class, Kind};
use crate::words::Words;
use maud::{Markup, html};

/// A settings page: its navigation and its content.
pub fn page(ask: &Ask<Staff>, scene: &Scene, here: &str, title: &str, body: Markup) -> Answer<Markup> {
    let live = layout::Live { address: format!("{}?tela=outra", paths::LIVE), seq: ask.desk.look()?.reached()? };
    live_page(ask, scene, (here, &live), title, body)
}

/// The same of a page that has a stream of its own.
pub fn live_page(
    ask: &Ask<Staff>,
    scene: &Scene,
    (here, live): (&str, &layout::Live),
    title: &str,
    body: Markup,
) -> Answer<Markup> {
    let w = scene.w;
    let unread = super::inbox::unread(&ask.desk.look()?, &ask.who)?;
    Ok(layout::office_column(
        scene,
        Place::System,
        unread,
        Some(live),
        html! {},
        w.system(),
        html! {
            div.settings {
                a.settings-back href=(paths::SYSTEM) { (icon("back")) (w.system()) }
                nav.settings-nav aria-label=(w.system()) { @for (to, label) in places(w, &ask.who) { a href=(to) aria-current=[(to == here).then_some("page")] { (label) } } }
                section.settings-body { h2 { (title) } @if !ask.by_tls() { (no_https(scene, here)) } @if ask.query.ticked("salvo") { p.saved role="status" { (w.saved()) } } (body) }
            }
        },
    ))
}

/// Says what is missing, and where it is mended.
fn no_https(scene: &Scene, here: &str) -> Markup {
    html! {
        p.no-https { (scene.w.no_https_here()) @if here != paths::SYSTEM_HTTPS { " " a href=(paths::SYSTEM_HTTPS) { (scene.w.activate_https()) } } }
    }
}

/// The pages of the settings that are theirs.
fn places(w: Words, staff: &Staff) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [
        (Act::RunTheSystem, paths::SYSTEM_AGENCY, w.agency()),
        (Act::ManageUsers, paths::USERS, w.users()),
        (Act::RunTheSystem, paths::SYSTEM_ROLES, w.roles()),
        (Act::RunTheSystem, paths::SYSTEM_PRESENCE, w.presence_control()),
        (Act::RunTheSystem, paths::SYSTEM_CHAT, w.external_chat()),
        (Act::EditLists, paths::SYSTEM_REASONS, w.reasons()),
        (Act::EditLists, paths::SYSTEM_DEPARTMENTS, w.departments()),
        (Act::EditLists, paths::SYSTEM_CLOSING, w.closing_message()),
        (Act::RunTheSystem, paths::SYSTEM_MAIL, w.mail_sending()),
        (Act::KeepCopies, paths::SYSTEM_COPIES, w.copies()),
        (Act::ReadAudit, paths::SYSTEM_AUDIT, w.audit()),
        (Act::RunTheSystem, paths::SYSTEM_SECURITY, w.system_security()),
        (Act::RunTheSystem, paths::SYSTEM_HTTPS, w.connection_security()),
    ];
    all.into_iter().filter(|(act, ..)| staff.may(*act)).map(|(_, to, label)| (to, label))
}

fn admin(ask: &Ask<Staff>) -> Answer<()> {
    ask.who.must(Act::RunTheSystem)
}

pub(super) fn saved(ask: &Ask<Staff>, at: &str) -> Reply {
    Ok(ask.go(&format!("{at}?salvo=sim")))
}

pub(super) fn plain_form(scene: &Scene, action: &str, form: &Form<'_>, body: Markup) -> Markup {
    form_with(scene, action, form, body, Markup::default())
}

/// The same with more buttons behind the main one, which Enter therefore presses.
fn form_with(scene: &Scene, action: &str, form: &Form<'_>, body: Markup, more: Markup) -> Markup {
    html! {
        form.settings-form method="post" action=(action) data-upload-url=(paths::FILES) data-files-max="1" data-bytes-max={ (25 * 1024 * 1024) } data-say-too-big=(scene.w.too_big()) data-say-too-many=(scene.w.why_too_many(1)) novalidate {
            (form.head()) (body)
            div.settings-foot { button.button.main type="submit" { (scene.w.save()) } (more) }
        }
    }
}

/// All pages that are theirs: on the phone they are a page, beside which there is room for nothing.
pub async fn index(ask: Ask<Staff>) -> Reply {
    if !ask.who.may_settle() {
        return Err(Refusal::NotAllowed.into());
    }
    let (scene, look) = (ask.scene(), ask.desk.look()?);
    let unread = super::inbox::unread(&look, &ask.who)?;
    let live = layout::Live { address: format!("{}?tela=outra", paths::LIVE), seq: look.reached()? };
    let body = html! {
        nav.rows.settings-index aria-label=(scene.w.system()) {
            @for (to, label) in places(scene.w, &ask.who) { a.row href=(to) { b { (label) } (icon("next")) } }
        }
    };
    let title = scene.w.system();
    Ok(answer::html(layout::office_column(&scene, Place::System, unread, Some(&live), html! {}, title, body)))
}

/// Name, colour, language, time zone, the portal's address, logo.
pub async fn agency(ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    let scene = ask.scene();
    let values = Fields::default()
        .with("nome", ask.agency.name.clone())
        .with("cor", ask.agency.hue.to_string())
        .with("idioma", ask.agency.language.tag())
        .with("fuso", ask.agency.time_zone.clone())
        .with("endereco_portal", ask.agency.public_url.clone().unwrap_or_default())
        .with("endereco_escritorio", ask.agency.office_url.clone().unwrap_or_default());
    Ok(answer::html(agency_page(&ask, &scene, &Form::new(&scene, &values))?))
}

fn agency_page(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let body = html! {
        (plain_form(scene, paths::SYSTEM_AGENCY, form, html! {
            (form.text("nome", w.agency_name()))
            (setup::hues(scene, form))
            div.two { (form.select("idioma", w.language(), &setup::languages(scene))) (form.select("fuso", w.time_zone(), &setup::zones(form.value("fuso")))) }
            (form.line("url", "endereco_portal", w.portal_address(), "off", &w.portal_address_hint(&super::access::portal_address(ask))))
            (form.line("url", "endereco_escritorio", w.office_address(), "off", &w.office_address_hint(&ask.desk.office())))
            (form.proof_asked())
        }))
        form.settings-form.logo-form method="post" action=(paths::SYSTEM_LOGO) data-upload-url=(paths::FILES) data-files-max="1" data-bytes-max={ (25 * 1024 * 1024) } data-say-too-big=(w.too_big()) data-say-too-many=(w.why_too_many(1)) {
            input type="hidden" name="_csrf" value=(scene.csrf);
            h3 { (w.logo()) }
            @if scene.logo { img.logo-now src=(paths::LOGO) alt=(w.logo()) height="56"; }
            (composer::files_field(scene, false, "image/png,image/jpeg,image/webp"))
            div.settings-foot {
                button.button type="submit" { (w.use_logo()) }
                @if scene.logo { button.button type="submit" name="tirar" value="sim" { (w.remove_logo()) } }
            }
        }
    };
    page(ask, scene, paths::SYSTEM_AGENCY, w.agency(), body)
}

/// Saves them.
pub async fn save_agency(mut ask: Ask<Staff>) -> Reply {
    match try_save_agency(&mut ask).await {
        Ok(()) => saved(&ask, paths::SYSTEM_AGENCY),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(agency_page(&ask, &scene, &form)?))
        }
    }
}

async fn try_save_agency(ask: &mut Ask<Staff>) -> Answer<()> {
    admin(ask)?;
    let fields = &ask.fields;
    let staff = ask.who.clone();
    let settings = Settings {
        name: fields.text("nome").to_owned(),
        hue: fields.text("cor").parse().unwrap_or(ask.agency.hue),
        language: Language::of(fields.text("idioma")).unwrap_or(ask.agency.language),
        time_zone: fields.text("fuso").to_owned(),
        public_url: fields.text("endereco_portal").to_owned(),
        office_url: fields.text("endereco_escritorio").to_owned(),
    };
    // Letters carry keys to these addresses: whoever changes it could have them sent to a house of their own.
    if !settings.leads_as(&ask.agency) {
        ask.prove().await?;
    }
    ask.write(move |tx| agency::settle(tx, &staff, &settings)).await
}

/// Sets or removes the logo; a picture that was uploaded like any other.
pub async fn save_logo(ask: Ask<Staff>) -> Reply {
    let (staff, viewer) = (ask.who.clone(), Viewer::Staff(ask.who.clone()));
    let (remove, token) = (ask.fields.ticked("tirar"), ask.fields.text("arquivo").to_owned());
    ask.write(move |tx| {
        if remove {
            return agency::set_logo(tx, &staff, None);
        }
        let file = attachment::visible(tx, &viewer, &token)?;
        let picture = Kind::from_key(&file.kind).is_some_and(|kind| kind.class() == Class::Picture);
        match file.preview.filter(|_| picture) {
            Some(preview) => agency::set_logo(tx, &staff, Some((preview.hash, preview.kind))),
            None => Err(Refusal::Invalid(vec![("arquivo", Why::NotAChoice)]).into()),
        }
    })
    .await?;
    saved(&ask, paths::SYSTEM_AGENCY)
}

/// E1.
pub async fn chat(ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    let scene = ask.scene();
    let w = scene.w;
    let values = if ask.agency.chat_external_on { Fields::default().with("ativo", "sim") } else { Fields::default() };
    let form = Form::new(&scene, &values);
    let body = plain_form(
        &scene,
        paths::SYSTEM_CHAT,
        &form,
        html! { p { (w.chat_switch_text()) } (form.tick("ativo", w.chat_switch(), None)) },
    );
    Ok(answer::html(page(&ask, &scene, paths::SYSTEM_CHAT, w.external_chat(), body)?))
}

/// E1: switches it.
pub async fn save_chat(ask: Ask<Staff>) -> Reply {
    let (staff, on) = (ask.who.clone(), ask.fields.ticked("ativo"));
    ask.write(move |tx| agency::switch_chat(tx, &staff, on)).await?;
    saved(&ask, paths::SYSTEM_CHAT)
}

/// Q9: the closing message.
pub async fn closing(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::EditLists)?;
    let scene = ask.scene();
    let values = Fields::default().with("mensagem", ask.agency.closing_message.clone());
    Ok(answer::html(closing_page(&ask, &scene, &Form::new(&scene, &values))?))
}

fn closing_page(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let body = plain_form(
        scene,
        paths::SYSTEM_CLOSING,
        form,
        form.area("mensagem", w.closing_message(), 4, w.closing_message_hint()),
    );
    page(ask, scene, paths::SYSTEM_CLOSING, w.closing_message(), body)
}

/// Saves it.
pub async fn save_closing(ask: Ask<Staff>) -> Reply {
    let (staff, text) = (ask.who.clone(), ask.fields.text("mensagem").to_owned());
    match ask.write(move |tx| agency::set_closing_message(tx, &staff, &text)).await {
        Ok(()) => saved(&ask, paths::SYSTEM_CLOSING),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(closing_page(&ask, &scene, &form)?))
        }
    }
}

/// The reasons of contact.
pub async fn reasons(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::EditLists)?;
    let scene = ask.scene();
    let values = Fields::default();
    Ok(answer::html(reasons_page(&ask, &scene, &Form::new(&scene, &values))?))
}

fn reasons_page(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let all = reason::all(&ask.desk.look()?)?;
    let rows: Vec<(String, &str, bool)> =
        all.iter().map(|one| (paths::reason(one.id), one.name.as_str(), one.active)).collect();
    page(
        ask,
        scene,
        paths::SYSTEM_REASONS,
        w.reasons(),
        names(scene, paths::SYSTEM_REASONS, form, &rows, w.new_reason(), w.reasons_hint()),
    )
}

fn names(
    scene: &Scene,
    action: &str,
    form: &Form<'_>,
    rows: &[(String, &str, bool)],
    label: &str,
    hint: &str,
) -> Markup {
    let w = scene.w;
    html! {
        p.hint { (hint) }
        ul.names {
            @for (to, name, active) in rows {
                li.off[!active] {
                    span.grow { (name) }
                    form method="post" action=(to) {
                        input type="hidden" name="_csrf" value=(scene.csrf);
                        input type="hidden" name="ativo" value=(if *active { "" } else { "sim" });
                        button.button type="submit" { @if *active { (w.no_longer_offer()) } @else { (w.offer_again()) } span.unseen { ": " (name) } }
                    }
                }
            }
        }
        form.settings-form.add-name method="post" action=(action) novalidate {
            (form.head()) (form.text("nome", label))
            button.button.main type="submit" { (w.add()) }
        }
    }
}

/// Adds one.
pub async fn add_reason(ask: Ask<Staff>) -> Reply {
    let (staff, name) = (ask.who.clone(), ask.fields.text("nome").to_owned());
    match ask.write(move |tx| reason::add(tx, &staff, &name)).await {
        Ok(_) => saved(&ask, paths::SYSTEM_REASONS),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(reasons_page(&ask, &scene, &form)?))
        }
    }
}

/// Offers one, or no longer.
pub async fn offer_reason(ask: Ask<Staff>) -> Reply {
    let (staff, id, on) = (ask.who.clone(), ask.id::<ReasonId>()?, ask.fields.ticked("ativo"));
    ask.write(move |tx| reason::offer(tx, &staff, id, on)).await?;
    saved(&ask, paths::SYSTEM_REASONS)
}

/// The departments.
pub async fn departments(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::EditLists)?;
    let scene = ask.scene();
    let values = Fields::default();
    Ok(answer::html(departments_page(&ask, &scene, &Form::new(&scene, &values))?))
}

fn departments_page(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let all = reason::departments(&ask.desk.look()?)?;
    let rows: Vec<(String, &str, bool)> =
        all.iter().map(|one| (paths::department(one.id), one.name.as_str(), one.active)).collect();
    let body = names(scene, paths::SYSTEM_DEPARTMENTS, form, &rows, w.new_department(), w.departments_hint());
    page(ask, scene, paths::SYSTEM_DEPARTMENTS, w.departments(), body)
}

/// Adds one.
pub async fn add_department(ask: Ask<Staff>) -> Reply {
    let (staff, name) = (ask.who.clone(), ask.fields.text("nome").to_owned());
    match ask.write(move |tx| reason::add_department(tx, &staff, &name)).await {
        Ok(_) => saved(&ask, paths::SYSTEM_DEPARTMENTS),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(departments_page(&ask, &scene, &form)?))
        }
    }
}

/// Offers one, or no longer.
pub async fn offer_department(ask: Ask<Staff>) -> Reply {
    let (staff, id, on) = (ask.who.clone(), ask.id::<DepartmentId>()?, ask.fields.ticked("ativo"));
    ask.write(move |tx| reason::offer_department(tx, &staff, id, on)).await?;
    saved(&ask, paths::SYSTEM_DEPARTMENTS)
}
