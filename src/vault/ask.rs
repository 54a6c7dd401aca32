//! How another process asks the running house: by a file with a name, in a place that only the house's owner may enter.
//!
//! A socket would do the same, and would be in the way of every plain copy of the directory. The asking process makes
//! `snapshots/wanted-<what>-<token>`; the house does it, writes `answer-<token>` and removes the wish.

use crate::store::snapshots::home;
use crate::store::{DataDir, OpenError};
use anyhow::{Result, anyhow, bail};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use std::fs::{self, OpenOptions};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

const WANTED: &str = "wanted-";
const ANSWER: &str = "answer-";
/// How often the house looks where no bell rings.
pub const EVERY: Duration = Duration::from_millis(250);
/// How often whoever asks looks for the answer.
const AGAIN: Duration = Duration::from_millis(10);
/// After how many of those looks it asks whether the house still runs.
const LOOKS: u32 = 25;

/// Rings as soon as somebody asks, where the system can tell.
pub struct Bell {
    rings: Arc<Notify>,
    rope: Option<(Arc<OwnedFd>, i32)>,
}

impl Bell {
    /// A thread listens for it until it is dropped.
    pub fn hang(dir: &Path) -> Self {
        let rings = Arc::new(Notify::new());
        let hung = || -> io::Result<(Arc<OwnedFd>, i32)> {
            let rope = Arc::new(inotify::init(CreateFlags::CLOEXEC)?);
            let watch = inotify::add_watch(&rope, home(dir), WatchFlags::CREATE)?;
            let (rings, end) = (rings.clone(), rope.clone());
            std::thread::Builder::new().name("wishes".into()).spawn(move || listen(&end, &rings))?;
            Ok((rope, watch))
        };
        let rope = hung().inspect_err(|error| tracing::info!(%error, "wishes are looked for now and then")).ok();
        Self { rings, rope }
    }

    /// Waits for it.
    pub async fn rung(&self) {
        self.rings.notified().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Some((rope, watch)) = &self.rope {
            // The last thing its thread hears.
            let _ = inotify::remove_watch(rope, *watch);
        }
    }
}

/// Which wish does not matter: whoever wakes up looks at everything. What the house itself makes there is none.
fn listen(rope: &OwnedFd, rings: &Notify) {
    let mut heard = [MaybeUninit::uninit(); 1_024];
    let mut heard = inotify::Reader::new(rope, &mut heard);
    while let Ok(event) = heard.next()
        && !event.events().contains(ReadFlags::IGNORED)
    {
        if event.file_name().is_none_or(|name| name.to_bytes().starts_with(WANTED.as_bytes())) {
            rings.notify_one();
        }
    }
}

/// What may be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// A snapshot of this moment; the answer is its name.
    Snapshot,
    /// A look at everything; the answer is what is wrong, a line each.
    Check,
    /// Nothing: an archive was finished, and the house is to know.
    Backed,
}

impl Wish {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Snapshot, "snapshot"), (Self::Check, "check"), (Self::Backed, "backed")];

    fn key(self) -> &'static str {
        Self::ALL.iter().find(|(wish, _)| *wish == self).map_or("", |(_, key)| key)
    }
}

/// A wish that waits for its answer.
pub struct Waiting {
    /// What is wanted.
    pub wish: Wish,
    path: PathBuf,
    answer: PathBuf,
}

impl Waiting {
    /// Answers it: what was asked for, or why not. It is over also where a full disk takes no answer: who asked sees that
    /// the wish is gone.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn answer(self, what: Result<String, String>) -> io::Result<()> {
        let text = match what {
            Ok(text) => format!("ok\n{text}"),
            Err(why) => format!("no\n{why}"),
        };
        let draft = self.answer.with_extension("draft");
        let told = fs::write(&draft, text).and_then(|()| fs::rename(&draft, &self.answer));
        if told.is_err() {
            // What counts is why it could not be told; the next start clears what is left.
            let _ = fs::remove_file(&draft);
        }
        fs::remove_file(&self.path)?;
        told
    }
}

/// What is wanted of the house that has this directory.
///
/// # Errors
/// Whatever the disk says.
pub fn waiting(dir: &Path) -> io::Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(home(dir))? {
        let path = entry?.path();
        let Some((key, token)) = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix(WANTED)?.split_once('-'))
            .map(|(key, token)| (key.to_owned(), token.to_owned()))
        else {
            continue;
        };
        let wish = Wish::ALL.iter().find(|(_, known)| *known == key).map(|(wish, _)| *wish);
        let answer = home(dir).join(format!("{ANSWER}{token}"));
        match wish {
            Some(wish) => found.push(Waiting { wish, path, answer }),
            None => fs::remove_file(path)?,
        }
    }
    Ok(found)
}

/// Removes wishes and answers of an earlier time.
///
/// # Errors
/// Whatever the disk says.
pub fn clear(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(home(dir))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(WANTED) || name.starts_with(ANSWER) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Asks the house that has this directory, and waits for as long as it runs. Blocking.
///
/// # Errors
/// What the house answers instead; or that it ended meanwhile.
pub fn ask(dir: &Path, wish: Wish) -> Result<String> {
    let token = format!("{}-{}", std::process::id(), crate::store::now());
    let wanted = home(dir).join(format!("{WANTED}{}-{token}", wish.key()));
    let answer = home(dir).join(format!("{ANSWER}{token}"));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&wanted)
        .map_err(|why| anyhow!("the running balcao cannot be asked: {}: {why}", wanted.display()))?;
    let mut look = 0u32;
    loop {
        // The answer is there before the wish is gone.
        let is_over = !wanted.try_exists()?;
        if let Ok(text) = fs::read_to_string(&answer) {
            fs::remove_file(&answer)?;
            return match text.split_once('\n') {
                Some(("ok", text)) => Ok(text.to_owned()),
                Some((_, why)) => Err(anyhow!("the running balcao says: {why}")),
                None => Err(anyhow!("the running balcao gave no answer")),
            };
        }
        if look.is_multiple_of(LOOKS) && is_free(dir)? {
            // It may not be there when the house cleared it at its end.
            let _ = fs::remove_file(&wanted);
            bail!("the running balcao ended before it answered: repeat this");
        }
        if is_over {
            bail!("the running balcao could not write its answer: its disk may be full");
        }
        std::thread::sleep(AGAIN);
        look = look.wrapping_add(1);
    }
}

/// Whether nobody has the directory.
fn is_free(dir: &Path) -> Result<bool> {
    match DataDir::open(dir) {
        Ok(_) => Ok(true),
        Err(OpenError::InUse(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn f19_a_wish_whose_answer_finds_no_room_is_over_for_both() {
        let dir = tempfile::tempdir().unwrap();
        let _house = DataDir::open(dir.path()).unwrap();
        fs::create_dir(home(dir.path())).unwrap();
        let asking = dir.path().to_owned();
        let asker = std::thread::spawn(move || ask(&asking, Wish::Snapshot));
        let until = Instant::now() + Duration::from_secs(20);
        let wish = loop {
            assert!(Instant::now() < until, "nobody asks");
            if let Some(wish) = waiting(dir.path()).unwrap().pop() {
                break wish;
            }
        };
        // A directory where the draft would be takes no bytes either.
        fs::create_dir(wish.answer.with_extension("draft")).unwrap();
        wish.answer(Ok("20261122".into())).unwrap_err();
        assert!(waiting(dir.path()).unwrap().is_empty(), "it is not tried for ever");
        let told = asker.join().unwrap().unwrap_err().to_string();
        assert!(told.contains("could not write its answer"), "{told}");
    }

    #[tokio::test]
    async fn f19_the_bell_rings_for_wishes_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(home(dir.path())).unwrap();
        let bell = Bell::hang(dir.path());
        if bell.rope.is_none() {
            return;
        }
        let rings = async |name: &str, most| {
            fs::write(home(dir.path()).join(name), "").unwrap();
            tokio::time::timeout(most, bell.rung()).await.is_ok()
        };
        assert!(!rings("answer-1.draft", Duration::from_millis(200)).await, "its own answer");
        assert!(rings("wanted-snapshot-1", Duration::from_secs(20)).await);
    }
}
