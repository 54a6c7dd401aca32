//! Passwords: argon2id, here and nowhere else. Hashing takes some 50 ms and 19 MiB: never on a thread that serves.

use super::refusal::Why;
use super::values::fold;
use crate::store::Fault;
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use serde::{Deserialize, Serialize};

/// Characters a member of staff's password has at least (ASVS 6.2.1; the number is ours).
pub const STAFF_CHARS_MIN: usize = 12;
/// Characters a portal password has at least.
pub const PORTAL_CHARS_MIN: usize = 8;
/// Characters any password has at most.
pub const CHARS_MAX: usize = 200;

/// What is kept of a password: a PHC string of argon2id with m=19,456 KiB, t=2, p=1. It never shows itself in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hashed(String);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(…)")
    }
}

/// Whether a password may be chosen, given things it must not be (name, e-mail, agency).
pub fn check(password: &str, chars_min: usize, not: &[&str]) -> Result<(), Why> {
    let chars = password.chars().count();
    if chars == 0 {
        return Err(Why::Empty);
    }
    if chars < chars_min {
        return Err(Why::TooShort(chars_min));
    }
    if chars > CHARS_MAX {
        return Err(Why::TooLong(CHARS_MAX));
    }
    let folded = fold(password);
    let distinct = folded.chars().collect::<std::collections::BTreeSet<_>>().len();
    let known = ["123456", "senha", "password", "qwerty", "abcdef", "imobiliaria"];
    let letters: String = folded.chars().filter(|c| c.is_alphabetic()).collect();
    let too_common = distinct < 4
        || known.iter().any(|word| folded.replace(word, "").chars().count() + 3 < chars_min)
        || not.iter().map(|word| fold(word)).any(|word| word == folded || (!letters.is_empty() && word == letters));
    if too_common { Err(Why::TooCommon) } else { Ok(()) }
}

/// Hashes a password under a fresh salt. Blocks.
pub fn hash(password: &str) -> Result<Hashed, Fault> {
    let hashed: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(broken)?;
    Ok(Hashed(hashed.to_string()))
}

/// Hashes a password under the salt of another hash of the same person, so that several passwords of one person are
/// checked by one computation: how long a login takes does not tell how many there are. Blocks.
pub fn hash_beside(password: &str, other: &Hashed) -> Result<Hashed, Fault> {
    let parsed = PasswordHash::new(&other.0).map_err(broken)?;
    let salt = parsed.salt.ok_or_else(|| Fault::Encoding("a password without a salt".into()))?;
    let hashed = Argon2::default().hash_password_with_salt(password.as_bytes(), salt.as_ref()).map_err(broken)?;
    Ok(Hashed(hashed.to_string()))
}

/// Whether two hashes lie under the same salt, so that one computation checks both.
pub fn same_salt(a: &Hashed, b: &Hashed) -> bool {
    let salt = |hashed: &Hashed| {
        PasswordHash::new(&hashed.0).ok().and_then(|parsed| parsed.salt.map(|salt| salt.as_ref().to_vec()))
    };
    salt(a).is_some() && salt(a) == salt(b)
}

/// Whether this is the password. Blocks.
pub fn fits(password: &str, hashed: &Hashed) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hashed.0.as_str()).is_ok()
}

/// Takes as long as [`fits`]: for when there is no such account, so that nobody can tell. Blocks.
pub fn fits_nobody(password: &str) -> bool {
    let computed = Argon2::default().hash_password_with_salt(password.as_bytes(), b"nobody-nobody-no");
    // The hash is not compared with anything; looking at it keeps the work from being left out.
    computed.is_err() && password.is_empty()
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::Encoding(format!("password hash: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c43_only_an_argon2id_hash_is_kept_and_it_never_shows() {
        let hashed = hash("correto cavalo bateria").expect("hashes");
        assert!(hashed.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hashed.0);
        assert_eq!(format!("{hashed:?}"), "Hashed(…)");
        assert!(fits("correto cavalo bateria", &hashed));
        assert!(!fits("correto cavalo baterias", &hashed));
    }

    #[test]
    fn two_passwords_of_one_person_are_checked_by_one_computation() {
        let first = hash("Imo35avalextern95").expect("hashes");
        let second = hash_beside("outra-senha-boa", &first).expect("hashes");
        assert_ne!(first, second);
        assert_eq!(hash_beside("Imo35avalextern95", &second).expect("hashes"), first);
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        for (password, min, why) in [
            ("", 8, Why::Empty),
            ("curta", 8, Why::TooShort(8)),
            ("aaaaaaaaaaaa", 8, Why::TooCommon),
            ("senha1234567", 12, Why::TooCommon),
            ("Beatriz Lemos", 12, Why::TooCommon),
        ] {
            assert_eq!(check(password, min, &["Beatriz Lemos"]), Err(why), "{password}");
        }
        assert_eq!(check("Imo35avalextern95", 8, &[]), Ok(()));
        assert_eq!(check("maré alta às nove", 12, &[]), Ok(()));
    }
}
