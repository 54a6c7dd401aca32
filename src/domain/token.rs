//! Random tokens for what outsiders hold, and the hashes under which they are kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A fresh secret of 256 random bits, as 43 URL-safe characters.
pub fn secret() -> String {
    random::<32>()
}

/// A fresh name of 128 random bits, as 22 URL-safe characters: not to be guessed, but no password.
pub fn name() -> String {
    random::<16>()
}

/// A fresh secret of 125 random bits, to be typed from paper: five groups of five signs that nobody confuses.
pub fn to_type() -> String {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 25];
    // As in [`random`].
    getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
    let signs: Vec<char> = bytes.iter().map(|byte| char::from(SIGNS[usize::from(byte & 31)])).collect();
    signs.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}

fn random<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<N>())
}

/// Random bytes.
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The kernel's random source cannot fail once the machine is up; without it nothing here would be safe.
    getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
    bytes
}

/// What is kept of a secret.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares without telling by the time taken where two texts differ.
pub fn same(a: &str, b: &str) -> bool {
    hash(a) == hash(b)
}
