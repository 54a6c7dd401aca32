//! From the start of the process to its first answer.

use super::fill::{self, Filled, PASSWORD};
use super::floor;
use super::house::House;
use super::messages;
use super::paper::{Paper, ms};
use super::wire::{Times, Visitor, Wire};
use std::time::Duration;

const TIMES: usize = 5;

pub async fn measure(large: &Filled, paper: &mut Paper) {
    let exec = format!("a process that says its version: {}", ms(floor::exec()));
    let mut times = Vec::new();
    for _ in 0..TIMES {
        times.push(House::on(tempfile::tempdir_in(fill::root()).unwrap()).await.answered_in);
    }
    row(paper, "start to first answer, empty directory", times, &exec, Duration::from_millis(150));

    let (mut stopped, mut killed) = (Vec::new(), Vec::new());
    let mut house = House::on(large.copy()).await;
    for round in 0..TIMES {
        house = house.stopped().await;
        stopped.push(house.answered_in);
        write(&house, large, round).await;
        house = house.killed().await;
        killed.push(house.answered_in);
    }
    row(paper, "the same, 1,000,000 entries", stopped, &exec, Duration::from_millis(300));
    row(paper, "the same after kill -9", killed, &exec, Duration::from_secs(2));
}

fn row(paper: &mut Paper, what: &str, times: Vec<Duration>, floor: &str, most: Duration) {
    let times = Times::new(times);
    let met = times.at(100.0) <= most;
    let measured = format!("p50 {}, slowest of {TIMES} {}", ms(times.p50()), ms(times.at(100.0)));
    paper.row(what, &measured, floor, &format!("≤ {}", ms(most)), met);
}

/// Some messages, so that there is something to be torn from.
async fn write(house: &House, large: &Filled, round: usize) {
    let visitor = Visitor::enter(&house.staff, &fill::email(0), PASSWORD, "/perfil").await;
    let mut wire = Wire::to(&house.staff).await;
    let conversation = large.conversations - large.living().0;
    for n in 0..100 {
        let request = messages::message(&visitor, conversation, &format!("k-{round}-{n}"));
        assert_eq!(wire.send(&request).await.status, 200);
    }
}
