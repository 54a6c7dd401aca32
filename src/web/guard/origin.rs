//! Whether a request that changes something was sent from our own pages.

use poem::http::header::{HeaderMap, HeaderName, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The browser's word on where a request comes from. `host` is the request's own `Host`, port included.
///
/// `Sec-Fetch-Site` decides where present (browsers send it on HTTPS and localhost): `same-origin`, or `none` for the
/// user's own doing. Else the authority of `Origin` must be `host`, and `by_tls` asks for a page that came by TLS, too:
/// anybody on the way may have written a plain one. Without it either scheme will do, since a proxy may hide it. Neither means no browser of today: allowed, the CSRF token is asked for elsewhere. A repeated header is refused.
pub fn same_origin(headers: &HeaderMap, host: &str, by_tls: bool) -> bool {
    let single = |name| {
        let mut values = headers.get_all(name).iter();
        values.next().map(|first| match values.next() {
            None => first.as_bytes(),
            Some(_) => b"",
        })
    };
    match (single(SEC_FETCH_SITE), single(ORIGIN)) {
        (Some(site), _) => site == b"same-origin" || site == b"none",
        (None, Some(origin)) => authority(origin, by_tls).is_some_and(|it| it.eq_ignore_ascii_case(host)),
        (None, None) => true,
    }
}

/// `host[:port]` of an origin, which is `scheme://host[:port]` or the word `null`.
fn authority(origin: &[u8], by_tls: bool) -> Option<&str> {
    let (scheme, authority) = std::str::from_utf8(origin).ok()?.split_once("://")?;
    ((scheme == "https" || scheme == "http" && !by_tls) && !authority.is_empty()).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_no_browser_at_all() {
        let table: [(&[(&str, &str)], bool); 22] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "")], false),
            (&[("sec-fetch-site", "Same-Origin")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")], false),
            // A proxy may have changed Host; the browser knows better.
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://inside:1")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://desk.test:8080")], false),
            (&[("origin", "http://desk.test:8080")], true),
            (&[("origin", "https://desk.test:8080")], true),
            (&[("origin", "http://DESK.test:8080")], true),
            (&[("origin", "http://desk.test")], false),
            (&[("origin", "http://desk.test:80801")], false),
            (&[("origin", "http://evil.test")], false),
            (&[("origin", "http://evil.test@desk.test:8080")], false),
            (&[("origin", "http://desk.test:8080.evil.test")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
            (&[("origin", "file://desk.test:8080")], false),
            (&[("origin", "http://desk.test:8080"), ("origin", "http://evil.test")], false),
        ];
        for (given, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            assert_eq!(same_origin(&headers, "desk.test:8080", false), expected, "{given:?}");
        }
    }

    #[test]
    fn a_plain_page_changes_nothing_by_tls() {
        for (origin, expected) in [("https://desk.test:8080", true), ("http://desk.test:8080", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(ORIGIN, origin.parse().unwrap());
            assert_eq!(same_origin(&headers, "desk.test:8080", true), expected, "{origin}");
        }
    }

    #[test]
    fn an_origin_is_not_ours_when_we_do_not_know_our_name() {
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, "http://".parse().unwrap());
        assert!(!same_origin(&headers, "", false));
    }
}
