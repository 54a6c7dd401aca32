//! When each deal began and how it moved: what is won was begun early, what has just come in is fresh.

use super::hours;
use crate::demo::cast::{Cast, Opportunity};
use crate::demo::rng::Rng;
use jiff::ToSpan;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// A deal through the year.
#[derive(Debug)]
pub(super) struct Life {
    /// How it stood from each moment on; the first is its beginning.
    pub states: Vec<(DateTime, Opportunity)>,
}

impl Life {
    /// When it was written down.
    pub fn begun(&self) -> DateTime {
        self.states[0].0
    }

    /// How it stood at a moment; before its beginning as at its beginning.
    pub fn at(&self, when: DateTime) -> &Opportunity {
        let passed = self.states.iter().take_while(|(from, _)| *from <= when).count();
        &self.states[passed.max(1) - 1].1
    }
}

/// Days after the year's first on which deals like this one begin: from the first to the last of them.
fn begins(deal: &Opportunity) -> (u32, u32) {
    match (deal.outcome, deal.kind, deal.stage) {
        ("won", "letting", _) => (0, 45),
        ("won", ..) => (4, 210),
        ("lost", ..) => (20, 240),
        (.., 0) => (352, 358),
        (.., 1) => (325, 350),
        (.., 2) => (290, 335),
        (.., 3) => (220, 320),
        (.., 4) => (150, 310),
        _ => (90, 280),
    }
}

/// Days from a deal's beginning to its end.
fn lasts(rng: &mut Rng, deal: &Opportunity) -> u32 {
    match (deal.outcome, deal.kind) {
        ("won", "sale") => rng.range(60, 110),
        ("won", "letting") => rng.range(14, 30),
        ("won", _) => rng.range(5, 12),
        _ => rng.range(30, 90),
    }
}

/// The lives of the cast's deals, in the cast's order, from the year's first day to `now`.
pub(super) fn lives(rng: &mut Rng, cast: &Cast, first: DateTime, now: DateTime) -> Vec<Life> {
    let mut alike = HashMap::<(u32, u32), u32>::new();
    for deal in cast.opportunities {
        *alike.entry(begins(deal)).or_default() += 1;
    }
    let mut met = HashMap::<(u32, u32), u32>::new();
    let begin = |deal: &Opportunity| {
        let (low, high) = begins(deal);
        let index = met.entry((low, high)).or_default();
        *index += 1;
        low + (high - low) * (*index - 1) / alike[&(low, high)].max(1)
    };
    let days: Vec<u32> = cast.opportunities.iter().map(begin).collect();
    cast.opportunities.iter().zip(days).map(|(deal, day)| life(rng, deal, (first, day), now)).collect()
}

fn life(rng: &mut Rng, deal: &Opportunity, (first, day): (DateTime, u32), now: DateTime) -> Life {
    let mut at_desk = |days: u32| {
        let at = hours::on(first.date().saturating_add(i64::from(days).days()), rng.range(500, 1_050) as i32);
        hours::after(rng, at)
    };
    let begun = at_desk(day);
    // Two days of rest before now, so that a Sunday does not push the last step beyond it.
    let passed = first.duration_until(now).as_hours() / 24 - 2;
    let left = u32::try_from(passed).unwrap_or(0).saturating_sub(day);
    let total = lasts(rng, deal).min(left);
    let mut life = Life { states: vec![(begun, Opportunity { stage: 0, outcome: "open", ..deal.clone() })] };
    let steps = u32::from(deal.stage) + 1;
    for step in 1..=steps {
        let settled = step == steps;
        if settled && deal.outcome == "open" {
            break;
        }
        let at = hours::on(
            first.date().saturating_add(i64::from(day + total * step / steps).days()),
            rng.range(500, 1_050) as i32,
        );
        let after = life.states.last().map_or(begun, |(at, _)| at.saturating_add(20.minutes()));
        let at = hours::after(rng, at.max(after));
        let stage = step.min(u32::from(deal.stage)) as u8;
        let outcome = if settled { deal.outcome } else { "open" };
        life.states.push((at, Opportunity { stage, outcome, ..deal.clone() }));
    }
    life
}
