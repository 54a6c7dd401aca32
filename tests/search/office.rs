//! A small agency with something to find, and its index.

use balcao::domain::access::{Outsider, Powers, Role, Staff, Viewer};
use balcao::domain::conversation::{self, COUNTER, Draft, New};
use balcao::domain::external_access::{self, NewAccess};
use balcao::domain::ids::*;
use balcao::domain::opportunity::{self, Kind as Deal};
use balcao::domain::password::{self, Hashed};
use balcao::domain::schema::KINDS;
use balcao::domain::user::NewUser;
use balcao::domain::values::Language;
use balcao::domain::{Answer, agency, attachment, contact, user};
use balcao::search::{Found, Question, Search, Target};
use balcao::store::{DataDir, Store, Tx};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub struct Office {
    dir: tempfile::TempDir,
    _lock: DataDir,
    pub store: Arc<Store>,
    pub admin: Staff,
    pub ana: Staff,
    pub bruno: Staff,
    password: Hashed,
}

impl Office {
    /// An admin, and the brokers Ana and Bruno.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let lock = DataDir::open(dir.path()).expect("a data directory");
        let store = Arc::new(Store::open(&lock, KINDS).expect("a store"));
        let password = password::hash("uma senha comprida").expect("a hash");
        let hash = password.clone();
        let (admin, ana, bruno) = store
            .write_now(move |tx| {
                let setup = agency::Setup {
                    name: "Horizonte".into(),
                    hue: 200,
                    language: Language::PtBr,
                    time_zone: "America/Sao_Paulo".into(),
                    user_name: "Clara".into(),
                    user_email: "clara@exemplo.com".into(),
                    password: hash.clone(),
                };
                let admin = agency::set_up(tx, &setup)?;
                let broker = |tx: &mut Tx<'_>, name: &str| {
                    let email = format!("{}@exemplo.com", name.to_lowercase());
                    user::make(
                        tx,
                        &NewUser { name: name.into(), email, duty: Role::Broker.into(), password: Some(hash.clone()) },
                    )
                };
                let (ana, bruno) = (broker(tx, "Ana")?, broker(tx, "Bruno")?);
                Answer::Ok((staff(admin, Role::Admin), staff(ana, Role::Broker), staff(bruno, Role::Broker)))
            })
            .expect("an agency");
        Self { dir, _lock: lock, store, admin, ana, bruno, password }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Where the index lies.
    pub fn index(&self) -> PathBuf {
        self.dir.path().join(format!("search-{}", balcao::search::VERSION))
    }

    /// The index, level with the store.
    pub fn search(&self) -> Search {
        let search = Search::start(self.dir.path(), self.store.clone());
        self.level(&search);
        search
    }

    /// Waits until everything committed is searchable.
    pub fn level(&self, search: &Search) {
        let reached = self.store.look().expect("a look").reached().expect("a number");
        let mut indexed = search.reached();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let wait = async { tokio::time::timeout(Duration::from_secs(60), indexed.wait_for(|to| *to >= reached)).await };
        runtime.block_on(wait).expect("searchable within a minute").expect("a living thread");
    }

    pub fn contact(&self, name: &str, phones: &str) -> ContactId {
        let (staff, name, phones) = (self.admin.clone(), name.to_owned(), phones.to_owned());
        let draft = contact::Draft { name, phones, ..contact::Draft::default() };
        self.store.write_now(move |tx| contact::add(tx, &staff, &draft)).expect("a contact")
    }

    pub fn rename(&self, id: ContactId, name: &str) {
        let (staff, draft) = (self.admin.clone(), contact::Draft { name: name.into(), ..contact::Draft::default() });
        self.store.write_now(move |tx| contact::edit(tx, &staff, id, &draft)).expect("a new name");
    }

    /// An open conversation of a member of staff.
    pub fn conversation(&self, of: &Staff, contact: ContactId) -> ConversationId {
        let staff = of.clone();
        let responsible = Some(staff.id);
        let new = New { contact, opportunity: None, channel: COUNTER, department: None, responsible };
        self.store.write_now(move |tx| conversation::begin(tx, &staff, &new)).expect("a conversation")
    }

    pub fn deal(&self, of: &Staff, contact: ContactId, title: &str) -> OpportunityId {
        let (staff, title) = (of.clone(), title.to_owned());
        let responsible = staff.id;
        let (seeking, property) = ("Casa térrea com quintal".to_owned(), String::new());
        let draft =
            opportunity::Draft { kind: Deal::Sale, title, seeking, property, amount: None, contact, responsible };
        self.store.write_now(move |tx| opportunity::add(tx, &staff, &draft)).expect("an opportunity")
    }

    /// An outsider on an opportunity, who was told `first`.
    pub fn access(&self, of: &Staff, on: OpportunityId, email: &str, first: &str) -> (Viewer, ConversationId) {
        let staff = of.clone();
        let first = Draft { text: first.into(), ..Draft::default() };
        let (email, name) = (email.to_owned(), "Marta Pedro".to_owned());
        let new = NewAccess { email: email.clone(), name, password: self.password.clone(), first, mail: false };
        let access = self.store.write_now(move |tx| external_access::create(tx, &staff, on, &new)).expect("an access");
        let outsider =
            Outsider { email, language: Language::PtBr, session: SessionId(0), from: String::new(), opened_by: None };
        (Viewer::Outsider(outsider), access.conversation)
    }

    pub fn say(&self, who: &Staff, id: ConversationId, text: &str) -> EntryId {
        self.said(who, id, text, &[], false, None)
    }

    pub fn note(&self, who: &Staff, id: ConversationId, text: &str) -> EntryId {
        self.said(who, id, text, &[], true, None)
    }

    /// Says something with files of these names, at a time of its own if given.
    pub fn said(
        &self,
        who: &Staff,
        id: ConversationId,
        text: &str,
        files: &[&str],
        internal: bool,
        at: Option<i64>,
    ) -> EntryId {
        let (viewer, text) = (Viewer::Staff(who.clone()), text.to_owned());
        let files: Vec<String> = files.iter().map(|name| (*name).to_owned()).collect();
        let say = move |tx: &mut Tx<'_>| {
            if let Some(at) = at {
                tx.set_now(at);
            }
            let mut tokens = Vec::new();
            for name in files {
                let (kind, hash) = ("pdf".to_owned(), "00".repeat(32));
                let stored = attachment::Stored { name, kind, hash, bytes: 1, preview: None };
                tokens.push(attachment::add(tx, &viewer, &stored)?.token);
            }
            let draft = Draft { text, files: tokens, internal, ..Draft::default() };
            Answer::Ok(conversation::say(tx, &viewer, id, &draft)?.id)
        };
        self.store.write_now(say).expect("said")
    }

    pub fn find(&self, search: &Search, viewer: &Viewer, ask: &Question) -> Found {
        let look = self.store.look().expect("a look");
        search.find(&look, viewer, ask).expect("an answer")
    }

    /// The entries that the admin finds.
    pub fn entries(&self, search: &Search, text: &str) -> Vec<EntryId> {
        entries(&self.find(search, &Viewer::Staff(self.admin.clone()), &asked(text)))
    }
}

pub fn asked(text: &str) -> Question {
    Question { text: text.to_owned(), most: 200, ..Question::default() }
}

pub fn entries(found: &Found) -> Vec<EntryId> {
    let entry = |target: &Target| match target {
        Target::Entry { entry, .. } => Some(*entry),
        _ => None,
    };
    found.hits.iter().filter_map(|hit| entry(&hit.target)).collect()
}

fn staff(id: UserId, role: Role) -> Staff {
    Staff {
        id,
        name: String::new(),
        role,
        own_role: None,
        powers: Powers::of_role(role),
        departments: Vec::new(),
        language: Language::PtBr,
        session: SessionId(0),
        from: String::new(),
    }
}
