//! How text becomes words: folded first, so that accents never matter, then stemmed, so that inflection does not.
//!
//! Every word gives its surface ("locacoes") and, where it has one, its stem ("\u{1}loc"). Both lie at the same place of
//! one field: search goes by stems, exact phrases and beginnings of words by surfaces. A change here is a new
//! [`super::fields::VERSION`].

use crate::domain::values::fold;
use frostem::{Algorithm, Stemmer};
use std::iter::Peekable;
use std::str::CharIndices;

/// Characters of a word that count; what follows them is ignored on both sides.
const WORD_CHARS_MAX: usize = 40;
/// What a stem begins with, so that it is never taken for a surface: no text contains it as a letter.
const STEM_MARK: char = '\u{1}';

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it begins, in bytes.
    pub from: usize,
    /// Where it ends, in bytes.
    pub to: usize,
    /// As it stands, without case and accents.
    pub surface: String,
    /// What its inflections have in common, behind a mark; numbers and one letter have none.
    pub stem: Option<String>,
}

impl Word {
    /// By what it is searched: its stem, or else its surface.
    pub fn term(&self) -> &str {
        self.stem.as_deref().unwrap_or(&self.surface)
    }
}

/// The words of a text, in order. "80m²" is 80, m, 2; "450.000" is one number.
pub fn words(text: &str) -> Vec<Word> {
    scan(text, |_| true)
}

/// The same where only words with these first letters matter: of the others there is nothing but their places. What a
/// word is searched by begins as its surface does, and to stem is what costs.
pub fn words_with(text: &str, initials: &[char]) -> Vec<Word> {
    scan(text, |initial| initials.contains(&initial))
}

fn scan(text: &str, wanted: impl Fn(char) -> bool) -> Vec<Word> {
    let stemmer = Stemmer::new(Algorithm::Portuguese);
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((from, first)) = chars.next() {
        let class = Class::of(first);
        if matches!(class, Class::Other | Class::Accent) {
            continue;
        }
        let mut to = from + first.len_utf8();
        run(&mut chars, class, &mut to);
        if class == Class::Digit {
            while thousands(&text[from..to], &text[to..]) {
                to += 4;
                while chars.next_if(|(at, _)| *at < to).is_some() {}
            }
        }
        if !wanted(initial(first)) {
            found.push(Word { from, to, surface: String::new(), stem: None });
            continue;
        }
        let surface = surface(&text[from..to]);
        let stem = (class == Class::Letter).then(|| stem(&stemmer, &surface)).flatten();
        found.push(Word { from, to, surface, stem });
    }
    found
}

/// Words that say nothing by themselves; left out of a search that says something else too.
pub fn is_filler(surface: &str) -> bool {
    const FILLERS: [&str; 44] = [
        "a", "ao", "aos", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "esta", "este", "eu", "me", "meu",
        "minha", "na", "nas", "no", "nos", "o", "os", "ou", "para", "pela", "pelas", "pelo", "pelos", "por", "pra",
        "pro", "que", "se", "seu", "so", "sua", "um", "uma", "umas", "uns", "vai", "voce",
    ];
    FILLERS.binary_search(&surface).is_ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// Combining: some systems write "é" as two characters.
    Accent,
    Other,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' | '²' | '³' => Self::Digit,
            '\u{300}'..='\u{36f}' => Self::Accent,
            'º' | 'ª' => Self::Other,
            c if c.is_alphabetic() => Self::Letter,
            _ => Self::Other,
        }
    }
}

/// Goes to the end of a run of one class.
fn run(chars: &mut Peekable<CharIndices<'_>>, class: Class, to: &mut usize) {
    while let Some((at, c)) = chars.next_if(|(_, c)| [class, Class::Accent].contains(&Class::of(*c))) {
        *to = at + c.len_utf8();
    }
}

/// Whether a number goes on behind a point, as in 450.000.
fn thousands(number: &str, rest: &str) -> bool {
    let rest = rest.as_bytes();
    let head = number.split('.').next().unwrap_or(number);
    (1..=3).contains(&head.len())
        && rest.first() == Some(&b'.')
        && rest.get(1..4).is_some_and(|group| group.iter().all(u8::is_ascii_digit))
        && !rest.get(4).is_some_and(u8::is_ascii_digit)
}

fn surface(text: &str) -> String {
    if text.len() <= WORD_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return text.to_ascii_lowercase();
    }
    let plain = text.chars().filter(|c| *c != '.' && Class::of(*c) != Class::Accent).take(WORD_CHARS_MAX);
    let plain: String = plain
        .map(|c| match c {
            '²' => '2',
            '³' => '3',
            other => other,
        })
        .collect();
    fold(&plain)
}

/// With what the surface begins of a word that begins so.
fn initial(first: char) -> char {
    match first {
        plain if plain.is_ascii() => plain.to_ascii_lowercase(),
        other => surface(other.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(other),
    }
}

/// Names, and words of the trade that the rules would mix up with others: what is beside them is their stem.
fn fixed(surface: &str) -> Option<&'static str> {
    Some(match surface {
        "aluguel" | "alugueis" | "aluguer" | "alugueres" => "alug",
        "ap" | "aps" | "ape" | "apes" | "apt" | "apts" | "apto" | "aptos" => "apart",
        "camera" | "cameras" => "camera",
        "casa" | "casas" => "casa",
        "conta" | "contas" => "conta",
        "doc" | "docs" => "document",
        "mae" | "maes" => "mae",
        "marcia" => "marcia",
        "marco" => "marco",
        "marcos" => "marcos",
        "maria" => "maria",
        "mesa" | "mesas" => "mesa",
        "mobilia" | "mobilias" => "mobili",
        "pai" | "pais" => "pais",
        "porta" | "portas" => "porta",
        "portao" | "portoes" => "portao",
        "posse" | "posses" => "posse",
        "praia" | "praias" => "praia",
        "procuracao" | "procuracoes" => "procuracao",
        "qto" | "qtos" => "quart",
        "quarta" | "quartas" => "quarta",
        "quinta" | "quintas" => "quinta",
        "sabado" | "sabados" => "sabado",
        "segunda" | "segundas" => "segunda",
        "sexta" | "sextas" => "sexta",
        "taxa" | "taxas" => "taxa",
        "taxi" | "taxis" => "taxi",
        "tel" | "tels" => "telefon",
        "terca" | "tercas" => "terca",
        _ => return None,
    })
}

fn stem(stemmer: &Stemmer, surface: &str) -> Option<String> {
    surface.chars().nth(1)?;
    let stem = match fixed(surface) {
        Some(stem) => stem.to_owned(),
        None => fold(&stemmer.stem(&accented(&singular(surface)))),
    };
    Some(format!("{STEM_MARK}{stem}"))
}

/// The singular of a folded word, where Snowball does not see that it is a plural.
fn singular(word: &str) -> String {
    const NOT_PLURAL: [&str; 12] =
        ["ais", "cais", "demais", "depois", "dois", "jamais", "mais", "onibus", "pois", "reis", "seis", "tres"];
    if word.len() < 4 || NOT_PLURAL.contains(&word) {
        return word.to_owned();
    }
    let swap = |ending: &str, with: &str| word.strip_suffix(ending).map(|head| format!("{head}{with}"));
    swap("oes", "ao")
        .or_else(|| swap("aes", "ao"))
        .or_else(|| swap("eis", "el"))
        .or_else(|| swap("ais", "al"))
        .or_else(|| swap("ois", "ol"))
        .or_else(|| swap("uis", "ul"))
        .or_else(|| swap("ns", "m"))
        .or_else(|| swap("aria", "ario"))
        .or_else(|| swap("arias", "ario"))
        .or_else(|| swap("il", "el"))
        .or_else(|| word.strip_suffix("is").filter(|head| !head.ends_with(VOWELS)).map(|head| format!("{head}el")))
        .or_else(|| long_plural(word))
        .unwrap_or_else(|| word.to_owned())
}

const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];

/// Valores, vezes, meses, and the like.
fn long_plural(word: &str) -> Option<String> {
    let head = word.strip_suffix("es").filter(|head| head.len() >= 3)?;
    head.ends_with(['r', 'z', 'l', 's']).then(|| head.to_owned())
}

/// Gives the endings that Snowball knows by their accents those accents back.
fn accented(word: &str) -> String {
    const ENDINGS: [(&str, &str); 5] =
        [("cao", "ção"), ("avel", "ável"), ("ivel", "ível"), ("ancia", "ância"), ("encia", "ência")];
    let found =
        ENDINGS.iter().find_map(|(plain, accented)| word.strip_suffix(plain).map(|head| format!("{head}{accented}")));
    found.unwrap_or_else(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(text: &str) -> Vec<String> {
        words(text).iter().map(|word| word.term().to_owned()).collect()
    }

    fn surfaces(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.surface).collect()
    }

    #[test]
    fn r2_accents_plurals_and_inflection_do_not_matter() {
        let mut wrong = Vec::new();
        for (one, other) in [
            ("imóvel", "imóveis"),
            ("aluguel", "aluguéis"),
            ("locação", "locações"),
            ("garagem", "garagens"),
            ("animal", "animais"),
            ("disponível", "disponíveis"),
            ("avaliação", "avaliações"),
            ("apartamento", "apartamentos"),
            ("casa", "casas"),
            ("chave", "chaves"),
            ("contrato", "contratos"),
            ("fiador", "fiadores"),
            ("corretor", "corretores"),
            ("corretor", "corretora"),
            ("valor", "valores"),
            ("vez", "vezes"),
            ("mês", "meses"),
            ("lençol", "lençóis"),
            ("fácil", "fáceis"),
            ("perfil", "perfis"),
            ("comprovante", "comprovantes"),
            ("documento", "documentos"),
            ("documento", "documentação"),
            ("proprietário", "proprietária"),
            ("inquilino", "inquilinos"),
            ("vistoria", "vistorias"),
            ("visita", "visitar"),
            ("visitar", "visitamos"),
            ("pagar", "pagou"),
            ("agendar", "agendado"),
            ("agendamento", "agendamentos"),
            ("escritura", "escrituras"),
            ("condomínio", "condomínios"),
            ("reforma", "reformado"),
            ("mobiliado", "mobiliada"),
            ("varanda", "varandas"),
            ("portão", "portões"),
            ("terreno", "terrenos"),
            ("financiamento", "financiamentos"),
            ("boleto", "boletos"),
            ("quarto", "quartos"),
            ("suíte", "suítes"),
            ("apto", "apartamento"),
            ("ap", "apartamentos"),
            ("qtos", "quartos"),
            ("mãe", "mães"),
            ("taxa", "taxas"),
            ("cartório", "cartórios"),
            ("aluguel", "alugar"),
            ("mobília", "mobiliado"),
        ] {
            let typed = [one.to_owned(), fold(one), one.to_uppercase()];
            let apart = typed.iter().any(|one| terms(one) != terms(other) || terms(one) != terms(&fold(other)));
            wrong.extend(apart.then(|| (one, terms(one), other, terms(other))));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn words_of_different_meaning_stay_apart() {
        let mut wrong = Vec::new();
        for (one, other) in [
            ("ana", "semana"),
            ("casa", "caso"),
            ("casa", "casamento"),
            ("porta", "portaria"),
            ("porta", "portão"),
            ("taxa", "táxi"),
            ("conta", "contrato"),
            ("conta", "contato"),
            ("contrato", "contato"),
            ("mãe", "mão"),
            ("mais", "mal"),
            ("sala", "salário"),
            ("sol", "só"),
            ("venda", "vento"),
            ("aluguel", "aluno"),
            ("pagar", "página"),
            ("vaga", "vagão"),
            ("rua", "ruim"),
            ("quarto", "quatro"),
            ("chave", "chuva"),
            ("visita", "vista"),
            ("lote", "lotação"),
            ("ana", "ano"),
            ("pia", "piso"),
            ("banco", "banho"),
            ("imóvel", "imposto"),
            ("fiador", "fiação"),
            ("quarto", "quarta"),
            ("mês", "mesa"),
            ("procuração", "procurar"),
            ("Maria", "Mário"),
            ("Marcos", "marcar"),
        ] {
            wrong.extend((terms(one) == terms(other)).then_some((one, other)));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn letters_and_digits_are_words_of_their_own() {
        assert_eq!(surfaces("80m² no 3º andar"), ["80", "m", "2", "no", "3", "andar"]);
        assert_eq!(surfaces("VEN-627"), surfaces("ven 627"));
        assert_eq!(surfaces("R$ 1.250.000,00 ou 450.000"), ["r", "1250000", "00", "ou", "450000"]);
        assert_eq!(surfaces("12.05.2026, 123.456.789-00"), ["12", "05", "2026", "123456789", "00"]);
        assert_eq!(surfaces("marta.pedro@exemplo.com"), ["marta", "pedro", "exemplo", "com"]);
        assert_eq!(surfaces("Contrato_Locação-v2.pdf"), ["contrato", "locacao", "v", "2", "pdf"]);
        assert_eq!(surfaces("\u{1}\u{0}((\"* a*"), ["a"]);
    }

    #[test]
    fn an_accent_written_as_a_character_of_its_own_changes_nothing() {
        assert_eq!(surfaces("locac\u{327}a\u{303}o"), ["locacao"]);
        assert_eq!(terms("imo\u{301}veis"), terms("imóvel"));
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "É 450.000 à vista — “Locações” 80m²";
        for word in words(text) {
            assert_eq!(surface(&text[word.from..word.to]), word.surface);
        }
        assert_eq!(words(&"á".repeat(5_000)).iter().map(|word| word.surface.len()).sum::<usize>(), WORD_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn what_a_word_is_searched_by_begins_as_its_surface_does(text in "\\PC{0,40}|[a-zà-ú]{1,12}") {
            for word in words(&text) {
                let first = word.surface.chars().next();
                prop_assert!(first.is_some(), "{word:?}");
                prop_assert_eq!(first, word.term().trim_start_matches(STEM_MARK).chars().next());
                prop_assert_eq!(first, text[word.from..].chars().next().map(initial));
                let alike = words_with(&text, &[first.unwrap_or_default()]);
                prop_assert!(alike.contains(&word), "{word:?}");
                prop_assert_eq!(alike.len(), words(&text).len());
            }
        }
    }

    #[test]
    fn fillers_are_in_order() {
        for one in ["a", "de", "voce", "para", "so", "um"] {
            assert!(is_filler(one), "{one}");
        }
        assert!(!is_filler("nao") && !is_filler("sem") && !is_filler("ana"));
    }
}
