//! The backups that the house makes by itself: where to, at what time of the day, how many are kept; and when one is due.
//!
//! They are a part of the agency's record; this file knows no clock and no disk.

use super::refusal::{Check, Why};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Characters of a folder's name at most.
pub const FOLDER_CHARS_MAX: usize = 1_000;
/// Backups that are kept at most.
pub const KEEP_MAX: u32 = 365;
/// Characters of a passphrase at least.
pub const PHRASE_CHARS_MIN: usize = 10;
/// Characters of a passphrase at most.
pub const PHRASE_CHARS_MAX: usize = 1_000;
/// Public keys that a backup is sealed for at most.
pub const KEYS_MAX: usize = 20;
/// After a failure the next try comes this much later, in milliseconds: a disk that was unplugged is plugged in again.
const AGAIN_MS: i64 = 3_600_000;
/// Without a good one for longer than this, in milliseconds, somebody must know.
const LATE_MS: i64 = 2 * 86_400_000;
const DAY_MINUTES: u16 = 24 * 60;

/// The backups that the house makes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// Where they go: a folder of this machine, absolute.
    pub folder: String,
    /// Whether it was on another disk than the data when it was chosen.
    pub apart: bool,
    /// The minute of the day, in the agency's time zone.
    pub minute: u16,
    /// How many are kept.
    pub keep: u32,
    /// How they are sealed. Records of old know a passphrase alone, by this name: nothing, or a text.
    #[serde(rename = "secret")]
    pub envelope: Envelope,
    /// When this was chosen, in milliseconds since 1970 UTC.
    pub since: i64,
}

/// How backups are sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Envelope {
    /// Not at all.
    Plain,
    /// Under a passphrase; this is its name among the directory's secrets.
    Secret(String),
    /// For whoever has the private key of one of these public age keys.
    Keys(Vec<String>),
}

impl Envelope {
    /// Whether others cannot read what is in it.
    pub fn is_sealed(&self) -> bool {
        !matches!(self, Self::Plain)
    }

    /// The name of the passphrase among the directory's secrets.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::Secret(name) => Some(name),
            Self::Plain | Self::Keys(_) => None,
        }
    }
}

/// What is remembered of earlier ones, in milliseconds since 1970 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// The last good one in this folder.
    pub good: Option<i64>,
    /// The last try, if it failed.
    pub failed: Option<i64>,
}

impl Copies {
    /// What is wrong with the numbers, at the form's fields.
    pub(super) fn check(&self, check: &mut Check) {
        if self.folder.is_empty() {
            check.wrong("pasta", Why::Empty);
        } else if self.folder.chars().count() > FOLDER_CHARS_MAX {
            check.wrong("pasta", Why::TooLong(FOLDER_CHARS_MAX));
        } else if self.folder.chars().any(char::is_control) {
            check.wrong("pasta", Why::NotAChoice);
        }
        if self.minute >= DAY_MINUTES {
            check.wrong("hora", Why::NotAChoice);
        }
        if !(1..=KEEP_MAX).contains(&self.keep) {
            check.wrong("guardar", Why::NotANumber);
        }
        if matches!(&self.envelope, Envelope::Keys(keys) if keys.is_empty() || keys.len() > KEYS_MAX) {
            check.wrong("chave_diaria", Why::TooMany(KEYS_MAX));
        }
    }

    /// The time of the day as a form writes it: `03:30`.
    pub fn time(&self) -> String {
        format!("{:02}:{:02}", self.minute / 60, self.minute % 60)
    }

    /// Whether one is to be made now, in the agency's zone (an unknown one counts as UTC): none was since the last time of the day that this names, which a machine that was
    /// off meanwhile missed. An hour after a failure it is tried again. A good one from the future, as a wrong clock
    /// makes them, counts as none.
    pub fn is_due(&self, zone: &str, before: Before, now: i64) -> bool {
        let patient = before.failed.is_some_and(|at| (now - at).abs() < AGAIN_MS);
        let last = last_time(self.minute, &known(zone), now);
        !patient && before.good.is_none_or(|good| good < last || good > now + AGAIN_MS)
    }

    /// Whether there was none for so long that somebody must know, with the last good one in whatever folder.
    pub fn is_late(&self, good: Option<i64>, now: i64) -> bool {
        // What a clock wrote that was ahead is no reason to be calm for as long as it was.
        [Some(self.since), good].into_iter().flatten().all(|at| (now - at).abs() > LATE_MS)
    }
}

/// A time of the day as a form gives it, `03:30`, in minutes; nothing for what is none.
pub fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let two = |text: &str, most: u16| -> Option<u16> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| plain && *number < most)
    };
    Some(two(hours, 24)? * 60 + two(minutes, 60)?)
}

/// What the clock on the wall shows, for a file's name: `2026-11-22-0330`.
pub fn day_and_time(zone: &str, at: i64) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(known(zone));
    at.strftime("%Y-%m-%d-%H%M").to_string()
}

fn known(zone: &str) -> TimeZone {
    TimeZone::get(zone).unwrap_or(TimeZone::UTC)
}

/// The last moment up to now at which the clock on the wall showed this minute of a day. One that a day left out counts
/// as the moment after the gap, one that came twice as the first.
fn last_time(minute: u16, zone: &TimeZone, now: i64) -> i64 {
    let today = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(zone.clone()).date();
    // Below 24 and 60: see `check`.
    let (hour, minute) = ((minute / 60 % 24) as i8, (minute % 60) as i8);
    let mut days = today.series(jiff::Span::new().days(-1)).take(4);
    let found = days.find_map(|day| {
        let at = day.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
        (at <= now).then_some(at)
    });
    found.unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn daily(time: &str) -> Copies {
        let minute = minute(time).unwrap();
        Copies {
            folder: "/mnt/x".into(),
            apart: true,
            minute,
            keep: 7,
            envelope: Envelope::Plain,
            since: at("2026-01-01T00:00:00Z"),
        }
    }

    #[test]
    fn r9_a_backup_is_due_once_a_day_also_when_the_clock_is_put_forward_or_back() {
        let (lisbon, rio) = ("Europe/Lisbon", "America/Sao_Paulo");
        for (what, zone, time, good, now, due) in [
            ("the first, at once", rio, "03:30", "", "2026-11-22T12:00:00Z", true),
            ("a second before", rio, "03:30", "2026-11-21T06:30:05Z", "2026-11-22T06:29:59Z", false),
            ("on the minute", rio, "03:30", "2026-11-21T06:30:05Z", "2026-11-22T06:30:00Z", true),
            ("just made", rio, "03:30", "2026-11-22T06:30:00Z", "2026-11-22T06:30:05Z", false),
            ("late in the evening", rio, "03:30", "2026-11-22T06:30:05Z", "2026-11-23T02:59:00Z", false),
            ("off for a night: at the next start", rio, "03:30", "2026-11-20T06:31:00Z", "2026-11-21T11:00:00Z", true),
            ("off for a month", rio, "23:59", "2026-10-20T06:31:00Z", "2026-11-21T11:00:00Z", true),
            ("by hand at noon, and still tonight", rio, "23:00", "2026-11-22T15:00:00Z", "2026-11-23T02:00:00Z", true),
            (
                "before midnight here, after it in UTC",
                rio,
                "23:00",
                "2026-11-23T02:00:01Z",
                "2026-11-23T03:30:00Z",
                false,
            ),
            (
                "put forward: 01:30 does not come, 02:30 does",
                lisbon,
                "01:30",
                "2026-03-28T01:30:01Z",
                "2026-03-29T01:29:00Z",
                false,
            ),
            ("then it is due", lisbon, "01:30", "2026-03-28T01:30:01Z", "2026-03-29T01:30:00Z", true),
            ("once", lisbon, "01:30", "2026-03-29T01:30:01Z", "2026-03-29T23:59:00Z", false),
            ("and on the next day again", lisbon, "01:30", "2026-03-29T01:30:01Z", "2026-03-30T00:30:00Z", true),
            ("put back: at the first 01:30", lisbon, "01:30", "2026-10-24T00:30:01Z", "2026-10-25T00:30:00Z", true),
            ("not at the second", lisbon, "01:30", "2026-10-25T00:30:01Z", "2026-10-25T01:31:00Z", false),
            ("and on the next day again", lisbon, "01:30", "2026-10-25T00:30:01Z", "2026-10-26T01:30:00Z", true),
            ("a day that is left out", "Pacific/Apia", "10:00", "2011-12-29T20:00:01Z", "2011-12-30T20:00:00Z", true),
            ("a clock that was ahead for a year", rio, "03:30", "2027-11-22T06:30:00Z", "2026-11-22T12:00:00Z", true),
            ("a clock that went back a moment", rio, "03:30", "2026-11-22T12:00:01Z", "2026-11-22T12:00:00Z", false),
        ] {
            let before = Before { good: (!good.is_empty()).then(|| at(good)), failed: None };
            assert_eq!(daily(time).is_due(zone, before, at(now)), due, "{what}");
        }
    }

    #[test]
    fn r9_a_backup_that_failed_is_tried_again_each_hour() {
        for (what, good, failed, due) in [
            ("just failed", None, "2026-11-22T11:59:00Z", false),
            ("an hour ago", None, "2026-11-22T11:00:00Z", true),
            ("an hour ago, and one is there", Some("2026-11-22T10:00:00Z"), "2026-11-22T11:00:00Z", false),
            ("by a clock that was ahead", None, "2027-11-22T11:00:00Z", true),
        ] {
            let before = Before { good: good.map(at), failed: Some(at(failed)) };
            assert_eq!(daily("03:00").is_due("UTC", before, at("2026-11-22T12:00:00Z")), due, "{what}");
        }
    }

    #[test]
    fn r9_two_days_without_a_good_one_are_late() {
        let copies = Copies { since: at("2026-11-20T00:00:00Z"), ..daily("03:00") };
        for (what, good, now, late) in [
            ("chosen yesterday", None, "2026-11-21T23:59:00Z", false),
            ("chosen long ago", None, "2026-11-22T00:01:00Z", true),
            ("made", Some("2026-11-22T03:00:00Z"), "2026-11-24T02:59:00Z", false),
            ("two days ago", Some("2026-11-22T03:00:00Z"), "2026-11-24T03:01:00Z", true),
            ("made by a clock that was ahead", Some("2027-11-22T03:00:00Z"), "2026-11-24T03:01:00Z", true),
            ("made before a clock was put back", Some("2026-11-23T03:00:00Z"), "2026-11-22T23:01:00Z", false),
            ("made before this was chosen", Some("2026-11-10T03:00:00Z"), "2026-11-21T03:00:00Z", false),
        ] {
            assert_eq!(copies.is_late(good.map(at), at(now)), late, "{what}");
        }
    }

    #[test]
    fn what_an_older_program_chose_is_read_as_it_was_meant() {
        #[derive(Serialize)]
        struct Old {
            folder: &'static str,
            apart: bool,
            minute: u16,
            keep: u32,
            secret: Option<&'static str>,
            since: i64,
        }
        for (secret, envelope) in [(None, Envelope::Plain), (Some("backup-x"), Envelope::Secret("backup-x".into()))] {
            let old = Old { folder: "/mnt/x", apart: true, minute: 210, keep: 7, secret, since: daily("03:30").since };
            let bytes = rmp_serde::to_vec_named(&old).unwrap();
            let now = Copies { envelope, ..daily("03:30") };
            assert_eq!(rmp_serde::from_slice::<Copies>(&bytes).unwrap(), now);
            assert_eq!(rmp_serde::to_vec_named(&now).unwrap(), bytes, "and written as before");
        }
        let keys = Copies { envelope: Envelope::Keys(vec!["age1x".into()]), ..daily("03:30") };
        let bytes = rmp_serde::to_vec_named(&keys).unwrap();
        assert_eq!(rmp_serde::from_slice::<Copies>(&bytes).unwrap(), keys);
    }

    #[test]
    fn a_time_of_the_day_has_two_digits_and_two() {
        for (text, expected) in [("00:00", Some(0)), ("03:30", Some(210)), (" 23:59 ", Some(1_439))] {
            assert_eq!(minute(text), expected, "{text}");
        }
        for odd in ["", "3:30", "24:00", "12:60", "-1:00", "+1:00", "12", "12:00:00", "aa:bb"] {
            assert_eq!(minute(odd), None, "{odd}");
        }
    }
}
