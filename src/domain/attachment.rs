//! A file somebody uploaded: loose until a message takes it, then reachable only through that message (Q10, C18).

use super::access::Viewer;
use super::conversation;
use super::entry;
use super::ids::{AttachmentId, EntryId};
use super::refusal::{Answer, Refusal, Why};
use super::schema::{ATTACHMENTS, ATTACHMENTS_BY_TOKEN, ATTACHMENTS_LOOSE};
use super::token;
use crate::store::{Indexes, Key, Look, Order, Record, Table, Tx};
use serde::{Deserialize, Serialize};

/// Uploads of one person that may wait for a message at the same time.
pub const LOOSE_MAX: usize = 40;
/// How long an upload waits for its message.
pub const LOOSE_MS_MAX: i64 = 24 * 3_600_000;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its number.
    pub id: AttachmentId,
    /// Its random name in addresses.
    pub token: String,
    /// Its name as people read it, cleaned.
    pub name: String,
    /// What it is: the key of a kind in `media`.
    pub kind: String,
    /// The hash under which its bytes are kept.
    pub hash: String,
    /// How many bytes.
    pub bytes: u64,
    /// For pictures.
    pub preview: Option<Preview>,
    /// `u5` or `o` and an e-mail: who uploaded it.
    pub owner: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The message that took it.
    pub entry: Option<EntryId>,
}

impl Record for Attachment {
    type Id = AttachmentId;
    const TABLE: Table = ATTACHMENTS;
    fn id(&self) -> AttachmentId {
        self.id
    }
    fn indexes(&self, at: &mut Indexes) {
        at.at(ATTACHMENTS_BY_TOKEN, Key::new().text(&self.token));
        if self.entry.is_none() {
            at.at(ATTACHMENTS_LOOSE, Key::new().signed(self.at));
        }
    }
}

/// The small picture of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The hash under which its bytes are kept.
    pub hash: String,
    /// The key of its kind.
    pub kind: String,
    /// The whole picture's width in pixels.
    pub width: u32,
    /// The whole picture's height in pixels.
    pub height: u32,
}

/// A stored file that is to become an attachment.
#[derive(Clone, Debug)]
pub struct Stored {
    /// See [`Attachment`].
    pub name: String,
    /// See [`Attachment`].
    pub kind: String,
    /// See [`Attachment`].
    pub hash: String,
    /// See [`Attachment`].
    pub bytes: u64,
    /// See [`Attachment`].
    pub preview: Option<Preview>,
}

/// Notes an upload whose bytes are already safe on disk.
pub fn add(tx: &mut Tx<'_>, viewer: &Viewer, stored: &Stored) -> Answer<Attachment> {
    let waiting: Vec<Attachment> = tx.list(ATTACHMENTS_LOOSE, &Key::new(), Order::Rising, usize::MAX)?;
    if waiting.iter().filter(|one| one.owner == owner(viewer)).count() >= LOOSE_MAX {
        return Err(Refusal::Invalid(vec![("arquivo", Why::TooMany(LOOSE_MAX))]).into());
    }
    let id = tx.next(ATTACHMENTS)?;
    let attachment = Attachment {
        id,
        token: token::name(),
        name: stored.name.clone(),
        kind: stored.kind.clone(),
        hash: stored.hash.clone(),
        bytes: stored.bytes,
        preview: stored.preview.clone(),
        owner: owner(viewer),
        at: tx.now(),
        entry: None,
    };
    tx.put(&attachment)?;
    Ok(attachment)
}

/// The loose uploads with these tokens; all must be this viewer's (C22, C24).
pub(super) fn claim(look: &impl Look, viewer: &Viewer, tokens: &[String]) -> Answer<Vec<Attachment>> {
    if tokens.len() > entry::FILES_MAX {
        return Err(Refusal::Invalid(vec![("arquivo", Why::TooMany(entry::FILES_MAX))]).into());
    }
    let mut found: Vec<Attachment> = Vec::new();
    for token in tokens {
        let one = by_token(look, token)?.filter(|one| one.entry.is_none() && one.owner == owner(viewer));
        let one = one.ok_or(Refusal::Invalid(vec![("arquivo", Why::NotAChoice)]))?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Gives claimed uploads to a message.
pub(super) fn give(tx: &mut Tx<'_>, claimed: Vec<Attachment>, to: EntryId) -> Answer<()> {
    for mut one in claimed {
        one.entry = Some(to);
        tx.put(&one)?;
    }
    Ok(())
}

/// Forgets uploads that no message took in time; gives the hashes that may now be unused.
pub fn sweep(tx: &mut Tx<'_>) -> Answer<()> {
    let before = Key::new().signed(tx.now() - LOOSE_MS_MAX);
    let mut old: Vec<AttachmentId> = Vec::new();
    tx.each_id(ATTACHMENTS_LOOSE, &[], Some(before.bytes()), Order::Rising, |id| {
        old.push(id);
        old.len() < 1_000
    })?;
    for id in old {
        tx.remove::<Attachment>(id)?;
    }
    Ok(())
}

/// The attachment with this token, if this viewer may see the message that holds it, or uploaded it just now.
pub fn visible(look: &impl Look, viewer: &Viewer, token: &str) -> Answer<Attachment> {
    let one = by_token(look, token)?.ok_or(Refusal::NotFound)?;
    let Some(entry) = one.entry else {
        return if one.owner == owner(viewer) { Ok(one) } else { Err(Refusal::NotFound.into()) };
    };
    let entry = entry::by_id(look, entry)?.ok_or(Refusal::NotFound)?;
    let conversation = entry.conversation.ok_or(Refusal::NotFound)?;
    conversation::visible(look, viewer, conversation)?;
    if matches!(viewer, Viewer::Outsider(_)) && entry.outside.is_none() {
        return Err(Refusal::NotFound.into());
    }
    Ok(one)
}

/// The attachment with this number.
pub fn by_id(look: &impl Look, id: AttachmentId) -> Answer<Attachment> {
    Ok(look.get(id)?.ok_or(Refusal::NotFound)?)
}

fn by_token(look: &impl Look, token: &str) -> Answer<Option<Attachment>> {
    Ok(look.find(ATTACHMENTS_BY_TOKEN, &Key::new().text(token))?)
}

fn owner(viewer: &Viewer) -> String {
    match viewer {
        Viewer::Staff(staff) => format!("u{}", staff.id),
        Viewer::Outsider(outsider) => format!("o{}", outsider.email),
    }
}
