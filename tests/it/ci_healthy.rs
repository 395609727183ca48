//! Healthy pipelines are quiet, whatever part of their evidence is here: thousands of runs of every kind, and no finding about
//! CI.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use rolechain::audit;
use rolechain::ci::Facts;
use rolechain::expect::Expectations;
use rolechain::join;
use rolechain::join::Grade;
use rolechain::join::Joined;
use rolechain::model::finding::Persona;
use rolechain::model::time::Timestamp;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;

use crate::support::evidence::Run;
use crate::support::evidence::company;
use crate::support::evidence::company::Company;
use crate::support::evidence::company::KINDS;
use crate::support::evidence::pulls;
use crate::support::evidence::rest;

/// So many rounds of all kinds.
const ROUNDS: usize = 60;

fn outcome(company: &Company) -> Outcome {
    let records: Vec<String> = company.org.records().into_iter().map(|record| record.json).collect();
    pipeline::audit_text(&format!("{{\"Records\":[{}]}}", records.join(",")), &Expectations::default())
}

fn facts(files: &BTreeMap<String, String>) -> Arc<Facts> {
    let mut facts = Facts::default();
    for (name, text) in files.iter().filter(|(_, text)| !text.is_empty()) {
        facts.read(name, text.as_bytes()).unwrap();
    }
    facts.settle();
    for file in &facts.files {
        assert!(file.defects.is_empty() && !file.holds.contains_key("values of other kinds"), "{file:?}");
    }
    Arc::new(facts)
}

/// Joins the logs with evidence, and returns what is said about CI: a rule with a title.
fn said(outcome: &Outcome, files: &BTreeMap<String, String>) -> (Joined, Vec<String>) {
    let joined = join::join(&outcome.lineage, facts(files));
    let known = audit::Known { ci: Some(&joined), ..audit::Known::default() };
    let findings = audit::audit(&outcome.lineage, &Expectations::default(), known);
    let theme = audit::rule("ci-run-deleted").unwrap().theme.title();
    // Facts for auditors call for nothing.
    let counts = |rule: &audit::Rule| rule.theme.title() == theme && rule.persona != Persona::Auditor;
    let of_ci = findings.iter().filter(|finding| counts(audit::rule(finding.rule).unwrap()));
    let told = of_ci
        .map(|finding| format!("{} {} × {}: {}", finding.severity.name(), finding.rule, finding.count, finding.message))
        .collect();
    (joined, told)
}

/// What GitHub would have said at a time: what was not yet is not there.
fn as_of(runs: &[Run], time: Timestamp) -> Vec<Run> {
    let mut found: Vec<Run> = runs.iter().filter(|run| run.created <= time).cloned().collect();
    for run in &mut found {
        run.attempts.retain(|attempt| attempt.started <= time);
        run.approvals.retain(|(_, _, at)| *at <= time);
        for attempt in &mut run.attempts {
            attempt.jobs.retain(|job| job.started <= time);
            for job in &mut attempt.jobs {
                job.ended = job.ended.filter(|ended| *ended <= time);
            }
        }
    }
    found
}

fn kept(runs: &[Run], keep: impl Fn(&Run) -> bool) -> Vec<Run> {
    runs.iter().filter(|run| keep(run)).cloned().collect()
}

fn without(mut files: BTreeMap<String, String>, prefix: &str) -> BTreeMap<String, String> {
    files.retain(|name, _| !name.starts_with(prefix));
    files
}

/// The runs as `gh api --jq '.workflow_runs[]'` prints them: nobody counts them.
fn uncounted(files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let lines = |text: String| {
        let pages: serde_json::Value = serde_json::from_str(&text).unwrap();
        let runs = pages.as_array().unwrap().iter().flat_map(|page| page["workflow_runs"].as_array().unwrap());
        rest::lines(runs)
    };
    let changed =
        |(name, text): (String, String)| if name.starts_with("runs-") { (name, lines(text)) } else { (name, text) };
    files.into_iter().map(changed).collect()
}

#[test]
fn every_kind_of_run_is_joined_and_quiet() {
    let company = company::company(ROUNDS * KINDS.len());
    let outcome = outcome(&company);
    for by_day in [false, true] {
        for audit_log in [false, true] {
            let (joined, said) = said(&outcome, &company::exported(&company.runs, by_day, audit_log));
            assert_eq!(said, Vec::<String>::new(), "by day: {by_day}, audit log: {audit_log}");
            let grades = joined.by_grade();
            let count = |grade| grades.get(&grade).copied().unwrap_or_default();
            // The three jobs of a matrix run at the same time: the run is certain, the job is not. A repository that has
            // another name now, where nothing has an id, may be any.
            assert_eq!(count(Grade::Strong), 3 * ROUNDS, "{grades:?}");
            assert_eq!(count(Grade::Unknown), ROUNDS, "{grades:?}");
            assert_eq!(count(Grade::Exact) + 4 * ROUNDS, joined.links.len(), "{grades:?}");
            assert!(joined.links.len() >= ROUNDS * (KINDS.len() + 2), "{grades:?}");
        }
    }
}

#[test]
fn evidence_that_is_not_whole_accuses_nobody() {
    let company = company::company(ROUNDS * KINDS.len());
    let outcome = outcome(&company);
    let runs = &company.runs;
    let third = |part: usize| runs[runs.len() * part / 3].created;
    let whole = company::exported(runs, false, true);
    let mut cases: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    let mut case = |name: &str, files: BTreeMap<String, String>| cases.push((name.to_owned(), files));
    for audit_log in [false, true] {
        let exported = |runs: &[Run]| company::exported(runs, false, audit_log);
        case("ends before the logs", exported(&as_of(runs, third(2))));
        case("ends before the logs, in days", company::exported(&as_of(runs, third(2)), true, audit_log));
        case("begins after the logs", exported(&kept(runs, |run| run.created >= third(1))));
        case("a window of both", exported(&kept(&as_of(runs, third(2)), |run| run.created >= third(1))));
        // Deleted runs that never touched AWS leave holes that mean nothing.
        let number = |run: &Run| run.number % 50 == 7;
        case("has holes of others", exported(&kept(runs, |run| !number(run))));
        case("every second run", exported(&kept(runs, |run| run.id % 2 == 0)));
        case("uncounted", uncounted(exported(runs)));
        case("uncounted, nearly every run", uncounted(exported(&kept(runs, |run| run.id % 11 != 0))));
        // What `gh api` was asked with a condition, the pages count it.
        case("of one branch", exported(&kept(runs, |run| run.branch == "main")));
        case("of one workflow", exported(&kept(runs, |run| run.workflow.name == "deploy")));
        case("of one event", exported(&kept(runs, |run| run.event == "push")));
        case("that succeeded", exported(&kept(runs, |run| run.attempts.iter().all(|one| one.conclusion == "success"))));
        case("of one repository", exported(&kept(runs, |run| run.repository.id == 9001)));
    }
    for part in [
        "runs-",
        "attempts",
        "jobs",
        "approvals",
        "deployments",
        "statuses",
        "environments",
        "meta",
        "audit-log",
        "commits",
        "pulls",
        "reviews",
    ] {
        case(&format!("without {part}"), without(whole.clone(), part));
    }
    let mut paged = without(whole.clone(), "reviews");
    paged.insert("reviews-1.json".to_owned(), rest::lines(&pulls::first_pages(runs)));
    case("a page of the reviews", paged);
    case(
        "runs alone",
        whole.iter().filter(|(name, _)| name.starts_with("runs-")).map(|(a, b)| (a.clone(), b.clone())).collect(),
    );
    case(
        "audit log alone",
        whole.iter().filter(|(name, _)| name.starts_with("audit")).map(|(a, b)| (a.clone(), b.clone())).collect(),
    );
    let mut wrong: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, files) in cases {
        let (_, said) = said(&outcome, &files);
        if !said.is_empty() {
            wrong.entry(name).or_default().extend(said.into_iter().map(|one| one.chars().take(330).collect()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The same runs are not quiet where nobody reviewed their commits: the silence above means something.
#[test]
fn commits_that_nobody_reviewed_are_said() {
    let company = company::company(ROUNDS * KINDS.len());
    let outcome = outcome(&company);
    let mut files = company::exported(&company.runs, false, false);
    let unreviewed = files["reviews.ndjson"].replace("\"APPROVED\"", "\"COMMENTED\"");
    files.insert("reviews.ndjson".to_owned(), unreviewed);
    let (_, told) = said(&outcome, &files);
    let of = |rule: &str| told.iter().filter(|one| one.contains(rule)).count();
    let runs: Vec<_> = company.runs.iter().filter(|run| !run.approvals.is_empty()).collect();
    let known = runs.iter().filter(|run| pulls::is_known(run)).count();
    assert!(known > 100 && known < runs.len(), "{known} of {}", runs.len());
    let silent =
        runs.iter().filter(|run| pulls::is_known(run) && !told.iter().any(|one| one.contains(&run.id.to_string())));
    let silent: Vec<_> = silent.map(|run| (run.id, run.event, &run.attempts[0].jobs[0].name)).take(9).collect();
    assert!(silent.is_empty(), "{silent:?}");
    assert_eq!(of("unreviewed-commit-deployed"), of("workflow-changed-with-deploy"));
}
