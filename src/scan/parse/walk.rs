//! The fast way to read one record: one walk over its top-level keys.
//!
//! It takes the wanted values and passes over everything else. What it accepts is JSON all the way; what it
//! cannot follow, it declines.

use super::ends::StringEnd;
use super::ends::string_end;
use super::field::{self, Field, Value};
use super::keys::{self, REACH};
use super::nested::{self, Stop};
use super::pattern::{self, Pattern};
use crate::model::record::Record;

/// Deepest nesting that the bits of one word can follow.
const MAX_DEPTH: u32 = 63;
/// The fields that show that an object is a CloudTrail record.
const MARKS: u32 =
    bit(Field::EventVersion) | bit(Field::EventName) | bit(Field::EventSource) | bit(Field::UserIdentity);
/// The fields that may come twice: nobody keeps their values.
const AGAIN: u32 = bit(Field::EventVersion) | bit(Field::Other);
/// The fields that may show that an object is no record.
const ENVELOPES: u32 = bit(Field::Records) | bit(Field::Envelope);

const fn bit(field: Field) -> u32 {
    1 << field.number()
}

/// What a walk came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// A whole record.
    Record {
        /// Where the text goes on.
        end: usize,
        /// Whether a key shows that this is a CloudTrail record.
        recognized: bool,
    },
    /// An object around records, or a digest.
    Envelope,
    /// The window ends inside the record.
    More,
    /// Something that the walker does not follow: take the careful path.
    Decline,
}

impl From<Stop> for Walk {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::More => Self::More,
            Stop::Decline => Self::Decline,
        }
    }
}

/// Walks the object that opens at `start` and fills `record`.
///
/// `pattern` is what the records before looked like, in this text or another. A record that nests more than `max_depth`
/// levels, its own braces included, is declined.
#[inline]
pub fn walk<'a>(text: &'a str, pattern: &mut Pattern, start: usize, max_depth: u32, record: &mut Record<'a>) -> Walk {
    let max_depth = max_depth.min(MAX_DEPTH).saturating_sub(1);
    pattern.limit(max_depth);
    let mut walker = Walker { text, pattern, max_depth, seen: 0 };
    match walker.object(start, record) {
        Err(walk) => walk,
        Ok(end) => {
            field::complete(record);
            Walk::Record { end, recognized: walker.seen & MARKS != 0 }
        }
    }
}

/// What comes behind a value.
enum Next {
    /// A key of this field, with its colon here.
    Key(Field, usize),
    /// The end of the record, before this place.
    End(usize),
}

struct Walker<'a, 'p> {
    text: &'a str,
    pattern: &'p mut Pattern,
    max_depth: u32,
    /// One bit per field.
    seen: u32,
}

impl<'a> Walker<'a, '_> {
    #[inline]
    fn object(&mut self, start: usize, record: &mut Record<'a>) -> Result<usize, Walk> {
        let bytes = self.text.as_bytes();
        if bytes.get(start) != Some(&b'{') {
            return Err(Walk::Decline);
        }
        // At the brace, and then behind each value.
        let mut at = start;
        let mut last = pattern::START;
        loop {
            let text = bytes.get(at..).and_then(|rest| rest.first_chunk::<REACH>());
            let next = self.pattern.after(last);
            let (field, colon) = if let Some(text) = text
                && let Some((field, length)) = self.pattern.expect(next, text)
            {
                last = next;
                (field, at + length - 1)
            } else {
                match self.key(at, &mut last)? {
                    Next::Key(field, colon) => (field, colon),
                    Next::End(end) => return Ok(end),
                }
            };
            let (value_at, first) = self.skip_space(colon + 1)?;
            let bit = bit(field);
            if (self.seen | ENVELOPES) & bit & !AGAIN != 0 {
                self.unusual(field, at, value_at, first)?;
            }
            self.seen |= bit;
            at = self.entry(field, value_at, first, record)?;
        }
    }

    /// Reads what comes next when it is not the key that was expected.
    #[inline(never)]
    fn key(&mut self, at: usize, last: &mut pattern::Place) -> Result<Next, Walk> {
        let bytes = self.text.as_bytes();
        let lead = if *last == pattern::START { b'{' } else { b',' };
        let (key_at, byte) = match self.skip_space(at)? {
            (at, byte) if byte == lead => self.skip_space(at + 1)?,
            (at, b'}') => return Ok(Next::End(at + 1)),
            _ => return Err(Walk::Decline),
        };
        if byte == b'}' && lead == b'{' {
            return Ok(Next::End(key_at + 1));
        }
        if byte != b'"' {
            return Err(Walk::Decline);
        }
        let quote = match string_end(bytes, key_at + 1) {
            StringEnd::Plain(quote) => quote,
            StringEnd::More => return Err(Walk::More),
            StringEnd::Escaped(_) | StringEnd::Bad => return Err(Walk::Decline),
        };
        let field = keys::field_of(bytes.get(key_at + 1..quote).unwrap_or_default());
        let (colon, byte) = self.skip_space(quote + 1)?;
        if byte != b':' {
            return Err(Walk::Decline);
        }
        *last = self.pattern.learn(*last, bytes.get(at..=colon).unwrap_or_default(), field);
        Ok(Next::Key(field, colon))
    }

    /// Looks at a key that was there before or may show that this is no record. `Ok` when it does not.
    #[cold]
    fn unusual(&self, field: Field, at: usize, value_at: usize, first: u8) -> Result<(), Walk> {
        if bit(field) & ENVELOPES == 0 {
            // Twice the same key: which one counts is for the careful path to say.
            return Err(Walk::Decline);
        }
        let (key, value) = self.text.as_bytes().split_at_checked(value_at).unwrap_or_default();
        let key = key.get(at..).and_then(|key| key.split(|byte| *byte == b'"').nth(1)).unwrap_or_default();
        let has_marks = self.seen & MARKS != 0;
        match field::is_envelope(key, value) {
            None => Err(Walk::More),
            Some(true) if !has_marks => Err(Walk::Envelope),
            // A record that holds records, or an object that calls itself a digest: the careful path looks at all of it.
            Some(true) if field == Field::Records => Err(Walk::Decline),
            _ if !has_marks && field::is_of_digest(key, first) => Err(Walk::Decline),
            _ => Ok(()),
        }
    }

    /// Takes the value of one key, and returns where it ends.
    #[inline]
    fn entry(&mut self, field: Field, at: usize, first: u8, record: &mut Record<'a>) -> Result<usize, Walk> {
        let bytes = self.text.as_bytes();
        let all = self.text;
        let text = |from: usize, to: usize| all.get(from..to).unwrap_or_default();
        let (end, value) = match first {
            b'"' => match string_end(bytes, at + 1) {
                StringEnd::Plain(close) if field.is_decoded() => (close + 1, Value::Text(text(at + 1, close), false)),
                StringEnd::Plain(close) => (close + 1, Value::Quoted(text(at, close + 1))),
                StringEnd::Escaped(close) if field.is_decoded() => (close + 1, Value::Text(text(at + 1, close), true)),
                StringEnd::More => return Err(Walk::More),
                // Nobody would look at the escapes, and a bad one must not pass.
                StringEnd::Escaped(_) | StringEnd::Bad => return Err(Walk::Decline),
            },
            b'{' => self.nested(field, at).map(|end| (end, Value::Object(text(at, end))))?,
            b'[' => self.nested(field, at).map(|end| (end, Value::Array(text(at, end))))?,
            _ => {
                let end = nested::scalar(bytes, at, first)?;
                (end, Value::of(field, text(at, end)))
            }
        };
        field::set(record, field, value).map_err(|_| Walk::Decline)?;
        Ok(end)
    }

    /// Returns where an array or an object ends.
    #[inline]
    fn nested(&mut self, field: Field, at: usize) -> Result<usize, Stop> {
        let bytes = self.text.as_bytes();
        if let Some(length) = self.pattern.same_value(field, bytes.get(at..).unwrap_or_default()) {
            return Ok(at + length);
        }
        let end = nested::end(bytes, at, self.max_depth)?;
        self.pattern.keep_value(field, bytes.get(at..end).unwrap_or_default());
        Ok(end)
    }

    #[inline]
    fn skip_space(&self, at: usize) -> Result<(usize, u8), Walk> {
        Ok(nested::solid(self.text.as_bytes(), at)?)
    }
}
