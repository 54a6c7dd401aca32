//! Sistema → Papéis e permissões (R7): the table of who may do what, and the agency's own roles.

use crate::domain::access::{Act, Powers, Role};
use crate::domain::ids::RoleId;
use crate::domain::role::{self, Draft, OwnRole};
use crate::domain::{Answer, Staff};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::inbox::actions;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::{self, Form};
use crate::web::ui::icon::icon;
use crate::web::ui::layout::Place;
use maud::{Markup, html};

/// The field of a permission in the form.
const MAY: &str = "pode";

/// The table.
pub async fn show(ask: Ask<Staff>) -> Reply {
    super::admin(&ask)?;
    let scene = ask.scene();
    let w = scene.w;
    let own = role::all(&ask.desk.look()?)?;
    let mine = ask.who.powers;
    let body = html! {
        div.list-tools { a.button.main href=(paths::SYSTEM_ROLE_NEW) data-dialog="" { (icon("plus")) (w.new_role()) } }
        p.hint { (w.roles_hint()) }
        (table(&scene, &own, mine))
        p.hint { (w.role_base()) }
    };
    Ok(answer::html(super::page(&ask, &scene, paths::SYSTEM_ROLES, w.roles(), body)?))
}

/// Everybody's lines; what is theirs to change leads to its form.
fn table(scene: &Scene, own: &[OwnRole], mine: Powers) -> Markup {
    let w = scene.w;
    let mark = |powers: Powers, act: Act, name: &str| {
        let holds = powers.hold(act);
        html! {
            td.mark.no[!holds] data-label=(name) {
                @if holds { (icon("check")) span.unseen { (w.yes_mark()) } } @else { span aria-hidden="true" { "–" } span.unseen { (w.no_mark()) } }
            }
        }
    };
    html! {
        div.table-wrap tabindex="0" role="region" aria-label=(w.roles()) {
            table.table.powers {
                thead {
                    tr {
                        th scope="col" { (w.permission()) }
                        @for role in Role::ALL { th scope="col" { (w.role(role)) } }
                        @for one in own { th scope="col" {
                            @if mine.cover(one.powers()) { a href=(paths::role(one.id)) data-dialog="" { (one.name) } } @else { (one.name) }
                            @if !one.active { small { (w.role_off()) } }
                        } }
                    }
                }
                tbody {
                    @for act in Act::ALL {
                        tr {
                            th scope="row" { (w.act(act)) }
                            @for role in Role::ALL { (mark(Powers::of_role(role), act, w.role(role))) }
                            @for one in own { (mark(one.powers(), act, &one.name)) }
                        }
                    }
                }
            }
        }
    }
}

/// The form of a new one.
pub async fn new(ask: Ask<Staff>) -> Reply {
    super::admin(&ask)?;
    let scene = ask.scene();
    let values = Fields::default().with("ativo", "sim");
    let sheet = sheet(&ask, &scene, None, &Form::new(&scene, &values), &[]);
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.new_role(), sheet))
}

/// Makes it.
pub async fn create(mut ask: Ask<Staff>) -> Reply {
    let done = try_keep(&mut ask, None).await;
    finish(&ask, None, done)
}

async fn try_keep(ask: &mut Ask<Staff>, id: Option<RoleId>) -> Answer<()> {
    ask.who.must(Act::RunTheSystem)?;
    ask.prove().await?;
    let (staff, draft) = (ask.who.clone(), draft(&ask.fields));
    let done = ask.write(move |tx| match id {
        Some(id) => role::edit(tx, &staff, id, &draft),
        None => role::add(tx, &staff, &draft).map(|_| ()),
    });
    done.await
}

/// The form of one that is there.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    let one = role::managed(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let scene = ask.scene();
    let values = Fields::default().with("nome", one.name.clone());
    let values = if one.active { values.with("ativo", "sim") } else { values };
    let sheet = sheet(&ask, &scene, Some(one.id), &Form::new(&scene, &values), &one.acts);
    Ok(actions::in_dialog(&ask, &scene, Place::System, &one.name, sheet))
}

/// Changes it; whoever has it may do from now on what it says.
pub async fn change(mut ask: Ask<Staff>) -> Reply {
    let one = role::managed(&ask.desk.look()?, &ask.who, ask.id()?)?;
    let done = try_keep(&mut ask, Some(one.id)).await;
    finish(&ask, Some(one.id), done)
}

fn finish(ask: &Ask<Staff>, id: Option<RoleId>, done: Answer<()>) -> Reply {
    let Err(no) = done else { return super::saved(ask, paths::SYSTEM_ROLES) };
    let scene = ask.scene();
    let form = Form::refused(&scene, &ask.fields, no)?;
    let sheet = sheet(ask, &scene, id, &form, &draft(&ask.fields).acts);
    Ok(actions::form_again(ask, &scene, Place::System, scene.w.roles(), sheet))
}

fn draft(fields: &Fields) -> Draft {
    let ticked = fields.all(MAY);
    Draft {
        name: fields.text("nome").to_owned(),
        acts: Act::ALL.into_iter().filter(|act| ticked.iter().any(|key| key == act.key())).collect(),
        active: fields.ticked("ativo"),
    }
}

/// Offers what they may do themselves: nobody gives more.
fn sheet(ask: &Ask<Staff>, scene: &Scene, id: Option<RoleId>, form: &Form<'_>, acts: &[Act]) -> Markup {
    let w = scene.w;
    let body = html! {
        (form.text("nome", w.role_name()))
        fieldset.choices {
            legend { (w.role_may()) }
            @for act in Act::ALL.into_iter().filter(|act| ask.who.may(*act)) { (form::choice(MAY, act.key(), w.act(act), acts.contains(&act))) }
        }
        p.hint { (w.role_base()) }
        (form.tick("ativo", w.role_active(), None))
        (form.proof())
    };
    let action = id.map_or(paths::SYSTEM_ROLES.to_owned(), paths::role);
    form::frame(scene, if id.is_some() { w.role_label() } else { w.new_role() }, &action, form, body, w.save())
}
