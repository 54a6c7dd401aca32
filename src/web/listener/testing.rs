//! A listener on a free port and a client that speaks raw bytes, for the tests of the listener and of the guard.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use poem::web::websocket::WebSocket;
use poem::{FromRequest, IntoEndpoint, IntoResponse, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Limits, Terms, serve};

/// Far beyond every limit under test: what takes longer never happens.
const NEVER: Duration = Duration::from_secs(20);

/// `future`, which must end by itself.
pub(in crate::web) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(NEVER, future).await.expect("waited in vain")
}

pub(in crate::web) struct House {
    pub(in crate::web) address: SocketAddr,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

impl House {
    pub(in crate::web) async fn open<E>(endpoint: E, limits: Limits) -> Self
    where
        E: IntoEndpoint + Send + 'static,
        E::Endpoint: 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let served = tokio::spawn(serve(listener, endpoint, Terms { limits, ..Terms::default() }, stopped));
        Self { address, stop, served }
    }

    /// A new connection that has sent `bytes`.
    pub(in crate::web) async fn send(&self, bytes: &str) -> Talk {
        let mut talk = Talk(TcpStream::connect(self.address).await.unwrap());
        talk.send(bytes.as_bytes()).await;
        talk
    }

    pub(in crate::web) fn stop(&self) {
        self.stop.send(true).unwrap();
    }

    /// Returns when `serve` did.
    pub(in crate::web) async fn closed(self) {
        soon(self.served).await.unwrap();
    }
}

pub(in crate::web) struct Talk(pub(in crate::web) TcpStream);

pub(in crate::web) struct Said {
    pub(in crate::web) status: u16,
    /// Lower case.
    pub(in crate::web) head: String,
    pub(in crate::web) body: String,
}

impl Talk {
    pub(in crate::web) async fn send(&mut self, bytes: &[u8]) {
        soon(self.0.write_all(bytes)).await.unwrap();
    }

    /// One answer with a declared length.
    pub(in crate::web) async fn answer(&mut self) -> Said {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.0.read_u8()).await.expect("closed before an answer"));
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        soon(self.0.read_exact(&mut body)).await.unwrap();
        Said { status: head[9..12].parse().unwrap(), body: String::from_utf8(body).unwrap(), head }
    }

    /// What comes until the connection ends, gently or not.
    pub(in crate::web) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = soon(self.0.read_to_end(&mut rest)).await;
        String::from_utf8(rest).unwrap()
    }

    /// Sends `piece` again and again, every 10 ms, until the server has had enough; gives what it said.
    pub(in crate::web) async fn dribble(self, piece: &'static [u8]) -> String {
        let (mut reads, mut writes) = self.0.into_split();
        let feed = async {
            let mut beat = tokio::time::interval(Duration::from_millis(10));
            loop {
                beat.tick().await;
                if writes.write_all(piece).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let mut said = Vec::new();
        tokio::select! {
            () = feed => {}
            _ = soon(reads.read_to_end(&mut said)) => {}
        }
        String::from_utf8(said).unwrap()
    }

    /// Sends a word through the WebSocket of [`echo`] and gives what comes back.
    pub(in crate::web) async fn echoed(&mut self, word: &str) -> String {
        // Final text frame; masked, as a client's must be, with zeros.
        let mut frame = vec![0x81, 0x80 | u8::try_from(word.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(word.as_bytes());
        self.send(&frame).await;
        let mut head = [0; 2];
        soon(self.0.read_exact(&mut head)).await.unwrap();
        assert_eq!(head[0], 0x81);
        let mut payload = vec![0; head[1].into()];
        soon(self.0.read_exact(&mut payload)).await.unwrap();
        String::from_utf8(payload).unwrap()
    }
}

/// The opening of a WebSocket, with further head `lines`.
pub(in crate::web) fn opening(lines: &str) -> String {
    format!(
        "GET /eco HTTP/1.1\r\nHost: desk\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    )
}

/// An endpoint that repeats what a WebSocket says.
pub(in crate::web) async fn echo(request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let socket = WebSocket::from_request(&request, &mut body).await?;
    let upgraded = socket.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.next().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    });
    Ok(upgraded.into_response())
}
