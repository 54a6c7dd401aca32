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

/// What was made does not matter: whoever wakes up looks at everything.
fn listen(rope: &OwnedFd, rings: &Notify) {
    let mut heard = [MaybeUninit::uninit(); 1_024];
    let mut heard = inotify::Reader::new(rope, &mut heard);
    while heard.next().is_ok_and(|event| !event.events().contains(ReadFlags::IGNORED)) {
        rings.notify_one();
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
    /// Answers it: what was asked for, or why not.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn answer(self, what: Result<String, String>) -> io::Result<()> {
        let text = match what {
            Ok(text) => format!("ok\n{text}"),
            Err(why) => format!("no\n{why}"),
        };
        let draft = self.answer.with_extension("draft");
        fs::write(&draft, text)?;
        fs::rename(&draft, &self.answer)?;
        fs::remove_file(&self.path)
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
