//! A person or company the agency deals with: many e-mails, many phones, one history.

mod finding;
#[cfg(test)]
mod tests;

pub use finding::{Choice, OFFERED_MAX, TYPED_MIN, candidates, choose, recent, suggest};

use super::access::Staff;
use super::agency;
use super::event::Event;
use super::ids::{ContactId, UserId};
use super::refusal::{Answer, Check, Refusal, Why};
use super::schema::{CONTACTS, CONTACTS_BY_EMAIL, CONTACTS_BY_NAME, CONTACTS_BY_PHONE};
use super::values::{self, Language, fold, phone_key};
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Characters of a name at most.
pub const NAME_CHARS_MAX: usize = 120;
/// Characters of the note at most.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// E-mails, and phones, of one contact at most.
pub const ADDRESSES_MAX: usize = 20;

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its number.
    pub id: ContactId,
    /// As people read it.
    pub name: String,
    /// In lower case; the first is the usual one.
    pub emails: Vec<String>,
    /// International; the first is the usual one.
    pub phones: Vec<String>,
    /// What the agency wants to remember.
    pub note: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Who wrote it down first.
    pub created_by: Option<UserId>,
}

impl Record for Contact {
    type Id = ContactId;
    const TABLE: Table = CONTACTS;
    fn id(&self) -> ContactId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(CONTACTS_BY_NAME, Key::new().text(&fold(&self.name)));
        for email in &self.emails {
            at.at(CONTACTS_BY_EMAIL, Key::new().text(email));
        }
        for phone in &self.phones {
            at.at(CONTACTS_BY_PHONE, Key::new().text(&phone_key(phone)));
            // As it is written, too: people search with the ninth digit that the matching key leaves out.
            at.at(CONTACTS_BY_PHONE, Key::new().text(values::phone_digits(phone)));
        }
        finding::index(self, at);
    }
}

/// What a form says of a contact: e-mails and phones as typed, one a line.
#[derive(Default, Clone)]
pub struct Draft {
    /// Name.
    pub name: String,
    /// E-mails, separated by line breaks, commas or semicolons.
    pub emails: String,
    /// Phones, separated likewise.
    pub phones: String,
    /// Note.
    pub note: String,
}

/// Makes a contact.
pub fn add(tx: &mut Tx<'_>, staff: &Staff, draft: &Draft) -> Answer<ContactId> {
    let (name, emails, phones, note) = checked(tx, draft)?;
    let id = tx.next(CONTACTS)?;
    tx.put(&Contact { id, name, emails, phones, note, created_at: tx.now(), created_by: Some(staff.id) })?;
    tx.announce(&Event::ContactChanged(id))?;
    Ok(id)
}

/// Changes a contact.
pub fn edit(tx: &mut Tx<'_>, _staff: &Staff, id: ContactId, draft: &Draft) -> Answer<()> {
    let mut contact = by_id(tx, id)?;
    (contact.name, contact.emails, contact.phones, contact.note) = checked(tx, draft)?;
    tx.put(&contact)?;
    tx.announce(&Event::ContactChanged(id))?;
    Ok(())
}

/// The contact with this e-mail, or a new one of this name (the address's first part where none is given).
pub(super) fn of_email(tx: &mut Tx<'_>, staff: &Staff, email: &str, name: &str) -> Answer<ContactId> {
    if let Some(known) = tx.find::<Contact>(CONTACTS_BY_EMAIL, &Key::new().text(email))? {
        return Ok(known.id);
    }
    let name = if name.trim().is_empty() { email.split('@').next().unwrap_or(email) } else { name.trim() };
    add(tx, staff, &Draft { name: name.to_owned(), emails: email.to_owned(), ..Draft::default() })
}

/// The contact with this number.
pub fn by_id(look: &impl Look, id: ContactId) -> Answer<Contact> {
    Ok(look.get(id)?.ok_or(Refusal::NotFound)?)
}

/// Contacts whose name, e-mail or phone contains what was typed, by name; all where nothing was. At most `most`.
pub fn search(look: &impl Look, typed: &str, most: usize) -> Answer<Vec<Contact>> {
    let ids = matching(look, typed, most)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(look.get::<Contact>(id)?);
    }
    found.sort_by_cached_key(|contact| fold(&contact.name));
    Ok(found)
}

/// The numbers of the contacts that [`search`] finds.
pub fn matching(look: &impl Look, typed: &str, most: usize) -> Answer<Vec<ContactId>> {
    let typed = fold(typed.trim());
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0').to_owned();
    let mut found: Vec<ContactId> = Vec::new();
    let mut known: HashSet<ContactId> = HashSet::new();
    let phone = (digits.len() >= 4).then_some(digits);
    let places =
        [(CONTACTS_BY_NAME, Some(typed.clone())), (CONTACTS_BY_EMAIL, Some(typed)), (CONTACTS_BY_PHONE, phone)];
    for (index, needle) in places {
        let Some(needle) = needle else { continue };
        look.walk(index, &[], None, Order::Rising, &mut |key, _| {
            let Some((text, number)) = key.split_last_chunk::<8>() else { return ControlFlow::Continue(()) };
            let id = ContactId(u64::from_be_bytes(*number));
            if contains(text, needle.as_bytes()) && known.insert(id) {
                found.push(id);
            }
            if found.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
    }
    Ok(found)
}

/// How many contacts there are.
pub fn count(look: &impl Look) -> Answer<usize> {
    Ok(look.rows(CONTACTS, &[], None, usize::MAX)?)
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || text.windows(needle.len()).any(|window| window == needle)
}

type Fields = (String, Vec<String>, Vec<String>, String);

fn checked(look: &impl Look, draft: &Draft) -> Answer<Fields> {
    let home = agency::the(look)?.map_or(Language::PtBr, |agency| agency.language);
    let mut check = Check::default();
    let name = check.needed("nome", &draft.name, NAME_CHARS_MAX);
    let note = check.text("observacao", &draft.note, NOTE_CHARS_MAX);
    let emails = each(&mut check, "emails", &draft.emails, values::email);
    let phones = each(&mut check, "telefones", &draft.phones, |typed| values::phone(typed, home));
    check.done()?;
    Ok((name, emails, phones, note))
}

fn each(
    check: &mut Check,
    field: &'static str,
    typed: &str,
    read: impl Fn(&str) -> Result<String, Why>,
) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for one in typed.split(['\n', ',', ';']).map(str::trim).filter(|one| !one.is_empty()) {
        if let Some(value) = check.value(field, read(one))
            && !values.contains(&value)
        {
            values.push(value);
        }
        if values.len() > ADDRESSES_MAX {
            check.wrong(field, Why::TooMany(ADDRESSES_MAX));
            break;
        }
    }
    values
}
