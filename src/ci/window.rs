//! A file of any size, value by value: no more of it lies in memory than the value that is being read.

use std::io::Read;

use crate::model::width::wide;

/// The most bytes that one value may have; a page of the CI systems' APIs has a few million.
const LARGEST: usize = 256 << 20;

/// The deepest nesting of one value.
const DEEPEST: usize = 512;

/// So many bytes may be looked at again for each byte of the file: what opens on one line and is closed on none would be looked
/// through from each line on.
const AGAIN: u64 = 8;

/// So many bytes are read at once.
const PIECE: usize = 256 << 10;

/// What has been read of a file and not been taken.
pub(super) struct Window<'s> {
    source: &'s mut dyn Read,
    bytes: Vec<u8>,
    /// Where in `bytes` begins what was not taken.
    begin: usize,
    /// Where in the file `bytes` begins.
    before: u64,
    /// How far the file was looked at, and how many bytes were looked at again.
    seen: u64,
    again: u64,
    is_at_end: bool,
    failure: Option<std::io::Error>,
}

/// What lies before us, up to where a value ends.
pub(super) struct Ahead<'w> {
    pub(super) bytes: &'w [u8],
    /// Where in the file it begins.
    pub(super) at: u64,
    /// Why the end was not looked for any further.
    pub(super) fault: Option<&'static str>,
}

impl<'s> Window<'s> {
    pub(super) fn new(source: &'s mut dyn Read) -> Self {
        Self { source, bytes: Vec::new(), begin: 0, before: 0, seen: 0, again: 0, is_at_end: false, failure: None }
    }

    /// Returns why the file could not be read to its end.
    pub(super) fn failure(self) -> Option<std::io::Error> {
        self.failure
    }

    /// Returns where in the file the next byte stands.
    pub(super) fn at(&self) -> u64 {
        self.before + wide(self.begin)
    }

    /// Takes so many bytes.
    pub(super) fn take(&mut self, count: usize) {
        self.begin = (self.begin + count).min(self.bytes.len());
    }

    /// Takes a byte, if it is this one.
    pub(super) fn take_if(&mut self, byte: u8) -> bool {
        let is_it = self.rest().first() == Some(&byte);
        self.take(usize::from(is_it));
        is_it
    }

    /// Skips what may stand between values: white space, marks of byte order, the separator of JSON text sequences.
    pub(super) fn skip_noise(&mut self) {
        loop {
            let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1e);
            self.take(self.rest().iter().take_while(is_blank).count());
            match self.rest() {
                [0xef, 0xbb, 0xbf, ..] => self.take(3),
                [] | [0xef] | [0xef, 0xbb] => {
                    if !self.fill() {
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    /// Takes what stands before the next line that begins a value and is `from` bytes ahead or further; all, when there is none.
    pub(super) fn skip_to_value(&mut self, from: usize) {
        // What lies ahead may be the beginning of a line.
        self.take(from.saturating_sub(1));
        loop {
            let end = memchr::memchr(b'\n', self.rest());
            self.take(end.unwrap_or(self.rest().len()));
            while self.rest().len() < 2 && self.fill() {}
            let is_found = end.is_some() && matches!(self.rest(), [_, b'{' | b'[', ..]);
            self.take(usize::from(end.is_some()));
            if is_found || self.rest().is_empty() {
                return;
            }
        }
    }

    /// Looks for the end of the value that begins here: the bracket that closes it; of what has none, the end of the line.
    /// What is broken ends anywhere; to say so is the parser's part. `None` at the end of the file.
    /// Once much was looked at in vain, a value ends with its line.
    pub(super) fn ahead(&mut self, is_in_list: bool) -> Option<Ahead<'_>> {
        let is_line = self.again > wide(PIECE) + AGAIN * self.seen;
        let mut scan = Scan { is_in_list, is_line, ..Scan::default() };
        let (end, fault) = loop {
            if let Some(end) = scan.end(self.rest()) {
                break (end, scan.fault);
            }
            if self.rest().len() > LARGEST {
                break (self.rest().len(), Some("this value has more than 256 MiB"));
            }
            if !self.fill() {
                break (self.rest().len(), None);
            }
        };
        let at = self.at();
        self.again += self.seen.saturating_sub(at).min(wide(end));
        self.seen = self.seen.max(at + wide(end));
        let bytes = self.rest().get(..end).filter(|bytes| !bytes.is_empty())?;
        Some(Ahead { bytes, at, fault })
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.begin..).unwrap_or_default()
    }

    /// Reads some more; false at the end of the file.
    fn fill(&mut self) -> bool {
        if self.is_at_end {
            return false;
        }
        self.before += wide(self.begin);
        self.bytes.drain(..std::mem::take(&mut self.begin));
        let kept = self.bytes.len();
        // A part of what is here, so that a large value is not moved for each of its pieces.
        let more = PIECE.max(kept / 4);
        self.bytes.reserve_exact(more);
        self.bytes.resize(kept + more, 0);
        let read = loop {
            match self.source.read(self.bytes.get_mut(kept..).unwrap_or_default()) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    break 0;
                }
                Ok(read) => break read,
            }
        };
        self.bytes.truncate(kept + read);
        self.is_at_end = read == 0;
        read > 0
    }
}

/// Counts brackets.
#[derive(Default)]
struct Scan {
    /// How many bytes were looked at.
    seen: usize,
    depth: usize,
    is_in_list: bool,
    is_in_text: bool,
    /// True when a value may not have more than one line.
    is_line: bool,
    fault: Option<&'static str>,
}

impl Scan {
    /// Looks at what was not seen yet, and returns where the value ends. A text that runs on into the next line is no text.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(byte) = bytes.get(self.seen) {
            if self.is_in_text {
                let rest = bytes.get(self.seen..).unwrap_or_default();
                let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', rest) else {
                    self.seen = bytes.len();
                    return None;
                };
                match rest.get(found) {
                    // What is escaped may not be here yet.
                    Some(b'\\') if found + 1 == rest.len() => {
                        self.seen += found;
                        return None;
                    }
                    Some(b'\\') => self.seen += found + 2,
                    Some(b'"') => {
                        self.seen += found + 1;
                        self.is_in_text = false;
                    }
                    _ => return Some(self.seen + found),
                }
                continue;
            }
            self.seen += 1;
            match byte {
                b'"' => self.is_in_text = true,
                b'{' | b'[' if self.depth == DEEPEST => {
                    self.fault = Some("this value is nested too deeply");
                    return Some(self.seen);
                }
                b'{' | b'[' => self.depth += 1,
                b',' | b'}' | b']' if self.depth == 0 && self.is_in_list => return Some((self.seen - 1).max(1)),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(self.seen);
                    }
                }
                b'\n' if self.depth == 0 => return Some(self.seen),
                b'\n' if self.is_line => {
                    self.fault = Some("this line ends inside of a value");
                    return Some(self.seen);
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is opened again and again and never closed is not looked through from each line on.
    #[test]
    fn no_byte_is_looked_at_many_times() {
        let long = format!("{{\"a\":\"{}\",\n", "x".repeat(10_000));
        for line in ["{\"a\":1,\n", "[\n", "{\"a\":[\n", &long] {
            let text = line.repeat(3_000_000 / line.len());
            let mut source = text.as_bytes();
            let mut window = Window::new(&mut source);
            while window.ahead(false).is_some() {
                window.skip_to_value(1);
            }
            let most = (AGAIN + 2) * wide(text.len()) + 2 * wide(PIECE);
            assert!(window.at() == wide(text.len()) && window.again <= most, "{} of {}", window.again, text.len());
        }
    }

    #[test]
    fn blanks_of_any_number_are_skipped() {
        let text = format!("{}{{}}", " \r\n\t\u{1e}\u{feff}".repeat(300_000));
        let mut source = text.as_bytes();
        let mut window = Window::new(&mut source);
        window.skip_noise();
        assert!(window.take_if(b'{'));
    }
}
