use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream;
use poem::endpoint::make;
use poem::{Body, IntoResponse, Request, Response};
use tokio::io::AsyncReadExt;
use tokio::sync::{Notify, mpsc};

use super::testing::{House, echo, opening, soon};
use super::{Limits, Pace};

const GET: &str = "GET / HTTP/1.1\r\nHost: desk\r\n\r\n";

/// Nothing here runs out by itself.
const PATIENT: Limits = Limits {
    connections_max: 100,
    connections_per_peer_max: 100,
    head: Duration::from_secs(60),
    idle: Duration::from_secs(60),
    write: Pace { stall: Duration::from_secs(60), grace: Duration::from_secs(60), bytes_per_second: 1 },
    linger: Duration::from_secs(1),
    stop: Duration::from_secs(60),
};

const SHORT: Duration = Duration::from_millis(100);

async fn house(limits: Limits) -> House {
    House::open(make(|_| async { "ola" }), limits).await
}

/// Requests wait in the endpoint until released one by one; each tells when it has come in.
async fn waiting_room(limits: Limits) -> (House, mpsc::UnboundedReceiver<()>, Arc<Notify>) {
    let (enters, entered) = mpsc::unbounded_channel();
    let release = Arc::new(Notify::new());
    let endpoint = make({
        let release = release.clone();
        move |_| {
            let (enters, release) = (enters.clone(), release.clone());
            async move {
                enters.send(()).unwrap();
                release.notified().await;
                "ola"
            }
        }
    });
    (House::open(endpoint, limits).await, entered, release)
}

#[tokio::test]
async fn a_connection_is_kept_and_knows_its_peer() {
    let peer = make(|request: Request| async move { request.remote_addr().to_string() });
    let house = House::open(peer, PATIENT).await;
    let mut talk = house.send(GET).await;
    let expected = format!("socket://{}", talk.0.local_addr().unwrap());
    assert_eq!(talk.answer().await.body, expected);
    talk.send(GET.as_bytes()).await;
    assert_eq!(talk.answer().await.body, expected);
}

#[tokio::test]
async fn f28_a_dribbled_head_is_cut() {
    let head = SHORT;
    let house = house(Limits { head, ..PATIENT }).await;
    let begun = Instant::now();
    let silent = house.send("").await.rest().await;
    assert_eq!((silent.as_str(), begun.elapsed() >= head), ("", true));
    let talk = house.send("GET / HTTP/1.1\r\nX: ").await;
    assert_eq!(talk.dribble(b"a").await, "");
    // The second head of a connection has the same limit.
    let mut talk = house.send(GET).await;
    talk.answer().await;
    assert_eq!(talk.dribble(b"G").await, "");
}

#[tokio::test]
async fn an_idle_connection_has_its_own_limit() {
    let limits = Limits { head: SHORT / 4, idle: SHORT, ..PATIENT };
    let house = house(limits).await;
    let mut talk = house.send(GET).await;
    talk.answer().await;
    let begun = Instant::now();
    assert_eq!(talk.rest().await, "");
    // The server's clock began before ours, by the way of one answer.
    assert!(begun.elapsed() > SHORT / 2);
}

#[tokio::test]
async fn one_peer_has_so_many_connections() {
    let connections_per_peer_max = 2;
    let limits = Limits { connections_per_peer_max, ..PATIENT };
    let (house, mut entered, release) = waiting_room(limits).await;
    let mut busy = house.send(GET).await;
    soon(entered.recv()).await;
    let mut waits = house.send("GET / HT").await;
    // The second takes the place of the one that only waits, the third finds none.
    let mut second = house.send(GET).await;
    assert_eq!(waits.rest().await, "");
    soon(entered.recv()).await;
    assert_eq!(house.send("").await.rest().await, "");
    release.notify_waiters();
    assert_eq!(busy.answer().await.body, "ola");
    assert_eq!(second.answer().await.body, "ola");
}

#[tokio::test]
async fn a_websocket_outlives_the_limits_of_requests() {
    let limits = Limits { head: SHORT, idle: SHORT, ..PATIENT };
    let house = House::open(make(echo), limits).await;
    let mut talk = house.send(&opening("")).await;
    let said = talk.answer().await;
    assert_eq!(said.status, 101);
    assert!(said.head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="));
    assert_eq!(talk.echoed("bom dia").await, "bom dia");
    // A later connection has run into the limit, so this one would have, too.
    assert_eq!(house.send("").await.rest().await, "");
    assert_eq!(talk.echoed("boa tarde").await, "boa tarde");
}

#[tokio::test]
async fn an_open_websocket_is_a_connection() {
    let limits = Limits { connections_per_peer_max: 1, ..PATIENT };
    let house = House::open(make(echo), limits).await;
    let mut talk = house.send(&opening("")).await;
    assert_eq!(talk.answer().await.status, 101);
    assert_eq!(talk.echoed("a").await, "a");
    assert_eq!(house.send("").await.rest().await, "");
    assert_eq!(talk.echoed("b").await, "b");
}

/// A house whose answer has no end; it is told when the house gives the answer up.
async fn endless(limits: Limits) -> (House, mpsc::UnboundedReceiver<()>) {
    struct Gone(mpsc::UnboundedSender<()>);
    impl Drop for Gone {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (gone, is_gone) = mpsc::unbounded_channel();
    let endless = make(move |_| {
        let gone = Gone(gone.clone());
        let pieces = stream::repeat_with(move || {
            let _alive = &gone;
            Ok::<_, std::io::Error>(vec![0; 64 * 1024])
        });
        async move { Body::from_bytes_stream(pieces).into_response() }
    });
    (House::open(endless, limits).await, is_gone)
}

#[tokio::test]
async fn f28_who_does_not_read_is_cut() {
    let mut limits = PATIENT;
    limits.write.stall = SHORT;
    let (house, mut is_gone) = endless(limits).await;
    let talk = house.send(GET).await;
    soon(is_gone.recv()).await.unwrap();
    drop(talk);
}

#[tokio::test]
async fn f28_who_only_sips_is_cut() {
    let mut limits = PATIENT;
    limits.write = Pace { grace: SHORT, bytes_per_second: 1 << 30, ..PATIENT.write };
    let (house, mut is_gone) = endless(limits).await;
    let mut talk = house.send(GET).await;
    let sips = async {
        // Sips large enough that something moves each time: no single wait is a long one.
        let mut sip = vec![0; 256 * 1024];
        let mut beat = tokio::time::interval(SHORT / 10);
        while talk.0.read(&mut sip).await.is_ok_and(|bytes| bytes > 0) {
            beat.tick().await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = sips => {}
        gone = soon(is_gone.recv()) => gone.unwrap(),
    }
}

#[tokio::test]
async fn the_stop_waits_for_running_requests_only() {
    let (house, mut entered, release) = waiting_room(PATIENT).await;
    let mut busy = house.send(GET).await;
    soon(entered.recv()).await;
    let mut waits = house.send("").await;
    house.stop();
    assert_eq!(waits.rest().await, "");
    release.notify_waiters();
    assert_eq!(busy.answer().await.body, "ola");
    assert_eq!(busy.rest().await, "");
    house.closed().await;
}

#[tokio::test]
async fn the_stop_is_bounded() {
    let (enters, mut entered) = mpsc::unbounded_channel();
    let endpoint = make(move |request: Request| {
        let enters = enters.clone();
        async move {
            if request.uri().path() == "/eco" {
                return echo(request).await;
            }
            enters.send(()).unwrap();
            std::future::pending::<poem::Result<Response>>().await
        }
    });
    let stop = SHORT;
    let house = House::open(endpoint, Limits { stop, ..PATIENT }).await;
    // A body that nobody reads keeps hyper away from the wire, so the cut must reach the task as well.
    let upload = "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 9\r\n\r\nabc";
    let mut hangs = house.send(upload).await;
    soon(entered.recv()).await;
    let mut socket = house.send(&opening("")).await;
    assert_eq!(socket.answer().await.status, 101);
    let begun = Instant::now();
    house.stop();
    house.closed().await;
    assert!(begun.elapsed() >= stop);
    assert_eq!(hangs.rest().await, "");
    assert_eq!(socket.rest().await, "");
}

#[tokio::test]
async fn f29_ambiguous_and_huge_heads_are_refused() {
    let house = house(PATIENT).await;
    let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    let table = [
        ("Content-Length: 1\r\nContent-Length: 2\r\n".to_owned(), 400),
        ("Content-Length: +1\r\n".to_owned(), 400),
        ("Transfer-Encoding: gzip\r\n".to_owned(), 400),
        ("Bad Name: 1\r\n".to_owned(), 400),
        (format!("X: {}\r\n", "a".repeat(100 * 1024)), 431),
        (many, 431),
    ];
    for (lines, status) in table {
        let request = format!("POST / HTTP/1.1\r\nHost: desk\r\n{lines}\r\n");
        let mut talk = house.send(&request).await;
        assert_eq!(talk.answer().await.status, status, "{lines:.40}");
        assert_eq!(talk.rest().await, "");
    }
}

#[tokio::test]
async fn f29_nothing_follows_two_lengths() {
    // Read to its end, the body leaves a connection that could be kept.
    let read = make(|request: Request| request.into_body().into_string());
    let house = House::open(read, PATIENT).await;
    for lengths in
        ["Content-Length: 100\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 100"]
    {
        let smuggled = format!("POST / HTTP/1.1\r\nHost: desk\r\n{lengths}\r\n\r\n0\r\n\r\n{GET}");
        let mut talk = house.send(&smuggled).await;
        assert!(talk.answer().await.head.contains("connection: close"));
        assert_eq!(talk.rest().await, "");
    }
}

/// The limit on descriptors is the process's, so the test runs again in a process of its own.
#[cfg(unix)]
#[tokio::test]
async fn without_descriptors_the_waiting_make_room() {
    const INSIDE: &str = "BALCAO_TEST_FEW_DESCRIPTORS";
    if std::env::var_os(INSIDE).is_none() {
        let status = std::process::Command::new("sh")
            .args(["-c", r#"ulimit -S -n 40; exec "$0" --exact "$1""#])
            .arg(std::env::current_exe().unwrap())
            .arg("web::listener::tests::without_descriptors_the_waiting_make_room")
            .env(INSIDE, "1")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    // A client has to be another process, too, or it would want descriptors of the same forty.
    let house = house(PATIENT).await;
    let script = format!(
        "for i in $(seq 60); do exec {{fd}}<>/dev/tcp/127.0.0.1/{}; done; \
         printf 'GET / HTTP/1.1\\r\\nHost: desk\\r\\n\\r\\n' >&$fd; head -c 15 <&$fd",
        house.address.port()
    );
    let client = tokio::task::spawn_blocking(move || {
        let script = format!("ulimit -S -n 1024; {script}");
        std::process::Command::new("bash").args(["-c", &script]).output().unwrap()
    });
    let output = soon(client).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "HTTP/1.1 200 OK", "{output:?}");
}
