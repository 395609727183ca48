//! The terminal, Markdown and HTML print one document: every sentence and every number of a section is the same in all three.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rolechain::expect::Expectations;
use rolechain::model::finding::Status;
use rolechain::pipeline::{self, Outcome, Plan, Silent};
use rolechain::report::{self, Format, Options, Report, RunInfo};

use crate::support::markup::{Piece, pieces};

/// Sections that the media lay out in their own way: findings are compared by their titles, limits are shorter on a terminal.
const OWN: [&str; 3] = ["findings", "limits", "run"];

/// Renders what a source holds in the three media.
fn printed(source: &Path) -> [String; 3] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("sample-logs/rolechain.toml")).unwrap();
    let expectations = Expectations::parse("rolechain.toml", &text, &rolechain::audit::rule_ids()).unwrap();
    let sources = vec![source.to_string_lossy().into_owned()];
    rendered(&pipeline::run(&Plan { sources, expectations, ..Plan::default() }, &Silent).unwrap())
}

fn rendered(outcome: &Outcome) -> [String; 3] {
    let run = RunInfo { assurance: outcome.assurance.clone(), ..RunInfo::default() };
    let names = BTreeMap::from([("222222222222".to_owned(), "prod".to_owned())]);
    let report = Report {
        lineage: &outcome.lineage,
        findings: &outcome.findings,
        run: &run,
        account_names: &names,
        integrity: None,
        ci: None,
    };
    // So wide that nothing is broken into lines.
    let options = Options { width: 100_000, all: true, ..Options::default() };
    [Format::Table, Format::Markdown, Format::Html].map(|format| {
        let mut out = Vec::new();
        report::render(format, &report, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    })
}

/// What is left when the marks of all media are taken away: letters and digits.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The sections of a terminal report by name, with their lines.
fn on_terminal(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        let head = line.split("  ").next().unwrap_or_default();
        if !head.is_empty() && head.chars().all(|c| c.is_ascii_uppercase() || " -".contains(c)) && head.len() > 3 {
            name = head.to_lowercase();
        }
        sections.entry(name.clone()).or_default().push(line.to_owned());
    }
    sections
}

fn in_markdown(text: &str) -> BTreeMap<String, Vec<String>> {
    let sections = text.split("\n## ").skip(1);
    sections
        .map(|part| (part.lines().next().unwrap().to_lowercase(), part.lines().skip(1).map(str::to_owned).collect()))
        .collect()
}

fn on_page(text: &str) -> BTreeMap<String, String> {
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    for part in text.split("<section id=").skip(1) {
        let whole = format!("<section id={}", part.split("</section>").next().unwrap());
        let (mut title, mut words, mut in_title) = (String::new(), String::new(), false);
        for piece in pieces(&format!("<!DOCTYPE html>\n{whole}</section>")) {
            match piece {
                Piece::Open(name, _) => in_title = name == "h2",
                Piece::Close(_) => in_title = false,
                Piece::Text(text) if in_title => title.push_str(&text),
                Piece::Text(text) => words.push_str(&text),
            }
        }
        sections.insert(title.to_lowercase(), words);
    }
    // The page has what could be answered below its verdict.
    let verdict = sections["verdict"].clone();
    sections.insert("assurance".to_owned(), verdict);
    sections
}

/// Returns the sentences of a section in Markdown, and its cells by the title of their column.
fn told(lines: &[String]) -> (Vec<String>, Vec<(String, String)>) {
    let (mut sentences, mut cells, mut heads) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let Some(row) = line.strip_prefix("| ") else {
            heads.clear();
            if !line.starts_with("|---") && !line.starts_with("| ---") && !line.starts_with("… and") {
                sentences.push(line.clone());
            }
            continue;
        };
        let row: Vec<String> = row.trim_end_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        if row.iter().all(|cell| cell == "---") {
            continue;
        }
        if heads.is_empty() {
            heads = row;
        } else {
            cells.extend(heads.iter().cloned().zip(row));
        }
    }
    (sentences, cells)
}

#[test]
fn every_sentence_and_number_is_the_same_in_all_media() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    let stories =
        fs::read_dir(&samples).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("AWSLogs").is_dir());
    let mut sources: Vec<_> = stories.collect();
    sources.push(samples);
    let (mut compared, mut seen) = (0, BTreeSet::new());
    for source in sources {
        let [terminal, markdown, page] = printed(&source);
        let (shown, drawn) = (on_terminal(&terminal), on_page(&page));
        for (name, lines) in in_markdown(&markdown).into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            let lost = |what: &str, medium: &str| format!("{}: {name}: `{what}` is not {medium}", source.display());
            let here: &Vec<String> = shown.get(&name).unwrap_or_else(|| panic!("{}", lost("", "on the terminal")));
            let titles: BTreeSet<&str> = here.iter().flat_map(|line| line.split("  ")).map(str::trim).collect();
            let (here, there) = (bare(&here.join(" ")), bare(&drawn[&name]));
            let (sentences, cells) = told(&lines);
            for sentence in &sentences {
                assert!(here.contains(&bare(sentence)), "{}", lost(sentence, "on the terminal"));
                assert!(there.contains(&bare(sentence)), "{}", lost(sentence, "on the page"));
            }
            for (title, cell) in &cells {
                assert!(there.contains(&bare(cell)), "{}", lost(cell, "on the page"));
                let is_shown = titles.contains(title.as_str());
                assert!(!is_shown || here.contains(&bare(cell)), "{}", lost(cell, "on the terminal"));
                compared += usize::from(is_shown);
            }
            seen.insert(name);
        }
        let head = markdown.split("**").nth(1).unwrap();
        for text in [&terminal, &page] {
            assert!(bare(text).contains(&bare(head)), "{}: {head}", source.display());
        }
        for title in markdown.lines().filter_map(|line| line.strip_prefix("<details><summary>")) {
            let title = pieces(&format!("<!DOCTYPE html>\n{}", title.strip_suffix("</summary>").unwrap()));
            let title = title.iter().filter_map(|piece| match piece {
                Piece::Text(text) => Some(bare(text)),
                _ => None,
            });
            let title: String = title.skip(1).collect();
            assert!(bare(&terminal).contains(&title) && bare(&page).contains(&title), "{}: {title}", source.display());
        }
    }
    assert!(compared > 500, "{compared}");
    let wanted = [
        "assurance",
        "control mapping",
        "coverage",
        "defects",
        "denied attempts",
        "deployments",
        "gaps",
        "long-lived keys",
        "reconciliation",
        "routes",
    ];
    assert!(wanted.iter().all(|name| seen.contains(*name)), "{seen:?}");
}

#[test]
fn what_changed_is_the_same_in_all_media() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs/13-intrusion");
    let sources = vec![source.to_string_lossy().into_owned()];
    let mut outcome = pipeline::run(&Plan { sources, ..Plan::default() }, &Silent).unwrap();
    let statuses = [Status::New, Status::Reopened, Status::Dormant, Status::Ongoing];
    for (finding, status) in outcome.findings.iter_mut().zip(statuses.into_iter().cycle()) {
        finding.status = status;
    }
    let [terminal, markdown, page] = rendered(&outcome);
    let (shown, drawn) = (on_terminal(&terminal), on_page(&page));
    let (sentences, cells) = told(&in_markdown(&markdown)["what changed"]);
    assert!(sentences.len() > 1 && cells.len() > 10, "{sentences:?} {cells:?}");
    let (here, there) = (bare(&shown["what changed"].join(" ")), bare(&drawn["what changed"]));
    for text in sentences.iter().chain(cells.iter().map(|(_, cell)| cell)) {
        assert!(there.contains(&bare(text)), "{text}: {there}");
    }
    for text in sentences.iter().chain(cells.iter().filter(|(title, _)| title != "rule").map(|(_, cell)| cell)) {
        assert!(here.contains(&bare(text)), "{text}: {here}");
    }
}

/// A session that a token of GitHub Actions opened.
fn entered(number: usize, subject: &str) -> String {
    let id = format!("4bd2a6f6-dddc-49e6-ba7d-{number:012}");
    let key = format!("ASIAIOSFODNN7EXAMP{number:02}");
    let arn = "arn:aws:iam::111122223333:role/gha-release";
    serde_json::json!({
        "eventVersion": "1.08", "eventID": id, "eventTime": format!("2026-11-02T08:{number:02}:00Z"),
        "eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity", "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333", "sourceIPAddress": "192.0.2.1", "userAgent": "x", "readOnly": true,
        "userIdentity": {
            "type": "WebIdentityUser", "userName": subject,
            "principalId": format!("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:{subject}"),
            "identityProvider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        },
        "requestParameters": { "roleArn": arn, "roleSessionName": "x" },
        "responseElements": {
            "credentials": { "accessKeyId": key, "expiration": "Nov 2, 2026, 9:30:00 AM" },
            "assumedRoleUser": {
                "assumedRoleId": "AROAIOSFODNN7EXAMPLE:x",
                "arn": "arn:aws:sts::111122223333:assumed-role/gha-release/x",
            },
            "subjectFromWebIdentityToken": subject, "audience": "sts.amazonaws.com",
            "provider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        },
    })
    .to_string()
}

#[test]
fn subjects_that_change_with_every_run_are_one_route() {
    let subjects = [
        "repo:acme/orders:ref:refs/tags/v1.0.0",
        "repo:acme/orders:ref:refs/tags/v1.0.1",
        "repo:acme/orders:ref:refs/heads/gh-readonly-queue/main/pr-7-0123456789abcdef0123456789abcdef01234567",
        "repo:acme/orders:ref:refs/heads/gh-readonly-queue/main/pr-8-1123456789abcdef0123456789abcdef01234567",
        "repo:acme/orders:ref:refs/heads/main",
        "repo:acme/docs:ref:refs/tags/v1.0.0",
    ];
    let records: Vec<String> = subjects.iter().enumerate().map(|(at, subject)| entered(at, subject)).collect();
    let records = format!("{{\"Records\":[{}]}}", records.join(","));
    let [terminal, ..] = rendered(&pipeline::audit_text(&records, &Expectations::default()));
    let routes = &on_terminal(&terminal)["routes"];
    assert_eq!(routes.iter().filter(|line| line.contains("gha-release")).count(), 4, "{terminal}");
    assert_eq!(routes.iter().filter(|line| line.contains("(2 subjects)")).count(), 2, "{terminal}");
    assert!(terminal.contains("acme/docs tag v1.0.0  "), "{terminal}");
}
