//! A year of the agency, thought out before anything is written: what happens when, in the order of time.
//!
//! Numbers of entries and conversations rise with time, as they would in a real house: so all that happens in four
//! hundred conversations is laid out first, sorted, and only then told to the domain.

mod chat;
mod deals;
mod hours;
mod stories;
#[cfg(test)]
mod tests;

use super::cast::{self, Cast};
use super::rng::Rng;
use deals::Life;
use jiff::ToSpan;
use jiff::civil::{DateTime, Time};
pub(super) use stories::FEATURED;

/// How many conversations the year has.
pub(super) const CONVERSATIONS: usize = 400;
/// The same year on every machine.
const SEED: u64 = 1_998;

/// One thing that happens; people and deals are named by their place in the cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// A contact is written down.
    Contact(usize),
    /// A deal is written down.
    Deal(usize),
    /// A deal moves to a stage.
    Stage(usize, usize),
    /// A deal is won, or lost.
    Outcome(usize, bool),
    /// Something in the conversation at this place in [`Plan::chats`].
    In(usize, Act),
}

/// What happens in a conversation; `by` and `to` are places in the cast's staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// An access is made, with the first message.
    Invite { by: usize, text: String, file: Option<&'static str> },
    /// A conversation at the counter is begun, for oneself or for the queue; about the deal where it is one's own.
    Begin { by: usize, queued: bool, on_deal: bool },
    /// The outsider comes in by their access.
    Enter,
    /// The outsider says something.
    Say { text: String, file: Option<&'static str> },
    /// Staff says or notes something.
    Write { by: usize, note: bool, text: String, file: Option<&'static str> },
    /// Somebody takes it from the queue.
    Take { by: usize },
    /// It is given to a colleague.
    Transfer { by: usize, to: usize },
    /// It is closed.
    Close { by: usize },
    /// Staff has read all of it.
    Read { by: usize },
    /// The outsider has read all of it.
    ReadOutside,
}

/// Between whom a conversation is, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chat {
    /// Place in the cast's contacts.
    pub contact: usize,
    /// Place in the cast's deals.
    pub deal: usize,
    /// Key of the reason (`cast::reasons`).
    pub reason: &'static str,
    /// Key of the department (`cast::DEPARTMENTS`).
    pub department: &'static str,
}

/// The whole year.
#[derive(Debug)]
pub(super) struct Plan {
    /// When the agency opened its books.
    pub first: DateTime,
    /// Every conversation.
    pub chats: Vec<Chat>,
    /// Everything that happens after the opening, in local time, rising.
    pub moments: Vec<(DateTime, Deed)>,
}

/// Lays out the year before `now`, the local time of the agency.
pub(super) fn year(now: DateTime) -> Plan {
    let (cast, mut rng) = (cast::cast(), Rng::new(SEED));
    let first = now.date().saturating_sub(365.days()).to_datetime(Time::midnight()).saturating_add(8.hours());
    let lives = deals::lives(&mut rng, &cast, first, now);
    let stories = stories::all(&mut rng, &cast, &lives, first, now);
    let mut moments = Vec::new();
    for (index, story) in stories.iter().enumerate() {
        chat::lay_out(&mut rng, &cast, index, story, &mut moments);
    }
    deal_moments(&lives, &mut moments);
    contact_moments(&mut rng, &cast, &stories, (first, now), &mut moments);
    moments.sort_by_key(|(at, _)| *at);
    Plan { first, chats: stories.into_iter().map(|story| story.chat).collect(), moments }
}

fn deal_moments(lives: &[Life], moments: &mut Vec<(DateTime, Deed)>) {
    for (deal, life) in lives.iter().enumerate() {
        moments.push((life.begun(), Deed::Deal(deal)));
        for pair in life.states.windows(2) {
            let ((_, before), (at, now)) = (&pair[0], &pair[1]);
            if now.stage != before.stage {
                moments.push((*at, Deed::Stage(deal, usize::from(now.stage))));
            }
            if now.outcome != before.outcome {
                moments.push((*at, Deed::Outcome(deal, now.outcome == "won")));
            }
        }
    }
}

/// A contact is written down shortly before the first thing that needs it; one that nothing needs, some day.
fn contact_moments(
    rng: &mut Rng,
    cast: &Cast,
    stories: &[stories::Story],
    (first, now): (DateTime, DateTime),
    moments: &mut Vec<(DateTime, Deed)>,
) {
    let mut needed = vec![None::<DateTime>; cast.contacts.len()];
    let deals = moments.iter().filter_map(|(at, deed)| match deed {
        Deed::Deal(deal) => Some((cast.opportunities[*deal].contact, *at)),
        _ => None,
    });
    for (contact, at) in deals.chain(stories.iter().map(|story| (story.chat.contact, story.begun))) {
        needed[contact] = Some(needed[contact].map_or(at, |before| before.min(at)));
    }
    let days = u32::try_from(first.duration_until(now).as_hours() / 24 - 2).unwrap_or(0);
    for (contact, at) in needed.into_iter().enumerate() {
        let some_day = first.saturating_add(i64::from(rng.range(0, days)).days()).saturating_add(2.hours());
        let at = at.map_or(some_day, |at| at.saturating_sub(i64::from(rng.range(4, 15)).minutes()));
        moments.push((at.max(first), Deed::Contact(contact)));
    }
}
