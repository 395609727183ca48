//! Does a text begin as JSON does? It tells an error page under the name of a log from JSON that is no log.

use super::window::first_solid;

const UTF_16: &str = "not JSON: text in UTF-16; convert it to UTF-8";

/// Returns why the text is not JSON, or `None` when it may be. `head` begins with the first byte that is not white space.
///
/// Only the first two tokens are looked at: what is wrong further on is the business of the machine.
pub(super) fn not_json(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b'{' | b'[', ..] | [b'{' | b'[', 0, ..] => Some(UTF_16),
        [b'{', ..] => {
            (!next_is(head, |byte| matches!(byte, b'"' | b'}'))).then_some("not JSON: no key after the brace")
        }
        [b'[', ..] => (!next_is(head, |byte| byte == b']' || begins_value(byte)))
            .then_some("not JSON: no value after the bracket"),
        [b'<', ..] => Some("not JSON: markup, such as XML or HTML"),
        // A number, a string or a word is JSON, too, when it is all there is to its line.
        _ if is_scalar(head) => None,
        _ => Some("not JSON: it begins with neither a brace nor a bracket"),
    }
}

fn next_is(head: &[u8], fits: fn(u8) -> bool) -> bool {
    first_solid(head, 1).is_none_or(|(_, byte)| fits(byte))
}

fn begins_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

fn is_scalar(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::not_json;

    #[test]
    fn what_may_be_json_is_told_from_what_cannot_be() {
        for text in ["{}", "{ \n\"a\":1", "{", "[", "[]", "[{", "[ -1", "[null]", "null", "42\n43", "\"x\"", "true"] {
            assert_eq!(not_json(text.as_bytes()), None, "{text}");
        }
        for bytes in [
            &b"<?xml version"[..],
            b"<html>",
            b"\xff\xfe{\0",
            b"\xfe\xff\0{",
            b"{\0\"\0",
            b"\0[",
            b"\0\0\0",
            b"{hello}",
            b"[package]",
            b"AccessDenied",
            b"# Read me",
            b"\x89PNG",
            b"a,b",
            b"\"a\",\"b\"",
        ] {
            assert!(not_json(bytes).is_some(), "{bytes:?}");
        }
        assert_eq!(not_json(b"\xff\xfe{\0"), Some(super::UTF_16));
    }
}
