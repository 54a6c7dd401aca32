//! A member of staff: who logs in on the office network, with a role that says what they may do (R7).
//!
//! A user is never deleted, because history names them; they are switched off.

use super::access::{Act, Role, Staff};
use super::audit::{self, By, Deed};
use super::event::Event;
use super::ids::{SessionId, UserId};
use super::password::Hashed;
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::{USERS, USERS_BY_EMAIL};
use super::values::{self, Language};
use super::{agency, conversation, presence, session};
use crate::store::{Indexes, Key, Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of a name at most.
pub const NAME_CHARS_MAX: usize = 80;
const LIST_MAX: usize = 1_000;

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// As others read it.
    pub name: String,
    /// With which they log in; in lower case.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Their own language, if it is not the agency's.
    pub language: Option<Language>,
    /// Whether they may log in.
    pub active: bool,
    /// What is kept of the password.
    pub password: Hashed,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub last_login_at: Option<i64>,
}

impl Record for User {
    type Id = UserId;
    const TABLE: Table = USERS;
    fn id(&self) -> UserId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(USERS_BY_EMAIL, Key::new().text(&self.email));
    }
}

impl User {
    /// As the audit names them.
    pub(super) fn handle(&self) -> String {
        format!("{} (#{})", self.email, self.id)
    }
}

/// A user to be made.
pub struct NewUser {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Password, hashed.
    pub password: Hashed,
}

/// Makes a user without asking who does it: for the first admin, the command line and the demo.
pub fn make(tx: &mut Tx<'_>, new: &NewUser) -> Answer<UserId> {
    make_by(tx, By::house(), new)
}

fn make_by(tx: &mut Tx<'_>, by: By, new: &NewUser) -> Answer<UserId> {
    let mut check = Check::default();
    let name = check.needed("nome", &new.name, NAME_CHARS_MAX);
    let email = check.value("email", values::email(&new.email)).unwrap_or_default();
    if by_email(tx, &email)?.is_some() {
        check.wrong("email", Why::InUse);
    }
    check.done()?;
    let user = User {
        id: tx.next(USERS)?,
        name,
        email,
        role: new.role,
        language: None,
        active: true,
        password: new.password.clone(),
        created_at: tx.now(),
        last_login_at: None,
    };
    tx.put(&user)?;
    tx.announce(&Event::UserChanged(user.id))?;
    audit::note(tx, by, Deed::UserMade, true, &format!("{}, {}", user.handle(), user.role.key()))?;
    Ok(user.id)
}

/// An admin adds a user.
pub fn add(tx: &mut Tx<'_>, staff: &Staff, new: &NewUser) -> Answer<UserId> {
    staff.must(Act::RunTheSystem)?;
    make_by(tx, staff.into(), new)
}

/// An admin changes name, e-mail and role, or switches a user on or off. A change of role or a switch ends the user's
/// sessions; the last active admin stays one.
pub fn edit(
    tx: &mut Tx<'_>,
    staff: &Staff,
    id: UserId,
    name: &str,
    email: &str,
    role: Role,
    active: bool,
) -> Answer<()> {
    staff.must(Act::RunTheSystem)?;
    let mut user: User = tx.get(id)?.ok_or(Refusal::NotFound)?;
    let mut check = Check::default();
    let name = check.needed("nome", name, NAME_CHARS_MAX);
    let email = check.value("email", values::email(email)).unwrap_or_default();
    if by_email(tx, &email)?.is_some_and(|other| other.id != id) {
        check.wrong("email", Why::InUse);
    }
    check.done()?;
    let was_admin = user.active && user.role == Role::Admin;
    if was_admin && !(active && role == Role::Admin) && admins(tx)? == 1 {
        return Err(Refusal::LastAdmin.into());
    }
    let ends = user.role != role || (user.active && !active) || user.email != email;
    (user.name, user.email, user.role, user.active) = (name, email, role, active);
    tx.put(&user)?;
    if !active {
        conversation::hand_back_all(tx, staff, id)?;
        presence::end_of(tx, staff, id)?;
    }
    if ends {
        session::end_all(tx, &session::Owner::User(id), None)?;
    }
    tx.announce(&Event::UserChanged(id))?;
    let state = if active { "on" } else { "off" };
    audit::note(tx, staff, Deed::UserChanged, true, &format!("{}, {}, {state}", user.handle(), role.key()))
}

/// Sets a password: one's own, or (admin) another's. All other sessions of that user end.
pub fn set_password(tx: &mut Tx<'_>, staff: &Staff, id: UserId, password: Hashed) -> Answer<()> {
    if staff.id != id {
        staff.must(Act::RunTheSystem)?;
    }
    let keep = (staff.id == id).then_some(staff.session);
    replace_by(tx, staff.into(), id, password, keep)
}

/// Sets a password without asking who does it: for the command line. All sessions of that user end.
pub fn replace_password(tx: &mut Tx<'_>, id: UserId, password: Hashed) -> Answer<()> {
    replace_by(tx, By::house(), id, password, None)
}

fn replace_by(tx: &mut Tx<'_>, by: By, id: UserId, password: Hashed, keep: Option<SessionId>) -> Answer<()> {
    let mut user: User = tx.get(id)?.ok_or(Refusal::NotFound)?;
    user.password = password;
    tx.put(&user)?;
    session::end_all(tx, &session::Owner::User(id), keep)?;
    tx.announce(&Event::UserChanged(id))?;
    audit::note(tx, by, Deed::PasswordChanged, true, &user.handle())
}

/// Chooses the language of one's own pages.
pub fn set_language(tx: &mut Tx<'_>, staff: &Staff, language: Language) -> Answer<()> {
    let mut user: User = tx.get(staff.id)?.ok_or(Refusal::NotFound)?;
    user.language = Some(language);
    tx.put(&user)?;
    tx.announce(&Event::UserChanged(staff.id))?;
    Ok(())
}

/// Notes a login by a password that was verified; refused where the user or the password changed meanwhile.
pub fn logged_in(tx: &mut Tx<'_>, id: UserId, verified: &Hashed) -> Answer<()> {
    let found: Option<User> = tx.get(id)?;
    let mut user = found.filter(|user| user.active && user.password == *verified).ok_or(Refusal::NotFound)?;
    user.last_login_at = Some(tx.now());
    tx.put(&user)?;
    Ok(())
}

/// The user as one who acts, by a session.
pub fn as_staff(look: &impl Look, user: &User, session: SessionId) -> Answer<Staff> {
    let home = agency::the(look)?.map_or(Language::PtBr, |agency| agency.language);
    Ok(Staff {
        id: user.id,
        name: user.name.clone(),
        role: user.role,
        language: user.language.unwrap_or(home),
        session,
        from: String::new(),
    })
}

/// The user with this address.
pub fn by_email(look: &impl Look, email: &str) -> Answer<Option<User>> {
    Ok(look.find(USERS_BY_EMAIL, &Key::new().text(email))?)
}

/// The user with this number.
pub fn by_id(look: &impl Look, id: UserId) -> Answer<Option<User>> {
    Ok(look.get(id)?)
}

/// Everybody, also those switched off, in the order of their names.
pub fn all(look: &impl Look) -> Answer<Vec<User>> {
    let mut users: Vec<User> = look.all(LIST_MAX)?;
    users.sort_by_key(|user| values::fold(&user.name));
    Ok(users)
}

fn admins(look: &impl Look) -> Answer<usize> {
    Ok(all(look)?.iter().filter(|user| user.active && user.role == Role::Admin).count())
}
