//! From a request to a handler and back: meets the visitor, reads the form, checks that it is theirs, and turns every
//! refusal into a status and words of their language.

use super::answer::{self, Reply};
use super::ask::{self, Ask, Listener, Who};
use super::desk::Desk;
use super::fields::Fields;
use super::gate;
use super::scene::{Scene, Side};
use crate::domain::agency::Agency;
use crate::domain::audit::{self, Deed};
use crate::domain::session::Session;
use crate::domain::values::Language;
use crate::domain::{Answer, No, Outsider, Refusal, Staff, Viewer, session, token};
use crate::words::Words;
use poem::http::header;
use poem::{Endpoint, Request, Response};
use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

/// A handler behind its door.
pub struct Door<W, H> {
    desk: Arc<Desk>,
    listener: Listener,
    handler: H,
    who: PhantomData<fn() -> W>,
}

/// Opens doors of one listener.
#[derive(Clone)]
pub struct Doors {
    /// The house.
    pub desk: Arc<Desk>,
    /// Which front door.
    pub listener: Listener,
}

impl Doors {
    /// Puts a handler behind a door that lets in whom it wants.
    pub fn to<W: Who, H>(&self, handler: H) -> Door<W, H> {
        Door { desk: self.desk.clone(), listener: self.listener, handler, who: PhantomData }
    }
}

/// What was found out about a request before its handler runs.
struct Met {
    session: Option<Session>,
    viewer: Option<Viewer>,
    /// The agency, or what stands for it before it was set up.
    agency: Arc<Agency>,
    set_up: bool,
    w: Words,
}

impl<W, H, F> Endpoint for Door<W, H>
where
    W: Who + 'static,
    H: Fn(Ask<W>) -> F + Send + Sync,
    F: Future<Output = Reply> + Send,
{
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let fragment = ask::is_fragment(request.headers());
        let met = match self.meet(&request) {
            Ok(met) => met,
            Err(no) => return Ok(answer::no(&Scene::bare(Words(Language::PtBr)), fragment, &no)),
        };
        let (w, agency) = (met.w, met.agency.clone());
        Ok(self.let_in(request, met).await.unwrap_or_else(|no| self.refused(w, &agency, fragment, &no)))
    }
}

impl<W, H, F> Door<W, H>
where
    W: Who + 'static,
    H: Fn(Ask<W>) -> F + Send + Sync,
    F: Future<Output = Reply> + Send,
{
    fn meet(&self, request: &Request) -> Result<Met, No> {
        let found = self.desk.agency()?;
        let set_up = found.is_some();
        let agency = Arc::new(found.unwrap_or_else(blank));
        let by_tls = ask::by_tls(request, self.listener, &agency);
        let session = ask::session(&self.desk, self.listener.cookie(by_tls), request.headers())?;
        let viewer = match &session {
            Some(session) => ask::viewer(&self.desk, self.listener, session)?,
            None => None,
        };
        let language = match &viewer {
            Some(Viewer::Staff(staff)) => staff.language,
            Some(Viewer::Outsider(outsider)) => outsider.language,
            None => ask::language(request.headers(), &agency),
        };
        Ok(Met { session: session.filter(|_| viewer.is_some()), viewer, agency, set_up, w: Words(language) })
    }

    async fn let_in(&self, mut request: Request, met: Met) -> Reply {
        let csrf = met.session.as_ref().map_or(String::new(), |session| session.csrf.clone());
        let fields = read_form(&mut request).await;
        if ask::changes(request.method()) && !csrf.is_empty() {
            let sent = request.header("x-csrf").map(str::to_owned).unwrap_or_else(|| fields.text("_csrf").to_owned());
            if !token::same(&sent, &csrf) {
                return Ok(answer::stale(met.w, ask::is_fragment(request.headers())));
            }
        }
        if let Some(gate) = self.gate(&request, &met)? {
            return Ok(answer::log_in(ask::is_fragment(request.headers()), &gate));
        }
        let acts = met.viewer.as_ref().filter(|_| ask::changes(request.method())).cloned();
        let Some(who) = W::of(met.viewer.map(|viewer| at(viewer, ask::peer(&request)))) else {
            return Ok(self.to_login(&request, met.set_up));
        };
        let now = self.desk.store.now();
        let proved = met.session.as_ref().is_some_and(|session| session::proved(session, now));
        if let Some(session) = met.session.filter(|session| session::worth_noting(session, now)) {
            // Reading goes on where writing does not.
            if let Err(no) = self.desk.store.write_soft(move |tx| session::seen(tx, session.id)).await {
                tracing::warn!(%no, "a last use was not kept");
            }
        }
        let query = Fields::read(request.uri().query().unwrap_or_default().as_bytes());
        let (agency, renewed) = (met.agency.clone(), Arc::<OnceLock<String>>::default());
        let (desk, listener, w) = (self.desk.clone(), self.listener, met.w);
        let ask =
            Ask { desk, listener, who, w, agency, fields, query, csrf, proved, renewed: renewed.clone(), request };
        let (fragment, secure) = (ask.fragment(), ask.by_tls());
        let acts = acts.map(|viewer| (viewer, ask.request.original_uri().path().to_owned(), ask.address()));
        let mut reply = (self.handler)(ask).await;
        if let Err(No::Refused(Refusal::SessionOver)) = reply {
            return Ok(answer::log_in(fragment, super::paths::LOGIN));
        }
        if let (Err(No::Refused(Refusal::NotAllowed)), Some((Viewer::Staff(staff), path, from))) = (&reply, acts) {
            self.note_tried(Staff { from, ..staff }, path).await;
        }
        if let Some(secret) = renewed.get() {
            // Also where the handler then refused: the old cookie opens nothing any more.
            let mut response = reply.unwrap_or_else(|no| self.refused(w, &met.agency, fragment, &no));
            set_cookie(&mut response, listener, Some(secret), secure);
            reply = Ok(response);
        }
        reply
    }

    /// Writes down that somebody tried what they may not: of one kind of address one line a minute, whatever its numbers.
    async fn note_tried(&self, staff: Staff, path: String) {
        let kind: String = path.chars().filter(|c| !c.is_ascii_digit()).collect();
        if !self.desk.lately.first(staff.id, &kind) {
            return;
        }
        let noted = self.desk.store.write_soft(move |tx| audit::note(tx, &staff, Deed::NotAllowed, false, &path));
        if let Err(no) = noted.await {
            tracing::warn!(%no, "a refused act was not noted");
        }
    }

    /// What is asked of a member of staff before they may go where they want (P1, R7).
    fn gate(&self, request: &Request, met: &Met) -> Answer<Option<String>> {
        let Some(viewer) = met.viewer.as_ref().filter(|_| W::GATED) else { return Ok(None) };
        let gate = gate::gate(&self.desk.look()?, viewer, self.desk.store.now())?;
        let gate = gate.filter(|gate| !gate::lets(gate, request.uri().path()));
        let wanted = if ask::changes(request.method()) { "/" } else { wanted(request) };
        Ok(gate.map(|gate| super::paths::then(gate, wanted)))
    }

    fn refused(&self, w: Words, agency: &Agency, fragment: bool, no: &No) -> Response {
        let scene = Scene::new(w, agency, Side::Nobody, "", self.desk.store.now(), false).under(self.desk.health());
        answer::no(&scene, fragment, no)
    }

    /// Before there is an agency everything in the office leads to its setting up.
    fn to_login(&self, request: &Request, set_up: bool) -> Response {
        let to = if set_up || self.listener == Listener::Public {
            super::paths::then(super::paths::LOGIN, if ask::changes(request.method()) { "/" } else { wanted(request) })
        } else {
            super::paths::SETUP.to_owned()
        };
        answer::log_in(ask::is_fragment(request.headers()), &to)
    }
}

fn wanted(request: &Request) -> &str {
    request.original_uri().path_and_query().map_or("/", |asked| asked.as_str())
}

/// Reads an urlencoded body; any other stays where it is, for the handler of uploads.
async fn read_form(request: &mut Request) -> Fields {
    let form = request.content_type().is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form || !ask::changes(request.method()) {
        return Fields::default();
    }
    // A body that breaks off or is too large was answered by the guard; what is left reads as an empty form.
    request.take_body().into_bytes().await.map(|bytes| Fields::read(&bytes)).unwrap_or_default()
}

/// What stands for the agency before it was set up.
fn blank() -> Agency {
    Agency {
        name: "Balcão".into(),
        logo: None,
        hue: 255,
        language: Language::PtBr,
        time_zone: "America/Sao_Paulo".into(),
        chat_external_on: false,
        closing_message: String::new(),
        public_url: None,
        office_url: None,
        smtp: None,
        copies: None,
        register: Default::default(),
        second_factor_for_admins: false,
    }
}

/// What nobody asked for: no such page.
pub fn not_found(doors: &Doors) -> impl Endpoint<Output = Response> + use<> {
    doors.to(|ask: Ask<ask::Anyone>| async move {
        let scene = ask.scene();
        Ok(answer::no(&scene, ask.fragment(), &Refusal::NotFound.into()))
    })
}

/// The viewer, acting from this address.
fn at(viewer: Viewer, peer: std::net::IpAddr) -> Viewer {
    let from = peer.to_canonical().to_string();
    match viewer {
        Viewer::Staff(staff) => Viewer::Staff(Staff { from, ..staff }),
        Viewer::Outsider(outsider) => Viewer::Outsider(Outsider { from, ..outsider }),
    }
}

/// Sets or clears a session's cookie. `Secure` comes with TLS; without it browsers would drop the cookie.
pub fn set_cookie(response: &mut Response, listener: Listener, secret: Option<&str>, secure: bool) {
    let site = if listener == Listener::Staff { "Strict" } else { "Lax" };
    let flag = if secure { "; Secure" } else { "" };
    let line = match secret {
        Some(secret) => {
            let seconds = if listener == Listener::Staff { session::STAFF_LIFE } else { session::PORTAL_LIFE } / 1_000;
            format!("{}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={site}{flag}", listener.cookie(secure))
        }
        None => format!("{}=; Path=/; HttpOnly; SameSite={site}; Max-Age=0{flag}", listener.cookie(secure)),
    };
    if let Ok(value) = header::HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    if secret.is_none() {
        // What the browser kept of the pages is theirs alone; drafts of messages stay.
        response.headers_mut().insert("clear-site-data", header::HeaderValue::from_static("\"cache\""));
    }
}

/// Sets a cookie of this name for so many seconds.
pub fn set_short_cookie(response: &mut Response, name: &str, secret: &str, seconds: u64, secure: bool) {
    let flag = if secure { "; Secure" } else { "" };
    let line = format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{flag}");
    if let Ok(value) = header::HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Takes a cookie away from the browser.
pub fn forget_cookie(response: &mut Response, name: &str, secure: bool) {
    set_short_cookie(response, name, "", 0, secure);
}
