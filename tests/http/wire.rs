//! What stands on the wire: requests that mean two things (ASVS 4.2.1), and the headers of every answer (3.4).

use crate::doors::spoken;
use crate::office::*;
use crate::table::{PUBLIC, Places, STAFF, ask};
use crate::world::{World, world};

#[tokio::test]
async fn asvs_4_2_1_a_request_that_means_two_things_is_refused() {
    let world = world();
    for base in [&world.house.staff, &world.house.public] {
        let host = base.trim_start_matches("http://");
        let smuggled = format!("GET /saude HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let post = format!("POST /entrar HTTP/1.1\r\nHost: {host}\r\n");
        for (what, request, most) in [
            ("two lengths", format!("{post}Content-Length: 0\r\nContent-Length: 5\r\n\r\nabcde{smuggled}"), 1),
            ("two lengths in one", format!("{post}Content-Length: 0, 5\r\n\r\nabcde{smuggled}"), 1),
            (
                "length and chunks",
                format!("{post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
                1,
            ),
            (
                "chunks and length",
                format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n{smuggled}"),
                1,
            ),
            ("chunks that are none", format!("{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}"), 1),
            ("chunks not last", format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}"), 1),
            ("a space before the colon", format!("{post}Content-Length : 3\r\n\r\nabc{smuggled}"), 1),
            ("a folded line", format!("{post}X: a\r\n b\r\nContent-Length: 0\r\n\r\n{smuggled}"), 1),
            ("a length with a sign", format!("{post}Content-Length: +3\r\n\r\nabc{smuggled}"), 1),
            ("a negative length", format!("{post}Content-Length: -1\r\n\r\n{smuggled}"), 1),
            ("a length beyond all", format!("{post}Content-Length: 99999999999999999999\r\n\r\n{smuggled}"), 1),
            ("a zero in a name", format!("{post}X\0: a\r\n\r\n{smuggled}"), 1),
            ("a bare return in a value", format!("{post}X: a\rContent-Length: 3\r\n\r\nabc{smuggled}"), 1),
            (
                "a chunk's size with a sign",
                format!("{post}Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n{smuggled}"),
                1,
            ),
            (
                "a chunk's size beyond all",
                format!("{post}Transfer-Encoding: chunked\r\n\r\n{}\r\nabc\r\n{smuggled}", "f".repeat(20)),
                1,
            ),
            (
                "a chunk longer than it says",
                format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n{smuggled}"),
                1,
            ),
            (
                "endless extensions",
                format!("{post}Transfer-Encoding: chunked\r\n\r\n3;{}\r\nabc\r\n0\r\n\r\n", "x".repeat(200_000)),
                1,
            ),
            ("another version", format!("POST /entrar HTTP/9.9\r\nHost: {host}\r\n\r\n{smuggled}"), 1),
            ("a later protocol's opening", format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{smuggled}"), 1),
        ] {
            let (status, all) = spoken(base, &request);
            let answers = all.matches("HTTP/1.1 ").count();
            assert!(answers <= most, "{what}: {answers} answers: {all:.400}");
            assert!(!all.contains("\r\n\r\nok"), "{what}: what was hidden in it was heard");
            // Whoever closes at once says as much.
            assert!(status == 0 || (400..=505).contains(&status) && status != 500, "{what}: {status}");
        }
    }
}

#[tokio::test]
async fn c02_asvs_3_4_every_answer_of_every_route_carries_the_rules_of_the_page() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    let visitors = [
        (&admin, STAFF, "office"),
        (&owner, PUBLIC, "portal"),
        (&Person::at(&world.house.staff), STAFF, "nobody at the office"),
        (&Person::at(&world.house.public), PUBLIC, "nobody at the portal"),
    ];
    for (person, lines, who) in visitors {
        for line in lines.iter().filter(|line| !line.route.starts_with("/sessoes")) {
            let path = places.fill(line.path);
            let answer = ask(person, line, &path).await;
            let at = format!("{who}: {} {path} ({})", line.method, answer.status);
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{at}: {policy}");
            let sandboxed = policy.contains("sandbox");
            for rule in ["script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
                assert!(sandboxed || policy.contains(rule), "{at}: {policy}");
            }
            for never in ["unsafe", "*", "http:", "https:", "data:"] {
                assert!(!policy.contains(never), "{at}: {never} in {policy}");
            }
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{at}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{at}");
            assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{at}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{at}");
            assert_eq!(answer.header("access-control-allow-origin"), "", "{at}");
            assert_eq!(answer.header("server"), "", "{at}");
            // C02: `script-src 'self'` is as good as a nonce where nothing but our own assets can be a script.
            let kind = answer.header("content-type");
            assert!(line.route == "/assets/*path" || !kind.contains("javascript"), "{at}: {kind}");
            let public = line.route.starts_with("/assets") || line.route.starts_with("/cor/");
            let kept = answer.header("cache-control");
            assert!(public || kept.contains("no-store") || kept.contains("private"), "{at}: {kept:?}");
            if line.route == "/sair" && line.method == "POST" && answer.status == 204 {
                assert_eq!(answer.header("clear-site-data"), "\"cache\"", "{at}");
            }
        }
    }
}
