//! The certificate of the office's own authority, for whoever shall trust it: the file, and how each device takes it.

use super::answer::{self, Reply};
use super::ask::{Anyone, Ask, Who};
use super::paths;
use super::scene::Scene;
use super::ui::icon::icon;
use super::ui::layout;
use super::ui::qr::qr;
use crate::domain::Refusal;
use maud::{Markup, html};
use poem::Response;
use poem::http::header;
use std::net::{IpAddr, SocketAddr};

/// How to install it. Nobody needs to be logged in: it comes before the first login.
pub async fn page(ask: Ask<Anyone>) -> Reply {
    let own = ask.desk.tls.office_own().ok_or(Refusal::NotFound)?;
    let scene = ask.scene();
    let w = scene.w;
    Ok(answer::html(layout::outside(
        &scene,
        w.certificate_install(),
        html! {
            h1 { (w.certificate_install()) }
            p.gate-text { (w.certificate_text()) }
            a.button.main.wide.certificate-file href=(paths::CERTIFICATE_FILE) download { (icon("key")) (w.certificate_download()) }
            (fingerprint(&scene, &own.fingerprint))
            p.hint { (w.certificate_compare()) }
            div.guides {
                @for (device, steps) in w.certificate_guides() {
                    details { summary { (device) } ol { @for step in steps { li { (step) } } } }
                }
            }
            p.gate-foot { (w.certificate_done()) " " a href={ "https://" (reached_at(&ask)) "/" } { "https://" (reached_at(&ask)) } }
        },
    )))
}

/// The file itself.
pub async fn file(ask: Ask<Anyone>) -> Reply {
    let pem = ask.desk.tls.authority_certificate().filter(|_| !ask.desk.tls.office_given).ok_or(Refusal::NotFound)?;
    Ok(Response::builder()
        .content_type("application/x-x509-ca-cert")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"balcao-ca.crt\"")
        .body(pem))
}

/// The fingerprint, to be compared by eye.
pub fn fingerprint(scene: &Scene, text: &str) -> Markup {
    html! { div.fingerprint { b { (scene.w.certificate_fingerprint()) } code { (text) } } }
}

/// The code that leads a phone to [`page`].
pub fn code<W: Who>(ask: &Ask<W>) -> Markup {
    let address = format!("http://{}{}", reached_at(ask), paths::CERTIFICATE);
    html! { figure.code { (qr(&address, &ask.w.certificate_qr(&address))) figcaption { a href=(address) { (address) } } } }
}

/// Host and port by which others on the network reach this door: as this browser does, if our certificate names that
/// and it is no name for oneself; else by the machine's first address.
pub fn reached_at<W: Who>(ask: &Ask<W>) -> String {
    let asked = ask.request.header(header::HOST).unwrap_or_default();
    let (name, _) = super::tls_only::split(asked);
    let own: Option<IpAddr> = name.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let alone = name.eq_ignore_ascii_case("localhost") || own.is_some_and(|address| address.is_loopback());
    if !alone && ask.desk.tls.office.names(name) {
        return asked.to_owned();
    }
    let here = ask.request.local_addr().as_socket_addr().copied();
    let certified = ask.desk.tls.office_own().map_or(Vec::new(), |own| own.certified);
    let first = certified.iter().find_map(|name| name.parse::<IpAddr>().ok().filter(|address| !address.is_loopback()));
    match (here, first) {
        (Some(here), Some(first)) if !here.ip().is_loopback() || alone => {
            SocketAddr::new(first, here.port()).to_string()
        }
        (Some(here), _) => SocketAddr::new(here.ip().to_canonical(), here.port()).to_string(),
        (None, _) => asked.to_owned(),
    }
}
