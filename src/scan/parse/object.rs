//! Objects as they are written: of two values for one key the last one counts, at every depth, and a key may hold half a
//! surrogate pair.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::fmt;

use serde::de::Deserialize;
use serde::de::Deserializer;
use serde::de::Visitor;
use serde::de::value::MapDeserializer;
use serde_json::value::RawValue;

use super::skip::Skipped;
use super::skip::Skipper;
use super::text;

/// Reads a value. `None` when it is not JSON, or not of this shape.
pub(super) fn read<'a, T: Deserialize<'a>>(raw: &'a str) -> Option<T> {
    if let Ok(value) = serde_json::from_str(raw) {
        return Some(value);
    }
    // What is derived refuses a key that comes twice, and any key that it cannot decode.
    let entries: BTreeMap<Key, &'a RawValue> = serde_json::from_str(raw).ok()?;
    let entries = entries.into_iter().map(|(Key(key), value)| (key, value));
    T::deserialize(MapDeserializer::<_, serde_json::Error>::new(entries)).ok()
}

/// A key, with U+FFFD for what cannot be decoded.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(Key(key.to_owned()))
            }

            fn visit_bytes<E>(self, key: &[u8]) -> Result<Key, E> {
                Ok(Key(String::from_utf8_lossy(key).into_owned()))
            }
        }
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

/// Says whether any object in this valid JSON, at any depth, has a key that comes twice.
pub(super) fn repeats_a_key(raw: &str) -> bool {
    // The keys of each open object; nothing for an open array.
    let mut open: Vec<Option<HashSet<Cow<'_, str>>>> = Vec::new();
    let mut is_key = false;
    let mut at = 0;
    while let Some(byte) = raw.as_bytes().get(at) {
        at += 1;
        match byte {
            b'{' => open.push(Some(HashSet::new())),
            b'[' => open.push(None),
            b'}' | b']' => {
                open.pop();
            }
            b'"' => {
                let Skipped::End(length) = Skipper::default().feed(raw.as_bytes().get(at - 1..).unwrap_or_default())
                else {
                    return false;
                };
                let inner = raw.get(at..at + length - 2).unwrap_or_default();
                at += length - 1;
                let keys = open.last_mut().and_then(Option::as_mut).filter(|_| is_key);
                if keys.is_some_and(|keys| !keys.insert(text::decode(inner).unwrap_or(Cow::Borrowed(inner)))) {
                    return true;
                }
            }
            _ => {}
        }
        is_key = match byte {
            b'{' | b',' => open.last().is_some_and(Option::is_some),
            b' ' | b'\n' | b'\r' | b'\t' => is_key,
            _ => false,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::repeats_a_key;

    #[test]
    fn a_repeated_key_is_found_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":{"y":[{"a":1, "a" : {}}]}}"#,
            r#"{ "a":1, "b":"a", "\u0061":2}"#,
            r#"{"x":{"a":1},"x":2}"#,
            r#"{"\ud800":1,"\ud800":2}"#,
        ] {
            assert!(repeats_a_key(text), "{text}");
        }
        for text in [r#"{"a":{"a":{"a":"a"}},"b":["a","a",{"a":1},{"a":1}],"":"","c":"\",\"a\":"}"#, "{}", "[]"] {
            assert!(!repeats_a_key(text), "{text}");
        }
    }
}
