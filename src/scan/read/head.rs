//! Does a text begin as JSON does? It tells an error page under the name of a log from JSON that is no log, and files that
//! may hold logs in a form that is not read from those that never do.

use super::window::first_solid;

/// What a text is that is no log, should it turn out to be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// What it is, and what to do, in words.
    pub what: &'static str,
    /// Such files hold logs as often as anything else: whatever the name, one of them is missed.
    pub may_hold_logs: bool,
    /// It is JSON, after all.
    pub is_json: bool,
}

/// How much of a text is looked at for words of records.
const LOOKED_AT: usize = 64 << 10;

/// Returns what JSON is that is no log of a known shape: what holds records nevertheless, as the answers of log stores do,
/// by words that every record has.
pub(super) fn odd_json(head: &[u8]) -> Option<NotJson> {
    let head = head.get(..LOOKED_AT).unwrap_or(head);
    let words: [&[u8]; 3] = [b"userIdentity", b"eventSource", b".amazonaws.com"];
    let what = "JSON with records of CloudTrail in a shape that is not read; export them as JSON lines";
    let holds_records = words.iter().all(|word| memchr::memmem::find(head, word).is_some());
    holds_records.then_some(NotJson { what, may_hold_logs: true, is_json: true })
}

impl NotJson {
    const fn missed(what: &'static str) -> Self {
        Self { what, may_hold_logs: true, is_json: false }
    }

    const fn other(what: &'static str) -> Self {
        Self { what, may_hold_logs: false, is_json: false }
    }
}

/// Returns what the text is if not JSON, or `None` when it may be. `head` begins with the first byte that is not white
/// space.
///
/// Only the first two tokens are looked at: what is wrong further on is the business of the machine.
pub(super) fn not_json(head: &[u8]) -> Option<NotJson> {
    match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b'{' | b'[', ..] | [b'{' | b'[', 0, ..] => {
            Some(NotJson::missed("not JSON: text in UTF-16; convert it to UTF-8"))
        }
        [b'{', ..] => {
            if next_is(head, |byte| matches!(byte, b'"' | b'}')) {
                return None;
            }
            Some(NotJson::other("not JSON: no key after the brace"))
        }
        [b'[', ..] => {
            if next_is(head, |byte| byte == b']' || begins_value(byte)) {
                return None;
            }
            Some(NotJson::other("not JSON: no value after the bracket"))
        }
        [b'<', ..] => Some(NotJson::other("not JSON: markup, such as XML or HTML")),
        _ => packed(head).or_else(|| {
            if is_table(head) {
                Some(NotJson::missed("not JSON: a table of CloudTrail events (CSV); download them as JSON"))
            // A number, a string or a word is JSON, too, when it is all there is to its line.
            } else if is_scalar(head) {
                None
            } else {
                Some(NotJson::other("not JSON: it begins with neither a brace nor a bracket"))
            }
        }),
    }
}

/// How the first file in a ZIP archive is called that is a document or a program.
const DOCUMENTS: [&[u8]; 7] =
    [b"[Content_Types]", b"_rels/", b"docProps/", b"word/", b"ppt/", b"mimetype", b"META-INF/"];

/// Returns what follows the head of the first file in a ZIP archive: its name.
fn first_entry(head: &[u8]) -> &[u8] {
    head.get(30..).unwrap_or_default()
}

/// Tells files by the bytes that they begin with.
fn packed(head: &[u8]) -> Option<NotJson> {
    match head {
        [b'P', b'K', 3, 4, ..] if DOCUMENTS.iter().any(|name| first_entry(head).starts_with(name)) => {
            Some(NotJson::other("not JSON: a document or program"))
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            Some(NotJson::missed("not JSON: a ZIP archive; unpack it, and read what it holds"))
        }
        _ if head.get(257..262) == Some(b"ustar") => {
            Some(NotJson::missed("not JSON: a tar archive; unpack it, and read what it holds"))
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', ..]
        | [b'7', b'z', 0xbc, 0xaf, ..]
        | [b'R', b'a', b'r', b'!', ..]
        | [b'L', b'Z', b'I', b'P', ..]
        | [0x04, 0x22, 0x4d, 0x18, ..]
        | [0xff, 0x06, 0, 0, b's', b'N', ..] => Some(NotJson::missed(
            "not JSON: packed in a way that is not read; unpack it: plain text, gzip and zstd are read",
        )),
        [b'P', b'A', b'R', b'1' | b'E', ..] | [b'O', b'R', b'C', ..] | [b'O', b'b', b'j', 1, ..] => {
            Some(NotJson::missed(
                "not JSON: a table in Parquet, ORC or Avro; read the logs that it was made of, or export it as JSON lines",
            ))
        }
        [b'%', b'P', b'D', b'F', ..] => Some(NotJson::other("not JSON: a PDF")),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] | [b'G', b'I', b'F', b'8', ..] => {
            Some(NotJson::other("not JSON: a picture"))
        }
        _ => None,
    }
}

/// Says whether a text is a table with a line of names that CloudTrail's events have.
fn is_table(head: &[u8]) -> bool {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let mut names = line.split(|byte| matches!(byte, b',' | b';' | b'\t')).map(|name| {
        let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
        letters.map(u8::to_ascii_lowercase).collect::<Vec<u8>>()
    });
    let is_ours = |name: Vec<u8>| {
        matches!(name.as_slice(), b"eventid" | b"eventtime" | b"eventname" | b"eventsource")
            || name.starts_with(b"useridentity")
    };
    !line.starts_with(b"#") && line.iter().any(|byte| matches!(byte, b',' | b';' | b'\t')) && names.any(is_ours)
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

    /// Files that may hold logs, and files that never do.
    #[test]
    fn what_may_hold_logs_is_told_from_what_never_does() {
        let mut tar = vec![0; 512];
        tar[..9].copy_from_slice(b"AWSLogs/1");
        tar[257..262].copy_from_slice(b"ustar");
        for (bytes, what) in [
            (&b"PK\x03\x04\0\0"[..], "ZIP"),
            (&tar, "tar"),
            (b"\xfd7zXZ\0", "gzip and zstd"),
            (b"BZh91AY&SY", "gzip and zstd"),
            (b"7z\xbc\xaf\x27\x1c", "gzip and zstd"),
            (b"PAR1\x15", "Parquet"),
            (b"Obj\x01", "Avro"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"Event ID,Event time\nabc,2026-11-10\n", "CSV"),
            (b"\"eventversion\",\"useridentity.type\"\r\n", "CSV"),
            (b"\xef\xbb\xbfUser name;Event-ID\n", "CSV"),
            (b"n\teventName\n", "CSV"),
        ] {
            let told = not_json(bytes).unwrap();
            assert!(told.may_hold_logs && told.what.contains(what), "{told:?}");
        }
        for bytes in [
            &b"%PDF-1.7"[..],
            b"\x89PNG",
            b"\xff\xd8\xff\xe0",
            b"PK\x03\x04..........................[Content_Types].xml",
            b"# Event ID, and more",
            b"date,cost\n",
            b"eventName",
        ] {
            assert!(!not_json(bytes).unwrap().may_hold_logs, "{bytes:?}");
        }
    }

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
    }
}
