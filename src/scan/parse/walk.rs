//! The fast way to read one record: one walk over its top-level keys, guided by [`Masks`].
//!
//! It notes where the wanted values stand and passes over everything else. What it accepts is JSON all the way; what it
//! cannot follow, it declines.

use super::field::{self, FIELDS, Field, Value};
use super::keys::{self, REACH};
use super::masks::Masks;
use super::nested::{self, Stop};
use crate::model::record::Record;
use crate::model::width::place;

/// Deepest nesting that the bits of one word can follow.
const MAX_DEPTH: u32 = 63;
/// The fields that show that an object is a CloudTrail record.
const MARKS: u32 =
    bit(Field::EventVersion) | bit(Field::EventName) | bit(Field::EventSource) | bit(Field::UserIdentity);
/// The fields that may come twice: nobody keeps their values.
const UNKEPT: u32 = bit(Field::EventVersion) | ENVELOPES | bit(Field::Other);
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
/// `masks` are those of `text`. A record that nests more than `max_depth` levels, its own braces included, is declined.
#[inline]
pub fn walk<'a>(text: &'a str, masks: &Masks, start: usize, max_depth: u32, record: &mut Record<'a>) -> Walk {
    let mut walker = Walker {
        text,
        masks,
        max_depth: max_depth.min(MAX_DEPTH).saturating_sub(1),
        seen: 0,
        spans: [Span::default(); FIELDS],
    };
    match walker.object(start) {
        Err(walk) => walk,
        Ok(end) if end > masks.bad_from() => Walk::Decline,
        Ok(end) => match field::fill(record, |field| walker.value(field)) {
            Ok(()) => Walk::Record { end, recognized: walker.seen & MARKS != 0 },
            Err(_) => Walk::Decline,
        },
    }
}

/// Where a value stands, and what it is.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Null,
    True,
    False,
    Number,
    Text,
    EscapedText,
    Object,
    Array,
}

impl Kind {
    /// Tells a word or a number by its first letter.
    fn of_scalar(first: u8) -> Self {
        match first {
            b't' => Self::True,
            b'f' => Self::False,
            b'n' => Self::Null,
            _ => Self::Number,
        }
    }
}

struct Walker<'a, 'm> {
    text: &'a str,
    masks: &'m Masks,
    max_depth: u32,
    /// One bit per field.
    seen: u32,
    spans: [Span; FIELDS],
}

impl<'a> Walker<'a, '_> {
    #[inline]
    fn object(&mut self, start: usize) -> Result<usize, Walk> {
        let bytes = self.text.as_bytes();
        if bytes.get(start) != Some(&b'{') || u32::try_from(bytes.len()).is_err() {
            return Err(Walk::Decline);
        }
        let (mut at, mut byte) = self.skip_space(start + 1)?;
        if byte == b'}' {
            return Ok(at + 1);
        }
        loop {
            if byte != b'"' {
                return Err(Walk::Decline);
            }
            let (quote, escaped) = self.masks.string(at + 1).ok_or(Walk::More)?;
            if escaped {
                return Err(Walk::Decline);
            }
            let field = match bytes.get(at + 1..).and_then(|rest| rest.first_chunk::<REACH>()) {
                Some(text) => keys::look_up(text, quote - at - 1),
                None => keys::field_of(bytes.get(at + 1..quote).unwrap_or_default()),
            };
            let (value_at, first) = match bytes.get(quote + 1..quote + 3) {
                Some(&[b':', first]) if first > b' ' => (quote + 2, first),
                _ => self.value_start(quote + 1)?,
            };
            if bit(field) & ENVELOPES != 0 {
                self.envelope(field, at, quote, value_at, first)?;
            }
            let end = self.entry(field, value_at, first)?;
            (at, byte) = match bytes.get(end..end + 2) {
                Some(b",\"") => (end + 1, b'"'),
                _ => match self.skip_space(end)? {
                    (at, b',') => self.skip_space(at + 1)?,
                    (at, b'}') => return Ok(at + 1),
                    _ => return Err(Walk::Decline),
                },
            };
        }
    }

    /// Looks at a key that may show that this is no record. `Ok` when it does not.
    #[cold]
    fn envelope(&self, field: Field, at: usize, quote: usize, value_at: usize, first: u8) -> Result<(), Walk> {
        let bytes = self.text.as_bytes();
        let (key, value) = (bytes.get(at + 1..quote).unwrap_or_default(), bytes.get(value_at..).unwrap_or_default());
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

    /// Notes where the value of one key stands, and returns where it ends.
    #[inline]
    fn entry(&mut self, field: Field, at: usize, first: u8) -> Result<usize, Walk> {
        if self.seen & bit(field) & !UNKEPT != 0 {
            // Twice the same key: which one counts is for the careful path to say.
            return Err(Walk::Decline);
        }
        self.seen |= bit(field);
        let (kind, end) = match first {
            b'"' => {
                let (close, escaped) = self.masks.string(at + 1).ok_or(Walk::More)?;
                if escaped && !field.is_decoded() {
                    // Nobody would look at the escapes, and a bad one must not pass.
                    return Err(Walk::Decline);
                }
                (if escaped { Kind::EscapedText } else { Kind::Text }, close + 1)
            }
            b'{' | b'[' => {
                let end = nested::end(self.text.as_bytes(), self.masks, at, self.max_depth)?;
                (if first == b'{' { Kind::Object } else { Kind::Array }, end)
            }
            _ => (Kind::of_scalar(first), nested::scalar(self.text.as_bytes(), at, first)?),
        };
        if let Some(span) = self.spans.get_mut(field.number()) {
            #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the text is below 4 GiB")]
            let (start, end) = (at as u32, end as u32);
            *span = Span { start, end, kind };
        }
        Ok(end)
    }

    /// Returns the value of a field.
    #[inline]
    fn value(&self, field: Field) -> Value<'a> {
        let Some(span) = self.spans.get(field.number()) else { return Value::Null };
        let Some(raw) = self.text.get(place(span.start)..place(span.end)) else { return Value::Null };
        match span.kind {
            Kind::Null => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => Value::Number(raw),
            Kind::Text => Value::Text(raw, false),
            Kind::EscapedText => Value::Text(raw, true),
            Kind::Object => Value::Object(raw),
            Kind::Array => Value::Array(raw),
        }
    }

    /// Passes white space and a colon.
    #[cold]
    fn value_start(&self, at: usize) -> Result<(usize, u8), Walk> {
        match self.skip_space(at)? {
            (at, b':') => self.skip_space(at + 1),
            _ => Err(Walk::Decline),
        }
    }

    #[inline]
    fn skip_space(&self, at: usize) -> Result<(usize, u8), Walk> {
        Ok(nested::solid(self.text.as_bytes(), at)?)
    }
}
