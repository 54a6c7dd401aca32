//! The little of tar that an archive needs: plain files with short names. What else a tar may hold is refused.

use std::io::{self, Read, Write};

/// Bytes of a block, to which everything is filled up.
pub(super) const BLOCK: usize = 512;
/// Bytes of the end: two empty blocks.
pub(super) const END_BYTES: u64 = 2 * BLOCK as u64;

/// A file that follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// All of its head, as the seal covers it.
    pub head: [u8; BLOCK],
}

/// Bytes that a file of this length takes, with its head.
pub(super) fn taken(bytes: u64) -> u64 {
    BLOCK as u64 + bytes.next_multiple_of(BLOCK as u64)
}

/// How many bytes fill up the last block.
fn rest(bytes: u64) -> usize {
    (bytes.next_multiple_of(BLOCK as u64) - bytes) as usize
}

/// The head of a file.
///
/// # Errors
/// Where the name has more than 99 bytes.
pub(super) fn head(name: &str, bytes: u64, at_s: u64) -> io::Result<[u8; BLOCK]> {
    let mut head = [0; BLOCK];
    let name = name.as_bytes();
    if name.len() > 99 {
        return Err(io::Error::other("a name is too long for an archive"));
    }
    head[..name.len()].copy_from_slice(name);
    head[100..107].copy_from_slice(b"0000600");
    head[108..115].copy_from_slice(b"0000000");
    head[116..123].copy_from_slice(b"0000000");
    let octal = format!("{bytes:011o}");
    if octal.len() == 11 {
        head[124..135].copy_from_slice(octal.as_bytes());
    } else {
        // Eight gibibytes and more: a number in binary, as every tar of today reads it.
        head[124] = 0x80;
        head[128..136].copy_from_slice(&bytes.to_be_bytes());
    }
    head[136..147].copy_from_slice(format!("{:011o}", at_s.min((1 << 33) - 1)).as_bytes());
    head[156] = b'0';
    head[257..265].copy_from_slice(b"ustar\x0000");
    let sum = sum(&head);
    head[148..156].copy_from_slice(&sum);
    Ok(head)
}

pub(super) fn write_rest(out: &mut impl Write, bytes: u64) -> io::Result<()> {
    out.write_all(&[0; BLOCK][..rest(bytes)])
}

pub(super) fn write_end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; END_BYTES as usize])
}

/// The checksum of a head, as it stands in it.
fn sum(head: &[u8; BLOCK]) -> [u8; 8] {
    let all = head.iter().enumerate();
    let sum: u32 = all.map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) }).sum();
    let mut text = *b"000000\0 ";
    for (place, digit) in text[..6].iter_mut().rev().enumerate() {
        *digit += ((sum >> (3 * place)) & 7) as u8;
    }
    text
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("this is not a backup of Balcão, or not a whole one: {what}"))
}

/// Reads the head of the next file; `None` at the archive's end.
///
/// # Errors
/// `InvalidData` for everything that is no plain file: links, devices, directories, extensions.
pub(super) fn read_head(input: &mut impl Read) -> io::Result<Option<Entry>> {
    let mut head = [0; BLOCK];
    input.read_exact(&mut head).map_err(cut)?;
    if head == [0; BLOCK] {
        input.read_exact(&mut head).map_err(cut)?;
        return if head == [0; BLOCK] { Ok(None) } else { Err(odd("something stands behind its end")) };
    }
    if head[148..156] != sum(&head) || &head[257..262] != b"ustar" {
        return Err(odd("a head does not fit its checksum"));
    }
    if head[156] != b'0' || head[157] != 0 || head[345] != 0 {
        return Err(odd("it holds something that is not a plain file"));
    }
    let name = head[..100].split(|byte| *byte == 0).next().unwrap_or_default();
    let name = std::str::from_utf8(name).map_err(|_| odd("a name"))?.to_owned();
    let bytes = match head[124] {
        0x80 => head[128..136].try_into().map(u64::from_be_bytes).ok(),
        _ => std::str::from_utf8(&head[124..135]).ok().and_then(|octal| u64::from_str_radix(octal, 8).ok()),
    };
    let bytes = bytes.filter(|bytes| *bytes < 1 << 60).ok_or_else(|| odd("a length"))?;
    Ok(Some(Entry { name, bytes, head }))
}

/// Reads what fills up the last block of a file: zeroes, and nothing hidden among them.
pub(super) fn read_rest(input: &mut impl Read, bytes: u64) -> io::Result<()> {
    let mut block = [0; BLOCK];
    let rest = &mut block[..rest(bytes)];
    input.read_exact(rest).map_err(cut)?;
    if rest.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(odd("something stands between its files")) }
}

/// An end that came too early is an archive that was cut.
pub(super) fn cut(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { odd("it ends too early") } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_up_to_sizes_beyond_octal() {
        for bytes in [0, 1, 511, 512, 513, (1 << 33) - 1, 1 << 33, 1 << 45] {
            let head = head("files/x", bytes, 1_763_773_323).unwrap();
            let read = read_head(&mut head.as_slice()).unwrap().unwrap();
            assert_eq!(read, Entry { name: "files/x".into(), bytes, head });
        }
    }

    #[test]
    fn c56_links_devices_directories_and_extensions_are_refused() {
        let plain = head("files/x", 3, 0).unwrap();
        for kind in b"123456789gxLKSVDAI\0" {
            let mut head = plain;
            head[156] = *kind;
            let sum = sum(&head);
            head[148..156].copy_from_slice(&sum);
            assert!(read_head(&mut head.as_slice()).is_err(), "{}", char::from(*kind));
        }
        for at in 0..BLOCK {
            let mut head = plain;
            head[at] ^= 1;
            assert!(read_head(&mut head.as_slice()).is_err(), "byte {at}");
        }
    }
}
