use std::io::Cursor;

use super::*;

mod containers;

fn kind_of(bytes: &[u8], name: &str) -> Option<Kind> {
    sniff(&mut Cursor::new(bytes), name).unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn pictures_and_papers() {
    let webp = b"RIFF\x24\0\0\0WEBPVP8 ";
    let table: [(&[u8], &str, Option<Kind>); 12] = [
        (b"%PDF-1.7\n%\xe2\xe3", "a.pdf", Some(Kind::Pdf)),
        (b"%PDF-1.7\n%\xe2\xe3", "a.exe", Some(Kind::Pdf)),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.png", Some(Kind::Png)),
        (b"\x89PNG\r\n\x1a\n<svg onload=alert(1)>", "a.png", None),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a.png", Some(Kind::Jpeg)),
        (b"GIF89a\x01\0\x01\0", "a.gif", Some(Kind::Gif)),
        (b"GIF90a", "a.gif", None),
        (webp, "a.webp", Some(Kind::Webp)),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a.wav", None),
        (b"BM\x36\0\0\0", "a.bmp", None),
        (b"II*\0\x08\0\0\0", "a.tiff", None),
        (b"", "a.png", None),
    ];
    for (bytes, name, wanted) in table {
        assert_eq!(kind_of(bytes, name), wanted, "{name} {}", bytes.escape_ascii());
    }
}

#[test]
fn markup_scripts_and_programs_are_refused_whatever_they_are_called() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let mht = "From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n";
    let texts = [
        svg.to_owned(),
        format!("\u{feff}{svg}"),
        format!("\u{feff} \r\n\t{svg}"),
        format!("<?xml version=\"1.0\"?>\n{svg}"),
        format!("<!-- nota -->{svg}"),
        format!("ola\n{svg}"),
        "<HTML><body>".into(),
        "<!doctype html><p>".into(),
        "  \n<ScRiPt>alert(1)</sCrIpT>".into(),
        "<a href=x>".into(),
        "<?php system($_GET[0]);".into(),
        "texto\n<script src=//evil></script>".into(),
        "#!/bin/sh\nrm -rf /\n".into(),
        "{\\rtf1\\ansi}".into(),
        "%!PS-Adobe-3.0".into(),
        "junk\n%PDF-1.4".into(),
        mht.to_owned(),
    ];
    let mut files: Vec<Vec<u8>> = texts.iter().map(|text| text.clone().into_bytes()).collect();
    files.extend(texts.iter().map(|text| utf16(text)));
    files.extend([
        b"MZ\x90\0\x03\0\0\0".to_vec(),
        b"\x7fELF\x02\x01\x01\0".to_vec(),
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03svgz".to_vec(),
        b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(),
    ]);
    for file in files {
        for name in ["a.txt", "a.csv", "a.png", "a.svg", "a", "a.docx", "a.mp3"] {
            assert_eq!(kind_of(&file, name), None, "{name} {}", file.escape_ascii());
        }
    }
}

#[test]
fn text_is_text_by_name_and_content() {
    // "Á" is C3 81 in UTF-8, and 81 is a hole in Windows-1252: only UTF-8 is left to believe in.
    let long = format!("Á{}", "é".repeat(70_000));
    let table: [(&[u8], &str, Option<Kind>); 19] = [
        ("Olá, amanhã às 15h".as_bytes(), "nota.TXT", Some(Kind::Txt)),
        (b"nome;valor\r\nAna;10\r\n", "lista.csv", Some(Kind::Csv)),
        (b"sem extensao", "LEIAME", Some(Kind::Txt)),
        (b"Loca\xe7\xe3o", "ansi.txt", Some(Kind::Txt)),
        (b"Loca\xe7\xe3o \x81", "buraco.txt", None),
        (&utf16("Olá \u{1f600}"), "notepad.txt", Some(Kind::Txt)),
        (b"\xfe\xff\0O\0i", "be.txt", Some(Kind::Txt)),
        (b"\xff\xfeO\0i", "impar.txt", None),
        (b"\xff\xfe\0\xd8O\0", "meio.txt", None),
        (b"\xff\xfeO\0\0\0", "nulo.txt", None),
        (b"ab\0c", "nulo.txt", None),
        (b"ab\x1b[31mc", "terminal.txt", None),
        (b"<3 e um abraco", "carta.txt", Some(Kind::Txt)),
        (b"BMW 2019, MZ e PK", "carros.txt", Some(Kind::Txt)),
        (b"  \r\n", "vazio.txt", None),
        (b"alert(1)", "evil.js", None),
        (b"alert(1)", "evil.txt.js", None),
        (b"alert(1)", "evil.png", None),
        (b"del /s /q", "run.bat", None),
    ];
    for (bytes, name, wanted) in table {
        assert_eq!(kind_of(bytes, name), wanted, "{name} {}", bytes.escape_ascii());
    }
    // Moved by one, a character of two bytes lies across each edge of the chunks.
    assert_eq!(kind_of(long.as_bytes(), "a.txt"), Some(Kind::Txt));
    let moved = format!("x{long}");
    assert_eq!(kind_of(moved.as_bytes(), "a.txt"), Some(Kind::Txt));
    assert_eq!(kind_of(&[moved.as_bytes(), b"\0"].concat(), "a.txt"), None);
    assert_eq!(kind_of(&moved.as_bytes()[..moved.len() - 1], "a.txt"), None, "neither UTF-8 nor Windows-1252");
}
