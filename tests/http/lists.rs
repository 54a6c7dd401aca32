//! Lists and choices that must not grow with the agency: a form's contact, the opportunities, a conversation's documents.

use crate::office::*;
use crate::world::World;

/// What stands between these, each time.
fn each<'t>(page: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    page.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

/// The address behind "Mostrar mais".
fn more(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("class=\"more\"")?;
    Some(between(rest, "href=\"", "\"")?.replace("&amp;", "&"))
}

/// Pages from this one on: what each shows, by what stands between.
async fn pages(who: &Person, first: &str, (before, after): (&str, &str)) -> Vec<Vec<String>> {
    let (mut next, mut found) = (Some(first.to_owned()), Vec::new());
    while let Some(path) = next {
        let page = who.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        found.push(each(&text, before, after).into_iter().map(str::to_owned).collect());
        next = more(&text);
        assert!(found.len() < 20, "it comes to an end");
    }
    found
}

#[tokio::test]
async fn suggestions_tell_two_of_one_name_apart_and_offer_the_new_one() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    for (name, email) in
        [("Ana Lima", "ana@example.com"), ("Ana Lima", "outra@example.com"), ("Bia Lima", "b@example.com")]
    {
        make_contact(&broker, name, email).await;
    }
    let options = broker.get_fragment("/contatos/sugestoes?q=an").await.text();
    assert_eq!(each(&options, "data-name=\"", "\""), ["Ana Lima", "Ana Lima", "an"]);
    for detail in ["(62) 3774-3039 · ana@example.com", "outra@example.com", "Cadastrar “an” como contato novo"] {
        assert!(options.contains(detail), "{detail}: {options}");
    }
    let first = broker.get_fragment("/contatos/sugestoes").await.text();
    assert_eq!(each(&first, "data-name=\"", "\""), ["Ana Lima", "Ana Lima", "Bia Lima"], "before anything is typed");
    let by_phone = broker.get_fragment("/contatos/sugestoes?q=3774").await.text();
    assert_eq!(each(&by_phone, "data-name=\"", "\"").len(), 3, "nobody is called 3774");
    let plain = broker.get("/contatos/sugestoes?q=an").await;
    assert_eq!((plain.status, plain.header("location")), (303, "/contatos?busca=an"), "without a script: the list");
}

#[tokio::test]
async fn without_a_script_the_form_asks_which_of_them_it_is_and_keeps_what_was_typed() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let one = make_contact(&broker, "Ana Lima", "ana@example.com").await;
    let other = make_contact(&broker, "Ana Lima", "outra@example.com").await;
    let form =
        [("nome", "ana l"), ("contato", ""), ("contato_para", ""), ("responsavel", "eu"), ("texto", "Quer visitar.")];
    let asked = broker.post("/conversas", &form).await;
    assert_eq!(asked.status, 422);
    let asked = asked.text();
    assert!(asked.contains("Qual deles?") && asked.contains("Quer visitar."), "{asked}");
    let radios = each(&asked, "type=\"radio\" id=\"contato-", "\"");
    assert_eq!(radios, [one.to_string(), other.to_string(), "novo".into()]);
    // What is not answered is asked again; what is, counts for the text it was asked of.
    assert_eq!(broker.post("/conversas", &form).await.status, 422);
    let answered = |contact: &str| {
        [("nome", "ana l"), ("contato", contact), ("contato_para", "ana l"), ("responsavel", "eu"), ("texto", "x")]
            .map(|(name, value)| (name, value.to_owned()))
    };
    let talk_with = async |contact: &str, name: &str| {
        let form = answered(contact);
        let mut form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        form[0].1 = name;
        let talk = broker.post("/conversas", &form).await.made();
        let page = broker.get(&format!("/conversas/{talk}")).await.text();
        between(&page, "href=\"/contatos/", "/edicao").unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(talk_with(&other.to_string(), "ana l").await, other);
    assert_eq!(talk_with(&other.to_string(), "Bia Reis").await, other + 1, "the text was changed after the choice");
    assert_eq!(talk_with("novo", "ana l").await, other + 2);
    assert_eq!(talk_with("", "ana@example.com").await, one, "only one has this address");
}

#[tokio::test]
async fn an_opportunity_keeps_its_client_until_another_is_chosen() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let (ana, bia) = (
        make_contact(&broker, "Ana Lima", "a@example.com").await,
        make_contact(&broker, "Bia Reis", "b@example.com").await,
    );
    let deal = make_opportunity(&broker, "Casa", ana).await;
    let page = broker.get(&format!("/oportunidades/{deal}/edicao")).await.text();
    assert!(page.contains(&format!("name=\"contato\" value=\"{ana}\"")), "it is chosen already");
    assert!(page.contains("name=\"cliente_nome\" value=\"Ana Lima\""), "{page}");
    assert!(page.matches("<option").count() < 20, "no list of everybody");
    let change = async |title: &str, client: &str| {
        let id = ana.to_string();
        let form = [
            ("titulo", title),
            ("tipo", "venda"),
            ("cliente_nome", client),
            ("contato", id.as_str()),
            ("contato_para", "Ana Lima"),
        ];
        assert_eq!(broker.post(&format!("/oportunidades/{deal}"), &form).await.status, 204);
        let page = broker.get(&format!("/oportunidades/{deal}")).await.text();
        between(&page, "href=\"/contatos/", "\"").unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(change("Casa azul", "Ana Lima").await, ana);
    assert_eq!(change("Casa azul", "bia").await, bia);
    let before = broker.get("/contatos").await.text();
    let stranger = Person::enter(&house.staff, OTHER_BROKER).await;
    let form = [("titulo", "x"), ("tipo", "venda"), ("cliente_nome", "Zeca Novo")];
    assert_eq!(stranger.post(&format!("/oportunidades/{deal}"), &form).await.status, 404);
    assert_eq!(
        before.matches("class=\"row\"").count(),
        broker.get("/contatos").await.text().matches("class=\"row\"").count(),
        "and made nobody"
    );
}

#[tokio::test]
async fn opportunities_come_in_pages_and_the_search_looks_at_all_of_them() {
    let house = House::open().await;
    let broker = Person::enter(&house.staff, BROKER).await;
    let other = Person::enter(&house.staff, OTHER_BROKER).await;
    let manager = Person::enter(&house.staff, MANAGER).await;
    let contact = make_contact(&broker, "Ana Lima", "a@example.com").await;
    for n in 1..=65 {
        make_opportunity(&broker, &format!("Casa {n}"), contact).await;
    }
    make_opportunity(&other, "Loft", contact).await;
    let marks = ("<a class=\"deal\" id=\"oportunidade-", "\"");
    let numbers = |last: u64, first: u64| (first..=last).rev().map(|n| n.to_string()).collect::<Vec<_>>();
    let own = pages(&broker, "/oportunidades", marks).await;
    assert_eq!(own, [numbers(65, 36), numbers(35, 6), numbers(5, 1)], "newest first, none twice, none left out");
    let all = pages(&manager, "/oportunidades?de=todas", marks).await.concat();
    assert_eq!(all, numbers(66, 1));
    assert_eq!(pages(&other, "/oportunidades?de=todas", marks).await.concat(), ["66"], "a broker's own");
    assert_eq!(pages(&broker, "/oportunidades?busca=casa+1", marks).await.concat().len(), 11, "1 and 10 to 19");
    assert_eq!(pages(&broker, "/oportunidades?busca=VEN-1", marks).await.concat().len(), 11);
    assert_eq!(pages(&manager, "/oportunidades?de=todas&busca=ana", marks).await.concat().len(), 66);
    let narrowed = broker.get_fragment("/oportunidades?de=minhas&busca=casa").await.text();
    assert_eq!(narrowed.matches("class=\"deal\"").count(), 30);
    assert!(more(&narrowed).is_some_and(|next| next.contains("busca=casa")), "the next page is narrowed, too");
    for odd in ["antes=", "antes=x-1", "antes=1-0", "antes=99999999999999999999-1", "antes=-5-1"] {
        assert_eq!(broker.get(&format!("/oportunidades?{odd}")).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn e7_no_document_is_too_old_to_be_found_and_outside_sees_its_own() {
    let world = World::open().await;
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    let say = format!("/conversas/{}/mensagens", world.owner_talk);
    let send = async |name: String, more: &[(&str, &str)]| {
        let file = broker.uploaded(&name, "texto").await;
        let form = [&[("texto", name.as_str()), ("arquivo", file.as_str())], more].concat();
        assert_eq!(broker.post(&say, &form).await.status, 200);
    };
    send("antigo.txt".into(), &[]).await;
    send("segredo.txt".into(), &[("modo", "anotacao")]).await;
    for n in 0..310 {
        assert_eq!(broker.post(&say, &[("texto", &format!("linha {n}"))]).await.status, 200);
    }
    let marks = ("<span class=\"file-name\">", "<");
    let beside = broker.get(&format!("/conversas/{}", world.owner_talk)).await.text();
    let (_, side) = beside.split_once("id=\"lado\"").unwrap();
    assert_eq!(each(side, marks.0, marks.1), ["segredo.txt", "antigo.txt", "sala.png"], "three hundred messages later");
    for n in 0..40 {
        send(format!("novo-{n}.txt"), &[]).await;
    }
    let all = pages(&broker, &format!("/conversas/{}/documentos", world.owner_talk), marks).await;
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [30, 13]);
    let newest_first = (0..40).rev().map(|n| format!("novo-{n}.txt"));
    let old = ["segredo.txt", "antigo.txt", "sala.png"].map(str::to_owned);
    assert_eq!(all.concat(), newest_first.clone().chain(old).collect::<Vec<_>>());
    let outside = pages(&owner, &format!("/conversas/{}/documentos", world.owner_token), marks).await.concat();
    let old = ["antigo.txt", "sala.png"].map(str::to_owned);
    assert_eq!(outside, newest_first.chain(old).collect::<Vec<_>>(), "the note's file is not theirs to see");
    let page = owner.get(&format!("/conversas/{}", world.owner_token)).await.text();
    assert!(page.contains("30+") && page.contains("/documentos?antes="), "and more can be asked for");
}

/// X6: people write what they know of a phone beside it. An extension has its place there, other words in the note.
#[tokio::test]
async fn x6_an_extension_is_kept_and_words_beside_a_phone_are_told_where_they_belong() {
    let world = crate::world::World::open().await;
    let broker = world.staff(BROKER).await;
    let typed = [("nome", "Portaria Ipê"), ("telefones", "(11) 3333-4444 ramal 12"), ("emails", "")];
    let id = broker.post("/contatos", &typed).await.made();
    let page = broker.get(&format!("/contatos/{id}")).await.text();
    assert!(page.contains("<a href=\"tel:+551133334444;ext=12\">(11) 3333-4444 ramal 12</a>"), "{page}");
    let form = broker.get(&format!("/contatos/{id}/edicao")).await.text();
    assert!(form.contains("(11) 3333-4444 ramal 12</textarea>"), "and typed again it is the same: {form}");
    for asked in ["33334444", "1133334444", "(11) 3333-4444", "4444"] {
        let found = broker.get_fragment(&format!("/contatos/sugestoes?q={}", asked.replace(' ', "+"))).await.text();
        assert!(found.contains("Portaria"), "{asked}: {found}");
    }
    let words = "WhatsApp 11 98888-7777, falar com Ana";
    let refused = broker.post("/contatos", &[("nome", "Zelador"), ("telefones", words), ("emails", "")]).await;
    assert_eq!(refused.status, 422);
    let said = refused.text();
    assert!(said.contains("com ramal se houver") && said.contains("observação"), "{said}");
    assert!(said.contains(words), "what was typed is kept: {said}");
}
