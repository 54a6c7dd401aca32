//! Archives that are sealed, as age files: <https://age-encryption.org/v1>. The `age` and `rage` tools open them too.
//!
//! Two recipients are spoken, scrypt (a passphrase) and X25519 (the [`keys`] of age), with the primitives of ring.

mod header;
pub mod keys;

use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use keys::{Identity, Recipient};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf;
use std::io::{self, BufRead, Read, Write};

const INTRO: &str = "age-encryption.org/v1";
const CHUNK: usize = 64 << 10;
const TAG: usize = 16;

/// How an archive is sealed.
pub enum Envelope {
    /// Not at all.
    Plain,
    /// Under a passphrase.
    Passphrase(String),
    /// For whoever has the private key of one of these; the house has none.
    Recipients(Vec<Recipient>),
}

impl Envelope {
    /// Whether others cannot read what is in it, so that secrets may be.
    pub fn is_sealed(&self) -> bool {
        !matches!(self, Self::Plain)
    }
}

/// What there is to open an archive with.
pub enum Key {
    /// Nothing.
    Nothing,
    /// A passphrase.
    Passphrase(String),
    /// Private keys, of which one may fit.
    Identities(Vec<Identity>),
    /// What [`Sealing::finish`] gave.
    File(FileKey),
}

/// The key under which the content of one file stands: wrapped in its header, and bare only in the memory of whoever
/// writes or reads it.
pub struct FileKey([u8; 16]);

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn failed(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
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

fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let filled = secret.expand(&[info], Bytes32).and_then(|okm| okm.fill(&mut key));
    filled.map_err(failed)?;
    Ok(key)
}

fn cipher(key: &[u8; 32]) -> io::Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(failed)?))
}

/// A file's key under another key.
fn wrapped(file_key: &FileKey, under: &LessSafeKey) -> io::Result<Vec<u8>> {
    let mut body = file_key.0.to_vec();
    under.seal_in_place_append_tag(nonce(0, false), Aad::empty(), &mut body).map_err(failed)?;
    Ok(body)
}

/// The way back; nothing where it is not under this key.
fn unwrapped(mut body: [u8; 32], under: &LessSafeKey) -> Option<FileKey> {
    let key = under.open_in_place(nonce(0, false), Aad::empty(), &mut body).ok()?;
    <[u8; 16]>::try_from(&*key).ok().map(FileKey)
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
    file_key: FileKey,
    chunk: u64,
    waiting: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    /// Begins an age file. Under a passphrase this takes a third of a second and 128 MiB while it lasts.
    ///
    /// # Errors
    /// Whatever `out` says; an envelope that nobody could open.
    pub fn new(mut out: W, envelope: &Envelope) -> io::Result<Self> {
        let (file_key, start) = (FileKey(random()?), random::<16>()?);
        out.write_all(&header::write(&file_key, envelope)?)?;
        out.write_all(&start)?;
        let cipher = cipher(&derive(&file_key.0, &start, b"payload")?)?;
        Ok(Self { out, cipher, file_key, chunk: 0, waiting: Vec::with_capacity(CHUNK + TAG) })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.cipher.seal_in_place_append_tag(nonce(self.chunk, last), Aad::empty(), &mut self.waiting);
        sealed.map_err(failed)?;
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        self.chunk += 1;
        Ok(())
    }

    /// Writes the last chunk, by which a reader knows that nothing is missing. Gives what opens the file: a writer that
    /// has no private key reads back with it.
    ///
    /// # Errors
    /// Whatever the writer below says.
    pub fn finish(mut self) -> io::Result<(W, FileKey)> {
        self.seal(true)?;
        Ok((self.out, self.file_key))
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
    /// Opens an age file.
    ///
    /// # Errors
    /// `InvalidData`, in one sentence, where something else is needed to open it, or nothing opens it.
    pub fn new(mut input: R, key: &Key) -> io::Result<Self> {
        let file_key = header::read(&mut input, key)?;
        let mut start = [0; 16];
        input.read_exact(&mut start).map_err(|_| changed())?;
        let cipher = cipher(&derive(&file_key.0, &start, b"payload")?)?;
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
mod tests;
