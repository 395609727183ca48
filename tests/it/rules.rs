//! The examples of the rules are executed: what is said to fire must fire, and what is said to be silent must be silent.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rolechain::audit;
use rolechain::audit::Given;
use rolechain::audit::RULES;
use rolechain::expect::Expectations;
use rolechain::model::acceptance::ACCEPTANCE_RULES;
use rolechain::model::coverage::AsideKind;
use rolechain::model::finding::Finding;
use rolechain::model::finding::KEY_PARTS;
use rolechain::model::finding::Severity;
use rolechain::pipeline;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;

use crate::support::examples;

#[test]
fn every_example_does_what_it_says() {
    let mut wrong = Vec::new();
    let mut parts = BTreeSet::new();
    for rule in RULES {
        for example in examples::of(rule) {
            let name = &example.name;
            let outcome = example.judged();
            let observations = &outcome.lineage.observations;
            let counts = &observations.counts;
            let second = observations.set_aside.get(&AsideKind::NetworkActivity).map_or(0, |aside| aside.records);
            let is_about_defects = rule.id == "records-not-parsed";
            if counts.records() == 0 || (counts.records() != counts.unique + second && !is_about_defects) {
                wrong.push(format!("{name}: not every record was read and new: {counts:?}"));
            }
            parts.extend(outcome.findings.iter().flat_map(|finding| finding.key.keys().cloned()));
            let found: Vec<_> = outcome.findings.iter().filter(|finding| finding.rule == rule.id).collect();
            if found.iter().map(|finding| finding.severity).max() != example.fires {
                let told: Vec<_> = found.iter().map(|finding| (finding.severity.name(), &finding.title)).collect();
                let others: Vec<_> = outcome.findings.iter().map(|finding| finding.rule).collect();
                wrong.push(format!("{name} found {told:?}; others: {others:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let known: BTreeSet<String> = KEY_PARTS.iter().map(|part| (*part).to_owned()).collect();
    assert_eq!(parts, known, "parts of keys in examples, and those that an exception can match");
}

#[test]
fn every_rule_has_a_folder_of_examples_that_fire_and_that_are_silent() {
    for rule in RULES {
        let examples = examples::of(rule);
        assert!(examples.iter().any(|example| example.fires.is_some()), "{} never fires", rule.id);
        assert!(examples.iter().any(|example| example.fires.is_none()), "{} is never silent", rule.id);
    }
    let listed: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    let entries = fs::read_dir(examples::folder()).unwrap().map(|entry| entry.unwrap().path());
    let folders = entries.filter(|path| path.is_dir());
    let folders: BTreeSet<String> =
        folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(folders, listed, "folders of tests/rules and rules in RULES");
}

#[test]
fn every_rule_has_a_file_in_the_folder_of_its_theme_and_a_place_in_the_list() {
    let listed: BTreeSet<String> =
        RULES.iter().map(|rule| format!("{:?}/{}", rule.theme, rule.id).to_lowercase()).collect();
    assert_eq!(listed.len(), RULES.len(), "an id is listed twice");
    assert!(RULES.is_sorted_by_key(|rule| rule.id), "RULES is in the order of ids");

    let mut files = BTreeSet::new();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/audit/rules");
    for theme in fs::read_dir(rules).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let theme_name = theme.file_name().unwrap().to_str().unwrap();
        for file in fs::read_dir(&theme).unwrap() {
            let stem = file.unwrap().path().file_stem().unwrap().to_str().unwrap().replace('_', "-");
            files.insert(format!("{theme_name}/{stem}"));
        }
    }
    assert_eq!(files, listed, "files in src/audit/rules and rules in RULES");
    for rule in RULES {
        assert_eq!(audit::rule(rule.id).map(|found| found.id), Some(rule.id));
    }
}

#[test]
fn what_is_said_of_a_rule_elsewhere_agrees() {
    let about_acceptance: Vec<&str> =
        RULES.iter().filter(|rule| rule.is_about_acceptance()).map(|rule| rule.id).collect();
    assert_eq!(about_acceptance, ACCEPTANCE_RULES);
    let that_need = |option: &str| RULES.iter().filter(|rule| rule.needs_option(option)).map(|rule| rule.id).collect();
    let (digests, baseline): (Vec<&str>, Vec<&str>) = (that_need("--verify"), that_need("--baseline"));
    assert_eq!((digests.as_slice(), baseline), (&["digest-validation-failed", "log-gap"][..], vec!["baseline-unused"]));
    let all = Given { digests: true, snapshots: true, expectations: true, learned: true, ci: true };
    assert_eq!(audit::rules_not_asked(all), [""; 0]);
    assert_eq!(audit::rules_not_asked(Given { digests: false, ..all }), digests);
    let lacking = |given: Given, rule: &str| audit::rules_not_asked(given).contains(&rule);
    assert!(lacking(Given { snapshots: false, ..all }, "trust-too-wide"));
    assert!(lacking(Given { learned: false, ..all }, "new-edge"));
    for rule in ["unexpected-subject", "session-name-nonconforming", "unexpected-external-id"] {
        assert!(lacking(Given { expectations: false, ..all }, rule), "{rule}");
    }
    let bare = Given { digests: false, snapshots: false, expectations: false, learned: false, ci: false };
    assert!(!lacking(bare, "records-not-parsed") && !lacking(bare, "long-lived-key-in-ci"));
}

#[test]
fn every_rule_is_well_worded() {
    for rule in RULES {
        let is_kebab = rule
            .id
            .split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        assert!(is_kebab, "{:?} is not kebab-case", rule.id);
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}: a title is no sentence", rule.id);
        assert!(!rule.title.contains('\n') && rule.title.len() <= 100, "{}: a title is one line", rule.id);
        assert!(rule.remediation.ends_with('.'), "{}: a remediation is a sentence", rule.id);
        assert!(!rule.remediation.contains("  "), "{}: a remediation has no gaps", rule.id);
        assert!(rule.references().next().is_some(), "{} has nowhere to read more", rule.id);
        for number in rule.techniques {
            assert!(audit::technique(number).is_some(), "{}: {number} has no name", rule.id);
        }
        for (title, address) in rule.reading {
            assert!(!title.is_empty() && address.starts_with("https://"), "{}: {title:?} {address:?}", rule.id);
        }
    }
}

#[test]
fn every_finding_is_well_worded_and_names_what_it_is_about() {
    for rule in RULES {
        for example in examples::of(rule) {
            for finding in example.judged().findings {
                let place = format!("{} on {}", finding.rule, example.name);
                let digits = finding.fingerprint.strip_prefix("rc1:").unwrap_or_default();
                let is_hash =
                    digits.len() == 32 && digits.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
                assert!(is_hash, "{place}: {:?}", finding.fingerprint);
                assert!(!finding.title.is_empty() && !finding.title.ends_with('.'), "{place}: {:?}", finding.title);
                assert!(!finding.title.contains('\n'), "{place}: {:?}", finding.title);
                for sentence in [&finding.message, &finding.remediation] {
                    assert!(sentence.ends_with('.') || sentence.ends_with(')'), "{place}: {sentence:?}");
                    assert!(!sentence.contains("  ") && !sentence.contains(" ."), "{place}: {sentence:?}");
                }
                assert!(!finding.key.is_empty() && finding.key.values().all(|part| !part.is_empty()), "{place}");
                // What is missing from the logs has no events; all else is proved by some.
                let is_about_coverage = finding.first_seen.is_none() && finding.chain_ids.is_empty();
                assert!(finding.evidence.len() <= 5 && (is_about_coverage || !finding.evidence.is_empty()), "{place}");
                assert!(finding.count > 0, "{place}");
                assert_eq!(finding.first_seen.is_some(), finding.last_seen.is_some(), "{place}");
            }
        }
    }
}

#[test]
fn findings_do_not_depend_on_the_order_of_records() {
    for rule in RULES {
        for example in examples::of(rule) {
            if example.is_of_objects() {
                // Objects have no order of their own: `verify` shuffles them.
                continue;
            }
            let mut records: Vec<serde_json::Value> = serde_json::from_str(&example.text).unwrap();
            let told = |records: &[serde_json::Value]| {
                let text = serde_json::to_string(records).unwrap();
                let findings = example.judged_as(&text).findings;
                findings.into_iter().map(|finding| format!("{finding:#?}")).collect::<Vec<_>>()
            };
            let forward = told(&records);
            records.reverse();
            assert_eq!(forward, told(&records), "{}", example.name);
        }
    }
}

#[test]
fn a_finding_that_is_capped_says_why() {
    let parse = |text: &str| Expectations::parse("rolechain.toml", text, &audit::rule_ids()).unwrap();
    let mut capped = BTreeSet::new();
    for example in RULES.iter().flat_map(|rule| examples::of(rule)).filter(|example| !example.is_of_objects()) {
        let file = examples::folder().join(&example.name).with_file_name("rolechain.toml");
        let Ok(text) = fs::read_to_string(file) else { continue };
        let text = text.replace("learned = true", "");
        // That a role is in production may be said of its account, or of itself.
        let by_role = "\n[[role]]\narn = \"arn:aws:iam::222222222222:role/*\"\nenv = \"prod\"\n";
        let by_role = text.replace("\nname = \"prod\"\nenv = \"prod\"", "") + by_role;
        for text in [text, by_role] {
            let learned = parse(&text.replace("[[role]]", "[[role]]\nlearned = true"));
            let learned = pipeline::audit_text(&example.text, &learned).findings;
            for finding in pipeline::audit_text(&example.text, &parse(&text)).findings {
                let Some(same) = learned.iter().find(|same| same.fingerprint == finding.fingerprint) else { continue };
                if same.severity == finding.severity {
                    assert_eq!(same.message, finding.message);
                    continue;
                }
                assert_eq!(same.severity, Severity::Medium);
                let why =
                    "because the expectation that it rests on was learned from logs, and nobody has confirmed it.";
                let told = format!("{} It is rated medium and not {}, {why}", finding.message, finding.severity.name());
                assert_eq!(same.message, told);
                capped.insert(finding.rule);
            }
        }
    }
    let rules = [
        "cross-repo-deploy",
        "deploy-without-oidc-origin",
        "direct-oidc-into-deploy",
        "entry-role-overreach",
        "environment-mismatch",
        "human-in-deploy-chain",
        "unexpected-edge",
        "unexpected-external-id",
        "unexpected-subject",
        "unprotected-ref-on-deploy-role",
    ];
    assert_eq!(capped, BTreeSet::from(rules));
}

/// Audits one of the sample stories, with or without what its owners expect.
fn story(name: &str, is_expected: bool) -> Vec<Finding> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    let text = fs::read_to_string(folder.join("rolechain.toml")).unwrap();
    let expectations = if is_expected {
        Expectations::parse("rolechain.toml", &text, &audit::rule_ids()).unwrap()
    } else {
        Expectations::default()
    };
    let source = folder.join(name).to_string_lossy().into_owned();
    let plan = Plan { sources: vec![source], expectations, ..Plan::default() };
    pipeline::run(&plan, &Silent).unwrap().findings
}

#[test]
fn an_organization_in_good_order_is_not_accused() {
    for is_expected in [false, true] {
        let loud: Vec<_> = story("01-healthy", is_expected)
            .into_iter()
            .filter(|finding| finding.severity >= Severity::Medium)
            .map(|finding| (finding.rule, finding.severity.name(), finding.title))
            .collect();
        assert!(loud.is_empty(), "with expectations: {is_expected}: {loud:#?}");
    }
}

#[test]
fn session_moved_asks_for_networks_only_where_none_are_named() {
    let rule = RULES.iter().find(|rule| rule.id == "session-moved").unwrap();
    let examples = examples::of(rule);
    let fires = examples.iter().find(|example| example.fires == Some(Severity::Medium)).unwrap();
    let message = |expectations: &str| {
        let expectations = Expectations::parse("rolechain.toml", expectations, &audit::rule_ids()).unwrap();
        let findings = pipeline::audit_text(&fires.text, &expectations).findings;
        findings.into_iter().find(|finding| finding.rule == rule.id).unwrap().message
    };
    assert!(
        message("").ends_with("Without [networks] in the expectations nobody can say whether both belong to one pool.")
    );
    let half = message("[networks]\noffice = { cidrs = [\"198.51.100.0/24\"] }\n");
    assert!(half.ends_with("192.0.2.77 is in none of the networks that the expectations name."), "{half}");
    let none = message("[networks]\noffice = { cidrs = [\"203.0.113.0/24\"] }\n");
    assert!(none.contains("198.51.100.23 and 192.0.2.77 are in none of the networks"), "{none}");
}

#[test]
fn of_a_key_in_ci_tables_and_findings_say_the_same() {
    let mut in_ci = 0;
    for example in RULES.iter().flat_map(|rule| examples::of(rule)) {
        let outcome = example.judged();
        for key in &outcome.lineage.long_term_keys {
            let id = outcome.lineage.str(key.access_key);
            let is_found = outcome.findings.iter().any(|finding| {
                finding.rule == "long-lived-key-in-ci"
                    && finding.key.get("access_key_id").map(String::as_str) == Some(id)
            });
            assert_eq!(key.ci.is_some(), is_found, "{}: {id}", example.name);
            in_ci += usize::from(is_found);
        }
    }
    assert!(in_ci > 2, "{in_ci}");
}
