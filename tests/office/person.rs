//! People at the doors, and what they do there.

use super::{Login, PATIENCE};
use reqwest::cookie::Jar;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Method, redirect};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
        Self::with(base, address, Arc::default(), None)
    }

    /// The same browser after its connections broke: its cookies are still there.
    pub fn anew(&self) -> Self {
        let anew = Self::with(&self.base, self.address, self.jar.clone(), None);
        *anew.csrf.lock().unwrap() = self.csrf();
        anew
    }

    /// Somebody whose browser carries this as the office's cookie.
    pub fn carrying(base: &str, secret: &str) -> Self {
        let person = Self::at(base);
        person.jar.add_cookie_str(&format!("balcao_equipe={secret}; Path=/"), &base.parse().unwrap());
        person
    }

    /// Trusts one authority (PEM) and no other.
    pub fn trusting(base: &str, authority: &str) -> Self {
        Self::with(base, Ipv4Addr::LOCALHOST, Arc::default(), Some(authority))
    }

    fn with(base: &str, address: Ipv4Addr, jar: Arc<Jar>, authority: Option<&str>) -> Self {
        // Whoever is first; it is the same for all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .tls_certs_only(authority.map(|pem| Certificate::from_pem(pem.as_bytes()).unwrap()))
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
        let form = [("email", email), ("senha", password)];
        let mut answer = self.post("/entrar", &form).await;
        while answer.status == 503 {
            // Many log in at once: whoever is asked to come back does.
            answer = self.post("/entrar", &form).await;
        }
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
        let answer = Self::at(base).log_in(login.email, login.password).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// The cookies that this browser would send with a request for this page.
    pub fn cookie_now(&self, path: &str) -> String {
        let url = self.url(path).parse().unwrap();
        let value = reqwest::cookie::CookieStore::cookies(&*self.jar, &url);
        value.and_then(|value| value.to_str().map(str::to_owned).ok()).unwrap_or_default()
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

/// Switches a user off; what is theirs goes to the queue and to this colleague.
pub async fn switch_off(admin: &Person, email: &str, colleague: u64) -> Answer {
    let path = format!("/sistema/usuarios/{}/desativacao", user_id(admin, email).await);
    admin.post(&path, &[("conversas", ""), ("oportunidades", &colleague.to_string())]).await
}

/// Somebody invited on paper; gives their number and the link.
pub async fn invite(admin: &Person, user: Login) -> (u64, String) {
    let form = [("nome", user.name), ("email", user.email), ("papel", user.role), ("como", "papel")];
    let sheet = admin.post("/sistema/usuarios", &form).await;
    assert_eq!(sheet.status, 200, "{}", sheet.text());
    let link = between(&sheet.text(), "id=\"link-convite\" value=\"", "\"").expect("a link").to_owned();
    (user_id(admin, user.email).await, link)
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

/// A conversation at the counter with a new contact, waiting in the queue; gives its number.
pub async fn queue(staff: &Person, name: &str) -> u64 {
    let who = [("nome", name), ("contato", "novo"), ("telefone", "62 98888 0000")];
    let form = [&who[..], &[("responsavel", "fila"), ("texto", "pede uma visita")]].concat();
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
