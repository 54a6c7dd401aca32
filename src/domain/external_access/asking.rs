//! Somebody from outside asks for a link themselves (E11): the password is lost, or the session ended.

use super::{Access, of_email};
use crate::domain::audit::{self, By, Deed};
use crate::domain::delivery::{self, About};
use crate::domain::entry::Author;
use crate::domain::refusal::Answer;
use crate::domain::{agency, values};
use crate::store::Tx;

/// How long such a link is good, in minutes: whoever asked is waiting for it.
pub const LINK_MINUTES: i64 = 30;
/// The same in milliseconds.
pub const LINK_MS: i64 = LINK_MINUTES * 60_000;
/// One letter to an address in this time, in milliseconds, whoever asks how often.
const PAUSE_MS: i64 = 10 * 60_000;

/// Whether asking is offered at all: the external chat is on, and letters can leave.
pub fn offered(agency: &agency::Agency) -> bool {
    agency.chat_external_on && agency.smtp.is_some()
}

/// Plans a letter with a link to this address, if it has an access. What came of it is nobody's business who asks, so it
/// is not told: only the audit knows, which gets its line either way. Nothing that was sent before is voided, or
/// strangers could burn somebody's links.
pub fn ask(tx: &mut Tx<'_>, email: &str, from: &str) -> Answer<()> {
    let chosen = receiver(tx, email)?;
    let sent = chosen.is_some();
    if let Some(mut access) = chosen {
        access.asked_at = Some(tx.now());
        tx.put(&access)?;
        delivery::give_up(tx, access.conversation, About::Link)?;
        delivery::plan(tx, Author::Outsider(access.id), &access, About::Link)?;
    }
    audit::note(tx, By::nobody(from), Deed::LinkAsked, sent, email)
}

/// The newest access of this address; none, where a letter went to it lately.
fn receiver(look: &Tx<'_>, email: &str) -> Answer<Option<Access>> {
    if values::email(email).is_err() || !agency::the(look)?.is_some_and(|agency| offered(&agency)) {
        return Ok(None);
    }
    let live = of_email(look, email)?;
    let now = look.now();
    // What a clock that was ahead wrote down is no pause.
    let lately = live.iter().filter_map(|access| access.asked_at).any(|at| (0..PAUSE_MS).contains(&(now - at)));
    Ok(live.into_iter().next().filter(|_| !lately))
}
