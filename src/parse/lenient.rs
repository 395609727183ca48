//! Reads JSON objects key by key, taking from each value what fits and overlooking what does not.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::text;

/// One JSON value, not looked into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a>(pub(super) &'a str);

impl<'a> Raw<'a> {
    /// A string that is not empty.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        text::decode(inner).filter(|text| !text.is_empty())
    }

    /// A string, or what stands in for one: a number or a truth value as written.
    pub(super) fn text_or_scalar(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes().first()? {
            b'"' => self.text(),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// A truth value, or the string that spells one.
    pub(super) fn flag(self) -> Option<bool> {
        match self.0.trim_matches('"') {
            word if word.eq_ignore_ascii_case("true") => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A whole number, or the string that spells one.
    pub(super) fn number(self) -> Option<i64> {
        self.0.trim_matches('"').parse().ok()
    }

    /// Calls `each` for every key of an object. Does nothing for anything else.
    ///
    /// Returns `None` when the JSON is not valid; the keys before the fault were handed on.
    pub(super) fn entries(self, each: impl FnMut(&str, Self)) -> Option<()> {
        if !self.0.starts_with('{') {
            return Some(());
        }
        let mut reader = serde_json::Deserializer::from_str(self.0);
        reader.deserialize_map(Entries(each, PhantomData)).ok()
    }

    /// Calls `each` for every element of an array. Does nothing for anything else.
    pub(super) fn elements(self, each: impl FnMut(Self)) {
        if self.0.starts_with('[') {
            // A fault ends the array early: what came before it counts.
            let _ = serde_json::Deserializer::from_str(self.0).deserialize_seq(Elements(each, PhantomData));
        }
    }
}

struct Entries<'a, F>(F, PhantomData<&'a str>);

impl<'a, F: FnMut(&str, Raw<'a>)> Visitor<'a> for Entries<'a, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let value: &'a RawValue = map.next_value()?;
            (self.0)(&key, Raw(value.get()));
        }
        Ok(())
    }
}

/// A key, borrowed when nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Elements<'a, F>(F, PhantomData<&'a str>);

impl<'a, F: FnMut(Raw<'a>)> Visitor<'a> for Elements<'a, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut sequence: A) -> Result<(), A::Error> {
        while let Some(value) = sequence.next_element::<&'a RawValue>()? {
            (self.0)(Raw(value.get()));
        }
        Ok(())
    }
}
