//! Every word for people, in three columns: Brazilian Portuguese, European Portuguese, English.
//!
//! A text that lacks a language does not compile. Names in braces are filled in; nothing is ever evaluated twice.

mod copies;
pub mod dates;
mod desk;
mod find;
mod https;
mod letters;
mod people;
mod portal;
mod presence;
mod roles;
mod security;
mod system;

use crate::domain::values::Language;

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub Language);

/// Makes the methods of [`Words`]: `name: "pt-BR", "pt-PT", "en";` or `name(a: &str): …` where texts may say `{a}`.
macro_rules! words {
    ($($name:ident $(($($arg:ident: $of:ty),+))? : $br:literal, $pt:literal, $en:literal;)+) => {
        impl $crate::words::Words {
            $($crate::words::one!($name $(($($arg: $of),+))? : $br, $pt, $en);)+
        }
    };
}

macro_rules! one {
    ($name:ident: $br:literal, $pt:literal, $en:literal) => {
        #[doc = $br]
        pub fn $name(self) -> &'static str {
            match self.0 {
                $crate::domain::values::Language::PtBr => $br,
                $crate::domain::values::Language::PtPt => $pt,
                $crate::domain::values::Language::En => $en,
            }
        }
    };
    ($name:ident($($arg:ident: $of:ty),+): $br:literal, $pt:literal, $en:literal) => {
        #[doc = $br]
        pub fn $name(self, $($arg: $of),+) -> String {
            match self.0 {
                $crate::domain::values::Language::PtBr => format!($br),
                $crate::domain::values::Language::PtPt => format!($pt),
                $crate::domain::values::Language::En => format!($en),
            }
        }
    };
}

pub(crate) use {one, words};

impl Words {
    /// An amount in cents, in the currency of the agency's country: `R$ 775.000`, `775 000 €`. The currency is the
    /// agency's, whatever the reader's language.
    pub fn money(self, cents: u64, home: Language) -> String {
        let (whole, rest) = (cents / 100, cents % 100);
        let digits = whole.to_string();
        let gap = if home == Language::PtPt { '\u{a0}' } else { '.' };
        let mut grouped = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                grouped.push(gap);
            }
            grouped.push(digit);
        }
        if rest > 0 {
            grouped.push_str(&format!(",{rest:02}"));
        }
        if home == Language::PtPt { format!("{grouped}\u{a0}€") } else { format!("R$\u{a0}{grouped}") }
    }

    /// A size as people read it: `184 KB`, `2,4 MB`.
    pub fn size(self, bytes: u64) -> String {
        let point = if self.0 == Language::En { '.' } else { ',' };
        match bytes {
            0..1_000 => format!("{bytes} B"),
            1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
            _ => format!("{}{point}{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_sizes_are_written_as_people_write_them() {
        assert_eq!(Words(Language::PtPt).money(77_500_000, Language::PtBr), "R$\u{a0}775.000");
        assert_eq!(Words(Language::PtPt).money(77_500_050, Language::PtPt), "775\u{a0}000,50\u{a0}€");
        assert_eq!(Words(Language::PtBr).size(184_000), "184 KB");
        assert_eq!(Words(Language::PtBr).size(2_450_000), "2,4 MB");
        assert_eq!(Words(Language::En).size(12), "12 B");
    }
}
