//! A member of staff: who logs in on the office network, with a role that says what they may do (R7).
//!
//! `invited → active → disabled`. A user is never deleted, because history names them; they are switched off.

mod switch;

pub use switch::{HandOver, Handed, Held, held, switch_off, switch_on};

use super::access::{Act, Powers, Role, Staff};
use super::audit::{self, By, Deed};
use super::event::Event;
use super::ids::{DepartmentId, RoleId, SessionId, UserId};
use super::password::Hashed;
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::{USERS, USERS_BY_EMAIL};
use super::values::{self, Language};
use super::{agency, invitation, reason, role, session};
use crate::store::{Indexes, Key, Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of a name at most.
pub const NAME_CHARS_MAX: usize = 80;
const LIST_MAX: usize = 1_000;

/// How a user stands. Only the active ones can log in, be given work, or have a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Has a password of their own.
    Active,
    /// Has never set a password.
    Invited,
    /// Was switched off.
    Disabled,
}

impl State {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Active, Self::Invited, Self::Disabled];

    /// Its key in forms, addresses and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Disabled => "off",
        }
    }
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// As others read it.
    pub name: String,
    /// With which they log in; in lower case.
    pub email: String,
    /// What they are here: a broker, where [`own_role`](Self::own_role) says what they may do.
    pub role: Role,
    /// A role of the agency's own.
    #[serde(default)]
    pub own_role: Option<RoleId>,
    /// Whose queues they see; none is all.
    #[serde(default)]
    pub departments: Vec<DepartmentId>,
    /// Their own language, if it is not the agency's.
    pub language: Option<Language>,
    /// Whether they were not switched off.
    #[serde(rename = "active")]
    enabled: bool,
    /// What is kept of the password; nothing before they set one.
    password: Option<Hashed>,
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
    /// How they stand.
    pub fn state(&self) -> State {
        match (self.enabled, &self.password) {
            (false, _) => State::Disabled,
            (true, None) => State::Invited,
            (true, Some(_)) => State::Active,
        }
    }

    /// Whether they can log in and be given work.
    pub fn is_active(&self) -> bool {
        self.state() == State::Active
    }

    /// What is kept of the password of somebody who can log in; of anybody else nothing is any use.
    pub fn opens(&self) -> Option<&Hashed> {
        self.password.as_ref().filter(|_| self.enabled)
    }

    /// As the audit names them.
    pub(super) fn handle(&self) -> String {
        format!("{} (#{})", self.email, self.id)
    }
}

/// What somebody does here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// One of the four roles; nothing of it counts beside one of the agency's own.
    pub role: Role,
    /// A role of the agency's own.
    pub own_role: Option<RoleId>,
    /// Whose queues they see; none is all.
    pub departments: Vec<DepartmentId>,
}

impl From<Role> for Duty {
    fn from(role: Role) -> Self {
        Self { role, own_role: None, departments: Vec::new() }
    }
}

/// A user to be made.
pub struct NewUser {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// What they do here.
    pub duty: Duty,
    /// Password, hashed; nothing for somebody who is invited.
    pub password: Option<Hashed>,
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
    check_duty(tx, &mut check, &new.duty, None)?;
    check.done()?;
    let user = User {
        id: tx.next(USERS)?,
        name,
        email,
        role: if new.duty.own_role.is_some() { Role::Broker } else { new.duty.role },
        own_role: new.duty.own_role,
        departments: new.duty.departments.clone(),
        language: None,
        enabled: true,
        password: new.password.clone(),
        created_at: tx.now(),
        last_login_at: None,
    };
    tx.put(&user)?;
    tx.announce(&Event::UserChanged(user.id))?;
    let about = about(tx, &user, None)?;
    audit::note(tx, by, Deed::UserMade, true, &about)?;
    Ok(user.id)
}

/// An admin adds a user.
pub fn add(tx: &mut Tx<'_>, staff: &Staff, new: &NewUser) -> Answer<UserId> {
    staff.must(Act::ManageUsers)?;
    may_give(tx, staff, &new.duty)?;
    make_by(tx, staff.into(), new)
}

/// A user whom this member of staff may change: one who may do no more than they.
pub fn managed(look: &impl Look, staff: &Staff, id: UserId) -> Answer<User> {
    staff.must(Act::ManageUsers)?;
    let user = by_id(look, id)?.ok_or(Refusal::NotFound)?;
    if staff.powers.cover(powers(look, &user)?) { Ok(user) } else { Err(Refusal::NotAllowed.into()) }
}

/// Another user whom this member of staff may change. Their own password and second factor they change at their own
/// page, which asks for those in force: whoever sits down at an open desk must get no other way.
pub fn another(look: &impl Look, staff: &Staff, id: UserId) -> Answer<User> {
    let user = managed(look, staff, id)?;
    if staff.id == id { Err(Refusal::OnesOwn.into()) } else { Ok(user) }
}

/// What a user may do.
pub fn powers(look: &impl Look, user: &User) -> Answer<Powers> {
    duty_powers(look, user.role, user.own_role)
}

fn duty_powers(look: &impl Look, role: Role, own: Option<RoleId>) -> Answer<Powers> {
    let Some(own) = own else { return Ok(Powers::of_role(role)) };
    Ok(role::by_id(look, own)?.map_or(Powers::default(), |own| own.powers()))
}

/// Nobody gives what they do not have.
fn may_give(look: &impl Look, staff: &Staff, duty: &Duty) -> Answer<()> {
    let given = duty_powers(look, duty.role, duty.own_role)?;
    let fits = staff.powers.cover(given);
    if fits { Ok(()) } else { Err(Refusal::Invalid(vec![("papel", Why::NotAChoice)]).into()) }
}

/// A role must be offered, or be the one they have; departments must be there.
fn check_duty(look: &impl Look, check: &mut Check, duty: &Duty, before: Option<RoleId>) -> Answer<()> {
    if let Some(own) = duty.own_role
        && !role::by_id(look, own)?.is_some_and(|own| own.active || before == Some(own.id))
    {
        check.wrong("papel", Why::NotAChoice);
    }
    let known = reason::departments(look)?;
    if duty.departments.iter().any(|id| !known.iter().any(|one| one.id == *id)) {
        check.wrong("setores", Why::NotAChoice);
    }
    Ok(())
}

/// What the audit says of a user who was made, or changed from what they were: under which address and what they do
/// here. Names that people give are the last of their part and without commas, so that none can pass for another part.
fn about(look: &impl Look, user: &User, was: Option<&User>) -> Answer<String> {
    let plain = |name: &str| name.replace(',', ";");
    let mut parts = vec![user.handle()];
    parts.push(match user.own_role {
        None => user.role.key().to_owned(),
        Some(own) => {
            let name = role::by_id(look, own)?.map_or(String::new(), |own| own.name);
            format!("own #{own} {}", plain(&name))
        }
    });
    parts.extend(was.filter(|was| was.email != user.email).map(|was| format!("was {}", was.email)));
    let before = was.map_or(&[][..], |was| &was.departments);
    if before != user.departments {
        let known = reason::departments(look)?;
        let named = known.iter().filter(|one| user.departments.contains(&one.id));
        let named: Vec<String> = named.map(|one| format!("#{} {}", one.id, plain(&one.name))).collect();
        parts.push(format!("departments {}", if named.is_empty() { "all".to_owned() } else { named.join("; ") }));
    }
    Ok(parts.join(", "))
}

/// Changes name, e-mail and what they do. Another role or address ends the user's sessions, another address also makes
/// a link on its way void; the last active admin stays one.
pub fn edit(tx: &mut Tx<'_>, staff: &Staff, id: UserId, name: &str, email: &str, duty: &Duty) -> Answer<()> {
    let mut user = managed(tx, staff, id)?;
    may_give(tx, staff, duty)?;
    let mut check = Check::default();
    let name = check.needed("nome", name, NAME_CHARS_MAX);
    let email = check.value("email", values::email(email)).unwrap_or_default();
    if by_email(tx, &email)?.is_some_and(|other| other.id != id) {
        check.wrong("email", Why::InUse);
    }
    check_duty(tx, &mut check, duty, user.own_role)?;
    check.done()?;
    // Beside a role of the agency's own the other says nothing, and must not say "admin".
    let role = if duty.own_role.is_some() { Role::Broker } else { duty.role };
    if role != Role::Admin {
        one_admin_stays(tx, &user)?;
    }
    let was = user.clone();
    let moved = user.email != email;
    let ends = (user.role, user.own_role) != (role, duty.own_role) || moved;
    (user.name, user.email, user.role) = (name, email, role);
    (user.own_role, user.departments) = (duty.own_role, duty.departments.clone());
    tx.put(&user)?;
    if moved {
        invitation::void(tx, id)?;
    }
    if ends {
        session::end_all(tx, &session::Owner::User(id), None)?;
    }
    tx.announce(&Event::UserChanged(id))?;
    let about = about(tx, &user, Some(&was))?;
    audit::note(tx, staff, Deed::UserChanged, true, &about)
}

/// Sets one's own password, where the one in force was given. All other sessions end.
pub fn set_own_password(tx: &mut Tx<'_>, staff: &Staff, password: Hashed) -> Answer<()> {
    replace_by(tx, staff.into(), staff.id, password, Some(staff.session))
}

/// Sets another's password. All sessions of that user end.
pub fn set_password(tx: &mut Tx<'_>, staff: &Staff, id: UserId, password: Hashed) -> Answer<()> {
    another(tx, staff, id)?;
    replace_by(tx, staff.into(), id, password, None)
}

/// Sets a password without asking who does it: for the command line. All sessions of that user end.
pub fn replace_password(tx: &mut Tx<'_>, id: UserId, password: Hashed) -> Answer<()> {
    replace_by(tx, By::house(), id, password, None)
}

/// Sets a password on somebody's behalf; links to set another are void from here.
pub(super) fn replace_by(tx: &mut Tx<'_>, by: By, id: UserId, password: Hashed, keep: Option<SessionId>) -> Answer<()> {
    let mut user: User = tx.get(id)?.ok_or(Refusal::NotFound)?;
    user.password = Some(password);
    tx.put(&user)?;
    invitation::void(tx, id)?;
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
    let mut user = found.filter(|user| user.opens() == Some(verified)).ok_or(Refusal::NotFound)?;
    user.last_login_at = Some(tx.now());
    tx.put(&user)?;
    tx.announce(&Event::UserNoted(id))?;
    Ok(())
}

/// The user as one who acts, by a session.
pub fn as_staff(look: &impl Look, user: &User, session: SessionId) -> Answer<Staff> {
    let home = agency::the(look)?.map_or(Language::PtBr, |agency| agency.language);
    Ok(Staff {
        id: user.id,
        name: user.name.clone(),
        role: user.role,
        own_role: user
            .own_role
            .map(|own| role::by_id(look, own))
            .transpose()?
            .map(|own| own.map_or(String::new(), |own| own.name)),
        powers: powers(look, user)?,
        departments: user.departments.clone(),
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

/// Everybody, also those invited and switched off, in the order of their names.
pub fn all(look: &impl Look) -> Answer<Vec<User>> {
    let mut users: Vec<User> = look.all(LIST_MAX)?;
    users.sort_by_key(|user| values::fold(&user.name));
    Ok(users)
}

/// Refuses where this is the only admin who can log in.
fn one_admin_stays(look: &impl Look, user: &User) -> Answer<()> {
    let runs = |user: &User| user.is_active() && user.role == Role::Admin;
    let last = runs(user) && all(look)?.iter().filter(|other| runs(other)).count() == 1;
    if last { Err(Refusal::LastAdmin.into()) } else { Ok(()) }
}
