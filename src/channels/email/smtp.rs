//! Speaks SMTP with the server.
//!
//! The conversation is driven step by step rather than by the crate's own `send()`: that waits an hour, and does not
//! tell a refused login from a refused recipient.

use std::{net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use mail_send::{
    Credentials, Error, SmtpClient,
    smtp::{AssertReply, message::Parameters},
};
use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, EXT_START_TLS, Response};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Cause, Letter, Outcome, Secret, Security, SmtpSettings, Timeouts, gate, mime};

/// The letter's fate is known by then: a server that is slow to say goodbye holds nobody up.
const GOODBYE: Duration = Duration::from_secs(5);

/// What went wrong, and how far we had come: a refusal means another thing before the recipient was named.
enum Failure {
    /// Found by ourselves.
    Ours(Cause),
    /// While opening the conversation, up to and including the sender: it would befall every letter.
    Opening(Error),
    /// At the recipient or the letter itself.
    Letter(Error),
}

/// Speaks with the server once; every string has passed the gate or is cleaned in [`mime`].
pub(super) async fn hand_over(settings: &SmtpSettings, letter: &Letter, timeouts: &Timeouts) -> Outcome {
    let talk = Talk { settings, letter, timeouts };
    let secrets = || struck(settings.password.as_ref(), settings.username.as_deref());
    match talk.run().await {
        Ok(reply) => Outcome::Sent { words: words(&reply, &secrets()) },
        Err(Failure::Ours(cause)) => cause.into(),
        Err(Failure::Opening(error)) => judged(error, true, &secrets()),
        Err(Failure::Letter(error)) => judged(error, false, &secrets()),
    }
}

/// One conversation; holds what every step needs.
struct Talk<'a> {
    settings: &'a SmtpSettings,
    letter: &'a Letter,
    timeouts: &'a Timeouts,
}

impl Talk<'_> {
    async fn run(&self) -> Result<Response<String>, Failure> {
        let host = self.settings.host.as_str();
        ServerName::try_from(host).map_err(|_| Failure::Ours(Cause::BadHost))?;
        let connector = connector(self.settings.extra_ca_pem.as_deref()).map_err(Failure::Ours)?;
        let stream = timeout(self.timeouts.connect, dial(host, self.settings.port, self.timeouts))
            .await
            .unwrap_or(Err(Cause::Timeout))
            .map_err(Failure::Ours)?;
        let mut client = SmtpClient { stream, timeout: self.timeouts.connect };
        match self.settings.security {
            Security::Tls => {
                let tls = client.into_tls(&connector, host).await;
                let mut client = tls.map_err(Failure::Opening)?;
                self.greeted(&mut client).await?;
                self.mail(client).await
            }
            Security::StartTls => {
                self.greeted(&mut client).await?;
                let offer = client.ehlo(self.own_name()).await.map_err(Failure::Opening)?;
                if !offer.has_capability(EXT_START_TLS) {
                    return Err(Failure::Ours(Cause::NoStartTls));
                }
                let tls = client.start_tls(&connector, host).await;
                self.mail(tls.map_err(Failure::Opening)?).await
            }
            Security::Plain => {
                let peer = client.stream.peer_addr();
                if !peer.is_ok_and(|peer| is_near(peer.ip())) {
                    return Err(Failure::Ours(Cause::ClearText));
                }
                self.greeted(&mut client).await?;
                self.mail(client).await
            }
        }
    }

    /// Waits for the greeting; from here on each answer has the time of a command.
    async fn greeted<S>(&self, client: &mut SmtpClient<S>) -> Result<(), Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        client.timeout = self.timeouts.command;
        timeout(self.timeouts.command, client.read())
            .await
            .unwrap_or(Err(Error::Timeout))
            .and_then(AssertReply::assert_positive_completion)
            .map_err(Failure::Opening)
    }

    /// The rest of the conversation, over the protected stream, and goodbye if the server still speaks to us.
    async fn mail<S>(&self, mut client: SmtpClient<S>) -> Result<Response<String>, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        client.timeout = self.timeouts.command;
        let end = match self.log_in(&mut client).await {
            Ok(()) => self.deliver(&mut client).await.map_err(Failure::Letter),
            Err(failure) => Err(failure),
        };
        let answered = |error: &Error| matches!(error, Error::UnexpectedReply(_) | Error::AuthenticationFailed(_));
        let speaking = match &end {
            Ok(_) => true,
            Err(Failure::Opening(error) | Failure::Letter(error)) => answered(error),
            Err(Failure::Ours(_)) => false,
        };
        if speaking {
            client.timeout = GOODBYE.min(self.timeouts.command);
            // Whatever it says, the letter's fate is known.
            let _ = client.quit().await;
        }
        end
    }

    /// EHLO, AUTH if we have a login, MAIL FROM.
    async fn log_in<S>(&self, client: &mut SmtpClient<S>) -> Result<(), Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut offer = client.ehlo(self.own_name()).await.map_err(Failure::Opening)?;
        if let (Some(username), Some(password)) = (&self.settings.username, &self.settings.password) {
            // The crate would also start DIGEST-MD5, which it then cannot finish.
            offer.auth_mechanisms &= AUTH_PLAIN | AUTH_LOGIN;
            let login = Credentials::new(username.as_str(), password.expose());
            client.authenticate(&login, &offer).await.map_err(Failure::Opening)?;
        }
        client.mail_from(&self.settings.from_address, &Parameters::new()).await.map_err(Failure::Opening)
    }

    /// RCPT TO and DATA.
    async fn deliver<S>(&self, client: &mut SmtpClient<S>) -> Result<Response<String>, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        client.rcpt_to(&self.letter.to, &Parameters::new()).await?;
        client.cmd(b"DATA\r\n").await?.assert_code(354)?;
        let message = mime::written(self.settings, self.letter);
        let sending = async {
            client.write_message(&message).await?;
            client.read().await
        };
        timeout(self.timeouts.data, sending).await.unwrap_or(Err(Error::Timeout))?.into_positive_completion()
    }

    /// What we say in EHLO: the agency's domain, never the name of this machine.
    fn own_name(&self) -> &str {
        let address = self.settings.from_address.as_str();
        address.rsplit_once('@').map_or(address, |(_, domain)| domain)
    }
}

/// Tries each address of `host` in turn, each with its share of the time.
async fn dial(host: &str, port: u16, timeouts: &Timeouts) -> Result<TcpStream, Cause> {
    let found = lookup_host((host, port)).await.map_err(|_| Cause::Dns)?;
    let addresses: Vec<_> = found.collect();
    // More than u32::MAX addresses is no answer a resolver gives; one share each then is all the same.
    let share = timeouts.connect / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = Cause::Dns;
    for address in addresses {
        last = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) if e.kind() == std::io::ErrorKind::ConnectionRefused => Cause::Refused,
            Ok(Err(_)) => Cause::Unreachable,
            Err(_) => Cause::Timeout,
        };
    }
    Err(last)
}

/// The web's authorities plus the agency's own.
fn connector(extra_ca_pem: Option<&str>) -> Result<TlsConnector, Cause> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = extra_ca_pem {
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| Cause::BadAuthority)?;
            roots.add(certificate).map_err(|_| Cause::BadAuthority)?;
            found += 1;
        }
        if found == 0 {
            return Err(Cause::BadAuthority);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Cause::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// This machine or the office: loopback, private and link-local addresses (RFC 1918, 3927, 4193, 4291).
fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// What an error means for the letter: 4xx and broken connections pass (RFC 5321 4.2.1); 5xx is about this letter
/// once the recipient is named, and about our settings before that or when it asks for a login (RFC 4954 6).
fn judged(error: Error, opening: bool, secrets: &[String]) -> Outcome {
    let reply = match error {
        Error::UnexpectedReply(reply) | Error::AuthenticationFailed(reply) => reply,
        Error::Timeout => return Cause::Timeout.into(),
        Error::InvalidTLSName => return Cause::BadHost.into(),
        Error::Tls(error) => return tls_cause(&error).into(),
        Error::UnsupportedAuthMechanism | Error::Auth(_) => return Cause::NoLogin.into(),
        _ => return Cause::Broken.into(),
    };
    let words = words(&reply, secrets);
    match reply.code {
        530 | 534 | 535 | 538 => Outcome::Settings { words },
        500..=599 if opening => Outcome::Settings { words },
        500..=599 => Outcome::Never { words },
        400..=499 => Outcome::Later { words },
        _ => Cause::Broken.into(),
    }
}

fn tls_cause(error: &rustls::Error) -> Cause {
    use CertificateError::*;
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            NotValidForName | NotValidForNameContext { .. } => Cause::CertificateName,
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. } => Cause::CertificateDate,
            _ => Cause::CertificateUntrusted,
        },
        _ => Cause::Tls,
    }
}

fn words(reply: &Response<String>, secrets: &[String]) -> String {
    let [class, subject, detail] = reply.esc;
    let code = reply.code;
    let said = match class {
        0 => format!("{code} {}", reply.message),
        _ => format!("{code} {class}.{subject}.{detail} {}", reply.message),
    };
    gate::reply_words(&said, secrets)
}

/// The password in every form in which it goes over the wire, and a server might send it back.
fn struck(password: Option<&Secret>, username: Option<&str>) -> Vec<String> {
    let Some(password) = password else {
        return Vec::new();
    };
    let plain = format!("\0{}\0{}", username.unwrap_or_default(), password.expose());
    vec![BASE64_STANDARD.encode(plain), BASE64_STANDARD.encode(password.expose()), password.expose().to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_stays_in_the_office() {
        for near in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.9",
            "169.254.1.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:192.168.0.9",
        ] {
            assert!(is_near(near.parse().unwrap()), "{near}");
        }
        for far in ["8.8.8.8", "172.32.0.1", "100.64.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!is_near(far.parse().unwrap()), "{far}");
        }
    }

    #[test]
    fn authorities_that_cannot_be_read_are_not_passed_over() {
        let torn = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "none", torn] {
            assert_eq!(connector(Some(pem)).err(), Some(Cause::BadAuthority), "{pem}");
        }
        assert!(connector(None).is_ok());
    }
}
