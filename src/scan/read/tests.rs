//! Every shape and every fault, read whole and as a stream.

use std::io::Write as _;

use super::{Limits, Scratch, read_object, read_stream};
use crate::model::coverage::DefectKind::{self, *};
use crate::model::record::{ObjectKind, Record, RecordIndex, RecordSink};

pub(super) const A: &str =
    r#"{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"A","requestParameters":{"x":["]}"]}}"#;
pub(super) const B: &str =
    r#"{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"B","userAgent":"a\"b"}"#;
pub(super) const C: &str =
    r#"{"eventVersion":"1.08","eventSource":"sts.amazonaws.com","eventName":"C","readOnly":true}"#;

/// What a sink saw: event names by index, and defects.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    names: Vec<(u32, String)>,
    defects: Vec<(Option<u32>, DefectKind)>,
}

impl RecordSink for Seen {
    fn record(&mut self, index: RecordIndex, record: &Record<'_>) {
        self.names.push((index.0, record.event_name.as_deref().unwrap_or("-").to_owned()));
    }

    fn defect(&mut self, index: Option<RecordIndex>, kind: DefectKind, message: &str) {
        assert!(!message.contains("amazonaws"));
        self.defects.push((index.map(|index| index.0), kind));
    }
}

/// Reads in every way there is, which must all agree, and returns one answer in short.
pub(super) fn read_with(bytes: &[u8], limits: &Limits) -> (ObjectKind, String, Vec<(Option<u32>, DefectKind)>) {
    let mut scratch = Scratch::default();
    let mut whole = Seen::default();
    let summary = read_object(bytes, &mut scratch, limits, &mut whole);
    let mut indices: Vec<u32> = whole.names.iter().map(|(index, _)| *index).collect();
    indices.extend(whole.defects.iter().filter_map(|(index, _)| *index));
    indices.sort_unstable();
    assert_eq!(indices, (0..u32::try_from(indices.len()).unwrap()).collect::<Vec<_>>(), "each index once: {whole:?}");

    let mut streamed = Seen::default();
    let by_stream = read_stream(Dribble(bytes), false, &mut scratch, limits, &mut streamed);
    assert_eq!((summary, &whole), (by_stream, &streamed), "stream");
    let mut overlapped = Seen::default();
    let by_threads = read_stream(bytes, true, &mut scratch, limits, &mut overlapped);
    assert_eq!((summary, &whole), (by_threads, &overlapped), "overlapped");
    (summary.kind, whole.names.into_iter().map(|(_, name)| name).collect(), whole.defects)
}

fn read(bytes: impl AsRef<[u8]>) -> (ObjectKind, String, Vec<(Option<u32>, DefectKind)>) {
    read_with(bytes.as_ref(), &Limits::default())
}

/// Hands out a few bytes at a time.
struct Dribble<'a>(&'a [u8]);

impl std::io::Read for Dribble<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = out.len().min(1_000).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

pub(super) fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_ref()).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn sound(names: &str) -> (ObjectKind, String, Vec<(Option<u32>, DefectKind)>) {
    (ObjectKind::Records, names.to_owned(), vec![])
}

#[test]
fn every_shape_of_json_is_recognized() {
    for text in [
        format!(r#"{{"Records":[{A},{B},{C}]}}"#),
        format!(
            "\u{feff} \n{{\n \"x\": {{\"y\":[1,\"Records\"]}}, \"n\":-1.5e3,\n\"Records\" : [ {A} , {B}\n,{C} ] , \"z\":null}}\n"
        ),
        format!("[{A},{B},{C}]"),
        format!("[[{A}],[{B},{C}]]"),
        format!("{A}\n{B}\r\n{C}\n"),
        format!("{A} {B}{C}"),
        format!("{{\"Records\":[{A}]}}\n{{\"Records\":[]}}\n{{\"Records\":[{B},{C}]}}"),
        format!("[{{\"Records\":[{A},{B}]}},{C}]"),
        format!(
            r#"{{"Events":[{{"EventId":"1","ReadOnly":"true","EventTime":1688990987.0,"Resources":[],"CloudTrailEvent":{}}},{{"CloudTrailEvent":{}}},{{"CloudTrailEvent":{}}}],"NextToken":"x"}}"#,
            quoted(A),
            quoted(B),
            quoted(C)
        ),
        format!(r#"{{"EventId":"1","CloudTrailEvent":{}}}{}"#, quoted(A), format_args!("\n{B}\n{C}")),
        format!(r#"{{"version":"0","detail-type":"x","resources":[],"detail":{A}}}{}"#, format_args!("\n{B}\n{C}")),
        format!(r#"[{{"detail-type":"x","detail":{A}}},{{"detail":{B}}},{C}]"#),
        format!(
            r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","timestamp":1,"message":{}}},{{"message":{}}},{{"message":{}}}]}}"#,
            quoted(A),
            quoted(B),
            quoted(C)
        ),
        format!(
            r#"{{"events":[{{"message":{},"ingestionTime":2}},{{"message":{}}},{{"message":{}}}],"searchedLogStreams":[]}}"#,
            quoted(A),
            quoted(B),
            quoted(C)
        ),
        format!("{{\"message\":{}}}\n{{\"_raw\":{}}}\n{C}\n", quoted(A), quoted(B)),
    ] {
        assert_eq!(read(&text), sound("ABC"), "{text}");
        assert_eq!(read(gzip(&text)), sound("ABC"), "{text}");
    }
}

#[test]
fn every_packing_is_recognized() {
    let text = format!(r#"{{"Records":[{A},{B}]}}"#);
    let (left, right) = text.split_at(100);
    let members = [gzip(left), gzip(right)].concat();
    assert_eq!(read(&members), sound("AB"));
    assert_eq!(read([gzip(&text), gzip(&text)].concat()), sound("ABAB"), "the same file twice");
    assert_eq!(read(gzip(gzip(&text))), sound("AB"), "packed twice");
    assert_eq!(read([gzip(&text), vec![0; 700]].concat()), sound("AB"), "padded with zeros");
    let frames = [zstd::encode_all(left.as_bytes(), 3).unwrap(), zstd::encode_all(right.as_bytes(), 3).unwrap()];
    assert_eq!(read(frames.concat()), sound("AB"));
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &frames.concat()].concat();
    assert_eq!(read(skippable), sound("AB"));
}

#[test]
fn no_records_is_not_a_fault_but_nothing_at_all_is() {
    for text in [r#"{"Records":[]}"#, r#" {"Records" : [ ] } "#, r#"{"Events":[]}"#] {
        assert_eq!(read(text), sound(""), "{text}");
    }
    for text in ["", " \n\t ", "\u{feff}"] {
        assert_eq!(read(text), (ObjectKind::Broken, String::new(), vec![(None, Empty)]));
    }
    assert_eq!(read(gzip("")), (ObjectKind::Broken, String::new(), vec![(None, Empty)]));
}

#[test]
fn what_is_not_cloudtrail_is_foreign_and_no_defect() {
    for text in [
        "# rolechain\n\nReads {\"eventName\":1}\n".as_bytes(),
        b"[package]\nname = \"rolechain\"\n[dependencies]\nserde = { version = \"1\" }\n",
        b"a,b,c\n1,2,3\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe",
        br#"{"name":"x","version":1}"#,
        br#"[{"name":"x"},{"name":"y"}]"#,
        b"{\"level\":\"info\"}\n{\"level\":\"warn\"}\n",
        br#"{"message":"hello"}"#,
        br#"{"detail-type":"EC2","detail":{"state":"on"}}"#,
        b"{}",
        b"[]",
        b"[1,2,3]",
        b"{\"a\":[1,2",
        b"AnalysisType: rule\nTests:\n  - Log: {\"eventName\": \"x\"}\n",
    ] {
        assert_eq!(read(text), (ObjectKind::Foreign, String::new(), vec![]), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn digests_and_insights_are_set_apart() {
    let digest = r#"{"awsAccountId":"1","digestStartTime":"x","digestEndTime":"y","logFiles":[{"s3Bucket":"b"}]}"#;
    assert_eq!(read(digest).0, ObjectKind::Digest);
    assert_eq!(read(gzip(digest)), (ObjectKind::Digest, String::new(), vec![]));
    let insight =
        r#"{"eventVersion":"1.07","eventType":"AwsCloudTrailInsight","eventCategory":"Insight","insightDetails":{}}"#;
    let only = format!(r#"{{"Records":[{insight},{insight}]}}"#);
    assert_eq!(read(only), (ObjectKind::Insight, String::new(), vec![]));
    let mixed = format!(r#"{{"Records":[{insight},{A},{insight}]}}"#);
    let defects = vec![(Some(0), Unsupported), (Some(2), Unsupported)];
    assert_eq!(read(mixed), (ObjectKind::Records, "A".to_owned(), defects));
}

#[test]
fn a_bad_record_is_one_defect_and_the_next_are_read() {
    let deep = format!(r#"{{"eventName":"D","requestParameters":{}{}}}"#, "[".repeat(127), "]".repeat(127));
    assert_eq!(read(format!("[{deep}]")).1, "D");
    let deeper = format!(r#"{{"eventName":"D","requestParameters":{}{}}}"#, "[".repeat(128), "]".repeat(128));
    let aggregated = r#"{"eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","eventId":"1"}"#;
    for (bad, kind) in [
        ("42", MalformedRecord),
        ("null", MalformedRecord),
        (r#""text""#, MalformedRecord),
        (r#"{"eventName":tru}"#, MalformedRecord),
        (r#"{"eventName":"x",}"#, MalformedRecord),
        (r#"{"eventName" "x"}"#, MalformedRecord),
        (r#"{"eventName":"\x"}"#, MalformedRecord),
        (r#"{"other":"\x"}"#, MalformedRecord),
        (r#"{"eventVersion":"1.08","sourceIPAddress":"x"}"#, MissingField),
        (r#"{"eventName":"x","eventTime":"2026-02-31T10:00:00Z"}"#, MalformedRecord),
        (r#"{"eventName":"x","eventTime":"2026-02-28T24:00:00Z"}"#, MalformedRecord),
        (r#"{"eventName":"x","eventTime":"yesterday"}"#, MalformedRecord),
        (r#"{"eventName":"x","eventTime":1772272800}"#, MalformedRecord),
        (r#"{"foo":1}"#, MissingField),
        ("{}", MissingField),
        (aggregated, Unsupported),
        (r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}"#, Unsupported),
        (&deeper, TooDeep),
    ] {
        let expected = (ObjectKind::Records, "AB".to_owned(), vec![(Some(1), kind)]);
        assert_eq!(read(format!(r#"{{"Records":[{A},{bad},{B}]}}"#)), expected, "{bad}");
        assert_eq!(read(format!("{A}\n{bad}\n{B}\n")), expected, "{bad}");
        let first = (ObjectKind::Records, "AB".to_owned(), vec![(Some(0), kind)]);
        assert_eq!(read(format!("{bad}\n{A}\n{B}\n")), first, "{bad}");
    }
}

#[test]
fn a_record_with_broken_structure_does_not_swallow_the_next() {
    for bad in [
        r#"{"eventVersion":"1.08","eventName":"x"#,
        r#"{"eventVersion":"1.08","eventName":"x","requestParameters":{"a":[}}"#,
        r#"{"eventVersion":"1.08","eventName":"x","requestParameters":{"a":"b}}"#,
        r#"{"eventVersion":"1.08","eventName":x"}"#,
    ] {
        let (kind, names, defects) = read(format!(r#"{{"Records":[{A},{bad},{B},{C}]}}"#));
        assert_eq!((names.as_str(), defects.first()), ("ABC", Some(&(Some(1), MalformedRecord))), "{bad}");
        assert!(matches!(kind, ObjectKind::Records | ObjectKind::Broken));
        let expected = (ObjectKind::Records, "ABC".to_owned(), vec![(Some(1), MalformedRecord)]);
        assert_eq!(read(format!("{A}\n{bad}\n{B}\n{C}")), expected, "{bad}");
    }
    let garbage = (ObjectKind::Records, "AB".to_owned(), vec![(Some(1), MalformedRecord), (Some(2), MalformedRecord)]);
    assert_eq!(read(format!("{A}\n[INFO] \"starting\nnot json\n{B}\n")), garbage);
}

#[test]
fn a_cut_object_keeps_the_records_before_the_cut() {
    let text = format!(r#"{{"Records":[{A},{B},{C}]}}"#);
    let cut_in_c = &text[..text.len() - 20];
    let expected = (ObjectKind::Broken, "AB".to_owned(), vec![(Some(2), Truncated)]);
    let (kind, names, mut defects) = read(cut_in_c);
    defects.dedup();
    assert_eq!((kind, names, defects[0]), (expected.0, expected.1, expected.2[0]));
    let between = &text[..text.len() - 2];
    assert_eq!(read(between), (ObjectKind::Broken, "ABC".to_owned(), vec![(None, Truncated)]));
    assert_eq!(read(&A[..A.len() - 3]), (ObjectKind::Broken, String::new(), vec![(Some(0), Truncated)]));
    for length in 0..text.len() {
        let (kind, names, defects) = read(&text[..length]);
        assert!("ABC".starts_with(&names), "{length}");
        assert!(kind == ObjectKind::Foreign || kind == ObjectKind::Broken, "{length} {kind:?}");
        assert!(kind == ObjectKind::Foreign || !defects.is_empty(), "{length}");
    }
}

#[test]
fn a_fault_of_the_packing_is_named_and_what_came_before_it_counts() {
    let text = format!(r#"{{"Records":[{}{C}]}}"#, format!("{A},").repeat(2_000));
    let packed = gzip(&text);
    let garbage = read([gzip(format!("[{A}]")), b"garbage".to_vec()].concat());
    assert_eq!(garbage, (ObjectKind::Records, "A".to_owned(), vec![(None, CorruptCompression)]));
    let (kind, names, defects) = read(&packed[..packed.len() - 6]);
    assert_eq!((kind, names.len(), defects), (ObjectKind::Broken, 2_001, vec![(None, Truncated)]));
    let (kind, _, defects) = read(&packed[..packed.len() / 2]);
    assert_eq!((kind, defects.last()), (ObjectKind::Broken, Some(&(None, Truncated))));
    let mut corrupt = packed.clone();
    let at = corrupt.len() - 5;
    corrupt[at] ^= 0xff;
    let (kind, names, defects) = read(&corrupt);
    assert_eq!((kind, names.len(), defects), (ObjectKind::Broken, 2_001, vec![(None, CorruptCompression)]));
    let mut frames = zstd::encode_all(text.as_bytes(), 3).unwrap();
    frames.truncate(frames.len() / 2);
    assert_eq!(read(&frames).0, ObjectKind::Broken);
    assert_eq!(read([0x1f, 0x8b, 1, 2, 3]).0, ObjectKind::Broken);
    let (kind, names, _) = read([gzip(format!("[{A}]")), packed[..40].to_vec()].concat());
    assert_eq!((kind, names.as_str()), (ObjectKind::Broken, "A"));
}

#[test]
fn damage_in_the_middle_costs_the_same_however_the_object_is_read() {
    // Distinct names, so that there is something to damage all along.
    let name = |number: u32| format!("\"{:08x}\"", number.wrapping_mul(2_654_435_761));
    let records: Vec<String> = (0..2_000).map(|number| A.replace("\"A\"", &name(number))).collect();
    let text = format!("[{}]", records.join(","));
    for packed in [gzip(&text), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
        let mut most = 0;
        for part in 1..12 {
            let mut damaged = packed.clone();
            damaged[packed.len() * part / 12] ^= 0x55;
            let (kind, names, _) = read(&damaged);
            assert!(matches!(kind, ObjectKind::Broken | ObjectKind::Foreign | ObjectKind::Records), "{kind:?}");
            most = most.max(names.len() / 8);
        }
        assert!(most > 500, "{most} of 2000 records stand before the last damage");
    }
}

#[test]
fn bytes_that_are_not_utf8_cost_only_their_record() {
    let mut bad = br#"{"eventVersion":"1.08","eventName":"x"#.to_vec();
    bad.extend_from_slice(b"\xff\xfe\"}");
    let text = [b"{\"Records\":[", A.as_bytes(), b",", &bad, b",", B.as_bytes(), b"]}"].concat();
    assert_eq!(read(text), (ObjectKind::Records, "AB".to_owned(), vec![(Some(1), NotUtf8)]));
    let lines = [A.as_bytes(), b"\n", &bad, b"\n", B.as_bytes(), b"\n"].concat();
    assert_eq!(read(lines), (ObjectKind::Records, "AB".to_owned(), vec![(Some(1), NotUtf8)]));
}

#[test]
fn limits_hold_and_the_next_records_are_still_read() {
    let large = format!(r#"{{"eventVersion":"1.08","eventName":"L","errorMessage":"{}"}}"#, "x".repeat(50_000));
    let limits = Limits { record_bytes: 20_000, ..Limits::default() };
    let expected = (ObjectKind::Records, "AB".to_owned(), vec![(Some(1), RecordTooLarge)]);
    assert_eq!(read_with(format!(r#"{{"Records":[{A},{large},{B}]}}"#).as_bytes(), &limits), expected);
    assert_eq!(read_with(format!("{A}\n{large}\n{B}\n").as_bytes(), &limits), expected);
    let text = format!("[{A},{large},{B}]");
    assert_eq!(read(&text).1, "ALB");
    let limits = Limits { inflated_bytes: 30_000, ..Limits::default() };
    for object in [text.clone().into_bytes(), gzip(&text), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
        let (kind, names, defects) = read_with(&object, &limits);
        assert_eq!((kind, names.as_str(), defects.last()), (ObjectKind::Broken, "A", Some(&(None, TooLarge))));
    }
}

#[test]
fn windows_that_cut_records_anywhere_change_nothing() {
    let text = format!("{{\"Records\":[{}{C}]}}", format!("{A},{B},é{{}},").replace('é', "").repeat(3_000));
    let (kind, names, defects) = read(gzip(&text));
    assert_eq!((kind, names.len(), defects.len()), (ObjectKind::Records, 6_001, 3_000));
    assert_eq!(names, "AB".repeat(3_000) + "C");
    let lines = format!("{A}\n{{\"message\":{}}}\nbad \"line\n", quoted(B)).repeat(3_000);
    let (kind, names, defects) = read(&lines);
    assert_eq!((kind, names.len(), defects.len()), (ObjectKind::Records, 6_000, 3_000));
}
