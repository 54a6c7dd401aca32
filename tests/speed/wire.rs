//! A browser reduced to its bytes: the driver shares the machine with what it measures, so it must cost little.

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One kept-alive connection.
pub struct Wire {
    stream: TcpStream,
    bytes: Vec<u8>,
}

/// What came back.
pub struct Reply<'w> {
    pub status: u16,
    pub head: &'w str,
    pub body: &'w [u8],
}

impl Reply<'_> {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Wire {
    /// Connects to `http://…`.
    pub async fn to(base: &str) -> Self {
        let at: SocketAddr = base.trim_start_matches("http://").parse().unwrap();
        let stream = TcpStream::connect(at).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, bytes: Vec::with_capacity(64 << 10) }
    }

    /// Sends a request and reads its answer, which must say its length.
    pub async fn send(&mut self, request: &[u8]) -> Reply<'_> {
        self.stream.write_all(request).await.unwrap();
        self.bytes.clear();
        let (head, length) = loop {
            let read = self.stream.read_buf(&mut self.bytes).await.unwrap();
            assert!(read > 0, "the connection was closed: {}", String::from_utf8_lossy(request));
            if let Some(end) = self.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break (end, length(&self.bytes[..end]));
            }
        };
        while self.bytes.len() < head + 4 + length {
            assert!(self.stream.read_buf(&mut self.bytes).await.unwrap() > 0, "an answer broke off");
        }
        let text = std::str::from_utf8(&self.bytes[..head]).unwrap();
        let status = text[9..12].parse().unwrap();
        Reply { status, head: text, body: &self.bytes[head + 4..] }
    }
}

fn length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.map_or(0, |text| text.parse().unwrap())
}

/// Somebody logged in.
#[derive(Clone)]
pub struct Visitor {
    pub base: String,
    pub cookie: String,
    pub csrf: String,
}

impl Visitor {
    /// Logs in and learns the token of the forms.
    pub async fn enter(base: &str, email: &str, password: &str, page: &str) -> Self {
        let mut visitor = Self { base: base.to_owned(), cookie: String::new(), csrf: String::new() };
        let mut wire = Wire::to(base).await;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("email", email)
            .append_pair("senha", password)
            .finish();
        let reply = wire.send(&visitor.post("/entrar", &form)).await;
        assert_eq!(reply.status, 204, "{email}: {}", reply.text());
        visitor.cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let page = wire.send(&visitor.get(page)).await.text();
        visitor.csrf = super::office::csrf_of(&page);
        visitor
    }

    pub fn get(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n", self.host(), self.cookie).into_bytes()
    }

    pub fn post(&self, path: &str, form: &str) -> Vec<u8> {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nX-Fragment: 1\r\nX-Csrf: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.host(),
            self.cookie,
            self.csrf,
            form.len()
        )
        .into_bytes()
    }

    pub fn host(&self) -> &str {
        self.base.trim_start_matches("http://")
    }
}

/// Times in order, to be asked for their quantiles.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The value below which `percent` of them lie.
    pub fn at(&self, percent: f64) -> Duration {
        let place = (self.0.len() as f64 * percent / 100.0) as usize;
        self.0.get(place.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    pub fn p50(&self) -> Duration {
        self.at(50.0)
    }

    pub fn p99(&self) -> Duration {
        self.at(99.0)
    }
}

/// Sends requests one after the other, in rotation, and times each answer.
pub async fn timed(base: &str, requests: &[Vec<u8>], rounds: usize) -> Vec<Duration> {
    let mut wire = Wire::to(base).await;
    let mut times = Vec::with_capacity(rounds);
    for request in requests.iter().cycle().take(rounds) {
        let began = Instant::now();
        let reply = wire.send(request).await;
        times.push(began.elapsed());
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(request));
    }
    times
}

/// Processor time a process has used so far, all threads together; the scheduler counts it in nanoseconds.
pub fn cpu(pid: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let each = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok());
    Duration::from_nanos(each.filter_map(|line| line.split(' ').next()?.parse::<u64>().ok()).sum())
}
