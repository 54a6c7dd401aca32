//! C27: a live screen ends with the right to look, and nothing follows.

use crate::office::*;
use crate::world::World;
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// One open screen, without a browser.
pub struct Stream {
    socket: WebSocketStream<TcpStream>,
}

impl Stream {
    pub async fn open(base: &str, address: &str, cookie: &str) -> Self {
        Self::try_open(base, address, cookie, base).await.unwrap()
    }

    /// The same from any origin; the status if it is refused.
    pub async fn try_open(base: &str, address: &str, cookie: &str, origin: &str) -> Result<Self, u16> {
        let mut request = base.replace("http", "ws") + address;
        request = request.replace("&amp;", "&");
        let mut request = request.into_client_request().unwrap();
        for (name, value) in [header("cookie", cookie), header("origin", origin)] {
            request.headers_mut().insert(name, value);
        }
        let tcp = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
        match client_async(request, tcp).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tokio_tungstenite::tungstenite::Error::Http(refused)) => Err(refused.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// The next frame; nothing at the end.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Every frame up to the one that says this, a line each.
    pub async fn until(&mut self, what: &str) -> String {
        let mut all = String::new();
        let read = timeout(PATIENCE, async {
            while let Some(frame) = self.next().await {
                all += &frame;
                all.push('\n');
                if frame.contains(what) {
                    return true;
                }
            }
            false
        });
        let found = read.await.unwrap_or(false);
        assert!(found, "{what:?} never came: {all}");
        all
    }

    /// What came until the end, which comes within five seconds.
    pub async fn ends(mut self, after: &str) -> Vec<Value> {
        let mut frames = Vec::new();
        let ended = timeout(Duration::from_secs(5), async {
            while let Some(frame) = self.next().await {
                frames.push(serde_json::from_str(&frame).unwrap());
            }
        });
        assert!(ended.await.is_ok(), "the stream outlived {after}");
        frames
    }
}

/// A screen and its session, so that the session can be ended elsewhere.
async fn screen(base: &str, login: Login, address: &str) -> (Stream, Person, String) {
    let cookie = Person::cookie(base, login).await;
    let mut stream = Stream::open(base, address, &cookie).await;
    // The first beat says that it listens.
    timeout(PATIENCE, stream.next()).await.unwrap().expect("a beat");
    let person = Person::at(base);
    (stream, person, cookie)
}

fn is_end(frames: &[Value]) -> bool {
    let last = frames.last().map(|frame| &frame["ops"][0]);
    last.is_some_and(|op| op["op"] == "end" && op["to"] == "/entrar")
}

#[tokio::test]
async fn c27_a_stream_ends_with_logout_switch_off_role_and_password() {
    let world = World::open().await;
    let base = &world.house.staff;
    let admin = world.staff(ADMIN).await;
    let address = format!("/ao-vivo?tela=conversas&conversa={}", world.owner_talk);
    for (what, login) in
        [("logout", RECEPTION), ("a new role", MANAGER), ("a new password", BROKER), ("the switch", OTHER_BROKER)]
    {
        let (stream, person, cookie) = screen(base, login, &address).await;
        let id = user_id(&admin, login.email).await;
        let user = format!("/sistema/usuarios/{id}");
        let role = if what == "a new role" { "broker" } else { login.role };
        let form = [("nome", login.name), ("email", login.email), ("papel", role)];
        let done = match what {
            "logout" => {
                let page = person.raw(reqwest::Method::GET, "/perfil").header("cookie", &cookie);
                let csrf = csrf_of(&person.send(page).await.text());
                let leave = person.raw(reqwest::Method::POST, "/sair").header("cookie", &cookie);
                person.send(leave.header("X-Fragment", "1").form(&[("_csrf", csrf)])).await
            }
            "a new password" => admin.post(&format!("{user}/senha"), &[("senha", "uma frase bem nova")]).await,
            "the switch" => switch_off(&admin, login.email, 1).await,
            _ => admin.post(&user, &form).await,
        };
        assert_eq!(done.status, 204, "{what}: {}", done.text());
        say_something(&world, &admin).await;
        let frames = stream.ends(what).await;
        assert!(is_end(&frames), "{what}: {frames:?}");
        let all = format!("{frames:?}");
        assert!(!all.contains("depois do fim"), "{what}: {all}");
        let again = Stream::open(base, &address, &cookie).await.ends(what).await;
        assert!(is_end(&again), "after {what} it is told where to log in: {again:?}");
    }
}

#[tokio::test]
async fn c27_a_screen_is_drawn_anew_for_whoever_may_see_less() {
    let world = World::open().await;
    let (base, admin) = (&world.house.staff, world.staff(ADMIN).await);
    let (stream, _, _) = screen(base, BROKER, "/ao-vivo?tela=conversas&aba=fila").await;
    let user = format!("/sistema/usuarios/{}", user_id(&admin, BROKER.email).await);
    let form = [("nome", BROKER.name), ("email", BROKER.email), ("papel", "broker"), ("setores", "1")];
    assert_eq!(admin.post(&user, &form).await.status, 204);
    let frames = stream.ends("a queue less").await;
    assert!(frames.last().is_some_and(|frame| frame["ops"][0]["op"] == "reload"), "{frames:?}");
}

async fn say_something(world: &World, admin: &Person) {
    let talk = world.owner_talk;
    say(admin, talk, "depois do fim").await;
}

#[tokio::test]
async fn c27_the_portals_streams_end_with_revocation_a_new_password_and_the_external_chat() {
    let world = World::open().await;
    let base = &world.house.public;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let third = Login { name: "Ana", email: "ana@example.com", password: "terceira-pessoa-7", role: "" };
    give_access(&broker, world.deal, third, "Boa tarde, Ana.").await;
    let list = broker.get(&format!("/oportunidades/{}/acessos", world.deal)).await.text();
    let access = |email: &str| {
        let (_, row) = list.split_once(&format!("<b>{email}</b>")).unwrap();
        between(row, "\"/acessos/", "/").unwrap().to_owned()
    };
    for (what, login) in [("revocation", OWNER), ("a new password", APPRAISER), ("the external chat", third)] {
        let (stream, ..) = screen(base, login, "/ao-vivo?tela=portal").await;
        let id = access(login.email);
        let done = match what {
            "revocation" => broker.post(&format!("/acessos/{id}/revogacao"), &[("", "")]).await,
            "a new password" => broker.post(&format!("/acessos/{id}/senha"), &[("senha", "outra-palavra-9")]).await,
            _ => admin.post("/sistema/chat-externo", &[("ativo", "")]).await,
        };
        assert!([200, 204].contains(&done.status), "{what}: {}", done.text());
        let frames = stream.ends(what).await;
        assert!(is_end(&frames), "{what}: {frames:?}");
    }
    for login in [OWNER, APPRAISER, third] {
        assert_eq!(Person::at(base).log_in(login.email, login.password).await.status, 422, "{}", login.email);
    }
}

#[tokio::test]
async fn a_stream_follows_only_what_its_viewer_may_see() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let broker = Person::cookie(&world.house.staff, OTHER_BROKER).await;
    let appraiser = Person::cookie(&world.house.public, APPRAISER).await;
    let talk = world.owner_talk;
    let mut foreign =
        Stream::open(&world.house.staff, &format!("/ao-vivo?tela=conversas&conversa={talk}&aba=fila&desde=0"), &broker)
            .await;
    let mut guest =
        Stream::open(&world.house.public, &format!("/ao-vivo?tela=portal&conversa={talk}&desde=0"), &appraiser).await;
    let mut sneaky =
        Stream::open(&world.house.public, &format!("/ao-vivo?tela=conversas&conversa={talk}&desde=0"), &appraiser)
            .await;
    say(&admin, talk, "só para a dona Marta").await;
    say(&admin, world.appraiser_talk, "para o senhor Vasco").await;
    let mine = queue(&admin, "Visita da rua").await;
    let heard = foreign.until("Visita da rua").await;
    assert!(!heard.contains("dona Marta") && !heard.contains("Apartamento"), "{heard}");
    for stream in [&mut guest, &mut sneaky] {
        let mut heard = String::new();
        while let Ok(Some(frame)) = timeout(Duration::from_millis(700), stream.next()).await {
            heard += &frame;
        }
        assert!(!heard.contains("dona Marta") && !heard.contains("Visita da rua"), "{mine}: {heard}");
    }
}

#[tokio::test]
async fn c27_a_stream_is_not_opened_from_another_page() {
    let world = crate::world::world();
    let cookie = Person::cookie(&world.house.staff, BROKER).await;
    for origin in ["https://evil.example", "null", world.house.public.as_str()] {
        let opened = Stream::try_open(&world.house.staff, "/ao-vivo?tela=outra", &cookie, origin).await;
        assert_eq!(opened.err(), Some(403), "{origin}");
    }
}

#[tokio::test]
async fn c63_odd_frames_do_not_end_the_house() {
    use futures_util::SinkExt;
    let world = crate::world::world();
    let cookie = Person::cookie(&world.house.public, OWNER).await;
    for odd in [
        Message::text(""),
        Message::text("{"),
        Message::text("[]"),
        Message::text("{\"typing\":\"yes\",\"read\":-1}"),
        Message::text("{\"read\":18446744073709551615}"),
        Message::text("{\"read\":18446744073709551616}"),
        Message::text("x".repeat(100_000)),
        Message::binary(vec![0; 100_000]),
        Message::text("[".repeat(1_000)),
    ] {
        let mut stream = Stream::open(&world.house.public, "/ao-vivo?tela=portal&conversa=1", &cookie).await;
        // Whatever the house makes of it: it goes on.
        let _ = stream.socket.send(odd).await;
        assert_eq!(Person::at(&world.house.public).get("/saude").await.status, 200);
    }
}
