//! Event ids: sixteen bytes when they are UUIDs, as real ones are, and a symbol otherwise.

use std::num::NonZeroU32;

use super::symbols::Renaming;
use super::symbols::Sym;
use super::symbols::Symbols;

/// The id of an event (`eventID`, `sharedEventID` or `requestID`).
///
/// Sixteen bytes either way, because there are millions: the bytes of a UUID in canonical lower-case form, or a
/// symbol. What tells them apart is the version of the UUID: no UUID is of version 15, so that this one marks symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The first four bytes, or the symbol. Not zero, so that an `Option` needs no more room.
    head: NonZeroU32,
    rest: [u8; 12],
}

/// Where in `rest` a UUID keeps its version, in the upper half of the byte.
const VERSION: usize = 2;

/// The version that marks a symbol.
const NAMED: u8 = 0xf0;

impl EventId {
    /// Reads an id, keeping its exact spelling.
    pub fn new(text: &str, symbols: &mut Symbols) -> Self {
        uuid(text).and_then(Self::from_uuid).unwrap_or_else(|| Self::from_symbol(symbols.intern(text)))
    }

    fn from_uuid(bytes: [u8; 16]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<4>()?;
        let head = NonZeroU32::new(u32::from_be_bytes(*head))?;
        let rest: [u8; 12] = rest.try_into().ok()?;
        (rest[VERSION] & NAMED != NAMED).then_some(Self { head, rest })
    }

    fn from_symbol(sym: Sym) -> Self {
        let mut rest = [0; 12];
        rest[VERSION] = NAMED;
        Self { head: sym.number(), rest }
    }

    fn symbol(self) -> Option<Sym> {
        (self.rest[VERSION] & NAMED == NAMED).then(|| Sym::from_number(self.head))
    }

    /// Returns the id as it was written.
    pub fn text(self, symbols: &Symbols) -> String {
        if let Some(sym) = self.symbol() {
            return symbols.get(sym).to_owned();
        }
        let mut text = String::with_capacity(36);
        for (i, byte) in self.head.get().to_be_bytes().iter().chain(&self.rest).enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push(char::from(hex(byte >> 4)));
            text.push(char::from(hex(byte & 15)));
        }
        text
    }

    /// Returns the id under the names of another table.
    #[must_use]
    pub fn renamed(self, names: &Renaming) -> Self {
        self.symbol().map_or(self, |sym| Self::from_symbol(names.of(sym)))
    }

    /// Orders two ids of one table: UUIDs by their bytes, then the others by their text.
    pub fn compare(self, other: Self, symbols: &Symbols) -> std::cmp::Ordering {
        match (self.symbol(), other.symbol()) {
            (None, None) => (self.head, self.rest).cmp(&(other.head, other.rest)),
            (None, Some(_)) => std::cmp::Ordering::Less,
            (Some(_), None) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => symbols.get(a).cmp(symbols.get(b)),
        }
    }
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// Reads a canonical lower-case UUID.
///
/// Every record has one, so it is read eight digits at a time, without a branch for each.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    if [text[8], text[13], text[18], text[23]] != [b'-'; 4] {
        return None;
    }
    let quarters = [
        [text[0], text[1], text[2], text[3], text[4], text[5], text[6], text[7]],
        [text[9], text[10], text[11], text[12], text[14], text[15], text[16], text[17]],
        [text[19], text[20], text[21], text[22], text[24], text[25], text[26], text[27]],
        [text[28], text[29], text[30], text[31], text[32], text[33], text[34], text[35]],
    ];
    let mut bytes = [0; 16];
    for (four, digits) in bytes.chunks_exact_mut(4).zip(quarters) {
        four.copy_from_slice(&eight_digits(digits)?.to_be_bytes());
    }
    Some(bytes)
}

/// Reads eight lower-case hexadecimal digits at once: each byte of a word is a digit.
fn eight_digits(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let word = u64::from_be_bytes(digits);
    // Sets the high bit of each byte that is at least `low` and at most `high`. All bytes are ASCII or refused.
    let between = |low: u64, high: u64| (word + (0x80 - low) * ONES) & !(word + (0x7f - high) * ONES) & HIGH;
    if word & HIGH != 0 {
        return None;
    }
    let letters = between(0x61, 0x66);
    if between(0x30, 0x39) | letters != HIGH {
        return None;
    }
    // `a` is 0x61: its low nibble is 1, and it stands for ten.
    let nibbles = (word & (0x0f * ONES)) + (letters >> 7) * 9;
    let pairs = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    u32::try_from((fours | fours >> 16) & 0xffff_ffff).ok()
}

#[cfg(test)]
mod tests {
    use super::EventId;
    use crate::model::symbols::Symbols;

    #[test]
    fn an_id_is_written_as_it_was_read() {
        let mut symbols = Symbols::default();
        for text in [
            "4bd2a6f6-dddc-49e6-ba7d-08f73e809e64",
            "4BD2A6F6-dddc-49e6-ba7d-08f73e809e64",
            "EXAMPLE",
            "",
            "00000000-dddc-49e6-ba7d-08f73e809e64",
        ] {
            assert_eq!(EventId::new(text, &mut symbols).text(&symbols), text);
        }
        assert_eq!(symbols.len(), 4);
    }

    #[test]
    fn only_digits_of_a_uuid_are_taken_for_one() {
        let good = *b"4bd2a6f6-dddc-49e6-ba7d-08f73e809e64";
        for at in 0..good.len() {
            for byte in 0..=127u8 {
                let mut text = good;
                text[at] = byte;
                let text = std::str::from_utf8(&text).unwrap();
                let is_digit = byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                let expected = if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { is_digit };
                let mut symbols = Symbols::default();
                let id = EventId::new(text, &mut symbols);
                let is_odd_version = at == 14 && byte == b'f';
                assert_eq!(id.symbol().is_none(), expected && !is_odd_version, "{text}");
                assert_eq!(id.text(&symbols), text);
            }
        }
    }
}
