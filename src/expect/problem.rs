//! What is wrong with the file, told so that it can be repaired: place, line, caret, hint.

use std::fmt;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// More problems than this are only counted.
const SHOWN: usize = 20;

/// How much of a long line is shown.
const SNIPPET_CHARS: usize = 140;

/// The expectations file cannot be used. Tells every problem that was found, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Shown(.problems))]
pub struct ExpectError {
    /// What is wrong, at least one thing.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the user named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    snippet: String,
    caret_from: usize,
    caret_length: usize,
}

impl Problem {
    /// Places a problem at a range of bytes of the text.
    pub(super) fn new(file: &str, text: &str, at: &Range<usize>, message: String, hint: Option<String>) -> Self {
        let start = floor_char_boundary(text, at.start);
        let end = floor_char_boundary(text, at.end.max(start));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let column = text[line_start..start].chars().count();
        let marked = text[start..end.min(line_end)].chars().count();
        let skipped = if column > SNIPPET_CHARS / 2 { column - SNIPPET_CHARS / 4 } else { 0 };
        let line = text[line_start..line_end].trim_end_matches('\r');
        let shown: Vec<char> = line.chars().skip(skipped).take(SNIPPET_CHARS).map(printable).collect();
        let caret_at = (column - skipped).min(shown.len());
        let caret_end = (caret_at + marked).min(shown.len());
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: column + 1,
            message,
            hint,
            caret_from: width(shown.get(..caret_at).unwrap_or_default()),
            caret_length: width(shown.get(caret_at..caret_end).unwrap_or_default()).max(1),
            snippet: shown.into_iter().collect(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", self.snippet)?;
        write!(f, "{margin} | {}{}", " ".repeat(self.caret_from), "^".repeat(self.caret_length))?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

struct Shown<'a>(&'a [Problem]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().take(SHOWN).enumerate() {
            let gap = if at == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{problem}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n\nand {more} more problems"),
        }
    }
}

/// Returns the word of `words` that `wrong` was probably meant to be.
pub fn nearest<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let wrong = wrong.to_lowercase().replace('-', "_");
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&wrong, &word.to_lowercase().replace('-', "_")), word))
        .filter(|(likeness, _)| *likeness >= 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// Lists words for a message: `a, b or c`.
pub(super) fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

fn width(chars: &[char]) -> usize {
    chars.iter().collect::<String>().width()
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
