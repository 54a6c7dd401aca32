//! A mail server that takes every letter and keeps it.

use crate::office::*;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Where letters arrive.
pub struct Mailbox {
    port: u16,
    letters: Arc<Mutex<Vec<String>>>,
}

impl Mailbox {
    /// Opens one; it goes when the test process goes.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let letters = Arc::<Mutex<Vec<String>>>::default();
        let kept = letters.clone();
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let kept = kept.clone();
                // Whoever hangs up in the middle left no letter.
                thread::spawn(move || take(&caller, &kept).unwrap_or_default());
            }
        });
        Self { port, letters }
    }

    /// Makes it the agency's.
    pub async fn set(&self, admin: &Person) {
        let port = self.port.to_string();
        let server =
            [("servidor", "localhost"), ("porta", &port), ("seguranca", "plain"), ("remetente", "a@aurora.example")];
        let set = admin.post("/sistema/email", &server).await;
        assert_eq!(set.status, 204, "{}", set.text());
    }

    /// What arrived so far for this address, with line breaks of the transport undone.
    pub fn of(&self, email: &str) -> Vec<String> {
        let to = format!("RCPT TO:<{email}>");
        let all = self.letters.lock().unwrap();
        all.iter().filter(|letter| letter.starts_with(&to)).map(|letter| letter.replace("=\r\n", "")).collect()
    }

    /// The paths of the links that arrived for this address.
    pub fn links(&self, email: &str) -> Vec<String> {
        let of_letter = |letter: &String| {
            let (_, rest) = letter.split_once("/acesso/").expect("a link");
            format!("/acesso/{}", &rest[..43])
        };
        self.of(email).iter().map(of_letter).collect()
    }
}

fn take(caller: &TcpStream, letters: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (mut lines, mut back) = (BufReader::new(caller.try_clone()?), caller.try_clone()?);
    let (mut letter, mut reading) = (String::new(), false);
    back.write_all(b"220 mailbox\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match (reading, line.trim_end()) {
            (true, ".") => {
                reading = false;
                letters.lock().unwrap().push(std::mem::take(&mut letter));
                "250 kept"
            }
            (true, _) => {
                letter += &line;
                continue;
            }
            (false, "DATA") => {
                reading = true;
                "354 go on"
            }
            (false, said) => {
                if said.starts_with("RCPT") {
                    letter += &line;
                }
                "250 mailbox"
            }
        };
        back.write_all(format!("{answer}\r\n").as_bytes())?;
    }
}
