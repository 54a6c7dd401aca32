//! How fast a message is acknowledged that is on disk.

use super::fill::{self, Filled, PASSWORD};
use super::floor::Bare;
use super::house::House;
use super::paper::{Paper, ms};
use super::wire::{self, Times, Visitor, Wire};
use futures_util::future::join_all;
use std::time::{Duration, Instant};

const SENDERS: usize = 64;
const ROUNDS: usize = 6;
const ALONE: usize = 200;
const TOGETHER: Duration = Duration::from_secs(3);

pub async fn measure(large: &Filled, paper: &mut Paper) {
    let bare = Bare::start(large.copy());
    let stranger = Visitor { base: bare.base.clone(), cookie: "x".into(), csrf: "x".into() };
    let house = House::rested_on(large.copy()).await;
    let mut seers = Vec::new();
    for n in 0..fill::SEERS {
        seers.push(Visitor::enter(&house.staff, &fill::email(n), PASSWORD, "/perfil").await);
    }
    let (waiting, _) = large.living();
    let newest = large.conversations - waiting;
    // In turns, so that a neighbour's noise meets both, and what one has still to do afterwards not the other.
    let (mut ours_alone, mut bare_alone) = (Vec::new(), Vec::new());
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        house.rest().await;
        bare_alone.extend(alone(&stranger, round, 1).await);
        ours_alone.extend(alone(&seers[0], round, newest).await);
        floors.push(together(std::slice::from_ref(&stranger), bare.pid(), round, newest).await);
        ours.push(together(&seers, house.pid(), round, newest).await);
    }
    let (ours_alone, bare_alone) = (Times::new(ours_alone), Times::new(bare_alone));
    let ratio = ours_alone.p50().as_secs_f64() / bare_alone.p50().as_secs_f64();
    paper.row(
        "message acknowledged durable over HTTP, 1 sender",
        &format!("p50 {}, p99 {}", ms(ours_alone.p50()), ms(ours_alone.p99())),
        &format!("bare poem + redb, same rows: p50 {} (× {ratio:.2})", ms(bare_alone.p50())),
        "p50 ≤ 2 ×",
        ratio <= 2.0,
    );
    let shares = ours.iter().zip(&floors).map(|(ours, bare)| ours.0 / bare.0);
    let share = middle(shares.collect());
    let (ours, bare) = (best(&ours), best(&floors));
    paper.row(
        "the same, 64 senders",
        &format!("{:.0}/s, server CPU {} each", ours.0, ms(ours.1)),
        &format!("bare: {:.0}/s, CPU {} each (half the rounds ≥ {:.0} %)", bare.0, ms(bare.1), share * 100.0),
        "≥ 50 %, ≥ 4,000/s",
        share >= 0.5 && ours.0 >= 4_000.0,
    );
}

/// The round that was disturbed least.
fn best(rounds: &[(f64, Duration)]) -> (f64, Duration) {
    rounds.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

fn middle(mut shares: Vec<f64>) -> f64 {
    shares.sort_unstable_by(f64::total_cmp);
    shares[(shares.len() - 1) / 2]
}

/// A message with this name, as long as people write; the name stands first, where lists show it too.
pub fn message(visitor: &Visitor, conversation: usize, name: &str) -> Vec<u8> {
    let form = format!(
        "token={name}&texto={name}+Bom+dia%21+A+vistoria+ficou+para+quinta+%C3%A0s+14h30%2C+na+portaria+do+pr%C3%A9dio.+\
         Leve+o+contrato+assinado+e+um+documento+com+foto%2C+por+favor."
    );
    visitor.post(&format!("/conversas/{conversation}/mensagens"), &form)
}

async fn alone(visitor: &Visitor, round: usize, conversation: usize) -> Vec<Duration> {
    let mut wire = Wire::to(&visitor.base).await;
    let mut times = Vec::new();
    for n in 0..ALONE {
        let request = message(visitor, conversation, &format!("a-{round}-{n}"));
        let began = Instant::now();
        let reply = wire.send(&request).await;
        times.push(began.elapsed());
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    times
}

/// Messages a second of all senders, and what one costs the server.
async fn together(visitors: &[Visitor], pid: u32, round: usize, newest: usize) -> (f64, Duration) {
    let (began, before) = (Instant::now(), wire::cpu(pid));
    let senders = (0..SENDERS).map(|sender| async move {
        let visitor = &visitors[sender % visitors.len()];
        let mut wire = Wire::to(&visitor.base).await;
        let mut sent = 0;
        while began.elapsed() < TOGETHER {
            let request = message(visitor, newest - sender, &format!("t-{round}-{sender}-{sent}"));
            let reply = wire.send(&request).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            sent += 1;
        }
        sent
    });
    let sent: u32 = join_all(senders).await.into_iter().sum();
    (f64::from(sent) / began.elapsed().as_secs_f64(), (wire::cpu(pid) - before) / sent.max(1))
}
