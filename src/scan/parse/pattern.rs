//! What records look like: after each key the one that came next last time, and values as they were last time. Most
//! records have their keys in one order, and callers act in bursts, so that one comparison tells what would else be read.

use wide::u8x16;

use super::field::FIELDS;
use super::field::Field;
use super::keys::REACH;

/// How many keys are remembered. Records have about thirty.
const MOST: usize = 64;

/// The longest value that is remembered, in bytes.
const LONGEST: usize = 4 << 10;

/// The number of a remembered key.
pub(super) type Place = u8;

/// What stands before the first key.
pub(super) const START: Place = 0;

/// Stands for all keys that are not remembered.
const ELSE: Place = 1;

/// One remembered key.
#[derive(Clone, Copy, Debug)]
struct Learned {
    /// Its text from the comma or brace before it to the colon, and zeros.
    text: [u8x16; 2],
    /// Ones where its text is.
    mask: [u8x16; 2],
    length: usize,
    field: Field,
    /// The key that came next.
    next: Place,
}

/// What the records before looked like. Reusable for any text.
#[derive(Clone, Debug)]
pub struct Pattern {
    keys: Vec<Learned>,
    /// The last value of each field that is worth remembering.
    values: [Vec<u8>; FIELDS],
    /// The values nest no deeper than this.
    max_depth: u32,
}

impl Default for Pattern {
    fn default() -> Self {
        // No key is written as zeros.
        let mask = [u8x16::splat(u8::MAX); 2];
        let nothing = Learned { text: [u8x16::ZERO; 2], mask, length: REACH, field: Field::Other, next: ELSE };
        Self { keys: vec![nothing; 2], values: [const { Vec::new() }; FIELDS], max_depth: 0 }
    }
}

impl Pattern {
    /// Says how deep values may nest from now on.
    #[inline]
    pub(super) fn limit(&mut self, max_depth: u32) {
        if self.max_depth != max_depth {
            self.max_depth = max_depth;
            self.values.iter_mut().for_each(Vec::clear);
        }
    }

    /// Returns the place of the key that is expected after `last`.
    #[inline]
    pub(super) fn after(&self, last: Place) -> Place {
        self.keys.get(usize::from(last)).map_or(ELSE, |key| key.next)
    }

    /// Looks whether `text` begins with the key at a place, with the comma or brace before it and the colon behind it.
    /// Returns the field, and how many bytes that is.
    #[inline]
    pub(super) fn expect(&self, place: Place, text: &[u8; REACH]) -> Option<(Field, usize)> {
        let key = self.keys.get(usize::from(place))?;
        let [a, b] = halves(text);
        let is_same = (a & key.mask[0]).simd_eq(key.text[0]) & (b & key.mask[1]).simd_eq(key.text[1]);
        is_same.all().then_some((key.field, key.length))
    }

    /// Remembers that `key` (from the end of what was before it to its colon) came after `last`, and returns its place.
    #[cold]
    pub(super) fn learn(&mut self, last: Place, key: &[u8], field: Field) -> Place {
        let mut bytes = [0; REACH];
        let mut mask = [0; REACH];
        let Some((head, ones)) = bytes.get_mut(..key.len()).zip(mask.get_mut(..key.len())) else { return ELSE };
        head.copy_from_slice(key);
        ones.fill(u8::MAX);
        let (text, mask) = (halves(&bytes), halves(&mask));
        let known = self.keys.iter().position(|known| known.text == text);
        let place = known.unwrap_or(self.keys.len());
        if known.is_none() && place < MOST {
            self.keys.push(Learned { text, mask, length: key.len(), field, next: ELSE });
        }
        let place = Place::try_from(place).ok().filter(|_| place < MOST).unwrap_or(ELSE);
        if let Some(last) = self.keys.get_mut(usize::from(last)) {
            last.next = place;
        }
        place
    }

    /// Returns the length of the value that `rest` begins with when it is the one that the field had last time.
    #[inline]
    pub(super) fn same_value(&self, field: Field, rest: &[u8]) -> Option<usize> {
        let value = self.values.get(field.number()).filter(|value| !value.is_empty())?;
        rest.starts_with(value).then_some(value.len())
    }

    /// Remembers an array or an object that was read to its end.
    #[inline]
    pub(super) fn keep_value(&mut self, field: Field, value: &[u8]) {
        if !field.comes_again() || value.len() > LONGEST {
            return;
        }
        if let Some(kept) = self.values.get_mut(field.number()) {
            kept.clear();
            kept.extend_from_slice(value);
        }
    }
}

fn halves(bytes: &[u8; REACH]) -> [u8x16; 2] {
    match bytes.as_chunks::<16>() {
        ([a, b], _) => [u8x16::new(*a), u8x16::new(*b)],
        _ => [u8x16::ZERO; 2],
    }
}
