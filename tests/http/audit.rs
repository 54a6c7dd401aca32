//! R7: the audit is looked through, checked and taken away; and what should be noted is.

use crate::keys::{access_of, behind_closed_doors};
use crate::office::*;
use crate::second_factor::set_up;
use crate::table::{STAFF, posted_to};
use crate::world::World;
use balcao::domain::audit::{self, By, Deed, Note};
use balcao::store::Look;
use std::collections::BTreeSet;

async fn page(admin: &Person, query: &str) -> String {
    let page = admin.get(&format!("/sistema/auditoria{query}")).await;
    assert_eq!(page.status, 200, "{query}");
    page.text()
}

/// The deeds of a page, in its order.
fn deeds(page: &str) -> Vec<String> {
    let list = between(page, "<ul class=\"names audit\">", "</ul>").expect("a list");
    list.split("<b>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn r7_the_audit_is_narrowed_by_person_kind_and_day_in_its_address() {
    let mut world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let id = user_id(&admin, BROKER.email).await;
    Person::at(&world.house.staff).log_in(BROKER.email, "errada de propósito").await;
    let of_broker = page(&admin, &format!("?quem={id}")).await;
    let found = deeds(&of_broker);
    assert!(found.contains(&"Entrou".into()), "what she did: {found:?}");
    assert!(found.contains(&"Criou usuário".into()), "what was done to her: {found:?}");
    assert!(found.contains(&"Senha errada".into()), "and tried in her name: {found:?}");
    assert!(!of_broker.contains(RECEPTION.email));
    assert!(of_broker.contains(&format!("value=\"{id}\" selected")), "the form says what is chosen");
    let accesses = deeds(&page(&admin, "?tipo=acessos").await);
    assert!(!accesses.is_empty() && accesses.iter().all(|deed| deed == "Criou acesso externo"), "{accesses:?}");
    assert!(page(&admin, "?de=2020-01-01&ate=2020-01-02").await.contains("Nada consta"));
    let all = deeds(&page(&admin, "").await);
    for odd in ["?quem=999999&tipo=zzz&de=ontem&ate=32/13", "?quem=%00&antes=x", "?de=-9999-01-01&ate=9999-12-31"] {
        assert_eq!(deeds(&page(&admin, odd).await), all, "what is none narrows nothing: {odd}");
    }
    behind_closed_doors(&mut world.house, |tx| {
        for n in 0..130 {
            audit::note(tx, By::nobody("192.0.2.7"), Deed::Login, false, &format!("a{n}@example.com"))?;
        }
        Ok(())
    });
    let admin = world.staff(ADMIN).await;
    let (mut query, mut seen, mut pages) = ("?quem=ninguem&tipo=entradas".to_owned(), Vec::new(), 0);
    loop {
        let one = page(&admin, &query).await;
        seen.extend(
            one.match_indices("@example.com</span>").map(|(at, _)| one[..at].rsplit('>').next().unwrap().to_owned()),
        );
        pages += 1;
        match between(&one, "href=\"/sistema/auditoria?antes=", "\"") {
            Some(older) => query = format!("?antes={}", older.replace("&amp;", "&")),
            None => break,
        }
        assert!(query.contains("&quem=ninguem&tipo=entradas"), "the filter goes along: {query}");
    }
    let expected: Vec<String> = (0..130).rev().map(|n| format!("a{n}")).collect();
    assert_eq!((seen, pages), (expected, 3), "newest first, each once");
}

#[tokio::test]
async fn r7_the_page_says_that_the_chain_is_whole_and_where_it_is_not() {
    let mut world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let whole = page(&admin, "").await;
    assert!(whole.contains("Corrente íntegra") && !whole.contains("quebrada"));
    behind_closed_doors(&mut world.house, |tx| {
        let mut note = tx.all::<Note>(10)?.remove(3);
        note.about = "outra@example.com".into();
        Ok(tx.put(&note)?)
    });
    let broken = page(&world.staff(ADMIN).await, "").await;
    assert!(broken.contains("quebrada a partir do registro 4"), "{broken}");
}

#[tokio::test]
async fn r7_the_table_is_the_filtered_audit_safe_in_a_spreadsheet_and_noted_itself() {
    let mut world = World::open().await;
    behind_closed_doors(&mut world.house, |tx| {
        for about in ["=cmd|' /C calc'!A0", "+1", "-1", "@SOMA(A1:A9)", "\"; x \"y\""] {
            audit::note(tx, By::nobody("192.0.2.7"), Deed::Login, false, about)?;
        }
        Ok(())
    });
    let admin = world.staff(ADMIN).await;
    let answer = admin.post("/sistema/auditoria/exportacao", &[("quem", "ninguem")]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"auditoria-2"));
    let text = answer.text();
    assert!(text.starts_with("\u{feff}\"Número\";\"Quando\";\"Quem\""), "{text}");
    for cell in ["\"'=cmd|' /C calc'!A0\"", "\"'+1\"", "\"'-1\"", "\"'@SOMA(A1:A9)\"", "\"\"\"; x \"\"y\"\"\""] {
        assert!(text.contains(&format!(";{cell};\"")), "{cell}: {text}");
    }
    assert!(text.lines().skip(1).all(|line| line.contains("Alguém sem sessão")), "only what was asked for");
    let all = admin.post("/sistema/auditoria/exportacao", &[("", "")]).await.text();
    assert!(all.lines().nth(1).unwrap().contains("\"Exportou dados\""), "its own note is the first: {all}");
    assert_eq!(deeds(&page(&admin, "?tipo=exportacoes").await).len(), 2, "and both are noted");
    let denied = world.staff(MANAGER).await.post("/sistema/auditoria/exportacao", &[("", "")]).await;
    assert_eq!(denied.status, 403);
    assert_eq!(deeds(&page(&admin, "?tipo=exportacoes").await).len(), 2, "a refused one took nothing");
}

#[tokio::test]
async fn m3_taking_the_days_register_away_is_noted_once_a_minute_and_a_day() {
    let world = World::open().await;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    for _ in 0..20 {
        assert_eq!(broker.get("/usuarios-online/dia.csv").await.status, 200);
        assert_eq!(broker.get("/usuarios-online/dia.csv?dia=2020-01-01").await.status, 200);
    }
    let noted = page(&admin, "?tipo=exportacoes").await;
    assert_eq!(deeds(&noted), ["Exportou dados"], "an empty day takes nothing away");
    assert!(noted.contains("Controle de usuários online: 20") && noted.contains(BROKER.name), "{noted}");
}

#[tokio::test]
async fn m3_what_was_refused_is_noted_and_a_loop_of_it_is_one_line() {
    let world = World::open().await;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let id = user_id(&admin, BROKER.email).await;
    for _ in 0..16 {
        assert_eq!(broker.post("/sistema/papeis", &[("nome", "Tudo")]).await.status, 403);
        assert_eq!(broker.post(&format!("/sistema/usuarios/{id}"), &[("papel", "admin")]).await.status, 403);
        assert_eq!(broker.get("/sistema/auditoria").await.status, 403);
    }
    for other in 1..5 {
        assert_eq!(broker.post(&format!("/sistema/usuarios/{other}/senha"), &[("senha", "x")]).await.status, 403);
    }
    let noted = page(&admin, &format!("?quem={id}")).await;
    assert_eq!(deeds(&noted).iter().filter(|deed| *deed == "Tentou o que não pode").count(), 3, "{:?}", deeds(&noted));
    for path in ["/sistema/papeis".to_owned(), format!("/sistema/usuarios/{id}"), "/sistema/usuarios/1/senha".into()] {
        assert!(noted.contains(&format!("<span>{path}</span>")), "{path}: {noted}");
    }
}

#[tokio::test]
async fn m3_a_user_is_found_by_every_address_they_had_and_a_role_of_ones_own_is_called_so() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let id = user_id(&admin, BROKER.email).await;
    let user = format!("/sistema/usuarios/{id}");
    let made =
        admin.post("/sistema/papeis", &[("nome", "broker, admin"), ("ativo", "sim"), ("pode", "read_audit")]).await;
    assert_eq!(made.status, 204, "{}", made.text());
    let role = "proprio-2";
    let before = deeds(&page(&admin, &format!("?quem={id}")).await).len();
    let new = "bia@aurora.example";
    let form = [("nome", BROKER.name), ("email", new), ("papel", role), ("setores", "1"), ("setores", "2")];
    assert_eq!(admin.post(&user, &form).await.status, 204);
    let noted = page(&admin, &format!("?quem={id}")).await;
    assert_eq!(deeds(&noted).len(), before + 1, "what was done to her under the old address is still hers");
    let said = between(&noted, "<span>bia@aurora.example (#", "</span>").unwrap();
    assert!(said.contains("papel próprio #2 broker; admin"), "{said}");
    assert!(said.contains("antes beatriz@aurora.example") && !said.contains("corretor"), "{said}");
    assert!(said.contains("setores #1 ") && said.contains("; #2 "), "{said}");
    let form = [("nome", BROKER.name), ("email", new), ("papel", "broker")];
    assert_eq!(admin.post(&user, &form).await.status, 204);
    let noted = page(&admin, &format!("?quem={id}")).await;
    let said = between(&noted, "<span>bia@aurora.example (#", "</span>").unwrap();
    assert!(said.contains("corretor") && said.contains("todos os setores"), "{said}");
}

#[tokio::test]
async fn m4_ending_sessions_that_are_not_there_leaves_no_line() {
    let world = World::open().await;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    assert_eq!(broker.post("/sessoes/encerramento", &[("", "")]).await.status, 204, "the world's own session ends");
    let ended =
        async || deeds(&page(&admin, "?tipo=entradas").await).iter().filter(|one| *one == "Encerrou sessões").count();
    let before = ended().await;
    for _ in 0..40 {
        assert_eq!(broker.post("/sessoes/encerramento", &[("", "")]).await.status, 204);
    }
    assert_eq!(ended().await, before);
    let other = world.staff(BROKER).await;
    assert_eq!(broker.post("/sessoes/encerramento", &[("", "")]).await.status, 204);
    assert_eq!((other.get("/perfil").await.status, ended().await), (303, before + 1));
}

#[tokio::test]
async fn m4_many_who_export_at_once_are_served_in_turn_with_a_table_that_flows() {
    let mut world = World::open().await;
    behind_closed_doors(&mut world.house, |tx| {
        (0..5_000).try_for_each(|n| audit::note(tx, By::nobody("192.0.2.7"), Deed::Login, false, &format!("a{n}@b.cc")))
    });
    let admin = world.staff(ADMIN).await;
    let all = (0..8).map(|_| admin.post("/sistema/auditoria/exportacao", &[("quem", "ninguem")]));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!((answer.status, answer.header("content-length")), (200, ""), "it flows");
        let text = answer.text();
        assert_eq!(text.lines().count(), 5_001, "and it is whole");
        assert!(text.ends_with("\"\r\n"));
    }
}

#[tokio::test]
async fn m5_page_and_table_give_what_somebody_needs_who_compares() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let table = admin.post("/sistema/auditoria/exportacao", &[("", "")]).await.text();
    let cells = |line: &str| line.split(';').map(|cell| cell.trim_matches('"').to_owned()).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = table.lines().map(cells).collect();
    assert_eq!(lines[0].last().unwrap(), "Hash");
    let is_hash = |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(lines[1..].iter().all(|line| line.len() == 8 && is_hash(&line[7])), "{table}");
    let moments: Vec<jiff::Timestamp> = lines[1..].iter().map(|line| line[1].parse().expect("ISO 8601")).collect();
    assert!(moments.windows(2).all(|two| two[0] >= two[1]), "newest first");
    let page = page(&admin, "").await;
    let (last, hash) = (&lines[1][0], &lines[1][7][..16]);
    assert!(page.contains(&format!("Último registro: nº {last}, hash {hash}")), "{page}");
    assert!(!page.contains("nenhum falta") && !page.contains("Nada aqui pode ser apagado"), "no more than is so");
    assert!(page.contains("cópia antiga"), "and what it cannot tell");
    let shown = between(&page, "<time datetime=\"", "</time>").unwrap();
    assert!(shown.rsplit(' ').next().unwrap().matches(':').count() == 2, "with its seconds: {shown}");
}

/// Each verb that opens or shuts a door, changes a setting or takes data out of the house, and the deed it leaves.
#[tokio::test]
async fn r7_every_verb_that_should_be_noted_is() {
    let world = World::open().await;
    let (admin, broker) = (world.staff(ADMIN).await, world.staff(BROKER).await);
    let access = access_of(&broker, world.deal, APPRAISER.email).await;
    let user = format!("/sistema/usuarios/{}", user_id(&admin, MANAGER.email).await);
    let (reception, codes_anew) = (world.staff(RECEPTION).await, "/perfil/duas-etapas/codigos");
    let (_, codes) = set_up(&reception, RECEPTION.password).await;
    let receptionist = user_id(&admin, RECEPTION.email).await;
    let other = format!("/sistema/usuarios/{}", user_id(&admin, OTHER_BROKER.email).await);
    let _elsewhere = [world.staff(OTHER_BROKER).await, world.staff(OTHER_BROKER).await];
    let _too = [world.staff(BROKER).await, world.staff(BROKER).await];
    let (edited, away) = (format!("/acessos/{access}"), tempfile::tempdir().unwrap());
    let folder = away.path().to_str().unwrap().to_owned();
    type Verb<'v> = (&'v Person, String, Vec<(&'v str, &'v str)>, &'v str);
    let verbs: Vec<Verb<'_>> = vec![
        (
            &admin,
            "/sistema/agencia".into(),
            vec![("nome", "Aurora"), ("cor", "30"), ("idioma", "pt-BR"), ("fuso", "America/Sao_Paulo")],
            "settings_changed",
        ),
        (&admin, "/sistema/agencia/logotipo".into(), vec![("tirar", "sim")], "settings_changed"),
        (&admin, "/sistema/chat-externo".into(), vec![("ativo", "sim")], "settings_changed"),
        (&admin, "/sistema/usuarios-online".into(), vec![("ativo", "sim"), ("motivos", "Visita")], "settings_changed"),
        (&admin, "/sistema/seguranca".into(), vec![], "settings_changed"),
        (&admin, "/sistema/papeis".into(), vec![("nome", "Arquivo"), ("pode", "read_audit")], "settings_changed"),
        (&admin, "/sistema/papeis/1".into(), vec![("nome", "Arquivo morto"), ("ativo", "sim")], "settings_changed"),
        (&admin, "/sistema/motivos".into(), vec![("nome", "Vistoria")], "settings_changed"),
        (&admin, "/sistema/motivos/1".into(), vec![("ativo", "")], "settings_changed"),
        (&admin, "/sistema/setores".into(), vec![("nome", "Locação 2")], "settings_changed"),
        (&admin, "/sistema/setores/1".into(), vec![("ativo", "")], "settings_changed"),
        (&admin, "/sistema/encerramento".into(), vec![("mensagem", "Obrigado.")], "settings_changed"),
        (
            &admin,
            "/sistema/email".into(),
            vec![("servidor", "localhost"), ("porta", "1"), ("seguranca", "plain"), ("remetente", "a@aurora.example")],
            "settings_changed",
        ),
        (&admin, "/sistema/https".into(), vec![("fazer", "preparar"), ("nomes", "balcao.local")], "settings_changed"),
        (
            &admin,
            "/sistema/copias/pasta".into(),
            vec![("pasta", &folder), ("hora", "03:30"), ("guardar", "2"), ("prova_diaria", ADMIN.password)],
            "settings_changed",
        ),
        (&admin, "/sistema/copias/pasta/agora".into(), vec![], "exported"),
        (&admin, "/sistema/copias/arquivo".into(), vec![("prova", ADMIN.password)], "exported"),
        (&admin, "/sistema/auditoria/exportacao".into(), vec![], "exported"),
        (
            &admin,
            "/sistema/usuarios".into(),
            vec![("nome", "Zélia"), ("email", "zelia@aurora.example"), ("papel", "broker"), ("como", "papel")],
            "user_invited",
        ),
        (
            &admin,
            "/sistema/usuarios".into(),
            vec![("nome", "Zeno"), ("email", "zeno@aurora.example"), ("papel", "broker"), ("como", "email")],
            "user_made",
        ),
        (&admin, user.clone(), vec![("nome", "Mauro"), ("email", MANAGER.email), ("papel", "broker")], "user_changed"),
        (&admin, format!("{user}/convite"), vec![("como", "papel")], "password_link_made"),
        (&admin, format!("{user}/senha"), vec![("senha", "vento sul na serra")], "password_changed"),
        (&admin, format!("{other}/sessoes/{}", session_of(&admin, OTHER_BROKER).await), vec![], "sessions_ended"),
        (&admin, format!("{other}/sessoes"), vec![], "sessions_ended"),
        (&admin, format!("{user}/desativacao"), vec![], "user_off"),
        (&admin, format!("{user}/ativacao"), vec![], "user_on"),
        (
            &broker,
            format!("/oportunidades/{}/acessos", world.deal),
            vec![("email", "nova@example.com"), ("senha", "Imo35avalextern95"), ("texto", "Boa tarde.")],
            "access_made",
        ),
        (&broker, format!("{edited}/senha"), vec![("senha", "outra-palavra-98")], "access_renewed"),
        (&broker, format!("{edited}/reenvio"), vec![], "access_sent"),
        (&broker, edited.clone(), vec![("email", "mudou@example.com")], "access_moved"),
        (&broker, format!("{edited}/revogacao"), vec![], "access_revoked"),
        (&broker, format!("/sessoes/{}/encerramento", session_of(&admin, BROKER).await), vec![], "sessions_ended"),
        (&broker, "/sessoes/encerramento".into(), vec![], "sessions_ended"),
        (
            &broker,
            "/perfil/senha".into(),
            vec![("atual", BROKER.password), ("senha", "novas marés no porto")],
            "password_changed",
        ),
        (
            &reception,
            codes_anew.into(),
            vec![("prova_codigos", RECEPTION.password), ("codigo", &codes[0])],
            "recovery_codes_made",
        ),
        (&admin, format!("/sistema/usuarios/{receptionist}/duas-etapas"), vec![], "second_factor_off"),
        (&broker, "/sair".into(), vec![], "logout"),
    ];
    all_listed(verbs.iter().map(|(_, path, ..)| posted_to(path)));
    let mut last = newest(&admin).await;
    for (person, path, form, deed) in &verbs {
        let done = person.post(path, form).await;
        assert!([200, 204].contains(&done.status), "{path}: {} {}", done.status, done.text());
        let now = newest(&admin).await;
        // The newest is of the question itself.
        let new: BTreeSet<&str> =
            now[1..].iter().filter(|note| !last.contains(note)).map(|(_, words)| &**words).collect();
        let words = words_of(deed);
        assert!(new.contains(words), "{path} leaves {words:?}, not {new:?}");
        last = now;
    }
}

/// The number of the session that a user used last.
async fn session_of(admin: &Person, user: Login) -> u64 {
    let path = format!("/sistema/usuarios/{}/sessoes", user_id(admin, user.email).await);
    let sheet = admin.get(&path).await.text();
    between(&sheet, &format!("action=\"{path}/"), "\"").expect("a session").parse().unwrap()
}

/// What is posted at the office and leaves no note: people's daily work, which has its own history; and what only looks.
const DAILY_WORK: &[&str] = &["/conversas", "/oportunidades", "/contatos", "/usuarios-online", "/arquivos", "/idioma"];
const ONLY_LOOKS: &[&str] = &["/sistema/copias/teste", "/sistema/copias/aviso"];
/// What other tests see noted: the first start, logins and links, and one's own second factor.
const NOTED_ELSEWHERE: &[&str] = &[
    "/instalacao",
    "/entrar",
    "/entrar/codigo",
    "/convite/:segredo",
    "/perfil/duas-etapas",
    "/perfil/duas-etapas/confirmacao",
    "/perfil/duas-etapas/desligamento",
    "/sistema/https/portal",
];

/// Every form of the office's table is one of the verbs, or one of those that need no note.
fn all_listed<'r>(verbs: impl Iterator<Item = &'r str>) {
    let listed: BTreeSet<&str> = verbs.chain(ONLY_LOOKS.iter().chain(NOTED_ELSEWHERE).copied()).collect();
    let daily = |route: &str| DAILY_WORK.iter().any(|work| route.starts_with(work));
    let posted = STAFF.iter().filter(|line| line.method == "POST" && !listed.contains(line.route));
    let missing: Vec<&str> = posted.map(|line| line.route).filter(|route| !daily(route)).collect();
    assert!(missing.is_empty(), "nobody looks whether these are noted: {missing:?}");
}

/// Number and deed of the newest notes, by the table that is taken away; the taking leaves one each time.
async fn newest(admin: &Person) -> Vec<(String, String)> {
    let text = admin.post("/sistema/auditoria/exportacao", &[("", "")]).await.text();
    let cells = |line: &str| line.split(';').map(|cell| cell.trim_matches('"').to_owned()).collect::<Vec<_>>();
    text.lines().skip(1).map(cells).map(|cells| (cells[0].clone(), cells[4].clone())).collect()
}

fn words_of(deed: &str) -> &'static str {
    use balcao::domain::values::Language;
    let deed: Deed = serde_json::from_value(deed.into()).expect("a deed");
    balcao::words::Words(Language::PtBr).deed(deed, true)
}
