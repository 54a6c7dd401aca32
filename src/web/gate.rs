//! What is asked of a member of staff before anything else opens, at every page and on every live screen.

use super::paths;
use crate::domain::{Answer, Viewer, agency, presence};
use crate::store::Look;

/// Where staff may go whatever is asked of them: to what is asked, to their language, out.
pub const OPEN: [&str; 3] = [paths::CHECK_IN, paths::LANGUAGE, paths::LOGOUT];

/// The address of what is asked first at a moment: the extension, where recording one's entry is obligatory (P1).
pub fn gate(look: &impl Look, viewer: &Viewer, now: i64) -> Answer<Option<&'static str>> {
    let (Viewer::Staff(staff), Some(agency)) = (viewer, agency::the(look)?) else { return Ok(None) };
    Ok(presence::must_enter(look, &agency, staff.id, now)?.then_some(paths::CHECK_IN))
}
