//! Text for terminals: nothing that a terminal obeys, nothing that hides or turns around what stands beside it.

use std::borrow::Cow;

/// How a command begins that GitHub's and Azure's runners look for in every line that a step prints.
const RUNNER_COMMAND: &str = "##[";

/// Returns the text with every character that is not plainly visible written as `\u{202e}`.
///
/// Line breaks and tabs are escaped, too: foreign text stays on the line where it was put. So is `##[`, wherever it
/// stands: runners of CI systems take `##[warning]` for a command of the job that printed it.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) && !text.contains(RUNNER_COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        let is_command = character == '#' && text.get(at..).is_some_and(|rest| rest.starts_with(RUNNER_COMMAND));
        if is_command || is_unsafe(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
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
        ] {
            assert_eq!(escape(text), safe);
        }
    }
}
