//! Certificates for tests, of an authority of their own.

use crate::office::House;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::{Path, PathBuf};

pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for this machine, as a browser on it calls it, and its key.
    pub fn pair(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let params = CertificateParams::new(names).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// Where a test keeps a pair.
pub struct Place {
    pub chain: PathBuf,
    pub key: PathBuf,
}

impl Place {
    pub fn at(dir: &Path) -> Self {
        Self { chain: dir.join("cert.pem"), key: dir.join("key.pem") }
    }

    pub fn put(&self, (chain, key): (String, String)) {
        std::fs::write(&self.chain, chain).unwrap();
        std::fs::write(&self.key, key).unwrap();
    }
}

/// A house whose two doors both show the pair of an authority, in files that a test may change.
pub struct Certified {
    pub house: House,
    pub authority: Authority,
    pub place: Place,
}

impl Certified {
    pub fn open() -> Self {
        let (dir, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        let place = Place::at(dir.path());
        place.put(authority.pair());
        let (chain, key) = (place.chain.to_str().unwrap(), place.key.to_str().unwrap());
        let more = ["--staff-cert", chain, "--staff-key", key, "--public-cert", chain, "--public-key", key];
        let house = House::told(dir, &more);
        assert!(house.staff.starts_with("https://127.0.0.1:") && house.public.starts_with("https://127.0.0.1:"));
        Self { house, authority, place }
    }
}
