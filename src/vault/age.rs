//! Archives under a passphrase, as age files: <https://age-encryption.org/v1>. The `age` and `rage` tools open them too.
//!
//! Only the scrypt recipient is spoken, with the primitives of ring.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use std::io::{self, BufRead, Read, Write};

const INTRO: &str = "age-encryption.org/v1";
/// 2^17 rounds of 1 KiB: 128 MiB and a third of a second for each guess.
const WORK: u8 = 17;
/// What somebody else's file may ask of this machine: 1 GiB.
const WORK_MAX: u8 = 20;
const CHUNK: usize = 64 << 10;
const TAG: usize = 16;

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn failed(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

fn wrong() -> io::Error {
    odd("the passphrase is wrong")
}

fn changed() -> io::Error {
    odd("this is not a whole backup: its encrypted content was cut or changed")
}

struct Bytes32;

impl hkdf::KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

fn derive(file_key: &[u8], salt: &[u8], info: &[u8]) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(file_key);
    let filled = secret.expand(&[info], Bytes32).and_then(|okm| okm.fill(&mut key));
    filled.map_err(failed)?;
    Ok(key)
}

fn cipher(key: &[u8; 32]) -> io::Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(failed)?))
}

fn wrapping_key(passphrase: &str, salt: &[u8], work: u8) -> io::Result<LessSafeKey> {
    let salt = [format!("{INTRO}/scrypt").as_bytes(), salt].concat();
    let params = scrypt::Params::new(work, 8, 1, 32).map_err(failed)?;
    let mut key = [0; 32];
    scrypt::scrypt(passphrase.as_bytes(), &salt, &params, &mut key).map_err(failed)?;
    cipher(&key)
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// The number of a chunk, and whether it is the last.
fn nonce(chunk: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&chunk.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}

/// Encrypts what is written into it; only [`Sealing::finish`] makes it whole.
pub struct Sealing<W> {
    out: W,
    cipher: LessSafeKey,
    chunk: u64,
    waiting: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    /// Begins an age file under a passphrase. Takes a third of a second and 128 MiB while it lasts.
    ///
    /// # Errors
    /// Whatever `out` says.
    pub fn new(mut out: W, passphrase: &str) -> io::Result<Self> {
        let (file_key, salt, start) = (random::<16>()?, random::<16>()?, random::<16>()?);
        let mut body = file_key.to_vec();
        wrapping_key(passphrase, &salt, WORK)?
            .seal_in_place_append_tag(nonce(0, false), Aad::empty(), &mut body)
            .map_err(failed)?;
        let head = format!("{INTRO}\n-> scrypt {} {WORK}\n{}\n---", BASE64.encode(salt), BASE64.encode(body));
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &derive(&file_key, &[], b"header")?), head.as_bytes());
        writeln!(out, "{head} {}", BASE64.encode(mac))?;
        out.write_all(&start)?;
        let cipher = cipher(&derive(&file_key, &start, b"payload")?)?;
        Ok(Self { out, cipher, chunk: 0, waiting: Vec::with_capacity(CHUNK + TAG) })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.cipher.seal_in_place_append_tag(nonce(self.chunk, last), Aad::empty(), &mut self.waiting);
        sealed.map_err(failed)?;
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        self.chunk += 1;
        Ok(())
    }

    /// Writes the last chunk, by which a reader knows that nothing is missing.
    ///
    /// # Errors
    /// Whatever the writer below says.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: it may be the last.
        if self.waiting.len() == CHUNK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether a file begins as an age file does; nothing is taken from `input`.
///
/// # Errors
/// Whatever `input` says.
pub fn is_sealed(input: &mut impl BufRead) -> io::Result<bool> {
    Ok(input.fill_buf()?.starts_with(INTRO.as_bytes()))
}

/// Decrypts as it is read; nothing is given out that was not seen to be authentic.
pub struct Opening<R> {
    input: R,
    cipher: LessSafeKey,
    chunk: u64,
    open: Vec<u8>,
    given: usize,
    over: bool,
}

impl<R: BufRead> Opening<R> {
    /// Opens an age file with its passphrase.
    ///
    /// # Errors
    /// `InvalidData` where the passphrase is wrong or the file is sealed in another way.
    pub fn new(mut input: R, passphrase: &str) -> io::Result<Self> {
        let mut lines = Vec::new();
        for _ in 0..4 {
            let mut line = Vec::new();
            input.by_ref().take(200).read_until(b'\n', &mut line)?;
            lines.push(String::from_utf8(line).map_err(|_| changed())?);
        }
        let [_, stanza, body, end] = lines.as_slice() else { return Err(changed()) };
        let stanza: Vec<&str> = stanza.trim_end().split(' ').collect();
        let ["->", "scrypt", salt, work] = stanza.as_slice() else {
            return Err(odd("this backup is encrypted, but not with a passphrase: decrypt it with the age tool first"));
        };
        let work: u8 = work.parse().ok().filter(|work| (1..=WORK_MAX).contains(work)).ok_or_else(changed)?;
        let salt = BASE64.decode(salt).ok().filter(|salt| salt.len() == 16).ok_or_else(changed)?;
        let mut wrapped = BASE64.decode(body.trim_end()).ok().filter(|body| body.len() == 32).ok_or_else(changed)?;
        let file_key = wrapping_key(passphrase, &salt, work)?
            .open_in_place(nonce(0, false), Aad::empty(), &mut wrapped)
            .map_err(|_| wrong())?;
        let mac = end.trim_end().strip_prefix("--- ").and_then(|mac| BASE64.decode(mac).ok()).ok_or_else(changed)?;
        let head = [&lines[0], &lines[1], &lines[2], "---"].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &derive(file_key, &[], b"header")?);
        hmac::verify(&key, head.as_bytes(), &mac).map_err(|_| changed())?;
        let mut start = [0; 16];
        input.read_exact(&mut start).map_err(|_| changed())?;
        let cipher = cipher(&derive(file_key, &start, b"payload")?)?;
        Ok(Self { input, cipher, chunk: 0, open: Vec::new(), given: 0, over: false })
    }

    fn next(&mut self) -> io::Result<()> {
        self.open.clear();
        self.given = 0;
        self.input.by_ref().take((CHUNK + TAG) as u64).read_to_end(&mut self.open)?;
        let last = self.open.len() < CHUNK + TAG || self.input.fill_buf()?.is_empty();
        let opened = self.cipher.open_in_place(nonce(self.chunk, last), Aad::empty(), &mut self.open);
        let bytes = opened.map_err(|_| changed())?.len();
        self.open.truncate(bytes);
        self.chunk += 1;
        self.over = last;
        Ok(())
    }
}

impl<R: BufRead> Read for Opening<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.open.len() && !self.over {
            self.next()?;
        }
        let taken = out.len().min(self.open.len() - self.given);
        out[..taken].copy_from_slice(&self.open[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(bytes: &[u8]) -> Vec<u8> {
        let mut sealing = Sealing::new(Vec::new(), "casa amarela").unwrap();
        sealing.write_all(bytes).unwrap();
        sealing.finish().unwrap()
    }

    fn opened(bytes: &[u8], passphrase: &str) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Opening::new(bytes, passphrase)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn what_is_sealed_opens_with_its_passphrase_alone() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let sealed = sealed(&plain);
            assert_eq!(opened(&sealed, "casa amarela").unwrap(), plain, "{length}");
        }
        let refused = opened(&sealed(b"x"), "casa azul").unwrap_err();
        assert_eq!(refused.to_string(), "the passphrase is wrong");
    }

    #[test]
    fn a_cut_or_changed_file_never_opens() {
        let whole = sealed(&vec![7; 2 * CHUNK]);
        let head = whole.len() - 2 * (CHUNK + TAG);
        for end in [0, 10, head - 17, head, head + 1, head + CHUNK, head + CHUNK + TAG, whole.len() - 1] {
            assert!(opened(&whole[..end], "casa amarela").is_err(), "cut at {end}");
        }
        for at in [25, 60, head - 20, head - 1, head + 5, whole.len() - 1] {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            assert!(opened(&bad, "casa amarela").is_err(), "changed at {at}");
        }
        assert!(opened(&[whole.as_slice(), b"x"].concat(), "casa amarela").is_err(), "something behind the end");
    }
}
