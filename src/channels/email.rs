//! E-mail out: one letter to one person through the agency's own mail server.
//!
//! [`send`] tries once and says how it went; retries and back-off belong to the courier. It knows no database and no
//! human language: what the server said comes back as the server said it, what we found ourselves as a [`Cause`].
//!
//! The way of a letter: [`gate`] looks at every string, [`mime`] writes it, [`smtp`] speaks
//! with the server.
//! [`letter`] composes the body of the letters that the house writes by itself.

pub mod gate;
pub mod letter;
mod mime;
mod smtp;

use std::{fmt, time::Duration};

use self::gate::Flaw;

/// A password: shown to nobody, `Debug` included.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `words`.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// The password itself, for the server it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// How the way to the server is protected. There is no "if possible": what is chosen holds, or nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// STARTTLS before anything else (port 587); a server that does not offer it gets nothing.
    StartTls,
    /// Clear text: only to a relay on this machine or in the office (a loopback or private address).
    Plain,
}

/// The agency's mail server and the name it writes under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Name or address of the server; with TLS its certificate must carry it.
    pub host: String,
    /// Usually 465, 587 or 25.
    pub port: u16,
    /// See [`Security`].
    pub security: Security,
    /// Login; `None` logs in nowhere.
    pub username: Option<String>,
    /// Login; counts only together with `username`.
    pub password: Option<Secret>,
    /// Name shown as the sender; may be empty.
    pub from_name: String,
    /// The agency's address: `From` and envelope sender, so bounces come back to it.
    pub from_address: String,
    /// Further certificate authorities to trust, as PEM (an office server with its own).
    pub extra_ca_pem: Option<String>,
}

/// One letter to one person. Several recipients are several letters, each with a fate of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// `left@right` without angle brackets; the same on every retry, so that a letter that arrives twice can be
    /// known as one.
    pub message_id: String,
    /// Recipient's address.
    pub to: String,
    /// Recipient's name.
    pub to_name: Option<String>,
    /// Where an answer should go, if not to `from_address`.
    pub reply_to: Option<String>,
    /// Message ids of the conversation so far, oldest first, the answered one last; empty opens a new one.
    pub references: Vec<String>,
    /// Cleaned by [`gate::header_text`].
    pub subject: String,
    /// The letter as plain text; cleaned by [`gate::body`].
    pub text: String,
    /// The same letter as HTML.
    pub html: Option<String>,
    /// Written by the house rather than by a person: says `Auto-Submitted: auto-generated` (RFC 3834), so that
    /// absence notes do not answer it.
    pub automatic: bool,
}

/// How long we wait. One try takes at most `connect` to reach the server, `command` for each answer, `data` for the
/// letter itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name, connection, and the TLS handshake (each).
    pub connect: Duration,
    /// Greeting and each command.
    pub command: Duration,
    /// From the first byte of the letter to the server's word on it.
    pub data: Duration,
}

impl Default for Timeouts {
    /// 30 s, 60 s, 300 s.
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), command: Duration::from_secs(60), data: Duration::from_secs(300) }
    }
}

/// How one try went. `words` is either the server's own reply, which begins with its three digits, or the
/// [`Cause::key`] of what we found ourselves, which begins with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took the letter; `words` usually holds its queue number.
    Sent { words: String },
    /// Not now: try again later, with the same message id.
    Later { words: String },
    /// Not this letter, however often.
    Never { words: String },
    /// No letter until somebody looks at the settings: stop the channel, keep the queue, tell the owner.
    Settings { words: String },
}

impl From<Cause> for Outcome {
    fn from(cause: Cause) -> Self {
        use Cause::*;
        let words = cause.key().to_owned();
        match cause {
            Timeout | Dns | Refused | Unreachable | Broken => Self::Later { words },
            RecipientNotAscii | BadRecipient | BadReplyTo | BadMessageId => Self::Never { words },
            BadHost | BadSender | BadAuthority | ClearText | NoStartTls | NoLogin | Tls | CertificateUntrusted
            | CertificateName | CertificateDate => Self::Settings { words },
        }
    }
}

/// Why it did not work, when the reason is ours to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The server let us wait too long.
    Timeout,
    /// The server's name could not be resolved.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No way to the server.
    Unreachable,
    /// The connection ended early, or the answer was no SMTP.
    Broken,
    /// The recipient's address has letters beyond ASCII.
    RecipientNotAscii,
    /// The recipient's address is none.
    BadRecipient,
    /// The address for answers is none.
    BadReplyTo,
    /// The message id, or one it refers to, is none.
    BadMessageId,
    /// The server's name is none.
    BadHost,
    /// The agency's own address is none.
    BadSender,
    /// The extra authorities hold no readable certificate.
    BadAuthority,
    /// Clear text was asked for, to a machine outside of the office.
    ClearText,
    /// The server does not offer STARTTLS (or somebody on the way hides it).
    NoStartTls,
    /// The server offers no way to log in that we know.
    NoLogin,
    /// TLS could not be agreed upon; often the wrong port for this kind of security.
    Tls,
    /// Nobody we trust vouches for the server.
    CertificateUntrusted,
    /// The certificate is for another name.
    CertificateName,
    /// The certificate is expired or not valid yet.
    CertificateDate,
}

impl Cause {
    /// Every cause, so that a catalogue of words can be checked for completeness.
    pub const ALL: [Self; 19] = {
        use Cause::*;
        [
            Timeout,
            Dns,
            Refused,
            Unreachable,
            Broken,
            RecipientNotAscii,
            BadRecipient,
            BadReplyTo,
            BadMessageId,
            BadHost,
            BadSender,
            BadAuthority,
            ClearText,
            NoStartTls,
            NoLogin,
            Tls,
            CertificateUntrusted,
            CertificateName,
            CertificateDate,
        ]
    };

    /// The name it is kept under; never changes.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::RecipientNotAscii => "recipient_not_ascii",
            Self::BadRecipient => "bad_recipient",
            Self::BadReplyTo => "bad_reply_to",
            Self::BadMessageId => "bad_message_id",
            Self::BadHost => "bad_host",
            Self::BadSender => "bad_sender",
            Self::BadAuthority => "bad_authority",
            Self::ClearText => "clear_text",
            Self::NoStartTls => "no_starttls",
            Self::NoLogin => "no_login",
            Self::Tls => "tls",
            Self::CertificateUntrusted => "certificate_untrusted",
            Self::CertificateName => "certificate_name",
            Self::CertificateDate => "certificate_date",
        }
    }
}

/// Tries once to hand `letter` to the server of `settings`. Never sends in clear text unless told to, never logs.
/// Dropping the future drops the connection; whether the letter was taken is then unknown: count it as `Later`.
pub async fn send(settings: &SmtpSettings, letter: &Letter, timeouts: &Timeouts) -> Outcome {
    if let Err(cause) = look_over(settings, letter) {
        return cause.into();
    }
    smtp::hand_over(settings, letter, timeouts).await
}

/// Shows every string that would otherwise reach the wire as it is to the gate; the rest is cleaned while writing.
fn look_over(settings: &SmtpSettings, letter: &Letter) -> Result<(), Cause> {
    gate::address(&settings.from_address).map_err(|_| Cause::BadSender)?;
    gate::address(&letter.to).map_err(|flaw| match flaw {
        Flaw::NotAscii => Cause::RecipientNotAscii,
        Flaw::Malformed => Cause::BadRecipient,
    })?;
    if let Some(reply_to) = &letter.reply_to {
        gate::address(reply_to).map_err(|_| Cause::BadReplyTo)?;
    }
    for id in letter.references.iter().chain([&letter.message_id]) {
        gate::message_id(id).map_err(|_| Cause::BadMessageId)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        let settings = SmtpSettings {
            host: "localhost".into(),
            port: 465,
            security: Security::Tls,
            username: Some("beatriz".into()),
            password: Some(Secret::new("segredo")),
            from_name: String::new(),
            from_address: "a@imob.test".into(),
            extra_ca_pem: None,
        };
        let shown = format!("{settings:?} {settings:#?}");
        assert!(shown.contains("beatriz") && !shown.contains("segredo"));
    }

    #[test]
    fn keys_are_distinct_and_look_like_no_reply() {
        let mut keys: Vec<_> = Cause::ALL.iter().map(|cause| cause.key()).collect();
        assert!(keys.iter().all(|key| key.starts_with(char::is_alphabetic)));
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Cause::ALL.len());
    }
}
