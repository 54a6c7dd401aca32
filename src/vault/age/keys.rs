//! The keys of age: public ones (`age1…`), for which a file is sealed, and private ones (`AGE-SECRET-KEY-1…`), which open
//! it. They are X25519 keys in Bech32.

use super::header::Stanza;
use super::{BASE64, FileKey, INTRO, changed, cipher, derive, random, unwrapped, wrapped};
use base64::Engine;
use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::primitives::hrp::Hrp;
use ring::aead::LessSafeKey;
use std::fmt;
use std::io;
use std::str::FromStr;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

const PUBLIC: Hrp = Hrp::parse_unchecked("age");
const PRIVATE: Hrp = Hrp::parse_unchecked("age-secret-key-");
const INFO: &[u8] = b"age-encryption.org/v1/X25519";

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// Anything else.
    #[error("that is not a public age key: one begins with age1")]
    NotPublic,
    /// The half that nobody else may see stands where the other belongs.
    #[error("that is a private key: give the public one, which begins with age1 (age-keygen -y shows it)")]
    Private,
    /// A file of keys without any.
    #[error("it holds no private age key: one begins with AGE-SECRET-KEY-1, on a line of its own")]
    NoneHere,
    /// A file of keys that a passphrase guards.
    #[error("it is encrypted itself: decrypt it first, with the age tool")]
    Encrypted,
}

/// A public key: whoever has its private one opens what is sealed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

/// A private key.
pub struct Identity {
    secret: [u8; 32],
    public: [u8; 32],
}

/// The 32 bytes of a key whose text begins with this name.
fn decode(text: &str, name: Hrp) -> Option<[u8; 32]> {
    let checked = CheckedHrpstring::new::<Bech32>(text).ok().filter(|checked| checked.hrp() == name)?;
    let mut bytes = checked.byte_iter();
    let mut key = [0; 32];
    key.iter_mut().try_for_each(|byte| bytes.next().map(|next| *byte = next))?;
    bytes.next().is_none().then_some(key)
}

impl FromStr for Recipient {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        if is_private(text) {
            return Err(NoKey::Private);
        }
        let point = decode(text, PUBLIC).ok_or(NoKey::NotPublic)?;
        // Points of low order give everybody the same secret.
        if x25519([1; 32], point) == [0; 32] { Err(NoKey::NotPublic) } else { Ok(Self(point)) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_to_fmt::<Bech32, _>(f, PUBLIC, &self.0).map_err(|_| fmt::Error)
    }
}

/// Whether a private key stands somewhere in this text: what shows it again must not.
pub fn is_private(text: &str) -> bool {
    text.to_ascii_uppercase().contains("AGE-SECRET-KEY-")
}

impl Recipient {
    /// Wraps a file's key for this recipient.
    ///
    /// # Errors
    /// A system without random numbers.
    pub(super) fn wrap(&self, file_key: &FileKey) -> io::Result<Stanza> {
        let secret = random()?;
        let share = x25519(secret, X25519_BASEPOINT_BYTES);
        let key = wrapping_key(x25519(secret, self.0), share, self.0)?;
        Ok(Stanza::new(&["X25519", &BASE64.encode(share)], wrapped(file_key, &key)?))
    }
}

impl Identity {
    /// Reads a file of private keys as `age-keygen` writes it: one a line, among comments and empty lines.
    ///
    /// # Errors
    /// Why there is none in it.
    pub fn read_all(text: &str) -> Result<Vec<Self>, NoKey> {
        if text.starts_with(INTRO) || text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") {
            return Err(NoKey::Encrypted);
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let all: Option<Vec<Self>> = lines.map(|line| decode(line, PRIVATE).map(Self::new)).collect();
        all.filter(|all| !all.is_empty()).ok_or(NoKey::NoneHere)
    }

    fn new(secret: [u8; 32]) -> Self {
        Self { secret, public: x25519(secret, X25519_BASEPOINT_BYTES) }
    }

    /// Unwraps a file's key, if it was wrapped for this identity.
    ///
    /// # Errors
    /// `InvalidData` where the share is one that nobody makes.
    pub(super) fn unwrap(&self, share: [u8; 32], body: [u8; 32]) -> io::Result<Option<FileKey>> {
        let shared = x25519(self.secret, share);
        if shared == [0; 32] {
            return Err(changed());
        }
        Ok(unwrapped(body, &wrapping_key(shared, share, self.public)?))
    }
}

fn wrapping_key(shared: [u8; 32], share: [u8; 32], public: [u8; 32]) -> io::Result<LessSafeKey> {
    cipher(&derive(&shared, &[share, public].concat(), INFO)?)
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A public key, and the private one to it.
    pub fn pair(secret: [u8; 32]) -> (Recipient, Vec<Identity>) {
        let identity = Identity::new(secret);
        (Recipient(identity.public), vec![identity])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair of the format's own description: the private key is 32 times 0x42.
    const PAIR: (&str, &str) = (
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    );

    #[test]
    fn a_pair_of_the_formats_description_is_one() {
        let [identity] = &Identity::read_all(PAIR.0).unwrap()[..] else { panic!("one") };
        let recipient: Recipient = PAIR.1.parse().unwrap();
        assert_eq!((identity.secret, identity.public), ([0x42; 32], recipient.0));
        assert_eq!(recipient.to_string(), PAIR.1);
    }

    #[test]
    fn what_is_no_public_key_is_none_and_a_private_one_is_known_as_such() {
        let cut = &PAIR.1[..PAIR.1.len() - 1];
        let changed = PAIR.1.replace("zvk", "zvq");
        let plugin = "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t";
        let zero = Recipient([0; 32]).to_string();
        let mut long = String::new();
        bech32::encode_to_fmt::<Bech32, _>(&mut long, PUBLIC, &[7; 33]).unwrap();
        for odd in ["", "age1", "age", cut, &changed, plugin, "ssh-ed25519 AAAA", "idade", "é", &zero, &long] {
            assert_eq!(odd.parse::<Recipient>(), Err(NoKey::NotPublic), "{odd}");
        }
        for private in [PAIR.0, &PAIR.0.to_lowercase(), &format!("x {}", PAIR.0), "AGE-SECRET-KEY-PQ-1ABC"] {
            assert_eq!(private.parse::<Recipient>(), Err(NoKey::Private));
        }
    }

    #[test]
    fn a_file_of_keys_is_read_among_its_comments_or_not_at_all() {
        let file = format!("# created: 2026-11-22\r\n# public key: {}\r\n\r\n{}\r\n  {}", PAIR.1, PAIR.0, PAIR.0);
        assert_eq!(Identity::read_all(&file).unwrap().len(), 2);
        for (odd, why) in [
            ("", NoKey::NoneHere),
            ("# nothing\n", NoKey::NoneHere),
            (PAIR.1, NoKey::NoneHere),
            (&PAIR.0[..70], NoKey::NoneHere),
            (&format!("{}\n-----BEGIN OPENSSH PRIVATE KEY-----", PAIR.0), NoKey::NoneHere),
            ("age-encryption.org/v1\n-> scrypt", NoKey::Encrypted),
            ("-----BEGIN AGE ENCRYPTED FILE-----\n", NoKey::Encrypted),
        ] {
            assert_eq!(Identity::read_all(odd).err(), Some(why), "{odd}");
        }
    }
}
