//! Who may speak for others: proxies of the house's own, named at its start. From anybody else a forwarded header is
//! a claim, and is not read (C11).

use crate::tls::Network;
use poem::http::header::{HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The trusted proxies of a listener. [`Default`] trusts nobody.
#[derive(Clone, Debug, Default)]
pub struct Proxies(pub Vec<Network>);

impl Proxies {
    /// Whether this peer is one of them.
    pub fn trust(&self, peer: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(peer))
    }

    /// Who really asks, and whether by TLS. A trusted proxy is believed; who it heard it from is believed only where
    /// trusted as well. So the list is read from its end, and whoever wrote its beginning gains nothing.
    pub(super) fn origin(&self, peer: SocketAddr, is_tls: bool, headers: &HeaderMap) -> (SocketAddr, bool) {
        if !self.trust(peer.ip()) {
            return (peer, is_tls);
        }
        let mut asks = peer;
        for word in last_first(headers, FORWARDED_FOR) {
            let Some(address) = word.and_then(address) else { break };
            asks = SocketAddr::new(address.to_canonical(), 0);
            if !self.trust(address) {
                break;
            }
        }
        let scheme = last_first(headers, FORWARDED_PROTO).next().flatten();
        (asks, scheme.map_or(is_tls, |scheme| scheme.eq_ignore_ascii_case("https")))
    }
}

/// The words of a header's lists, the last first; `None` for one that is no text.
fn last_first(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Option<&str>> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    lines.into_iter().rev().flat_map(|line| match line.to_str() {
        Ok(line) => line.rsplit(',').map(|word| Some(word.trim())).collect(),
        Err(_) => vec![None],
    })
}

/// An address, with a port or without.
fn address(word: &str) -> Option<IpAddr> {
    let alone = word.trim_start_matches('[').trim_end_matches(']').parse().ok();
    alone.or_else(|| word.parse::<SocketAddr>().ok().map(|both| both.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(trusted: &[&str], peer: &str, lines: &[(&str, &str)]) -> (String, bool) {
        let trusted = Proxies(trusted.iter().map(|one| one.parse().expect("a network")).collect());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).expect("a name"), value.parse().expect("a value"));
        }
        let (asks, tls) = trusted.origin(SocketAddr::new(peer.parse().expect("an address"), 9), false, &headers);
        (asks.ip().to_string(), tls)
    }

    #[test]
    fn c11_m11_forwarded_headers_count_only_from_trusted_proxies_and_from_their_end() {
        let (ours, far) = (["127.0.0.1", "10.0.0.0/8"].as_slice(), "x-forwarded-for");
        for (trusted, peer, lines, expected) in [
            // Nobody is trusted by default, and a stranger never.
            (
                [].as_slice(),
                "127.0.0.1",
                [(far, "1.2.3.4"), ("x-forwarded-proto", "https")].as_slice(),
                ("127.0.0.1", false),
            ),
            (ours, "203.0.113.9", &[(far, "1.2.3.4"), ("x-forwarded-proto", "https")], ("203.0.113.9", false)),
            (ours, "127.0.0.1", &[(far, "203.0.113.9"), ("x-forwarded-proto", "https")], ("203.0.113.9", true)),
            // What the visitor wrote stands before what our proxy added.
            (ours, "127.0.0.1", &[(far, "1.2.3.4, 203.0.113.9")], ("203.0.113.9", false)),
            (ours, "127.0.0.1", &[(far, "1.2.3.4"), (far, "203.0.113.9")], ("203.0.113.9", false)),
            (ours, "127.0.0.1", &[(far, "1.2.3.4, 203.0.113.9, 10.1.1.1")], ("203.0.113.9", false)),
            (ours, "127.0.0.1", &[(far, "1.2.3.4, <script>, 10.1.1.1")], ("10.1.1.1", false)),
            (ours, "127.0.0.1", &[(far, "\u{e9}, 10.1.1.1")], ("127.0.0.1", false)),
            (ours, "127.0.0.1", &[(far, "")], ("127.0.0.1", false)),
            (ours, "127.0.0.1", &[], ("127.0.0.1", false)),
            (ours, "127.0.0.1", &[(far, "203.0.113.9:4711")], ("203.0.113.9", false)),
            (ours, "127.0.0.1", &[(far, "[2001:db8::7]:4711")], ("2001:db8::7", false)),
            (ours, "127.0.0.1", &[(far, "2001:db8::7")], ("2001:db8::7", false)),
            (ours, "127.0.0.1", &[("x-forwarded-proto", "https, http")], ("127.0.0.1", false)),
            (
                ours,
                "127.0.0.1",
                &[("cf-connecting-ip", "1.2.3.4"), ("x-real-ip", "1.2.3.4"), ("forwarded", "for=1.2.3.4")],
                ("127.0.0.1", false),
            ),
        ] {
            let (address, tls) = asks(trusted, peer, lines);
            assert_eq!((address.as_str(), tls), expected, "{trusted:?} {peer} {lines:?}");
        }
    }
}
