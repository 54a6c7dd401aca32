//! An agency at work over a store: real verbs, and what they promised.

use balcao::domain::agency::{self, Setup};
use balcao::domain::conversation::{self, Draft, New};
use balcao::domain::delivery::{self, Tried};
use balcao::domain::entry::{self, Body};
use balcao::domain::external_access::{self, NewAccess};
use balcao::domain::ids::*;
use balcao::domain::opportunity::{self, Kind};
use balcao::domain::password::{self, Hashed};
use balcao::domain::session::{self, Owner};
use balcao::domain::values::Language;
use balcao::domain::{Answer, Event, Staff, Viewer, attachment, contact, schema, user};
use balcao::store::check::{self, Report};
use balcao::store::{self, Snapshot, Store, Tx};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::disk::Rig;

/// A store on a disk of the tests' own.
pub fn open(rig: &Rig) -> Store {
    Store::on(rig.as_disk(), Path::new("rig"), schema::KINDS, store::this_machine())
        .unwrap_or_else(|error| panic!("it opens: {error}"))
}

/// What was answered "done".
#[derive(Clone, Debug)]
pub enum Promise {
    /// These words stand under this token, once.
    Said(EntryId, String),
    Letter(DeliveryId),
    Session(SessionId),
    File(AttachmentId),
    Contact(ContactId),
}

/// Somebody at work: admin, and a conversation to write in.
#[derive(Clone)]
pub struct Work {
    pub staff: Staff,
    pub conversation: ConversationId,
}

fn hashed() -> Hashed {
    static ONE: OnceLock<Hashed> = OnceLock::new();
    ONE.get_or_init(|| password::hash("maré alta às nove").unwrap()).clone()
}

/// An agency with a deal and an outsider, on an empty disk.
pub fn founded() -> (Vec<u8>, Work) {
    static ONE: OnceLock<(Vec<u8>, Work)> = OnceLock::new();
    ONE.get_or_init(|| {
        let rig = Rig::default();
        store::create(&rig.as_disk()).unwrap();
        assert!(rig.is_safe(), "M2: a database that was made is on the disk");
        let store = open(&rig);
        let work = store.write_now(found).unwrap();
        store.close();
        (rig.bytes(), work)
    })
    .clone()
}

/// Sets up the agency: one write.
pub fn found(tx: &mut Tx<'_>) -> Answer<Work> {
    let new = Setup {
        name: "Aurora".into(),
        hue: 40,
        language: Language::PtBr,
        time_zone: "America/Sao_Paulo".into(),
        user_name: "Carla".into(),
        user_email: "carla@aurora.example".into(),
        password: hashed(),
    };
    let id = agency::set_up(tx, &new)?;
    let staff = user::as_staff(tx, &user::by_id(tx, id)?.unwrap(), SessionId(0))?;
    let contact = contact::add(tx, &staff, &draft_of_contact(0))?;
    let deal = opportunity::Draft {
        kind: Kind::Sale,
        title: "Casa".into(),
        seeking: String::new(),
        property: String::new(),
        amount: None,
        contact,
        responsible: staff.id,
    };
    let deal = opportunity::add(tx, &staff, &deal)?;
    let new = NewAccess {
        email: "marta@example.com".into(),
        name: "Marta".into(),
        password: hashed(),
        first: Draft { text: "Olá".into(), token: Some("olá".into()), ..Draft::default() },
        mail: true,
    };
    external_access::create(tx, &staff, deal, &new)?;
    let new = New { contact, opportunity: None, channel: "phone", department: None, responsible: Some(staff.id) };
    let conversation = conversation::begin(tx, &staff, &new)?;
    Ok(Work { staff, conversation })
}

fn draft_of_contact(n: usize) -> contact::Draft {
    let (emails, phones) = (format!("c{n}@example.com"), format!("+55 62 9{n:08}"));
    contact::Draft { name: format!("Cliente {n}"), emails, phones, note: String::new() }
}

/// A message, as long as messages are.
pub fn message(n: usize) -> Draft {
    let text = format!("recado {n} {}", "com tudo o que se combinou ".repeat(n % 40));
    Draft { text: text.trim().to_owned(), token: Some(format!("t{n}")), internal: true, ..Draft::default() }
}

impl Work {
    /// A session of the one who works here.
    pub fn session(&self) -> session::New {
        let (browser, from) = ("teste".to_owned(), "127.0.0.1".to_owned());
        session::New { owner: Owner::User(self.staff.id), browser, from, language: None, opened_by: None }
    }

    pub fn viewer(&self) -> Viewer {
        Viewer::Staff(self.staff.clone())
    }

    /// The `n`th thing that somebody does: every kind of thing, in turn.
    pub fn verb(&self, n: usize) -> impl FnOnce(&mut Tx<'_>) -> Answer<Vec<Promise>> + Send + 'static {
        let work = self.clone();
        move |tx| match n % 8 {
            1 => {
                let cookie = session::begin(tx, work.session())?;
                let begun = session::of_cookie(tx, &cookie, tx.now())?.unwrap();
                Ok(vec![Promise::Session(begun.id)])
            }
            3 => {
                let stored = attachment::Stored {
                    name: format!("{n}.pdf"),
                    kind: "application/pdf".into(),
                    hash: "0".repeat(64),
                    bytes: 9,
                    preview: None,
                };
                let file = attachment::add(tx, &work.viewer(), &stored)?;
                let draft = Draft { files: vec![file.token], ..message(n) };
                let said = conversation::say(tx, &work.viewer(), work.conversation, &draft)?;
                Ok(vec![Promise::File(file.id), Promise::Said(said.id, draft.text)])
            }
            5 => {
                let (due, _) = delivery::due(tx, i64::MAX, 1)?;
                let Some(letter) = due.first() else { return Ok(Vec::new()) };
                delivery::tried(tx, letter.id, Tried::Later("amanhã".into()))?;
                Ok(vec![Promise::Letter(letter.id)])
            }
            7 => Ok(vec![Promise::Contact(contact::add(tx, &work.staff, &draft_of_contact(n))?)]),
            _ => {
                let draft = message(n);
                let said = conversation::say(tx, &work.viewer(), work.conversation, &draft)?;
                Ok(vec![Promise::Said(said.id, draft.text)])
            }
        }
    }
}

/// The words of an entry, where there is one.
pub fn words(look: &Snapshot, id: EntryId) -> Option<String> {
    match entry::by_id(look, id).ok()??.body {
        Body::Note { text, .. } | Body::Message { text, .. } => Some(text),
        _ => None,
    }
}

impl Promise {
    pub fn is_kept(&self, look: &Snapshot) -> bool {
        match self {
            Self::Said(id, text) => words(look, *id).as_ref() == Some(text),
            Self::Letter(id) => delivery::by_id(look, *id).is_ok_and(|letter| letter.is_some()),
            Self::Session(id) => session::by_id(look, *id, store::now()).is_ok_and(|session| session.is_some()),
            Self::File(id) => attachment::by_id(look, *id).is_ok(),
            Self::Contact(id) => contact::by_id(look, *id).is_ok(),
        }
    }
}

/// What a check of everything says.
pub fn checked(store: &Store) -> Report {
    check::check::<Event>(&store.look().unwrap(), schema::KINDS, &mut |_| ControlFlow::Continue(()))
}

/// What is wrong: a promise that is not kept, an index that does not agree with its records.
pub fn wrong(store: &Store, promised: &[Promise]) -> Option<String> {
    let Ok(look) = store.look() else { return Some("no look".into()) };
    let lost = promised.iter().find(|promise| !promise.is_kept(&look));
    let findings = || Some(checked(store)).filter(|report| !report.is_whole()).map(|report| report.findings);
    lost.map(|lost| format!("acknowledged and lost: {lost:?}")).or_else(|| findings().map(|all| format!("{all:?}")))
}

/// Every promise is kept, and every index agrees with its records.
pub fn assert_whole(store: &Store, promised: &[Promise], when: &str) {
    let wrong = wrong(store, promised);
    assert!(wrong.is_none(), "{when}: {}", wrong.unwrap());
}

/// The conversation's own words as staff read them.
pub fn said(look: &Snapshot, work: &Work) -> Vec<(EntryId, String)> {
    let entries = entry::of_conversation(look, work.conversation, None, usize::MAX).unwrap();
    entries.into_iter().filter_map(|entry| Some((entry.id, words(look, entry.id)?))).collect()
}

/// Shares a store among threads.
pub fn shared(rig: &Rig) -> Arc<Store> {
    Arc::new(open(rig))
}

/// Closes a shared store that nobody else has any more.
pub fn close(store: Arc<Store>) {
    Arc::into_inner(store).expect("nobody else has it").close();
}
