//! Quotes: strings and comments that hold foreign text and stay one line that means what it shows.

use std::fmt::Write as _;

use crate::text::terminal;
use crate::text::terminal::Look;

/// Comments are wrapped at this width.
const WIDTH: usize = 120;

/// Writes a basic string. What a reader of the file could not see, or what would turn around what stands beside it, is
/// written as its number.
pub(super) fn string(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for (_, character, look) in terminal::looks(text) {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            hidden if look != Look::Plain => {
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

/// Writes a comment in as many lines as it takes, each behind `margin`, and all but the first further in. Nothing is cut:
/// an ARN or a subject that is wider than a line stays whole.
pub(super) fn wrapped(margin: &str, text: &str) -> String {
    let mut written = margin.to_owned();
    let mut width = margin.chars().count();
    let mut is_first = true;
    for word in comment(text).split(' ') {
        let long = word.chars().count();
        if is_first {
            is_first = false;
        } else if width + 1 + long > WIDTH {
            let _ = write!(written, "\n{margin}    ");
            width = margin.chars().count() + 4;
        } else {
            written.push(' ');
            width += 1;
        }
        written.push_str(word);
        width += long;
    }
    written.push('\n');
    written
}

/// True when a line is no wider than a comment may be.
pub(super) fn fits(line: &str) -> bool {
    line.chars().count() <= WIDTH
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
    use super::wrapped;

    #[test]
    fn comments_are_wrapped_and_never_cut() {
        let long = "x".repeat(200);
        let text = format!("a\nb {} {long} end", "word ".repeat(40));
        let written = wrapped("  # ", &text);
        assert!(written.lines().count() > 2 && written.lines().all(|line| line.starts_with("  # ")), "{written}");
        let words = |text: &str| text.split_whitespace().filter(|it| *it != "#").map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&written), words(&super::comment(&text)));
        assert_eq!(wrapped("# ", "short"), "# short\n");
    }

    #[test]
    fn strings_hide_nothing() {
        for (text, written) in [
            ("acme/orders", r#""acme/orders""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\nb\u{7f}", r#""a\u000ab\u007f""#),
            ("x\u{202e}y\u{e0041}", r#""x\u202ey\U000e0041""#),
            ("##vso[x", r#""\u0023#vso[x""#),
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
