//! A link by which a member of staff sets their own password: the first one (an invitation), or a new one.
//!
//! Nobody else ever knows that password. The link's secret is kept only as a hash: it stands in the letter that was
//! sent, or on the page that was shown once to be printed. One press uses it up.

use super::access::Staff;
use super::audit::{self, Actor, By, Deed};
use super::event::Event;
use super::ids::{DeliveryId, InvitationId, UserId};
use super::password::Hashed;
use super::refusal::{Answer, Refusal, Why};
use super::schema::{INVITATIONS, INVITATIONS_BY_HASH, INVITATIONS_BY_USER};
use super::user::{self, State, User};
use super::{agency, delivery, token};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Days for which a link is good.
pub const DAYS: i64 = 7;
const LIFE_MS: i64 = DAYS * 24 * 3_600_000;

/// How a link reaches its person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// In a letter.
    Mail,
    /// On a printed page.
    Paper,
}

/// A link that was made for a user; a newer one takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its number.
    pub id: InvitationId,
    /// For whom.
    pub user: UserId,
    /// Their address at that time: where it changed, the link is void.
    pub email: String,
    /// How it reaches them.
    pub way: Way,
    /// The letter, where it goes by mail.
    pub delivery: Option<DeliveryId>,
    /// Of every secret that was written into a letter or onto the page: a letter that is sent twice is good twice.
    hashes: Vec<[u8; 32]>,
    /// Milliseconds since 1970.
    pub made_at: i64,
    /// Until when it is good; milliseconds since 1970. Counted from when the letter was written.
    pub expires_at: i64,
}

impl Record for Invitation {
    type Id = InvitationId;
    const TABLE: Table = INVITATIONS;
    fn id(&self) -> InvitationId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        for hash in &self.hashes {
            at.at(INVITATIONS_BY_HASH, Key::new().fixed(hash));
        }
        at.at(INVITATIONS_BY_USER, Key::new().number(self.user.0));
    }
}

/// Makes a link for another user who was not switched off; older ones die. Gives the secret of one to be printed; that of a
/// letter is made when the letter is written.
pub fn make(tx: &mut Tx<'_>, staff: &Staff, of: UserId, way: Way) -> Answer<Option<String>> {
    let user = user::another(tx, staff, of)?;
    if user.state() == State::Disabled {
        return Err(Refusal::NotFound.into());
    }
    void(tx, of)?;
    let id = tx.next(INVITATIONS)?;
    let (mut secret, mut letter) = (None, None);
    match way {
        Way::Paper => secret = Some(token::to_type()),
        Way::Mail if agency::the(tx)?.is_some_and(|agency| agency.smtp.is_some()) => {
            letter = Some(delivery::plan_invitation(tx, id, user.email.clone())?);
        }
        Way::Mail => return Err(Refusal::Invalid(vec![("como", Why::NotAChoice)]).into()),
    }
    tx.put(&Invitation {
        id,
        user: of,
        email: user.email.clone(),
        way,
        delivery: letter,
        hashes: secret.iter().map(|secret| token::hash(secret)).collect(),
        made_at: tx.now(),
        expires_at: tx.now() + LIFE_MS,
    })?;
    let deed = if user.state() == State::Invited { Deed::UserInvited } else { Deed::PasswordLinkMade };
    let way = if way == Way::Mail { "mail" } else { "paper" };
    tx.announce(&Event::UserNoted(of))?;
    audit::note(tx, staff, deed, true, &format!("{}, {way}", user.handle()))?;
    Ok(secret)
}

/// Makes the secret for a letter that is being written to `to`. Refused where the invitation is void by now.
pub fn written(tx: &mut Tx<'_>, id: InvitationId, to: &str) -> Answer<String> {
    let found: Option<Invitation> = tx.get(id)?;
    let mut invitation = found.filter(|one| one.email == to).ok_or(Refusal::Revoked)?;
    let secret = token::secret();
    invitation.hashes.push(token::hash(&secret));
    invitation.expires_at = tx.now() + LIFE_MS;
    tx.put(&invitation)?;
    Ok(secret)
}

/// Whom a link would let set a password, and until when, if it is still good. Changes nothing.
pub fn promised(look: &impl Look, secret: &str, now: i64) -> Answer<(User, Invitation)> {
    let found: Option<Invitation> = look.find(INVITATIONS_BY_HASH, &Key::new().fixed(&token::hash(secret)))?;
    let invitation = found.filter(|one| one.expires_at > now).ok_or(Refusal::LinkDead)?;
    let user = user::by_id(look, invitation.user)?;
    let user = user.filter(|user| user.state() != State::Disabled && user.email == invitation.email);
    Ok((user.ok_or(Refusal::LinkDead)?, invitation))
}

/// Uses a link up: sets the password, and ends every session of that user. Says whether it was the first password: then
/// they are in, and the caller begins a session; else they log in with it, by whatever else their login asks for.
pub fn redeem(tx: &mut Tx<'_>, secret: &str, password: Hashed, from: &str) -> Answer<(UserId, bool)> {
    let (user, _) = promised(tx, secret, tx.now())?;
    let first = user.state() == State::Invited;
    let by = By { actor: Actor::User(user.id), from: from.to_owned() };
    audit::note(tx, by.clone(), Deed::PasswordLinkUsed, true, &user.handle())?;
    user::replace_by(tx, by, user.id, password.clone(), None)?;
    if first {
        user::logged_in(tx, user.id, &password)?;
    }
    Ok((user.id, first))
}

/// Makes every link of a user void; a letter that still waits finds that out when it is to be written.
pub(super) fn void(tx: &mut Tx<'_>, of: UserId) -> Answer<()> {
    for id in tx.ids::<InvitationId>(INVITATIONS_BY_USER, &Key::new().number(of.0), Order::Rising, usize::MAX)? {
        tx.remove::<Invitation>(id)?;
    }
    Ok(())
}

/// Removes links that nobody used in time.
pub fn sweep(tx: &mut Tx<'_>) -> Answer<()> {
    let now = tx.now();
    for one in tx.all::<Invitation>(100_000)?.iter().filter(|one| one.expires_at <= now) {
        tx.remove::<Invitation>(one.id)?;
    }
    Ok(())
}

/// The invitation with this number.
pub fn by_id(look: &impl Look, id: InvitationId) -> Answer<Option<Invitation>> {
    Ok(look.get(id)?)
}

/// The link of a user that is good or still on its way.
pub fn of_user(look: &impl Look, of: UserId, now: i64) -> Answer<Option<Invitation>> {
    let found: Option<Invitation> = look.find(INVITATIONS_BY_USER, &Key::new().number(of.0))?;
    Ok(found.filter(|one| one.expires_at > now))
}
