//! The conversation's time: goes only forward, keeps office hours, remembers the appointment.

use crate::demo::rng::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

/// Minutes of the day between which staff write: Monday to Friday.
const OFFICE: (i32, i32) = (8 * 60, 18 * 60 + 10);
/// On Saturdays the house closes at noon.
const SATURDAY_END: i32 = 12 * 60;
/// People outside neither write nor expect answers at night.
const AWAKE: (i32, i32) = (7 * 60, 22 * 60 + 30);

/// For help on the same day one must write this many minutes before the desk closes.
const HELP: i32 = 120;

/// When a line can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hours {
    /// While people are up.
    Awake,
    /// While the desk is open.
    Office,
    /// While the desk is open, and early enough for help on the same day.
    Early,
}

/// What was agreed on: two hours offered on one day, the first one taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appointment {
    /// The hour taken.
    pub at: DateTime,
    /// The other hour offered.
    pub later: DateTime,
}

#[derive(Debug)]
pub(super) struct Clock {
    now: DateTime,
    appointment: Option<Appointment>,
}

impl Clock {
    /// A clock that stands at `from`.
    pub fn new(from: DateTime) -> Self {
        Self { now: from, appointment: None }
    }

    /// Where it stands.
    pub fn now(&self) -> DateTime {
        self.now
    }

    /// Lets minutes pass.
    pub fn pass(&mut self, minutes: u32) {
        self.now = self.now.saturating_add(i64::from(minutes).minutes());
    }

    /// So many days on, at this minute of the day.
    pub fn move_to_day(&mut self, days: u32, minute: u32) {
        self.now = on(self.now.date().saturating_add(i64::from(days).days()), minute as i32);
    }

    /// To the appointment plus `low..=high` minutes; an appointment that is already over is left behind.
    pub fn move_to_date(&mut self, rng: &mut Rng, low: i64, high: i64) {
        let at = self.appointment(rng).at.saturating_add(low.minutes());
        let spread = i64::from(rng.range(0, (high - low) as u32));
        self.now = self.now.max(at.saturating_add(spread.minutes()));
    }

    /// A new talk makes its own appointment.
    pub fn forget_date(&mut self) {
        self.appointment = None;
    }

    /// The appointment of this talk, made two to four days ahead when first spoken of, and anew once it is past.
    pub fn appointment(&mut self, rng: &mut Rng) -> Appointment {
        match self.appointment {
            Some(agreed) if agreed.later > self.now => agreed,
            Some(agreed) if agreed.at.date() == self.now.date() => agreed,
            _ => *self.appointment.insert(propose(rng, self.now.date())),
        }
    }

    /// To the next minute within these hours.
    pub fn settle(&mut self, rng: &mut Rng, when: Hours) {
        // Eight mornings always hold one that is not a Sunday.
        for _ in 0..8 {
            let (opens, closes) = span(self.now.date(), when);
            let minute = minute_of(self.now);
            if (opens..closes).contains(&minute) {
                return;
            }
            let delay = rng.range(2, 55) as i32;
            let next = if minute < opens && opens < closes { self.now.date() } else { next_day(self.now.date()) };
            self.now = on(next, span(next, when).0 + delay);
        }
    }
}

/// The desk's opening and closing minute on a day; equal when nobody is there.
pub(in crate::demo) fn desk(day: Date) -> (i32, i32) {
    span(day, Hours::Office)
}

/// Opening and closing minute; equal when nobody is there.
fn span(day: Date, when: Hours) -> (i32, i32) {
    let (opens, closes) = match (when, day.weekday()) {
        (Hours::Awake, _) => return AWAKE,
        (_, Weekday::Sunday) => return (OFFICE.0, OFFICE.0),
        (_, Weekday::Saturday) => (OFFICE.0, SATURDAY_END),
        _ => OFFICE,
    };
    (opens, if when == Hours::Early { closes - HELP } else { closes })
}

fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

fn minute_of(at: DateTime) -> i32 {
    i32::from(at.hour()) * 60 + i32::from(at.minute())
}

fn on(day: Date, minute: i32) -> DateTime {
    day.to_datetime(jiff::civil::Time::midnight()).saturating_add(i64::from(minute).minutes())
}

fn propose(rng: &mut Rng, today: Date) -> Appointment {
    let mut day = today.saturating_add(i64::from(rng.range(2, 4)).days());
    if day.weekday() == Weekday::Sunday {
        day = next_day(day);
    }
    // Half hours: 9h to 10h30 on Saturdays, to 16h else, noon left out; the second offer an hour on.
    let half_hour = match day.weekday() {
        Weekday::Saturday => rng.range(18, 21),
        _ => *rng.pick(&[18, 19, 20, 21, 27, 28, 29, 30, 31, 32]),
    };
    let at = on(day, half_hour as i32 * 30);
    Appointment { at, later: at.saturating_add(1.hour()) }
}
