//! Style sheets, scripts, icons: inside the binary, packed once, under an address that changes when they do.

use super::answer::{self, Reply};
use super::ask::{Anyone, Ask};
use crate::domain::Refusal;
use crate::store::files::Hash;
use crate::store::{Fault, Health};
use flate2::Compression;
use flate2::write::GzEncoder;
use poem::Response;
use poem::http::{StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

struct Packed {
    mime: &'static str,
    plain: Vec<u8>,
    gzip: Option<Vec<u8>>,
}

struct Shelf {
    version: String,
    files: BTreeMap<String, Packed>,
}

/// The order of the layers; every brick's sheet comes after them.
const SHEETS_FIRST: [&str; 3] = ["css/tokens.css", "css/base.css", "css/layout.css"];
const SHEET: &str = "css/balcao.css";

static SHELF: LazyLock<Shelf> = LazyLock::new(Shelf::fill);

impl Shelf {
    fn fill() -> Self {
        let mut files = BTreeMap::new();
        let mut sheet = Vec::new();
        let mut names: Vec<String> = Assets::iter().map(|name| name.into_owned()).collect();
        names.sort_by_key(|name| {
            (SHEETS_FIRST.iter().position(|first| first == name).unwrap_or(SHEETS_FIRST.len()), name.clone())
        });
        let mut hasher = Sha256::new();
        for name in names {
            let Some(file) = Assets::get(&name).filter(|_| !name.ends_with("LICENSE")) else { continue };
            hasher.update(&file.data);
            if name.ends_with(".css") {
                sheet.extend_from_slice(&file.data);
                sheet.push(b'\n');
            } else {
                files.insert(name.clone(), pack(mime(&name), file.data.into_owned()));
            }
        }
        files.insert(SHEET.to_owned(), pack("text/css; charset=utf-8", sheet));
        let version = hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { version, files }
    }
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

fn pack(mime: &'static str, plain: Vec<u8>) -> Packed {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail; where it did, the plain bytes are served.
    let gzip = encoder.write_all(&plain).and_then(|()| encoder.finish()).ok();
    Packed { mime, gzip: gzip.filter(|packed| packed.len() < plain.len()), plain }
}

/// The address of an asset. Scripts import each other relatively, so they share the version in it.
pub fn asset(name: &str) -> String {
    format!("/assets/{}/{name}", SHELF.version)
}

/// The address of all style sheets in one.
pub fn stylesheet() -> String {
    asset(SHEET)
}

/// The address of the agency's hue. It is a sheet of its own because the pages allow no inline styles.
pub fn hue(hue: u16) -> String {
    format!("/cor/{hue}.css")
}

/// Gives an asset.
pub async fn serve(ask: Ask<Anyone>) -> Reply {
    let path = ask.request.original_uri().path();
    let name = path.strip_prefix("/assets/").and_then(|rest| rest.split_once('/')).map(|(_, name)| name);
    let Some(packed) = name.and_then(|name| SHELF.files.get(name)) else { return Err(Refusal::NotFound.into()) };
    let takes_gzip = ask.request.header(header::ACCEPT_ENCODING).is_some_and(takes_gzip);
    let response = Response::builder()
        .header(header::CONTENT_TYPE, packed.mime)
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(header::VARY, "Accept-Encoding");
    Ok(match (&packed.gzip, takes_gzip) {
        (Some(gzip), true) => response.header(header::CONTENT_ENCODING, "gzip").body(gzip.clone()),
        _ => response.body(packed.plain.clone()),
    })
}

fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// What an ACME server wants to read while it looks whether a name is ours.
pub async fn acme(ask: Ask<Anyone>) -> Reply {
    let answer = ask.desk.tls.portal.answer_to(ask.param("token")).ok_or(Refusal::NotFound)?;
    Ok(Response::builder().content_type("application/octet-stream").body(answer))
}

/// Gives the sheet of a hue.
pub async fn hue_sheet(ask: Ask<Anyone>) -> Reply {
    let hue = ask.param("hue").strip_suffix(".css").and_then(|hue| hue.parse::<u16>().ok()).filter(|hue| *hue < 360);
    let hue = hue.ok_or(Refusal::NotFound)?;
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "text/css; charset=utf-8")
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .body(format!("@layer tokens {{ :root {{ --hue: {hue}; }} }}\n")))
}

/// Gives the agency's logo.
pub async fn logo(ask: Ask<Anyone>) -> Reply {
    let (hash, kind) = ask.agency.logo.clone().ok_or(Refusal::NotFound)?;
    let hash: Hash = hash.parse().map_err(|_| Fault::Encoding("the logo's hash".into()))?;
    let (file, length) = ask.desk.files.read(&hash).await.map_err(|error| Fault::Storage(error.to_string()))?;
    let mime = crate::media::Kind::from_key(&kind).map_or("application/octet-stream", crate::media::Kind::mime);
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, mime)
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        .header(header::CACHE_CONTROL, "private, no-cache")
        .header(header::CONTENT_LENGTH, length)
        .body(poem::Body::from_async_read(file)))
}

/// Says that the house is open, or that it can be read only: 503, for whoever watches over it.
pub async fn health(ask: Ask<Anyone>) -> Reply {
    let (status, body) = match ask.desk.health() {
        Health::Well => (StatusCode::OK, "ok\n"),
        Health::Full => (StatusCode::SERVICE_UNAVAILABLE, "disk full: read-only\n"),
        Health::Failing => (StatusCode::SERVICE_UNAVAILABLE, "disk failing: read-only\n"),
    };
    Ok(answer::sentence(status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_packed_assets_only_if_it_takes_them() {
        assert!(takes_gzip("gzip, deflate, br"));
        assert!(takes_gzip("br;q=1.0, gzip;q=0.8"));
        assert!(!takes_gzip("br, gzip;q=0"));
        assert!(!takes_gzip("identity"));
    }

    #[test]
    fn every_script_and_the_sheet_are_on_board() {
        assert!(SHELF.files.contains_key("js/main.js") && SHELF.files.contains_key(SHEET));
        assert!(SHELF.files[SHEET].plain.starts_with(b"/* Bal"), "the layers are named first");
    }
}
