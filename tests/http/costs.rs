//! What costs: bodies and bombs of attackers, and what secrets leave behind (C43, C53, C57–C59).

use crate::doors::spoken;
use crate::keys::access_of;
use crate::office::*;
use crate::table::{Line, PUBLIC, Places, STAFF};
use crate::world::{World, png};
use reqwest::Method;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the kernel says of the house's memory, in bytes.
pub fn memory(house: &House) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", house.pid())).unwrap();
    let kilobytes = between(&status, "VmRSS:", "kB").unwrap().trim().parse::<u64>().unwrap();
    kilobytes * 1024
}

pub fn descriptors(house: &House) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", house.pid())).unwrap().count()
}

/// Every file below a folder that holds one of these, as bytes.
fn holds(dir: &Path, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holds(&path, secrets));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for secret in secrets {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                found.push(format!("{secret:?} in {}", path.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn c43_c53_no_password_and_no_key_lies_in_the_directory_or_in_the_log() {
    let mut world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let smtp = "senha-do-servidor-de-correio";
    let (port, refused) = mail_server_that_repeats_the_login();
    let port = port.to_string();
    let server = [
        ("servidor", "127.0.0.1"),
        ("porta", port.as_str()),
        ("seguranca", "plain"),
        ("remetente", "a@aurora.example"),
    ];
    let server = [&server[..], &[("usuario_smtp", "aurora"), ("senha_smtp", smtp)]].concat();
    assert_eq!(admin.post("/sistema/email", &server).await.status, 204);
    let broker = world.staff(BROKER).await;
    let access = access_of(&broker, world.deal, OWNER.email).await;
    assert_eq!(broker.post(&format!("/acessos/{access}/reenvio"), &[("", "")]).await.status, 200);
    let cookie = Person::cookie(&world.house.public, OWNER).await;
    let session = cookie.split_once('=').unwrap().1.to_owned();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", world.house.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let (soft, hard) = (core.split_whitespace().nth(4), core.split_whitespace().nth(5));
    assert_eq!((soft, hard), (Some("0"), Some("0")), "no core dump holds what memory held: {core}");
    let data = world.house.data();
    world.house.stop();
    let mut loud = command(&["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"])
        .env("BALCAO_LOG", "trace")
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(loud.stdout.take().unwrap()));
    let mut said = |before: &str| {
        lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix(before).map(str::to_owned)).unwrap()
    };
    let (staff, public) = (said("Balcão: "), said("Portal: "));
    let log: Arc<Mutex<String>> = Arc::default();
    let mut errors = std::io::BufReader::new(loud.stderr.take().unwrap());
    let told = log.clone();
    let listening = std::thread::spawn(move || {
        let mut line = String::new();
        while std::io::BufRead::read_line(&mut errors, &mut line).is_ok_and(|read| read > 0) {
            told.lock().unwrap().push_str(&std::mem::take(&mut line));
        }
    });
    let admin = Person::enter(&staff, ADMIN).await;
    Person::enter(&public, OWNER).await;
    Person::at(&public).log_in(OWNER.email, "senha errada, também secreta").await;
    let page = admin.get("/sistema/email").await.text() + &admin.get("/sistema/auditoria").await.text();
    let before = refused.load(Ordering::SeqCst);
    assert_eq!(admin.post("/sistema/email", &server).await.status, 204);
    let tried = || refused.load(Ordering::SeqCst) > before;
    eventually("the letter was tried", PATIENCE, || async { tried() }).await;
    let told = || async { admin.get(&format!("/conversas/{}", world.owner_talk)).await };
    let page = page + &told().await.text();
    loud.kill().unwrap();
    loud.wait().unwrap();
    listening.join().unwrap();
    let log = log.lock().unwrap().clone();
    let mut secrets = vec![OWNER.password, APPRAISER.password, session.as_str(), "senha errada, também secreta"];
    secrets.extend([ADMIN, BROKER, OTHER_BROKER, MANAGER, RECEPTION].map(|login| login.password));
    assert_eq!(holds(&data, &secrets), Vec::<String>::new());
    let kept = holds(&data, &[smtp]);
    assert!(kept.len() == 1 && kept[0].contains("smtp-"), "the mail server's password has a file of its own: {kept:?}");
    for secret in secrets.iter().chain([&smtp]) {
        assert!(!log.contains(secret), "{secret:?} is in the log");
        assert!(!page.contains(secret), "{secret:?} is on a page");
    }
    let spoken = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("\0aurora\0{smtp}"));
    assert!(!log.contains(&spoken) && !page.contains(&spoken), "nor as it goes over the wire");
}

/// A mail server that refuses every login and says in its words what it heard; its port, and how often it did.
fn mail_server_that_repeats_the_login() -> (u16, Arc<AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, refused) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = refused.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut say = stream.try_clone().unwrap();
            let _ = say.write_all(b"220 x ESMTP\r\n");
            let mut line = String::new();
            let mut lines = std::io::BufReader::new(&mut stream);
            while std::io::BufRead::read_line(&mut lines, &mut line).is_ok_and(|read| read > 0) {
                let answer = match line.get(..4) {
                    Some("EHLO") => "250-x\r\n250 AUTH PLAIN LOGIN\r\n".to_owned(),
                    Some("AUTH") => {
                        count.fetch_add(1, Ordering::SeqCst);
                        format!("535 5.7.8 not {}\r\n", line.trim())
                    }
                    _ => "221 bye\r\n".to_owned(),
                };
                let _ = say.write_all(answer.as_bytes());
                line.clear();
            }
        }
    });
    (port, refused)
}

/// A picture that says it has these many pixels.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(4, 4);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32fast::hash(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

#[tokio::test]
async fn c57_a_bomb_costs_no_memory_and_no_time() {
    let world = World::open().await;
    let owner = world.outsider(OWNER).await;
    let before = memory(&world.house);
    let mut highest = 0;
    let zeros = {
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![0; 64 << 20]).unwrap();
        packed.finish().unwrap()
    };
    let mut archive = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    archive.extend(u32::try_from(zeros.len()).unwrap().to_le_bytes());
    archive.extend(u32::MAX.to_le_bytes());
    archive.extend([19, 0, 0, 0]);
    archive.extend(b"[Content_Types].xml");
    archive.extend(&zeros);
    for (name, bytes) in [
        ("b.png", bomb(60_000, 60_000)),
        ("c.png", bomb(u32::MAX, u32::MAX)),
        ("d.png", bomb(20_000, 20_000)),
        ("e.docx", archive.clone()),
        ("f.xlsx", archive),
    ] {
        let began = Instant::now();
        let answer = owner.upload(name, bytes).await;
        assert!([200, 413, 415, 422].contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
        assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
        highest = highest.max(memory(&world.house));
    }
    assert!(highest.saturating_sub(before) < 100 << 20, "{before} became {highest}");
}

#[tokio::test]
async fn c58_five_hundred_broken_uploads_leave_no_file_and_no_descriptor() {
    let world = World::open().await;
    let cookie = Person::cookie(&world.house.public, OWNER).await;
    let owner = Person::at(&world.house.public);
    let page = owner.send(owner.raw(Method::GET, "/conversas?lista=1").header("cookie", &cookie)).await;
    let csrf = csrf_of(&page.text());
    let host = world.house.public.trim_start_matches("http://").to_owned();
    let before = descriptors(&world.house);
    for n in 0..500 {
        let mut stream = std::net::TcpStream::connect(&host).unwrap();
        let head = format!(
            "POST /arquivos?nome=corte.pdf HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Csrf: {csrf}\r\n\
             Content-Length: 100000\r\n\r\n%PDF-1.4\n{}",
            "x".repeat(n * 100)
        );
        stream.write_all(head.as_bytes()).unwrap();
    }
    let drafts = || std::fs::read_dir(world.house.data().join("files/tmp")).unwrap().count();
    eventually("every draft is gone", PATIENCE, || async { drafts() == 0 }).await;
    eventually("every descriptor is back", PATIENCE, || async { descriptors(&world.house) <= before + 5 }).await;
}

#[tokio::test]
async fn c59_a_body_that_no_form_sends_costs_nothing() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    let before = memory(&world.house);
    let part = "--x\r\nContent-Disposition: form-data; name=\"texto\"; filename=\"a.png\"\r\n\r\nx\r\n";
    let parts = part.repeat((900 << 10) / part.len());
    let nested = "[".repeat(900 << 10);
    for (person, lines) in [(&admin, STAFF), (&owner, PUBLIC)] {
        let posts =
            |line: &&Line| line.method == "POST" && !line.route.starts_with("/sessoes") && line.route != "/sair";
        for line in lines.iter().filter(posts) {
            let path = places.fill(line.path);
            for (kind, body) in [("multipart/form-data; boundary=x", &parts), ("application/json", &nested)] {
                let request = person.raw(Method::POST, &path).header("x-csrf", person.csrf());
                let answer = person.send(request.header("content-type", kind).body(body.clone())).await;
                assert!(answer.status < 500, "{path} as {kind}: {}", answer.status);
            }
            let host = person.base.trim_start_matches("http://");
            let huge = format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
            );
            assert_eq!(spoken(&person.base, &huge).0, 413, "{path} with a gigabyte of JSON");
        }
    }
    let after = memory(&world.house);
    assert!(after.saturating_sub(before) < 100 << 20, "{before} became {after}");
}
