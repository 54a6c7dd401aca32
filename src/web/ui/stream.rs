//! A conversation's middle: the entries, the button to older ones, the button to newer ones, who is typing.

use super::bubble;
use super::icon::icon;
use crate::web::find::within;
use crate::web::scene::Scene;
use crate::web::thread::{STREAM, Stretch};
use maud::{Markup, html};

/// The scrolling part; `older` is the address that gives entries before a number, `home` the conversation's own.
pub fn stream(scene: &Scene, stretch: &Stretch, older: &str, home: &str) -> Markup {
    let w = scene.w;
    html! {
        div.scroll data-scroll="" tabindex="0" role="region" aria-label=(w.messages()) {
            (older_button(scene, stretch.older, older))
            div.stream id=(STREAM) data-order="asc" data-until=[stretch.until] {
                @for one in &stretch.bubbles { (bubble::entry(scene, one)) }
            }
            (within::later(scene, home, stretch.until))
            div.stream.typing-line #digitando-linha { }
            (bubble::pending(scene))
        }
        button.news #novas type="button" hidden { (icon("down")) span data-n="" {} " " (w.new_messages()) }
        div.drop-here aria-hidden="true" { (icon("clip")) (w.drop_here()) }
    }
}

/// "Mostrar anteriores", while there are any.
pub fn older_button(scene: &Scene, before: Option<u64>, address: &str) -> Markup {
    html! {
        div.older #anteriores {
            @if let Some(before) = before {
                form data-inline="" method="get" action=(address) {
                    input type="hidden" name="antes" value=(before);
                    button.button type="submit" { (scene.w.show_older()) }
                }
            }
        }
    }
}

/// "… está digitando".
pub fn typing(scene: &Scene, who: &str) -> Markup {
    html! { p.event #digitando data-k="0" { (scene.w.is_typing(who)) span.dots aria-hidden="true" { i {} i {} i {} } } }
}
