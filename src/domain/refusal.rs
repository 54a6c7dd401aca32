//! The two kinds of no: theirs (a refusal, which is data) and ours (a fault).

use crate::store::Fault;

/// What a verb gives.
pub type Answer<T> = Result<T, No>;

/// Why a verb did nothing.
#[derive(thiserror::Error, Debug, Clone)]
pub enum No {
    /// It may not or cannot be done as asked.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Something of ours failed.
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A no that the person asking can understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not there, or not for this viewer: the two look the same.
    NotFound,
    /// This viewer's role does not do this.
    NotAllowed,
    /// Too many passwords are looked at just now: a little later it works.
    Busy,
    /// Who asks was logged in when the request began, and is no more.
    SessionOver,
    /// Fields of the form are not right.
    Invalid(Vec<(&'static str, Why)>),
    /// Somebody else took the conversation first (Q4); their name.
    TakenBy(String),
    /// A conversation is closed only with a reason (Q9).
    ReasonMissing,
    /// The conversation is closed.
    Closed,
    /// The conversation waits in the queue: take it first.
    Queued,
    /// The external chat is switched off (E1).
    ChatOff,
    /// The access was revoked.
    Revoked,
    /// The contact is blocked.
    Blocked,
    /// One's own password and second factor are changed at one's own page, which asks for those in force.
    OnesOwn,
    /// Who has a second factor does not come in without a code of it.
    CodeMissing,
    /// The link was used already, or is too old, or never was.
    LinkDead,
    /// The last active admin cannot be removed.
    LastAdmin,
    /// The agency was already set up.
    AlreadySetUp,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing was given.
    Empty,
    /// More characters than this.
    TooLong(usize),
    /// Fewer characters than this.
    TooShort(usize),
    /// Not an e-mail address.
    NotAnEmail,
    /// Not a phone number.
    NotAPhone,
    /// A phone number with words beside it that are no extension.
    PhoneWords,
    /// Not one of the choices.
    NotAChoice,
    /// Several fit.
    Several,
    /// Somebody else has it.
    InUse,
    /// Not a number in range.
    NotANumber,
    /// Not an address of a page (http or https).
    NotAUrl,
    /// Does not fit the other one.
    Wrong,
    /// Too easy to guess.
    TooCommon,
    /// More of them than this.
    TooMany(usize),
    /// Not a public age key.
    NotAKey,
    /// The private half of a key, where the public one belongs.
    PrivateKey,
    /// Two ways were chosen of which one is meant.
    OneOfTwo,
    /// A line of several, counted from 1, has more characters than this.
    LineTooLong {
        /// Which.
        line: usize,
        /// Characters at most.
        most: usize,
    },
    /// What is to be obligatory offers no reason to choose.
    NoReasons,
    /// Changed this often already.
    TooOften(usize),
    /// Tried too often: so many seconds are to be waited.
    Wait(usize),
}

/// Collects what is wrong with a form, so that all of it is said at once.
#[derive(Default)]
pub struct Check(Vec<(&'static str, Why)>);

impl Check {
    /// A text, trimmed, of at most `most` characters, not empty.
    pub fn needed(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let text = self.text(field, text, most);
        if text.is_empty() {
            self.wrong(field, Why::Empty);
        }
        text
    }

    /// A text, trimmed, of at most `most` characters.
    pub fn text(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let text = text.trim().replace("\r\n", "\n");
        if text.chars().count() > most {
            self.wrong(field, Why::TooLong(most));
        }
        text
    }

    /// A value that could be read, or what is wrong with it.
    pub fn value<T>(&mut self, field: &'static str, read: Result<T, Why>) -> Option<T> {
        read.map_err(|why| self.wrong(field, why)).ok()
    }

    /// Notes that a field is wrong.
    pub fn wrong(&mut self, field: &'static str, why: Why) {
        if !self.0.iter().any(|(other, _)| *other == field) {
            self.0.push((field, why));
        }
    }

    /// Refuses if anything was wrong.
    pub fn done(self) -> Answer<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0).into()) }
    }
}
