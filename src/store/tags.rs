//! Session tags as text: JSON in the shape that CloudTrail gives them, so that SQL engines can hand it through.

use serde::Deserialize;
use serde::Serialize;

use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;

#[derive(Serialize, Deserialize)]
struct Tag {
    key: String,
    value: String,
}

/// Writes tags; `None` when there are none.
pub(super) fn write(tags: &[(Sym, Sym)], symbols: &Symbols) -> Option<String> {
    let text = |sym: Sym| symbols.get(sym).to_owned();
    let tags: Vec<Tag> = tags.iter().map(|(key, value)| Tag { key: text(*key), value: text(*value) }).collect();
    if tags.is_empty() { None } else { serde_json::to_string(&tags).ok() }
}

/// Reads tags, sorted by key; `None` when the text is something else.
pub(super) fn read(text: Option<&str>, symbols: &mut Symbols) -> Option<Vec<(Sym, Sym)>> {
    let Some(text) = text else { return Some(Vec::new()) };
    let mut tags: Vec<Tag> = serde_json::from_str(text).ok()?;
    tags.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
    Some(tags.iter().map(|tag| (symbols.intern(&tag.key), symbols.intern(&tag.value))).collect())
}
