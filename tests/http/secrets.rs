//! Who is outside sees what was given to them, in every byte they get (C18, C22–C26).

use crate::office::*;
use crate::streams::Stream;
use crate::world::{World, png, world};
use serde_json::Value;

#[tokio::test]
async fn c18_c25_one_outsider_reaches_nothing_of_another() {
    let world = world();
    let appraiser = world.outsider(APPRAISER).await;
    let own = portal_tokens(&appraiser).await;
    assert_eq!(own.len(), 1, "only what was given");
    let (talk, file) = (&world.owner_token, &world.picture);
    for path in [
        format!("/conversas/{talk}"),
        format!("/conversas/{talk}/entradas"),
        format!("/conversas/{talk}/entradas?antes=999"),
        format!("/conversas/{}", world.owner_talk),
        format!("/conversas/{}", world.appraiser_talk),
        format!("/arquivos/{file}"),
        format!("/arquivos/{file}/previa"),
        format!("/conversas/{}/arquivos/{file}", own[0]),
    ] {
        assert_eq!(appraiser.get(&path).await.status, 404, "{path}");
    }
    let said = appraiser.post(&format!("/conversas/{talk}/mensagens"), &[("texto", "intruso")]).await;
    assert_eq!(said.status, 404);
    let stolen = [("texto", "vejam"), ("arquivo", file.as_str())];
    let said = appraiser.post(&format!("/conversas/{}/mensagens", own[0]), &stolen).await;
    assert_eq!(said.status, 422, "a file of another conversation is not taken along");
    let owner = world.outsider(OWNER).await;
    let page = owner.get(&format!("/conversas/{talk}")).await.text();
    assert!(page.contains(file) && !page.contains("intruso") && !page.contains(APPRAISER.email));
}

#[tokio::test]
async fn c18_a_broker_reaches_nothing_of_another_brokers_client() {
    let world = world();
    let other = world.staff(OTHER_BROKER).await;
    for path in [
        "/conversas?aba=abertos",
        "/conversas?aba=abertos&nome=marta",
        "/oportunidades?de=todas",
        "/oportunidades?de=todas&busca=t4",
    ] {
        let page = other.get(path).await.text();
        assert!(!page.contains("Boa tarde, dona Marta") && !page.contains("Apartamento T4"), "{path}");
    }
    let history = other.get(&format!("/contatos/{}", world.contact)).await.text();
    assert!(
        history.contains(OWNER.name) && !history.contains("Boa tarde, dona Marta"),
        "contacts are everybody's, talks are not"
    );
}

#[tokio::test]
async fn c21_c22_an_upload_belongs_to_whoever_made_it() {
    let world = world();
    let (broker, owner, appraiser) =
        (world.staff(BROKER).await, world.outsider(OWNER).await, world.outsider(APPRAISER).await);
    let token = owner.uploaded("contrato.png", png(8, 8)).await;
    assert_eq!(owner.get(&format!("/arquivos/{token}")).await.status, 200, "before it is sent too");
    assert_eq!(appraiser.get(&format!("/arquivos/{token}")).await.status, 404);
    assert_eq!(broker.get(&format!("/arquivos/{token}")).await.status, 404);
    let own = portal_tokens(&appraiser).await.remove(0);
    let form = [("texto", "meu"), ("arquivo", token.as_str())];
    assert_eq!(appraiser.post(&format!("/conversas/{own}/mensagens"), &form).await.status, 422);
    assert_eq!(broker.post(&format!("/conversas/{}/mensagens", world.owner_talk), &form).await.status, 422);
    let sent = owner.post(&format!("/conversas/{}/mensagens", world.owner_token), &form).await;
    assert_eq!(sent.status, 200);
    assert_eq!(broker.get(&format!("/arquivos/{token}")).await.status, 200, "now whoever reads the message may");
    let again = owner.post(&format!("/conversas/{}/mensagens", world.owner_token), &form).await;
    assert_eq!(again.status, 422, "a file is sent once");
}

#[tokio::test]
async fn c23_only_the_number_itself_opens_a_record() {
    let world = world();
    let admin = world.staff(ADMIN).await;
    for (folder, id) in [("conversas", world.owner_talk), ("oportunidades", world.deal), ("contatos", world.contact)] {
        assert_eq!(admin.get(&format!("/{folder}/{id}")).await.status, 200);
        let beyond = u128::from(u64::MAX) + 1 + u128::from(id);
        for odd in [
            format!("{id}abc"),
            format!("%20{id}"),
            format!("{id}%20"),
            format!("%2B{id}"),
            format!("+{id}"),
            format!("0{id}"),
            format!("{id}.0"),
            format!("{id}%00"),
            beyond.to_string(),
            format!("-{id}"),
            "%D9%A1".into(),
            format!("0x{id:x}"),
            "0".into(),
            "18446744073709551615".into(),
            format!("{id};x"),
            format!("{id},{id}"),
        ] {
            let path = format!("/{folder}/{odd}");
            assert_eq!(admin.get(&path).await.status, 404, "{path}");
            let posted = admin.post(&path, &[("nome", "x"), ("titulo", "x")]).await.status;
            assert!([404, 405, 422].contains(&posted), "{path}: {posted}");
        }
    }
}

#[tokio::test]
async fn c24_foreign_numbers_in_forms_are_refused_and_change_nothing() {
    let world = World::open().await;
    let (broker, admin) = (world.staff(BROKER).await, world.staff(ADMIN).await);
    let off = user_id(&admin, RECEPTION.email).await;
    assert_eq!(switch_off(&admin, RECEPTION.email, 1).await.status, 204);
    let spare = admin.post("/sistema/motivos/1", &[("ativo", "")]).await;
    assert_eq!(spare.status, 204, "a reason that is no longer offered");
    let before = admin.journal().await;
    let (talk, off) = (world.owner_talk, off.to_string());
    for (path, form) in [
        (format!("/conversas/{talk}/responsavel"), vec![("responsavel", off.as_str())]),
        (format!("/conversas/{talk}/responsavel"), vec![("responsavel", "0")]),
        (format!("/conversas/{talk}/responsavel"), vec![("responsavel", "+1")]),
        (format!("/conversas/{talk}/motivo"), vec![("motivo", "1")]),
        (format!("/conversas/{talk}/motivo"), vec![("motivo", "01")]),
        (format!("/conversas/{talk}/encerramento"), vec![("motivo", "1")]),
        (format!("/conversas/{talk}/mensagens"), vec![("texto", "x"), ("arquivo", "1")]),
        (format!("/conversas/{talk}/mensagens"), vec![("texto", "x"), ("arquivo", world.picture.as_str())]),
        ("/conversas".into(), vec![("contato", "999999"), ("responsavel", "eu"), ("texto", "x")]),
        ("/conversas".into(), vec![("nome", "x"), ("responsavel", off.as_str()), ("texto", "x")]),
        ("/conversas".into(), vec![("nome", "x"), ("responsavel", "eu"), ("setor", "999"), ("texto", "x")]),
        ("/oportunidades".into(), vec![("tipo", "venda"), ("titulo", "x"), ("contato", "999999")]),
        (
            "/oportunidades".into(),
            vec![("tipo", "venda"), ("titulo", "x"), ("contato", "1"), ("responsavel", off.as_str())],
        ),
    ] {
        let answer = broker.post(&path, &form).await;
        assert!([404, 422].contains(&answer.status), "{path} {form:?}: {}", answer.status);
    }
    assert_eq!(admin.journal().await, before);
}

#[tokio::test]
async fn c30_fields_that_no_form_has_are_not_heard() {
    let world = World::open().await;
    let broker = world.staff(BROKER).await;
    let more =
        [("papel", "admin"), ("role", "admin"), ("id", "1"), ("criado_em", "0"), ("ativo", ""), ("created_at", "0")];
    let mut form = vec![("idioma", "pt-PT")];
    form.extend(more);
    assert_eq!(broker.post("/idioma", &form).await.status, 204);
    assert_eq!(broker.get("/sistema/usuarios").await.status, 403, "still a broker");
    let mut form =
        vec![("texto", "olá"), ("autor", "1"), ("author", "1"), ("conversation", "1"), ("at", "0"), ("outside", "")];
    form.extend(more);
    let said = broker.post(&format!("/conversas/{}/mensagens", world.owner_talk), &form).await;
    assert_eq!(said.status, 200);
    assert!(
        world.outsider(OWNER).await.get(&format!("/conversas/{}", world.owner_token)).await.text().contains("Beatriz")
    );
}

const SECRET: &str = "segredo-da-casa";

#[tokio::test]
async fn c26_nothing_of_an_internal_note_reaches_the_portal_in_any_byte() {
    let world = World::open().await;
    let broker = world.staff(BROKER).await;
    let owner = world.outsider(OWNER).await;
    let page = owner.get(&format!("/conversas/{}", world.owner_token)).await.text();
    let address = between(&page, "data-live=\"", "\"").unwrap().replace("&amp;", "&");
    let cookie = Person::cookie(&world.house.public, OWNER).await;
    let mut stream = Stream::open(&world.house.public, &address, &cookie).await;
    let file = broker.uploaded(&format!("{SECRET}.png"), png(20, 20)).await;
    let talk = format!("/conversas/{}/mensagens", world.owner_talk);
    for n in 0..70 {
        let text = format!("{SECRET} {n}");
        let mut form = vec![("texto", text.as_str()), ("modo", "anotacao")];
        form.extend((n == 0).then_some(("arquivo", file.as_str())));
        assert_eq!(broker.post(&talk, &form).await.status, 200);
    }
    let reason = [("motivo", "2")];
    assert_eq!(broker.post(&format!("/conversas/{}/motivo", world.owner_talk), &reason).await.status, 200);
    say(&broker, world.owner_talk, "isto se vê").await;
    let live = stream.until("isto se vê").await;
    let mut bytes = live.clone();
    for path in [
        "/conversas?lista=1".to_owned(),
        format!("/conversas/{}", world.owner_token),
        format!("/conversas/{}/entradas", world.owner_token),
        format!("/conversas/{}/entradas?antes=100000", world.owner_token),
        format!("/conversas/{}/entradas?antes=20", world.owner_token),
    ] {
        for answer in [owner.get(&path).await, owner.get_fragment(&path).await] {
            assert!([200, 204].contains(&answer.status), "{path}");
            bytes += &answer.text();
        }
    }
    assert!(bytes.contains("isto se vê") && bytes.contains("a sala"), "what was said is there");
    let reason = "Agendamento de visita";
    for inside in [SECRET, "anotacao", &file, BROKER.email, reason, "VEN-1", "motivo", "Anotação"] {
        assert!(!bytes.contains(inside), "{inside:?} reached the portal: {}", around(&bytes, inside));
    }
    assert_eq!(owner.get(&format!("/arquivos/{file}")).await.status, 404);
    for frame in live.lines() {
        let frame: Value = serde_json::from_str(frame).unwrap();
        assert_eq!(frame.as_object().unwrap().keys().collect::<Vec<_>>(), ["ops", "seq"], "only these leave");
        for op in frame["ops"].as_array().unwrap() {
            let known =
                op.as_object().unwrap().keys().all(|key| ["op", "id", "into", "html", "to"].contains(&key.as_str()));
            assert!(known, "{op}");
        }
    }
}

/// Gaps in numbers tell how much is said inside: what the outside counts is what the outside sees.
#[tokio::test]
async fn c26_the_numbers_at_the_portal_do_not_count_internal_notes() {
    let world = World::open().await;
    let broker = world.staff(BROKER).await;
    let owner = world.outsider(OWNER).await;
    let said = 70;
    for n in 0..said {
        note(&broker, world.owner_talk, &format!("para nós {n}")).await;
        say(&broker, world.owner_talk, &format!("para ela {n}")).await;
    }
    let outside = said + 3;
    let mut before = None;
    let mut seen = 0;
    let mut path = format!("/conversas/{}", world.owner_token);
    loop {
        let page = owner.get(&path).await.text();
        seen += (0..said).filter(|n| page.contains(&format!(">para ela {n}<"))).count();
        let Some(older) = between(&page, "name=\"antes\" value=\"", "\"") else { break };
        let older: usize = older.parse().unwrap();
        assert!(before.is_none_or(|before| older < before), "it leads back and back");
        assert!(older <= outside, "{older} is a number of the house: the outside has seen {outside}");
        before = Some(older);
        path = format!("/conversas/{}/entradas?antes={older}", world.owner_token);
    }
    assert_eq!(seen, said, "every message is reached once");
}

pub fn around(bytes: &str, what: &str) -> String {
    let at = bytes.find(what).unwrap_or(0);
    let text: String = bytes[..at].chars().rev().take(120).collect();
    text.chars().rev().chain(bytes[at..].chars().take(120)).collect()
}
