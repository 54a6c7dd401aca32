//! Finding one contact among many by what somebody types of it: the beginning of a word of the name, of an e-mail, or of
//! a phone as people say it. Nothing here reads more of a large agency than of a small one.

use super::{Contact, Draft, add};
use crate::domain::access::Staff;
use crate::domain::agency;
use crate::domain::conversation::State;
use crate::domain::ids::ContactId;
use crate::domain::inbox::{self, Filter};
use crate::domain::refusal::{Answer, Refusal, Why};
use crate::domain::schema::{CONTACTS_BY_EMAIL, CONTACTS_BY_NAME, CONTACTS_BY_PHONE, CONTACTS_BY_WORD};
use crate::domain::values::{self, Language, fold, phone_key};
use crate::store::{Indexes, Key, Look, Order, Tx};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Contacts offered at once.
pub const OFFERED_MAX: usize = 12;
/// Characters typed from which on contacts are looked for.
pub const TYPED_MIN: usize = 2;
/// Words of a name under which it is found: no real name has more.
const WORDS_MAX: usize = 12;
/// A phone is found by its last digits, so many of them: with and without country, area and ninth digit, and by its end.
const TAILS: [usize; 5] = [11, 10, 9, 8, 4];
/// Index rows that one question looks at.
const ROWS_MAX: usize = 50_000;

/// Which contact a form means.
#[derive(Clone)]
pub enum Choice {
    /// This one.
    Known(ContactId),
    /// One that is not there yet.
    New(Draft),
    /// Whichever is called like this; a new one, if nobody is.
    Typed(Draft),
}

/// The contact that is meant, made if it is a new one. Where it could be one of several, `contato` is refused as
/// [`Why::Several`].
pub fn choose(tx: &mut Tx<'_>, staff: &Staff, choice: &Choice) -> Answer<ContactId> {
    let refused = |why| Err(Refusal::Invalid(vec![("contato", why)]).into());
    match choice {
        Choice::Known(id) if tx.get::<Contact>(*id)?.is_some() => Ok(*id),
        Choice::Known(_) => refused(Why::NotAChoice),
        Choice::New(draft) => add(tx, staff, draft),
        Choice::Typed(draft) => {
            let found = candidates(tx, &draft.name)?;
            match meant(tx, &found, draft)? {
                Some(id) => Ok(id),
                None if found.is_empty() => add(tx, staff, draft),
                None => refused(Why::Several),
            }
        }
    }
}

/// The one that is meant, of those that fit: the only one, unless details were given that are not its own; then the only
/// one who has them.
fn meant(look: &impl Look, found: &[Contact], draft: &Draft) -> Answer<Option<ContactId>> {
    let home = agency::the(look)?.map_or(Language::PtBr, |agency| agency.language);
    let (email, phone) = (values::email(&draft.emails).ok(), values::phone(&draft.phones, home).ok());
    let detailed = !draft.emails.trim().is_empty() || !draft.phones.trim().is_empty();
    let has = |one: &&Contact| {
        email.as_ref().is_some_and(|email| one.emails.contains(email))
            || phone.as_ref().is_some_and(|phone| one.phones.iter().any(|own| values::same_phone(own, phone)))
    };
    let mut fit = found.iter().filter(|one| !detailed || has(one));
    Ok(match (fit.next(), fit.next()) {
        (Some(one), None) => Some(one.id),
        _ => None,
    })
}

/// Whom something typed may mean: those called exactly like it, by name, e-mail or phone; if there is nobody, those that
/// [`suggest`] finds.
pub fn candidates(look: &impl Look, typed: &str) -> Answer<Vec<Contact>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let home = agency::the(look)?.map_or(Language::PtBr, |agency| agency.language);
    let mut places = vec![(CONTACTS_BY_NAME, fold(typed))];
    places.extend(values::email(typed).ok().map(|email| (CONTACTS_BY_EMAIL, email)));
    places.extend(values::phone(typed, home).ok().map(|phone| (CONTACTS_BY_PHONE, phone_key(&phone))));
    let mut ids: Vec<ContactId> = Vec::new();
    for (index, key) in places {
        ids.extend(look.ids::<ContactId>(index, &Key::new().text(&key), Order::Rising, OFFERED_MAX)?);
    }
    if ids.is_empty() { suggest(look, typed) } else { these(look, ids) }
}

/// Contacts that somebody may be typing: those whose name begins so first, then those whose words all do. At most
/// [`OFFERED_MAX`]; nobody where less than [`TYPED_MIN`] characters were typed.
pub fn suggest(look: &impl Look, typed: &str) -> Answer<Vec<Contact>> {
    let typed = fold(typed.trim());
    if typed.chars().count() < TYPED_MIN {
        return Ok(Vec::new());
    }
    let begins = Key::new().fixed(typed.as_bytes());
    let mut ids: Vec<ContactId> = Vec::new();
    for index in [CONTACTS_BY_NAME, CONTACTS_BY_EMAIL] {
        ids.extend(look.ids::<ContactId>(index, &begins, Order::Rising, OFFERED_MAX)?);
    }
    let words = asked_words(&typed);
    let longest = words.iter().max_by_key(|word| word.len()).filter(|_| ids.len() < OFFERED_MAX);
    if let Some(longest) = longest {
        let others: Vec<&String> = words.iter().filter(|word| *word != longest).collect();
        let prefix = Key::new().fixed(longest.as_bytes());
        let mut left = ROWS_MAX;
        look.walk(CONTACTS_BY_WORD, prefix.bytes(), prefix.after().as_deref(), Order::Rising, &mut |key, _| {
            left -= 1;
            ids.extend(fitting(key, &others).filter(|id| !ids.contains(id)));
            if ids.len() >= OFFERED_MAX || left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
    }
    these(look, ids)
}

/// Whom this member of staff lately talked with, then others by name: what is offered before anything is typed.
pub fn recent(look: &impl Look, staff: &Staff) -> Answer<Vec<Contact>> {
    let mut ids: Vec<ContactId> = Vec::new();
    for one in inbox::page(look, staff, State::Open, &Filter::default(), None)? {
        if !ids.contains(&one.contact) && ids.len() < OFFERED_MAX {
            ids.push(one.contact);
        }
    }
    for id in look.ids::<ContactId>(CONTACTS_BY_NAME, &Key::new(), Order::Rising, OFFERED_MAX)? {
        if !ids.contains(&id) && ids.len() < OFFERED_MAX {
            ids.push(id);
        }
    }
    these(look, ids)
}

/// Names the words under which a contact is found, each with the whole name behind it.
pub(super) fn index(contact: &Contact, at: &mut Indexes) {
    let name = fold(&contact.name);
    for word in known_words(contact, &name) {
        at.at(CONTACTS_BY_WORD, Key::new().text(&word).text(&name));
    }
}

fn known_words(contact: &Contact, name: &str) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = words_of(name).take(WORDS_MAX).map(str::to_owned).collect();
    for phone in &contact.phones {
        for digits in [values::phone_digits(phone).to_owned(), phone_key(phone)] {
            let tails = TAILS.into_iter().filter_map(|most| digits.get(digits.len().checked_sub(most)?..));
            words.extend(tails.map(str::to_owned));
            words.insert(digits);
        }
    }
    words
}

/// The words of a folded name.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// What was typed, folded, as beginnings of words: a phone is one, however it is written.
fn asked_words(typed: &str) -> Vec<String> {
    if !typed.chars().any(char::is_alphabetic) {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        // Four are a phone's end; before more, a zero only dials out.
        let said = if digits.len() == 4 { digits.as_str() } else { digits.trim_start_matches('0') };
        return if said.is_empty() { Vec::new() } else { vec![said.to_owned()] };
    }
    words_of(typed).take(WORDS_MAX).map(str::to_owned).collect()
}

/// The contact of an index row, if each of these begins a word of the name behind its own word.
fn fitting(row: &[u8], others: &[&String]) -> Option<ContactId> {
    let (texts, number) = row.split_last_chunk::<8>()?;
    let mut texts = texts.split(|byte| *byte == 0).skip(1);
    let name = std::str::from_utf8(texts.next()?).ok()?;
    let fits = others.iter().all(|asked| words_of(name).any(|word| word.starts_with(asked.as_str())));
    fits.then(|| ContactId(u64::from_be_bytes(*number)))
}

fn these(look: &impl Look, ids: Vec<ContactId>) -> Answer<Vec<Contact>> {
    let mut known = BTreeSet::new();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids.into_iter().filter(|id| known.insert(id.0)) {
        found.extend(look.get::<Contact>(id)?);
    }
    found.truncate(OFFERED_MAX);
    Ok(found)
}
