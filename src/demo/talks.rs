//! The stock of talks, by theme. How to read and write one:
//!
//! - `c` is the client, `s` the staff, `n` an internal note; lines come in the order of speaking.
//! - `A||B` are variants of one line; a talk keeps to one column, so answers fit questions; `{slot}` is filled by `script::slots`, capitalised when it begins with a capital.
//! - A greeting is always `{saud}` (bom dia, boa tarde, boa noite): only the hour of the line decides.
//! - `.maybe()` lines that follow one another are said together or not at all.
//! - Endings that depend on who speaks: `{obrigado}`; on the client: `{x}`; on the property: `{a}`.

mod contracts;
mod finance;
mod info;
mod inspections;
mod loans;
mod offers;
mod owners;
mod papers;
mod season;
mod upkeep;
mod visits;

use super::cast::Part;

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The client or other outsider.
    Outside,
    /// The agency, to the outsider.
    Staff,
    /// The agency, to itself: never seen outside.
    Note,
}

/// How long after the line before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// As people answer: at once when going on, some minutes when answering.
    Natural,
    /// Only for a first line: while the desk is open, with time left to help.
    Office,
    /// About so many minutes.
    Minutes(u32),
    /// So many days later, in office hours.
    Days(u32),
    /// Just before the appointment on `{dia}` at `{hora}`.
    OnDate,
    /// An hour or two after it.
    AfterDate,
    /// On the day after it.
    DayAfter,
}

/// One line of a script.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Whose line.
    pub who: Who,
    /// Variants parted by `||`, with slots.
    pub text: &'static str,
    /// When.
    pub delay: Delay,
    /// Part of an optional passage.
    pub optional: bool,
    /// Name of the file that goes with it.
    pub file: Option<&'static str>,
}

impl Step {
    const fn wait(mut self, minutes: u32) -> Self {
        self.delay = Delay::Minutes(minutes);
        self
    }

    const fn days(mut self, days: u32) -> Self {
        self.delay = Delay::Days(days);
        self
    }

    const fn in_office(mut self) -> Self {
        self.delay = Delay::Office;
        self
    }

    const fn on_date(mut self) -> Self {
        self.delay = Delay::OnDate;
        self
    }

    const fn after_date(mut self) -> Self {
        self.delay = Delay::AfterDate;
        self
    }

    const fn day_after(mut self) -> Self {
        self.delay = Delay::DayAfter;
        self
    }

    const fn maybe(mut self) -> Self {
        self.optional = true;
        self
    }

    const fn file(mut self, name: &'static str) -> Self {
        self.file = Some(name);
        self
    }
}

/// One talk about one matter.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// Key of the reason, as in `cast::reasons`.
    pub reason: &'static str,
    /// Key of the department, as in `cast::DEPARTMENTS`.
    pub department: &'static str,
    /// With whom it can happen.
    pub parts: &'static [Part],
    /// When in a deal's life. Purchase: 1 contact, 2 thinking, 3 agreed, 4 papers, 5 deed, 6 registry, 7 keys.
    /// Letting: 1 contact, 2 guarantee, 3 contract, 4 keys, 5 living there, 6 to 8 leaving.
    pub phase: u8,
    /// The lines.
    pub steps: &'static [Step],
}

impl Script {
    /// Whether it speaks of floors, doormen or a condominium, which a house or a shop does not have.
    pub fn needs_building(&self) -> bool {
        const WORDS: &[&str] = &[
            "portaria",
            "porteiro",
            "síndico",
            "prédio",
            "andar",
            "condomínio",
            "condominio",
            "apartamento",
            "apto",
            "interfone",
            "elevador",
        ];
        let speaks = |step: &Step| {
            step.text.split(|c: char| !c.is_alphabetic()).any(|word| WORDS.contains(&word.to_lowercase().as_str()))
        };
        self.steps.iter().any(speaks)
    }
}

const fn line(who: Who, text: &'static str) -> Step {
    Step { who, text, delay: Delay::Natural, optional: false, file: None }
}

const fn c(text: &'static str) -> Step {
    line(Who::Outside, text)
}

const fn s(text: &'static str) -> Step {
    line(Who::Staff, text)
}

const fn n(text: &'static str) -> Step {
    line(Who::Note, text)
}

const fn script(
    (reason, department): (&'static str, &'static str),
    parts: &'static [Part],
    phase: u8,
    steps: &'static [Step],
) -> Script {
    Script { reason, department, parts, phase, steps }
}

/// Every script, theme after theme.
pub fn all() -> Vec<&'static Script> {
    let themes = [
        visits::TALKS,
        offers::TALKS,
        loans::TALKS,
        papers::TALKS,
        owners::TALKS,
        contracts::TALKS,
        inspections::TALKS,
        finance::TALKS,
        upkeep::TALKS,
        season::TALKS,
        info::TALKS,
    ];
    themes.into_iter().flatten().collect()
}
