//! What the cells of tables are made from: symbols, ids and moments of the report, and short words for the rest.

use crate::export::Source;
use crate::frame::ToCell;
use crate::frame::Value;
use crate::model::chain::SessionId;
use crate::model::event_id::EventId;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;
use crate::report::wire::Time;

/// Its text, but for what is left out of reports. Keys go through [`crate::report::wire::Rows::key`].
impl<'v> ToCell<'v, str, Source<'v>> for Sym {
    fn cell(self, source: &'v Source<'v>) -> Value<'v> {
        source.rows.text(Some(self)).cell(source)
    }
}

impl<'v> ToCell<'v, str, Source<'v>> for EventId {
    fn cell(self, source: &'v Source<'v>) -> Value<'v> {
        source.rows.event_id(Some(self)).cell(source)
    }
}

impl<'v> ToCell<'v, str, Source<'v>> for SessionId {
    fn cell(self, source: &'v Source<'v>) -> Value<'v> {
        source.session_id(self).cell(source)
    }
}

impl<'v> ToCell<'v, Timestamp, Source<'v>> for Time {
    fn cell(self, _: &'v Source<'v>) -> Value<'v> {
        Value::Moment(self.0)
    }
}

/// Returns the seconds between two moments.
pub(super) fn seconds(from: Option<Time>, to: Option<Time>) -> Option<i64> {
    from.zip(to).map(|(from, to)| to.0.0.saturating_sub(from.0.0))
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
