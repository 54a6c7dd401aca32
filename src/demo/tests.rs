use super::*;
use crate::domain::contact::Contact;
use crate::domain::conversation::{Conversation, PORTAL, State};
use crate::domain::entry::{Body, Entry};
use crate::domain::external_access;
use crate::domain::opportunity::Opportunity;
use crate::domain::schema::KINDS;
use crate::domain::{Event, Staff, access, conversation};
use crate::store::{DataDir, Look, Snapshot};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A Wednesday afternoon in Goiânia: 13 May 2026, 15:20:11.
const NOW_MS: i64 = 1_778_696_411_000;

struct Filling {
    _dir: tempfile::TempDir,
    _lock: DataDir,
    store: Arc<Store>,
    filled: Filled,
}

/// Filled as `balcao demo` does it: beside a runtime, on a thread that may block.
fn filling() -> Filling {
    let dir = tempfile::tempdir().expect("a directory");
    let lock = DataDir::open(dir.path()).expect("a data directory");
    let store = Arc::new(Store::open(&lock, KINDS).expect("a store"));
    let files = Files::open(dir.path()).expect("files");
    let shelves = store.clone();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let filled = runtime.block_on(async { tokio::task::spawn_blocking(move || fill(&shelves, &files, NOW_MS)).await });
    Filling { _dir: dir, _lock: lock, store, filled: filled.expect("not panicked").expect("filled") }
}

/// All claims about one filling: it takes seconds.
#[test]
fn the_year_is_in_the_books() {
    let Filling { store, filled, .. } = &filling();
    let look = store.look().expect("a look");
    assert_eq!(user::all(&look).expect("users").len(), 7);
    assert_eq!(look.all::<Contact>(1_000).expect("contacts").len(), 50);
    let deals: Vec<Opportunity> = look.all(1_000).expect("deals");
    assert_eq!(deals.len(), 40);
    assert!(deals.iter().any(|deal| deal.high_priority) && deals.iter().any(|deal| !deal.high_priority));
    let entries: Vec<Entry> = look.all(usize::MAX).expect("entries");
    the_entries_are_a_year_in_order(&entries);
    let conversations: Vec<Conversation> = look.all(1_000).expect("conversations");
    assert_eq!(conversations.len(), plan::CONVERSATIONS);
    the_desk_has_work(&look, &conversations);
    the_last_word_is_where_the_conversation_says(&conversations, &entries);
    several_outsiders_share_a_deal(&conversations);
    the_logins_fit(&look, filled);
    the_news_is_of_today(&look);
}

fn the_entries_are_a_year_in_order(entries: &[Entry]) {
    assert!(entries.len() >= 8_000, "{}", entries.len());
    assert!(entries.is_sorted_by_key(|entry| (entry.at, entry.id)), "numbers rise with time");
    let (first, last) = (entries[0].at, entries[entries.len() - 1].at);
    assert!(last - first >= 330 * DAY_MS && first >= NOW_MS - 366 * DAY_MS && last <= NOW_MS);
    let mut last = HashMap::new();
    let mut files = 0;
    for entry in entries {
        files += entry.body.files().len();
        if let Body::Message { text, .. } | Body::Note { text, .. } = &entry.body {
            assert!(!text.contains(['{', '}']) && !text.is_empty(), "{text}");
        }
        if let Some(conversation) = entry.conversation {
            let before = last.insert(conversation, entry.at);
            // What one act writes has one moment: begun, let in and first said; closing words and closed.
            let begins = matches!(
                entry.body,
                Body::Begun | Body::AccessMade { .. } | Body::Message { .. } | Body::Reopened | Body::Closed { .. }
            );
            assert!(before.is_none_or(|before| before < entry.at || (begins && before == entry.at)), "{entry:?}");
        }
    }
    assert!(files > 200, "{files}");
    for wanted in [
        |body: &Body| matches!(body, Body::Taken),
        |body: &Body| matches!(body, Body::Transferred { .. }),
        |body: &Body| matches!(body, Body::Reopened),
        |body: &Body| matches!(body, Body::Note { .. }),
        |body: &Body| matches!(body, Body::AccessUsed { .. }),
        |body: &Body| matches!(body, Body::OutcomeSet { .. }),
    ] {
        assert!(entries.iter().filter(|entry| wanted(&entry.body)).count() >= 15);
    }
}

fn the_desk_has_work(look: &Snapshot, conversations: &[Conversation]) {
    let of = |state: State| conversations.iter().filter(move |one| one.state == state).collect::<Vec<_>>();
    let (queued, open, closed) = (of(State::Queued), of(State::Open), of(State::Closed));
    assert_eq!(queued.len(), 6);
    assert!((40..=60).contains(&open.len()), "{}", open.len());
    assert_eq!(queued.len() + open.len() + closed.len(), conversations.len());
    assert!(closed.iter().all(|one| one.reason.is_some()));
    let portal = conversations.iter().filter(|one| one.channel == PORTAL).count();
    assert!((235..=260).contains(&portal), "{portal}");
    let brokers: Vec<Staff> = (user::all(look).expect("users").iter())
        .filter(|user| user.role == access::Role::Broker)
        .map(|user| user::as_staff(look, user, 0.into()).expect("staff"))
        .collect();
    let mut unread = 0;
    for broker in &brokers {
        let own: Vec<_> = open.iter().filter(|one| one.responsible == Some(broker.id)).collect();
        assert!(own.len() >= 3, "{}: {}", broker.name, own.len());
        let waiting = |one: &&&&Conversation| conversation::unread(look, broker, one).expect("readable") > 0;
        unread += own.iter().filter(waiting).count();
    }
    assert!((3..=20).contains(&unread), "{unread}");
    for one in queued {
        assert!(conversation::unread(look, &brokers[0], one).expect("readable") > 0);
        assert!((60_000..12 * 3_600_000).contains(&(NOW_MS - one.last_at)));
    }
}

fn the_last_word_is_where_the_conversation_says(conversations: &[Conversation], entries: &[Entry]) {
    let at: HashMap<_, i64> = entries.iter().map(|entry| (entry.id, entry.at)).collect();
    for one in conversations {
        let said = at[&one.last_message.expect("something was said")];
        assert!(one.begun_at <= said && said <= one.last_at && one.last_at <= NOW_MS, "{one:?}");
        assert!(one.state != State::Open || said == one.last_at, "{one:?}");
    }
}

fn several_outsiders_share_a_deal(conversations: &[Conversation]) {
    let mut open = HashMap::new();
    for one in conversations.iter().filter(|one| one.channel == PORTAL && one.state == State::Open) {
        open.entry(one.opportunity).or_insert_with(HashSet::new).insert(one.contact);
    }
    assert!(open.values().filter(|contacts| contacts.len() > 1).count() >= 3);
}

fn the_logins_fit(look: &Snapshot, filled: &Filled) {
    assert_eq!(filled.users.len(), 7);
    assert_eq!(filled.users[0].role, "admin");
    let first = user::by_email(look, &filled.users[0].email).expect("readable").expect("there");
    assert!(password::fits(&filled.users[0].password, first.opens().expect("a password")));
    let not = [first.name.as_str(), first.email.as_str(), cast::AGENCY];
    assert_eq!(password::check(&filled.users[0].password, password::STAFF_CHARS_MIN, &not), Ok(()));
    let emails: HashSet<&String> = filled.portal.iter().map(|one| &one.email).collect();
    assert_eq!(emails.len(), PORTAL_LOGINS);
    for login in &filled.portal {
        let accesses = external_access::of_email(look, &login.email).expect("readable");
        let open = |id| look.get::<Conversation>(id).expect("readable").is_some_and(|one| one.state == State::Open);
        assert!(accesses.iter().any(|one| open(one.conversation)), "{}", login.email);
        assert!(accesses.iter().all(|one| one.password == accesses[0].password));
    }
    let access = &external_access::of_email(look, &filled.portal[0].email).expect("readable")[0];
    let typed = password::hash_beside(&filled.portal[0].password, &access.password).expect("hashed");
    assert_eq!(typed, access.password);
    let line: serde_json::Value = serde_json::from_str(&filled.json("http://a", "http://b")).expect("JSON");
    assert_eq!(line["portal"][0]["link"], "http://b");
    assert_eq!(line["users"][6]["role"], "receptionist");
}

fn the_news_is_of_today(look: &Snapshot) {
    let reached = look.reached().expect("reached");
    let news = look.journal::<Event>(reached - 1, 2).expect("readable");
    assert_eq!(news.events.len(), 1);
    let all = look.journal::<Event>(0, usize::MAX).expect("readable");
    assert!(all.gap && all.events.len() < 2_000, "{} of {reached}", all.events.len());
}

#[test]
fn a_second_filling_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let lock = DataDir::open(dir.path()).expect("a data directory");
    let store = Store::open(&lock, KINDS).expect("a store");
    let hashed = password::hash(STAFF_PASSWORD).expect("hashed");
    let again = hashed.clone();
    let first = store.write_now(move |tx| open_books(tx, &cast::cast(), &hashed)).expect("opened");
    assert_eq!((first.reasons.len(), first.departments.len()), (10, 4));
    let look = store.look().expect("a look");
    let names: Vec<String> = reason::all(&look).expect("reasons").into_iter().map(|one| one.name).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), 10, "{names:?}");
    assert!(store.write_now(move |tx| open_books(tx, &cast::cast(), &again)).is_err());
}
