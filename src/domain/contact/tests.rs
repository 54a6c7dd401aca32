//! Finding one contact among many, and knowing when it could be another.

use super::*;
use crate::domain::event::Event;
use crate::domain::refusal::No;
use crate::domain::schema::KINDS;
use crate::store::check::check;
use crate::store::{DataDir, Store};

struct Office {
    store: Store,
    staff: Staff,
    _dir: tempfile::TempDir,
}

/// Name, e-mails, phones.
type Known = (&'static str, &'static str, &'static str);

impl Office {
    /// An agency that knows these contacts.
    fn knowing(contacts: &'static [Known]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(&DataDir::open(dir.path()).expect("it opens"), KINDS).expect("a store");
        let staff = store.write_now(agency::aurora).expect("an agency");
        let office = Self { store, staff, _dir: dir };
        for (name, emails, phones) in contacts {
            office.adds(name, emails, phones);
        }
        office
    }

    fn adds(&self, name: &str, emails: &str, phones: &str) -> ContactId {
        let (staff, draft) = (self.staff.clone(), draft(name, emails, phones));
        self.store.write_now(move |tx| add(tx, &staff, &draft)).expect("a contact")
    }

    fn offers(&self, typed: &str) -> Vec<String> {
        let found = suggest(&self.store.look().expect("a look"), typed).expect("an answer");
        found.into_iter().map(|one| one.name).collect()
    }

    /// Whom a form means: a name that was there before, "novo", or why that is not clear.
    fn means(&self, choice: Choice) -> String {
        let (staff, before) = (self.staff.clone(), self.count());
        match self.store.write_now(move |tx| choose(tx, &staff, &choice)) {
            Ok(id) if self.count() == before => {
                by_id(&self.store.look().expect("a look"), id).expect("it is there").name
            }
            Ok(_) => "novo".into(),
            Err(No::Refused(Refusal::Invalid(wrong))) => format!("{wrong:?}"),
            Err(no) => panic!("{no}"),
        }
    }

    fn typed(&self, name: &str, emails: &str, phones: &str) -> String {
        self.means(Choice::Typed(draft(name, emails, phones)))
    }

    fn count(&self) -> usize {
        count(&self.store.look().expect("a look")).expect("a number")
    }
}

fn draft(name: &str, emails: &str, phones: &str) -> Draft {
    Draft { name: name.into(), emails: emails.into(), phones: phones.into(), note: String::new() }
}

const PEOPLE: &[Known] = &[
    ("Ana Lima", "ana@example.com", "62 99877 4039"),
    ("Ana Lima", "", "62 3774 3039"),
    ("Mariana Alves", "", ""),
    ("José Antônio d'Ávila", "jda@example.com", "+351 912 345 678"),
    ("Beatriz Ana Souza", "souza.b@example.com", ""),
];

#[test]
fn two_letters_of_a_name_a_phone_or_an_address_are_enough() {
    let office = Office::knowing(PEOPLE);
    let both = ["Ana Lima", "Ana Lima"];
    for (typed, found) in [
        ("an", &["Ana Lima", "Ana Lima", "Beatriz Ana Souza", "José Antônio d'Ávila"][..]),
        ("AVI", &["José Antônio d'Ávila"]),
        ("lima ana", &both),
        ("ana s", &["Beatriz Ana Souza"]),
        ("jda@", &["José Antônio d'Ávila"]),
        ("souza.b", &["Beatriz Ana Souza"]),
        ("62 9987", &["Ana Lima"]),
        ("(62) 9877-4039", &["Ana Lima"]),
        ("3774-30", &["Ana Lima"]),
        ("4039", &["Ana Lima"]),
        ("(062) 3774", &["Ana Lima"]),
        ("+351 912", &["José Antônio d'Ávila"]),
        ("912345", &["José Antônio d'Ávila"]),
        ("a", &[]),
        ("ana x", &[]),
        ("zz", &[]),
        ("", &[]),
        ("?!", &[]),
    ] {
        assert_eq!(office.offers(typed), found, "{typed:?}");
    }
}

#[test]
fn much_is_cut_and_who_is_called_like_it_comes_first() {
    let office = Office::knowing(&[]);
    for n in 0..40 {
        office.adds(&format!("Zilda Ana {n:02}"), "", "");
    }
    office.adds("Ana Zélia", "", "");
    let offered = office.offers("ana");
    assert_eq!((offered.len(), offered[0].as_str()), (OFFERED_MAX, "Ana Zélia"));
    let lately = recent(&office.store.look().expect("a look"), &office.staff).expect("an answer");
    assert_eq!((lately.len(), lately[0].name.as_str()), (OFFERED_MAX, "Ana Zélia"), "by name, as nobody talked yet");
}

#[test]
fn what_is_typed_means_the_one_it_can_mean_and_nobody_by_chance() {
    let office = Office::knowing(PEOPLE);
    let several = format!("{:?}", [("contato", Why::Several)]);
    assert_eq!(office.typed("beatriz sou", "", ""), "Beatriz Ana Souza", "only one");
    assert_eq!(office.typed("ANA LIMA", "", ""), several, "two are called so");
    assert_eq!(office.typed("ana", "", ""), several);
    assert_eq!(office.typed("Ana Lima", "", "62 3774-3039"), "Ana Lima", "told apart by the phone");
    assert_eq!(office.typed("Ana Lima", "outra@example.com", ""), several, "with an address of neither");
    assert_eq!(
        office.typed("Mariana", "", "62 91111 2222"),
        several,
        "is it the one who is known, with another phone?"
    );
    assert_eq!(office.typed("ana@example.com", "", ""), "Ana Lima", "by address");
    assert_eq!(office.typed("62 99877-4039", "", ""), "Ana Lima", "by phone");
    assert_eq!(office.typed("riana", "", ""), "novo", "the middle of a word is no name");
    assert_eq!(office.typed("Olga Reis", "", ""), "novo");
    assert_eq!(office.typed("  ", "", ""), format!("{:?}", [("nome", Why::Empty)]));
    assert_eq!(office.means(Choice::New(draft("Ana Lima", "", ""))), "novo", "said to be another");
    assert_eq!(office.means(Choice::Known(ContactId(3))), "Mariana Alves");
    assert_eq!(office.means(Choice::Known(ContactId(99))), format!("{:?}", [("contato", Why::NotAChoice)]));
}

#[test]
fn who_is_renamed_is_found_by_the_new_name_alone() {
    let office = Office::knowing(PEOPLE);
    let staff = office.staff.clone();
    let new = draft("Mariana Prado", "", "62 98888 0000");
    office.store.write_now(move |tx| edit(tx, &staff, ContactId(3), &new)).expect("it is changed");
    assert_eq!(office.offers("mariana alv"), Vec::<String>::new());
    assert_eq!(
        (office.offers("prado"), office.offers("0000")),
        (vec!["Mariana Prado".into()], vec!["Mariana Prado".into()])
    );
    let report = check::<Event>(&office.store.look().expect("a look"), KINDS, &mut |_| ControlFlow::Continue(()));
    assert!(report.is_whole(), "{:?}", report.findings);
}
