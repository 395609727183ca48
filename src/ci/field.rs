//! Which field a key names, read without keeping the key.

use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::Visitor;

/// Reads which field a key names.
pub(super) struct Word<K>(pub(super) fn(&str) -> K);

impl<'de, K> DeserializeSeed<'de> for Word<K> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<K> Visitor<'_> for Word<K> {
    type Value = K;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<K, E> {
        Ok((self.0)(word))
    }
}
