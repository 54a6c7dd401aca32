//! Meu perfil: one's own language and password.

use super::answer::{self, Reply};
use super::ask::Ask;
use super::fields::Fields;
use super::paths;
use super::scene::Scene;
use super::second_factor;
use super::sessions;
use super::setup;
use super::ui::form::Form;
use super::ui::layout::{self, Place};
use crate::domain::values::Language;
use crate::domain::{Answer, Refusal, Staff, password, session, user};
use maud::{Markup, html};

/// The page.
pub async fn page(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let values = Fields::default().with("idioma", scene.tag());
    Ok(answer::html(draw(&ask, &scene, &Form::new(&scene, &values))?))
}

fn draw(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let unread = super::inbox::unread(&look, &ask.who)?;
    let mine = session::of_user(&look, &ask.who, ask.who.id, scene.now)?;
    let factor = crate::domain::second_factor::of(&look, ask.who.id)?;
    let live = layout::Live { address: format!("{}?tela=outra", paths::LIVE), seq: look.reached()? };
    Ok(layout::office_column(
        scene,
        Place::Elsewhere,
        unread,
        Some(&live),
        html! {},
        w.my_profile(),
        html! {
            div.narrow {
                @if ask.query.ticked("salvo") { p.saved role="status" { (w.saved()) } }
                form.settings-form method="post" action=(paths::LANGUAGE) {
                    input type="hidden" name="_csrf" value=(scene.csrf);
                    (form.select("idioma", w.language(), &setup::languages(scene)))
                    div.settings-foot { button.button type="submit" { (w.save()) } }
                }
                form.settings-form method="post" action=(paths::PROFILE_PASSWORD) novalidate {
                    h2 { (w.change_password()) }
                    (form.head())
                    (form.password("atual", w.password_now(), "current-password", false, ""))
                    (form.password("senha", w.new_password_label(), "new-password", false, &w.password_hint(password::STAFF_CHARS_MIN)))
                    div.settings-foot { button.button.main type="submit" { (w.change_password()) } }
                }
                (second_factor::of_profile(scene, factor.as_ref()))
                section.settings-form #sessoes {
                    h2 { (w.sessions()) }
                    (sessions::list(scene, &ask.who, ask.who.id, &mine))
                }
            }
        },
    ))
}

/// Chooses the language.
pub async fn set_language(ask: Ask<Staff>) -> Reply {
    let language = Language::of(ask.fields.text("idioma")).map_err(|why| Refusal::Invalid(vec![("idioma", why)]))?;
    let staff = ask.who.clone();
    ask.write(move |tx| user::set_language(tx, &staff, language)).await?;
    Ok(ask.go(&format!("{}?salvo=sim", paths::PROFILE)))
}

/// Changes the password; it takes the one in use, and ends all other sessions.
pub async fn set_password(mut ask: Ask<Staff>) -> Reply {
    match try_set_password(&mut ask).await {
        Ok(()) => Ok(ask.go(&format!("{}?salvo=sim", paths::PROFILE))),
        Err(no) => {
            let scene = ask.scene();
            let values = ask.fields.clone().with("idioma", scene.tag());
            let form = Form::refused(&scene, &values, no)?;
            Ok(answer::form_again(draw(&ask, &scene, &form)?))
        }
    }
}

async fn try_set_password(ask: &mut Ask<Staff>) -> Answer<()> {
    let one = user::by_id(&ask.desk.look()?, ask.who.id)?.ok_or(Refusal::NotFound)?;
    let typed = ask.fields.text("senha").to_owned();
    password::check(&typed, password::STAFF_CHARS_MIN, &[&one.name, &one.email, &ask.agency.name])
        .map_err(|why| Refusal::Invalid(vec![("senha", why)]))?;
    // However lately it was proved: whoever sits down at an open desk must not take it over.
    ask.prove_now("atual").await?;
    let hashed = ask.desk.hash(typed, None).await?;
    let staff = ask.who.clone();
    ask.write(move |tx| user::set_own_password(tx, &staff, hashed)).await
}
