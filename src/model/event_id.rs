//! Event ids: sixteen bytes when they are UUIDs, as real ones are, and a symbol otherwise.

use super::symbols::Renaming;
use super::symbols::Sym;
use super::symbols::Symbols;

/// The id of an event (`eventID`, `sharedEventID` or `requestID`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventId {
    /// A UUID in canonical lower-case form.
    Uuid([u8; 16]),
    /// Anything else, as it was written.
    Named(Sym),
}

impl EventId {
    /// Reads an id, keeping its exact spelling.
    pub fn new(text: &str, symbols: &mut Symbols) -> Self {
        uuid(text).map_or_else(|| Self::Named(symbols.intern(text)), Self::Uuid)
    }

    /// Returns the id as it was written.
    pub fn text(self, symbols: &Symbols) -> String {
        match self {
            Self::Named(sym) => symbols.get(sym).to_owned(),
            Self::Uuid(bytes) => {
                let mut text = String::with_capacity(36);
                for (i, byte) in bytes.iter().enumerate() {
                    if matches!(i, 4 | 6 | 8 | 10) {
                        text.push('-');
                    }
                    text.push(char::from(hex(byte >> 4)));
                    text.push(char::from(hex(byte & 15)));
                }
                text
            }
        }
    }

    /// Returns the id under the names of another table.
    #[must_use]
    pub fn renamed(self, names: &Renaming) -> Self {
        match self {
            Self::Uuid(_) => self,
            Self::Named(sym) => Self::Named(names.of(sym)),
        }
    }

    /// Orders two ids of one table: UUIDs by their bytes, then the others by their text.
    pub fn compare(self, other: Self, symbols: &Symbols) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(&b),
            (Self::Uuid(_), Self::Named(_)) => std::cmp::Ordering::Less,
            (Self::Named(_), Self::Uuid(_)) => std::cmp::Ordering::Greater,
            (Self::Named(a), Self::Named(b)) => symbols.get(a).cmp(symbols.get(b)),
        }
    }
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// Reads a canonical lower-case UUID.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 16];
    let mut at = 0;
    for (i, byte) in bytes.iter_mut().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            if text[at] != b'-' {
                return None;
            }
            at += 1;
        }
        *byte = nibble(text[at])? << 4 | nibble(text[at + 1])?;
        at += 2;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::EventId;
    use crate::model::symbols::Symbols;

    #[test]
    fn an_id_is_written_as_it_was_read() {
        let mut symbols = Symbols::default();
        for text in ["4bd2a6f6-dddc-49e6-ba7d-08f73e809e64", "4BD2A6F6-dddc-49e6-ba7d-08f73e809e64", "EXAMPLE", ""] {
            assert_eq!(EventId::new(text, &mut symbols).text(&symbols), text);
        }
        assert_eq!(symbols.len(), 3);
    }
}
