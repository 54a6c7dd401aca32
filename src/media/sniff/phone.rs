//! What phones keep in MP4's boxes and few browsers show: HEIC and AVIF pictures, QuickTime and 3GP films. Nobody here
//! decodes them, and no browser is given them to show; they are taken home as they came.
//!
//! They must be what they say from end to end: a known brand, the description that belongs to it, and boxes that fill the
//! file to its last byte, so that nothing else hides behind them.

use std::io;

use super::sound::{BOXES_MAX, find, handlers, mp4_head};
use super::{Kind, Probe, field};

/// Bytes the list of brands may have.
const BRANDS_BYTES_MAX: u32 = 1024;

const HEIC_BRANDS: [&[u8; 4]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"];
const AVIF_BRANDS: [&[u8; 4]; 2] = [b"avif", b"avis"];
/// Of pictures in any coding: what else the file says of itself decides.
const ANY_PICTURE: [&[u8; 4]; 2] = [b"mif1", b"msf1"];

/// A picture or a film of a phone's, beyond doubt.
pub(super) fn photo_or_film(probe: &mut Probe<'_>) -> io::Result<Option<Kind>> {
    let Some((major, others)) = brands(probe)? else { return Ok(None) };
    let picture = picture_kind(&major, &others);
    let fits = match (&major, picture) {
        (_, Some(_)) => describes_pictures(probe)? || handlers(probe)?.contains(b"pict"),
        (b"qt  ", _) => handlers(probe)?.contains(b"vide"),
        (brand, _) if brand.starts_with(b"3g") => {
            handlers(probe)?.iter().any(|kind| kind == b"vide" || kind == b"soun")
        }
        _ => false,
    };
    let film = if major == *b"qt  " { Kind::Mov } else { Kind::Mobile };
    Ok((fits && fills_the_file(probe)?).then_some(picture.unwrap_or(film)))
}

fn picture_kind(major: &[u8; 4], others: &[[u8; 4]]) -> Option<Kind> {
    let (heic, avif) = (HEIC_BRANDS.contains(&major), AVIF_BRANDS.contains(&major));
    let says = |known: &[&[u8; 4]]| others.iter().any(|brand| known.contains(&brand));
    let either = ANY_PICTURE.contains(&major).then(|| (says(&HEIC_BRANDS), says(&AVIF_BRANDS)));
    match (heic, avif, either) {
        (true, ..) | (_, _, Some((true, false))) => Some(Kind::Heic),
        (_, true, _) | (_, _, Some((false, true))) => Some(Kind::Avif),
        _ => None,
    }
}

/// The brand of the file and those it says to be as well.
type Brands = ([u8; 4], Vec<[u8; 4]>);

fn brands(probe: &mut Probe<'_>) -> io::Result<Option<Brands>> {
    let Some(size) = field(&probe.bytes(0, 4)?, 0).map(u32::from_be_bytes) else { return Ok(None) };
    if !(16..=BRANDS_BYTES_MAX).contains(&size) || size % 4 != 0 {
        return Ok(None);
    }
    let list = probe.bytes(8, size as usize - 8)?;
    let (all, _) = list.as_chunks::<4>();
    // The second is the brand's version.
    Ok(all
        .split_first()
        .filter(|_| list.len() == size as usize - 8)
        .map(|(major, rest)| (*major, rest.get(1..).unwrap_or_default().to_vec())))
}

/// Whether there is a box that describes pictures and says where they lie.
fn describes_pictures(probe: &mut Probe<'_>) -> io::Result<bool> {
    let name = u32::from_be_bytes;
    let Some(meta) = find(probe, mp4_head, 0..probe.len, name(*b"meta"), 1)?.pop() else { return Ok(false) };
    let within = meta.start + 4..meta.end;
    if find(probe, mp4_head, within.clone(), name(*b"iloc"), 1)?.is_empty() {
        return Ok(false);
    }
    let handler = find(probe, mp4_head, within, name(*b"hdlr"), 1)?.pop();
    Ok(handler.map(|handler| probe.bytes(handler.start + 8, 4)).transpose()?.is_some_and(|kind| kind == b"pict"))
}

/// Whether the boxes lie end to end up to the file's last byte, each with a readable name.
fn fills_the_file(probe: &mut Probe<'_>) -> io::Result<bool> {
    let mut at = 0;
    for _ in 0..BOXES_MAX {
        let Some((name, head, content)) = mp4_head(&probe.bytes(at, 16)?) else { return Ok(false) };
        let end = content.map_or(probe.len, |content| at.saturating_add(head).saturating_add(content));
        if end > probe.len || !name.to_be_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Ok(false);
        }
        if end == probe.len {
            return Ok(true);
        }
        at = end;
    }
    Ok(false)
}
