//! Who did what that opens or shuts a door, from where, and whether it was let (ASVS 16.2).
//!
//! Notes are only ever added, by the verb that does the thing, in the same write. Each holds the hash of the one before
//! it, so that an edited or missing one is found by [`verify`]. Never a word of a message, never a secret.

use super::access::{Act, Outsider, Staff};
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

/// What was done or tried. The keys are what is kept: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Came in, or gave a wrong password.
    Login,
    /// Tried so often that it must wait.
    LoginSlowed,
    /// Went out.
    Logout,
    /// Ended sessions, somebody's or one's own elsewhere.
    SessionsEnded,
    /// Gave the own password once more before something that matters.
    Proof,
    /// Gave somebody from outside an access.
    AccessMade,
    /// Gave an access to another address.
    AccessMoved,
    /// Gave an access a new password.
    AccessRenewed,
    /// Sent the letter with the link once more.
    AccessSent,
    /// Took an access away.
    AccessRevoked,
    /// Came in by the letter's link.
    AccessRedeemed,
    /// Changed a member of staff's password.
    PasswordChanged,
    /// Added a member of staff.
    UserMade,
    /// Changed a member of staff, or switched them on or off.
    UserChanged,
    /// Changed a setting of the agency.
    SettingsChanged,
    /// Took data out of the house: an export or a backup.
    Exported,
}

impl Deed {
    /// The key under which it is kept.
    pub fn key(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginSlowed => "login_slowed",
            Self::Logout => "logout",
            Self::SessionsEnded => "sessions_ended",
            Self::Proof => "proof",
            Self::AccessMade => "access_made",
            Self::AccessMoved => "access_moved",
            Self::AccessRenewed => "access_renewed",
            Self::AccessSent => "access_sent",
            Self::AccessRevoked => "access_revoked",
            Self::AccessRedeemed => "access_redeemed",
            Self::PasswordChanged => "password_changed",
            Self::UserMade => "user_made",
            Self::UserChanged => "user_changed",
            Self::SettingsChanged => "settings_changed",
            Self::Exported => "exported",
        }
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

/// A page of the audit, newest first, of notes before the given one; only for those who run the system.
pub fn page(look: &impl Look, staff: &Staff, before: Option<AuditId>) -> Answer<Vec<Note>> {
    staff.must(Act::RunTheSystem)?;
    let Some(chain) = look.get::<Chain>(AuditChainId(1))? else { return Ok(Vec::new()) };
    let end = before.map_or(chain.last, |id| id.0.saturating_sub(1)).min(chain.last);
    let mut notes = Vec::new();
    for number in (chain.first..=end).rev().take(PAGE) {
        notes.extend(look.get::<Note>(AuditId(number))?);
    }
    Ok(notes)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::No;
    use crate::store::{DataDir, Store};

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&DataDir::open(&dir.path().join("data")).unwrap()).unwrap();
        (dir, store)
    }

    fn wrote(store: &Store, work: impl FnOnce(&mut Tx<'_>) -> Answer<()> + Send + 'static) {
        store.write_now(work).unwrap();
    }

    fn ten(store: &Store) {
        wrote(store, |tx| {
            for n in 0..10 {
                tx.set_now(n * 40 * 86_400_000);
                note(tx, By::nobody("192.0.2.7"), Deed::Login, n % 2 == 0, &format!("a{n}@exemplo.com"))?;
            }
            Ok(())
        });
    }

    fn found(store: &Store) -> Verdict {
        verify(&store.look().unwrap()).unwrap()
    }

    #[test]
    fn the_chain_is_whole_also_when_there_is_none() {
        let (_dir, store) = store();
        assert_eq!(found(&store), Verdict::Whole(0));
        ten(&store);
        assert_eq!(found(&store), Verdict::Whole(10));
    }

    #[test]
    fn an_edited_a_removed_and_a_foreign_note_are_found() {
        type Hand = fn(&mut Tx<'_>) -> Answer<()>;
        let edit: Hand = |tx| {
            let mut note: Note = tx.get(AuditId(4))?.unwrap();
            note.about = "outra@exemplo.com".into();
            Ok(tx.put(&note)?)
        };
        let edit_well: Hand = |tx| {
            let mut note: Note = tx.get(AuditId(4))?.unwrap();
            note.done = !note.done;
            note.hash = hash(&note);
            Ok(tx.put(&note)?)
        };
        let remove: Hand = |tx| Ok(tx.remove::<Note>(AuditId(4))?);
        let first: Hand = |tx| Ok(tx.remove::<Note>(AuditId(1))?);
        let last: Hand = |tx| Ok(tx.remove::<Note>(AuditId(10))?);
        let more: Hand = |tx| {
            let mut note: Note = tx.get(AuditId(10))?.unwrap();
            (note.id, note.previous) = (AuditId(11), note.hash);
            note.hash = hash(&note);
            Ok(tx.put(&note)?)
        };
        for (what, hand, broken) in [
            ("edited", edit, 4),
            ("edited with its hash", edit_well, 5),
            ("removed", remove, 4),
            ("the first removed", first, 1),
            ("the last removed", last, 10),
            ("one put in", more, 11),
        ] {
            let (_dir, store) = store();
            ten(&store);
            wrote(&store, hand);
            assert_eq!(found(&store), Verdict::Broken(AuditId(broken)), "{what}");
        }
    }

    #[test]
    fn what_is_older_than_thirteen_months_goes_and_the_rest_is_still_whole() {
        let (_dir, store) = store();
        ten(&store);
        wrote(&store, |tx| {
            tx.set_now(9 * 40 * 86_400_000 + KEPT_MS - 5 * 40 * 86_400_000 + 1);
            sweep(tx)
        });
        assert_eq!(found(&store), Verdict::Whole(5));
        wrote(&store, |tx| note(tx, By::house(), Deed::UserMade, true, "x"));
        assert_eq!(found(&store), Verdict::Whole(6));
    }

    #[test]
    fn a_refused_verb_leaves_no_note_and_control_characters_are_escaped() {
        let (_dir, store) = store();
        let refused: Answer<()> = store.write_now(|tx| {
            note(tx, By::house(), Deed::Exported, true, "x")?;
            Err(No::Refused(crate::domain::Refusal::NotFound))
        });
        assert!(refused.is_err());
        wrote(&store, |tx| note(tx, By::nobody("x\ny"), Deed::Login, false, "a\r\n\u{1b}[31m\u{202e}b"));
        let one: Note = store.look().unwrap().get(AuditId(1)).unwrap().unwrap();
        assert_eq!((one.from.as_str(), one.about.as_str()), ("x\\u{a}y", "a\\u{d}\\u{a}\\u{1b}[31m\\u{202e}b"));
    }
}
