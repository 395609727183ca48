//! The careful way to read one record: through `serde_json`, for whatever the fast walker cannot follow.

use std::fmt;

use serde::de::{Deserialize, Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Parsed;
use super::field::{self, FIELDS, Field, Value};
use super::keys::field_of;
use crate::model::record::Record;

/// Reads the text of one record. `None` when it is not an object in valid JSON.
///
/// The error of `serde_json` is dropped on purpose: it may quote the record.
pub fn parse_careful(text: &str) -> Option<Parsed<'_>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = reader.deserialize_map(RecordVisitor).ok()?;
    reader.end().ok()?;
    Some(parsed)
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Parsed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut parsed = Parsed { record: Record::default(), recognized: false, holds_records: false };
        // Of two values for one key the last one stays, whatever it is.
        let mut values = [(Field::Other, Value::Null); FIELDS];
        let (mut has_caller, mut is_repeated) = (false, false);
        while let Some(Key(field)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            parsed.recognized |= field.is_mark();
            is_repeated |= field == Field::UserIdentity && std::mem::replace(&mut has_caller, true);
            parsed.holds_records |=
                field == Field::Records && value.get().starts_with('[') && value.get().contains('{');
            if let Some(slot) = values.get_mut(field.number()) {
                *slot = (field, Value::of(field, value.get()));
            }
        }
        for (field, value) in values {
            field::set(&mut parsed.record, field, value).map_err(|_| serde::de::Error::custom("bad escape"))?;
        }
        field::complete(&mut parsed.record);
        if is_repeated {
            parsed.record.odd_caller = Some("userIdentity comes twice, and the last one counts");
        }
        Ok(parsed)
    }
}

/// A key, looked up without keeping it.
struct Key(Field);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_bytes<E>(self, key: &[u8]) -> Result<Key, E> {
                Ok(Key(field_of(key)))
            }
        }
        // As bytes, so that half a surrogate pair in a key costs nothing.
        deserializer.deserialize_bytes(KeyVisitor)
    }
}
