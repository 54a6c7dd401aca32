//! Who is in the house, since when, at which extension (P1 to P5): one record for each time somebody came in.
//!
//! A record belongs to the day of the agency on which it began. Nobody is in by yesterday's record: the next morning
//! everybody is asked again, whether or not the house was awake at midnight to close it.

mod board;
mod reach;
mod register;
#[cfg(test)]
mod tests;

pub use board::{Board, Line, board};
pub use reach::{Reach, Taker, reach, takers};
pub use register::{REASON_CHARS_MAX, REASONS_MAX, Register, settle};

use super::access::{Act, Staff};
use super::agency::{self, Agency};
use super::audit::{self, Deed};
use super::event::Event;
use super::ids::{PresenceId, UserId};
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::{PRESENCES, PRESENCES_BY_DAY, PRESENCES_BY_USER, PRESENCES_OPEN};
use super::user;
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Characters of an extension at most: it is read aloud, and some answer "no celular".
pub const EXTENSION_CHARS_MAX: usize = 20;
/// Stays of one user in one day at most: whoever comes once more goes on with the last one.
pub const STAYS_MAX: usize = 30;
/// Changes of extension in one stay at most.
pub const MOVES_MAX: usize = 30;
/// Records of a day that are read at most, the newest: thirty people who come and go thirty times.
const DAY_MAX: usize = 1_000;

/// One stay in the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Its number.
    pub id: PresenceId,
    /// Who.
    pub user: UserId,
    /// The agency's day, such as `2026-11-22`.
    pub day: String,
    /// Where they answer the phone.
    pub extension: String,
    /// Milliseconds since 1970.
    pub began_at: i64,
    /// Who recorded it: themselves, or whoever may for others (P4).
    pub began_by: UserId,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
    /// The extensions before, oldest first.
    pub moves: Vec<Move>,
}

/// The end of a stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who recorded it; nobody where the day ended first.
    pub by: Option<UserId>,
    /// Why, in the words of the settings at that time; empty where nobody said.
    pub reason: String,
}

/// A change of extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who recorded it.
    pub by: UserId,
    /// The extension until then.
    pub from: String,
}

impl Record for Presence {
    type Id = PresenceId;
    const TABLE: Table = PRESENCES;
    fn id(&self) -> PresenceId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(PRESENCES_BY_DAY, Key::new().text(&self.day));
        at.at(PRESENCES_BY_USER, Key::new().number(self.user.0));
        if self.ended.is_none() {
            at.at(PRESENCES_OPEN, Key::new().number(self.user.0));
        }
    }
}

/// What recording an entry did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The stay that goes on from here.
    pub stay: PresenceId,
    /// For who was in already, whether the extension is another now.
    pub moved: Option<bool>,
}

/// P1, P4: records that somebody is in, oneself or (who may) another. Who is in already changes the extension.
pub fn enter(tx: &mut Tx<'_>, staff: &Staff, user: UserId, extension: &str) -> Answer<Entered> {
    let agency = kept(tx)?;
    may_record(staff, user)?;
    let mut check = Check::default();
    let extension = check.value("ramal", read_extension(extension)).unwrap_or_default();
    if !user::by_id(tx, user)?.is_some_and(|user| user.is_active()) {
        check.wrong("usuario", Why::NotAChoice);
    }
    check.done()?;
    if let Some(here) = in_now(tx, &agency, user, tx.now())? {
        let (stay, moved) = (here.id, here.extension != extension);
        shift(tx, staff, here, extension)?;
        return Ok(Entered { stay, moved: Some(moved) });
    }
    end_open(tx, &agency, user)?;
    let day = day_of(&agency, tx.now());
    let stay = match last_of_many(tx, user, &day)? {
        Some(last) => resume(tx, staff, last, extension)?,
        None => {
            let id = tx.next(PRESENCES)?;
            let (began_at, began_by) = (tx.now(), staff.id);
            tx.put(&Presence { id, user, day, extension, began_at, began_by, ended: None, moves: Vec::new() })?;
            id
        }
    };
    tx.announce(&Event::PresenceChanged(user))?;
    Ok(Entered { stay, moved: None })
}

/// The last stay of somebody who came so often today that no more are kept.
fn last_of_many(look: &impl Look, user: UserId, day: &str) -> Answer<Option<Presence>> {
    let last: Vec<Presence> = look.list(PRESENCES_BY_USER, &Key::new().number(user.0), Order::Falling, STAYS_MAX)?;
    let many = last.len() == STAYS_MAX && last.iter().all(|stay| stay.day == day);
    Ok(last.into_iter().next().filter(|_| many))
}

fn resume(tx: &mut Tx<'_>, staff: &Staff, mut last: Presence, extension: String) -> Answer<PresenceId> {
    note_move(&mut last, staff, extension, tx.now());
    last.ended = None;
    tx.put(&last)?;
    Ok(last.id)
}

/// P2, P4: records that somebody left, from which extension and why. Nothing happens where they have left already.
pub fn leave(tx: &mut Tx<'_>, staff: &Staff, id: PresenceId, extension: &str, reason: &str) -> Answer<()> {
    let agency = kept(tx)?;
    let mut here: Presence = tx.get(id)?.ok_or(Refusal::NotFound)?;
    may_record(staff, here.user)?;
    if here.ended.is_some() {
        return Ok(());
    }
    let mut check = Check::default();
    let extension = check.value("ramal", read_extension(extension)).unwrap_or_default();
    let reasons = &agency.register.reasons;
    match reasons.iter().any(|one| one == reason) {
        true => {}
        false if reasons.is_empty() && reason.is_empty() => {}
        false => check.wrong("motivo", if reason.is_empty() { Why::Empty } else { Why::NotAChoice }),
    }
    check.done()?;
    note_move(&mut here, staff, extension, tx.now());
    here.ended = Some(Ended { at: tx.now(), by: Some(staff.id), reason: reason.to_owned() });
    tx.put(&here)?;
    tx.announce(&Event::PresenceChanged(here.user))?;
    Ok(())
}

/// P4: changes where somebody answers: of the stay that goes on, or of one that ended, where it was recorded wrongly.
pub fn move_to(tx: &mut Tx<'_>, staff: &Staff, id: PresenceId, extension: &str) -> Answer<()> {
    kept(tx)?;
    let here: Presence = tx.get(id)?.ok_or(Refusal::NotFound)?;
    may_record(staff, here.user)?;
    let extension = read_extension(extension).map_err(|why| Refusal::Invalid(vec![("ramal", why)]))?;
    shift(tx, staff, here, extension)
}

/// Ends what a day that is over left open, marked as ended by nobody.
pub(super) fn close_past(tx: &mut Tx<'_>) -> Answer<()> {
    let Some(agency) = agency::the(tx)? else { return Ok(()) };
    for one in left_open(tx, &agency, tx.now())? {
        end_by_night(tx, &agency, one)?;
    }
    Ok(())
}

fn left_open(look: &impl Look, agency: &Agency, now: i64) -> Answer<Vec<Presence>> {
    let today = day_of(agency, now);
    let open: Vec<Presence> = look.list(PRESENCES_OPEN, &Key::new(), Order::Rising, DAY_MAX)?;
    Ok(open.into_iter().filter(|one| one.day < today).collect())
}

/// Begins a day: [`close_past`], and every screen hears that it is another day.
pub fn begin_day(tx: &mut Tx<'_>) -> Answer<()> {
    close_past(tx)?;
    tx.announce(&Event::DayBegan)?;
    Ok(())
}

/// The agency's day at this moment, once there is an agency, and whether an earlier one was left open.
pub fn today(look: &impl Look, now: i64) -> Answer<(Option<String>, bool)> {
    let Some(agency) = agency::the(look)? else { return Ok((None, false)) };
    Ok((Some(day_of(&agency, now)), !left_open(look, &agency, now)?.is_empty()))
}

/// Ends the stay of somebody who is switched off.
pub(super) fn end_of(tx: &mut Tx<'_>, staff: &Staff, user: UserId) -> Answer<()> {
    for mut here in open_of(tx, user)? {
        here.ended = Some(Ended { at: tx.now(), by: Some(staff.id), reason: String::new() });
        tx.put(&here)?;
        tx.announce(&Event::PresenceChanged(user))?;
    }
    Ok(())
}

/// The stay of somebody who is in at this moment.
pub fn in_now(look: &impl Look, agency: &Agency, user: UserId, now: i64) -> Answer<Option<Presence>> {
    let today = day_of(agency, now);
    Ok(open_of(look, user)?.into_iter().find(|one| one.day == today))
}

/// Whether nothing else opens to them before they recorded their entry (P1).
pub fn must_enter(look: &impl Look, agency: &Agency, user: UserId, now: i64) -> Answer<bool> {
    let asked = agency.register.on && agency.register.obligatory;
    Ok(asked && in_now(look, agency, user, now)?.is_none())
}

/// The last extension at which somebody answered; empty for none.
pub fn last_extension(look: &impl Look, user: UserId) -> Answer<String> {
    Ok(last_of(look, user)?.map_or(String::new(), |one| one.extension))
}

fn last_of(look: &impl Look, user: UserId) -> Answer<Option<Presence>> {
    let last: Vec<Presence> = look.list(PRESENCES_BY_USER, &Key::new().number(user.0), Order::Falling, 1)?;
    Ok(last.into_iter().next())
}

/// Notes that a day of the register was taken out of the house.
pub fn exported(tx: &mut Tx<'_>, staff: &Staff, day: &str) -> Answer<()> {
    audit::note(tx, staff, Deed::Exported, true, &format!("presence {day}"))
}

/// A stay that this member of staff may change.
pub fn changeable(look: &impl Look, staff: &Staff, id: PresenceId) -> Answer<Presence> {
    kept(look)?;
    let found: Presence = look.get(id)?.ok_or(Refusal::NotFound)?;
    may_record(staff, found.user)?;
    Ok(found)
}

/// The agency, if it keeps a register; without one there is nothing of all this.
pub fn kept(look: &impl Look) -> Answer<Agency> {
    let agency = agency::the(look)?.filter(|agency| agency.register.on);
    agency.ok_or(Refusal::NotFound.into())
}

/// Whether one may record for this user: for oneself always.
pub fn may_record_for(staff: &Staff, user: UserId) -> bool {
    staff.id == user || staff.may(Act::RegisterOthers)
}

/// The agency's day at a moment, such as `2026-11-22`.
pub fn day_of(agency: &Agency, at: i64) -> String {
    day_in(&agency.time_zone, at)
}

/// Whether this is a day as the records name it.
pub fn is_day(text: &str) -> bool {
    text.parse::<Date>().is_ok_and(|day| day.to_string() == text)
}

fn day_in(zone: &str, at: i64) -> String {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(time_zone(zone)).date().to_string()
}

fn time_zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The first moment after a day, in milliseconds since 1970; nothing for what is no day.
fn midnight_after(zone: &str, day: &str) -> Option<i64> {
    let next = day.parse::<Date>().ok()?.tomorrow().ok()?;
    Some(next.to_zoned(time_zone(zone)).ok()?.timestamp().as_millisecond())
}

fn open_of(look: &impl Look, user: UserId) -> Answer<Vec<Presence>> {
    Ok(look.list(PRESENCES_OPEN, &Key::new().number(user.0), Order::Rising, DAY_MAX)?)
}

/// The newest of a day, oldest first.
fn of_day(look: &impl Look, day: &str) -> Answer<Vec<Presence>> {
    let mut stays: Vec<Presence> = look.list(PRESENCES_BY_DAY, &Key::new().text(day), Order::Falling, DAY_MAX)?;
    stays.reverse();
    Ok(stays)
}

/// The first day of which there is a record.
fn first_day(look: &impl Look) -> Answer<Option<String>> {
    let first: Vec<Presence> = look.list(PRESENCES_BY_DAY, &Key::new(), Order::Rising, 1)?;
    Ok(first.into_iter().next().map(|stay| stay.day))
}

fn end_open(tx: &mut Tx<'_>, agency: &Agency, user: UserId) -> Answer<()> {
    for old in open_of(tx, user)? {
        end_by_night(tx, agency, old)?;
    }
    Ok(())
}

/// Never later than now, never before it began: the agency may have moved to another zone since.
fn end_by_night(tx: &mut Tx<'_>, agency: &Agency, mut one: Presence) -> Answer<()> {
    let midnight = midnight_after(&agency.time_zone, &one.day).unwrap_or(tx.now());
    one.ended = Some(Ended { at: midnight.min(tx.now()).max(one.began_at), by: None, reason: String::new() });
    tx.put(&one)?;
    tx.announce(&Event::PresenceChanged(one.user))?;
    Ok(())
}

fn shift(tx: &mut Tx<'_>, staff: &Staff, mut here: Presence, extension: String) -> Answer<()> {
    if here.moves.len() >= MOVES_MAX && here.extension != extension {
        return Err(Refusal::Invalid(vec![("ramal", Why::TooOften(MOVES_MAX))]).into());
    }
    if note_move(&mut here, staff, extension, tx.now()) {
        tx.put(&here)?;
        tx.announce(&Event::PresenceChanged(here.user))?;
    }
    Ok(())
}

/// Who comes or goes is never refused for it: of those, what is too much is not remembered.
fn note_move(here: &mut Presence, staff: &Staff, extension: String, at: i64) -> bool {
    let moved = here.extension != extension;
    if moved {
        let from = std::mem::replace(&mut here.extension, extension);
        if here.moves.len() < MOVES_MAX {
            here.moves.push(Move { at, by: staff.id, from });
        }
    }
    moved
}

fn may_record(staff: &Staff, user: UserId) -> Answer<()> {
    if may_record_for(staff, user) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

/// An extension as it is kept: one line, single spaces.
fn read_extension(text: &str) -> Result<String, Why> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err(Why::Empty),
        1..=EXTENSION_CHARS_MAX => Ok(text),
        _ => Err(Why::TooLong(EXTENSION_CHARS_MAX)),
    }
}
