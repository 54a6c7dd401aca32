//! The index's layout: which fields there are, and what of each record goes into them. No text is kept, only found.

use super::portuguese::words;
use crate::domain::attachment::Attachment;
use crate::domain::contact::Contact;
use crate::domain::entry::{Author, Body, Entry};
use crate::domain::ids::*;
use crate::domain::opportunity::Opportunity;
use crate::domain::values::{Language, phone_digits, phone_shown};
use crate::store::{Fault, Look};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{Index, TantivyDocument, Term};

/// The layout's number, in the directory's name: raise it with any change of fields or analyser.
pub const VERSION: u32 = 1;
/// The name of the analyser inside the index.
const ANALYSER: &str = "portuguese";
/// From how many digits the end of a phone number is found.
const PHONE_DIGITS_MIN: usize = 4;

/// What a hit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kind {
    /// Something said to the other side, and the names of its files.
    Message,
    /// An internal note, and the names of its files.
    Note,
    /// A contact: name, addresses, what is remembered.
    Contact,
    /// An opportunity: reference, title, what is sought, property, the client's name.
    Opportunity,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Message, Self::Note, Self::Contact, Self::Opportunity];

    fn number(self) -> u64 {
        match self {
            Self::Message => 1,
            Self::Note => 2,
            Self::Contact => 3,
            Self::Opportunity => 4,
        }
    }
}

/// What a document of the index stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Subject {
    /// A message or note.
    Entry(EntryId),
    /// A contact.
    Contact(ContactId),
    /// An opportunity.
    Opportunity(OpportunityId),
}

impl Subject {
    /// Its key in the index: two bits of kind above the record's number.
    pub fn key(self) -> u64 {
        match self {
            Self::Entry(id) => id.0,
            Self::Contact(id) => 1 << 62 | id.0,
            Self::Opportunity(id) => 2 << 62 | id.0,
        }
    }

    /// The subject of a key.
    pub fn of(key: u64) -> Self {
        let number = key & ((1 << 62) - 1);
        match key >> 62 {
            1 => Self::Contact(ContactId(number)),
            2 => Self::Opportunity(OpportunityId(number)),
            _ => Self::Entry(EntryId(number)),
        }
    }
}

/// The fields.
#[derive(Clone, Copy)]
pub struct Fields {
    /// [`Subject::key`]: what a document is replaced and found again by.
    pub key: Field,
    /// [`Kind`].
    pub kind: Field,
    /// Whose timeline, for entries; 0 for none.
    pub conversation: Field,
    /// Whose history.
    pub contact: Field,
    /// On which opportunity.
    pub opportunity: Field,
    /// Which member of staff wrote it.
    pub author: Field,
    /// Milliseconds since 1970.
    pub at: Field,
    /// All words.
    pub text: Field,
}

/// The name of [`Fields::key`], as columns are opened.
pub const KEY: &str = "key";
/// The name of [`Fields::conversation`].
pub const CONVERSATION: &str = "conversation";
/// The name of [`Fields::at`].
pub const AT: &str = "at";

impl Fields {
    /// The schema, and its fields.
    pub fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let found = NumericOptions::from(INDEXED);
        let read = NumericOptions::from(INDEXED | FAST);
        let words = TextFieldIndexing::default()
            .set_tokenizer(ANALYSER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let fields = Self {
            key: schema.add_u64_field(KEY, read.clone()),
            kind: schema.add_u64_field("kind", found.clone()),
            conversation: schema.add_u64_field(CONVERSATION, read),
            contact: schema.add_u64_field("contact", found.clone()),
            opportunity: schema.add_u64_field("opportunity", found.clone()),
            author: schema.add_u64_field("author", found),
            at: schema.add_i64_field(AT, FAST),
            text: schema.add_text_field("text", TextOptions::default().set_indexing_options(words)),
        };
        (schema.build(), fields)
    }

    /// Makes the analyser known to an opened index; needed after every open.
    pub fn prepare(index: &Index) {
        index.tokenizers().register(ANALYSER, Portuguese);
    }

    /// The term that finds the document of a subject.
    pub fn key_term(&self, subject: Subject) -> Term {
        Term::from_field_u64(self.key, subject.key())
    }

    /// The term of a kind.
    pub fn kind_term(&self, kind: Kind) -> Term {
        Term::from_field_u64(self.kind, kind.number())
    }

    /// The document of a subject as it is now; nothing where the record is gone or says nothing.
    pub fn document(&self, look: &impl Look, subject: Subject) -> Result<Option<TantivyDocument>, Fault> {
        let document = match subject {
            Subject::Entry(id) => look.get::<Entry>(id)?.map(|entry| self.entry(look, &entry)).transpose()?.flatten(),
            Subject::Contact(id) => look.get::<Contact>(id)?.map(|contact| self.contact(&contact)),
            Subject::Opportunity(id) => {
                look.get::<Opportunity>(id)?.map(|one| self.opportunity(look, &one)).transpose()?
            }
        };
        Ok(document)
    }

    fn entry(&self, look: &impl Look, entry: &Entry) -> Result<Option<TantivyDocument>, Fault> {
        let (kind, conversation) = match (&entry.body, entry.conversation) {
            (Body::Message { .. }, Some(conversation)) => (Kind::Message, conversation),
            (Body::Note { .. }, Some(conversation)) => (Kind::Note, conversation),
            _ => return Ok(None),
        };
        let mut document = self.base(Subject::Entry(entry.id), kind, entry.at, entry.contact);
        document.add_u64(self.conversation, conversation.0);
        if let Some(opportunity) = entry.opportunity {
            document.add_u64(self.opportunity, opportunity.0);
        }
        if let Author::User(user) = entry.author {
            document.add_u64(self.author, user.0);
        }
        self.say(&mut document, &entry_parts(look, entry)?);
        Ok(Some(document))
    }

    fn contact(&self, contact: &Contact) -> TantivyDocument {
        let mut document = self.base(Subject::Contact(contact.id), Kind::Contact, contact.created_at, contact.id);
        document.add_u64(self.conversation, 0);
        self.say(&mut document, &contact_parts(contact));
        for phone in &contact.phones {
            document.add_text(self.text, phone_ends(phone));
        }
        document
    }

    fn opportunity(&self, look: &impl Look, one: &Opportunity) -> Result<TantivyDocument, Fault> {
        let mut document = self.base(Subject::Opportunity(one.id), Kind::Opportunity, one.updated_at, one.contact);
        document.add_u64(self.conversation, 0);
        document.add_u64(self.opportunity, one.id.0);
        document.add_u64(self.author, one.responsible.0);
        self.say(&mut document, &opportunity_parts(look, one)?);
        Ok(document)
    }

    fn base(&self, subject: Subject, kind: Kind, at: i64, contact: ContactId) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_u64(self.key, subject.key());
        document.add_u64(self.kind, kind.number());
        document.add_u64(self.contact, contact.0);
        document.add_i64(self.at, at);
        document
    }

    /// Each part is a value of its own, so that no phrase runs from one into the next.
    fn say(&self, document: &mut TantivyDocument, parts: &[String]) {
        for part in parts {
            document.add_text(self.text, part);
        }
    }
}

/// What a message or note says, and the names of its files.
pub fn entry_parts(look: &impl Look, entry: &Entry) -> Result<Vec<String>, Fault> {
    let mut parts = match &entry.body {
        Body::Message { text, .. } | Body::Note { text, .. } => vec![text.clone()],
        _ => Vec::new(),
    };
    for file in entry.body.files() {
        parts.extend(look.get::<Attachment>(*file)?.map(|file| file.name));
    }
    Ok(parts)
}

/// What is written of a contact, its name first.
pub fn contact_parts(contact: &Contact) -> Vec<String> {
    let phones = contact.phones.iter().map(|phone| phone_at_home(phone));
    [contact.name.clone()]
        .into_iter()
        .chain(contact.emails.iter().cloned())
        .chain(phones)
        .chain([contact.note.clone()])
        .collect()
}

/// A phone as its own country writes it, whoever looks: the index is one for all.
fn phone_at_home(international: &str) -> String {
    let home = if international.starts_with("+351") { Language::PtPt } else { Language::PtBr };
    phone_shown(international, home)
}

/// What is written of an opportunity, reference and title first.
pub fn opportunity_parts(look: &impl Look, one: &Opportunity) -> Result<Vec<String>, Fault> {
    let client = look.get::<Contact>(one.contact)?.map_or(String::new(), |contact| contact.name);
    let head = format!("{} · {}", one.reference, one.title);
    Ok(vec![head, one.seeking.clone(), one.property.clone(), client])
}

/// [`words`] for tantivy: surface and stem at one place.
#[derive(Clone, Default)]
struct Portuguese;

impl Tokenizer for Portuguese {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let mut tokens = Vec::new();
        for (position, word) in words(text).into_iter().enumerate() {
            let token = |text| Token { offset_from: word.from, offset_to: word.to, position, text, position_length: 1 };
            tokens.push(token(word.surface));
            tokens.extend(word.stem.map(token));
        }
        Tokens { rest: tokens.into_iter(), now: Token::default() }
    }
}

/// The tokens of one text.
struct Tokens {
    rest: std::vec::IntoIter<Token>,
    now: Token,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        match self.rest.next() {
            Some(token) => {
                self.now = token;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.now
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.now
    }
}

/// The ends of a phone number, so that it is found however much of its beginning is typed or left out.
fn phone_ends(international: &str) -> String {
    let digits = phone_digits(international);
    let ends = (0..=digits.len().saturating_sub(PHONE_DIGITS_MIN)).map(|from| &digits[from..]);
    ends.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_has_its_own_key() {
        for number in [1, 40, (1 << 62) - 1] {
            let subjects = [
                Subject::Entry(EntryId(number)),
                Subject::Contact(ContactId(number)),
                Subject::Opportunity(OpportunityId(number)),
            ];
            for subject in subjects {
                assert_eq!(Subject::of(subject.key()), subject);
            }
        }
    }

    #[test]
    fn a_phone_is_found_by_its_end() {
        assert_eq!(phone_ends("+5562998"), "5562998 562998 62998 2998");
        assert_eq!(phone_ends("12"), "12");
        assert_eq!(phone_ends("+5562998;ext=12"), phone_ends("+5562998"), "an extension is no end of a number");
    }
}
