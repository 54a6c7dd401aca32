//! Who begins a handshake and does not go on.

use crate::office::PATIENCE;
use crate::papers::Certified;
use crate::wire::{self, door, exchange, get};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// The beginning of a greeting that promises 512 bytes.
const BEGUN: [u8; 9] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc];

#[tokio::test]
async fn f_a_dribbled_handshake_is_cut_off_like_a_dribbled_head() {
    let it = Certified::open();
    let mut stream = wire::plain(&it.house.staff).await;
    stream.write_all(&BEGUN).await.unwrap();
    let (mut reads, mut writes) = stream.into_split();
    let began = Instant::now();
    let feed = async {
        let mut beat = tokio::time::interval(Duration::from_millis(200));
        loop {
            beat.tick().await;
            if writes.write_all(&[0]).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        () = feed => {}
        _ = timeout(PATIENCE, reads.read_to_end(&mut rest)) => {}
    }
    let took = began.elapsed();
    assert!(took > Duration::from_secs(8) && took < Duration::from_secs(14), "cut after {took:?}");
}

#[tokio::test]
async fn three_hundred_half_open_handshakes_stop_nobody() {
    let it = Certified::open();
    let mut held = Vec::new();
    for n in 0..300 {
        let mut stream = wire::plain(&it.house.staff).await;
        // A third says nothing, a third begins, a third talks nonsense in the form of TLS.
        match n % 3 {
            0 => {}
            1 => stream.write_all(&BEGUN).await.unwrap(),
            _ => stream.write_all(&[0x16, 3, 1, 0, 4]).await.unwrap(),
        }
        held.push(stream);
    }
    let began = Instant::now();
    let stream = wire::tls(&it.house.staff, &it.authority.pem, "localhost").await.unwrap();
    let answer = exchange(stream, &get("/saude", door(&it.house.staff))).await;
    assert!(answer.starts_with("http/1.1 200 "), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn nonsense_in_the_form_of_tls_ends_its_own_connection_alone() {
    let it = Certified::open();
    let mut odd = 0x9e37_79b9_u32;
    for n in 0..200 {
        let mut bytes = vec![0x16, 3, 1, 0, 200];
        bytes.extend((0..200).map(|_| {
            odd = odd.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (odd >> 24) as u8
        }));
        let mut stream = wire::plain(&it.house.staff).await;
        stream.write_all(&bytes[..5 + n]).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end");
    }
    let stream = wire::tls(&it.house.staff, &it.authority.pem, "localhost").await.unwrap();
    assert!(exchange(stream, &get("/saude", "localhost")).await.starts_with("http/1.1 200 "));
}
