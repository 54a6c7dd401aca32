//! Who can be given work at this moment (P6): what transfer lists show, and what automatic distribution asks.

use super::{PRESENCES_BY_USER, Presence, day_of};
use crate::domain::agency::{self, Agency};
use crate::domain::ids::UserId;
use crate::domain::refusal::Answer;
use crate::domain::user;
use crate::store::{Key, Look, Order};

/// How somebody can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The agency keeps no register: nobody knows.
    Unknown,
    /// In the house.
    Here {
        /// At which extension.
        extension: String,
    },
    /// Came today and left.
    Gone {
        /// Milliseconds since 1970.
        at: i64,
        /// Why; empty where nobody said.
        reason: String,
    },
    /// Has not come today.
    Absent,
}

impl Reach {
    /// The rule: work goes to who is in; where no register is kept, to anybody.
    pub fn can_take(&self) -> bool {
        matches!(self, Self::Unknown | Self::Here { .. })
    }
}

/// Somebody work can be given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taker {
    /// Who.
    pub id: UserId,
    /// As others read it.
    pub name: String,
    /// How they are reached.
    pub reach: Reach,
}

/// Every active user, those first who can take work now, each in the order of the names.
pub fn takers(look: &impl Look, now: i64) -> Answer<Vec<Taker>> {
    let agency = agency::the(look)?;
    let mut takers = Vec::new();
    for user in user::all(look)?.into_iter().filter(|user| user.is_active()) {
        let reach = reach_at(look, agency.as_ref(), user.id, now)?;
        takers.push(Taker { id: user.id, name: user.name, reach });
    }
    takers.sort_by_key(|taker| !taker.reach.can_take());
    Ok(takers)
}

/// How one user is reached.
pub fn reach(look: &impl Look, user: UserId, now: i64) -> Answer<Reach> {
    reach_at(look, agency::the(look)?.as_ref(), user, now)
}

fn reach_at(look: &impl Look, agency: Option<&Agency>, user: UserId, now: i64) -> Answer<Reach> {
    let Some(agency) = agency.filter(|agency| agency.register.on) else { return Ok(Reach::Unknown) };
    let today = day_of(agency, now);
    let last: Vec<Presence> = look.list(PRESENCES_BY_USER, &Key::new().number(user.0), Order::Falling, 1)?;
    Ok(match last.into_iter().find(|stay| stay.day == today) {
        None => Reach::Absent,
        Some(Presence { ended: None, extension, .. }) => Reach::Here { extension },
        Some(Presence { ended: Some(ended), .. }) => Reach::Gone { at: ended.at, reason: ended.reason },
    })
}
