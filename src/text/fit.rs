//! Text that fits: measured and cut by display width, between characters.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar as _;

/// Returns how many terminal columns the text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Returns how many terminal columns a character takes.
pub fn width_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Cuts the end off.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    Cow::Owned(match columns {
        0 => String::new(),
        _ => format!("{}…", head(text, columns - 1)),
    })
}

/// Cuts the start off: of a path the end says most.
pub fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    Cow::Owned(match columns {
        0 => String::new(),
        _ => format!("…{}", tail(text, columns - 1)),
    })
}

/// Cuts the middle out, keeping a little more of the end: that is where ARNs and subjects differ.
pub fn cut_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns < 8 {
        return cut(text, columns);
    }
    let front = (columns - 1) * 2 / 5;
    Cow::Owned(format!("{}…{}", head(text, front), tail(text, columns - 1 - front)))
}

/// Breaks text into lines of at most `columns`, between words where possible. Never returns an empty list.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        let mut wide = width(word);
        if used > 0 && used + 1 + wide <= columns {
            line.push(' ');
            line.push_str(word);
            used += 1 + wide;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        while wide > columns {
            let part = breakable(word, columns);
            lines.push(part.to_owned());
            word = word.get(part.len()..).unwrap_or_default();
            wide = width(word);
        }
        line.push_str(word);
        used = wide;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Returns the first part of a word that is longer than a line: up to a `/`, `:` or `,` of its second half, so that
/// ARNs break where people would break them.
fn breakable(word: &str, columns: usize) -> &str {
    let mut part = head(word, columns);
    if part.is_empty() {
        // A line narrower than one character: the character is taken all the same, or nothing would ever end.
        let first = word.chars().next().map_or(0, char::len_utf8);
        part = word.get(..first).unwrap_or(word);
    }
    match part.rfind(['/', ':', ',']) {
        Some(at) if at + 1 >= part.len() / 2 => part.get(..=at).unwrap_or(part),
        _ => part,
    }
}

fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += width_of(character);
        if used > columns {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices().rev() {
        used += width_of(character);
        if used > columns {
            return text.get(at + character.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{cut, cut_middle, cut_start, width, wrap};

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(cut("deploy", 6), "deploy");
        assert_eq!(cut("deploy", 4), "dep…");
        assert_eq!(cut("田中田中", 5), "田中…");
        assert_eq!(cut("田中", 1), "…");
        assert_eq!(cut_start("logs/2026/file.json", 10), "…file.json");
        assert_eq!(cut_middle("repo:acme/orders:environment:prod", 20), "repo:ac…ronment:prod");
        for columns in 0..12 {
            assert!(width(&cut_middle("a田b中cdefghijk田", columns)) <= columns);
        }
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(wrap("x arn:aws:iam::1:role/deploy", 14), ["x", "arn:aws:iam::", "1:role/deploy"]);
        assert_eq!(wrap("田中田", 1), ["田", "中", "田"]);
    }
}
