//! What must not hide a record, what need not be one, and what must not cost more than its size.

use super::Limits;
use super::tests::{A, B, C, quoted, read_with};
use crate::model::coverage::DefectKind::{self, *};
use crate::model::record::ObjectKind;

const WHOLE: &str =
    r#""eventVersion":"1.11","userIdentity":{"type":"Root"},"eventSource":"s3.amazonaws.com","eventName":"X""#;

fn read(text: &str) -> (ObjectKind, String, Vec<(Option<u32>, DefectKind)>) {
    read_with(text.as_bytes(), &Limits::default())
}

#[test]
fn no_key_hides_the_record_that_it_stands_in() {
    for key in [
        r#""events":[]"#,
        r#""events" : [ ]"#,
        r#""events":[{}]"#,
        r#""logEvents":[]"#,
        r#""logEvents":[{"message":"x"}]"#,
        r#""Events":[]"#,
        r#""Records":[]"#,
        r#""Records":[{"x":1}]"#,
        r#""Records":null"#,
        r#""digestS3Object":"x""#,
        r#""digestEndTime":"2026-11-12T08:00:00Z""#,
        r#""digestEndTime":"x","digestS3Object":"y","logFiles":[]"#,
        r#""detail":{}"#,
        r#""detail-type":"EC2","detail":{"a":1}"#,
        r#""message":"x""#,
        r#""_raw":"{}""#,
        r#""CloudTrailEvent":"x""#,
        r#""messageType":"CONTROL_MESSAGE","message":"CWL CONTROL MESSAGE: x""#,
        r#""eventCategory":"Insight""#,
        r#""eventCategory":"Aggregated""#,
        r#""eventType":"AwsCloudTrailInsight","insightDetails":{}"#,
        r#""eventType":"AwsAggregatedEvent""#,
    ] {
        for record in [format!("{{{key},{WHOLE}}}"), format!("{{{WHOLE},{key}}}")] {
            for text in [
                record.clone(),
                format!("{{\"Records\":[{record}]}}"),
                format!("{A}\n{record}\n{B}\n"),
                format!("[{A},{record},{B}]"),
                format!("{{\"logEvents\":[{{\"message\":{}}}]}}", quoted(&record)),
            ] {
                let (kind, names, defects) = read(&text);
                let is_named = defects.iter().any(|(_, kind)| *kind != Unsupported);
                assert!(names.contains('X') || is_named, "{text}: {kind:?} {names} {defects:?}");
            }
        }
    }
}

#[test]
fn records_are_read_whatever_stands_beside_them() {
    for text in [
        format!(r#"{{"digestEndTime":"x","Records":[{A},{B}]}}"#),
        format!(r#"{{"Records":[{A},{B}],"digestS3Object":"x","digestEndTime":"y","logFiles":[]}}"#),
        format!(
            r#"{{"messageType":"CONTROL_MESSAGE","logEvents":[{{"message":{}}},{{"message":{}}}]}}"#,
            quoted(A),
            quoted(B)
        ),
    ] {
        assert_eq!(read(&text), (ObjectKind::Records, "AB".to_owned(), vec![]), "{text}");
    }
    let (_, names, defects) = read(&format!(r#"{{{WHOLE},"Records":[{A},{B}]}}"#));
    assert_eq!((names.as_str(), defects), ("X", vec![(None, MalformedObject)]));
}

#[test]
fn regular_content_that_is_no_record_is_set_aside() {
    let control = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}"#;
    let data = format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{}}}]}}"#, quoted(A));
    let expected = (ObjectKind::Records, "A".to_owned(), vec![(Some(0), Unsupported)]);
    assert_eq!(read(&format!("{control}{data}")), expected);
    assert_eq!(read(control), (ObjectKind::Records, String::new(), vec![(Some(0), Unsupported)]));
    for (other, pieces) in [
        (r#"{"detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#, 1),
        (r#"{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}"#, 1),
        (r#"{"detail-type":"ECS Service Action","detail":{"eventName":"SERVICE_STEADY_STATE","eventType":"INFO"}}"#, 1),
        (r#"{"detail-type":"Finding","detail":{"message":"text","x":{"message":"y"}}}"#, 1),
        (r#"{"detail-type":"Batch","detail":{"events":["a",{"b":1}]}}"#, 2),
    ] {
        let through = r#"{"detail-type":"AWS API Call via CloudTrail","detail":"#;
        let (kind, names, defects) =
            read(&format!("{through}{A}}}\n{other}\n{through}{B}}}\n{through}{{\"x\":1}}}}\n"));
        assert_eq!((kind, names.as_str()), (ObjectKind::Records, "AB"), "{other}");
        let aside = vec![Unsupported; pieces];
        let found: Vec<DefectKind> = defects.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(found, [aside, vec![MissingField]].concat(), "{other}");
    }
    // Whoever claims to come from elsewhere, but says who called what, is read.
    let claimed = format!(r#"{{"detail-type":"Scheduled Event","detail":{{{WHOLE}}}}}"#);
    assert_eq!(read(&claimed), (ObjectKind::Records, "X".to_owned(), vec![]));
    let kinesis = r#"{"Records":[{"kinesis":{"data":"H4s="},"eventSource":"aws:kinesis","eventID":"s:1","eventName":"aws:kinesis:record"}]}"#;
    assert_eq!(read(kinesis), (ObjectKind::Records, String::new(), vec![(Some(0), Unsupported)]));
}

#[test]
fn keys_may_stand_in_any_order() {
    let through =
        |detail: &str| format!(r#"{{"account":"1","detail":{detail},"detail-type":"AWS API Call via CloudTrail"}}"#);
    let other = |detail: &str, name: &str| format!(r#"{{"detail" : {detail} , "detail-type" : "{name}","id":"1"}}"#);
    let control =
        r#"{"logEvents":[{"id":"","message":"anything at all","timestamp":1}],"messageType":"CONTROL_MESSAGE"}"#;
    let data =
        format!(r#"{{"logEvents":[{{"message":{}}},{{"message":"x"}}],"messageType":"DATA_MESSAGE"}}"#, quoted(B));
    for (piece, found) in [
        (other("{}", "Scheduled Event"), vec![Unsupported]),
        (other(r#"{"state":"running","x":["]}"]}"#, "EC2 Instance State-change Notification"), vec![Unsupported]),
        (other(r#"{"events":["a",{"b":1}]}"#, "Batch"), vec![Unsupported, Unsupported]),
        (format!("[{},{}]", other("{}", "a"), other("{}", "b")), vec![Unsupported, Unsupported]),
        (control.to_owned(), vec![Unsupported]),
        // Nothing says that these need not be records.
        (through(r#"{"x":1}"#), vec![MissingField]),
        (r#"{"detail":{"x":1},"id":"1"}"#.to_owned(), vec![MissingField]),
    ] {
        let text = format!("{}\n{piece}\n{}\n", through(A), through(C));
        let (kind, names, defects) = read(&text);
        let defects: Vec<DefectKind> = defects.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!((kind, names.as_str(), defects), (ObjectKind::Records, "AC", found), "{piece}");
    }
    let (_, names, defects) = read(&format!("{data}{control}{}", other(&format!("{{{WHOLE}}}"), "Scheduled Event")));
    assert_eq!((names.as_str(), defects), ("BX", vec![(Some(1), MalformedRecord), (Some(2), Unsupported)]));
    // However far away the key stands, and however small the windows are.
    let far = format!(r#"{{"a":"{}"}}"#, "x".repeat(300_000));
    let text = format!("{}\n{}\n{}", through(A), other(&far, "Far"), through(B)).repeat(3);
    let (_, names, defects) = read(&text);
    assert_eq!((names.as_str(), defects.len()), ("ABABAB", 3));
    assert!(defects.iter().all(|(_, kind)| *kind == Unsupported), "{defects:?}");
    let limits = Limits { record_bytes: 20_000, ..Limits::default() };
    let (_, names, _) = read_with(text.as_bytes(), &limits);
    assert_eq!(names, "ABABAB");
}

#[test]
fn lines_may_begin_with_a_time() {
    let line = |number: u32, record: &str| format!("2026-11-18T09:00:04.{number:03}Z {record}\n");
    let tail = |record: &str| format!("2026-11-18T09:00:04.123000+00:00 111111111111_CloudTrail_eu-west-1 {record}\n");
    let plain = format!("{A}\n{B}\n{C}\n");
    for text in [
        [line(0, A), line(1, B), line(2, C)].concat(),
        [line(0, A), tail(B), format!("{C}\n")].concat(),
        [line(0, A), line(1, B), line(2, C)].concat().replace('\n', "\r\n"),
    ] {
        assert_eq!(read(&text), read(&plain), "{text}");
    }
    // Other lines among them cost themselves.
    for other in [line(9, "not json"), line(9, ""), line(9, "[1]")] {
        let text = [line(0, A), other.clone(), other.clone(), other, line(2, C)].concat();
        let (kind, names, defects) = read(&text);
        assert_eq!((kind, names.as_str(), defects.len()), (ObjectKind::Records, "AC", 3), "{text}");
    }
    let broken = [line(0, A), line(1, &B[..B.len() - 9]), line(2, C)].concat();
    let (_, names, defects) = read(&broken);
    assert_eq!((names.as_str(), defects), ("AC", vec![(Some(1), MalformedRecord)]));
    let others = [line(0, r#"{"level":"info"}"#), line(1, r#"{"level":"warn"}"#)].concat();
    assert_eq!(read(&others).0, ObjectKind::Foreign);
    let many = [line(0, A), line(1, B), line(2, C)].concat().repeat(10_000);
    assert_eq!(read(&many).1, "ABC".repeat(10_000));
}

#[test]
fn what_opens_and_never_closes_costs_no_more_than_its_size() {
    // Each line of these was once a look at all the lines after it.
    for line in ["{\n", "[{\n", "{\"a\":[\n", "{\"a\n", "{\"a\":{\"b\":\"c\n"] {
        let text = line.repeat((24 << 10) / line.len());
        for text in [text.clone(), format!("{A}\n{text}"), format!("{text}]")] {
            let (kind, _, _) = read(&text);
            assert!(matches!(kind, ObjectKind::Broken | ObjectKind::Records | ObjectKind::Foreign), "{line}");
        }
    }
    let starts = r#"{"eventVersion":"#.repeat(8 << 10);
    assert_eq!(read(&format!("{{\"Records\":[{A},{starts}")).1, "A");
}

#[test]
fn sound_records_after_a_broken_line_are_read() {
    let pretty = A.replace("{\"eventVersion", "{\n  \"eventVersion").replace(",\"eventName", ",\n  \"eventName");
    let (_, names, defects) = read(&format!("{{\"a\":\n{pretty}\n{B}\n{{\"eventVersion\":{{\n{C}\n{pretty}"));
    assert_eq!(names, "ABCA", "{defects:?}");
    assert!(defects.iter().all(|(_, kind)| *kind == MalformedRecord), "{defects:?}");
}
