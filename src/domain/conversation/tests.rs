//! What waits to be read, and by whom, from hand to hand.

use super::*;
use crate::domain::access::Role;
use crate::domain::agency;
use crate::domain::external_access::NewAccess;
use crate::domain::opportunity::{self, Kind};
use crate::domain::password;
use crate::domain::user::NewUser;
use crate::domain::values::Language;
use crate::domain::{Event, reason};
use crate::store::check::check;
use crate::store::{DataDir, Store};
use std::ops::ControlFlow;

struct Office {
    store: Store,
    /// The admin, and two brokers.
    staff: Vec<Staff>,
    outside: Viewer,
    talk: ConversationId,
    _dir: tempfile::TempDir,
}

impl Office {
    /// A conversation of the first broker's, in which nobody has answered yet.
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(&DataDir::open(dir.path()).expect("it opens"), KINDS).expect("a store");
        let (staff, talk) = store.write_now(found).expect("an agency");
        let (email, from) = ("marta@example.com".into(), String::new());
        let outside = Outsider { email, language: Language::PtBr, session: SessionId(0), from, opened_by: None };
        Self { store, staff, outside: Viewer::Outsider(outside), talk, _dir: dir }
    }

    fn does(&self, verb: impl FnOnce(&mut Tx<'_>) -> Answer<()> + Send + 'static) {
        self.store.write_now(verb).expect("it is done");
    }

    fn says(&self, viewer: &Viewer) {
        let (viewer, talk) = (viewer.clone(), self.talk);
        let draft = Draft { text: "E então?".into(), ..Draft::default() };
        self.does(move |tx| say(tx, &viewer, talk, &draft).map(drop));
    }

    fn reads(&self, n: usize) {
        let (viewer, talk) = (Viewer::Staff(self.staff[n].clone()), self.talk);
        self.does(move |tx| mark_read(tx, &viewer, talk, u64::MAX));
    }

    /// What each of the staff has to read: the count kept in the index, beside the messages of this conversation.
    fn unread(&self) -> Vec<(usize, u64)> {
        let look = self.store.look().expect("a look");
        let report = check::<Event>(&look, KINDS, &mut |_| ControlFlow::Continue(()));
        assert!(report.is_whole(), "{:?}", report.findings);
        let c = by_id(&look, self.talk).expect("it is there");
        let each = self.staff.iter();
        each.map(|who| (with_unread(&look, who, 9).expect("a count"), unread(&look, who, &c).expect("a count")))
            .collect()
    }
}

fn found(tx: &mut Tx<'_>) -> Answer<(Vec<Staff>, ConversationId)> {
    let password = password::hash("quatro gatos pardos")?;
    let mut staff = vec![agency::aurora(tx)?];
    for name in ["Beatriz", "Otávio"] {
        let email = format!("{}@aurora.example", staff.len());
        let password = Some(password.clone());
        let id = user::make(tx, &NewUser { name: name.into(), email, duty: Role::Broker.into(), password })?;
        let one = user::by_id(tx, id)?.expect("was just made");
        staff.push(user::as_staff(tx, &one, SessionId(0))?);
    }
    let contact =
        contact::Draft { name: "Marta".into(), emails: String::new(), phones: String::new(), note: String::new() };
    let deal = opportunity::Draft {
        kind: Kind::Sale,
        title: "Casa".into(),
        seeking: String::new(),
        property: String::new(),
        amount: None,
        contact: contact::add(tx, &staff[0], &contact)?,
        responsible: staff[1].id,
    };
    let deal = opportunity::add(tx, &staff[0], &deal)?;
    let first = Draft { text: "Bom dia".into(), ..Draft::default() };
    let new = NewAccess { email: "marta@example.com".into(), name: String::new(), password, first, mail: false };
    let talk = external_access::create(tx, &staff[1].clone(), deal, &new)?.conversation;
    Ok((staff, talk))
}

#[test]
fn what_is_unread_follows_the_one_whose_it_is() {
    let office = Office::open();
    let talk = office.talk;
    let (admin, broker, other) = (office.staff[0].clone(), office.staff[1].clone(), office.staff[2].clone());
    assert_eq!(office.unread(), [(0, 0), (0, 0), (0, 0)], "nobody wrote yet");
    office.says(&office.outside);
    office.says(&office.outside);
    assert_eq!(office.unread(), [(0, 0), (1, 2), (0, 0)], "one conversation, two messages");
    office.reads(0);
    assert_eq!(office.unread(), [(0, 0), (1, 2), (0, 0)], "another's eyes do not count");
    office.reads(1);
    assert_eq!(office.unread(), [(0, 0), (0, 0), (0, 0)]);
    office.says(&Viewer::Staff(broker.clone()));
    assert_eq!(office.unread(), [(0, 0), (0, 0), (0, 0)], "what staff say, nobody here has to read");

    let (by, to) = (broker.clone(), other.id);
    office.does(move |tx| transfer(tx, &by, talk, to));
    assert_eq!(office.unread(), [(0, 0), (0, 0), (1, 1)], "who is given it reads its last word");
    let by = other.clone();
    office.does(move |tx| give_back(tx, &by, talk));
    office.says(&office.outside);
    assert_eq!(office.unread(), [(0, 1), (0, 1), (0, 3)], "in the queue nobody is called; the list says what is new");
    let by = broker.clone();
    office.does(move |tx| take(tx, &by, talk));
    assert_eq!(office.unread(), [(0, 0), (1, 1), (0, 0)], "who takes it has read what they had read before");

    let by = broker.clone();
    office.does(move |tx| {
        let reason = reason::all(tx)?.first().expect("an agency begins with some").id;
        close(tx, &by, talk, Some(reason))
    });
    assert_eq!(office.unread(), [(0, 0), (0, 0), (0, 0)], "closed");
    let by = broker.clone();
    office.does(move |tx| reopen(tx, &by, talk));
    assert_eq!(office.unread(), [(0, 0), (1, 1), (0, 0)], "open again");
    office.does(move |tx| {
        let to = user::HandOver { opportunities: Some(admin.id), ..Default::default() };
        let handed = user::switch_off(tx, &admin, broker.id, to)?;
        assert_eq!((handed.conversations, handed.opportunities), (1, 1), "it says what went");
        Ok(())
    });
    assert_eq!(office.unread()[1].0, 0, "who is switched off is called by nobody");
}

#[test]
fn who_had_read_it_all_and_takes_it_is_seen_to_have_read_it() {
    let office = Office::open();
    let talk = office.talk;
    let (broker, other) = (office.staff[1].clone(), office.staff[2].clone());
    office.says(&office.outside);
    office.does(move |tx| give_back(tx, &broker, talk));
    office.reads(2);
    let seen = || {
        let c = by_id(&office.store.look().expect("a look"), talk).expect("it is there");
        (c.seen_inside, c.outside_entries)
    };
    assert_eq!(seen().0, 0, "nobody's is read by nobody");
    office.does(move |tx| take(tx, &other, talk));
    assert_eq!(seen().0, seen().1, "lida");
    assert_eq!(office.unread(), [(0, 0), (0, 0), (0, 0)]);
}
