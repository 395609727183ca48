//! Text for terminals: nothing that a terminal obeys, nothing that hides or turns around what stands beside it.

use std::borrow::Cow;

use super::command;
use super::fit;

/// How many marks that take no column may stand on one character. No script needs more; more pile up over other lines.
const MAX_MARKS: usize = 3;

/// How a character looks, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As what it is.
    Plain,
    /// Not plainly: a terminal obeys it, or it hides, turns around or covers what stands beside it.
    Hidden,
    /// Plain to people, and the beginning of a command to a runner of CI.
    Command,
}

/// Returns the text with every character that is not plainly visible written as `\u{202e}`.
///
/// Line breaks and tabs are escaped, too: foreign text stays on the line where it was put. So is `##[`, wherever it
/// stands: runners of CI systems take `##[warning]` and `##vso[…]` for commands of the job that printed them.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for (_, character, look) in looks(text) {
        match look {
            Look::Plain => safe.push(character),
            Look::Hidden | Look::Command => safe.extend(character.escape_unicode()),
        }
    }
    Cow::Owned(safe)
}

/// Returns true when it is quickly seen that each character of a text looks plain.
pub fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    let is_letter = |byte: u8| {
        let is_second = byte == b'#' && before == b'#';
        before = byte;
        (b' '..=b'~').contains(&byte) && !is_second
    };
    text.bytes().all(is_letter) || looks(text).all(|(_, _, look)| look == Look::Plain)
}

/// Goes through a text: where each character stands, and how it looks.
pub fn looks(text: &str) -> impl Iterator<Item = (usize, char, Look)> {
    // What stands without a base has no room for marks.
    let mut marks = MAX_MARKS;
    text.char_indices().map(move |(at, character)| {
        let is_mark = !character.is_ascii() && fit::width_of(character) == 0;
        marks = match character {
            _ if is_mark => marks + 1,
            _ if character.is_whitespace() => MAX_MARKS,
            _ => 0,
        };
        let look = if is_unsafe(character) || (is_mark && marks > MAX_MARKS) {
            Look::Hidden
        } else if character == '#' && text.get(at..).is_some_and(command::is_at) {
            Look::Command
        } else {
            Look::Plain
        };
        (at, character, look)
    })
}

/// Returns true for control, format, bidi, zero-width and private characters, and for spaces that are not spaces.
pub fn is_unsafe(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || matches!(character,
            // Format characters and what is drawn as nothing.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{200b}'..='\u{200f}'
            | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}'
            | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            // Combining marks without a base pile up over other lines.
            | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
            // Spaces of other widths.
            | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
            // Private use and not a character: every terminal draws something else, or nothing.
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        for (text, safe) in [
            ("gha-orders-42", "gha-orders-42"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("evil\u{202e}moc", "evil\\u{202e}moc"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("ad\u{200b}min", "ad\\u{200b}min"),
            ("\u{2061}", "\\u{2061}"),
            ("\u{e0041}", "\\u{e0041}"),
            ("Z\u{335}a", "Z\\u{335}a"),
            ("Jürgen 田中 ✓", "Jürgen 田中 ✓"),
            ("x##[error]y ###[a", "x\\u{23}#[error]y #\\u{23}#[a"),
            ("##vso[task.x]##teamcity[y", "\\u{23}#vso[task.x]\\u{23}#teamcity[y"),
            ("\u{e19}\u{e49}\u{e33} ## x", "\u{e19}\u{e49}\u{e33} ## x"),
            ("\u{e19}\u{e49}\u{e49}\u{e49}\u{e49}", "\u{e19}\u{e49}\u{e49}\u{e49}\\u{e49}"),
            (" \u{e49}", " \\u{e49}"),
        ] {
            assert_eq!(escape(text), safe);
        }
    }
}
