//! An authority of the office's own: it signs one certificate, for one machine, and may speak for nothing outside.

use super::names::{Bounds, Name};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use time::{Duration, OffsetDateTime};

/// How long people need not install it again.
const AUTHORITY_LIFE: Duration = Duration::days(3_650);
/// A certificate's whole life; browsers accept 398 days.
const LEAF_LIFE: Duration = Duration::days(396);
/// Clocks on office computers are late.
const BACKDATED: Duration = Duration::days(1);

/// Makes an authority: its certificate and key in one PEM text.
pub(super) fn found(name: &str, bounds: &Bounds, now: i64) -> Result<String, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = params(name);
    let now = moment(now);
    (params.not_before, params.not_after) = (now - BACKDATED, now + AUTHORITY_LIFE);
    let names = bounds.names.iter().cloned().map(GeneralSubtree::DnsName);
    let networks = bounds.networks().map(|one| CidrSubnet::from_addr_prefix(one.base, one.bits));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: names.chain(networks.map(GeneralSubtree::IpAddress)).collect(),
        excluded_subtrees: Vec::new(),
    });
    let certificate = params.self_signed(&key)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

/// A certificate for these names, signed by the authority of this name and key: certificate and key in one PEM text.
pub(super) fn sign(authority: &str, key: &str, names: &[Name], now: i64) -> Result<String, rcgen::Error> {
    let issuer = Issuer::new(params(authority), KeyPair::from_pem(key)?);
    let mut params = CertificateParams::default();
    let now = moment(now);
    (params.not_before, params.not_after) = (now - BACKDATED, now - BACKDATED + LEAF_LIFE);
    params.distinguished_name.push(DnType::CommonName, "Balcão");
    params.subject_alt_names = names.iter().map(alternative).collect::<Result<_, _>>()?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

/// What the authority's own certificate and its signatures must agree on.
fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn alternative(name: &Name) -> Result<SanType, rcgen::Error> {
    Ok(match name {
        Name::Address(address) => SanType::IpAddress(*address),
        Name::Dns(name) => SanType::DnsName(Ia5String::try_from(name.as_str())?),
    })
}

fn moment(seconds: i64) -> OffsetDateTime {
    // Only a clock beyond the year 9999 has no such moment.
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
