//! Who talks when, with whom and about what, and how it stands today.

use super::deals::Life;
use super::{CONVERSATIONS, Chat, hours};
use crate::demo::cast::{Cast, Contact, Opportunity, Staff, Style};
use crate::demo::rng::Rng;
use crate::demo::script::{Context, FileSpec, Line, Repertoire, Talk, Who};
use jiff::ToSpan;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// How many wait in the queue.
pub(super) const QUEUED: usize = 6;
/// How many are open.
pub(super) const OPEN: usize = 50;
/// Of a hundred conversations, those through the portal.
const PORTAL_PERCENT: usize = 60;
/// How many of the latest words from outside are unread, whatever the hour.
const UNREAD_MIN: usize = 4;
/// How many one of the staff has open at most, where something can be closed.
const OPEN_EACH: usize = 12;
/// Minutes before now in which nothing more is said, so that the seconds of a busy minute stay in the past.
const REST_MINUTES: i64 = 5;
/// How often chance is asked for a fitting talk.
const TRIES: u32 = 400;

/// Contact and deal: a tenant, and client and appraiser of four deals, each with a conversation of their own today.
/// The first ones are those whom the demo lets in.
pub(in crate::demo) const FEATURED: &[(usize, usize)] =
    &[(0, 0), (41, 0), (19, 20), (2, 2), (42, 2), (7, 7), (41, 7), (9, 9), (42, 9)];

/// How a conversation stands today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Closed, and written to again just now.
    Queued { closed: DateTime, again: Vec<Said> },
    /// Somebody's; with something still to be read, or not.
    Open { unread: bool },
    /// Done with.
    Closed { at: DateTime },
}

/// A line at its moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// When.
    pub at: DateTime,
    /// Who said it.
    pub who: Who,
    /// What.
    pub text: String,
    /// With which paper.
    pub file: Option<&'static str>,
}

/// A conversation from its first line to today.
#[derive(Debug)]
pub(super) struct Story {
    /// Who talks with whom about what.
    pub chat: Chat,
    /// Whether by the portal, and not at the counter.
    pub portal: bool,
    /// Place in the cast's staff.
    pub staff: usize,
    /// The same, for another broker.
    pub colleague: usize,
    /// When it began.
    pub begun: DateTime,
    /// What was said.
    pub lines: Vec<Said>,
    /// How it stands today.
    pub ending: Ending,
}

impl Story {
    fn last_at(&self) -> DateTime {
        let again = match &self.ending {
            Ending::Queued { again, .. } => again.last(),
            Ending::Open { .. } | Ending::Closed { .. } => None,
        };
        again.or(self.lines.last()).map_or(self.begun, |line| line.at)
    }

    fn outsider_spoke_last(&self) -> bool {
        self.portal && self.lines.last().is_some_and(|line| line.who == Who::Outside)
    }
}

/// All of them. Those of today first, for they need the right people to be free.
pub(super) fn all(rng: &mut Rng, cast: &Cast, lives: &[Life], first: DateTime, now: DateTime) -> Vec<Story> {
    let until = now.saturating_sub(REST_MINUTES.minutes());
    let stories = Vec::with_capacity(CONVERSATIONS);
    let mut casting = Casting { rng, cast, lives, repertoire: Repertoire::default(), first, until, stories };
    let mut tries = 0;
    while casting.stories.len() < QUEUED && tries < TRIES {
        casting.queued(casting.stories.len() as u32, tries);
        tries += 1;
    }
    for &(contact, deal) in FEATURED {
        casting.featured(contact, deal);
    }
    let special = casting.stories.len();
    let ordinary = CONVERSATIONS - special;
    // Where nobody was free at one time, the round goes on at the next one.
    for turn in 0..4 * ordinary {
        if casting.stories.len() < CONVERSATIONS {
            casting.ordinary(turn % ordinary, ordinary);
        }
    }
    let mut stories = casting.stories;
    end(rng, &mut stories, special, until);
    stories
}

struct Casting<'a> {
    rng: &'a mut Rng,
    cast: &'a Cast,
    lives: &'a [Life],
    repertoire: Repertoire,
    first: DateTime,
    until: DateTime,
    stories: Vec<Story>,
}

/// Who is to talk about what.
struct Parts {
    contact: usize,
    deal: usize,
    staff: usize,
    colleague: usize,
}

impl Casting<'_> {
    /// Somebody whom chance chooses.
    fn anybody(&mut self) -> Parts {
        let contact = self.cast.caller(self.rng);
        let drawn = Context::new(self.rng, self.cast, contact);
        let deal = self.cast.opportunities.iter().position(|deal| deal.reference == drawn.about.reference);
        let place = |one: &Staff| self.cast.staff.iter().position(|other| other.email == one.email);
        // All three are from the cast, so they have a place there.
        let (staff, colleague) = (place(drawn.staff).unwrap_or(0), place(drawn.colleague).unwrap_or(0));
        Parts { contact, deal: deal.unwrap_or(0), staff, colleague }
    }

    /// This contact and this deal, with the deal's broker.
    fn pair(&self, contact: usize, deal: usize) -> Parts {
        let staff = self.cast.opportunities[deal].broker;
        let other = |(index, one): &(usize, &Staff)| *index != staff && one.role == "broker";
        // There are four brokers.
        let colleague = self.cast.staff.iter().enumerate().find(other).map_or(staff, |(index, _)| index);
        Parts { contact, deal, staff, colleague }
    }

    /// What is told at the counter, staff write down as staff write.
    fn tell(&mut self, parts: &Parts, from: DateTime, portal: bool) -> Talk {
        let about: &Opportunity = self.lives[parts.deal].at(from);
        let typing = &self.cast.contacts[parts.contact];
        let contact = if portal { typing.clone() } else { Contact { style: Style::Neat, ..typing.clone() } };
        let context = Context {
            contact: &contact,
            staff: &self.cast.staff[parts.staff],
            colleague: &self.cast.staff[parts.colleague],
            about,
            own: about.contact == parts.contact,
        };
        self.repertoire.talk(self.rng, &context, from, self.until)
    }

    /// A conversation between these that begins at `from`, if it can.
    fn story(&mut self, parts: &Parts, from: DateTime, portal: bool) -> Option<Story> {
        let talk = self.tell(parts, from, portal);
        let chat = Chat { contact: parts.contact, deal: parts.deal, reason: talk.reason, department: talk.department };
        let lines = timed(self.rng, from, talk.lines);
        let first_line = lines.first()?;
        let invites = portal && first_line.who != Who::Staff;
        let before = first_line.at.saturating_sub(i64::from(self.rng.range(15, 200)).minutes());
        let begun = if invites { hours::before(self.rng, before) } else { first_line.at };
        // What was told at the counter was written down at the counter.
        let at_desk = portal || lines.iter().all(|line| hours::open(line.at));
        let ending = Ending::Open { unread: false };
        let (staff, colleague) = (parts.staff, parts.colleague);
        let story = Story { chat, portal, staff, colleague, begun, lines, ending };
        let known = begun > self.lives[parts.deal].begun().saturating_add(30.minutes());
        (at_desk && known && self.free(parts.contact, begun, story.last_at())).then_some(story)
    }

    /// Nobody has two matters with the agency at one time.
    fn free(&self, contact: usize, from: DateTime, to: DateTime) -> bool {
        let of_theirs = self.stories.iter().filter(|story| story.chat.contact == contact);
        of_theirs.into_iter().all(|story| story.last_at() < from || to < story.begun)
    }

    fn ordinary(&mut self, place: usize, of: usize) {
        // From the second day to yesterday: what comes later is for those who talk today.
        let days = self.first.duration_until(self.until).as_hours() / 24 - 3;
        let day = 2 + days * place as i64 / of as i64;
        let portal = place * PORTAL_PERCENT % 100 < PORTAL_PERCENT;
        let (low, high) = if portal { (450, 1_300) } else { (490, 990) };
        let from = hours::on(self.first.date().saturating_add(day.days()), self.rng.range(low, high) as i32);
        let from = if portal { from } else { hours::after(self.rng, from) };
        for _ in 0..TRIES {
            let parts = self.anybody();
            if self.lives[parts.deal].begun() < from
                && self.free(parts.contact, from, from)
                && let Some(story) = self.story(&parts, from, portal)
            {
                self.stories.push(story);
                return;
            }
        }
    }

    fn featured(&mut self, contact: usize, deal: usize) {
        let parts = self.pair(contact, deal);
        for _ in 0..TRIES {
            let minutes_ago = i64::from(self.rng.range(2_400, 15_600));
            let from = self.until.saturating_sub(minutes_ago.minutes());
            let told = self.story(&parts, from, true);
            if let Some(story) = told.filter(|story| story.lines.len() > 5) {
                self.stories.push(story);
                return;
            }
        }
    }

    /// Somebody who was served some weeks ago and has just written again: the `nth`, who waits the longer the higher.
    fn queued(&mut self, nth: u32, tries: u32) {
        let parts = self.anybody();
        let minutes_ago = i64::from(self.rng.range(36_000, 115_000));
        let from = self.until.saturating_sub(minutes_ago.minutes());
        let featured = FEATURED.iter().any(|(contact, _)| *contact == parts.contact);
        let company = self.cast.contacts[parts.contact].is_company();
        if featured || company || self.lives[parts.deal].begun() >= from {
            return;
        }
        let Some(mut story) = self.story(&parts, from, true) else { return };
        let minutes = self.rng.range(20, 300);
        let last = story.last_at().saturating_add(i64::from(minutes).minutes());
        let closed = hours::after(self.rng, last);
        // By night the last ones wrote in the evening: the longer nobody is found, the further back it goes.
        let waits = i64::from(6 + nth * 37 + tries / 4 * 8).min(690);
        let from = self.until.saturating_sub(waits.minutes());
        let talk = self.tell(&parts, from, true);
        let spoken = talk.lines.into_iter().take_while(|line| line.who == Who::Outside).collect();
        let again = timed(self.rng, from, spoken);
        let fits = closed.saturating_add(7.days()) < from && self.free(parts.contact, story.begun, self.until);
        if again.is_empty() || !fits {
            return;
        }
        story.ending = Ending::Queued { closed, again };
        self.stories.push(story);
    }
}

/// Gives each line its second: nobody writes on the full minute, and no two at once.
fn timed(rng: &mut Rng, from: DateTime, lines: Vec<Line>) -> Vec<Said> {
    let (mut minute, mut last) = (from, from);
    let one = |line: Line| {
        minute = minute.saturating_add(i64::from(line.minutes_later).minutes());
        let at = minute.saturating_add(i64::from(rng.range(1, 59)).seconds());
        let soon = last.saturating_add(i64::from(rng.range(7, 25)).seconds());
        last = at.max(soon);
        Said { at: last, who: line.who, text: line.text, file: line.file.map(|file: FileSpec| file.name) }
    };
    lines.into_iter().map(one).collect()
}

/// Decides what is still open: those featured, and most of what was said last; everything else was closed within a day.
fn end(rng: &mut Rng, stories: &mut [Story], special: usize, until: DateTime) {
    let mut newest: Vec<usize> = (special..stories.len()).collect();
    newest.sort_by_key(|index| std::cmp::Reverse(stories[*index].last_at()));
    let mut open = HashMap::<usize, usize>::new();
    for story in stories.iter().take(special).skip(QUEUED) {
        *open.entry(story.staff).or_default() += 1;
    }
    for index in newest {
        let minutes = rng.range(15, 1_200);
        let at = hours::after(rng, stories[index].last_at().saturating_add(i64::from(minutes).minutes()));
        let enough = open.values().sum::<usize>() >= OPEN
            || open.get(&stories[index].staff).is_some_and(|own| *own >= OPEN_EACH);
        if at < until && (enough || rng.chance(20)) {
            stories[index].ending = Ending::Closed { at };
        } else {
            *open.entry(stories[index].staff).or_default() += 1;
        }
    }
    let awaits = |story: &&mut Story| story.outsider_spoke_last() && matches!(story.ending, Ending::Open { .. });
    let mut waiting: Vec<&mut Story> = stories.iter_mut().filter(awaits).collect();
    waiting.sort_by_key(|story| std::cmp::Reverse(story.last_at()));
    for (place, story) in waiting.into_iter().enumerate() {
        let days = story.last_at().duration_until(until).as_hours() / 24;
        let unread = place < UNREAD_MIN || (if days < 2 { rng.chance(75) } else { rng.chance(8) });
        story.ending = Ending::Open { unread };
    }
}
