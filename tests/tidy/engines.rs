//! The screens work alike in Chromium, Firefox and Safari: nothing is leant on that one of them lacks.

use std::fs;
use std::path::{Path, PathBuf};

/// What is missing in at least one engine that people use, and where.
const LACKING: &[(&str, &str)] = &[
    ("anchor-name", "Firefox, and Safari before 26"),
    ("position-anchor", "Firefox, and Safari before 26"),
    ("position-area", "Firefox, and Safari before 26"),
    ("field-sizing", "Firefox"),
    ("interpolate-size", "Firefox, Safari"),
    ("calc-size(", "Firefox, Safari"),
    ("animation-timeline", "Firefox"),
    ("scroll-timeline", "Firefox"),
    ("sibling-index(", "Firefox"),
    ("@container scroll-state", "Firefox, Safari"),
    ("requestIdleCallback", "Safari"),
    ("scrollend", "Safari before 26.2"),
    ("scheduler.", "Safari"),
    ("scrollIntoViewIfNeeded", "Firefox"),
    ("showOpenFilePicker", "Firefox, Safari"),
    ("showSaveFilePicker", "Firefox, Safari"),
    ("launchQueue", "Firefox, Safari"),
    ("EyeDropper", "Firefox, Safari"),
    ("navigator.connection", "Firefox, Safari"),
    ("navigator.vibrate", "Firefox, Safari"),
    ("userAgent", "we ask what a browser can, never which it is"),
    ("type=\"week\"", "no calendar in Firefox and Safari"),
    ("type=\"month\"", "no calendar in Firefox and Safari"),
];

/// All files below a folder that have one of these endings.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, endings, found);
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
            found.push(path);
        }
    }
}

#[test]
fn no_screen_leans_on_what_one_engine_lacks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("assets"), &["css", "js"], &mut found);
    files(&root.join("src/web"), &["rs"], &mut found);
    assert!(found.len() > 50, "the screens are read: {}", found.len());
    let mut leaning = Vec::new();
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            for (what, where_not) in LACKING.iter().filter(|(what, _)| line.contains(what)) {
                leaning.push(format!("{}:{}: {what} ({where_not})", path.display(), number + 1));
            }
        }
    }
    assert!(leaning.is_empty(), "{}", leaning.join("\n"));
}
