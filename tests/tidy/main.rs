//! The house's rules as absences: read from the source, so that nobody has to remember them.

mod engines;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that may be longer than the rest, and why.
const LONG: &[(&str, &str)] = &[];
const LINES_MAX: usize = 400;

/// A line of the source with its comment and its texts taken out.
struct Line {
    number: usize,
    code: String,
    comment: String,
}

struct Source {
    /// Below `src`, with `/`.
    name: String,
    lines: Vec<Line>,
    /// How many lines there are, tests included.
    length: usize,
}

impl Source {
    fn is_in(&self, rooms: &[&str]) -> bool {
        rooms.iter().any(|room| self.name == format!("{room}.rs") || self.name.starts_with(&format!("{room}/")))
    }

    fn is_test(&self) -> bool {
        self.name.split('/').any(|part| ["tests", "tests.rs", "testing.rs"].contains(&part))
    }
}

/// Everything under `src` that is not a test.
fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(read(&src, path));
            }
        }
    }
    found.retain(|source| !source.is_test());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(found.len() > 50, "the source is read: {}", found.len());
    found
}

fn read(src: &Path, path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).unwrap();
    let name = path.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/");
    let length = text.lines().count();
    // A module of tests stands at a file's end.
    let product = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let mut in_text = false;
    let lines = product.lines().enumerate().map(|(n, line)| split(n + 1, line, &mut in_text)).collect();
    Source { name, lines, length }
}

/// Takes texts out of a line, and its comment apart.
fn split(number: usize, line: &str, in_text: &mut bool) -> Line {
    let (mut code, mut comment) = (String::new(), String::new());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if *in_text => drop(chars.next()),
            '"' => {
                *in_text = !*in_text;
                code.push('"');
            }
            '\'' if !*in_text && matches!(chars.peek(), Some('"')) => drop(chars.next()),
            '/' if !*in_text && chars.peek() == Some(&'/') => {
                chars.next();
                comment = chars.by_ref().collect();
                break;
            }
            _ if *in_text => {}
            _ => code.push(c),
        }
    }
    Line { number, code, comment }
}

/// Whether a line speaks of a crate: `redb::…`, or `use redb;`.
fn speaks_of(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let begins = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        begins && (after.starts_with("::") || after.starts_with(';') && code.trim_start().starts_with("use "))
    })
}

/// Says each line of these sources that one of these words is on.
fn absent(sources: &[Source], here: impl Fn(&Source) -> bool, banned: impl Fn(&str) -> bool, why: &str) {
    let found: Vec<String> = sources
        .iter()
        .filter(|source| here(source))
        .flat_map(|source| source.lines.iter().filter(|line| banned(&line.code)).map(move |line| (source, line)))
        .map(|(source, line)| format!("src/{}:{}: {}", source.name, line.number, line.code.trim()))
        .collect();
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

#[test]
fn nothing_below_ever_calls_up() {
    let all = sources();
    // Each floor, and the floors of the crate it may not know.
    let above: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (
            "store",
            ["domain", "search", "vault", "media", "channels", "pulse", "words", "web", "app", "cli", "demo", "host"]
                .as_slice(),
        ),
        ("domain", &["search", "vault", "media", "channels", "pulse", "words", "web", "app", "cli", "demo", "host"]),
        ("search", &["vault", "media", "channels", "pulse", "words", "web", "app", "cli", "demo", "host"]),
        ("vault", &["search", "media", "channels", "pulse", "words", "web", "app", "cli", "demo", "host"]),
        (
            "media",
            &["domain", "store", "search", "vault", "channels", "pulse", "words", "web", "app", "cli", "demo", "host"],
        ),
        ("words", &["store", "search", "vault", "channels", "pulse", "web", "app", "cli", "demo", "host"]),
        ("channels", &["search", "vault", "pulse", "web", "app", "cli", "demo", "host"]),
        ("pulse", &["store", "search", "vault", "channels", "words", "web", "app", "cli", "demo", "host"]),
        (
            "tls",
            &["domain", "search", "vault", "media", "channels", "pulse", "words", "web", "app", "cli", "demo", "host"],
        ),
        ("web", &["channels", "app", "cli", "demo", "host"]),
        ("app", &["cli", "demo", "host"]),
        ("demo", &["search", "vault", "web", "channels", "app", "cli", "host"]),
        (
            "host",
            &["store", "domain", "search", "vault", "media", "channels", "pulse", "words", "web", "app", "cli", "demo"],
        ),
    ]);
    for (floor, banned) in above {
        assert!(all.iter().any(|source| source.is_in(&[floor])), "{floor} is somewhere");
        let names = |code: &str| banned.iter().any(|name| in_crate(code, name));
        absent(&all, |source| source.is_in(&[floor]), names, &format!("{floor} knows only what lies below it"));
    }
}

/// `crate::web::…`, or `web` in `use crate::{…}`.
fn in_crate(code: &str, name: &str) -> bool {
    let direct = format!("crate::{name}");
    let named = code.match_indices(&direct).any(|(at, _)| {
        let after = code[at + direct.len()..].chars().next();
        after.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    });
    let listed = code.split_once("crate::{").is_some_and(|(_, list)| {
        list.split([',', '{', '}', ' ']).any(|part| part == name || part.starts_with(&format!("{name}::")))
    });
    named || listed
}

#[test]
fn each_crate_is_spoken_of_in_its_room_alone() {
    let all = sources();
    for (name, rooms) in [
        ("redb", ["store"].as_slice()),
        ("maud", &["web"]),
        ("poem", &["web", "app"]),
        ("hyper", &["web/listener", "web/guard", "tls/acme"]),
        ("hyper_util", &["web/listener", "tls/acme"]),
        ("mail_send", &["channels/email"]),
        ("mail_builder", &["channels/email"]),
        ("smtp_proto", &["channels/email"]),
        ("ring", &["tls", "vault/age", "channels/email", "domain/second_factor"]),
        ("fast_qr", &["web/ui/qr"]),
        ("rustls", &["channels/email", "tls"]),
        ("tokio_rustls", &["channels/email", "tls"]),
        ("rcgen", &["tls"]),
        ("instant_acme", &["tls/acme"]),
        ("webpki_roots", &["channels/email", "tls/acme"]),
        ("argon2", &["domain/password"]),
        ("image", &["media/picture", "demo"]),
        ("clap", &["cli"]),
        ("rust_embed", &["web/statics"]),
        ("linkify", &["web/ui/bubble"]),
        (
            "jiff",
            &["words", "domain/values", "domain/agency", "domain/copies", "domain/presence", "demo", "store/snapshots"],
        ),
        ("zstd", &["store/dump"]),
        ("scrypt", &["vault/age"]),
        ("x25519_dalek", &["vault/age"]),
        ("bech32", &["vault/age"]),
        ("tantivy", &["search"]),
        ("frostem", &["search/portuguese"]),
        ("libc", &["host"]),
    ] {
        let outside = |source: &Source| !source.is_in(rooms);
        absent(&all, outside, |code| speaks_of(code, name), &format!("{name} belongs to {rooms:?}"));
    }
}

#[test]
fn the_domain_neither_waits_nor_speaks() {
    let all = sources();
    let here = |source: &Source| source.is_in(&["domain"]);
    absent(&all, here, |code| code.contains("async ") || code.contains(".await"), "the domain never waits");
    for name in ["tokio", "std::net", "std::fs", "futures_util", "serde_json", "form_urlencoded"] {
        absent(&all, here, |code| speaks_of(code, name), "the domain knows no wire and no disk");
    }
}

#[test]
fn the_store_knows_no_word_of_the_agency() {
    let all = sources();
    let words = ["conversation", "opportunity", "contact", "ticket", "broker", "outsider", "agency", "portal"];
    let says = |code: &str| words.iter().any(|word| code.to_lowercase().contains(word));
    absent(&all, |source| source.is_in(&["store"]), says, "the store knows no word of the agency");
}

#[test]
fn what_can_hurt_stands_in_one_place() {
    let all = sources();
    for (word, rooms) in [
        ("PreEscaped", ["web/ui/icon"].as_slice()),
        ("RealIp", &[]),
        ("unsafe ", &["host"]),
        ("std::process::Command", &[]),
        ("dbg!", &[]),
        ("println!", &["cli", "main"]),
        ("std::process::exit", &["cli"]),
        ("panic!(", &[]),
        ("todo!(", &[]),
        ("unimplemented!(", &[]),
        ("Uuid", &[]),
        // In the web: who is not met yet, and streams; everybody else writes by `Ask::write`, as who they still are.
        (
            "store.write",
            &[
                "app",
                "channels",
                "vault",
                "cli",
                "demo",
                "search",
                "web/ask",
                "web/door",
                "web/invited",
                "web/live",
                "web/login",
                "web/proof",
                "web/second_step",
            ],
        ),
    ] {
        absent(&all, |source| !source.is_in(rooms), |code| code.contains(word), &format!("{word} only in {rooms:?}"));
    }
}

#[test]
fn only_a_nouns_own_file_writes_that_noun() {
    let all = sources();
    let writes = |code: &str| code.contains("tx.put(") || code.contains("tx.remove::<");
    absent(&all, |source| !source.is_in(&["domain", "store"]), writes, "only verbs of the domain write");
}

#[test]
fn files_are_short_enough_to_be_read() {
    let all = sources();
    for (name, _) in LONG {
        let long = all.iter().find(|source| source.name == *name);
        assert!(long.is_some_and(|source| source.length > LINES_MAX), "{name} needs no exception any more");
    }
    let long: Vec<String> = all
        .iter()
        .filter(|source| source.length > LINES_MAX && !LONG.iter().any(|(name, _)| *name == source.name))
        .map(|source| format!("src/{}: {}", source.name, source.length))
        .collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines: {long:?}");
}

#[test]
fn whoever_cannot_fail_says_why() {
    let mut silent = Vec::new();
    for source in sources() {
        let calm = |line: &Line| !line.comment.trim().is_empty() && !line.comment.starts_with('/');
        for (n, line) in source.lines.iter().enumerate() {
            let fails = line.code.contains(".unwrap()") || line.code.contains(".expect(");
            let said = calm(line) || n.checked_sub(1).is_some_and(|above| calm(&source.lines[above]));
            if fails && !said {
                silent.push(format!("src/{}:{}: {}", source.name, line.number, line.code.trim()));
            }
        }
    }
    assert!(silent.is_empty(), "why can it not fail?\n{}", silent.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["TODO", "FIXME", "XXX", "HACK"];
    let mut found = Vec::new();
    for source in sources() {
        for line in &source.lines {
            if words.iter().any(|word| line.comment.contains(word)) {
                found.push(format!("src/{}:{}:{}", source.name, line.number, line.comment));
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_public_thing_says_what_it_is() {
    let kinds = ["fn ", "async fn ", "struct ", "enum ", "trait ", "const ", "static ", "type ", "macro "];
    let mut silent = Vec::new();
    for source in sources() {
        for (n, line) in source.lines.iter().enumerate() {
            let code = line.code.trim_start();
            // What a macro makes is documented where it is called.
            let Some(rest) = code.strip_prefix("pub ").filter(|rest| !rest.contains('$')) else { continue };
            let field =
                rest.split_once(':').is_some_and(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
            if !field && !kinds.iter().any(|kind| rest.starts_with(kind)) {
                continue;
            }
            if !is_documented(&source.lines[..n]) {
                silent.push(format!("src/{}:{}: {code}", source.name, line.number));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// Looks up, past attributes, for a line of documentation.
fn is_documented(above: &[Line]) -> bool {
    for line in above.iter().rev() {
        if line.comment.starts_with('/') {
            return true;
        }
        let code = line.code.trim();
        if !(code.starts_with('#') || code.ends_with(']') || code.ends_with(")]")) {
            return false;
        }
    }
    false
}

#[test]
fn the_reader_of_sources_reads() {
    let mut in_text = false;
    let line = split(1, r#"let a = "// no \" comment"; // TODO: yes"#, &mut in_text);
    assert_eq!((line.code.trim(), line.comment.trim()), (r#"let a = "";"#, "TODO: yes"));
    assert!(!in_text);
    assert!(in_crate("use crate::web::paths;", "web") && in_crate("use crate::{domain, web};", "web"));
    assert!(!in_crate("use crate::webpage;", "web") && !in_crate("use super::web;", "web"));
    assert!(speaks_of("use redb::Database;", "redb") && speaks_of("fn f(x: redb::Error)", "redb"));
    assert!(!speaks_of("use crate::store::redb_like::x;", "redb") && !speaks_of("image.save()", "image"));
}

#[test]
fn every_form_carries_the_token_of_its_session() {
    // Whoever sees it is not logged in: there is no session whose token it could carry.
    let free = [("web/login.rs", "action=(paths::LOGIN)")];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut forms, mut bare) = (0, Vec::new());
    for source in sources().iter().filter(|source| source.is_in(&["web"])) {
        let text = fs::read_to_string(src.join(&source.name)).unwrap();
        for (before, form) in text.match_indices("method=\"post\"").map(|(at, _)| text.split_at(at)) {
            let form = &form[1..];
            let end = ["method=\"post\"", "\nfn ", "\npub fn ", "\npub async fn "]
                .iter()
                .filter_map(|end| form.find(end))
                .min();
            let form = &form[..end.unwrap_or(form.len())];
            forms += 1;
            let known = free.iter().any(|(name, action)| source.name == *name && form.contains(action));
            if !known && !form.contains("_csrf") && !form.contains(".head()") {
                bare.push(format!("src/{}:{}", source.name, before.lines().count()));
            }
        }
    }
    assert!(forms > 15, "the forms are found: {forms}");
    assert!(bare.is_empty(), "forms that a logged-in visitor cannot send: {bare:?}");
}
