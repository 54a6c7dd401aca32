//! An SMTP server that follows a script, and misbehaves exactly as told, for one connection.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
    time::timeout,
};

/// No test's conversation is longer; whoever waits longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does next. After the last step it drops the connection.
#[derive(Clone, Copy)]
pub enum Step {
    /// Writes this.
    Say(&'static str),
    /// Writes this over and over until the client has gone.
    Flood(&'static str),
    /// Reads one line, which must begin with this.
    Hear(&'static str),
    /// Reads a letter up to and with the lone dot.
    HearLetter,
    /// Reads this many bytes of whatever comes.
    HearBytes(usize),
    /// Says nothing until the client has gone.
    Hold,
}

// The parts of a conversation that goes well with `main::letter`; put together with what goes wrong.
pub const GREET: &[Step] = &[Step::Say("220 mx.cliente.test\r\n"), Step::Hear("EHLO imob.test\r\n")];
pub const OFFER_NOTHING: &[Step] = &[Step::Say("250 mx.cliente.test\r\n")];
pub const SENDER: &[Step] = &[Step::Hear("MAIL FROM:<atendimento@imob.test>\r\n"), Step::Say("250 2.1.0 Ok\r\n")];
pub const RECIPIENT: &[Step] = &[Step::Hear("RCPT TO:<maria@cliente.test>\r\n")];
pub const DATA: &[Step] = &[Step::Say("250 2.1.5 Ok\r\n"), Step::Hear("DATA\r\n"), Step::Say("354 go on\r\n")];
pub const TAKEN: &[Step] = &[Step::HearLetter, Step::Say("250 2.0.0 queued as Q1\r\n")];
pub const GOODBYE: &[Step] = &[Step::Hear("QUIT\r\n"), Step::Say("221 bye\r\n")];

/// A server waiting for its one client.
pub struct Scripted {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    task: JoinHandle<Vec<String>>,
}

impl Scripted {
    /// Starts it; `steps` may be put together from parts.
    pub async fn start(steps: &[&[Step]]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let steps = steps.concat();
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let (read, mut write) = stream.split();
            let mut read = BufReader::new(read);
            let mut heard = Vec::new();
            for step in steps {
                match step {
                    Step::Say(words) => write.write_all(words.as_bytes()).await.expect("to be heard"),
                    Step::Flood(words) => while write.write_all(words.as_bytes()).await.is_ok() {},
                    Step::Hear(start) => {
                        let mut line = String::new();
                        read.read_line(&mut line).await.expect("a line");
                        assert!(line.starts_with(start), "wanted {start}, heard {line:?}");
                        heard.push(line);
                    }
                    Step::HearLetter => {
                        let mut letter = String::new();
                        while !letter.ends_with("\r\n.\r\n") {
                            let read = read.read_line(&mut letter).await.expect("a line");
                            assert_ne!(read, 0, "the letter has no end");
                        }
                        heard.push(letter);
                    }
                    Step::HearBytes(count) => {
                        read.read_exact(&mut vec![0; count]).await.expect("bytes");
                    }
                    // A client that goes may also reset the connection: gone is gone.
                    Step::Hold => drop(read.read_to_end(&mut Vec::new()).await),
                }
            }
            heard
        });
        Self { port, task }
    }

    /// Starts one that takes the sender, hears the recipient, and goes on with `then`.
    pub async fn at_recipient(then: &[&[Step]]) -> Self {
        Self::start(&[&[GREET, OFFER_NOTHING, SENDER, RECIPIENT], then].concat()).await
    }

    /// What it heard, a line or a letter each, once the conversation is over.
    pub async fn heard(self) -> Vec<String> {
        let heard = timeout(PATIENCE, self.task).await.expect("the script hangs");
        heard.expect("the client did not follow the script")
    }
}
