//! Who finds what: nobody finds, counts or guesses what they may not open.

use crate::office::{Office, asked, entries};
use balcao::domain::Viewer;
use balcao::domain::access::{Outsider, Staff};
use balcao::domain::ids::SessionId;
use balcao::domain::values::Language;
use balcao::search::{Question, Target};

fn inside(staff: &Staff) -> Viewer {
    Viewer::Staff(staff.clone())
}

#[test]
fn a_broker_finds_their_own_and_nothing_of_another() {
    let office = Office::new();
    let contact = office.contact("Cliente", "");
    let (anas, brunos) = (office.conversation(&office.ana, contact), office.conversation(&office.bruno, contact));
    let hers = office.say(&office.ana, anas, "a escritura está pronta");
    // More than one page of what she may not see lies above what she may.
    let his: Vec<_> = (0..150).map(|_| office.say(&office.bruno, brunos, "a escritura atrasou")).collect();
    let deal = office.deal(&office.bruno, contact, "Escritura pendente");
    let search = office.search();
    let found = office.find(&search, &inside(&office.ana), &Question { most: 1, ..asked("escritura ") });
    assert_eq!((entries(&found), found.hits.len(), found.more), (vec![hers], 1, false), "not even that there are more");
    let none = Question { skip: 1, ..asked("escritura ") };
    assert_eq!(office.find(&search, &inside(&office.ana), &none).hits, []);
    let there = Question { conversation: Some(brunos), ..asked("escritura ") };
    assert_eq!(office.find(&search, &inside(&office.ana), &there).hits, []);
    let found = office.find(&search, &inside(&office.bruno), &asked("escritura "));
    assert_eq!(entries(&found), his.into_iter().rev().collect::<Vec<_>>());
    assert!(found.hits.iter().any(|hit| hit.target == Target::Opportunity(deal)));
    assert_eq!(office.find(&search, &inside(&office.admin), &asked("escritura ")).hits.len(), 152);
}

#[test]
fn from_outside_only_what_was_said_there_is_found() {
    let office = Office::new();
    let contact = office.contact("Marta segredo", "");
    let deal = office.deal(&office.ana, contact, "Casa segredo");
    let (marta, hers) = office.access(&office.ana, deal, "marta@exemplo.com", "o segredo é a chave");
    let (joao, his) = office.access(&office.ana, deal, "joao@exemplo.com", "outro segredo");
    let note = office.note(&office.ana, hers, "segredo nosso: aceita menos");
    let noted = office.said(&office.ana, hers, "", &["segredo_interno.pdf"], true, None);
    let said = office.said(&office.ana, hers, "", &["segredo.pdf"], false, None);
    let search = office.search();
    let found = office.find(&search, &marta, &asked("segredo"));
    assert!(
        found.hits.iter().all(|hit| matches!(hit.target, Target::Entry { conversation, .. } if conversation == hers))
    );
    let ids = entries(&found);
    assert!(ids.len() == 2 && ids[0] == said && !ids.contains(&note) && !ids.contains(&noted), "{found:?}");
    assert_eq!(office.find(&search, &joao, &asked("segredo")).hits.len(), 1);
    let there = Question { conversation: Some(his), ..asked("segredo") };
    assert_eq!(office.find(&search, &marta, &there).hits, []);
    let nobody = Outsider {
        email: "x@exemplo.com".into(),
        language: Language::PtBr,
        session: SessionId(0),
        from: String::new(),
        opened_by: None,
    };
    assert_eq!(office.find(&search, &Viewer::Outsider(nobody), &asked("segredo")).hits, []);
    assert!(entries(&office.find(&search, &inside(&office.ana), &asked("segredo"))).contains(&note));
}
