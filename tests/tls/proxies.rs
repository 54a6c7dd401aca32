//! C11, M11, ASVS 4.1.3: who asks, behind a proxy and without one.

use crate::office::*;
use crate::wire::{self, exchange};

fn behind(proxy: &str) -> House {
    House::told(tempfile::tempdir().unwrap(), &["--trusted-proxy", proxy])
}

/// Wrong passwords from "different addresses": how many were let through.
async fn tries(house: &House, proxy: std::net::Ipv4Addr) -> usize {
    let client = Person::from_address(&house.staff, proxy);
    let mut through = 0;
    for n in 0..40 {
        let form = [("email", format!("a{n}@b.example")), ("senha", "uma senha errada".to_owned())];
        let asked = client.form("/entrar", &form).header("x-forwarded-for", format!("203.0.113.{n}"));
        through += usize::from(client.send(asked).await.status == 422);
    }
    through
}

#[tokio::test]
async fn c11_guesses_are_counted_by_the_visitor_only_where_the_proxy_is_trusted() {
    let house = behind("127.0.0.9");
    house.set_up().await;
    assert_eq!(tries(&house, "127.0.0.9".parse().unwrap()).await, 40, "forty visitors, one guess each");
    assert_eq!(tries(&house, "127.0.0.8".parse().unwrap()).await, 20, "one stranger who claims to be forty");
}

#[tokio::test]
async fn a_trusted_proxy_says_that_the_visitor_came_by_tls() {
    let house = behind("127.0.0.9/32");
    house.set_up().await;
    for (from, name) in [("127.0.0.9", "__Host-balcao_equipe="), ("127.0.0.8", "balcao_equipe=")] {
        let person = Person::from_address(&house.staff, from.parse().unwrap());
        let form = [("email", ADMIN.email), ("senha", ADMIN.password)];
        let entered = person.send(person.form("/entrar", &form).header("x-forwarded-proto", "https")).await;
        assert!(entered.header("set-cookie").starts_with(name), "{from}: {}", entered.header("set-cookie"));
        assert_eq!(entered.header("set-cookie").contains("Secure"), from == "127.0.0.9");
    }
}

/// What else proxies are known to say, and a forwarded host, is never read.
#[tokio::test]
async fn c41_no_header_says_where_the_house_is() {
    let house = behind("127.0.0.1");
    let head = "GET /entrar HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Host: evil.test\r\nForwarded: host=evil.test\r\n\
                X-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n";
    let answer = exchange(wire::plain(&house.public).await, head).await;
    assert!(!answer.contains("evil.test"), "{answer}");
}

#[test]
fn a_proxy_that_is_no_network_is_said_at_the_start() {
    let (code, _, said) = run(&["--trusted-proxy", "exemplo.com"], "", PATIENCE);
    assert_eq!(code, Some(2));
    assert!(said.contains("exemplo.com") && said.trim_end().lines().count() == 1, "{said}");
}
