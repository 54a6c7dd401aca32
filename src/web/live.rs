//! One open screen follows the journal.
//!
//! Each screen keeps the number up to which it has seen the journal. When the bell rings it reads forward, asks for its
//! own viewer what of that may be seen, draws it with the views of the page, and sends it with the new number. A screen
//! that comes back says its last number: nothing is missing, and because everything is sent as "put this where its name
//! is", nothing is doubled.

mod screen;

use super::ask::{self, Ask, Listener};
use super::desk::Desk;
use super::gate;
use super::paths::LOGIN;
use super::scene::{Scene, Side};
use super::ui::layout;
use crate::domain::ids::{ConversationId, SessionId};
use crate::domain::{Answer, Event, No, Viewer, agency, conversation, session};
use crate::pulse::{Pulse, Typing};
use crate::store::{News, Snapshot};
use crate::words::Words;
use futures_util::{SinkExt, StreamExt};
use poem::http::StatusCode;
use poem::web::websocket::{Message, WebSocket, WebSocketConfig, WebSocketStream};
use poem::{FromRequest, IntoResponse, RequestBody, Response};
use screen::{Framed, News as Changed, Screen};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until, timeout};

/// Journal events read at once; more are read in the next round.
const AT_ONCE: usize = 500;
/// How often a quiet stream says that it lives, and asks whether its viewer still may look.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long "is typing" stands after the last sign.
const TYPING: Duration = Duration::from_secs(5);
/// One sign of typing in this time is enough.
const TYPING_EVERY: Duration = Duration::from_secs(1);
/// A browser that does not take what it is sent is let go.
const SEND: Duration = Duration::from_secs(10);
/// Bytes a browser may send at once; it only ever says "typing" and "read".
const FRAME_BYTES_MAX: usize = 1024;

/// What a browser says.
#[derive(Deserialize)]
struct Said {
    typing: Option<bool>,
    read: Option<u64>,
}

/// The live stream of one screen, for either door.
pub async fn follow(ask: Ask<ask::Anyone>) -> Result<Response, No> {
    let Some(viewer) = ask.who.0.clone() else { return Ok(turned_away(&ask, LOGIN).await) };
    if let Some(gate) = gate::gate(&ask.desk.look()?, &viewer, ask.desk.store.now())? {
        return Ok(turned_away(&ask, gate).await);
    }
    let Ok(socket) = WebSocket::from_request(&ask.request, &mut RequestBody::default()).await else {
        return Ok(StatusCode::BAD_REQUEST.into_response());
    };
    let screen = Screen::read(&ask.query);
    let asked = ask.query.text("busca").to_owned();
    let look = ask.desk.look()?;
    let seen = ask.query.text("desde").parse().map_or_else(|_| look.reached(), Ok)?;
    let session = match &viewer {
        Viewer::Staff(staff) => staff.session,
        Viewer::Outsider(outsider) => outsider.session,
    };
    let bell = ask.desk.store.bell();
    let pulse = ask.desk.pulse.listen();
    let desk = ask.desk.clone();
    let listener = ask.listener;
    Ok(socket
        .config(small_frames())
        .on_upgrade(move |socket| async move {
            let mut stream = Stream {
                desk,
                listener,
                session,
                viewer,
                screen,
                asked,
                seen,
                drawn: HashMap::new(),
                framed: Framed::default(),
                typed: None,
                socket,
            };
            stream.run(bell, pulse).await;
        })
        .into_response())
}

/// Whoever is not logged in is told where to log in, in the stream's own words.
async fn turned_away(ask: &Ask<ask::Anyone>, to: &'static str) -> Response {
    match WebSocket::from_request(&ask.request, &mut RequestBody::default()).await {
        Ok(socket) => socket
            .on_upgrade(move |mut socket| async move {
                let _ = socket.send(Message::text(ended(to))).await;
                let _ = socket.close().await;
            })
            .into_response(),
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

struct Stream {
    desk: Arc<Desk>,
    listener: Listener,
    session: SessionId,
    viewer: Viewer,
    screen: Screen,
    /// What is marked on the page, and so in what comes after it.
    asked: String,
    seen: u64,
    /// What the parts of the page looked like when they were last sent.
    drawn: HashMap<String, u32>,
    /// What the frame of the open conversation was last drawn from.
    framed: Framed,
    /// When this viewer was last passed on as typing.
    typed: Option<Instant>,
    socket: WebSocketStream,
}

/// Why a stream is over.
enum Over {
    /// The browser is gone, or the house closes.
    Gone,
    /// The viewer may no longer look: where they go.
    Ended(&'static str),
    /// Too much was missed: the page must be made anew.
    Behind,
    /// Something of ours failed.
    Failed(No),
}

impl From<No> for Over {
    fn from(no: No) -> Self {
        Self::Failed(no)
    }
}

impl From<crate::store::Fault> for Over {
    fn from(fault: crate::store::Fault) -> Self {
        Self::Failed(fault.into())
    }
}

impl Stream {
    async fn run(&mut self, bell: watch::Receiver<u64>, pulse: broadcast::Receiver<Typing>) {
        let over = self.listen(bell, pulse).await;
        let last = match over {
            Err(Over::Ended(to)) => Some(ended(to)),
            Err(Over::Behind) => Some(json!({ "seq": self.seen, "ops": [{ "op": "reload" }] }).to_string()),
            Err(Over::Failed(no)) => {
                tracing::error!(%no, "a live stream failed");
                None
            }
            Err(Over::Gone) | Ok(()) => None,
        };
        if let Some(last) = last {
            let _ = timeout(SEND, self.socket.send(Message::text(last))).await;
        }
        let _ = timeout(SEND, self.socket.close()).await;
    }

    async fn listen(
        &mut self,
        mut bell: watch::Receiver<u64>,
        mut pulse: broadcast::Receiver<Typing>,
    ) -> Result<(), Over> {
        let mut closing = self.desk.closing.clone();
        let mut health = self.desk.store.health();
        let mut beat = heartbeat();
        let mut quiet_at: Option<Instant> = None;
        bell.mark_changed();
        // The page may have been drawn when the disk was otherwise.
        health.mark_changed();
        loop {
            let quiet = async {
                match quiet_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                rung = bell.changed() => {
                    rung.map_err(|_| Over::Gone)?;
                    bell.mark_unchanged();
                    self.catch_up().await?;
                }
                changed = health.changed() => {
                    changed.map_err(|_| Over::Gone)?;
                    self.tell_health().await?;
                }
                sign = pulse.recv() => {
                    if let Ok(sign) = sign && let Some(ops) = self.typing_ops(&sign)? {
                        quiet_at = Some(Instant::now() + TYPING);
                        self.send(&ops).await?;
                    }
                }
                () = quiet => {
                    quiet_at = None;
                    self.send(&[json!({ "op": "del", "id": "digitando" })]).await?;
                }
                _ = beat.tick() => {
                    self.still_welcome().await?;
                    self.send(&[]).await?;
                }
                frame = self.socket.next() => match frame {
                    Some(Ok(Message::Text(text))) => self.hear(&text).await?,
                    Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return Err(Over::Gone),
                    Some(Ok(_)) => {}
                },
                _ = closing.changed() => return Err(Over::Gone),
            }
        }
    }

    /// Reads the journal from where this screen stands, and sends what its viewer may see of it.
    async fn catch_up(&mut self) -> Result<(), Over> {
        loop {
            let look = self.desk.look()?;
            let news: News<Event> = look.journal(self.seen, AT_ONCE)?;
            if news.gap {
                return Err(Over::Behind);
            }
            let Some((last, _)) = news.events.last() else { return Ok(()) };
            self.seen = *last;
            let all = news.events.len() < AT_ONCE;
            let events: Vec<Event> = news.events.into_iter().map(|(_, event)| event).collect();
            if events.iter().any(|event| self.concerns_viewer(event)) {
                self.meet_again(&look)?;
            }
            let scene = self.scene(&look)?;
            let mut changed = Changed::of(&events);
            changed.follow_contacts(&look)?;
            let mut ops = self.screen.ops(&look, &scene, &self.viewer, &changed, &mut self.framed)?;
            drop(look);
            ops.retain(|op| self.is_news(op));
            if !ops.is_empty() {
                self.send(&ops).await?;
            }
            if all {
                // Whatever was committed after this look rings again.
                return Ok(());
            }
        }
    }

    /// Puts the line about the disk, or takes it away.
    async fn tell_health(&mut self) -> Result<(), Over> {
        let scene = self.scene(&self.desk.look()?)?;
        let html = layout::disk_line(&scene).into_string();
        self.send(&[json!({ "op": "morph", "id": layout::DISK_LINE, "html": html })]).await
    }

    /// Parts that look as they did are not sent again: it would be work for nothing, and tell that something happened
    /// where this viewer may not know of it.
    fn is_news(&mut self, op: &Value) -> bool {
        let (Some("morph"), Some(id), Some(html)) = (op["op"].as_str(), op["id"].as_str(), op["html"].as_str()) else {
            return true;
        };
        let now = crc32fast::hash(html.as_bytes());
        self.drawn.insert(id.to_owned(), now) != Some(now)
    }

    /// Whether this viewer may be shown as typing here, and was not a moment ago.
    fn may_type(&mut self, conversation: ConversationId) -> Result<bool, Over> {
        let often = self.typed.is_some_and(|typed| typed.elapsed() < TYPING_EVERY);
        if often || conversation::visible(&self.desk.look()?, &self.viewer, conversation).is_err() {
            return Ok(false);
        }
        self.typed = Some(Instant::now());
        Ok(true)
    }

    /// Whether an event may change who the viewer is or what they may see at all.
    fn concerns_viewer(&self, event: &Event) -> bool {
        match event {
            Event::SessionEnded(session) => *session == self.session,
            Event::UserChanged(user) => matches!(&self.viewer, Viewer::Staff(staff) if staff.id == *user),
            Event::AccessChanged { .. } => matches!(self.viewer, Viewer::Outsider(_)),
            Event::PresenceChanged(user) => matches!(&self.viewer, Viewer::Staff(staff) if staff.id == *user),
            Event::AgencyChanged | Event::DayBegan => true,
            _ => false,
        }
    }

    fn meet_again(&mut self, look: &Snapshot) -> Result<(), Over> {
        let session = session::by_id(look, self.session, self.desk.store.now())?.ok_or(Over::Ended(LOGIN))?;
        let viewer = session::viewer(look, &session)?.ok_or(Over::Ended(LOGIN))?;
        if matches!(viewer, Viewer::Staff(_)) != (self.listener == Listener::Staff) {
            return Err(Over::Ended(LOGIN));
        }
        if let Some(gate) = gate::gate(look, &viewer, self.desk.store.now())? {
            return Err(Over::Ended(gate));
        }
        let was = std::mem::replace(&mut self.viewer, viewer);
        // What stands on the screen was drawn for somebody who may do something else (C27).
        if let (Viewer::Staff(was), Viewer::Staff(now)) = (&was, &self.viewer)
            && (was.powers != now.powers || was.departments != now.departments)
        {
            return Err(Over::Behind);
        }
        Ok(())
    }

    /// Sessions end by time too; an open staff screen counts as using one.
    async fn still_welcome(&mut self) -> Result<(), Over> {
        let look = self.desk.look()?;
        self.meet_again(&look)?;
        let session = session::by_id(&look, self.session, self.desk.store.now())?.ok_or(Over::Ended(LOGIN))?;
        drop(look);
        if session::worth_noting(&session, self.desk.store.now()) {
            let id = self.session;
            // An open screen whose note cannot be written goes on: reading needs no write.
            let _ = self.desk.store.write_soft(move |tx| session::seen(tx, id)).await;
        }
        Ok(())
    }

    fn scene(&self, look: &Snapshot) -> Answer<Scene> {
        let agency = agency::the(look)?.ok_or(crate::domain::Refusal::NotFound)?;
        let csrf =
            session::by_id(look, self.session, self.desk.store.now())?.map_or(String::new(), |session| session.csrf);
        let (side, language) = match &self.viewer {
            Viewer::Staff(staff) => (Side::Staff(staff.clone()), staff.language),
            Viewer::Outsider(outsider) => (Side::Portal(outsider.clone()), outsider.language),
        };
        let scene = Scene::new(Words(language), &agency, side, &csrf, self.desk.store.now(), self.desk.demo);
        Ok(Scene { asked: self.asked.clone(), health: self.desk.health(), ..scene })
    }

    fn typing_ops(&self, sign: &Typing) -> Result<Option<Vec<Value>>, Over> {
        if self.screen.open() != Some(sign.conversation) || same_person(&sign.who, &self.viewer) {
            return Ok(None);
        }
        let look = self.desk.look()?;
        let scene = self.scene(&look)?;
        Ok(screen::typing(&look, &scene, &self.viewer, sign)?.map(|op| vec![op]))
    }

    async fn hear(&mut self, text: &str) -> Result<(), Over> {
        let (Ok(said), Some(conversation)) = (serde_json::from_str::<Said>(text), self.screen.open()) else {
            return Ok(());
        };
        if said.typing == Some(true) && self.may_type(conversation)? {
            let pulse: &Pulse = &self.desk.pulse;
            pulse.typing(Typing { conversation, who: self.viewer.clone(), internal: false });
        }
        if let Some(upto) = said.read {
            let (viewer, store) = (self.viewer.clone(), &self.desk.store);
            let marked = store.write(move |tx| conversation::mark_read(tx, &viewer, conversation, upto));
            match marked.await {
                // What is no longer visible is simply not marked; a mark that is not on disk is sent again later.
                Ok(()) | Err(No::Refused(_)) => {}
                Err(No::Failed(fault)) => tracing::warn!(%fault, "a read mark was not kept"),
            }
        }
        Ok(())
    }

    async fn send(&mut self, ops: &[Value]) -> Result<(), Over> {
        let frame = Message::text(json!({ "seq": self.seen, "ops": ops }).to_string());
        match timeout(SEND, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Over::Gone),
        }
    }
}

fn small_frames() -> WebSocketConfig {
    // Its own buffer of 128 KB for each screen is held from the first moment to the last.
    let buffer = 2 * FRAME_BYTES_MAX;
    let config = WebSocketConfig::default().read_buffer_size(buffer);
    config.max_message_size(Some(FRAME_BYTES_MAX)).max_frame_size(Some(FRAME_BYTES_MAX))
}

fn heartbeat() -> Interval {
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

fn ended(to: &str) -> String {
    json!({ "seq": 0, "ops": [{ "op": "end", "to": to, "back": true }] }).to_string()
}

fn same_person(a: &Viewer, b: &Viewer) -> bool {
    match (a, b) {
        (Viewer::Staff(a), Viewer::Staff(b)) => a.id == b.id,
        (Viewer::Outsider(a), Viewer::Outsider(b)) => a.email == b.email,
        _ => false,
    }
}
