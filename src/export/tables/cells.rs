//! Short words for the declarations and the cells of tables.

use crate::frame::Column;
use crate::frame::Kind;
use crate::frame::Value;
use crate::frame::column;
use crate::report::wire::Time;

/// Declares a column of text.
pub(super) const fn text(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Text, doc)
}

/// Declares a column of whole numbers.
pub(super) const fn integer(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Integer, doc)
}

/// Declares a column of moments.
pub(super) const fn moment(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Moment, doc)
}

/// Declares a column of truth values.
pub(super) const fn boolean(name: &'static str, doc: &'static str) -> Column {
    column(name, Kind::Boolean, doc)
}

/// Makes a cell of a moment.
pub(super) fn at(time: Option<Time>) -> Value<'static> {
    time.map(|time| time.0).into()
}

/// Makes a cell of a length.
pub(super) fn count(length: usize) -> Value<'static> {
    // usize has at most 64 bits.
    Value::from(length as u64)
}

/// Makes a cell of the seconds between two moments.
pub(super) fn seconds(from: Option<Time>, to: Option<Time>) -> Value<'static> {
    from.zip(to).map(|(from, to)| to.0.0.saturating_sub(from.0.0)).into()
}

/// Joins words with commas; none is null.
pub(super) fn joined<'w>(words: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let words: Vec<&str> = words.into_iter().collect();
    (!words.is_empty()).then(|| words.join(","))
}

/// Writes names and values as a JSON object; none is null.
pub(super) fn object<'t, N: AsRef<str> + 't, V: AsRef<str> + 't>(
    pairs: impl IntoIterator<Item = (&'t N, &'t V)>,
) -> Option<String> {
    let pairs: Vec<(&str, &str)> = pairs.into_iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    if pairs.is_empty() {
        return None;
    }
    let map: std::collections::BTreeMap<&str, &str> = pairs.into_iter().collect();
    serde_json::to_string(&map).ok()
}
