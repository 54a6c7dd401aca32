//! Servers that are late, full, broken or mean.

use std::time::Duration;

use balcao::channels::email::{Letter, Outcome, Security, SmtpSettings, Timeouts, send};

use crate::{
    later, letter, never,
    scripted::{
        DATA, GOODBYE, GREET, OFFER_NOTHING, RECIPIENT, SENDER, Scripted,
        Step::{self, *},
        TAKEN,
    },
    settings, stopped, tried, with_login,
};

/// Plays `steps` to a plain letter.
async fn outcome(steps: &[&[Step]]) -> Outcome {
    let server = Scripted::start(steps).await;
    let outcome = tried(&settings(server.port), &letter("rude")).await;
    server.heard().await;
    outcome
}

const MOMENT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(3600);
const PATIENT: Timeouts = Timeouts { connect: LONG, command: LONG, data: LONG };

/// Plays `steps` with one short time limit among long ones; the limit that bites is the one under test.
async fn outcome_within(timeouts: Timeouts, security: Security, steps: &[&[Step]]) -> Outcome {
    let server = Scripted::start(steps).await;
    let settings = SmtpSettings { security, ..settings(server.port) };
    let slow = letter("slow");
    let sending = send(&settings, &slow, &timeouts);
    let bitten = tokio::time::timeout(Duration::from_secs(20), sending);
    let outcome = bitten.await.expect("the limit under test does not bite");
    server.heard().await;
    outcome
}

#[tokio::test]
async fn silence_is_for_later() {
    let connect = Timeouts { connect: MOMENT, ..PATIENT };
    let command = Timeouts { command: MOMENT, ..PATIENT };
    let data = Timeouts { data: MOMENT, ..PATIENT };
    let hold: &[Step] = &[Hold];
    let handshake = outcome_within(connect, Security::Tls, &[hold]).await;
    assert_eq!(handshake, later("timeout"));
    for security in [Security::Plain, Security::StartTls] {
        let greeting = outcome_within(command, security, &[hold]).await;
        assert_eq!(greeting, later("timeout"));
    }
    let offer = outcome_within(command, Security::Plain, &[GREET, hold]).await;
    assert_eq!(offer, later("timeout"));
    let dot: &[&[Step]] = &[GREET, OFFER_NOTHING, SENDER, RECIPIENT, DATA, &[HearLetter], hold];
    let end = outcome_within(data, Security::Plain, dot).await;
    assert_eq!(end, later("timeout"));
}

#[tokio::test]
async fn a_server_that_says_no_goodbye_has_still_taken_the_letter() {
    let command = Timeouts { command: MOMENT, ..PATIENT };
    let steps: &[&[Step]] = &[GREET, OFFER_NOTHING, SENDER, RECIPIENT, DATA, TAKEN, &[Hold]];
    let words = "250 2.0.0 queued as Q1".into();
    let sent = Outcome::Sent { words };
    assert_eq!(outcome_within(command, Security::Plain, steps).await, sent);
    assert_eq!(outcome(&steps[..6]).await, sent);
}

#[tokio::test]
async fn an_answer_means_what_its_place_makes_it_mean() {
    let refusal = |said: &'static str| [Say(said)];
    for (said, wanted) in [
        ("451 4.7.1 Greylisted\r\n", later("451 4.7.1 Greylisted")),
        ("452 4.2.2 Caixa cheia\r\n", later("452 4.2.2 Caixa cheia")),
        ("550 5.1.1 Quem?\r\n", never("550 5.1.1 Quem?")),
        ("553-5.1.3 Um\r\n553 5.1.3 dois\r\n", never("553 5.1.3 Um dois")),
        ("530 5.7.0 Login\r\n", stopped("530 5.7.0 Login")),
        ("250000 x\r\n", later("broken")),
    ] {
        let goodbye = if said.starts_with("250") { &[][..] } else { GOODBYE };
        let at_rcpt: &[&[Step]] = &[GREET, OFFER_NOTHING, SENDER, RECIPIENT, &refusal(said), goodbye];
        assert_eq!(outcome(at_rcpt).await, wanted, "{said} at RCPT");
        let at_end: &[&[Step]] =
            &[GREET, OFFER_NOTHING, SENDER, RECIPIENT, DATA, &[HearLetter], &refusal(said), goodbye];
        assert_eq!(outcome(at_end).await, wanted, "{said} at the end");
    }
    let sender: &[Step] = &[Hear("MAIL"), Say("550 5.7.1 Not yours\r\n")];
    assert_eq!(outcome(&[GREET, OFFER_NOTHING, sender, GOODBYE]).await, stopped("550 5.7.1 Not yours"));
    for (greeting, wanted) in
        [("554 Go away\r\n", stopped("554 Go away")), ("421 4.3.2 Too many\r\n", later("421 4.3.2 Too many"))]
    {
        assert_eq!(outcome(&[&refusal(greeting)]).await, wanted);
    }
}

#[tokio::test]
async fn nonsense_is_for_later() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "\r\n", "\u{1}\u{2}\u{3}\r\n", "999"] {
        assert_eq!(outcome(&[&[Say(greeting)]]).await, later("broken"), "{greeting:?}");
    }
    assert_eq!(outcome(&[]).await, later("broken"), "hangs up at once");
    for endless in ["220-", "220-tarpit\r\n", "250-x\r\n250-"] {
        assert_eq!(outcome(&[&[Flood(endless)]]).await, later("broken"), "{endless:?}");
        assert_eq!(outcome(&[GREET, &[Flood(endless)]]).await, later("broken"), "{endless:?}");
    }
}

#[tokio::test]
async fn a_line_cut_inside_the_letter_is_for_later() {
    let server = Scripted::at_recipient(&[DATA, &[HearBytes(1000)]]).await;
    let big = Letter { text: "x".repeat(5_000_000), ..letter("cut") };
    assert_eq!(tried(&settings(server.port), &big).await, later("broken"));
    server.heard().await;
}

#[tokio::test]
async fn an_answer_lost_after_the_dot_is_tried_again_as_the_same_letter() {
    let letter = letter("lost");
    let mut copies = Vec::new();
    for (end, wanted) in
        [(&[HearLetter][..], later("broken")), (TAKEN, Outcome::Sent { words: "250 2.0.0 queued as Q1".into() })]
    {
        let server = Scripted::at_recipient(&[DATA, end]).await;
        assert_eq!(tried(&settings(server.port), &letter).await, wanted);
        copies.push(server.heard().await.pop().expect("a letter"));
    }
    for copy in copies {
        assert_eq!(copy.matches("Message-ID: <lost@imob.test>\r\n").count(), 1, "{copy}");
    }
}

#[tokio::test]
async fn starttls_hidden_on_the_way_gets_no_login_and_no_letter() {
    let offer: &[Step] = &[Say("250-mx\r\n250-XXXXXXXA\r\n250 AUTH PLAIN\r\n"), Hold];
    let server = Scripted::start(&[GREET, offer]).await;
    let settings = SmtpSettings { security: Security::StartTls, ..with_login(settings(server.port), "segredo") };
    assert_eq!(tried(&settings, &letter("strip")).await, stopped("no_starttls"));
    assert_eq!(server.heard().await, ["EHLO imob.test\r\n"]);
    let busy: &[Step] =
        &[Say("250-mx\r\n250 STARTTLS\r\n"), Hear("STARTTLS\r\n"), Say("454 4.7.0 TLS not available\r\n"), Hold];
    let server = Scripted::start(&[GREET, busy]).await;
    let settings = SmtpSettings { port: server.port, ..settings };
    let wanted = later("454 4.7.0 TLS not available");
    assert_eq!(tried(&settings, &letter("busy")).await, wanted);
    server.heard().await;
}

#[tokio::test]
async fn a_login_that_fails_for_now_is_for_later() {
    // The crate would go on to DIGEST-MD5 and end in a refusal that stops the channel.
    let offer: &[Step] = &[
        Say("250-mx\r\n250 AUTH DIGEST-MD5 CRAM-MD5 PLAIN\r\n"),
        Hear("AUTH PLAIN "),
        Say("454 4.7.0 Temporary authentication failure\r\n"),
    ];
    let server = Scripted::start(&[GREET, offer, GOODBYE]).await;
    let settings = with_login(settings(server.port), "segredo");
    let wanted = later("454 4.7.0 Temporary authentication failure");
    assert_eq!(tried(&settings, &letter("454")).await, wanted);
    server.heard().await;
}

#[tokio::test]
async fn c53_a_server_that_repeats_the_password_is_not_repeated() {
    // base64 of "\0atendimento@imob.test\0segredo" and of "segredo".
    let offer: &[Step] = &[
        Say("250-mx\r\n250 AUTH PLAIN\r\n"),
        Hear("AUTH PLAIN AGF0ZW5kaW1lbnRvQGltb2IudGVzdABzZWdyZWRv\r\n"),
        Say("535 5.7.8 No: AGF0ZW5kaW1lbnRvQGltb2IudGVzdABzZWdyZWRv segredo c2VncmVkbw==\r\n"),
    ];
    let server = Scripted::start(&[GREET, offer, GOODBYE]).await;
    let settings = with_login(settings(server.port), "segredo");
    let wanted = stopped("535 5.7.8 No: *** *** ***");
    assert_eq!(tried(&settings, &letter("535")).await, wanted);
    server.heard().await;
}
