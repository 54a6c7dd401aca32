//! Sistema → Controle de usuários online (P5).

use crate::domain::access::Act;
use crate::domain::presence::{self, Register};
use crate::domain::{Answer, Staff};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use crate::web::{paths, system};
use maud::{Markup, html};

/// The page.
pub async fn show(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::RunTheSystem)?;
    let scene = ask.scene();
    let register = &ask.agency.register;
    let tick = |values: Fields, name: &str, on: bool| if on { values.with(name, "sim") } else { values };
    let values = Fields::default().with("motivos", register.reasons.join("\n"));
    let values = tick(tick(values, "ativo", register.on), "obrigatorio", register.obligatory);
    Ok(answer::html(draw(&ask, &scene, &Form::new(&scene, &values))?))
}

fn draw(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let body = system::plain_form(
        scene,
        paths::SYSTEM_PRESENCE,
        form,
        html! {
            p.hint { (w.presence_hint()) }
            (form.tick("ativo", w.presence_switch(), None))
            (form.area("motivos", w.presence_reasons(), 6, &w.presence_reasons_hint(presence::REASON_CHARS_MAX)))
            (form.tick("obrigatorio", w.presence_obligatory(), None))
        },
    );
    system::page(ask, scene, paths::SYSTEM_PRESENCE, w.presence_control(), body)
}

/// Saves it.
pub async fn save(ask: Ask<Staff>) -> Reply {
    ask.who.must(Act::RunTheSystem)?;
    match try_save(&ask).await {
        Ok(()) => system::saved(&ask, paths::SYSTEM_PRESENCE),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(draw(&ask, &scene, &form)?))
        }
    }
}

async fn try_save(ask: &Ask<Staff>) -> Answer<()> {
    let (staff, fields) = (ask.who.clone(), &ask.fields);
    let register = Register::read(fields.ticked("ativo"), fields.ticked("obrigatorio"), fields.text("motivos"))?;
    ask.write(move |tx| presence::settle(tx, &staff, register)).await
}
