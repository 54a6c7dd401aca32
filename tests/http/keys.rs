//! Who holds which key: what a password opens (E8), sessions that can be ended, the password once more before things
//! that matter, and what the audit says of it (ASVS 6, 7, 16).

use crate::office::*;
use crate::second_factor::set_up;
use crate::streams::Stream;
use crate::table::{STAFF, posted_to};
use crate::world::World;
use balcao::domain::access::Act;
use balcao::domain::audit::{self, Verdict};
use balcao::domain::external_access;
use balcao::domain::schema::KINDS;
use balcao::domain::session::Session;
use balcao::domain::{Answer as Said, ids::AccessId};
use balcao::store::{DataDir, Look, Store, Tx};
use reqwest::Method;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

/// Stops the house, does something to what it keeps, and opens it again.
pub fn behind_closed_doors<T: Send + 'static>(
    house: &mut House,
    work: impl FnOnce(&mut Tx<'_>) -> Said<T> + Send + 'static,
) -> T {
    house.stop();
    let data = house.data();
    // The caller is inside a runtime, in which nothing may wait.
    let there = std::thread::spawn(move || {
        let store = Store::open(&DataDir::open(&data).unwrap(), KINDS).unwrap();
        let done = store.write_now(work).unwrap();
        store.close();
        done
    });
    let done = there.join().unwrap();
    house.restart();
    done
}

pub async fn access_of(staff: &Person, deal: u64, email: &str) -> u64 {
    let list = staff.get(&format!("/oportunidades/{deal}/acessos")).await.text();
    let (_, row) = list.split_once(&format!("<b>{email}</b>")).unwrap();
    between(row, "\"/acessos/", "/").unwrap().parse().unwrap()
}

#[tokio::test]
async fn e8_a_password_opens_what_it_was_given_for_and_a_mailed_link_all_of_it() {
    let mut world = World::open().await;
    let other = world.staff(OTHER_BROKER).await;
    // Another broker deals with the same owner, and chooses a password of their own for her.
    let contact = make_contact(&other, "Marta P.", "marta.outra@example.com").await;
    let deal = make_opportunity(&other, "Sala comercial", contact).await;
    let chosen = Login { password: "escolhida-pelo-Otavio-9", ..OWNER };
    give_access(&other, deal, chosen, "Sobre a sala comercial.").await;
    let by_other = world.outsider(chosen).await;
    let theirs = portal_tokens(&by_other).await;
    assert_eq!(theirs.len(), 1, "the chosen password opens the one conversation it was chosen for");
    assert_ne!(theirs[0], world.owner_token);
    for path in [
        format!("/conversas/{}", world.owner_token),
        format!("/conversas/{}/entradas", world.owner_token),
        format!("/arquivos/{}", world.picture),
        format!("/arquivos/{}/previa", world.picture),
    ] {
        assert_eq!(by_other.get(&path).await.status, 404, "{path}");
    }
    let said = by_other.post(&format!("/conversas/{}/mensagens", world.owner_token), &[("texto", "oi")]).await;
    assert_eq!(said.status, 404);
    let cookie = Person::cookie(&world.house.public, chosen).await;
    let address = format!("/ao-vivo?tela=portal&conversa={}&desde=0", world.owner_talk);
    let mut stream = Stream::open(&world.house.public, &address, &cookie).await;
    let mut heard = String::new();
    while let Ok(Some(frame)) = timeout(Duration::from_millis(500), stream.next()).await {
        heard += &frame;
    }
    assert!(!heard.contains("dona Marta") && !heard.contains("a sala\""), "{heard}");
    // The same password again, for a third conversation: whoever is in by it sees that one at once.
    let owner = world.outsider(OWNER).await;
    assert_eq!(portal_tokens(&owner).await, [world.owner_token.clone()]);
    let deal = make_opportunity(&other, "Garagem", contact).await;
    give_access(&other, deal, OWNER, "Sobre a garagem.").await;
    assert_eq!(portal_tokens(&owner).await.len(), 2, "and not the one with the other password");
    // The letter's link proves the mailbox itself.
    let access = AccessId(access_of(&other, deal, OWNER.email).await);
    let secret = behind_closed_doors(&mut world.house, move |tx| {
        external_access::one_time(tx, access, OWNER.email, external_access::ONCE_MS)
    });
    let by_link = Person::at(&world.house.public);
    assert_eq!(by_link.post(&format!("/acesso/{secret}"), &[("", "")]).await.status, 204);
    assert_eq!(portal_tokens(&by_link).await.len(), 3, "all that this e-mail was given");
    assert_eq!(by_link.get(&format!("/arquivos/{}", world.picture)).await.status, 200);
    // A new password for one of them ends what the old one opened.
    let renewed = world.staff(OTHER_BROKER).await;
    let access = access_of(&renewed, deal, OWNER.email).await;
    let done = renewed.post(&format!("/acessos/{access}/senha"), &[("senha", "so-para-a-garagem-1")]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let again = world.outsider(OWNER).await;
    assert_eq!(portal_tokens(&again).await, [world.owner_token.clone()]);
}

#[tokio::test]
async fn c27_sessions_are_listed_and_ended_one_by_one_and_all_at_once() {
    let world = World::open().await;
    let base = &world.house.staff;
    let (here, admin, stranger) = (world.staff(RECEPTION).await, world.staff(ADMIN).await, world.staff(MANAGER).await);
    let id = user_id(&admin, RECEPTION.email).await;
    let cookie = Person::cookie(base, RECEPTION).await;
    let page = here.get("/perfil").await.text();
    let ends = |page: &str, before: &str, after: &str| -> Vec<String> {
        page.split(before).skip(1).filter_map(|rest| rest.split(after).next()).map(str::to_owned).collect()
    };
    let listed = ends(&page, "action=\"/sessoes/", "/encerramento\"");
    let (others, all): (Vec<_>, Vec<_>) = listed.into_iter().partition(|one| one.parse::<u64>().is_ok());
    assert_eq!((others.len(), all.len()), (1, 1), "the other one, and the end of all others: {page}");
    assert!(page.contains("127.1.") && page.contains("Esta sess"), "with its address, and this one marked");
    for person in [&stranger, &world.staff(BROKER).await] {
        let tried = person.post(&format!("/sessoes/{}/encerramento", others[0]), &[("", "")]).await;
        assert_eq!(tried.status, 404, "a session is its owner's");
    }
    let wrong = admin.post(&format!("/sistema/usuarios/1/sessoes/{}", others[0]), &[("", "")]).await;
    assert_eq!(wrong.status, 404, "and is asked for by its owner");
    let stream = Stream::open(base, "/ao-vivo?tela=outra", &cookie).await;
    let ended = here.post(&format!("/sessoes/{}/encerramento", others[0]), &[("", "")]).await;
    assert_eq!(ended.status, 204);
    stream.ends("the end of its session").await;
    let kept = Person::at(base);
    let asked = kept.send(kept.raw(Method::GET, "/perfil").header("cookie", &cookie)).await;
    assert_eq!(asked.status, 303, "the cookie of an ended session opens nothing");
    assert_eq!(here.get("/perfil").await.status, 200);
    let elsewhere = [world.staff(RECEPTION).await, world.staff(RECEPTION).await];
    assert_eq!(here.post("/sessoes/encerramento", &[("", "")]).await.status, 204);
    for person in &elsewhere {
        assert_eq!(person.get("/perfil").await.status, 303);
    }
    assert_eq!(here.get("/perfil").await.status, 200, "this one stays");
    let cookie = Person::cookie(base, RECEPTION).await;
    let sheet = admin.get(&format!("/sistema/usuarios/{id}/sessoes")).await.text();
    let listed = ends(&sheet, &format!("action=\"/sistema/usuarios/{id}/sessoes/"), "\"");
    assert_eq!(listed.len(), 2, "{sheet}");
    let stream = Stream::open(base, "/ao-vivo?tela=outra", &cookie).await;
    let ended = admin.post(&format!("/sistema/usuarios/{id}/sessoes"), &[("", "")]).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    stream.ends("the admin's end of all").await;
    assert_eq!(here.get("/perfil").await.status, 303);
    let (phone, tablet) = (world.outsider(OWNER).await, world.outsider(OWNER).await);
    assert_eq!(phone.post("/sessoes/encerramento", &[("", "")]).await.status, 204);
    for person in [&phone, &tablet] {
        assert_eq!(person.get_fragment("/conversas").await.status, 401, "out on all devices");
    }
}

/// Lets eleven minutes pass for everybody who is in.
fn age(house: &mut House) {
    behind_closed_doors(house, |tx| {
        for mut session in tx.all::<Session>(1_000)? {
            session.proved_at -= 11 * 60_000;
            tx.put(&session)?;
        }
        Ok(())
    });
}

/// Whether only the admin may do it, where, and the form.
type Matter = (bool, String, Vec<(&'static str, &'static str)>);

/// What asks for the password once more.
fn matters(world: &World, access: u64, user: u64) -> Vec<Matter> {
    vec![
        (
            false,
            format!("/oportunidades/{}/acessos", world.deal),
            vec![("email", "nova@example.com"), ("senha", "Imo35avalextern95"), ("texto", "Boa tarde, vizinha.")],
        ),
        (false, format!("/acessos/{access}"), vec![("email", "mudou@example.com")]),
        (false, format!("/acessos/{access}/senha"), vec![("senha", "outra-palavra-98")]),
        (false, format!("/acessos/{access}/reenvio"), vec![]),
        (
            true,
            "/sistema/usuarios".to_owned(),
            vec![
                ("nome", "Zélia"),
                ("email", "zelia@aurora.example"),
                ("papel", "broker"),
                ("senha", "vento norte no cais"),
            ],
        ),
        (
            true,
            format!("/sistema/usuarios/{user}"),
            vec![("nome", "Mauro D."), ("email", MANAGER.email), ("papel", "manager")],
        ),
        (true, format!("/sistema/usuarios/{user}/convite"), vec![("como", "papel")]),
        (true, format!("/sistema/usuarios/{user}/desativacao"), vec![("conversas", "")]),
        (true, format!("/sistema/usuarios/{user}/ativacao"), vec![]),
        (true, format!("/sistema/usuarios/{user}/senha"), vec![("senha", "vento sul na serra")]),
        (true, format!("/sistema/usuarios/{user}/duas-etapas"), vec![]),
        (true, "/sistema/seguranca".to_owned(), vec![("obrigatoria", "")]),
        // What somebody may do is a key as well.
        (true, "/sistema/papeis".to_owned(), vec![("nome", "Arquivo"), ("pode", "read_audit"), ("ativo", "sim")]),
        (true, "/sistema/papeis/1".to_owned(), vec![("nome", "Arquivo morto"), ("pode", "keep_copies")]),
        (true, "/sistema/auditoria/exportacao".to_owned(), vec![("quem", "ninguem"), ("de", "2026-01-31")]),
        // Letters carry keys: by whose server they go, to which address they lead, and who could read on the way.
        (
            true,
            "/sistema/email".to_owned(),
            vec![
                ("servidor", "correio.example"),
                ("porta", "2525"),
                ("seguranca", "plain"),
                ("remetente", "b@aurora.example"),
            ],
        ),
        (true, "/sistema/email".to_owned(), vec![("servidor", "outro.example"), ("desligar", "sim")]),
        (
            true,
            "/sistema/agencia".to_owned(),
            vec![
                ("nome", "Aurora Mar"),
                ("cor", "165"),
                ("idioma", "pt-BR"),
                ("fuso", "America/Sao_Paulo"),
                ("endereco_portal", "http://portal.example"),
            ],
        ),
        (true, "/sistema/https".to_owned(), vec![("fazer", "preparar"), ("nomes", "balcao.local")]),
        (true, "/sistema/https".to_owned(), vec![("fazer", "nomes"), ("nomes", "mesa.local")]),
        (true, "/sistema/https".to_owned(), vec![("fazer", "aceitar")]),
        (true, "/sistema/https".to_owned(), vec![("fazer", "desistir")]),
        (true, "/sistema/https/portal".to_owned(), vec![("dominio", "portal.example"), ("desligar", "sim")]),
    ]
}

/// What only who holds a key may do, and yet is done without the password: it gives nobody one. The two last always ask
/// for it, however lately it was proved: tests/vault tries them.
const GIVES_NO_KEY: [&str; 10] = [
    "/sistema/usuarios-online",
    "/sistema/agencia/logotipo",
    "/sistema/chat-externo",
    "/sistema/copias/teste",
    "/sistema/copias/pasta/agora",
    "/sistema/copias/aviso",
    "/sistema/usuarios/:id/sessoes",
    "/sistema/usuarios/:id/sessoes/:sessao",
    "/sistema/copias/arquivo",
    "/sistema/copias/pasta",
];

/// Every form of the office's table that takes a key is listed as one that asks, or as one that gives none.
fn all_that_matters(matters: &[Matter]) {
    let keys = [Act::ManageUsers, Act::ReadAudit, Act::KeepCopies, Act::RunTheSystem];
    let takes_key =
        STAFF.iter().filter(|line| line.method == "POST" && line.act.is_some_and(|act| keys.contains(&act)));
    let all: BTreeSet<&str> = takes_key.map(|line| line.route).collect();
    let asked: BTreeSet<&str> = matters.iter().filter(|(key, ..)| *key).map(|(_, path, _)| posted_to(path)).collect();
    let listed: BTreeSet<&str> = asked.union(&BTreeSet::from(GIVES_NO_KEY)).copied().collect();
    assert_eq!(all, listed, "each once");
    assert!(GIVES_NO_KEY.iter().all(|route| !asked.contains(route)));
}

#[tokio::test]
async fn asvs_7_5_what_opens_doors_to_others_asks_for_the_password_once_more() {
    let mut world = World::open().await;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let server = [("servidor", "localhost"), ("porta", "1"), ("seguranca", "plain"), ("remetente", "a@aurora.example")];
    assert_eq!(admin.post("/sistema/email", &server).await.status, 204);
    let access = access_of(&broker, world.deal, APPRAISER.email).await;
    let user = user_id(&admin, MANAGER.email).await;
    set_up(&world.staff(MANAGER).await, MANAGER.password).await;
    let cookies = [Person::cookie(&world.house.staff, ADMIN).await, Person::cookie(&world.house.staff, BROKER).await];
    let matters = matters(&world, access, user);
    all_that_matters(&matters);
    for (by_admin, path, form) in matters {
        age(&mut world.house);
        let (person, login) = if by_admin { (admin.anew(), ADMIN) } else { (broker.anew(), BROKER) };
        let asked = person.post(&path, &form).await;
        assert_eq!(asked.status, 422, "{path}: {}", asked.text());
        assert!(asked.text().contains("name=\"prova\""), "{path} shows the field: {}", asked.text());
        for (name, value) in form.iter().filter(|(name, _)| !["papel", "como", "fazer", "desligar"].contains(name)) {
            assert!(asked.text().contains(value), "{path} keeps {name}");
        }
        let with = |proof: &'static str| [form.clone(), vec![("prova", proof)]].concat();
        let wrong = person.post(&path, &with("errada de propósito")).await;
        assert_eq!((wrong.status, wrong.header("set-cookie")), (422, ""), "{path}: {}", wrong.text());
        let before = person.cookie_now("/perfil");
        let right = person.post(&path, &with(login.password)).await;
        assert!([200, 204].contains(&right.status), "{path}: {} {}", right.status, right.text());
        assert!(right.header("set-cookie").starts_with("balcao_equipe="), "{path}: the session's cookie is new");
        let stale = Person::at(&world.house.staff);
        let tried = stale.send(stale.raw(Method::GET, "/perfil").header("cookie", &before)).await;
        assert_eq!(tried.status, 303, "{path}: the old value opens nothing any more");
        assert_eq!(person.get("/perfil").await.status, 200);
        assert!(!person.get("/sistema/usuarios/novo").await.text().contains("name=\"prova\""), "not asked again");
    }
    let kept = Person::at(&world.house.staff);
    for cookie in cookies {
        let other = kept.send(kept.raw(Method::GET, "/perfil").header("cookie", cookie)).await;
        assert_eq!(other.status, 200, "other sessions of the same people are untouched");
    }
}

#[tokio::test]
async fn asvs_7_5_only_what_leads_letters_elsewhere_asks_and_what_was_typed_beside_it_is_not_lost() {
    let mut world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let named = [("fazer", "preparar"), ("nomes", "balcao.local")];
    assert_eq!(admin.post("/sistema/https", &named).await.status, 204);
    age(&mut world.house);
    let admin = admin.anew();
    let mut looks = vec![("nome", "Aurora"), ("cor", "30"), ("idioma", "pt-BR"), ("fuso", "America/Sao_Paulo")];
    assert_eq!(admin.post("/sistema/agencia", &looks).await.status, 204, "a name and a colour open no door");
    looks.push(("endereco_portal", "http://alheio.example/"));
    assert_eq!(admin.post("/sistema/agencia", &looks).await.status, 422);
    assert!(!admin.get("/sistema/agencia").await.text().contains("alheio"), "nothing was saved");
    let wish = [("dominio", "portal.example"), ("contato", "a@aurora.example"), ("concordo", "sim")];
    let asked = admin.post("/sistema/https/portal", &wish).await;
    assert_eq!(asked.status, 422);
    assert!(asked.text().contains("name=\"concordo\" value=\"sim\" checked"), "{}", asked.text());
    assert!(!admin.get("/sistema/https").await.text().contains("portal.example"), "nothing was wished for");
    let given_up = admin.post("/sistema/https", &[("fazer", "desistir")]).await.text();
    assert!(given_up.contains("value=\"balcao.local\""), "a button without the names keeps them: {given_up}");
    assert_eq!(given_up.matches("id=\"prova\"").count(), 1, "one field, where it was pressed");
    let server = [("servidor", "correio.example"), ("usuario_smtp", "carla"), ("senha_smtp", "segredo-do-correio")];
    let asked = admin.post("/sistema/email", &server).await.text();
    assert!(asked.contains("id=\"senha_smtp-erro\"") && !asked.contains("segredo-do-correio"), "{asked}");
}

#[tokio::test]
async fn c38_the_second_question_is_no_way_around_the_limit() {
    let mut world = World::open().await;
    let broker = world.staff(BROKER).await;
    let access = access_of(&broker, world.deal, APPRAISER.email).await;
    age(&mut world.house);
    let broker = broker.anew();
    let mut slowed = 0;
    for n in 0..8 {
        let guess = format!("palpite número {n}");
        let form = [("senha", "outra-palavra-98"), ("prova", guess.as_str())];
        let answer = broker.post(&format!("/acessos/{access}/senha"), &form).await;
        assert_eq!(answer.status, 422);
        slowed += usize::from(answer.text().contains("Aguarde"));
    }
    assert_eq!(slowed, 3, "five guesses, then waiting");
    let form = [("senha", "outra-palavra-98"), ("prova", BROKER.password)];
    assert_eq!(broker.post(&format!("/acessos/{access}/senha"), &form).await.status, 422, "even the right one");
}

#[tokio::test]
async fn asvs_16_the_audit_says_who_opened_which_door_and_not_one_secret() {
    let mut world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let broker = world.staff(BROKER).await;
    let guesser = Person::at(&world.house.staff);
    let tries = (0..20).map(|_| guesser.post("/entrar", &[("email", RECEPTION.email), ("senha", "palpite-secreto")]));
    futures_util::future::join_all(tries).await;
    // A password in the wrong field is not written down.
    guesser.anew().post("/entrar", &[("email", "minha senha secreta"), ("senha", "")]).await;
    let odd = Person::at(&world.house.public);
    odd.post("/entrar", &[("email", "\u{1b}[31m\r\nforjado@example.com"), ("senha", "x")]).await;
    let access = access_of(&broker, world.deal, APPRAISER.email).await;
    broker.post(&format!("/acessos/{access}/senha"), &[("senha", "renovada-em-segredo-1")]).await;
    broker.post(&format!("/acessos/{access}"), &[("email", "mudou@example.com")]).await;
    broker.post(&format!("/acessos/{access}/revogacao"), &[("", "")]).await;
    broker.post("/perfil/senha", &[("atual", BROKER.password), ("senha", "novas marés no porto")]).await;
    admin.post("/sistema/motivos", &[("nome", "Vistoria\u{202e}")]).await;
    broker.post("/sair", &[("", "")]).await;
    assert_eq!(world.staff(RECEPTION).await.get("/sistema/auditoria").await.status, 403, "it is the admins'");
    let mut page = String::new();
    let mut path = "/sistema/auditoria".to_owned();
    loop {
        let one = admin.get(&path).await.text();
        page += &one;
        match between(&one, "href=\"/sistema/auditoria?antes=", "\"") {
            Some(before) => path = format!("/sistema/auditoria?antes={before}"),
            None => break,
        }
    }
    for what in [
        "Entrou",
        "Senha errada",
        "Tentativas demais",
        "Saiu",
        "Criou acesso externo",
        "Gerou nova senha de acesso",
        "Mudou o e-mail de um acesso",
        "Revogou acesso",
        "Trocou senha de usuário",
        "Criou usuário",
        "Mudou configuração",
        "Confirmou a senha",
        "mudou@example.com",
        "127.1.",
        "Vistoria\\u{202e}",
    ] {
        assert!(page.contains(what), "{what} is missing");
    }
    assert_eq!(page.matches("<b>Tentativas demais</b>").count(), 1, "one line, however often they knocked");
    for secret in [
        "palpite-secreto",
        "minha senha secreta",
        "renovada-em-segredo-1",
        BROKER.password,
        OWNER.password,
        "novas marés",
        "dona Marta",
        "argon2",
        "\u{1b}",
        "\u{202e}",
    ] {
        assert!(!page.contains(secret), "{secret:?} is in the audit");
    }
    let verdict = behind_closed_doors(&mut world.house, |tx| audit::verify(tx));
    assert!(matches!(verdict, Verdict::Whole(notes) if notes > 20), "{verdict:?}");
}
