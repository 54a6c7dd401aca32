//! Choosing a contact in a form: one types, and those that fit are offered. With scripts while typing
//! (`assets/js/picker.js`, an editable combobox); without, the form comes back and asks which of them it is.
//!
//! Two fields say the choice: `contato`, its number or [`NEW`], and `contato_para`, the text it was chosen for. Once the
//! text is another one, the choice no longer counts and the text alone says who is meant.

use crate::domain::contact::{self, Choice, Contact};
use crate::domain::ids::ContactId;
use crate::domain::values::phone_shown;
use crate::domain::{Answer, No, Refusal, Staff, Why};
use crate::store::{Look, Tx};
use crate::web::answer::{self, Reply};
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::paths;
use crate::web::scene::Scene;
use crate::web::ui::form::Form;
use crate::web::ui::icon::icon;
use maud::{Markup, html};

/// What stands in `contato` for somebody who is not there yet.
const NEW: &str = "novo";
/// Characters of a question that are looked at.
const ASKED_MAX: usize = 120;

/// What a form calls the fields of its contact.
pub struct Names {
    /// What is typed: the name of a new one.
    pub name: &'static str,
    /// A new one's.
    pub email: &'static str,
    /// A new one's.
    pub phone: &'static str,
}

/// The contact of a conversation.
pub const CALLER: Names = Names { name: "nome", email: "email", phone: "telefone" };
/// The client of an opportunity.
pub const CLIENT: Names = Names { name: "cliente_nome", email: "cliente_email", phone: "cliente_telefone" };

/// Whom a form means.
#[derive(Clone)]
pub struct Picked {
    choice: Choice,
    names: &'static Names,
}

impl Picked {
    /// Reads it from a form.
    pub fn read(fields: &Fields, names: &'static Names) -> Self {
        let draft = contact::Draft {
            name: fields.text(names.name).to_owned(),
            emails: fields.text(names.email).to_owned(),
            phones: fields.text(names.phone).to_owned(),
            note: String::new(),
        };
        let stands = stands(fields.get("contato_para"), &draft.name);
        let choice = match fields.number("contato") {
            Some(id) if stands => Choice::Known(ContactId(id)),
            None if stands && fields.text("contato") == NEW => Choice::New(draft),
            _ => Choice::Typed(draft),
        };
        Self { choice, names }
    }

    /// The contact, made if it is a new one; what is wrong is said of the form's own fields.
    pub fn contact(&self, tx: &mut Tx<'_>, staff: &Staff) -> Answer<ContactId> {
        contact::choose(tx, staff, &self.choice).map_err(|no| match no {
            No::Refused(Refusal::Invalid(wrong)) => {
                Refusal::Invalid(wrong.into_iter().map(|(field, why)| (self.field(field), why)).collect()).into()
            }
            other => other,
        })
    }

    fn field(&self, field: &'static str) -> &'static str {
        match field {
            "nome" => self.names.name,
            "emails" => self.names.email,
            "telefones" => self.names.phone,
            other => other,
        }
    }
}

/// Whether a choice was made for what is typed now; whoever says no text (a link, a script) means the number alone.
fn stands(chosen_for: Option<&str>, typed: &str) -> bool {
    chosen_for.is_none_or(|text| text.trim() == typed.trim())
}

/// A form's values with a contact already chosen; without, where there is no such contact.
pub fn with_chosen(look: &impl Look, values: Fields, names: &Names, id: Option<ContactId>) -> Answer<Fields> {
    Ok(match id.map(|id| look.get::<Contact>(id)).transpose()?.flatten() {
        Some(one) => values
            .with("contato", one.id.to_string())
            .with("contato_para", one.name.as_str())
            .with(names.name, one.name),
        None => values,
    })
}

/// What the field shows beside the text.
enum Shown {
    /// This one is chosen.
    Known(Contact),
    /// A new one is to be made.
    New,
    /// Nothing is chosen.
    Open,
    /// These fit: which one is it?
    Which(Vec<Contact>),
}

impl Shown {
    fn of(look: &impl Look, form: &Form<'_>, names: &Names) -> Answer<Self> {
        if form.is_wrong("contato", Why::Several) {
            return Ok(Self::Which(contact::candidates(look, form.value(names.name))?));
        }
        if !stands(form.typed("contato_para"), form.value(names.name)) {
            return Ok(Self::Open);
        }
        let chosen = form.value("contato");
        let known = crate::web::fields::number(chosen).map(|id| look.get::<Contact>(ContactId(id))).transpose()?;
        Ok(match known.flatten() {
            Some(one) => Self::Known(one),
            None if chosen == NEW => Self::New,
            None => Self::Open,
        })
    }

    fn key(&self) -> &'static str {
        match self {
            Self::Known(_) => "known",
            Self::New => "new",
            Self::Open | Self::Which(_) => "open",
        }
    }

    /// What stands in `contato`.
    fn number(&self) -> String {
        match self {
            Self::Known(one) => one.id.to_string(),
            Self::New => NEW.to_owned(),
            Self::Open | Self::Which(_) => String::new(),
        }
    }
}

/// The field, and below it what a new contact needs.
pub fn field(look: &impl Look, scene: &Scene, form: &Form<'_>, names: &Names, label: &str) -> Answer<Markup> {
    let w = scene.w;
    let shown = Shown::of(look, form, names)?;
    let name = names.name;
    let text = match (&shown, form.value(name)) {
        (Shown::Known(one), "") => one.name.clone(),
        (_, typed) => typed.to_owned(),
    };
    let wrong = form.wrong(name).or_else(|| form.wrong("contato").filter(|_| !matches!(shown, Shown::Which(_))));
    let said = match &shown {
        Shown::Known(one) => detail(scene, one),
        Shown::New => w.pick_is_new().to_owned(),
        Shown::Open | Shown::Which(_) => w.pick_hint().to_owned(),
    };
    Ok(html! {
        div.field.picker data-picker=(paths::CONTACT_SUGGESTIONS) data-state=(shown.key()) data-hint=(w.pick_hint()) data-new=(w.pick_is_new()) {
            label for=(name) { (label) }
            div.pick-line {
                input type="text" id=(name) name=(name) value=(text) autocomplete="off" autocapitalize="words" spellcheck="false"
                    role="combobox" aria-autocomplete="list" aria-expanded="false" aria-controls={ (name) "-lista" }
                    aria-describedby={ @if wrong.is_some() { (name) "-erro " } (name) "-dito" } aria-invalid=[wrong.as_ref().map(|_| "true")];
                button.icon type="button" data-act="unpick" aria-label=(w.pick_another()) title=(w.pick_another()) { (icon("close")) }
                ul.pick-list id={ (name) "-lista" } role="listbox" aria-label=(label) hidden {}
            }
            @if let Some(wrong) = &wrong { p.wrong id={ (name) "-erro" } { (wrong) } }
            p.hint id={ (name) "-dito" } { (said) }
            p.unseen role="status" {}
            @if let Shown::Which(found) = &shown { (which(scene, form, found, &text)) }
            input type="hidden" name="contato" value=(shown.number());
            input type="hidden" name="contato_para" value=(text);
        }
        fieldset.new-contact {
            legend { (w.new_contact_if()) }
            div.two { (form.line("tel", names.phone, w.phone(), "off", "")) (form.line("email", names.email, w.email(), "off", "")) }
        }
    })
}

/// Several fit: they are told apart by phone, e-mail or age.
fn which(scene: &Scene, form: &Form<'_>, found: &[Contact], typed: &str) -> Markup {
    let chosen = form.value("contato");
    let one = |value: &str, name: &str, hint: &str, first: bool| {
        html! {
            div.tick {
                input type="radio" id={ "contato-" (value) } name="contato" value=(value) checked[value == chosen] autofocus[first];
                label for={ "contato-" (value) } { (name) }
                @if !hint.is_empty() { p.hint { (hint) } }
            }
        }
    };
    html! {
        fieldset.ways data-which="" {
            legend { (scene.w.why_several()) }
            @for (n, contact) in found.iter().enumerate() { (one(&contact.id.to_string(), &contact.name, &detail(scene, contact), n == 0)) }
            (one(NEW, &scene.w.pick_new(typed), "", false))
        }
    }
}

/// What tells two contacts of one name apart.
fn detail(scene: &Scene, one: &Contact) -> String {
    let phone = one.phones.first().map(|phone| phone_shown(phone, scene.home));
    let parts: Vec<String> = phone.into_iter().chain(one.emails.first().cloned()).collect();
    if parts.is_empty() { scene.w.contact_since(&scene.clock.month(one.created_at)) } else { parts.join(" · ") }
}

/// Those that fit what is being typed, as options; for whoever comes without a script, the list of contacts.
pub async fn suggestions(ask: Ask<Staff>) -> Reply {
    let typed: String = ask.query.text("q").trim().chars().take(ASKED_MAX).collect();
    if !ask.fragment() {
        return Ok(ask.go(&paths::contacts_with(&typed)));
    }
    let look = ask.desk.look()?;
    let found = if typed.is_empty() { contact::recent(&look, &ask.who)? } else { contact::suggest(&look, &typed)? };
    Ok(answer::html(options(&ask.scene(), &found, &typed)))
}

fn options(scene: &Scene, found: &[Contact], typed: &str) -> Markup {
    let w = scene.w;
    // Nobody is called by a phone or an address.
    let is_name = typed.chars().any(char::is_alphabetic) && !typed.contains('@');
    html! {
        div data-say=(w.pick_found(found.len())) {
            @for one in found {
                li role="option" id={ "contato-op-" (one.id) } data-value=(one.id) data-name=(one.name) {
                    b { (one.name) } small.num { (detail(scene, one)) }
                }
            }
            @if is_name && typed.chars().count() >= contact::TYPED_MIN {
                li.pick-new role="option" id="contato-op-novo" data-value=(NEW) data-name=(typed) { (icon("plus")) span { (w.pick_new(typed)) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(query: &str) -> Choice {
        Picked::read(&Fields::read(query.as_bytes()), &CALLER).choice
    }

    #[test]
    fn a_choice_counts_as_long_as_the_text_it_was_made_for_stands() {
        assert!(matches!(picked("contato=5"), Choice::Known(ContactId(5))));
        assert!(matches!(picked("contato=5&contato_para=Ana&nome=Ana+"), Choice::Known(ContactId(5))));
        assert!(matches!(picked("contato=novo&contato_para=Ana&nome=Ana"), Choice::New(_)));
        for changed in ["contato=5&contato_para=Ana&nome=Bia", "contato=5&contato_para=Ana&nome=", "nome=Ana"] {
            assert!(matches!(picked(changed), Choice::Typed(_)), "{changed}");
        }
        for odd in ["contato=abc&nome=Ana", "contato=05&nome=Ana", "contato=novo&contato_para=Ana&nome=Bia"] {
            assert!(matches!(picked(odd), Choice::Typed(_)), "{odd}");
        }
    }
}
