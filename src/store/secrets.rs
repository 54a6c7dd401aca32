//! Secrets of the directory that are not in the database: one file each, readable by its owner alone, so that no copy
//! of the database and no export holds them.

use super::files::{make_dir, replace};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const DIR: &str = "secrets";

/// Keeps a secret under a plain name, durably.
pub fn keep(dir: &Path, name: &str, secret: &str) -> io::Result<()> {
    let home = dir.join(DIR);
    make_dir(&home)?;
    replace(&place(dir, name), secret.as_bytes())
}

/// The secret of this name, if there is one.
pub fn read(dir: &Path, name: &str) -> io::Result<Option<String>> {
    let mut text = String::new();
    match File::open(place(dir, name)).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Forgets it.
pub fn forget(dir: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(place(dir, name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The names of all secrets, in order.
pub fn names(dir: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(dir.join(DIR)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names: io::Result<Vec<String>> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    let mut names = names?;
    names.retain(|name| !name.ends_with(".new"));
    names.sort_unstable();
    Ok(names)
}

fn place(dir: &Path, name: &str) -> PathBuf {
    dir.join(DIR).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_kept_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(read(dir.path(), "smtp").expect("readable"), None);
        keep(dir.path(), "smtp", "segredo").expect("kept");
        keep(dir.path(), "smtp", "segredo novo").expect("kept again");
        assert_eq!(read(dir.path(), "smtp").expect("readable").as_deref(), Some("segredo novo"));
        let mode = fs::metadata(place(dir.path(), "smtp")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        forget(dir.path(), "smtp").expect("gone");
        forget(dir.path(), "smtp").expect("twice is fine");
        assert_eq!(read(dir.path(), "smtp").expect("readable"), None);
    }
}
