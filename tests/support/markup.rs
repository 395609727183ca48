//! A small strict reader of the HTML that reports are made of: it takes nothing that a browser would have to mend.

use std::collections::BTreeMap;

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Open(String, BTreeMap<String, String>),
    Close(String),
    Text(String),
}

/// Reads a page into pieces. Stops the test at the first thing that is not as it should be.
pub(crate) fn pieces(page: &str) -> Vec<Piece> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>\n").expect("a doctype comes first");
    let mut pieces = Vec::new();
    let mut open: Vec<String> = Vec::new();
    while !rest.is_empty() {
        let raw = open.last().filter(|name| ["style", "script"].contains(&name.as_str()));
        let raw = raw.map(|name| format!("</{name}>")).filter(|end| !rest.starts_with(end.as_str()));
        if let Some(end) = raw {
            let end = rest.find(&end).expect("the style and the script end");
            pieces.push(Piece::Text(rest[..end].to_owned()));
            rest = &rest[end..];
        } else if let Some(tag) = rest.strip_prefix("</") {
            let end = tag.find('>').expect("an end tag ends");
            let name = &tag[..end];
            assert_eq!(open.pop().as_deref(), Some(name), "before {}", start(tag));
            pieces.push(Piece::Close(name.to_owned()));
            rest = &tag[end + 1..];
        } else if let Some(tag) = rest.strip_prefix('<') {
            let (name, attributes, is_empty, after) = open_tag(tag);
            pieces.push(Piece::Open(name.clone(), attributes));
            if is_empty {
                pieces.push(Piece::Close(name));
            } else if !VOID.contains(&name.as_str()) {
                open.push(name);
            }
            rest = after;
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            pieces.push(Piece::Text(plain(&rest[..end])));
            rest = &rest[end..];
        }
    }
    assert!(open.is_empty(), "still open: {open:?}");
    pieces
}

fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

fn open_tag(tag: &str) -> (String, BTreeMap<String, String>, bool, &str) {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).expect("a tag ends");
    let name = tag[..end].to_owned();
    assert!(!name.is_empty() && (name == name.to_lowercase()), "a name: {}", start(tag));
    let mut attributes = BTreeMap::new();
    let mut rest = &tag[end..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return (name, attributes, true, after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (name, attributes, false, after);
        }
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).expect("an attribute ends");
        assert!(end > 0, "no attribute: {}", start(rest));
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(value) => {
                let end = value.find('"').expect("a value ends");
                rest = &value[end + 1..];
                plain(&value[..end])
            }
            None => String::new(),
        };
        assert!(attributes.insert(key, value).is_none(), "an attribute twice: {}", start(tag));
    }
}

/// Reads the character references that reports use, and no others; nothing else may look like one.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap());
    for part in parts {
        let (name, after) = part.split_once(';').unwrap_or_else(|| panic!("a bare ampersand: {}", start(part)));
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("&{other};"),
        });
        out.push_str(after);
    }
    assert!(!text.contains(['<', '>']), "{}", start(text));
    out
}
