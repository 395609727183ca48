//! Story 11: objects that cannot be read, or not wholly, among objects that can.

use rolechain::model::time::Timestamp;

use super::Story;
use super::cast::{background, ordinary_release};
use crate::support::delivery::{Trail, envelope, gzip};
use crate::support::json::{Object, texts};
use crate::support::organization::Organization;
use crate::support::{HOME, PROD, STAGING, TOOLING, at};

/// Good objects, and one of every defect.
pub(super) fn files() -> Story {
    let org = Organization::new("11-broken-files");
    background(&org, at("2026-11-11T07:00:00Z"));
    ordinary_release(&org, at("2026-11-11T08:41:00Z"));
    // A folder holds the records of its own account.
    let of_tooling = org.records().into_iter().filter(|record| record.account == TOOLING);
    let good: Vec<String> = of_tooling.map(|record| record.json).collect();
    let aggregated = aggregated_record(&org);
    org.write_text(PROD, HOME, at("2026-11-11T08:41:30Z"), &aggregated);

    let mut story = Story::new("11-broken-files", "Broken files", org);
    let mut put = |account: &str, stamp: &str, random: &str, bytes: Vec<u8>| {
        let key = Trail::ORGANIZATION.key(account, HOME, at(stamp), random);
        story.objects.insert(key, bytes);
    };

    // Cut off in the middle of the compressed stream.
    let whole = gzip(envelope(&good.iter().map(String::as_str).collect::<Vec<_>>()).as_bytes());
    put(TOOLING, "2026-11-11T09:05:00Z", "TruncatedGzip001", whole[..whole.len() / 2].to_vec());
    // An error page that a download saved under the object's name.
    let page = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code></Error>\n";
    put(TOOLING, "2026-11-11T09:10:00Z", "NotGzipNotJson01", page.as_bytes().to_vec());
    // Inside a good object: something that is not an object, and an object that is not JSON.
    let third = r#"{"eventVersion":"1.11","eventTime":2026-11-11T09:12:00Z,"eventName":"PutObject"}"#;
    let (first, last) = (fresh(&story.org, "2026-11-11T09:11:00Z"), fresh(&story.org, "2026-11-11T09:13:00Z"));
    let mixed = envelope(&[&first, "\"not a record\"", third, &last]);
    put(STAGING, "2026-11-11T09:15:00Z", "MalformedRecord1", gzip(mixed.as_bytes()));
    // No bytes at all.
    put(STAGING, "2026-11-11T09:20:00Z", "EmptyObject00001", Vec::new());

    let end = at("2026-11-11T10:00:00Z");
    story.objects.insert(Trail::ORGANIZATION.digest_key(PROD, HOME, end), gzip(digest(&story, end).as_bytes()));
    story.told(
        "Around good objects: one cut off in the middle, one that is an XML error page under a log's name, one without a\n\
         byte, one with two malformed records between two good ones, one with an aggregated event (a shape that has neither\n\
         time nor name), and a digest file, which is not a log.",
        "every good record is read; the defects `truncated`, `malformed_object` (the error page), `empty` and\n\
         two `malformed_record` are named by object and record, and `records-not-parsed` sums them up by kind; the aggregated\n\
         event is counted as unsupported and not named; the digest is skipped; and exit code 3 with `--strict`.",
    )
}

/// A good record that stands in no log but the mixed object's.
fn fresh(org: &Organization, time: &str) -> String {
    let (user, _) = org.user(STAGING, "people/carol", "203.0.113.15", "console.amazonaws.com");
    user.event("s3.amazonaws.com", "ListBuckets", at(time)).json()
}

fn aggregated_record(org: &Organization) -> String {
    let window = texts(&[("windowStart", "2026-11-11T08:35:00Z"), ("windowEnd", "2026-11-11T08:40:00Z")]);
    Object::new()
        .text("eventVersion", "1.0")
        .text("accountId", PROD)
        .text("eventId", &org.uuid())
        .text("eventCategory", "Aggregated")
        .text("eventType", "AwsAggregatedEvent")
        .text("awsRegion", HOME)
        .object("timeWindow", &window)
        .object("summary", &Object::new().text("primaryDimension", "eventName").number("count", 4_211))
        .json()
}

fn digest(story: &Story, end: Timestamp) -> String {
    let newest = at("2026-11-11T09:13:00Z");
    Object::new()
        .text("awsAccountId", PROD)
        .text("digestStartTime", &end.plus(-3_600).to_string())
        .text("digestEndTime", &end.to_string())
        .text("digestS3Bucket", "acme-org-trail")
        .text("digestS3Object", &Trail::ORGANIZATION.digest_key(PROD, HOME, end))
        .text("digestPublicKeyFingerprint", &story.org.hex(32))
        .text("digestSignatureAlgorithm", "SHA256withRSA")
        .text("newestEventTime", &newest.to_string())
        .text("oldestEventTime", &end.plus(-3_600).to_string())
        .raw("previousDigestS3Bucket", "null")
        .raw("previousDigestS3Object", "null")
        .raw("previousDigestHashValue", "null")
        .raw("previousDigestHashAlgorithm", "null")
        .raw("previousDigestSignature", "null")
        .raw("logFiles", "[]")
        .json()
}
