//! The desk's hours, seen from any moment: when somebody was there last, and when somebody will be next.

use crate::demo::rng::Rng;
use crate::demo::script::desk;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

/// Whether somebody is at the desk.
pub(super) fn open(at: DateTime) -> bool {
    let (opens, closes) = desk(at.date());
    (opens..closes).contains(&minute(at))
}

/// This moment, or one late on the last working day before it.
pub(super) fn before(rng: &mut Rng, at: DateTime) -> DateTime {
    if open(at) {
        return at;
    }
    let over = |day: Date, from: i32| desk(day).0 < desk(day).1 && desk(day).1 <= from;
    let today = Some(at.date()).filter(|day| over(*day, minute(at)));
    // Among the seven days before there is always one with a desk.
    let earlier = (1..=7).map(|back| at.date().saturating_sub(back.days())).find(|day| over(*day, 24 * 60));
    let day = today.or(earlier).unwrap_or(at.date());
    on(day, desk(day).1 - rng.range(3, 50) as i32).saturating_add(i64::from(rng.range(1, 59)).seconds())
}

/// This moment, or one early on the next working day.
pub(super) fn after(rng: &mut Rng, at: DateTime) -> DateTime {
    if open(at) {
        return at;
    }
    let ahead = |day: Date, from: i32| desk(day).0 < desk(day).1 && from < desk(day).0;
    let today = Some(at.date()).filter(|day| ahead(*day, minute(at)));
    // Among the seven days ahead there is always one with a desk.
    let later = (1..=7).map(|on| at.date().saturating_add(on.days())).find(|day| ahead(*day, 0));
    let day = today.or(later).unwrap_or(at.date());
    on(day, desk(day).0 + rng.range(3, 50) as i32).saturating_add(i64::from(rng.range(1, 59)).seconds())
}

/// A minute of a day.
pub(super) fn on(day: Date, minute: i32) -> DateTime {
    day.to_datetime(Time::midnight()).saturating_add(i64::from(minute).minutes())
}

fn minute(at: DateTime) -> i32 {
    i32::from(at.hour()) * 60 + i32::from(at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn from_every_hour_of_a_week_the_desk_is_found_on_both_sides() {
        let mut rng = Rng::new(1);
        // A Sunday and the week after it.
        for hour in 0..8 * 24 {
            let at = date(2026, 3, 1).at(0, 30, 0, 0).saturating_add(hour.hours());
            let (last, next) = (before(&mut rng, at), after(&mut rng, at));
            assert!(open(last) && open(next) && last <= at && at <= next, "{last} {at} {next}");
            assert_eq!(open(at), last == at && next == at);
            assert!(last.duration_until(next).as_hours() < 48, "{last} {at} {next}");
        }
    }
}
