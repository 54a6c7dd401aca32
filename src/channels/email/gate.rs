//! The one gate: every string of ours or of a stranger passes here before it reaches a mail.
//!
//! The mail crates write addresses, message ids and reply ids as they come; a CR LF in one of them is a new header
//! or a new SMTP command. So nothing passes that is not a plain address, a plain id, or cleaned text.

use std::borrow::Cow;

/// RFC 5321 4.5.3.1.3: a path is at most 256 octets with its angle brackets.
const ADDRESS_BYTES_MAX: usize = 254;
/// RFC 5321 4.5.3.1.1.
const LOCAL_PART_BYTES_MAX: usize = 64;
/// RFC 1035 2.3.4.
const LABEL_BYTES_MAX: usize = 63;
/// Keeps `Message-ID: <…>` well under the 998 octets of a line (RFC 5322 2.1.1).
const MESSAGE_ID_BYTES_MAX: usize = 250;
/// A subject or a name longer than this helps nobody.
const HEADER_CHARS_MAX: usize = 300;
/// What we keep of a server's reply.
const REPLY_CHARS_MAX: usize = 500;

/// Why an address or an id does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Letters beyond ASCII: would need SMTPUTF8 on the whole way, which few servers offer.
    NotAscii,
    /// Anything else that is not the expected shape.
    Malformed,
}

/// Lets `local@domain` pass: ASCII, one `@`, a dot-atom before it (RFC 5322 3.2.3, no quoted form), a domain of at
/// least two labels after it, 254 bytes in all. Gives the same string back, so that a caller cannot forget to ask.
///
/// # Errors
/// The [`Flaw`] found first.
pub fn address(given: &str) -> Result<&str, Flaw> {
    if given.chars().any(|c| !c.is_ascii() && !is_breaking(c)) {
        return Err(Flaw::NotAscii);
    }
    let (local, domain) = given.split_once('@').ok_or(Flaw::Malformed)?;
    let fits = given.len() <= ADDRESS_BYTES_MAX && local.len() <= LOCAL_PART_BYTES_MAX;
    let named = domain.contains('.') && is_domain(domain);
    if fits && is_dot_atom(local) && named { Ok(given) } else { Err(Flaw::Malformed) }
}

/// Lets `left@right` pass as a Message-ID, given without its angle brackets: both sides dot-atoms, 250 bytes in all.
///
/// # Errors
/// The [`Flaw`] found first.
pub fn message_id(given: &str) -> Result<&str, Flaw> {
    let (left, right) = given.split_once('@').ok_or(Flaw::Malformed)?;
    if given.len() <= MESSAGE_ID_BYTES_MAX && is_dot_atom(left) && is_dot_atom(right) {
        Ok(given)
    } else {
        Err(Flaw::Malformed)
    }
}

/// A subject or a person's name on one line: whatever breaks or hides a line becomes a space, runs of space become
/// one, 300 characters at most. `=?` is parted, or a reader's mail program would decode what was typed.
pub fn header_text(given: &str) -> String {
    on_one_line(given, HEADER_CHARS_MAX).replace("=?", "= ?")
}

/// A body with CR LF line ends and no control characters but the tab; every other character stays as it is.
/// A lone CR would be a line end to some servers and not to others, which is how a second mail is smuggled in.
pub fn body(given: &str) -> String {
    given
        .replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .fold(String::with_capacity(given.len() + 64), |mut out, c| {
            out.push_str(if c == '\n' { "\r\n" } else { "" });
            if c != '\n' {
                out.push(c);
            }
            out
        })
}

/// A server's reply as we may keep and show it: one line, 500 characters at most, and each of `secrets` struck out
/// (some servers repeat the line they did not understand, and with it the password).
pub fn reply_words(given: &str, secrets: &[String]) -> String {
    let struck = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(Cow::Borrowed(given), |words, secret| Cow::Owned(words.replace(secret.as_str(), "***")));
    on_one_line(&struck, REPLY_CHARS_MAX)
}

fn on_one_line(given: &str, chars_max: usize) -> String {
    let spaced: String = given.chars().map(|c| if is_breaking(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(chars_max).collect();
    line.trim_end().to_owned()
}

/// Control characters, and the two separators that Unicode calls line ends.
fn is_breaking(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_dot_atom(text: &str) -> bool {
    let is_atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_pass() {
        let longest = format!("a@{}.{}.{}.br", "b".repeat(63), "c".repeat(63), "d".repeat(63));
        for good in [
            "maria@cliente.test",
            "maria+r.abc123@cliente.test",
            "o'brien_x=1@a-b.com.br",
            "1@2.xn--p1ai",
            longest.as_str(),
        ] {
            assert_eq!(address(good), Ok(good));
        }
    }

    #[test]
    fn addresses_that_do_not_pass() {
        for bad in [
            "",
            "@",
            "maria",
            "maria@",
            "@cliente.test",
            "maria@cliente",
            "maria@@cliente.test",
            "maria@a@cliente.test",
            "maria@cliente..test",
            "maria@.test",
            "maria@cliente.test.",
            "maria@-cliente.test",
            "maria@cliente-.test",
            "maria@[127.0.0.1]",
            "maria@cli_ente.test",
            ".maria@cliente.test",
            "maria.@cliente.test",
            "ma..ria@cliente.test",
            "ma ria@cliente.test",
            " maria@cliente.test",
            "maria@cliente.test ",
            "<maria@cliente.test>",
            "Maria <maria@cliente.test>",
            "maria@cliente.test,joao@cliente.test",
            "maria@cliente.test;joao@cliente.test",
            "maria@cliente.test\r\nRCPT TO:<joao@cliente.test>",
            "maria@cliente.test>\r\nRCPT TO:<joao@cliente.test",
            "\"a\r\nRCPT TO:<joao@cliente.test>\"@cliente.test",
            "\"maria\"@cliente.test",
            "maria\r@cliente.test",
            "maria\n@cliente.test",
            "maria\0@cliente.test",
            "maria\t@cliente.test",
            "maria\u{85}@cliente.test",
            "maria\u{2028}@cliente.test",
            "maria\u{2029}@cliente.test",
            "=?utf-8?Q?=0D=0A?=@cliente.test\r\n",
            "maria(comment)@cliente.test",
        ] {
            assert_eq!(address(bad), Err(Flaw::Malformed), "{bad:?}");
        }
        for bad in ["joão@cliente.test", "joao@imóvel.test", "jo\u{200b}ao@a.test"] {
            assert_eq!(address(bad), Err(Flaw::NotAscii), "{bad:?}");
        }
    }

    #[test]
    fn addresses_have_an_end() {
        let local = |n: usize| format!("{}@cliente.test", "a".repeat(n));
        assert!(address(&local(64)).is_ok());
        assert!(address(&local(65)).is_err());
        let label = |n: usize| format!("a@{}.test", "b".repeat(n));
        assert!(address(&label(63)).is_ok());
        assert!(address(&label(64)).is_err());
        let whole = |n: usize| {
            let domain = format!("{0}.{0}.{0}.", "b".repeat(61));
            format!("{}@{domain}{}", "a".repeat(60), "c".repeat(n - 61 - domain.len()))
        };
        assert_eq!(whole(254).len(), 254);
        assert!(address(&whole(254)).is_ok());
        assert!(address(&whole(255)).is_err());
    }

    #[test]
    fn message_ids() {
        for good in ["m.abc-1@imob.test", "1@localhost", "a+b=c@x.y.z"] {
            assert_eq!(message_id(good), Ok(good));
        }
        for bad in [
            "",
            "m",
            "@imob.test",
            "m@",
            "<m@imob.test>",
            "m@imob.test>\r\nBcc: <x@y.test",
            "m@imob.test\r\n",
            "m\n@imob.test",
            "m\r@imob.test",
            "m\0@imob.test",
            "m@imob\u{2028}.test",
            "m@a@imob.test",
            "m m@imob.test",
            "é@imob.test",
        ] {
            assert_eq!(message_id(bad), Err(Flaw::Malformed), "{bad:?}");
        }
        let long = |n: usize| format!("{}@i.test", "m".repeat(n - 7));
        assert!(message_id(&long(250)).is_ok());
        assert!(message_id(&long(251)).is_err());
    }

    #[test]
    fn header_text_is_one_line() {
        for (given, wanted) in [
            ("Visita às 15h — Rua São João", "Visita às 15h — Rua São João"),
            ("Oi\r\nBcc: x@y.test", "Oi Bcc: x@y.test"),
            ("Oi\nBcc: x", "Oi Bcc: x"),
            ("Oi\rBcc: x", "Oi Bcc: x"),
            ("Oi\0\u{1b}[31m\u{7f}x", "Oi [31m x"),
            ("Oi\u{85}a\u{2028}b\u{2029}c", "Oi a b c"),
            ("  \t a \t b  ", "a b"),
            ("=?utf-8?Q?=0D=0ABcc:x?=", "= ?utf-8?Q?=0D=0ABcc:x?="),
            ("\r\n", ""),
        ] {
            assert_eq!(header_text(given), wanted, "{given:?}");
        }
        assert_eq!(header_text(&"ã".repeat(301)).chars().count(), 300);
    }

    #[test]
    fn bodies_keep_their_text_and_lose_their_tricks() {
        for (given, wanted) in [
            ("Olá\nvocê", "Olá\r\nvocê"),
            ("a\r\nb", "a\r\nb"),
            ("a\rb", "a\r\nb"),
            ("a\r.\rMAIL FROM:<x>", "a\r\n.\r\nMAIL FROM:<x>"),
            ("a\r\r\nb", "a\r\n\r\nb"),
            ("a\0b\u{1b}c\u{7f}d\u{85}e", "abcde"),
            ("a\tb  ", "a\tb  "),
            ("", ""),
        ] {
            assert_eq!(body(given), wanted, "{given:?}");
        }
    }

    #[test]
    fn replies_are_short_and_keep_no_secret() {
        assert_eq!(reply_words("550 5.1.1 no\nsuch\r\n user\u{1b}[2J", &[]), "550 5.1.1 no such user [2J");
        assert_eq!(reply_words(&"x".repeat(501), &[]).len(), 500);
        let secrets = ["segredo".to_owned(), String::new()];
        assert_eq!(reply_words("500 what is segredo?", &secrets), "500 what is ***?");
    }
}
