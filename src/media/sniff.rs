//! What a file is, decided by its content. The name only tells CSV from other text, and which locked Office file.
//!
//! Whatever is not recognised beyond doubt is refused: SVG, HTML and other markup, programs, scripts, rare films.
//! Reading is bounded: a few small reads, except text, which is read through once.

use std::io::{self, Read, Seek, SeekFrom};

use super::Kind;

mod office;
mod phone;
mod sound;
mod text;

#[cfg(test)]
mod tests;

/// The kind of the file behind `file`, called `name` by who sent it; `None` means: not one of those we take.
/// Blocking; starts at the beginning wherever `file` stands.
///
/// # Errors
/// Only what the disk says. Broken or hostile content is `None`.
pub fn sniff(file: &mut (impl Read + Seek), name: &str) -> io::Result<Option<Kind>> {
    let mut probe = Probe::new(file)?;
    let head = probe.bytes(0, 16)?;
    let part = |range: std::ops::Range<usize>| head.get(range).unwrap_or_default();
    Ok(match head.as_slice() {
        head if head.starts_with(b"%PDF-") => Some(Kind::Pdf),
        head if head.starts_with(b"\x89PNG\r\n\x1a\n") && part(12..16) == b"IHDR" => Some(Kind::Png),
        head if head.starts_with(b"\xff\xd8\xff") => Some(Kind::Jpeg),
        head if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") => Some(Kind::Gif),
        head if head.starts_with(b"RIFF") => (part(8..12) == b"WEBP").then_some(Kind::Webp),
        head if head.starts_with(b"PK\x03\x04") => office::zip(&mut probe)?,
        head if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => office::ole(&mut probe, name)?,
        head if head.starts_with(b"\x1a\x45\xdf\xa3") => sound::webm(&mut probe)?,
        head if head.starts_with(b"OggS") => sound::ogg(&mut probe)?,
        _ if part(4..8) == b"ftyp" => match sound::mp4(&mut probe)? {
            None => phone::photo_or_film(&mut probe)?,
            known => known,
        },
        _ if sound::is_mp3(&mut probe)? => Some(Kind::Mp3),
        _ => text::text(&mut probe, name)?,
    })
}

/// A reader that is asked for places, not for streams.
struct Probe<'a> {
    file: &'a mut dyn ReadSeek,
    len: u64,
}

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl<'a> Probe<'a> {
    fn new(file: &'a mut dyn ReadSeek) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, len })
    }

    /// The bytes from `at`, at most `max` of them, fewer where the file ends.
    fn bytes(&mut self, at: u64, max: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if at < self.len {
            self.file.seek(SeekFrom::Start(at))?;
            Read::take(&mut *self.file, max as u64).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }
}

/// The `N` bytes at `at` of a slice, if it is that long.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    field(bytes, at).map(|it| usize::from(u16::from_le_bytes(it)))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_le_bytes)
}
