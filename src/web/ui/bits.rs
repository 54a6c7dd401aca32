//! Small bricks: the round picture, a count, a tag, an empty list, a notice.

use super::icon::icon;
use crate::domain::values::initials;
use crate::words::dates::Said;
use maud::{Markup, html};

/// Colours of round pictures and tags; each is a class, because the pages allow no inline styles.
const HUES: u32 = 12;

/// The class of a name's colour: always the same for the same name.
pub fn hue(name: &str) -> String {
    format!("h{}", crc32fast::hash(name.as_bytes()) % HUES)
}

/// The round picture of a person: their initials.
pub fn avatar(name: &str) -> Markup {
    html! { span class={ "avatar " (hue(name)) } aria-hidden="true" { (initials(name)) } }
}

/// A number in a pill; nothing for zero.
pub fn count(n: usize, quiet: bool) -> Markup {
    html! {
        @if n > 0 {
            span.count.quiet[quiet] { @if n > crate::domain::inbox::COUNT_MAX { "999+" } @else { (n) } }
        }
    }
}

/// A time: near it on the screen, its date on paper.
pub fn said(time: &Said) -> Markup {
    html! { span.not-paper { (time.near) } span.print-only { (time.on_paper) } }
}

/// A short coloured word.
pub fn tag(text: &str) -> Markup {
    html! { span class={ "tag " (hue(text)) } { (text) } }
}

/// How something stands: a dot and a word; `tone` is good, warn, bad or calm.
pub fn status(tone: &str, text: &str) -> Markup {
    html! { span class={ "status " (tone) } { (text) } }
}

/// An empty list: one sentence and at most one button.
pub fn empty(name: &str, sentence: &str, button: Option<Markup>) -> Markup {
    html! {
        div.empty {
            (icon(name))
            p { (sentence) }
            @if let Some(button) = button { (button) }
        }
    }
}

/// A search without a hit, inside the list that it searched.
pub fn nothing_found(scene: &crate::web::scene::Scene) -> Markup {
    empty("search", scene.w.nothing_found(), None)
}

/// Something that happened, said once at the edge of the page; `tone` as in [`status`].
pub fn notice(tone: &str, text: &str) -> Markup {
    html! { div class={ "notice " (tone) } role="status" { (text) } }
}

/// A definition list of what is known.
pub fn facts(pairs: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts { @for (name, value) in pairs { dt { (name) } dd { (value) } } }
    }
}
