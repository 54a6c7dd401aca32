//! Plain text, and what only looks like it.

use std::io;

use super::{Kind, Probe};
use crate::media::name;

const CHUNK_BYTES: usize = 64 * 1024;

/// How much of the beginning is searched for another format's signs.
const HEAD_BYTES: usize = 1024;

/// Text whose name says text (a `.js` or `.bat` is a program to the computer it is saved on) and that holds characters only.
pub(super) fn text(probe: &mut Probe<'_>, name: &str) -> io::Result<Option<Kind>> {
    let extension = name::extension_of(name);
    let kind = match extension.as_str() {
        "" => Kind::Txt,
        extension if Kind::Txt.extensions().contains(&extension) => Kind::Txt,
        extension if Kind::Csv.extensions().contains(&extension) => Kind::Csv,
        _ => return Ok(None),
    };
    let head = probe.bytes(0, HEAD_BYTES)?;
    let (wide, start) = match head.as_slice() {
        [0xff, 0xfe, ..] => (Some(u16::from_le_bytes as fn([u8; 2]) -> u16), String::new()),
        [0xfe, 0xff, ..] => (Some(u16::from_be_bytes as fn([u8; 2]) -> u16), String::new()),
        bytes => (None, String::from_utf8_lossy(bytes).into_owned()),
    };
    let start = wide.map_or(start, |join| {
        let units: Vec<u16> = head.as_chunks().0.iter().map(|pair| join(*pair)).collect();
        String::from_utf16_lossy(&units)
    });
    if start.trim_matches(blank).is_empty() || is_disguise(&start) {
        return Ok(None);
    }
    let clean = match wide {
        Some(join) => is_utf16(probe, join)?,
        None => is_bytes_of_text(probe)?,
    };
    Ok(clean.then_some(kind))
}

fn blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Markup (a browser would run it), scripts, other formats that are written in characters, saved web pages and mails.
fn is_disguise(start: &str) -> bool {
    let lower = start.trim_start_matches(blank).to_ascii_lowercase();
    let markup = lower
        .strip_prefix('<')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "!?/%".contains(c)));
    let other = ["#!", "%!ps", "{\\rtf"].iter().any(|sign| lower.starts_with(sign));
    // A PDF reader looks for its sign anywhere in the first kilobyte; a saved page is a mail with its header on top.
    let inside = ["%pdf-", "<!doctype html", "<html", "<svg", "<script"].iter().any(|sign| lower.contains(sign));
    let mail =
        lower.lines().any(|line| line.starts_with("mime-version:") || line.starts_with("content-type: multipart/"));
    markup || other || inside || mail
}

/// Control characters that stand in real text: tab, line feed, form feed, carriage return, and DOS's end mark.
fn is_text_control(code: u32) -> bool {
    matches!(code, 0x09 | 0x0a | 0x0c | 0x0d | 0x1a)
}

fn is_utf16(probe: &mut Probe<'_>, join: fn([u8; 2]) -> u16) -> io::Result<bool> {
    if !probe.len.is_multiple_of(2) {
        return Ok(false);
    }
    let mut high = None;
    for at in (0..probe.len).step_by(CHUNK_BYTES) {
        let units = probe.bytes(at, CHUNK_BYTES)?;
        for unit in units.as_chunks().0.iter().map(|pair| join(*pair)) {
            let fits = match (high.take(), unit) {
                (None, 0xd800..=0xdbff) => {
                    high = Some(unit);
                    true
                }
                (Some(_), 0xdc00..=0xdfff) => true,
                (None, unit) => !matches!(unit, 0xdc00..=0xdfff) && (unit >= 0x20 || is_text_control(unit.into())),
                (Some(_), _) => false,
            };
            if !fits {
                return Ok(false);
            }
        }
    }
    Ok(high.is_none())
}

/// Valid UTF-8, or else Windows-1252, which has five holes; both without control characters.
fn is_bytes_of_text(probe: &mut Probe<'_>) -> io::Result<bool> {
    let (mut utf8, mut ansi) = (true, true);
    let mut tail = Vec::new();
    for at in (0..probe.len).step_by(CHUNK_BYTES) {
        let bytes = probe.bytes(at, CHUNK_BYTES)?;
        if bytes.iter().any(|&byte| byte == 0x7f || (byte < 0x20 && !is_text_control(byte.into()))) {
            return Ok(false);
        }
        ansi = ansi && !bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d));
        // A character cut by the end of the chunk waits for the next one.
        tail.extend_from_slice(&bytes);
        tail = match std::str::from_utf8(&tail) {
            Ok(_) => Vec::new(),
            Err(error) if error.error_len().is_none() => tail.split_off(error.valid_up_to()),
            Err(_) => {
                utf8 = false;
                Vec::new()
            }
        };
        if !utf8 && !ansi {
            return Ok(false);
        }
    }
    Ok((utf8 && tail.is_empty()) || ansi)
}
