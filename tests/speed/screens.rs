//! From sending to seeing, with two hundred screens open; and what they weigh.

use super::fill::{self, Filled, PASSWORD};
use super::house::House;
use super::messages;
use super::paper::{Paper, ms};
use super::wire::{self, Times, Visitor, Wire};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};

const SCREENS: usize = 200;
/// Of them, those on which the conversation is open; all others show it in their list.
const OPEN: usize = 20;
const MESSAGES: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);

/// Seen: the number of a message, and when.
type Seen = mpsc::UnboundedSender<(usize, Instant)>;

pub async fn measure(large: &Filled, paper: &mut Paper) {
    let house = House::rested_on(large.copy()).await;
    let mut visitors = Vec::new();
    for n in 0..fill::SEERS {
        visitors.push(Visitor::enter(&house.staff, &fill::email(n), PASSWORD, "/perfil").await);
    }
    let conversation = large.conversations - large.living().0;
    let (sender, mut seen) = mpsc::unbounded_channel();
    open(&visitors, conversation, &sender).await;
    let mut wire = Wire::to(&house.staff).await;
    let (mut sent, mut alone) = (HashMap::new(), Vec::new());
    let before = wire::cpu(house.pid());
    for n in 0..MESSAGES {
        let request = messages::message(&visitors[0], conversation, &format!("visto-{n}-"));
        let began = Instant::now();
        sent.insert(n, began);
        assert_eq!(wire.send(&request).await.status, 200);
        alone.push(began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    let mut times = Vec::new();
    while times.len() < MESSAGES * SCREENS {
        let (n, at) = tokio::time::timeout(PATIENCE, seen.recv()).await.expect("every screen sees all").unwrap();
        times.push(at.duration_since(sent[&n]));
    }
    let cpu = (wire::cpu(house.pid()) - before) / MESSAGES as u32;
    let (times, alone) = (Times::new(times), Times::new(alone));
    let beyond = |time: Duration| time.saturating_sub(alone.p50());
    paper.row(
        "sent → visible on another screen, all 200 of them showing it",
        &format!(
            "p50 {}, p99 {} beyond the sender's own answer; server CPU {} a message",
            ms(beyond(times.p50())),
            ms(beyond(times.p99())),
            ms(cpu)
        ),
        &format!("answer to the sender: p50 {}", ms(alone.p50())),
        "p50 ≤ 10 ms, p99 ≤ 50 ms",
        beyond(times.p50()) <= Duration::from_millis(10) && beyond(times.p99()) <= Duration::from_millis(50),
    );
}

/// Opens the screens, and returns when the house has greeted each.
async fn open(visitors: &[Visitor], conversation: usize, seen: &Seen) {
    for n in 0..SCREENS {
        let visitor = &visitors[n % visitors.len()];
        let beside = if n < OPEN { format!("&conversa={conversation}") } else { String::new() };
        let url = format!("ws://{}/ao-vivo?tela=conversas&aba=abertos{beside}", visitor.host());
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("cookie", HeaderValue::from_str(&visitor.cookie).unwrap());
        request.headers_mut().insert("origin", HeaderValue::from_str(&visitor.base).unwrap());
        let stream = TcpStream::connect(visitor.host()).await.unwrap();
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        let seen = seen.clone();
        let greeted = socket.next().await;
        assert!(greeted.is_some_and(|frame| frame.is_ok()), "a screen is greeted");
        tokio::spawn(async move {
            let mut last = None;
            while let Some(Ok(frame)) = socket.next().await {
                let at = Instant::now();
                let Message::Text(text) = frame else { continue };
                // A frame may show several messages, and one message may come in several frames.
                for number in text.split("visto-").skip(1).filter_map(|rest| rest.split('-').next()?.parse().ok()) {
                    if last.is_none_or(|last| number > last) {
                        for each in last.map_or(0, |last| last + 1)..=number {
                            let _ = seen.send((each, at));
                        }
                        last = Some(number);
                    }
                }
            }
        });
    }
}

/// Resident memory of an empty house, and of a full one with its screens after a run of logins.
pub async fn memory(large: &Filled, paper: &mut Paper) {
    let empty = House::on(tempfile::tempdir_in(fill::root()).unwrap()).await;
    let (all, own) = empty.resident();
    paper.row(
        "memory, idle and empty",
        &format!("{all} MB resident, {own} MB of it not pages of files"),
        "",
        "≤ 40 MB",
        all <= 40,
    );
    drop(empty);
    let house = House::on(large.copy()).await;
    let mut visitors = Vec::new();
    for n in 0..fill::SEERS + fill::BROKERS {
        visitors.push(Visitor::enter(&house.staff, &fill::email(n), PASSWORD, "/perfil").await);
    }
    let (sender, _seen) = mpsc::unbounded_channel();
    open(&visitors, large.conversations - large.living().0, &sender).await;
    let pages = ["/conversas", "/oportunidades?de=todas", "/contatos", "/conversas/17", "/busca?q=contrato"];
    for visitor in &visitors {
        let mut wire = Wire::to(&house.staff).await;
        for page in pages {
            wire.send(&visitor.get(page)).await;
        }
    }
    let (all, own) = house.resident();
    paper.row(
        "memory, 1,000,000 entries, 200 screens, after 20 logins and 100 pages",
        &format!("{all} MB resident, {own} MB of it not pages of files"),
        "",
        "≤ 200 MB",
        all <= 200,
    );
}
