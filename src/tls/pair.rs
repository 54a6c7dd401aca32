//! A certificate with its key: read from PEM, checked, and made ready to serve.

use super::provider;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use time::{Date, Month, PrimitiveDateTime, Time};

/// Why a pair cannot be used; a sentence's end.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// No certificate was found.
    #[error("there is no certificate in PEM form")]
    NoCertificate,
    /// No key was found.
    #[error("there is no private key in PEM form")]
    NoKey,
    /// They are not a pair, or of a kind that is not spoken.
    #[error("certificate and key cannot be used together: {0}")]
    Unfit(String),
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// A certificate, its key, and what pages say of it.
#[derive(Clone)]
pub struct Pair {
    pub(super) config: Arc<ServerConfig>,
    leaf: CertificateDer<'static>,
    /// From when it counts, in seconds since 1970.
    pub from: i64,
    /// Until when, likewise.
    pub until: i64,
}

impl Pair {
    /// Reads a chain, the server's own certificate first, and its key, both in PEM.
    pub fn read(chain: &str, key: &str) -> Result<Self, Broken> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes()).filter_map(Result::ok).collect();
        let leaf = chain.first().ok_or(Broken::NoCertificate)?.clone();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| Broken::NoKey)?;
        let (from, until) = validity(&leaf).ok_or(Broken::NoCertificate)?;
        let unfit = |error: rustls::Error| Broken::Unfit(error.to_string());
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key);
        let mut config = config.map_err(unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), leaf, from, until })
    }

    /// Whether the certificate names this host, by name or address.
    pub fn names(&self, host: &str) -> bool {
        let Ok(name) = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']')) else { return false };
        ParsedCertificate::try_from(&self.leaf)
            .is_ok_and(|parsed| rustls::client::verify_server_name(&parsed, &name).is_ok())
    }

    /// Whether two thirds of its life are over: time for the next one.
    pub fn is_ripe(&self, now: i64) -> bool {
        now >= self.ripe_at()
    }

    /// When they will be, in seconds since 1970.
    pub fn ripe_at(&self) -> i64 {
        self.from + (self.until - self.from) / 3 * 2
    }
}

/// The SHA-256 of the first certificate in a PEM text, as people compare it: `AB:CD:…`.
pub fn fingerprint(pem: &str) -> Option<String> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let bytes: Vec<String> = Sha256::digest(&der).iter().map(|byte| format!("{byte:02X}")).collect();
    Some(bytes.join(":"))
}

/// From when until when a certificate counts (RFC 5280, 4.1): version and serial, algorithm and issuer lie before it.
fn validity(der: &[u8]) -> Option<(i64, i64)> {
    let (_, certificate, _) = item(der)?;
    let (_, mut rest, _) = item(certificate)?;
    let mut before = 3;
    while before > 0 {
        let (tag, _, next) = item(rest)?;
        // The version is left out where it is the first.
        before -= usize::from(tag != 0xa0);
        rest = next;
    }
    let (_, both, _) = item(rest)?;
    let (tag, from, both) = item(both)?;
    let from = moment(tag, from)?;
    let (tag, until, _) = item(both)?;
    Some((from, moment(tag, until)?))
}

/// One DER element: its tag, its content, what follows it.
fn item(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `UTCTime` or `GeneralizedTime`, as certificates write them: to the second, in UTC.
fn moment(tag: u8, text: &[u8]) -> Option<i64> {
    let digits: Vec<i32> = text.strip_suffix(b"Z")?.chunks(2).map_while(two).collect();
    let (year, rest) = match (tag, digits.as_slice()) {
        // RFC 5280, 4.1.2.5.1: two digits mean 1950 to 2049.
        (0x17, [year, rest @ ..]) => (if *year < 50 { 2000 + year } else { 1900 + year }, rest),
        (0x18, [century, year, rest @ ..]) => (century * 100 + year, rest),
        _ => return None,
    };
    let [month, day, hour, minute, second] =
        rest.iter().map(|n| u8::try_from(*n).ok()).collect::<Option<Vec<_>>>()?[..]
    else {
        return None;
    };
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
}

fn two(digits: &[u8]) -> Option<i32> {
    std::str::from_utf8(digits).ok().filter(|text| text.len() == 2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use time::OffsetDateTime;

    fn made(from: i64, until: i64) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(["balcao.local".to_owned(), "192.168.0.10".to_owned()]).expect("names");
        params.not_before = OffsetDateTime::from_unix_timestamp(from).expect("a time");
        params.not_after = OffsetDateTime::from_unix_timestamp(until).expect("a time");
        (params.self_signed(&key).expect("signed").pem(), key.serialize_pem())
    }

    #[test]
    fn a_pair_knows_its_names_and_its_time() {
        // The second end lies beyond 2049, where certificates write the year in full.
        for (from, until) in [(1_790_000_000, 1_824_000_000), (1_790_000_000, 2_800_000_000)] {
            let (chain, key) = made(from, until);
            let pair = Pair::read(&chain, &key).expect("a pair");
            assert_eq!((pair.from, pair.until), (from, until));
            for (host, known) in [
                ("balcao.local", true),
                ("BALCAO.local", true),
                ("192.168.0.10", true),
                ("192.168.0.11", false),
                ("evil.test", false),
                ("", false),
                ("a b", false),
                ("balcao.local.evil.test", false),
            ] {
                assert_eq!(pair.names(host), known, "{host}");
            }
            assert!(!pair.is_ripe(from + (until - from) / 2) && pair.is_ripe(until - (until - from) / 4));
        }
    }

    #[test]
    fn what_is_no_pair_says_why() {
        let ((chain, key), (other, _)) = (made(1, 9), made(1, 9));
        assert_eq!(Pair::read("", &key).err(), Some(Broken::NoCertificate));
        assert_eq!(Pair::read(&chain, "x").err(), Some(Broken::NoKey));
        assert!(matches!(Pair::read(&other, &key).err(), Some(Broken::Unfit(_))));
    }

    #[test]
    fn odd_bytes_are_no_certificate() {
        let (chain, _) = made(1_790_000_000, 1_824_000_000);
        let der = CertificateDer::from_pem_slice(chain.as_bytes()).expect("a certificate");
        for end in 0..der.len() {
            let _ = validity(&der[..end]);
        }
        for at in 0..der.len() {
            let mut odd = der.to_vec();
            odd[at] ^= 0xff;
            let _ = validity(&odd);
        }
        assert_eq!(validity(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
