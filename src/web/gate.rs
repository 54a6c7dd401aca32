//! What is asked of a member of staff before anything else opens, at every page and on every live screen.

use super::paths;
use crate::domain::{Answer, Viewer, agency, presence, second_factor};
use crate::store::Look;

/// Where staff may go whatever is asked of them: to their language, out.
const OPEN: [&str; 2] = [paths::LANGUAGE, paths::LOGOUT];

/// The address of what is asked first at a moment: a second factor, where they must have one (R7); then the extension,
/// where recording one's entry is obligatory (P1).
pub fn gate(look: &impl Look, viewer: &Viewer, now: i64) -> Answer<Option<&'static str>> {
    let (Viewer::Staff(staff), Some(agency)) = (viewer, agency::the(look)?) else { return Ok(None) };
    if second_factor::is_missing(look, &agency, staff)? {
        return Ok(Some(paths::SECOND_FACTOR));
    }
    Ok(presence::must_enter(look, &agency, staff.id, now)?.then_some(paths::CHECK_IN))
}

/// Whether this gate lets somebody through to a path: what is asked stands below its own address.
pub fn lets(gate: &str, path: &str) -> bool {
    OPEN.contains(&path) || path.strip_prefix(gate).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
