//! Repeated keys: JSON allows an object to have a key twice, and readers keep one of the two.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de;
use serde::de::DeserializeSeed as _;

/// Returns the keys that stand twice in one object of a JSON text; none when it is no JSON.
pub fn repeated_keys(text: &str) -> BTreeSet<String> {
    let found = RefCell::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    // What is wrong with the text is said where it is read.
    drop(Walk(&found).deserialize(&mut reader));
    found.into_inner()
}

/// Walks a value, and notes what is repeated.
#[derive(Clone, Copy)]
struct Walk<'f>(&'f RefCell<BTreeSet<String>>);

impl<'de> de::DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !keys.insert(key.clone()) {
                self.0.borrow_mut().insert(key);
            }
            map.next_value_seed(self)?;
        }
        Ok(())
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while list.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::repeated_keys;

    #[test]
    fn a_key_that_stands_twice_in_one_object_is_found() {
        let text = r#"{"a":{"b":1,"c":[{"b":2,"b":null}]},"d":{"b":true},"a":0.5}"#;
        assert_eq!(repeated_keys(text), ["a", "b"].map(str::to_owned).into());
        assert_eq!(repeated_keys(r#"{"a":[{"b":1},{"b":-2}]}"#), [].into());
        assert_eq!(repeated_keys("no JSON"), [].into());
    }
}
