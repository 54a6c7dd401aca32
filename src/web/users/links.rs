//! A link by which somebody sets a password: made here, by letter or on a page that is shown once.

use super::{another, saved};
use crate::domain::ids::UserId;
use crate::domain::invitation::{self, Way};
use crate::domain::user::{self, State, User};
use crate::domain::{Answer, Refusal, Staff, Why};
use crate::web::access::copy_line;
use crate::web::answer::Reply;
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::inbox::actions;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::{self, Form};
use crate::web::ui::icon::icon;
use crate::web::ui::layout::{Place, first_name};
use crate::web::ui::qr::qr;
use maud::{Markup, html};

/// How the form says a link is to go; nothing where no link is wanted.
pub fn way(key: &str) -> Option<Way> {
    match key {
        "email" => Some(Way::Mail),
        "papel" => Some(Way::Paper),
        _ => None,
    }
}

/// Asks how it shall go.
pub async fn form(ask: Ask<Staff>) -> Reply {
    let one = linkable(&ask)?;
    let scene = ask.scene();
    let values = Fields::default().with("como", if scene.mail_on { "email" } else { "papel" });
    let sheet = sheet(&scene, &one, &Form::new(&scene, &values));
    Ok(actions::in_dialog(&ask, &scene, Place::System, title(&scene, &one), sheet))
}

/// Makes it; one to be printed is shown once.
pub async fn make(mut ask: Ask<Staff>) -> Reply {
    let one = linkable(&ask)?;
    match try_make(&mut ask, one.id).await {
        Ok(Some(secret)) => handed_over(&ask, one.id, &secret),
        Ok(None) => saved(&ask),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            let sheet = sheet(&scene, &one, &form);
            Ok(actions::form_again(&ask, &scene, Place::System, title(&scene, &one), sheet))
        }
    }
}

async fn try_make(ask: &mut Ask<Staff>, id: UserId) -> Answer<Option<String>> {
    let way = way(ask.fields.text("como")).ok_or(Refusal::Invalid(vec![("como", Why::NotAChoice)]))?;
    ask.prove().await?;
    let staff = ask.who.clone();
    ask.write(move |tx| invitation::make(tx, &staff, id, way)).await
}

/// The user of the route, unless they were switched off or it is oneself.
fn linkable(ask: &Ask<Staff>) -> Answer<User> {
    let one = another(ask)?;
    if one.state() == State::Disabled { Err(Refusal::NotFound.into()) } else { Ok(one) }
}

fn title(scene: &Scene, one: &User) -> &'static str {
    if one.state() == State::Invited { scene.w.invite_again() } else { scene.w.password_link() }
}

fn sheet(scene: &Scene, one: &User, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let invited = one.state() == State::Invited;
    let off = (!scene.mail_on).then(|| w.mail_not_set_up());
    let (mail, paper, text) = match invited {
        true => (w.invite_by_mail(), w.invite_by_paper(), w.invite_again_hint()),
        false => (w.send_link(), w.print_link(), w.password_link_hint()),
    };
    let by_mail = if invited { w.invite_by_mail_hint(invitation::DAYS) } else { w.send_link_hint(invitation::DAYS) };
    let ways = [
        form::Way { value: "email", label: mail, hint: &by_mail, off },
        form::Way { value: "papel", label: paper, hint: w.invite_by_paper_hint(), off: None },
    ];
    let body = html! {
        p { b { (one.name) } " · " (one.email) }
        p.hint { (text) }
        (form.ways("como", w.how_they_come_in(), &ways))
        (form.proof())
    };
    form::frame(scene, title(scene, one), &paths::user_invite(one.id), form, body, w.make_link())
}

/// The page to be printed, shown once.
pub fn handed_over(ask: &Ask<Staff>, id: UserId, secret: &str) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let w = scene.w;
    let one = user::by_id(&look, id)?.ok_or(Refusal::NotFound)?;
    let (_, made) = invitation::promised(&look, secret, scene.now)?;
    let office = ask.agency.office_url.clone().unwrap_or_else(|| ask.desk.office());
    let link = paths::invited(&office, secret);
    let until = super::view::until(&scene, &made);
    let sheet = html! {
        div.sheet.handover data-once="" data-say-leave=(w.leave_paper()) {
            header.sheet-head { h2 { (icon("check")) (title_of_paper(&scene, &one)) } button.icon type="button" data-act="close" aria-label=(w.close()) { (icon("close")) } }
            div.sheet-body {
                p.not-paper { (w.paper_once()) }
                (paper(&scene, &one, &office, &link, &until))
                div.not-paper { (copy_line(&scene, "link-convite", w.link(), &link)) }
            }
            footer.sheet-foot {
                button.button type="button" data-print="" { (icon("file")) (w.print()) }
                a.button.main href=(paths::USERS) { (w.done()) }
            }
        }
    };
    Ok(actions::in_dialog(ask, &scene, Place::System, title_of_paper(&scene, &one).as_str(), sheet))
}

fn title_of_paper(scene: &Scene, one: &User) -> String {
    let name = first_name(&one.name);
    if one.state() == State::Invited { scene.w.invitation_for(name) } else { scene.w.password_link_for(name) }
}

fn paper(scene: &Scene, one: &User, office: &str, link: &str, until: &str) -> Markup {
    let w = scene.w;
    html! {
        article.paper {
            header {
                @if scene.logo { img src=(paths::LOGO) alt=""; }
                b { (scene.agency) }
            }
            h3 { (if one.state() == State::Invited { w.invitation_for(&one.name) } else { w.password_link_for(&one.name) }) }
            @if one.state() == State::Invited { p { (w.paper_text(&scene.agency)) } }
            ol {
                li { (w.paper_open()) p.paper-link { code { (link) } } (qr(link, w.paper_qr())) }
                li { (w.paper_choose()) }
                li { (w.paper_after(&one.email, office)) }
            }
            p { b { (w.paper_until(until)) } }
        }
    }
}
