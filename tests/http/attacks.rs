//! Attacks that were made on others of our kind, each under its case's name (BAR 1, 2), where no other module has it.

use crate::keys::{access_of, behind_closed_doors};
use crate::office::*;
use crate::table::{Places, STAFF, ask};
use crate::world::{World, pdf, world};
use balcao::domain::external_access;
use balcao::domain::ids::AccessId;
use reqwest::Method;

const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

#[tokio::test]
async fn c09_c11_what_a_browser_says_of_itself_is_shown_nowhere_as_it_stands() {
    let world = World::open().await;
    let reception = Person::at(&world.house.staff);
    let with_evil = |request: reqwest::RequestBuilder| {
        let names = ["user-agent", "referer", "accept-language", "x-forwarded-for", "forwarded", "cf-connecting-ip"];
        names.into_iter().fold(request, |request, name| request.header(name, EVIL))
    };
    let form = reception.form("/entrar", &[("email", RECEPTION.email), ("senha", RECEPTION.password)]);
    assert_eq!(reception.send(with_evil(form)).await.status, 204);
    let guesser = Person::at(&world.house.staff);
    let wrong = guesser.form("/entrar", &[("email", "ninguem@aurora.example"), ("senha", EVIL)]);
    assert_eq!(guesser.send(with_evil(wrong)).await.status, 422);
    let admin = world.staff(ADMIN).await;
    let id = user_id(&admin, RECEPTION.email).await;
    let mut listed = false;
    for (person, path) in [
        (&reception, "/perfil".to_owned()),
        (&admin, format!("/sistema/usuarios/{id}/sessoes")),
        (&admin, "/sistema/auditoria".into()),
    ] {
        let page = person.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        assert!(!text.contains("<script>alert") && !text.contains("<img src=x"), "{path}");
        assert!(!text.contains("onerror"), "{path}: the address is the peer's, the browser one of those we know");
        listed |= text.contains("Navegador desconhecido");
    }
    assert!(listed, "the session is listed all the same");
}

#[tokio::test]
async fn c15_what_looks_like_a_template_stays_what_was_typed() {
    let world = World::open().await;
    let (admin, broker, owner) = (world.staff(ADMIN).await, world.staff(BROKER).await, world.outsider(OWNER).await);
    let odd = "{{7*7}} ${7*7} {nome} {} {0} #{7*7} <%= 7*7 %> %s %n";
    let shown = odd.replace('<', "&lt;").replace('>', "&gt;");
    assert_eq!(admin.post("/sistema/encerramento", &[("mensagem", odd)]).await.status, 204);
    assert_eq!(admin.post("/sistema/motivos", &[("nome", odd)]).await.status, 204);
    let contact = make_contact(&broker, odd, "").await;
    say(&broker, world.owner_talk, odd).await;
    let closed = broker.post(&format!("/conversas/{}/encerramento", world.owner_talk), &[("motivo", "2")]).await;
    assert_eq!(closed.status, 204, "{}", closed.text());
    for (person, path) in [
        (&admin, "/sistema/encerramento".to_owned()),
        (&admin, "/sistema/motivos".into()),
        (&broker, format!("/contatos/{contact}")),
        (&broker, format!("/conversas/{}", world.owner_talk)),
        (&owner, format!("/conversas/{}", world.owner_token)),
    ] {
        let page = person.get(&path).await.text();
        assert!(page.contains(&shown), "{path} shows it as it was typed");
        assert!(!page.contains("49 "), "{path}");
    }
}

#[tokio::test]
async fn c17_no_word_of_anybody_becomes_an_address_but_of_the_web() {
    let world = World::open().await;
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    for odd in [
        "javascript:alert(1)",
        "JaVaScRiPt://example.com/%0aalert(1)",
        "\tjava\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "//evil.example/x",
        "file:///etc/passwd",
        "blob:https://example.com/1",
    ] {
        say(&broker, world.owner_talk, odd).await;
        make_contact(&broker, odd, "").await;
    }
    for (person, path) in [
        (&broker, format!("/conversas/{}", world.owner_talk)),
        (&broker, "/contatos".into()),
        (&owner, format!("/conversas/{}", world.owner_token)),
    ] {
        let page = person.get(&path).await.text();
        for attribute in ["href=\"", "src=\"", "action=\"", "poster=\"", "data-src=\""] {
            for address in page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let ours = address.starts_with('/') && !address.starts_with("//") || address.starts_with('#');
                let fine = ours || ["https://", "http://", "tel:", "mailto:"].iter().any(|s| address.starts_with(s));
                assert!(fine || address.is_empty(), "{path}: {attribute}{address}");
            }
        }
    }
}

#[tokio::test]
async fn c19_the_name_of_a_file_says_nothing_of_the_next_and_opens_nothing_alone() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..20 {
        // The same bytes under the same name at the same moment.
        names.insert(owner.uploaded("igual.pdf", pdf(100)).await);
    }
    assert_eq!(names.len(), 20);
    assert!(names.iter().all(|name| name.len() == 22), "128 bits");
    let nobody = Person::at(&world.house.public);
    for name in names {
        assert_eq!(nobody.get_fragment(&format!("/arquivos/{name}")).await.status, 401);
    }
}

#[tokio::test]
async fn c23_on_every_route_only_the_number_itself_opens_a_record() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let admin = world.staff(ADMIN).await;
    let mut tried = 0;
    for line in STAFF.iter().filter(|line| line.route.contains("/:id")) {
        let at = line.route.find(":id").unwrap();
        let path = places.fill(line.path);
        let rest = &path[at..];
        let (id, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let beyond = id.parse::<u128>().unwrap() + (1 << 64);
        for odd in ["abc", "%20", "%00", ".0", ";x"].map(|end| format!("{id}{end}")).into_iter().chain([
            format!("%20{id}"),
            format!("%2B{id}"),
            format!("0{id}"),
            format!("-{id}"),
            beyond.to_string(),
            "%D9%A1".into(),
            "0".into(),
            "18446744073709551615".into(),
        ]) {
            let path = format!("{}{odd}{after}", &path[..at]);
            let status = ask(&admin, line, &path).await.status;
            // What is looked at before the number: whether a mail server is there at all, whether the form is one.
            let fine = status == 404 || status == line.expected[7] && [409, 422].contains(&status);
            assert!(fine, "{} {path}: {status}", line.method);
            tried += 1;
        }
    }
    assert!(tried > 250, "{tried}");
}

#[tokio::test]
async fn c29_what_was_transferred_is_gone_on_every_route() {
    let world = World::open().await;
    let (broker, admin) = (world.staff(BROKER).await, world.staff(ADMIN).await);
    let form = [("nome", "Da rua"), ("responsavel", "eu"), ("texto", "pede uma visita")];
    let talk = broker.post("/conversas", &form).await.made();
    let to = user_id(&admin, OTHER_BROKER.email).await.to_string();
    let given = broker.post(&format!("/conversas/{talk}/responsavel"), &[("responsavel", to.as_str())]).await;
    assert!([200, 204].contains(&given.status), "{}", given.text());
    let now = Places::with_talk(&world, talk).await;
    let mut tried = 0;
    for line in STAFF.iter().filter(|line| line.path.contains("{talk}")) {
        let status = ask(&broker, line, &now.fill(line.path)).await.status;
        // Assumir alone says who has it: whoever lost the race must read that (Q4).
        let expected = if line.route.ends_with("/atendente") { 409 } else { 404 };
        assert_eq!(status, expected, "{} {}", line.method, line.path);
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
}

#[tokio::test]
async fn c30_no_post_hears_a_field_that_its_form_has_not() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let (broker, admin) = (world.staff(BROKER).await, world.staff(ADMIN).await);
    let more = "papel=admin&role=admin&is_admin=1&admin=true&ativo=sim&id=1&user=1&owner=1&autor=1&created_at=0\
                &criado_em=0&bcc=evil%40example.com&created_by=1&responsible=1&estado=fechado&token_hash=x&senha_hash=x";
    let more: Vec<(&str, &str)> = more.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let users = listed_users(&admin).await;
    for line in STAFF.iter().filter(|line| line.method == "POST" && line.route != "/sair") {
        let form: Vec<(&str, &str)> = line.form.split('&').filter_map(|pair| pair.split_once('=')).collect();
        if line.route != "/arquivos" {
            let path = places.fill(line.path);
            let answer = broker.post(&path, &[form, more.clone()].concat()).await;
            assert!(answer.status < 500, "{path}");
        }
    }
    assert_eq!(listed_users(&admin).await, users, "no user was made, raised or touched");
    assert_eq!(broker.get("/sistema").await.status, 403, "still a broker");
    let mut own = vec![("texto", "em nome de quem?"), ("modo", "mensagem")];
    own.extend(more);
    let talk = make_talk(&broker).await;
    let said = broker.post(&format!("/conversas/{talk}/mensagens"), &own).await;
    assert_eq!(said.status, 200, "{}", said.text());
    let read = admin.get(&format!("/conversas/{talk}")).await.text();
    let (before, _) = read.split_once("em nome de quem?").unwrap();
    assert!(before.contains("Beatriz"), "said by whoever said it");
}

async fn listed_users(admin: &Person) -> String {
    let page = admin.get("/sistema/usuarios").await.text();
    let rows = page.split("<a class=\"row").skip(1).map(|row| between(row, "href=", "</p>").expect("a row"));
    // Name, role, state and address; when they were last here is another matter.
    rows.map(|row| row.split("</span><span>").next().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
}

async fn make_talk(staff: &Person) -> u64 {
    staff.post("/conversas", &[("nome", "Alguém"), ("responsavel", "eu"), ("texto", "oi")]).await.made()
}

#[tokio::test]
async fn c35_a_link_dies_with_what_it_would_open() {
    for what in ["revoked", "moved", "renewed", "used", "resent", "the chat off"] {
        let mut world = World::open().await;
        let access = access_of(&world.staff(BROKER).await, world.deal, OWNER.email).await;
        let secret = behind_closed_doors(&mut world.house, move |tx| {
            external_access::one_time(tx, AccessId(access), OWNER.email, external_access::ONCE_MS)
        });
        let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
        let path = format!("/acesso/{secret}");
        let visitor = Person::at(&world.house.public);
        assert_eq!(visitor.get(&path).await.status, 200, "opening it changes nothing");
        let server =
            [("servidor", "localhost"), ("porta", "1"), ("seguranca", "plain"), ("remetente", "a@aurora.example")];
        let done = match what {
            "revoked" => broker.post(&format!("/acessos/{access}/revogacao"), &[("", "")]).await,
            "moved" => broker.post(&format!("/acessos/{access}"), &[("email", "x@example.com")]).await,
            "renewed" => broker.post(&format!("/acessos/{access}/senha"), &[("senha", "outra-palavra-98")]).await,
            "used" => Person::at(&world.house.public).post(&path, &[("", "")]).await,
            "resent" => {
                assert_eq!(admin.post("/sistema/email", &server).await.status, 204);
                broker.post(&format!("/acessos/{access}/reenvio"), &[("", "")]).await
            }
            _ => admin.post("/sistema/chat-externo", &[("ativo", "")]).await,
        };
        assert!([200, 204].contains(&done.status), "{what}: {}", done.text());
        for method in [Method::GET, Method::POST] {
            let visitor = Person::at(&world.house.public);
            let answer = visitor.send(visitor.raw(method.clone(), &path).form(&[("x", "y")])).await;
            if what == "the chat off" && method == Method::GET {
                // It may come on again within the link's life: the page opens nothing.
                assert!([200, 404, 410].contains(&answer.status));
                continue;
            }
            let shut = [404, 410].contains(&answer.status)
                || visitor.get_fragment("/conversas").await.status == 401 && what == "the chat off";
            assert!(shut && !answer.headers.contains_key("x-go"), "{what} {method}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn c34_a_link_that_is_none_opens_nothing() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    for odd in ["%20", "0", "null", "%5B%5D", "undefined", "%00", &"A".repeat(43), &owner.csrf()] {
        let visitor = Person::at(&world.house.public);
        let status = visitor.post(&format!("/acesso/{odd}"), &[("", "")]).await.status;
        assert!([400, 404, 410].contains(&status), "{odd:?}: {status}");
        assert_eq!(visitor.get_fragment("/conversas").await.status, 401, "{odd:?}");
    }
}

#[tokio::test]
async fn c37_no_token_of_one_kind_is_one_of_another() {
    let world = World::open().await;
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    let value = |cookie: String| cookie.split_once('=').unwrap().1.to_owned();
    let session = value(Person::cookie(&world.house.public, OWNER).await);
    let staff = value(Person::cookie(&world.house.staff, BROKER).await);
    let tokens = [session, staff, owner.csrf(), broker.csrf(), world.owner_token.clone(), world.picture.clone()];
    for (n, token) in tokens.iter().enumerate() {
        for (base, name, own) in [(&world.house.public, "balcao_portal", 0), (&world.house.staff, "balcao_equipe", 1)] {
            let visitor = Person::at(base);
            let cookie = format!("{name}={token}");
            let asked = visitor.send(visitor.raw(Method::GET, "/conversas").header("cookie", cookie)).await;
            let to_login = asked.header("location").starts_with("/entrar");
            assert_eq!(to_login, n != own, "{name} with token {n}: {}", asked.status);
        }
        let visitor = Person::at(&world.house.public);
        assert_eq!(visitor.post(&format!("/acesso/{token}"), &[("", "")]).await.status, 410, "token {n} as a link");
        if n != 4 {
            assert_eq!(owner.get(&format!("/conversas/{token}")).await.status, 404, "token {n} as a conversation");
        }
        if n != 5 {
            assert_eq!(owner.get(&format!("/arquivos/{token}")).await.status, 404, "token {n} as a file");
        }
        let form = [("_csrf", token.as_str()), ("texto", "oi")];
        let said = owner.raw(Method::POST, &format!("/conversas/{}/mensagens", world.owner_token)).form(&form);
        assert_eq!(owner.send(said).await.status == 403, n != 2, "token {n} as the form's");
    }
}

#[tokio::test]
async fn c54_the_only_word_about_the_house_is_that_it_stands() {
    let world = world();
    for base in [&world.house.staff, &world.house.public] {
        let answer = Person::at(base).get("/saude").await;
        assert_eq!((answer.status, answer.text().trim()), (200, "ok"));
        for path in
            ["/metrics", "/system/cron", "/cron", "/debug", "/status", "/server-status", "/.env", "/.git/config"]
        {
            assert_eq!(Person::at(base).get(path).await.status, 404, "{path}");
        }
    }
}
