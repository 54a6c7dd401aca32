//! One person who sends far too much, or tries far too often, and what everybody else notices of it: nothing.

use crate::keys::behind_closed_doors;
use crate::office::*;
use crate::streams::Stream;
use crate::world::World;
use balcao::domain::{presence, user};
use std::net::Ipv4Addr;

const BEYOND: usize = 1_100;

/// What stands on the form of the register: it is on, for these reasons.
fn register<'f>(reasons: &'f str, obligatory: &'f str) -> [(&'static str, &'f str); 3] {
    [("ativo", "sim"), ("obrigatorio", obligatory), ("motivos", reasons)]
}

#[tokio::test]
async fn h4_a_list_of_a_hundred_thousand_lines_is_refused_before_anybody_waits_for_it() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let lines: String = (0..100_000).map(|n| format!("m{n}\n")).collect();
    let refused = admin.post("/sistema/usuarios-online", &register(&lines, "")).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("No máximo 40."));
    let addresses: String = (0..50_000).map(|n| format!("a{n}@b.cc\n")).collect();
    let phones: String = (0..50_000).map(|n| format!("+55629{n:08}\n")).collect();
    for (emails, phones) in [(addresses.as_str(), ""), ("", phones.as_str())] {
        let form = [("nome", "Muitos"), ("emails", emails), ("telefones", phones)];
        let refused = admin.post("/contatos", &form).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("No máximo 20."));
    }
    assert_eq!(admin.post("/sistema/motivos", &[("nome", "Vistoria")]).await.status, 204, "others write on");
}

#[tokio::test]
async fn p5_the_settings_of_the_register_say_which_line_is_wrong_and_keep_what_was_typed() {
    let world = World::open().await;
    let admin = world.staff(ADMIN).await;
    let long = format!("Visita\n\n{}", "x".repeat(41));
    let refused = admin.post("/sistema/usuarios-online", &register(&long, "sim")).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(text.contains("Linha 3: no máximo 40 caracteres."), "{text}");
    assert!(text.contains(&"x".repeat(41)) && text.matches(" checked").count() == 2, "what was typed is kept");
    let none = admin.post("/sistema/usuarios-online", &register(" \n", "sim")).await;
    assert_eq!(none.status, 422);
    assert!(none.text().contains("escreva pelo menos um motivo"), "{}", none.text());
    assert_eq!(admin.get("/conversas").await.status, 200, "and nothing is obligatory");
    let off = admin.post("/sistema/usuarios-online", &[("obrigatorio", "sim"), ("motivos", "")]).await;
    assert_eq!(off.status, 204, "switched off it asks for none");
}

/// Comes and goes again and again; gives who somebody else is, who has not come yet.
async fn come_and_go(world: &mut World, times: usize) {
    behind_closed_doors(&mut world.house, move |tx| {
        let one = user::by_email(tx, BROKER.email)?.unwrap();
        let staff = user::as_staff(tx, &one, 0.into())?;
        for n in 0..times {
            let stay = presence::enter(tx, &staff, one.id, &format!("{n}"))?.stay;
            presence::leave(tx, &staff, stay, &format!("{n}"), "Visita")?;
        }
        Ok(())
    });
}

#[tokio::test]
async fn h5_who_comes_and_goes_a_thousand_times_hides_nobody() {
    let mut world = World::open().await;
    come_and_go(&mut world, BEYOND).await;
    let reception = world.staff(RECEPTION).await;
    assert_eq!(reception.post("/usuarios-online/entrada", &[("ramal", "100")]).await.status, 204);
    for path in ["/usuarios-online", "/usuarios-online/painel"] {
        let page = reception.get(path).await.text();
        assert!(page.contains("<strong>100</strong>"), "{path}: whoever comes later is there");
        assert!(page.contains("<strong>310</strong>"), "{path}: and whoever came before");
    }
    let table = reception.get("/usuarios-online/dia.csv").await.text();
    assert!(table.contains(&format!("\"{}\";\"100\"", RECEPTION.name)), "{table}");
    let hers = table.lines().filter(|line| line.contains(BROKER.name)).count();
    assert_eq!(hers, 30, "thirty times a day are enough for anybody");
    let last = table.lines().rfind(|line| line.contains(BROKER.name)).unwrap();
    assert!(last.contains("\"1099\"") && last.contains("\"Visita\""), "the last one tells how it is now: {last}");
    assert!(table.len() < 20_000, "and no line grows without end: {}", table.len());
    let broker = world.staff(BROKER).await;
    assert_eq!(broker.post("/usuarios-online/entrada", &[("ramal", "204")]).await.status, 204, "she may still come");
    assert!(reception.get("/usuarios-online").await.text().contains("<strong>204</strong>"), "and is seen");
}

#[tokio::test]
async fn h5_an_extension_changes_thirty_times_a_stay_and_then_it_is_said() {
    let world = World::open().await;
    let other = world.staff(OTHER_BROKER).await;
    let path = format!("/usuarios-online/{}/ramal", world.stay);
    for n in 0..30 {
        assert_eq!(other.post(&path, &[("ramal", format!("{n}"))]).await.status, 204, "{n}");
    }
    let refused = other.post(&path, &[("ramal", "999")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("30 vezes"), "{}", refused.text());
    let form = [("ramal", "999"), ("motivo", "Visita")];
    let left = other.post(&format!("/usuarios-online/{}/saida", world.stay), &form).await;
    assert_eq!(left.status, 204, "but nobody is kept from leaving");
}

#[tokio::test]
async fn p3_the_days_of_the_register_end_today_and_begin_with_the_first_record() {
    let world = World::open().await;
    let reception = world.staff(RECEPTION).await;
    let today = reception.get("/usuarios-online").await.text();
    let first = between(&today, "min=\"", "\"").expect("the first day").to_owned();
    assert!(!today.contains("Dia anterior"), "there is none before the first");
    for day in ["2027-05-01", "9999-12-31"] {
        let page = reception.get(&format!("/usuarios-online?dia={day}")).await.text();
        assert!(!page.contains("Ninguém registrou entrada nesse dia"), "{day} has not been yet");
        assert!(page.contains("Esse dia ainda não chegou"), "{day}: {page}");
        assert!(!page.contains("Dia seguinte") && !page.contains("Dia anterior"), "{day}");
        assert!(page.contains("<a class=\"button\" href=\"/usuarios-online\">Hoje</a>"), "{day}: the way back");
    }
    let before = reception.get("/usuarios-online?dia=2001-01-01").await.text();
    assert!(!before.contains("Dia anterior") && !before.contains("Dia seguinte"));
    assert!(before.contains(">Hoje</a>"), "{before}");
    assert!(reception.get(&format!("/usuarios-online?dia={first}")).await.text().contains("Otávio Reis"));
}

#[tokio::test]
async fn p4_recording_somebody_who_is_in_says_that_the_extension_changed() {
    let world = World::open().await;
    let (admin, reception) = (world.staff(ADMIN).await, world.staff(RECEPTION).await);
    let whom = user_id(&admin, OTHER_BROKER.email).await.to_string();
    let again = reception.post("/usuarios-online", &[("usuario", whom.as_str()), ("ramal", "999")]).await;
    assert_eq!(again.status, 204);
    let page = reception.get(again.header("x-go")).await.text();
    assert!(page.contains("Otávio Reis já estava: ramal 310 → 999"), "{page}");
    let same = reception.post("/usuarios-online", &[("usuario", whom.as_str()), ("ramal", "999")]).await;
    let page = reception.get(same.header("x-go")).await.text();
    assert!(page.contains("Otávio Reis já estava no ramal 999"), "{page}");
    let odd = reception.get("/usuarios-online?mudou=1&de=%3Cscript%3E").await;
    assert!(odd.status == 200 && !odd.text().contains("<script>d"), "an address says nothing that is not so");
}

#[tokio::test]
async fn p4_nobody_is_offered_to_record_whoever_was_switched_off() {
    let world = World::open().await;
    let (admin, reception) = (world.staff(ADMIN).await, world.staff(RECEPTION).await);
    let id = user_id(&admin, OTHER_BROKER.email).await;
    assert_eq!(switch_off(&admin, OTHER_BROKER.email, 1).await.status, 204);
    let page = reception.get("/usuarios-online").await.text();
    assert!(page.contains(&format!("id=\"presenca-{id}\"")), "he was here today");
    assert!(!page.contains(&format!("/usuarios-online/registro?usuario={id}\"")), "but cannot come in");
}

#[tokio::test]
async fn m1_what_is_tried_at_one_door_slows_nobody_at_the_other() {
    let world = World::open().await;
    for n in 0..14 {
        let stranger = Person::from_address(&world.house.public, Ipv4Addr::new(127, 9, 3, n));
        for _ in 0..5 {
            stranger.log_in(MANAGER.email, "errada de propósito").await;
        }
    }
    let anew = Person::from_address(&world.house.staff, Ipv4Addr::new(127, 9, 4, 1));
    assert_eq!(anew.log_in(MANAGER.email, MANAGER.password).await.status, 204);
}

#[tokio::test]
async fn l1_l2_a_queue_that_is_not_theirs_says_nothing_live_and_nothing_when_pressed() {
    let world = World::open().await;
    let (admin, reception) = (world.staff(ADMIN).await, world.staff(RECEPTION).await);
    let id = user_id(&admin, BROKER.email).await;
    let form = [("nome", BROKER.name), ("email", BROKER.email), ("papel", "broker"), ("setores", "1")];
    assert_eq!(admin.post(&format!("/sistema/usuarios/{id}"), &form).await.status, 204);
    let broker = world.staff(BROKER).await;
    let begin = async |name: &str, department: &str| {
        let form = [("nome", name), ("responsavel", "fila"), ("setor", department), ("texto", "bom dia")];
        reception.post("/conversas", &form).await.made()
    };
    let (hers, others) = (begin("Ana Vendas", "1").await, begin("Bia Locacao", "2").await);
    assert_eq!(broker.get(&format!("/conversas/{others}")).await.status, 404);
    let address = format!("/ao-vivo?tela=conversas&aba=fila&conversa={others}");
    let mut screen = Stream::open(&world.house.staff, &address, &broker.cookie_now("/")).await;
    let ours = format!("/ao-vivo?tela=conversas&aba=fila&conversa={hers}");
    let mut served = Stream::open(&world.house.staff, &ours, &broker.cookie_now("/")).await;
    for talk in [others, hers] {
        assert_eq!(reception.post(&format!("/conversas/{talk}/atendente"), &[("", "")]).await.status, 204);
    }
    begin("Caio Depois", "").await;
    let heard = screen.until("Caio Depois").await;
    assert!(!heard.contains(&format!("conversa-{others}\"")) && !heard.contains("Rosa"), "{heard}");
    let heard = served.until("Caio Depois").await;
    assert!(heard.contains("Rosa") && heard.contains(&format!("conversa-{hers}\"")), "what was hers to see: {heard}");
    for (talk, status) in [(others, 404), (hers, 409), (999_999, 404)] {
        let taken = broker.post(&format!("/conversas/{talk}/atendente"), &[("", "")]).await;
        assert_eq!(taken.status, status, "{talk}: {}", taken.text());
    }
}
