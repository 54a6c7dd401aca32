//! Server time of the pages one works on, in a small agency and in one a hundred times as large.

use super::fill::{self, Filled, PASSWORD};
use super::house::House;
use super::paper::{Paper, ms};
use super::wire::{self, Visitor};
use balcao::demo::rng::Rng;
use std::time::Duration;

const ROUNDS: usize = 2_000;
/// Different addresses asked for in rotation.
const ADDRESSES: usize = 200;

struct Figure {
    p50: Duration,
    p99: Duration,
    /// Processor time of the server, which rests otherwise, for one answer: what a neighbour's noise changes least.
    cpu: Duration,
}

pub async fn measure(small: &Filled, large: &Filled, paper: &mut Paper) {
    let small = agency(small).await;
    let large = agency(large).await;
    for (name, few) in small {
        let many = &large.iter().find(|(other, _)| *other == name).unwrap().1;
        let ratio = many.cpu.as_secs_f64() / few.cpu.as_secs_f64();
        let is_asked = !name.starts_with('(');
        let met = !is_asked || (many.p99 <= Duration::from_millis(5) && ratio <= 1.5);
        let figure =
            |one: &Figure| format!("p50 {}, p99 {}, server CPU {} a page", ms(one.p50), ms(one.p99), ms(one.cpu));
        paper.row(
            &format!("{name} at 100,000 conversations"),
            &figure(many),
            &format!("at 1,000: {} (CPU × {ratio:.2})", figure(&few)),
            if is_asked { "p99 ≤ 5 ms, ≤ 1.5 ×" } else { "" },
            met,
        );
    }
}

async fn agency(filled: &Filled) -> Vec<(String, Figure)> {
    let house = House::rested_on(filled.copy()).await;
    let mut found = Vec::new();
    for (who, n) in [("manager", 1), ("broker", fill::SEERS)] {
        let visitor = Visitor::enter(&house.staff, &fill::email(n), PASSWORD, "/perfil").await;
        for (name, paths) in addresses(filled, n >= fill::SEERS) {
            let requests: Vec<_> = paths.iter().map(|path| visitor.get(path)).collect();
            let before = wire::cpu(house.pid());
            let times = wire::timed(&house.staff, &requests, ROUNDS).await;
            let cpu = (wire::cpu(house.pid()) - before) / (ROUNDS + ROUNDS / 10) as u32;
            found.push((format!("{name}, {who}"), Figure { p50: times.p50(), p99: times.p99(), cpu }));
        }
    }
    found
}

/// What is asked for; the first broker's own, where a broker asks.
fn addresses(filled: &Filled, broker: bool) -> Vec<(&'static str, Vec<String>)> {
    let mut rng = Rng::new(5);
    let (waiting, open) = filled.living();
    let newest_open = filled.conversations - waiting;
    let any = |rng: &mut Rng, most: usize| rng.range(1, most as u32);
    let waits = |rng: &mut Rng| newest_open + rng.range(1, waiting as u32) as usize;
    let conversations = (0..ADDRESSES).map(|n| match (broker, n % 2) {
        (true, _) => format!("/conversas/{}", waits(&mut rng)),
        (_, 0) => format!("/conversas/{}", newest_open - open + rng.range(1, open as u32) as usize),
        _ => format!("/conversas/{}", any(&mut rng, filled.conversations)),
    });
    let conversations = conversations.collect();
    let deals = (0..ADDRESSES).map(|_| {
        let deal = any(&mut rng, filled.conversations / 5 / fill::BROKERS - 1) as usize * fill::BROKERS;
        format!("/oportunidades/{}", if broker { deal + 1 } else { deal + 7 })
    });
    let deals = deals.collect();
    let one = |path: &str| vec![path.to_owned()];
    vec![
        ("inbox", one("/conversas?aba=abertos")),
        ("conversation", conversations),
        ("opportunity", deals),
        ("(queue)", one("/conversas?aba=fila")),
        ("(closed)", one("/conversas?aba=fechados")),
        ("(opportunities)", one("/oportunidades?de=todas")),
        ("(contacts)", one("/contatos")),
        ("(new conversation)", one("/conversas/nova")),
    ]
}
