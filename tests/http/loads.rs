//! What comes in masses: requests beyond every limit, and a thousand streams that nobody means (F29, F30).

use crate::costs::{descriptors, memory};
use crate::office::*;
use crate::world::World;
use reqwest::Method;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Sends the head and then the piece, so many times or until the house has had enough; gives the status, or 0 where it
/// closed without a word.
fn pour(base: &str, head: &str, piece: &[u8], times: usize) -> u16 {
    let mut stream = std::net::TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // For as long as it lingers it hears us out, and throws away what it hears.
    let _ = (0..times).try_for_each(|_| stream.write_all(piece));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn f29_what_is_beyond_every_limit_is_refused_and_kept_nowhere() {
    const MB: usize = 1 << 20;
    let world = World::open().await;
    let chunk = [b"100000\r\n".as_slice(), &[b'x'; MB], b"\r\n"].concat();
    let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    let long = format!("X: {}\r\n", "a".repeat(100 << 10));
    let plain = vec![b'x'; MB];
    let table = |host: &str| {
        let post = |more: &str| format!("POST /entrar HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        [
            ("a header of 100 KB", post(&long), &plain, 0, vec![431]),
            ("200 headers", post(&many), &plain, 0, vec![431]),
            ("300 MB", post(&format!("{form}Content-Length: 314572800\r\n")), &plain, 300, vec![413]),
            ("chunks without end", post(&format!("{form}Transfer-Encoding: chunked\r\n")), &chunk, 1_000, vec![413, 0]),
            (
                "two lengths",
                post(&format!("{form}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")),
                &chunk,
                1_000,
                vec![400, 413, 0],
            ),
        ]
    };
    let mut before = 0;
    // The first time everything may still be fetched and grown that is then kept for all.
    for round in 0..3 {
        for base in [&world.house.staff, &world.house.public] {
            for (what, head, piece, times, expected) in table(base.trim_start_matches("http://")) {
                let status = pour(base, &head, piece, times);
                assert!(expected.contains(&status), "{what}: {status}");
            }
        }
        if round == 0 {
            before = memory(&world.house);
        }
    }
    let after = memory(&world.house);
    assert!(after.saturating_sub(before) < 20 << 20, "{before} became {after}");
}

/// A connection from one of two hundred addresses, which ends without a goodbye where `rude`.
async fn dial(base: &str, n: usize, rude: bool) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let from = Ipv4Addr::new(127, 0, 3, u8::try_from(n % 200).unwrap() + 1);
    socket.bind((from, 0).into()).unwrap();
    if rude {
        socket.set_zero_linger().unwrap();
    }
    socket.connect(base.trim_start_matches("http://").parse().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f30_a_thousand_streams_that_nobody_means_cost_little_and_are_let_go() {
    // The house inherits it; where the limit is higher already, nothing changes.
    let mine = std::process::id().to_string();
    let _ = Command::new("prlimit").args(["--pid", &mine, "--nofile=4096:"]).status();
    let world = World::open().await;
    let (base, before) = (&world.house.staff, descriptors(&world.house));
    let (cookie, other) = (Person::cookie(base, BROKER).await, world.staff(ADMIN).await);
    let host = base.trim_start_matches("http://");
    let opening = format!(
        "GET /ao-vivo?tela=outra HTTP/1.1\r\nHost: {host}\r\nOrigin: {base}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let (mut half, mut deaf, mut rude) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..1_000 {
        let mut stream = dial(base, n, n % 3 == 2).await;
        let (all, sent) = match n % 3 {
            0 => (&mut half, &opening[..opening.len() - 2]),
            1 => (&mut deaf, opening.as_str()),
            _ => (&mut rude, opening.as_str()),
        };
        stream.write_all(sent.as_bytes()).await.unwrap();
        all.push(stream);
    }
    for stream in &mut rude {
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 101");
    }
    drop(rude);
    let held = descriptors(&world.house);
    assert!(held >= before + deaf.len(), "they are really there: {before}, then {held}");
    // Each says something to every screen, and nobody of them listens.
    for n in 0..40 {
        queue(&other, &format!("Cliente {n}")).await;
        let began = Instant::now();
        let asked = other.try_send(other.raw(Method::GET, "/conversas?lista=1")).await.unwrap();
        assert_eq!(asked.status, 200, "the others are served, after {:?}", began.elapsed());
    }
    let rss = memory(&world.house);
    assert!(rss < 100 << 20, "{} MB", rss >> 20);
    // Half a head has ten seconds, whoever holds on to it.
    let none_is_half = || async { descriptors(&world.house) <= before + deaf.len() + 5 };
    eventually("the half open are let go", Duration::from_secs(60), none_is_half).await;
    drop(deaf);
    let all_are_back = || async { descriptors(&world.house) <= before + 5 };
    eventually("every descriptor is back", Duration::from_secs(60), all_are_back).await;
    drop(half);
    println!("{} MB, {held} descriptors at most, {before} before", rss >> 20);
}
