//! One believable agency, a year old, for `balcao demo`, the gallery and tests: Aurora Imóveis of Goiânia.
//!
//! Nothing is written past the domain: everybody is made, met, let in, answered and closed by the same verbs that the
//! screens call, each at its own moment of the year.

pub mod cast;
mod drawings;
mod papers;
mod perform;
mod plan;
pub mod rng;
pub mod script;
mod stock;
pub mod talks;
#[cfg(test)]
mod tests;

use crate::domain::agency::{self, Setup};
use crate::domain::ids::{DepartmentId, ReasonId};
use crate::domain::password::{self, Hashed};
use crate::domain::presence::{self, Register};
use crate::domain::user::{self, NewUser};
use crate::domain::values::{Language, fold};
use crate::domain::{access::Role, reason};
use crate::store::files::Files;
use crate::store::{self, Store, Tx};
use cast::Cast;
use jiff::{Timestamp, tz::TimeZone};
use perform::House;
use serde::Serialize;
use std::collections::HashMap;

/// Goiânia keeps the time of Brasília.
const ZONE: &str = "America/Sao_Paulo";
/// The colour of a dawn, in degrees of OKLCH.
const HUE: u16 = 40;
/// One password for all of the staff and one for all outside: a demo is to be walked through quickly.
const STAFF_PASSWORD: &str = "balcao-demo-2026";
const PORTAL_PASSWORD: &str = "aurora-portal-2026";
/// Of those whom the plan features, the ones whose login is told.
const PORTAL_LOGINS: usize = 5;
/// How many events one call of [`store::trim_journal`] drops.
const TRIMMED_AT_ONCE: u64 = 10_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// How one of the staff logs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Login {
    /// Address.
    pub email: String,
    /// In clear: it guards invented people only.
    pub password: String,
    /// `admin`, `manager`, `broker` or `receptionist`.
    pub role: &'static str,
}

/// How one from outside logs in to the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortalLogin {
    /// Address.
    pub email: String,
    /// In clear.
    pub password: String,
}

/// By which logins the filled house can be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// All seven of the staff; the admin first.
    pub users: Vec<Login>,
    /// Some from outside, each with an open conversation.
    pub portal: Vec<PortalLogin>,
}

impl Filled {
    /// Everything a visitor of the demo needs, as one line of JSON: the addresses of both doors and the logins.
    pub fn json(&self, staff: &str, public: &str) -> String {
        let portal =
            |one: &PortalLogin| serde_json::json!({"email": one.email, "password": one.password, "link": public});
        let portal: Vec<_> = self.portal.iter().map(portal).collect();
        serde_json::json!({"staff": staff, "public": public, "users": self.users, "portal": portal}).to_string()
    }
}

/// Fills a freshly opened data directory with the year before `now_ms` (milliseconds since 1970). Blocks for some
/// seconds: not for a thread that serves.
///
/// # Errors
/// Where there is an agency already, and whatever the disk says.
pub fn fill(store: &Store, files: &Files, now_ms: i64) -> anyhow::Result<Filled> {
    let zone = TimeZone::get(ZONE)?;
    let now = Timestamp::from_millisecond(now_ms)?.to_zoned(zone.clone()).datetime();
    let (cast, plan) = (cast::cast(), plan::year(now));
    let first_ms = plan.first.to_zoned(zone.clone())?.timestamp().as_millisecond();
    let (for_staff, for_portal) = (password::hash(STAFF_PASSWORD)?, password::hash(PORTAL_PASSWORD)?);
    let stock = stock::keep(files)?;
    let opened = store.write_now(move |tx| {
        tx.set_now(first_ms);
        open_books(tx, &cast::cast(), &for_staff)
    })?;
    let people = opened.staff.clone();
    let house = House::new(zone, plan.chats, opened, stock, for_portal);
    perform::all(store, house, plan.moments)?;
    store.write_now(move |tx| arrive(tx, &people, now_ms))?;
    forget_old_news(store, now_ms - DAY_MS)?;
    let staff = cast.staff.iter().map(|one| Login {
        email: one.email.to_owned(),
        password: STAFF_PASSWORD.to_owned(),
        role: one.role,
    });
    let portal = plan::FEATURED.iter().take(PORTAL_LOGINS).map(|(contact, _)| PortalLogin {
        email: cast.contacts[*contact].emails[0].to_owned(),
        password: PORTAL_PASSWORD.to_owned(),
    });
    Ok(Filled { users: staff.collect(), portal: portal.collect() })
}

/// What is there on the first morning.
struct Opened {
    /// In the cast's order.
    staff: Vec<crate::domain::Staff>,
    reasons: HashMap<&'static str, ReasonId>,
    departments: HashMap<&'static str, DepartmentId>,
}

/// The agency, its people, why they are called and who answers what.
fn open_books(tx: &mut Tx<'_>, cast: &Cast, password: &Hashed) -> anyhow::Result<Opened> {
    let setup = Setup {
        name: cast::AGENCY.into(),
        hue: HUE,
        language: Language::PtBr,
        time_zone: ZONE.into(),
        user_name: cast.staff[0].name.into(),
        user_email: cast.staff[0].email.into(),
        password: password.clone(),
    };
    let mut ids = vec![agency::set_up(tx, &setup)?];
    for one in &cast.staff[1..] {
        let role = Role::of(one.role).map_err(|why| anyhow::anyhow!("{}: {why:?}", one.role))?;
        let new = NewUser {
            name: one.name.into(),
            email: one.email.into(),
            duty: role.into(),
            password: Some(password.clone()),
        };
        ids.push(user::make(tx, &new)?);
    }
    let mut staff = Vec::with_capacity(ids.len());
    for id in ids {
        let user = user::by_id(tx, id)?.ok_or_else(|| anyhow::anyhow!("user {id} was not made"))?;
        staff.push(user::as_staff(tx, &user, 0.into())?);
    }
    agency::set_closing_message(tx, &staff[0], cast::CLOSING)?;
    presence::settle(tx, &staff[0], Register::read(true, false, cast::ABSENCES)?)?;
    let (mut reasons, mut departments) = (HashMap::new(), HashMap::new());
    for wanted in cast::reasons() {
        let offered = reason::all(tx)?.into_iter().find(|one| same(&one.name, wanted.name)).map(|one| one.id);
        reasons.insert(wanted.key, offered.map_or_else(|| reason::add(tx, &staff[0], wanted.name), Ok)?);
    }
    for (key, name) in cast::DEPARTMENTS {
        let there = reason::departments(tx)?.into_iter().find(|one| same(&one.name, name)).map(|one| one.id);
        departments.insert(*key, there.map_or_else(|| reason::add_department(tx, &staff[0], name), Ok)?);
    }
    Ok(Opened { staff, reasons, departments })
}

/// This morning: all but one came, one is out at lunch, and the receptionist recorded who has no computer today.
fn arrive(tx: &mut Tx<'_>, staff: &[crate::domain::Staff], now_ms: i64) -> anyhow::Result<()> {
    let agency = agency::the(tx)?.ok_or_else(|| anyhow::anyhow!("no agency"))?;
    let today = presence::day_of(&agency, now_ms);
    // Just after midnight nobody came hours ago.
    let ago = |minutes: i64| {
        let at = now_ms - minutes * MINUTE_MS;
        if presence::day_of(&agency, at) == today { at } else { now_ms }
    };
    let desk = &staff[staff.len() - 1];
    for (n, (one, of_cast)) in staff.iter().zip(cast::cast().staff).enumerate().filter(|(n, _)| *n != 4) {
        tx.set_now(ago(230 - 7 * n as i64));
        let by = if n == 3 { desk } else { one };
        let stay = presence::enter(tx, by, one.id, of_cast.extension)?.stay;
        if n == 5 {
            tx.set_now(ago(25));
            presence::leave(tx, one, stay, of_cast.extension, cast::LUNCH)?;
        }
    }
    tx.set_now(now_ms);
    Ok(())
}

/// Whether a name the agency began with means this one: "Avaliação de imóvel" is an "Avaliação".
fn same(offered: &str, wanted: &str) -> bool {
    fold(offered).starts_with(&fold(wanted))
}

/// A year's events would only be read by followers that were not there: all but the last day's are dropped.
fn forget_old_news(store: &Store, before: i64) -> anyhow::Result<()> {
    for _ in 0..=store.look()?.reached()? / TRIMMED_AT_ONCE {
        store.write_now(move |tx| store::trim_journal(tx, before))?;
    }
    Ok(())
}
