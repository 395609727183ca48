//! The page: whole, safe, bounded, and the same for every story as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use rolechain::expect::Expectations;
use rolechain::model::acceptance::{Acceptance, AcceptedBy};
use rolechain::model::chains::Chains;
use rolechain::model::finding::{Basis, Confidence, Evidence, Finding, Severity, Status};
use rolechain::model::time::Timestamp;
use rolechain::pipeline::{self, Outcome, Plan, Silent};
use rolechain::report::{self, Format, Options, Report, RunInfo};
use sha2::{Digest as _, Sha256};

use crate::support::markup::{Piece, pieces};
use crate::support::stories::all;

/// What a page of 10,000 findings may weigh. Measured: see `docs/html-report.md`.
const LIMIT_10_000: usize = 5_500_000;

struct World {
    outcome: Outcome,
    run: RunInfo,
    names: BTreeMap<String, String>,
}

impl World {
    fn of(outcome: Outcome, source: &str) -> Self {
        let run = RunInfo {
            version: "0.0.0".to_owned(),
            sources: vec![source.to_owned()],
            expectations: Some("sample-logs/rolechain.toml".to_owned()),
            assurance: outcome.assurance.clone(),
            ..RunInfo::default()
        };
        let names = [("111111111111", "tooling"), ("222222222222", "prod"), ("333333333333", "staging")];
        Self { outcome, run, names: names.map(|(id, name)| (id.to_owned(), name.to_owned())).into() }
    }

    /// Reads and judges a story, with the expectations that all stories share.
    fn story(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(root.join("sample-logs/rolechain.toml")).unwrap();
        let expectations = Expectations::parse("rolechain.toml", &text, &rolechain::audit::rule_ids()).unwrap();
        let source = format!("sample-logs/{name}");
        let sources = vec![root.join(&source).to_string_lossy().into_owned()];
        let plan = Plan { sources, expectations, ..Plan::default() };
        Self::of(pipeline::run(&plan, &Silent).unwrap(), &source)
    }

    fn text(records: &str) -> Self {
        Self::of(pipeline::audit_text(records, &Expectations::default()), "text")
    }

    fn page(&self) -> String {
        self.page_with(&Options::default())
    }

    fn page_with(&self, options: &Options) -> String {
        let report = Report {
            lineage: &self.outcome.lineage,
            findings: &self.outcome.findings,
            run: &self.run,
            account_names: &self.names,
            integrity: None,
            ci: None,
        };
        let mut out = Vec::new();
        report::render(Format::Html, &report, options, &mut out).unwrap();
        String::from_utf8(out).unwrap().replace(&format!("{}/", env!("CARGO_MANIFEST_DIR")), "")
    }
}

fn texts(page: &str) -> String {
    let pieces = pieces(page);
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// Checks all that holds for every page, and returns its pieces.
fn checked(page: &str) -> Vec<Piece> {
    let pieces = pieces(page);
    let mut ids = BTreeSet::new();
    let mut level = 0;
    for piece in &pieces {
        let Piece::Open(name, attributes) = piece else { continue };
        assert!(
            !["img", "iframe", "object", "embed", "link", "base", "form", "input", "audio", "video"]
                .contains(&name.as_str()),
            "<{name}> has no place on the page"
        );
        for (key, value) in attributes {
            assert!(!key.starts_with("on") && !["style", "src", "srcset", "action"].contains(&key.as_str()), "{key}");
            if key == "href" {
                assert!(value.starts_with('#') || value.starts_with("https://"), "{value}");
                assert!(value.starts_with('#') || attributes["rel"] == "noopener noreferrer", "{value}");
            }
            if key == "id" {
                assert!(ids.insert(value.clone()), "{value} twice");
            }
        }
        if name == "th" {
            assert!(attributes.contains_key("scope"));
        }
        if let Some(digit) = name.strip_prefix('h').and_then(|digit| digit.parse::<u32>().ok()) {
            assert!(digit <= level + 1, "h{digit} after h{level}");
            level = digit;
        }
    }
    for piece in &pieces {
        let Piece::Open(_, attributes) = piece else { continue };
        let named = ["aria-labelledby"].iter().filter_map(|key| attributes.get(*key)).flat_map(|ids| ids.split(' '));
        let linked = attributes.get("href").and_then(|href| href.strip_prefix('#'));
        for id in named.chain(linked) {
            assert!(ids.contains(id), "nothing is called {id}");
        }
    }
    let policy = policy(&pieces);
    let style = style(page);
    assert!(
        !style.contains("http") && !style.contains("@import") && !style.replace("url(#stripes)", "").contains("url(")
    );
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let hashes: Vec<Vec<u8>> =
        policy.split('\'').filter_map(|part| part.strip_prefix("sha256-")).map(decoded).collect();
    let script = script(page);
    assert_eq!(hashes, [Sha256::digest(style).to_vec(), Sha256::digest(script).to_vec()], "the policy names others");
    assert_eq!(page.matches("<script").count(), 1, "one script, and it is ours");
    for word in ["innerHTML", "eval", "fetch", "http", "import(", "document.write"] {
        assert!(!script.contains(word), "{word}");
    }
    pieces
}

fn policy(pieces: &[Piece]) -> String {
    let policies: Vec<&String> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Open(_, attributes) if attributes.get("http-equiv").is_some() => attributes.get("content"),
            _ => None,
        })
        .collect();
    assert_eq!(policies.len(), 1);
    policies[0].clone()
}

fn style(page: &str) -> &str {
    let (_, rest) = page.split_once("<style>").unwrap();
    rest.split_once("</style>").unwrap().0
}

fn script(page: &str) -> &str {
    let (_, rest) = page.split_once("<script>").unwrap();
    rest.split_once("</script>").unwrap().0
}

fn decoded(base64: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = String::new();
    for digit in base64.trim_end_matches('=').chars() {
        write!(bits, "{:06b}", alphabet.find(digit).unwrap()).unwrap();
    }
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}

/// What is on a page, in few lines: headings, captions with the number of rows and the first of them, sentences, and
/// how much is drawn.
fn outline(page: &str) -> String {
    let mut out = String::new();
    let mut stack: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut rows = 0;
    for piece in checked(page) {
        match piece {
            Piece::Open(name, attributes) => {
                if name == "tr" {
                    rows += 1;
                    line.clear();
                } else if name == "svg" {
                    writeln!(out, "  drawing {}", attributes["viewBox"]).unwrap();
                } else if ["h1", "h2", "h3", "h4", "h5", "p", "caption", "summary", "figcaption"]
                    .contains(&name.as_str())
                {
                    line.clear();
                }
                if !["meta"].contains(&name.as_str()) {
                    stack.push(name);
                }
            }
            Piece::Text(text)
                if !stack.iter().any(|name| name == "style" || name == "script" || name == "nav" || name == "svg") =>
            {
                line.push_str(&text);
            }
            Piece::Text(_) => {}
            Piece::Close(name) => {
                stack.pop();
                let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
                let words: String = words.chars().take(110).collect();
                match name.as_str() {
                    "h1" | "h2" | "h3" | "h4" | "h5" => writeln!(out, "{name} {words}").unwrap(),
                    "caption" => {
                        writeln!(out, "  table: {words}").unwrap();
                        rows = 0;
                    }
                    "th" | "td" => line.push_str(" | "),
                    "tr" if rows <= 2 => writeln!(out, "    {words}").unwrap(),
                    "table" => writeln!(out, "    rows: {}", rows - 1).unwrap(),
                    "p" => writeln!(out, "  {words}").unwrap(),
                    _ => {}
                }
            }
        }
    }
    out
}

/// The outlines that a person has read: findings of one role, defects, denied calls and keys, and a page with everything.
/// What must hold of every page holds of the other stories, too.
const OUTLINES: [&str; 4] = ["04-vendor-without-external-id", "11-broken-files", "12-denied", "13-intrusion"];

#[test]
fn the_page_of_a_story_has_this_outline() {
    for story in all() {
        let outline = outline(&World::story(story.name).page());
        if OUTLINES.contains(&story.name) {
            let golden = format!("golden/html/{}.txt", story.name);
            expect_file![golden.as_str()].assert_eq(&outline);
        }
    }
}

#[test]
fn the_page_of_a_quiet_story_is_this() {
    let page = World::story("01-healthy").page();
    let mut shown = page.replace(style(&page), "…").replace(script(&page), "…");
    for hash in policy(&pieces(&page)).split('\'').filter(|part| part.starts_with("sha256-")) {
        shown = shown.replace(hash, "sha256-…");
    }
    expect_file!["golden/html/01-healthy.html"].assert_eq(&shown);
}

#[test]
fn an_empty_page_says_so() {
    let mut world = World::text("{\"Records\":[]}");
    world.outcome.findings.clear();
    world.run.expectations = None;
    world.names.clear();
    let page = world.page();
    checked(&page);
    let texts = texts(&page);
    for words in ["Nothing was judged", "No role was assumed.", "No record has a time.", "No record was read."] {
        assert!(texts.contains(words), "{words}");
    }
    assert!(!texts.contains("✓ effective"), "nothing was tested");
}

#[test]
fn only_the_run_differs_between_two_runs() {
    let mut world = World::story("13-intrusion");
    let first = world.page();
    assert_eq!(first, world.page());
    world.run.started_at = Timestamp::parse_iso("2026-11-21T07:30:00Z");
    world.run.finished_at = Timestamp::parse_iso("2026-11-21T07:31:00Z");
    let later = world.page();
    let without: Vec<&str> =
        later.lines().filter(|line| !line.contains("2026-11-21T07:3") && *line != "<dt>Run</dt>").collect();
    assert_eq!(first.lines().collect::<Vec<_>>(), without);
}

/// A world whose every foreign text tries to be something else.
const HOSTILE: &str = r#"{"Records":[
 {"eventVersion":"1.08","eventID":"e1<b>","eventTime":"2026-11-04T10:00:00Z","eventSource":"sts.amazonaws.com",
  "eventName":"AssumeRoleWithWebIdentity","awsRegion":"eu\"><svg onload=alert(1)>","sourceIPAddress":"192.0.2.7",
  "userAgent":"</code></td><script>alert('agent')</script>","recipientAccountId":"111122223333","readOnly":true,
  "userIdentity":{"type":"WebIdentityUser","principalId":"x:sub","userName":"repo:a/b:ref:refs/heads/\"><img src=x onerror=alert(1)>\u202e",
   "identityProvider":"javascript:alert(1)"},
  "requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/<script>alert(1)</script>","roleSessionName":"a'\" onmouseover=\"alert(1)\u202eb\u200b\nc"},
  "responseElements":{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"SECRET-SESSION-TOKEN","expiration":"Nov 4, 2026, 11:00:00 AM"},
   "subjectFromWebIdentityToken":"repo:a/b:ref:refs/heads/\"><img src=x onerror=alert(1)>\u202e","audience":"<i>","provider":"token.actions.githubusercontent.com",
   "assumedRoleUser":{"assumedRoleId":"AROAIOSFODNN7EXAMPLE:a'\" onmouseover=\"alert(1)\u202eb\u200b\nc","arn":"arn:aws:sts::111122223333:assumed-role/<script>alert(1)</script>/a"}}},
 {"eventVersion":"1.08","eventID":"e2&amp;","eventTime":"2026-11-04T10:05:00Z","eventSource":"\"/><script>alert(2)</script>.amazonaws.com",
  "eventName":"<b>Put</b>","awsRegion":"eu-central-1","sourceIPAddress":"<u>","userAgent":"\u009b31m<script>","recipientAccountId":"111122223333","readOnly":false,
  "userIdentity":{"type":"AssumedRole","principalId":"AROAIOSFODNN7EXAMPLE:a'\" onmouseover=\"alert(1)\u202eb\u200b\nc",
   "arn":"arn:aws:sts::111122223333:assumed-role/<script>alert(1)</script>/a","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE",
   "sessionContext":{"attributes":{"creationDate":"2026-11-04T10:00:00Z"},"sessionIssuer":{"type":"Role","principalId":"AROAIOSFODNN7EXAMPLE","arn":"arn:aws:iam::111122223333:role/<script>alert(1)</script>","accountId":"111122223333"}}}},
 {"eventVersion":"1.08","eventID":"e3","eventTime":"2026-11-04T10:06:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole",
  "awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.9","userAgent":"Mozilla/<style>*{display:none}</style>","recipientAccountId":"111122223333","readOnly":true,
  "userIdentity":{"type":"IAMUser","principalId":"AIDAIOSFODNN7EXAMPLE","arn":"arn:aws:iam::111122223333:user/</th><script>alert(3)</script>","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"x"},
  "requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/a\u2028b","roleSessionName":"--><script>alert(4)</script>"},
  "responseElements":{"credentials":{"accessKeyId":"ASIAIOSFODNN8EXAMPLE","sessionToken":"SECRET-SESSION-TOKEN","expiration":"Nov 4, 2026, 11:00:00 AM"},
   "assumedRoleUser":{"assumedRoleId":"AROAIOSFODNN8EXAMPLE:--><script>alert(4)</script>","arn":"arn:aws:sts::111122223333:assumed-role/b/x"}}},
 {"eventVersion":"1.08","eventID":"e4","eventTime":"2026-11-04T10:07:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole",
  "awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.9","userAgent":"x","recipientAccountId":"111122223333","readOnly":true,"errorCode":"<h1>AccessDenied",
  "errorMessage":"User: arn:aws:iam::111122223333:user/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/<marquee>",
  "userIdentity":{"type":"IAMUser","principalId":"AIDAIOSFODNN7EXAMPLE","arn":"arn:aws:iam::111122223333:user/</th><script>alert(3)</script>","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"x"},
  "requestParameters":null,"responseElements":null}]}"#;

#[test]
fn foreign_text_neither_runs_nor_hides_nor_forges() {
    let mut world = World::text(HOSTILE);
    world.run.sources = vec!["<script>source</script>\u{202e}".to_owned()];
    world.names.insert("111122223333".to_owned(), "</th></table><h2>Verdict</h2>\u{202d}".to_owned());
    let mut forged = finding(1);
    forged.title = "</h5><script>alert(5)</script>".to_owned();
    forged.fingerprint = "rc1:\"><script>".to_owned();
    forged.references = vec!["javascript:alert(6)".to_owned(), "https://example.com/\"onclick=\"x".to_owned()];
    forged.key = BTreeMap::from([("<script>".to_owned(), "\" autofocus onfocus=\"alert(7)".to_owned())]);
    forged.evidence[0].object = Some("<script>object</script>".to_owned());
    world.outcome.findings.push(forged);
    let mut excepted = finding(2);
    excepted.status = Status::Excepted;
    let day = |text: &str| Timestamp::parse_iso(text).unwrap();
    excepted.exception = Some(Acceptance {
        by: AcceptedBy::Baseline,
        reason: "<script>reason</script>".to_owned(),
        owner: "octavia".to_owned(),
        ticket: None,
        created: day("2026-11-01T00:00:00Z"),
        last_day: day("2026-12-31T00:00:00Z"),
        days_left: Some(50),
    });
    world.outcome.findings.push(excepted);
    let page = world.page();
    let pieces = checked(&page);
    assert!(!page.contains("SECRET"));
    assert!(
        page.chars()
            .all(|c| c == '\n' || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{2028}')))
    );
    let verdicts = pieces.iter().filter(|piece| **piece == Piece::Text("Verdict".to_owned())).count();
    assert_eq!(verdicts, 2, "the heading and the way to it: no name makes another");
    let all: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Open(_, attributes) => attributes.values().cloned().collect::<Vec<_>>().join(" "),
            Piece::Close(_) => String::new(),
        })
        .collect();
    for shown in [
        "\"><img src=x onerror=alert(1)>\\u{202e}",
        "\"/><script>alert(2)</script>",
        "</th><script>alert(3)</script>",
        "</h5><script>alert(5)</script>",
        "javascript:alert(6)",
        "\" autofocus onfocus=\"alert(7)",
        "<script>object</script>",
        "<script>reason</script>",
        "<script>source</script>\\u{202e}",
        "<h1>AccessDenied",
        "<marquee>",
        "Mozilla/<style>*{display:none}</style>",
    ] {
        assert!(all.contains(shown), "shown as it is, not dropped: {shown}");
    }
}

#[test]
fn redaction_reaches_every_part_of_the_page() {
    for story in ["05-long-lived-key-in-ci", "06-unfinished-migration", "10-key-collision"] {
        let page =
            World::story(story).page_with(&Options { redact: true, include_services: true, ..Options::default() });
        checked(&page);
        for (at, _) in page.match_indices("AKIA").chain(page.match_indices("ASIA")) {
            let tail = page[at..].chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit()).count();
            assert!(tail < 16, "{story}: {}", &page[at..at + tail]);
        }
    }
}

fn finding(number: usize) -> Finding {
    let severities = Severity::WORST_FIRST;
    let rules = rolechain::audit::RULES;
    let time = Timestamp(1_793_606_400 + i64::try_from(number).unwrap());
    Finding {
        rule: rules[number % 7].id,
        severity: severities[number % 5],
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("acme-evil/orders-{number} came to ci/ci-deploy-role, which belongs to acme/orders"),
        message: "At 2026-11-08T21:20:03Z, a token of acme-evil/orders led through ci/gha-orders-prod to role \
            ci/ci-deploy-role of account prod (222222222222). The expectations give the role to acme/orders."
            .to_owned(),
        remediation:
            "Give acme-evil/orders an entry role of its own, and let the deploy role trust only the entry role \
            of acme/orders."
                .to_owned(),
        references: vec!["T1078.004".to_owned()],
        key: BTreeMap::from([("repository".to_owned(), format!("acme-evil/orders-{number}"))]),
        fingerprint: format!("rc1:{number:032x}"),
        count: 3,
        first_seen: Some(time),
        last_seen: Some(time),
        chain_ids: Chains::default(),
        listed_chains: 0,
        evidence: (0..5)
            .map(|at| Evidence {
                event_time: Some(time),
                event_id: Some(format!("4bd2a6f6-dddc-49e6-ba7d-{number:08}{at:04}")),
                object: Some(format!(
                    "AWSLogs/o-exampleorgid/111111111111/CloudTrail/eu-central-1/2026/11/04/{number}.json.gz"
                )),
            })
            .collect(),
        regraded_from: None,
        status: Status::New,
        exception: None,
    }
}

#[test]
fn ten_thousand_findings_fit_and_more_are_counted() {
    let mut world = World::story("01-healthy");
    world.outcome.findings = (0..11_500).map(finding).collect();
    world.outcome.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let page = world.page();
    let pieces = checked(&page);
    assert!(page.len() < LIMIT_10_000, "{} bytes", page.len());
    let is_in_full = |piece: &&Piece| {
        matches!(piece, Piece::Open(name, attributes)
            if name == "details" && attributes.get("class").is_some_and(|class| class.starts_with("finding ")))
    };
    assert_eq!(pieces.iter().filter(is_in_full).count(), 1_000);
    let named = pieces.iter().filter(|piece| {
        matches!(piece, Piece::Open(_, attributes) if attributes.get("id").is_some_and(|id| id.starts_with("f-rc1") && !id.ends_with("-t")))
    });
    assert_eq!(named.count(), 10_000);
    let stated: usize = texts(&page)
        .split("… and ")
        .filter_map(|part| part.split_once(" more findings of this group"))
        .map(|(number, _)| number.replace(',', "").parse::<usize>().unwrap())
        .sum();
    assert_eq!(stated, 1_500, "what is not on the page is counted");
}

/// Findings of one rule about one repository: one group.
fn alike(count: usize) -> Vec<Finding> {
    let key = BTreeMap::from([("repository".to_owned(), "acme-evil/orders".to_owned())]);
    let like = |number| Finding {
        rule: "long-lived-key-in-ci",
        severity: Severity::Medium,
        key: key.clone(),
        ..finding(number)
    };
    (0..count).map(like).collect()
}

#[test]
fn many_findings_of_one_kind_are_folded_and_each_has_its_place() {
    for (count, in_full, folds) in [(0, 0, 0), (40, 40, 0), (41, 40, 1), (2_000, 40, 20)] {
        let mut world = World::story("01-healthy");
        world.outcome.findings = alike(count);
        let pieces = checked(&world.page());
        let classes = pieces.iter().filter_map(|piece| match piece {
            Piece::Open(name, attributes) if name == "details" => Some((attributes.get("class")?.as_str(), attributes)),
            _ => None,
        });
        let of = |class: &'static str| classes.clone().filter(move |(own, _)| own.split(' ').next() == Some(class));
        let named = pieces.iter().filter(|piece| {
            matches!(piece, Piece::Open(_, attributes) if attributes.get("id").is_some_and(|id| id.starts_with("f-rc1")))
        });
        assert_eq!((of("finding").count(), of("group").count()), (in_full, usize::from(count > 0)), "{count}");
        assert_eq!((of("lines").count(), named.count()), (folds, count), "{count}");
        let is_closed = |class: &'static str| of(class).all(|(_, attributes)| !attributes.contains_key("open"));
        assert!(is_closed("group") && is_closed("lines"), "{count}");
        assert_eq!(
            of("finding").filter(|(_, attributes)| attributes.contains_key("open")).count(),
            usize::from(count > 0)
        );
    }
}

#[test]
fn what_the_logs_name_in_full_is_linked_and_what_they_claim_is_not() {
    let links = |story: &str| -> BTreeSet<String> {
        let opened = |piece: Piece| match piece {
            Piece::Open(_, attributes) => attributes.get("href").cloned(),
            _ => None,
        };
        checked(&World::story(story).page()).into_iter().filter_map(opened).collect()
    };
    let intrusion = links("13-intrusion");
    for start in [
        "https://eu-central-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1#/events/",
        "https://console.aws.amazon.com/iam/home#/roles/details/ci-deploy-role",
        "https://github.com/acme/orders/actions/runs/",
        "https://github.com/acme/orders",
    ] {
        assert!(intrusion.iter().any(|link| link.starts_with(start)), "{start}: {intrusion:?}");
    }
    // A key that names a run proves nothing.
    let keys = links("05-long-lived-key-in-ci");
    assert!(!keys.iter().any(|link| link.contains("/actions/runs/")), "{keys:?}");
}

#[test]
fn what_was_not_seen_at_a_time_has_no_question_mark() {
    let page = World::story("11-broken-files").page();
    let (_, rest) = page.split_once("<section id=\"findings\"").unwrap();
    let (findings, _) = rest.split_once("</section>").unwrap();
    assert!(!findings.contains(">?") && !findings.contains(" ?"), "{findings}");
}

#[test]
fn what_changed_is_said_when_runs_are_remembered() {
    let mut world = World::story("01-healthy");
    world.outcome.findings = (0..5).map(finding).collect();
    assert!(texts(&world.page()).contains("every finding counts as new"));
    let statuses = [Status::New, Status::Reopened, Status::Dormant, Status::Ongoing, Status::Excepted];
    for (finding, status) in world.outcome.findings.iter_mut().zip(statuses) {
        finding.status = status;
    }
    let page = world.page();
    checked(&page);
    let texts = texts(&page);
    for words in ["1 new, 1 reopened, 1 dormant; 1 finding as before.", "4 findings:", "1 finding accepted by"] {
        assert!(texts.contains(words), "{words}");
    }
}

#[test]
fn a_named_account_without_a_record_is_a_row_of_zeros() {
    let mut world = World::story("01-healthy");
    world.names.insert("555555555555".to_owned(), "forgotten".to_owned());
    let page = world.page();
    checked(&page);
    assert!(page.contains("<th scope=\"row\">555555555555 forgotten</th><td class=\"q0\">0</td>"));
    assert!(texts(&page).contains("No record at all"));
}

#[test]
fn totals_add_up_in_every_story_and_window() {
    for story in all() {
        for since in [None, Timestamp::parse_iso("2026-11-06T09:20:00Z"), Timestamp::parse_iso("2026-11-10T00:00:00Z")]
        {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs").join(story.name);
            let mut plan = Plan { sources: vec![source.to_string_lossy().into_owned()], ..Plan::default() };
            plan.filter.since = since;
            let mut world = World::of(pipeline::run(&plan, &Silent).unwrap(), story.name);
            world.run.since = since;
            let page = world.page();
            checked(&page);
            let texts = texts(&page);
            assert!(
                texts.contains("Where a total and its parts were counted independently"),
                "{} {since:?}",
                story.name
            );
        }
    }
}

#[test]
fn a_control_is_effective_only_when_something_whole_was_tested() {
    let effective = |world: &World| texts(&world.page()).matches("✓ effective").count();
    let mut world = World::story("01-healthy");
    world.outcome.findings.clear();
    let with = effective(&world);
    world.run.expectations = None;
    assert!(with > 0 && effective(&world) < with, "without expectations less is testable");
    let mut broken = World::story("11-broken-files");
    broken.outcome.findings.clear();
    assert_eq!(effective(&broken), 0, "a population that is not whole proves nothing");
}
