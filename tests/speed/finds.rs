//! Search over a million entries, beside a bare query on the same index.

use super::fill::Filled;
use super::paper::{Paper, ms};
use super::wire::Times;
use balcao::demo::rng::Rng;
use balcao::domain::conversation;
use balcao::domain::entry::{self, Body};
use balcao::domain::ids::*;
use balcao::domain::schema;
use balcao::domain::user;
use balcao::domain::values::fold;
use balcao::domain::{Staff, Viewer};
use balcao::search::{Question, Search};
use balcao::store::{DataDir, Snapshot, Store};
use std::sync::Arc;
use std::time::Instant;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, PhrasePrefixQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Index, Order, ReloadPolicy, Searcher, Term};

const ROUNDS: usize = 600;
const HITS: usize = 20;

const KINDS: [&str; 4] = ["word", "two words", "phrase", "prefix"];

/// Common and rare words of the trade, as they are typed.
const WORDS: [&str; 20] = [
    "contrato",
    "vistoria",
    "chaves",
    "fiador",
    "boleto",
    "aluguel",
    "imóvel",
    "visita",
    "proposta",
    "documentos",
    "garagem",
    "cartório",
    "escritura",
    "reajuste",
    "caução",
    "pintura",
    "infiltração",
    "condomínio",
    "matrícula",
    "financiamento",
];
const PHRASES: [&str; 6] =
    ["boa tarde", "bom dia", "matrícula atualizada", "contrato de locação", "setor bueno", "por favor"];

/// What may be asked of some place: words, and phrases of two or three of them.
struct Said {
    words: Vec<String>,
    phrases: Vec<String>,
}

impl Said {
    fn everywhere() -> Self {
        Self { words: WORDS.map(str::to_owned).into(), phrases: PHRASES.map(str::to_owned).into() }
    }

    /// What stands in a conversation: whoever looks inside one knows that it was said there.
    fn inside(look: &Snapshot, id: ConversationId) -> Self {
        let mut said = Self { words: Vec::new(), phrases: Vec::new() };
        for one in entry::of_conversation(look, id, None, 20).unwrap() {
            let (Body::Message { text, .. } | Body::Note { text, .. }) = one.body else { continue };
            let plain = |word: &&str| word.chars().all(char::is_alphabetic);
            let words: Vec<&str> = text.split_whitespace().collect();
            said.words.extend(words.iter().filter(|word| plain(word) && word.len() > 4).map(|word| (*word).to_owned()));
            said.phrases.extend(words.windows(2).filter(|two| two.iter().all(plain)).map(|two| two.join(" ")));
        }
        said
    }

    /// What somebody types. A space at the end says that the word is whole.
    fn typed(&self, kind: &str, rng: &mut Rng) -> String {
        match kind {
            "word" => format!("{} ", rng.pick(&self.words)),
            "two words" => format!("{} {} ", rng.pick(&self.words), rng.pick(&self.words)),
            "phrase" => format!("\"{}\"", rng.pick(&self.phrases)),
            _ => rng.pick(&self.words).chars().take(4).collect(),
        }
    }
}

pub fn measure(large: &Filled, paper: &mut Paper) {
    let copy = large.copy();
    let dir = DataDir::open(&copy.path().join("data")).unwrap();
    let store = Arc::new(Store::open(&dir, schema::KINDS).unwrap());
    let search = Search::start(dir.path(), store.clone());
    let reached = store.look().unwrap().reached().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(search.reached().wait_for(|now| *now >= reached)).unwrap();
    let bare = Bare::open(dir.path());
    let look = store.look().unwrap();
    let people = user::all(&look).unwrap();
    for (who, role) in [("manager", "manager"), ("broker", "broker")] {
        let one = people.iter().find(|user| user.role.key() == role).unwrap();
        let staff: Staff = user::as_staff(&look, one, SessionId(0)).unwrap();
        let viewer = Viewer::Staff(staff);
        for inside in [false, true] {
            for kind in KINDS {
                let place = if inside { "inside a conversation" } else { "everywhere" };
                let name = format!("search, {kind}, {place}, {who}");
                one_kind(paper, &name, &search, &look, &viewer, &bare, kind, inside.then_some(large));
            }
        }
    }
    drop(look);
    search.stop();
}

#[allow(clippy::too_many_arguments)]
fn one_kind(
    paper: &mut Paper,
    name: &str,
    search: &Search,
    look: &Snapshot,
    viewer: &Viewer,
    bare: &Bare,
    kind: &str,
    inside: Option<&Filled>,
) {
    let mut rng = Rng::new(11);
    let (mut ours, mut floor, mut hits) = (Vec::new(), Vec::new(), 0);
    let everywhere = Said::everywhere();
    for _ in 0..ROUNDS {
        let (conversation, text) = match inside {
            Some(filled) => {
                let (id, said) = somewhere(look, viewer, filled, &mut rng);
                (Some(id), said.typed(kind, &mut rng))
            }
            None => (None, everywhere.typed(kind, &mut rng)),
        };
        let began = Instant::now();
        bare.find(&text, conversation);
        floor.push(began.elapsed());
        let ask = Question { text, conversation, most: HITS, ..Question::default() };
        let began = Instant::now();
        hits += search.find(look, viewer, &ask).unwrap().hits.len();
        ours.push(began.elapsed());
    }
    let (ours, floor) = (Times::new(ours), Times::new(floor));
    let ratio = ours.p50().as_secs_f64() / floor.p50().as_secs_f64();
    paper.row(
        name,
        &format!("p50 {}, p99 {}, {} hits a question", ms(ours.p50()), ms(ours.p99()), hits / ROUNDS),
        &format!("bare tantivy: p50 {}, p99 {} (× {ratio:.1})", ms(floor.p50()), ms(floor.p99())),
        "p99 ≤ 15 ms, ≤ 3 ×",
        ours.p99().as_millis() < 15 && ratio <= 3.0,
    );
}

/// A conversation that this viewer may see and in which enough was said to be asked for.
fn somewhere(look: &Snapshot, viewer: &Viewer, filled: &Filled, rng: &mut Rng) -> (ConversationId, Said) {
    loop {
        let id = ConversationId(u64::from(rng.range(1, filled.conversations as u32)));
        if conversation::visible(look, viewer, id).is_err() {
            continue;
        }
        let said = Said::inside(look, id);
        if !said.words.is_empty() && !said.phrases.is_empty() {
            return (id, said);
        }
    }
}

/// The same index without the product: exact words only, no rights, no records, no snippets.
struct Bare {
    searcher: Searcher,
    text: Field,
    conversation: Field,
}

impl Bare {
    fn open(data: &std::path::Path) -> Self {
        let index = Index::open_in_dir(data.join(format!("search-{}", balcao::search::VERSION))).unwrap();
        let field = |name| index.schema().get_field(name).unwrap();
        let (text, conversation) = (field("text"), field("conversation"));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().unwrap();
        Self { searcher: reader.searcher(), text, conversation }
    }

    fn find(&self, typed: &str, conversation: Option<ConversationId>) -> usize {
        let folded = fold(typed);
        let term = |word: &str| Term::from_field_text(self.text, word);
        let terms: Vec<Term> = folded.trim_matches(['"', ' ']).split(' ').map(term).collect();
        let is = |term: Term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>;
        let mut all: Vec<Box<dyn Query>> = Vec::new();
        all.extend(conversation.map(|id| is(Term::from_field_u64(self.conversation, id.0))));
        if typed.starts_with('"') {
            all.push(Box::new(PhraseQuery::new(terms)));
        } else if typed.ends_with(' ') {
            all.extend(terms.into_iter().map(is));
        } else {
            let mut beginning = PhrasePrefixQuery::new(terms);
            beginning.set_max_expansions(100_000);
            all.push(Box::new(beginning));
        }
        let newest = TopDocs::with_limit(HITS).order_by_fast_field::<i64>("at", Order::Desc);
        self.searcher.search(&BooleanQuery::intersection(all), &newest).unwrap().len()
    }
}
