//! The fast way to read one record: one walk over its top-level keys, guided by [`Masks`].
//!
//! It looks into the wanted strings only and jumps over everything else, so that the inside of nested values is checked
//! for matching brackets and sound strings but not for JSON grammar. What it cannot follow, it declines.

use super::field::{self, Field, Value};
use super::masks::{Masks, Nested};
use super::skip::number_end;
use crate::model::record::Record;

/// Deepest nesting that the bits of one word can follow.
const MAX_DEPTH: u32 = 63;

/// What a walk came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// A whole record.
    Record {
        /// Where the text goes on.
        end: usize,
        /// Whether a key shows that this is a CloudTrail record.
        recognised: bool,
    },
    /// An object around records, or a digest.
    Envelope,
    /// The window ends inside the record.
    More,
    /// Something that the walker does not follow: take the careful path.
    Decline,
}

/// Walks the object that opens at `start` and fills `record`, which must be empty.
///
/// `masks` are those of `text`. The record is deeper than the caller allows when it nests more than `max_depth` levels.
pub fn walk<'a>(text: &'a str, masks: &Masks, start: usize, max_depth: u32, record: &mut Record<'a>) -> Walk {
    let mut walker = Walker { text, masks, max_depth: max_depth.min(MAX_DEPTH).saturating_sub(1), recognised: false };
    match walker.object(start, record) {
        Ok(end) if end > masks.bad_from() => Walk::Decline,
        Ok(end) => Walk::Record { end, recognised: walker.recognised },
        Err(walk) => walk,
    }
}

struct Walker<'a, 'm> {
    text: &'a str,
    masks: &'m Masks,
    max_depth: u32,
    recognised: bool,
}

impl<'a> Walker<'a, '_> {
    #[inline]
    fn object(&mut self, start: usize, record: &mut Record<'a>) -> Result<usize, Walk> {
        let bytes = self.text.as_bytes();
        if bytes.get(start) != Some(&b'{') {
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
            let quote = self.masks.next_quote(at + 1).ok_or(Walk::More)?;
            let key = bytes.get(at + 1..quote).ok_or(Walk::Decline)?;
            let (value_at, first) = match bytes.get(quote + 1..quote + 3) {
                Some(&[b':', first]) if first > b' ' => (quote + 2, first),
                _ => self.value_start(quote + 1)?,
            };
            let end = self.entry(key, (at, quote), (value_at, first), record)?;
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

    /// Reads the value of one key and returns where it ends.
    #[inline]
    fn entry(
        &mut self,
        key: &[u8],
        (at, quote): (usize, usize),
        (value_at, first): (usize, u8),
        record: &mut Record<'a>,
    ) -> Result<usize, Walk> {
        let field = Field::of(key);
        match field {
            Field::Other if self.masks.has_backslash(at + 1, quote) => return Err(Walk::Decline),
            Field::Envelope if !self.recognised && field::is_envelope(key, first) => return Err(Walk::Envelope),
            _ => {}
        }
        self.recognised |= field.is_mark();
        let (value, end) = match first {
            b'"' => {
                let close = self.masks.next_quote(value_at + 1).ok_or(Walk::More)?;
                let escaped = self.masks.has_backslash(value_at + 1, close);
                if escaped && !field.is_decoded() {
                    // Nobody would look at the escapes, and a bad one must not pass.
                    return Err(Walk::Decline);
                }
                (Value::Text(self.slice(value_at, close + 1)?, escaped), close + 1)
            }
            b'{' | b'[' => {
                let end = match self.masks.nested_end(self.text.as_bytes(), value_at, self.max_depth) {
                    Nested::End(end) => end,
                    Nested::More => return Err(Walk::More),
                    Nested::Decline => return Err(Walk::Decline),
                };
                let raw = self.slice(value_at, end)?;
                (if first == b'{' { Value::Object(raw) } else { Value::Array(raw) }, end)
            }
            _ => self.scalar(value_at, first)?,
        };
        field::set(record, field, value).map_err(|_| Walk::Decline)?;
        Ok(end)
    }

    fn scalar(&self, at: usize, first: u8) -> Result<(Value<'a>, usize), Walk> {
        let rest = self.text.as_bytes().get(at..).ok_or(Walk::Decline)?;
        let (word, value): (&[u8], _) = match first {
            b't' => (b"true", Value::Bool(true)),
            b'f' => (b"false", Value::Bool(false)),
            b'n' => (b"null", Value::Null),
            _ => {
                let length = number_end(rest).ok_or(if rest.len() < 64 { Walk::More } else { Walk::Decline })?;
                return Ok((Value::Number(self.slice(at, at + length)?), at + length));
            }
        };
        if rest.starts_with(word) {
            Ok((value, at + word.len()))
        } else if rest.len() < word.len() {
            Err(Walk::More)
        } else {
            Err(Walk::Decline)
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
    fn skip_space(&self, mut at: usize) -> Result<(usize, u8), Walk> {
        loop {
            match self.text.as_bytes().get(at) {
                None => return Err(Walk::More),
                Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
                Some(&byte) => return Ok((at, byte)),
            }
        }
    }

    #[inline]
    fn slice(&self, from: usize, to: usize) -> Result<&'a str, Walk> {
        self.text.get(from..to).ok_or(Walk::Decline)
    }
}
