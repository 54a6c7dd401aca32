//! Words, addresses and ids that try to be more than they are (C44).

use std::net::TcpListener;

use balcao::channels::email::{Letter, Outcome, SmtpSettings};
use mail_parser::MessageParser;

use crate::{
    letter, never,
    scripted::{DATA, GOODBYE, Scripted, TAKEN},
    settings, stopped, tried,
};

/// Lines that would be a header, a command or a second letter if they were let through (C44).
const HOSTILE: [&str; 9] = [
    "x\r\nBcc: joao@cliente.test",
    "x\nBcc: joao@cliente.test",
    "x\rBcc: joao@cliente.test",
    "x\0\r\n\r\nSecond letter",
    "x\u{85}Bcc: joao@cliente.test",
    "x\u{2028}Bcc: joao@cliente.test\u{2029}",
    "=?utf-8?Q?x=0D=0ABcc:_joao=40cliente.test?=",
    "x\" <joao@cliente.test>, \"",
    "x\r\n.\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<joao@cliente.test>\r\nDATA\r\n",
];

#[tokio::test]
async fn c44_hostile_words_make_no_header_and_no_recipient() {
    for hostile in HOSTILE {
        let server = Scripted::at_recipient(&[DATA, TAKEN, GOODBYE]).await;
        let settings = SmtpSettings { from_name: hostile.into(), ..settings(server.port) };
        let letter = Letter {
            to_name: Some(hostile.into()),
            subject: hostile.into(),
            text: hostile.into(),
            html: Some(hostile.into()),
            ..letter("hostile")
        };
        assert!(matches!(tried(&settings, &letter).await, Outcome::Sent { .. }));
        let heard = server.heard().await;
        // EHLO, MAIL, RCPT, DATA, the letter, QUIT: the script would have noticed any other line.
        let raw = heard[4].as_str();
        let bare = raw.replace("\r\n", "");
        assert!(!bare.contains(['\r', '\n', '\0']), "{raw:?}");
        let (head, _) = raw.split_once("\r\n\r\n").expect("a head");
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(':').expect("a header").0)
            .collect();
        let wanted = ["From", "To", "Subject", "Message-ID", "Date", "MIME-Version", "Content-Type"];
        assert_eq!(names, wanted, "{hostile:?}");
        let message = MessageParser::new().parse(raw).expect("a letter");
        let to: Vec<_> = message.to().expect("To").iter().filter_map(|a| a.address()).collect();
        assert_eq!(to, ["maria@cliente.test"], "{hostile:?}");
        let subject = message.subject().expect("a subject");
        assert!(!subject.contains(char::is_control), "{subject:?}");
    }
}

#[tokio::test]
async fn c44_hostile_addresses_and_ids_reach_no_server() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let settings = settings(listener.local_addr().expect("its address").port());
    let address = "\"a\r\nRCPT TO:<joao@cliente.test>\"@cliente.test";
    let id = "x@imob.test>\r\nBcc: <joao@cliente.test";
    let fine = letter("fine");
    let (to, reply_to) = (address.to_owned(), Some(address.to_owned()));
    let accent = "joão@cliente.test".to_owned();
    for (key, bad) in [
        ("bad_recipient", Letter { to, ..fine.clone() }),
        ("recipient_not_ascii", Letter { to: accent, ..fine.clone() }),
        ("bad_reply_to", Letter { reply_to, ..fine.clone() }),
        ("bad_message_id", Letter { message_id: id.into(), ..fine.clone() }),
        ("bad_message_id", Letter { references: vec![id.into()], ..fine.clone() }),
    ] {
        assert_eq!(tried(&settings, &bad).await, never(key));
    }
    let sender = SmtpSettings { from_address: address.into(), ..settings.clone() };
    assert_eq!(tried(&sender, &fine).await, stopped("bad_sender"));
    let host = SmtpSettings { host: "local host\r\n".into(), ..settings };
    assert_eq!(tried(&host, &fine).await, stopped("bad_host"));
    let nobody = listener.accept().expect_err("nobody may have called");
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}
