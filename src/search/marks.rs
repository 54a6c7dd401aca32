//! What of a text answers a question, to be shown marked. Pure: text and pieces in, text and marks out, never HTML.

use super::portuguese::{Word, words_with};
use super::query::Piece;
use std::ops::Range;

/// A text in stretches, each with whether it is marked; put together they are the text.
pub type Marked = Vec<(bool, String)>;

/// Characters of an excerpt, about.
const EXCERPT_CHARS: usize = 180;
/// Characters before its first mark, about.
const BEFORE_CHARS: usize = 50;

/// The whole text with everything marked that the pieces ask for.
pub fn whole(text: &str, pieces: &[Piece]) -> Marked {
    stretches(text, 0..text.len(), &ranges(text, pieces))
}

/// A line out of the first part that has something to mark, or else out of the first; "…" where it was cut.
pub fn excerpt(parts: &[String], pieces: &[Piece]) -> Marked {
    let lines = parts.iter().map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut lines = lines.filter(|line| !line.is_empty()).map(|line| (ranges(&line, pieces), line)).peekable();
    let first = lines.peek().cloned();
    let Some((marks, line)) = lines.find(|(marks, _)| !marks.is_empty()).or(first) else { return Vec::new() };
    let window = window(&line, marks.first());
    let mut marked = stretches(&line, window.clone(), &marks);
    if window.start > 0 {
        marked.insert(0, (false, "…".to_owned()));
    }
    if window.end < line.len() {
        marked.push((false, "…".to_owned()));
    }
    marked
}

/// What is to be marked, in order, none touching another.
fn ranges(text: &str, pieces: &[Piece]) -> Vec<Range<usize>> {
    let asked = pieces.iter().flat_map(|piece| &piece.words);
    let initials: Vec<char> = asked.filter_map(|word| word.surface.chars().next()).collect();
    let words = words_with(text, &initials);
    let mut found: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        let places = words.windows(piece.words.len()).filter(|place| answers(piece, place));
        found.extend(places.filter_map(|place| Some(place.first()?.from..place.last()?.to)));
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => merged.push(range),
        }
    }
    merged
}

fn answers(piece: &Piece, place: &[Word]) -> bool {
    let same = |asked: &Word, word: &Word| match piece.exact {
        true => asked.surface == word.surface,
        false => asked.term() == word.term(),
    };
    let Some(((last, word), (asked, before))) = piece
        .words
        .split_last()
        .zip(place.split_last())
        .map(|((asked_last, asked), (last, before))| ((asked_last, last), (asked, before)))
    else {
        return false;
    };
    let begins = piece.beginning().is_some_and(|beginning| word.surface.starts_with(beginning));
    (begins || same(last, word)) && asked.iter().zip(before).all(|(asked, word)| same(asked, word))
}

/// From a little before the first mark, from a word's beginning to a word's end.
fn window(line: &str, first: Option<&Range<usize>>) -> Range<usize> {
    let mark = first.map_or(0, |range| range.start);
    let back = line[..mark].char_indices().rev().nth(BEFORE_CHARS - 1).map_or(0, |(at, _)| at);
    let start = if back == 0 { 0 } else { line[back..mark].find(' ').map_or(mark, |space| back + space + 1) };
    let Some((ahead, _)) = line[start..].char_indices().nth(EXCERPT_CHARS) else { return start..line.len() };
    let cut = start + ahead;
    let end = line[start..cut].rfind(' ').map_or(cut, |space| start + space);
    // One endless word has no better end than the cut itself.
    start..if end > mark { end } else { cut }
}

fn stretches(text: &str, window: Range<usize>, marks: &[Range<usize>]) -> Marked {
    let mut marked = Marked::new();
    let mut push = |on: bool, range: Range<usize>| {
        if range.start < range.end {
            marked.push((on, text[range].to_owned()));
        }
    };
    let mut at = window.start;
    for mark in marks.iter().filter(|mark| mark.end > window.start && mark.start < window.end) {
        let (from, to) = (mark.start.max(at), mark.end.min(window.end));
        push(false, at..from);
        push(true, from..to);
        at = to;
    }
    push(false, at..window.end);
    marked
}

#[cfg(test)]
mod tests {
    use super::super::query::pieces;
    use super::*;
    use proptest::prelude::*;

    fn shown(marked: &Marked) -> String {
        marked.iter().map(|(on, text)| if *on { format!("[{text}]") } else { text.clone() }).collect()
    }

    #[test]
    fn q6_hits_are_marked_as_they_stand_in_the_text() {
        for (text, asked, expected) in [
            ("Os IMÓVEIS disponíveis", "imovel disponivel ", "Os [IMÓVEIS] [disponíveis]"),
            ("A Ana vem na semana", "ana ", "A [Ana] vem na semana"),
            ("apartamento e departamento", "apartam", "[apartamento] e departamento"),
            ("A locação e o contrato de locação", "\"contrato de locacao\"", "A locação e o [contrato de locação]"),
            ("Locações: locação", "\"locação\"", "Locações: [locação]"),
            ("por R$ 450.000, já", "450000 ", "por R$ [450.000], já"),
            ("VEN-627 e VEN-628", "ven-627 ", "[VEN-627] e VEN-628"),
            ("<b>casa</b>", "casa ", "<b>[casa]</b>"),
            ("casa casa", "casa casas ", "[casa] [casa]"),
            ("nada aqui", "casa", "nada aqui"),
        ] {
            assert_eq!(shown(&whole(text, &pieces(asked))), expected);
        }
    }

    #[test]
    fn an_excerpt_is_a_line_around_the_first_mark() {
        let filler = "palavras que ninguém procura ".repeat(20);
        let text = format!("{filler}\n\na chave está na portaria {filler}");
        let line = shown(&excerpt(&[text], &pieces("chave ")));
        assert!(
            line.starts_with('…') && line.ends_with('…') && line.contains(" a [chave] está na portaria "),
            "{line}"
        );
        assert!((EXCERPT_CHARS - 30..=EXCERPT_CHARS + 4).contains(&line.chars().count()), "{line}");
        let parts = ["Segue em anexo".to_owned(), "Planta_baixa.pdf".to_owned()];
        assert_eq!(shown(&excerpt(&parts, &pieces("planta"))), "[Planta]_baixa.pdf");
        assert_eq!(shown(&excerpt(&parts, &pieces("outra"))), "Segue em anexo");
        assert_eq!(excerpt(&[], &pieces("outra")), Marked::new());
        assert!(shown(&excerpt(&["x".repeat(10_000)], &pieces("x"))).chars().count() <= EXCERPT_CHARS + 3);
    }

    proptest! {
        #[test]
        fn marks_never_change_the_text(text in "\\PC{0,300}", asked in "\\PC{0,40}") {
            let marked = whole(&text, &pieces(&asked));
            prop_assert_eq!(marked.into_iter().map(|(_, part)| part).collect::<String>(), text.clone());
            let cut: String = excerpt(std::slice::from_ref(&text), &pieces(&asked)).into_iter().map(|(_, part)| part).collect();
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert!(line.contains(cut.trim_start_matches('…').trim_end_matches('…').trim_matches('…')));
        }
    }
}
