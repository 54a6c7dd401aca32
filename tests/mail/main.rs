//! The mail channel against a real postfix ([`real`]) and against servers that misbehave on purpose
//! ([`rude`]), with words that try to be more than they are ([`hostile`]).

mod hostile;
mod postfix;
mod real;
mod rude;
mod scripted;

use std::time::Duration;

use balcao::channels::email::{Letter, Outcome, Secret, Security, SmtpSettings, Timeouts, send};

/// A server on this machine, in clear text and without a login; the tests change what they are about.
fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".into(),
        port,
        security: Security::Plain,
        username: None,
        password: None,
        from_name: "Imobiliária Ipê".into(),
        from_address: "atendimento@imob.test".into(),
        extra_ca_pem: None,
    }
}

fn with_login(settings: SmtpSettings, password: &str) -> SmtpSettings {
    SmtpSettings { username: Some("atendimento@imob.test".into()), password: Some(Secret::new(password)), ..settings }
}

/// A letter to Maria whose message id is `id@imob.test`.
fn letter(id: &str) -> Letter {
    Letter {
        message_id: format!("{id}@imob.test"),
        to: "maria@cliente.test".into(),
        to_name: Some("Maria José".into()),
        reply_to: None,
        references: Vec::new(),
        subject: "Visita à Rua São João".into(),
        text: "Olá, Maria.\n".into(),
        html: None,
        automatic: false,
    }
}

/// Sends with the product's own patience; a try that takes longer than a minute is a failure of the test.
async fn tried(settings: &SmtpSettings, letter: &Letter) -> Outcome {
    let timeouts = Timeouts::default();
    let sending = send(settings, letter, &timeouts);
    let minute = tokio::time::timeout(Duration::from_secs(60), sending);
    minute.await.expect("the try hangs")
}

fn later(words: &str) -> Outcome {
    let words = words.into();
    Outcome::Later { words }
}

fn never(words: &str) -> Outcome {
    let words = words.into();
    Outcome::Never { words }
}

fn stopped(words: &str) -> Outcome {
    let words = words.into();
    Outcome::Settings { words }
}
