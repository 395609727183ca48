//! Reports over the sample logs: what is read is shown, it fits, it is safe, and it keeps its schema.

use std::collections::BTreeMap;

use expect_test::expect_file;
use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::model::chain::SessionId;
use rolechain::model::chains::Chains;
use rolechain::model::finding::{Basis, Confidence, Evidence, Finding, Severity, Status};
use rolechain::model::time::Timestamp;
use rolechain::pipeline::{self, Outcome, Plan, Silent};
use rolechain::report::found::{Found, Means, Thing};
use rolechain::report::{self, Format, Options, Report, RunInfo};
use rolechain::text::fit;
use serde_json::Value;

use crate::support::schema::Schema;

/// One audited story, with all that a report needs.
struct Audited {
    outcome: Outcome,
    findings: Vec<Finding>,
    run: RunInfo,
    names: BTreeMap<String, String>,
}

impl Audited {
    fn of(outcome: Outcome, source: &str) -> Self {
        let run = RunInfo {
            version: "0.0.0".to_owned(),
            sources: vec![source.to_owned()],
            expectations: Some("sample-logs/rolechain.toml".to_owned()),
            assurance: outcome.assurance.clone(),
            ..RunInfo::default()
        };
        let names = [("111111111111", "tooling"), ("222222222222", "prod"), ("333333333333", "staging")];
        let names = names.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        Self { outcome, findings: findings(), run, names }
    }

    /// Reads a story; its findings are made by hand, so that this file does not change with every rule.
    fn story(name: &str) -> Self {
        let source = format!("sample-logs/{name}");
        // Tests run in the folder of the package: the length of its path must not move a column.
        let sources = vec![source.clone()];
        let outcome = pipeline::run(&Plan { sources, ..Plan::default() }, &Silent).unwrap();
        Self::of(outcome, &source)
    }

    fn report(&self) -> Report<'_> {
        Report {
            lineage: &self.outcome.lineage,
            findings: &self.findings,
            run: &self.run,
            account_names: &self.names,
            integrity: None,
            ci: None,
        }
    }

    /// Writes the report.
    fn shown(&self, format: Format, options: &Options) -> String {
        let mut out = Vec::new();
        report::render(format, &self.report(), options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn table(&self, width: usize) -> String {
        self.shown(Format::Table, &Options { width, ..Options::default() })
    }

    fn json(&self, options: &Options) -> Value {
        serde_json::from_str(&self.shown(Format::Json, options)).unwrap()
    }

    fn traced(&self, width: usize) -> String {
        self.traced_of(&self.outcome.lineage.sessions().map(|session| session.id).collect::<Vec<_>>(), width)
    }

    /// The last session of the longest chain, with all that led to it.
    fn traced_deepest(&self, width: usize) -> String {
        let sessions = self.outcome.lineage.sessions();
        let deepest = sessions.max_by_key(|session| (session.ancestry().count(), std::cmp::Reverse(session.id)));
        self.traced_of(&[deepest.unwrap().id], width)
    }

    fn traced_of(&self, sessions: &[SessionId], width: usize) -> String {
        let mut out = Vec::new();
        let things = sessions.iter().copied().map(Thing::Session).collect();
        let found = Found { id: String::new(), means: Means::Chain, things };
        report::trace::write(&self.report(), &found, &Options { width, ..Options::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn listed(&self, width: usize) -> String {
        let mut out = Vec::new();
        let options = Options { width, ..Options::default() };
        report::chains::table(&self.report(), &options, &mut out).unwrap();
        report::chains::trees(&self.report(), &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn findings() -> Vec<Finding> {
    let finding = |rule, severity, title: &str, message: &str, remediation: &str| Finding {
        rule,
        severity,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: title.to_owned(),
        message: message.to_owned(),
        remediation: remediation.to_owned(),
        references: vec!["T1078.004".to_owned()],
        key: BTreeMap::from([("access_key_id".to_owned(), "AKIAIOSFODNN7EXAMPLE".to_owned())]),
        fingerprint: "rc1:00112233445566778899aabbccddeeff".to_owned(),
        count: 3,
        first_seen: Timestamp::parse_iso("2026-11-02T08:00:00Z"),
        last_seen: Timestamp::parse_iso("2026-11-04T17:30:00Z"),
        chain_ids: Chains::default(),
        listed_chains: 0,
        evidence: vec![Evidence {
            event_time: Timestamp::parse_iso("2026-11-04T17:30:00Z"),
            event_id: Some("4bd2a6f6-dddc-49e6-ba7d-08f73e809e64".to_owned()),
            object: Some("trail/with/AKIAIOSFODNN7EXAMPLE.json".to_owned()),
        }],
        regraded_from: None,
        status: Status::New,
        exception: None,
    };
    vec![
        finding(
            "foreign-owner-subject",
            Severity::Critical,
            "a repository of evil-corp entered gha-orders",
            "A token of repo:evil-corp/orders:ref:refs/heads/main was accepted by arn:aws:iam::111122223333:role/gha-orders. \
             evil-corp is not one of your owners.",
            "Test the subject in the role's trust policy with StringEquals.",
        ),
        finding(
            "long-lived-key-in-ci",
            Severity::High,
            "the key of ci-legacy is used by GitHub Actions",
            "AKIAIOSFODNN7EXAMPLE was used from a runner.",
            "Let the workflow assume a role with its own token, then delete AKIAIOSFODNN7EXAMPLE.",
        ),
        finding(
            "records-not-parsed",
            Severity::Low,
            "2 records were not understood",
            "They stay unjudged.",
            "Look at them.",
        ),
    ]
}

const STORIES: [&str; 18] = [
    "01-healthy",
    "02-unexpected-branch",
    "03-pull-request",
    "04-vendor-without-external-id",
    "05-long-lived-key-in-ci",
    "06-unfinished-migration",
    "07-forgotten-role-chaining",
    "08-role-juggling",
    "09-one-sided",
    "10-key-collision",
    "11-broken-files",
    "12-denied",
    "13-intrusion",
    "14-log-tampering",
    "15-cross-repo",
    "16-people",
    "17-reference",
    "18-workloads",
];

#[test]
fn the_report_of_a_story_is_this_text() {
    // A narrow screen: denied attempts, and defects.
    expect_file!["golden/table-12-denied-80.txt"].assert_eq(&Audited::story("12-denied").table(80));
    expect_file!["golden/table-11-broken-files-80.txt"].assert_eq(&Audited::story("11-broken-files").table(80));
    // A wide one: routes from keys and from tokens to the same role.
    expect_file!["golden/table-06-unfinished-migration-140.txt"]
        .assert_eq(&Audited::story("06-unfinished-migration").table(140));
    // A chain with gaps, and the longest one there is.
    expect_file!["golden/trace-09-one-sided-80.txt"].assert_eq(&Audited::story("09-one-sided").traced_deepest(80));
    expect_file!["golden/trace-08-role-juggling-100.txt"]
        .assert_eq(&Audited::story("08-role-juggling").traced_deepest(100));
    expect_file!["golden/chains-04-vendor-100.txt"]
        .assert_eq(&Audited::story("04-vendor-without-external-id").listed(100));
    expect_file!["golden/report-04-vendor.json"]
        .assert_eq(&Audited::story("04-vendor-without-external-id").shown(Format::Json, &Options::default()));
}

#[test]
fn no_line_exceeds_the_width_and_color_is_off_unless_asked_for() {
    for story in STORIES {
        let audited = Audited::story(story);
        for width in [80, 100, 120, 200] {
            for text in [audited.table(width), audited.listed(width), audited.traced(width)] {
                assert!(!text.contains('\u{1b}'));
                // A command is there to be copied: it is as long as it is.
                for line in text.lines().filter(|line| !line.trim_start().starts_with("rolechain trace ")) {
                    assert!(fit::width(line) <= width, "{story} {width}: {line}");
                    assert_eq!(line, line.trim_end());
                }
            }
        }
        let plain = audited.table(100);
        let colored = audited.shown(Format::Table, &Options { width: 100, color: true, ..Options::default() });
        assert_eq!(without_sgr(&colored), plain, "{story}: color moves nothing");
        assert_ne!(colored, plain);
    }
}

fn without_sgr(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[test]
fn the_limits_take_three_lines() {
    let text = Audited::story("01-healthy").table(80);
    let (_, limits) = text.split_once("\nLIMITS\n").unwrap();
    let (limits, _) = limits.split_once("\n\n").unwrap();
    assert!(limits.lines().count() <= 3, "{limits}");
}

#[test]
fn the_document_follows_its_schema() {
    let schema = Schema::new(serde_json::from_str(&report::schema()).unwrap());
    for story in STORIES {
        let audited = Audited::story(story);
        for (redact, include_services) in [(false, false), (true, true)] {
            let document = audited.json(&Options { redact, include_services, ..Options::default() });
            schema.check(&document, story);
            let records = &document["coverage"]["records"];
            let sum: u64 = ["unique", "duplicate", "malformed", "unsupported"]
                .map(|part| records[part].as_u64().unwrap())
                .iter()
                .sum();
            assert_eq!(records["read"], sum);
            assert_eq!(document["summary"]["chains"], document["chains"].as_array().unwrap().len());
            assert_eq!(document["summary"]["routes"], document["routes"].as_array().unwrap().len());
        }
    }
}

/// The fields of section 4 of the design: they exist, whatever else does.
#[test]
fn the_document_has_every_field_of_the_contract() {
    const CONTRACT: &[(&str, &str)] = &[
        ("", "schema run coverage chains routes denied long_term_keys findings summary"),
        ("/run", "version started_at finished_at sources window expectations iam_snapshots"),
        ("/run/window", "since until"),
        ("/coverage", "objects records accounts first_event last_event defects"),
        ("/coverage/objects", "listed read skipped failed"),
        ("/coverage/records", "read unique duplicate malformed unsupported"),
        ("/coverage/accounts/0", "account_id regions records first_event last_event read_only_records"),
        ("/chains/0", "id origin hops activity ci_run gaps route_id"),
        ("/chains/0/origin", "kind provider subject audience principal_arn access_key_id account_id service"),
        (
            "/chains/0/hops/0",
            "event_id shared_event_id event_name event_time expires_at role_arn account_id role_session_name \
             external_id source_identity issued_access_key_id source_ip user_agent region cross_account session_tags \
             link activity",
        ),
        ("/chains/0/hops/0/link", "kind matched_on candidates"),
        ("/chains/0/hops/0/activity", "calls writes errors first_event last_event"),
        ("/chains/0/activity", "calls writes errors first_event last_event actions source_ips user_agents"),
        ("/chains/0/activity/actions/0", "event_source event_name read_only error_code count"),
        ("/routes/0", "id origin role_arns chains calls writes errors first_event last_event"),
        (
            "/findings/0",
            "rule severity confidence basis title message remediation references key fingerprint count first_seen \
             last_seen chain_ids evidence status",
        ),
        ("/findings/0/evidence/0", "event_id object event_time"),
        ("/summary", "chains routes sessions assumptions denied_assumptions findings"),
        ("/summary/findings", "critical high medium low info"),
    ];
    let healthy = Audited::story("01-healthy").json(&Options::default());
    let has = |document: &Value, pointer: &str, fields: &str| {
        let object = document.pointer(pointer).and_then(Value::as_object);
        let object = object.unwrap_or_else(|| panic!("{pointer} is not there"));
        for field in fields.split_whitespace() {
            assert!(object.contains_key(field), "{pointer}/{field}");
        }
    };
    for (pointer, fields) in CONTRACT {
        has(&healthy, pointer, fields);
    }
    let denied = Audited::story("12-denied").json(&Options::default());
    has(
        &denied,
        "/denied/0",
        "event_name principal subject role_arn error_code runs events first_event last_event event_ids",
    );
    let keys = Audited::story("05-long-lived-key-in-ci").json(&Options::default());
    has(
        &keys,
        "/long_term_keys/0",
        "access_key_id principal_arn account_id calls writes assumptions first_event last_event source_ips user_agents ci",
    );
    let broken = Audited::story("11-broken-files").json(&Options::default());
    has(&broken, "/coverage/defects/0", "object kind index message");
}

#[test]
fn lines_hold_the_same_rows_as_the_document() {
    let audited = Audited::story("12-denied");
    let document = audited.json(&Options::default());
    let text = audited.shown(Format::Ndjson, &Options::default());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().unwrap()["type"], "run");
    assert_eq!(lines.first().unwrap()["schema"], report::SCHEMA);
    assert_eq!(lines.last().unwrap()["type"], "summary");
    for (name, list) in [
        ("finding", "findings"),
        ("chain", "chains"),
        ("route", "routes"),
        ("denied", "denied"),
        ("long_term_key", "long_term_keys"),
    ] {
        let rows: Vec<Value> = lines
            .iter()
            .filter(|line| line["type"] == name)
            .map(|line| {
                let mut row = line.clone();
                row.as_object_mut().unwrap().remove("type");
                row
            })
            .collect();
        assert_eq!(&Value::Array(rows), &document[list]);
    }
}

#[test]
fn redaction_leaves_no_key() {
    for story in STORIES {
        let audited = Audited::story(story);
        let options = Options { redact: true, include_services: true, width: 200, ..Options::default() };
        for format in Format::ALL {
            let text = audited.shown(format, &options);
            for (at, _) in text.match_indices("AKIA").chain(text.match_indices("ASIA")) {
                let tail = text[at..].chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit()).count();
                assert!(tail < 16, "{story} {}: {}", format.name(), &text[at..at + tail]);
            }
        }
        assert!(audited.shown(Format::Json, &options).contains("****************MPLE"));
    }
}

const HOSTILE: &str = r#"{"Records":[{"eventVersion":"1.08","eventID":"11111111-1111-4111-8111-111111111111",
 "eventTime":"2026-11-04T10:00:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-central-1",
 "sourceIPAddress":"192.0.2.7","userAgent":"evil\u001b[31m\u202emoc","recipientAccountId":"111122223333","readOnly":true,
 "userIdentity":{"type":"IAMUser","principalId":"AIDAIOSFODNN7EXAMPLE","arn":"arn:aws:iam::111122223333:user/ci\u0007",
  "accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"ci\u0007"},
 "requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/deploy","roleSessionName":"a\u001b]0;owned\u0007\u202eb\nc\u200bd\u2061",
  "externalId":"x\u009b31my"},
 "responseElements":{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"SECRET-SESSION-TOKEN",
   "expiration":"Nov 4, 2026, 11:00:00 AM"},
  "assumedRoleUser":{"assumedRoleId":"AROAIOSFODNN7EXAMPLE:a\u001b]0;owned","arn":"arn:aws:sts::111122223333:assumed-role/deploy/a\u001b]0;owned"}}}]}"#;

#[test]
fn foreign_text_neither_moves_the_terminal_nor_hides_and_secrets_have_no_way_in() {
    let audited = Audited::of(pipeline::audit_text(HOSTILE, &Expectations::default()), "text");
    for text in [audited.table(120), audited.traced(120), audited.listed(120)] {
        assert!(
            text.chars().all(|c| c == '\n' || !(c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{2061}')))
        );
        assert!(!text.contains('\u{fffd}'), "all foreign text is escaped where it enters: {text}");
    }
    let traced = audited.traced(120);
    for written in
        ["a\\u{1b}]0;owned\\u{7}\\u{202e}b\\u{a}c\\u{200b}d\\u{2061}", "x\\u{9b}31my", "evil\\u{1b}[31m\\u{202e}moc"]
    {
        assert!(traced.contains(written), "{traced}");
    }
    for format in Format::ALL {
        let text = audited.shown(format, &Options::default());
        assert!(!text.contains("SECRET") && !text.to_lowercase().contains("sessiontoken"));
    }
}

#[test]
fn an_empty_report_says_so() {
    let mut audited = Audited::of(pipeline::audit_text("{\"Records\":[]}", &Expectations::default()), "text");
    audited.findings.clear();
    audited.run.expectations = None;
    expect_file!["golden/table-empty-80.txt"].assert_eq(&audited.table(80));
}

#[test]
fn rules_and_their_pages_are_shown() {
    let mut out = Vec::new();
    report::rules::list(audit::RULES, 80, false, &mut out).unwrap();
    for rule in audit::RULES {
        report::rules::explain(rule, 80, false, &mut out).unwrap();
    }
    // Addresses are there to be copied: they are as long as they are.
    for line in String::from_utf8(out).unwrap().lines().filter(|line| !line.starts_with("    ")) {
        assert!(fit::width(line) <= 80, "{line}");
    }
}
