//! One vocabulary for the tests against the real binary: a house on an empty directory, and people at its two doors.
//!
//! Everybody comes from an address of their own on the loopback network, so that one person's wrong passwords never
//! slow another down.
#![allow(dead_code)] // Each test binary speaks only a part of it.

mod person;

pub use person::*;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

/// The program under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_balcao");
/// How long anything may take that is not measured itself.
pub const PATIENCE: Duration = Duration::from_secs(20);

static KEEPERS: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Somebody who can log in.
#[derive(Clone, Copy)]
pub struct Login {
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub role: &'static str,
}

pub const ADMIN: Login =
    Login { name: "Carla Nunes", email: "carla@aurora.example", password: "maré alta às nove", role: "admin" };
pub const MANAGER: Login =
    Login { name: "Mauro Dias", email: "mauro@aurora.example", password: "três marias no céu", role: "manager" };
pub const BROKER: Login =
    Login { name: "Beatriz Lemos", email: "beatriz@aurora.example", password: "quatro gatos pardos", role: "broker" };
pub const OTHER_BROKER: Login =
    Login { name: "Otávio Reis", email: "otavio@aurora.example", password: "sete chaves na mesa", role: "broker" };
pub const RECEPTION: Login = Login {
    name: "Rosa Prado",
    email: "rosa@aurora.example",
    password: "café com pão de queijo",
    role: "receptionist",
};
/// Outsiders: only e-mail and password count.
pub const OWNER: Login =
    Login { name: "Marta Pedro", email: "marta.pedro@example.com", password: "Imo35avalextern95", role: "" };
pub const APPRAISER: Login =
    Login { name: "Vasco Neves", email: "vasco.neves@example.com", password: "perito-das-14-horas", role: "" };

/// The running binary and its directory.
pub struct House {
    /// `http://127.0.0.1:…` of the office and of the portal.
    pub staff: String,
    pub public: String,
    /// The code of a first start.
    pub code: Option<String>,
    dir: tempfile::TempDir,
    child: Child,
    /// What its command line says beside directory and doors.
    more: Vec<String>,
    errors: Mutex<mpsc::Receiver<String>>,
}

/// What a start came to: an open house's addresses, or how it ended.
enum Start {
    Open { staff: String, public: String, code: Option<String>, child: Child, errors: mpsc::Receiver<String> },
    Closed { said: String },
}

impl House {
    /// The binary on a fresh directory, not set up yet.
    pub fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// The same on a directory of one's own.
    pub fn on(dir: tempfile::TempDir) -> Self {
        Self::told(dir, &[])
    }

    /// The same with more on its command line.
    pub fn told(dir: tempfile::TempDir, more: &[&str]) -> Self {
        Self::told_at(dir, "127.0.0.1:0", "127.0.0.1:0", more)
    }

    /// The same at doors of one's choice.
    pub fn told_at(dir: tempfile::TempDir, staff: &str, public: &str, more: &[&str]) -> Self {
        let more: Vec<String> = more.iter().map(|word| (*word).to_owned()).collect();
        match start(&dir.path().join("data"), staff, public, &more, true) {
            Start::Open { staff, public, code, child, errors } => {
                let errors = Mutex::new(errors);
                Self { staff, public, code, dir, child, more, errors }
            }
            Start::Closed { said } => panic!("the house did not open: {said}"),
        }
    }

    /// The binary on a directory (`data` in `dir`) that was set up before; or why it did not open.
    pub fn again(dir: tempfile::TempDir) -> Result<Self, String> {
        match start(&dir.path().join("data"), "127.0.0.1:0", "127.0.0.1:0", &[], false) {
            Start::Open { staff, public, code, child, errors } => {
                Ok(Self { staff, public, code, dir, child, more: Vec::new(), errors: Mutex::new(errors) })
            }
            Start::Closed { said } => Err(said),
        }
    }

    /// The same, set up and with the whole staff.
    pub async fn open() -> Self {
        let house = Self::new();
        let admin = house.set_up().await;
        for user in [MANAGER, BROKER, OTHER_BROKER, RECEPTION] {
            add_user(&admin, user).await;
        }
        house
    }

    /// The first start's form; gives the admin, logged in.
    pub async fn set_up(&self) -> Person {
        let admin = Person::at(&self.staff);
        let code = self.code.clone().expect("a first start says its code");
        let form = setup_form(&code);
        let done = admin.post("/instalacao", &form).await;
        assert_eq!((done.status, done.header("x-go")), (204, "/"), "{}", done.text());
        admin.learn("/perfil").await;
        admin
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said on standard error since this was asked last.
    pub fn errors(&self) -> Vec<String> {
        self.errors.lock().unwrap().try_iter().collect()
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Pulls the plug.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same directory and ports; gives how long that took.
    pub fn restart(&mut self) -> Duration {
        let (staff, public) = (bare(&self.staff).to_owned(), bare(&self.public).to_owned());
        let until = Instant::now() + PATIENCE;
        loop {
            let began = Instant::now();
            match start(&self.data(), &staff, &public, &self.more, false) {
                Start::Open { child, errors, .. } => {
                    self.child = child;
                    self.errors = Mutex::new(errors);
                    return began.elapsed();
                }
                // Somebody else's connection may have been given the port meanwhile.
                Start::Closed { said } if said.contains("listened on") && Instant::now() < until => {}
                Start::Closed { said } => panic!("the house did not open again: {said}"),
            }
        }
    }

    /// Asks it to stop, and insists that it does: within ten seconds and content.
    pub fn stop(&mut self) {
        let asked = Instant::now();
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = wait(&mut self.child, Duration::from_secs(10)).expect("it stops within 10 s");
        assert_eq!(ended.code(), Some(0), "after {:?}", asked.elapsed());
    }

    /// Lets the house go when this test process is gone, however it goes: for houses in statics, which nobody drops.
    pub fn outlive_nobody(&self) {
        let dir = self.dir.path().to_str().unwrap();
        let keeper = Command::new("sh")
            .args(["-c", "read gone; kill -9 \"$1\"; rm -rf \"$2\"", "sh", &self.pid().to_string(), dir])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        // It reads from a pipe that closes with this process.
        KEEPERS.lock().unwrap().push(keeper.unwrap());
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the setup form says.
pub fn setup_form(code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("codigo", code.to_owned()),
        ("nome_agencia", "Aurora Imóveis".to_owned()),
        ("cor", "255".to_owned()),
        ("idioma", "pt-BR".to_owned()),
        ("fuso", "America/Sao_Paulo".to_owned()),
        ("nome", ADMIN.name.to_owned()),
        ("email", ADMIN.email.to_owned()),
        ("senha", ADMIN.password.to_owned()),
    ]
}

fn bare(address: &str) -> &str {
    address.trim_start_matches("http://").trim_start_matches("https://")
}

/// The binary with these arguments, deaf and ready to be listened to.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["BALCAO_DATA", "BALCAO_STAFF", "BALCAO_PUBLIC", "BALCAO_LOG", "BALCAO_PASSPHRASE"] {
        command.env_remove(name);
    }
    command
}

fn start(data: &Path, staff: &str, public: &str, more: &[String], first: bool) -> Start {
    let data = data.to_str().unwrap();
    let mut command = command(&["--data", data, "--staff", staff, "--public", public]);
    let mut child = command.args(more).spawn().unwrap();
    let (mut lines, errors) = (listen(child.stdout.take().unwrap()), listen(child.stderr.take().unwrap()));
    let mut said = |after: &str| find(&mut lines, after);
    let open = (|| {
        let staff = said("Balcão: ")?;
        let public = said("Portal: ")?;
        let code = if first { Some(said("Código de instalação: ")?) } else { None };
        Some((staff, public, code))
    })();
    match open {
        Some((staff, public, code)) => Start::Open { staff, public, code, child, errors },
        None => {
            let _ = child.kill();
            let _ = child.wait();
            Start::Closed { said: std::iter::from_fn(|| errors.recv_timeout(PATIENCE).ok()).collect() }
        }
    }
}

/// Reads lines for as long as there are any, so that the house never waits for a reader.
fn listen(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    lines
}

fn find(lines: &mut mpsc::Receiver<String>, after: &str) -> Option<String> {
    let until = Instant::now() + PATIENCE;
    while let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if let Some(rest) = line.strip_prefix(after) {
            return Some(rest.to_owned());
        }
    }
    None
}

/// Waits for a process; nothing if it is still there after `most`.
pub fn wait(child: &mut Child, most: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + most;
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return Some(status),
            None if Instant::now() > until => return None,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Runs the binary to its end with a line on its standard input; gives exit code, stdout and stderr.
pub fn run(arguments: &[&str], input: &str, most: Duration) -> (Option<i32>, String, String) {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    // Who does not read its input has ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Some(status) = wait(&mut child, most) else {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("{arguments:?} still runs after {most:?}");
    };
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (status.code(), out, err)
}
