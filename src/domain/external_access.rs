//! One outsider's e-mail and password to one conversation (E5–E11).
//!
//! Several outsiders on one opportunity each have a conversation of their own and never see each other's. A password is
//! kept only as a hash; what goes out by mail is a link that lets in once.

pub mod asking;

use super::access::{Outsider, Staff, Viewer};
use super::audit::{self, By, Deed};
use super::conversation::{self, Draft, New};
use super::delivery::{self, About};
use super::entry::{Author, Body};
use super::event::Event;
use super::ids::*;
use super::password::Hashed;
use super::refusal::{Answer, Check, Refusal};
use super::schema::*;
use super::{agency, contact, entry, opportunity, session, token, values};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Accesses of one e-mail at most.
pub const PER_EMAIL_MAX: usize = 200;
/// How long a one-time entry is good (BAR 5).
pub const ONCE_MS: i64 = 72 * 3_600_000;
/// By how much a clock that was put back may make that longer, in milliseconds.
const ONCE_SLACK_MS: i64 = 24 * 3_600_000;

/// An external access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Its number.
    pub id: AccessId,
    /// On which opportunity.
    pub opportunity: OpportunityId,
    /// To which conversation.
    pub conversation: ConversationId,
    /// For whom, in lower case.
    pub email: String,
    /// What is kept of the password.
    pub password: Hashed,
    /// E9: who activated it.
    pub created_by: UserId,
    /// E9: when; milliseconds since 1970.
    pub created_at: i64,
    /// When the outsider last entered.
    pub entered_at: Option<i64>,
    /// When a link was last sent because somebody asked for it at the portal.
    #[serde(default)]
    pub asked_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

impl Access {
    /// As the audit names it.
    fn handle(&self) -> String {
        format!("{} (#{})", self.email, self.id)
    }
}

impl Record for Access {
    type Id = AccessId;
    const TABLE: Table = ACCESSES;
    fn id(&self) -> AccessId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(ACCESSES_BY_EMAIL, Key::new().text(&self.email));
        at.at(ACCESSES_BY_OPPORTUNITY, Key::new().number(self.opportunity.0));
        at.at(ACCESSES_BY_CONVERSATION, Key::new().number(self.conversation.0));
    }
}

/// A link that lets in once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneTime {
    id: OneTimeId,
    hash: [u8; 32],
    access: AccessId,
    email: String,
    expires_at: i64,
}

impl Record for OneTime {
    type Id = OneTimeId;
    const TABLE: Table = ENTRIES_ONCE;
    fn id(&self) -> OneTimeId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(ENTRIES_ONCE_BY_HASH, Key::new().fixed(&self.hash));
        at.at(ENTRIES_ONCE_BY_ACCESS, Key::new().number(self.access.0));
    }
}

/// What "Criar acesso externo" asks (E5).
pub struct NewAccess {
    /// The outsider's e-mail.
    pub email: String,
    /// The outsider's name, where the e-mail belongs to no contact yet.
    pub name: String,
    /// The password, hashed (beside the others of this e-mail, see [`hash_of`]).
    pub password: Hashed,
    /// The first message, its files and the page's token.
    pub first: Draft,
    /// "Enviar e-mail com os dados de acesso".
    pub mail: bool,
}

/// E5: creates an access and its conversation; the first message becomes the first thing said there. The same token
/// again gives the first access.
pub fn create(tx: &mut Tx<'_>, staff: &Staff, on: OpportunityId, new: &NewAccess) -> Answer<Access> {
    let deal = opportunity::visible(tx, staff, on)?;
    chat_on(tx)?;
    if let Some(token) = &new.first.token
        && let Some(said) = entry::by_token(tx, Author::User(staff.id), token)?
        && let Some(conversation) = said.conversation
        && let Some(first) = of_conversation(tx, conversation)?.into_iter().next()
    {
        return Ok(first);
    }
    let mut check = Check::default();
    let email = check.value("email", values::email(&new.email)).unwrap_or_default();
    check.text("nome", &new.name, contact::NAME_CHARS_MAX);
    check.done()?;
    let known = contact::by_id(tx, deal.contact)?;
    let with = match known.emails.contains(&email) {
        true => known.id,
        false => contact::of_email(tx, staff, &email, &new.name)?,
    };
    let begun = New {
        contact: with,
        opportunity: Some(on),
        channel: conversation::PORTAL,
        department: None,
        responsible: Some(staff.id),
    };
    let conversation = conversation::begin(tx, staff, &begun)?;
    let id = tx.next(ACCESSES)?;
    let access = Access {
        id,
        opportunity: on,
        conversation,
        email: email.clone(),
        password: new.password.clone(),
        created_by: staff.id,
        created_at: tx.now(),
        entered_at: None,
        asked_at: None,
        revoked_at: None,
    };
    tx.put(&access)?;
    conversation::note_down(tx, conversation, Author::User(staff.id), Body::AccessMade { email })?;
    conversation::say(
        tx,
        &Viewer::Staff(staff.clone()),
        conversation,
        &Draft { mail: false, internal: false, ..new.first.clone() },
    )?;
    if new.mail {
        delivery::plan(tx, Author::User(staff.id), &access, About::Access)?;
    }
    changed(tx, &access)?;
    audit::note(tx, staff, Deed::AccessMade, true, &access.handle())?;
    Ok(access)
}

/// E9: gives the access to another address; the old one opens nothing any more.
pub fn edit(tx: &mut Tx<'_>, staff: &Staff, id: AccessId, email: &str) -> Answer<()> {
    let mut access = live(tx, staff, id)?;
    let mut check = Check::default();
    let email = check.value("email", values::email(email)).unwrap_or_default();
    check.done()?;
    if email != access.email {
        let before = access.handle();
        let from = std::mem::replace(&mut access.email, email.clone());
        tx.put(&access)?;
        void_links(tx, id)?;
        conversation::note_down(
            tx,
            access.conversation,
            Author::User(staff.id),
            Body::AccessEdited { from, to: email },
        )?;
        changed(tx, &access)?;
        audit::note(tx, staff, Deed::AccessMoved, true, &format!("{before}: {}", access.email))?;
    }
    Ok(())
}

/// E9: "Gerar nova senha". Whoever was in by the old one must enter again.
pub fn renew(tx: &mut Tx<'_>, staff: &Staff, id: AccessId, password: Hashed) -> Answer<Access> {
    let mut access = live(tx, staff, id)?;
    access.password = password;
    tx.put(&access)?;
    void_links(tx, id)?;
    session::end_all(tx, &session::Owner::Outsider(access.email.clone()), None)?;
    let body = Body::AccessRenewed { email: access.email.clone() };
    conversation::note_down(tx, access.conversation, Author::User(staff.id), body)?;
    changed(tx, &access)?;
    audit::note(tx, staff, Deed::AccessRenewed, true, &access.handle())?;
    Ok(access)
}

/// E9: "Reenviar acesso": a fresh letter; older links die.
pub fn resend(tx: &mut Tx<'_>, staff: &Staff, id: AccessId) -> Answer<()> {
    let access = live(tx, staff, id)?;
    void_links(tx, id)?;
    delivery::give_up(tx, access.conversation, About::Access)?;
    delivery::plan(tx, Author::User(staff.id), &access, About::Access)?;
    audit::note(tx, staff, Deed::AccessSent, true, &access.handle())
}

/// E9: revokes it: sessions, streams and links of it end; what was said stays.
pub fn revoke(tx: &mut Tx<'_>, staff: &Staff, id: AccessId) -> Answer<()> {
    let mut access = live(tx, staff, id)?;
    access.revoked_at = Some(tx.now());
    tx.put(&access)?;
    void_links(tx, id)?;
    let body = Body::AccessRevoked { email: access.email.clone() };
    conversation::note_down(tx, access.conversation, Author::User(staff.id), body)?;
    changed(tx, &access)?;
    audit::note(tx, staff, Deed::AccessRevoked, true, &access.handle())
}

/// Notes a login by a password that was verified for these accesses, and gives what opens them; those that changed
/// meanwhile are left out, and where none is left it is refused.
pub fn logged_in(tx: &mut Tx<'_>, verified: &[Access]) -> Answer<Vec<Hashed>> {
    let mut opened: Vec<Hashed> = Vec::new();
    for access in verified {
        let now = by_id(tx, access.id)?;
        if now.revoked_at.is_none() && now.password == access.password && now.email == access.email {
            entered(tx, now.id)?;
            if !opened.contains(&now.password) {
                opened.push(now.password);
            }
        }
    }
    if opened.is_empty() { Err(Refusal::Revoked.into()) } else { Ok(opened) }
}

/// Notes that the outsider came in; the first time is on the history.
fn entered(tx: &mut Tx<'_>, id: AccessId) -> Answer<()> {
    let mut access = by_id(tx, id)?;
    let first = access.entered_at.is_none();
    access.entered_at = Some(tx.now());
    tx.put(&access)?;
    if first {
        let body = Body::AccessUsed { email: access.email.clone() };
        conversation::note_down(tx, access.conversation, Author::Outsider(id), body)?;
        changed(tx, &access)?;
    }
    Ok(())
}

/// Makes a link's secret for this access, to be sent to `to` and good for `life_ms` milliseconds, at most [`ONCE_MS`];
/// only its hash is kept. Refused where the access was revoked or given to another address since the letter was planned.
pub fn one_time(tx: &mut Tx<'_>, id: AccessId, to: &str, life_ms: i64) -> Answer<String> {
    let access = by_id(tx, id)?;
    if access.revoked_at.is_some() || access.email != to {
        return Err(Refusal::Revoked.into());
    }
    chat_on(tx)?;
    let secret = token::secret();
    let once = OneTime {
        id: tx.next(ENTRIES_ONCE)?,
        hash: token::hash(&secret),
        access: id,
        email: access.email,
        expires_at: tx.now() + life_ms.min(ONCE_MS),
    };
    tx.put(&once)?;
    Ok(secret)
}

/// Uses a link up and gives the access it opens. Only a deliberate press does this, never opening the page.
pub fn redeem(tx: &mut Tx<'_>, secret: &str, from: &str) -> Answer<Access> {
    let access = promised(tx, secret, tx.now())?;
    let once: OneTime =
        tx.find(ENTRIES_ONCE_BY_HASH, &Key::new().fixed(&token::hash(secret)))?.ok_or(Refusal::LinkDead)?;
    tx.remove::<OneTime>(once.id)?;
    entered(tx, access.id)?;
    audit::note(tx, By::nobody(from), Deed::AccessRedeemed, true, &access.handle())?;
    Ok(access)
}

/// The access a link would open, if it is still good.
pub fn promised(look: &impl Look, secret: &str, now: i64) -> Answer<Access> {
    let once: Option<OneTime> = look.find(ENTRIES_ONCE_BY_HASH, &Key::new().fixed(&token::hash(secret)))?;
    let good = |once: &OneTime| (now + 1..=now + ONCE_MS + ONCE_SLACK_MS).contains(&once.expires_at);
    let once = once.filter(good).ok_or(Refusal::LinkDead)?;
    let access = by_id(look, once.access)?;
    let good = access.revoked_at.is_none() && access.email == once.email;
    if good { Ok(access) } else { Err(Refusal::LinkDead.into()) }
}

/// Removes links that nobody used in time.
pub fn sweep(tx: &mut Tx<'_>) -> Answer<()> {
    let now = tx.now();
    for once in tx.all::<OneTime>(100_000)?.iter().filter(|once| once.expires_at <= now) {
        tx.remove::<OneTime>(once.id)?;
    }
    Ok(())
}

/// The live accesses of an e-mail: none while the external chat is off (E1).
pub fn of_email(look: &impl Look, email: &str) -> Answer<Vec<Access>> {
    if !agency::the(look)?.is_some_and(|agency| agency.chat_external_on) {
        return Ok(Vec::new());
    }
    let all: Vec<Access> = look.list(ACCESSES_BY_EMAIL, &Key::new().text(email), Order::Falling, PER_EMAIL_MAX)?;
    Ok(all.into_iter().filter(|access| access.revoked_at.is_none()).collect())
}

/// The live accesses that somebody from outside sees: those of their e-mail, and of a session that a password began only
/// those that carry that password. A password is chosen by staff, so it proves no more than what it was handed out for.
pub fn of_outsider(look: &impl Look, outsider: &Outsider) -> Answer<Vec<Access>> {
    let mut all = of_email(look, &outsider.email)?;
    if let Some(passwords) = &outsider.opened_by {
        all.retain(|access| passwords.contains(&access.password));
    }
    Ok(all)
}

/// A password hash of this e-mail, beside which others of it are computed.
pub fn hash_of(look: &impl Look, email: &str) -> Answer<Option<Hashed>> {
    let all: Vec<Access> = look.list(ACCESSES_BY_EMAIL, &Key::new().text(email), Order::Rising, 1)?;
    Ok(all.into_iter().next().map(|access| access.password))
}

/// Every access on an opportunity, revoked ones too, oldest first (E9).
pub fn of_opportunity(look: &impl Look, staff: &Staff, id: OpportunityId) -> Answer<Vec<Access>> {
    opportunity::visible(look, staff, id)?;
    Ok(look.list(ACCESSES_BY_OPPORTUNITY, &Key::new().number(id.0), Order::Rising, 500)?)
}

/// Every access to a conversation, oldest first.
pub fn of_conversation(look: &impl Look, id: ConversationId) -> Answer<Vec<Access>> {
    Ok(look.list(ACCESSES_BY_CONVERSATION, &Key::new().number(id.0), Order::Rising, 100)?)
}

/// The access, if this member of staff may see its opportunity.
pub fn visible(look: &impl Look, staff: &Staff, id: AccessId) -> Answer<Access> {
    let access = by_id(look, id)?;
    opportunity::visible(look, staff, access.opportunity)?;
    Ok(access)
}

/// The access with this number.
pub fn by_id(look: &impl Look, id: AccessId) -> Answer<Access> {
    Ok(look.get(id)?.ok_or(Refusal::NotFound)?)
}

fn live(tx: &Tx<'_>, staff: &Staff, id: AccessId) -> Answer<Access> {
    let access = visible(tx, staff, id)?;
    if access.revoked_at.is_some() {
        return Err(Refusal::Revoked.into());
    }
    chat_on(tx)?;
    Ok(access)
}

fn chat_on(look: &impl Look) -> Answer<()> {
    let on = agency::the(look)?.is_some_and(|agency| agency.chat_external_on);
    if on { Ok(()) } else { Err(Refusal::ChatOff.into()) }
}

fn void_links(tx: &mut Tx<'_>, id: AccessId) -> Answer<()> {
    for link in tx.ids::<OneTimeId>(ENTRIES_ONCE_BY_ACCESS, &Key::new().number(id.0), Order::Rising, usize::MAX)? {
        tx.remove::<OneTime>(link)?;
    }
    Ok(())
}

fn changed(tx: &mut Tx<'_>, access: &Access) -> Answer<()> {
    tx.announce(&Event::AccessChanged { access: access.id, conversation: access.conversation })?;
    Ok(())
}
