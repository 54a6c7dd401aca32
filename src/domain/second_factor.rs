//! A member of staff's second factor: an app that shows codes, and ten recovery codes for the day the phone is gone.
//!
//! The app's seed must be readable, so it is kept sealed: the key lies among the directory's secrets and goes into no
//! backup that is not encrypted itself, while the seed changes in the same write as what belongs to it. A recovery code
//! needs only to be recognised: it has 80 random bits, which nobody tries out, so that its SHA-256 is kept and no slow
//! hash; and since it needs no key it is the way in after a restore that brought none.

pub mod seal;
pub mod totp;

use super::access::{Act, Staff};
use super::agency::Agency;
use super::audit::{self, Actor, By, Deed};
use super::event::Event;
use super::ids::{SessionId, UserId};
use super::refusal::{Answer, Refusal};
use super::schema::SECOND_FACTORS;
use super::session::{self, New, Owner};
use super::{token, user};
use crate::store::{Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Recovery codes that are given at once.
pub const CODES: usize = 10;
/// Signs that nobody takes for another, 32 of them: five bits each.
const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const CODE_SIGNS: usize = 16;
const LIST_MAX: usize = 1_000;

/// What is kept of it. Whoever has none has no second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// Whose.
    pub id: UserId,
    /// The app's seed, sealed as being [`about`] them.
    pub sealed: Vec<u8>,
    /// The step of the last code that was used: neither it nor an earlier one is taken again.
    pub last_step: u64,
    /// SHA-256 of the recovery codes that are left.
    pub codes: Vec<[u8; 32]>,
    /// Since when, in milliseconds since 1970.
    pub since: i64,
}

impl Record for SecondFactor {
    type Id = UserId;
    const TABLE: Table = SECOND_FACTORS;
    fn id(&self) -> UserId {
        self.id
    }
}

/// What somebody gave, as it was recognised: it is used up by the verb that it lets happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The app's code of this step.
    Step(u64),
    /// The recovery code with this hash.
    Recovery([u8; 32]),
}

/// The same with the second factor that it was recognised for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its [`SecondFactor::sealed`].
    pub sealed: Vec<u8>,
    /// What was given.
    pub given: Given,
}

/// Fresh recovery codes, as they are shown once: `k3v9-…`, four groups of four.
pub fn fresh_codes() -> Vec<String> {
    let code = || {
        let signs: Vec<char> =
            token::bytes::<CODE_SIGNS>().iter().map(|byte| char::from(SIGNS[usize::from(byte & 31)])).collect();
        let groups: Vec<String> = signs.chunks(4).map(|four| four.iter().collect()).collect();
        groups.join("-")
    };
    (0..CODES).map(|_| code()).collect()
}

/// What is kept of a recovery code, however it was typed; nothing for what cannot be one.
pub fn kept_code(typed: &str) -> Option<[u8; 32]> {
    let plain = typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    let plain: String = plain.take(CODE_SIGNS + 1).collect();
    (plain.len() == CODE_SIGNS).then(|| token::hash(&plain))
}

/// What a user's seed is sealed as being about.
pub fn about(id: UserId) -> String {
    format!("second factor of user {id}")
}

/// Begins to ask for one's app at each login: a code of it was just seen. All other sessions of that user end.
pub fn enrol(tx: &mut Tx<'_>, staff: &Staff, sealed: Vec<u8>, step: u64, codes: &[String]) -> Answer<()> {
    if of(tx, staff.id)?.is_some() || sealed.is_empty() {
        // Somebody else's screen was quicker.
        return Err(Refusal::NotAllowed.into());
    }
    let codes = codes.iter().filter_map(|code| kept_code(code)).collect();
    tx.put(&SecondFactor { id: staff.id, sealed, last_step: step, codes, since: tx.now() })?;
    changed(tx, staff.into(), staff.id, Deed::SecondFactorOn, Some(staff.session))
}

/// Gives one's recovery codes anew, for a code; the older ones are good for nothing. All other sessions of that user end.
pub fn renew_codes(tx: &mut Tx<'_>, staff: &Staff, code: &Code, codes: &[String]) -> Answer<()> {
    spend(tx, staff.id, code, &staff.from)?;
    let mut one = of(tx, staff.id)?.ok_or(Refusal::NotFound)?;
    one.codes = codes.iter().filter_map(|code| kept_code(code)).collect();
    tx.put(&one)?;
    changed(tx, staff.into(), staff.id, Deed::RecoveryCodesMade, Some(staff.session))
}

/// Begins a session of somebody who has one, for a code; gives the cookie's value. [`session::begin`] begins none of
/// theirs.
pub fn begin_session(tx: &mut Tx<'_>, id: UserId, code: &Code, new: New) -> Answer<String> {
    spend(tx, id, code, &new.from)?;
    session::begin_proved(tx, New { owner: Owner::User(id), ..new })
}

/// Uses up what was given, if it is still good: somebody may have been quicker since it was recognised, and then it is
/// dead; or the whole second factor may be another.
fn spend(tx: &mut Tx<'_>, id: UserId, code: &Code, from: &str) -> Answer<()> {
    let mut one = of(tx, id)?.filter(|one| one.sealed == code.sealed).ok_or(Refusal::NotFound)?;
    match code.given {
        Given::Step(step) if step > one.last_step => one.last_step = step,
        Given::Step(_) => return Err(Refusal::LinkDead.into()),
        Given::Recovery(hash) => {
            let at = one.codes.iter().position(|code| *code == hash).ok_or(Refusal::LinkDead)?;
            one.codes.remove(at);
            let by = By { actor: Actor::User(id), from: from.to_owned() };
            audit::note(tx, by, Deed::RecoveryCodeUsed, true, &format!("{} left", one.codes.len()))?;
        }
    }
    Ok(tx.put(&one)?)
}

/// Asks oneself no more, for a code. All other sessions end.
pub fn switch_off(tx: &mut Tx<'_>, staff: &Staff, code: &Code) -> Answer<()> {
    spend(tx, staff.id, code, &staff.from)?;
    remove_by(tx, staff.into(), staff.id, Some(staff.session))
}

/// Asks another no more, who lost the phone. That user's sessions end.
pub fn remove(tx: &mut Tx<'_>, staff: &Staff, id: UserId) -> Answer<()> {
    user::another(tx, staff, id)?;
    remove_by(tx, staff.into(), id, None)
}

/// The same without asking who does it: for the command line.
pub fn take_away(tx: &mut Tx<'_>, id: UserId) -> Answer<()> {
    remove_by(tx, By::house(), id, None)
}

fn remove_by(tx: &mut Tx<'_>, by: By, id: UserId, keep: Option<SessionId>) -> Answer<()> {
    of(tx, id)?.ok_or(Refusal::NotFound)?;
    tx.remove::<SecondFactor>(id)?;
    changed(tx, by, id, Deed::SecondFactorOff, keep)
}

fn changed(tx: &mut Tx<'_>, by: By, id: UserId, deed: Deed, keep: Option<SessionId>) -> Answer<()> {
    let user = user::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    session::end_all(tx, &Owner::User(id), keep)?;
    tx.announce(&Event::UserChanged(id))?;
    audit::note(tx, by, deed, true, &user.handle())
}

/// A user's, if they have one.
pub fn of(look: &impl Look, id: UserId) -> Answer<Option<SecondFactor>> {
    Ok(look.get(id)?)
}

/// Who has one.
pub fn all(look: &impl Look) -> Answer<Vec<UserId>> {
    Ok(look.all::<SecondFactor>(LIST_MAX)?.into_iter().map(|one| one.id).collect())
}

/// Whether this member of staff must have one, because they hold a key of the house, and has none.
pub fn is_missing(look: &impl Look, agency: &Agency, staff: &Staff) -> Answer<bool> {
    let must = agency.second_factor_for_admins && Act::KEYS.into_iter().any(|act| staff.may(act));
    Ok(must && of(look, staff.id)?.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn r7_recovery_codes_are_recognised_however_they_are_typed() {
        let codes = fresh_codes();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), CODES);
        for code in &codes {
            let kept = kept_code(code).unwrap();
            assert_eq!(code.len(), 19, "{code}");
            let plain = code.replace('-', "");
            for typed in [
                code.to_uppercase(),
                format!(" {plain} "),
                code.replace('-', " "),
                plain.replace('0', "O").replace('1', "l"),
            ] {
                assert_eq!(kept_code(&typed), Some(kept), "{typed}");
            }
            for odd in
                [String::new(), plain[1..].to_owned(), format!("{plain}x"), code.replace('-', "é")[..10].to_owned()]
            {
                assert_ne!(kept_code(&odd), Some(kept), "{odd}");
            }
        }
    }
}
