//! Sound and film: MP3, OGG, and the two containers a browser records in. One walk serves MP4 and WebM, both being boxes in
//! boxes; what tells sound from film is the tracks, never the brand or the name.

use std::io;
use std::ops::Range;

use super::{Kind, Probe, field};

/// Boxes looked at on one level. A file cut into more pieces before its tracks are described is refused.
pub(super) const BOXES_MAX: usize = 4096;

/// Tracks looked at.
const TRACKS_MAX: usize = 64;

/// MP4 families browsers play; the others that start alike are in [`super::phone`].
const MP4_BRANDS: [&[u8]; 9] = [b"iso", b"mp4", b"avc1", b"M4A ", b"M4B ", b"M4V ", b"MSNV", b"dash", b"cmf"];

/// How far behind an ID3 tag the first MP3 frame may begin: some writers pad.
const MP3_PADDING_MAX: usize = 16 * 1024;

/// The head of a box: what it is, the length of the head, the length of its content (`None`: to the end).
pub(super) type Head = (u32, u64, Option<u64>);

/// The contents of the boxes called `wanted` that lie in `within`, at most `max` of them.
pub(super) fn find(
    probe: &mut Probe<'_>,
    head_of: fn(&[u8]) -> Option<Head>,
    within: Range<u64>,
    wanted: u32,
    max: usize,
) -> io::Result<Vec<Range<u64>>> {
    let mut found = Vec::new();
    let mut at = within.start;
    for _ in 0..BOXES_MAX {
        if at >= within.end || found.len() == max {
            break;
        }
        let Some((name, head, content)) = head_of(&probe.bytes(at, 16)?) else {
            break;
        };
        let start = at + head;
        let end = content.map_or(within.end, |content| start.saturating_add(content)).min(within.end);
        if name == wanted {
            found.push(start..end);
        }
        at = end;
    }
    Ok(found)
}

/// The head of an MP4 box.
pub(super) fn mp4_head(bytes: &[u8]) -> Option<Head> {
    let name = u32::from_be_bytes(field(bytes, 4)?);
    match u32::from_be_bytes(field(bytes, 0)?) {
        0 => Some((name, 8, None)),
        1 => Some((name, 16, Some(u64::from_be_bytes(field(bytes, 8)?).checked_sub(16)?))),
        size => Some((name, 8, Some(u64::from(size).checked_sub(8)?))),
    }
}

/// MP4 with a picture track, or with sound only (what Safari records). The description may stand at the end.
pub(super) fn mp4(probe: &mut Probe<'_>) -> io::Result<Option<Kind>> {
    let brand = probe.bytes(8, 4)?;
    if !MP4_BRANDS.iter().any(|known| brand.starts_with(known)) {
        return Ok(None);
    }
    let tracks = handlers(probe)?;
    let has = |kind: &[u8; 4]| tracks.contains(kind);
    Ok(sound_or_film(has(b"soun"), has(b"vide"), Kind::M4a, Kind::Mp4))
}

/// What the tracks of an MP4 or its relatives hold: `soun`, `vide`, `pict` and rarer ones.
pub(super) fn handlers(probe: &mut Probe<'_>) -> io::Result<Vec<[u8; 4]>> {
    let name = u32::from_be_bytes;
    let mut found = Vec::new();
    for movie in find(probe, mp4_head, 0..probe.len, name(*b"moov"), 1)? {
        for track in find(probe, mp4_head, movie, name(*b"trak"), TRACKS_MAX)? {
            for media in find(probe, mp4_head, track, name(*b"mdia"), 1)? {
                for handler in find(probe, mp4_head, media, name(*b"hdlr"), 1)? {
                    found.extend(field::<4>(&probe.bytes(handler.start + 8, 4)?, 0));
                }
            }
        }
    }
    Ok(found)
}

fn ebml_head(bytes: &[u8]) -> Option<Head> {
    let name_len = bytes.first()?.leading_zeros() as usize + 1;
    let name = bytes.get(..name_len).filter(|_| name_len <= 4)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let size = bytes.get(name_len..)?;
    let size_len = size.first()?.leading_zeros() as usize + 1;
    let bits = 7 * u32::try_from(size_len).ok()?;
    let raw = size.get(..size_len).filter(|_| size_len <= 8)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let mask = (1 << bits) - 1;
    // All ones is "unknown": a recording in progress cannot say how long it will be.
    Some((name, (name_len + size_len) as u64, Some(raw & mask).filter(|size| *size != mask)))
}

/// WebM with a picture track, or with sound only (what Chromium and Firefox record).
pub(super) fn webm(probe: &mut Probe<'_>) -> io::Result<Option<Kind>> {
    const EBML: u32 = 0x1a45_dfa3;
    const DOC_TYPE: u32 = 0x4282;
    const SEGMENT: u32 = 0x1853_8067;
    const TRACKS: u32 = 0x1654_ae6b;
    const TRACK_ENTRY: u32 = 0xae;
    const CODEC_ID: u32 = 0x86;
    let whole = 0..probe.len;
    let mut is_webm = false;
    for header in find(probe, ebml_head, whole.clone(), EBML, 1)? {
        for doc_type in find(probe, ebml_head, header, DOC_TYPE, 1)? {
            is_webm = short(probe, doc_type)?.trim_ascii_end() == b"webm";
        }
    }
    let (mut sound, mut film) = (false, false);
    for segment in find(probe, ebml_head, whole, SEGMENT, 1)? {
        for tracks in find(probe, ebml_head, segment, TRACKS, 1)? {
            for entry in find(probe, ebml_head, tracks, TRACK_ENTRY, TRACKS_MAX)? {
                for codec in find(probe, ebml_head, entry, CODEC_ID, 1)? {
                    let codec = short(probe, codec)?;
                    sound |= codec.starts_with(b"A_");
                    film |= codec.starts_with(b"V_");
                }
            }
        }
    }
    Ok(sound_or_film(sound, film, Kind::WebmAudio, Kind::Webm).filter(|_| is_webm))
}

/// The beginning of a short text element, without the zeros it may be padded with.
fn short(probe: &mut Probe<'_>, content: Range<u64>) -> io::Result<Vec<u8>> {
    let bytes = probe.bytes(content.start, 32.min(content.end - content.start) as usize)?;
    Ok(bytes.into_iter().take_while(|byte| *byte != 0).collect())
}

fn sound_or_film(sound: bool, film: bool, with_sound: Kind, with_film: Kind) -> Option<Kind> {
    match (sound, film) {
        (_, true) => Some(with_film),
        (true, false) => Some(with_sound),
        (false, false) => None,
    }
}

/// OGG by the streams it opens with: Opus or Vorbis. Film (Theora) and the rarer codecs are refused.
pub(super) fn ogg(probe: &mut Probe<'_>) -> io::Result<Option<Kind>> {
    let mut at = 0;
    let mut found = None;
    for _ in 0..TRACKS_MAX {
        let page = probe.bytes(at, 27 + 255 + 8)?;
        let opens = page.starts_with(b"OggS\0") && page.get(5).is_some_and(|flags| flags & 2 != 0);
        let Some(sizes) = page.get(26).and_then(|count| page.get(27..27 + usize::from(*count))).filter(|_| opens)
        else {
            break;
        };
        let start = 27 + sizes.len();
        match page.get(start..).unwrap_or_default() {
            stream if stream.starts_with(b"OpusHead") => found = found.or(Some(Kind::Opus)),
            stream if stream.starts_with(b"\x01vorbis") => found = found.or(Some(Kind::Ogg)),
            // An index of the other streams, no stream itself.
            stream if stream.starts_with(b"fishead") => {}
            _ => return Ok(None),
        }
        at += start as u64 + sizes.iter().map(|size| u64::from(*size)).sum::<u64>();
    }
    Ok(found)
}

/// MP3: two frames that follow each other (or one that fills the file), right at the start or behind an ID3 tag.
pub(super) fn is_mp3(probe: &mut Probe<'_>) -> io::Result<bool> {
    let head = probe.bytes(0, 10)?;
    let tag = match (head.starts_with(b"ID3"), field::<4>(&head, 6)) {
        // Seven bits a byte, so that a size never looks like a frame.
        (true, Some(size)) => Some(10 + size.iter().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f))),
        _ => None,
    };
    let start = tag.unwrap_or(0);
    let tries = if tag.is_some() { MP3_PADDING_MAX } else { 1 };
    let bytes = probe.bytes(start, tries + 2 * 1441 + 4)?;
    Ok((0..tries.min(bytes.len())).any(|at| {
        let first = mp3_frame_len(&bytes, at);
        first.is_some_and(|len| at + len >= bytes.len() || mp3_frame_len(&bytes, at + len).is_some())
    }))
}

/// The length in bytes of the MP3 frame whose head stands at `at`.
fn mp3_frame_len(bytes: &[u8], at: usize) -> Option<usize> {
    const KBITS_1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const KBITS_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [0xff, version, rates, _] = field(bytes, at)? else {
        return None;
    };
    let (kbits, samples, divide) = match version & 0b1111_1110 {
        0b1111_1010 => (KBITS_1, 144, 1),
        0b1111_0010 => (KBITS_2, 72, 2),
        0b1110_0010 => (KBITS_2, 72, 4),
        _ => return None,
    };
    let kbits = *kbits.get(usize::from(rates >> 4)).filter(|kbits| **kbits > 0)?;
    let hertz = *[44_100, 48_000, 32_000].get(usize::from(rates >> 2 & 3))? / divide;
    Some(samples * kbits * 1000 / hertz + usize::from(rates >> 1 & 1))
}
