//! What time does: sessions, links and uploads that are over, the journal's and the audit's end.

use super::refusal::Answer;
use super::{attachment, audit, external_access, invitation, session};
use crate::store::{Tx, trim_journal};

/// The journal keeps this many milliseconds: thirty days.
const JOURNAL_MS: i64 = 30 * 24 * 3_600_000;

/// Puts away what is over, and throws away what is old if the clock goes `evenly` (see
/// [`Clock::is_even`](crate::store::Clock::is_even)). Says whether there is more to put away.
pub fn sweep(tx: &mut Tx<'_>, evenly: bool) -> Answer<bool> {
    external_access::sweep(tx)?;
    invitation::sweep(tx)?;
    if evenly {
        attachment::sweep(tx)?;
        audit::sweep(tx)?;
        let before = tx.now() - JOURNAL_MS;
        trim_journal(tx, before)?;
    }
    session::sweep(tx)
}
