//! Who is logged in, by which browser, until when. The cookie is 256 random bits; only its hash is kept.

use super::access::{Outsider, Staff, Viewer};
use super::audit::{self, Actor, By, Deed};
use super::event::Event;
use super::ids::{SessionId, UserId};
use super::password::Hashed;
use super::refusal::{Answer, Refusal};
use super::schema::{SESSIONS, SESSIONS_BY_OWNER, SESSIONS_BY_TOKEN};
use super::values::Language;
use super::{agency, external_access, second_factor, token, user};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How long a member of staff may do nothing before logging in again (ASVS 7.3.1). An open live screen is something:
/// a desk at which Balcão stays open all day never asks, a laptop that was shut or taken home does.
const STAFF_IDLE: i64 = HOUR;
/// How long a member of staff's session lasts at most, in milliseconds: a working day with its lunch (ASVS 7.3.2). Whoever
/// comes in the morning proves once who they are; nobody finds yesterday's desk open.
pub const STAFF_LIFE: i64 = 12 * HOUR;
/// The same for the portal. An owner looks in every other day during a deal, on a phone of their own that has a lock, and
/// what is there is one client's own talk; whoever came by the letter's link would otherwise ask for a new one each time.
const PORTAL_IDLE: i64 = 3 * 24 * HOUR;
/// How long a portal session lasts at most, in milliseconds: about as long as a deal moves between two visits.
pub const PORTAL_LIFE: i64 = 14 * 24 * HOUR;
/// How long a proof of the password counts before things that matter ask for it again (BAR 5.2).
const PROOF_MS: i64 = 10 * MINUTE;
/// A session's last use is written down no more often than this.
const SEEN_EVERY: i64 = 5 * MINUTE;
const PER_OWNER_MAX: usize = 50;
/// Sessions that one write ends at most, of those that are over.
const SWEPT_MAX: usize = 1_000;
const BROWSER_CHARS_MAX: usize = 200;

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A member of staff.
    User(UserId),
    /// Somebody from outside, by their e-mail.
    Outsider(String),
}

impl Owner {
    fn key(&self) -> Key {
        match self {
            Self::User(id) => Key::new().text("u").number(id.0),
            Self::Outsider(email) => Key::new().text("o").text(email),
        }
    }
}

/// One browser that is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// SHA-256 of the cookie's value.
    pub token_hash: [u8; 32],
    /// Who.
    pub owner: Owner,
    /// The token that every form of this session carries (CSRF).
    pub csrf: String,
    /// The portal visitor's choice of language.
    pub language: Option<Language>,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970, to within five minutes.
    pub seen_at: i64,
    /// What the browser calls itself.
    pub browser: String,
    /// The network address from which it was begun.
    #[serde(default)]
    pub from: String,
    /// When the password was last proved; milliseconds since 1970.
    #[serde(default)]
    pub proved_at: i64,
    /// See [`Outsider::opened_by`].
    pub opened_by: Option<Vec<Hashed>>,
}

impl Session {
    /// Whoever it belongs to, from where it was begun.
    fn by(&self) -> By {
        let actor = match &self.owner {
            Owner::User(id) => Actor::User(*id),
            Owner::Outsider(email) => Actor::Outsider(email.clone()),
        };
        By { actor, from: self.from.clone() }
    }
}

/// A session to be begun.
pub struct New {
    /// Whose.
    pub owner: Owner,
    /// What the browser calls itself.
    pub browser: String,
    /// The network address.
    pub from: String,
    /// The portal visitor's choice of language.
    pub language: Option<Language>,
    /// See [`Outsider::opened_by`].
    pub opened_by: Option<Vec<Hashed>>,
}

impl Record for Session {
    type Id = SessionId;
    const TABLE: Table = SESSIONS;
    fn id(&self) -> SessionId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(SESSIONS_BY_TOKEN, Key::new().fixed(&self.token_hash));
        at.at(SESSIONS_BY_OWNER, self.owner.key());
    }
}

/// Begins a session and gives the cookie's value, which is kept nowhere. Refused for a user who is not active: there is
/// no session of somebody invited or switched off (C28). Refused also for who has a second factor, from the write on in
/// which it was set up: theirs begin by [`second_factor::begin_session`].
pub fn begin(tx: &mut Tx<'_>, new: New) -> Answer<String> {
    if let Owner::User(id) = new.owner
        && second_factor::of(tx, id)?.is_some()
    {
        return Err(Refusal::CodeMissing.into());
    }
    begin_proved(tx, new)
}

/// The same for who gave all that their login asks for.
pub(super) fn begin_proved(tx: &mut Tx<'_>, new: New) -> Answer<String> {
    if let Owner::User(id) = new.owner
        && !user::by_id(tx, id)?.is_some_and(|user| user.is_active())
    {
        return Err(Refusal::NotFound.into());
    }
    let secret = token::secret();
    let id = tx.next(SESSIONS)?;
    let session = Session {
        id,
        token_hash: token::hash(&secret),
        owner: new.owner,
        csrf: token::secret(),
        language: new.language,
        created_at: tx.now(),
        seen_at: tx.now(),
        browser: new.browser.chars().filter(|c| !c.is_control()).take(BROWSER_CHARS_MAX).collect(),
        from: new.from,
        proved_at: tx.now(),
        opened_by: new.opened_by,
    };
    let held = tx.ids::<SessionId>(SESSIONS_BY_OWNER, &session.owner.key(), Order::Rising, PER_OWNER_MAX)?;
    if let (true, Some(oldest)) = (held.len() >= PER_OWNER_MAX, held.first()) {
        end(tx, *oldest)?;
    }
    tx.put(&session)?;
    audit::note(tx, session.by(), Deed::Login, true, "")?;
    Ok(secret)
}

/// Notes that the member of staff proved the password that is kept now, and gives the cookie its new value: from here the
/// old one opens nothing (ASVS 7.2.4). Refused where the password changed meanwhile.
pub fn prove(tx: &mut Tx<'_>, staff: &Staff, verified: &Hashed) -> Answer<String> {
    let same = user::by_id(tx, staff.id)?.is_some_and(|user| user.opens() == Some(verified));
    let found: Option<Session> = tx.get(staff.session)?;
    let mut session = found.filter(|_| same).ok_or(Refusal::NotFound)?;
    let secret = token::secret();
    (session.token_hash, session.proved_at) = (token::hash(&secret), tx.now());
    tx.put(&session)?;
    audit::note(tx, staff, Deed::Proof, true, "")?;
    Ok(secret)
}

/// Whether the password was proved so lately that it need not be asked for again.
pub fn proved(session: &Session, now: i64) -> bool {
    (0..PROOF_MS).contains(&(now - session.proved_at))
}

/// Writes down that the session is in use, if that is worth a write.
pub fn seen(tx: &mut Tx<'_>, id: SessionId) -> Answer<()> {
    if let Some(mut session) = tx.get::<Session>(id)?
        && worth_noting(&session, tx.now())
    {
        session.seen_at = tx.now();
        tx.put(&session)?;
    }
    Ok(())
}

/// Whether [`seen`] would write.
pub fn worth_noting(session: &Session, now: i64) -> bool {
    now - session.seen_at > SEEN_EVERY
}

/// Chooses the language of a portal visitor's pages.
pub fn set_language(tx: &mut Tx<'_>, id: SessionId, language: Language) -> Answer<()> {
    let mut session: Session = tx.get(id)?.ok_or(Refusal::NotFound)?;
    session.language = Some(language);
    tx.put(&session)?;
    Ok(())
}

/// Goes out.
pub fn leave(tx: &mut Tx<'_>, id: SessionId) -> Answer<()> {
    let Some(session) = tx.get::<Session>(id)? else { return Ok(()) };
    audit::note(tx, session.by(), Deed::Logout, true, "")?;
    end(tx, id)
}

/// Ends one session of a user: one's own, or (admin) another's.
pub fn shut(tx: &mut Tx<'_>, staff: &Staff, of: UserId, id: SessionId) -> Answer<()> {
    its_or_managed(tx, staff, of)?;
    let session: Option<Session> = tx.get(id)?;
    session.filter(|session| session.owner == Owner::User(of)).ok_or(Refusal::NotFound)?;
    note_ended(tx, staff, of)?;
    end(tx, id)
}

/// Ends all sessions of a user but the one by which this is asked: one's own, or (admin) another's.
pub fn shut_others(tx: &mut Tx<'_>, staff: &Staff, of: UserId) -> Answer<()> {
    its_or_managed(tx, staff, of)?;
    if end_all(tx, &Owner::User(of), Some(staff.session))? > 0 {
        note_ended(tx, staff, of)?;
    }
    Ok(())
}

/// "Sair de todos os dispositivos": ends every session of an outsider's e-mail.
pub fn leave_everywhere(tx: &mut Tx<'_>, outsider: &Outsider) -> Answer<()> {
    audit::note(tx, outsider, Deed::SessionsEnded, true, &outsider.email)?;
    end_all(tx, &Owner::Outsider(outsider.email.clone()), None).map(|_| ())
}

fn its_or_managed(look: &impl Look, staff: &Staff, of: UserId) -> Answer<()> {
    if staff.id == of { Ok(()) } else { user::managed(look, staff, of).map(|_| ()) }
}

fn note_ended(tx: &mut Tx<'_>, staff: &Staff, of: UserId) -> Answer<()> {
    let user = user::by_id(tx, of)?.ok_or(Refusal::NotFound)?;
    audit::note(tx, staff, Deed::SessionsEnded, true, &user.handle())
}

/// Ends a session; its live screens hear of it.
fn end(tx: &mut Tx<'_>, id: SessionId) -> Answer<()> {
    tx.remove::<Session>(id)?;
    tx.announce(&Event::SessionEnded(id))?;
    Ok(())
}

/// Ends all sessions of somebody, but one if so asked. Says how many that were.
pub fn end_all(tx: &mut Tx<'_>, owner: &Owner, but: Option<SessionId>) -> Answer<usize> {
    let mut ids: Vec<SessionId> = tx.ids(SESSIONS_BY_OWNER, &owner.key(), Order::Rising, usize::MAX)?;
    ids.retain(|id| Some(*id) != but);
    for id in &ids {
        end(tx, *id)?;
    }
    Ok(ids.len())
}

/// Removes sessions that are over, at most a thousand at once; says whether there are more.
pub fn sweep(tx: &mut Tx<'_>) -> Answer<bool> {
    let now = tx.now();
    let mut gone: Vec<Session> = tx.all(100_000)?;
    gone.retain(|session| over(session, now));
    for session in gone.iter().take(SWEPT_MAX) {
        end(tx, session.id)?;
    }
    Ok(gone.len() > SWEPT_MAX)
}

/// The session a cookie's value stands for, if it is not over.
pub fn of_cookie(look: &impl Look, secret: &str, now: i64) -> Answer<Option<Session>> {
    let session: Option<Session> = look.find(SESSIONS_BY_TOKEN, &Key::new().fixed(&token::hash(secret)))?;
    Ok(session.filter(|session| !over(session, now)))
}

/// The session with this number, if it is not over.
pub fn by_id(look: &impl Look, id: SessionId, now: i64) -> Answer<Option<Session>> {
    Ok(look.get::<Session>(id)?.filter(|session| !over(session, now)))
}

/// The sessions of a user that are not over, last used first; one's own, or those of one who may do no more.
pub fn of_user(look: &impl Look, staff: &Staff, of: UserId, now: i64) -> Answer<Vec<Session>> {
    its_or_managed(look, staff, of)?;
    let mut all: Vec<Session> = look.list(SESSIONS_BY_OWNER, &Owner::User(of).key(), Order::Rising, PER_OWNER_MAX)?;
    all.retain(|session| !over(session, now));
    all.sort_by_key(|session| std::cmp::Reverse(session.seen_at));
    Ok(all)
}

/// Who acts by a session: nobody, once the user was switched off or the last access was revoked.
pub fn viewer(look: &impl Look, session: &Session) -> Answer<Option<Viewer>> {
    match &session.owner {
        Owner::User(id) => match user::by_id(look, *id)?.filter(user::User::is_active) {
            Some(user) => {
                let staff = user::as_staff(look, &user, session.id)?;
                Ok(Some(Viewer::Staff(Staff { from: session.from.clone(), ..staff })))
            }
            None => Ok(None),
        },
        Owner::Outsider(email) => {
            let Some(agency) = agency::the(look)?.filter(|agency| agency.chat_external_on) else { return Ok(None) };
            let outsider = Outsider {
                email: email.clone(),
                language: session.language.unwrap_or(agency.language),
                session: session.id,
                from: session.from.clone(),
                opened_by: session.opened_by.clone(),
            };
            let none = external_access::of_outsider(look, &outsider)?.is_empty();
            Ok((!none).then_some(Viewer::Outsider(outsider)))
        }
    }
}

/// Refuses, inside a write, where the one who acts is no longer who they were when the request was let in: their session
/// ended, they were switched off, or may do something else by now. A body may take its time to arrive (C27).
pub fn still(tx: &Tx<'_>, viewer: &Viewer) -> Answer<()> {
    let id = match viewer {
        Viewer::Staff(staff) => staff.session,
        Viewer::Outsider(outsider) => outsider.session,
    };
    by_id(tx, id, tx.now())?.ok_or(Refusal::SessionOver)?;
    if let Viewer::Staff(staff) = viewer {
        let user = user::by_id(tx, staff.id)?.filter(user::User::is_active).ok_or(Refusal::SessionOver)?;
        if user.departments != staff.departments || user::powers(tx, &user)? != staff.powers {
            return Err(Refusal::NotAllowed.into());
        }
    }
    Ok(())
}

/// A clock that was set back never revives a session: what lies in the future counts as over.
fn over(session: &Session, now: i64) -> bool {
    let (idle, life) = match session.owner {
        Owner::User(_) => (STAFF_IDLE, STAFF_LIFE),
        Owner::Outsider(_) => (PORTAL_IDLE, PORTAL_LIFE),
    };
    let future = session.created_at > now + SEEN_EVERY || session.seen_at > now + SEEN_EVERY;
    future || now - session.seen_at > idle || now - session.created_at > life
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_over_when_idle_when_old_and_when_the_clock_went_back() {
        let at = |created_at, seen_at| Session {
            id: SessionId(1),
            token_hash: [0; 32],
            owner: Owner::User(UserId(1)),
            csrf: String::new(),
            language: None,
            created_at,
            seen_at,
            browser: String::new(),
            from: String::new(),
            proved_at: created_at,
            opened_by: None,
        };
        assert!(!over(&at(0, 0), 59 * MINUTE));
        assert!(over(&at(0, 0), 61 * MINUTE));
        assert!(!over(&at(0, 11 * HOUR), 11 * HOUR + 30 * MINUTE));
        assert!(over(&at(0, 12 * HOUR), 12 * HOUR + MINUTE));
        assert!(over(&at(10 * HOUR, 10 * HOUR), HOUR));
        assert!(proved(&at(0, 0), 9 * MINUTE) && !proved(&at(0, 0), 10 * MINUTE), "a proof is good for ten minutes");
        assert!(!proved(&at(HOUR, HOUR), HOUR - MINUTE), "and never of tomorrow");
    }
}
