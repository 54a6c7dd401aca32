//! Files made of parts: built here byte by byte, then told apart by those parts.

use super::*;

/// An MP4 box around its parts.
fn mp4(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name, &content].concat()
}

fn track(handler: &[u8; 4]) -> Vec<u8> {
    let hdlr = mp4(b"hdlr", &[&[0; 8], handler, &[0; 13]]);
    mp4(b"trak", &[&mp4(b"tkhd", &[&[0; 84]]), &mp4(b"mdia", &[&mp4(b"mdhd", &[&[0; 24]]), &hdlr])])
}

fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
    mp4(b"ftyp", &[brand, &[0; 4], b"isomqt  mif1heic"])
}

/// A WebM element around its parts; `id` in its full bytes.
fn ebml(id: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let size = u32::try_from(content.len()).unwrap() | 0x1000_0000;
    [id, &size.to_be_bytes(), &content].concat()
}

/// As Chromium's recorder writes it: segment and cluster of unknown length, two-byte track sizes aside.
fn recording(doc_type: &[u8], codecs: &[&[u8]]) -> Vec<u8> {
    let unknown = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let entries: Vec<u8> =
        codecs.iter().flat_map(|codec| ebml(b"\xae", &[b"\xd7\x81\x01", &ebml(b"\x86", &[codec])])).collect();
    [
        ebml(b"\x1a\x45\xdf\xa3", &[b"\x42\x86\x81\x01", &ebml(b"\x42\x82", &[doc_type])]),
        b"\x18\x53\x80\x67".to_vec(),
        unknown.to_vec(),
        ebml(b"\x15\x49\xa9\x66", &[b"\x2a\xd7\xb1\x83\x0f\x42\x40"]),
        ebml(b"\x16\x54\xae\x6b", &[&entries]),
        b"\x1f\x43\xb6\x75".to_vec(),
        unknown.to_vec(),
        vec![0xa3; 64],
    ]
    .concat()
}

fn ogg(streams: &[&[u8]]) -> Vec<u8> {
    let page = |flags: u8, content: &[u8]| {
        let size = u8::try_from(content.len()).unwrap();
        [b"OggS\0", &[flags][..], &[0; 20], &[1, size], content].concat()
    };
    let opening: Vec<u8> = streams.iter().flat_map(|stream| page(2, stream)).collect();
    [opening, page(0, b"OpusTags and the rest")].concat()
}

/// `count` frames of MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes each.
fn mp3(count: usize) -> Vec<u8> {
    [&[0xff, 0xfb, 0x90, 0x00][..], &[0; 413]].concat().repeat(count)
}

/// A ZIP of stored, empty entries.
fn zip(names: &[&str]) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for name in names {
        let size = u16::try_from(name.len()).unwrap().to_le_bytes();
        let start = u32::try_from(file.len()).unwrap().to_le_bytes();
        list.extend([b"PK\x01\x02", &[0; 24][..], &size, &[0; 12], &start, name.as_bytes()].concat());
        file.extend([b"PK\x03\x04", &[0; 22][..], &size, &[0; 2], name.as_bytes()].concat());
    }
    let count = u16::try_from(names.len()).unwrap().to_le_bytes();
    let (size, start) =
        (u32::try_from(list.len()).unwrap().to_le_bytes(), u32::try_from(file.len()).unwrap().to_le_bytes());
    [&file, &list, &b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &start, &[0; 2]].concat()
}

/// An OLE file whose directory is two sectors long, the last stream being in the second.
fn ole(streams: &[&str]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    header[30] = 9;
    header[48] = 1; // directory in sector 1; the allocation table in sector 0
    header[80..].fill(0xff);
    let mut table = vec![0xff; 512];
    table[4..8].copy_from_slice(&2_u32.to_le_bytes());
    table[8..12].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    let mut directory = vec![0; 1024];
    for (entry, name) in directory.chunks_mut(128).rev().zip(streams.iter().rev()) {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..units.len()].copy_from_slice(&units);
        entry[64] = u8::try_from(units.len() + 2).unwrap();
    }
    [header, table, directory].concat()
}

#[test]
fn mp4_is_told_by_its_tracks() {
    let (sound, film) = (track(b"soun"), track(b"vide"));
    let mdat = mp4(b"mdat", &[&[0; 5000]]);
    let file = |brand, parts: &[&[u8]]| [ftyp(brand), parts.concat()].concat();
    assert_eq!(
        kind_of(&file(b"iso5", &[&mp4(b"moov", &[&sound]), &mdat]), "voz.mp4"),
        Some(Kind::M4a),
        "Safari's recorder"
    );
    assert_eq!(kind_of(&file(b"M4A ", &[&mdat, &mp4(b"moov", &[&sound])]), "a.m4a"), Some(Kind::M4a));
    assert_eq!(
        kind_of(&file(b"mp42", &[&mdat, &mp4(b"moov", &[&sound, &film])]), "a.mp4"),
        Some(Kind::Mp4),
        "moov at the end"
    );
    assert_eq!(kind_of(&file(b"M4A ", &[&mp4(b"moov", &[&film])]), "a.m4a"), Some(Kind::Mp4), "the brand lies");
    let wide = [&1_u32.to_be_bytes()[..], b"mdat", &5016_u64.to_be_bytes(), &[0; 5000]].concat();
    assert_eq!(kind_of(&file(b"isom", &[&wide, &mp4(b"moov", &[&film])]), "a.mp4"), Some(Kind::Mp4), "64-bit size");
    assert_eq!(kind_of(&file(b"crx ", &[&mp4(b"moov", &[&film])]), "a.mp4"), None);
    assert_eq!(kind_of(&file(b"isom", &[&mdat]), "a.mp4"), None, "no tracks");
    assert_eq!(kind_of(&file(b"isom", &[&mp4(b"moov", &[&track(b"hint")])]), "a.mp4"), None);
    let many = file(b"isom", &[&mp4(b"free", &[]).repeat(1_000_000), &mp4(b"moov", &[&film])]);
    assert_eq!(kind_of(&many, "a.mp4"), None, "the walk is bounded");
    for size in [2, 7, 0xffff_ffff_u32] {
        assert_eq!(kind_of(&file(b"isom", &[&size.to_be_bytes(), b"moov"]), "a.mp4"), None);
    }
    let endless = [&1_u32.to_be_bytes()[..], b"free", &u64::MAX.to_be_bytes()].concat();
    assert_eq!(kind_of(&file(b"isom", &[&endless]), "a.mp4"), None);
}

/// The description of a picture, as phones write it.
fn pictured(handler: &[u8; 4]) -> Vec<u8> {
    let hdlr = mp4(b"hdlr", &[&[0; 8], handler, &[0; 13]]);
    mp4(b"meta", &[&[0; 4], &hdlr, &mp4(b"pitm", &[&[0; 6]]), &mp4(b"iloc", &[&[0; 20]])])
}

#[test]
fn q10_what_phones_send_is_known_by_brand_description_and_end() {
    let (meta, mdat) = (pictured(b"pict"), mp4(b"mdat", &[&[7; 5000]]));
    let (film, sound) = (mp4(b"moov", &[&track(b"soun"), &track(b"vide")]), mp4(b"moov", &[&track(b"soun")]));
    let named = |brands: &[u8]| mp4(b"ftyp", &[&brands[..4], &[0; 4], &brands[4..]]);
    let file = |brands: &[u8], parts: &[&[u8]]| [named(brands), parts.concat()].concat();
    type Row<'a> = (&'a [u8], &'a [&'a [u8]], Option<Kind>);
    let burst = mp4(b"moov", &[&track(b"pict")]);
    let table: [Row<'_>; 18] = [
        (b"heicmif1heic", &[&meta, &mdat], Some(Kind::Heic)),
        (b"heixmif1heix", &[&meta, &mdat], Some(Kind::Heic)),
        (b"mif1mif1heic", &[&meta, &mdat], Some(Kind::Heic)),
        (b"hevcmsf1hevc", &[&burst, &mdat], Some(Kind::Heic)),
        (b"avifmif1miaf", &[&meta, &mdat], Some(Kind::Avif)),
        (b"mif1avifmiaf", &[&meta, &mdat], Some(Kind::Avif)),
        (b"mif1miafjpeg", &[&meta, &mdat], None),
        (b"mif1heicavif", &[&meta, &mdat], None),
        (b"heicmif1heic", &[&mdat], None),
        (b"heicmif1heic", &[&pictured(b"vide"), &mdat], None),
        (b"heicmif1heic", &[&film, &mdat], None),
        (b"qt  qt  ", &[&mp4(b"wide", &[]), &mdat, &film], Some(Kind::Mov)),
        (b"qt  qt  ", &[&sound, &mdat], None),
        (b"qt  qt  ", &[&meta, &mdat], None),
        (b"3gp43gp4isom", &[&film, &mdat], Some(Kind::Mobile)),
        (b"3gp43gp4isom", &[&sound, &mdat], Some(Kind::Mobile)),
        (b"3gp43gp4isom", &[&mdat], None),
        (b"heixheix", &[], None),
    ];
    for (brands, parts, wanted) in table {
        let file = file(brands, parts);
        assert_eq!(kind_of(&file, "IMG_0001.html"), wanted, "{} {}", brands.escape_ascii(), parts.len());
        if wanted.is_none() {
            continue;
        }
        for behind in [&b"<script>alert(1)</script>"[..], b"PK\x03\x04\x14\0", b"\0", b"%PDF-1.7"] {
            assert_eq!(kind_of(&[&file, behind].concat(), "a.heic"), None, "{} behind it", behind.escape_ascii());
        }
        assert_eq!(kind_of(&file[..file.len() - 1], "a.heic"), None, "cut short");
        assert_eq!(kind_of(&[b"<script>", &file[..]].concat(), "a.heic"), None, "something before it");
    }
    let markup = [named(b"heicheic"), b"<html><script>alert(1)</script>".to_vec()].concat();
    for name in ["a.heic", "a.html", "a.mov"] {
        assert_eq!(kind_of(&markup, name), None, "a beginning is no picture");
    }
    let odd = file(b"heicmif1heic", &[&meta, &mp4(b"<scr", &[&[0; 20]])]);
    assert_eq!(kind_of(&odd, "a.heic"), Some(Kind::Heic), "what stands in boxes is taken home, never shown");
    for size in [0, 1, 8, 17, 4096_u32] {
        let mut bent = file(b"heicmif1heic", &[&meta, &mdat]);
        bent[..4].copy_from_slice(&size.to_be_bytes());
        assert_eq!(kind_of(&bent, "a.heic"), None, "a list of brands of {size} bytes");
    }
}

#[test]
fn webm_is_told_by_its_tracks() {
    type Row<'a> = (&'a [u8], &'a [&'a [u8]], Option<Kind>);
    let table: [Row<'_>; 8] = [
        (b"webm", &[b"A_OPUS"], Some(Kind::WebmAudio)),
        (b"webm", &[b"A_VORBIS"], Some(Kind::WebmAudio)),
        (b"webm", &[b"A_OPUS", b"V_VP8"], Some(Kind::Webm)),
        (b"webm", &[b"V_VP9"], Some(Kind::Webm)),
        (b"webm\0\0", &[b"V_AV1\0"], Some(Kind::Webm)),
        (b"matroska", &[b"V_MPEG4/ISO/AVC"], None),
        (b"webm", &[], None),
        (b"webm", &[b"S_TEXT/UTF8"], None),
    ];
    for (doc_type, codecs, wanted) in table {
        assert_eq!(kind_of(&recording(doc_type, codecs), "voz.webm"), wanted);
    }
}

#[test]
fn ogg_and_mp3() {
    assert_eq!(kind_of(&ogg(&[b"OpusHead\x01\x01"]), "a.ogg"), Some(Kind::Opus));
    assert_eq!(kind_of(&ogg(&[b"\x01vorbis\0\0"]), "a.ogg"), Some(Kind::Ogg));
    assert_eq!(kind_of(&ogg(&[b"fishead\0\x03", b"\x01vorbis\0\0"]), "a.ogg"), Some(Kind::Ogg));
    assert_eq!(kind_of(&ogg(&[b"\x01vorbis\0\0", b"\x80theora\x03"]), "a.ogg"), None);
    assert_eq!(kind_of(&ogg(&[b"\x7fFLAC\x01"]), "a.ogg"), None);
    assert_eq!(kind_of(b"OggS", "a.ogg"), None);
    let id3 = |size: [u8; 4], rest: &[u8]| [b"ID3\x03\0\0", &size[..], rest].concat();
    assert_eq!(kind_of(&mp3(3), "a.mp3"), Some(Kind::Mp3));
    assert_eq!(kind_of(&mp3(1), "a.mp3"), Some(Kind::Mp3));
    assert_eq!(kind_of(&id3([0, 0, 2, 1], &[&[0; 257][..], &mp3(2)].concat()), "a.mp3"), Some(Kind::Mp3));
    assert_eq!(kind_of(&id3([0, 0, 0, 4], &[&[0; 700][..], &mp3(2)].concat()), "a.mp3"), Some(Kind::Mp3), "padded");
    assert_eq!(kind_of(&id3([0, 0, 0, 4], b"\0\0\0\0<html><script>"), "a.mp3"), None, "a tag alone is no sound");
    assert_eq!(kind_of(&[&[0xff, 0xfb, 0x90, 0x00][..], &[0x20; 900]].concat(), "a.mp3"), None, "one frame, then none");
    assert_eq!(kind_of(&[&[0xff, 0xf9, 0x50, 0x80][..], &[0; 900]].concat(), "a.aac"), None);
}

#[test]
fn zip_and_what_is_built_on_it() {
    let types = "[Content_Types].xml";
    let table: [(&[&str], Option<Kind>); 11] = [
        (&[types, "_rels/.rels", "word/document.xml"], Some(Kind::Docx)),
        (&["docProps/app.xml", "word/document2.xml", types], Some(Kind::Docx)),
        (&[types, "xl/workbook.xml"], Some(Kind::Xlsx)),
        (&[types, "ppt/presentation.xml"], Some(Kind::Pptx)),
        (&[types, "word/document.xml", "word/vbaProject.bin"], Some(Kind::Zip)),
        (&[types, "xl/workbook.bin"], Some(Kind::Zip)),
        (&["word/document.xml"], Some(Kind::Zip)),
        (&[types, "word/document.xml", "xl/workbook.xml"], Some(Kind::Zip)),
        (&["fotos/1.jpg"], Some(Kind::Zip)),
        (&["META-INF/MANIFEST.MF", "a.class"], Some(Kind::Zip)),
        (&[], None),
    ];
    for (names, wanted) in table {
        assert_eq!(kind_of(&zip(names), "a.docx"), wanted, "{names:?}");
    }
    let whole = zip(&[types, "word/document.xml"]);
    assert_eq!(kind_of(&whole[..whole.len() - 30], "a.docx"), None, "cut short");
    assert_eq!(kind_of(&[b"MZ\x90\0", &whole[..]].concat(), "a.zip"), None, "a program that unpacks itself");
    let commented = [&whole[..whole.len() - 2], b"\x05\0hello"].concat();
    assert_eq!(kind_of(&commented, "a.docx"), Some(Kind::Docx));
    let mut lying = whole.clone();
    let end = whole.len() - 22;
    lying[end + 12..end + 16].copy_from_slice(&3_000_000_u32.to_le_bytes());
    assert_eq!(kind_of(&lying, "a.docx"), None);
}

#[test]
fn old_office_is_told_by_its_streams() {
    let table: [(&[&str], &str, Option<Kind>); 8] = [
        (&["Root Entry", "WordDocument"], "a.doc", Some(Kind::Doc)),
        (&["Root Entry", "Workbook"], "a.doc", Some(Kind::Xls)),
        (&["Root Entry", "Book"], "a.xls", Some(Kind::Xls)),
        (&["PowerPoint Document", "a", "b", "c", "d", "e"], "a.ppt", Some(Kind::Ppt)),
        (&["Root Entry", "__substg1.0_0037001F"], "mail.doc", None),
        (&["Root Entry", "EncryptedPackage"], "a.xlsx", Some(Kind::Xlsx)),
        (&["Root Entry", "EncryptedPackage"], "a.exe", None),
        (&[], "a.doc", None),
    ];
    for (streams, name, wanted) in table {
        assert_eq!(kind_of(&ole(streams), name), wanted, "{streams:?}");
    }
    let mut endless = ole(&["Root Entry"]);
    endless[512 + 8..512 + 12].copy_from_slice(&1_u32.to_le_bytes());
    assert_eq!(kind_of(&endless, "a.doc"), None, "a chain that bites its tail ends");
    assert_eq!(kind_of(&ole(&["WordDocument"])[..600], "a.doc"), None);
}

#[test]
fn no_cut_and_no_flipped_byte_is_an_error() {
    let types = "[Content_Types].xml";
    let files = [
        [ftyp(b"isom"), mp4(b"moov", &[&track(b"soun")])].concat(),
        recording(b"webm", &[b"A_OPUS"]),
        ogg(&[b"OpusHead\x01\x01"]),
        mp3(2),
        [ftyp(b"heic"), pictured(b"pict")].concat(),
        [ftyp(b"qt  "), mp4(b"moov", &[&track(b"vide")])].concat(),
        zip(&[types, "xl/workbook.xml"]),
        ole(&["Root Entry", "Workbook"]),
        utf16("texto"),
    ];
    for file in files {
        for at in 0..file.len() {
            kind_of(&file[..at], "a.txt");
            for flip in [0x01, 0x80, 0xff] {
                let mut bent = file.clone();
                bent[at] ^= flip;
                kind_of(&bent, "a.txt");
            }
        }
    }
}
