//! Addenda: what a record says of the one that it stands in for.

use std::borrow::Cow;

use serde::Deserialize;

use super::identity::Text;
use super::object;
use crate::model::record::Record;

/// The only reason for an addendum that makes two records of one event. The others (`DELIVERY_DELAY`, `SERVICE_OUTAGE`) say
/// why an event comes late.
const UPDATED: &str = "UPDATED_DATA";

/// What an addendum with corrected data says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addendum<'a> {
    /// `originalEventID`.
    pub original: Cow<'a, str>,
    /// `updatedFields`: names of fields, with commas between them.
    pub updated: Option<Cow<'a, str>>,
}

/// Reads for which record this one stands in. `None` for ordinary records, and where the original is not named: nobody
/// could say which one it is.
pub fn addendum<'a>(record: &Record<'a>) -> Option<Addendum<'a>> {
    let wire: Wire<'a> = object::read(record.addendum?)?;
    wire.reason.0.filter(|reason| reason == UPDATED)?;
    Some(Addendum { original: wire.original_event_id.0?, updated: wire.updated_fields.0 })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wire<'a> {
    #[serde(borrow)]
    reason: Text<'a>,
    #[serde(borrow)]
    updated_fields: Text<'a>,
    #[serde(rename = "originalEventID", borrow)]
    original_event_id: Text<'a>,
}

#[cfg(test)]
mod tests {
    use super::addendum;
    use crate::model::record::Record;

    #[test]
    fn only_corrected_data_stands_in_for_another_record() {
        let original = |raw| {
            let record = Record { addendum: Some(raw), ..Record::default() };
            addendum(&record).map(|read| (read.original.into_owned(), read.updated.map(String::from)))
        };
        let whole =
            r#"{"reason":"UPDATED_DATA","updatedFields":"userAgent","originalRequestID":"r","originalEventID":"e"}"#;
        assert_eq!(original(whole), Some(("e".to_owned(), Some("userAgent".to_owned()))));
        assert_eq!(original(r#"{"reason":"UPDATED_DATA","originalEventID":"e"}"#), Some(("e".to_owned(), None)));
        for other in [
            r#"{"reason":"DELIVERY_DELAY","originalEventID":"e"}"#,
            r#"{"reason":"SERVICE_OUTAGE"}"#,
            r#"{"reason":"UPDATED_DATA","originalRequestID":"r"}"#,
            r#"{"reason":["UPDATED_DATA"],"originalEventID":"e"}"#,
            r#""UPDATED_DATA""#,
        ] {
            assert_eq!(original(other), None, "{other}");
        }
    }
}
