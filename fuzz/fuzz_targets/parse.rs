//! The fast walker says what the careful reader says, or declines; the nouns of a record can be read from any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolechain::model::assumption::IssuingCall;
use rolechain::model::record::Record;
use rolechain::parse::{self, Pattern, Walk};

fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    // White space before the record moves it over the steps in which strings are read.
    let start = usize::from(selector & 0x7f);
    let padded = " ".repeat(start) + &text;
    let deepest = if selector & 0x80 == 0 { 63 } else { 4 };
    compare(&padded, start, deepest);
    read_nouns(&text);
});

fn compare(text: &str, start: usize, deepest: u32) {
    let object = text.get(start..).unwrap_or_default();
    let careful = parse::parse_careful(object);
    if let Some(parsed) = &careful {
        read_record(&parsed.record);
    }
    if !object.starts_with('{') {
        return;
    }
    let mut record = Record::default();
    match parse::walk(text, &mut Pattern::default(), start, deepest, &mut record) {
        Walk::Record { end, recognized } => {
            let walked = text.get(start..end).expect("a record ends inside the text, between characters");
            let parsed = parse::parse_careful(walked).expect("what the walker accepts is JSON all the way");
            assert_eq!((&parsed.record, parsed.recognized), (&record, recognized));
        }
        Walk::More => assert_eq!(careful, None, "a whole record does not need more"),
        Walk::Envelope | Walk::Decline => {}
    }
}

fn read_record(record: &Record<'_>) {
    let _ = parse::identity(record.user_identity.unwrap_or_default());
    let _ = parse::issuing_call(record);
    for call in IssuingCall::ALL {
        let _ = parse::assumption(record, call);
    }
    if parse::is_change(record) {
        let _ = parse::change(record);
    }
}

/// Takes the text for each part that holds nested JSON.
fn read_nouns(text: &str) {
    let _ = parse::identity(text);
    let record = Record {
        event_source: Some("iam.amazonaws.com".into()),
        event_name: Some("UpdateAssumeRolePolicy".into()),
        error_message: Some(text.into()),
        user_identity: Some(text),
        request_parameters: Some(text),
        response_elements: Some(text),
        additional_event_data: Some(text),
        resources: Some(text),
        ..Record::default()
    };
    assert!(parse::is_change(&record));
    read_record(&record);
}
