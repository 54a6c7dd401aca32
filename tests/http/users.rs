//! R7: who is invited, by which link, until when; who leaves, and what becomes of what was theirs.

use crate::keys::behind_closed_doors;
use crate::office::*;
use crate::streams::Stream;
use crate::world::{World, world};
use balcao::domain::delivery::{About, Delivery};
use balcao::domain::invitation::{self, Invitation};
use balcao::store::Look;
use reqwest::Method;
use std::time::{Duration, Instant};

const IRIS: Login =
    Login { name: "Íris Vaz", email: "iris@aurora.example", password: "lua cheia em agosto", role: "broker" };

/// The address of a link without its house.
fn path_of<'l>(house: &House, link: &'l str) -> &'l str {
    link.strip_prefix(&house.staff).unwrap_or_else(|| panic!("{link} leads to the office, {}", house.staff))
}

async fn set(person: &Person, path: &str, password: &str) -> Answer {
    person.post(path, &[("senha", password), ("senha2", password)]).await
}

/// A link to a new password for somebody who has one.
async fn link_for(admin: &Person, email: &str) -> String {
    let path = format!("/sistema/usuarios/{}/convite", user_id(admin, email).await);
    let sheet = admin.post(&path, &[("como", "papel")]).await;
    assert_eq!(sheet.status, 200, "{}", sheet.text());
    between(&sheet.text(), "id=\"link-convite\" value=\"", "\"").expect("a link").to_owned()
}

#[tokio::test]
async fn r7_an_invited_broker_chooses_the_password_and_nobody_else_ever_knew_it() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let (_, link) = invite(&admin, IRIS).await;
    let path = path_of(&world.house, &link);
    let listed = admin.get("/sistema/usuarios?estado=invited").await.text();
    assert!(listed.contains(IRIS.email) && listed.contains("convite impresso") && !listed.contains(BROKER.email));
    assert!(!listed.contains(path), "the link is shown once");
    let iris = Person::at(&world.house.staff);
    for _ in 0..3 {
        let page = iris.get(path).await;
        assert_eq!(page.status, 200, "opening it changes nothing");
        assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("same-origin", "no-store"));
        assert!(page.text().contains("Boas-vindas, Íris") && page.text().contains(IRIS.email));
    }
    for (first, again, wrong) in [
        ("", "", "senha-erro"),
        ("curta", "curta", "senha-erro"),
        (IRIS.name, IRIS.name, "senha-erro"),
        (IRIS.password, "outra", "senha2-erro"),
    ] {
        let refused = iris.post(path, &[("senha", first), ("senha2", again)]).await;
        assert_eq!(refused.status, 422, "{first:?} {again:?}");
        assert!(refused.text().contains(wrong), "{first:?}: {}", refused.text());
    }
    let entered = set(&iris, path, IRIS.password).await;
    assert_eq!((entered.status, entered.header("x-go")), (204, "/"), "{}", entered.text());
    assert_eq!(iris.get("/conversas").await.status, 200, "and is in");
    let late = Person::at(&world.house.staff);
    assert_eq!(late.get(path).await.status, 410, "it is used up");
    assert_eq!(set(&late, path, "outra lua em agosto").await.status, 410);
    assert_eq!(Person::at(&world.house.staff).log_in(IRIS.email, IRIS.password).await.status, 204);
    let audit = admin.get("/sistema/auditoria").await.text();
    for what in ["Convidou usuário", "Definiu a senha por link", "iris@aurora.example"] {
        assert!(audit.contains(what), "{what}");
    }
    assert!(!audit.contains(path) && !audit.contains(IRIS.password));
}

#[tokio::test]
async fn c34_an_invitation_that_is_none_opens_nothing() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let (_, link) = invite(&admin, IRIS).await;
    let secret = link.rsplit('/').next().unwrap();
    let owner = world.outsider(OWNER).await;
    let session = Person::cookie(&world.house.staff, BROKER).await;
    let odd = [
        "%20".to_owned(),
        "0".into(),
        "null".into(),
        "%5B%5D".into(),
        "%00".into(),
        "1".into(),
        "a".repeat(29),
        secret.to_uppercase(),
        format!("{secret}."),
        format!("{secret}%20"),
        secret.replace('-', ""),
        secret[..28].to_owned(),
        admin.csrf(),
        owner.csrf(),
        world.owner_token.clone(),
        session.split_once('=').unwrap().1.to_owned(),
    ];
    for odd in odd {
        let visitor = Person::at(&world.house.staff);
        let path = format!("/convite/{odd}");
        for status in [visitor.get(&path).await.status, set(&visitor, &path, IRIS.password).await.status] {
            assert!([400, 404, 410].contains(&status), "{odd:?}: {status}");
        }
        assert_eq!(visitor.get_fragment("/conversas").await.status, 401, "{odd:?}");
    }
    // C37: and the invitation is no token of any other kind.
    let visitor = Person::carrying(&world.house.staff, secret);
    assert_eq!(visitor.get_fragment("/conversas").await.status, 401, "no session");
    assert_eq!(owner.post(&format!("/acesso/{secret}"), &[("", "")]).await.status, 410, "no portal link");
    assert_eq!(Person::at(&world.house.public).get(&format!("/convite/{secret}")).await.status, 404, "not out there");
    assert_eq!(Person::at(&world.house.staff).get(path_of(&world.house, &link)).await.status, 200, "and still good");
}

#[tokio::test]
async fn c35_an_invitation_dies_with_whatever_makes_it_wrong() {
    for what in ["switched off", "off and on again", "another address", "a newer one", "a password set", "seven days"] {
        let mut world = World::open().await;
        let admin = world.staff(ADMIN).await;
        let (id, link) = invite(&admin, IRIS).await;
        let (user, path) = (format!("/sistema/usuarios/{id}"), path_of(&world.house, &link).to_owned());
        assert_eq!(Person::at(&world.house.staff).get(&path).await.status, 200, "{what}");
        match what {
            "switched off" => assert_eq!(switch_off(&admin, IRIS.email, 1).await.status, 204),
            "off and on again" => {
                assert_eq!(switch_off(&admin, IRIS.email, 1).await.status, 204);
                assert_eq!(admin.post(&format!("{user}/ativacao"), &[("", "")]).await.status, 204);
            }
            "another address" => {
                let form = [("nome", IRIS.name), ("email", "outra@aurora.example"), ("papel", "broker")];
                assert_eq!(admin.post(&user, &form).await.status, 204);
            }
            "a newer one" => drop(link_for(&admin, IRIS.email).await),
            "a password set" => {
                assert_eq!(admin.post(&format!("{user}/senha"), &[("senha", "dita em voz alta")]).await.status, 204);
            }
            _ => behind_closed_doors(&mut world.house, |tx| {
                let mut one = tx.all::<Invitation>(10)?.remove(0);
                assert_eq!(one.expires_at - one.made_at, 7 * 86_400_000);
                one.expires_at -= 7 * 86_400_000;
                Ok(tx.put(&one)?)
            }),
        }
        let visitor = Person::at(&world.house.staff);
        assert_eq!(visitor.get(&path).await.status, 410, "{what}");
        assert_eq!(set(&visitor, &path, IRIS.password).await.status, 410, "{what}");
        assert_eq!(Person::at(&world.house.staff).log_in(IRIS.email, IRIS.password).await.status, 422, "{what}");
    }
}

#[tokio::test]
async fn c35_of_two_who_use_an_invitation_at_once_one_wins() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let (_, link) = invite(&admin, IRIS).await;
    let path = path_of(&world.house, &link);
    let people: Vec<Person> = (0..6).map(|_| Person::at(&world.house.staff)).collect();
    let tries = people.iter().map(|person| set(person, path, IRIS.password));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410, 410, 410, 410, 410]);
}

#[tokio::test]
async fn c36_c37_a_password_link_ends_every_session_and_begins_none_for_who_had_a_password() {
    let world = World::open().await;
    let (admin, here) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let link = link_for(&admin, BROKER.email).await;
    assert_eq!(here.get("/perfil").await.status, 200, "making it ends nothing");
    assert_eq!(Person::at(&world.house.staff).log_in(BROKER.email, BROKER.password).await.status, 204);
    let phone = Person::at(&world.house.staff);
    let set = set(&phone, path_of(&world.house, &link), "três barcos à vela").await;
    assert_eq!((set.status, set.header("x-go"), set.header("set-cookie")), (204, "/entrar?nova=sim", ""));
    assert_eq!(here.get("/perfil").await.status, 303, "all sessions ended");
    assert!(phone.get("/entrar?nova=sim").await.text().contains("nova senha está guardada"));
    assert_eq!(Person::at(&world.house.staff).log_in(BROKER.email, BROKER.password).await.status, 422);
    assert_eq!(Person::at(&world.house.staff).log_in(BROKER.email, "três barcos à vela").await.status, 204);
}

/// A link for one, opened where another is logged in: it asks first, and then that session is over.
#[tokio::test]
async fn c37_a_link_opened_at_anothers_desk_asks_first_and_ends_that_session() {
    let world = World::open().await;
    let (admin, rosa) = (world.staff(ADMIN).await, world.staff(RECEPTION).await);
    let before = rosa.cookie_now("/");
    let (_, link) = invite(&admin, IRIS).await;
    let path = path_of(&world.house, &link);
    let page = rosa.get(path).await.text();
    assert!(page.contains("Neste navegador está Rosa Prado"), "{page}");
    assert_eq!(rosa.get("/perfil").await.status, 200, "looking ended nothing");
    let forged = rosa.raw(Method::POST, path).form(&[("senha", IRIS.password), ("senha2", IRIS.password)]);
    assert_eq!(rosa.send(forged).await.status, 403, "and it takes the form of that session");
    assert_eq!(set(&rosa, path, IRIS.password).await.status, 204);
    let stale = Person::at(&world.house.staff);
    let old = stale.send(stale.raw(Method::GET, "/perfil").header("cookie", before)).await;
    assert_eq!(old.status, 303, "Rosa's session ended");
    assert!(rosa.get("/perfil").await.text().contains("Íris"));
    let mailed = rosa.raw(Method::GET, path).header("sec-fetch-site", "cross-site");
    let bounce = rosa.send(mailed).await.text();
    assert!(bounce.contains("http-equiv=\"refresh\"") && bounce.contains("?aqui=sim"), "{bounce}");
}

#[tokio::test]
async fn c40_an_invited_address_is_answered_like_an_unknown_one() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    invite(&admin, IRIS).await;
    let unknown = "naoha@aurora.example";
    assert_eq!(unknown.len() - 1, IRIS.email.len());
    let mut quickest = Vec::new();
    let mut answers = Vec::new();
    for email in [IRIS.email, unknown] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let person = Person::at(&world.house.staff);
            person.get("/saude").await;
            let began = Instant::now();
            let answer = person.log_in(email, "errada de propósito").await;
            times.push(began.elapsed());
            answers.push((answer.status, answer.text().replace(email, "")));
        }
        quickest.push(times.into_iter().min().unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 422));
    assert!(quickest.iter().all(|time| *time > Duration::from_millis(10)), "the hash is computed: {quickest:?}");
}

#[tokio::test]
async fn c41_a_link_leads_to_the_office_whatever_the_request_says_of_itself() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let path = format!("/sistema/usuarios/{}/convite", user_id(&admin, BROKER.email).await);
    for name in ["host", "x-forwarded-host", "forwarded", "x-original-url", "x-forwarded-proto"] {
        let request = admin.form(&path, &[("como", "papel")]).header(name, "evil.example");
        let sheet = admin.send(request).await;
        if name == "host" && sheet.status != 200 {
            continue; // Refused before it came to that.
        }
        let link = between(&sheet.text(), "id=\"link-convite\" value=\"", "\"").expect("a link").to_owned();
        assert!(link.starts_with(&format!("{}/convite/", world.house.staff)), "{name}: {link}");
        assert!(!sheet.text().contains("evil"), "{name}");
    }
    let form = [
        ("nome", "Aurora"),
        ("cor", "165"),
        ("idioma", "pt-BR"),
        ("fuso", "America/Sao_Paulo"),
        ("endereco_escritorio", "https://balcao.aurora.example/"),
    ];
    assert_eq!(admin.post("/sistema/agencia", &form).await.status, 204);
    assert!(link_for(&admin, BROKER.email).await.starts_with("https://balcao.aurora.example/convite/"));
}

#[tokio::test]
async fn c30_the_form_of_a_link_hears_no_other_field() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let (id, link) = invite(&admin, IRIS).await;
    let form = [
        ("senha", IRIS.password),
        ("senha2", IRIS.password),
        ("papel", "admin"),
        ("role", "admin"),
        ("email", "outra@aurora.example"),
        ("id", "1"),
        ("user", "1"),
    ];
    let iris = Person::at(&world.house.staff);
    assert_eq!(iris.post(path_of(&world.house, &link), &form).await.status, 204);
    assert_eq!(iris.get("/sistema").await.status, 403);
    assert_eq!(user_id(&admin, IRIS.email).await, id, "the address stayed");
}

/// What a broker of the world's holds: the deal with its two portal conversations, and one at the counter.
async fn counter(broker: &Person) -> u64 {
    broker.post("/conversas", &[("nome", "Olga Reis"), ("responsavel", "eu"), ("texto", "quer visitar")]).await.made()
}

#[tokio::test]
async fn r7_who_leaves_is_out_at_once_and_what_was_theirs_is_anothers() {
    let world = World::open().await;
    let (admin, broker, other) = (world.staff(ADMIN).await, world.staff(BROKER).await, world.staff(OTHER_BROKER).await);
    let talk = counter(&broker).await;
    let (id, to) = (user_id(&admin, BROKER.email).await, user_id(&admin, OTHER_BROKER.email).await.to_string());
    let cookie = Person::cookie(&world.house.staff, BROKER).await;
    let stream = Stream::open(&world.house.staff, "/ao-vivo?tela=conversas", &cookie).await;
    let path = format!("/sistema/usuarios/{id}/desativacao");
    let sheet = admin.get(&path).await.text();
    assert!(sheet.contains("Conversas abertas</dt><dd>3</dd>"), "{sheet}");
    assert!(sheet.contains("Oportunidades em andamento</dt><dd>1</dd>"), "{sheet}");
    let journal = admin.journal().await;
    for (form, field) in [
        (vec![("conversas", "")], "oportunidades"),
        (vec![("oportunidades", "999999")], "oportunidades"),
        (vec![("oportunidades", "x")], "oportunidades"),
        (vec![("conversas", "999999"), ("oportunidades", to.as_str())], "conversas"),
        (vec![("conversas", &*id.to_string()), ("oportunidades", to.as_str())], "conversas"),
    ] {
        let refused = admin.post(&path, &form).await;
        assert_eq!(refused.status, 422, "{form:?}");
        assert!(refused.text().contains(&format!("name=\"{field}\" aria-invalid")), "{form:?}: {}", refused.text());
    }
    assert_eq!((admin.journal().await, broker.get("/perfil").await.status), (journal, 200), "refused is undone");
    let done = admin.post(&path, &[("conversas", ""), ("oportunidades", &to)]).await;
    assert_eq!(done.status, 204, "{}", done.text());
    let frames = stream.ends("the switch").await;
    assert_eq!(frames.last().unwrap()["ops"][0]["op"], "end");
    assert_eq!(broker.get("/perfil").await.status, 303);
    assert_eq!(Person::at(&world.house.staff).log_in(BROKER.email, BROKER.password).await.status, 422);
    let page = other.get(&format!("/conversas/{talk}")).await.text();
    assert!(page.contains("na fila") || page.contains("Fila"), "it waits in the queue");
    assert!(page.contains("quer visitar"), "with its history");
    let deal = other.get(&format!("/oportunidades/{}", world.deal)).await;
    assert_eq!(deal.status, 200, "the deal is the colleague's");
    assert!(deal.text().contains("Otávio Reis"));
    assert_eq!(other.get(&format!("/conversas/{}", world.owner_talk)).await.status, 200, "and what is on it");
    let audit = admin.get("/sistema/auditoria?tipo=usuarios").await.text();
    assert!(
        audit.contains("Desativou usuário")
            && audit.contains("conversas: 3 para fila, oportunidades: 1 para otavio@aurora.example"),
        "{audit}"
    );
    let on = admin.post(&format!("/sistema/usuarios/{id}/ativacao"), &[("", "")]).await;
    assert_eq!(on.status, 204);
    assert_eq!(broker.get("/perfil").await.status, 303, "the old session does not live again");
    let back = world.staff(BROKER).await;
    assert_eq!(back.get(&format!("/oportunidades/{}", world.deal)).await.status, 404, "what was given stays given");
}

#[tokio::test]
async fn r7_conversations_go_to_a_colleague_as_a_transfer_does() {
    let mut world = World::open().await;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let talk = counter(&broker).await;
    let to = user_id(&admin, OTHER_BROKER.email).await.to_string();
    let path = format!("/sistema/usuarios/{}/desativacao", user_id(&admin, BROKER.email).await);
    let form = [("conversas", to.as_str()), ("oportunidades", to.as_str())];
    assert_eq!(admin.post(&path, &form).await.status, 204);
    // All of it was one write: what was answered is on disk, whole.
    world.house.kill();
    world.house.restart();
    let other = world.staff(OTHER_BROKER).await;
    for talk in [talk, world.owner_talk, world.appraiser_talk] {
        let page = other.get(&format!("/conversas/{talk}")).await.text();
        assert!(page.contains("Carla Nunes transferiu"), "as every transfer says: {page}");
    }
    assert_eq!(other.get(&format!("/oportunidades/{}", world.deal)).await.status, 200);
    assert_eq!(Person::at(&world.house.staff).log_in(BROKER.email, BROKER.password).await.status, 422);
}

#[tokio::test]
async fn r7_what_is_won_or_lost_goes_along_only_if_asked() {
    for (ticked, status) in [("", 404), ("sim", 200)] {
        let world = World::open().await;
        let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
        let won = broker.post(&format!("/oportunidades/{}/situacao", world.deal), &[("desfecho", "ganha")]).await;
        assert!([200, 204].contains(&won.status), "{}", won.text());
        let to = user_id(&admin, OTHER_BROKER.email).await.to_string();
        let path = format!("/sistema/usuarios/{}/desativacao", user_id(&admin, BROKER.email).await);
        assert!(admin.get(&path).await.text().contains("Ganhas e perdidas</dt><dd>1</dd>"));
        let form = [("oportunidades", to.as_str()), ("encerradas", ticked)];
        assert_eq!(admin.post(&path, &form).await.status, 204);
        let other = world.staff(OTHER_BROKER).await;
        assert_eq!(other.get(&format!("/oportunidades/{}", world.deal)).await.status, status);
    }
}

#[tokio::test]
async fn r7_the_last_admin_who_can_log_in_stays() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let (_, link) = invite(&admin, Login { role: "admin", ..IRIS }).await;
    let demoted = [("nome", ADMIN.name), ("email", ADMIN.email), ("papel", "broker")];
    let own = format!("/sistema/usuarios/{}", user_id(&admin, ADMIN.email).await);
    for answer in [switch_off(&admin, ADMIN.email, 2).await, admin.post(&own, &demoted).await] {
        assert_eq!(answer.status, 422, "an invited one does not count");
        assert!(answer.text().contains("pelo menos um administrador"), "{}", answer.text());
    }
    let iris = Person::at(&world.house.staff);
    assert_eq!(set(&iris, path_of(&world.house, &link), IRIS.password).await.status, 204);
    assert_eq!(switch_off(&admin, ADMIN.email, 2).await.status, 204, "now there are two");
    assert_eq!(admin.get("/perfil").await.status, 303);
}

#[tokio::test]
async fn r7_the_list_is_narrowed_by_typing_and_says_how_each_stands() {
    let world = world();
    let admin = world.staff(ADMIN).await;
    let rows = admin.get_fragment("/sistema/usuarios?busca=recepcio").await.text();
    assert!(rows.contains(RECEPTION.email) && !rows.contains(BROKER.email), "by role: {rows}");
    let rows = admin.get_fragment("/sistema/usuarios?busca=OTAVIO").await.text();
    assert!(rows.contains(OTHER_BROKER.email) && rows.contains("Ativo") && !rows.contains(ADMIN.email), "by name");
    let rows = admin.get_fragment("/sistema/usuarios?busca=carla@").await.text();
    assert!(rows.contains("sessões abertas: ") && rows.contains("entrou"), "{rows}");
    assert!(admin.get_fragment("/sistema/usuarios?busca=zzzz").await.text().contains("Nada encontrado"));
}

/// Sets a mail server that nobody listens at: every letter waits.
async fn mail_that_waits(admin: &Person) {
    let server = [("servidor", "localhost"), ("porta", "1"), ("seguranca", "plain"), ("remetente", "a@aurora.example")];
    assert_eq!(admin.post("/sistema/email", &server).await.status, 204);
}

#[tokio::test]
async fn c35_a_letter_that_waits_gets_no_key_once_its_invitation_is_void() {
    for what in ["nothing", "switched off", "another address", "invited again", "a password set"] {
        let mut world = World::open().await;
        let admin = world.staff(ADMIN).await;
        mail_that_waits(&admin).await;
        let form = [("nome", IRIS.name), ("email", IRIS.email), ("papel", "broker"), ("como", "email")];
        assert_eq!(admin.post("/sistema/usuarios", &form).await.status, 204);
        let user = format!("/sistema/usuarios/{}", user_id(&admin, IRIS.email).await);
        let late = || async { admin.get("/sistema/usuarios").await.text().contains("na fila, atrasado: ") };
        eventually("the list says that the letter waits, and why", PATIENCE, late).await;
        match what {
            "switched off" => assert_eq!(switch_off(&admin, IRIS.email, 1).await.status, 204),
            "another address" => {
                let form = [("nome", IRIS.name), ("email", "outra@aurora.example"), ("papel", "broker")];
                assert_eq!(admin.post(&user, &form).await.status, 204);
            }
            "invited again" => drop(link_for(&admin, IRIS.email).await),
            "a password set" => {
                assert_eq!(admin.post(&format!("{user}/senha"), &[("senha", "dita em voz alta")]).await.status, 204);
            }
            _ => {}
        }
        let written = behind_closed_doors(&mut world.house, |tx| {
            let waiting = tx.all::<Delivery>(10)?.remove(0);
            let About::Invitation(id) = waiting.about else { panic!("{waiting:?}") };
            Ok(invitation::written(tx, id, &waiting.to).is_ok())
        });
        assert_eq!(written, what == "nothing", "{what}");
    }
}

/// E8: a letter to the broker says what the client wrote; once she was switched off it must not leave any more.
#[tokio::test]
async fn c35_a_letter_to_whoever_was_switched_off_does_not_leave() {
    let world = World::open().await;
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    mail_that_waits(&admin).await;
    let form = [("texto", "o preço é segredo"), ("email", "sim")];
    let said = owner.post(&format!("/conversas/{}/mensagens", world.owner_token), &form).await;
    assert_eq!(said.status, 200, "{}", said.text());
    assert_eq!(switch_off(&admin, BROKER.email, 1).await.status, 204);
    // The settings look mended: every letter is tried at once.
    mail_that_waits(&admin).await;
    let given_up = || async {
        let page = admin.get(&format!("/conversas/{}", world.owner_talk)).await.text();
        page.contains("falhou: o acesso foi revogado")
    };
    eventually("the letter is given up", PATIENCE, given_up).await;
}
