//! Coming and going: the extension after the login (P1), the reason before the logout (P2).

use super::exit_fields;
use crate::domain::agency::Agency;
use crate::domain::ids::UserId;
use crate::domain::presence;
use crate::domain::{Answer, No, Staff, session};
use crate::store::Look;
use crate::web::answer::{self, Reply};
use crate::web::ask::{Anyone, Ask, Listener};
use crate::web::fields::Fields;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use crate::web::ui::layout;
use maud::{Markup, html};
use poem::Response;

/// Where somebody who just logged in goes: by the question for the extension, where the register is kept and they are
/// not in it yet.
pub fn after_login(look: &impl Look, agency: &Agency, user: UserId, then: &str, now: i64) -> Answer<String> {
    let then = paths::after_login(then);
    let asked = agency.register.on && presence::in_now(look, agency, user, now)?.is_none();
    Ok(if asked { paths::then(paths::CHECK_IN, then) } else { then.to_owned() })
}

/// The question for one's extension; the last one is offered.
pub async fn page(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let agency = presence::kept(&look)?;
    let then = paths::after_login(ask.query.text("depois"));
    if presence::in_now(&look, &agency, ask.who.id, ask.desk.store.now())?.is_some() {
        return Ok(ask.go(then));
    }
    let scene = ask.scene();
    let values =
        Fields::default().with("ramal", presence::last_extension(&look, ask.who.id)?).with("depois", then.to_owned());
    Ok(answer::html(draw(&ask, &scene, &Form::new(&scene, &values))))
}

/// Records it and goes on to where they wanted.
pub async fn enter(ask: Ask<Staff>) -> Reply {
    let (staff, extension) = (ask.who.clone(), ask.fields.text("ramal").to_owned());
    let done = ask.write(move |tx| presence::enter(tx, &staff, staff.id, &extension)).await;
    match done {
        Ok(_) => Ok(ask.go(paths::after_login(ask.fields.text("depois")))),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?;
            Ok(answer::form_again(draw(&ask, &scene, &form)))
        }
    }
}

fn draw(ask: &Ask<Staff>, scene: &Scene, form: &Form<'_>) -> Markup {
    let w = scene.w;
    let first = layout::first_name(&ask.who.name);
    let hello = match scene.clock.hour(scene.now) {
        5..12 => w.good_morning(first),
        12..18 => w.good_afternoon(first),
        _ => w.good_evening(first),
    };
    let then = form.value("depois").to_owned();
    layout::outside(
        scene,
        w.register_entry(),
        html! {
            h1 { (hello) }
            p.gate-text { (w.where_do_you_answer()) @if ask.agency.register.obligatory { " " (w.where_obligatory()) } }
            form method="post" action=(paths::CHECK_IN) novalidate {
                (form.head())
                input type="hidden" name="depois" value=(then);
                (form.line("text", "ramal", w.extension(), "off", ""))
                button.button.main.wide type="submit" { (w.register_entry()) }
            }
            @if !ask.agency.register.obligatory { a.button.wide href=(paths::after_login(&then)) { (w.not_now()) } }
            form.gate-out method="post" action=(paths::LOGOUT) {
                input type="hidden" name="_csrf" value=(scene.csrf);
                button.button.wide type="submit" { (w.log_out()) }
            }
        },
    )
}

/// P2: the question at the door.
pub async fn leaving(ask: Ask<Staff>) -> Reply {
    let look = ask.desk.look()?;
    let scene = ask.scene();
    let here = presence::in_now(&look, &presence::kept(&look)?, ask.who.id, scene.now)?;
    let Some(here) = here else { return Ok(ask.go("/")) };
    let values = Fields::default().with("ramal", here.extension);
    Ok(answer::html(exit_page(
        &ask.agency,
        &scene,
        &Form::new(&scene, &values),
        may_skip(&look, &ask.agency, &ask.who, scene.now)?,
    )))
}

/// The exit is asked once, and not of somebody who is still logged in elsewhere.
fn may_skip(look: &impl Look, agency: &Agency, staff: &Staff, now: i64) -> Answer<bool> {
    Ok(!agency.register.obligatory || session::of_user(look, staff, staff.id, now)?.len() > 1)
}

fn exit_page(agency: &Agency, scene: &Scene, form: &Form<'_>, may_skip: bool) -> Markup {
    let w = scene.w;
    layout::outside(
        scene,
        w.leaving_title(),
        html! {
            h1 { (w.leaving_title()) }
            p.gate-text { (w.leaving_text()) }
            form method="post" action=(paths::LOGOUT) novalidate {
                (form.head())
                (exit_fields(scene, agency, form))
                button.button.main.wide type="submit" { (w.leave_recorded()) }
            }
            @if may_skip {
                form.gate-more method="post" action=(paths::LOGOUT) {
                    input type="hidden" name="_csrf" value=(scene.csrf);
                    button.button.wide type="submit" name="sem_registro" value="sim" { (w.leave_unrecorded()) }
                }
            }
            a.button.wide href="/" { (w.keep_working()) }
        },
    )
}

/// What a logout does about the register: nothing where it is not kept or they are not in; else it takes the exit that
/// the form carries, or gives the answer that asks for it.
pub async fn at_logout(ask: &Ask<Anyone>) -> Result<Option<Response>, No> {
    let Some(crate::domain::Viewer::Staff(staff)) = &ask.who.0 else { return Ok(None) };
    if ask.listener != Listener::Staff || !ask.agency.register.on {
        return Ok(None);
    }
    let (look, now) = (ask.desk.look()?, ask.desk.store.now());
    let Some(here) = presence::in_now(&look, &ask.agency, staff.id, now)? else { return Ok(None) };
    let skip = may_skip(&look, &ask.agency, staff, now)?;
    if skip && ask.fields.ticked("sem_registro") {
        return Ok(None);
    }
    if ask.fields.get("ramal").is_none() {
        return Ok(Some(ask.go(paths::LOGOUT)));
    }
    let (by, id, fields) = (staff.clone(), here.id, ask.fields.clone());
    let left = ask.write(move |tx| presence::leave(tx, &by, id, fields.text("ramal"), fields.text("motivo")));
    let Err(no) = left.await else { return Ok(None) };
    let scene = ask.scene();
    let form = Form::refused(&scene, &ask.fields, no)?;
    Ok(Some(answer::form_again(exit_page(&ask.agency, &scene, &form, skip))))
}
