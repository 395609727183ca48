//! The text inside a JSON string: borrowed when nothing is escaped, else decoded.

use std::borrow::Cow;

/// Decodes what stands between the quotes of a JSON string. `None` when an escape is not valid.
///
/// A lone surrogate becomes U+FFFD: it can be written in JSON, and dropping the record for it would help nobody.
pub(crate) fn decode(inner: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr::memchr(b'\\', inner.as_bytes()) else { return Some(Cow::Borrowed(inner)) };
    let (head, mut rest) = inner.split_at_checked(first)?;
    let mut out = String::with_capacity(inner.len());
    out.push_str(head);
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (head, tail) = rest.split_at_checked(at)?;
        out.push_str(head);
        let mut characters = tail.chars();
        characters.next();
        let plain = match characters.next()? {
            letter @ ('"' | '\\' | '/') => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (letter, after) = unicode(characters.as_str())?;
                out.push(letter);
                rest = after;
                continue;
            }
            _ => return None,
        };
        out.push(plain);
        rest = characters.as_str();
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// Writes U+FFFD in JSON text for every half of a surrogate pair that lacks the other: most readers refuse those.
pub(super) fn without_halves(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = json;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let escape = rest.get(at..).unwrap_or_default();
        let length = match escape.strip_prefix("\\u").and_then(hex4) {
            None => escape.chars().take(2).map(char::len_utf8).sum(),
            Some((unit, _)) if !(0xd800..0xe000).contains(&unit) => 6,
            Some(_) => match escape.strip_prefix("\\u").and_then(unicode) {
                Some((letter, after)) if letter != char::REPLACEMENT_CHARACTER => escape.len() - after.len(),
                _ => {
                    out.push_str(rest.get(..at).unwrap_or_default());
                    out.push_str("\\ufffd");
                    rest = escape.get(6..).unwrap_or_default();
                    continue;
                }
            },
        };
        let (passed, after) = rest.split_at_checked(at + length).unwrap_or((rest, ""));
        out.push_str(passed);
        rest = after;
    }
    if out.is_empty() {
        return Cow::Borrowed(json);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Reads the four digits after `\u`, and the second half of a surrogate pair when there is one.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (unit, rest) = hex4(text)?;
    if (0xd800..0xdc00).contains(&unit)
        && let Some((low, after)) = rest.strip_prefix("\\u").and_then(hex4)
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        return Some((char::from_u32(code)?, after));
    }
    Some((char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), rest))
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    // `from_str_radix` would take a sign.
    let sound = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    Some((u32::from_str_radix(digits, 16).ok().filter(|_| sound)?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;
    use super::without_halves;

    #[test]
    fn escapes_are_decoded_and_lone_surrogates_replaced() {
        for (inner, expected) in [
            ("plain", "plain"),
            (r#"a\"b\\c\/d"#, r#"a"b\c/d"#),
            (r"\n\r\t\b\f", "\n\r\t\u{8}\u{c}"),
            (r"\u0041\u00e9\ud83d\ude00!", "Aé😀!"),
            (r"\ud800x\udc00", "\u{fffd}x\u{fffd}"),
            (r"\ud800\u0041", "\u{fffd}A"),
        ] {
            assert_eq!(decode(inner).as_deref(), Some(expected), "{inner}");
        }
        for bad in [r"\x", r"\u12", r"\u+123", r"\", r"\u00é0", r"\é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_halves_of_pairs_are_written_anew() {
        for (json, expected) in [
            (r#"{"a":"b"}"#, r#"{"a":"b"}"#),
            (r#"["\\ud800\n","\ud83d\ude00"]"#, r#"["\\ud800\n","\ud83d\ude00"]"#),
            (r#"["\ud800","\udc00x\ud800\u0041\u00e9"]"#, r#"["\ufffd","\ufffdx\ufffd\u0041\u00e9"]"#),
        ] {
            assert_eq!(without_halves(json), expected);
        }
    }

    proptest! {
        #[test]
        fn decoding_is_the_inverse_of_encoding(text in any::<String>()) {
            let encoded = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(decode(&encoded[1..encoded.len() - 1]).unwrap(), text);
        }

        #[test]
        fn whatever_decodes_is_what_serde_decodes(inner in r#"(\\?[a-fu"0-9/é\\]){0,12}"#) {
            let quoted = format!("\"{inner}\"");
            if let Ok(text) = serde_json::from_str::<String>(&quoted) {
                prop_assert_eq!(decode(&inner).unwrap(), text);
            }
        }
    }
}
