//! External accesses: create, hand over once, edit, new password, send again, revoke (E5, E6, E9).

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::inbox::actions;
use super::paths;
use super::scene::Scene;
use super::ui::bits;
use super::ui::composer;
use super::ui::form::{self, Form};
use super::ui::icon::icon;
use super::ui::layout::Place;
use crate::domain::external_access::{self, Access, NewAccess};
use crate::domain::ids::*;
use crate::domain::{Answer, Refusal, Staff, contact, opportunity, password};
use maud::{Markup, html};

/// Where the portal is reached: the agency's address for it, else this machine's.
pub fn portal_address(ask: &Ask<Staff>) -> String {
    ask.agency.public_url.clone().unwrap_or_else(|| ask.desk.portal())
}

/// E5: the form.
pub async fn new(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let look = ask.desk.look()?;
    let deal = opportunity::visible(&look, &ask.who, id)?;
    let client = contact::by_id(&look, deal.contact)?;
    let taken = external_access::of_opportunity(&look, &ask.who, id)?;
    // The client's address is offered until they have an access; a second one is for somebody else.
    let free = client
        .emails
        .iter()
        .find(|email| !taken.iter().any(|access| access.email == **email && access.revoked_at.is_none()));
    let scene = ask.scene();
    let values = Fields::default().with("email", free.cloned().unwrap_or_default());
    let values = if scene.mail_on { values.with("enviar", "sim") } else { values };
    let sheet = new_sheet(&scene, id, &Form::new(&scene, &values), &client.emails);
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.create_access(), sheet))
}

/// E5: creates it; E6: shows link and password, once.
pub async fn create(mut ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    match try_create(&mut ask, id).await {
        Ok(access) => {
            let scene = ask.scene();
            let sheet = handed_over(&ask, &scene, &access, ask.fields.text("senha"), scene.w.access_created());
            Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.create_access(), sheet))
        }
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = new_sheet(&scene, id, &form, &[]);
            Ok(actions::form_again(&ask, &scene, Place::Opportunities, scene.w.create_access(), sheet))
        }
    }
}

async fn try_create(ask: &mut Ask<Staff>, id: OpportunityId) -> Answer<Access> {
    opportunity::visible(&ask.desk.look()?, &ask.who, id)?;
    let fields = &ask.fields;
    let first = actions::draft(fields);
    let mut wrong = Vec::new();
    let email = crate::domain::values::email(fields.text("email")).unwrap_or_else(|why| {
        wrong.push(("email", why));
        String::new()
    });
    if let Err(why) = password::check(fields.text("senha"), password::PORTAL_CHARS_MIN, &[&email]) {
        wrong.push(("senha", why));
    }
    if first.text.trim().is_empty() && first.files.is_empty() {
        wrong.push(("texto", crate::domain::Why::Empty));
    }
    if !wrong.is_empty() {
        return Err(Refusal::Invalid(wrong).into());
    }
    ask.prove().await?;
    let fields = &ask.fields;
    let hashed = hash(ask, &email, fields.text("senha")).await?;
    let new = NewAccess {
        email,
        name: fields.text("nome").to_owned(),
        password: hashed,
        first,
        mail: fields.ticked("enviar") && ask.agency.smtp.is_some(),
    };
    let staff = ask.who.clone();
    ask.write(move |tx| external_access::create(tx, &staff, id, &new)).await
}

async fn hash(ask: &Ask<Staff>, email: &str, typed: &str) -> Answer<password::Hashed> {
    let beside = external_access::hash_of(&ask.desk.look()?, email)?;
    ask.desk.hash(typed.to_owned(), beside).await
}

fn new_sheet(scene: &Scene, id: OpportunityId, form: &Form<'_>, offered: &[String]) -> Markup {
    let w = scene.w;
    let token = form.value("token");
    form::frame(
        scene,
        w.create_access(),
        &paths::of_opportunity(id, "acessos"),
        form,
        html! {
            input type="hidden" name="token" value=(if token.is_empty() { crate::domain::token::name() } else { token.to_owned() });
            div.two {
                (form.line("email", "email", w.email(), "off", ""))
                (form.line("text", "nome", w.name(), "off", w.access_name_hint()))
            }
            @if offered.len() > 1 { p.hint { (w.client_addresses()) " " (offered.join(", ")) } }
            (form.password("senha", w.password(), "off", true, &w.password_hint(password::PORTAL_CHARS_MIN)))
            (form.area("texto", w.message(), 5, w.first_message_hint()))
            (composer::files_field(scene, true, ""))
            (form.tick("enviar", w.mail_access(), (!scene.mail_on).then(|| w.mail_off())))
            (form.proof())
        },
        w.create_access_button(),
    )
}

/// Link and password, shown once, to be copied or read out.
fn handed_over(ask: &Ask<Staff>, scene: &Scene, access: &Access, typed: &str, title: &str) -> Markup {
    let w = scene.w;
    let link = portal_address(ask);
    let text = w.handover_text(&scene.agency, &link, &access.email, typed);
    html! {
        div.sheet.handover data-once="" data-say-leave=(w.leave_password()) {
            header.sheet-head { h2 { (icon("check")) (title) } button.icon type="button" data-act="close" aria-label=(w.close()) { (icon("close")) } }
            div.sheet-body {
                p { (w.shown_once()) }
                (copy_line(scene, "link-portal", w.link(), &link))
                (copy_line(scene, "email-portal", w.email(), &access.email))
                (copy_line(scene, "senha-portal", w.password(), typed))
                details { summary { (w.text_to_send()) } pre.quote #texto-portal { (text) } button.button type="button" data-copy="#texto-portal" data-done=(w.copied()) { (icon("copy")) (w.copy_text()) } }
                @if !scene.mail_on { p.hint { (w.mail_off()) } }
            }
            footer.sheet-foot { a.button.main href=(paths::opportunity_conversation(access.opportunity, access.conversation)) { (w.done()) } }
        }
    }
}

/// What is to be copied, with its button.
pub(super) fn copy_line(scene: &Scene, id: &str, label: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            div.with-button {
                input id=(id) value=(value) readonly;
                button.button type="button" data-copy={ "#" (id) } data-done=(scene.w.copied()) { (icon("copy")) (scene.w.copy()) }
            }
        }
    }
}

/// E7: "Link para portal de chat externo".
pub async fn link(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    opportunity::visible(&ask.desk.look()?, &ask.who, id)?;
    let scene = ask.scene();
    let w = scene.w;
    let sheet = html! {
        div.sheet {
            header.sheet-head { h2 { (w.portal_link()) } button.icon type="button" data-act="close" aria-label=(w.close()) { (icon("close")) } }
            div.sheet-body { (copy_line(&scene, "link-portal", w.link(), &portal_address(&ask))) p.hint { (w.portal_link_hint()) } }
        }
    };
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, w.portal_link(), sheet))
}

/// E9: "Gestão de chat externo".
pub async fn manage(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let scene = ask.scene();
    let sheet = manage_sheet(&ask, &scene, id, "")?;
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.manage_chat(), sheet))
}

fn manage_sheet(ask: &Ask<Staff>, scene: &Scene, id: OpportunityId, said: &str) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let all = external_access::of_opportunity(&look, &ask.who, id)?;
    let mut rows = Vec::new();
    for access in all {
        let by = super::thread::user_name(&look, access.created_by)?;
        rows.push((access, by));
    }
    Ok(html! {
        div.sheet.wide {
            header.sheet-head { h2 { (w.manage_chat()) } button.icon type="button" data-act="close" aria-label=(w.close()) { (icon("close")) } }
            div.sheet-body {
                @if !said.is_empty() { (bits::notice("good", said)) }
                @if rows.is_empty() { p.hint { (w.no_access_yet()) } }
                ul.accesses {
                    @for (access, by) in &rows { (access_row(scene, access, by)) }
                }
                @if !scene.mail_on { p.hint { (w.mail_off()) } }
            }
            footer.sheet-foot {
                button.button type="button" data-act="close" { (w.close()) }
                a.button.main href=(paths::of_opportunity(id, "acessos/novo")) data-dialog="" { (icon("plus")) (w.create_access()) }
            }
        }
    })
}

fn access_row(scene: &Scene, access: &Access, by: &str) -> Markup {
    let w = scene.w;
    let (tone, state) = match (access.revoked_at, access.entered_at) {
        (Some(_), _) => ("bad", w.revoked().to_owned()),
        (None, Some(at)) => ("good", w.entered_at(&scene.clock.moment(at))),
        (None, None) => ("warn", w.never_entered().to_owned()),
    };
    html! {
        li.access {
            div.access-who { b { (access.email) } small { (w.activated(by, &scene.clock.exact(access.created_at))) } (bits::status(tone, &state)) }
            @if access.revoked_at.is_none() {
                div.access-do {
                    a.button href=(paths::of_access(access.id, "senha")) data-dialog="" { (icon("key")) (w.new_password()) }
                    form method="post" action=(paths::of_access(access.id, "reenvio")) {
                        input type="hidden" name="_csrf" value=(scene.csrf);
                        button.button type="submit" disabled[!scene.mail_on] title=[(!scene.mail_on).then(|| w.mail_off())] { (icon("mail")) (w.resend_access()) }
                    }
                    a.button href=(paths::of_access(access.id, "edicao")) data-dialog="" { (icon("edit")) (w.edit()) }
                    a.button.danger href=(paths::of_access(access.id, "revogacao")) data-dialog="" { (w.revoke()) }
                }
            }
        }
    }
}

/// E9: the form of another address.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    let access = external_access::visible(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let scene = ask.scene();
    let values = Fields::default().with("email", access.email.clone());
    let sheet = edit_sheet(&scene, access.id, &Form::new(&scene, &values));
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.edit_access(), sheet))
}

/// E9: gives it to another address.
pub async fn change(mut ask: Ask<Staff>) -> Reply {
    let id: AccessId = ask.id()?;
    match try_change(&mut ask, id).await {
        Ok(()) => back_to_list(&ask, id, ask.w.saved()),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(actions::form_again(
                &ask,
                &scene,
                Place::Opportunities,
                scene.w.edit_access(),
                edit_sheet(&scene, id, &form),
            ))
        }
    }
}

async fn try_change(ask: &mut Ask<Staff>, id: AccessId) -> Answer<()> {
    external_access::visible(&ask.desk.look()?, &ask.who, id)?;
    let email =
        crate::domain::values::email(ask.fields.text("email")).map_err(|why| Refusal::Invalid(vec![("email", why)]))?;
    ask.prove().await?;
    let staff = ask.who.clone();
    ask.write(move |tx| external_access::edit(tx, &staff, id, &email)).await
}

fn edit_sheet(scene: &Scene, id: AccessId, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! { (form.line("email", "email", w.email(), "off", w.edit_access_hint())) (form.proof()) };
    form::frame(scene, w.edit_access(), &paths::access(id), form, body, w.save())
}

/// E9: the form of a new password.
pub async fn password_form(ask: Ask<Staff>) -> Reply {
    let access = external_access::visible(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let scene = ask.scene();
    let values = Fields::default();
    let sheet = password_sheet(&scene, &access, &Form::new(&scene, &values));
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.new_password(), sheet))
}

/// E9: makes it, and shows it once.
pub async fn renew(mut ask: Ask<Staff>) -> Reply {
    let access = external_access::visible(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let typed = ask.fields.text("senha").to_owned();
    let renewed = try_renew(&mut ask, &access, &typed).await;
    let scene = ask.scene();
    match renewed {
        Ok(access) => {
            let sheet = handed_over(&ask, &scene, &access, &typed, scene.w.password_renewed());
            Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.new_password(), sheet))
        }
        Err(no) => {
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = password_sheet(&scene, &access, &form);
            Ok(actions::form_again(&ask, &scene, Place::Opportunities, scene.w.new_password(), sheet))
        }
    }
}

async fn try_renew(ask: &mut Ask<Staff>, access: &Access, typed: &str) -> Answer<Access> {
    password::check(typed, password::PORTAL_CHARS_MIN, &[&access.email])
        .map_err(|why| Refusal::Invalid(vec![("senha", why)]))?;
    ask.prove().await?;
    let hashed = hash(ask, &access.email, typed).await?;
    let (staff, id) = (ask.who.clone(), access.id);
    ask.write(move |tx| external_access::renew(tx, &staff, id, hashed)).await
}

fn password_sheet(scene: &Scene, access: &Access, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let body = html! {
        p { (w.new_password_text(&access.email)) }
        (form.password("senha", w.password(), "off", true, &w.password_hint(password::PORTAL_CHARS_MIN)))
        (form.proof())
    };
    form::frame(scene, w.new_password(), &paths::of_access(access.id, "senha"), form, body, w.new_password())
}

/// E9: "Reenviar acesso".
pub async fn resend(mut ask: Ask<Staff>) -> Reply {
    if ask.agency.smtp.is_none() {
        return Ok(answer::sentence(poem::http::StatusCode::CONFLICT, ask.w.mail_off()));
    }
    let access = external_access::visible(&ask.desk.look()?, &ask.who, ask.id()?)?;
    if let Err(no) = ask.prove().await {
        let scene = ask.scene();
        let form = Form::refused(&scene, &ask.fields, no)?;
        let body = html! { p { (access.email) } (form.proof()) };
        let title = scene.w.resend_access();
        let sheet = form::frame(&scene, title, &paths::of_access(access.id, "reenvio"), &form, body, title);
        return Ok(actions::form_again(&ask, &scene, Place::Opportunities, title, sheet));
    }
    let (staff, id) = (ask.who.clone(), access.id);
    ask.write(move |tx| external_access::resend(tx, &staff, id)).await?;
    back_to_list(&ask, id, ask.w.access_resent())
}

/// E9: asks before revoking.
pub async fn revoking(ask: Ask<Staff>) -> Reply {
    let access = external_access::visible(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let scene = ask.scene();
    let w = scene.w;
    let values = Fields::default();
    let form = Form::new(&scene, &values);
    let body = html! { p { (w.revoke_text(&access.email)) } };
    let sheet = form::frame(&scene, w.revoke(), &paths::of_access(access.id, "revogacao"), &form, body, w.revoke());
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, w.revoke(), sheet))
}

/// E9: revokes.
pub async fn revoke(ask: Ask<Staff>) -> Reply {
    let id: AccessId = ask.id()?;
    let staff = ask.who.clone();
    ask.write(move |tx| external_access::revoke(tx, &staff, id)).await?;
    back_to_list(&ask, id, ask.w.access_revoked())
}

fn back_to_list(ask: &Ask<Staff>, id: AccessId, said: &str) -> Reply {
    let access = external_access::visible(&ask.desk.look()?, &ask.who, id)?;
    if !ask.fragment() {
        return Ok(ask.go(&paths::opportunity(access.opportunity)));
    }
    let scene = ask.scene();
    Ok(answer::html(manage_sheet(ask, &scene, access.opportunity, said)?))
}
