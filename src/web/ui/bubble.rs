//! One entry of the timeline, as it stands in a conversation: the one drawing for page, answer, live stream and the
//! bubble that still waits.

use super::icon::icon;
use crate::domain::attachment::Attachment;
use crate::domain::delivery::State as Mail;
use crate::media::{Class, Kind};
use crate::search::{self, Marked};
use crate::web::paths;
use crate::web::scene::Scene;
use crate::words::dates::Said;
use maud::{Markup, Render, html};

/// Whose side a bubble is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Said by this side.
    Mine,
    /// Said by the other side.
    Theirs,
    /// An internal note.
    Note,
    /// Something that happened.
    Event,
}

/// How far a message of this side is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// On disk.
    Sent,
    /// The other side has had it before their eyes.
    Read,
}

/// An entry ready to be drawn.
#[derive(Clone, Debug)]
pub struct Bubble {
    /// Its name in the page.
    pub dom: String,
    /// Its place in the timeline.
    pub k: u64,
    /// Whose side.
    pub shape: Shape,
    /// Who said it.
    pub who: String,
    /// Whether it begins a group of the same person.
    pub first: bool,
    /// The day, if it is the first of one: as people say it, and as a machine writes it.
    pub day: Option<(Said, String)>,
    /// What was said, or what happened.
    pub text: String,
    /// With which files.
    pub files: Vec<Attachment>,
    /// `09:41`.
    pub time: String,
    /// For `<time datetime>`.
    pub machine: String,
    /// How far, for messages of this side.
    pub mark: Option<Mark>,
    /// How far its letter is, with the server's words.
    pub mail: Option<(Mail, String)>,
    /// The page's token, so that the waiting bubble goes when this one comes.
    pub token: Option<String>,
}

/// The entry, with its day before it.
pub fn entry(scene: &Scene, bubble: &Bubble) -> Markup {
    html! {
        @if let Some((day, key)) = &bubble.day { (day_line(bubble, day, key)) }
        (alone(scene, bubble))
    }
}

/// The name of a day's line in the page.
pub fn day_dom(key: &str) -> String {
    format!("dia-{key}")
}

/// A day's line.
pub fn day_line(bubble: &Bubble, day: &Said, key: &str) -> Markup {
    html! { div.day id=(day_dom(key)) data-k={ (bubble.k.saturating_sub(1)) ".5" } { (super::bits::said(day)) } }
}

/// The entry without its day.
pub fn alone(scene: &Scene, b: &Bubble) -> Markup {
    let w = scene.w;
    if b.shape == Shape::Event {
        return html! {
            p.event id=(b.dom) data-k=(b.k) { (b.text) " · " time datetime=(b.machine) { (b.time) } (mail_state(scene, b)) }
        };
    }
    let say = (b.shape == Shape::Theirs).then(|| w.said(&b.who, &b.text));
    html! {
        article.bubble.mine[b.shape == Shape::Mine].note[b.shape == Shape::Note].first[b.first] id=(b.dom) data-k=(b.k) data-token=[b.token.as_ref()] data-say=[say] {
            @if b.shape == Shape::Note {
                p.who { (icon("lock")) (w.note_of(&b.who)) }
            } @else if b.first && !b.who.is_empty() {
                p.who { (b.who) }
            }
            @for file in &b.files { (attached(scene, file)) }
            @if !b.text.is_empty() { p.words { (linked(&scene.asked, &b.text)) } }
            footer {
                time datetime=(b.machine) { (b.time) }
                @match b.mark {
                    Some(Mark::Sent) => span.sent role="img" aria-label=(w.sent()) title=(w.sent()) { (icon("check")) },
                    Some(Mark::Read) => span.read role="img" aria-label=(w.read()) title=(w.read()) { (icon("checks")) },
                    None => {}
                }
            }
        }
    }
}

fn mail_state(scene: &Scene, b: &Bubble) -> Markup {
    let w = scene.w;
    let Some((state, words)) = &b.mail else { return html! {} };
    let (tone, label) = match state {
        Mail::Queued if words.is_empty() => ("calm", w.mail_queued().to_owned()),
        Mail::Queued => ("warn", w.mail_late(&w.mail_cause(words))),
        Mail::Sent => ("good", w.mail_sent().to_owned()),
        Mail::Failed => ("bad", w.mail_failed(&w.mail_cause(words))),
    };
    html! { " · " (super::bits::status(tone, &label)) }
}

/// The bubble that stands at once while a message is on its way; the script fills it.
pub fn pending(scene: &Scene) -> Markup {
    let w = scene.w;
    html! {
        template #pendente {
            article.bubble.mine.first.pending {
                p.names data-slot="arquivos" {}
                p.words data-slot="texto" {}
                footer data-slot="estado" {
                    span data-when="sending" { (icon("clock")) span { (w.sending()) } }
                    span data-when="waiting" hidden { (icon("clock")) span { (w.waiting()) } }
                    span.failed data-when="failed" hidden { (icon("warn")) span data-slot="erro" {} }
                    button type="button" data-act="retry" hidden { (w.try_again()) }
                    button type="button" data-act="drop" hidden { (w.discard()) }
                }
            }
        }
    }
}

/// A file in a message: a picture to look at, a sound or film to play, a document to take.
fn attached(scene: &Scene, file: &Attachment) -> Markup {
    let class = Kind::from_key(&file.kind).map(Kind::class);
    let address = paths::file(file);
    match (class, &file.preview) {
        (Some(Class::Picture), Some(preview)) => {
            let (width, height) = shown_size(preview.width, preview.height);
            html! {
                a.photo href=(address) data-lightbox="" { img src=(paths::preview(file)) alt=(file.name) width=(width) height=(height) loading="lazy" decoding="async"; }
            }
        }
        (Some(Class::Audio), _) => {
            html! { audio.voice controls preload="metadata" src=(address) aria-label=(scene.w.audio(&file.name)) {} }
        }
        (Some(Class::Video), _) => {
            html! { video.film controls preload="metadata" playsinline src=(address) aria-label=(scene.w.video(&file.name)) {} }
        }
        _ => card(scene, file, scene.w.file_facts(&file.kind.to_uppercase(), &scene.w.size(file.bytes))),
    }
}

/// A document's card, with a line of facts below its name.
pub fn card(scene: &Scene, file: &Attachment, facts: impl Render) -> Markup {
    html! {
        a.file href=(paths::file(file)) download=(file.name) {
            (icon(match Kind::from_key(&file.kind).map(Kind::class) {
                Some(Class::Photo | Class::Picture) => "photo",
                Some(Class::Film | Class::Video) => "film",
                _ => "file",
            }))
            span.grow { span.file-name { (marked(&scene.asked, &file.name)) } small { (facts) } }
        }
    }
}

/// Width and height in the page, so that nothing jumps when the picture arrives.
fn shown_size(width: u32, height: u32) -> (u32, u32) {
    const MOST: u32 = 280;
    let (width, height) = (width.max(1), height.max(1));
    if width >= height {
        let shown = width.min(MOST);
        (shown, (u64::from(height) * u64::from(shown) / u64::from(width)).max(1) as u32)
    } else {
        let shown = height.min(MOST);
        ((u64::from(width) * u64::from(shown) / u64::from(height)).max(1) as u32, shown)
    }
}

/// A text with what was looked for marked (Q6).
pub fn marked(asked: &str, text: &str) -> Markup {
    if asked.is_empty() {
        return html! { (text) };
    }
    stretches(&search::mark(text, asked))
}

/// Stretches of a text, the marked ones marked.
pub fn stretches(marked: &Marked) -> Markup {
    html! { @for (hit, part) in marked { @if *hit { mark { (part) } } @else { (part) } } }
}

/// Text with its web addresses as links, only http and https ever become one (C17); what was looked for is marked.
pub fn linked(asked: &str, text: &str) -> Markup {
    let mut finder = linkify::LinkFinder::new();
    finder.kinds(&[linkify::LinkKind::Url]);
    html! {
        @for span in finder.spans(text) {
            @let part = span.as_str();
            @if span.kind().is_some() && (part.starts_with("https://") || part.starts_with("http://")) {
                a href=(part) target="_blank" rel="noopener noreferrer nofollow" { (marked(asked, part)) }
            } @else { (marked(asked, part)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c17_only_web_addresses_become_links_and_all_text_is_escaped() {
        let drawn = linked("", "veja https://exemplo.com/a?b=1&c=\"2 <img src=x onerror=alert(1)> javascript:alert(1)")
            .into_string();
        assert_eq!(drawn.matches("<a ").count(), 1, "{drawn}");
        assert!(drawn.contains("&lt;img"), "{drawn}");
        for odd in ["javascript:alert(1)", "data:text/html,x", "\tjava\nscript:x", "//evil", "ftp://x.y/z"] {
            assert!(!linked("", odd).into_string().contains("<a "), "{odd:?}");
        }
    }

    #[test]
    fn pictures_keep_their_proportions_and_never_vanish() {
        assert_eq!(shown_size(2560, 1280), (280, 140));
        assert_eq!(shown_size(100, 40), (100, 40));
        assert_eq!(shown_size(12_000, 1), (280, 1));
        assert_eq!(shown_size(0, 0), (1, 1));
    }
}
