//! Codes that change every half minute (RFC 6238 over RFC 4226): what authenticator apps show.
//!
//! SHA-1, six digits and thirty seconds are what every such app understands; the construction does not rest on SHA-1's
//! resistance to collisions.

use crate::domain::token;
use ring::hmac;

/// How long a code is shown, in milliseconds.
const STEP_MS: i64 = 30_000;
const DIGITS: u32 = 6;
/// RFC 4226, 4: 160 bits.
const SEED_BYTES: usize = 20;
/// RFC 4648, 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What app and house share.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; SEED_BYTES]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is the code of this step, and of none that was used before.
    Right(u64),
    /// It, or a later one, was used before.
    Used,
    /// It is the code of now, but later ones were used: the machine's clock went back.
    ClockBack,
    /// It is none.
    Wrong,
}

impl Seed {
    /// A fresh one.
    pub fn random() -> Self {
        Self(token::bytes())
    }

    /// One that was kept; nothing for what is none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// As it is kept, sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As somebody types it who cannot scan: groups of four.
    pub fn text(&self) -> String {
        let signs = self.base32();
        let groups: Vec<&str> = (0..signs.len()).step_by(4).filter_map(|at| signs.get(at..at + 4)).collect();
        groups.join(" ")
    }

    /// As apps scan it.
    pub fn link(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent(issuer), percent(account));
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period=30"
        )
    }

    /// Looks at what somebody typed, at this moment (milliseconds since 1970 by the machine's clock), where `last` is
    /// the last step of which a code was used. A code of the step before or after is taken too: clocks differ.
    pub fn check(&self, typed: &str, now: i64, last: u64) -> Checked {
        let present = u64::try_from(now.div_euclid(STEP_MS)).unwrap_or(0);
        let mut checked = Checked::Wrong;
        // All are compared, and each through a hash: how long it takes tells nothing.
        for step in [present.saturating_sub(1), present, present + 1] {
            if token::same(&self.code(step), typed) {
                checked = match step > last {
                    true => Checked::Right(step),
                    false if last > present + 1 => Checked::ClockBack,
                    false => Checked::Used,
                };
            }
        }
        checked
    }

    /// The code of a step (RFC 4226, 5.3).
    pub fn code(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().copied().unwrap_or(0) & 0xf);
        let word = tag.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes);
        format!("{:06}", (word & 0x7fff_ffff) % 10_u32.pow(DIGITS))
    }

    fn base32(&self) -> String {
        // Twenty bytes are four times five, and five bytes are eight signs.
        let mut signs = String::new();
        for five in self.0.chunks(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            signs.extend((0..8).rev().map(|n| char::from(BASE32[(bits >> (5 * n)) as usize & 31])));
        }
        signs
    }
}

/// As a URI's path and query take any text (RFC 3986, 2.1).
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> Seed {
        Seed(*b"12345678901234567890")
    }

    /// RFC 6238, appendix B, of which the last six of eight digits; RFC 4226, appendix D.
    #[test]
    fn r7_codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59_i64, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().code(seconds as u64 / 30), code, "{seconds}");
            assert_eq!(rfc().check(code, seconds * 1_000, 0), Checked::Right(seconds as u64 / 30), "{seconds}");
        }
        let counted =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, code) in (0..).zip(counted) {
            assert_eq!(rfc().code(step), code);
        }
    }

    #[test]
    fn c42_a_code_is_good_for_a_step_before_and_after_and_once() {
        let now = 1_111_111_111_000;
        let step = 1_111_111_111 / 30;
        for (what, of, last, expected) in [
            ("now", step, 0, Checked::Right(step)),
            ("a slow phone", step - 1, 0, Checked::Right(step - 1)),
            ("a fast phone", step + 1, 0, Checked::Right(step + 1)),
            ("too slow", step - 2, 0, Checked::Wrong),
            ("too fast", step + 2, 0, Checked::Wrong),
            ("once more", step, step, Checked::Used),
            ("one that was passed over", step - 1, step, Checked::Used),
            ("the next", step + 1, step, Checked::Right(step + 1)),
            ("the clock went back", step, step + 2, Checked::ClockBack),
            ("of tomorrow, before and now", step + 2_880, step, Checked::Wrong),
        ] {
            assert_eq!(rfc().check(&rfc().code(of), now, last), expected, "{what}");
        }
        for odd in ["", "05047", "0504711", "O50471", "050471 ", "-50471", "٠٥٠٤٧١"] {
            assert_eq!(rfc().check(odd, now, 0), Checked::Wrong, "{odd}");
        }
        for moment in [i64::MIN, -1, 0, i64::MAX] {
            assert_eq!(rfc().check("abcdef", moment, 0), Checked::Wrong, "{moment}");
        }
    }

    #[test]
    fn r7_the_key_is_written_as_apps_read_it() {
        assert_eq!(rfc().text(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(
            rfc().link("Imobiliária Aurora & Cia", "carla@aurora.example"),
            "otpauth://totp/Imobili%C3%A1ria%20Aurora%20%26%20Cia:carla%40aurora.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Imobili%C3%A1ria%20Aurora%20%26%20Cia&algorithm=SHA1&digits=6&period=30"
        );
        assert_ne!(Seed::random(), Seed::random());
        assert_eq!(Seed::of(Seed::random().bytes().get(1..).unwrap()), None);
        assert_eq!(format!("{:?}", rfc()), "Seed(…)");
    }
}
