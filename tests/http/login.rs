//! Coming in and going out (C36–C40).

use crate::office::*;
use crate::world::{World, world};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

#[tokio::test]
async fn c40_a_known_and_an_unknown_address_are_told_the_same() {
    let world = world();
    for (base, known) in [(&world.house.staff, BROKER.email), (&world.house.public, OWNER.email)] {
        let of_known = Person::at(base).log_in(known, "errada de propósito").await;
        let unknown = "x".repeat(known.len() - 12) + "@example.com";
        let of_unknown = Person::at(base).log_in(&unknown, "errada de propósito").await;
        assert_eq!((of_known.status, of_unknown.status), (422, 422));
        assert_eq!(of_known.text().replace(known, &unknown), of_unknown.text());
        let names = |answer: &Answer| answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&of_known), names(&of_unknown));
    }
}

#[tokio::test]
async fn c40_both_cost_one_hash() {
    let world = world();
    let mut quickest = Vec::new();
    for email in [BROKER.email, "ninguem@aurora.example"] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let person = Person::at(&world.house.staff);
            person.get("/saude").await;
            let began = Instant::now();
            person.log_in(email, "errada de propósito").await;
            times.push(began.elapsed());
        }
        times.sort();
        quickest.push(times[0]);
    }
    assert!(quickest.iter().all(|time| *time > Duration::from_millis(10)), "the hash is computed: {quickest:?}");
}

#[tokio::test]
async fn c38_after_five_misses_each_try_waits_and_forty_at_once_do_not_slip_through() {
    let world = world();
    let guesser = Person::at(&world.house.staff);
    let tries = (0..40).map(|_| guesser.post("/entrar", &[("email", RECEPTION.email), ("senha", "errada")]));
    let answers = futures_util::future::join_all(tries).await;
    let reached = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(reached, 5, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| [422, 429].contains(&answer.status)));
    for _ in 0..2 {
        // The waits grow: 1 s, 2 s, then 4 s, in which the right password must wait too.
        let wrong = || async { guesser.log_in(RECEPTION.email, "errada").await.status == 422 };
        eventually("it may be tried again", PATIENCE, wrong).await;
    }
    let right = guesser.log_in(RECEPTION.email, RECEPTION.password).await;
    assert_eq!(right.status, 429, "from there even the right one waits");
    assert!(right.text().contains("Aguarde"), "and it is said how long");
    assert!(right.text().contains(RECEPTION.email), "what was typed is kept");
}

#[tokio::test]
async fn c39_a_stranger_does_not_lock_the_owner_of_an_account_out() {
    let world = World::open().await;
    let home = Ipv4Addr::new(127, 9, 0, 1);
    assert_eq!(
        Person::from_address(&world.house.staff, home).log_in(MANAGER.email, MANAGER.password).await.status,
        204
    );
    for n in 0..70 {
        let stranger = Person::from_address(&world.house.staff, Ipv4Addr::new(127, 9, 1, n));
        stranger.log_in(MANAGER.email, "errada").await;
    }
    let stranger = Person::from_address(&world.house.staff, Ipv4Addr::new(127, 9, 1, 200));
    assert_eq!(stranger.log_in(MANAGER.email, "errada").await.status, 429, "from everywhere at once it is slowed");
    let back = Person::from_address(&world.house.staff, home).log_in(MANAGER.email, MANAGER.password).await;
    assert_eq!(back.status, 204, "but not at home");
}

#[tokio::test]
async fn one_address_cannot_try_every_e_mail() {
    let world = world();
    let guesser = Person::at(&world.house.public);
    let mut statuses = Vec::new();
    for n in 0..32 {
        statuses.push(guesser.log_in(&format!("alguem{n}@example.com"), "errada").await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 20, "{statuses:?}");
}

#[tokio::test]
async fn c37_the_session_is_new_at_login_and_its_cookie_is_for_http_alone() {
    let world = world();
    for (base, login, name, site) in [
        (&world.house.staff, BROKER, "balcao_equipe", "SameSite=Strict"),
        (&world.house.public, OWNER, "balcao_portal", "SameSite=Lax"),
    ] {
        let fixed = format!("{name}=umvalorposto");
        let person = Person::at(base);
        let form = [("email", login.email), ("senha", login.password)];
        let entered = person.send(person.form("/entrar", &form).header("cookie", &fixed)).await;
        assert_eq!(entered.status, 204);
        let set = entered.header("set-cookie");
        assert!(set.contains("HttpOnly") && set.contains(site) && set.contains("Path=/"), "{set}");
        let value = between(set, &format!("{name}="), ";").unwrap();
        assert!(value.len() >= 43 && value != "umvalorposto", "256 random bits: {value}");
        let stranger = Person::at(base);
        let tried = stranger.send(stranger.raw(reqwest::Method::GET, "/conversas").header("cookie", fixed)).await;
        assert_eq!(tried.status, 303, "the value that was set before never is one");
    }
}

#[tokio::test]
async fn c37_a_cookie_of_one_door_does_not_count_at_the_other() {
    let world = world();
    let (office, portal) =
        (Person::cookie(&world.house.staff, ADMIN).await, Person::cookie(&world.house.public, OWNER).await);
    let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
    for (base, cookie) in [
        (&world.house.public, format!("balcao_portal={}", value(&office))),
        (&world.house.public, office.clone()),
        (&world.house.staff, format!("balcao_equipe={}", value(&portal))),
        (&world.house.staff, portal.clone()),
    ] {
        let visitor = Person::at(base);
        let asked = visitor.send(visitor.raw(reqwest::Method::GET, "/conversas").header("cookie", &cookie)).await;
        assert_eq!((asked.status, asked.header("location")), (303, "/entrar?depois=%2Fconversas"), "{base} {cookie}");
    }
}

#[tokio::test]
async fn leaving_ends_the_session_and_not_only_the_cookie() {
    let world = world();
    let cookie = Person::cookie(&world.house.staff, RECEPTION).await;
    let visitor = Person::at(&world.house.staff);
    let with = |method, path| visitor.raw(method, path).header("cookie", cookie.as_str());
    let page = visitor.send(with(reqwest::Method::GET, "/perfil")).await;
    assert_eq!(page.status, 200);
    let left = with(reqwest::Method::POST, "/sair").form(&[("_csrf", csrf_of(&page.text()))]);
    let left = visitor.send(left).await;
    assert_eq!(left.status, 303);
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(visitor.send(with(reqwest::Method::GET, "/perfil")).await.status, 303, "a kept cookie opens nothing");
}

#[tokio::test]
async fn c36_a_new_password_ends_every_other_session() {
    let world = World::open().await;
    let (here, there) = (world.staff(BROKER).await, world.staff(BROKER).await);
    let wrong = here.post("/perfil/senha", &[("atual", "errada"), ("senha", "novas marés no porto")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(there.get("/perfil").await.status, 200, "nothing ended by a wrong try");
    let changed = here.post("/perfil/senha", &[("atual", BROKER.password), ("senha", "novas marés no porto")]).await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    assert_eq!(here.get("/perfil").await.status, 200, "whoever did it stays in");
    assert_eq!(there.get("/perfil").await.status, 303, "everybody else goes");
    let old = Person::at(&world.house.staff).log_in(BROKER.email, BROKER.password).await;
    assert_eq!(old.status, 422, "the old one is wrong now");
    let admin = world.staff(ADMIN).await;
    let id = user_id(&admin, BROKER.email).await;
    let reset = admin.post(&format!("/sistema/usuarios/{id}/senha"), &[("senha", "outra maré no porto")]).await;
    assert_eq!(reset.status, 204);
    assert_eq!(here.get("/perfil").await.status, 303, "an admin's reset ends all of them");
}

#[tokio::test]
async fn c46_a_login_leads_only_to_this_house() {
    let world = world();
    for odd in ["//evil.example", "https://evil.example/", "/\\evil.example", "/ao-vivo"] {
        let form = [("email", OWNER.email), ("senha", OWNER.password), ("depois", odd)];
        let entered = Person::at(&world.house.public).post("/entrar", &form).await;
        assert_eq!((entered.status, entered.header("x-go")), (204, "/"), "{odd}");
    }
}

/// E9: every password that was handed out for an address opens it, also after an access moved to that address.
#[tokio::test]
async fn e9_an_access_moved_to_another_address_does_not_lock_that_address_out() {
    let world = World::open().await;
    let broker = world.staff(BROKER).await;
    let list = broker.get(&format!("/oportunidades/{}/acessos", world.deal)).await.text();
    let rows: Vec<&str> = list.split("<li class=\"access\">").collect();
    let row = rows.iter().find(|row| row.contains(APPRAISER.email)).unwrap();
    let id = between(row, "\"/acessos/", "/").unwrap();
    let moved = broker.post(&format!("/acessos/{id}"), &[("email", OWNER.email)]).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    for password in [OWNER.password, APPRAISER.password] {
        let entered = Person::at(&world.house.public).log_in(OWNER.email, password).await;
        assert_eq!(entered.status, 204, "{password} opens {}", OWNER.email);
    }
}
