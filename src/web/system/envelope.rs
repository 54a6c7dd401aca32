//! The two fields by which a backup is sealed: a passphrase, or public age keys in its place.

use crate::domain::copies::{KEYS_MAX, PHRASE_CHARS_MAX, PHRASE_CHARS_MIN};
use crate::domain::{No, Refusal, Why};
use crate::vault::age::Envelope;
use crate::vault::age::keys::{NoKey, Recipient, is_private};
use crate::web::fields::Fields;
use crate::web::ui::form::Form;
use crate::words::Words;
use maud::{Markup, html};

/// The names of the two fields in one form.
#[derive(Clone, Copy)]
pub struct Names {
    /// Of the passphrase.
    pub phrase: &'static str,
    /// Of the keys.
    pub keys: &'static str,
}

impl Names {
    /// The two fields; what is said of the passphrase's differs.
    pub fn draw(self, w: Words, form: &Form<'_>, phrase_hint: &str) -> Markup {
        html! {
            (form.password(self.phrase, w.backup_phrase(), "new-password", false, phrase_hint))
            (form.line("text", self.keys, w.backup_key(), "off", w.backup_key_hint()))
        }
    }

    /// What was typed into them.
    ///
    /// # Errors
    /// What is wrong, at its field.
    pub fn read(self, fields: &Fields) -> Result<Envelope, No> {
        let (phrase, keys) = (fields.text(self.phrase), fields.text(self.keys));
        let wrong = |field, why| Err(Refusal::Invalid(vec![(field, why)]).into());
        let keys: Result<Vec<Recipient>, NoKey> = keys.split_whitespace().take(KEYS_MAX + 1).map(str::parse).collect();
        let keys = match keys {
            Ok(keys) => keys,
            Err(NoKey::Private) => return wrong(self.keys, Why::PrivateKey),
            Err(_) => return wrong(self.keys, Why::NotAKey),
        };
        match (phrase.chars().count(), keys.len()) {
            (0, 0) => Ok(Envelope::Plain),
            (0, 1..=KEYS_MAX) => Ok(Envelope::Recipients(keys)),
            (0, _) => wrong(self.keys, Why::TooMany(KEYS_MAX)),
            (PHRASE_CHARS_MIN..=PHRASE_CHARS_MAX, 0) => Ok(Envelope::Passphrase(phrase.to_owned())),
            (_, 0) => wrong(self.phrase, Why::TooShort(PHRASE_CHARS_MIN)),
            _ => wrong(self.keys, Why::OneOfTwo),
        }
    }

    /// What the form shows again after a refusal: everything but a private key that somebody typed.
    pub fn shown(self, fields: &Fields) -> Fields {
        if is_private(fields.text(self.keys)) { fields.without(self.keys) } else { fields.clone() }
    }
}
