//! Counts that many ask for at the same moment: every open screen shows how many wait, and all count the same rows.

use super::Table;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// From where to where was counted, and how far.
pub(super) type Counted = (Table, Vec<u8>, Option<Vec<u8>>, usize);

/// What was counted at one number of the journal; forgotten at the next.
#[derive(Default)]
pub(super) struct Counts(Mutex<(u64, HashMap<Counted, usize>)>);

impl Counts {
    /// What was counted there when the journal reached this far.
    pub(super) fn recall(&self, reached: u64, what: &Counted) -> Option<usize> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (counts.0 == reached).then(|| counts.1.get(what).copied()).flatten()
    }

    /// Keeps a count; one of an older look than others have is of no use to them.
    pub(super) fn remember(&self, reached: u64, what: Counted, n: usize) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 < reached {
            *counts = (reached, HashMap::new());
        }
        if counts.0 == reached {
            counts.1.insert(what, n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_holds_for_its_moment_only() {
        let counts = Counts::default();
        let what = || ("t", vec![1], None, 9);
        counts.remember(5, what(), 3);
        assert_eq!(
            (counts.recall(5, &what()), counts.recall(4, &what()), counts.recall(6, &what())),
            (Some(3), None, None)
        );
        counts.remember(4, what(), 2);
        assert_eq!(counts.recall(5, &what()), Some(3), "who looks at the past does not speak for the present");
        counts.remember(6, ("t", vec![2], None, 9), 1);
        assert_eq!((counts.recall(5, &what()), counts.recall(6, &what())), (None, None));
    }
}
