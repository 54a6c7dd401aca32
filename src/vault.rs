//! Copies of the house and the way back: archives of database and files, restoring one, looking whether all is there.
//!
//! An [`archive`] is a plain tar that any tool unpacks, optionally inside an [`age`] file that any age tool opens. A
//! running house makes its snapshots through the [`keeper`]; other processes [`ask`] it by files in the directory, since
//! the database has one owner at a time.

pub mod age;
mod ahead;
pub mod archive;
pub mod ask;
pub mod check;
pub mod drill;
pub mod keeper;
pub mod restore;
pub mod routine;
mod tar;

use std::io;
use std::path::Path;

/// Gives what root made inside a directory to the directory's owner: a backup by an administrator must not leave files
/// behind that the service may not touch. For everybody else nothing happens.
///
/// # Errors
/// Whatever the system says.
pub fn hand_over(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, lchown};
    let top = std::fs::metadata(dir)?;
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            // What another process just removed needs no owner.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.uid() != top.uid() {
                lchown(entry.path(), Some(top.uid()), Some(top.gid()))?;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(())
}
