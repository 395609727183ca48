//! The head of the page: what it may load (nothing), how it looks, and the way to its parts.

use std::io;

use sha2::Digest as _;
use sha2::Sha256;

use crate::model::width::place;

use super::View;
use super::page::Page;
use crate::report::document::facts;
use crate::report::names::day;

/// How the page looks: the only style sheet there is.
const STYLE: &str = include_str!("style.css");

/// The only script there is: the page holds the same without it.
const SCRIPT: &str = include_str!("page.js");

/// The part that is there only when digest files were checked.
const INTEGRITY: &str = "integrity";

/// The parts of the page and their names.
const CONTENTS: [(&str, &str); 17] = [
    ("verdict", "Verdict"),
    ("findings", "Findings"),
    ("routes", "Routes"),
    ("changes", "What changed"),
    ("timeline", "Timeline"),
    ("keys", "Long-lived keys"),
    ("denied", "Denied attempts"),
    ("coverage", "Coverage"),
    ("defects", "Defects"),
    (INTEGRITY, "Integrity"),
    ("gaps", "Gaps"),
    ("reconciliation", "Reconciliation"),
    ("exceptions", "Accepted"),
    ("controls", "Controls"),
    ("limits", "Limits"),
    ("provenance", "Provenance"),
    ("attestation", "Attestation"),
];

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n")?;
    // Before anything that it forbids.
    let [style, script] = [STYLE, SCRIPT].map(|text| base64(&Sha256::digest(text)));
    page.put(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; \
         style-src &#39;sha256-{}&#39;; script-src &#39;sha256-{}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;\">\n",
        [&style, &script],
    )?;
    page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n")?;
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")?;
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n")?;
    page.put("<meta name=\"generator\" content=\"rolechain {}\">\n", [&view.rows.run().version])?;
    let title = title(view);
    page.put("<title>{} {}</title>\n<style>", [&facts::sentence(view), &title])?;
    page.raw(STYLE)?;
    page.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#verdict\">Skip to the verdict</a>\n")?;
    page.raw("<header class=\"top\"><p class=\"brand\">rolechain</p><h1>")?;
    page.put("{}</h1></header>\n", [&title])?;
    page.raw("<div class=\"frame\">\n<nav aria-label=\"Contents\"><ol>\n")?;
    let is_checked = view.coverage.integrity.is_some();
    for (id, name) in CONTENTS.into_iter().filter(|(id, _)| is_checked || *id != INTEGRITY) {
        page.put("<li><a href=\"#{}\">{}</a></li>\n", [&id, &name])?;
    }
    page.raw("</ol></nav>\n<main>\n")
}

/// Says whose report it is, and of which days.
fn title(view: &View<'_>) -> String {
    let whose = view.rows.report.run.organization.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    let days = match (view.coverage.first_event, view.coverage.last_event) {
        (Some(first), Some(last)) => format!(", {} to {}", day(Some(first)), day(Some(last))),
        _ => String::new(),
    };
    format!("Role chains{whose}{days}")
}

/// Ends the page.
pub(super) fn end(page: &mut Page<'_>) -> io::Result<()> {
    page.raw("</main>\n</div>\n<script>")?;
    page.raw(SCRIPT)?;
    page.raw("</script>\n</body>\n</html>\n")
}

/// Encodes bytes by RFC 4648: what a Content-Security-Policy names a hash by.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = ALPHABET.get(place(bits >> (18 - 6 * at) & 63)).filter(|_| at <= three.len());
            text.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_become_four_characters_for_three() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(super::base64(bytes.as_bytes()), text);
        }
    }
}
