//! Sessions by TLS: cookies that nobody else can set or see, forms, uploads, the live stream.

use crate::office::*;
use crate::papers::Certified;
use crate::wire;
use futures_util::StreamExt;
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The first steps by TLS; gives the admin and the lines that set their cookies.
async fn set_up(it: &Certified) -> (Person, String) {
    let admin = Person::trusting(&it.house.staff, &it.authority.pem);
    let done = admin.post("/instalacao", &setup_form(it.house.code.as_ref().unwrap())).await;
    assert_eq!(done.status, 204, "{}", done.text());
    admin.learn("/perfil").await;
    (admin, done.header("set-cookie").to_owned())
}

#[tokio::test]
async fn asvs_3_3_a_session_by_tls_has_a_cookie_of_the_host_alone() {
    let it = Certified::open();
    let (admin, cookie) = set_up(&it).await;
    let flags: Vec<&str> = cookie.split("; ").collect();
    assert!(cookie.starts_with("__Host-balcao_equipe="), "{cookie}");
    for flag in ["Secure", "HttpOnly", "Path=/", "SameSite=Strict"] {
        assert!(flags.contains(&flag), "{flag}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let contact = make_contact(&admin, OWNER.name, OWNER.email).await;
    let deal = make_opportunity(&admin, "Apartamento T4", contact).await;
    give_access(&admin, deal, OWNER, "Boa tarde.").await;
    let owner = Person::trusting(&it.house.public, &it.authority.pem);
    let entered = owner.log_in(OWNER.email, OWNER.password).await;
    let cookie = entered.header("set-cookie");
    assert!(cookie.starts_with("__Host-balcao_portal=") && cookie.contains("; SameSite=Lax; Secure"), "{cookie}");
    assert_eq!(owner.get("/conversas?lista=1").await.status, 200);
    assert!(!admin.uploaded("sala.txt", "uma sala").await.is_empty());
}

/// Whoever sits on the wire can set a plain cookie, and reads one that was set before TLS was on.
#[tokio::test]
async fn a_plain_cookie_opens_nothing_by_tls_and_ends_with_the_next_login() {
    let it = Certified::open();
    let (_, cookie) = set_up(&it).await;
    let secret = cookie.split(['=', ';']).nth(1).unwrap();
    let stranger = Person::trusting(&it.house.staff, &it.authority.pem);
    let asked = stranger.raw(reqwest::Method::GET, "/perfil").header("cookie", format!("balcao_equipe={secret}"));
    assert_eq!(stranger.send(asked).await.status, 303, "sent to the login");
    let ours = stranger.raw(reqwest::Method::GET, "/perfil").header("cookie", format!("__Host-balcao_equipe={secret}"));
    assert_eq!(stranger.send(ours).await.status, 200);
    let form = [("email", ADMIN.email), ("senha", ADMIN.password)];
    let again = stranger.form("/entrar", &form).header("cookie", format!("balcao_equipe={secret}"));
    let entered = stranger.send(again).await;
    assert_eq!(entered.status, 204, "{}", entered.text());
    let lines: Vec<&str> = entered.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(lines.iter().any(|line| line.starts_with("balcao_equipe=;") && line.contains("Max-Age=0")), "{lines:?}");
    let other = Person::trusting(&it.house.staff, &it.authority.pem);
    let ended = other.raw(reqwest::Method::GET, "/perfil").header("cookie", format!("__Host-balcao_equipe={secret}"));
    assert_eq!(other.send(ended).await.status, 303, "what went in the clear is over");
}

#[tokio::test]
async fn c33_by_tls_a_form_from_a_plain_page_is_refused() {
    let it = Certified::open();
    let (admin, _) = set_up(&it).await;
    let plain = it.house.staff.replace("https", "http");
    for (origin, status) in [(plain.as_str(), 403), (it.house.staff.as_str(), 204)] {
        let form = admin.form("/sistema/chat-externo", &[("ativo", "sim")]).header("origin", origin);
        assert_eq!(admin.send(form).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn the_live_stream_speaks_wss() {
    let it = Certified::open();
    let (admin, cookie) = set_up(&it).await;
    let address = it.house.staff.replace("https", "wss") + "/ao-vivo?tela=conversas&desde=0";
    let mut request = address.into_client_request().unwrap();
    for (name, value) in [header("cookie", cookie.split(';').next().unwrap()), header("origin", &it.house.staff)] {
        request.headers_mut().insert(name, value);
    }
    let stream = wire::tls(&it.house.staff, &it.authority.pem, "127.0.0.1").await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    queue(&admin, "Visita da rua").await;
    let heard = timeout(PATIENCE, async {
        while let Some(Ok(frame)) = socket.next().await {
            if frame.to_text().is_ok_and(|text| text.contains("Visita da rua")) {
                return true;
            }
        }
        false
    });
    assert!(heard.await.unwrap());
}
