//! Dates as people say them, in the agency's time zone: hoje, ontem, 7 de junho.

use super::Words;
use crate::domain::values::Language;
use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// The months in Portuguese.
pub const PT_MONTHS: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const PT_DAYS: [&str; 7] = ["seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."];
const EN_DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A time as it is said near it, and as it must stand on paper, which is read at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `Ontem`, `ontem, 16:02`
    pub near: String,
    /// `6 de junho de 2026`, `06/06/2026 às 16:02`
    pub on_paper: String,
}

/// A moment in the agency's zone, and now.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    now: i64,
    words: Words,
}

impl Clock {
    /// For an IANA zone name; an unknown one counts as UTC.
    pub fn new(zone: &str, now: i64, words: Words) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), now, words }
    }

    /// The zone's IANA name.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn local(&self, at: i64) -> Zoned {
        Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone())
    }

    /// `09:41`
    pub fn time(&self, at: i64) -> String {
        self.local(at).strftime("%H:%M").to_string()
    }

    /// The hour of the day, from 0.
    pub fn hour(&self, at: i64) -> i8 {
        self.local(at).hour()
    }

    /// The day as a machine writes it: `2026-06-07`.
    pub fn date_key(&self, at: i64) -> String {
        self.local(at).strftime("%Y-%m-%d").to_string()
    }

    /// When a day begins that a machine wrote (`2026-06-07`), or one `days` later; nothing for what is no day.
    pub fn day_start(&self, key: &str, days: i32) -> Option<i64> {
        let day: Date = key.parse().ok()?;
        let day = day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(day.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond())
    }

    /// The moment as a machine writes it, for `<time datetime>`.
    pub fn machine(&self, at: i64) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// `Hoje`, `Ontem`, `7 de junho`, `7 de junho de 2025`
    pub fn day(&self, at: i64) -> String {
        let (then, today) = (self.local(at).date(), self.local(self.now).date());
        if then == today {
            return self.words.today().to_owned();
        }
        if Some(then) == today.yesterday().ok() {
            return self.words.yesterday().to_owned();
        }
        self.long(then, then.year() != today.year())
    }

    /// The same, and with its year for paper.
    pub fn day_said(&self, at: i64) -> Said {
        Said { near: self.day(at), on_paper: self.long(self.local(at).date(), true) }
    }

    /// A moment ([`moment`](Self::moment)), and its date for paper.
    pub fn moment_said(&self, at: i64) -> Said {
        Said { near: self.moment(at), on_paper: self.exact(at) }
    }

    /// `hoje, 16:02`, `ontem, 16:02`, `7 de junho, 16:02`
    pub fn moment(&self, at: i64) -> String {
        let day = self.day(at);
        let day = if day == self.words.today() || day == self.words.yesterday() { day.to_lowercase() } else { day };
        format!("{day}, {}", self.time(at))
    }

    /// `16:02` today; before, with its day: `ontem, 16:02`
    pub fn time_or_moment(&self, at: i64) -> String {
        if self.date_key(at) == self.date_key(self.now) { self.time(at) } else { self.moment(at) }
    }

    /// For lists: `09:41` today, `ontem`, `qua.` this week, then `07/06/2026`.
    pub fn short(&self, at: i64) -> String {
        let (then, today) = (self.local(at).date(), self.local(self.now).date());
        let days = (today - then).get_days();
        match days {
            0 => self.time(at),
            1 => self.words.yesterday().to_lowercase(),
            2..=6 => {
                let day = then.weekday().to_monday_zero_offset() as usize;
                let names = if self.words.0 == Language::En { EN_DAYS } else { PT_DAYS };
                names[day % 7].to_owned()
            }
            _ => then.strftime("%d/%m/%Y").to_string(),
        }
    }

    /// `07/06/2026 às 12:30`
    pub fn exact(&self, at: i64) -> String {
        self.date_at(at, "%H:%M")
    }

    /// `07/06/2026 às 12:30:05`
    pub fn precise(&self, at: i64) -> String {
        self.date_at(at, "%H:%M:%S")
    }

    fn date_at(&self, at: i64, time: &str) -> String {
        let local = self.local(at);
        let (date, time) = (local.strftime("%d/%m/%Y").to_string(), local.strftime(time).to_string());
        self.words.date_at_time(&date, &time)
    }

    /// `março de 2025`
    pub fn month(&self, at: i64) -> String {
        let then = self.local(at).date();
        let month = self.month_name(then);
        if self.words.0 == Language::En {
            format!("{month} {}", then.year())
        } else {
            format!("{month} de {}", then.year())
        }
    }

    fn month_name(&self, date: Date) -> &'static str {
        let names = if self.words.0 == Language::En { EN_MONTHS } else { PT_MONTHS };
        names[(date.month() as usize + 11) % 12]
    }

    fn long(&self, then: Date, with_year: bool) -> String {
        let (day, month) = (then.day(), self.month_name(then));
        match (self.words.0, with_year) {
            (Language::En, false) => format!("{day} {month}"),
            (Language::En, true) => format!("{day} {month} {}", then.year()),
            (_, false) => format!("{day} de {month}"),
            (_, true) => format!("{day} de {month} de {}", then.year()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a timestamp").as_millisecond()
    }

    #[test]
    fn dates_are_said_as_people_say_them_in_the_agencys_zone() {
        // 01:30 UTC on the 8th is still the evening of the 7th in São Paulo.
        let now = at("2026-06-08T01:30:00Z");
        let clock = Clock::new("America/Sao_Paulo", now, Words(Language::PtBr));
        assert_eq!(clock.day(at("2026-06-07T15:00:00Z")), "Hoje");
        assert_eq!(clock.day(at("2026-06-06T15:00:00Z")), "Ontem");
        assert_eq!(clock.day(at("2026-05-01T15:00:00Z")), "1 de maio");
        assert_eq!(clock.day(at("2025-05-01T15:00:00Z")), "1 de maio de 2025");
        assert_eq!(clock.short(at("2026-06-07T15:05:00Z")), "12:05");
        assert_eq!(clock.short(at("2026-06-03T15:05:00Z")), "qua.");
        assert_eq!(clock.short(at("2026-05-03T15:05:00Z")), "03/05/2026");
        assert_eq!(clock.day_said(at("2026-06-07T15:00:00Z")).on_paper, "7 de junho de 2026", "paper is read later");
        assert_eq!(clock.day_said(at("2026-05-01T15:00:00Z")).on_paper, "1 de maio de 2026");
        assert_eq!(clock.moment_said(at("2026-06-06T19:02:00Z")).on_paper, "06/06/2026 às 16:02");
        assert_eq!(clock.moment(at("2026-06-06T19:02:00Z")), "ontem, 16:02");
        assert_eq!(clock.time_or_moment(at("2026-06-06T19:02:00Z")), "ontem, 16:02");
        assert_eq!(clock.time_or_moment(at("2026-06-07T19:02:00Z")), "16:02", "today the hour is enough");
        assert_eq!(clock.zone(), "America/Sao_Paulo");
        assert_eq!(clock.exact(at("2026-06-07T15:30:00Z")), "07/06/2026 às 12:30");
        assert_eq!(clock.precise(at("2026-06-07T15:30:05Z")), "07/06/2026 às 12:30:05");
        assert_eq!(Clock::new("Europe/Lisbon", now, Words(Language::En)).day(at("2026-05-01T15:00:00Z")), "1 May");
    }

    #[test]
    fn f35_every_moment_is_in_one_day_also_where_clocks_are_put_forward_or_back() {
        for (zone, around) in [
            ("Europe/Lisbon", "2027-03-28T01:30:00Z"),
            ("Europe/Lisbon", "2027-10-31T01:30:00Z"),
            // Midnight is left out, and comes twice.
            ("Atlantic/Azores", "2027-03-28T01:00:00Z"),
            ("Atlantic/Azores", "2027-10-31T01:00:00Z"),
            ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
            ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
            ("America/Sao_Paulo", "2027-02-21T02:00:00Z"),
            // A day that was left out.
            ("Pacific/Apia", "2011-12-30T10:00:00Z"),
        ] {
            let clock = Clock::new(zone, at(around), Words(Language::PtBr));
            for minutes in (-3 * 24 * 60..3 * 24 * 60).step_by(7) {
                let moment = at(around) + minutes * 60_000;
                let key = clock.date_key(moment);
                let (start, end) = (clock.day_start(&key, 0).unwrap(), clock.day_start(&key, 1).unwrap());
                assert!((start..end).contains(&moment), "{zone} {key}: {start} {moment} {end}");
                assert_eq!(clock.date_key(start), key, "{zone}");
            }
        }
    }

    #[test]
    fn f35_no_moment_and_no_zone_makes_it_panic() {
        for zone in ["America/Sao_Paulo", "Europe/Lisbon", "Atlantic/Azores", "Marte/Olimpo", ""] {
            for then in [i64::MIN, -1, 0, i64::MAX, at("2027-03-28T01:30:00Z")] {
                let clock = Clock::new(zone, then, Words(Language::PtPt));
                for moment in [i64::MIN, 0, i64::MAX] {
                    assert!(!clock.day(moment).is_empty() && !clock.short(moment).is_empty());
                }
            }
        }
    }
}
