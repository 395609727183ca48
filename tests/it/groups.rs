//! Groups of findings: each holds what one actor did or one cause brought about, and many of one rule hide no other.

use std::collections::BTreeMap;

use rolechain::job::Job;
use rolechain::model::chains::Chains;
use rolechain::model::finding::Basis;
use rolechain::model::finding::Confidence;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::model::finding::Status;
use rolechain::model::time::Timestamp;
use rolechain::pipeline::Silent;
use rolechain::report;
use rolechain::report::Format;
use rolechain::report::Options;

use crate::program::program;

fn finding(number: usize, rule: &'static str, repository: &str, severity: Severity) -> Finding {
    let time = Some(Timestamp(1_793_606_400 + i64::try_from(number).unwrap()));
    Finding {
        rule,
        severity,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: format!("{repository} did thing {number}"),
        message: "It did.".to_owned(),
        remediation: "Ask.".to_owned(),
        references: Vec::new(),
        key: BTreeMap::from([("repository".to_owned(), repository.to_owned())]),
        fingerprint: format!("rc1:{number:032x}"),
        count: 1,
        first_seen: time,
        last_seen: time,
        chain_ids: Chains::default(),
        listed_chains: 0,
        evidence: Vec::new(),
        regraded_from: None,
        status: Status::New,
        exception: None,
    }
}

fn shown(findings: Vec<Finding>, all: bool) -> String {
    let mut audited = Job::over(["sample-logs/01-healthy"]).audit(&Silent).unwrap();
    audited.outcome.findings = findings;
    audited.outcome.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let options = Options { width: 100, all, ..Options::default() };
    let mut out = Vec::new();
    report::render(Format::Table, &audited.report(), &options, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap().replace('\u{a0}', " ");
    let (_, text) = text.split_once("\nFINDINGS").unwrap();
    text.split_once("\nROUTES").unwrap().0.to_owned()
}

#[test]
fn two_thousand_findings_of_one_rule_are_grouped_by_actor_and_hide_no_other_rule() {
    let of =
        |number: usize| finding(number, "cross-repo-deploy", &format!("acme/r{}", number % 20), Severity::Critical);
    let mut findings: Vec<Finding> = (0..2_000).map(of).collect();
    findings.push(finding(9_000, "idle-session", "acme/other", Severity::Low));
    let text = shown(findings.clone(), false);
    assert!(text.contains("2,001 findings in 21 groups"), "{text}");
    // The newest three actors, each with its hundred.
    for actor in ["acme/r19", "acme/r18", "acme/r17"] {
        assert!(text.contains(&format!("CRITICAL  {actor} did thing")), "{actor}\n{text}");
    }
    assert_eq!(text.matches("+ 91 more (--all)").count(), 3, "{text}");
    assert!(text.contains("… and 17 more groups of cross-repo-deploy, 1,700 findings (--all shows all)"), "{text}");
    assert!(text.contains("LOW       acme/other did thing 9000"), "{text}");
    assert_eq!(shown(findings, true).matches(" did thing ").count(), 2_001);
}

#[test]
fn of_more_actors_than_anybody_reads_the_newest_have_groups() {
    let of = |number: usize| finding(number, "cross-repo-deploy", &format!("acme/r{number}"), Severity::Critical);
    let text = shown((0..2_000).map(of).collect(), false);
    assert!(text.contains("2,000 findings in 21 groups"), "{text}");
    assert!(text.contains("… and 18 more groups of cross-repo-deploy, 1,997 findings"), "{text}");
    // A few are all shown.
    let text = shown((0..4).map(of).collect(), false);
    assert!(text.contains("FINDINGS") || text.contains("4 findings, the worst"), "{text}");
    assert_eq!(text.matches("CRITICAL").count(), 4, "{text}");
}

#[test]
fn an_intrusion_by_three_is_three_groups() {
    let output = program()
        .args(["audit", "sample-logs/13-intrusion", "--all", "-q"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "120")
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let (_, text) = text.split_once("\nFINDINGS").unwrap();
    let text = text.split_once("\nROUTES").unwrap().0;
    // Each group ends with its command.
    let mut groups: Vec<String> = vec![String::new()];
    for line in text.lines() {
        let group = groups.last_mut().unwrap();
        group.push_str(line);
        group.push('\n');
        if line.trim_start().starts_with("rolechain trace") {
            groups.push(String::new());
        }
    }
    let of = |chain: &str| groups.iter().find(|group| group.contains(&format!("rolechain trace {chain}"))).unwrap();
    let rules = |group: &str, rules: &[&str], others: &[&str]| {
        assert!(rules.iter().all(|rule| group.contains(&format!("{rule} · "))), "{rules:?}\n{group}");
        assert!(others.iter().all(|rule| !group.contains(&format!("{rule} · "))), "{others:?}\n{group}");
    };
    let (stranger, namesake) =
        (["foreign-owner-subject", "cross-repo-deploy", "unexpected-subject"], ["repository-identity-changed"]);
    let doors = ["trust-policy-changed", "identity-provider-changed"];
    rules(of("ch-efafbc8ce3caa9f0"), &stranger, &[&namesake[..], &doors].concat());
    rules(of("ch-4efbab711476eeb3"), &namesake, &[&stranger[..], &doors].concat());
    // Whoever changed the doors is led to, and not who came in later.
    rules(of("ch-b4c8f7d1fd27d6c3"), &doors, &[&stranger[..], &namesake].concat());
    assert!(of("ch-b4c8f7d1fd27d6c3").contains("bob@acme.example → sso/PlatformAdmin (tooling)"));
}
