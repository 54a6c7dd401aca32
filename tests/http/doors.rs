//! C31, F33: from outside, the office does not exist.

use crate::office::*;
use crate::table::{Places, STAFF};
use crate::world::world;
use reqwest::Method;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What both doors have, or what the portal has under the same name.
const BOTH: [&str; 14] = [
    "/",
    "/conversas",
    "/conversas/:id",
    "/conversas/:id/mensagens",
    "/conversas/:id/entradas",
    "/idioma",
    "/sessoes/encerramento",
    "/entrar",
    "/sair",
    "/ao-vivo",
    "/arquivos",
    "/arquivos/:token",
    "/arquivos/:token/previa",
    "/logotipo",
];

/// A request as it stands, for what no client would send; gives the status and the body.
pub fn spoken(base: &str, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // Whoever closes without reading everything resets: what came until then counts.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

#[tokio::test]
async fn c31_f33_the_office_is_not_found_from_outside_even_by_its_admin() {
    let world = world();
    let places = Places::of(world).await;
    let cookie = Person::cookie(&world.house.staff, ADMIN).await;
    let visitor = Person::at(&world.house.public);
    let own: Vec<&str> = crate::table::PUBLIC.iter().map(|line| line.route).collect();
    let mut tried = 0;
    for line in STAFF.iter().filter(|line| !BOTH.contains(&line.route) && !own.contains(&line.route)) {
        let path = places.fill(line.path);
        let encoded: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>().replace("%2f", "/");
        let office = world.house.staff.trim_start_matches("http://");
        for (path, host) in [(&path, None), (&path, Some(office)), (&path, Some("localhost")), (&encoded, None)] {
            let method = Method::from_bytes(line.method.as_bytes()).unwrap();
            let mut request = visitor.raw(method, path).header("cookie", &cookie);
            request = request.header("x-original-url", path.as_str()).header("x-rewrite-url", path.as_str());
            request = request.header("x-forwarded-host", office).header("x-forwarded-for", "127.0.0.1");
            if let Some(host) = host {
                request = request.header("host", host);
            }
            let answer = visitor.send(request).await;
            // `/conversas/…` is the portal's own page there: it sends whoever is nobody to its login.
            let own = answer.status == 303
                && line.path.starts_with("/conversas/")
                && answer.header("location").starts_with("/entrar");
            assert!(answer.status == 404 || own, "{} {path} with host {host:?}: {}", line.method, answer.status);
            assert!(!answer.text().contains(ADMIN.name), "{path}");
            tried += 1;
        }
    }
    assert!(tried > 150, "{tried}");
}

/// The addresses on which a process listens, as `/proc` says.
fn listens_at(pid: u32) -> Vec<String> {
    let links = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let held: Vec<String> = links
        .filter_map(|link| std::fs::read_link(link.unwrap().path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        for line in std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // 0A listens; a datagram socket hears whatever its state.
            if held.iter().any(|inode| inode == fields[9]) && (fields[3] == "0A" || table.starts_with("udp")) {
                found.push(format!("{table} {}", fields[1]));
            }
        }
    }
    found.sort_unstable();
    found
}

#[tokio::test]
async fn f33_the_office_listens_at_its_own_address_and_nowhere_else() {
    let (office, portal) = ("127.0.0.21", "127.0.0.22");
    let house = House::told_at(tempfile::tempdir().unwrap(), &format!("{office}:0"), &format!("{portal}:0"), &[]);
    let admin = house.set_up().await;
    let port = |base: &str| base.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let (inside, outside) = (port(&house.staff), port(&house.public));
    let mut wanted = [format!("tcp 1500007F:{inside:04X}"), format!("tcp 1600007F:{outside:04X}")];
    wanted.sort_unstable();
    assert_eq!(listens_at(house.pid()), wanted, "two doors, and nothing else hears");
    assert!(TcpStream::connect((portal, inside)).is_err(), "not even at the other door's address");
    assert!(TcpStream::connect((office, outside)).is_err());
    // Whoever follows everything that the portal says of itself is never shown the way to the office.
    let visitor = Person::at(&house.public);
    visitor.get("/").await;
    for path in ["/", "/entrar", "/instalacao", "/sistema", "/nada", "/logotipo", "/ao-vivo", "/saude"] {
        let answer = visitor.get(path).await;
        let told = format!("{:?} {}", answer.headers, answer.text());
        assert!(!told.contains(&format!("{inside}")) && !told.contains(office), "{path}: {told}");
    }
    assert_eq!(admin.get("/sistema/agencia").await.status, 200);
}

#[tokio::test]
async fn c31_no_path_leads_out_of_its_folder() {
    let world = world();
    for base in [&world.house.staff, &world.house.public] {
        let host = base.trim_start_matches("http://");
        for start in ["/assets/", "/assets/x/", "/arquivos/", "/cor/", "/acesso/", "//", "/"] {
            for odd in [
                "../../../../etc/passwd",
                "..%2f..%2f..%2fetc%2fpasswd",
                "..%5c..%5cetc%5cpasswd",
                "%2e%2e/%2e%2e/LOCK",
                "%252e%252e%252fLOCK",
                "....//LOCK",
                "..;/sistema",
                "balcao.redb",
                "../data/balcao.redb",
                "%00",
                "%ff",
                "./sistema/usuarios",
                "assets/../sistema/usuarios",
                "%2e/sistema",
                "sistema%2fusuarios",
                "sistema/usuarios%00",
            ] {
                let request = format!("GET {start}{odd} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
                let (status, answer) = spoken(base, &request);
                assert!([303, 400, 404, 410].contains(&status), "{start}{odd}: {answer}");
                assert!(!answer.contains("root:"), "{start}{odd}");
            }
        }
    }
}

#[tokio::test]
async fn c31_an_absolute_address_and_a_doubled_host_open_nothing() {
    let world = world();
    let public = world.house.public.trim_start_matches("http://");
    let office = world.house.staff.trim_start_matches("http://");
    for (line, hosts, expected) in [
        (format!("GET http://{office}/contatos HTTP/1.1"), format!("Host: {office}"), [404, 404]),
        (format!("GET http://{office}/contatos HTTP/1.1"), format!("Host: {public}"), [400, 404]),
        ("GET /contatos HTTP/1.1".into(), format!("Host: {public}\r\nHost: {office}"), [400, 400]),
        ("GET /contatos HTTP/1.1".into(), "X: y".into(), [400, 400]),
        ("TRACE /contatos HTTP/1.1".into(), format!("Host: {public}"), [405, 405]),
        (format!("CONNECT {office} HTTP/1.1"), format!("Host: {office}"), [405, 400]),
    ] {
        let (status, _) = spoken(&world.house.public, &format!("{line}\r\n{hosts}\r\nConnection: close\r\n\r\n"));
        assert!(expected.contains(&status), "{line} {hosts}: {status}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_rules_of_the_page() {
    let world = world();
    for base in [&world.house.staff, &world.house.public] {
        for path in ["/entrar", "/nada", "/saude", "/conversas", "/logotipo"] {
            let answer = Person::at(base).get(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("server"), "", "{path} does not say what it is");
        }
    }
}

#[tokio::test]
async fn a_visitor_who_says_nothing_does_not_keep_others_waiting() {
    let world = world();
    let silent: Vec<TcpStream> =
        (0..50).map(|_| TcpStream::connect(world.house.public.trim_start_matches("http://")).unwrap()).collect();
    let began = std::time::Instant::now();
    assert_eq!(Person::at(&world.house.public).get("/entrar").await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?} beside {} silent ones", began.elapsed(), silent.len());
}
