//! A day of the register as one reads it: who is here, who left and why, who has not come (P3).

use super::{Presence, day_of, kept, of_day};
use crate::domain::ids::UserId;
use crate::domain::refusal::Answer;
use crate::domain::user;
use crate::domain::values::fold;
use crate::store::Look;
use std::collections::BTreeMap;

/// A stay, with what one reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The stay.
    pub stay: Presence,
    /// Whose.
    pub name: String,
    /// Who else is at the same extension: allowed, but pointed out.
    pub beside: Vec<String>,
}

/// One day. People stand in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Which day, such as `2026-11-22`.
    pub day: String,
    /// Whether it is the agency's today.
    pub is_today: bool,
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
    let last: BTreeMap<UserId, &Presence> = stays.iter().map(|stay| (stay.user, stay)).collect();
    let at_phone = |stay: &Presence| is_today && stay.ended.is_none();
    let line = |stay: &Presence| {
        let others = last.values().filter(|other| other.user != stay.user && at_phone(other) && at_phone(stay));
        let same = others.filter(|other| fold(&other.extension) == fold(&stay.extension));
        Line { stay: stay.clone(), name: name(stay.user), beside: same.map(|other| name(other.user)).collect() }
    };
    let fits = |id: UserId| fold(&name(id)).contains(&fold(letters.trim()));
    let by_name = |lines: &mut Vec<Line>| lines.sort_by_key(|line| fold(&line.name));
    let (mut here, mut gone): (Vec<Line>, Vec<Line>) =
        last.values().filter(|stay| fits(stay.user)).map(|stay| line(stay)).partition(|line| at_phone(&line.stay));
    by_name(&mut here);
    by_name(&mut gone);
    let absent =
        users.iter().filter(|user| is_today && user.is_active() && !last.contains_key(&user.id) && fits(user.id));
    let absent = absent.map(|user| (user.id, user.name.clone())).collect();
    let stays = stays.iter().filter(|stay| fits(stay.user)).map(line).collect();
    Ok(Board { day, is_today, here, gone, absent, stays, names })
}

impl Board {
    /// The name of a user.
    pub fn name(&self, id: UserId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// Whether nothing of it is to be seen.
    pub fn is_empty(&self) -> bool {
        self.here.is_empty() && self.gone.is_empty() && self.absent.is_empty() && self.stays.is_empty()
    }
}
