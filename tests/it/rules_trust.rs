//! Rules that read trust policies, on the sample stories: a healthy organization gets no findings, and careless policies do
//! not pass.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use rolechain::audit;
use rolechain::audit::Known;
use rolechain::expect::Expectations;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::model::lineage::Lineage;
use rolechain::pipeline;
use rolechain::pipeline::Plan;
use rolechain::pipeline::Silent;
use rolechain::trust::observed;
use rolechain::trust::observed::Observed;
use rolechain::trust::snapshot::Snapshot;
use rolechain::trust::suggest;
use rolechain::trust::write;
use serde_json::Value;
use serde_json::json;

const GITHUB: &str = "token.actions.githubusercontent.com";

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs")
}

fn expectations(is_expected: bool) -> Expectations {
    if !is_expected {
        return Expectations::default();
    }
    let text = fs::read_to_string(samples().join("rolechain.toml")).unwrap();
    Expectations::parse("rolechain.toml", &text, &audit::rule_ids()).unwrap()
}

fn lineage(story: &Path) -> Lineage {
    let plan = Plan { sources: vec![story.to_string_lossy().into_owned()], ..Plan::default() };
    pipeline::run(&plan, &Silent).unwrap().lineage
}

fn snapshot(roles: &[(String, Value)]) -> Snapshot {
    let details: Vec<Value> = roles
        .iter()
        .map(|(arn, document)| {
            let name = arn.rsplit('/').next().unwrap();
            json!({"RoleName": name, "Arn": arn, "AssumeRolePolicyDocument": document})
        })
        .collect();
    Snapshot::read("iam.json", &json!({"RoleDetailList": details}).to_string()).unwrap()
}

/// Draws up the tightest policy of every role, as if the owners had applied it.
fn tightest(lineage: &Lineage) -> Snapshot {
    let observed = observed::all(lineage);
    let roles: BTreeSet<&str> = observed.iter().map(|one| one.role_arn).collect();
    let policies = roles.into_iter().map(|role| {
        let uses: Vec<&Observed<'_>> = observed.iter().filter(|one| one.role_arn == role).collect();
        let written = write::json(&suggest::suggest(&uses, None).policy, "aws");
        (role.to_owned(), serde_json::from_str(&written).unwrap())
    });
    snapshot(&policies.collect::<Vec<_>>())
}

/// The policies of `docs/reference-architecture`, for the roles of the stories.
fn reference() -> Snapshot {
    let entry = |environment: &str| {
        let contexts = ["environment:prod", "ref:refs/heads/main"];
        let context = if environment == "prod" { contexts[0] } else { contexts[1] };
        json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "GitHubEnvironment", "Effect": "Allow", "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            "Principal": {"Federated": format!("arn:aws:iam::111111111111:oidc-provider/{GITHUB}")},
            "Condition": {"StringEquals": {
                format!("{GITHUB}:aud"): "sts.amazonaws.com",
                format!("{GITHUB}:sub"):
                    [format!("repo:acme/orders:{context}"), format!("repo:acme@4242/orders@9001:{context}")],
            }},
        }]})
    };
    let deploy = |environment: &str, external_id: &str| {
        let caller = format!("arn:aws:iam::111111111111:role/ci/gha-orders-{environment}");
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "EntryRoleWithExternalId", "Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": caller}, "Condition": {"StringEquals": {"sts:ExternalId": external_id}}},
            {"Sid": "Tags", "Effect": "Allow", "Action": "sts:TagSession", "Principal": {"AWS": caller},
             "Condition": {"StringEquals": {"aws:RequestTag/Repository": "acme/orders"}}},
        ]})
    };
    let arn = |account: &str, name: &str| format!("arn:aws:iam::{account}:role/ci/{name}");
    snapshot(&[
        (arn("111111111111", "gha-orders-prod"), entry("prod")),
        (arn("111111111111", "gha-orders-staging"), entry("staging")),
        (arn("222222222222", "ci-deploy-role"), deploy("prod", "b7d1f0c4-52ea-4c1b-9a57-3e0d6f2a8c91")),
        (arn("333333333333", "ci-deploy-role"), deploy("staging", "2c94e6a8-7f13-49d0-8b6e-d51a0c37f4e2")),
    ])
}

fn findings(lineage: &Lineage, is_expected: bool, snapshot: Snapshot) -> Vec<Finding> {
    let snapshots = [snapshot];
    let known = Known { snapshots: &snapshots, ..Known::default() };
    audit::audit(lineage, &expectations(is_expected), known)
}

fn told(findings: &[Finding], least: Severity) -> Vec<(&str, &str, &str)> {
    let loud = findings.iter().filter(|finding| finding.severity >= least);
    loud.map(|finding| (finding.rule, finding.severity.name(), finding.title.as_str())).collect()
}

#[test]
fn a_healthy_organization_with_good_policies_hears_nothing_at_medium() {
    let healthy = lineage(&samples().join("01-healthy"));
    for is_expected in [false, true] {
        for policies in [reference(), tightest(&healthy)] {
            let findings = findings(&healthy, is_expected, policies);
            let loud = told(&findings, Severity::Medium);
            assert!(loud.is_empty(), "with expectations: {is_expected}: {loud:#?}");
            let outside: Vec<_> = findings.iter().filter(|finding| finding.rule == "observed-outside-trust").collect();
            assert!(outside.is_empty(), "{outside:#?}");
        }
    }
}

#[test]
fn the_tightest_policy_is_neither_wide_nor_defect_in_any_story() {
    let of_policies = ["external-id-as-only-guard", "observed-outside-trust", "trust-too-wide"];
    let mut stories = 0;
    for story in
        fs::read_dir(samples()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("AWSLogs").is_dir())
    {
        let lineage = lineage(&story);
        // Where the logs show changes, they come before a snapshot without a date.
        let has_changes = lineage.observations.changes.iter().any(|change| change.document.is_some());
        let findings = findings(&lineage, false, tightest(&lineage));
        let wrong: Vec<_> = findings.iter().filter(|finding| of_policies.contains(&finding.rule)).collect();
        assert!(has_changes || wrong.is_empty(), "{}: {wrong:#?}", story.display());
        stories += usize::from(!has_changes);
    }
    assert!(stories >= 10, "{stories} stories without changes");
}

#[test]
fn careless_policies_of_a_healthy_organization_are_told() {
    let healthy = lineage(&samples().join("01-healthy"));
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/trust/details.json")).unwrap();
    let careless = || Snapshot::read("details.json", &text).unwrap();
    let of_trust = |findings: &[Finding]| -> BTreeSet<(String, &'static str)> {
        let rules = ["trust-condition-defect", "trust-too-wide", "unexpected-edge"];
        let own = findings.iter().filter(|finding| rules.contains(&finding.rule));
        own.map(|finding| (finding.rule.to_owned(), finding.severity.name())).collect()
    };
    let expected: BTreeSet<(String, &'static str)> = [
        ("trust-condition-defect", "low"),
        ("trust-too-wide", "low"),
        ("trust-too-wide", "medium"),
        ("unexpected-edge", "low"),
    ]
    .map(|(rule, severity)| (rule.to_owned(), severity))
    .into();
    assert_eq!(of_trust(&findings(&healthy, false, careless())), expected);
}
