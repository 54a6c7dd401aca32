//! C33: nothing changes by a request that was not sent from our own pages, and nothing at all by reading.

use crate::office::*;
use crate::table::{Line, PUBLIC, Places, STAFF};
use crate::world::World;
use reqwest::Method;

/// The form of a line, with a token or without.
fn forged(person: &Person, line: &Line, path: &str, token: Option<&str>) -> reqwest::RequestBuilder {
    if line.route == "/arquivos" {
        let request = person.raw(Method::POST, path).query(&[("nome", "nota.txt")]).body("texto");
        return token.into_iter().fold(request, |request, token| request.header("X-Csrf", token));
    }
    let mut form: Vec<(&str, &str)> = line.form.split('&').filter_map(|pair| pair.split_once('=')).collect();
    form.extend(token.map(|token| ("_csrf", token)));
    person.raw(Method::POST, path).form(&form)
}

fn posts(lines: &'static [Line]) -> impl Iterator<Item = &'static Line> {
    lines.iter().filter(|line| line.method == "POST")
}

#[tokio::test]
async fn c33_every_post_needs_the_token_of_its_own_session_and_no_foreign_origin() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    let foreign = [world.staff(ADMIN).await.csrf(), world.outsider(OWNER).await.csrf(), "x".into(), String::new()];
    let before = admin.journal().await;
    for (person, lines) in [(&admin, STAFF), (&owner, PUBLIC)] {
        for line in posts(lines) {
            let path = places.fill(line.path);
            let bare = person.send(forged(person, line, &path, None)).await;
            assert_eq!(bare.status, 403, "{path} without a token");
            for token in &foreign {
                let answer = person.send(forged(person, line, &path, Some(token))).await;
                assert_eq!(answer.status, 403, "{path} with the token {token:?}");
            }
            let own = person.csrf();
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
            ] {
                let answer = person.send(forged(person, line, &path, Some(&own)).header(name, value)).await;
                assert_eq!(answer.status, 403, "{path} with {name}: {value}");
                assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
            }
            let text =
                person.raw(Method::POST, &path).header("content-type", "text/plain").body(format!("_csrf={own}"));
            assert_eq!(person.send(text).await.status, 403, "{path} as plain text");
        }
    }
    assert_eq!(admin.journal().await, before, "nothing changed by any of them");
    assert_eq!(owner.get("/conversas?lista=1").await.status, 200, "and everybody is still in");
}

#[tokio::test]
async fn c33_a_login_cannot_be_forged_from_another_page() {
    let world = crate::world::world();
    for base in [&world.house.staff, &world.house.public] {
        for path in ["/entrar", "/instalacao", "/acesso/x", "/entrar/link"] {
            let nobody = Person::at(base);
            let request = nobody.form(path, &[("email", ADMIN.email), ("senha", ADMIN.password)]);
            let answer = nobody.send(request.header("origin", "https://evil.example")).await;
            assert_eq!(answer.status, 403, "{base}{path}");
        }
    }
}

#[tokio::test]
async fn c33_no_page_changes_anything_by_being_read_twice() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    let before = admin.journal().await;
    let mut pages = 0;
    for (person, lines) in [(&admin, STAFF), (&owner, PUBLIC)] {
        for line in lines {
            // Posts are tried as reads too: none may hear them.
            let path = places.fill(line.path);
            let query =
                if line.method == "POST" && !line.form.is_empty() { format!("?{}", line.form) } else { String::new() };
            for method in [Method::GET, Method::GET, Method::HEAD] {
                let answer = person.send(person.raw(method, &format!("{path}{query}"))).await;
                assert!(answer.status < 500, "{path}: {}", answer.status);
                pages += 1;
            }
        }
    }
    assert!(pages > 200);
    assert_eq!(admin.journal().await, before, "the journal stands where it stood");
}

#[tokio::test]
async fn c32_no_answer_of_any_route_is_shared_with_another_origin() {
    let world = World::open().await;
    let places = Places::of(&world).await;
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    for (person, lines) in [(&admin, STAFF), (&owner, PUBLIC)] {
        for line in lines {
            let path = places.fill(line.path);
            let form: Vec<(&str, &str)> = line.form.split('&').filter_map(|pair| pair.split_once('=')).collect();
            for origin in ["https://evil.example", "null"] {
                let own = if line.method == "GET" { person.raw(Method::GET, &path) } else { person.form(&path, &form) };
                let asked = person.raw(Method::OPTIONS, &path).header("access-control-request-method", line.method);
                for (what, request) in [("itself", own), ("beforehand", asked)] {
                    let answer = person.send(request.header("origin", origin)).await;
                    assert!(answer.status < 500, "{} {path}, {what}: {}", line.method, answer.status);
                    let given = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
                    assert_eq!(given, None, "{} {path} for {origin}, {what}", line.method);
                }
            }
        }
    }
    assert_eq!(
        (admin.get("/perfil").await.status, owner.get("/conversas?lista=1").await.status),
        (200, 200),
        "nobody went out"
    );
}
