//! Finds where a nested value ends, and makes sure that it is JSON all the way: what is jumped over here is never looked
//! at again, or is looked at by those who cannot tell broken from absent.

use super::ends::StringEnd;
use super::ends::string_end;
use super::skip::number_end;

/// Why no end was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The window ends first.
    More,
    /// It is not JSON, or nests too deep.
    Decline,
}

/// Returns the end of the array or object that opens at `from`. One that nests more than `max_depth` (at most 64) levels
/// is declined.
pub(super) fn end(bytes: &[u8], from: usize, max_depth: u32) -> Result<usize, Stop> {
    let mut at = from;
    let mut byte = *bytes.get(at).ok_or(Stop::More)?;
    let mut depth = 0_u32;
    // One bit per open bracket: 1 is curly.
    let mut kinds = 0_u64;
    loop {
        // A value begins with `byte`, at `at`.
        at = match byte {
            b'"' => string(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                if depth > max_depth {
                    return Err(Stop::Decline);
                }
                kinds = (kinds << 1) | u64::from(byte == b'{');
                let (next, first) = solid(bytes, at + 1)?;
                // `}` is `{` + 2 and `]` is `[` + 2.
                if first == byte + 2 {
                    depth -= 1;
                    kinds >>= 1;
                    next + 1
                } else {
                    (at, byte) = if byte == b'{' { key(bytes, next, first)? } else { (next, first) };
                    continue;
                }
            }
            _ => scalar(bytes, at, byte)?,
        };
        // A value ends before `at`.
        loop {
            if depth == 0 {
                return Ok(at);
            }
            let is_object = kinds & 1 == 1;
            match solid(bytes, at)? {
                (comma, b',') => {
                    let (next, first) = solid(bytes, comma + 1)?;
                    (at, byte) = if is_object { key(bytes, next, first)? } else { (next, first) };
                    break;
                }
                (close, byte) if byte == if is_object { b'}' } else { b']' } => {
                    depth -= 1;
                    kinds >>= 1;
                    at = close + 1;
                }
                _ => return Err(Stop::Decline),
            }
        }
    }
}

/// Passes a key and its colon, and returns where the value starts, and with what.
#[inline(always)]
#[expect(clippy::inline_always, reason = "for the string in it")]
fn key(bytes: &[u8], at: usize, first: u8) -> Result<(usize, u8), Stop> {
    if first != b'"' {
        return Err(Stop::Decline);
    }
    match solid(bytes, string(bytes, at)?)? {
        (colon, b':') => solid(bytes, colon + 1),
        _ => Err(Stop::Decline),
    }
}

/// Returns the end of the string that opens at `at`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs a fifth of this")]
pub(super) fn string(bytes: &[u8], at: usize) -> Result<usize, Stop> {
    match string_end(bytes, at + 1) {
        StringEnd::Plain(quote) => Ok(quote + 1),
        StringEnd::Escaped(quote) if has_sound_escapes(bytes.get(at + 1..quote).unwrap_or_default()) => Ok(quote + 1),
        StringEnd::More => Err(Stop::More),
        StringEnd::Escaped(_) | StringEnd::Bad => Err(Stop::Decline),
    }
}

/// Says whether every backslash begins an escape that JSON knows.
fn has_sound_escapes(mut text: &[u8]) -> bool {
    while let Some(at) = memchr::memchr(b'\\', text) {
        let length = match text.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = text.get(at + 2..at + 6);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return false;
                }
                6
            }
            _ => return false,
        };
        text = text.get(at + length..).unwrap_or_default();
    }
    true
}

/// Returns the end of the number or word at `at`.
pub(super) fn scalar(bytes: &[u8], at: usize, first: u8) -> Result<usize, Stop> {
    let rest = bytes.get(at..).ok_or(Stop::Decline)?;
    let word: &[u8] = match first {
        b't' => b"true",
        b'f' => b"false",
        b'n' => b"null",
        _ => {
            let length = number_end(rest).ok_or(if rest.len() < 64 { Stop::More } else { Stop::Decline })?;
            return Ok(at + length);
        }
    };
    if rest.starts_with(word) {
        Ok(at + word.len())
    } else if rest.len() < word.len() {
        Err(Stop::More)
    } else {
        Err(Stop::Decline)
    }
}

/// Returns the first byte at or after `at` that is not white space.
#[inline(always)]
#[expect(clippy::inline_always, reason = "in the innermost loops, and nearly always one comparison")]
pub(super) fn solid(bytes: &[u8], at: usize) -> Result<(usize, u8), Stop> {
    match bytes.get(at) {
        Some(&byte) if byte > b' ' => Ok((at, byte)),
        _ => behind_space(bytes, at),
    }
}

#[inline(never)]
fn behind_space(bytes: &[u8], mut at: usize) -> Result<(usize, u8), Stop> {
    loop {
        match bytes.get(at) {
            None => return Err(Stop::More),
            Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            Some(&byte) => return Ok((at, byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stop;
    use super::end;

    fn end_of(text: &str, max_depth: u32) -> Result<usize, Stop> {
        end(text.as_bytes(), 0, max_depth)
    }

    #[test]
    fn a_nested_value_ends_where_its_brackets_close() {
        let text = r#"{"a":[{"b":"}]"}, -1.5e3, true],"c":{ } , "d" : [ ]}, {"d":1}"#;
        assert_eq!(end_of(text, 8), Ok(52));
        assert_eq!(end_of(text, 2), Err(Stop::Decline));
        for cut in 0..52 {
            assert_eq!(end_of(&text[..cut], 8), Err(Stop::More), "{cut}");
        }
    }

    #[test]
    fn what_is_not_json_is_declined() {
        for text in [
            r#"{"a":[}"#,
            r#"{"a":tru }"#,
            r#"{"a":01}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u12g4"}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":1:2}"#,
            "{1:2}",
            "[1,]",
            "[,1]",
            "[1 2]",
            r#"["a":1]"#,
            "[1}",
            r#"{"a":1]"#,
            "[x]",
            "[nul,1]",
        ] {
            assert_eq!(end_of(&format!("{text} {:>64}", ""), 8), Err(Stop::Decline), "{text}");
        }
    }
}
