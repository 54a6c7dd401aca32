//! From what was typed to a query, by code and never by a query language: brackets, stars and colons mean nothing here,
//! and the work is bounded by [`WORDS_MAX`] and [`CHARS_MAX`] whatever is pasted (C61).

use super::fields::{Fields, Kind};
use super::portuguese::{Word, is_filler, words};
use super::{Order, Question};
use crate::domain::ids::ConversationId;
use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

/// Words of a question that count, fillers not among them.
pub const WORDS_MAX: usize = 12;
/// Characters of a question that are read.
pub const CHARS_MAX: usize = 600;
/// From how many characters a word may be a beginning.
const BEGINNING_CHARS_MIN: usize = 2;
/// Words that a beginning may stand for. tantivy's own 50 would let hits vanish by the alphabet.
const BEGINNINGS_MAX: u32 = 100_000;
/// The same inside a phrase, where each costs its places too.
const PHRASE_BEGINNINGS_MAX: u32 = 5_000;
/// From how many digits a number may be a phone.
const PHONE_DIGITS_MIN: usize = 6;

/// Something that must be found: a word, or words that stand side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub words: Vec<Word>,
    /// In quotes: only these words count, not their inflections.
    pub exact: bool,
    /// Still being typed: the last word may go on.
    pub open: bool,
}

impl Piece {
    /// By what a word of this piece is searched.
    pub fn term<'w>(&self, word: &'w Word) -> &'w str {
        if self.exact { &word.surface } else { word.term() }
    }

    /// The beginning that the last word may be.
    pub fn beginning(&self) -> Option<&str> {
        let last = self.words.last().filter(|_| self.open)?;
        last.surface.chars().nth(BEGINNING_CHARS_MIN - 1).map(|_| last.surface.as_str())
    }

    /// The digits of what may be a phone: as typed, and its last eight, because a ninth digit came to Brazil's mobiles.
    fn phone(&self) -> Option<Vec<String>> {
        let digits: String = self.words.iter().map(|word| word.surface.as_str()).collect();
        if self.exact || digits.len() < PHONE_DIGITS_MIN || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let last = digits.len().checked_sub(8).filter(|from| *from > 0).map(|from| digits[from..].to_owned());
        Some([digits].into_iter().chain(last).collect())
    }
}

/// Reads what was typed.
pub fn pieces(typed: &str) -> Vec<Piece> {
    let typed: String = typed.chars().take(CHARS_MAX).collect();
    let mut pieces = Vec::new();
    let mut exact = false;
    let mut parts = typed.split(['"', '“', '”', '„', '«', '»']).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let open = last && part.ends_with(|c: char| !c.is_whitespace());
        let found = if exact { quoted(part) } else { unquoted(part) };
        pieces.extend(found);
        if open && let Some(piece) = pieces.last_mut() {
            piece.open = true;
        }
        exact = !exact;
    }
    bounded(without_fillers(pieces))
}

fn quoted(part: &str) -> Vec<Piece> {
    let words = words(part);
    if words.is_empty() { Vec::new() } else { vec![Piece { words, exact: true, open: false }] }
}

/// Words that are written as one ("VEN-627", "80m²", an address) are to be found side by side.
fn unquoted(part: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for word in words(part) {
        let joined = pieces
            .last_mut()
            .filter(|piece| piece.words.last().is_some_and(|before| joins(&part[before.to..word.from], before, &word)));
        match joined {
            Some(piece) => piece.words.push(word),
            None => pieces.push(Piece { words: vec![word], exact: false, open: false }),
        }
    }
    pieces
}

fn joins(gap: &str, before: &Word, after: &Word) -> bool {
    let number = |word: &Word| word.surface.bytes().all(|byte| byte.is_ascii_digit());
    let between_numbers = number(before) && number(after);
    gap.chars().all(|c| "-.@_'’:ºª".contains(c) || between_numbers && "/,".contains(c))
}

fn without_fillers(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let filler = |piece: &Piece| !piece.exact && matches!(piece.words.as_slice(), [only] if is_filler(&only.surface));
    if !pieces.iter().all(filler) {
        pieces.retain(|piece| !filler(piece));
    }
    pieces
}

fn bounded(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let mut left = WORDS_MAX;
    for piece in &mut pieces {
        if piece.words.len() > left {
            piece.words.truncate(left);
            piece.open = false;
        }
        left -= piece.words.len();
    }
    pieces.retain(|piece| !piece.words.is_empty());
    pieces
}

/// The query of a question; none where it names no word. `only` narrows it to these conversations.
pub fn query(
    fields: &Fields,
    question: &Question,
    kinds: &[Kind],
    only: Option<&[ConversationId]>,
) -> Option<BooleanQuery> {
    let pieces = pieces(&question.text);
    if pieces.is_empty() || kinds.is_empty() {
        return None;
    }
    let mut all: Vec<Box<dyn Query>> = Vec::new();
    // The smallest set comes first: it is what the others are looked up in.
    if let Some(id) = question.conversation {
        all.push(term(Term::from_field_u64(fields.conversation, id.0)));
    }
    if let Some(id) = question.contact {
        all.push(term(Term::from_field_u64(fields.contact, id.0)));
    }
    if let Some(id) = question.by {
        all.push(term(Term::from_field_u64(fields.author, id.0)));
    }
    if let Some(only) = only {
        all.push(any(only.iter().map(|id| term(Term::from_field_u64(fields.conversation, id.0))).collect()));
    }
    if !Kind::ALL.iter().all(|kind| kinds.contains(kind)) {
        all.push(any(kinds.iter().map(|kind| term(fields.kind_term(*kind))).collect()));
    }
    all.extend(pieces.iter().map(|piece| piece_query(fields, piece, question.order)));
    Some(BooleanQuery::intersection(all))
}

fn piece_query(fields: &Fields, piece: &Piece, order: Order) -> Box<dyn Query> {
    let text = |text: &str| Term::from_field_text(fields.text, text);
    let terms: Vec<Term> = piece.words.iter().map(|word| text(piece.term(word))).collect();
    let (head, last) = terms.split_at(terms.len() - 1);
    let mut ways: Vec<Box<dyn Query>> = Vec::new();
    match (head, last) {
        ([], [only]) => {
            // The very word counts more than its inflections, where the best comes first. It finds nothing more.
            let surface = text(&piece.words[0].surface);
            match order {
                Order::Newest => ways.push(term(only.clone())),
                Order::Best if surface == *only => ways.push(scored(surface)),
                Order::Best => ways.extend([scored(only.clone()), scored(surface)]),
            }
        }
        _ => ways.push(Box::new(PhraseQuery::new(terms.clone()))),
    }
    if let Some(beginning) = piece.beginning() {
        let most = if head.is_empty() { BEGINNINGS_MAX } else { PHRASE_BEGINNINGS_MAX };
        ways.push(begins(head.iter().cloned().chain([text(beginning)]).collect(), most));
    }
    for digits in piece.phone().into_iter().flatten() {
        ways.push(begins(vec![text(&digits)], BEGINNINGS_MAX));
    }
    any(ways)
}

fn begins(terms: Vec<Term>, most: u32) -> Box<dyn Query> {
    let mut query = PhrasePrefixQuery::new(terms);
    query.set_max_expansions(most);
    Box::new(query)
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn scored(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn any(mut ways: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match ways.len() {
        1 => ways.remove(0),
        _ => Box::new(BooleanQuery::new(ways.into_iter().map(|way| (Occur::Should, way)).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words joined by a dot; `"` before what is exact, `*` behind what is open.
    fn shown(typed: &str) -> Vec<String> {
        let show = |piece: &Piece| {
            let words: Vec<&str> = piece.words.iter().map(|word| word.surface.as_str()).collect();
            let (before, behind) = (if piece.exact { "\"" } else { "" }, if piece.open { "*" } else { "" });
            format!("{before}{}{behind}", words.join("."))
        };
        pieces(typed).iter().map(show).collect()
    }

    #[test]
    fn what_is_typed_becomes_pieces() {
        for (typed, expected) in [
            ("contrato de locação ", vec!["contrato", "locacao"]),
            ("contrato de loc", vec!["contrato", "loc*"]),
            ("\"contrato de locação\"", vec!["\"contrato.de.locacao"]),
            ("\"contrato de loc", vec!["\"contrato.de.loc*"]),
            ("“Setor Bueno” aptos ", vec!["\"setor.bueno", "aptos"]),
            ("VEN-627", vec!["ven.627*"]),
            ("80m²", vec!["80.m.2*"]),
            ("12/05/2026 ", vec!["12.05.2026"]),
            ("casa/sobrado ", vec!["casa", "sobrado"]),
            ("marta@exemplo.com ", vec!["marta.exemplo.com"]),
            ("de ", vec!["de"]),
            ("a o de", vec!["a", "o", "de*"]),
            ("\"\" \"", vec![]),
            ("((( *** ??? )))", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(shown(typed), expected, "{typed}");
        }
    }

    #[test]
    fn c61_the_work_is_bounded_whatever_is_typed() {
        let (fields, many) = (Fields::schema().1, 5_000);
        for typed in [
            "(".repeat(many),
            format!("{}x{}", "(".repeat(many), ")".repeat(many)),
            "\"".repeat(many),
            "\"a\" ".repeat(many),
            "a* ".repeat(many),
            "a-".repeat(many),
            "x".repeat(100_000),
            "palavra ".repeat(12_500),
            "\"uma frase ".repeat(9_000),
            "[a TO z] AND text:/.*/ OR NOT ~9 ^9 \\".repeat(2_000),
            "\u{1}loc \u{0}".repeat(many),
            "a日本語".into(),
            "1привет".into(),
        ] {
            let pieces = pieces(&typed);
            let words: usize = pieces.iter().map(|piece| piece.words.len()).sum();
            assert!(words <= WORDS_MAX, "{words} words of {:.20}", typed);
            assert!(pieces.iter().flat_map(|piece| &piece.words).all(|word| word.surface.len() <= 160));
            let question = Question { text: typed, ..Question::default() };
            let leaves = query(&fields, &question, &Kind::ALL, None).map_or(0, |query| count(&query));
            assert!(leaves <= 4 * WORDS_MAX, "{leaves} leaves");
        }
    }

    proptest! {
        #[test]
        fn c61_letters_of_any_script_are_read(typed in "[a1é日яש\u{300}😀ﬁ\"@. -]{0,40}") {
            let question = Question { text: typed, ..Question::default() };
            query(&Fields::schema().1, &question, &Kind::ALL, None);
        }
    }

    fn count(query: &BooleanQuery) -> usize {
        let leaves = |query: &dyn Query| query.downcast_ref::<BooleanQuery>().map_or(1, count);
        query.clauses().iter().map(|(_, clause)| leaves(clause.as_ref())).sum()
    }

    #[test]
    fn a_phone_may_lack_its_ninth_digit_or_have_one() {
        let phone = |typed| pieces(typed)[0].phone();
        assert_eq!(phone("99877-4039"), Some(vec!["998774039".into(), "98774039".into()]));
        assert_eq!(phone("9877-4039"), Some(vec!["98774039".into()]));
        assert_eq!(phone("VEN-627123"), None);
        assert_eq!(phone("4039"), None);
    }
}
