//! Switching somebody off, with what they leave behind; and on again.

use super::{known, saved};
use crate::domain::ids::UserId;
use crate::domain::user::{self, HandOver, Handed, Held, State, User};
use crate::domain::{Answer, Refusal, Staff, Why, presence};
use crate::store::Look;
use crate::web::answer::Reply;
use crate::web::ask::Ask;
use crate::web::fields::{Fields, number};
use crate::web::inbox::actions;
use crate::web::paths;
use crate::web::presence::choice;
use crate::web::scene::Scene;
use crate::web::ui::bits;
use crate::web::ui::form::{self, Form};
use crate::web::ui::layout::{Place, first_name};
use maud::{Markup, html};

/// Says what is theirs and asks who gets it.
pub async fn form(ask: Ask<Staff>) -> Reply {
    let one = known(&ask)?;
    let scene = ask.scene();
    let values = Fields::default();
    let sheet = sheet(&ask, &scene, &one, &Form::new(&scene, &values).with_cancel().with_danger())?;
    Ok(actions::in_dialog(&ask, &scene, Place::System, scene.w.switch_off(), sheet))
}

/// Switches off and hands over.
pub async fn switch_off(mut ask: Ask<Staff>) -> Reply {
    let one = known(&ask)?;
    match try_switch_off(&mut ask, one.id).await {
        Ok((to, handed)) => Ok(ask.go(&told_at(&ask, one.id, to, handed)?)),
        Err(no) => {
            let scene = ask.scene();
            let form = Form::refused(&scene, &ask.fields, no)?.with_cancel().with_danger();
            let sheet = sheet(&ask, &scene, &one, &form)?;
            Ok(actions::form_again(&ask, &scene, Place::System, scene.w.switch_off(), sheet))
        }
    }
}

async fn try_switch_off(ask: &mut Ask<Staff>, id: UserId) -> Answer<(HandOver, Handed)> {
    let to = HandOver {
        conversations: colleague(&ask.fields, "conversas")?,
        opportunities: colleague(&ask.fields, "oportunidades")?,
        settled: ask.fields.ticked("encerradas"),
    };
    ask.prove().await?;
    let staff = ask.who.clone();
    Ok((to, ask.write(move |tx| user::switch_off(tx, &staff, id, to)).await?))
}

/// The list's address that says what went where. Numbers only: the words are the house's own.
fn told_at(ask: &Ask<Staff>, id: UserId, to: HandOver, handed: Handed) -> Answer<String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut say = |name, number: u64| {
        query.append_pair(name, &number.to_string());
    };
    say("desativado", id.0);
    say("conversas", handed.conversations as u64);
    say("oportunidades", handed.opportunities as u64);
    for (name, colleague) in [("conversas_de", to.conversations), ("oportunidades_de", to.opportunities)] {
        colleague.into_iter().for_each(|colleague| say(name, colleague.0));
    }
    say("agora", ask.desk.look()?.reached()?);
    Ok(format!("{}?{}", paths::USERS, query.finish()))
}

/// What went where, in words, on the list that [`told_at`] leads to.
pub fn told(look: &impl Look, scene: &Scene, query: &Fields) -> Answer<Option<Markup>> {
    let w = scene.w;
    let name = |field: &str| -> Answer<Option<String>> {
        let Some(id) = query.number(field) else { return Ok(None) };
        Ok(user::by_id(look, UserId(id))?.map(|one| one.name))
    };
    let Some(who) = name("desativado")? else { return Ok(None) };
    let mut said = vec![w.switched_off_now(&who)];
    if let Some(n) = query.number("conversas").filter(|n| *n > 0) {
        let to = name("conversas_de")?;
        said.push(to.map_or_else(|| w.conversations_went_back(n), |to| w.conversations_went_to(n, &to)));
    }
    if let (Some(n), Some(to)) = (query.number("oportunidades").filter(|n| *n > 0), name("oportunidades_de")?) {
        said.push(w.opportunities_went_to(n, &to));
    }
    Ok(Some(html! { p.saved role="status" { (said.join(" ")) } }))
}

fn colleague(fields: &Fields, name: &'static str) -> Answer<Option<UserId>> {
    match fields.text(name) {
        "" => Ok(None),
        chosen => Ok(Some(UserId(number(chosen).ok_or(Refusal::Invalid(vec![(name, Why::NotAChoice)]))?))),
    }
}

/// One press.
pub async fn switch_on(mut ask: Ask<Staff>) -> Reply {
    let one = known(&ask)?;
    if let Err(no) = ask.prove().await {
        let scene = ask.scene();
        let form = Form::refused(&scene, &ask.fields, no)?;
        let body = html! { p { b { (one.name) } " · " (one.email) } (form.proof()) };
        let sheet = form::frame(&scene, scene.w.switch_on(), &paths::user_on(one.id), &form, body, scene.w.switch_on());
        return Ok(actions::form_again(&ask, &scene, Place::System, scene.w.switch_on(), sheet));
    }
    let staff = ask.who.clone();
    ask.write(move |tx| user::switch_on(tx, &staff, one.id)).await?;
    saved(&ask)
}

fn sheet(ask: &Ask<Staff>, scene: &Scene, one: &User, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    if one.state() == State::Disabled {
        return Err(Refusal::NotFound.into());
    }
    let held = user::held(&look, &ask.who, one.id)?;
    let colleagues = presence::takers(&look, scene.now)?.into_iter().filter(|other| other.id != one.id);
    let colleagues: Vec<(String, String)> =
        colleagues.map(|other| (other.id.to_string(), choice(scene, &other))).collect();
    let body = html! {
        p { (w.switch_off_text()) }
        (bits::facts(&[
            (w.open_conversations(), html! { (held.conversations) }),
            (w.open_opportunities(), html! { (held.opportunities) }),
            (w.settled_opportunities(), html! { (held.settled) }),
        ]))
        (receivers(scene, one, form, held, &colleagues))
        (form.proof())
    };
    let title = w.switch_off_name(&one.name);
    Ok(form::frame(scene, &title, &paths::user_off(one.id), form, body, w.switch_off()))
}

/// Who gets it, where there is something to get.
fn receivers(scene: &Scene, one: &User, form: &Form<'_>, held: Held, colleagues: &[(String, String)]) -> Markup {
    let w = scene.w;
    let with = |first: String| {
        let mut choices = vec![(String::new(), first)];
        choices.extend_from_slice(colleagues);
        choices
    };
    let nobody =
        if held.opportunities > 0 { w.choose_somebody().to_owned() } else { w.stay_with(first_name(&one.name)) };
    html! {
        @if held.conversations > 0 { (form.select("conversas", w.conversations_go_to(), &with(w.nobody_queue().to_owned()))) }
        @if held.opportunities + held.settled > 0 {
            (form.select("oportunidades", w.opportunities_go_to(), &with(nobody)))
            @if colleagues.is_empty() && held.opportunities > 0 { p.hint { (w.nobody_to_take()) } }
        }
        @if held.settled > 0 { (form.tick("encerradas", &w.settled_too(held.settled), None)) }
    }
}
