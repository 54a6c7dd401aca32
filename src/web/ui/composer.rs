//! Where one writes: text, files, a recorded voice, emoji; internal notes for staff.

use super::icon::icon;
use crate::domain::entry::FILES_MAX;
use crate::web::paths;
use crate::web::scene::Scene;
use maud::{Markup, html};

const MB: u64 = 1024 * 1024;
/// The emoji that a front desk uses; all of them are on the keyboard too.
const EMOJI: [&str; 56] = [
    "🙂", "😀", "😄", "😉", "😊", "😍", "🤗", "😂", "😅", "🤔", "😐", "😕", "😢", "😮", "👍", "👎", "👏", "🙏", "🤝",
    "👋", "💪", "✌️", "👌", "🙌", "❤️", "💙", "💚", "⭐", "🎉", "🎂", "🌷", "☀️", "🌧️", "🏠", "🏡", "🏢", "🏖️", "🔑",
    "🚪", "🛏️", "🛁", "🚗", "📍", "📅", "⏰", "📞", "📷", "📎", "📝", "📄", "✍️", "💰", "💳", "✅", "❌", "⚠️",
];

/// A composer.
pub struct Composer<'a> {
    /// Where its messages go.
    pub action: &'a str,
    /// A token for browsers without scripts.
    pub token: String,
    /// Whether internal notes can be written here.
    pub notes: bool,
    /// The label of "send an e-mail too", where that is possible.
    pub mail: Option<&'a str>,
    /// What was typed and could not be said.
    pub text: &'a str,
}

/// The composer with its templates.
pub fn composer(scene: &Scene, c: &Composer<'_>) -> Markup {
    let w = scene.w;
    html! {
        div.composer {
            div #emojis .emojis hidden role="group" aria-label=(w.emoji()) {
                @for emoji in EMOJI { button type="button" data-char=(emoji) { (emoji) } }
            }
            form data-composer="" method="post" action=(c.action) data-upload-url=(paths::FILES)
                data-files-max=(FILES_MAX) data-bytes-max=(25 * MB) data-av-bytes-max=(100 * MB)
                data-say-too-big=(w.too_big()) data-say-too-many=(w.why_too_many(FILES_MAX)) {
                input type="hidden" name="_csrf" value=(scene.csrf);
                input type="hidden" name="token" value=(c.token);
                @if c.notes {
                    input type="hidden" name="modo" value="mensagem";
                    div.modes role="group" aria-label=(w.modes()) {
                        button type="button" data-mode="mensagem" data-verb=(w.send()) data-placeholder=(w.new_message()) aria-pressed="true" { (w.message()) }
                        button type="button" data-mode="anotacao" data-verb=(w.save_note()) data-placeholder=(w.new_note()) aria-pressed="false" { (w.note()) }
                    }
                }
                div.chips data-chips="" {}
                div role="status" {
                    p.stranded data-stranded="files" hidden { (w.files_stranded()) }
                    p.stranded data-stranded="message" hidden { (w.message_stranded()) }
                }
                div.recorder data-recorder="" hidden {
                    span.dot {} span.num data-slot="tempo" { "0:00" }
                    span.grow {}
                    button.button type="button" data-act="cancel" { (w.cancel()) }
                    button.button.main type="button" data-act="stop" { (icon("stop")) (w.finish_recording()) }
                }
                textarea name="texto" rows="1" maxlength=(crate::domain::entry::TEXT_CHARS_MAX) placeholder=(w.new_message()) aria-label=(w.new_message()) { (c.text) }
                div.tools {
                    label.icon title=(w.add_file()) { (icon("clip")) span.unseen { (w.add_file()) } input.unseen type="file" multiple data-files=""; }
                    button.icon type="button" data-record="" aria-label=(w.record_audio()) title=(w.record_audio()) data-say-insecure=(w.mic_needs_https())
                        data-say-no-mic=(w.no_mic()) data-audio-name=(w.audio_name()) { (icon("mic")) }
                    button.icon type="button" data-emoji="" aria-label=(w.emoji()) title=(w.emoji()) aria-expanded="false" { (icon("emoji")) }
                    span.grow {}
                    @if let Some(mail) = c.mail {
                        label.mail-too data-only="mensagem" { input type="checkbox" name="email" value="sim"; (mail) }
                    }
                    @if c.notes { noscript { button.button type="submit" name="modo" value="anotacao" { (w.note()) } } }
                    button.button.main type="submit" { (w.send()) }
                }
            }
            (chip_template(scene))
        }
    }
}

/// The chip of a file being uploaded; the script fills it.
pub fn chip_template(scene: &Scene) -> Markup {
    let w = scene.w;
    html! {
        template #ficha {
            div.chip data-say-lost=(w.file_stranded()) {
                (icon("file"))
                span.grow { span data-slot="nome" {} progress max="1" value="0" {} small.wrong data-slot="erro" {} }
                button.icon type="button" data-act="retry" aria-label=(w.try_again()) hidden { (icon("retry")) }
                button.icon type="button" data-act="cancel" aria-label=(w.remove_file()) { (icon("close")) }
            }
        }
    }
}

/// File fields inside another form: the same chips.
pub fn files_field(scene: &Scene, multiple: bool, accept: &str) -> Markup {
    let w = scene.w;
    html! {
        div.files-field {
            div.chips data-chips="" {}
            label.button { (icon("clip")) (w.add_file()) input.unseen type="file" multiple[multiple] accept=(accept) data-files=""; }
        }
        (chip_template(scene))
    }
}
