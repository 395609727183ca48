//! What owners accept and what readers ask for: exceptions, baselines, grades, and what is not shown.

use std::fs;
use std::path::Path;

use rolechain::audit;
use rolechain::audit::Known;
use rolechain::expect::Expectations;
use rolechain::expect::baseline;
use rolechain::model::acceptance::AcceptedBy;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::model::finding::Status;
use rolechain::pipeline;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use serde_json::Value;

use crate::program::program;
use crate::support::examples;

/// A log with a root key used on one day, and somebody harmless on another.
fn log(root_day: &str, last_day: &str) -> String {
    format!(
        r#"[{{"eventTime":"{root_day}T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets",
        "awsRegion":"us-east-1","userIdentity":{{"type":"Root","principalId":"222222222222",
        "arn":"arn:aws:iam::222222222222:root","accountId":"222222222222","accessKeyId":"AKIATHPL2AOHEO3AB4N4"}},
        "readOnly":true,"eventID":"e-1","recipientAccountId":"222222222222"}},
        {{"eventTime":"{last_day}T12:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeRegions",
        "awsRegion":"us-east-1","userIdentity":{{"type":"AWSService","invokedBy":"autoscaling.amazonaws.com"}},
        "readOnly":true,"eventID":"e-2","recipientAccountId":"222222222222"}}]"#
    )
}

fn expectations(exceptions: &[(&str, &str)]) -> Expectations {
    let stanza = |(created, expires): &(&str, &str)| {
        format!(
            "[[exception]]\ndetection = \"root-key-or-root-activity\"\nmatch = {{ account = \"222222222222\" }}\n\
             reason = \"known\"\nowner = \"alice\"\nticket = \"SEC-1\"\ncreated = {created}\nexpires = {expires}\n"
        )
    };
    let text: String = exceptions.iter().map(stanza).collect();
    Expectations::parse("rolechain.toml", &text, &audit::rule_ids()).unwrap_or_else(|error| panic!("{error}"))
}

fn of<'f>(findings: &'f [Finding], rule: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|finding| finding.rule == rule).collect()
}

#[test]
fn an_exception_holds_for_what_happened_up_to_its_last_day() {
    let expectations = expectations(&[("2026-11-01", "2026-11-10")]);
    for (root_day, last_day, is_accepted, days_left) in [
        ("2026-11-10", "2026-11-10", true, Some(0)),
        ("2026-11-09", "2026-11-09", true, Some(1)),
        // It stopped: the logs go on, and nobody is alarmed.
        ("2026-11-10", "2026-11-20", true, Some(-10)),
        // Before the exception was made: whoever made it knew.
        ("2026-10-20", "2026-11-05", true, Some(5)),
        ("2026-11-11", "2026-11-11", false, None),
    ] {
        let findings = pipeline::audit_text(&log(root_day, last_day), &expectations).findings;
        let root = of(&findings, "root-key-or-root-activity");
        let [root] = root.as_slice() else { panic!("{root:?}") };
        assert_eq!(root.status == Status::Excepted, is_accepted, "{root_day} {last_day}");
        let accepted = root.exception.as_ref();
        assert_eq!(accepted.and_then(|accepted| accepted.days_left), days_left, "{root_day} {last_day}");
        let expired = of(&findings, "exception-expired");
        assert_eq!(expired.len(), usize::from(!is_accepted), "{root_day} {last_day}");
        if let Some(expired) = expired.first() {
            assert_eq!((expired.severity, expired.count), (Severity::Medium, 1));
            assert!(expired.message.contains("alice") && expired.message.contains(&root.title), "{}", expired.message);
            assert_eq!(expired.last_seen, root.last_seen);
        } else {
            let told = accepted.unwrap().told();
            assert!(told.starts_with("known (alice, SEC-1, until 2026-11-10"), "{told}");
        }
    }
}

#[test]
fn of_several_exceptions_the_one_that_holds_longest_counts() {
    for pair in [
        [("2026-11-01", "2026-11-10"), ("2026-11-08", "2027-01-31")],
        [("2026-11-08", "2027-01-31"), ("2026-11-01", "2026-11-10")],
    ] {
        let findings = pipeline::audit_text(&log("2026-11-20", "2026-11-21"), &expectations(&pair)).findings;
        let root = of(&findings, "root-key-or-root-activity");
        assert_eq!(root[0].status, Status::Excepted);
        assert_eq!(root[0].exception.as_ref().unwrap().last_day.date(), "2027-01-31");
        assert!(of(&findings, "exception-expired").is_empty());
    }
}

#[test]
fn what_is_critical_and_proved_is_accepted_for_thirty_days() {
    // Another repository under the same name, which proves itself.
    let example = examples::folder()
        .join("repository-identity-changed/fires-critical-repository-comes-back-with-another-number.json");
    let records = &fs::read_to_string(example).unwrap();
    let found = pipeline::audit_text(records, &Expectations::default()).findings;
    let finding = of(&found, "repository-identity-changed")[0].clone();
    let seen = finding.last_seen.unwrap();
    let accepting = |days_before: i64| {
        let day = |days: i64| seen.plus(days * 86_400).date();
        let (name, value) = finding.key.iter().next().unwrap();
        let text = format!(
            "[[exception]]\ndetection = \"repository-identity-changed\"\nmatch = {{ {name} = \"{value}\" }}\n\
             reason = \"moved\"\nowner = \"alice\"\ncreated = {}\nexpires = {}\n",
            day(-days_before),
            day(300 - days_before)
        );
        let expectations =
            Expectations::parse("f", &text, &audit::rule_ids()).unwrap_or_else(|error| panic!("{error}"));
        pipeline::audit_text(records, &expectations).findings
    };
    assert_eq!(of(&accepting(30), "repository-identity-changed")[0].status, Status::Excepted);
    let back = accepting(31);
    assert_eq!(of(&back, "repository-identity-changed")[0].status, Status::New);
    let expired = of(&back, "exception-expired");
    assert!(expired[0].message.contains("accepted for 30 days at most"), "{}", expired[0].message);
}

#[test]
fn acceptances_cannot_be_accepted() {
    let text = "[[exception]]\ndetection = \"exception-unused\"\nmatch = { detection = \"*\" }\nreason = \"r\"\n\
                owner = \"o\"\ncreated = 2026-11-01\nexpires = 2026-11-02\n";
    let error = Expectations::parse("f", text, &audit::rule_ids()).unwrap_err().to_string();
    assert!(error.contains("f:2:13: findings about exceptions and baselines cannot be accepted"), "{error}");
}

#[test]
fn a_grade_of_the_owners_is_told_as_theirs() {
    let text = "[severity]\nroot-key-or-root-activity = \"low\"\n";
    let expectations = Expectations::parse("rolechain.toml", text, &audit::rule_ids()).unwrap();
    let findings = pipeline::audit_text(&log("2026-11-10", "2026-11-10"), &expectations).findings;
    let root = of(&findings, "root-key-or-root-activity")[0];
    assert_eq!((root.severity, root.regraded_from), (Severity::Low, Some(Severity::Critical)));
}

#[test]
fn a_baseline_accepts_what_it_knows_and_nothing_else() {
    let plain = pipeline::audit_text(&log("2026-11-10", "2026-11-10"), &Expectations::default());
    let known = of(&plain.findings, "root-key-or-root-activity")[0];
    let text = |fingerprint: &str| {
        format!(
            "schema = \"rolechain.baseline/1\"\ncreated = 2026-11-01\nexpires = 2026-11-10\nby = \"octavia\"\n\
             reason = \"before\"\n[[finding]]\nfingerprint = \"{fingerprint}\"\nrule = \"root-key-or-root-activity\"\n\
             severity = \"critical\"\ntitle = \"t\"\n"
        )
    };
    let judged = |day: &str, fingerprint: &str| {
        let lineage = pipeline::audit_text(&log(day, day), &Expectations::default()).lineage;
        let baseline = baseline::read("b", &text(fingerprint)).unwrap_or_else(|error| panic!("{error}"));
        let known = Known { baseline: Some(&baseline), ..Known::default() };
        audit::audit(&lineage, &Expectations::default(), known)
    };
    let accepted = judged("2026-11-10", &known.fingerprint);
    let root = of(&accepted, "root-key-or-root-activity")[0];
    assert_eq!(root.status, Status::Excepted);
    assert_eq!(root.exception.as_ref().map(|it| it.by), Some(AcceptedBy::Baseline));
    assert_eq!(
        root.exception.as_ref().unwrap().told(),
        "before (baseline of 2026-11-01 by octavia, until 2026-11-10, 0 days left)"
    );
    let later = judged("2026-11-11", &known.fingerprint);
    assert_eq!(of(&later, "root-key-or-root-activity")[0].status, Status::New, "its last day is over");
    let other = judged("2026-11-10", "rc1:00000000000000000000000000000000");
    assert_eq!(of(&other, "root-key-or-root-activity")[0].status, Status::New);
}

#[test]
fn a_baseline_survives_its_own_file() {
    let text = "schema = \"rolechain.baseline/1\"\ncreated = 2026-11-01\nexpires = 2027-01-30\nby = \"o \\\"c\\\"\"\n\
                reason = \"r\"\n[[finding]]\nfingerprint = \"rc1:00112233445566778899aabbccddeeff\"\nrule = \"x\"\n\
                severity = \"low\"\ntitle = \"a \\u202E b \\n c \\\\ d\"\n";
    let first = baseline::read("b", text).unwrap_or_else(|error| panic!("{error}"));
    let written = baseline::write(&first);
    assert!(written.contains("\\u202E") && !written.contains('\u{202e}'), "{written}");
    assert_eq!(baseline::read("b", &written).unwrap(), first);
}

#[test]
fn what_is_no_baseline_is_said_to_be_none() {
    let head = "schema = \"rolechain.baseline/1\"\nby = \"o\"\nreason = \"r\"\n";
    for (text, words) in [
        ("{\"schema\":\"rolechain.report/1\"}".to_owned(), vec!["this is JSON", "baseline accept"]),
        ("schema = 1\n".to_owned(), vec!["no baseline", "rolechain.baseline/1"]),
        (String::new(), vec!["no baseline"]),
        ("x = [".to_owned(), vec!["not TOML"]),
        (format!("{head}created = 2026-11-02\nexpires = 2026-11-01\n"), vec!["before created"]),
        (format!("{head}created = 2026-11-02\nexpires = 2027-11-01\n"), vec!["364 days", "90 are the most"]),
        (format!("{head}expires = 2026-11-01\n"), vec!["lacks the key \"created\""]),
        (
            format!(
                "{head}created = 2026-11-01\nexpires = 2026-11-02\n[[finding]]\nfingerprint = \"x\"\nrule = \"r\"\nseverity = \"hgh\"\ntitle = \"t\"\n"
            ),
            vec!["did you mean \"high\"?"],
        ),
        (
            format!(
                "{head}created = 2026-11-01\nexpires = 2026-11-02\n[[finding]]\nfingerprint = \"x\"\nrule = \"r\"\nseverity = \"high\"\ntitle = \"t\"\n"
            ),
            vec!["is not a fingerprint"],
        ),
        (
            format!("{head}created = 2026-11-01\nexpires = 2026-11-02\nfindings = []\n"),
            vec!["did you mean \"finding\"?"],
        ),
    ] {
        let error = baseline::read("b.toml", &text).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{text:?} does not say {word}: {error}");
        }
    }
}

fn rolechain(args: &[&str], code: i32) -> (String, String) {
    let mut command = program();
    let output = command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("COLUMNS", "100").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stderr}");
    (String::from_utf8(output.stdout).unwrap(), stderr)
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&rolechain(&[args, &["--format", "json", "--quiet"]].concat(), 0).0).unwrap()
}

const STORY: &str = "sample-logs/05-long-lived-key-in-ci";

#[test]
fn a_report_becomes_a_baseline_and_the_next_report_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (report, accepted) = (place("report.json"), place("baseline.toml"));
    rolechain(&["audit", STORY, "-o", &report], 0);
    let accept = ["baseline", "accept", &report, "--by", "octavia", "--reason", "before the move", "-o", &accepted];
    let (stdout, stderr) = rolechain(&accept, 0);
    assert_eq!(stdout, "");
    assert!(stderr.contains("4 findings are accepted until ") && stderr.contains(" (2 critical, 2 high)"), "{stderr}");
    assert!(stderr.contains("warning: some of them are critical"), "{stderr}");
    let with = json(&["audit", STORY, "--baseline", &accepted, "--fail-on", "info"]);
    assert_eq!(with["summary"]["findings_excepted"], 4);
    assert_eq!(with["run"]["baseline"]["known"], 4);
    assert_eq!(with["run"]["baseline"]["accepted"], 4);
    assert_eq!(with["run"]["baseline"]["open"], 0);
    assert_eq!(with["findings"][0]["accepted"]["by"], "baseline");
    assert_eq!(with["findings"][0]["accepted"]["owner"], "octavia");
    // A report in which all is accepted gives an empty baseline, and says why.
    let again = place("again.json");
    rolechain(&["audit", STORY, "--baseline", &accepted, "-o", &again], 0);
    let (_, stderr) =
        rolechain(&["baseline", "accept", &again, "--by", "o", "--reason", "r", "-o", &place("b2.toml")], 0);
    assert!(stderr.contains("0 findings are accepted") && stderr.contains("4 were accepted already"), "{stderr}");
    // What is there already may be somebody's work.
    let (_, stderr) = rolechain(&accept, 2);
    assert!(stderr.contains("is there already") && stderr.contains("--force"), "{stderr}");
    rolechain(&[&accept[..], &["--force"]].concat(), 0);
    // A report with filters is not all, and a rule that found nothing may be a mistake.
    let some = place("some.json");
    rolechain(&["audit", STORY, "--min-severity", "critical", "-o", &some], 0);
    let (_, stderr) =
        rolechain(&["baseline", "accept", &some, "--by", "o", "--reason", "r", "--rule", "long-lived-key-in-ci"], 0);
    assert!(stderr.contains("warning: the reports were made with filters"), "{stderr}");
    assert!(stderr.contains("no open finding of these reports is of --rule long-lived-key-in-ci"), "{stderr}");
    // Only one rule.
    let (text, _) =
        rolechain(&["baseline", "accept", &report, "--by", "o", "--reason", "r", "--rule", "long-lived-key-in-ci"], 0);
    assert_eq!(text.matches("[[finding]]").count(), 1, "{text}");
}

#[test]
fn what_is_not_shown_is_counted_and_fails_nothing() {
    let all = json(&["audit", STORY]);
    let open = |report: &Value| report["summary"]["findings"].clone();
    assert_eq!((open(&all)["critical"].as_u64(), open(&all)["high"].as_u64()), (Some(2), Some(2)));
    let some = json(&["audit", STORY, "--min-severity", "critical"]);
    assert_eq!(some["findings"].as_array().unwrap().len(), 2);
    assert_eq!(some["summary"]["findings_not_shown"]["below_min_severity"], 2);
    assert_eq!(some["run"]["shown"]["min_severity"], "critical");
    let args = ["audit", STORY, "--no-expectations", "--min-severity", "critical", "--fail-on", "high"];
    let (text, stderr) = rolechain(&args, 0);
    assert!(text.starts_with("No finding is shown (2 not shown)."), "{text}");
    assert!(text.contains("Not shown: 2 findings below --min-severity critical."), "{text}");
    assert!(stderr.contains("no findings shown (2 not shown)"), "{stderr}");
    for (format, words) in [
        ("markdown", "Not shown: 2 findings"),
        ("html", "Not shown: 2 findings"),
        ("sarif", "Not shown: 2 findings"),
        ("github", "(2 not shown)"),
        ("junit", "1 finding not shown: less was asked for"),
    ] {
        let args = ["audit", STORY, "--no-expectations", "--min-severity", "critical", "--format", format];
        let (text, _) = rolechain(&args, 0);
        assert!(text.contains(words), "{format}: {text}");
    }
    // What is hidden proves no control effective.
    let page = rolechain(&["audit", STORY, "--no-expectations", "--min-severity", "critical", "--format", "html"], 0).0;
    assert!(page.contains("not testable: some of its findings are not shown"));
}

/// Which rules each persona hears in addition, as docs/exceptions.md has them.
const PERSONAS: [(&str, &str, &[&str]); 3] = [
    ("regular", "", &[]),
    ("pedantic", "for_pedantic", &["deploy-without-environment", "generic-session-name", "mutable-subject"]),
    ("auditor", "for_auditor", &["ambiguous-link", "global-sts-endpoint", "idle-session", "run-started-by-another"]),
];

#[test]
fn each_persona_hears_its_own_rules_and_is_told_how_much_is_for_others() {
    let page = fs::read_to_string("docs/exceptions.md").unwrap();
    for (persona, _, added) in &PERSONAS[1..] {
        let rules = audit::RULES.iter().filter(|rule| rule.persona.name() == *persona).map(|rule| rule.id);
        assert_eq!(rules.collect::<Vec<_>>(), *added);
        let listed = added.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
        assert!(page.contains(&format!("| `{persona}` | {listed} |")), "{persona}: {listed}");
    }
    let reports = PERSONAS.map(|(persona, ..)| json(&["audit", "sample-logs", "--persona", persona]));
    let heard = |report: &Value, rules: &[&str]| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().filter(|finding| rules.contains(&finding["rule"].as_str().unwrap())).count() as u64
    };
    for (at, (persona, field, added)) in PERSONAS.iter().enumerate().skip(1) {
        let all = heard(&reports[2], added);
        assert!(all > 0, "no sample is for {persona}");
        for (reader, report) in reports.iter().enumerate() {
            let (shown, hidden) = if reader >= at { (all, 0) } else { (0, all) };
            assert_eq!(heard(report, added), shown, "{persona}, heard by {}", PERSONAS[reader].0);
            assert_eq!(report["summary"]["findings_not_shown"][field], hidden, "{persona}, {}", PERSONAS[reader].0);
        }
    }
    assert!(rolechain(&["audit", "sample-logs"], 0).0.contains("for --persona pedantic"));
}

#[test]
fn an_organization_in_good_order_hears_nothing_as_a_regular_reader() {
    assert_eq!(json(&["audit", "sample-logs/01-healthy"])["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn exceptions_are_told_in_every_format_and_can_be_looked_behind() {
    let expected = ["--expectations", "docs/exceptions/rolechain.toml"];
    for format in ["table", "json", "ndjson", "html", "markdown", "sarif", "junit"] {
        let (text, _) = rolechain(&[&["audit", STORY, "--format", format][..], &expected].concat(), 0);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("the old pipeline moves to OIDC in spring"), "{format}: {text}");
        assert!(text.contains("team-orders"), "{format}: {text}");
    }
    let open = json(&[&["audit", STORY, "--no-exceptions"][..], &expected].concat());
    assert_eq!(open["summary"]["findings_excepted"], 0);
    assert_eq!(open["run"]["no_exceptions"], true);
    let graded = open["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "long-lived-key-assumes-role");
    assert_eq!((&graded.unwrap()["severity"], &graded.unwrap()["regraded_from"]), (&"medium".into(), &"high".into()));
}

#[test]
fn a_store_remembers_nothing_of_a_look_behind_exceptions() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store").to_string_lossy().into_owned();
    let run = |more: &[&str]| {
        let base = ["audit", STORY, "--store", &store, "--expectations", "docs/exceptions/rolechain.toml"];
        json(&[&base[..], more].concat())
    };
    let counted = || {
        let (text, _) = rolechain(&["store", "status", &store, "--format", "json"], 0);
        serde_json::from_str::<Value>(&text).unwrap()["findings"].clone()
    };
    assert_eq!(run(&[])["summary"]["findings_excepted"], 1);
    let before = counted();
    assert_eq!(run(&["--no-exceptions"])["summary"]["findings_excepted"], 0);
    assert_eq!(counted(), before);
}

#[test]
fn what_says_that_it_will_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let stanza =
        "[[exception]]\ndetection = \"missing-link\"\nmatch = { account = \"*\" }\nreason = \"r\"\nowner = \"o\"\n";
    let file = write("e.toml", &format!("schema = 1\n{stanza}created = 2126-01-01\nexpires = 2126-02-01\n"));
    let (_, stderr) = rolechain(&["audit", STORY, "--expectations", &file], 2);
    assert!(
        stderr.contains("e.toml:2: ") && stderr.contains("created = 2126-01-01, which is later than today"),
        "{stderr}"
    );
    let head = "schema = \"rolechain.baseline/1\"\nby = \"o\"\nreason = \"r\"\n";
    let file = write("b.toml", &format!("{head}created = 2126-01-01\nexpires = 2126-02-01\n"));
    let (_, stderr) = rolechain(&["audit", STORY, "--baseline", &file], 2);
    assert!(stderr.contains("b.toml") && stderr.contains("later than today"), "{stderr}");
}

#[test]
fn an_expectations_file_without_anything_in_it_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolechain.toml");
    let file = path.to_str().unwrap();
    for text in ["", " \n\t\r\n", "# to be written\n\n"] {
        fs::write(&path, text).unwrap();
        let (_, stderr) = rolechain(&["audit", STORY, "--expectations", file], 2);
        assert!(stderr.contains("is empty") && stderr.contains("rolechain infer"), "{text:?}: {stderr}");
    }
    fs::write(&path, "schema = 1\n").unwrap();
    rolechain(&["audit", STORY, "--expectations", file, "--quiet"], 0);
}

#[test]
fn a_name_is_proposed_only_when_it_is_near() {
    let (_, stderr) = rolechain(&["explain", "nosuch"], 2);
    assert!(stderr.contains("there is no rule `nosuch`") && !stderr.contains("did you mean"), "{stderr}");
    let (_, stderr) = rolechain(&["explain", "missing-links"], 2);
    assert!(stderr.contains("did you mean `missing-link`?"), "{stderr}");
    for (table, is_near) in [("nosuch", false), ("session", true)] {
        let (_, stderr) = rolechain(&["export", STORY, "--to", "x", "--format", "csv", "--table", table], 2);
        assert_eq!(stderr.contains("did you mean"), is_near, "{stderr}");
    }
}

#[test]
fn malformed_input_is_an_error_that_says_what_to_do() {
    for (args, words) in [
        (vec!["audit", STORY, "--persona", "boss"], vec!["regular", "pedantic", "auditor"]),
        (vec!["audit", STORY, "--min-severity", "loud"], vec!["critical"]),
        (vec!["audit", STORY, "--baseline", "no-such.toml"], vec!["cannot read the baseline no-such.toml"]),
        (vec!["audit", STORY, "--baseline", "sample-logs/rolechain.toml"], vec!["no baseline", "rolechain.baseline/1"]),
        (vec!["audit", STORY, "--baseline", "b", "--no-exceptions"], vec!["cannot be used with"]),
        (
            vec!["baseline", "accept", "none.json", "--by", "o", "--reason", "r"],
            vec!["cannot read the report none.json"],
        ),
        (
            vec!["baseline", "accept", "README.md", "--by", "o", "--reason", "r"],
            vec!["no JSON report", "--format json"],
        ),
        (vec!["baseline", "accept", "docs/report.schema.json", "--by", "o", "--reason", "r"], vec!["schema"]),
        (vec!["baseline", "accept", "README.md", "--by", " ", "--reason", "r"], vec!["--by is empty"]),
        (
            vec!["baseline", "accept", "README.md", "--by", "o", "--reason", "r", "--rule", "missing-link-x"],
            vec!["missing-link"],
        ),
        (vec!["baseline", "accept", "README.md", "--by", "o", "--reason", "r", "--days", "91"], vec!["1..=90"]),
        (vec!["baseline", "accept", "README.md", "--by", "o"], vec!["--reason"]),
    ] {
        let (stdout, stderr) = rolechain(&args, 2);
        assert_eq!(stdout, "", "{args:?}");
        for word in words {
            assert!(stderr.contains(word), "{args:?} does not say {word}: {stderr}");
        }
    }
}

#[test]
fn the_catalogue_is_the_page_of_the_rules() {
    let (page, _) = rolechain(&["rules", "--markdown"], 0);
    expect_test::expect_file!["../../docs/rules/README.md"].assert_eq(&page);
    let (text, _) = rolechain(&["rules", "--format", "json"], 0);
    let rules: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(rules.len(), audit::RULES.len());
    for rule in &rules {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(rule["page"].as_str().unwrap());
        assert!(page.is_file(), "{rule}");
        assert_ne!(rule["needs"], "", "the page of {} says what the rule needs", rule["id"]);
    }
}

#[test]
fn the_pages_example_is_the_file_beside_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = fs::read_to_string(root.join("exceptions.md")).unwrap();
    let file = fs::read_to_string(root.join("exceptions/rolechain.toml")).unwrap();
    let (_, body) = file.split_once('\n').unwrap();
    assert!(page.contains(body), "docs/exceptions.md shows another file");
}

#[test]
fn findings_with_the_same_story_do_not_depend_on_who_reads_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(STORY).to_string_lossy().into_owned();
    let outcome = pipeline::run(&Plan { sources: vec![source], ..Plan::default() }, &Silent).unwrap();
    let mut all = outcome.findings.clone();
    let choice = rolechain::report::Choice::default();
    let hidden = choice.apply(&mut all);
    assert_eq!(all.len() + usize::try_from(hidden.pedantic + hidden.auditor).unwrap(), outcome.findings.len());
    assert_eq!((hidden.severity, hidden.confidence), (0, 0), "without limits nothing is below them");
}
