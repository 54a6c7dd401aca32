//! The agency itself: its name and looks, how it speaks, and what is switched on. There is one record.
//!
//! Secrets (the SMTP password) are not here but in files of their own, so that a copy of the database holds none.

use super::access::{Act, Role, Staff};
use super::audit::{self, Deed};
use super::copies::Copies;
use super::event::Event;
use super::ids::{AgencyId, UserId};
use super::password::Hashed;
use super::presence::{self, Register};
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::AGENCIES;
use super::user::{self, NewUser};
use super::values::{self, Language};
use super::{beginnings, reason};
use crate::store::{Look, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Characters of the agency's name at most.
pub const NAME_CHARS_MAX: usize = 80;
/// Characters of the closing message at most.
pub const CLOSING_CHARS_MAX: usize = 1_000;

/// The one agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// As clients read it.
    pub name: String,
    /// Its picture, as the hash of a stored file and its type.
    pub logo: Option<(String, String)>,
    /// Its colour: the hue of OKLCH, in degrees.
    pub hue: u16,
    /// The language of new users and visitors.
    pub language: Language,
    /// IANA name; all dates are shown in it.
    pub time_zone: String,
    /// E1: whether there is an external chat at all.
    pub chat_external_on: bool,
    /// Q9: what the client is told when a conversation is closed; empty for nothing.
    pub closing_message: String,
    /// Where the portal is reached from outside, such as `https://portal.exemplo.com.br`.
    pub public_url: Option<String>,
    /// Where the office is reached, where that is another address than the house knows of itself.
    #[serde(default)]
    pub office_url: Option<String>,
    /// How mail goes out, if it does.
    pub smtp: Option<Smtp>,
    /// The backups that the house makes by itself, if it does.
    #[serde(default)]
    pub copies: Option<Copies>,
    /// P5: how the register of who is in is kept.
    #[serde(default)]
    pub register: Register,
    /// Whether those who run the system must have a second factor.
    #[serde(default)]
    pub second_factor_for_admins: bool,
}

/// A mail server to hand letters to; its password is a secret of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    /// Host name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// `tls`, `starttls` or `plain`.
    pub security: String,
    /// Who logs in there; nobody if empty.
    pub username: String,
    /// The name of the password among the directory's secrets, if there is one. A new password gets a new name, so that
    /// server and password change in one write.
    pub secret: Option<String>,
    /// The address letters come from.
    pub from_address: String,
}

impl Record for Agency {
    type Id = AgencyId;
    const TABLE: Table = AGENCIES;
    fn id(&self) -> AgencyId {
        AgencyId(1)
    }
}

/// What is asked at the first start.
pub struct Setup {
    /// The agency's name.
    pub name: String,
    /// The hue of its colour.
    pub hue: u16,
    /// Its language.
    pub language: Language,
    /// Its time zone.
    pub time_zone: String,
    /// The admin's name.
    pub user_name: String,
    /// The admin's e-mail.
    pub user_email: String,
    /// The admin's password, hashed.
    pub password: Hashed,
}

/// An agency for tests, and its admin, who acts.
#[cfg(test)]
pub(crate) fn aurora(tx: &mut Tx<'_>) -> Answer<super::Staff> {
    let setup = Setup {
        name: "Aurora".into(),
        hue: 40,
        language: Language::PtBr,
        time_zone: "America/Sao_Paulo".into(),
        user_name: "Carla".into(),
        user_email: "carla@aurora.example".into(),
        password: super::password::hash("quatro gatos pardos")?,
    };
    let id = set_up(tx, &setup)?;
    let one = super::user::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    assert_eq!(one.role, super::access::Role::Admin);
    super::user::as_staff(tx, &one, super::ids::SessionId(0))
}

/// Makes the agency and its first admin, and gives it reasons and departments to begin with. Refused where there is one.
pub fn set_up(tx: &mut Tx<'_>, new: &Setup) -> Answer<UserId> {
    if the(tx)?.is_some() {
        return Err(Refusal::AlreadySetUp.into());
    }
    let mut check = Check::default();
    let name = check.needed("nome_agencia", &new.name, NAME_CHARS_MAX);
    check_zone(&mut check, &new.time_zone);
    check.done()?;
    let agency = Agency {
        name,
        logo: None,
        hue: new.hue % 360,
        language: new.language,
        time_zone: new.time_zone.clone(),
        chat_external_on: true,
        closing_message: beginnings::closing_message(new.language).to_owned(),
        public_url: None,
        office_url: None,
        smtp: None,
        copies: None,
        register: Register { reasons: beginnings::absences(new.language), ..Register::default() },
        second_factor_for_admins: false,
    };
    tx.put(&agency)?;
    reason::begin(tx, new.language)?;
    let admin = NewUser {
        name: new.user_name.clone(),
        email: new.user_email.clone(),
        duty: Role::Admin.into(),
        password: Some(new.password.clone()),
    };
    let id = user::make(tx, &admin)?;
    tx.announce(&Event::AgencyChanged)?;
    Ok(id)
}

/// What the settings page changes; the logo and the mail server have verbs of their own.
pub struct Settings {
    /// See [`Agency`].
    pub name: String,
    /// See [`Agency`].
    pub hue: u16,
    /// See [`Agency`].
    pub language: Language,
    /// See [`Agency`].
    pub time_zone: String,
    /// See [`Agency`].
    pub public_url: String,
    /// See [`Agency`].
    pub office_url: String,
}

impl Settings {
    /// Whether letters and links lead where they led before.
    pub fn leads_as(&self, agency: &Agency) -> bool {
        let same = |typed: &str, kept: &Option<String>| plain_address(typed) == kept.as_deref().unwrap_or_default();
        same(&self.public_url, &agency.public_url) && same(&self.office_url, &agency.office_url)
    }
}

/// Changes how the agency looks and speaks.
pub fn settle(tx: &mut Tx<'_>, staff: &Staff, settings: &Settings) -> Answer<()> {
    staff.must(Act::RunTheSystem)?;
    let mut check = Check::default();
    let name = check.needed("nome", &settings.name, NAME_CHARS_MAX);
    check_zone(&mut check, &settings.time_zone);
    let public_url = address(&mut check, "endereco_portal", &settings.public_url);
    let office_url = address(&mut check, "endereco_escritorio", &settings.office_url);
    check.done()?;
    change(tx, staff, "agency", |agency| {
        agency.name = name;
        agency.hue = settings.hue % 360;
        agency.language = settings.language;
        agency.time_zone = settings.time_zone.clone();
        (agency.public_url, agency.office_url) = (public_url, office_url);
    })?;
    // In another zone it may be another day.
    presence::close_past(tx)
}

/// E1: switches the external chat on or off.
pub fn switch_chat(tx: &mut Tx<'_>, staff: &Staff, on: bool) -> Answer<()> {
    change(tx, staff, if on { "external_chat on" } else { "external_chat off" }, |agency| agency.chat_external_on = on)
}

/// Says whether those who run the system must have a second factor.
pub fn require_second_factor(tx: &mut Tx<'_>, staff: &Staff, on: bool) -> Answer<()> {
    let what = if on { "second_factor required" } else { "second_factor optional" };
    change(tx, staff, what, |agency| agency.second_factor_for_admins = on)
}

/// Q9: sets what the client is told at the end.
pub fn set_closing_message(tx: &mut Tx<'_>, staff: &Staff, text: &str) -> Answer<()> {
    staff.must(Act::EditLists)?;
    let mut check = Check::default();
    let text = check.text("mensagem", text, CLOSING_CHARS_MAX);
    check.done()?;
    alter(tx, staff, "closing_message", |agency| agency.closing_message = text)
}

/// Sets or removes the logo: the hash of a stored picture and its type.
pub fn set_logo(tx: &mut Tx<'_>, staff: &Staff, logo: Option<(String, String)>) -> Answer<()> {
    change(tx, staff, "logo", |agency| agency.logo = logo)
}

/// Sets the mail server, or none.
pub fn set_smtp(tx: &mut Tx<'_>, staff: &Staff, smtp: Option<Smtp>) -> Answer<()> {
    staff.must(Act::RunTheSystem)?;
    let mut check = Check::default();
    if let Some(smtp) = &smtp {
        check.needed("servidor", &smtp.host, 253);
        if smtp.host.chars().any(|c| c.is_control() || c.is_whitespace()) {
            check.wrong("servidor", Why::NotAChoice);
        }
        if !["tls", "starttls", "plain"].contains(&smtp.security.as_str()) {
            check.wrong("seguranca", Why::NotAChoice);
        }
        if smtp.port == 0 {
            check.wrong("porta", Why::NotANumber);
        }
        check.text("usuario_smtp", &smtp.username, 254);
        check.value("remetente", values::email(&smtp.from_address));
    }
    check.done()?;
    change(tx, staff, "mail_server", |agency| agency.smtp = smtp)
}

/// Sets where the house's own backups go and when, or that it makes none.
pub fn set_copies(tx: &mut Tx<'_>, staff: &Staff, copies: Option<Copies>) -> Answer<()> {
    staff.must(Act::KeepCopies)?;
    let mut check = Check::default();
    if let Some(copies) = &copies {
        copies.check(&mut check);
    }
    check.done()?;
    alter(tx, staff, if copies.is_some() { "copies on" } else { "copies off" }, |agency| agency.copies = copies)
}

/// P5: sets how the register is kept.
pub(super) fn set_register(tx: &mut Tx<'_>, staff: &Staff, what: &str, register: Register) -> Answer<()> {
    change(tx, staff, what, |agency| agency.register = register)
}

/// The agency, once it was set up.
pub fn the(look: &impl Look) -> Answer<Option<Agency>> {
    Ok(look.get(AgencyId(1))?)
}

fn change(tx: &mut Tx<'_>, staff: &Staff, what: &str, how: impl FnOnce(&mut Agency)) -> Answer<()> {
    staff.must(Act::RunTheSystem)?;
    alter(tx, staff, what, how)
}

/// The same for whoever was found to be allowed.
fn alter(tx: &mut Tx<'_>, staff: &Staff, what: &str, how: impl FnOnce(&mut Agency)) -> Answer<()> {
    let mut agency = the(tx)?.ok_or(Refusal::NotFound)?;
    how(&mut agency);
    tx.put(&agency)?;
    tx.announce(&Event::AgencyChanged)?;
    audit::note(tx, staff, Deed::SettingsChanged, true, what)
}

fn check_zone(check: &mut Check, zone: &str) {
    if jiff::tz::TimeZone::get(zone).is_err() {
        check.wrong("fuso", Why::NotAChoice);
    }
}

/// An address as it is kept; empty for none.
fn plain_address(typed: &str) -> &str {
    typed.trim().trim_end_matches('/')
}

fn address(check: &mut Check, field: &'static str, typed: &str) -> Option<String> {
    let url = plain_address(typed);
    if url.is_empty() { None } else { check.value(field, web_address(url)) }
}

fn web_address(text: &str) -> Result<String, Why> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(Why::NotAUrl)?;
    let fits = !rest.is_empty()
        && text.len() <= 200
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]/_~".contains(&b));
    if fits { Ok(text.to_owned()) } else { Err(Why::NotAUrl) }
}
