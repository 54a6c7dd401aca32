//! How the agency keeps the register (P5).

use crate::domain::access::{Act, Staff};
use crate::domain::agency;
use crate::domain::refusal::{Answer, Refusal, Why};
use crate::domain::values::fold;
use crate::store::Tx;
use serde::{Deserialize, Serialize};

/// Reasons of absence at most.
pub const REASONS_MAX: usize = 40;
/// Characters of a reason at most.
pub const REASON_CHARS_MAX: usize = 40;

/// How the agency keeps the register (P5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// Whether there is one.
    pub on: bool,
    /// Whether nothing else opens before one's entry is recorded, nor closes without one's exit.
    pub obligatory: bool,
    /// Why people are away, in the order in which they are offered.
    pub reasons: Vec<String>,
}

impl Register {
    /// What a form says; the reasons come one per line. Read before the write, in which everybody else waits. What is
    /// obligatory must offer a reason, or nobody would learn why somebody left.
    pub fn read(on: bool, obligatory: bool, reasons: &str) -> Answer<Self> {
        let wrong = |why| Refusal::Invalid(vec![("motivos", why)]);
        let (reasons, obligatory) = (read_reasons(reasons).map_err(wrong)?, on && obligatory);
        if obligatory && reasons.is_empty() {
            return Err(wrong(Why::NoReasons).into());
        }
        Ok(Self { on, obligatory, reasons })
    }
}

/// P5: switches the register on or off and says how it is kept.
pub fn settle(tx: &mut Tx<'_>, staff: &Staff, register: Register) -> Answer<()> {
    staff.must(Act::RunTheSystem)?;
    let what = match (register.on, register.obligatory) {
        (false, _) => "presence off",
        (true, false) => "presence on",
        (true, true) => "presence obligatory",
    };
    agency::set_register(tx, staff, what, register)
}

/// One reason a line; empty lines and repetitions are left out. What follows the first wrong line is not looked at.
fn read_reasons(text: &str) -> Result<Vec<String>, Why> {
    let (mut reasons, mut folded) = (Vec::new(), Vec::new());
    for (n, line) in text.lines().enumerate() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > REASON_CHARS_MAX {
            return Err(Why::LineTooLong { line: n + 1, most: REASON_CHARS_MAX });
        }
        let key = fold(&line);
        if line.is_empty() || folded.contains(&key) {
            continue;
        }
        if reasons.len() == REASONS_MAX {
            return Err(Why::TooMany(REASONS_MAX));
        }
        reasons.push(line);
        folded.push(key);
    }
    Ok(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::No;

    #[test]
    fn p5_reasons_come_one_per_line_and_none_twice() {
        let read = read_reasons("Almoço\r\n\n  Visita   externa \nalmoco\n").unwrap();
        assert_eq!(read, ["Almoço", "Visita externa"]);
        assert_eq!(read_reasons("").unwrap(), Vec::<String>::new());
        assert_eq!(read_reasons(&"x".repeat(41)), Err(Why::LineTooLong { line: 1, most: 40 }));
        assert_eq!(read_reasons(&format!("a\n\n{}", "x".repeat(41))), Err(Why::LineTooLong { line: 3, most: 40 }));
        let many: String = (0..41).map(|n| format!("motivo {n}\n")).collect();
        assert_eq!(read_reasons(&many), Err(Why::TooMany(40)));
        let after = format!("{many}{}", "x".repeat(41));
        assert_eq!(read_reasons(&after), Err(Why::TooMany(40)), "it stops at the forty-first");
    }

    #[test]
    fn p5_what_is_obligatory_offers_a_reason() {
        let refused = |read: Answer<Register>| match read {
            Err(No::Refused(Refusal::Invalid(wrong))) => wrong,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(Register::read(true, true, " \n")), [("motivos", Why::NoReasons)]);
        assert!(Register::read(true, true, "Visita").unwrap().obligatory);
        assert!(!Register::read(false, true, "").unwrap().obligatory, "nothing is, while it is off");
    }
}
