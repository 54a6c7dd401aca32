//! The search floor from outside: relevance, rights, a broken index, hostile questions.

mod broken;
mod office;
mod relevance;
mod rights;

use balcao::domain::Viewer;
use balcao::search::{Kind, Order, Question, Target};
use office::{Office, asked, entries};
use std::time::{Duration, Instant};

#[test]
fn q6_one_conversation_dates_authors_and_kinds_narrow_what_is_found() {
    let office = Office::new();
    let contact = office.contact("Cliente da chave", "");
    let (here, there) = (office.conversation(&office.ana, contact), office.conversation(&office.bruno, contact));
    let old = office.said(&office.ana, here, "a chave velha", &[], false, Some(1_000));
    let new = office.said(&office.ana, here, "a chave nova", &[], false, Some(2_000));
    let note = office.note(&office.ana, here, "chave com a Clara");
    let elsewhere = office.say(&office.bruno, there, "outra chave");
    let search = office.search();
    let admin = Viewer::Staff(office.admin.clone());
    let found = |ask: Question| entries(&office.find(&search, &admin, &ask));
    assert_eq!(found(asked("chave ")), [elsewhere, note, new, old]);
    assert_eq!(found(Question { conversation: Some(here), ..asked("chave ") }), [note, new, old]);
    assert_eq!(found(Question { by: Some(office.bruno.id), ..asked("chave ") }), [elsewhere]);
    assert_eq!(found(Question { kinds: vec![Kind::Note], ..asked("chave ") }), [note]);
    assert_eq!(found(Question { from: Some(1_001), until: Some(2_001), ..asked("chave ") }), [new]);
    assert_eq!(found(Question { until: Some(1_000), ..asked("chave ") }), []);
    let page = office.find(&search, &admin, &Question { skip: 1, most: 2, ..asked("chave ") });
    assert_eq!((entries(&page), page.hits.len(), page.more), (vec![note], 2, true), "the contact is younger than new");
    let kinds = Question { kinds: vec![Kind::Contact], ..asked("chave ") };
    let page = office.find(&search, &admin, &kinds);
    assert!(matches!(page.hits.as_slice(), [one] if one.target == Target::Contact(contact)) && !page.more);
    assert_eq!(page.hits[0].snippet, [(false, "Cliente da ".to_owned()), (true, "chave".to_owned())]);
}

#[test]
fn the_best_comes_first_where_that_is_asked_for() {
    let office = Office::new();
    let contact = office.contact("Cliente", "");
    let id = office.conversation(&office.ana, contact);
    let best = office.say(&office.ana, id, "Escritura.");
    let long = "e mais uma frase sobre outras coisas ".repeat(20);
    let worse = office.say(&office.ana, id, &format!("{long} escrituras {long}"));
    let search = office.search();
    let admin = Viewer::Staff(office.admin.clone());
    let ask = |order| Question { order, ..asked("escritura ") };
    assert_eq!(entries(&office.find(&search, &admin, &ask(Order::Newest))), [worse, best]);
    assert_eq!(entries(&office.find(&search, &admin, &ask(Order::Best))), [best, worse]);
}

#[test]
fn contacts_and_opportunities_are_found_as_they_are_now() {
    let office = Office::new();
    let contact = office.contact("Antônio Conceição", "(62) 99877-4039");
    let deal = office.deal(&office.ana, contact, "Apartamento no Bueno");
    let search = office.search();
    let admin = Viewer::Staff(office.admin.clone());
    let found = |text: &str| -> Vec<Target> {
        office.find(&search, &admin, &asked(text)).hits.iter().map(|hit| hit.target).collect()
    };
    let (person, business) = (Target::Contact(contact), Target::Opportunity(deal));
    for phone in ["99877-4039", "9877-4039", "(62) 99877-4039", "62998774039", "+5562998774039", "4039", "98774039"] {
        assert_eq!(found(phone), [person], "{phone}");
    }
    for text in ["ven-1 ", "quintal ", "aptos bueno "] {
        assert_eq!(found(text), [business], "{text}");
    }
    let both = found("conceicao ");
    assert!(both.len() == 2 && both.contains(&person) && both.contains(&business), "{both:?}");
    office.rename(contact, "Benedita Moura");
    office.level(&search);
    assert_eq!(found("conceicao "), []);
    assert_eq!(found("benedita ").len(), 2, "the opportunity goes by its client's new name");
}

#[test]
fn c61_hostile_questions_are_answered_quickly() {
    let office = Office::new();
    let contact = office.contact("Cliente", "");
    let id = office.conversation(&office.ana, contact);
    for n in 0..200 {
        office.say(&office.ana, id, &format!("palavra{n} aa ab ac x ((( \" uma frase e outra {n}"));
    }
    let search = office.search();
    let admin = Viewer::Staff(office.admin.clone());
    for text in [
        "(".repeat(5_000),
        format!("{}x{}", "(".repeat(5_000), ")".repeat(5_000)),
        "\"".repeat(5_000),
        "a*".repeat(5_000),
        "x ".repeat(50_000),
        "a".repeat(100_000),
        "\"uma frase ".repeat(5_000),
        "palavra1 ".repeat(10_000),
        "/(.*)*/ text:[* TO *] key:1 -- \\ ^9~9 \u{0}\u{1}".repeat(100),
        "ç\u{327}\u{301}👩‍👩‍👧‍👦ß\u{202e}".repeat(3_000),
    ] {
        let start = Instant::now();
        let found = office.find(&search, &admin, &asked(&text));
        assert!(start.elapsed() < Duration::from_secs(2), "{:.20}: {:?}", text, start.elapsed());
        assert!(found.hits.len() <= 200 && found.building.is_none(), "{:.20}", text);
    }
    assert_eq!(office.entries(&search, "palavra1 ((( *").len(), 1, "signs mean nothing");
}
