//! Forms: each field with its label, what was typed, and what is wrong with it, said at the field.

use crate::domain::{No, Refusal, Why};
use crate::store::Fault;
use crate::web::answer::why_words;
use crate::web::fields::Fields;
use crate::web::proof;
use crate::web::scene::Scene;
use crate::words::Words;
use maud::{Markup, html};

/// One of the ways that [`Form::ways`] offers.
pub struct Way<'a> {
    /// What the form then says.
    pub value: &'a str,
    /// Its name.
    pub label: &'a str,
    /// What it means.
    pub hint: &'a str,
    /// Why it cannot be chosen now.
    pub off: Option<&'a str>,
}

/// A form being drawn: what was typed, and what was wrong with it.
pub struct Form<'a> {
    w: Words,
    csrf: &'a str,
    values: &'a Fields,
    wrong: Vec<(&'static str, Why)>,
    /// A refusal that belongs to no field.
    pub refusal: Option<String>,
    /// Whether the password was proved lately.
    proved: bool,
    /// Whether the quiet button says "Cancelar": where "Fechar" would sound like what the form does.
    cancel: bool,
    /// Whether its main button looks like what it does.
    danger: bool,
}

impl<'a> Form<'a> {
    /// A form with these values and nothing wrong.
    pub fn new(scene: &'a Scene, values: &'a Fields) -> Self {
        Self {
            w: scene.w,
            csrf: &scene.csrf,
            values,
            wrong: Vec::new(),
            refusal: None,
            proved: scene.proved,
            cancel: false,
            danger: false,
        }
    }

    /// The same after a refusal, or where the disk takes nothing: what was typed stays. Any other fault of ours is given
    /// back, and what no form can mend.
    pub fn refused(scene: &'a Scene, values: &'a Fields, no: No) -> Result<Self, No> {
        let mut form = Self::new(scene, values);
        match no {
            No::Refused(Refusal::Invalid(wrong)) => form.wrong = wrong,
            gone @ No::Refused(Refusal::NotFound | Refusal::NotAllowed | Refusal::SessionOver | Refusal::Busy) => {
                return Err(gone);
            }
            No::Refused(refusal) => form.refusal = Some(crate::web::answer::words(scene.w, &refusal)),
            No::Failed(Fault::Unwell(_)) => form.refusal = Some(scene.w.not_kept().to_owned()),
            failed @ No::Failed(_) => return Err(failed),
        }
        Ok(form)
    }

    /// Makes the quiet button say "Cancelar".
    pub fn with_cancel(mut self) -> Self {
        self.cancel = true;
        self
    }

    /// Gives the main button the colour of what takes something away.
    pub fn with_danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// Marks a field as wrong.
    pub fn with_wrong(mut self, field: &'static str, why: Why) -> Self {
        self.wrong.push((field, why));
        self
    }

    /// The hidden token, and the refusal that belongs to no field.
    pub fn head(&self) -> Markup {
        html! {
            input type="hidden" name="_csrf" value=(self.csrf);
            @if let Some(refusal) = &self.refusal { p.refusal role="alert" { (refusal) } }
        }
    }

    /// What was typed.
    pub fn value(&self, name: &str) -> &str {
        self.values.text(name)
    }

    /// What was typed, where the form said this field at all.
    pub fn typed(&self, name: &str) -> Option<&str> {
        self.values.get(name)
    }

    /// Whether a field is wrong in this way.
    pub fn is_wrong(&self, name: &str, why: Why) -> bool {
        self.wrong.contains(&(name, why))
    }

    /// What is wrong with a field, in words.
    pub fn wrong(&self, name: &str) -> Option<String> {
        self.wrong.iter().find(|(field, _)| *field == name).map(|(_, why)| why_words(self.w, *why))
    }

    fn framed(&self, name: &str, label: &str, hint: &str, control: Markup) -> Markup {
        html! {
            div.field {
                label for=(name) { (label) }
                (control)
                @if let Some(wrong) = self.wrong(name) { p.wrong id={ (name) "-erro" } { (wrong) } }
                @if !hint.is_empty() { p.hint { (hint) } }
            }
        }
    }

    /// A line of text; `kind` is an input type, `autocomplete` its standard value.
    pub fn line(&self, kind: &str, name: &str, label: &str, autocomplete: &str, hint: &str) -> Markup {
        let wrong = self.wrong(name);
        let value = (kind != "password").then(|| self.value(name));
        self.framed(name, label, hint, html! {
            input type=(kind) id=(name) name=(name) value=[value] autocomplete=(autocomplete)
                aria-invalid=[wrong.as_ref().map(|_| "true")] aria-describedby=[wrong.as_ref().map(|_| format!("{name}-erro"))];
        })
    }

    /// A line of text without autocompletion.
    pub fn text(&self, name: &str, label: &str) -> Markup {
        self.line("text", name, label, "off", "")
    }

    /// A code: an app's, or one that somebody wrote down. Its name is `codigo`, its id one on the page; `mode` is an input
    /// mode.
    pub fn code(&self, id: &str, label: &str, hint: &str, mode: &str, autocomplete: &str) -> Markup {
        self.framed(id, label, hint, html! {
            input.code-in type="text" id=(id) name="codigo" inputmode=(mode) autocomplete=(autocomplete) autocapitalize="off"
                spellcheck="false" maxlength="64";
        })
    }

    /// Several lines.
    pub fn area(&self, name: &str, label: &str, rows: u8, hint: &str) -> Markup {
        let wrong = self.wrong(name);
        self.framed(name, label, hint, html! {
            textarea id=(name) name=(name) rows=(rows)
                aria-invalid=[wrong.as_ref().map(|_| "true")] aria-describedby=[wrong.as_ref().map(|_| format!("{name}-erro"))]
                { (self.value(name)) }
        })
    }

    /// A choice: pairs of value and label; the first is chosen where nothing was.
    pub fn select(&self, name: &str, label: &str, choices: &[(String, String)]) -> Markup {
        self.framed(name, label, "", self.bare_select(name, choices))
    }

    fn bare_select(&self, name: &str, choices: &[(String, String)]) -> Markup {
        let chosen = self.value(name);
        html! {
            select id=(name) name=(name) aria-invalid=[self.wrong(name).map(|_| "true")] {
                @for (value, label) in choices {
                    option value=(value) selected[value == chosen] { (label) }
                }
            }
        }
    }

    /// One of a few ways, each with a hint: value, label, hint, and why it cannot be chosen now.
    pub fn ways(&self, name: &str, label: &str, ways: &[Way<'_>]) -> Markup {
        let chosen = self.value(name);
        html! {
            fieldset.ways {
                legend { (label) }
                @for way in ways {
                    div.tick {
                        input type="radio" id={ (name) "-" (way.value) } name=(name) value=(way.value) checked[way.value == chosen && way.off.is_none()] disabled[way.off.is_some()];
                        label for={ (name) "-" (way.value) } { (way.label) }
                        p.hint { (way.off.unwrap_or(way.hint)) }
                    }
                }
                @if let Some(wrong) = self.wrong(name) { p.wrong { (wrong) } }
            }
        }
    }

    /// A tick box; it cannot be ticked where `off` says why.
    pub fn tick(&self, name: &str, label: &str, off: Option<&str>) -> Markup {
        html! {
            div.tick {
                input type="checkbox" id=(name) name=(name) value="sim" checked[self.values.ticked(name) && off.is_none()] disabled[off.is_some()];
                label for=(name) { (label) }
                @if let Some(off) = off { p.hint { (off) } }
            }
        }
    }

    /// Once more one's own password, where it was not proved lately: for forms whose handler asks [`Ask::prove`].
    ///
    /// [`Ask::prove`]: crate::web::ask::Ask::prove
    pub fn proof(&self) -> Markup {
        let w = self.w;
        html! {
            @if !self.proved { (self.password(proof::FIELD, w.your_password(), "current-password", false, w.proof_hint())) }
        }
    }

    /// The same for forms of which only some answers matter: shown only where it was asked for and refused.
    pub fn proof_asked(&self) -> Markup {
        if self.wrong(proof::FIELD).is_some() { self.proof() } else { Markup::default() }
    }

    /// A password: shown at will, and made up at will where `generate` says.
    pub fn password(&self, name: &str, label: &str, autocomplete: &str, generate: bool, hint: &str) -> Markup {
        let wrong = self.wrong(name);
        // A password that staff choose for somebody else is typed in the open: they have to tell it.
        let kind = if generate { "text" } else { "password" };
        let value = generate.then(|| self.value(name));
        self.framed(name, label, hint, html! {
            div.with-button {
                input type=(kind) id=(name) name=(name) value=[value] autocomplete=(autocomplete) spellcheck="false" autocapitalize="off"
                    aria-invalid=[wrong.as_ref().map(|_| "true")] aria-describedby=[wrong.as_ref().map(|_| format!("{name}-erro"))];
                @if generate {
                    button.button type="button" data-generate={ "#" (name) } { (self.w.generate_password()) }
                } @else {
                    button.icon type="button" data-reveal={ "#" (name) } aria-label=(self.w.show_password()) aria-pressed="false" { (super::icon::icon("eye")) }
                }
            }
        })
    }
}

/// A tick box that is one of several of the same name.
pub fn choice(name: &str, value: &str, label: &str, ticked: bool) -> Markup {
    let id = format!("{name}-{value}");
    html! {
        div.tick {
            input type="checkbox" id=(id) name=(name) value=(value) checked[ticked];
            label for=(id) { (label) }
        }
    }
}

/// A form's frame inside a dialog or on a page of its own: title, body, buttons.
pub fn frame(scene: &Scene, title: &str, action: &str, form: &Form<'_>, body: Markup, submit: &str) -> Markup {
    html! {
        form.sheet method="post" action=(action) data-with-files="" data-upload-url=(crate::web::paths::FILES)
            data-say-leave=(scene.w.leave_form()) novalidate {
            header.sheet-head {
                h2 { (title) }
                button.icon type="button" data-act="close" aria-label=(scene.w.close()) { (super::icon::icon("close")) }
            }
            div.sheet-body { (form.head()) (body) }
            footer.sheet-foot {
                button.button type="button" data-act="close" { (if form.cancel { scene.w.cancel() } else { scene.w.close() }) }
                button.button.main.danger[form.danger] type="submit" { (submit) }
            }
        }
    }
}
