//! What has fallen silent: by the clock, by the window, by the digest files, and by days that cannot be.

use rolechain::audit;
use rolechain::audit::Clock;
use rolechain::audit::Known;
use rolechain::expect::Expectations;
use rolechain::model::assurance::Question;
use rolechain::model::integrity::Integrity;
use rolechain::model::integrity::TrailCheck;
use rolechain::model::time::Timestamp;
use rolechain::pipeline;
use serde_json::json;

use crate::support::at;

/// The kinds of the reasons, for one record on each of these days.
fn silent(days: &[&str], clock: Option<Clock>, digests: Option<&str>) -> Vec<&'static str> {
    let record = |day: &&str| {
        json!({"eventTime": format!("{day}T10:00:00Z"), "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
            "awsRegion": "eu-west-1", "eventID": day, "recipientAccountId": "111111111111", "readOnly": true,
            "eventType": "AwsServiceEvent"})
    };
    let text = json!({"Records": days.iter().map(record).collect::<Vec<_>>()}).to_string();
    let lineage = pipeline::audit_text(&text, &Expectations::default()).lineage;
    let trail =
        |last: &str| TrailCheck { account: "111111111111".to_owned(), last: Some(at(last)), ..TrailCheck::default() };
    let integrity = digests.map(|last| Integrity { trails: vec![trail(last)], ..Integrity::default() });
    let assurance = audit::assure(
        &lineage,
        &Expectations::default(),
        Known { integrity: integrity.as_ref(), ..Known::default() },
        clock,
    );
    let answer = assurance.answers.iter().find(|answer| answer.question == Question::Freshness).unwrap();
    answer.reasons.iter().map(|reason| reason.kind).collect()
}

fn clock(now: &str, until: Option<&str>, is_live: bool) -> Clock {
    let end = until.map_or(Timestamp(i64::MAX), at).min(at(now));
    Clock { now: at(now), end, is_live }
}

#[test]
fn silence_is_told_by_the_clock_and_no_day_of_the_future_hides_it() {
    let week = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"];
    let forged = [&week[..], &["2098-01-01"]].concat();
    let soon = clock("2026-11-08T03:00:00Z", None, true);
    let later = |is_live| clock("2026-11-20T03:00:00Z", None, is_live);
    let much_later = clock("2027-06-20T03:00:00Z", None, false);
    let ended = clock("2027-06-20T03:00:00Z", Some("2026-11-07T00:00:00Z"), true);
    for (days, clock, expected) in [
        (&week[..], None, &[][..]),
        (&week, Some(soon), &[]),
        (&week, Some(later(true)), &["silent_since"]),
        // A copy may be some weeks old.
        (&week, Some(later(false)), &[]),
        (&week, Some(much_later), &["silent_since"]),
        (&week, Some(ended), &[]),
        // Nobody knows what is usual.
        (&week[..2], Some(later(true)), &[]),
        (&forged, Some(soon), &["future_records"]),
        (&forged, Some(later(true)), &["future_records", "silent_since"]),
    ] {
        assert_eq!(silent(days, clock, None), expected, "{days:?} {clock:?}");
    }
}

#[test]
fn digest_files_come_each_hour() {
    let week = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"];
    let live = |now| clock(now, None, true);
    for (clock, last, expected) in [
        (live("2026-11-07T03:00:00Z"), "2026-11-07T02:00:00Z", &[][..]),
        (live("2026-11-08T03:00:00Z"), "2026-11-07T02:00:00Z", &["digests_silent"]),
        (clock("2026-11-08T03:00:00Z", Some("2026-11-07T00:00:00Z"), true), "2026-11-06T23:00:00Z", &[]),
        // A copy is compared with its own newest record.
        (clock("2026-11-28T03:00:00Z", None, false), "2026-11-06T02:00:00Z", &[]),
        (clock("2026-11-28T03:00:00Z", None, false), "2026-11-04T02:00:00Z", &["digests_silent"]),
    ] {
        assert_eq!(silent(&week, Some(clock), Some(last)), expected, "{clock:?} {last}");
    }
}
