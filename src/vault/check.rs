//! Whether all is there: every row against its checksum, every index against its records, every file against its hash,
//! every attachment's file. Nothing is changed.

use crate::domain::Event;
use crate::domain::agency;
use crate::domain::attachment::Attachment;
use crate::domain::schema::KINDS;
use crate::store::check as walk;
use crate::store::dump::Hashing;
use crate::store::files::{Files, Hash};
use crate::store::{Look, Snapshot};
use anyhow::Result;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;

/// What a check saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows of the database.
    pub rows: u64,
    /// Files under `files/`.
    pub files: u64,
    /// What is wrong, a sentence each.
    pub wrong: Vec<String>,
}

/// The files that records name, and whether somebody would miss them: an upload that no message took is nobody's.
///
/// # Errors
/// Where the database is damaged.
pub fn named(look: &Snapshot) -> Result<BTreeMap<Hash, bool>> {
    let mut named = BTreeMap::new();
    let mut name = |hash: &str, missed: bool| -> Result<()> {
        *named.entry(hash.parse::<Hash>()?).or_insert(false) |= missed;
        Ok(())
    };
    for one in look.all::<Attachment>(usize::MAX)? {
        name(&one.hash, one.entry.is_some())?;
        if let Some(preview) = &one.preview {
            name(&preview.hash, one.entry.is_some())?;
        }
    }
    if let Some((logo, _)) = agency::the(look)?.and_then(|agency| agency.logo) {
        name(&logo, true)?;
    }
    Ok(named)
}

/// Looks at everything. Blocking, for as long as reading every file takes.
///
/// # Errors
/// Where the disk cannot be read; what is wrong with the data is in the report.
pub fn check(look: &Snapshot, files: &Files, progress: &mut dyn FnMut(u64)) -> Result<Report> {
    let mut report = Report::default();
    let walked = walk::check::<Event>(look, KINDS, &mut |_| ControlFlow::Continue(()));
    report.rows = walked.rows;
    report.wrong.extend(walked.findings.iter().map(ToString::to_string));
    let unnamed = walked.found.saturating_sub(walked.findings.len() as u64);
    if unnamed > 0 {
        report.wrong.push(format!("and {unnamed} more like these"));
    }
    let named = named(look).unwrap_or_else(|error| {
        report.wrong.push(format!("the attachments cannot be read: {error}"));
        BTreeMap::new()
    });
    let kept = files.list()?;
    for one in &kept {
        let path = files.path(&one.hash);
        let mut hashing = Hashing::new(io::sink());
        match File::open(&path).and_then(|mut file| io::copy(&mut file, &mut hashing)) {
            Ok(_) if Hash::from(hashing.end().1) == one.hash => {}
            Ok(_) => report.wrong.push(format!("{} is damaged", path.display())),
            // Swept away meanwhile; whether somebody misses it is asked below.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => report.wrong.push(format!("{} cannot be read: {error}", path.display())),
        }
        report.files += 1;
        progress(report.files);
    }
    for (hash, _) in named.iter().filter(|(_, missed)| **missed) {
        if !files.path(hash).try_exists()? {
            report.wrong.push(format!("{} is missing, and a message names it", files.path(hash).display()));
        }
    }
    Ok(report)
}
