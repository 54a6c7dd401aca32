//! The form of an opportunity, new or old, with a client who may be new too.

use crate::domain::ids::*;
use crate::domain::opportunity::{self, Draft, Kind};
use crate::domain::{Answer, No, Refusal, Staff, Why, presence};
use crate::web::answer::Reply;
use crate::web::ask::Ask;
use crate::web::contacts::picker::{self, Picked};
use crate::web::fields::Fields;
use crate::web::inbox::actions;
use crate::web::paths;
use crate::web::presence::choice;
use crate::web::scene::Scene;
use crate::web::ui::form::{self, Form};
use crate::web::ui::layout::Place;
use maud::{Markup, html};

/// The form of a new one.
pub async fn new(ask: Ask<Staff>) -> Reply {
    let scene = ask.scene();
    let values = Fields::default().with("responsavel", ask.who.id.to_string()).with("tipo", "venda");
    let contact = ask.query.number("contato").map(ContactId);
    let values = picker::with_chosen(&ask.desk.look()?, values, &picker::CLIENT, contact)?;
    let sheet = sheet(&ask, &scene, None, &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.new_opportunity(), sheet))
}

/// Makes it.
pub async fn create(ask: Ask<Staff>) -> Reply {
    let staff = ask.who.clone();
    let made = match read(&ask) {
        Ok((draft, client)) => {
            ask.write(move |tx| {
                let contact = client.contact(tx, &staff)?;
                opportunity::add(tx, &staff, &Draft { contact, ..draft })
            })
            .await
        }
        Err(no) => Err(no),
    };
    match made {
        Ok(id) => Ok(ask.go(&paths::opportunity(id))),
        Err(no) => again(&ask, None, no),
    }
}

/// The form of an existing one.
pub async fn edit(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let deal = opportunity::visible(&ask.desk.look()?, &ask.who, id)?;
    let scene = ask.scene();
    let values = Fields::default()
        .with("tipo", deal.kind.key())
        .with("titulo", deal.title)
        .with("procura", deal.seeking)
        .with("imovel", deal.property)
        .with("valor", deal.amount.map_or(String::new(), typed_amount))
        .with("responsavel", deal.responsible.to_string());
    let values = picker::with_chosen(&ask.desk.look()?, values, &picker::CLIENT, Some(deal.contact))?;
    let sheet = sheet(&ask, &scene, Some(id), &Form::new(&scene, &values))?;
    Ok(actions::in_dialog(&ask, &scene, Place::Opportunities, scene.w.edit(), sheet))
}

/// Changes it.
pub async fn change(ask: Ask<Staff>) -> Reply {
    let id: OpportunityId = ask.id()?;
    let staff = ask.who.clone();
    let changed = match read(&ask) {
        Ok((draft, client)) => {
            ask.write(move |tx| {
                // Who may not change it makes no contact either.
                opportunity::visible(tx, &staff, id)?;
                let contact = client.contact(tx, &staff)?;
                opportunity::edit(tx, &staff, id, &Draft { contact, ..draft })
            })
            .await
        }
        Err(no) => Err(no),
    };
    match changed {
        Ok(()) => Ok(ask.go(&paths::opportunity(id))),
        Err(no) => again(&ask, Some(id), no),
    }
}

fn read(ask: &Ask<Staff>) -> Result<(Draft, Picked), No> {
    let fields = &ask.fields;
    let mut wrong = Vec::new();
    let kind = Kind::of(fields.text("tipo")).unwrap_or_else(|why| {
        wrong.push(("tipo", why));
        Kind::Sale
    });
    let amount = match fields.text("valor").trim() {
        "" => None,
        typed => cents(typed).map(Some).unwrap_or_else(|| {
            wrong.push(("valor", Why::NotANumber));
            None
        }),
    };
    let responsible = fields.number("responsavel").map_or(ask.who.id, UserId);
    let draft = Draft {
        kind,
        title: fields.text("titulo").to_owned(),
        seeking: fields.text("procura").to_owned(),
        property: fields.text("imovel").to_owned(),
        amount,
        // Whoever the form means: known only where it is written.
        contact: ContactId(0),
        responsible,
    };
    if draft.title.trim().is_empty() {
        wrong.push(("titulo", Why::Empty));
    }
    if wrong.is_empty() {
        Ok((draft, Picked::read(fields, &picker::CLIENT)))
    } else {
        Err(Refusal::Invalid(wrong).into())
    }
}

/// An amount as people type it: `775.000`, `R$ 775.000,50`, `775 000`.
fn cents(typed: &str) -> Option<u64> {
    let plain: String =
        typed.trim_start_matches("R$").trim_end_matches('€').chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, rest) = match plain.rsplit_once(',') {
        Some((whole, rest)) if rest.len() <= 2 => (whole, format!("{rest:0<2}")),
        Some(_) => return None,
        None => (plain.as_str(), "00".to_owned()),
    };
    let whole: String = whole.chars().filter(|c| *c != '.').collect();
    let whole: u64 = whole.parse().ok().filter(|n| *n < 1_000_000_000_000)?;
    Some(whole * 100 + rest.parse::<u64>().ok()?)
}

fn typed_amount(cents: u64) -> String {
    if cents.is_multiple_of(100) { (cents / 100).to_string() } else { format!("{},{:02}", cents / 100, cents % 100) }
}

fn again(ask: &Ask<Staff>, id: Option<OpportunityId>, no: No) -> Reply {
    let scene = ask.scene();
    let form = Form::refused(&scene, &ask.fields, no)?;
    let sheet = sheet(ask, &scene, id, &form)?;
    Ok(actions::form_again(ask, &scene, Place::Opportunities, scene.w.opportunity(), sheet))
}

fn sheet(ask: &Ask<Staff>, scene: &Scene, id: Option<OpportunityId>, form: &Form<'_>) -> Answer<Markup> {
    let w = scene.w;
    let look = ask.desk.look()?;
    let people: Vec<(String, String)> =
        presence::takers(&look, scene.now)?.iter().map(|taker| (taker.id.to_string(), choice(scene, taker))).collect();
    let kinds: Vec<(String, String)> =
        Kind::ALL.into_iter().map(|kind| (kind.key().to_owned(), w.kind(kind).to_owned())).collect();
    let action = id.map_or(paths::OPPORTUNITIES.to_owned(), paths::opportunity);
    let (title, submit) =
        if id.is_some() { (w.edit_opportunity(), w.save()) } else { (w.new_opportunity(), w.create()) };
    Ok(form::frame(
        scene,
        title,
        &action,
        form,
        html! {
            @if id.is_none() { (form.select("tipo", w.kind_label(), &kinds)) } @else { input type="hidden" name="tipo" value=(form.value("tipo")); }
            (form.line("text", "titulo", w.title_label(), "off", w.title_hint()))
            (picker::field(&look, scene, form, &picker::CLIENT, w.client())?)
            (form.area("procura", w.seeking(), 2, ""))
            div.two { (form.text("imovel", w.property())) (form.line("text", "valor", w.amount(), "off", "")) }
            (form.select("responsavel", w.responsible(), &people))
        },
        submit,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (typed, cents_) in [
            ("775.000", 77_500_000),
            ("R$ 775.000,5", 77_500_050),
            ("775 000 €", 77_500_000),
            ("0", 0),
            ("1234,56", 123_456),
        ] {
            assert_eq!(cents(typed), Some(cents_), "{typed}");
        }
        for odd in ["", "abc", "-5", "1,234.5", "99999999999999", "1,2,3"] {
            assert_eq!(cents(odd), None, "{odd}");
        }
        assert_eq!(cents(&typed_amount(77_500_050)), Some(77_500_050));
    }
}
