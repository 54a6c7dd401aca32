//! The header of an age file: the file's key, wrapped for each who may open it, closed by a checksum under that key.

use super::{BASE64, Envelope, FileKey, INTRO, Key, changed, cipher, derive, failed, odd, random, unwrapped, wrapped};
use crate::vault::age::keys::Identity;
use base64::Engine;
use ring::aead::LessSafeKey;
use ring::hmac;
use std::io::{self, BufRead, Read};

/// What a header may have; those of ours have less than 3 KiB.
const HEADER_BYTES_MAX: u64 = 32 << 10;
/// Characters of a full line of a stanza's body; a shorter one ends it.
const COLUMNS: usize = 64;
/// 2^17 rounds of 1 KiB: 128 MiB and a third of a second for each guess.
const WORK: u8 = 17;
/// What somebody else's file may ask of this machine: 1 GiB.
const WORK_MAX: u8 = 20;

/// One way to the file's key.
#[derive(Debug)]
pub(super) struct Stanza {
    /// Its kind, and what belongs to it.
    pub arguments: Vec<String>,
    /// The wrapped key.
    pub body: Vec<u8>,
}

impl Stanza {
    pub(super) fn new(arguments: &[&str], body: Vec<u8>) -> Self {
        Self { arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(), body }
    }

    fn is(&self, kind: &str) -> bool {
        self.arguments.first().is_some_and(|first| first == kind)
    }
}

/// Bytes of an exact number, as a header writes them.
pub(super) fn decode<const N: usize>(text: &str) -> io::Result<[u8; N]> {
    BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(changed)
}

fn checksum(file_key: &FileKey) -> io::Result<hmac::Key> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &derive(&file_key.0, &[], b"header")?))
}

/// The header of a new file.
///
/// # Errors
/// An envelope that nobody could open.
pub(super) fn write(file_key: &FileKey, envelope: &Envelope) -> io::Result<Vec<u8>> {
    let stanzas = match envelope {
        Envelope::Plain => Vec::new(),
        Envelope::Passphrase(passphrase) => vec![under(passphrase, file_key)?],
        Envelope::Recipients(all) => all.iter().map(|one| one.wrap(file_key)).collect::<io::Result<_>>()?,
    };
    if stanzas.is_empty() {
        return Err(io::Error::other("an archive is to be sealed, and nobody could open it"));
    }
    let mut head = format!("{INTRO}\n");
    for Stanza { arguments, body } in stanzas {
        // Every body of ours is 32 bytes: one line.
        head += &format!("-> {}\n{}\n", arguments.join(" "), BASE64.encode(body));
    }
    head += "---";
    let mac = hmac::sign(&checksum(file_key)?, head.as_bytes());
    Ok(format!("{head} {}\n", BASE64.encode(mac)).into_bytes())
}

/// Reads a header, and nothing behind it; gives the file's key.
///
/// # Errors
/// `InvalidData`, in one sentence.
pub(super) fn read(input: &mut impl BufRead, key: &Key) -> io::Result<FileKey> {
    let Header { stanzas, covered, mac } = parse(input)?;
    let file_key = unlock(&stanzas, key)?;
    hmac::verify(&checksum(&file_key)?, covered.as_bytes(), &mac).map_err(|_| changed())?;
    Ok(file_key)
}

struct Header {
    stanzas: Vec<Stanza>,
    /// What the checksum covers.
    covered: String,
    mac: [u8; 32],
}

fn parse(input: &mut impl BufRead) -> io::Result<Header> {
    let mut input = input.take(HEADER_BYTES_MAX);
    let mut covered = String::new();
    let mut line = || -> io::Result<String> {
        let mut line = Vec::new();
        input.read_until(b'\n', &mut line)?;
        let line = String::from_utf8(line).map_err(|_| changed())?;
        line.strip_suffix('\n').map(str::to_owned).ok_or_else(changed)
    };
    if line()? != INTRO {
        return Err(changed());
    }
    covered += INTRO;
    covered.push('\n');
    let mut stanzas = Vec::new();
    loop {
        let first = line()?;
        if let Some(mac) = first.strip_prefix("--- ") {
            covered += "---";
            return Ok(Header { stanzas, covered, mac: decode(mac)? });
        }
        let arguments = first.strip_prefix("-> ").ok_or_else(changed)?;
        let mut body = String::new();
        covered += &format!("{first}\n");
        loop {
            let part = line()?;
            covered += &format!("{part}\n");
            body += &part;
            if part.len() != COLUMNS {
                break;
            }
        }
        let body = BASE64.decode(body).map_err(|_| changed())?;
        stanzas.push(Stanza { arguments: arguments.split(' ').map(str::to_owned).collect(), body });
    }
}

/// Finds the file's key with what there is, or says what is needed.
fn unlock(stanzas: &[Stanza], key: &Key) -> io::Result<FileKey> {
    let by_passphrase = stanzas.iter().find(|stanza| stanza.is("scrypt"));
    match (key, by_passphrase) {
        (Key::File(file_key), _) => Ok(FileKey(file_key.0)),
        // Whoever knows a passphrase must not be led to what others can open.
        (_, Some(_)) if stanzas.len() > 1 => Err(changed()),
        (Key::Passphrase(passphrase), Some(stanza)) => guess(stanza, passphrase),
        (_, Some(_)) => Err(odd("this backup is encrypted with a passphrase: give it with --passphrase-file")),
        (Key::Identities(identities), None) => fit(stanzas, identities),
        (_, None) => {
            Err(odd("this backup is encrypted to an age key: give the file of the private one with --identity"))
        }
    }
}

fn fit(stanzas: &[Stanza], identities: &[Identity]) -> io::Result<FileKey> {
    let mut known = false;
    for stanza in stanzas.iter().filter(|stanza| stanza.is("X25519")) {
        known = true;
        let [_, share] = stanza.arguments.as_slice() else { return Err(changed()) };
        let share = decode(share)?;
        let body: [u8; 32] = stanza.body.as_slice().try_into().map_err(|_| changed())?;
        for identity in identities {
            if let Some(file_key) = identity.unwrap(share, body)? {
                return Ok(file_key);
            }
        }
    }
    Err(odd(match known {
        true => "no key given with --identity opens this backup: it is encrypted to another",
        false => "this backup is encrypted to keys of another kind: decrypt it with the age tool first",
    }))
}

fn under(passphrase: &str, file_key: &FileKey) -> io::Result<Stanza> {
    let salt = random::<16>()?;
    let body = wrapped(file_key, &wrapping_key(passphrase, &salt, WORK)?)?;
    Ok(Stanza::new(&["scrypt", &BASE64.encode(salt), &WORK.to_string()], body))
}

fn guess(stanza: &Stanza, passphrase: &str) -> io::Result<FileKey> {
    let [_, salt, work] = stanza.arguments.as_slice() else { return Err(changed()) };
    let plain = work.bytes().all(|byte| byte.is_ascii_digit()) && !work.starts_with('0');
    let work = work.parse().ok().filter(|work| plain && (1..=WORK_MAX).contains(work)).ok_or_else(changed)?;
    let body = stanza.body.as_slice().try_into().map_err(|_| changed())?;
    let key = wrapping_key(passphrase, &decode::<16>(salt)?, work)?;
    unwrapped(body, &key).ok_or_else(|| odd("the passphrase is wrong"))
}

fn wrapping_key(passphrase: &str, salt: &[u8], work: u8) -> io::Result<LessSafeKey> {
    let salt = [format!("{INTRO}/scrypt").as_bytes(), salt].concat();
    let params = scrypt::Params::new(work, 8, 1, 32).map_err(failed)?;
    let mut key = [0; 32];
    scrypt::scrypt(passphrase.as_bytes(), &salt, &params, &mut key).map_err(failed)?;
    cipher(&key)
}
