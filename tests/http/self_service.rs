//! E11 from outside: whoever lost the password, or whose session ended, has a link sent to them.

use crate::keys::{access_of, behind_closed_doors};
use crate::mailbox::Mailbox;
use crate::office::*;
use crate::world::World;
use balcao::domain::external_access;
use balcao::domain::ids::AccessId;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

const ASK: &str = "/entrar/link";
const STRANGER: &str = "ninguem@example.com";

async fn with_mail() -> (World, Person, Mailbox) {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let mailbox = Mailbox::open();
    mailbox.set(&admin).await;
    (world, admin, mailbox)
}

/// Asks as a page without scripts does.
async fn ask(person: &Person, email: &str) -> Answer {
    person.send(person.raw(reqwest::Method::POST, ASK).form(&[("email", email), ("senha", "")])).await
}

async fn arrives(mailbox: &Mailbox, email: &str, letters: usize) -> Vec<String> {
    eventually("the letter arrives", PATIENCE, || async { mailbox.of(email).len() >= letters }).await;
    let links = mailbox.links(email);
    assert_eq!(links.len(), letters);
    links
}

#[tokio::test]
async fn e11_whoever_lost_the_password_asks_for_a_link_and_it_lets_in_once() {
    let (world, admin, mailbox) = with_mail().await;
    let inside = world.outsider(OWNER).await;
    let owner = Person::at(&world.house.public);
    let page = owner.get("/entrar").await.text();
    assert!(page.contains("formaction=\"/entrar/link\""), "it is offered: {page}");
    let asked = ask(&owner, " Marta.Pedro@example.com ").await;
    assert_eq!((asked.status, asked.header("location")), (303, "/entrar?link=pedido"));
    let said = owner.get(asked.header("location")).await.text();
    assert!(said.contains("Se o e-mail que você digitou tiver acesso"), "{said}");
    let link = arrives(&mailbox, OWNER.email, 1).await.remove(0);
    let letter = mailbox.of(OWNER.email).remove(0);
    assert!(letter.contains("30 minutos") && !letter.contains(OWNER.password), "{letter}");
    for _scanner in 0..3 {
        assert_eq!(owner.get(&link).await.status, 200);
    }
    assert_eq!(owner.post(&link, &[("", "")]).await.status, 204);
    assert_eq!(owner.get("/conversas?lista=1").await.status, 200, "and in");
    assert_eq!(Person::at(&world.house.public).post(&link, &[("", "")]).await.status, 410, "once");
    assert_eq!(inside.get("/conversas?lista=1").await.status, 200, "who was in stays in");
    let history = admin.get(&format!("/conversas/{}", world.owner_talk)).await.text();
    assert!(history.contains("pediu um link por e-mail"), "the history says who asked: {history}");
    let seen = owner.get(&format!("/conversas/{}", world.owner_token)).await.text();
    assert!(!seen.contains("pediu um link"), "which is no part of what was said");
    let audit = admin.get("/sistema/auditoria").await.text();
    assert!(audit.contains("Pediu link de acesso") && audit.contains(OWNER.email), "{audit}");
}

#[tokio::test]
async fn c40_a_stranger_is_told_the_same_after_the_same_time() {
    let (world, _, mailbox) = with_mail().await;
    let (mut told, mut times) = (Vec::new(), Vec::new());
    for round in 0..4 {
        for email in [OWNER.email, STRANGER] {
            let person = Person::from_address(&world.house.public, Ipv4Addr::new(127, 8, 1, round));
            person.get("/saude").await;
            let began = Instant::now();
            let answer = ask(&person, email).await;
            times.push(began.elapsed());
            let names: Vec<String> = answer.headers.keys().map(|name| name.to_string()).collect();
            told.push((answer.status, answer.header("location").to_owned(), names, answer.text()));
        }
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    assert!(times.iter().all(|time| *time >= Duration::from_millis(250)), "it leaves at the beat: {times:?}");
    arrives(&mailbox, OWNER.email, 1).await;
    assert!(mailbox.of(STRANGER).is_empty());
}

#[tokio::test]
async fn c39_a_flood_of_asking_sends_one_letter_and_is_slowed() {
    let (world, _, mailbox) = with_mail().await;
    let flooder = Person::at(&world.house.public);
    let answers = futures_util::future::join_all((0..30).map(|_| ask(&flooder, OWNER.email))).await;
    let let_through = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(let_through, 5, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| [303, 429].contains(&answer.status)));
    for n in 0..10 {
        let elsewhere = Person::from_address(&world.house.public, Ipv4Addr::new(127, 8, 2, n));
        assert_eq!(ask(&elsewhere, OWNER.email).await.status, 303, "from elsewhere it is answered as ever");
    }
    // A letter to somebody else overtakes none: what was to come before it has come.
    let other = Person::at(&world.house.public);
    ask(&other, APPRAISER.email).await;
    arrives(&mailbox, APPRAISER.email, 1).await;
    assert_eq!(mailbox.of(OWNER.email).len(), 1, "one letter, whoever asked how often");
    let right = flooder.log_in(OWNER.email, OWNER.password).await;
    assert_eq!(right.status, 204, "asking for links slows no password: {}", right.text());
    let many = Person::at(&world.house.public);
    let mut through = 0;
    for n in 0..25 {
        through += usize::from(ask(&many, &format!("alguem{n}@example.com")).await.status == 303);
    }
    assert_eq!(through, 20, "one address cannot go through a list of e-mails");
}

#[tokio::test]
async fn c35_a_stranger_who_asks_burns_no_link_of_the_owners() {
    let (mut world, admin, mailbox) = with_mail().await;
    let access = AccessId(access_of(&admin, world.deal, OWNER.email).await);
    let sent = behind_closed_doors(&mut world.house, move |tx| {
        external_access::one_time(tx, access, OWNER.email, external_access::ONCE_MS)
    });
    ask(&Person::at(&world.house.public), OWNER.email).await;
    arrives(&mailbox, OWNER.email, 1).await;
    let owner = Person::at(&world.house.public);
    assert_eq!(
        owner.post(&format!("/acesso/{sent}"), &[("", "")]).await.status,
        204,
        "the office's letter still opens"
    );
}

#[tokio::test]
async fn e9_whoever_lost_the_access_gets_no_letter() {
    for what in ["revoked", "the chat off"] {
        let (world, admin, mailbox) = with_mail().await;
        let access = access_of(&admin, world.deal, OWNER.email).await;
        let shut = match what {
            "revoked" => admin.post(&format!("/acessos/{access}/revogacao"), &[("", "")]).await,
            _ => admin.post("/sistema/chat-externo", &[("ativo", "")]).await,
        };
        assert!([200, 204].contains(&shut.status), "{}", shut.text());
        let asked = ask(&Person::at(&world.house.public), OWNER.email).await;
        if what == "the chat off" {
            assert_eq!(asked.status, 409, "nothing is promised that cannot be held");
            assert!(!Person::at(&world.house.public).get("/entrar").await.text().contains(ASK));
            continue;
        }
        assert_eq!(asked.status, 303, "and is told what everybody is told");
        ask(&Person::at(&world.house.public), APPRAISER.email).await;
        arrives(&mailbox, APPRAISER.email, 1).await;
        assert!(mailbox.of(OWNER.email).is_empty(), "{what}");
        let history = admin.get(&format!("/conversas/{}", world.owner_talk)).await.text();
        assert!(!history.contains("pediu um link"), "no letter was even planned");
    }
}

#[tokio::test]
async fn e11_a_letter_that_waits_leaves_no_more_once_the_access_is_revoked() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let nobody = [("servidor", "localhost"), ("porta", "1"), ("seguranca", "plain"), ("remetente", "a@aurora.example")];
    assert_eq!(admin.post("/sistema/email", &nobody).await.status, 204);
    ask(&Person::at(&world.house.public), OWNER.email).await;
    let talk = format!("/conversas/{}", world.owner_talk);
    let late = || async { admin.get(&talk).await.text().contains("na fila, atrasado") };
    eventually("the letter waits", PATIENCE, late).await;
    let access = access_of(&admin, world.deal, OWNER.email).await;
    assert_eq!(admin.post(&format!("/acessos/{access}/revogacao"), &[("", "")]).await.status, 200);
    let mailbox = Mailbox::open();
    mailbox.set(&admin).await;
    let given_up = || async { admin.get(&talk).await.text().contains("falhou: o acesso foi revogado") };
    eventually("it is given up", PATIENCE, given_up).await;
    assert!(mailbox.of(OWNER.email).is_empty());
}

#[tokio::test]
async fn e11_without_a_mail_server_the_page_says_whom_to_ask() {
    let world = World::open().await;
    let owner = Person::at(&world.house.public);
    let page = owner.get("/entrar").await.text();
    assert!(!page.contains(ASK) && page.contains("Peça à imobiliária"), "{page}");
    let asked = ask(&owner, OWNER.email).await;
    assert_eq!(asked.status, 409);
    assert!(asked.text().contains("Peça à imobiliária"), "{}", asked.text());
    let office = Person::at(&world.house.staff);
    assert!(!office.get("/entrar").await.text().contains(ASK), "staff have passwords and an administrator");
    assert_eq!(ask(&office, BROKER.email).await.status, 404);
}

#[tokio::test]
async fn e11_what_is_no_address_is_said_at_the_field() {
    let (world, ..) = with_mail().await;
    for typed in ["", "marta", "marta@", "marta@example.com, b@example.com"] {
        let asked = ask(&Person::at(&world.house.public), typed).await;
        assert_eq!(asked.status, 422, "{typed:?}");
        assert!(asked.text().contains("id=\"email-erro\""), "{}", asked.text());
    }
}
