//! Names of files from outside, made fit for disks, pages and headers.

use std::fmt::Write;

use super::Kind;

/// The longest name, in characters, extension included.
const NAME_CHARS_MAX: usize = 120;

/// The longest extension that survives the cut; longer ones are no extensions.
const EXTENSION_CHARS_MAX: usize = 10;

/// What a file with no usable name is called.
const NAMELESS: &str = "arquivo";

/// Device names on Windows: a download with this stem, whatever its extension, cannot be saved there.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A name fit to be stored and offered: the last part of a path, without control, invisible and
/// direction-changing characters (`fdp.exe` must not read `exe.pdf`), without what Windows forbids, at most 120
/// characters with the extension kept, never empty.
pub fn clean_name(raw: &str) -> String {
    let kept: String = raw.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !is_hidden(*c)).collect();
    let spaced = kept.replace(['<', '>', ':', '"', '|', '?', '*'], "_");
    let single = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let (stem, extension) = split(trimmed(&single));
    let room = NAME_CHARS_MAX - extension.map_or(0, |it| it.chars().count() + 1);
    let cut: String = stem.chars().take(room).collect();
    let mut name = match trimmed(&cut) {
        "" => NAMELESS.to_owned(),
        stem if is_device(stem) => format!("_{stem}"),
        stem => stem.to_owned(),
    };
    if let Some(extension) = extension {
        name.push('.');
        name.push_str(extension);
    }
    name
}

/// The clean `name` with an extension that tells the truth about `kind`: kept when it does, replaced when it is that of
/// another allowed kind (`foto.webp` made JPEG), added otherwise (`programa.exe` that is a ZIP).
pub fn name_for(name: &str, kind: Kind) -> String {
    let (stem, extension) = split(name);
    let lower = extension.unwrap_or_default().to_lowercase();
    let carries = |kind: &Kind| kind.extensions().contains(&lower.as_str());
    if carries(&kind) {
        return name.to_owned();
    }
    let base = if Kind::ALL.iter().any(carries) { stem } else { name };
    clean_name(&format!("{base}.{}", kind.extension()))
}

/// The extension of a name, lower case, without the dot; empty when it has none.
pub(super) fn extension_of(name: &str) -> String {
    split(name).1.unwrap_or_default().to_lowercase()
}

/// The value of a Content-Disposition header (RFC 6266): an ASCII name for old clients, the true one in UTF-8
/// percent encoding (RFC 8187). Safe for any input: the name is cleaned first, so no quote, backslash, CR or LF.
pub fn disposition(name: &str, inline: bool) -> String {
    let name = clean_name(name);
    let plain: String = name.chars().map(|c| if c.is_ascii() && c != '%' { c } else { '_' }).collect();
    let kind = if inline { "inline" } else { "attachment" };
    let mut value = format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => value.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(value, "%{byte:02X}")),
        }
    }
    value
}

/// Stem and extension; a leading dot makes no extension, nor does anything long or spaced after the last dot.
fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !extension.is_empty()
                && extension.len() <= EXTENSION_CHARS_MAX
                && extension.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            (stem, Some(extension))
        }
        _ => (name, None),
    }
}

/// Without dots and spaces around: Windows drops trailing ones silently, Unix hides behind leading ones.
fn trimmed(text: &str) -> &str {
    text.trim_matches(['.', ' '])
}

/// Characters that show nothing or turn the reading direction.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn is_device(stem: &str) -> bool {
    // Windows looks at what stands before the first dot: `con.tar.gz` is the console too.
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = first.strip_prefix("com").or_else(|| first.strip_prefix("lpt"));
    DEVICES.contains(&first.as_str()) || port.is_some_and(|n| matches!(n.as_bytes(), [b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c55_names_are_cleaned() {
        let long = format!("{}.pdf", "á".repeat(300));
        let table = [
            ("contrato.pdf", "contrato.pdf"),
            ("Vistoria – sala 3 (ção).jpg", "Vistoria – sala 3 (ção).jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\Ana\\foto.png", "foto.png"),
            ("..", "arquivo"),
            ("", "arquivo"),
            ("   ", "arquivo"),
            ("/", "arquivo"),
            ("\u{200b}\u{202e}", "arquivo"),
            ("a\0b\r\nc\td.txt", "ab c d.txt"),
            ("fatura\u{202e}fdp.exe", "faturafdp.exe"),
            ("x\u{2066}y\u{2069}\u{200f}.png", "xy.png"),
            ("\u{2028}x.png", "x.png"),
            (".pdf", "pdf"),
            (".htaccess", "htaccess"),
            ("nota.pdf. . ", "nota.pdf"),
            ("nota .pdf", "nota.pdf"),
            ("CON", "_CON"),
            ("aux.txt", "_aux.txt"),
            ("com1.tar.gz", "_com1.tar.gz"),
            ("lpt9", "_lpt9"),
            ("contrato.con", "contrato.con"),
            ("com10.txt", "com10.txt"),
            ("\"><img src=x onerror=1>.png", "___img src=x onerror=1_.png"),
            ("a:b|c?d*.csv", "a_b_c_d_.csv"),
            ("foto.nao e extensao", "foto.nao e extensao"),
        ];
        for (raw, clean) in table {
            assert_eq!(clean_name(raw), clean, "{raw:?}");
            assert_eq!(clean_name(clean), clean, "cleaning twice changes nothing: {clean:?}");
        }
        let cut = clean_name(&long);
        assert_eq!(cut.chars().count(), NAME_CHARS_MAX);
        assert!(cut.ends_with("á.pdf"));
    }

    #[test]
    fn the_extension_tells_the_truth() {
        let table = [
            ("foto.JPEG", Kind::Jpeg, "foto.JPEG"),
            ("foto.webp", Kind::Jpeg, "foto.jpg"),
            ("evil.js", Kind::Png, "evil.js.png"),
            ("app.apk", Kind::Zip, "app.apk.zip"),
            ("relatorio.docx", Kind::Docx, "relatorio.docx"),
            ("sem nome", Kind::Pdf, "sem nome.pdf"),
            ("voz.webm", Kind::WebmAudio, "voz.webm"),
        ];
        for (name, kind, wanted) in table {
            assert_eq!(name_for(name, kind), wanted);
        }
    }

    #[test]
    fn headers_hold_one_value_in_ascii() {
        assert_eq!(
            disposition("contrato.pdf", false),
            "attachment; filename=\"contrato.pdf\"; filename*=UTF-8''contrato.pdf"
        );
        assert_eq!(
            disposition("locação 50%.pdf", true),
            "inline; filename=\"loca__o 50_.pdf\"; filename*=UTF-8''loca%C3%A7%C3%A3o%2050%25.pdf"
        );
        for bad in ["a\"; x=\"b.pdf", "a\r\nSet-Cookie: x=1\r\n\r\n.pdf", "a\\\".pdf", "\u{2028}\0;'.pdf", "é\nb"] {
            let value = disposition(bad, false);
            assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{value}");
            assert_eq!(value.matches('"').count(), 2, "{value}");
            assert!(!value.contains('\\'), "{value}");
        }
    }
}
