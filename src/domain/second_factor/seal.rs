//! A seal for what must be read again, and by nobody who only has the database: ChaCha20-Poly1305 (RFC 8439) under a key
//! that lies outside it.

use crate::domain::token;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

const KEY_BYTES: usize = 32;

/// The key.
pub struct Seal(LessSafeKey);

impl Seal {
    /// Bytes for a fresh key.
    pub fn key() -> [u8; KEY_BYTES] {
        token::bytes()
    }

    /// By a key that was kept; nothing for what is none.
    pub fn of(key: &[u8]) -> Option<Self> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Seals something. It opens only as being about the same.
    pub fn close(&self, about: &str, plain: &[u8]) -> Vec<u8> {
        // A random nonce may not come twice under one key: at a hundred bits short of it, it does not.
        let nonce: [u8; NONCE_LEN] = token::bytes();
        let mut sealed = plain.to_vec();
        match self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut sealed) {
            Ok(()) => [&nonce[..], &sealed].concat(),
            // Only for gigabytes: what is not sealed must not be kept.
            Err(_) => Vec::new(),
        }
    }

    /// Opens it; nothing for what was not sealed by this key, as being about this.
    pub fn open(&self, about: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut bytes = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        Some(self.0.open_in_place(nonce, Aad::from(about), &mut bytes).ok()?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_by_its_key_as_what_it_is_and_not_after_a_change() {
        let (key, other) = (Seal::key(), Seal::key());
        let (seal, other) = (Seal::of(&key).unwrap(), Seal::of(&other).unwrap());
        let sealed = seal.close("user 1", b"semente");
        assert_ne!(sealed, seal.close("user 1", b"semente"), "never twice the same");
        assert_eq!(seal.open("user 1", &sealed).as_deref(), Some(&b"semente"[..]));
        assert_eq!(seal.open("user 2", &sealed), None, "nobody else's");
        assert_eq!(other.open("user 1", &sealed), None);
        for n in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[n] ^= 1;
            assert_eq!(seal.open("user 1", &changed), None, "{n}");
            assert_eq!(seal.open("user 1", &sealed[..n]), None, "{n}");
        }
        assert!(Seal::of(b"short").is_none());
    }
}
