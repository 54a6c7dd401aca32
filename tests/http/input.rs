//! C63: whatever is sent, the house answers and goes on; and a refusal keeps what was typed.

use crate::office::*;
use crate::table::{Line, PUBLIC, Places, STAFF};
use crate::world::{World, world};
use futures_util::StreamExt;
use reqwest::Method;

/// Numbers that look random and are the same in every run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    pub fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.roll(all.len())]
    }
}

const NAMES: &[&str] = &[
    "texto",
    "arquivo",
    "token",
    "modo",
    "email",
    "senha",
    "nome",
    "emails",
    "telefones",
    "telefone",
    "observacao",
    "contato",
    "responsavel",
    "setor",
    "motivo",
    "tipo",
    "titulo",
    "procura",
    "imovel",
    "valor",
    "etapa",
    "desfecho",
    "prioridade",
    "papel",
    "atual",
    "idioma",
    "cor",
    "fuso",
    "endereco_portal",
    "mensagem",
    "servidor",
    "porta",
    "seguranca",
    "tirar",
    "usuario_smtp",
    "remetente",
    "enviar",
    "codigo",
    "depois",
    "cliente_nome",
    "cliente_email",
    "cliente_telefone",
    "",
    "x",
];
const VALUES: &[&str] = &[
    "",
    "1",
    "0",
    "-1",
    "18446744073709551615",
    "99999999999999999999",
    "sim",
    "eu",
    "fila",
    "venda",
    "broker",
    "nada",
    "pt-PT",
    "%00",
    "%FF%FE",
    "%C3",
    "%",
    "%zz",
    "%0D%0A",
    "%F0%9F%8F%A0",
    "%E2%80%AE",
    "%3Cscript%3E",
    "a%40b.example",
    "+55+62+3774",
    "775.000",
    "R%24+1,5",
    "anotacao",
    "..%2F..",
    "%27+OR+1%3D1",
    "America%2FSao_Paulo",
    "Marte%2FPhobos",
    "alta",
    "ganha",
    "6",
    "https%3A%2F%2Fportal.example",
    "uma+senha+bem+comprida",
    "9e99",
    "NaN",
    "%5B%5D",
    "%7B%7D",
    "true",
    "null",
];

/// A form, or something that is none.
fn body(dice: &mut Dice, line: &Line) -> Vec<u8> {
    let mut form = String::new();
    if dice.roll(3) == 0 {
        form += line.form;
    }
    for _ in 0..dice.roll(9) {
        form += &format!("&{}={}", dice.of(NAMES), dice.of(VALUES));
    }
    if dice.roll(20) == 0 {
        form += &format!("&texto={}", "ã".repeat(dice.roll(20_000)));
    }
    let mut bytes = form.into_bytes();
    if dice.roll(4) == 0 {
        for _ in 0..=dice.roll(8) {
            let at = dice.roll(bytes.len() + 1);
            bytes.insert(at, dice.roll(256) as u8);
        }
    }
    bytes
}

/// Where a form ends the session by which it came.
const GOES_OUT: [&str; 2] = ["/sair", "/sessoes/encerramento"];

/// Forms per route. Ten thousand were run once; these few hundred keep it so.
const FORMS: usize = 500;

#[tokio::test]
async fn c63_no_form_breaks_the_house() {
    let mut world = World::open().await;
    let places = Places::of(&world).await;
    let pid = world.house.pid();
    let (admin, owner) = (world.staff(ADMIN).await, world.outsider(OWNER).await);
    for (person, lines) in [(&owner, PUBLIC), (&admin, STAFF)] {
        let csrf = person.csrf();
        for line in lines.iter().filter(|line| line.method == "POST" && !GOES_OUT.contains(&line.route)) {
            let path = places.fill(line.path);
            let mut dice = Dice(line.path.len() as u64);
            let requests: Vec<_> = (0..FORMS)
                .map(|_| {
                    let mut bytes = body(&mut dice, line);
                    bytes.extend(format!("&_csrf={csrf}").bytes());
                    let request = person.raw(Method::POST, &path).header("X-Fragment", "1").header("X-Csrf", &csrf);
                    // A body that nobody reads may cost its connection: that one is not used again.
                    let (kind, after) = match dice.roll(10) {
                        0 => ("application/json", "close"),
                        _ => ("application/x-www-form-urlencoded", "keep-alive"),
                    };
                    (bytes.clone(), request.header("content-type", kind).header("connection", after).body(bytes))
                })
                .collect();
            let mut answers = futures_util::stream::iter(requests)
                .map(|(bytes, request)| async move { (bytes, person.send(request).await) })
                .buffer_unordered(16);
            while let Some((bytes, answer)) = answers.next().await {
                let form = String::from_utf8_lossy(&bytes).into_owned();
                assert!(answer.status < 500, "{path} with {form:.400}: {} {}", answer.status, answer.text());
                assert_ne!(answer.status, 401, "{path}: the session is gone, the test tests nothing");
            }
        }
    }
    assert!(world.house.is_alive());
    assert_eq!(world.house.pid(), pid);
    assert_eq!(admin.get("/conversas").await.status, 200);
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_typed() {
    let world = world();
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let deal = format!("/oportunidades/{}", world.deal);
    let typed = "Texto que custou a escrever <b>&\"'";
    for (person, path, form) in [
        (&broker, "/contatos".to_owned(), vec![("nome", ""), ("emails", "sem arroba"), ("observacao", typed)]),
        (&broker, "/oportunidades".into(), vec![("titulo", ""), ("procura", typed)]),
        (&broker, "/conversas".into(), vec![("nome", ""), ("responsavel", "eu"), ("texto", typed)]),
        (&broker, format!("{deal}/acessos"), vec![("email", "x"), ("senha", "curta"), ("texto", typed)]),
        (&admin, "/sistema/usuarios".into(), vec![("nome", typed), ("email", "x")]),
        (&admin, "/sistema/agencia".into(), vec![("nome", typed), ("fuso", "Marte/Phobos")]),
        (&admin, "/sistema/email".into(), vec![("servidor", typed), ("porta", "abc")]),
    ] {
        for fragment in [true, false] {
            let mut request = person.form(&path, &form);
            if !fragment {
                let mut form = form.clone();
                let csrf = person.csrf();
                form.push(("_csrf", &csrf));
                request = person.raw(Method::POST, &path).form(&form);
            }
            let answer = person.send(request).await;
            assert_eq!(answer.status, 422, "{path}");
            let escaped =
                ["Texto que custou a escrever &lt;b&gt;&amp;&quot;'", "Texto que custou a escrever &lt;b&gt;&amp;\"'"];
            let text = answer.text();
            assert!(escaped.iter().any(|typed| text.contains(typed)), "{path} lost what was typed: {text}");
            assert!(text.contains("-erro\"") || text.contains("class=\"refusal\""), "{path} says what is wrong");
        }
    }
}

#[tokio::test]
async fn c01_c07_what_people_write_is_never_markup() {
    let world = world();
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    let odd = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u{202e}javascript:alert(3)";
    let contact = make_contact(&broker, odd, "").await;
    let deal = make_opportunity(&broker, odd, contact).await;
    say(&broker, world.owner_talk, odd).await;
    let staff = [
        "/contatos".to_owned(),
        format!("/contatos/{contact}"),
        format!("/contatos/{contact}/edicao"),
        "/oportunidades".into(),
        format!("/oportunidades/{deal}"),
        format!("/oportunidades/{deal}/edicao"),
        format!("/conversas/{}", world.owner_talk),
        "/contatos?busca=%3Cscript%3Ealert(1)".into(),
        "/entrar?depois=%22%3E%3Cscript%3E".into(),
        "/%3Cscript%3Ealert(1)".into(),
        "/conversas?nome=%22%3E%3Cscript%3Ealert(1)".into(),
        "/conversas/nova?contato=%22%3E%3Cscript%3Ealert(1)".into(),
    ];
    let portal = ["/conversas?lista=1".to_owned(), format!("/conversas/{}", world.owner_token)];
    for (person, paths) in [(&broker, &staff[..]), (&owner, &portal[..])] {
        for path in paths {
            let page = person.get(path).await.text();
            for evil in ["<script>alert", "<img src=x", "\"><script>"] {
                assert!(!page.contains(evil), "{path}: {}", crate::secrets::around(&page, evil));
            }
            assert!(!page.contains("href=\"javascript:"), "{path}");
        }
    }
}
