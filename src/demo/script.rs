//! Turns scripts into conversations: chooses what fits the contact, fills the slots, keeps the clock.
//!
//! The clock is the agency's local one. Staff write in office hours, people outside not at night; what would fall
//! outside waits for the morning, and every greeting is chosen by the hour at which its line is really said.

mod clock;
mod slots;
mod style;
#[cfg(test)]
mod tests;

use super::cast::{Cast, Contact, Opportunity, Part, Staff};
use super::rng::Rng;
use super::talks::{self, Delay, Script, Step};
use clock::{Clock, Hours};
use jiff::civil::DateTime;
use slots::Facts;
use std::collections::{HashMap, HashSet};

pub use super::talks::Who;
pub(super) use clock::desk;

/// What sort of bytes a file should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A page or more.
    Pdf,
    /// A picture.
    Png,
    /// Plain text.
    Txt,
}

/// A file that goes with a line; its bytes are the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSpec {
    /// "Matrícula atualizada.pdf".
    pub name: &'static str,
    /// By the name's ending.
    pub kind: FileKind,
}

/// One line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub who: Who,
    /// Ready to show.
    pub text: String,
    /// Minutes since the line before; of the first one, since the start asked for.
    pub minutes_later: u32,
    /// What was sent with it.
    pub file: Option<FileSpec>,
}

/// A whole conversation: one talk, or several on different days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// Key of the last talk's reason (`cast::reasons`).
    pub reason: &'static str,
    /// Key of its department (`cast::DEPARTMENTS`).
    pub department: &'static str,
    /// In order; empty only when nothing may be said before the end.
    pub lines: Vec<Line>,
}

/// Who talks with whom about what.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The one outside.
    pub contact: &'a Contact,
    /// The one who answers.
    pub staff: &'a Staff,
    /// Another broker, who is spoken of.
    pub colleague: &'a Staff,
    /// The property and its money.
    pub about: &'a Opportunity,
    /// Whether `about` is the contact's own deal: then nobody thanks for keys that were never handed over.
    pub own: bool,
}

impl<'a> Context<'a> {
    /// A fitting context for the contact with this index: own deal where there is one, its broker or the desk.
    pub fn new(rng: &mut Rng, cast: &'a Cast, contact: usize) -> Self {
        let about = &cast.opportunities[cast.about(rng, contact)];
        let part = cast.contacts[contact].part;
        let at_desk = matches!(part, Part::Tenant | Part::Landlord | Part::Condo) && rng.chance(45);
        let desk: Vec<&Staff> = cast.staff.iter().filter(|one| one.role != "broker" && one.role != "admin").collect();
        let staff = if at_desk { *rng.pick(&desk) } else { &cast.staff[about.broker] };
        let others = cast.staff.iter().filter(|one| one.role == "broker" && one.name != staff.name);
        let colleague = *rng.pick(&others.collect::<Vec<_>>());
        Self { contact: &cast.contacts[contact], staff, colleague, about, own: about.contact == contact }
    }

    /// The latest phase of a script that the deal has reached.
    fn last_phase(&self) -> u8 {
        // A guest comes back every year: earlier stays may be spoken of too.
        let bound = self.own && self.contact.part != Part::Guest;
        match (bound, self.about.outcome, self.about.stage) {
            (false, ..) | (_, "won", _) => u8::MAX,
            (_, "lost", _) | (_, _, 0..=4) => 2,
            (_, _, 5) => 3,
            _ => 5,
        }
    }
}

/// The scripts, and who has heard which: nobody hears one twice before all that fit were told.
#[derive(Debug)]
pub struct Repertoire {
    scripts: Vec<(&'static Script, bool)>,
    told: Vec<u32>,
    heard: HashMap<(&'static str, usize), u32>,
    /// Conversations told, word for word: one that would repeat another goes on with a further talk.
    said: HashSet<String>,
}

impl Default for Repertoire {
    fn default() -> Self {
        let scripts: Vec<_> = talks::all().into_iter().map(|script| (script, script.needs_building())).collect();
        Self { told: vec![0; scripts.len()], scripts, heard: HashMap::new(), said: HashSet::new() }
    }
}

impl Repertoire {
    /// A conversation that begins at `from` (or in the next hour fit for its first line) and says nothing after
    /// `until`: one cut short there is simply still going on. Both in local time. A `Talk` without lines means that
    /// no line could be said in between.
    pub fn talk(&mut self, rng: &mut Rng, context: &Context<'_>, from: DateTime, until: DateTime) -> Talk {
        let wanted = match rng.range(0, 99) {
            0..=47 => 1,
            48..=77 => 2,
            78..=92 => 3,
            _ => rng.range(4, 6),
        };
        let mut talk = Talk { reason: "info", department: "sales", lines: Vec::new() };
        let mut teller = Teller::new(rng, context, from, until);
        let (mut phase, mut used) = (1, Vec::new());
        for round in 0.. {
            if round >= wanted && self.said.insert(words(&talk)) {
                break;
            }
            let Some(chosen) = self.choose(teller.rng, context, phase, &used) else { break };
            if round > 0 {
                teller.another_day();
            }
            let script = self.scripts[chosen].0;
            let before = talk.lines.len();
            teller.tell(script, &mut talk.lines);
            if talk.lines.len() == before {
                break;
            }
            self.told[chosen] += 1;
            *self.heard.entry((context.contact.name, chosen)).or_default() += 1;
            (talk.reason, talk.department) = (script.reason, script.department);
            phase = script.phase;
            used.push(chosen);
        }
        talk
    }

    /// Among what fits now: what this contact heard least, then what anybody heard least, then chance.
    fn choose(&self, rng: &mut Rng, context: &Context<'_>, phase: u8, used: &[usize]) -> Option<usize> {
        let house = !context.about.in_building();
        let fits = |index: &usize| {
            let (script, building) = &self.scripts[*index];
            script.parts.contains(&context.contact.part)
                && (phase..=context.last_phase()).contains(&script.phase)
                && !(house && *building)
                && !used.contains(index)
        };
        let rank = |index: &usize| {
            let heard = self.heard.get(&(context.contact.name, *index)).copied().unwrap_or(0);
            (heard, self.told[*index])
        };
        let fitting: Vec<usize> = (0..self.scripts.len()).filter(fits).collect();
        let least = fitting.iter().map(rank).min()?;
        let best: Vec<usize> = fitting.into_iter().filter(|index| rank(index) == least).collect();
        Some(*rng.pick(&best))
    }
}

/// One conversation while it is told.
struct Teller<'a, 'r> {
    rng: &'r mut Rng,
    context: &'a Context<'a>,
    facts: Facts,
    clock: Clock,
    last_at: DateTime,
    until: DateTime,
}

impl<'a, 'r> Teller<'a, 'r> {
    fn new(rng: &'r mut Rng, context: &'a Context<'a>, from: DateTime, until: DateTime) -> Self {
        let facts = Facts::new(rng, context);
        Self { rng, context, facts, clock: Clock::new(from), last_at: from, until }
    }

    /// Moves to another day, at an hour when people write.
    fn another_day(&mut self) {
        let evening = !self.context.contact.is_company() && self.rng.chance(12);
        let minute = if evening { self.rng.range(18 * 60 + 30, 21 * 60) } else { self.rng.range(490, 1_040) };
        let days = self.rng.range(1, 9);
        self.clock.move_to_day(days, minute);
    }

    /// Says one script from its first line to its last, or until the end of time.
    fn tell(&mut self, script: &Script, lines: &mut Vec<Line>) {
        let column = self.rng.range(0, 5) as usize;
        self.clock.forget_date();
        let (mut speaker, mut in_passage, mut passage_told) = (None, false, false);
        for step in script.steps {
            if step.optional {
                passage_told = if in_passage { passage_told } else { self.rng.chance(55) };
            }
            in_passage = step.optional;
            if step.optional && !passage_told {
                continue;
            }
            self.wait(step, speaker);
            if self.clock.now() > self.until {
                return;
            }
            lines.push(self.say(step, column, speaker.is_none()));
            speaker = Some(step.who);
        }
    }

    /// Lets the time pass that lies before this line.
    fn wait(&mut self, step: &Step, speaker: Option<Who>) {
        match (step.delay, speaker) {
            (Delay::Office, _) => self.clock.settle(self.rng, Hours::Early),
            (_, None) => {}
            (Delay::Days(days), _) => {
                let minute = self.rng.range(510, 1_020);
                self.clock.move_to_day(days, minute);
            }
            (Delay::OnDate, _) => self.clock.move_to_date(self.rng, -12, -6),
            (Delay::AfterDate, _) => self.clock.move_to_date(self.rng, 45, 150),
            (Delay::DayAfter, _) => self.clock.move_to_date(self.rng, 20 * 60, 24 * 60),
            (Delay::Minutes(typical), _) => {
                let minutes = self.rng.range(typical * 7 / 10, typical * 13 / 10);
                self.clock.pass(minutes);
            }
            (Delay::Natural, Some(before)) => {
                let minutes = natural_delay(self.rng, before, step.who);
                self.clock.pass(minutes);
            }
        }
        let office = step.who != Who::Outside || self.context.contact.is_company();
        self.clock.settle(self.rng, if office { Hours::Office } else { Hours::Awake });
    }

    /// The line, filled in and typed as its speaker types.
    fn say(&mut self, step: &Step, column: usize, opens: bool) -> Line {
        let variants = step.text.split("||").count();
        let raw = step.text.split("||").nth(column % variants).unwrap_or(step.text);
        let mut text = self.facts.fill(self.rng, self.context, &mut self.clock, step.who, raw);
        if step.who == Who::Outside {
            if opens && !self.context.contact.is_company() {
                text = style::opening(self.rng, text);
            }
            text = style::typed(self.rng, self.context.contact.style, text);
        }
        let now = self.clock.now();
        // Never negative and never near 2^32: the clock only goes forward, some months at most.
        let minutes_later = self.last_at.duration_until(now).as_mins() as u32;
        self.last_at = now;
        Line { who: step.who, text, minutes_later, file: step.file.map(file_spec) }
    }
}

fn words(talk: &Talk) -> String {
    talk.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Minutes from one line to the next where the script says nothing.
fn natural_delay(rng: &mut Rng, before: Who, now: Who) -> u32 {
    let same_side = (before == Who::Outside) == (now == Who::Outside);
    match now {
        _ if same_side => rng.range(0, 2),
        Who::Outside if rng.chance(15) => rng.range(12, 50),
        Who::Outside => rng.range(1, 9),
        Who::Staff | Who::Note => rng.range(1, 6),
    }
}

fn file_spec(name: &'static str) -> FileSpec {
    FileSpec { name, kind: file_kind(name) }
}

/// By the name's ending.
pub(super) fn file_kind(name: &str) -> FileKind {
    match name.rsplit('.').next() {
        Some("png") => FileKind::Png,
        Some("txt") => FileKind::Txt,
        _ => FileKind::Pdf,
    }
}
