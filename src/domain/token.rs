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

fn random<const N: usize>() -> String {
    let mut bytes = [0; N];
    // The kernel's random source cannot fail once the machine is up; without it nothing here would be safe.
    getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a secret.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares without telling by the time taken where two texts differ.
pub fn same(a: &str, b: &str) -> bool {
    hash(a) == hash(b)
}
