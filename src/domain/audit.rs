//! Who did what that opens or shuts a door, from where, and whether it was let (ASVS 16.2).
//!
//! Notes are only ever added, by the verb that does the thing, in the same write. Each holds the hash of the one before
//! it, so that one that was edited, put in or left out is found by [`verify`]. What no chain can find is a whole database
//! put back from an earlier day, or one whose every note was written anew: for that somebody compares the last number and
//! hash ([`last`]) with what they wrote down elsewhere. Never a word of a message, never a secret.

mod deed;
mod filter;
#[cfg(test)]
mod tests;

pub use deed::{Deed, Kind};
pub use filter::{Filter, Page, Whom, each, page};

use super::access::{Outsider, Staff};
use super::ids::{AuditChainId, AuditId, UserId};
use super::refusal::Answer;
use super::schema::{AUDIT, AUDIT_CHAIN};
use crate::store::{Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;

/// Notes of a page.
pub const PAGE: usize = 50;
/// A note is kept for at least twelve months (BAR 16.2), in milliseconds; one more, so that a year is always whole.
const KEPT_MS: i64 = 396 * 86_400_000;
const ABOUT_CHARS_MAX: usize = 200;
const SWEPT_MAX: usize = 1_000;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Somebody who was not logged in.
    Nobody,
    /// Whoever sits at the machine itself: the command line, the first start.
    House,
    /// A member of staff.
    User(UserId),
    /// Somebody from outside, by their e-mail.
    Outsider(String),
}

/// Who acts, and from which address.
#[derive(Clone, Debug)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// The network address; empty for the house itself.
    pub from: String,
}

impl By {
    /// The house itself.
    pub fn house() -> Self {
        Self { actor: Actor::House, from: String::new() }
    }

    /// Somebody at this address who is not logged in.
    pub fn nobody(from: &str) -> Self {
        Self { actor: Actor::Nobody, from: from.to_owned() }
    }
}

impl From<&Staff> for By {
    fn from(staff: &Staff) -> Self {
        Self { actor: Actor::User(staff.id), from: staff.from.clone() }
    }
}

impl From<&Outsider> for By {
    fn from(outsider: &Outsider) -> Self {
        Self { actor: Actor::Outsider(outsider.email.clone()), from: outsider.from.clone() }
    }
}

/// One line of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its number, without gaps.
    pub id: AuditId,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: Actor,
    /// From which address.
    pub from: String,
    /// What.
    pub deed: Deed,
    /// Whether it was let.
    pub done: bool,
    /// On whom or what: an address and a number, or a setting's key.
    pub about: String,
    /// The hash of the note before.
    previous: [u8; 32],
    /// SHA-256 of `previous` and all of the above.
    hash: [u8; 32],
}

impl Note {
    /// Its hash as people compare it: 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        hex(&self.hash)
    }
}

impl Record for Note {
    type Id = AuditId;
    const TABLE: Table = AUDIT;
    fn id(&self) -> AuditId {
        self.id
    }
}

/// Where the chain begins and ends, so that a missing beginning or end is noticed too.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Chain {
    first: u64,
    before_first: [u8; 32],
    last: u64,
    hash: [u8; 32],
}

impl Record for Chain {
    type Id = AuditChainId;
    const TABLE: Table = AUDIT_CHAIN;
    fn id(&self) -> AuditChainId {
        AuditChainId(1)
    }
}

/// How the chain was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So many notes, each as it was written.
    Whole(u64),
    /// From this note on it is not what was written.
    Broken(AuditId),
}

/// Writes a note. Control characters of `about` are escaped, so that no line of it can be forged.
pub fn note(tx: &mut Tx<'_>, by: impl Into<By>, deed: Deed, done: bool, about: &str) -> Answer<()> {
    let by = by.into();
    let mut chain: Chain = tx.get(AuditChainId(1))?.unwrap_or_default();
    let id: AuditId = tx.next(AUDIT)?;
    let actor = match by.actor {
        Actor::Outsider(email) => Actor::Outsider(clean(&email)),
        other => other,
    };
    let (from, about) = (clean(&by.from), clean(about));
    let mut note =
        Note { id, at: tx.now(), actor, from, deed, done, about, previous: chain.hash, hash: Default::default() };
    note.hash = hash(&note);
    chain.first = if chain.first == 0 { id.0 } else { chain.first };
    (chain.last, chain.hash) = (id.0, note.hash);
    tx.put(&note)?;
    tx.put(&chain)?;
    Ok(())
}

/// Looks at every note: the first one that was edited, removed or put in is named.
pub fn verify(look: &impl Look) -> Answer<Verdict> {
    let chain: Chain = look.get(AuditChainId(1))?.unwrap_or_default();
    let (mut expected, mut running) = (chain.first, chain.before_first);
    let mut broken = None;
    look.walk(AUDIT, &[], None, Order::Rising, &mut |key, _| {
        let number = key.try_into().map_or(0, u64::from_be_bytes);
        let note = if number == expected && number <= chain.last {
            look.get::<Note>(AuditId(number)).ok().flatten()
        } else {
            None
        };
        match note.filter(|note| note.previous == running && note.hash == hash(note)) {
            Some(note) => {
                (expected, running) = (expected + 1, note.hash);
                ControlFlow::Continue(())
            }
            None => {
                broken = Some(AuditId(expected));
                ControlFlow::Break(())
            }
        }
    })?;
    let whole = if chain.first == 0 { expected == 0 } else { expected == chain.last + 1 && running == chain.hash };
    Ok(match broken {
        Some(id) => Verdict::Broken(id),
        None if !whole => Verdict::Broken(AuditId(expected)),
        None => Verdict::Whole(expected - chain.first),
    })
}

/// The number and the hash of the last note, for whoever compares; nothing where there is none.
pub fn last(look: &impl Look) -> Answer<Option<(AuditId, String)>> {
    let chain: Option<Chain> = look.get(AuditChainId(1))?;
    Ok(chain.map(|chain| (AuditId(chain.last), hex(&chain.hash))))
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lets go of what is older than must be kept, at most a thousand notes at once; the chain then begins later.
pub fn sweep(tx: &mut Tx<'_>) -> Answer<()> {
    let Some(mut chain) = tx.get::<Chain>(AuditChainId(1))? else { return Ok(()) };
    let before = tx.now() - KEPT_MS;
    let was = chain.first;
    for number in (chain.first..chain.last).take(SWEPT_MAX) {
        match tx.get::<Note>(AuditId(number))? {
            Some(note) if note.at < before => {
                (chain.first, chain.before_first) = (number + 1, note.hash);
                tx.remove::<Note>(note.id)?;
            }
            _ => break,
        }
    }
    if chain.first != was {
        tx.put(&chain)?;
    }
    Ok(())
}

/// No field holds a line break after [`clean`], so that fields in lines cannot run into one another.
fn hash(note: &Note) -> [u8; 32] {
    let actor = match &note.actor {
        Actor::Nobody => "nobody".to_owned(),
        Actor::House => "house".to_owned(),
        Actor::User(id) => format!("user {id}"),
        Actor::Outsider(email) => format!("outsider {email}"),
    };
    let (id, at, from, deed, done, about) = (note.id, note.at, &note.from, note.deed.key(), note.done, &note.about);
    let content = format!("{id}\n{at}\n{actor}\n{from}\n{deed}\n{done}\n{about}");
    Sha256::new().chain_update(note.previous).chain_update(content).finalize().into()
}

/// What would end a line, colour a terminal or turn the reading direction is written as its number.
fn clean(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut clean = String::new();
    for c in text.chars().take(ABOUT_CHARS_MAX) {
        if odd(c) { clean.extend(c.escape_unicode()) } else { clean.push(c) }
    }
    clean
}
