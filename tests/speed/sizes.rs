//! What has to be copied and fetched: the program, and the first load of a page.

use super::fill::{self, Filled, PASSWORD};
use super::house::House;
use super::office::BINARY;
use super::paper::Paper;
use super::wire::{Visitor, Wire};
use std::collections::BTreeSet;

pub async fn measure(large: &Filled, paper: &mut Paper) {
    let bytes = std::fs::metadata(BINARY).unwrap().len();
    paper.row("the program", &format!("{:.1} MB", bytes as f64 / 1e6), "", "≤ 30 MB", bytes <= 30_000_000);
    let house = House::on(large.copy()).await;
    let manager = Visitor::enter(&house.staff, &fill::email(1), PASSWORD, "/perfil").await;
    first_load(paper, "first load of the inbox", &manager, "/conversas?aba=abertos", 80).await;
    // Of those whom the newest conversations were opened to, somebody comes in.
    for n in 0..large.conversations / 3 {
        let form = format!("email={}&senha={}", fill::contact_email(n), PASSWORD.replace(' ', "+"));
        let nobody = Visitor { base: house.public.clone(), cookie: String::new(), csrf: String::new() };
        if Wire::to(&house.public).await.send(&nobody.post("/entrar", &form)).await.status == 204 {
            let outsider = Visitor::enter(&house.public, &fill::contact_email(n), PASSWORD, "/conversas").await;
            return first_load(paper, "first load of the portal", &outsider, "/conversas", 60).await;
        }
    }
    panic!("nobody has an access");
}

/// HTML, style sheets and scripts, as they come over the wire to a browser that has nothing yet.
async fn first_load(paper: &mut Paper, what: &str, visitor: &Visitor, path: &str, most: usize) {
    let mut wire = Wire::to(&visitor.base).await;
    let mut path = path.to_owned();
    let (html, page) = loop {
        let (size, text, go) = fetch(&mut wire, visitor, &path).await;
        match go {
            Some(to) => path = to,
            None => break (size, text),
        }
    };
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let mut fresh = assets(&page);
    let mut rest = 0;
    while let Some(address) = fresh.pop() {
        if wanted.insert(address.clone()) {
            let (size, text, _) = fetch(&mut wire, visitor, &address).await;
            rest += size;
            // A module fetches those it imports.
            let folder = address.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            let imports = text.split("'./").skip(1).filter_map(|rest| rest.split('\'').next());
            fresh.extend(imports.map(|name| format!("{folder}/{name}")));
        }
    }
    let all = html + rest;
    paper.row(
        &format!("{what}: HTML, CSS, JS on the wire"),
        &format!("{:.1} KB, of it HTML {:.1}", all as f64 / 1e3, html as f64 / 1e3),
        "",
        &format!("≤ {most} KB"),
        all <= most * 1_000,
    );
}

/// Style sheets and scripts that a page names.
fn assets(page: &str) -> Vec<String> {
    let named = page.split(['"', '\'']).filter(|text| text.starts_with("/assets/") || text.starts_with("/cor/"));
    named
        .filter(|text| text.contains(".css") || text.contains(".js") || text.contains("/cor/"))
        .map(str::to_owned)
        .collect()
}

/// Bytes on the wire, the text in clear, and where it leads instead.
async fn fetch(wire: &mut Wire, visitor: &Visitor, path: &str) -> (usize, String, Option<String>) {
    let ask = |encoding: &str| {
        let accept = format!("\r\nAccept-Encoding: {encoding}\r\n\r\n");
        String::from_utf8(visitor.get(path)).unwrap().replace("\r\n\r\n", &accept).into_bytes()
    };
    let packed = wire.send(&ask("gzip")).await;
    let (size, go) = (packed.body.len(), packed.header("location").map(str::to_owned));
    assert!(packed.status == 200 || go.is_some(), "{path}: {}", packed.status);
    let plain = wire.send(&ask("identity")).await.text();
    (size, plain, go)
}
