//! The fast walker against the careful one, on records sound and broken.

use proptest::prelude::*;
use serde_json::Value;

use super::{Parsed, Pattern, Walk, parse_careful, walk};
use crate::model::record::Record;

/// What the walker makes of the text: `None` when it declines or finds no end.
fn fast(text: &str) -> Option<(Parsed<'_>, usize)> {
    fast_after(text, &mut Pattern::default(), 128)
}

/// What it makes of the text when others were read before.
fn fast_after<'a>(text: &'a str, pattern: &mut Pattern, max_depth: u32) -> Option<(Parsed<'a>, usize)> {
    let mut record = Record::default();
    match walk(text, pattern, 0, max_depth, &mut record) {
        Walk::Record { end, recognized } => Some((Parsed { record, recognized, holds_records: false }, end)),
        _ => None,
    }
}

/// JSON with every part in as many spellings as we can think of.
fn json(depth: u32) -> BoxedStrategy<String> {
    let space = prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\n\t "), 1 => Just("\r\n")];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("-12.5e+7".to_owned()),
        Just("0".to_owned()),
        string(),
    ];
    leaf.prop_recursive(depth, 24, 4, move |inner| {
        let padded = (space.clone(), inner, space.clone()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        prop_oneof![
            prop::collection::vec(padded.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((string(), padded), 0..4).prop_map(|entries| {
                let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    })
    .boxed()
}

fn string() -> BoxedStrategy<String> {
    let part = prop_oneof![
        4 => "[a-zA-Z0-9 .:/-]{0,30}",
        1 => Just(r#"\""#.to_owned()),
        1 => Just(r"\\".to_owned()),
        1 => Just(r"\u0022".to_owned()),
        1 => Just(r"\ud83d\ude00".to_owned()),
        1 => Just(r"\ud800".to_owned()),
        1 => Just("{[]},:".to_owned()),
        1 => Just("é😀".to_owned()),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| format!("\"{}\"", parts.concat())).boxed()
}

const KEYS: [&str; 33] = [
    "eventVersion",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "readOnly",
    "eventID",
    "sharedEventID",
    "requestID",
    "eventType",
    "eventCategory",
    "recipientAccountId",
    "vpcEndpointId",
    "sessionCredentialFromConsole",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "resources",
    "tlsDetails",
    "addendum",
    "managementEvent",
    "apiVersion",
    "serviceEventDetails",
    r"event\u004eame",
    "eventTimes",
    "eventNam",
    r"even\\tID",
    "x",
];

fn record() -> BoxedStrategy<String> {
    let space = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\n  ")];
    let value = prop_oneof![
        3 => string(),
        1 => Just("\"\"".to_owned()),
        1 => Just("\"true\"".to_owned()),
        1 => Just("\"2023-07-10T11:55:22Z\"".to_owned()),
        1 => Just("\"2023-07-10T11:55:22+02:00\"".to_owned()),
        1 => Just("\"2023-07-10 11:55:22.000\"".to_owned()),
        1 => Just("\"2026-02-31T10:00:00Z\"".to_owned()),
        3 => json(4),
    ];
    let entry = (prop::sample::select(&KEYS[..]), space.clone(), space.clone(), value, space.clone(), space)
        .prop_map(|(key, a, b, value, c, d)| format!("{a}\"{key}\"{b}:{c}{value}{d}"));
    prop::collection::vec(entry, 0..14).prop_map(|entries| format!("{{{}}}", entries.join(","))).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn sound_records_read_the_same_both_ways(text in record()) {
        let careful = parse_careful(&text).expect("the strategy makes valid JSON");
        if let Some((parsed, end)) = fast(&text) {
            prop_assert_eq!(end, text.len());
            prop_assert_eq!(parsed, careful);
        } else {
            // It declines only escapes in keys and in strings that nobody reads, and keys that come twice.
            let twice = KEYS.iter().any(|key| text.matches(&format!("\"{key}\"")).count() > 1);
            prop_assert!(text.contains('\\') || twice, "declined without need: {}", text);
        }
    }

    #[test]
    fn what_follows_a_record_is_not_touched(text in record(), tail in "[,\\]{}\"\\\\a ]{0,80}") {
        if let Some((parsed, end)) = fast(&text) {
            let longer = format!("{text}{tail}");
            // An unfinished string in the tail may hold control characters; there are none here.
            let again = fast(&longer);
            prop_assert_eq!(again.as_ref().map(|(parsed, end)| (parsed, *end)), Some((&parsed, end)));
        }
    }

    #[test]
    fn broken_records_are_declined(
        text in record(),
        damage in prop::collection::vec((
            any::<prop::sample::Index>(),
            prop::sample::select(&b"\"\\{}[],: \nx0u-.et\x01"[..]),
            0..4_u8,
        ), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (at, new, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = new,
                1 if bytes.len() > 1 => { bytes.remove(at); }
                2 => { let to = bytes.len() - 1; bytes.swap(at, to / 2); }
                _ => bytes.insert(at, new),
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let Some((parsed, end)) = fast(&text) else { return Ok(()) };
        prop_assert_eq!(Some(parsed), parse_careful(&text[..end]), "{}", text);
    }

    #[test]
    fn a_nested_value_is_json_for_both_or_for_neither(
        value in json(6),
        damage in prop::collection::vec((
            any::<prop::sample::Index>(),
            prop::sample::select(&["", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "0", "1", "-", "e", "nul", "true", "\\u12", "\\x"][..]),
            any::<bool>(),
        ), 0..3),
    ) {
        let mut letters: Vec<String> = value.chars().map(String::from).collect();
        for (at, new, is_more) in damage {
            let at = at.index(letters.len());
            letters[at] = if is_more { format!("{}{new}", letters[at]) } else { new.to_owned() };
        }
        let text = format!("{{\"requestParameters\":[{}]}}", letters.concat());
        let careful = parse_careful(&text);
        match fast(&text) {
            Some((parsed, end)) if end == text.len() => prop_assert_eq!(Some(parsed), careful, "{}", text),
            Some((parsed, end)) => prop_assert_eq!(Some(parsed), parse_careful(&text[..end]), "{}", text),
            // Only a key that comes twice or is escaped may be declined without need, and damage can make one.
            None => prop_assert!(careful.is_none() || text.matches("\":").count() > 1 || text.contains('\\'), "{}", text),
        }
    }

    /// Keys and values come again, cut short, damaged, and with another limit, and are read as if they came first.
    #[test]
    fn what_was_read_before_changes_nothing(
        texts in prop::collection::vec(record(), 1..4),
        again in prop::collection::vec((
            any::<prop::sample::Index>(),
            prop::option::weighted(0.5, (any::<prop::sample::Index>(), prop::sample::select(&b"\"\\{}[],: x0"[..]), 0..3_u8)),
            prop::sample::select(&[128_u32, 128, 4, 2][..]),
        ), 2..16),
    ) {
        let mut pattern = Pattern::default();
        for (index, damage, max_depth) in again {
            let mut bytes = index.get(&texts).clone().into_bytes();
            if let Some((at, new, how)) = damage {
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = new,
                    1 => bytes.truncate(at),
                    _ => bytes.insert(at, new),
                }
            }
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let first = fast_after(&text, &mut Pattern::default(), max_depth);
            prop_assert_eq!(fast_after(&text, &mut pattern, max_depth), first, "{}", text);
        }
    }

    #[test]
    fn every_prefix_of_a_record_has_no_end(text in record()) {
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            prop_assert!(fast(&text[..cut]).is_none());
        }
    }
}

#[test]
fn of_two_values_for_one_key_the_last_stays() {
    for text in [
        r#"{"eventName":"a","eventName":"b","userIdentity":{"x":1},"userIdentity":null,"readOnly":true,"readOnly":"x"}"#,
        r#"{"eventName":null,"eventName":"b","userIdentity":"text","requestParameters":7}"#,
    ] {
        assert_eq!(fast(text), None, "left to the careful path");
        let parsed = parse_careful(text).unwrap();
        assert_eq!(parsed.record.event_name.as_deref(), Some("b"));
        assert_eq!((parsed.record.user_identity, parsed.record.read_only), (None, None));
        assert!(parsed.record.odd_caller.is_some());
    }
}

#[test]
fn more_keys_than_are_remembered_are_read_all_the_same() {
    let mut pattern = Pattern::default();
    for round in 0..3 {
        for number in 0..100 {
            let text = format!(
                r#"{{"eventName":"a{round}","key{number}":1,"a key that is longer than all that are known":2,"x":{{"y":[]}},"awsRegion":"r"}}"#
            );
            let (parsed, end) = fast_after(&text, &mut pattern, 128).unwrap();
            assert_eq!((Some(parsed), end), (parse_careful(&text), text.len()));
        }
    }
}

#[test]
fn raw_values_are_what_a_plain_reader_sees() {
    let text =
        r#"{ "requestParameters" : { "a" : [ "}" ] } , "resources":[1,2],"responseElements":null,"tlsDetails":"none"}"#;
    let (parsed, _) = fast(text).unwrap();
    let plain: Value = serde_json::from_str(text).unwrap();
    let raw: Value = serde_json::from_str(parsed.record.request_parameters.unwrap()).unwrap();
    assert_eq!(raw, plain["requestParameters"]);
    assert_eq!(parsed.record.resources, Some("[1,2]"));
    assert_eq!((parsed.record.response_elements, parsed.record.tls_details), (None, Some("\"none\"")));
}
