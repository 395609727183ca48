//! The quick way through a small object: key by key, in JSON that is written without white space and with no escape where
//! we look. It gives up on everything else, which is left to `serde_json`.

use std::borrow::Cow;

use super::ends::StringEnd;
use super::ends::string_end;
use super::nested;

/// Deepest nesting that is passed over: less than `serde_json` follows.
const MAX_DEPTH: u32 = 60;

/// What stands next in an object.
pub(super) enum Next<'a> {
    /// A key, and behind its colon a value.
    Key(&'a [u8]),
    /// The end of the object.
    End,
}

/// A place in an object. Every step is `None` where it gives up.
pub(super) struct Quick<'a> {
    text: &'a str,
    at: usize,
    /// No key of the innermost object was read yet.
    is_first: bool,
    /// One bit for each key that [`Self::once`] was asked for.
    seen: u32,
}

impl<'a> Quick<'a> {
    /// Reads the object that is all of `text`.
    pub(super) fn read<T>(text: &'a str, object: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut quick = Self { text, at: 0, is_first: true, seen: 0 };
        quick.open()?;
        let read = object(&mut quick)?;
        (quick.at == text.len()).then_some(read)
    }

    /// Enters the object that comes next.
    pub(super) fn open(&mut self) -> Option<()> {
        (self.text.as_bytes().get(self.at)? == &b'{').then_some(())?;
        self.at += 1;
        self.is_first = true;
        Some(())
    }

    /// Returns the next key of the innermost object, or leaves the object.
    #[inline]
    pub(super) fn key(&mut self) -> Option<Next<'a>> {
        let bytes = self.text.as_bytes();
        let is_first = std::mem::replace(&mut self.is_first, false);
        match (bytes.get(self.at)?, is_first) {
            (b'}', _) => {
                self.at += 1;
                return Some(Next::End);
            }
            (b',', false) => self.at += 1,
            (b'"', true) => {}
            _ => return None,
        }
        let key = self.string()?;
        (self.text.as_bytes().get(self.at)? == &b':').then_some(())?;
        self.at += 1;
        Some(Next::Key(key.as_bytes()))
    }

    /// Notes that the key with this number was met, and gives up where it was met before.
    pub(super) fn once(&mut self, number: u32) -> Option<()> {
        let is_first = self.seen >> number & 1 == 0;
        self.seen |= 1 << number;
        is_first.then_some(())
    }

    /// Reads a string.
    #[inline]
    pub(super) fn string(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        (bytes.get(self.at)? == &b'"').then_some(())?;
        let StringEnd::Plain(end) = string_end(bytes, self.at + 1) else { return None };
        let inner = self.text.get(self.at + 1..end)?;
        self.at = end + 1;
        Some(inner)
    }

    /// Reads a string that is not empty into a field that has none.
    #[inline]
    pub(super) fn fill(&mut self, field: &mut Option<Cow<'a, str>>) -> Option<()> {
        let inner = self.string().filter(|inner| !inner.is_empty() && field.is_none())?;
        *field = Some(Cow::Borrowed(inner));
        Some(())
    }

    /// Reads a boolean, or the strings `"true"` and `"false"`.
    pub(super) fn flag(&mut self) -> Option<bool> {
        match self.value()? {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }
    }

    /// Passes over a value, whatever it is, and returns it as written.
    pub(super) fn value(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        self.at = match bytes.get(start)? {
            b'"' => nested::string(bytes, start).ok()?,
            b'{' | b'[' => nested::end(bytes, start, MAX_DEPTH).ok()?,
            first => nested::scalar(bytes, start, *first).ok()?,
        };
        self.text.get(start..self.at)
    }
}
