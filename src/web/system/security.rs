//! Sistema → Segurança: who has a second factor, and who must.

use super::{admin, page, plain_form, saved};
use crate::domain::{Answer, Staff, agency, second_factor, user};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::bits;
use crate::web::ui::form::Form;
use maud::{Markup, html};

const REQUIRED: &str = "obrigatoria";

/// The page.
pub async fn show(ask: Ask<Staff>) -> Reply {
    admin(&ask)?;
    let scene = ask.scene();
    let values = Fields::default();
    let values = if ask.agency.second_factor_for_admins { values.with(REQUIRED, "sim") } else { values };
    Ok(answer::html(draw(&ask, &scene, &Form::new(&scene, &values))?))
}

fn draw(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let (having, users) = (second_factor::all(&look)?, user::all(&look)?);
    let body = html! {
        (plain_form(scene, paths::SYSTEM_SECURITY, form, html! {
            h3 { (w.second_factor()) }
            p { (w.second_factor_required_text()) }
            (form.tick(REQUIRED, w.second_factor_required(), None))
            (form.proof())
        }))
        ul.names {
            @for one in users.iter().filter(|one| one.is_active()) {
                li {
                    span.grow { (one.name) }
                    @if having.contains(&one.id) { (bits::status("good", w.has_second_factor())) }
                    @else { span.hint { (w.password_only()) } }
                }
            }
        }
    };
    page(ask, scene, paths::SYSTEM_SECURITY, w.system_security(), body)
}

/// Says whether those who hold a key of the house must have one.
pub async fn save(mut ask: Ask<Staff>) -> Reply {
    match try_save(&mut ask).await {
        Ok(()) => saved(&ask, paths::SYSTEM_SECURITY),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(draw(&ask, &scene, &form)?))
        }
    }
}

async fn try_save(ask: &mut Ask<Staff>) -> Answer<()> {
    admin(ask)?;
    ask.prove().await?;
    let (staff, on) = (ask.who.clone(), ask.fields.ticked(REQUIRED));
    ask.write(move |tx| agency::require_second_factor(tx, &staff, on)).await
}
