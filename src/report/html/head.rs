//! The head of the page: what it may load (nothing), how it looks, and the way to its parts.

use std::io;
use std::io::Write as _;

use maud::DOCTYPE;
use maud::html;
use sha2::Digest as _;
use sha2::Sha256;

use super::View;
use super::page;
use crate::model::width::place;
use crate::report::document::facts;
use crate::report::names::day;
use crate::text::exit::Exit;

/// How the page looks: the only style sheet there is.
const STYLE: &str = include_str!("style.css");

/// The only script there is: the page holds the same without it.
const SCRIPT: &str = include_str!("page.js");

/// Writes the page up to its parts; `contents` are their ids and names.
pub(super) fn write(view: &View<'_>, contents: &[(&str, &str)], out: &mut Exit<'_>) -> io::Result<()> {
    let title = title(view);
    // The policy comes before anything that it forbids.
    let [style, script] = [STYLE, SCRIPT].map(|text| base64(&Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    );
    out.write_all(format!("{}\n<html lang=\"en\" dir=\"ltr\">\n<head>\n", DOCTYPE.0).as_bytes())?;
    let head = html! {
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content=(policy);
        meta name="referrer" content="no-referrer";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="generator" content={ "rolechain " (view.rows.run().version) };
        title { (facts::sentence(view)) " " (title) }
    };
    page::write(&head, out)?;
    out.write_all(["\n<style>", STYLE, "</style>\n</head>\n<body>\n"].concat().as_bytes())?;
    let top = html! {
        a.skip href="#verdict" { "Skip to the verdict" }
        header.top { p.brand { "rolechain" } h1 { (title) } }
    };
    page::write(&top, out)?;
    out.write_all(b"\n<div class=\"frame\">\n")?;
    let contents = html! {
        nav aria-label="Contents" { ol { @for (id, name) in contents { li { a href={ "#" (id) } { (name) } } } } }
    };
    page::write(&contents, out)?;
    out.write_all(b"\n<main>\n")
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
pub(super) fn end(out: &mut Exit<'_>) -> io::Result<()> {
    out.write_all(b"</main>\n</div>\n")?;
    out.write_all(["<script>", SCRIPT, "</script>\n</body>\n</html>\n"].concat().as_bytes())
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
