//! Server time of the pages one works on, in a small agency and in one a hundred times as large.

use super::fill::{self, Filled, PASSWORD};
use super::house::House;
use super::paper::{Paper, ms};
use super::wire::{self, Times, Visitor};
use balcao::demo::rng::Rng;
use std::time::Duration;

const ROUNDS: usize = 2_000;
const TURNS: usize = 5;
/// Different addresses asked for in rotation.
const ADDRESSES: usize = 200;

struct Figure {
    p50: Duration,
    p99: Duration,
    /// Processor time of the server, which rests otherwise, for one answer: what a neighbour's noise changes least.
    cpu: Duration,
}

pub async fn measure(small: &Filled, large: &Filled, paper: &mut Paper) {
    let houses = [House::rested_on(small.copy()).await, House::rested_on(large.copy()).await];
    for (who, n) in [("manager", 1), ("broker", fill::SEERS)] {
        let mut visitors = Vec::new();
        for house in &houses {
            visitors.push(Visitor::enter(&house.staff, &fill::email(n), PASSWORD, "/perfil").await);
        }
        let broker = n >= fill::SEERS;
        for ((name, few), (_, many)) in addresses(small, broker).into_iter().zip(addresses(large, broker)) {
            let [few, many] = in_turns(&houses, &visitors, [few, many]).await;
            row(&format!("{name}, {who}"), &few, &many, paper);
        }
    }
}

fn row(name: &str, few: &Figure, many: &Figure, paper: &mut Paper) {
    let ratio = many.cpu.as_secs_f64() / few.cpu.as_secs_f64();
    let is_asked = !name.starts_with('(');
    let met = !is_asked || (many.p99 <= Duration::from_millis(5) && ratio <= 1.5);
    let figure = |one: &Figure| format!("p50 {}, p99 {}, server CPU {} a page", ms(one.p50), ms(one.p99), ms(one.cpu));
    paper.row(
        &format!("{name} at 100,000 conversations"),
        &figure(many),
        &format!("at 1,000: {} (CPU × {ratio:.2})", figure(few)),
        if is_asked { "p99 ≤ 5 ms, ≤ 1.5 ×" } else { "" },
        met,
    );
}

/// The same page of both houses, a share of the rounds here and a share there, so that a neighbour's noise meets both.
async fn in_turns(houses: &[House; 2], visitors: &[Visitor], paths: [Vec<String>; 2]) -> [Figure; 2] {
    let mut spent = [Duration::ZERO; 2];
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..=TURNS {
        for of in 0..2 {
            let requests: Vec<_> = paths[of].iter().map(|path| visitors[of].get(path)).collect();
            let before = wire::cpu(houses[of].pid());
            let took = wire::timed(&houses[of].staff, &requests, ROUNDS / TURNS).await;
            // The first turn warms up.
            if turn > 0 {
                times[of].extend(took);
                spent[of] += wire::cpu(houses[of].pid()) - before;
            }
        }
    }
    let figure = |times: Vec<Duration>, spent: Duration| {
        let times = Times::new(times);
        Figure { p50: times.p50(), p99: times.p99(), cpu: spent / ROUNDS as u32 }
    };
    let [few, many] = times;
    [figure(few, spent[0]), figure(many, spent[1])]
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
