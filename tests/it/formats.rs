//! Every format over every sample story: golden files, schemas, limits, and what hostile text can do in each medium.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use expect_test::expect_file;
use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::export::Source;
use rolechain::export::tables;
use rolechain::frame;
use rolechain::model::acceptance::Acceptance;
use rolechain::model::acceptance::AcceptedBy;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::model::finding::Status;
use rolechain::model::time::Timestamp;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use rolechain::query;
use rolechain::query::Data;
use rolechain::report;
use rolechain::report::Format;
use rolechain::report::Options;
use rolechain::report::Report;
use rolechain::report::RunInfo;
use rolechain::report::found::Found;
use rolechain::report::found::Means;
use rolechain::report::found::Thing;
use rolechain::text::terminal;
use serde_json::Value;

use crate::support::schema::Schema;

/// The texts that a person has read. Each is here for something that no other shows; that the formats tell the same of
/// every story is a property below.
const GOLDEN: [(&str, Format, &str); 8] = [
    // One story through every format: two findings of one role, with their evidence, and nothing else that is loud.
    ("04-vendor-without-external-id", Format::Markdown, "md"),
    ("04-vendor-without-external-id", Format::Sarif, "sarif"),
    ("04-vendor-without-external-id", Format::Github, "txt"),
    ("04-vendor-without-external-id", Format::Junit, "xml"),
    // Many findings, of several levels.
    ("13-intrusion", Format::Github, "txt"),
    // Input that is not complete: defects, and the words that no green run may come without.
    ("11-broken-files", Format::Markdown, "md"),
    // Denied assumptions and long-lived keys fill the sections that are empty in the others.
    ("12-denied", Format::Markdown, "md"),
    // Nothing was found.
    ("17-reference", Format::Markdown, "md"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stories() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("sample-logs")).unwrap();
    let mut stories: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("AWSLogs").is_dir()).collect();
    stories.sort();
    stories
}

fn expectations() -> Expectations {
    let text = fs::read_to_string(root().join("sample-logs/rolechain.toml")).unwrap();
    Expectations::parse("rolechain.toml", &text, &audit::rule_ids()).unwrap()
}

/// What an audit of one source gives, and all that a report needs besides.
struct Audited {
    outcome: Outcome,
    run: RunInfo,
    names: BTreeMap<String, String>,
}

impl Audited {
    fn of(outcome: Outcome, source: &str, expectations: &Expectations) -> Self {
        let run = RunInfo {
            version: "0.0.0".to_owned(),
            sources: vec![source.to_owned()],
            expectations: Some("sample-logs/rolechain.toml".to_owned()),
            expectation_lines: expectations.lines_of(&outcome.findings),
            assurance: outcome.assurance.clone(),
            ..RunInfo::default()
        };
        let named =
            expectations.accounts.iter().filter_map(|account| Some((account.id.clone(), account.name.clone()?)));
        Self { outcome, run, names: named.collect() }
    }

    fn story(story: &Path, expectations: &Expectations) -> Self {
        let plan = Plan {
            sources: vec![story.to_string_lossy().into_owned()],
            expectations: expectations.clone(),
            ..Plan::default()
        };
        let outcome = pipeline::run(&plan, &Silent).unwrap();
        let name = story.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        Self::of(outcome, &name, expectations)
    }

    fn text(records: &str) -> Self {
        let none = Expectations::default();
        Self::of(pipeline::audit_text(records, &none), "text", &none)
    }

    fn shown(&self, format: Format) -> String {
        self.shown_with(format, &self.outcome.findings)
    }

    fn report<'a>(&'a self, findings: &'a [Finding]) -> Report<'a> {
        Report {
            lineage: &self.outcome.lineage,
            findings,
            run: &self.run,
            account_names: &self.names,
            integrity: None,
            ci: None,
        }
    }

    fn shown_with(&self, format: Format, findings: &[Finding]) -> String {
        let report = self.report(findings);
        let mut out = Vec::new();
        report::render(format, &report, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap().replace(&format!("{}/", root().display()), "")
    }
}

#[test]
fn the_report_of_a_story_is_this_text() {
    let expectations = expectations();
    for (story, format, extension) in GOLDEN {
        let audited = Audited::story(&root().join("sample-logs").join(story), &expectations);
        let golden = format!("golden/{}/{story}.{extension}", format.name());
        expect_file![golden.as_str()].assert_eq(&audited.shown(format));
    }
}

/// What follows a mark, each time that it comes, up to one of the ends.
fn after<'a>(text: &'a str, mark: &str, ends: &[char]) -> Vec<&'a str> {
    text.split(mark).skip(1).map(|rest| rest.split(ends).next().unwrap()).collect()
}

#[test]
fn every_format_tells_the_findings_of_every_story() {
    let expectations = expectations();
    let mut told = 0;
    for story in stories() {
        let audited = Audited::story(&story, &expectations);
        let name = story.file_name().unwrap().to_string_lossy();
        let document: Value = serde_json::from_str(&audited.shown(Format::Json)).unwrap();
        let findings = document["findings"].as_array().unwrap();
        let each = |field: &str| findings.iter().map(|finding| finding[field].as_str().unwrap()).collect::<Vec<_>>();
        let (fingerprints, rules) = (each("fingerprint"), each("rule"));
        told += findings.len();

        let log: Value = serde_json::from_str(&audited.shown(Format::Sarif)).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let sarif: Vec<&str> =
            results.iter().map(|result| result["partialFingerprints"]["rolechain/v1"].as_str().unwrap()).collect();
        assert_eq!(sarif, fingerprints, "{name}: SARIF");

        let page = audited.shown(Format::Markdown);
        // People read what belongs together, programs what is worst.
        let sorted = |mut texts: Vec<&str>| {
            texts.sort_unstable();
            texts.join(" ")
        };
        let shown = after(&page, "- fingerprint `", &['`']);
        assert_eq!(sorted(shown), sorted(fingerprints.clone()), "{name}: Markdown");

        let page = audited.shown(Format::Html);
        let mut shown = after(&page, "id=\"f-rc1", &['"']);
        shown.retain(|id| !id.ends_with("-t"));
        let mut expected: Vec<&str> =
            fingerprints.iter().map(|fingerprint| fingerprint.strip_prefix("rc1:").unwrap()).collect();
        shown.sort_unstable();
        expected.sort_unstable();
        assert_eq!(shown, expected, "{name}: HTML");

        let lines = audited.shown(Format::Ndjson);
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let lines: Vec<&str> = lines.iter().filter_map(|line| line["fingerprint"].as_str()).collect();
        assert_eq!(lines, fingerprints, "{name}: lines");

        // An annotation ends with its rule. No story has more findings of a level than are annotated.
        let annotations = audited.shown(Format::Github);
        let annotated: Vec<&str> = annotations
            .lines()
            .filter(|line| line.contains(",title="))
            .map(|line| line.rsplit("%0A").next().unwrap())
            .collect();
        assert_eq!(annotated, rules, "{name}: annotations");

        // A test case is a rule, and fails when the rule found something.
        let suite = audited.shown(Format::Junit);
        let failed: Vec<&str> = suite
            .split("<testcase ")
            .filter(|case| case.contains("<failure "))
            .map(|case| after(case, " name=\"", &['"'])[0])
            .collect();
        let mut expected = rules.clone();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(failed, expected, "{name}: JUnit");

        let table = audited.shown(Format::Table);
        for rule in expected {
            assert!(table.contains(rule), "{name}: {rule} is not in the table\n{table}");
        }
    }
    assert!(told > 20, "{told}");
}

fn sarif_schema() -> Schema {
    let schema = root().join("tests/support/fixtures/sarif-2.1.0-rtm.5.json");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    for holder in ["run", "toolComponent"] {
        // A stray bracket: only a lenient reader of regular expressions takes it. We write no language.
        let language = schema.pointer_mut(&format!("/definitions/{holder}/properties/language")).unwrap();
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    Schema::new(schema)
}

/// What the schema does not say, and GitHub refuses a whole upload for.
#[track_caller]
fn check_sarif(text: &str, schema: &Schema) -> Value {
    let log: Value = serde_json::from_str(text).unwrap();
    schema.check(&log, "SARIF");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["rolechain/v1"].as_str().unwrap().starts_with("rc1:"));
        let steps = result["codeFlows"].as_array().into_iter().flatten();
        let steps = steps.flat_map(|flow| flow["threadFlows"][0]["locations"].as_array().unwrap());
        let places = steps.map(|step| &step["location"]).chain([&result["locations"][0]]);
        for place in places {
            let place = &place["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "sample-logs/rolechain.toml");
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        }
    }
    for rule in rules {
        let severity: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!((0.0..=10.0).contains(&severity));
    }
    log
}

#[test]
fn sarif_follows_the_standard_and_what_github_asks_for() {
    let schema = sarif_schema();
    let expectations = expectations();
    let mut results = 0;
    for story in stories() {
        let audited = Audited::story(&story, &expectations);
        let log = check_sarif(&audited.shown(Format::Sarif), &schema);
        results += log["runs"][0]["results"].as_array().unwrap().len();
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), audited.outcome.findings.len());
    }
    assert!(results > 20, "{results}");
    // The finding stands at the line of the role's expectation.
    let branch = Audited::story(&root().join("sample-logs/02-unexpected-branch"), &expectations);
    let log = check_sarif(&branch.shown(Format::Sarif), &schema);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "unexpected-subject");
    let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap();
    let role = result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap();
    let text = fs::read_to_string(root().join("sample-logs/rolechain.toml")).unwrap();
    let from_there: Vec<&str> = text.lines().skip(usize::try_from(line).unwrap() - 1).take(4).collect();
    assert_eq!(from_there[0].trim(), "[[role]]");
    assert!(from_there.iter().any(|line| line.contains(role.rsplit('/').next().unwrap())), "{role}: {from_there:?}");
}

#[test]
fn the_life_of_a_finding_is_told_as_each_format_can() {
    let audited = Audited::story(&root().join("sample-logs/13-intrusion"), &expectations());
    let mut findings = audited.outcome.findings.clone();
    assert!(findings.len() >= 4, "{}", findings.len());
    findings[0].status = Status::Excepted;
    let day = |text: &str| Timestamp::parse_iso(text).unwrap();
    findings[0].exception = Some(Acceptance {
        by: AcceptedBy::Exception,
        reason: "agreed <b>with</b> @octavia".to_owned(),
        owner: "the owner".to_owned(),
        ticket: None,
        created: day("2026-11-01T00:00:00Z"),
        last_day: day("2026-12-31T00:00:00Z"),
        days_left: Some(50),
    });
    findings[1].status = Status::Ongoing;
    findings[2].status = Status::Dormant;
    let log = check_sarif(&audited.shown_with(Format::Sarif, &findings), &sarif_schema());
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len(), "age closes no alert");
    assert_eq!(results[0]["suppressions"][0]["kind"], "external");
    assert_eq!(results[0]["baselineState"], "unchanged");
    assert_eq!(results[1]["suppressions"], serde_json::json!([]));
    assert_eq!(results[1]["baselineState"], "unchanged");
    assert_eq!(results[2]["baselineState"], "unchanged");
    assert_eq!(results[3]["baselineState"], "new");
    let page = audited.shown_with(Format::Markdown, &findings);
    assert!(page.contains("1 finding accepted by") && page.contains("`@octavia`"), "{page}");
    let annotations = audited.shown_with(Format::Github, &findings);
    assert_eq!(annotations.lines().count(), findings.len() - 1 + 1);
    // A rule whose only finding is accepted is skipped, with the reason; it neither fails nor passes in silence. Neither
    // do the 27 rules that nobody asked: two need --verify, two a store, one a baseline, fifteen --ci, and seven are for other
    // personas.
    let only = &findings[..1];
    let suite = audited.shown_with(Format::Junit, only);
    assert!(suite.contains("failures=\"0\"") && suite.contains("skipped=\"28\""), "{suite}");
    assert!(suite.contains("1 finding accepted") && suite.contains("agreed &lt;b&gt;with&lt;/b&gt;"));
}

/// Many findings, each as long as a hostile one can be.
fn many(like: &Finding, count: usize) -> Vec<Finding> {
    (0..count)
        .map(|at| Finding {
            fingerprint: format!("rc1:{at:032x}"),
            severity: if at == 0 { Severity::Critical } else { Severity::Low },
            title: format!("finding {at} {}", "`|<@x ".repeat(200)),
            message: "long <b> @mention ".repeat(400),
            ..like.clone()
        })
        .collect()
}

#[test]
fn no_format_grows_beyond_what_its_platform_takes() {
    let audited = Audited::story(&root().join("sample-logs/02-unexpected-branch"), &expectations());
    let findings = many(&audited.outcome.findings[0], 6000);
    let page = audited.shown_with(Format::Markdown, &findings);
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert!(page.contains("more findings: a job summary holds 1 MiB"), "the rest is named");
    assert!(page.contains("## Coverage") && page.contains("## Limits"), "what comes after the findings is still there");
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    let mut log: Value = serde_json::from_str(&audited.shown_with(Format::Sarif, &findings)).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 5000);
    // They are all alike but for the first.
    log["runs"][0]["results"].as_array_mut().unwrap().truncate(10);
    check_sarif(&log.to_string(), &sarif_schema());
    let run = &log["runs"][0];
    assert_eq!(run["results"][0]["level"], "error", "the worst are kept");
    let notified = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(notified.starts_with("1,000 findings are left out"), "{notified}");
    let annotations = audited.shown_with(Format::Github, &findings);
    assert_eq!(annotations.lines().count(), 1 + 9 + 1);
    assert!(annotations.contains("5,990 more findings not annotated"), "{}", annotations.lines().last().unwrap());
}

#[test]
fn incomplete_input_is_told_in_every_format() {
    let audited = Audited::story(&root().join("sample-logs/11-broken-files"), &expectations());
    assert!(audited.shown(Format::Markdown).contains("**PARTIAL:** 3 objects not read to the end"));
    assert!(audited.shown(Format::Github).contains("PARTIAL: 3 objects not read to the end"));
    assert!(audited.shown(Format::Junit).contains("<error message=\"3 objects not read to the end"));
    let log: Value = serde_json::from_str(&audited.shown(Format::Sarif)).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert!(invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("partial"));
    let empty = Audited::text("{\"Records\":[]}");
    for format in [Format::Markdown, Format::Github, Format::Junit, Format::Sarif] {
        let text = empty.shown(format);
        assert!(text.contains("no CloudTrail record"), "{}: {text}", format.name());
    }
}

/// What an attacker may put into a session name, a user agent, a subject, an external id.
const HOSTILE: [&str; 18] = [
    "a|b`c``d\n| x | y |",
    "</details><script>alert(1)</script><img src=x onerror=alert(1)>",
    "@octavia #123 GH-1 https://evil.example www.evil.example a@evil.example",
    "[click](https://evil.example) ![i](https://evil.example/p.png)",
    "\r\n::error::forged\n::add-mask::x",
    "##[error]forged ::error file=a,line=1::forged",
    "100%0A::warning::forged",
    "\u{202e}gnp.exe\u{200b}\u{2066}",
    "\u{0}\u{1b}[31m\u{8}\u{ffff}",
    "]]><failure message=\"x\"/>&#0;",
    "=HYPERLINK(\"x\") {0} {1}",
    "\\| ~~x~~ **y** _z_ $x$ :tada: deadbeefdeadbeef",
    "##vso[task.setvariable variable=x]y ##teamcity[buildStatus text='x'] ##any.word[z]",
    "::set-output name=x::y",
    "--- fold\n+++ open\n^^^ +++\n~~~ quiet",
    "section_start:1560896352:x\r\u{1b}[0Ktravis_fold:start:x\r",
    "\u{9b}2J\u{85}\u{2028}x\u{2029}\u{7f}\u{1b}]0;x\u{7}\u{e0041}",
    "e\u{301}\u{e19}\u{e49}\u{e49}\u{e49}\u{e49}\u{e49}\u{e49}; =1+1",
];

/// A made-up world: denied and granted calls, keys and tokens, all of them with hostile names.
fn hostile_world() -> String {
    let mut records = Vec::new();
    for (at, text) in HOSTILE.iter().enumerate() {
        let id = |kind: &str| format!("{kind}{at:03}-{text}");
        let role = format!("arn:aws:iam::111122223333:role/{text}");
        let time = format!("2026-11-04T10:{at:02}:00Z");
        let token = serde_json::json!({"type": "WebIdentityUser", "principalId": format!("x:{text}"), "userName": format!("repo:{text}"),
            "identityProvider": format!("evil{text}.example")});
        let user = serde_json::json!({"type": "IAMUser", "principalId": format!("AIDAEXAMPLE{at:03}"), "accountId": "111122223333",
            "arn": format!("arn:aws:iam::111122223333:user/{text}"), "accessKeyId": format!("AKIAEXAMPLE{at:03}EXAMPL"), "userName": text});
        for (name, identity, error) in [
            ("AssumeRoleWithWebIdentity", &token, None),
            ("AssumeRoleWithWebIdentity", &token, Some("AccessDenied")),
            ("AssumeRole", &user, None),
            ("AssumeRole", &user, Some("AccessDenied")),
        ] {
            let response = serde_json::json!({"credentials": {"accessKeyId": format!("ASIAEXAMPLE{at:03}{}X", name.len()),
                    "sessionToken": "SECRET-SESSION-TOKEN", "expiration": "Nov 4, 2026, 11:00:00 AM"},
                "subjectFromWebIdentityToken": format!("repo:{text}"), "provider": format!("evil{text}.example"),
                "assumedRoleUser": {"assumedRoleId": format!("AROAEXAMPLE{at:03}:{text}"), "arn": format!("arn:aws:sts::111122223333:assumed-role/{text}/{text}")}});
            records.push(serde_json::json!({"eventVersion": "1.08", "eventID": id(&format!("{name}{}", error.is_some())),
                "eventTime": time, "eventSource": "sts.amazonaws.com", "eventName": name, "awsRegion": "eu-central-1",
                "sourceIPAddress": "192.0.2.7", "userAgent": format!("GitHub-Actions {text}"), "recipientAccountId": "111122223333",
                "readOnly": true, "userIdentity": identity, "errorCode": error,
                "errorMessage": error.map(|_| format!("User: x is not authorized to perform: sts:AssumeRole on resource: {role}")),
                "requestParameters": {"roleArn": role, "roleSessionName": text, "externalId": text,
                    "tags": [{"key": text, "value": text}, {"key": "Repository", "value": text}]},
                "responseElements": if error.is_none() { response } else { Value::Null }}));
        }
    }
    serde_json::json!({ "Records": records }).to_string()
}

fn hostile() -> Audited {
    let mut audited = Audited::text(&hostile_world());
    audited.run.sources = HOSTILE.map(str::to_owned).to_vec();
    audited.names = BTreeMap::from([("111122223333".to_owned(), HOSTILE.concat())]);
    assert!(audited.outcome.findings.len() >= 5, "{}", audited.outcome.findings.len());
    assert!(audited.outcome.lineage.sessions.len() >= HOSTILE.len() && !audited.outcome.lineage.denied.is_empty());
    audited
}

fn is_unseen(c: char) -> bool {
    c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{2066}' | '\u{ffff}'))
}

#[test]
fn no_format_lets_secrets_or_unseen_characters_through() {
    let audited = hostile();
    for format in Format::ALL {
        let text = audited.shown(format);
        assert!(!text.contains("SECRET-SESSION-TOKEN"), "{}", format.name());
        assert!(!text.contains(is_unseen), "{}", format.name());
    }
}

/// Commands that a runner takes wherever they stand in a line.
const ANYWHERE: [&str; 4] = ["##vso[", "##teamcity[", "##any.word[", "##["];

/// Commands that a runner takes at the beginning of a line, after its margin.
const AT_BEGINNING: [&str; 8] =
    ["::", "section_start:", "section_end:", "travis_fold:", "--- ", "+++ ", "~~~ ", "^^^ "];

#[track_caller]
fn commands_no_runner(text: &str, what: &str) {
    for line in text.lines() {
        assert!(!ANYWHERE.iter().any(|command| line.contains(command)), "{what}: {line}");
        assert!(!AT_BEGINNING.iter().any(|command| line.trim_start().starts_with(command)), "{what}: {line}");
    }
    assert!(!text.contains(|c| is_unseen(c) || terminal::is_unsafe(c) && c != '\n'), "{what}: {text}");
}

#[test]
fn no_format_commands_a_pipeline() {
    let audited = hostile();
    for format in Format::ALL {
        let text = audited.shown(format);
        // GitHub's are ours: another test reads them one by one.
        let ours = |line: &str| line.trim_start_matches(':').to_owned() + "\n";
        let text = if format == Format::Github { text.lines().map(ours).collect() } else { text };
        commands_no_runner(&text, format.name());
    }
}

#[test]
fn no_answer_commands_a_pipeline() {
    let audited = hostile();
    let report = audited.report(&audited.outcome.findings);
    let source = Source::new(&report, &Options::default());
    for columns in ["role_session_name", "role_name, role_session_name"] {
        let sql = format!("select {columns} from sessions order by role_session_name");
        let answer = query::run("test", &sql, &Data::Run(&source)).unwrap();
        let (mut csv, mut json) = (Vec::new(), Vec::new());
        answer.write_csv(&mut csv).unwrap();
        answer.write_json(&mut json).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(csv.lines().count(), answer.height() + 1, "a row is a line");
        commands_no_runner(&csv.replace("\r\n", "\n"), "CSV");
        let json = String::from_utf8(json).unwrap();
        commands_no_runner(&json, "JSON");
        let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
        for text in HOSTILE {
            assert!(rows.iter().any(|row| row["role_session_name"] == text), "{text:?} came back as it was");
        }
    }
}

#[test]
fn json_reads_as_the_logs_were() {
    let audited = hostile();
    let document: Value = serde_json::from_str(&audited.shown(Format::Json)).unwrap();
    let lines = audited.shown(Format::Ndjson);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let chains = lines.iter().filter(|line| line["type"] == "chain").collect::<Vec<_>>();
    for text in HOSTILE {
        let of = |chain: &Value| {
            let hop = &chain["hops"][0];
            hop["role_session_name"] == text && hop["session_tags"][text] == text
        };
        assert!(document["chains"].as_array().unwrap().iter().any(of), "{text:?}");
        assert!(chains.iter().any(|chain| of(chain)), "{text:?}");
    }
    assert_eq!(document["run"]["sources"], serde_json::json!(HOSTILE));
}

#[test]
fn no_key_id_leaves_a_redacted_report() {
    let key = "AKIAIOSFODNN7EXAMPLE";
    let mut audited = Audited::text(&hostile_world().replace("deadbeefdeadbeef", &format!("x{key} {key}")));
    audited.run.sources = vec![format!("logs/{key}/x.json")];
    audited.names = BTreeMap::from([("111122223333".to_owned(), format!("of-{key}"))]);
    let report = audited.report(&audited.outcome.findings);
    let options = Options { redact: true, ..Options::default() };
    for format in Format::ALL {
        let mut out = Vec::new();
        report::render(format, &report, &options, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for begins in ["AKIAIOSF", "AKIAEXAMPLE0", "ASIAEXAMPLE0"] {
            assert!(!text.contains(begins), "{}: {begins}", format.name());
        }
    }
    let source = Source::new(&report, &options);
    for shape in tables::TABLES {
        let mut sink = |row: &[frame::Value<'_>]| {
            assert!(!format!("{row:?}").contains("AKIAIOSF"), "{}: {row:?}", shape.table.name);
            Ok(())
        };
        source.rows(shape, &mut sink).unwrap();
    }
}

#[test]
fn hostile_text_forges_no_command() {
    let audited = hostile();
    let text = audited.shown(Format::Github);
    for line in text.lines() {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (level, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&level), "{line}");
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "title"].contains(&name) && !value.contains(':'), "{line}");
        }
        assert!(!message.contains('\r') && !line.contains("##["), "{line}");
        assert!(!message.contains("%0A::"), "no line of a message is a command: {line}");
    }
    // Reports on standard output are read by the same runner.
    for format in [Format::Table, Format::Markdown] {
        for line in audited.shown(format).lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{}: {line}", format.name());
        }
    }
}

/// Takes the code spans out of a line of Markdown, as a renderer would read it.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out += &rest[..at];
        let fence = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let after = &rest[at + fence..];
        // The next run of exactly as many backticks closes the span.
        let mut search = 0;
        let close = loop {
            let next = after[search..].find('`').unwrap_or_else(|| panic!("a span that does not end: {line}")) + search;
            let run = after[next..].len() - after[next..].trim_start_matches('`').len();
            if run == fence {
                break next;
            }
            search = next + run;
        };
        out += "CODE";
        rest = &after[close + fence..];
    }
    out + rest
}

#[test]
fn hostile_text_is_neither_markup_nor_link_nor_mention_in_markdown() {
    let page = hostile().shown(Format::Markdown);
    let mut heads = 0;
    let mut columns = None;
    for line in page.lines() {
        let is_html = line.starts_with("<details>");
        let bare = if is_html { String::new() } else { without_code(line) };
        for foreign in [
            "<script",
            "<img",
            "@",
            "#1",
            "GH-1",
            "http",
            "www.",
            "](",
            "**y",
            "~~",
            "$x",
            ":tada",
            "deadbeef",
            "HYPERLINK",
        ] {
            assert!(!bare.contains(foreign), "{foreign}: {line}");
        }
        if let Some(summary) = line.strip_prefix("<details><summary>") {
            // An HTML block: only our own tags, and every other bracket an entity.
            let mut text = summary.to_owned();
            for tag in ["<b>", "</b>", "<code>", "</code>", "</summary>"] {
                text = text.replace(tag, "");
            }
            assert!(!text.contains(['<', '>']), "{line}");
        }
        // Each row of a table has as many cells as its head: nothing foreign opens another one.
        if bare.starts_with('|') {
            let cells = line.matches(" | ").count();
            heads += usize::from(columns.is_none());
            assert_eq!(*columns.get_or_insert(cells), cells, "{line}");
            assert!(!line.replace(" | ", "").trim_matches('|').contains('|'), "{line}");
        } else {
            columns = None;
        }
    }
    assert!(heads >= 3, "{heads}");
    let opened = page.lines().filter(|line| line.starts_with("<details>")).count();
    assert_eq!(opened, page.lines().filter(|line| *line == "</details>").count());
}

/// Reads XML as strictly as this document needs, and returns the names of its elements.
fn elements(xml: &str) -> Vec<String> {
    assert!(!xml.contains(|c: char| c.is_control() && c != '\n'), "a forbidden character");
    let mut names = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>'), "a bracket in text: {text}");
        for reference in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let name = reference.split(';').next().unwrap();
            assert!(["amp", "lt", "gt", "quot", "#39", "#35", "#58", "#45"].contains(&name), "{reference}");
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split([' ', '/']).next().unwrap().to_owned();
        names.push(name.clone());
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    names
}

#[test]
fn junit_is_well_formed_and_counts_what_it_holds() {
    let expectations = expectations();
    let mut documents: Vec<String> =
        stories().iter().map(|story| Audited::story(story, &expectations).shown(Format::Junit)).collect();
    documents.push(hostile().shown(Format::Junit));
    for xml in documents {
        let names = elements(&xml);
        let count = |name: &str| names.iter().filter(|other| *other == name).count();
        assert_eq!(count("testcase"), audit::RULES.len() + 1);
        let mut counts = String::new();
        for (word, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            let _ = write!(counts, " {word}=\"{}\"", count(element));
        }
        assert!(xml.contains(&format!("<testsuites name=\"rolechain\"{counts}>")), "{counts}");
    }
}

#[test]
fn hostile_text_makes_no_link_and_no_placeholder_in_sarif() {
    let audited = hostile();
    let log = check_sarif(&audited.shown(Format::Sarif), &sarif_schema());
    let mut seen = 0;
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("]("), "{text}");
        assert_eq!(text.replace("{{", "").replace("}}", "").matches(['{', '}']).count(), 0, "{text}");
        assert!(!text.contains(is_unseen), "{text}");
        seen += 1;
    }
    assert!(seen >= 5);
}

#[test]
fn a_ci_run_that_a_key_names_is_a_claim() {
    let session = |name: &str, identity: Value, event: &str, key: &str| {
        serde_json::json!({"eventVersion": "1.11", "eventID": format!("ev-{name}"), "eventTime": "2026-11-12T08:00:05Z",
            "eventSource": "sts.amazonaws.com", "eventName": event, "awsRegion": "eu-central-1", "sourceIPAddress": "192.0.2.7",
            "userAgent": "aws-sdk-js/3.1 md/run_id#19460500918", "recipientAccountId": "222222222222", "readOnly": true,
            "userIdentity": identity,
            "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/deploy", "roleSessionName": name,
                "tags": [{"key": "Repository", "value": "acme/orders"}, {"key": "RunId", "value": "19460500918"}]},
            "responseElements": {"credentials": {"accessKeyId": key, "expiration": "Nov 12, 2026, 9:00:05 AM"},
                "assumedRoleUser": {"assumedRoleId": format!("AROAEXAMPLE:{name}"),
                    "arn": format!("arn:aws:sts::222222222222:assumed-role/deploy/{name}")}}})
    };
    let user = serde_json::json!({"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "222222222222",
        "arn": "arn:aws:iam::222222222222:user/mallory", "accessKeyId": "AKIAEXAMPLEEXAMPLE01", "userName": "mallory"});
    let token = |issuer: &str| {
        serde_json::json!({"type": "WebIdentityUser", "principalId": "x", "userName": "repo:acme/orders:ref:refs/heads/main",
            "identityProvider": format!("arn:aws:iam::222222222222:oidc-provider/{issuer}")})
    };
    let github = "token.actions.githubusercontent.com";
    let records = serde_json::json!({"Records": [
        session("by-key", user, "AssumeRole", "ASIAEXAMPLEEXAMPLE01"),
        session("by-other", token("oidc.evil.example"), "AssumeRoleWithWebIdentity", "ASIAEXAMPLEEXAMPLE02"),
        session("by-token", token(github), "AssumeRoleWithWebIdentity", "ASIAEXAMPLEEXAMPLE03"),
    ]});
    let audited = Audited::text(&records.to_string());
    let document: Value = serde_json::from_str(&audited.shown(Format::Json)).unwrap();
    let mut bases: Vec<(&str, &str)> = Vec::new();
    for chain in document["chains"].as_array().unwrap() {
        assert_eq!(chain["ci_run"]["run_id"], "19460500918");
        bases.push((
            chain["hops"][0]["role_session_name"].as_str().unwrap(),
            chain["ci_run"]["basis"].as_str().unwrap(),
        ));
    }
    bases.sort_unstable();
    assert_eq!(bases, [("by-key", "claimed"), ("by-other", "claimed"), ("by-token", "proved")]);
    let report = audited.report(&audited.outcome.findings);
    for chain in &audited.outcome.lineage.chains {
        let mut out = Vec::new();
        let things = chain.path.iter().copied().map(Thing::Session).collect();
        let found = Found { id: chain.id.to_string(), means: Means::Chain, things };
        report::trace::write(&report, &found, &Options::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let is_proved = text.contains("by-token");
        assert_eq!(text.contains("\nCI run  https"), is_proved, "{text}");
        assert_eq!(text.contains("\nclaims CI run  https"), !is_proved, "{text}");
    }
}
