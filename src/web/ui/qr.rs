//! A QR code as a drawing: dark squares on white, whatever the page's colours.

use fast_qr::QRBuilder;
use maud::{Markup, html};
use std::fmt::Write;

/// Free squares around it (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// The code that leads to `address`; nothing where it is too long for one. `label` says what it is to those who hear.
pub fn qr(address: &str, label: &str) -> Markup {
    let Ok(code) = QRBuilder::new(address).build() else { return html! {} };
    let mut path = String::new();
    for (y, row) in (0..code.size).map(|y| (y, &code[y])) {
        for x in (0..code.size).filter(|x| row[*x].value()) {
            // Writing into a text does not fail.
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let side = code.size + 2 * QUIET;
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}
