//! Quotes: strings and comments that hold foreign text and stay one line that means what it shows.

use std::fmt::Write as _;

use crate::text::terminal;

/// A comment shows so much of a foreign text.
const SHOWN: usize = 160;

/// Writes a basic string. What a reader of the file could not see, or what would turn around what stands beside it, is
/// written as its number.
pub(super) fn string(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            hidden if terminal::is_unsafe(hidden) => {
                let number = u32::from(hidden);
                // Writing to a string does not fail.
                let _ = if number <= 0xffff {
                    write!(written, "\\u{number:04x}")
                } else {
                    write!(written, "\\U{number:08x}")
                };
            }
            plain => written.push(plain),
        }
    }
    written.push('"');
    written
}

/// Makes a text fit to stand in a comment.
pub(super) fn comment(text: &str) -> String {
    terminal::escape(text).into_owned()
}

/// Shortens a foreign text that a comment quotes.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let begin: String = text.chars().take(SHOWN).collect();
    format!("{begin}…")
}

/// Writes an id that a provider gave: a number where it is one.
pub(super) fn id(text: &str) -> String {
    let is_number = text.parse::<i64>().is_ok_and(|number| number >= 0 && number.to_string() == text);
    if is_number { text.to_owned() } else { string(text) }
}

#[cfg(test)]
mod tests {
    use super::id;
    use super::string;

    #[test]
    fn strings_hide_nothing() {
        for (text, written) in [
            ("acme/orders", r#""acme/orders""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\nb\u{7f}", r#""a\u000ab\u007f""#),
            ("x\u{202e}y\u{e0041}", r#""x\u202ey\U000e0041""#),
            ("Jürgen", "\"Jürgen\""),
        ] {
            assert_eq!(string(text), written);
        }
    }

    #[test]
    fn only_plain_numbers_are_written_as_numbers() {
        for (text, written) in [("9001", "9001"), ("009", "\"009\""), ("-1", "\"-1\""), ("x", "\"x\"")] {
            assert_eq!(id(text), written);
        }
    }
}
