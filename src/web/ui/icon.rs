//! Icons: one stroke width, drawn inline. The shapes are Lucide's (ISC licence, see assets/icons/LICENSE).

use maud::{Markup, PreEscaped, html};

/// An icon by its name; decoration only, so a control beside it always has a text.
pub fn icon(name: &str) -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" { (PreEscaped(shape(name))) }
    }
}

/// Fixed drawings of ours: nothing from outside is ever put here.
fn shape(name: &str) -> &'static str {
    match name {
        "chat" => r#"<path d="M7.9 20A9 9 0 1 0 4 16.1L2 22Z"/>"#,
        "house" => {
            r#"<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2"/><circle cx="9" cy="7" r="4"/><path d="m16 11 2 2 4-4"/>"#
        }
        "enter" => {
            r#"<path d="M15 3h4a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-4"/><path d="m10 17 5-5-5-5"/><path d="M15 12H3"/>"#
        }
        "deal" => {
            r#"<path d="M15 21v-8a1 1 0 0 0-1-1h-4a1 1 0 0 0-1 1v8"/><path d="M3 10a2 2 0 0 1 .7-1.5l7-6a2 2 0 0 1 2.6 0l7 6A2 2 0 0 1 21 10v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>"#
        }
        "people" => {
            r#"<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2"/><circle cx="9" cy="7" r="4"/><path d="M22 21v-2a4 4 0 0 0-3-3.9"/><path d="M16 3.1a4 4 0 0 1 0 7.8"/>"#
        }
        "settings" => {
            r#"<path d="M20 7h-9"/><path d="M14 17H5"/><circle cx="17" cy="17" r="3"/><circle cx="7" cy="7" r="3"/>"#
        }
        "search" => r#"<circle cx="11" cy="11" r="8"/><path d="m21 21-4.3-4.3"/>"#,
        "plus" => r#"<path d="M5 12h14"/><path d="M12 5v14"/>"#,
        "back" => r#"<path d="m15 18-6-6 6-6"/>"#,
        "next" => r#"<path d="m9 18 6-6-6-6"/>"#,
        "up" => r#"<path d="m18 15-6-6-6 6"/>"#,
        "down" => r#"<path d="m6 9 6 6 6-6"/>"#,
        "more" => r#"<circle cx="12" cy="12" r="1"/><circle cx="19" cy="12" r="1"/><circle cx="5" cy="12" r="1"/>"#,
        "file" => {
            r#"<path d="M15 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V7Z"/><path d="M14 2v4a2 2 0 0 0 2 2h4"/>"#
        }
        "photo" => {
            r#"<rect width="18" height="18" x="3" y="3" rx="2"/><circle cx="9" cy="9" r="2"/><path d="m21 15-3.1-3.1a2 2 0 0 0-2.800 0L6 21"/>"#
        }
        "film" => {
            r#"<path d="m16 13 5.200 3.500a.5.5 0 0 0 .8-.4V7.900a.5.5 0 0 0-.8-.4L16 10.500"/><rect width="14" height="12" x="2" y="6" rx="2"/>"#
        }
        "clip" => {
            r#"<path d="m21.4 11.6-9 9a6 6 0 0 1-8.5-8.5l9-9a4 4 0 1 1 5.7 5.7l-9 9a2 2 0 0 1-2.9-2.9l8.5-8.4"/>"#
        }
        "mic" => {
            r#"<path d="M12 2a3 3 0 0 0-3 3v7a3 3 0 0 0 6 0V5a3 3 0 0 0-3-3Z"/><path d="M19 10v2a7 7 0 0 1-14 0v-2"/><path d="M12 19v3"/>"#
        }
        "emoji" => {
            r#"<circle cx="12" cy="12" r="10"/><path d="M8 14s1.5 2 4 2 4-2 4-2"/><path d="M9 9h.01"/><path d="M15 9h.01"/>"#
        }
        "lock" => r#"<rect width="18" height="11" x="3" y="11" rx="2"/><path d="M7 11V7a5 5 0 0 1 10 0v4"/>"#,
        "check" => r#"<path d="M20 6 9 17l-5-5"/>"#,
        "checks" => r#"<path d="M18 6 7 17l-5-5"/><path d="m22 10-7.5 7.5L13 16"/>"#,
        "clock" => r#"<circle cx="12" cy="12" r="10"/><path d="M12 6v6l4 2"/>"#,
        "warn" => {
            r#"<path d="m21.7 18-8-14a2 2 0 0 0-3.5 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.7-3Z"/><path d="M12 9v4"/><path d="M12 17h.01"/>"#
        }
        "mail" => r#"<rect width="20" height="16" x="2" y="4" rx="2"/><path d="m22 7-9 5.700a2 2 0 0 1-2 0L2 7"/>"#,
        "phone" => {
            r#"<path d="M22 16.9v3a2 2 0 0 1-2.200 2A19.800 19.800 0 0 1 2.100 4.200 2 2 0 0 1 4.100 2h3a2 2 0 0 1 2 1.700c.1 1 .4 1.900.7 2.800a2 2 0 0 1-.5 2.100L8 9.900a16 16 0 0 0 6 6l1.300-1.300a2 2 0 0 1 2.100-.4c.9.3 1.900.6 2.800.7a2 2 0 0 1 1.800 2Z"/>"#
        }
        "exit" => {
            r#"<path d="M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4"/><path d="m16 17 5-5-5-5"/><path d="M21 12H9"/>"#
        }
        "close" => r#"<path d="M18 6 6 18"/><path d="m6 6 12 12"/>"#,
        "copy" => {
            r#"<rect width="14" height="14" x="8" y="8" rx="2"/><path d="M4 16a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2"/>"#
        }
        "eye" => {
            r#"<path d="M2.100 12.300a1 1 0 0 1 0-.700 10.700 10.700 0 0 1 19.800 0 1 1 0 0 1 0 .700 10.700 10.700 0 0 1-19.800 0"/><circle cx="12" cy="12" r="3"/>"#
        }
        "link" => r#"<path d="M9 17H7A5 5 0 0 1 7 7h2"/><path d="M15 7h2a5 5 0 1 1 0 10h-2"/><path d="M8 12h8"/>"#,
        "key" => {
            r#"<circle cx="7.500" cy="15.500" r="5.500"/><path d="m21 2-9.600 9.600"/><path d="m15.500 7.500 3 3L22 7l-3-3"/>"#
        }
        "edit" => {
            r#"<path d="M12 20h9"/><path d="M16.400 3.600a1 1 0 0 1 3 3L7.400 18.600a2 2 0 0 1-.9.5l-2.900.8a.5.5 0 0 1-.6-.6l.8-2.900a2 2 0 0 1 .5-.9z"/>"#
        }
        "bolt" => {
            r#"<path d="M4 14a1 1 0 0 1-.8-1.600l9.900-10.200a.5.5 0 0 1 .9.500l-1.900 6A1 1 0 0 0 13 10h7a1 1 0 0 1 .8 1.600l-9.900 10.200a.5.5 0 0 1-.9-.500l1.900-6A1 1 0 0 0 11 14z"/>"#
        }
        "user" => r#"<path d="M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2"/><circle cx="12" cy="7" r="4"/>"#,
        "screen" => r#"<rect width="20" height="14" x="2" y="3" rx="2"/><path d="M8 21h8"/><path d="M12 17v4"/>"#,
        "calendar" => {
            r#"<path d="M8 2v4"/><path d="M16 2v4"/><rect width="18" height="18" x="3" y="4" rx="2"/><path d="M3 10h18"/>"#
        }
        "download" => {
            r#"<path d="M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"/><path d="m7 10 5 5 5-5"/><path d="M12 15V3"/>"#
        }
        "user-off" => {
            r#"<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2"/><circle cx="9" cy="7" r="4"/><path d="m17 8 5 5"/><path d="m22 8-5 5"/>"#
        }
        "stop" => r#"<rect width="12" height="12" x="6" y="6" rx="2"/>"#,
        "send" => {
            r#"<path d="M14.500 21.700a.5.5 0 0 0 .9 0l6.500-19a.5.5 0 0 0-.6-.600l-19 6.500a.5.5 0 0 0 0 .900l7.900 3.200a2 2 0 0 1 1.100 1.100z"/><path d="m21.900 2.100-10.900 10.900"/>"#
        }
        "retry" => r#"<path d="M3 12a9 9 0 1 0 9-9 9.700 9.700 0 0 0-6.700 2.700L3 8"/><path d="M3 3v5h5"/>"#,
        _ => r#"<circle cx="12" cy="12" r="9"/>"#,
    }
}
