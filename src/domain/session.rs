//! Who is logged in, by which browser, until when. The cookie is 256 random bits; only its hash is kept.

use super::access::{Outsider, Viewer};
use super::event::Event;
use super::ids::{SessionId, UserId};
use super::refusal::{Answer, Refusal};
use super::schema::{SESSIONS, SESSIONS_BY_OWNER, SESSIONS_BY_TOKEN};
use super::values::Language;
use super::{agency, external_access, token, user};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How long a member of staff may do nothing (an open live screen is something) before logging in again.
const STAFF_IDLE: i64 = HOUR;
/// How long a member of staff's session lasts at most, in milliseconds: a working day (ASVS 7.3.1).
pub const STAFF_LIFE: i64 = 12 * HOUR;
/// The same for the portal: an owner looks in now and then during a deal, on their own phone.
const PORTAL_IDLE: i64 = 3 * 24 * HOUR;
/// How long a portal session lasts at most, in milliseconds.
pub const PORTAL_LIFE: i64 = 14 * 24 * HOUR;
/// A session's last use is written down no more often than this.
const SEEN_EVERY: i64 = 5 * MINUTE;
const PER_OWNER_MAX: usize = 50;

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

/// Begins a session and gives the cookie's value, which is kept nowhere.
pub fn begin(tx: &mut Tx<'_>, owner: Owner, browser: &str, language: Option<Language>) -> Answer<String> {
    let secret = token::secret();
    let id = tx.next(SESSIONS)?;
    let session = Session {
        id,
        token_hash: token::hash(&secret),
        owner,
        csrf: token::secret(),
        language,
        created_at: tx.now(),
        seen_at: tx.now(),
        browser: browser.chars().filter(|c| !c.is_control()).take(200).collect(),
    };
    let held = tx.ids::<SessionId>(SESSIONS_BY_OWNER, &session.owner.key(), Order::Rising, PER_OWNER_MAX)?;
    if let (true, Some(oldest)) = (held.len() >= PER_OWNER_MAX, held.first()) {
        end(tx, *oldest)?;
    }
    tx.put(&session)?;
    Ok(secret)
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

/// Ends a session; its live screens hear of it.
pub fn end(tx: &mut Tx<'_>, id: SessionId) -> Answer<()> {
    tx.remove::<Session>(id)?;
    tx.announce(&Event::SessionEnded(id))?;
    Ok(())
}

/// Ends all sessions of somebody, but one if so asked.
pub fn end_all(tx: &mut Tx<'_>, owner: &Owner, but: Option<SessionId>) -> Answer<()> {
    for id in tx.ids::<SessionId>(SESSIONS_BY_OWNER, &owner.key(), Order::Rising, usize::MAX)? {
        if Some(id) != but {
            end(tx, id)?;
        }
    }
    Ok(())
}

/// Removes sessions that are over, at most a thousand at once.
pub fn sweep(tx: &mut Tx<'_>) -> Answer<()> {
    let now = tx.now();
    for session in tx.all::<Session>(100_000)?.iter().filter(|session| over(session, now)).take(1_000) {
        end(tx, session.id)?;
    }
    Ok(())
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

/// Who acts by a session: nobody, once the user was switched off or the last access was revoked.
pub fn viewer(look: &impl Look, session: &Session) -> Answer<Option<Viewer>> {
    match &session.owner {
        Owner::User(id) => match user::by_id(look, *id)?.filter(|user| user.active) {
            Some(user) => Ok(Some(Viewer::Staff(user::as_staff(look, &user, session.id)?))),
            None => Ok(None),
        },
        Owner::Outsider(email) => {
            let Some(agency) = agency::the(look)?.filter(|agency| agency.chat_external_on) else { return Ok(None) };
            if external_access::of_email(look, email)?.is_empty() {
                return Ok(None);
            }
            let language = session.language.unwrap_or(agency.language);
            Ok(Some(Viewer::Outsider(Outsider { email: email.clone(), language, session: session.id })))
        }
    }
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
        };
        assert!(!over(&at(0, 0), 59 * MINUTE));
        assert!(over(&at(0, 0), 61 * MINUTE));
        assert!(!over(&at(0, 11 * HOUR), 11 * HOUR + 30 * MINUTE));
        assert!(over(&at(0, 12 * HOUR), 12 * HOUR + MINUTE));
        assert!(over(&at(10 * HOUR, 10 * HOUR), HOUR));
    }
}
