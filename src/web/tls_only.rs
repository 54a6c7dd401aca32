//! Sends plain requests to TLS, where a front door demands it; what must work before a browser trusts the door stays.

use super::answer;
use super::ask;
use super::paths;
use crate::tls::Front;
use crate::words::Words;
use poem::http::uri::Scheme;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use std::net::SocketAddr;
use std::sync::Arc;

/// An endpoint that answers by TLS alone while its front door demands that.
pub struct TlsOnly<E> {
    inner: E,
    front: Arc<Front>,
}

impl<E> TlsOnly<E> {
    /// Puts the demand of `front` before `inner`.
    pub fn new(inner: E, front: Arc<Front>) -> Self {
        Self { inner, front }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for TlsOnly<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let plain = *request.scheme() == Scheme::HTTP && self.front.is_strict();
        if !plain || stays_plain(request.uri().path()) {
            return self.inner.call(request).await;
        }
        Ok(sent_to_tls(&request, &self.front))
    }
}

/// The authority's certificate and what its page is drawn with, the health check, and what an ACME server asks for.
fn stays_plain(path: &str) -> bool {
    let rooms = [paths::CERTIFICATE, paths::HEALTH, paths::ASSETS, paths::HUES, paths::LOGO, paths::ACME];
    rooms.iter().any(|room| path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A redirect for who only looks. A form is not carried over: it came in the clear already, and what it holds with it.
fn sent_to_tls(request: &Request, front: &Front) -> Response {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    if !looks || ask::is_fragment(request.headers()) || request.headers().contains_key(header::UPGRADE) {
        let w = Words(crate::domain::values::Language::PtBr);
        return answer::sentence(StatusCode::FORBIDDEN, w.https_only());
    }
    let asked = request.original_uri().path_and_query().map_or("/", |asked| asked.as_str());
    let to = format!("https://{}{asked}", authority(request, front));
    let Ok(to) = HeaderValue::from_str(&to) else { return answer::status_page(StatusCode::BAD_REQUEST, None) };
    // Not for ever: HTTPS can be switched off again, and browsers never forget a permanent one.
    Response::builder().status(StatusCode::TEMPORARY_REDIRECT).header(header::LOCATION, to).finish()
}

/// Where to: what the request calls us if our certificate names that, else the door's own name, else the address at
/// which the connection arrived. Never a name that is only the request's (C41).
fn authority(request: &Request, front: &Front) -> String {
    let here = request.local_addr().as_socket_addr().copied();
    let port = here.map_or(443, |here| here.port());
    let asked = request.header(header::HOST).unwrap_or_default();
    let (name, asked_port) = split(asked);
    if front.names(name) {
        return match asked_port {
            // Port 80 goes unsaid in plain addresses, and 443 in the others.
            None if port == 80 => format!("{name}:80"),
            _ => asked.to_owned(),
        };
    }
    front.home().unwrap_or_else(|| {
        here.map_or(String::new(), |here| SocketAddr::new(here.ip().to_canonical(), port).to_string())
    })
}

/// Host and port; an IPv6 address stands in brackets.
pub(super) fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => {
            (name, Some(port))
        }
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        for (text, name, port) in [
            ("a.test:80", "a.test", Some("80")),
            ("a.test", "a.test", None),
            ("[::1]:8080", "[::1]", Some("8080")),
            ("[::1]", "[::1]", None),
            ("", "", None),
            (":80", ":80", None),
        ] {
            assert_eq!(split(text), (name, port), "{text}");
        }
    }

    #[test]
    fn only_whole_rooms_stay_plain() {
        for (path, plain) in [
            ("/certificado", true),
            ("/certificado/balcao-ca.crt", true),
            ("/saude", true),
            ("/assets/1/js/main.js", true),
            ("/.well-known/acme-challenge/x", true),
            ("/certificados", false),
            ("/", false),
            ("/conversas", false),
            ("/entrar", false),
        ] {
            assert_eq!(stays_plain(path), plain, "{path}");
        }
    }
}
