//! After a fault: where does the next record start?

use memchr::{memchr, memmem};

/// Returns where the next object starts whose first key is `eventVersion`, which is how CloudTrail writes records.
///
/// The same text inside a JSON string has its quotes escaped, so that it is not mistaken for a record.
pub(super) fn next_record_start(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let key = at + memmem::find(bytes.get(at..)?, b"\"eventVersion\"")?;
        let before = bytes.get(from..key)?.iter().rposition(|byte| !byte.is_ascii_whitespace());
        if let Some(brace) = before
            && bytes.get(from + brace) == Some(&b'{')
        {
            return Some(from + brace);
        }
        at = key + 1;
    }
}

/// What looking for the next line came to.
pub(super) enum Line {
    /// A line that can start a value starts here.
    At(usize),
    /// Not before the end of these bytes: go on from here.
    Beyond(usize),
}

/// Returns where the next line starts that can hold a value of its own.
///
/// Lines that are indented or start with a quote, a comma or a closing bracket go on with the value before them.
pub(super) fn next_line(bytes: &[u8], from: usize) -> Line {
    let mut at = from;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr(b'\n', rest)) {
        let start = at + found + 1;
        match bytes.get(start) {
            None => return Line::Beyond(at + found),
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'}' | b']' | b',') => at = start,
            Some(_) => return Line::At(start),
        }
    }
    Line::Beyond(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::{Line, next_line, next_record_start};

    #[test]
    fn a_record_starts_at_the_brace_before_event_version() {
        let text = br#"{"a":"{\"eventVersion\"", "eventVersion":1},  { "eventVersion":"1.08"}"#;
        assert_eq!(next_record_start(text, 0), Some(46));
        assert_eq!(next_record_start(text, 47), None);
    }

    #[test]
    fn indented_lines_belong_to_the_value_before_them() {
        let text = b"{\n  \"a\": 1\n}\n{\"b\":2}\n";
        assert!(matches!(next_line(text, 0), Line::At(13)));
        assert!(matches!(next_line(text, 13), Line::Beyond(20)));
    }
}
