//! The real binary where the disk, the memory or the descriptors end.

use crate::office::*;
use futures_util::StreamExt;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// What stands on every screen of the office while the disk is full (pt-BR).
const FULL: &str = "O disco do servidor está cheio: nada novo é gravado.";

/// Runs a command; false where it cannot be done here.
fn done(program: &str, arguments: &[&str]) -> bool {
    let done = Command::new(program).args(arguments).output();
    done.is_ok_and(|output| output.status.success())
}

fn limit_file_size(house: &House, bytes: &str) -> bool {
    done("prlimit", &["--pid", &house.pid().to_string(), &format!("--fsize={bytes}:unlimited")])
}

async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !is().await {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}: not within 30 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

async fn say(staff: &Person, conversation: u64, text: &str, token: &str) -> Answer {
    let path = format!("/conversas/{conversation}/mensagens");
    staff.post(&path, &[("texto", text), ("token", token), ("modo", "anotacao")]).await
}

/// An open screen of the office, without a browser.
struct Screen(WebSocketStream<TcpStream>);

impl Screen {
    async fn open(staff: &Person, page: &str) -> Self {
        let drawn = staff.get(page).await.text();
        let address = between(&drawn, "data-live=\"", "\"").expect("a live page").replace("&amp;", "&");
        let mut request = (staff.base.replace("http", "ws") + &address).into_client_request().unwrap();
        for (name, value) in [("cookie", staff.cookie_now("/")), ("origin", staff.base.clone())] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let tcp = TcpStream::connect(staff.base.trim_start_matches("http://")).await.unwrap();
        Self(client_async(request, tcp).await.unwrap().0)
    }

    /// Waits until the part of this name is sent as wanted; gives what was sent.
    async fn until(&mut self, id: &str, wanted: impl Fn(&str) -> bool) -> String {
        let read = async {
            while let Some(Ok(frame)) = self.0.next().await {
                let Ok(text) = frame.to_text() else { continue };
                let said: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
                let ops = said["ops"].as_array().cloned().unwrap_or_default();
                let html = ops.iter().filter(|op| op["id"] == id).filter_map(|op| op["html"].as_str());
                if let Some(html) = html.filter(|html| wanted(html)).last() {
                    return html.to_owned();
                }
            }
            panic!("the screen ended");
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the screen is told")
    }
}

/// Somebody writes until the disk takes no more, and everything is as it should be then; gives what was taken.
async fn fills_up(house: &mut House, staff: &Person, conversation: u64) -> Vec<String> {
    let words = "o apartamento tem três quartos e vista para o parque ".repeat(150);
    let mut taken = Vec::new();
    let refused = loop {
        let n = taken.len();
        let answer = say(staff, conversation, &format!("recado-{n} {words}"), &format!("t{n}")).await;
        match answer.status {
            200 => taken.push(format!("recado-{n} ")),
            _ => break answer,
        }
        assert!(n < 20_000, "it is never full");
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"), "{}", refused.text());
    assert!(refused.text().contains("Não foi salvo"), "{}", refused.text());
    assert!(house.is_alive(), "F09: it does not die of it");
    let health = staff.get("/saude").await;
    assert_eq!((health.status, health.text().trim()), (503, "disk full: read-only"));
    for page in ["/conversas", "/oportunidades", "/contatos", "/perfil", &format!("/conversas/{conversation}")] {
        let read = staff.get(page).await;
        assert_eq!(read.status, 200, "{page} can be read");
        assert!(read.text().contains(FULL), "{page} says what is the matter");
    }
    let late = Person::enter(&house.staff, OTHER_BROKER).await;
    assert!(late.get("/conversas").await.text().contains(FULL), "who comes in now is in");
    let outside = Person::at(&house.public).get("/entrar").await.text();
    assert!(outside.contains("só é possível ler") && !outside.contains("cheio"), "calm words outside");
    taken
}

/// There is room again: nobody restarts anything, and nothing is missing.
async fn heals(house: &mut House, staff: &Person, conversation: u64, taken: &[String]) -> Duration {
    let took = until("healed", async || staff.get("/saude").await.status == 200).await;
    let n = taken.len();
    assert_eq!(say(staff, conversation, "de novo", &format!("t{n}")).await.status, 200, "writes resume alone");
    assert!(!staff.get("/conversas").await.text().contains(FULL), "the line is gone");
    house.kill();
    house.restart();
    let staff = Person::enter(&house.staff, BROKER).await;
    let mut missing: Vec<&String> = taken.iter().collect();
    let mut path = format!("/conversas/{conversation}/entradas");
    loop {
        let page = staff.get(&path).await.text();
        missing.retain(|words| !page.contains(words.as_str()));
        let Some(older) = between(&page, "name=\"antes\" value=\"", "\"") else { break };
        path = format!("/conversas/{conversation}/entradas?antes={older}");
    }
    assert!(missing.is_empty(), "acknowledged and lost: {missing:?}");
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_f09_a_file_that_may_not_grow_is_told_of_and_taken_back() {
    let mut house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let conversation = queue(&staff, "Marta").await;
    let size = std::fs::metadata(house.data().join("balcao.redb")).unwrap().len();
    if !limit_file_size(&house, &(size + 65_536).to_string()) {
        eprintln!("SKIPPED: prlimit is not to be had here");
        return;
    }
    let mut screen = Screen::open(&staff, "/oportunidades").await;
    let taken = fills_up(&mut house, &staff, conversation).await;
    let put = screen.until("disco", |html| html.contains(FULL)).await;
    assert!(put.contains("role=\"status\""), "it is said aloud, too: {put}");
    assert!(limit_file_size(&house, "unlimited"));
    screen.until("disco", |html| !html.contains("offline")).await;
    let took = heals(&mut house, &staff, conversation, &taken).await;
    println!("{} messages fitted; healed {took:?} after there was room", taken.len());
}

/// A small disk of its own, for as long as this lives.
struct Tmpfs(tempfile::TempDir);

impl Tmpfs {
    fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        let path = dir.path().to_str().unwrap().to_owned();
        done("mount", &["-t", "tmpfs", "-o", &options, "tmpfs", &path]).then_some(Self(dir))
    }

    fn remount(&self, options: &str) -> bool {
        done("mount", &["-o", &format!("remount,{options}"), self.0.path().to_str().unwrap()])
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Whoever still writes there is killed by the house's own end; the mount goes with its last user.
        done("umount", &["-l", self.0.path().to_str().unwrap()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_f10_a_full_disk_heals_when_it_grows_and_one_that_is_read_only_is_named() {
    let Some(disk) = Tmpfs::mount("24m") else {
        eprintln!("SKIPPED: nothing can be mounted here (this needs root)");
        return;
    };
    let mut house = House::on(tempfile::tempdir_in(disk.0.path()).unwrap());
    let admin = house.set_up().await;
    for user in [BROKER, OTHER_BROKER] {
        add_user(&admin, user).await;
    }
    let staff = Person::enter(&house.staff, BROKER).await;
    let conversation = queue(&staff, "Marta").await;
    let taken = fills_up(&mut house, &staff, conversation).await;
    assert!(disk.remount("size=96m"));
    let took = heals(&mut house, &staff, conversation, &taken).await;
    println!("{} messages fitted; healed {took:?} after there was room", taken.len());
    // F10: the same disk, from one moment to the next for reading only.
    house.stop();
    assert!(disk.remount("ro"));
    let data = house.data();
    let arguments = ["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"];
    let (code, _, err) = run(&arguments, "", Duration::from_secs(5));
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("cannot be used") && err.to_lowercase().contains("read-only"), "{err}");
    assert!(!err.contains("panicked") && err.trim_end().lines().count() == 1, "one sentence: {err}");
    assert!(disk.remount("rw"));
    house.restart();
}

/// Whoever moves the directory, or unmounts its disk by force, leaves an open file that takes everything and that nobody
/// will ever find again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_a_directory_that_is_moved_away_takes_nothing_and_heals_when_it_is_back() {
    let mut house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let conversation = queue(&staff, "Marta").await;
    let mut taken = vec!["recado-0 chegou".to_owned()];
    assert_eq!(say(&staff, conversation, "recado-0 chegou", "t0").await.status, 200);
    let (data, away) = (house.data(), house.data().with_file_name("away"));
    let is_well = async || staff.get("/saude").await.status == 200;

    std::fs::rename(&data, &away).unwrap();
    let refused = say(&staff, conversation, "sumido", "t1").await;
    assert_eq!(refused.status, 503, "at once, though the file is open: {}", refused.text());
    assert_eq!(staff.upload("recibo.txt", "pago").await.status, 503);
    let page = staff.get(&format!("/conversas/{conversation}")).await;
    assert!(page.status == 200 && page.text().contains("recado-0") && !page.text().contains("sumido"), "reads go on");
    assert!(!data.exists(), "nothing is made where it was");
    std::fs::rename(&away, &data).unwrap();
    until("back", is_well).await;
    assert_eq!(say(&staff, conversation, "recado-1 chegou", "t2").await.status, 200);
    taken.push("recado-1 chegou".to_owned());

    std::fs::rename(&data, &away).unwrap();
    assert!(done("cp", &["-r", away.to_str().unwrap(), data.to_str().unwrap()]), "a copy in its place");
    until("told of, though nobody writes", async || !is_well().await).await;
    assert_eq!(say(&staff, conversation, "para o outro", "t3").await.status, 503, "and not written into the copy");
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&away, &data).unwrap();
    heals(&mut house, &staff, conversation, &taken).await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let page = staff.get(&format!("/conversas/{conversation}")).await.text();
    assert!(!page.contains("sumido") && !page.contains("para o outro"), "what was refused is not there");

    std::fs::rename(&data, &away).unwrap();
    until("told of", async || staff.get("/saude").await.status == 503).await;
    house.stop();
    assert!(!data.exists(), "no last snapshot beside what is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f11_without_descriptors_it_sheds_load_and_comes_back_within_two_seconds() {
    let house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let pid = house.pid().to_string();
    if !done("prlimit", &["--pid", &pid, "--nofile=64:64"]) {
        eprintln!("SKIPPED: prlimit is not to be had here");
        return;
    }
    let at = house.staff.trim_start_matches("http://").to_owned();
    let mut held = Vec::new();
    for _ in 0..100 {
        // Beyond its backlog the machine itself says no; that is shedding, too.
        held.extend(TcpStream::connect(&at).await.ok());
    }
    let busy = cpu_ticks(&pid);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let spun = cpu_ticks(&pid) - busy;
    assert!(spun < 40, "the accept loop does not spin: {spun} ticks in half a second");
    drop(held);
    let began = Instant::now();
    until("it answers again", async || {
        staff.anew().try_send(staff.anew().raw(reqwest::Method::GET, "/saude")).await.is_ok_and(|a| a.status == 200)
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(2), "recovered within two seconds: {:?}", began.elapsed());
}

/// What the process has computed so far, in hundredths of a second.
fn cpu_ticks(pid: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f17_a_stale_lock_keeps_nobody_out_and_a_second_process_ends_at_once() {
    let mut house = House::open().await;
    let data = house.data();
    let arguments = ["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"];
    for killed in [false, true] {
        if killed {
            house.kill();
            house.restart();
        }
        let began = Instant::now();
        let (code, _, err) = run(&arguments, "", Duration::from_secs(5));
        assert!(code == Some(1) && err.contains("in use"), "{code:?} {err}");
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(house.is_alive());
        Person::enter(&house.staff, BROKER).await;
    }
}
