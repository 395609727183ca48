//! Issuers on hosts of their owners: once their kind is declared, they are treated as the provider's own.

use std::fs;

use crate::trust_weeks::ROLE;
use crate::trust_weeks::Workload;
use crate::trust_weeks::file;
use crate::trust_weeks::told;
use crate::trust_weeks::workloads;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

/// What is said of a week of tokens.
struct Said {
    subjects: Vec<Value>,
    spoken: String,
    suggestion: String,
    notes: Value,
    check: Value,
    list: Value,
    draft: String,
}

/// Drafts and audits a week, and a run of another workload after it. `kind` is what the file says of the issuer.
fn said(workload: &Workload, kind: Option<&str>) -> Said {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let week = (0..6).map(|run| (run, (workload.subject)(run)));
    let logs = file(folder.path(), "logs.json", workload, week);
    let kind = kind.map(|kind| format!("kind = \"{kind}\"\n")).unwrap_or_default();
    let expectations = path("expectations.toml");
    fs::write(&expectations, format!("schema = 1\n[[issuer]]\nurl = \"{}\"\n{kind}", workload.issuer)).unwrap();
    let by = |args: &[&str]| told(&[args, &[logs.as_str(), "--expectations", expectations.as_str()][..]].concat());
    let plain = |text: &str| {
        let folder = folder.path().to_str().unwrap();
        text.replace(folder, "").replace(workload.issuer, "ISSUER").replace(&workload.issuer.to_lowercase(), "ISSUER")
    };
    let value = |text: &str| -> Value { serde_json::from_str(&plain(text)).unwrap() };
    let report = value(&by(&["audit", "--format", "json"]));
    let subjects = report["chains"].as_array().unwrap().iter().map(|chain| chain["origin"]["subject_parts"].clone());
    let policy = path("policy.json");
    by(&["trust", "suggest", "--role", ROLE, "--as", "json", "--output", &policy, "--quiet"]);
    // The policy in force admits every subject that begins alike.
    let subject = (workload.subject)(0);
    let beginning: String = subject.chars().take(subject.len() * 2 / 3).collect();
    let wide = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::111111111111:oidc-provider/{}", workload.issuer)},
        "Condition": {"StringLike": {format!("{}:sub", workload.issuer.to_lowercase()): [format!("{beginning}*"), subject]}}}]});
    let details = json!({"RoleDetailList": [{"RoleName": "ci-entry", "Arn": ROLE, "AssumeRolePolicyDocument": wide}]});
    fs::write(path("iam.json"), details.to_string()).unwrap();
    let iam = path("iam.json");
    let check = ["trust", "check", "--policy", &policy, "--role", ROLE, "--format", "json"];
    let draft = by(&["infer", "--iam", &iam]);
    // Entries for issuers that strangers share with us name none where the owner's name is enough.
    let draft = plain(&draft).replace("issuer = \"ISSUER\", ", "");
    Said {
        subjects: subjects.collect(),
        spoken: plain(&by(&["chains", "--quiet"])),
        suggestion: plain(&fs::read_to_string(&policy).unwrap()),
        notes: value(&by(&["trust", "suggest", "--role", ROLE, "--iam", &iam, "--format", "json"])),
        check: value(&by(&check)),
        list: value(&by(&["trust", "list", "--iam", &iam, "--format", "json"])),
        draft,
    }
}

#[test]
fn an_issuer_of_a_declared_kind_is_treated_as_the_providers_own() {
    for own in workloads() {
        // A host that tells nothing of its kind, as long as the provider's own.
        let (host, path) = own.issuer.split_once('/').map_or((own.issuer, None), |(host, path)| (host, Some(path)));
        let host = format!("{}.test", "a".repeat(host.len() - 5));
        let issuer = path.map_or_else(|| host.clone(), |path| format!("{host}/{path}"));
        let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let (issuer, audience) = (kept(issuer.clone()), kept(own.audience.replace(own.issuer, &issuer)));
        let declared = Workload { issuer, audience, ..own };
        let name = (own.subject)(0);
        let (mine, theirs) = (said(&own, None), said(&declared, Some(own.provider)));
        assert_eq!(mine.suggestion, theirs.suggestion, "{name}");
        assert_eq!(mine.notes, theirs.notes, "{name}");
        assert_eq!(mine.check, theirs.check, "{name}");
        assert_eq!(mine.list, theirs.list, "{name}");
        // Spacelift's own hosts name the account that owns the stack; on others, the space does.
        if own.provider != "spacelift" {
            assert_eq!(mine.subjects, theirs.subjects, "{name}");
            assert_eq!(mine.spoken, theirs.spoken, "{name}");
            assert_eq!(mine.draft, theirs.draft, "{name}");
        }
        // Undeclared, nothing of it is known.
        assert_ne!(said(&declared, None).subjects, mine.subjects, "{name}");
    }
}
