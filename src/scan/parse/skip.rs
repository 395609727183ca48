//! Finds where a JSON value ends, one byte at a time: the patient way, which can pause.

use memchr::{memchr2, memchr3};

/// Open brackets whose kind is remembered; deeper ones are only counted.
const REMEMBERED: usize = 1_024;

/// Walks over one array, object or string, in as many pieces as it comes in.
#[derive(Debug, Default)]
pub struct Skipper {
    open: Vec<u8>,
    depth: usize,
    deepest: usize,
    in_string: bool,
    escape: bool,
    /// Treat a line break inside a string as a fault: JSON forbids it, and in JSON lines it is where a bad line ends.
    pub stop_at_line_break: bool,
}

/// What feeding a [`Skipper`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// The value ends after this many bytes of the piece.
    End(usize),
    /// The value goes on after the piece.
    More,
    /// The brackets do not match, or a string breaks off.
    Fault,
}

impl Skipper {
    /// The deepest nesting met so far; the value's own bracket counts as 1.
    pub fn deepest(&self) -> usize {
        self.deepest
    }

    /// Goes on with the next piece. The first one starts at the value's bracket or quote.
    pub fn feed(&mut self, piece: &[u8]) -> Skipped {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            if self.in_string {
                let Some(next) = self.string(piece, at) else { return Skipped::Fault };
                at = next;
            } else {
                at += 1;
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.opened(byte),
                    b'}' | b']' => {
                        if !self.closed(byte) {
                            return Skipped::Fault;
                        }
                    }
                    // Not JSON, and it would make the next quote mean something else to the walker.
                    b'\\' => return Skipped::Fault,
                    _ => continue,
                }
            }
            if self.depth == 0 && !self.in_string {
                return Skipped::End(at);
            }
        }
        Skipped::More
    }

    fn opened(&mut self, byte: u8) {
        if self.depth < REMEMBERED {
            self.open.push(byte);
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    /// Takes a closing bracket; false when it does not match.
    fn closed(&mut self, byte: u8) -> bool {
        if self.depth == 0 {
            return false;
        }
        self.depth -= 1;
        // `}` is `{` + 2 and `]` is `[` + 2.
        self.depth >= REMEMBERED || self.open.pop() == Some(byte - 2)
    }

    /// Walks to the end of the string or of the piece.
    fn string(&mut self, piece: &[u8], mut at: usize) -> Option<usize> {
        loop {
            if std::mem::take(&mut self.escape) {
                at += 1;
            }
            let Some(rest) = piece.get(at..) else { return Some(piece.len()) };
            let found =
                if self.stop_at_line_break { memchr3(b'"', b'\\', b'\n', rest) } else { memchr2(b'"', b'\\', rest) };
            let Some(found) = found else { return Some(piece.len()) };
            at += found + 1;
            match rest.get(found) {
                Some(b'"') => {
                    self.in_string = false;
                    return Some(at);
                }
                Some(b'\\') if at >= piece.len() => {
                    self.escape = true;
                    return Some(at);
                }
                Some(b'\\') => self.escape = true,
                _ => return None,
            }
        }
    }
}

/// Returns the length of the JSON number that `text` starts with. `None` when it is none, or when nothing follows it.
pub(crate) fn number_end(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let count = text.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let start = usize::from(text.first() == Some(&b'-'));
    let mut end = if text.get(start) == Some(&b'0') { start + 1 } else { digits(start)? };
    if text.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
    }
    (end < text.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::{Skipped, Skipper, number_end};

    #[test]
    fn a_value_ends_at_the_same_place_however_it_is_cut() {
        let text = br#"{"a":"}\"\\","b":[{"c":[1,"]"]}]} tail"#;
        for cut in 0..text.len() {
            let mut skipper = Skipper::default();
            let (head, tail) = text.split_at(cut);
            let end = match skipper.feed(head) {
                Skipped::End(end) => end,
                Skipped::More => match skipper.feed(tail) {
                    Skipped::End(end) => cut + end,
                    other => panic!("{cut}: {other:?}"),
                },
                Skipped::Fault => panic!("{cut}"),
            };
            assert_eq!(end, text.len() - 5);
            assert!(cut < 28 || skipper.deepest() == 4);
        }
    }

    #[test]
    fn brackets_that_do_not_match_are_a_fault() {
        for text in ["{]", "[{]}", "{\"a\":[}"] {
            assert_eq!(Skipper::default().feed(text.as_bytes()), Skipped::Fault, "{text}");
        }
        let mut strict = Skipper { stop_at_line_break: true, ..Skipper::default() };
        assert_eq!(strict.feed(b"{\"a\n"), Skipped::Fault);
    }

    #[test]
    fn numbers_follow_the_grammar_of_json() {
        for (text, length) in [("0,", Some(1)), ("-1.5e+3}", Some(7)), ("12 ", Some(2)), ("01,", Some(1))] {
            assert_eq!(number_end(text.as_bytes()), length, "{text}");
        }
        for bad in ["-,", "1.,", "1e,", ".5,", "x", "12", ""] {
            assert_eq!(number_end(bad.as_bytes()), None, "{bad}");
        }
    }
}
