//! Small values with rules of their own: addresses, phones, languages, folded text, amounts.

use super::refusal::Why;
use serde::{Deserialize, Serialize};

/// A language the product speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Default)]
pub enum Language {
    /// Brazilian Portuguese.
    #[default]
    #[serde(rename = "pt-BR")]
    PtBr,
    /// European Portuguese.
    #[serde(rename = "pt-PT")]
    PtPt,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::PtBr, Self::PtPt, Self::En];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::PtBr => "pt-BR",
            Self::PtPt => "pt-PT",
            Self::En => "en",
        }
    }

    /// The language of a tag.
    pub fn of(tag: &str) -> Result<Self, Why> {
        Self::ALL.into_iter().find(|language| language.tag() == tag).ok_or(Why::NotAChoice)
    }
}

/// Lower case without accents: "Antônio" and "antonio" are the same to somebody who searches.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).map(unaccented).collect()
}

fn unaccented(c: char) -> char {
    match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// An e-mail address as it is kept: trimmed and in lower case.
pub fn email(text: &str) -> Result<String, Why> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Err(Why::Empty);
    }
    let Some((local, domain)) = text.split_once('@') else { return Err(Why::NotAnEmail) };
    let local_fits = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let domain_fits = domain.contains('.') && domain.split('.').all(label_fits);
    if local_fits && domain_fits && text.len() <= 254 { Ok(text) } else { Err(Why::NotAnEmail) }
}

/// How an extension is announced, folded; the words of all languages hold in each.
const EXTENSION_WORDS: [&str; 8] = ["ramal", "rm", "r", "ext", "extensao", "extension", "x", "#"];
const EXTENSION_DIGITS_MAX: usize = 8;
/// With this many digits it was a phone that was meant, whatever else was written beside it.
const PHONE_DIGITS_MIN: usize = 8;

/// A phone number in international form (`+5562998774039`), with its extension as RFC 3966 writes it
/// (`+556237743039;ext=12`); a number without a country belongs to `home`.
pub fn phone(text: &str, home: Language) -> Result<String, Why> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Why::Empty);
    }
    let (text, extension) = split_extension(text)?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let foreign =
        text.starts_with('+').then(|| digits.clone()).or_else(|| digits.strip_prefix("00").map(str::to_owned));
    let whole = match foreign {
        Some(digits) => digits,
        None => {
            let national = digits.trim_start_matches('0');
            match (home, national.len()) {
                (Language::PtPt, 9) => format!("351{national}"),
                (Language::PtBr, 10 | 11) => format!("55{national}"),
                (Language::En, 10 | 11) => national.to_owned(),
                // Without its area code nobody knows which phone it is.
                _ => return Err(Why::NotAPhone),
            }
        }
    };
    if (8..=15).contains(&whole.len()) && !whole.starts_with('0') {
        Ok(extension.map_or_else(|| format!("+{whole}"), |extension| format!("+{whole};ext={extension}")))
    } else {
        Err(Why::NotAPhone)
    }
}

/// The number, and the digits of the extension behind it. Other words are no part of a phone.
fn split_extension(text: &str) -> Result<(&str, Option<String>), Why> {
    let dialled = |c: char| c.is_ascii_digit() || " +()-./\u{a0}".contains(c);
    let Some(at) = text.find(|c| !dialled(c)) else { return Ok((text, None)) };
    let (number, rest) = text.split_at(at);
    let rest = fold(rest.trim_start_matches(';'));
    let (word, digits) = rest.split_at(rest.find(|c: char| !c.is_alphabetic() && c != '#').unwrap_or(rest.len()));
    let digits = digits.trim_matches([' ', '.', ':', '=', '-', ')', '\u{a0}']);
    let fits = (1..=EXTENSION_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fits && EXTENSION_WORDS.contains(&word) {
        return Ok((number, Some(digits.to_owned())));
    }
    let a_phone = text.chars().filter(char::is_ascii_digit).count() >= PHONE_DIGITS_MIN;
    Err(if a_phone { Why::PhoneWords } else { Why::NotAPhone })
}

/// The digits of a kept phone, without its extension.
pub fn phone_digits(international: &str) -> &str {
    parts_of(international).0
}

fn parts_of(international: &str) -> (&str, Option<&str>) {
    let digits = international.trim_start_matches('+');
    digits.split_once(";ext=").map_or((digits, None), |(digits, extension)| (digits, Some(extension)))
}

/// Whether two kept phones may be one: the same number, and not two extensions of it.
pub fn same_phone(one: &str, other: &str) -> bool {
    let extensions = (parts_of(one).1, parts_of(other).1);
    phone_key(one) == phone_key(other) && !matches!(extensions, (Some(one), Some(other)) if one != other)
}

/// What two spellings of one phone have in common: Brazil's mobile numbers came to a ninth digit that many still leave out.
/// An extension does not count: behind one number the same house is reached.
pub fn phone_key(international: &str) -> String {
    let digits = phone_digits(international);
    match digits.strip_prefix("55") {
        Some(rest) if rest.len() >= 10 => format!("55{}{}", &rest[..2], &rest[rest.len() - 8..]),
        _ => digits.to_owned(),
    }
}

/// A phone as people at home write it: `(62) 99877-4039`, `0800 123 4567`, `912 345 678`, `(62) 3774-3039 ramal 12`;
/// foreign ones keep their country. What is shown can be typed again and means the same.
pub fn phone_shown(international: &str, home: Language) -> String {
    match parts_of(international) {
        (digits, Some(extension)) => {
            let word = if home == Language::PtBr { "ramal" } else { "ext." };
            format!("{} {word} {extension}", number_shown(digits, home))
        }
        (digits, None) => number_shown(digits, home),
    }
}

fn number_shown(digits: &str, home: Language) -> String {
    if let (Some(rest), Language::PtBr) = (digits.strip_prefix("55"), home)
        && (rest.len() == 10 || rest.len() == 11)
    {
        if rest.len() == 10 && ["300", "500", "800", "900"].contains(&&rest[..3]) {
            return format!("0{} {} {}", &rest[..3], &rest[3..6], &rest[6..]);
        }
        let (area, number) = rest.split_at(2);
        let (head, tail) = number.split_at(number.len() - 4);
        return format!("({area}) {head}-{tail}");
    }
    if let (Some(rest), Language::PtPt) = (digits.strip_prefix("351"), home)
        && rest.len() == 9
    {
        return format!("{} {} {}", &rest[..3], &rest[3..6], &rest[6..]);
    }
    format!("+{digits}")
}

/// The first letters of the first and the last name, for the round picture.
pub fn initials(name: &str) -> String {
    let words: Vec<&str> =
        name.split_whitespace().filter(|word| word.chars().next().is_some_and(char::is_alphabetic)).collect();
    let first = words.first().and_then(|word| word.chars().next());
    let last = if words.len() > 1 { words.last().and_then(|word| word.chars().next()) } else { None };
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x6_phones_are_normalised_and_need_no_zero() {
        for (typed, home, kept) in [
            ("62 3774 3039", Language::PtBr, "+556237743039"),
            ("(062) 3774-3039", Language::PtBr, "+556237743039"),
            ("+55 62 99877-4039", Language::PtBr, "+5562998774039"),
            ("967984020", Language::PtPt, "+351967984020"),
            ("00351 967 984 020", Language::PtBr, "+351967984020"),
            ("0800 123 4567", Language::PtBr, "+558001234567"),
        ] {
            assert_eq!(phone(typed, home).as_deref(), Ok(kept), "{typed}");
        }
        for wrong in ["12", "3774-3039", "abc", "+1 (555) liga", "99999999999999999"] {
            assert_eq!(phone(wrong, Language::PtBr), Err(Why::NotAPhone), "{wrong}");
        }
    }

    #[test]
    fn the_ninth_digit_does_not_make_another_phone() {
        assert_eq!(phone_key("+5562998774039"), phone_key("+556298774039"));
        assert_ne!(phone_key("+5562998774039"), phone_key("+5561998774039"));
        assert_eq!(phone_shown("+5562998774039", Language::PtBr), "(62) 99877-4039");
        assert_eq!(phone_shown("+556237743039", Language::PtBr), "(62) 3774-3039");
        assert_eq!(phone_shown("+558001234567", Language::PtBr), "0800 123 4567");
        assert_eq!(phone_shown("+351912345678", Language::PtPt), "912 345 678");
        for home in Language::ALL {
            for kept in ["+5562998774039", "+556237743039", "+558001234567", "+351912345678", "+14155550132"] {
                assert_eq!(phone(&phone_shown(kept, home), home).as_deref(), Ok(kept), "{home:?}");
            }
        }
    }

    #[test]
    fn x6_an_extension_is_kept_and_shown_and_other_words_are_no_phone() {
        for typed in [
            "(11) 3333-4444 ramal 12",
            "(11) 3333-4444 - Ramal: 12",
            "(11) 3333-4444 (ramal 12)",
            "11 3333 4444 r. 12",
            "11 3333 4444 R12",
            "1133334444x12",
            "+55 11 3333-4444 ext. 12",
            "+55 11 3333-4444 extensão 12",
            "+551133334444;ext=12",
            "11 3333-4444 #12",
        ] {
            assert_eq!(phone(typed, Language::PtBr).as_deref(), Ok("+551133334444;ext=12"), "{typed}");
        }
        for wrong in [
            "(11) 3333-4444 falar com Ana",
            "WhatsApp 11 98888 7777",
            "11 98888 7777 (só à noite)",
            "(11) 3333-4444 ramal",
            "(11) 3333-4444 ramal 12 ou 13",
            "(11) 3333-4444 ramal 123456789",
            "(11) 3333-4444 ramalx 12",
            "(11) 3333-4444 ra 12",
        ] {
            assert_eq!(phone(wrong, Language::PtBr), Err(Why::PhoneWords), "{wrong}");
        }
        for wrong in ["ramal 12", "3333-4444 ramal 12", "x12", "#", ";"] {
            assert_eq!(phone(wrong, Language::PtBr), Err(Why::NotAPhone), "{wrong}");
        }
        let kept = "+551133334444;ext=12";
        assert_eq!(phone_shown(kept, Language::PtBr), "(11) 3333-4444 ramal 12");
        assert_eq!(phone_shown("+351912345678;ext=7", Language::PtPt), "912 345 678 ext. 7");
        assert_eq!(phone_shown(kept, Language::En), "+551133334444 ext. 12");
        for home in Language::ALL {
            assert_eq!(phone(&phone_shown(kept, home), home).as_deref(), Ok(kept), "{home:?}");
        }
        assert_eq!(phone_key(kept), phone_key("+551133334444"), "both ring in one house");
        assert_eq!(phone_digits(kept), "551133334444");
        assert!(same_phone(kept, "+551133334444") && !same_phone(kept, "+551133334444;ext=13"));
    }

    #[test]
    fn addresses_are_checked_before_anything_is_sent_to_them() {
        assert_eq!(email(" Marta.Pedro@Exemplo.com.BR ").as_deref(), Ok("marta.pedro@exemplo.com.br"));
        for wrong in [
            "marta",
            "@b.c",
            "a@b",
            "a b@c.d",
            "a@b..c",
            "a\r\nb@c.d",
            "a@b.c\nBcc: x@y.z",
            "a@-b.c",
            ".a@b.c",
            "<a@b.c>",
            "\"a\"@b.c",
        ] {
            assert_eq!(email(wrong), Err(Why::NotAnEmail), "{wrong:?}");
        }
        assert_eq!(email("  "), Err(Why::Empty));
    }

    #[test]
    fn names_fold_and_shorten() {
        assert_eq!(fold("Antônio CONCEIÇÃO Ünal"), "antonio conceicao unal");
        assert_eq!(initials("Antônio de Moura"), "AM");
        assert_eq!(initials("ana"), "A");
        assert_eq!(initials("  ?? "), "");
    }
}
