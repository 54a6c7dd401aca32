//! Writes a letter as MIME.

use mail_send::mail_builder::{
    MessageBuilder,
    headers::{address::Address, text::Text},
};

use super::{Letter, SmtpSettings, gate};

/// The letter as MIME: text, and HTML beside it if there is any. No Bcc, no name of ours or of this machine.
pub(super) fn written(settings: &SmtpSettings, letter: &Letter) -> Vec<u8> {
    let named = |name: &str, address: &str| {
        let name = Some(gate::header_text(name)).filter(|name| !name.is_empty());
        Address::new_address(name, address.to_owned())
    };
    let mut builder = MessageBuilder::new()
        .from(named(&settings.from_name, &settings.from_address))
        .to(named(letter.to_name.as_deref().unwrap_or_default(), &letter.to))
        .subject(gate::header_text(&letter.subject))
        .message_id(letter.message_id.as_str())
        .text_body(gate::body(&letter.text));
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(reply_to.as_str());
    }
    if let Some(answered) = letter.references.last() {
        builder = builder.in_reply_to(answered.as_str()).references(letter.references.as_slice());
    }
    if letter.automatic {
        let value = Text::new("auto-generated");
        builder = builder.header("Auto-Submitted", value);
    }
    if let Some(html) = &letter.html {
        builder = builder.html_body(gate::body(html));
    }
    let mut message = Vec::new();
    builder.serialize(&mut message);
    // The end of data brings a line end of its own.
    if message.ends_with(b"\r\n") {
        message.truncate(message.len() - 2);
    }
    message
}
