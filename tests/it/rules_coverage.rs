//! Rules on coverage whose thresholds no page can show: they begin at a thousand records.

use rolechain::expect::Expectations;
use rolechain::model::finding::Severity;
use rolechain::pipeline;

/// Writes so many records of one account and region; each says that it only reads or not.
fn log(records: u32, region: &str, read_only: bool) -> Vec<String> {
    let record = |at: u32| {
        format!(
            r#"{{"eventTime":"2026-11-05T10:{:02}:{:02}Z","eventSource":"ec2.amazonaws.com","eventName":"CreateTags",
            "awsRegion":"{region}","readOnly":{read_only},"recipientAccountId":"222222222222",
            "userIdentity":{{"type":"AWSService","invokedBy":"autoscaling.amazonaws.com"}},
            "eventID":"00000000-0000-4000-8000-{at:012}"}}"#,
            at / 60 % 60,
            at % 60
        )
    };
    (0..records).map(record).collect()
}

fn told(records: &[String], rule: &str) -> Vec<Severity> {
    let text = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let findings = pipeline::audit_text(&text, &Expectations::default()).findings;
    findings.into_iter().filter(|finding| finding.rule == rule).map(|finding| finding.severity).collect()
}

#[test]
fn a_thousand_records_without_a_read_are_no_accident() {
    assert_eq!(told(&log(1_000, "us-east-1", false), "read-events-missing"), [Severity::High]);
    assert_eq!(told(&log(999, "us-east-1", false), "read-events-missing"), []);
    assert_eq!(told(&log(1_000, "us-east-1", true), "read-events-missing"), []);
}

#[test]
fn a_large_log_without_the_global_region_is_told_quietly() {
    assert_eq!(told(&log(1_000, "eu-central-1", true), "region-not-covered"), [Severity::Low]);
    assert_eq!(told(&log(999, "eu-central-1", true), "region-not-covered"), []);
    assert_eq!(told(&log(1_000, "us-gov-west-1", true), "region-not-covered"), []);
}

#[test]
fn one_lost_record_in_a_large_log_is_low() {
    let mut records = log(999, "us-east-1", true);
    records.push(r#"{"eventTime":"2026-11-05T12:00:00Z"}"#.to_owned());
    assert_eq!(told(&records, "records-not-parsed"), [Severity::Low]);
    records.push(r#"{"eventTime":"2026-11-05T12:00:01Z"}"#.to_owned());
    assert_eq!(told(&records, "records-not-parsed"), [Severity::Medium]);
}

#[test]
fn losses_are_told_as_they_are_known_and_not_guessed() {
    let good = log(3, "us-east-1", false).join(",");
    // The last object ends inside its fourth record: one record and the object are lost, and each is told once.
    let cut = format!(r#"{{"Records":[{good},{{"eventVersion":"1.08","eventName":"Cut"#);
    let whole = format!(r#"{{"Records":[{good},{{"eventTime":"2026-11-05T10:00:00Z"}}]}}"#);
    let findings = pipeline::audit_texts(&[&whole, &cut], &Expectations::default()).findings;
    let told: Vec<_> = findings.iter().filter(|finding| finding.rule == "records-not-parsed").collect();
    assert!(!told.is_empty());
    for finding in told {
        assert!(
            finding.message.contains("2 of 8 records could not be read, and 1 of 2 objects not to the end"),
            "{}",
            finding.message
        );
        assert_eq!(finding.severity, Severity::Medium);
        assert!(!finding.message.contains("About"));
    }
}
