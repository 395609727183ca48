//! CSV by RFC 4180, safe to open in a spreadsheet: UTF-8 without a byte order mark, CRLF, empty for null.

use std::borrow::Cow;

use crate::frame::Value;

/// The characters with which spreadsheets begin a formula, the full-width forms of East Asian input included.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Adds a cell to a line; the first one begins it.
pub fn push(line: &mut String, value: &Value<'_>, is_first: bool) {
    if !is_first {
        line.push(',');
    }
    match value {
        Value::Null => {}
        Value::Text(text) => push_text(line, text),
        Value::Integer(number) => line.push_str(&number.to_string()),
        Value::Moment(time) => line.push_str(&time.to_string()),
        Value::Boolean(truth) => line.push_str(if *truth { "true" } else { "false" }),
    }
}

/// Adds text: quoted where it must be, and never a formula. Empty text is `""`, so that it is not null.
pub fn push_text(line: &mut String, text: &str) {
    let safe = inert(text);
    if safe.is_empty() || safe.contains(['"', ',', '\r', '\n']) || safe.starts_with(' ') || safe.ends_with(' ') {
        line.push('"');
        line.push_str(&safe.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&safe);
    }
}

/// Ends a line.
pub fn end(line: &mut String) {
    line.push_str("\r\n");
}

/// Puts `'` before text that a spreadsheet would take for a formula: text whose first character, after spaces and
/// control characters, begins one, and text that begins with a tab or a line break. NUL, which many readers of CSV do
/// not survive, becomes U+FFFD.
fn inert(text: &str) -> Cow<'_, str> {
    let is_formula = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).starts_with(FORMULA)
        || text.starts_with(['\t', '\r', '\n']);
    let text = if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) };
    if is_formula { Cow::Owned(format!("'{text}")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::push;
    use crate::frame::Value;
    use crate::model::time::Timestamp;

    fn cell(value: &Value<'_>) -> String {
        let mut line = String::new();
        push(&mut line, value, true);
        line
    }

    #[test]
    fn text_that_begins_a_formula_is_made_text() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "\u{feff}=1"),
            ("＝1", "'＝1"),
            ("=cmd|'/c calc'!A0,\"x\"", "\"'=cmd|'/c calc'!A0,\"\"x\"\"\""),
            ("a=1", "a=1"),
            ("'=1", "'=1"),
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
    fn quotes_and_line_breaks_stay_in_their_cell() {
        assert_eq!(cell(&Value::from("a\"b")), "\"a\"\"b\"");
        assert_eq!(cell(&Value::from("a\r\nb,c")), "\"a\r\nb,c\"");
        assert_eq!(cell(&Value::from("a\0b")), "a\u{fffd}b");
    }
}
