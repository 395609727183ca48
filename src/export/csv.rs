//! CSV by RFC 4180, safe to open in a spreadsheet and to print in a CI job: UTF-8 without a byte order mark, CRLF, empty
//! for null, and each row on one line.

use std::borrow::Cow;

use crate::frame::Value;
use crate::text::command;
use crate::text::terminal;

/// The characters with which spreadsheets begin a formula, the full-width forms of East Asian input included.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What separates cells where people write numbers with a comma, and in other kinds of files: a spreadsheet that is told
/// so, or thinks so, begins a cell behind it.
const SEPARATORS: [char; 3] = [';', '|', '\t'];

/// A row in the making.
#[derive(Default)]
pub struct Line {
    text: String,
    cells: usize,
}

impl Line {
    /// Adds a cell.
    pub fn push(&mut self, value: &Value<'_>) {
        match value {
            Value::Null => self.push_plain(""),
            Value::Text(text) => self.push_text(text),
            Value::Integer(number) => self.push_plain(&number.to_string()),
            Value::Moment(time) => self.push_plain(&time.to_string()),
            Value::Boolean(truth) => self.push_plain(if *truth { "true" } else { "false" }),
        }
    }

    /// Adds a cell that is no text, such as a number: nothing of it is foreign.
    pub fn push_plain(&mut self, text: &str) {
        if self.cells > 0 {
            self.text.push(',');
        }
        self.cells += 1;
        self.text.push_str(text);
    }

    /// Adds text: quoted where it must be, and never a formula. Empty text is `""`, so that it is not null.
    pub fn push_text(&mut self, text: &str) {
        let safe = inert(text);
        let is_quoted = safe.is_empty() || safe.contains(['"', ',']) || safe.starts_with(' ') || safe.ends_with(' ');
        self.push_plain(&if is_quoted { Cow::Owned(format!("\"{}\"", safe.replace('"', "\"\""))) } else { safe });
    }

    /// Takes the row, with its end, and begins another.
    pub fn end(&mut self) -> String {
        let line = command::broken(&std::mem::take(&mut self.text)).into_owned() + "\r\n";
        self.cells = 0;
        line
    }
}

/// Puts `'` before what a spreadsheet would take for a formula: at the beginning of the text or behind a separator of
/// other kinds of files, after spaces and characters that cannot be seen. What a terminal or a runner of CI obeys is
/// written as `\u{1b}`: CSV has no escape of its own.
fn inert(text: &str) -> Cow<'_, str> {
    if terminal::is_plain(text) && !text.split(SEPARATORS).any(is_formula) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for cell in text.split_inclusive(SEPARATORS) {
        if is_formula(cell) {
            safe.push('\'');
        }
        safe.push_str(&terminal::escape(cell));
    }
    Cow::Owned(safe)
}

/// Whoever reads `\u{feff}` back has a formula again, so that what cannot be seen does not hide one.
fn is_formula(cell: &str) -> bool {
    let is_unseen = |c: char| c.is_whitespace() || c == '"' || terminal::is_unsafe(c);
    cell.trim_start_matches(is_unseen).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::frame::Value;
    use crate::model::time::Timestamp;

    fn cell(value: &Value<'_>) -> String {
        let mut line = Line::default();
        line.push(value);
        line.end().trim_end_matches("\r\n").to_owned()
    }

    #[test]
    fn text_that_begins_a_formula_is_made_text() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\\u{9}'=1"),
            ("\r=1", "'\\u{d}=1"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\\u{feff}=1"),
            ("＝1", "'＝1"),
            ("=cmd|'/c calc'!A0,\"x\"", "\"'=cmd|'/c calc'!A0,\"\"x\"\"\""),
            ("a=1", "a=1"),
            ("'=1", "'=1"),
            ("x;=1+1; ＋2", "x;'=1+1;' ＋2"),
            ("x;\"=1\"", "\"x;'\"\"=1\"\"\""),
            ("a;b-c", "a;b-c"),
        ] {
            assert_eq!(cell(&Value::from(text)), shown, "{text:?}");
        }
    }

    #[test]
    fn numbers_moments_and_nothing_are_not_touched() {
        assert_eq!(cell(&Value::Integer(-5)), "-5");
        assert_eq!(cell(&Value::Moment(Timestamp(-1))), "1969-12-31T23:59:59Z");
        assert_eq!(cell(&Value::Boolean(false)), "false");
        assert_eq!(cell(&Value::Null), "");
        assert_eq!(cell(&Value::from("")), "\"\"");
    }

    #[test]
    fn a_row_is_a_line_that_nothing_obeys() {
        assert_eq!(cell(&Value::from("a\"b")), "\"a\"\"b\"");
        assert_eq!(cell(&Value::from("a\r\nb,c")), "\"a\\u{d}\\u{a}b,c\"");
        assert_eq!(cell(&Value::from("a\0b\u{1b}[2J\u{9b}")), "a\\u{0}b\\u{1b}[2J\\u{9b}");
        assert_eq!(cell(&Value::from("::set-output name=x::y")), "\\u{3a}:set-output name=x::y");
        assert_eq!(cell(&Value::from("x##vso[y")), "x\\u{23}#vso[y");
        let mut line = Line::default();
        line.push(&Value::from("~~~"));
        line.push(&Value::Null);
        line.push(&Value::Integer(1));
        assert_eq!(line.end(), "~~~,,1\r\n");
        line.push(&Value::from("~~~ fold"));
        assert_eq!(line.end(), "\\u{7e}~~ fold\r\n");
    }
}
