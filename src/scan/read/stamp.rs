//! Lines that begin with a time: export tasks of CloudWatch Logs write `TIME {record}`, and `aws logs tail` writes
//! `TIME STREAM {record}`.

/// What such a time looks like up to its seconds: `0` stands for a digit.
const PATTERN: &[u8; 19] = b"0000-00-00T00:00:00";

/// The longest time: nine digits of a fraction, and an offset.
const LONGEST: usize = PATTERN.len() + 16;

/// The longest name of a log stream.
const STREAM: usize = 512;

/// Returns where the record of a line begins, when a time and perhaps the name of a log stream stand before it.
pub(super) fn length(line: &[u8]) -> Option<usize> {
    let (head, _) = line.split_first_chunk::<19>()?;
    let fits = |(byte, wanted): (&u8, &u8)| if *wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted };
    if !head.iter().zip(PATTERN).all(fits) {
        return None;
    }
    let rest = line.get(..LONGEST + 1).unwrap_or(line);
    let end = rest.iter().position(|byte| *byte == b' ')?;
    let is_rest_of_time = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'Z' | b'+' | b'-' | b':');
    if !line.get(PATTERN.len()..end)?.iter().all(is_rest_of_time) {
        return None;
    }
    let record = end + 1;
    if line.get(record) == Some(&b'{') {
        return Some(record);
    }
    // The name of a stream has neither a space nor a brace in it.
    let name = line.get(record..)?;
    let name = name.get(..STREAM).unwrap_or(name);
    let length = name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'{' | b'"'))?;
    (length > 0 && line.get(record + length..record + length + 2)? == b" {").then_some(record + length + 1)
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_line_may_begin_with_a_time() {
        for (line, expected) in [
            ("2026-11-18T09:00:00.000Z {\"a\"", Some(25)),
            ("2026-11-18T09:00:00Z {", Some(21)),
            ("2026-11-18T09:00:00.123456789+00:00 {", Some(36)),
            ("2026-11-18T09:00:00+00:00 111111111111_CloudTrail_eu-west-1 {", Some(60)),
            ("2026-11-18T09:00:00.000Z  {", None),
            ("2026-11-18T09:00:00.000Z [", None),
            ("2026-11-18T09:00:00.000Z started {\"a\":1} and more", Some(33)),
            ("2026-11-18T09:00:00.000Z it started {", None),
            ("2026-11-18 09:00:00 {", None),
            ("2026-11-18T09:00:00.000Zx {", None),
            ("2026-11-18T09:00", None),
            ("{\"2026-11-18T09:00:00.000Z {", None),
        ] {
            assert_eq!(length(line.as_bytes()), expected, "{line}");
        }
    }
}
