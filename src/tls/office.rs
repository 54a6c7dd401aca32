//! HTTPS in the office by an authority of our own: prepared, demanded, given up; renewed by itself.

use super::names::{ADDED_MAX, Bounds, Name};
use super::pair::{Broken, Pair, fingerprint};
use super::{Tls, authority, names, now};
use crate::store::secrets;
use serde::{Deserialize, Serialize};
use std::io;

/// Certificate and key of the authority, in one text.
const AUTHORITY: &str = "tls-authority";
/// Certificate and key of the office's door, likewise.
const OFFICE: &str = "tls-office";

/// Where the first of the two ends.
const CERTIFICATE_END: &str = "-----END CERTIFICATE-----";

/// Why something was not done; words are the pages' business.
#[derive(thiserror::Error, Debug)]
pub enum Wrong {
    /// What was typed is no name and no address.
    #[error("{0:?} is no name or address")]
    NotAName(String),
    /// Too many names.
    #[error("too many names")]
    TooMany,
    /// The authority may not speak for that name: it takes a new one.
    #[error("the authority may not speak for {0}")]
    OutOfBounds(String),
    /// There is nothing to change, or it is in somebody else's care.
    #[error("there is no certificate of our own")]
    NotOurs,
    /// The directory, or the making of a certificate, failed.
    #[error("{0}")]
    Failed(String),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<rcgen::Error> for Wrong {
    fn from(error: rcgen::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Broken> for Wrong {
    fn from(error: Broken) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What is remembered of the office's own HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Own {
    /// How the authority is called.
    authority: String,
    bounds: Bounds,
    /// Names the administrator added.
    added: Vec<String>,
    /// Names in the certificate that is served.
    certified: Vec<String>,
    /// Whether plain requests are sent to TLS.
    strict: bool,
}

/// The office's own HTTPS, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// How the authority is called.
    pub authority: String,
    /// The SHA-256 of its certificate.
    pub fingerprint: String,
    /// Names and addresses in the certificate, the most useful first.
    pub certified: Vec<String>,
    /// Those of them that were added by hand.
    pub added: Vec<String>,
    /// Whether plain requests are sent to TLS.
    pub strict: bool,
}

impl Tls {
    /// The office's own HTTPS, if it was prepared and no pair was given on the command line.
    pub fn office_own(&self) -> Option<Office> {
        let own = self.settings().office.clone().filter(|_| !self.office_given)?;
        let fingerprint = self.authority_certificate().and_then(|pem| fingerprint(&pem))?;
        let Own { authority, added, certified, strict, .. } = own;
        Some(Office { authority, fingerprint, certified, added, strict })
    }

    /// The authority's certificate, for those who shall trust it. Never its key.
    pub fn authority_certificate(&self) -> Option<String> {
        let both = self.secret(AUTHORITY).ok().flatten()?;
        both.split_once(CERTIFICATE_END).map(|(certificate, _)| format!("{certificate}{CERTIFICATE_END}\n"))
    }

    /// Makes an authority and a certificate for this machine and the `added` names, and serves both HTTP and HTTPS.
    /// Blocks on the disk.
    pub fn prepare(&self, agency: &str, added: &str) -> Result<(), Wrong> {
        if self.office_given || self.settings().office.is_some() {
            return Err(Wrong::NotOurs);
        }
        let added = read_names(added)?;
        let authority = format!("Balcão {agency}");
        let bounds = Bounds::around(&[names::own(), added.clone()].concat());
        let made = authority::found(&authority, &bounds, now())?;
        secrets::keep(&self.dir, AUTHORITY, &made)?;
        let added = added.iter().map(Name::to_string).collect();
        self.certify(Own { authority, bounds, added, certified: Vec::new(), strict: false })
    }

    /// Gives the certificate these names beside the machine's own. Blocks on the disk.
    pub fn name(&self, added: &str) -> Result<(), Wrong> {
        let own = self.settings().office.clone().filter(|_| !self.office_given).ok_or(Wrong::NotOurs)?;
        let added = read_names(added)?;
        if let Some(outside) = added.iter().find(|name| !own.bounds.hold(name)) {
            return Err(Wrong::OutOfBounds(outside.to_string()));
        }
        self.certify(Own { added: added.iter().map(Name::to_string).collect(), ..own })
    }

    /// Sends plain requests to TLS, or no longer. Blocks on the disk.
    pub fn demand(&self, strict: bool) -> Result<(), Wrong> {
        let own = self.settings().office.clone().filter(|_| !self.office_given).ok_or(Wrong::NotOurs)?;
        let pair = self.office.pair().ok_or(Wrong::NotOurs)?;
        self.remember(|settings| settings.office = Some(Own { strict, ..own }))?;
        self.office.show(pair, strict, None);
        Ok(())
    }

    /// Gives up certificate and authority: plain HTTP again. Blocks on the disk.
    pub fn give_up(&self) -> Result<(), Wrong> {
        if self.office_given {
            return Err(Wrong::NotOurs);
        }
        self.remember(|settings| settings.office = None)?;
        self.office.hide();
        secrets::forget(&self.dir, OFFICE)?;
        Ok(secrets::forget(&self.dir, AUTHORITY)?)
    }

    /// Signs a certificate for what the machine is called now, keeps and serves it.
    fn certify(&self, own: Own) -> Result<(), Wrong> {
        let names = wanted(&own);
        let both = self.secret(AUTHORITY)?.ok_or(Wrong::NotOurs)?;
        let (_, key) = both.split_once(CERTIFICATE_END).ok_or(Broken::NoCertificate)?;
        let both = authority::sign(&own.authority, key, &names, now())?;
        let pair = Pair::read(&both, &both)?;
        secrets::keep(&self.dir, OFFICE, &both)?;
        let strict = own.strict;
        let certified = names.iter().map(Name::to_string).collect();
        self.remember(|settings| settings.office = Some(Own { certified, ..own }))?;
        self.office.show(pair, strict, None);
        Ok(())
    }

    /// Serves the certificate that was made before; makes the next one in time, and one for new names.
    pub(super) fn refresh_office(&self) -> Result<(), Wrong> {
        let Some(own) = self.settings().office.clone().filter(|_| !self.office_given) else { return Ok(()) };
        let both = self.secret(OFFICE)?.unwrap_or_default();
        let known = wanted(&own).iter().all(|name| own.certified.contains(&name.to_string()));
        match Pair::read(&both, &both) {
            Ok(pair) if known && !pair.is_ripe(now()) => self.office.show(pair, own.strict, None),
            _ => {
                self.certify(own)?;
                tracing::info!("the office has a new certificate");
            }
        }
        Ok(())
    }
}

/// What belongs into the certificate: a name outside the bounds would make all of it worthless.
fn wanted(own: &Own) -> Vec<Name> {
    let mut names = names::own();
    names.extend(own.added.iter().filter_map(|text| Name::read(text)));
    let mut wanted: Vec<Name> = Vec::new();
    for name in names.into_iter().filter(|name| own.bounds.hold(name)) {
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    wanted
}

/// Names separated by spaces, commas or lines.
fn read_names(typed: &str) -> Result<Vec<Name>, Wrong> {
    let words = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty());
    let names: Vec<Name> =
        words.map(|word| Name::read(word).ok_or_else(|| Wrong::NotAName(word.to_owned()))).collect::<Result<_, _>>()?;
    if names.len() > ADDED_MAX { Err(Wrong::TooMany) } else { Ok(names) }
}
