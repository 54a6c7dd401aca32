//! The only ways in: who asks, by which cookie, in which language, and whether the form is really theirs.
//!
//! A route says what it wants (`Ask<Staff>`, `Ask<Outsider>`, `Ask<Anyone>`); [`super::door`] makes it or answers
//! instead. A handler that asks for staff cannot be reached by anybody else.

use super::answer;
use super::desk::Desk;
use super::fields::{self, Fields};
use super::limits::Attempts;
use super::scene::{Scene, Side};
use crate::domain::access::Act;
use crate::domain::agency::Agency;
use crate::domain::session::{self, Session};
use crate::domain::values::Language;
use crate::domain::{Answer, Outsider, Refusal, Staff, Viewer};
use crate::store::Tx;
use crate::words::Words;
use poem::http::uri::Scheme;
use poem::http::{HeaderMap, Method, header};
use poem::{Request, Response};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};

/// Which of the two front doors a request came through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listener {
    /// The office network.
    Staff,
    /// The outside.
    Public,
}

impl Listener {
    /// The cookie that counts here; no other is ever looked at. By TLS it is one that nobody can have set in the clear,
    /// nor for another host (`__Host-`, RFC 6265bis 4.1.3).
    pub fn cookie(self, by_tls: bool) -> &'static str {
        match (self, by_tls) {
            (Self::Staff, true) => "__Host-balcao_equipe",
            (Self::Staff, false) => "balcao_equipe",
            (Self::Public, true) => "__Host-balcao_portal",
            (Self::Public, false) => "balcao_portal",
        }
    }
}

/// Whoever asks, logged in or not.
#[derive(Clone, Debug)]
pub struct Anyone(pub Option<Viewer>);

/// What a route may want to know who asks.
pub trait Who: Sized + Send {
    /// Makes it from whoever is there; `None` sends them to the login.
    fn of(viewer: Option<Viewer>) -> Option<Self>;
    /// As whom they act; nobody who may be anybody.
    fn viewer(&self) -> Option<Viewer>;
    /// How the pages are framed for them.
    fn side(&self) -> Side;
    /// Whether staff come here only when nothing else is asked of them first.
    const GATED: bool;
}

impl Who for Anyone {
    const GATED: bool = false;
    fn of(viewer: Option<Viewer>) -> Option<Self> {
        Some(Self(viewer))
    }
    fn viewer(&self) -> Option<Viewer> {
        None
    }
    fn side(&self) -> Side {
        Side::Nobody
    }
}

impl Who for Staff {
    const GATED: bool = true;
    fn of(viewer: Option<Viewer>) -> Option<Self> {
        match viewer {
            Some(Viewer::Staff(staff)) => Some(staff),
            _ => None,
        }
    }
    fn viewer(&self) -> Option<Viewer> {
        Some(Viewer::Staff(self.clone()))
    }
    fn side(&self) -> Side {
        Side::Staff(self.clone())
    }
}

impl Who for Outsider {
    const GATED: bool = false;
    fn of(viewer: Option<Viewer>) -> Option<Self> {
        match viewer {
            Some(Viewer::Outsider(outsider)) => Some(outsider),
            _ => None,
        }
    }
    fn viewer(&self) -> Option<Viewer> {
        Some(Viewer::Outsider(self.clone()))
    }
    fn side(&self) -> Side {
        Side::Portal(self.clone())
    }
}

impl Who for Viewer {
    const GATED: bool = true;
    fn of(viewer: Option<Viewer>) -> Option<Self> {
        viewer
    }
    fn viewer(&self) -> Option<Viewer> {
        Some(self.clone())
    }
    fn side(&self) -> Side {
        match self {
            Self::Staff(staff) => Side::Staff(staff.clone()),
            Self::Outsider(outsider) => Side::Portal(outsider.clone()),
        }
    }
}

/// One request, met and understood.
pub struct Ask<W> {
    /// The house.
    pub desk: Arc<Desk>,
    /// By which door.
    pub listener: Listener,
    /// Who asks.
    pub who: W,
    /// The words in their language.
    pub w: Words,
    /// The agency, or what stands for it before it was set up.
    pub agency: Arc<Agency>,
    /// What the form says.
    pub fields: Fields,
    /// What the address's query says.
    pub query: Fields,
    /// The session's token for forms; empty for nobody.
    pub csrf: String,
    /// Whether the password was proved so lately that it need not be asked for again.
    pub proved: bool,
    /// The session's new cookie, where a proof gave it one.
    pub renewed: Arc<OnceLock<String>>,
    /// The request; its body is still there unless it was a form.
    pub request: Request,
}

impl<W: Who + 'static> Ask<W> {
    /// The number in the route's `:id`.
    pub fn id<I: From<u64>>(&self) -> Answer<I> {
        fields::number(self.param("id")).map(I::from).ok_or(Refusal::NotFound.into())
    }

    /// A named part of the route.
    pub fn param(&self, name: &str) -> &str {
        self.request.raw_path_param(name).unwrap_or_default()
    }

    /// Writes as who asks: refused, inside the write, where they are no longer who they were when they were let in
    /// ([`session::still`]). Handlers write by nothing else; acknowledged is durable.
    pub fn write<T, F>(&self, verb: F) -> impl Future<Output = Answer<T>> + Send + use<T, F, W>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Answer<T> + Send + 'static,
    {
        let (desk, verb) = (self.desk.clone(), self.standing(verb));
        async move { desk.store.write(verb).await }
    }

    /// The same for what may be lost in a crash while the disk takes nothing ([`crate::store::Store::write_soft`]).
    pub fn write_soft<T, F>(&self, verb: F) -> impl Future<Output = Answer<T>> + Send + use<T, F, W>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Answer<T> + Send + 'static,
    {
        let (desk, verb) = (self.desk.clone(), self.standing(verb));
        async move { desk.store.write_soft(verb).await }
    }

    fn standing<T, F>(&self, verb: F) -> impl FnOnce(&mut Tx<'_>) -> Answer<T> + Send + use<T, F, W>
    where
        F: FnOnce(&mut Tx<'_>) -> Answer<T> + Send + 'static,
    {
        let viewer = self.who.viewer();
        move |tx| {
            viewer.map_or(Ok(()), |viewer| session::still(tx, &viewer))?;
            verb(tx)
        }
    }

    /// Whether the page's script asks, for a part of a page.
    pub fn fragment(&self) -> bool {
        is_fragment(self.request.headers())
    }

    /// What views draw with.
    pub fn scene(&self) -> Scene {
        let now = self.desk.store.now();
        let scene = Scene::new(self.w, &self.agency, self.who.side(), &self.csrf, now, self.desk.demo);
        let runs = matches!(&scene.side, Side::Staff(staff) if staff.may(Act::KeepCopies));
        let torn_at = self.desk.keeper.notice().filter(|_| runs).map(|notice| notice.from);
        let copies_late = runs && self.desk.keeper.is_late(&self.agency);
        Scene { proved: self.proved, torn_at, copies_late, health: self.desk.health(), ..scene }
    }

    /// From where it comes.
    pub fn from(&self) -> IpAddr {
        peer(&self.request)
    }

    /// Whether their browser came by TLS.
    pub fn by_tls(&self) -> bool {
        by_tls(&self.request, self.listener, &self.agency)
    }

    /// The limits of this door: whoever knocks too often at one slows nobody at the other.
    pub fn attempts(&self) -> &Attempts {
        match self.listener {
            Listener::Staff => &self.desk.attempts,
            Listener::Public => &self.desk.attempts_outside,
        }
    }

    /// The same as it is written down.
    pub fn address(&self) -> String {
        self.from().to_canonical().to_string()
    }

    /// What the browser calls itself.
    pub fn browser(&self) -> String {
        self.request.header(header::USER_AGENT).unwrap_or_default().to_owned()
    }

    /// Goes to another page: a redirect, or for a script the same in a header.
    pub fn go(&self, to: &str) -> Response {
        answer::go(self.fragment(), to)
    }
}

/// Whether the browser came by TLS: as the connection or a trusted proxy says; at the public door also where the
/// agency's address does, for proxies nobody named.
pub(super) fn by_tls(request: &Request, listener: Listener, agency: &Agency) -> bool {
    let proxied =
        listener == Listener::Public && agency.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    *request.scheme() == Scheme::HTTPS || proxied
}

/// The session of one of a request's cookies.
pub(super) fn session(desk: &Desk, name: &str, headers: &HeaderMap) -> Answer<Option<Session>> {
    let Some(secret) = cookie(headers, name) else { return Ok(None) };
    session::of_cookie(&desk.look()?, secret, desk.store.now())
}

/// Who acts by a session at this door: never an outsider in the office, never staff at the portal.
pub(super) fn viewer(desk: &Desk, listener: Listener, session: &Session) -> Answer<Option<Viewer>> {
    let viewer = session::viewer(&desk.look()?, session)?;
    Ok(viewer.filter(|viewer| matches!(viewer, Viewer::Staff(_)) == (listener == Listener::Staff)))
}

/// The language of somebody who is not logged in: their browser's, if it is ours, else the agency's.
pub(super) fn language(headers: &HeaderMap, agency: &Agency) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = wanted.split([',', ';']).next().unwrap_or_default().trim().to_lowercase();
    match first.as_str() {
        "pt-pt" => Language::PtPt,
        "pt-br" => Language::PtBr,
        "pt" => agency.language,
        other if other.starts_with("en") && agency.language != Language::En => Language::En,
        _ => agency.language,
    }
}

/// Whether the page's script asks.
pub(super) fn is_fragment(headers: &HeaderMap) -> bool {
    headers.contains_key("x-fragment")
}

/// Whether a method changes something.
pub(super) fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

pub(super) fn peer(request: &Request) -> IpAddr {
    let address = request.remote_addr().as_socket_addr().map(|address| address.ip());
    address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
