//! How this machine is called on its network: names and addresses that belong into its certificate.

use super::Network;
use rustls::pki_types::ServerName;
use std::net::IpAddr;

/// Names an administrator may add at most.
pub const ADDED_MAX: usize = 20;

/// Endings of names that only exist inside a network (RFC 6762, RFC 8375, RFC 6761, and what routers use).
const INSIDE: [&str; 7] = ["local", "localhost", "lan", "home", "internal", "home.arpa", "localdomain"];

/// Addresses that only exist inside a network (RFC 1918, 3927, 4193, 4291, 6598).
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// A host: an address or a name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Address(IpAddr),
    Dns(String),
}

impl Name {
    /// Reads what a person typed; nothing if no certificate could carry it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address));
        }
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        let is_name = plain && matches!(ServerName::try_from(text.as_str()), Ok(ServerName::DnsName(_)));
        is_name.then_some(Self::Dns(text))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Dns(name) => f.write_str(name),
        }
    }
}

/// What the machine is called now: by its own name, alone and with `.local`, by its addresses, and from itself. Those
/// with which others reach it come first. Addresses that mean nothing without an interface are left out.
pub(super) fn own() -> Vec<Name> {
    let mut names = Vec::new();
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> = interfaces.iter().map(|one| one.ip()).filter(is_usable).collect();
    // IPv4 is what people read aloud.
    addresses.sort();
    addresses.dedup();
    names.extend(addresses.into_iter().map(Name::Address));
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if let Some(Name::Dns(host)) = Name::read(&host).filter(|name| *name != Name::Dns("localhost".into())) {
        names.push(Name::Dns(host.clone()));
        if !host.contains('.') {
            names.push(Name::Dns(format!("{host}.local")));
        }
    }
    names.push(Name::Dns("localhost".into()));
    names.push(Name::Address([127, 0, 0, 1].into()));
    names.push(Name::Address(std::net::Ipv6Addr::LOCALHOST.into()));
    names
}

fn is_usable(address: &IpAddr) -> bool {
    let local = match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    };
    !address.is_loopback() && !address.is_unspecified() && !address.is_multicast() && !local
}

/// What an authority may speak for: whoever steals its key can pretend to be nobody else.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Bounds {
    /// Names, and all that end in them.
    pub(super) names: Vec<String>,
    /// Networks as people write them.
    pub(super) networks: Vec<String>,
}

impl Bounds {
    /// Everything that only exists inside a network, and these.
    pub(super) fn around(known: &[Name]) -> Self {
        let mut bounds =
            Self { names: INSIDE.map(str::to_owned).to_vec(), networks: PRIVATE.map(str::to_owned).to_vec() };
        for name in known {
            match name {
                name if bounds.hold(name) => {}
                Name::Dns(name) => bounds.names.push(name.clone()),
                // A provider gives an office a whole /64, and machines change within it.
                Name::Address(IpAddr::V6(six)) => bounds.networks.push(format!("{six}/64")),
                Name::Address(four) => bounds.networks.push(format!("{four}/32")),
            }
        }
        bounds
    }

    /// Whether the authority may speak for this name.
    pub(super) fn hold(&self, name: &Name) -> bool {
        match name {
            Name::Dns(name) => self
                .names
                .iter()
                .any(|end| name.strip_suffix(end.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))),
            Name::Address(address) => self.networks().any(|network| network.contains(*address)),
        }
    }

    /// The networks, read.
    pub(super) fn networks(&self) -> impl Iterator<Item = Network> {
        self.networks.iter().filter_map(|text| text.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_a_host_or_nothing() {
        for (text, host) in [
            ("Servidor", Some("servidor")),
            (" balcao.aurora.lan. ", Some("balcao.aurora.lan")),
            ("192.168.0.10", Some("192.168.0.10")),
            ("fd00::7", Some("fd00::7")),
            ("", None),
            ("*.lan", None),
            ("a b", None),
            ("balcão.lan", None),
            ("http://balcao", None),
            ("balcao:8080", None),
            ("a..b", None),
            ("-", None),
        ] {
            assert_eq!(Name::read(text).map(|name| name.to_string()).as_deref(), host, "{text:?}");
        }
    }

    #[test]
    fn bounds_hold_the_inside_and_what_was_known() {
        let known: Vec<Name> = ["203.0.113.7", "2001:db8::7", "servidor", "balcao.aurora.example"]
            .iter()
            .filter_map(|text| Name::read(text))
            .collect();
        let bounds = Bounds::around(&known);
        for (text, held) in [
            ("192.168.77.1", true),
            ("203.0.113.7", true),
            ("203.0.113.8", false),
            ("2001:db8::8", true),
            ("2001:db8:0:1::8", false),
            ("servidor", true),
            ("servidor.local", true),
            ("balcao.aurora.example", true),
            ("aurora.example", false),
            ("banco.example", false),
            ("xlocal", false),
        ] {
            assert_eq!(bounds.hold(&Name::read(text).expect("a host")), held, "{text}");
        }
        assert!(own().iter().any(|name| *name == Name::Dns("localhost".into())));
    }
}
