//! How people type.

use crate::demo::cast::Style;
use crate::demo::rng::Rng;

/// What the thumb makes of a word, always.
const SHORT: &[(&str, &str)] = &[
    ("está", "ta"),
    ("estou", "to"),
    ("você", "vc"),
    ("vocês", "vcs"),
    ("também", "tb"),
    ("é", "eh"),
    ("para", "pra"),
    ("porque", "pq"),
];

/// And what it makes of one now and then.
const SHORT_SOMETIMES: &[(&str, &str)] = &[
    ("que", "q"),
    ("quando", "qnd"),
    ("hoje", "hj"),
    ("mesmo", "msm"),
    ("muito", "mto"),
    ("obrigado", "obg"),
    ("obrigada", "obg"),
    ("não", "n"),
];

const PLAIN: &[(&str, char)] = &[
    ("áàâã", 'a'),
    ("éê", 'e'),
    ("í", 'i'),
    ("óôõ", 'o'),
    ("úü", 'u'),
    ("ç", 'c'),
    ("ÁÀÂÃ", 'A'),
    ("ÉÊ", 'E'),
    ("Í", 'I'),
    ("ÓÔÕ", 'O'),
    ("Ú", 'U'),
    ("Ç", 'C'),
];

/// A first line as this contact types it now: some begin with "Oi" or "Olá", some go on to the greeting at once.
pub(super) fn opening(rng: &mut Rng, text: String) -> String {
    let greets = ["Bom dia", "Boa tarde", "Boa noite"].iter().any(|greeting| text.starts_with(greeting));
    match rng.range(0, 9) {
        0..=2 if greets => format!("Oi, {}", lower_first(&text)),
        3 if greets => format!("Olá, {}", lower_first(&text)),
        _ => text,
    }
}

/// The text as this style types it.
pub(super) fn typed(rng: &mut Rng, style: Style, text: String) -> String {
    match style {
        Style::Neat => text,
        Style::Quick if rng.chance(25) => text,
        Style::Quick => hurried(&text),
        Style::Thumb => plain(&shortened(rng, &hurried(&text))),
    }
}

/// No capital at the start, no full stop at the end.
fn hurried(text: &str) -> String {
    let text = lower_first(text);
    match text.strip_suffix('.') {
        Some(bare) if !bare.ends_with('.') => bare.to_owned(),
        _ => text,
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn shortened(rng: &mut Rng, text: &str) -> String {
    let word = |word: &str| {
        let core = word.trim_end_matches(|mark: char| mark.is_ascii_punctuation());
        let tail = &word[core.len()..];
        let find = |table: &[(&'static str, &'static str)]| {
            table.iter().find(|(long, _)| *long == core.to_lowercase()).map(|(_, short)| *short)
        };
        let sometimes = find(SHORT_SOMETIMES);
        let short = find(SHORT).or(if sometimes.is_some() && rng.chance(35) { sometimes } else { None });
        short.map_or_else(|| word.to_owned(), |short| format!("{short}{tail}"))
    };
    let short = text.split(' ').map(word).collect::<Vec<_>>().join(" ");
    short.replace("pra o ", "pro ").replace("pra a ", "pra ")
}

fn plain(text: &str) -> String {
    let bare = |letter: char| PLAIN.iter().find(|(many, _)| many.contains(letter)).map_or(letter, |(_, one)| *one);
    text.chars().map(bare).collect()
}
