//! Copies and the way back (R9): snapshots, archives, restores, checks, with the real binary.

#[path = "../office/mod.rs"]
mod office;

mod archives;
mod at_once;
mod daily;
mod hostile;
mod keys;
mod screen;
mod starts;

use office::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Runs a command on a data directory; gives exit code, stdout and stderr.
fn on(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    // A list of a million names takes a debug build its time.
    run(&[arguments, &["--data", data.to_str().unwrap()]].concat(), "", PATIENCE * 4)
}

/// The same, and it must go well; gives stdout.
fn done(data: &Path, arguments: &[&str]) -> String {
    let (code, out, err) = on(data, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {out}{err}");
    out
}

/// The same, and it must be refused with one sentence; gives that.
fn refused(data: &Path, arguments: &[&str]) -> String {
    let (code, out, err) = on(data, arguments);
    assert_eq!(code, Some(1), "{arguments:?}: {out}{err}");
    assert_eq!(err.lines().count(), 1, "one sentence: {err}");
    assert!(err.starts_with("balcao: "), "{err}");
    err
}

/// The names of a directory's snapshots, the newest first.
fn snapshots(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join("snapshots")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".snap"));
    names.sort_unstable_by(|a, b| b.cmp(a));
    names
}

/// Every file below a directory, with what it is made of and when it changed.
fn tree(dir: &Path) -> BTreeMap<PathBuf, (String, std::time::SystemTime)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let changed = std::fs::metadata(&path).unwrap().modified().unwrap();
            if path.is_dir() {
                all.insert(path.clone(), (String::new(), changed));
                folders.push(path);
            } else {
                all.insert(path.clone(), (sha256(&std::fs::read(&path).unwrap()), changed));
            }
        }
    }
    all
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Copies a directory as people do.
fn copy(data: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let copied = std::process::Command::new("cp").arg("-r").arg(data).arg(dir.path().join("data")).output().unwrap();
    // What vanished while it copied (a draft) is named, and no harm.
    let said = String::from_utf8_lossy(&copied.stderr);
    assert!(said.lines().all(|line| line.contains("No such file")), "{said}");
    dir
}

/// A file that a message names, somewhere under `files/`; the messages' own pictures have previews, a text has not.
async fn say_with_file(staff: &Person, conversation: u64, text: &str, content: &str) -> String {
    let token = staff.uploaded("recibo.txt", content.to_owned()).await;
    let form = [("texto", text), ("token", text), ("modo", "anotacao"), ("arquivo", token.as_str())];
    let said = staff.post(&format!("/conversas/{conversation}/mensagens"), &form).await;
    assert_eq!(said.status, 200, "{}", said.text());
    token
}

/// Where a content lies under `files/`.
fn kept(data: &Path, content: &str) -> PathBuf {
    let hex = sha256(content.as_bytes());
    data.join("files").join(&hex[..2]).join(hex)
}
