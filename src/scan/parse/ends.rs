//! Where does a string end? Looked for when it is asked, sixteen bytes at a time.

use wide::u8x16;

use crate::model::width::place;

/// Bytes that are looked at in one step.
const STEP: usize = 16;

/// What looking for the end of a string came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StringEnd {
    /// The closing quote stands here; there is no backslash in the string.
    Plain(usize),
    /// The closing quote stands here; there are backslashes in the string.
    Escaped(usize),
    /// The text ends before the string does.
    More,
    /// A control character, which no string of JSON holds.
    Bad,
}

/// Finds the end of the string that has its first letter at `from`, unless there is a backslash in it.
#[inline]
pub(crate) fn plain_string_end(bytes: &[u8], from: usize) -> Option<usize> {
    match string_end(bytes, from) {
        StringEnd::Plain(end) => Some(end),
        _ => None,
    }
}

/// Finds the end of the string that has its first letter at `from`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "in the innermost loops; most strings are a step or two long")]
pub(super) fn string_end(bytes: &[u8], from: usize) -> StringEnd {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((step, after)) = rest.split_first_chunk::<STEP>() {
        let stops = stops(step);
        if stops != 0 {
            let next = place(stops.trailing_zeros());
            let at = bytes.len() - rest.len() + next;
            return if step.get(next) == Some(&b'"') { StringEnd::Plain(at) } else { odd_string_end(bytes, at) };
        }
        rest = after;
    }
    odd_string_end(bytes, bytes.len() - rest.len())
}

/// Goes on at a backslash, a control character or the last few bytes of the text.
#[inline(never)]
fn odd_string_end(bytes: &[u8], mut at: usize) -> StringEnd {
    let mut is_escaped = false;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let next = match rest.first_chunk::<STEP>().map(stops) {
            Some(0) => STEP,
            Some(stops) => place(stops.trailing_zeros()),
            None => match rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
                Some(next) => next,
                None => return StringEnd::More,
            },
        };
        at += next;
        match bytes.get(at) {
            Some(b'"') if is_escaped => return StringEnd::Escaped(at),
            Some(b'"') => return StringEnd::Plain(at),
            Some(b'\\') => {
                is_escaped = true;
                match bytes.get(at + 1) {
                    None => return StringEnd::More,
                    Some(0..0x20) => return StringEnd::Bad,
                    Some(_) => at += 2,
                }
            }
            Some(0..0x20) => return StringEnd::Bad,
            // A whole step without anything to stop at.
            _ => {}
        }
    }
}

/// Finds what a string may not pass over: quotes, backslashes, control characters.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see above")]
fn stops(step: &[u8; STEP]) -> u32 {
    let bytes = u8x16::new(*step);
    let is_control = bytes.simd_eq(bytes.min(u8x16::splat(0x1f)));
    (bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')) | is_control).to_bitmask()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::StringEnd;
    use super::string_end;

    /// The same, one byte at a time.
    fn plain(text: &[u8], from: usize) -> StringEnd {
        let (mut at, mut is_escaped) = (from, false);
        loop {
            match text.get(at) {
                None => return StringEnd::More,
                Some(b'"') if is_escaped => return StringEnd::Escaped(at),
                Some(b'"') => return StringEnd::Plain(at),
                Some(0..0x20) => return StringEnd::Bad,
                Some(b'\\') => {
                    is_escaped = true;
                    at += 1;
                    match text.get(at) {
                        Some(0..0x20) => return StringEnd::Bad,
                        _ => at += 1,
                    }
                }
                Some(_) => at += 1,
            }
        }
    }

    proptest! {
        #[test]
        fn an_end_is_where_a_loop_over_bytes_finds_it(text in "(a{0,40}[\\\\\"a \n\u{7f}é]{0,3}){0,8}") {
            for from in 0..=text.len() + 1 {
                prop_assert_eq!(string_end(text.as_bytes(), from), plain(text.as_bytes(), from));
            }
        }
    }
}
