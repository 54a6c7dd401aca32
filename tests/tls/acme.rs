//! ACME against Pebble, the test server of Let's Encrypt: it checks our signatures and really comes to look.

use crate::office::*;
use crate::papers::Authority;
use crate::wire;
use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const NAME: &str = "portal.aurora.example";

/// Says that every name is this machine.
struct Names {
    address: String,
}

impl Names {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let mut bytes = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut bytes) {
                let _ = socket.send_to(&answer(&bytes[..length]), from);
            }
        });
        Self { address }
    }
}

/// 127.0.0.1 for who asks for an address of the old kind (RFC 1035), nothing for all else.
fn answer(question: &[u8]) -> Vec<u8> {
    let name = question[12..].iter().position(|byte| *byte == 0).unwrap() + 13;
    let is_a = question[name..name + 2] == [0, 1];
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
    answer.extend(&question[12..name + 4]);
    if is_a {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    answer
}

/// A running Pebble, and what a client must know of it.
struct Pebble {
    child: Child,
    dir: tempfile::TempDir,
    address: String,
}

impl Pebble {
    /// Looks for names at these ports: by TLS, and by HTTP.
    fn new(tls: u16, http: u16) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let place = crate::papers::Place::at(dir.path());
        place.put(authority.pair());
        std::fs::write(dir.path().join("authority.pem"), &authority.pem).unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": address, "managementListenAddress": format!("127.0.0.1:{}", free_port()),
            "certificate": place.chain, "privateKey": place.key, "httpPort": http, "tlsPort": tls,
            "ocspResponderURL": "", "externalAccountBindingRequired": false,
        }});
        let file = dir.path().join("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let names = Names::new();
        let mut pebble = Command::new("pebble");
        pebble.args(["-config", file.to_str().unwrap(), "-dnsserver", &names.address, "-strict"]);
        // It would wait up to fifteen seconds and refuse good requests by lot, to teach clients patience; tests have none.
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
        let child = pebble.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("pebble is installed");
        Self { child, dir, address }
    }

    fn words(&self) -> Vec<String> {
        let authority = self.dir.path().join("authority.pem");
        let directory = format!("https://{}/dir", self.address);
        ["--acme-directory", &directory, "--acme-authority", authority.to_str().unwrap()].map(str::to_owned).to_vec()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A router: whoever comes to its port is led to the portal's door, while it is on.
struct Router {
    port: u16,
    on: std::sync::Arc<AtomicBool>,
}

impl Router {
    fn to(door: String) -> Self {
        let outside = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, on) = (outside.local_addr().unwrap().port(), std::sync::Arc::new(AtomicBool::new(true)));
        let leads = on.clone();
        std::thread::spawn(move || {
            for from in outside.incoming().map_while(Result::ok) {
                if !leads.load(Ordering::Relaxed) {
                    continue;
                }
                let to = std::net::TcpStream::connect(&door).unwrap();
                for (mut reads, mut writes) in [(from.try_clone().unwrap(), to.try_clone().unwrap()), (to, from)] {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut reads, &mut writes);
                        let _ = writes.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        Self { port, on }
    }
}

/// A house whose portal stands behind two routers' ports, for TLS and for HTTP, and an ACME server that looks there.
struct Street {
    house: House,
    admin: Person,
    tls: Router,
    http: Router,
    _pebble: Pebble,
}

impl Street {
    async fn open() -> Self {
        let public = free_port();
        let door = format!("127.0.0.1:{public}");
        let (tls, http) = (Router::to(door.clone()), Router::to(door.clone()));
        let pebble = Pebble::new(tls.port, http.port);
        let words = pebble.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let house = House::told_at(tempfile::tempdir().unwrap(), "127.0.0.1:0", &door, &words);
        let admin = house.set_up().await;
        eventually("pebble listens", PATIENCE, || async {
            tokio::net::TcpStream::connect(&pebble.address).await.is_ok()
        })
        .await;
        Self { house, admin, tls, http, _pebble: pebble }
    }

    async fn wish(&self) {
        let form = [("dominio", NAME), ("contato", "carla@aurora.example"), ("concordo", "sim")];
        let done = self.admin.post("/sistema/https/portal", &form).await;
        assert_eq!(done.status, 204, "{}", done.text());
    }

    async fn page(&self) -> String {
        self.admin.get("/sistema/https").await.text()
    }

    /// What the portal shows to somebody who does not check: the issuer of its certificate.
    fn issuer(&self) -> String {
        let words = ["s_client", "-servername", NAME, "-connect", wire::door(&self.house.public)];
        let said = Command::new("openssl").args(words).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        between(&said, "issuer=", "\n").unwrap_or_default().to_owned()
    }

    async fn served(&self) {
        eventually("the certificate", Duration::from_secs(60), || async {
            let page = self.page().await;
            // After a failure the next try is an hour away.
            let said = between(&page, "<p class=\"what-was-said\">", "</p>");
            assert_eq!(said, None);
            page.contains(&format!("O portal abre por https://{NAME}"))
        })
        .await;
        assert!(self.issuer().contains("Pebble"), "{}", self.issuer());
    }
}

#[tokio::test]
async fn the_portal_gets_its_certificate_by_the_port_of_https_alone() {
    let street = Street::open().await;
    street.http.on.store(false, Ordering::Relaxed);
    street.wish().await;
    street.served().await;
    // Links lead there, and who comes in the clear is led there, too.
    let page = street.admin.get("/sistema/agencia").await.text();
    assert!(page.contains(&format!("https://{NAME}")), "{page}");
    let plain = Person::at(&street.house.public).get("/entrar").await;
    assert_eq!((plain.status, plain.header("location")), (307, format!("https://{NAME}/entrar").as_str()));
    let account = std::fs::read_to_string(street.house.data().join("secrets/tls-account")).unwrap();
    assert!(account.contains("key_pkcs8"), "{account}");
}

#[tokio::test]
async fn where_only_port_80_is_forwarded_that_will_do() {
    let mut street = Street::open().await;
    street.tls.on.store(false, Ordering::Relaxed);
    street.wish().await;
    street.served().await;
    // It is still there after a restart, without asking again.
    street.house.stop();
    street.http.on.store(false, Ordering::Relaxed);
    street.house.restart();
    assert!(street.issuer().contains("Pebble"), "{}", street.issuer());
}

#[tokio::test]
async fn a_failure_is_said_in_words_with_the_next_try_and_can_be_tried_at_once() {
    let street = Street::open().await;
    for router in [&street.tls, &street.http] {
        router.on.store(false, Ordering::Relaxed);
    }
    street.wish().await;
    let refused = format!("O certificado de {NAME} não foi obtido. Nova tentativa:");
    eventually("the failure", Duration::from_secs(120), || async { street.page().await.contains(&refused) }).await;
    let page = street.page().await;
    let said = between(&page, "<p class=\"what-was-said\">", "</p>").unwrap();
    assert!(said.contains("443: ") && said.contains("80: "), "{said}");
    assert_eq!(Person::at(&street.house.public).get("/entrar").await.status, 200, "the portal goes on as it was");
    street.tls.on.store(true, Ordering::Relaxed);
    street.wish().await;
    street.served().await;
    let off = street.admin.post("/sistema/https/portal", &[("desligar", "sim")]).await;
    assert_eq!(off.status, 204, "{}", off.text());
    assert_eq!(Person::at(&street.house.public).get("/entrar").await.status, 200, "plain again");
    assert!(!street.house.data().join("secrets/tls-portal").exists());
}

#[tokio::test]
async fn what_is_wished_for_is_checked() {
    let house = House::new();
    let admin = house.set_up().await;
    for (domain, email, agreed) in [
        (NAME, "carla@aurora.example", ""),
        (NAME, "carla", "sim"),
        ("https://portal.aurora.example", "carla@aurora.example", "sim"),
        ("portal", "carla@aurora.example", "sim"),
        ("192.168.0.10", "carla@aurora.example", "sim"),
        ("", "carla@aurora.example", "sim"),
    ] {
        let form = [("dominio", domain), ("contato", email), ("concordo", agreed)];
        assert_eq!(admin.post("/sistema/https/portal", &form).await.status, 422, "{domain} {email} {agreed}");
    }
}
