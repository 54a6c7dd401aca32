//! Certificates in files: served, exchanged, and what plain requests meet.

use crate::office::*;
use crate::papers::{Authority, Certified, Place};
use crate::wire::{self, door, exchange, get};
use std::time::Duration;

#[tokio::test]
async fn a_pair_in_files_is_served_at_both_doors_by_name_and_address() {
    let it = Certified::open();
    for base in [&it.house.staff, &it.house.public] {
        for name in ["127.0.0.1", "localhost"] {
            let stream = wire::tls(base, &it.authority.pem, name).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
            let answer = exchange(stream, &get("/saude", door(base))).await;
            assert!(answer.starts_with("http/1.1 200 "), "{answer}");
        }
        assert!(wire::tls(base, &it.authority.pem, "exemplo.test").await.is_err(), "a client that checks names");
        assert!(wire::tls(base, &Authority::new().pem, "127.0.0.1").await.is_err(), "and authorities");
    }
}

#[tokio::test]
async fn asvs_12_1_only_tls_1_2_and_1_3() {
    let it = Certified::open();
    for (version, spoken) in [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let mut client = std::process::Command::new("openssl");
        // The lowest level lets a careful client offer what is old.
        let words = ["s_client", version, "-cipher", "DEFAULT:@SECLEVEL=0", "-connect", door(&it.house.public)];
        let said = client.args(words).stdin(std::process::Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert_eq!(said.contains("BEGIN CERTIFICATE"), spoken, "{version}: {said}");
    }
}

#[tokio::test]
async fn asvs_3_4_1_the_portal_wants_tls_for_a_year_and_the_office_does_not() {
    let it = Certified::open();
    let header = |answer: Answer| answer.header("strict-transport-security").to_owned();
    let at = |base: &str| Person::trusting(base, &it.authority.pem);
    assert_eq!(header(at(&it.house.public).get("/entrar").await), "max-age=31536000");
    assert_eq!(header(at(&it.house.public).get("/nada").await), "max-age=31536000");
    assert_eq!(header(at(&it.house.staff).get("/entrar").await), "");
    // In the clear it means nothing (RFC 6797, 7.2).
    let plain = exchange(wire::plain(&it.house.public).await, &get("/saude", door(&it.house.public))).await;
    assert!(plain.starts_with("http/1.1 200 ") && !plain.contains("strict-transport-security"), "{plain}");
}

#[tokio::test]
async fn who_types_http_is_sent_to_https_at_the_same_door() {
    let it = Certified::open();
    let port = door(&it.house.staff).rsplit(':').next().unwrap();
    for (host, to) in [
        (format!("127.0.0.1:{port}"), format!("https://127.0.0.1:{port}/oportunidades?de=3")),
        (format!("localhost:{port}"), format!("https://localhost:{port}/oportunidades?de=3")),
        // C41: a name that is not ours leads nowhere but to the address that was asked.
        ("evil.test".to_owned(), format!("https://127.0.0.1:{port}/oportunidades?de=3")),
        ("localhost:80@evil.test".to_owned(), format!("https://127.0.0.1:{port}/oportunidades?de=3")),
    ] {
        let answer = exchange(wire::plain(&it.house.staff).await, &get("/oportunidades?de=3", &host)).await;
        assert!(answer.starts_with("http/1.1 307 "), "{answer}");
        assert!(answer.contains(&format!("\r\nlocation: {to}\r\n")), "{host}: {answer}");
    }
}

#[tokio::test]
async fn plain_forms_and_streams_are_refused_where_tls_is_demanded() {
    let it = Certified::open();
    let plain = Person::at(&it.house.staff.replace("https", "http"));
    let typed = plain.post("/entrar", &[("email", "a@b.example"), ("senha", "uma senha qualquer")]).await;
    assert_eq!(typed.status, 403);
    assert!(typed.text().contains("HTTPS"), "{}", typed.text());
    let stream = "GET /ao-vivo HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\
                  Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let stream = exchange(wire::plain(&it.house.staff).await, stream).await;
    assert!(stream.starts_with("http/1.1 403 "), "{stream}");
    assert_eq!(plain.get("/saude").await.status, 200);
}

/// Whether a client that trusts only this authority is served.
async fn trusted(base: &str, authority: &Authority) -> bool {
    wire::tls(base, &authority.pem, "127.0.0.1").await.is_ok()
}

#[tokio::test]
async fn a_new_pair_is_served_without_a_restart_and_a_broken_one_is_not() {
    let it = Certified::open();
    let mut open = wire::tls(&it.house.staff, &it.authority.pem, "localhost").await.unwrap();
    let next = Authority::new();
    // By halves, as programs write: a certificate without its key is none.
    std::fs::write(&it.place.chain, next.pair().0).unwrap();
    std::fs::write(&it.place.key, "-----BEGIN").unwrap();
    it.place.put(next.pair());
    eventually("the new pair", Duration::from_secs(10), || trusted(&it.house.staff, &next)).await;
    assert!(trusted(&it.house.public, &next).await && !trusted(&it.house.staff, &it.authority).await);
    // Who was connected stays.
    let request = get("/saude", door(&it.house.staff));
    assert!(exchange(&mut open, &request).await.starts_with("http/1.1 200 "));
    for broken in ["", "nada", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&it.place.chain, broken).unwrap();
        eventually("the broken pair is read", Duration::from_secs(10), || async {
            it.house.errors().iter().any(|line| line.contains("goes on being served"))
        })
        .await;
        assert!(trusted(&it.house.staff, &next).await);
    }
    let last = Authority::new();
    it.place.put(last.pair());
    eventually("the mended pair", Duration::from_secs(10), || trusted(&it.house.staff, &last)).await;
}

#[test]
fn a_pair_that_cannot_be_used_ends_the_start_with_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let (place, authority) = (Place::at(dir.path()), Authority::new());
    let data = dir.path().join("data");
    let (chain, key) = (place.chain.to_str().unwrap(), place.key.to_str().unwrap());
    let start = || {
        let doors = ["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"];
        let pair = ["--staff-cert", chain, "--staff-key", key];
        run(&[doors.as_slice(), &pair].concat(), "", PATIENCE)
    };
    let (first, second) = (authority.pair(), authority.pair());
    for (pair, why) in [
        (None, "No such file"),
        (Some((first.0.clone(), String::new())), "no private key"),
        (Some((String::new(), first.1.clone())), "no certificate"),
        (Some((first.0.clone(), second.1.clone())), "cannot be used together"),
    ] {
        if let Some(pair) = pair {
            place.put(pair);
        }
        let (code, _, said) = start();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(why) && said.trim_end().lines().count() == 1, "{why}: {said}");
    }
    let alone = run(&["--data", data.to_str().unwrap(), "--staff-cert", chain], "", PATIENCE);
    assert_eq!(alone.0, Some(2), "{}", alone.2);
}
