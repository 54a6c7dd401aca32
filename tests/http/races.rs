//! Many hands at once, and the same hand twice.

use crate::office::*;
use crate::world::{World, world};
use futures_util::future::join_all;

#[tokio::test]
async fn q4_of_two_who_take_a_conversation_at_once_one_gets_it_and_the_other_reads_who() {
    let world = world();
    let reception = world.staff(RECEPTION).await;
    let brokers = [world.staff(BROKER).await, world.staff(OTHER_BROKER).await];
    let id = queue(&reception, "Cliente da fila").await;
    let path = format!("/conversas/{id}/atendente");
    let none: [(&str, &str); 0] = [];
    let answers = join_all((0..50).map(|n| brokers[n % 2].post(&path, &none))).await;
    let won: Vec<usize> = (0..50).filter(|n| answers[*n].status == 204).collect();
    let lost: Vec<usize> = (0..50).filter(|n| answers[*n].status == 409).collect();
    assert_eq!(won.len() + lost.len(), 50);
    let winner = won[0] % 2;
    assert!(won.iter().all(|n| n % 2 == winner) && lost.iter().all(|n| n % 2 != winner), "one person won");
    let name = [BROKER.name, OTHER_BROKER.name][winner];
    assert!(lost.iter().all(|n| answers[*n].text().contains(name)), "the other is told by whom");
    let page = reception.get(&format!("/conversas/{id}")).await.text();
    assert_eq!(page.matches("assumiu a conversa").count(), 1, "it happened once");
    assert_eq!(brokers[1 - winner].get(&format!("/conversas/{id}")).await.status, 404, "and is nobody else's any more");
}

#[tokio::test]
async fn the_same_message_sent_twenty_times_is_one() {
    let world = world();
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    for (person, path, text) in [
        (&broker, format!("/conversas/{}/mensagens", world.owner_talk), "vinte vezes daqui"),
        (&owner, format!("/conversas/{}/mensagens", world.owner_token), "vinte vezes de lá"),
    ] {
        let form = [("texto", text), ("token", text)];
        let answers = join_all((0..20).map(|_| person.post(&path, &form))).await;
        let ids: Vec<String> =
            answers.iter().map(|said| between(&said.text(), "id=\"", "\"").unwrap_or("none").into()).collect();
        assert!(answers.iter().all(|said| said.status == 200));
        assert!(ids.iter().all(|id| *id == ids[0]), "all are answered the same entry: {ids:?}");
        let page = broker.get(&format!("/conversas/{}", world.owner_talk)).await.text();
        assert_eq!(page.matches(&format!("<p class=\"words\">{text}<")).count(), 1, "{text}");
    }
    let elsewhere = [("texto", "outra conversa"), ("token", "vinte vezes daqui")];
    let answer = broker.post(&format!("/conversas/{}/mensagens", world.appraiser_talk), &elsewhere).await;
    assert_eq!(answer.status, 404, "a token of one conversation is none in another");
}

#[tokio::test]
async fn the_same_new_conversation_sent_twice_is_one() {
    let world = world();
    let reception = world.staff(RECEPTION).await;
    let form = [("nome", "Duas Vezes"), ("responsavel", "fila"), ("texto", "oi"), ("token", "duas-vezes")];
    let answers = join_all((0..10).map(|_| reception.post("/conversas", &form))).await;
    let made: Vec<u64> = answers.iter().map(Answer::made).collect();
    assert!(made.iter().all(|id| *id == made[0]), "{made:?}");
    let contacts = reception.get("/contatos?busca=duas").await.text();
    assert_eq!(contacts.matches("<b>Duas Vezes</b>").count(), 1, "and one contact");
}

#[tokio::test]
async fn e5_the_same_access_sent_twice_is_one() {
    let world = World::open().await;
    let broker = world.staff(BROKER).await;
    let path = format!("/oportunidades/{}/acessos", world.deal);
    let form = [
        ("email", "ana@example.com"),
        ("nome", "Ana"),
        ("senha", "terceira-pessoa-7"),
        ("texto", "oi"),
        ("token", "um-acesso"),
    ];
    let answers = join_all((0..6).map(|_| broker.post(&path, &form))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let list = broker.get(&path).await.text();
    assert_eq!(list.matches("<b>ana@example.com</b>").count(), 1);
    let entered = Person::at(&world.house.public).log_in("ana@example.com", "terceira-pessoa-7").await;
    assert_eq!(entered.status, 204, "and the password that was shown opens it");
}

#[tokio::test]
async fn what_was_said_is_there_after_the_plug_was_pulled() {
    let mut world = World::open().await;
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    say(&broker, world.owner_talk, "antes do corte").await;
    world.house.kill();
    assert!(world.house.restart().as_secs() < 3);
    let page = owner.anew().get(&format!("/conversas/{}", world.owner_token)).await;
    assert_eq!(page.status, 200, "sessions outlive it too");
    assert!(page.text().contains("antes do corte"));
    world.house.stop();
    world.house.restart();
    let page = broker.anew().get(&format!("/conversas/{}", world.owner_talk)).await.text();
    assert!(page.contains("antes do corte"));
}

#[tokio::test]
async fn f32_it_stops_within_ten_seconds_beside_open_streams_and_half_requests() {
    use std::io::Write;
    let mut world = World::open().await;
    let cookie = Person::cookie(&world.house.staff, BROKER).await;
    let stream = crate::streams::Stream::open(&world.house.staff, "/ao-vivo?tela=outra", &cookie).await;
    let mut half = std::net::TcpStream::connect(world.house.staff.trim_start_matches("http://")).unwrap();
    half.write_all(b"POST /entrar HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nemail").unwrap();
    world.house.stop();
    drop((stream, half));
}
