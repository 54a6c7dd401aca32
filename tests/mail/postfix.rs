//! A real postfix on loopback for as long as a test needs it; the work is done by `postfix.sh`.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a sound machine may take to start the servers, or to put a letter into a mailbox.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// The running server. It also stops when the test process dies in whatever way: it watches our end of a pipe.
pub struct Postfix {
    /// Refuses mail before STARTTLS; login `atendimento@imob.test` / `segredo`.
    pub starttls_port: u16,
    /// TLS from the first byte; the same login.
    pub tls_port: u16,
    /// Offers neither TLS nor login.
    pub plain_port: u16,
    dir: PathBuf,
    script: Child,
}

impl Postfix {
    /// Starts it on free ports and returns when every port has greeted; panics with a clear sentence if it cannot.
    pub fn start() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/postfix.sh");
        let [starttls_port, tls_port, plain_port] = free_ports();
        // The script makes it and removes it; the port is ours, so the name is too.
        let dir = std::env::temp_dir().join(format!("balcao-postfix-{starttls_port}"));
        let mut script = Command::new(here)
            .arg(&dir)
            .args([starttls_port, tls_port, plain_port].map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/mail/postfix.sh could not be run");
        let mut said = String::new();
        let out = script.stdout.take().expect("its output is piped");
        BufReader::new(out).read_line(&mut said).expect("its first line");
        assert_eq!(
            said, "ready\n",
            "postfix did not start: this test needs root and `apt-get install postfix dovecot-core openssl`; \
             the reason stands above"
        );
        let server = Self { starttls_port, tls_port, plain_port, dir, script };
        await_greeting(starttls_port);
        await_greeting(plain_port);
        server
    }

    /// The authority that vouches for the server's certificate, which is for `localhost` only.
    pub fn ca_pem(&self) -> String {
        std::fs::read_to_string(self.dir.join("ca.pem")).expect("ca.pem")
    }

    /// Every letter in the mailbox of `user` (`maria` or `joao`) by now, raw, with LF line ends.
    pub fn maildir_messages(&self, user: &str) -> Vec<Vec<u8>> {
        let Ok(new) = std::fs::read_dir(self.dir.join("mail").join(user).join("new")) else {
            return Vec::new(); // made with the first letter
        };
        new.map(|file| std::fs::read(file.expect("a directory entry").path()).expect("a letter")).collect()
    }

    /// Waits for the letters to `user` that hold `mark`, and gives the first.
    pub fn arrived(&self, user: &str, mark: &str) -> Vec<u8> {
        poll("a letter in the mailbox", || {
            self.maildir_messages(user).into_iter().find(|letter| String::from_utf8_lossy(letter).contains(mark))
        })
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("its address").port())
}

fn await_greeting(port: u16) {
    poll("postfix's greeting", || {
        let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let mut code = [0; 4];
        stream.read_exact(&mut code).ok()?;
        (&code == b"220 ").then_some(())
    });
}

fn poll<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(POLL);
    }
}
