//! Real public logs, where there are any: `ROLECHAIN_REAL_LOGS` names a directory of them.
//!
//! They are read once by the reader and once with a plain `serde_json::Value`, and must say the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rolechain::model::coverage::DefectKind;
use rolechain::model::record::{ObjectKind, Record, RecordIndex, RecordSink};
use rolechain::model::time::Timestamp;
use rolechain::parse::{identity, is_change, issuing_call};
use rolechain::read::{Limits, Scratch, read_object, read_stream};
use serde_json::{Map, Value, json};

/// Collects what a reader says, as JSON.
#[derive(Default)]
struct Collect {
    records: Vec<Value>,
    defects: Vec<(Option<u32>, DefectKind)>,
    assumptions: usize,
    changes: usize,
}

impl RecordSink for Collect {
    fn record(&mut self, _: RecordIndex, record: &Record<'_>) {
        let raw = |text: Option<&str>| text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        self.assumptions += usize::from(issuing_call(record).is_some());
        self.changes += usize::from(is_change(record));
        let caller = record.user_identity.and_then(identity);
        self.records.push(json!({
            "eventTime": record.event_time.map(|time| time.0),
            "eventSource": record.event_source,
            "eventName": record.event_name,
            "awsRegion": record.region,
            "sourceIPAddress": record.source_ip,
            "userAgent": record.user_agent,
            "errorCode": record.error_code,
            "errorMessage": record.error_message,
            "readOnly": record.read_only,
            "eventID": record.event_id,
            "sharedEventID": record.shared_event_id,
            "requestID": record.request_id,
            "eventType": record.event_type,
            "eventCategory": record.event_category,
            "recipientAccountId": record.recipient_account,
            "userIdentity": raw(record.user_identity),
            "requestParameters": raw(record.request_parameters),
            "responseElements": raw(record.response_elements),
            "additionalEventData": raw(record.additional_event_data),
            "resources": raw(record.resources),
            "tlsDetails": raw(record.tls_details),
            "caller": caller.as_ref().and_then(|caller| caller.principal_id.clone()),
            "issuer": caller.as_ref().and_then(|caller| caller.issuer_arn.clone()),
        }));
    }

    fn defect(&mut self, index: Option<RecordIndex>, kind: DefectKind, _: &str) {
        self.defects.push((index.map(|index| index.0), kind));
    }
}

/// The same as [`Collect`] writes, the plain way.
fn plainly(record: &Value) -> Value {
    let text = |key: &str| record[key].as_str().filter(|text| !text.is_empty());
    let mut out = json!({
        "eventTime": text("eventTime").and_then(Timestamp::parse_event).map(|time| time.0),
        "readOnly": record["readOnly"].as_bool().or_else(|| text("readOnly")?.parse().ok()),
        "userIdentity": if record["userIdentity"].is_object() { record["userIdentity"].clone() } else { Value::Null },
        "caller": record["userIdentity"]["principalId"].as_str().filter(|text| !text.is_empty()),
        "issuer": record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"].as_str().filter(|text| !text.is_empty()),
    });
    for key in [
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "eventID",
        "sharedEventID",
        "requestID",
        "eventType",
        "eventCategory",
        "recipientAccountId",
    ] {
        out[key] = text(key).into();
    }
    // Where people sign in, a failure has no code.
    if out["eventSource"] == "signin.amazonaws.com" && out["errorCode"].is_null() {
        let is_failure = record["responseElements"].to_string().contains("\"Failure\"");
        out["errorCode"] = match &out["errorMessage"] {
            Value::Null if is_failure => "Failure".into(),
            message => message.clone(),
        };
    }
    for key in ["requestParameters", "responseElements", "additionalEventData", "resources", "tlsDetails"] {
        out[key] = record[key].clone();
    }
    out
}

/// A time that is none makes the record a defect; without any time it is a record.
fn has_time(record: &Map<String, Value>) -> bool {
    let time = record.get("eventTime").and_then(Value::as_str).filter(|time| !time.is_empty());
    time.is_none_or(|time| Timestamp::parse_event(time).is_some())
}

/// Finds the records in a value of any shape, in order.
fn unwrap(value: Value, out: &mut Vec<Value>) {
    match value {
        Value::Array(items) => {
            for item in items {
                unwrap(item, out);
            }
        }
        Value::Object(mut object) => {
            if let Some(Value::Array(items)) = object.remove("Records").or_else(|| object.remove("Events")) {
                unwrap(Value::Array(items), out);
            } else if let Some(Value::String(text)) = object.remove("CloudTrailEvent").or_else(|| object.remove("_raw"))
            {
                unwrap(serde_json::from_str(&text).unwrap(), out);
            } else if (object.contains_key("eventName") || object.contains_key("eventSource")) && has_time(&object) {
                out.push(Value::Object(object));
            }
        }
        _ => {}
    }
}

fn read_plainly(bytes: &[u8]) -> Option<Vec<Value>> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    } else {
        text.extend_from_slice(bytes);
    }
    let mut records = Vec::new();
    for value in serde_json::Deserializer::from_slice(&text).into_iter::<Value>() {
        unwrap(value.ok()?, &mut records);
    }
    Some(records.iter().map(plainly).collect())
}

fn files_under(directory: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files_under(&path, out) } else { out.push(path) }
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the directory is not part of the repository")]
fn real_logs_read_the_same_as_with_a_plain_parser() {
    let Some(root) = std::env::var_os("ROLECHAIN_REAL_LOGS").map(PathBuf::from) else {
        println!("skipped: ROLECHAIN_REAL_LOGS names no directory of real logs");
        return;
    };
    let mut files = Vec::new();
    files_under(&root, &mut files);
    let (mut scratch, limits) = (Scratch::default(), Limits::default());
    let mut totals: BTreeMap<String, [usize; 7]> = BTreeMap::new();
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let mut seen = Collect::default();
        let summary = read_object(&bytes, &mut scratch, &limits, &mut seen);
        let mut streamed = Collect::default();
        assert_eq!(read_stream(&bytes[..], false, &mut scratch, &limits, &mut streamed), summary, "{}", path.display());
        assert_eq!(streamed.records, seen.records, "{}", path.display());
        let set = path.strip_prefix(&root).unwrap().components().next().unwrap();
        let total = totals.entry(set.as_os_str().to_string_lossy().into_owned()).or_default();
        let counts = [
            1,
            usize::from(summary.kind == ObjectKind::Records),
            usize::from(summary.kind == ObjectKind::Broken),
            seen.records.len(),
            seen.defects.len(),
            seen.assumptions,
            seen.changes,
        ];
        for (total, count) in total.iter_mut().zip(counts) {
            *total += count;
        }
        match read_plainly(&bytes) {
            Some(plain) => assert_eq!(seen.records, plain, "{}", path.display()),
            None => println!("not plain JSON: {} {:?} {:?}", path.display(), summary.kind, seen.defects),
        }
    }
    println!("set: [files, with records, broken, records, defects, assumptions, changes]");
    for (set, total) in totals {
        println!("{set:20} {total:?}");
    }
}
