//! Looks further on in an object for the key that says what it is: whoever sorts keys puts it behind what it describes.

use super::window::first_solid;
use crate::parse::Skipped;
use crate::parse::Skipper;

/// How far is looked: an event has at most 1 MiB.
pub(super) const REACH: usize = 1 << 20;

/// What looking came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sibling<'t> {
    /// The key's value, a string, without its quotes.
    Text(&'t [u8]),
    /// The object has no such key, or the text is no JSON.
    Absent,
    /// The text ends first.
    Cut,
}

/// Looks for a key with a string behind the value that `rest` begins with.
pub(super) fn text_of<'t>(rest: &'t [u8], wanted: &[u8]) -> Sibling<'t> {
    look(rest, wanted).unwrap_or(Sibling::Cut)
}

/// `None` when the text ends first.
fn look<'t>(rest: &'t [u8], wanted: &[u8]) -> Option<Sibling<'t>> {
    let mut at = 0;
    loop {
        let End::At(end) = value_end(rest.get(at..)?)? else { return Some(Sibling::Absent) };
        let (comma, byte) = first_solid(rest, at + end)?;
        if byte != b',' {
            return Some(Sibling::Absent);
        }
        let (quote, byte) = first_solid(rest, comma + 1)?;
        if byte != b'"' {
            return Some(Sibling::Absent);
        }
        let End::At(length) = value_end(rest.get(quote..)?)? else { return Some(Sibling::Absent) };
        let key = rest.get(quote + 1..quote + length - 1)?;
        let (colon, byte) = first_solid(rest, quote + length)?;
        if byte != b':' {
            return Some(Sibling::Absent);
        }
        let (value, first) = first_solid(rest, colon + 1)?;
        at = value;
        if key == wanted && first == b'"' {
            let End::At(length) = value_end(rest.get(value..)?)? else { return Some(Sibling::Absent) };
            return rest.get(value + 1..value + length - 1).map(Sibling::Text);
        }
    }
}

/// Where a value ends.
enum End {
    At(usize),
    /// Nowhere: it is no JSON.
    Nowhere,
}

fn value_end(rest: &[u8]) -> Option<End> {
    if matches!(rest.first()?, b'"' | b'{' | b'[') {
        return match Skipper::default().feed(rest) {
            Skipped::End(length) => Some(End::At(length)),
            Skipped::More => None,
            Skipped::Fault => Some(End::Nowhere),
        };
    }
    let end = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'))?;
    Some(if end == 0 { End::Nowhere } else { End::At(end) })
}
