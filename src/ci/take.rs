//! What a field of evidence takes: a text, a number, a time, whichever type it comes in. What is of another type is as if absent.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::model::time::Timestamp;

pub(super) type Text<'a> = Option<Cow<'a, str>>;
pub(super) type Number = Option<u64>;
pub(super) type Moment = Option<Timestamp>;
pub(super) type Flag = Option<bool>;
pub(super) type Texts<'a> = Vec<Cow<'a, str>>;

/// A value of which it matters whether it is written and null.
#[derive(Default)]
pub(super) struct OrNull<T> {
    pub(super) inner: T,
    pub(super) is_null: bool,
}

/// Takes a value of JSON of any type, or leaves it.
pub(super) trait Take<'de> {
    fn text(&mut self, _text: Cow<'de, str>) {}
    fn number(&mut self, _number: u64) {}
    fn flag(&mut self, _flag: bool) {}
    fn null(&mut self) {}
    fn list<A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn object<A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Reads a value into its place, so that nested values need little of the stack.
pub(super) struct Into<'t, T>(pub(super) &'t mut T);

impl<'de, T: Take<'de>> DeserializeSeed<'de> for Into<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Take<'de>> Visitor<'de> for Into<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.null();
        Ok(())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.0.flag(flag);
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.0.number(number);
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.0.text(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.text(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.object(object)
    }
}

/// Takes the first of several where one is usual: GitHub's audit log writes `org` and `repo` both ways.
fn first_of<'de, T: Take<'de>, A: SeqAccess<'de>>(taker: &mut T, mut list: A) -> Result<(), A::Error> {
    if list.next_element_seed(Into(taker))?.is_some() {
        while list.next_element::<IgnoredAny>()?.is_some() {}
    }
    Ok(())
}

impl<'de> Take<'de> for Text<'de> {
    fn text(&mut self, text: Cow<'de, str>) {
        *self = Some(text).filter(|text| !text.is_empty());
    }

    fn number(&mut self, number: u64) {
        *self = Some(Cow::Owned(number.to_string()));
    }

    fn list<A: SeqAccess<'de>>(&mut self, list: A) -> Result<(), A::Error> {
        first_of(self, list)
    }
}

impl<'de> Take<'de> for Number {
    fn text(&mut self, text: Cow<'de, str>) {
        *self = text.parse().ok();
    }

    fn number(&mut self, number: u64) {
        *self = Some(number);
    }

    fn list<A: SeqAccess<'de>>(&mut self, list: A) -> Result<(), A::Error> {
        first_of(self, list)
    }
}

impl<'de> Take<'de> for Moment {
    fn text(&mut self, text: Cow<'de, str>) {
        match text.parse() {
            Ok(number) => self.number(number),
            Err(_) => *self = Timestamp::parse_event(&text),
        }
    }

    /// Seconds or milliseconds since 1970: as seconds, the latter would lie thousands of years ahead.
    fn number(&mut self, number: u64) {
        *self = i64::try_from(if number < 100_000_000_000 { number } else { number / 1_000 }).ok().map(Timestamp);
    }
}

impl<'de> Take<'de> for Flag {
    fn text(&mut self, text: Cow<'de, str>) {
        *self = text.parse().ok();
    }

    fn flag(&mut self, flag: bool) {
        *self = Some(flag);
    }
}

impl<'de> Take<'de> for Texts<'de> {
    fn list<A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let mut text: Text = None;
        while list.next_element_seed(Into(&mut text))?.is_some() {
            self.extend(text.take());
        }
        Ok(())
    }
}

impl<'de, T: Take<'de>> Take<'de> for OrNull<T> {
    fn null(&mut self) {
        self.is_null = true;
    }

    fn text(&mut self, text: Cow<'de, str>) {
        self.inner.text(text);
    }

    fn number(&mut self, number: u64) {
        self.inner.number(number);
    }

    fn object<A: MapAccess<'de>>(&mut self, object: A) -> Result<(), A::Error> {
        self.inner.object(object)
    }
}
