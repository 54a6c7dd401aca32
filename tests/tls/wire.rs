//! Raw bytes to a door, in the clear and by TLS.

use crate::office::PATIENCE;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// `127.0.0.1:…` of an address.
pub fn door(base: &str) -> &str {
    base.rsplit('/').next().unwrap()
}

pub async fn plain(base: &str) -> TcpStream {
    TcpStream::connect(door(base)).await.unwrap()
}

/// A connection that checked the door's certificate against this authority and name.
pub async fn tls(base: &str, authority: &str, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, plain(base).await).await
}

/// Sends bytes and reads all there is until the other side ends.
pub async fn exchange(mut io: impl AsyncRead + AsyncWrite + Unpin, bytes: &str) -> String {
    io.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // An end without goodbye is an end, too.
    let _ = timeout(PATIENCE, io.read_to_end(&mut answer)).await.expect("an end");
    String::from_utf8_lossy(&answer).to_lowercase()
}

/// The head of a request that wants no other after it.
pub fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}
