//! One handsome letter, as text and as HTML, from a few sentences: greeting, paragraphs, one button, closing.
//!
//! Pure: no network, no clock, no words of its own. Nothing is loaded from anywhere (no image, no font, no style
//! sheet), so opening the letter tells nobody anything, and it looks the same in a mail program that blocks images.

/// What a letter says. Every string is plain text and is escaped here.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// BCP 47 language of the words (`pt-BR`), for readers aloud and translators.
    pub language: &'a str,
    /// The agency's name, above everything.
    pub agency: &'a str,
    /// First line: "Olá, Maria,".
    pub greeting: &'a str,
    /// What there is to say, one paragraph each; a line end inside stays a line end.
    pub paragraphs: &'a [&'a str],
    /// The one thing to do: label and link.
    pub button: Option<(&'a str, &'a str)>,
    /// Last line: "Atenciosamente, …".
    pub closing: &'a str,
}

/// The two faces of one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faces {
    /// For `text/plain`.
    pub text: String,
    /// For `text/html`.
    pub html: String,
}

/// The button's link is not one that may stand in a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a letter's link must be https")]
pub struct LinkRefused;

/// Composes the letter.
///
/// # Errors
/// [`LinkRefused`] unless the button's link is `https://`, or `http://` to this very machine (a trial run), in
/// printable ASCII without spaces or quotes.
pub fn compose(parts: &Parts<'_>) -> Result<Faces, LinkRefused> {
    if parts.button.is_some_and(|(_, link)| !may_stand(link)) {
        return Err(LinkRefused);
    }
    Ok(Faces { text: text(parts), html: html(parts) })
}

fn may_stand(link: &str) -> bool {
    let plain = link.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\`".contains(&b));
    let host = |scheme| {
        let rest: &str = link.strip_prefix(scheme)?;
        let authority = rest.split(['/', '?', '#']).next()?;
        (!authority.is_empty() && !authority.contains('@')).then_some(authority)
    };
    let here = |authority: &str| {
        let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
        matches!(name, "localhost" | "127.0.0.1" | "[::1]")
    };
    plain && (host("https://").is_some() || host("http://").is_some_and(here))
}

fn text(parts: &Parts<'_>) -> String {
    let mut blocks = vec![parts.greeting.to_owned()];
    blocks.extend(parts.paragraphs.iter().map(|p| (*p).to_owned()));
    blocks.extend(parts.button.map(|(label, link)| format!("{label}:\n{link}")));
    blocks.push(parts.closing.to_owned());
    blocks.push(format!("-- \n{}", parts.agency));
    blocks.join("\n\n") + "\n"
}

/// Tables and inline styles: the one dialect every mail program draws alike.
fn html(parts: &Parts<'_>) -> String {
    const PARAGRAPH: &str = "margin:0 0 16px";
    let mut body = paragraph(PARAGRAPH, parts.greeting);
    for words in parts.paragraphs {
        body += &paragraph(PARAGRAPH, words);
    }
    if let Some((label, link)) = parts.button {
        body += &button(label, link);
    }
    body += &paragraph("margin:0", parts.closing);
    format!(
        concat!(
            "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\n",
            "<meta name=\"viewport\" content=\"width=device-width\">\n",
            "<meta name=\"color-scheme\" content=\"light\"><title>{agency}</title></head>\n",
            "<body style=\"margin:0;padding:0;background:#f6f4ef\">\n",
            "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" ",
            "style=\"background:#f6f4ef\"><tr><td align=\"center\" style=\"padding:32px 16px\">\n",
            "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" ",
            "style=\"max-width:560px;background:#ffffff;border:1px solid #e3dfd6;border-radius:12px\">\n",
            "<tr><td style=\"padding:20px 28px;border-bottom:1px solid #e3dfd6;",
            "font:600 17px/1.4 system-ui,'Segoe UI',Roboto,Arial,sans-serif;color:#23211d\">{agency}</td></tr>\n",
            "<tr><td style=\"padding:28px;",
            "font:16px/1.55 system-ui,'Segoe UI',Roboto,Arial,sans-serif;color:#23211d\">\n",
            "{body}</td></tr></table>\n</td></tr></table>\n</body></html>\n"
        ),
        language = escaped(parts.language),
        agency = escaped(parts.agency),
        body = body,
    )
}

fn paragraph(style: &str, words: &str) -> String {
    let lines = escaped(words).replace("\r\n", "\n").replace('\n', "<br>\n");
    format!("<p style=\"{style}\">{lines}</p>\n")
}

/// The button, and below it the link in letters for whoever cannot or would rather not press a button.
fn button(label: &str, link: &str) -> String {
    let (label, link) = (escaped(label), escaped(link));
    format!(
        concat!(
            "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:8px 0 12px\"><tr>",
            "<td bgcolor=\"#1f5f4a\" style=\"border-radius:8px\"><a href=\"{link}\" ",
            "style=\"display:inline-block;padding:14px 24px;color:#ffffff;font-weight:600;",
            "text-decoration:none\">{label}</a></td></tr></table>\n",
            "<p style=\"margin:0 0 24px;font-size:13px;color:#6b665c;word-break:break-all\">{link}</p>\n"
        ),
        label = label,
        link = link,
    )
}

fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 16);
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: Parts<'_> = Parts {
        language: "pt-BR",
        agency: "Imobiliária Ipê",
        greeting: "Olá, Maria,",
        paragraphs: &["Seu acesso está pronto.", "Vale por 7 dias.\nDepois, peça outro."],
        button: Some(("Abrir a conversa", "https://ipe.test/a?t=1&x=2")),
        closing: "Atenciosamente, Beatriz",
    };

    #[test]
    fn the_text_reads_from_top_to_bottom() {
        let faces = compose(&LETTER).unwrap();
        assert_eq!(
            faces.text,
            "Olá, Maria,\n\nSeu acesso está pronto.\n\nVale por 7 dias.\nDepois, peça outro.\n\n\
             Abrir a conversa:\nhttps://ipe.test/a?t=1&x=2\n\nAtenciosamente, Beatriz\n\n-- \nImobiliária Ipê\n"
        );
    }

    #[test]
    fn the_html_says_the_same_and_loads_nothing() {
        let html = compose(&LETTER).unwrap().html;
        for said in [
            "<html lang=\"pt-BR\">",
            "Olá, Maria,",
            "Seu acesso está pronto.",
            "Vale por 7 dias.<br>\nDepois, peça outro.",
            "<a href=\"https://ipe.test/a?t=1&amp;x=2\"",
            ">Abrir a conversa</a>",
            "Atenciosamente, Beatriz",
        ] {
            assert!(html.contains(said), "{said} in {html}");
        }
        for loaded in ["<img", "<link", "<script", "src=", "url("] {
            assert!(!html.contains(loaded), "{loaded}");
        }
        assert_eq!(html.matches("https://").count(), 2, "the button and its letters");
    }

    #[test]
    fn everything_is_escaped() {
        let evil = "</p><script>\"'&";
        let letter = Parts {
            language: evil,
            agency: evil,
            greeting: evil,
            paragraphs: &[evil],
            button: Some((evil, "https://ipe.test/?a=1&b")),
            closing: evil,
        };
        let html = compose(&letter).unwrap().html;
        assert!(!html.contains("<script>"));
        assert_eq!(html.matches("&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;").count(), 7);
    }

    #[test]
    fn only_a_safe_link_may_stand() {
        for good in [
            "https://ipe.test",
            "https://ipe.test:8443/a#b",
            "http://localhost:8080/x",
            "http://127.0.0.1/x",
            "http://[::1]:8080/x",
        ] {
            assert!(may_stand(good), "{good}");
        }
        for bad in [
            "",
            "ipe.test",
            "//ipe.test",
            "http://ipe.test/",
            "http://localhost.evil.test/",
            "http://localhost@evil.test/",
            "https://ipe.test@evil.test/",
            "https:///x",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            " https://ipe.test",
            "https://ipe.test/\r\nx",
            "https://ipe.test/\"onclick=x",
            "https://ipe.test/é",
        ] {
            let letter = Parts { button: Some(("x", bad)), ..LETTER };
            assert_eq!(compose(&letter), Err(LinkRefused), "{bad:?}");
        }
    }
}
