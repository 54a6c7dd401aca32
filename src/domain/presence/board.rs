//! A day of the register as one reads it: who is here, who left and why, who has not come (P3).

use super::{DAY_MAX, Presence, day_of, first_day, kept, last_of, of_day};
use crate::domain::ids::UserId;
use crate::domain::refusal::Answer;
use crate::domain::user::{self, User};
use crate::domain::values::fold;
use crate::store::Look;
use std::collections::{BTreeMap, BTreeSet};

/// A stay, with what one reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The stay.
    pub stay: Presence,
    /// Whose.
    pub name: String,
    /// Who else is at the same extension: allowed, but pointed out.
    pub beside: Vec<String>,
    /// Whether they can come in again: nobody can who was switched off.
    pub can_come: bool,
}

/// One day. People stand in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Which day, such as `2026-11-22`.
    pub day: String,
    /// Whether it is the agency's today.
    pub is_today: bool,
    /// The agency's today.
    pub today: String,
    /// The first day with a record; today where there is none.
    pub first: String,
    /// Who is in; nobody on a day that is over.
    pub here: Vec<Line>,
    /// Who was in and left: the last stay of each.
    pub gone: Vec<Line>,
    /// Who could come and did not; asked of today only.
    pub absent: Vec<(UserId, String)>,
    /// Every stay of the day, in the order in which they began.
    pub stays: Vec<Line>,
    /// The names of all users: whoever recorded something has one.
    names: BTreeMap<UserId, String>,
}

/// The register of a day: today's where none is named. People whose name holds `letters`, any case, any accents.
pub fn board(look: &impl Look, day: Option<&str>, letters: &str, now: i64) -> Answer<Board> {
    let agency = kept(look)?;
    let today = day_of(&agency, now);
    let day = day.unwrap_or(&today).to_owned();
    let is_today = day == today;
    let users = user::all(look)?;
    let names: BTreeMap<UserId, String> = users.iter().map(|user| (user.id, user.name.clone())).collect();
    let name = |id: UserId| names.get(&id).cloned().unwrap_or_default();
    let stays = of_day(look, &day)?;
    let last = last_of_each(look, &day, &users, &stays)?;
    let can_come: BTreeSet<UserId> = users.iter().filter(|user| user.is_active()).map(|user| user.id).collect();
    let at_phone = |stay: &Presence| is_today && stay.ended.is_none();
    let line = |stay: &Presence| {
        let others = last.values().filter(|other| other.user != stay.user && at_phone(other) && at_phone(stay));
        let same = others.filter(|other| fold(&other.extension) == fold(&stay.extension));
        let beside = same.map(|other| name(other.user)).collect();
        Line { stay: stay.clone(), name: name(stay.user), beside, can_come: can_come.contains(&stay.user) }
    };
    let fits = |id: UserId| fold(&name(id)).contains(&fold(letters.trim()));
    let by_name = |lines: &mut Vec<Line>| lines.sort_by_key(|line| fold(&line.name));
    let (mut here, mut gone): (Vec<Line>, Vec<Line>) =
        last.values().filter(|stay| fits(stay.user)).map(&line).partition(|line| at_phone(&line.stay));
    by_name(&mut here);
    by_name(&mut gone);
    let absent =
        users.iter().filter(|user| is_today && user.is_active() && !last.contains_key(&user.id) && fits(user.id));
    let absent = absent.map(|user| (user.id, user.name.clone())).collect();
    let stays = stays.iter().filter(|stay| fits(stay.user)).map(line).collect();
    let first = first_day(look)?.filter(|first| *first < today).unwrap_or_else(|| today.clone());
    Ok(Board { day, is_today, today, first, here, gone, absent, stays, names })
}

/// Everybody's last stay of a day, also where so many are recorded that only the newest were read.
fn last_of_each(look: &impl Look, day: &str, users: &[User], stays: &[Presence]) -> Answer<BTreeMap<UserId, Presence>> {
    let mut last: BTreeMap<UserId, Presence> = stays.iter().map(|stay| (stay.user, stay.clone())).collect();
    if stays.len() == DAY_MAX {
        for user in users {
            if !last.contains_key(&user.id) {
                last.extend(last_of(look, user.id)?.filter(|stay| stay.day == day).map(|stay| (user.id, stay)));
            }
        }
    }
    Ok(last)
}

impl Board {
    /// Whether it is a day that has not been yet.
    pub fn is_to_come(&self) -> bool {
        self.day > self.today
    }

    /// Whether one may go to the day before, and to the one after: only where something can be recorded.
    pub fn leads(&self) -> (bool, bool) {
        let within = self.first <= self.day && self.day <= self.today;
        (within && self.day > self.first, within && self.day < self.today)
    }

    /// The name of a user.
    pub fn name(&self, id: UserId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// Whether nothing of it is to be seen.
    pub fn is_empty(&self) -> bool {
        self.here.is_empty() && self.gone.is_empty() && self.absent.is_empty() && self.stays.is_empty()
    }
}
