//! "Ativar HTTPS": the office's own authority, from the first press to the last.

use crate::office::*;
use crate::wire::{self, exchange, get};
use std::os::unix::fs::PermissionsExt;

/// What a refused form says.
fn refusal(answer: &Answer) -> String {
    between(&answer.text(), "role=\"alert\">", "<").unwrap_or_default().to_owned()
}

async fn press(admin: &Person, form: &[(&str, &str)]) -> Answer {
    admin.post("/sistema/https", form).await
}

/// A house that prepared its certificate; gives its admin and the authority's certificate.
async fn prepared() -> (House, Person, String) {
    let house = House::new();
    let admin = house.set_up().await;
    let done = press(&admin, &[("fazer", "preparar"), ("nomes", "balcao.aurora.example")]).await;
    assert_eq!(done.status, 204, "{}", refusal(&done));
    let authority = Person::at(&house.staff).get("/certificado/balcao-ca.crt").await;
    assert_eq!((authority.status, authority.header("content-type")), (200, "application/x-x509-ca-cert"));
    (house, admin, authority.text())
}

fn secure(base: &str) -> String {
    base.replace("http://", "https://")
}

#[tokio::test]
async fn an_authority_of_our_own_serves_every_name_of_this_machine_and_signs_for_nobody_else() {
    let (house, admin, authority) = prepared().await;
    assert!(authority.starts_with("-----BEGIN CERTIFICATE") && !authority.contains("PRIVATE"), "{authority}");
    assert!(admin.get("/sistema/auditoria").await.text().contains("HTTPS office preparar"));
    let page = admin.get("/sistema/https").await.text();
    let names: Vec<&str> =
        between(&page, "<ul class=\"plain-names\">", "</ul>").unwrap().split("<li>").skip(1).collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let name = name.split('<').next().unwrap();
        let stream = wire::tls(&house.staff, &authority, name).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(exchange(stream, &get("/saude", "localhost")).await.starts_with("http/1.1 200 "), "{name}");
    }
    assert!(wire::tls(&house.staff, &authority, "balcao.aurora.example").await.is_ok(), "the name that was added");
    assert!(wire::tls(&house.staff, &authority, "banco.example").await.is_err());
    assert!(wire::tls(&house.public, &authority, "localhost").await.is_err(), "the portal has nothing to do with it");
    let der = openssl(&["x509", "-noout", "-text"], &authority);
    assert!(der.contains("Name Constraints: critical") && der.contains("DNS:balcao.aurora.example"), "{der}");
    assert!(der.contains("CA:TRUE, pathlen:0"), "{der}");
    let fingerprint = openssl(&["x509", "-noout", "-fingerprint", "-sha256"], &authority);
    let fingerprint = fingerprint.trim().rsplit('=').next().unwrap();
    assert!(page.contains(fingerprint), "{fingerprint}");
    let guide = Person::at(&house.staff).get("/certificado").await.text();
    assert!(guide.contains(fingerprint) && guide.contains("Android") && guide.contains("iPhone"), "{guide}");
}

fn openssl(words: &[&str], input: &str) -> String {
    use std::io::Write;
    let mut command = std::process::Command::new("openssl");
    let pipes = (std::process::Stdio::piped(), std::process::Stdio::piped());
    let mut child = command.args(words).stdin(pipes.0).stdout(pipes.1).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
}

/// Not even who steals the authority's key can be somebody else to those who trust it.
#[tokio::test]
async fn a_stolen_authority_is_worth_nothing_outside_the_office() {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let (house, _, authority) = prepared().await;
    let both = std::fs::read_to_string(house.data().join("secrets/tls-authority")).unwrap();
    let (_, stolen) = both.split_once("-----END CERTIFICATE-----").unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Balcão Aurora Imóveis");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let issuer = Issuer::new(params, KeyPair::from_pem(stolen).unwrap());
    for (name, trusted) in
        [("banco.example", false), ("203.0.113.9", false), ("servidor.lan", true), ("10.1.2.3", true)]
    {
        let key = KeyPair::generate().unwrap();
        let forged = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let place = crate::papers::Place::at(dir.path());
        place.put((forged.pem(), key.serialize_pem()));
        let (chain, key) = (place.chain.to_str().unwrap().to_owned(), place.key.to_str().unwrap().to_owned());
        let other = House::told(dir, &["--staff-cert", &chain, "--staff-key", &key]);
        assert_eq!(wire::tls(&other.staff, &authority, name).await.is_ok(), trusted, "{name}");
    }
}

#[tokio::test]
async fn its_keys_are_for_its_owner_alone() {
    let (house, ..) = prepared().await;
    for name in ["tls-authority", "tls-office", "tls-settings"] {
        let mode = std::fs::metadata(house.data().join("secrets").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// While it is being installed both ways are open; https alone comes only from a page that came by https, and goes
/// again without a restart.
#[tokio::test]
async fn nobody_is_locked_out_on_the_way_to_https_and_back() {
    let (house, admin, authority) = prepared().await;
    let by_tls = Person::trusting(&secure(&house.staff), &authority);
    assert_eq!(admin.get("/conversas").await.status, 200, "plain goes on");
    assert_eq!(press(&admin, &[("fazer", "exigir")]).await.status, 422, "not from a plain page");
    assert_eq!(by_tls.log_in(ADMIN.email, ADMIN.password).await.status, 204);
    assert_eq!(press(&by_tls, &[("fazer", "desistir")]).await.status, 422, "the answer would be lost");
    assert_eq!(press(&by_tls, &[("fazer", "exigir")]).await.status, 204);
    let there = admin.get("/conversas").await;
    assert_eq!((there.status, there.header("location")), (307, format!("{}/conversas", by_tls.base).as_str()));
    // What must work before the certificate is trusted.
    for path in ["/saude", "/certificado", "/certificado/balcao-ca.crt"] {
        assert_eq!(Person::at(&house.staff).get(path).await.status, 200, "{path}");
    }
    let sheet = Person::at(&house.staff).get("/certificado").await.text();
    let sheet = between(&sheet, "<link rel=\"stylesheet\" href=\"", "\"").unwrap().to_owned();
    assert_eq!(Person::at(&house.staff).get(&sheet).await.status, 200, "{sheet}");
    assert_eq!(press(&by_tls, &[("fazer", "aceitar")]).await.status, 204);
    assert_eq!(admin.get("/conversas").await.status, 200, "and the old session is still there");
    assert_eq!(press(&admin, &[("fazer", "desistir")]).await.status, 204);
    assert!(wire::tls(&house.staff, &authority, "localhost").await.is_err());
    assert_eq!(Person::at(&house.staff).get("/certificado/balcao-ca.crt").await.status, 404);
    assert!(!house.data().join("secrets/tls-authority").exists());
}

#[tokio::test]
async fn https_survives_a_restart_and_a_lost_certificate_is_made_again() {
    let (mut house, _, authority) = prepared().await;
    let by_tls = Person::trusting(&secure(&house.staff), &authority);
    by_tls.log_in(ADMIN.email, ADMIN.password).await;
    assert_eq!(press(&by_tls, &[("fazer", "exigir")]).await.status, 204);
    house.stop();
    std::fs::write(house.data().join("secrets/tls-office"), "-----BEGIN CERT").unwrap();
    house.restart();
    assert!(wire::tls(&house.staff, &authority, "127.0.0.1").await.is_ok());
    assert_eq!(Person::at(&house.staff).get("/conversas").await.status, 307);
    // Damaged beyond that, it is plain HTTP again, and says so.
    house.stop();
    std::fs::write(house.data().join("secrets/tls-settings"), "{").unwrap();
    house.restart();
    assert_eq!(Person::at(&house.staff).get("/entrar").await.status, 200);
}

#[tokio::test]
async fn names_are_checked_and_stay_within_what_the_authority_may_sign() {
    let (house, admin, authority) = prepared().await;
    for (typed, said) in [
        ("http://balcao", "não é um nome"),
        ("balcão.lan", "não é um nome"),
        ("banco.example", "não pode assinar"),
        ("203.0.113.9", "não pode assinar"),
        (
            "a.lan b.lan c.lan d.lan e.lan f.lan g.lan h.lan i.lan j.lan k.lan l.lan m.lan n.lan o.lan p.lan q.lan r.lan s.lan t.lan u.lan",
            "demais",
        ),
    ] {
        let refused = press(&admin, &[("fazer", "nomes"), ("nomes", typed)]).await;
        assert_eq!(refused.status, 422, "{typed}");
        assert!(refused.text().contains(said), "{typed}");
    }
    assert_eq!(press(&admin, &[("fazer", "nomes"), ("nomes", "mesa.lan, 10.9.8.7")]).await.status, 204);
    for name in ["mesa.lan", "10.9.8.7", "localhost"] {
        assert!(wire::tls(&house.staff, &authority, name).await.is_ok(), "{name}");
    }
    assert!(wire::tls(&house.staff, &authority, "balcao.aurora.example").await.is_err(), "no longer named");
}

#[tokio::test]
async fn the_system_page_says_when_https_is_missing() {
    let (house, admin, authority) = prepared().await;
    assert!(admin.get("/sistema/agencia").await.text().contains("Conexão sem HTTPS"));
    let by_tls = Person::trusting(&secure(&house.staff), &authority);
    by_tls.log_in(ADMIN.email, ADMIN.password).await;
    assert!(!by_tls.get("/sistema/agencia").await.text().contains("Conexão sem HTTPS"));
}
