//! ZIP and what is built on it (docx, xlsx, pptx), and the old Office container. Nothing is ever unpacked.

use std::io;

use super::{Kind, Probe, le16, le32};
use crate::media::name;

/// The end record of a ZIP and the longest comment after it.
const ZIP_END_BYTES: usize = 22 + 65_535;

/// The longest list of names that is read: some 80,000 entries. A longer one belongs to a plain ZIP.
const ZIP_LIST_BYTES_MAX: u32 = 4 * 1024 * 1024;

/// How far the chains of an old Office file are followed: its directory is short.
const OLE_SECTORS_MAX: usize = 64;

/// The kind of a ZIP, by the names in its list: an Office document without macros, or a plain ZIP.
pub(super) fn zip(probe: &mut Probe<'_>) -> io::Result<Option<Kind>> {
    let tail = probe.bytes(probe.len.saturating_sub(ZIP_END_BYTES as u64), ZIP_END_BYTES)?;
    let end = tail.windows(4).rposition(|it| it == b"PK\x05\x06").map(|at| &tail[at..]);
    let Some((end, count, size, start)) =
        end.and_then(|end| Some((end, le16(end, 10)?, le32(end, 12)?, le32(end, 16)?)))
    else {
        return Ok(None);
    };
    if count == 0 || end.len() < 22 {
        return Ok(None);
    }
    if size > ZIP_LIST_BYTES_MAX {
        return Ok(Some(Kind::Zip));
    }
    let list = probe.bytes(start.into(), size as usize)?;
    Ok(names(&list).map(|names| office_kind(&names)))
}

/// The names in a ZIP's list; `None` when it is not such a list.
fn names(mut list: &[u8]) -> Option<Vec<&[u8]>> {
    let mut names = Vec::new();
    while !list.is_empty() {
        if !list.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (name, extra, comment) = (le16(list, 28)?, le16(list, 30)?, le16(list, 32)?);
        names.push(list.get(46..46 + name)?);
        list = list.get(46 + name + extra + comment..)?;
    }
    (!names.is_empty()).then_some(names)
}

fn office_kind(names: &[&[u8]]) -> Kind {
    let has = |test: &dyn Fn(&[u8]) -> bool| names.iter().any(|name| test(name));
    let macros = has(&|name| name.to_ascii_lowercase().ends_with(b"vbaproject.bin"));
    // The binary workbook (.xlsb) is made of the same folders; nobody here reads it.
    let binary = has(&|name| name == b"xl/workbook.bin");
    if macros || binary || !has(&|name| name == b"[Content_Types].xml") {
        return Kind::Zip;
    }
    let folders: [(&[u8], Kind); 3] = [(b"word/", Kind::Docx), (b"xl/", Kind::Xlsx), (b"ppt/", Kind::Pptx)];
    let mut found =
        folders.into_iter().filter(|(folder, _)| has(&|name| name.starts_with(folder))).map(|(_, kind)| kind);
    match (found.next(), found.next()) {
        (Some(kind), None) => kind,
        _ => Kind::Zip,
    }
}

/// The kind of an OLE file by the streams in its directory: installers and saved mails look alike from outside. A document
/// locked with a password is such a file too, with nothing to see inside: there the name's extension is believed.
pub(super) fn ole(probe: &mut Probe<'_>, name: &str) -> io::Result<Option<Kind>> {
    let header = probe.bytes(0, 512)?;
    let (Some(shift @ (9 | 12)), Some(first)) = (le16(&header, 30), le32(&header, 48)) else {
        return Ok(None);
    };
    let mut sector = first;
    let mut found = None;
    for _ in 0..OLE_SECTORS_MAX {
        let entries = ole_sector(probe, shift, sector)?;
        found = found.or_else(|| entries.chunks_exact(128).find_map(|entry| ole_stream(entry, name)));
        let Some(next) = ole_next(probe, &header, shift, sector)? else {
            break;
        };
        sector = next;
    }
    Ok(found)
}

fn ole_sector(probe: &mut Probe<'_>, shift: usize, sector: u32) -> io::Result<Vec<u8>> {
    probe.bytes((u64::from(sector) + 1) << shift, 1 << shift)
}

/// The sector that follows in the chain, by the allocation table whose first 109 sectors the header lists.
fn ole_next(probe: &mut Probe<'_>, header: &[u8], shift: usize, sector: u32) -> io::Result<Option<u32>> {
    let per_sector = 1 << (shift - 2);
    let (table, slot) = (sector as usize / per_sector, sector as usize % per_sector);
    let Some(table) = (table < 109).then(|| le32(header, 76 + 4 * table)).flatten() else {
        return Ok(None);
    };
    let next = le32(&ole_sector(probe, shift, table)?, 4 * slot);
    // The numbers from here up are marks: end of chain, free, reserved.
    Ok(next.filter(|&next| next < 0xffff_fffa))
}

fn ole_stream(entry: &[u8], name: &str) -> Option<Kind> {
    let letters = le16(entry, 64)?.saturating_sub(2).min(64) / 2;
    let units: Vec<u16> = entry.as_chunks().0.iter().take(letters).map(|pair| u16::from_le_bytes(*pair)).collect();
    match String::from_utf16_lossy(&units).as_str() {
        "WordDocument" => Some(Kind::Doc),
        "Workbook" | "Book" => Some(Kind::Xls),
        "PowerPoint Document" => Some(Kind::Ppt),
        "EncryptedPackage" => {
            let extension = name::extension_of(name);
            [Kind::Docx, Kind::Xlsx, Kind::Pptx]
                .into_iter()
                .find(|kind| kind.extensions().contains(&extension.as_str()))
        }
        _ => None,
    }
}
