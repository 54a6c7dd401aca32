//! What stands in front of every route: no request can outlast, outgrow or take down the house, and no answer leaves
//! without the security headers.
//!
//! Poem's own middleware is not enough: its size limit believes `Content-Length`, and a panic closes the connection.

mod body;
mod headers;
mod origin;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use poem::http::header::{ALLOW, CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, UPGRADE};
use poem::http::uri::Scheme;
use poem::http::{Method, StatusCode, Version};
use poem::{Endpoint, Error, IntoResponse, Request, Response};

use super::listener::Pace;
use body::{Reading, metered};
pub use origin::same_origin;

/// What one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Bytes of its body, counted as they are read whatever its head declares.
    pub body_bytes_max: u64,
    /// From its head to the head of the answer. Answers that stream, and WebSockets, go on after it.
    pub deadline: Duration,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { body_bytes_max: 1024 * 1024, deadline: Duration::from_secs(30) }
    }
}

/// The rules of one listener.
#[derive(Clone, Copy)]
pub struct Rules {
    /// Decides from the head alone; uploads get more than [`Allowance::default`].
    pub allowance: fn(&Request) -> Allowance,
    /// How fast every body must arrive. This is what cuts a stalled upload, long before its deadline.
    pub pace: Pace,
    /// The page for a status; with the number under which a fault of ours was logged. Its status is set here.
    pub page: fn(StatusCode, Option<&str>) -> Response,
    /// Whether browsers shall come by TLS for a year, once they did.
    pub hsts: bool,
}

/// The methods routes may use; any other is answered 405.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// An endpoint behind [`Rules`]. Never fails: what the inner endpoint answers with `Err` gets a page as well.
///
/// | what happens | answer |
/// | --- | --- |
/// | no single `Host`, or not that of an absolute URI | 400 |
/// | unsafe method or upgrade from another origin | 403 |
/// | TRACE, CONNECT, unknown method | 405 |
/// | body slower than the pace, or still coming at the deadline | 408 |
/// | body larger than allowed, declared or read | 413 |
/// | panic | 500, logged with the number on the page |
/// | deadline, and we are the slow ones | 503, logged likewise |
pub struct Guard<E> {
    inner: E,
    rules: Rules,
}

impl<E: Endpoint> Guard<E> {
    /// Puts `rules` in front of `inner`.
    pub fn new(inner: E, rules: Rules) -> Self {
        Self { inner, rules }
    }

    /// The page of `status`, when nothing is wrong with the house.
    fn page(&self, status: StatusCode) -> Response {
        self.numbered_page(status, None)
    }

    fn numbered_page(&self, status: StatusCode, number: Option<&str>) -> Response {
        let mut response = (self.rules.page)(status, number);
        response.set_status(status);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            let allow = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }

    /// Logs a fault of ours once, and answers with its number.
    fn fault(&self, status: StatusCode, place: &str, what: impl Display) -> Response {
        let number = number();
        tracing::error!(%number, place, status = status.as_u16(), "{what}");
        self.numbered_page(status, Some(&number))
    }

    async fn answer(&self, request: Request, allowance: Allowance, reading: &Arc<Reading>) -> Response {
        if let Some(status) = refusal(&request) {
            return self.page(status);
        }
        if declared_bytes(&request) > allowance.body_bytes_max {
            return self.page(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let place = place(&request);
        let response = self.run(request, allowance.deadline, &place, reading).await;
        match reading.verdict() {
            // Whatever the handler made of its read error, it did not get what the peer wanted to send.
            Some(status) if response.status() != status => self.page(status),
            _ => response,
        }
    }

    async fn run(&self, request: Request, deadline: Duration, place: &str, reading: &Arc<Reading>) -> Response {
        let call = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        match tokio::time::timeout(deadline, call).await {
            Ok(Ok(Ok(output))) => output.into_response(),
            Ok(Ok(Err(error))) => self.refused(error, place),
            Ok(Err(panic)) => self.fault(StatusCode::INTERNAL_SERVER_ERROR, place, panic_message(&*panic)),
            Err(_) if reading.is_waiting() => self.page(StatusCode::REQUEST_TIMEOUT),
            Err(_) => self.fault(StatusCode::SERVICE_UNAVAILABLE, place, "deadline passed"),
        }
    }

    /// The answer to an error of poem or of a handler: its own response, or the page of its status.
    fn refused(&self, error: Error, place: &str) -> Response {
        let status = error.status();
        if error.is_from_response() {
            error.into_response()
        } else if status.is_server_error() {
            self.fault(status, place, error)
        } else {
            self.page(status)
        }
    }
}

impl<E: Endpoint> Endpoint for Guard<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let by_tls = *request.scheme() == Scheme::HTTPS;
        let allowance = (self.rules.allowance)(&request);
        let (request, reading) = metered(request, allowance.body_bytes_max, self.rules.pace);
        let mut response = self.answer(request, allowance, &reading).await;
        if !reading.is_over() {
            // The rest of the body stands where the next request would begin: this connection ends, and its peer is told.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        headers::secure(response.headers_mut());
        if by_tls && self.rules.hsts {
            headers::only_by_tls(response.headers_mut());
        }
        Ok(response)
    }
}

/// The status of a request that no route shall see.
fn refusal(request: &Request) -> Option<StatusCode> {
    let method = request.method();
    if !METHODS.contains(method) {
        return Some(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(host) = host(request) else {
        return Some(StatusCode::BAD_REQUEST);
    };
    // Browsers let any site open a WebSocket to us, cookies included, so an upgrade is no safe GET.
    let matters = !method.is_safe() || request.headers().contains_key(UPGRADE);
    let by_tls = *request.scheme() == Scheme::HTTPS;
    (matters && !same_origin(request.headers(), host, by_tls)).then_some(StatusCode::FORBIDDEN)
}

/// Whom the request is for (RFC 9112, 3.2): one `Host`, equal to the authority of an absolute URI. Empty for HTTP/1.0.
fn host(request: &Request) -> Option<&str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?,
        (None, _) if request.version() < Version::HTTP_11 => "",
        _ => return None,
    };
    let uri = request.uri().authority();
    uri.is_none_or(|uri| uri.as_str().eq_ignore_ascii_case(host)).then_some(host)
}

/// What the head says of the body; hyper has refused values that are no number.
fn declared_bytes(request: &Request) -> u64 {
    let declared = request.headers().get(CONTENT_LENGTH);
    declared.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

/// Method and first path segment: enough to find the handler, without the secret tokens that follow in some paths.
fn place(request: &Request) -> String {
    let path = request.uri().path();
    let room = path.split('/').nth(1).unwrap_or_default();
    format!("{} /{room}", request.method())
}

/// Six digits that a visitor can read out on the telephone and that find one line of the log.
fn number() -> String {
    // Without entropy the page is still better than none.
    format!("{:06}", getrandom::u32().unwrap_or(0) % 1_000_000)
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic without words")
}
