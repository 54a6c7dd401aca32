//! One vocabulary for the tests against the real binary: a house on an empty directory, and people at its two doors.
//!
//! Everybody comes from an address of their own on the loopback network, so that one person's wrong passwords never
//! slow another down.
#![allow(dead_code)] // Each test binary speaks only a part of it.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::cookie::Jar;
use reqwest::{Client, Method, redirect};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The program under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_balcao");
/// How long anything may take that is not measured itself.
pub const PATIENCE: Duration = Duration::from_secs(20);

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
pub const RECEPTION: Login =
    Login { name: "Rosa Prado", email: "rosa@aurora.example", password: "café com pão de queijo", role: "receptionist" };
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
}

/// What a start came to: an open house's addresses, or how it ended.
enum Start {
    Open { staff: String, public: String, code: Option<String>, child: Child },
    Closed { said: String },
}

impl House {
    /// The binary on a fresh directory, not set up yet.
    pub fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// The same on a directory of one's own.
    pub fn on(dir: tempfile::TempDir) -> Self {
        match start(&dir.path().join("data"), "127.0.0.1:0", "127.0.0.1:0") {
            Start::Open { staff, public, code, child } => Self { staff, public, code, dir, child },
            Start::Closed { said } => panic!("the house did not open: {said}"),
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
            match start(&self.data(), &staff, &public) {
                Start::Open { child, .. } => {
                    self.child = child;
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
        let mut keeper = Command::new("sh")
            .args(["-c", "read gone; kill -9 \"$1\"; rm -rf \"$2\"", "sh", &self.pid().to_string(), dir])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The pipe closes with the process.
        std::mem::forget(keeper.stdin.take());
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
    address.trim_start_matches("http://")
}

/// The binary with these arguments, deaf and ready to be listened to.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["BALCAO_DATA", "BALCAO_STAFF", "BALCAO_PUBLIC", "BALCAO_LOG"] {
        command.env_remove(name);
    }
    command
}

fn start(data: &Path, staff: &str, public: &str) -> Start {
    let first = !data.join("balcao.redb").exists();
    let data = data.to_str().unwrap();
    let mut child = command(&["--data", data, "--staff", staff, "--public", public]).spawn().unwrap();
    let (mut lines, errors) = (listen(child.stdout.take().unwrap()), listen(child.stderr.take().unwrap()));
    let mut said = |after: &str| find(&mut lines, after);
    let open = (|| {
        let staff = said("Balcão: ")?;
        let public = said("Portal: ")?;
        let code = if first { Some(said("Código de instalação: ")?) } else { None };
        Some((staff, public, code))
    })();
    match open {
        Some((staff, public, code)) => Start::Open { staff, public, code, child },
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

/// What came back.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, or nothing in it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The number at the end of the address to which a script is sent: `X-Go: /contatos/7`.
    pub fn made(&self) -> u64 {
        assert_eq!(self.status, 204, "{}", self.text());
        let path = self.header("x-go").split('?').next().unwrap_or_default();
        path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no number in {path:?}"))
    }
}

/// Somebody at a browser, at one of the doors.
pub struct Person {
    pub base: String,
    client: Client,
    address: Ipv4Addr,
    jar: Arc<Jar>,
    csrf: Mutex<String>,
}

impl Person {
    /// Sits down; not logged in.
    pub fn at(base: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Self::from_address(base, Ipv4Addr::from(0x7f01_0000 + next))
    }

    /// The same from an address of one's choice.
    pub fn from_address(base: &str, address: Ipv4Addr) -> Self {
        Self::with(base, address, Arc::default())
    }

    /// The same browser after its connections broke: its cookies are still there.
    pub fn anew(&self) -> Self {
        let anew = Self::with(&self.base, self.address, self.jar.clone());
        *anew.csrf.lock().unwrap() = self.csrf();
        anew
    }

    fn with(base: &str, address: Ipv4Addr, jar: Arc<Jar>) -> Self {
        let client = Client::builder()
            .cookie_provider(jar.clone())
            .redirect(redirect::Policy::none())
            .local_address(IpAddr::V4(address))
            .timeout(PATIENCE)
            .no_proxy()
            .build()
            .unwrap();
        Self { base: base.to_owned(), client, address, jar, csrf: Mutex::default() }
    }

    /// Logs in and learns the token of the forms.
    pub async fn enter(base: &str, login: Login) -> Self {
        let person = Self::at(base);
        let entered = person.log_in(login.email, login.password).await;
        assert_eq!(entered.status, 204, "{}: {}", login.email, entered.text());
        person
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        let answer = self.post("/entrar", &[("email", email), ("senha", password)]).await;
        if answer.status == 204 {
            self.learn("/perfil").await;
        }
        answer
    }

    /// Reads the session's token from any page; at the portal every page has it, "not found" too has none.
    pub async fn learn(&self, page: &str) {
        for page in [page, "/conversas?lista=1"] {
            let token = csrf_of(&self.get(page).await.text());
            if !token.is_empty() {
                *self.csrf.lock().unwrap() = token;
                return;
            }
        }
    }

    pub fn csrf(&self) -> String {
        self.csrf.lock().unwrap().clone()
    }

    pub fn forget_csrf(&self) {
        self.csrf.lock().unwrap().clear();
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request with nothing added.
    pub fn raw(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.raw(Method::GET, path)).await
    }

    /// As the page's script asks.
    pub async fn get_fragment(&self, path: &str) -> Answer {
        self.send(self.raw(Method::GET, path).header("X-Fragment", "1")).await
    }

    /// As the page's script sends a form, with the session's token.
    pub fn form<K: AsRef<str>, V: AsRef<str>>(&self, path: &str, form: &[(K, V)]) -> reqwest::RequestBuilder {
        let csrf = self.csrf();
        let mut all: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        if !csrf.is_empty() {
            all.push(("_csrf", &csrf));
        }
        self.raw(Method::POST, path).header("X-Fragment", "1").form(&all)
    }

    pub async fn post<K: AsRef<str>, V: AsRef<str>>(&self, path: &str, form: &[(K, V)]) -> Answer {
        self.send(self.form(path, form)).await
    }

    /// Uploads a file; its token, if it was taken.
    pub async fn upload(&self, name: &str, bytes: impl Into<reqwest::Body>) -> Answer {
        let request = self.raw(Method::POST, "/arquivos").query(&[("nome", name)]);
        self.send(request.header("X-Fragment", "1").header("X-Csrf", self.csrf()).body(bytes)).await
    }

    pub async fn uploaded(&self, name: &str, bytes: impl Into<reqwest::Body>) -> String {
        let answer = self.upload(name, bytes).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        json["id"].as_str().unwrap().to_owned()
    }

    /// The session cookie's value, by logging in once more, for clients that are no browsers.
    pub async fn cookie(base: &str, login: Login) -> String {
        let answer = Self::at(base).post("/entrar", &[("email", login.email), ("senha", login.password)]).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// The journal's number as a page says it.
    pub async fn journal(&self) -> u64 {
        let page = self.get("/perfil").await.text();
        between(&page, "data-seq=\"", "\"").expect("a staff page says the number").parse().unwrap()
    }
}

/// A header that HTTP allows, from any text.
pub fn header(name: &'static str, value: &str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
}

pub fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// The token of a page's forms.
pub fn csrf_of(page: &str) -> String {
    between(page, "<meta name=\"csrf\" content=\"", "\"").unwrap_or_default().to_owned()
}

/// Adds a user; gives its number.
pub async fn add_user(admin: &Person, user: Login) -> u64 {
    let form = [("nome", user.name), ("email", user.email), ("papel", user.role), ("senha", user.password)];
    let made = admin.post("/sistema/usuarios", &form).await;
    assert_eq!(made.status, 204, "{}", made.text());
    user_id(admin, user.email).await
}

/// The number of the user with this address.
pub async fn user_id(admin: &Person, email: &str) -> u64 {
    let page = admin.get("/sistema/usuarios").await.text();
    let (before, _) = page.split_once(email).expect("the user is listed");
    let (_, after) = before.rsplit_once("/sistema/usuarios/").unwrap();
    after.split('"').next().unwrap().parse().unwrap()
}

/// A contact; gives its number.
pub async fn make_contact(staff: &Person, name: &str, email: &str) -> u64 {
    staff.post("/contatos", &[("nome", name), ("emails", email), ("telefones", "62 3774 3039")]).await.made()
}

/// An opportunity for sale with this contact, its maker's own; gives its number.
pub async fn make_opportunity(staff: &Person, title: &str, contact: u64) -> u64 {
    let contact = contact.to_string();
    staff.post("/oportunidades", &[("tipo", "venda"), ("titulo", title), ("contato", &contact)]).await.made()
}

/// An access for somebody on an opportunity; gives the conversation's number.
pub async fn give_access(staff: &Person, opportunity: u64, to: Login, first: &str) -> u64 {
    let form = [("email", to.email), ("nome", to.name), ("senha", to.password), ("texto", first), ("token", first)];
    let sheet = staff.post(&format!("/oportunidades/{opportunity}/acessos"), &form).await;
    assert_eq!(sheet.status, 200, "{}", sheet.text());
    between(&sheet.text(), "?conversa=", "\"").expect("the sheet leads to the conversation").parse().unwrap()
}

/// A conversation at the counter, waiting in the queue; gives its number.
pub async fn queue(staff: &Person, name: &str) -> u64 {
    let form = [("nome", name), ("telefone", "62 98888 0000"), ("responsavel", "fila"), ("texto", "pede uma visita")];
    staff.post("/conversas", &form).await.made()
}

/// Says something in a conversation, as staff; gives the answer.
pub async fn say(staff: &Person, conversation: u64, text: &str) -> Answer {
    let said = staff.post(&format!("/conversas/{conversation}/mensagens"), &[("texto", text)]).await;
    assert_eq!(said.status, 200, "{}", said.text());
    said
}

/// Writes an internal note.
pub async fn note(staff: &Person, conversation: u64, text: &str) {
    let form = [("texto", text), ("modo", "anotacao")];
    let said = staff.post(&format!("/conversas/{conversation}/mensagens"), &form).await;
    assert_eq!(said.status, 200, "{}", said.text());
}

/// The random names of the conversations an outsider is shown.
pub async fn portal_tokens(outsider: &Person) -> Vec<String> {
    let page = outsider.get("/conversas?lista=1").await.text();
    page.split("href=\"/conversas/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Waits until something is so.
pub async fn eventually<F: Future<Output = bool>>(what: &str, most: Duration, mut check: impl FnMut() -> F) {
    let until = Instant::now() + most;
    while !check().await {
        assert!(Instant::now() < until, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
