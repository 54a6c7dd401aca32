//! Asks an ACME server (RFC 8555) for a certificate, and shows it that the name is ours.
//!
//! Both ways of showing are tried: by TLS (RFC 8737), for which the router forwards port 443 to the portal's door, as it
//! must anyway; then by HTTP on port 80. Their answers are told, since what is wrong is nearly always the router.

use super::front::{ACME_PROTOCOL, Front, Proof};
use super::pair::{Broken, Pair};
use super::provider;
use hyper::body::{Body, Bytes};
use hyper::header::{HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use instant_acme::{
    Account, AccountCredentials, BodyWrapper, BytesResponse, ChallengeType, Error, HttpClient, Identifier,
    KeyAuthorization, LetsEncrypt, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// One request and its answer, connection included.
const ANSWER: Duration = Duration::from_secs(30);
/// From our word that the name can be looked at to the server's that it was.
const LOOK: Duration = Duration::from_secs(90);
/// No answer of the protocol is longer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Where certificates are asked for.
pub(super) struct Server {
    directory: String,
    trust: Arc<ClientConfig>,
}

/// What is wanted, and of whom.
pub(super) struct Wanted<'w> {
    pub(super) domain: &'w str,
    pub(super) email: &'w str,
    /// The account as it was kept, if there is one.
    pub(super) account: Option<String>,
}

/// What was got.
pub(super) struct Got {
    /// Chain and key in one PEM text.
    pub(super) both: String,
    /// The account, to be kept.
    pub(super) account: String,
}

impl Server {
    /// The one at `directory` (Let's Encrypt's if none is said), whose own certificate is signed by `authority` (one of
    /// the public ones if none is said).
    pub(super) fn new(directory: Option<String>, authority: Option<PathBuf>) -> Result<Self, Broken> {
        let mut roots = RootCertStore::empty();
        match authority {
            Some(path) => {
                let at = |why: String| Broken::Unreadable(format!("{}: {why}", path.display()));
                let certificate = CertificateDer::from_pem_file(&path).map_err(|why| at(why.to_string()))?;
                roots.add(certificate).map_err(|why| at(why.to_string()))?;
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|why| Broken::Unfit(why.to_string()))?;
        let trust = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
        let directory = directory.unwrap_or_else(|| LetsEncrypt::Production.url().to_owned());
        Ok(Self { directory, trust })
    }

    /// Gets a certificate for a name that leads to `front`. The error is what the other side said.
    pub(super) async fn obtain(&self, front: &Front, wanted: Wanted<'_>) -> Result<Got, String> {
        let (account, kept) = self.account(&wanted).await.map_err(said)?;
        let mut reasons = Vec::new();
        for (way, name) in [(ChallengeType::TlsAlpn01, "443"), (ChallengeType::Http01, "80")] {
            let got = obtain_by(&account, front, wanted.domain, way).await;
            front.prove(None);
            match got {
                Ok(both) => return Ok(Got { both, account: kept }),
                Err(Failed::Looking(why)) => reasons.push(format!("{name}: {why}")),
                Err(Failed::Asking(why)) => return Err(said(why)),
            }
        }
        Err(reasons.join(" · "))
    }

    async fn account(&self, wanted: &Wanted<'_>) -> Result<(Account, String), Error> {
        let builder = Account::builder_with_http(Box::new(Client { trust: self.trust.clone() }));
        if let Some(kept) = &wanted.account
            && let Ok(credentials) = serde_json::from_str::<AccountCredentials>(kept)
        {
            return Ok((builder.from_credentials(credentials).await?, kept.clone()));
        }
        let contact = format!("mailto:{}", wanted.email);
        let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = builder.create(&new, self.directory.clone(), None).await?;
        Ok((account, serde_json::to_string(&credentials)?))
    }
}

/// Whether another way may help.
enum Failed {
    /// The server looked, and did not find us.
    Looking(String),
    /// It did not come to that.
    Asking(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Asking(error)
    }
}

async fn obtain_by(account: &Account, front: &Front, domain: &str, way: ChallengeType) -> Result<String, Failed> {
    let names = [Identifier::Dns(domain.to_owned())];
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let mut authorizations = order.authorizations();
    while let Some(next) = authorizations.next().await {
        let mut authorization = next?;
        // A name that was shown lately need not be shown again.
        let Some(mut challenge) = authorization.challenge(way.clone()) else { continue };
        let proof = proof(domain, &challenge.token, &challenge.key_authorization());
        front.prove(Some(proof.map_err(Error::Other)?));
        challenge.set_ready().await?;
    }
    let status = order.poll_ready(&RetryPolicy::new().timeout(LOOK)).await;
    if !matches!(status, Ok(OrderStatus::Ready)) {
        let seen = reason(&mut order).await;
        return Err(Failed::Looking(seen.unwrap_or_else(|| status.map_or_else(said, |status| format!("{status:?}")))));
    }
    let key = KeyPair::generate().map_err(|error| Error::Other(error.into()))?;
    let request = CertificateParams::new([domain.to_owned()]).and_then(|params| params.serialize_request(&key));
    order.finalize_csr(request.map_err(|error| Error::Other(error.into()))?.der()).await?;
    let chain = order.poll_certificate(&RetryPolicy::new().timeout(LOOK)).await?;
    let both = chain + "\n" + &key.serialize_pem();
    Pair::read(&both, &both).map_err(|why| Error::Other(why.into()))?;
    Ok(both)
}

/// What the server says of the challenge that it found wrong.
async fn reason(order: &mut Order) -> Option<String> {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let state = authorization.refresh().await.ok()?;
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.clone()) {
            return Some(problem.detail.unwrap_or_else(|| problem.r#type.unwrap_or_default()));
        }
    }
    None
}

fn said(error: Error) -> String {
    match error {
        Error::Api(problem) => problem.detail.clone().unwrap_or_else(|| problem.to_string()),
        other => other.to_string(),
    }
}

/// What the server wants to see: a certificate that carries the hash of token and account, or both as a text.
fn proof(domain: &str, token: &str, key: &KeyAuthorization) -> Result<Proof, Box<dyn std::error::Error + Send + Sync>> {
    let own = KeyPair::generate()?;
    let mut params = CertificateParams::new([domain.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(key.digest().as_ref())];
    let certificate = params.self_signed(&own)?;
    let secret = PrivateKeyDer::try_from(own.serialize_der())?;
    // Not `with_single_cert`: that refuses what it does not know, and this extension is for ACME servers alone.
    let signing = provider().key_provider.load_private_key(secret)?;
    let pair = CertifiedKey::new(vec![certificate.der().clone()], signing);
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    config.alpn_protocols = vec![ACME_PROTOCOL.to_vec()];
    Ok(Proof { config: Arc::new(config), token: token.to_owned(), answer: key.as_str().to_owned() })
}

/// HTTP/1.1 over checked TLS, one connection a request, with a time and a size.
struct Client {
    trust: Arc<ClientConfig>,
}

type Sent<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let trust = self.trust.clone();
        Box::pin(async move {
            let uri = request.uri().clone();
            let whom = uri.host().unwrap_or_default().to_owned();
            let sent = tokio::time::timeout(ANSWER, send(trust, uri, request)).await;
            let sent = sent.unwrap_or_else(|_| Err(format!("no answer within {} s", ANSWER.as_secs()).into()));
            sent.map_err(|why| Error::Other(format!("{whom}: {why}").into()))
        })
    }
}

async fn send(trust: Arc<ClientConfig>, uri: Uri, mut request: Request<BodyWrapper<Bytes>>) -> Sent<BytesResponse> {
    if uri.scheme_str() != Some("https") {
        return Err("only https is asked".into());
    }
    let authority = uri.authority().ok_or("no host")?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let stream = TcpStream::connect((host.as_str(), authority.port_u16().unwrap_or(443))).await?;
    let stream = TlsConnector::from(trust).connect(ServerName::try_from(host)?, stream).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the connection, which ends with this request.
    let carried = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    request.headers_mut().insert(HOST, HeaderValue::from_str(authority.as_str())?);
    request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static("balcao"));
    *request.uri_mut() = path.parse()?;
    let (parts, mut body) = sender.send_request(request).await?.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        bytes.extend_from_slice(&frame?.into_data().unwrap_or_default());
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err("the answer is too long".into());
        }
    }
    carried.abort();
    Ok(BytesResponse { parts, body: Box::new(Bytes::from(bytes)) })
}
