//! R7, C36, C42: the second factor, from setting up to the day the phone is gone.

use crate::keys::behind_closed_doors;
use crate::office::*;
use crate::roles::{NEIDE, assign, role_of};
use crate::streams::Stream;
use balcao::domain::access::Act;
use balcao::domain::ids::UserId;
use balcao::domain::second_factor::totp::Seed;
use balcao::domain::session::{self, Owner};
use std::sync::Mutex;

/// A phone with an authenticator app on it.
pub struct Phone {
    seed: Seed,
    /// The last step of which a code was given away: the app's owner waits for the next.
    last: Mutex<u64>,
}

/// Half minutes since 1970.
fn step() -> u64 {
    balcao::store::now() as u64 / 30_000
}

impl Phone {
    /// Types the key that the page shows.
    fn with(text: &str) -> Self {
        const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = text.chars().filter_map(|sign| BASE32.find(sign));
        let (mut bytes, mut held, mut count) = (Vec::new(), 0_u32, 0);
        for five in bits {
            (held, count) = (held << 5 | five as u32, count + 5);
            if count >= 8 {
                count -= 8;
                bytes.push((held >> count) as u8);
                held &= (1 << count) - 1;
            }
        }
        Self { seed: Seed::of(&bytes).expect("a key of 160 bits"), last: Mutex::new(0) }
    }

    /// A code that was not given away yet; the house takes those of half a minute ahead. Waits where there is none.
    async fn code(&self) -> String {
        let next = (*self.last.lock().unwrap() + 1).max(step());
        eventually("the app shows the next code", PATIENCE * 4, || async { step() + 1 >= next }).await;
        *self.last.lock().unwrap() = next;
        self.seed.code(next)
    }
}

/// Sets it up; gives the phone and the recovery codes.
pub async fn set_up(person: &Person, password: &str) -> (Phone, Vec<String>) {
    let (phone, sealed) = scan(person, password).await;
    let wrong = confirm(person, &sealed, "000000").await;
    assert!(wrong.status == 422 && wrong.text().contains("Código errado"), "{}", wrong.text());
    let done = confirm(person, &sealed, &phone.code().await).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let codes = shown(&done);
    assert_eq!(codes.len(), 10, "{}", done.text());
    (phone, codes)
}

/// Gives the app the key; what it is sealed in waits for the first code.
async fn scan(person: &Person, password: &str) -> (Phone, String) {
    let scan = person.post("/perfil/duas-etapas", &[("prova", password)]).await;
    assert_eq!(scan.status, 200, "{}", scan.text());
    let page = scan.text();
    assert!(page.contains("<svg class=\"qr\"") && page.contains("otpauth://totp/"), "{page}");
    let phone = Phone::with(between(&page, "<code>", "</code>").unwrap());
    (phone, between(&page, "name=\"chave\" value=\"", "\"").unwrap().to_owned())
}

async fn confirm(person: &Person, sealed: &str, code: &str) -> Answer {
    person.post("/perfil/duas-etapas/confirmacao", &[("chave", sealed), ("codigo", code)]).await
}

/// The recovery codes that a page shows.
fn shown(page: &Answer) -> Vec<String> {
    between(&page.text(), "id=\"codigos\">", "</pre>").unwrap_or_default().lines().map(str::to_owned).collect()
}

async fn password(person: &Person, login: Login) -> Answer {
    person.post("/entrar", &[("email", login.email), ("senha", login.password)]).await
}

async fn code(person: &Person, code: &str) -> Answer {
    person.post("/entrar/codigo", &[("codigo", code)]).await
}

fn leads_to(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.header("x-go")), (204, to), "{}", answer.text());
}

/// A script is told where to go first, as it is told of the login.
fn asked_for_it(answer: &Answer) {
    let to = answer.header("x-login");
    assert!(answer.status == 401 && to.starts_with("/perfil/duas-etapas"), "{} {to:?}", answer.status);
}

/// Logs in with both; gives the person, in.
async fn enter(base: &str, login: Login, phone: &Phone) -> Person {
    let person = Person::at(base);
    leads_to(&password(&person, login).await, "/entrar/codigo");
    leads_to(&code(&person, &phone.code().await).await, "/");
    person.learn("/perfil").await;
    person
}

#[tokio::test]
async fn r7_a_broker_sets_up_an_app_and_comes_in_with_it() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let elsewhere = Person::enter(&house.staff, BROKER).await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    assert!(broker.get("/perfil").await.text().contains("Desligada."));
    assert_eq!(broker.post("/perfil/duas-etapas", &[("prova", "errada")]).await.status, 422, "the password, once more");
    let (phone, codes) = set_up(&broker, BROKER.password).await;
    assert_eq!(elsewhere.get("/perfil").await.status, 303, "C36: all other sessions are over");
    let profile = broker.get("/perfil").await.text();
    assert!(profile.contains("Códigos de recuperação que restam: 10"), "{profile}");
    assert!(!profile.contains(&codes[0]), "shown once");

    // The password alone opens nothing, in whatever page is asked for.
    let half = Person::at(&house.staff);
    leads_to(&password(&half, BROKER).await, "/entrar/codigo");
    for path in ["/", "/perfil", "/conversas", "/perfil/duas-etapas", "/busca?q=a", "/ao-vivo", "/arquivos/x"] {
        assert_eq!(half.get_fragment(path).await.status, 401, "{path}");
    }
    let page = half.get("/entrar/codigo").await;
    assert!(page.status == 200 && page.text().contains("one-time-code"), "{}", page.text());
    assert!(!page.text().contains(BROKER.name) && !page.text().contains(BROKER.email), "it says nothing of them");
    leads_to(&Person::at(&house.staff).get_fragment("/entrar/codigo").await, "/entrar");
    leads_to(&code(&half, &phone.code().await).await, "/");
    half.learn("/perfil").await;
    assert_eq!(half.get("/conversas").await.status, 200);
    leads_to(&code(&half, &phone.code().await).await, "/entrar?demorou=sim");

    // A page that was asked for is kept through both steps, and only ever one of ours.
    let lost = Person::at(&house.staff);
    let form = [("email", BROKER.email), ("senha", BROKER.password), ("depois", "/contatos?x=1")];
    leads_to(&lost.post("/entrar", &form).await, "/entrar/codigo?depois=%2Fcontatos%3Fx%3D1");
    let form = [("codigo", codes[0].as_str()), ("depois", "/contatos?x=1")];
    leads_to(&lost.post("/entrar/codigo", &form).await, "/contatos?x=1");
    assert!(lost.get("/perfil").await.text().contains("restam: 9"), "a recovery code is used up");
    let again = Person::at(&house.staff);
    password(&again, BROKER).await;
    assert_eq!(code(&again, &codes[0]).await.status, 422, "and is good once");
    let form = [("codigo", codes[1].to_uppercase().replace('-', " ")), ("depois", "//evil.example".into())];
    leads_to(&again.post("/entrar/codigo", &form).await, "/");
    let audit = admin.get("/sistema/auditoria").await.text();
    for said in ["Ligou a verificação", "Usou um código de recuperação", "Código errado"] {
        assert!(audit.contains(said), "{said}: {audit}");
    }
}

#[tokio::test]
async fn c42_a_code_is_taken_once_also_elsewhere_and_after_a_restart() {
    let mut house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let (phone, _) = set_up(&broker, BROKER.password).await;
    let used = phone.seed.code(*phone.last.lock().unwrap());
    let other = Person::at(&house.staff);
    password(&other, BROKER).await;
    let again = code(&other, &used).await;
    assert!(again.status == 422 && again.text().contains("já foi usado"), "the one that confirmed: {}", again.text());
    let fresh = phone.code().await;
    let both = [Person::at(&house.staff), Person::at(&house.staff)];
    for person in &both {
        leads_to(&password(person, BROKER).await, "/entrar/codigo");
    }
    // At the same moment: one of them is in.
    let (one, two) = tokio::join!(code(&both[0], &fresh), code(&both[1], &fresh));
    let mut answers = [(one.status, one.header("x-go")), (two.status, two.header("x-go"))];
    answers.sort_unstable();
    assert_eq!(answers, [(204, "/"), (422, "")]);
    house.kill();
    house.restart();
    let later = Person::at(&house.staff);
    leads_to(&password(&later, BROKER).await, "/entrar/codigo");
    assert_eq!(code(&later, &fresh).await.status, 422, "the house remembers");
    leads_to(&code(&later, &phone.code().await).await, "/");
}

#[tokio::test]
async fn c42_wrong_codes_are_slowed_and_void_the_login() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    set_up(&broker, BROKER.password).await;
    let person = Person::at(&house.staff);
    password(&person, BROKER).await;
    let mut seen = Vec::new();
    for n in 0..12 {
        let answer = code(&person, &format!("00000{}", n % 10)).await;
        seen.push(answer.status);
    }
    assert_eq!(seen[..5], [422; 5], "{seen:?}");
    assert_eq!(seen[5], 429, "and then it waits: {seen:?}");
    // A fresh login from there does not begin the count anew; 40 at once do not slip through.
    password(&person, BROKER).await;
    let all = futures_util::future::join_all((0..40).map(|n| {
        let (person, typed) = (&person, format!("{n:06}"));
        async move { code(person, &typed).await.status }
    }));
    let tried = all.await.into_iter().filter(|status| *status == 422).count();
    assert!(tried <= 1, "{tried}");
    // Somebody else's office is not slowed: the owner comes from another address.
    let owner = Person::at(&house.staff);
    leads_to(&password(&owner, BROKER).await, "/entrar/codigo");
    assert_eq!(code(&owner, "").await.status, 422);
}

#[tokio::test]
async fn c40_before_the_password_is_right_nothing_tells_who_has_a_second_factor() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    set_up(&broker, BROKER.password).await;
    let mut answers = Vec::new();
    for login in [BROKER, RECEPTION, Login { email: "ninguem@aurora.example", ..BROKER }] {
        let person = Person::at(&house.staff);
        let answer = person.post("/entrar", &[("email", login.email), ("senha", "uma senha errada")]).await;
        answers.push((answer.status, answer.text().replace(login.email, ""), answer.header("set-cookie").to_owned()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn c37_half_a_login_is_the_browsers_own_and_dies_with_the_password() {
    let house = House::open().await;
    let (admin, broker) = (Person::enter(&house.staff, ADMIN).await, Person::enter(&house.staff, BROKER).await);
    let (phone, codes) = set_up(&broker, BROKER.password).await;
    let half = Person::at(&house.staff);
    let begun = password(&half, BROKER).await;
    let cookie = begun.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Max-Age=300"));
    let secret = between(&cookie, "balcao_etapa=", ";").unwrap();
    for name in ["balcao_equipe", "balcao_portal", "__Host-balcao_equipe"] {
        let thief = Person::at(&house.staff);
        let tried = thief.raw(reqwest::Method::GET, "/perfil").header("cookie", format!("{name}={secret}"));
        assert_eq!(thief.send(tried).await.status, 303, "{name}: it is no session");
    }
    let stranger = Person::at(&house.public);
    let tried =
        stranger.raw(reqwest::Method::POST, "/entrar/codigo").header("cookie", cookie.split(';').next().unwrap());
    assert_eq!(stranger.send(tried).await.status, 404, "the portal knows no such page");
    // The password changes meanwhile: what it began is over.
    let id = user_id(&admin, BROKER.email).await;
    let form = [("senha", "cinco pardais na cerca"), ("prova", ADMIN.password)];
    assert_eq!(admin.post(&format!("/sistema/usuarios/{id}/senha"), &form).await.status, 204);
    leads_to(&code(&half, &phone.code().await).await, "/entrar?demorou=sim");
    let login = Login { password: "cinco pardais na cerca", ..BROKER };
    let anew = Person::at(&house.staff);
    password(&anew, login).await;
    leads_to(&code(&anew, &codes[0]).await, "/");
}

#[tokio::test]
async fn r7_it_is_switched_off_by_password_and_code_and_codes_are_made_anew() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let (phone, old) = set_up(&broker, BROKER.password).await;
    let twice = broker.post("/perfil/duas-etapas", &[("prova", BROKER.password)]).await;
    leads_to(&twice, "/perfil/duas-etapas");
    let renew = async |password: &str, code: &str| {
        broker.post("/perfil/duas-etapas/codigos", &[("prova_codigos", password), ("codigo", code)]).await
    };
    let wrong = renew("errada", &old[0]).await;
    assert!(wrong.status == 422 && wrong.text().contains("prova_codigos-erro"), "{}", wrong.text());
    for code in ["", "000000", "k3v9-0000-0000-0000"] {
        let tried = renew(BROKER.password, code).await;
        assert!(tried.status == 422 && shown(&tried).is_empty(), "H3: the password alone gives no codes: {code}");
        assert!(tried.text().contains("Código errado"), "{}", tried.text());
    }
    let new = shown(&renew(BROKER.password, &old[0]).await).first().expect("new codes").clone();
    let off = "/perfil/duas-etapas/desligamento";
    for (password, code) in [
        ("", new.as_str()),
        ("errada", &new),
        (BROKER.password, ""),
        (BROKER.password, "000000"),
        (BROKER.password, old[0].as_str()),
    ] {
        assert_eq!(broker.post(off, &[("prova", password), ("codigo", code)]).await.status, 422, "{password} {code}");
    }
    let code = phone.code().await;
    let done = broker.post(off, &[("prova", BROKER.password), ("codigo", code.as_str())]).await;
    leads_to(&done, "/perfil?salvo=sim");
    leads_to(&password(&Person::at(&house.staff), BROKER).await, "/");
}

/// H3: the second factor is not to be guessed away from within either.
#[tokio::test]
async fn c42_wrong_codes_are_slowed_and_noted_also_where_it_is_switched_off() {
    let house = House::open().await;
    let (admin, broker) = (Person::enter(&house.staff, ADMIN).await, Person::enter(&house.staff, BROKER).await);
    set_up(&broker, BROKER.password).await;
    let (mut wrong, mut slowed) = (0, None);
    for n in 0..12 {
        let (path, proof) = match n % 2 {
            0 => ("/perfil/duas-etapas/desligamento", "prova"),
            _ => ("/perfil/duas-etapas/codigos", "prova_codigos"),
        };
        let code = format!("0000{n:02}");
        let answer = broker.post(path, &[(proof, BROKER.password), ("codigo", &code)]).await;
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
        assert!(answer.status == 422 && answer.text().contains("Código errado"), "{n}: {}", answer.text());
        wrong += 1;
    }
    let slowed = slowed.expect("both are one count, and soon it waits");
    assert!(wrong >= 5 && slowed.text().contains("Aguarde"), "{wrong}: {}", slowed.text());
    let audit = admin.get("/sistema/auditoria").await.text();
    assert_eq!(audit.matches("<b>Código errado</b>").count(), wrong, "each guess is a line: {audit}");
    assert_eq!(audit.matches("<b>Tentativas demais</b>").count(), 1, "and the waiting is one: {audit}");
    assert!(broker.get("/perfil").await.text().contains("restam: 10"), "and it is still on");
}

/// H3: what asks for a code or the password in force at Meu perfil is not done to oneself by the pages of users.
#[tokio::test]
async fn r7_nobody_takes_away_their_own_by_the_pages_of_users() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let own = format!("/sistema/usuarios/{}", user_id(&admin, ADMIN.email).await);
    set_up(&admin, ADMIN.password).await;
    for (path, field, value) in
        [("duas-etapas", "x", ""), ("senha", "senha", "vento sul na serra"), ("convite", "como", "papel")]
    {
        let path = format!("{own}/{path}");
        for answer in [
            admin.get(&path).await,
            admin.post(&path, &[(field, value)]).await,
            admin.post(&path, &[(field, value), ("prova", ADMIN.password)]).await,
        ] {
            assert!(answer.status == 409 && answer.text().contains("Meu perfil"), "{path}: {}", answer.text());
        }
        assert!(!admin.get(&own).await.text().contains(&path), "nor is it offered");
    }
    assert!(admin.get(&own).await.text().contains("class=\"button\" href=\"/perfil\""), "the way is shown");
    assert!(admin.get("/perfil").await.text().contains("restam: 10"), "it is still on");
    leads_to(&password(&Person::at(&house.staff), ADMIN).await, "/entrar/codigo");
}

/// H3: logins that are on their way while somebody sets it up.
#[tokio::test]
async fn r7_no_login_by_the_password_alone_outlives_the_moment_in_which_it_was_set_up() {
    let mut house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let id = user_id(&admin, BROKER.email).await;
    for round in 0..4 {
        let broker = Person::enter(&house.staff, BROKER).await;
        let (phone, sealed) = scan(&broker, BROKER.password).await;
        let code = phone.code().await;
        let others: Vec<Person> = (0..6).map(|_| Person::at(&house.staff)).collect();
        let logins = futures_util::future::join_all(others.iter().map(|person| password(person, BROKER)));
        let (done, logins) = tokio::join!(confirm(&broker, &sealed, &code), logins);
        assert_eq!(done.status, 200, "{}", done.text());
        for (person, login) in others.iter().zip(&logins) {
            assert_eq!(login.status, 204, "{}", login.text());
            assert_eq!(person.get("/perfil").await.status, 303, "round {round}: in without a code");
        }
        let taken = admin.post(&format!("/sistema/usuarios/{id}/duas-etapas"), &[("", "")]).await;
        leads_to(&taken, "/sistema/usuarios?salvo=sim");
    }
    set_up(&Person::enter(&house.staff, BROKER).await, BROKER.password).await;
    let new = session::New {
        owner: Owner::User(UserId(id)),
        browser: String::new(),
        from: String::new(),
        language: None,
        opened_by: None,
    };
    let begun = behind_closed_doors(&mut house, |tx| Ok(session::begin(tx, new).is_ok()));
    assert!(!begun, "the write itself begins no session without a code");
}

/// L5: whoever holds a key of the house.
#[tokio::test]
async fn r7_it_is_required_of_whoever_holds_a_key_by_a_role_of_the_agencys_own_too() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    set_up(&admin, ADMIN.password).await;
    add_user(&admin, NEIDE).await;
    leads_to(&admin.post("/sistema/seguranca", &[("obrigatoria", "sim")]).await, "/sistema/seguranca?salvo=sim");
    for act in Act::ALL {
        let role = role_of(&admin, act.key(), &[act]).await;
        assert_eq!(assign(&admin, NEIDE, &role, &[]).await.status, 204);
        let neide = Person::at(&house.staff);
        leads_to(&password(&neide, NEIDE).await, "/");
        let asked = neide.get_fragment("/conversas").await;
        match act {
            Act::ManageUsers | Act::ReadAudit | Act::KeepCopies | Act::RunTheSystem => asked_for_it(&asked),
            _ => assert_eq!(asked.status, 200, "{}: others go on", act.key()),
        }
    }
}

#[tokio::test]
async fn r7_where_it_is_required_nothing_else_opens_to_an_admin_without_it() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let id = user_id(&admin, BROKER.email).await.to_string();
    let cookie = Person::cookie(&house.staff, ADMIN).await;
    let open = Stream::open(&house.staff, "/ao-vivo?tela=outra", &cookie).await;
    leads_to(&admin.post("/sistema/seguranca", &[("obrigatoria", "sim")]).await, "/sistema/seguranca?salvo=sim");
    open.ends("what was open before").await;
    assert_eq!(admin.get("/ao-vivo?tela=outra").await.status, 401, "and no new one begins");
    for path in ["/", "/conversas", "/sistema/seguranca", "/perfil", "/busca?q=a", "/arquivos/x"] {
        asked_for_it(&admin.get_fragment(path).await);
    }
    let form = [("nome", "X"), ("email", "x@aurora.example"), ("papel", "admin"), ("senha", "sete gatos na janela")];
    asked_for_it(&admin.post("/sistema/usuarios", &form).await);
    assert_eq!(broker.get("/conversas").await.status, 200, "others go on");
    let page = admin.get("/perfil/duas-etapas").await;
    assert!(page.status == 200 && page.text().contains("pede a verificação"), "{}", page.text());
    let (phone, _) = set_up(&admin, ADMIN.password).await;
    let page = admin.get("/sistema/seguranca").await.text();
    assert!(page.contains("Duas etapas") && page.contains("Só senha"), "{page}");
    // Whoever becomes an admin is led there at the next login.
    let form = [("nome", BROKER.name), ("email", BROKER.email), ("papel", "admin"), ("ativo", "sim")];
    assert_eq!(admin.post(&format!("/sistema/usuarios/{id}"), &form).await.status, 204);
    assert_eq!(broker.get("/conversas").await.status, 303, "a new role is a new session");
    leads_to(&password(&broker, BROKER).await, "/");
    asked_for_it(&broker.get_fragment("/conversas").await);
    broker.learn("/perfil/duas-etapas").await;
    assert_eq!(broker.post("/sair", &[("", "")]).await.status, 204, "but may go out");
    let again = enter(&house.staff, ADMIN, &phone).await;
    assert_eq!(again.get("/conversas").await.status, 200);
}

#[tokio::test]
async fn r7_a_lost_phone_is_taken_away_by_an_admin_or_at_the_machine_itself() {
    let mut house = House::open().await;
    let (admin, broker) = (Person::enter(&house.staff, ADMIN).await, Person::enter(&house.staff, BROKER).await);
    set_up(&broker, BROKER.password).await;
    let id = user_id(&admin, BROKER.email).await;
    let sheet = admin.get(&format!("/sistema/usuarios/{id}")).await.text();
    let path = format!("/sistema/usuarios/{id}/duas-etapas");
    assert!(sheet.contains(&path), "{sheet}");
    let own = user_id(&admin, ADMIN.email).await;
    assert!(!admin.get(&format!("/sistema/usuarios/{own}")).await.text().contains("/duas-etapas"), "only who has one");
    assert_eq!(broker.post(&path, &[("", "")]).await.status, 403);
    leads_to(&admin.post(&path, &[("prova", ADMIN.password)]).await, "/sistema/usuarios?salvo=sim");
    assert_eq!(broker.get("/perfil").await.status, 303, "their sessions are over");
    leads_to(&password(&Person::at(&house.staff), BROKER).await, "/");
    assert!(admin.get("/sistema/auditoria").await.text().contains("Desligou a verificação"));

    // The last admin lost the phone and the codes: whoever has the machine has the house.
    set_up(&admin, ADMIN.password).await;
    house.stop();
    let data = house.data();
    let arguments = ["user", "second-factor-off", ADMIN.email, "--data", data.to_str().unwrap()];
    let (status, out, err) = run(&arguments, "", PATIENCE);
    assert_eq!(status, Some(0), "{err}");
    assert!(out.contains("taken away"), "{out}");
    let (status, _, err) = run(&arguments, "", PATIENCE);
    assert!(status == Some(1) && err.contains("has no second factor"), "{err}");
    house.restart();
    leads_to(&password(&Person::at(&house.staff), ADMIN).await, "/");
}

#[tokio::test]
async fn c43_the_seed_lies_nowhere_in_the_clear_and_a_backup_without_keys_leaves_the_recovery_codes() {
    let mut house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let (phone, codes) = set_up(&broker, BROKER.password).await;
    house.stop();
    let (data, away) = (house.data(), tempfile::tempdir().unwrap());
    let database = std::fs::read(data.join("balcao.redb")).unwrap();
    let holds = |bytes: &[u8]| database.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(BROKER.email.as_bytes()), "the search finds");
    assert!(!holds(phone.seed.bytes()) && !holds(phone.seed.text().replace(' ', "").as_bytes()), "sealed");
    for code in &codes {
        assert!(!holds(code.as_bytes()) && !holds(code.replace('-', "").as_bytes()), "hashed");
    }
    // A backup that is not encrypted has no keys in it: the app's codes cannot be read, and the page says so.
    let (archive, twin) = (away.path().join("a.tar"), away.path().join("data"));
    for arguments in [
        ["backup", archive.to_str().unwrap(), "--data", data.to_str().unwrap()],
        ["restore", archive.to_str().unwrap(), "--data", twin.to_str().unwrap()],
    ] {
        assert_eq!(run(&arguments, "", PATIENCE).0, Some(0));
    }
    let again = House::again(away).unwrap();
    let person = Person::at(&again.staff);
    leads_to(&password(&person, BROKER).await, "/entrar/codigo");
    let told = code(&person, &phone.code().await).await;
    assert!(told.status == 422 && told.text().contains("restaurada sem as chaves"), "{}", told.text());
    leads_to(&code(&person, &codes[3]).await, "/");
}
