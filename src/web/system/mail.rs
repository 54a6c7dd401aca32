//! Sistema → Envio de e-mail: the server by which letters leave, and its password, which is kept apart.

use super::{admin, form_with, page, saved};
use crate::domain::agency::{self, Smtp};
use crate::domain::{Answer, No, Refusal, Staff, Why, delivery};
use crate::store::secrets;
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::{Fields, number};
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use maud::{Markup, html};

/// The mail server.
pub async fn show(ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    let scene = ask.scene();
    let values = match &ask.agency.smtp {
        Some(smtp) => Fields::default()
            .with("servidor", smtp.host.clone())
            .with("porta", smtp.port.to_string())
            .with("seguranca", smtp.security.clone())
            .with("usuario_smtp", smtp.username.clone())
            .with("remetente", smtp.from_address.clone()),
        None => Fields::default().with("porta", "587").with("seguranca", "starttls"),
    };
    Ok(answer::html(mail_page(&ask, &scene, &Form::new(&scene, &values))?))
}

fn mail_page(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let choices = ["starttls", "tls", "plain"].map(|key| (key.to_owned(), w.security(key).to_owned()));
    let body = html! {
        p.hint { (w.mail_settings_text()) }
        (form_with(scene, paths::SYSTEM_MAIL, form, html! {
            div.two { (form.text("servidor", w.mail_server())) (form.line("number", "porta", w.port(), "off", "")) }
            (form.select("seguranca", w.security_label(), &choices))
            div.two { (form.text("usuario_smtp", w.mail_user())) (form.password("senha_smtp", w.password(), "off", false, w.mail_password_hint())) }
            (form.line("email", "remetente", w.mail_sender(), "off", ""))
            (form.proof())
        }, html! {
            @if ask.agency.smtp.is_some() { button.button type="submit" name="desligar" value="sim" { (w.mail_switch_off()) } }
        }))
    };
    page(ask, scene, paths::SYSTEM_MAIL, w.mail_sending(), body)
}

/// Saves it; what waits in the outbox is tried at once. The password goes into a file of its own, first: a letter tried
/// before it is there would wait again, or show the old password to the new server.
pub async fn save(mut ask: Ask<Staff>) -> Reply {
    match try_save_mail(&mut ask).await {
        Ok(()) => saved(&ask, paths::SYSTEM_MAIL),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(mail_page(&ask, &scene, &form)?))
        }
    }
}

async fn try_save_mail(ask: &mut Ask<Staff>) -> Result<(), No> {
    admin(ask)?;
    prove(ask).await?;
    let fields = &ask.fields;
    let staff = ask.who.clone();
    let before = ask.agency.smtp.clone();
    let host = fields.text("servidor").trim().to_owned();
    let username = fields.text("usuario_smtp").trim().to_owned();
    let typed = fields.text("senha_smtp").to_owned();
    let kept = before
        .as_ref()
        .filter(|smtp| smtp.host == host && smtp.username == username)
        .and_then(|smtp| smtp.secret.clone());
    if fields.ticked("desligar") {
        ask.write(move |tx| agency::set_smtp(tx, &staff, None)).await?;
        return forget_secret(ask, before.and_then(|smtp| smtp.secret));
    }
    let secret = match (username.is_empty(), typed.is_empty()) {
        (true, _) => None,
        (false, true) => Some(kept.ok_or(Refusal::Invalid(vec![("senha_smtp", Why::Empty)]))?),
        (false, false) => Some(format!("smtp-{}", crate::domain::token::name())),
    };
    if let Some(name) = secret.as_ref().filter(|_| !typed.is_empty()) {
        secrets::keep(ask.desk.dir(), name, &typed).map_err(disk)?;
    }
    let port = number(fields.text("porta")).and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
    let from_address = fields.text("remetente").trim().to_lowercase();
    let security = fields.text("seguranca").to_owned();
    let smtp = Smtp { host, port, security, username, secret: secret.clone(), from_address };
    let saved = ask
        .write(move |tx| {
            agency::set_smtp(tx, &staff, Some(smtp))?;
            delivery::hurry(tx)
        })
        .await;
    let old = before.and_then(|smtp| smtp.secret).filter(|old| Some(old) != secret.as_ref());
    match saved {
        Ok(()) => forget_secret(ask, old),
        Err(no) => {
            forget_secret(ask, secret.filter(|_| !typed.is_empty()))?;
            Err(no)
        }
    }
}

/// Letters carry one-time links: whoever chooses the server reads them.
async fn prove(ask: &mut Ask<Staff>) -> Answer<()> {
    match ask.prove().await {
        // The server's password does not come back with the form; unsaid, the one before would silently stay.
        Err(No::Refused(Refusal::Invalid(mut wrong))) if !ask.fields.text("senha_smtp").is_empty() => {
            wrong.push(("senha_smtp", Why::Empty));
            Err(Refusal::Invalid(wrong).into())
        }
        other => other,
    }
}

fn forget_secret(ask: &Ask<Staff>, name: Option<String>) -> Result<(), No> {
    name.map_or(Ok(()), |name| secrets::forget(ask.desk.dir(), &name).map_err(disk))
}

fn disk(error: std::io::Error) -> No {
    crate::store::Fault::Storage(error.to_string()).into()
}
