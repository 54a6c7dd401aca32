use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use poem::error::{InternalServerError, ReadBodyError};
use poem::{Request, Response, Route, endpoint::make};
use tracing_subscriber::fmt::MakeWriter;

use super::{Allowance, Guard, Rules};
use crate::web::listener::testing::{House, Said, echo, opening};
use crate::web::listener::{Limits, Pace};

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(60);

const PATIENT: Pace = Pace { stall: LONG, grace: LONG, bytes_per_second: 1 };

const RULES: Rules = Rules {
    allowance: |request| Allowance {
        body_bytes_max: if request.uri().path() == "/envio" { 10_000 } else { 1_000 },
        deadline: LONG,
    },
    pace: PATIENT,
    page: |status, number| Response::from(format!("pagina {} {}", status.as_u16(), number.unwrap_or("-"))),
    hsts: true,
};

/// Reads all of the body, and misunderstands every error.
async fn read(request: Request) -> poem::Result<String> {
    let bytes = request.into_body().into_bytes().await.map_err(InternalServerError)?;
    Ok(format!("{} bytes", bytes.len()))
}

/// Streams the body, and hides every error.
async fn stream(request: Request) -> String {
    let mut pieces = std::pin::pin!(request.into_body().into_bytes_stream());
    let mut bytes = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        bytes += piece.len();
    }
    format!("{bytes} bytes")
}

async fn house(pace: Pace) -> House {
    let routes =
        Route::new()
            .at("/", make(read))
            .at("/envio", make(stream))
            .at("/fluxo", make(stream))
            .at("/eco", make(echo))
            .at(
                "/panico/:token",
                make(|request: Request| async move {
                    if request.method() == "GET" { panic!("nao sei {}", 7) } else { "ola" }
                }),
            )
            .at(
                "/proprio",
                make(|_| async { Response::builder().header("content-security-policy", "sandbox").body("ola") }),
            )
            .at("/falha", make(|_| async { Err::<String, _>(InternalServerError(ReadBodyError::PayloadTooLarge)) }));
    House::open(Guard::new(routes, Rules { pace, ..RULES }), Limits::default()).await
}

async fn ask(house: &House, line: &str, rest: &str) -> Said {
    let request = format!("{line} HTTP/1.1\r\nHost: desk\r\n{rest}\r\n");
    house.send(&request).await.answer().await
}

#[tokio::test]
async fn a_body_within_its_cap_arrives() {
    let house = house(PATIENT).await;
    let body = "a".repeat(1_000);
    let mut talk = house.send(&format!("POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000\r\n\r\n{body}")).await;
    assert_eq!(talk.answer().await.body, "1000 bytes");
    let chunks =
        format!("POST / HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{body}\r\n0\r\n\r\n");
    talk.send(chunks.as_bytes()).await;
    assert_eq!(talk.answer().await.body, "1000 bytes");
}

/// A client that keeps the connection for its next request would meet the end of it instead of an answer.
#[tokio::test]
async fn who_was_not_heard_out_is_told_that_the_connection_ends() {
    let house = house(PATIENT).await;
    let unread = "Content-Length: 5\r\n";
    for (line, more, status) in [
        ("POST /", "Origin: http://evil.test\r\n", 403),
        ("TRACE /", "", 405),
        ("POST /nada", "", 404),
        ("POST /panico/7", "", 200),
    ] {
        let said = ask(&house, line, &format!("{more}{unread}")).await;
        assert_eq!((said.status, said.head.contains("connection: close")), (status, true), "{line}: {}", said.head);
    }
    let read = "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 5\r\n\r\nabcde";
    assert!(!house.send(read).await.answer().await.head.contains("connection: close"));
}

#[tokio::test]
async fn a_declared_excess_is_answered_even_while_the_peer_sends() {
    let house = house(PATIENT).await;
    let mut talk = house.send("POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 300000000\r\n\r\n").await;
    // More than fits between us; without the lingering the peer would get a reset instead of the page.
    let _ = tokio::time::timeout(SHORT, talk.send(&vec![b'a'; 64 * 1024 * 1024])).await;
    let said = talk.answer().await;
    assert_eq!((said.status, said.body.as_str()), (413, "pagina 413 -"));
}

/// Sent every 10 ms: 1,000 bytes, the smaller cap, are soon reached.
const CHUNK: &[u8] = b"20\r\n0123456789abcdef0123456789abcdef\r\n";

#[tokio::test]
async fn an_endless_body_is_cut() {
    let house = house(PATIENT).await;
    for path in ["/", "/fluxo"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n");
        let said = house.send(&head).await.dribble(CHUNK).await;
        assert!(said.starts_with("HTTP/1.1 413 "), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_body_has_a_pace() {
    let stalls = house(Pace { stall: SHORT, ..PATIENT }).await;
    let head = "POST /envio HTTP/1.1\r\nHost: desk\r\nContent-Length: 9000\r\n\r\nabc";
    let said = stalls.send(head).await.answer().await;
    assert_eq!((said.status, said.body.as_str()), (408, "pagina 408 -"));
    let dribbles = house(Pace { grace: SHORT, bytes_per_second: 1_000_000, ..PATIENT }).await;
    let said = dribbles.send(head).await.dribble(b"a").await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
}

#[tokio::test]
async fn the_deadline_blames_who_is_slow() {
    let mut rules = RULES;
    rules.allowance = |_| Allowance { body_bytes_max: 1_000, deadline: SHORT };
    let routes = Route::new()
        .at("/", make(read))
        .at("/eco", make(echo))
        .at("/nunca", make(|_| std::future::pending::<String>()));
    let house = House::open(Guard::new(routes, rules), Limits::default()).await;
    let mut socket = house.send(&opening("")).await;
    assert_eq!(socket.answer().await.status, 101);
    assert_eq!(ask(&house, "POST /", "Content-Length: 9\r\n").await.status, 408);
    let said = ask(&house, "GET /nunca", "").await;
    assert_eq!(said.status, 503);
    assert!(!said.body.ends_with('-'), "our fault has a number");
    // Two deadlines later the upgraded connection is still there.
    assert_eq!(socket.echoed("ola").await, "ola");
}

/// What was logged while it is in force, on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_panic_is_one_page_and_one_line() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
    let _in_force = tracing::subscriber::set_default(subscriber);
    let house = house(PATIENT).await;
    let mut talk = house.send("GET /panico/segredo HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    let said = talk.answer().await;
    assert_eq!(said.status, 500);
    let number = said.body.strip_prefix("pagina 500 ").unwrap();
    assert!(number.len() == 6 && number.bytes().all(|digit| digit.is_ascii_digit()), "{number}");
    talk.send(b"POST /panico/segredo HTTP/1.1\r\nHost: desk\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(talk.answer().await.body, "ola");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches(number).count(), 1, "{log}");
    assert!(log.contains("nao sei 7") && log.contains("GET /panico") && !log.contains("segredo"), "{log}");
}

#[tokio::test]
async fn errors_are_pages() {
    let house = house(PATIENT).await;
    let said = ask(&house, "GET /fora", "").await;
    assert_eq!((said.status, said.body.as_str()), (404, "pagina 404 -"));
    let said = ask(&house, "GET /falha", "").await;
    assert_eq!(said.status, 500);
    assert!(said.body.starts_with("pagina 500 ") && !said.body.ends_with('-'), "{}", said.body);
}

#[tokio::test]
async fn requests_no_route_shall_see() {
    let house = house(PATIENT).await;
    let foreign = "Host: desk\r\nOrigin: http://evil.test\r\n";
    let table = [
        ("TRACE / HTTP/1.1", "Host: desk\r\n", 405),
        ("BREW / HTTP/1.1", "Host: desk\r\n", 405),
        ("CONNECT desk:80 HTTP/1.1", "Host: desk:80\r\n", 405),
        ("GET / HTTP/1.1", "", 400),
        ("GET / HTTP/1.1", "Host: desk\r\nHost: desk\r\n", 400),
        ("GET http://desk/ HTTP/1.1", "Host: other\r\n", 400),
        ("GET http://desk/ HTTP/1.1", "Host: DESK\r\n", 200),
        ("GET / HTTP/1.0", "", 200),
        ("GET / HTTP/1.1", foreign, 200),
        ("POST / HTTP/1.1", foreign, 403),
        ("DELETE / HTTP/1.1", foreign, 403),
        ("POST / HTTP/1.0", "Origin: http://evil.test\r\n", 403),
        ("POST / HTTP/1.1", "Host: desk\r\nOrigin: http://desk\r\n", 200),
        ("POST / HTTP/1.1", "Host: desk\r\nSec-Fetch-Site: cross-site\r\n", 403),
    ];
    for (line, headers, status) in table {
        let said = house.send(&format!("{line}\r\n{headers}\r\n")).await.answer().await;
        assert_eq!(said.status, status, "{line} {headers}");
        assert_eq!(said.head.contains("\r\nallow: "), status == 405, "{line}");
    }
    let foreign = opening("Origin: http://evil.test\r\n");
    assert_eq!(house.send(&foreign).await.answer().await.status, 403);
    let ours = opening("Origin: http://desk\r\n");
    assert_eq!(house.send(&ours).await.answer().await.status, 101);
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let house = house(PATIENT).await;
    let too_much = "Content-Length: 2000\r\n";
    for (line, headers) in
        [("GET /", ""), ("GET /fora", ""), ("POST /", too_much), ("GET /panico/1", ""), ("TRACE /", "")]
    {
        let head = ask(&house, line, headers).await.head;
        for expected in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
             media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'; frame-src 'self'\r\n",
            "x-content-type-options: nosniff\r\n",
            "referrer-policy: same-origin\r\n",
            "cross-origin-opener-policy: same-origin\r\n",
            "cross-origin-resource-policy: same-origin\r\n",
            "permissions-policy: camera=(), geolocation=(), microphone=(self)\r\n",
            "cache-control: no-store\r\n",
        ] {
            assert!(head.contains(expected), "{line}: {expected}");
        }
    }
    let own = ask(&house, "GET /proprio", "").await.head;
    assert!(own.contains("content-security-policy: sandbox\r\n") && own.contains("nosniff"));
    assert_eq!(own.matches("content-security-policy").count(), 1);
}
