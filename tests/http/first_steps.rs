//! The first start: the printed code lets in once, and nothing else does.

use crate::office::*;

#[tokio::test]
async fn the_printed_code_sets_the_agency_up_exactly_once() {
    let house = House::new();
    let code = house.code.clone().unwrap();
    let visitor = Person::at(&house.staff);
    assert_eq!(visitor.get("/").await.header("location"), "/instalacao");
    assert_eq!(visitor.get("/entrar").await.header("location"), "/instalacao");
    for wrong in ["", "AAAA-AAAA", &code[..8]] {
        let said = visitor.post("/instalacao", &setup_form(wrong)).await;
        assert_eq!(said.status, 422, "{wrong:?}");
        assert!(said.text().contains("codigo-erro"), "{wrong:?} is said at its field");
        assert!(said.text().contains(ADMIN.email), "what was typed is kept");
        assert!(!said.text().contains(ADMIN.password), "but a password never comes back");
    }
    let mut weak = setup_form(&code);
    weak.last_mut().unwrap().1 = "curta".into();
    assert_eq!(visitor.post("/instalacao", &weak).await.status, 422);
    house.set_up().await;
    let second = Person::at(&house.staff).post("/instalacao", &setup_form(&code)).await;
    assert_eq!(second.status, 422, "the code is used up");
    assert_eq!(Person::at(&house.staff).get("/instalacao").await.header("location"), "/");
}

#[tokio::test]
async fn eight_at_once_with_the_right_code_make_one_agency() {
    let house = House::new();
    let form = setup_form(house.code.as_deref().unwrap());
    let people: Vec<Person> = (0..8).map(|_| Person::at(&house.staff)).collect();
    let answers = futures_util::future::join_all(people.iter().map(|person| person.post("/instalacao", &form))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [204, 409, 422].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn the_code_is_not_guessed_by_trying() {
    let house = House::new();
    let guesser = Person::at(&house.staff);
    for _ in 0..5 {
        assert_eq!(guesser.post("/instalacao", &setup_form("AAAA-AAAA")).await.status, 422);
    }
    let slowed = guesser.post("/instalacao", &setup_form(house.code.as_deref().unwrap())).await;
    assert_eq!(slowed.status, 422, "after five misses even the right code waits");
    house.set_up().await;
}
