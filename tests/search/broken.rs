//! F13, F14: whatever happens to the index, the same is found after it was mended, and the start never fails.

use crate::office::{Office, asked};
use balcao::domain::Viewer;
use balcao::domain::ids::{ContactId, ConversationId, EntryId};
use balcao::search::Search;
use balcao::store::trim_journal;
use std::fs;
use std::path::{Path, PathBuf};

struct Filled {
    office: Office,
    contact: ContactId,
    conversation: ConversationId,
    said: Vec<EntryId>,
    word: &'static str,
}

impl Filled {
    fn new() -> Self {
        Self::saying("vistoria")
    }

    fn saying(word: &'static str) -> Self {
        let office = Office::new();
        let contact = office.contact("Cliente da vistoria", "");
        let conversation = office.conversation(&office.ana, contact);
        let mut filled = Self { office, contact, conversation, said: Vec::new(), word };
        filled.say(40);
        filled
    }

    fn say(&mut self, times: usize) {
        for n in 0..times {
            self.said.push(self.office.say(&self.office.ana, self.conversation, &format!("{} número {n}", self.word)));
        }
    }

    /// Everything that was said is found, newest first, each once.
    fn check(&self, search: &Search, after: &str) {
        let mut expected = self.said.clone();
        expected.reverse();
        assert_eq!(self.office.entries(search, &format!("{}s ", self.word)), expected, "after {after}");
        let found = self.office.find(search, &Viewer::Staff(self.office.admin.clone()), &asked("cliente "));
        assert_eq!((found.hits.len(), found.building), (1, None), "after {after}");
    }

    fn started(&self, after: &str) {
        let search = self.office.search();
        self.check(&search, after);
        search.stop();
    }

    /// The largest file of the index with this ending.
    fn file(&self, ending: &str) -> PathBuf {
        let files = fs::read_dir(self.office.index()).expect("an index").flatten().map(|file| file.path());
        let files = files.filter(|path| path.to_string_lossy().ends_with(ending));
        files.max_by_key(|path| path.metadata().map_or(0, |meta| meta.len())).expect("such a file")
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).expect("a directory");
    for file in fs::read_dir(from).expect("a directory").flatten() {
        fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}

#[test]
fn f13_a_damaged_index_is_built_again() {
    let filled = Filled::new();
    filled.started("the first start");
    filled.started("a second start");
    let dir = filled.office.index();
    fs::remove_dir_all(&dir).expect("removed");
    filled.started("its removal");
    fs::write(filled.file("meta.json"), "{ \"not\": [").expect("written");
    filled.started("garbage in meta.json");
    fs::remove_file(filled.file("meta.json")).expect("removed");
    filled.started("the loss of meta.json");
    fs::remove_dir_all(&dir).expect("removed");
    fs::create_dir(&dir).expect("made");
    filled.started("being emptied");
    fs::remove_dir_all(&dir).expect("removed");
    fs::write(&dir, "a file").expect("written");
    filled.started("a file in its place");
    for ending in [".term", ".idx", ".pos", ".fast", ".store", ".fieldnorm"] {
        let path = filled.file(ending);
        let bytes = fs::read(&path).expect("read");
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 3] ^= 0x10;
        fs::write(&path, flipped).expect("written");
        filled.started(&format!("a flipped bit in {ending}"));
        let path = filled.file(ending);
        let bytes = fs::read(&path).expect("read");
        fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        filled.started(&format!("half of {ending}"));
        fs::remove_file(filled.file(ending)).expect("removed");
        filled.started(&format!("the loss of {ending}"));
    }
}

#[test]
fn f13_an_index_of_another_layout_is_built_again_and_older_ones_are_removed() {
    let filled = Filled::new();
    let (dir, older) = (filled.office.index(), filled.office.path().join("search-0"));
    fs::create_dir(&older).expect("made");
    fs::create_dir(&dir).expect("made");
    let mut schema = tantivy::schema::Schema::builder();
    schema.add_u64_field("other", tantivy::schema::FAST);
    drop(tantivy::Index::create_in_dir(&dir, schema.build()).expect("an index"));
    filled.started("another layout");
    assert!(!older.exists());
}

#[test]
fn f14_an_index_behind_the_store_catches_up() {
    let mut filled = Filled::new();
    filled.started("the first start");
    let (dir, kept) = (filled.office.index(), filled.office.path().join("kept"));
    copy(&dir, &kept);
    filled.say(10);
    filled.started("more was said while it was not running");
    filled.say(10);
    copy(&kept, &dir);
    filled.started("an old copy was put back");
}

#[test]
fn f01_what_was_not_committed_when_it_died_is_indexed_at_the_next_start() {
    let mut filled = Filled::new();
    let search = filled.office.search();
    filled.say(10);
    // As kill -9 leaves it: what is on disk at this moment, with or without the last ten.
    let (dir, kept) = (filled.office.index(), filled.office.path().join("kept"));
    copy(&dir, &kept);
    filled.office.level(&search);
    filled.check(&search, "saying more");
    search.stop();
    copy(&kept, &dir);
    filled.started("being killed");
}

#[test]
fn f14_an_index_ahead_of_the_store_or_of_another_one_is_built_again() {
    let mut ahead = Filled::new();
    ahead.say(30);
    ahead.started("the first start");
    let behind = Filled::saying("escritura");
    copy(&ahead.office.index(), &behind.office.index());
    behind.started("the index of a longer history");
    // Numbers alone do not tell these two apart: the other history has grown beyond the cursor.
    let mut other = Filled::saying("escritura");
    other.say(60);
    copy(&ahead.office.index(), &other.office.index());
    other.started("the index of another history");
}

#[test]
fn f14_an_index_further_behind_than_the_journal_is_built_again() {
    let mut filled = Filled::new();
    filled.started("the first start");
    let (dir, kept) = (filled.office.index(), filled.office.path().join("kept"));
    copy(&dir, &kept);
    filled.office.rename(filled.contact, "Cliente novo");
    filled.say(10);
    let trimmed = filled.office.store.write_now(|tx| trim_journal(tx, i64::MAX));
    trimmed.expect("an empty journal");
    filled.say(5);
    copy(&kept, &dir);
    filled.started("the journal was trimmed");
}

#[test]
fn f13_the_loss_of_the_directory_is_mended_while_it_runs() {
    let mut filled = Filled::new();
    let search = filled.office.search();
    fs::remove_dir_all(filled.office.index()).expect("removed");
    filled.check(&search, "the loss of the directory, from what is open");
    filled.say(5);
    filled.office.level(&search);
    filled.check(&search, "the loss of the directory");
}

#[test]
fn a_start_never_waits_and_says_that_it_is_building() {
    let filled = Filled::new();
    let search = Search::start(&filled.office.path(), filled.office.store.clone());
    let found = filled.office.find(&search, &Viewer::Staff(filled.office.admin.clone()), &asked("vistoria "));
    assert!(found.building.is_some() || found.hits.len() == 40, "{found:?}");
    filled.office.level(&search);
    filled.check(&search, "building");
    // Stopped at once, it leaves nothing that the next start could not use.
    Search::start(&filled.office.path(), filled.office.store.clone()).stop();
    search.stop();
    Search::start(&filled.office.path(), filled.office.store.clone()).stop();
    filled.started("a stop in the middle");
}
