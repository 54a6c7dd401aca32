//! A real postfix with a real login and real certificates.

use std::sync::LazyLock;

use balcao::channels::email::{Letter, Outcome, Security, SmtpSettings, letter as compose};
use mail_parser::{Message, MessageParser, MimeHeaders};

use crate::{later, letter, never, postfix::Postfix, settings, stopped, tried, with_login};

/// One server for all tests of this file; it goes when the process goes.
static POSTFIX: LazyLock<Postfix> = LazyLock::new(Postfix::start);

fn starttls() -> SmtpSettings {
    let settings = SmtpSettings {
        security: Security::StartTls,
        extra_ca_pem: Some(POSTFIX.ca_pem()),
        ..settings(POSTFIX.starttls_port)
    };
    with_login(settings, "segredo")
}

fn tls() -> SmtpSettings {
    SmtpSettings { security: Security::Tls, port: POSTFIX.tls_port, ..starttls() }
}

async fn must_send(settings: &SmtpSettings, letter: &Letter) {
    match tried(settings, letter).await {
        Outcome::Sent { words } => {
            assert!(words.starts_with("250 2.0.0 Ok: queued as "), "{words}");
        }
        other => panic!("{other:?}"),
    }
}

fn parsed(raw: &[u8]) -> Message<'_> {
    MessageParser::new().parse(raw).expect("a letter")
}

fn text_of(message: &Message<'_>) -> String {
    message.body_text(0).expect("a text").replace("\r\n", "\n")
}

#[tokio::test]
async fn c45_every_byte_of_the_text_arrives() {
    let long = "çã ".repeat(700);
    let texts = [
        ("dots", ".\n..\n.\nMAIL FROM:<joao@cliente.test>\n.a\n\nfim.\n".to_owned()),
        ("smuggled", "a\n.\nMAIL FROM:<x@y.test>\nRCPT TO:<joao@cliente.test>\nDATA\nx\n".to_owned()),
        ("accents", "Olá, você! R$ 775.000,00 — “ipê” 🏡 =C3 =\n.\nçãõéü\n".to_owned()),
        ("spaces", "tab\there \nspace at the end \n\n\nFrom here on\n".to_owned()),
        ("long", format!("{}\n{long}\n", "x".repeat(3000))),
    ];
    for (id, text) in texts {
        let letter = Letter { text: text.clone(), ..letter(id) };
        must_send(&tls(), &letter).await;
        let raw = POSTFIX.arrived("maria", &format!("<{id}@imob.test>"));
        assert_eq!(text_of(&parsed(&raw)), text, "{id}");
    }
    assert!(POSTFIX.maildir_messages("joao").is_empty(), "a second mail was smuggled in");
}

#[tokio::test]
async fn the_headers_say_who_and_what() {
    let letter = Letter {
        reply_to: Some("atendimento+r.abc@imob.test".into()),
        references: vec!["um@cliente.test".into(), "dois@cliente.test".into()],
        automatic: true,
        ..letter("headers")
    };
    must_send(&starttls(), &letter).await;
    let raw = POSTFIX.arrived("maria", "<headers@imob.test>");
    let message = parsed(&raw);
    let from = message.from().and_then(|from| from.first()).expect("From");
    assert_eq!(from.name(), Some("Imobiliária Ipê"));
    assert_eq!(from.address(), Some("atendimento@imob.test"));
    let to = message.to().and_then(|to| to.first()).expect("To");
    assert_eq!((to.name(), to.address()), (Some("Maria José"), Some("maria@cliente.test")));
    let reply_to = message.reply_to().and_then(|to| to.first()).expect("Reply-To");
    assert_eq!(reply_to.address(), Some("atendimento+r.abc@imob.test"));
    assert_eq!(message.subject(), Some("Visita à Rua São João"));
    assert_eq!(message.message_id(), Some("headers@imob.test"));
    assert_eq!(message.in_reply_to().as_text(), Some("dois@cliente.test"));
    assert_eq!(
        message.references().as_text_list(),
        Some(["um@cliente.test".into(), "dois@cliente.test".into()].as_slice())
    );
    assert!(message.date().is_some());
    let raw = String::from_utf8(raw.clone()).expect("ASCII");
    assert!(raw.is_ascii(), "nothing that needs 8BITMIME");
    assert!(raw.contains("\nAuto-Submitted: auto-generated\n"));
    assert!(!raw.contains("\nBcc:"));
    assert!(raw.contains("Received: from imob.test "), "EHLO tells the agency's domain: {raw}");
}

#[tokio::test]
async fn both_faces_of_a_letter_arrive() {
    let faces = compose::compose(&compose::Parts {
        language: "pt-BR",
        agency: "Imobiliária Ipê",
        greeting: "Olá, Maria,",
        paragraphs: &["Seu acesso está pronto."],
        button: Some(("Abrir a conversa", "https://ipe.test/acesso?x=1&y=2")),
        closing: "Atenciosamente, Beatriz",
    })
    .expect("a letter");
    let letter = Letter { text: faces.text.clone(), html: Some(faces.html.clone()), ..letter("faces") };
    must_send(&tls(), &letter).await;
    let raw = POSTFIX.arrived("maria", "<faces@imob.test>");
    let message = parsed(&raw);
    let kind = message.content_type().expect("a type");
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
    assert_eq!(text_of(&message), faces.text);
    let html = message.body_html(0).expect("HTML").replace("\r\n", "\n");
    assert_eq!(html, faces.html);
}

#[tokio::test]
async fn an_unknown_user_is_never_with_the_servers_words() {
    let letter = Letter { to: "ninguem@cliente.test".into(), ..letter("unknown") };
    let words = "550 5.1.1 <ninguem@cliente.test>: Recipient address rejected: \
                 User unknown in virtual mailbox table";
    assert_eq!(tried(&tls(), &letter).await, never(words));
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_settings() {
    for settings in [tls(), starttls()] {
        match tried(&with_login(settings, "errada"), &letter("password")).await {
            Outcome::Settings { words } => assert!(words.starts_with("535 5.7.8 "), "{words}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_nobody_vouches_for_gets_nothing() {
    for trusting in [tls(), starttls()] {
        let unknown = SmtpSettings { extra_ca_pem: None, ..trusting.clone() };
        let other_name = SmtpSettings { host: "127.0.0.1".into(), ..trusting };
        let untrusted = tried(&unknown, &letter("ca")).await;
        assert_eq!(untrusted, stopped("certificate_untrusted"));
        let misnamed = tried(&other_name, &letter("ca")).await;
        assert_eq!(misnamed, stopped("certificate_name"));
    }
}

#[tokio::test]
async fn what_was_chosen_for_security_holds() {
    // STARTTLS wanted, not offered.
    let stripped = SmtpSettings { port: POSTFIX.plain_port, ..starttls() };
    assert_eq!(tried(&stripped, &letter("strip")).await, stopped("no_starttls"));
    // TLS wanted, the server speaks first and in clear text.
    let wrong_port = SmtpSettings { port: POSTFIX.plain_port, ..tls() };
    assert_eq!(tried(&wrong_port, &letter("port")).await, stopped("tls"));
    // Clear text chosen, the server insists on STARTTLS.
    let clear = settings(POSTFIX.starttls_port);
    let insisted = "530 5.7.0 Must issue a STARTTLS command first";
    assert_eq!(tried(&clear, &letter("clear")).await, stopped(insisted));
    // Clear text chosen, the server content with it: the office relay.
    must_send(&settings(POSTFIX.plain_port), &letter("relay")).await;
    // A login chosen, the server has none.
    let no_login = with_login(settings(POSTFIX.plain_port), "segredo");
    assert_eq!(tried(&no_login, &letter("login")).await, stopped("no_login"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_for_later() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    assert_eq!(tried(&settings(port), &letter("closed")).await, later("refused"));
    let nowhere = SmtpSettings { host: "smtp.imob.invalid".into(), ..settings(port) };
    assert_eq!(tried(&nowhere, &letter("dns")).await, later("dns"));
}
