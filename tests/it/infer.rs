//! `infer`: what it drafts from logs and policies, what it never learns, and that what it drafts is kept.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::infer;
use rolechain::infer::Draft;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::model::lineage::Lineage;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::provider;
use rolechain::text::terminal;
use rolechain::trust::snapshot::Snapshot;
use serde_json::Value;
use serde_json::json;

use crate::support::actor::Assume;
use crate::support::actor::Call;
use crate::support::cases;
use crate::support::delivery::envelope;
use crate::support::entrance::TokenHolder;
use crate::support::organization::Organization;
use crate::support::organization::Role;
use crate::support::stories;
use crate::support::stories::PROD_EXTERNAL_ID;
use crate::support::{GITHUB, PROD, TOOLING, VENDOR, at};

const ENTRY: &str = "arn:aws:iam::111111111111:role/ci/gha-orders-prod";
const DEPLOY: &str = "arn:aws:iam::222222222222:role/ci/ci-deploy-role";
const ORDERS: &str = "acme@4242/orders@9001:environment:prod";

fn entry() -> Role {
    Role::new(TOOLING, "ci/gha-orders-prod")
}

fn deploy() -> Role {
    Role::new(PROD, "ci/ci-deploy-role")
}

fn text_of(org: &Organization) -> String {
    let records = org.records();
    envelope(&records.iter().map(|record| record.json.as_str()).collect::<Vec<_>>())
}

fn judged(org: &Organization, expectations: &Expectations) -> Outcome {
    pipeline::audit_text(&text_of(org), expectations)
}

fn drafted(org: &Organization, snapshots: &[Snapshot]) -> Draft {
    let outcome = judged(org, &Expectations::default());
    draft_of(&outcome, snapshots)
}

fn draft_of(outcome: &Outcome, snapshots: &[Snapshot]) -> Draft {
    let findings: Vec<_> = outcome.findings.iter().collect();
    let sources =
        infer::Sources { lineage: &outcome.lineage, findings: &findings, snapshots, since: None, until: None };
    infer::draft(&sources, infer::Options::default())
}

fn drafted_from(snapshots: &[Snapshot]) -> Draft {
    let lineage = Lineage::default();
    let sources = infer::Sources { lineage: &lineage, findings: &[], snapshots, since: None, until: None };
    infer::draft(&sources, infer::Options::default())
}

#[track_caller]
fn parsed(draft: &Draft) -> Expectations {
    Expectations::parse("draft", draft.text(), &audit::rule_ids())
        .unwrap_or_else(|error| panic!("{error}\n{}", draft.text()))
}

/// The file without its comments: what the draft expects.
fn said(draft: &Draft) -> String {
    // No string of these tests holds a `#`.
    draft.text().lines().map(|line| line.split('#').next().unwrap().to_owned() + "\n").collect()
}

/// The rules that say something of medium severity or worse, with the worst they say.
fn loud(org: &Organization, expectations: &Expectations) -> Vec<(&'static str, Severity)> {
    let findings = judged(org, expectations).findings;
    findings.iter().filter(|it| it.severity >= Severity::Medium).map(|it| (it.rule, it.severity)).collect()
}

fn go(job: &TokenHolder, entry: &Role, external_id: Option<&str>, time: &str) {
    let start = at(time);
    let role = deploy();
    let session = job.enter(start, entry).assume(start.plus(3), &Assume { external_id, ..Assume::role(&role, "run") });
    session.call(start.plus(20), Call::write("ecs", "UpdateService"));
}

/// Five deployments, as they should be.
fn week(org: &Organization) {
    for day in 2..7 {
        let job = org.github_job(ORDERS, "main");
        go(&job, &entry(), Some(PROD_EXTERNAL_ID), &format!("2026-11-{day:02}T08:00:00Z"));
    }
}

fn snapshot(document: &Value) -> Snapshot {
    Snapshot::read("details.json", &document.to_string()).unwrap()
}

fn plan() -> Snapshot {
    Snapshot::read("plan.json", include_str!("../../docs/reference-architecture/plan.json")).unwrap()
}

#[test]
fn what_was_inferred_from_logs_is_quiet_on_them() {
    for story in stories::all() {
        let outcome = judged(&story.org, &Expectations::default());
        let known: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule).collect();
        let draft = draft_of(&outcome, &[]);
        let loud = loud(&story.org, &parsed(&draft));
        if ["01-healthy", "02-unexpected-branch", "09-one-sided", "10-key-collision", "17-reference"]
            .contains(&story.name)
        {
            assert!(loud.is_empty(), "{}: {loud:?}\n{}", story.name, draft.text());
        }
        // Whatever was wrong stays wrong, and the draft makes nothing up: the key of this story was left out.
        let is_left_out = |rule: &str| story.name == "06-unfinished-migration" && rule == "deploy-without-oidc-origin";
        for (rule, severity) in loud {
            assert!(
                known.contains(&rule) || is_left_out(rule),
                "{}: {rule} {severity:?}\n{}",
                story.name,
                draft.text()
            );
        }
    }
}

/// A file that says of every role of these findings that it was learned, and nothing else.
fn learned_roles(findings: &[Finding]) -> String {
    let roles: BTreeSet<&String> = findings.iter().filter_map(|finding| finding.key.get("role_arn")).collect();
    let stanza = |role: &&String| format!("[[role]]\narn = '{role}'\nlearned = true\n");
    format!("schema = 1\n{}", roles.iter().map(stanza).collect::<String>())
}

#[test]
fn a_draft_is_nowhere_quieter_than_no_file() {
    let key = |finding: &Finding| (finding.rule, finding.key.get("role_arn").cloned());
    for story in stories::all() {
        let outcome = judged(&story.org, &Expectations::default());
        let draft = draft_of(&outcome, &[]).text().to_owned();
        for text in [draft, learned_roles(&outcome.findings)] {
            let expectations = Expectations::parse("file", &text, &audit::rule_ids()).unwrap();
            let with = judged(&story.org, &expectations).findings;
            for finding in &outcome.findings {
                let same = with.iter().filter(|other| key(other) == key(finding));
                let Some(worst) = same.map(|other| other.severity).max() else { continue };
                let (name, rule, before) = (story.name, finding.rule, finding.severity);
                assert!(worst >= before, "{name}: {rule} is {worst:?} with the file and {before:?} without\n{text}");
            }
        }
    }
}

#[test]
fn what_is_bad_in_the_stories_is_not_learned() {
    for story in stories::all() {
        let draft = drafted(&story.org, &[]);
        for bad in ["quick-fix", "acme-evil", "acme-builds", "pull_request", "77123", ":user/", "acme/docs", "runner"] {
            assert!(!said(&draft).contains(bad), "{}: {bad}\n{}", story.name, draft.text());
        }
    }
}

/// New logs, each with one thing that nobody expects, and the rule that must say so.
fn violations() -> Vec<(&'static str, Organization)> {
    let time = "2026-11-20T08:00:00Z";
    let with = |subject: &str, entry: &Role, external_id: Option<&str>| {
        let org = Organization::new(&format!("violation {subject} {} {external_id:?}", entry.name));
        go(&org.github_job(subject, "main"), entry, external_id, time);
        org
    };
    let right = Some(PROD_EXTERNAL_ID);
    let by_key = Organization::new("violation by key");
    let role = deploy();
    let assumption = Assume { external_id: right, ..Assume::role(&role, "laptop") };
    let (user, _) = by_key.user(PROD, "ci/ci-orders", "203.0.113.99", "Boto3/1.40.2");
    user.assume(at(time), &assumption).call(at(time).plus(9), Call::write("ecs", "UpdateService"));
    let by_person = Organization::new("violation by person");
    let person = by_person.person(at(time), PROD, "Admin", "bob@acme.example", "203.0.113.7");
    person.assume(at(time).plus(5), &assumption).call(at(time).plus(9), Call::write("ecs", "UpdateService"));
    vec![
        ("foreign-owner-subject", with("acme-evil/orders:environment:prod", &entry(), right)),
        ("unexpected-subject", with("acme@4242/docs@9002:environment:prod", &entry(), right)),
        ("unexpected-subject", with("acme@4242/orders@9001:ref:refs/heads/feature/x", &entry(), right)),
        ("unexpected-subject", with("acme@4242/orders@9001:pull_request", &entry(), right)),
        ("unexpected-edge", with(ORDERS, &Role::new(TOOLING, "ci/gha-other"), right)),
        ("missing-external-id", with(ORDERS, &entry(), None)),
        ("unexpected-external-id", with(ORDERS, &entry(), Some("guessed"))),
        ("deploy-without-oidc-origin", by_key),
        ("human-in-deploy-chain", by_person),
    ]
}

#[test]
fn planted_violations_are_loud() {
    let org = Organization::new("infer week");
    week(&org);
    let learned = parsed(&drafted(&org, &[]));
    let by_policy = parsed(&drafted(&org, &[plan()]));
    assert!(learned.roles.iter().all(|role| role.learned));
    assert!(by_policy.roles.iter().all(|role| !role.learned));
    for (rule, org) in violations() {
        let severity = |expectations| {
            let loud = loud(&org, expectations);
            let found = loud.iter().filter(|(found, _)| *found == rule).map(|(_, severity)| *severity).max();
            found.unwrap_or_else(|| panic!("{rule} is silent: {loud:?}"))
        };
        severity(&learned);
        let required = if rule == "missing-external-id" { Severity::Medium } else { Severity::High };
        assert!(severity(&by_policy) >= required, "{rule}");
    }
}

#[test]
fn the_week_itself_stays_quiet_beside_the_violations() {
    let org = Organization::new("infer week");
    week(&org);
    for snapshots in [vec![], vec![plan()]] {
        let loud = loud(&org, &parsed(&drafted(&org, &snapshots)));
        assert!(loud.is_empty(), "{loud:?}");
    }
    let next = Organization::new("infer next week");
    go(&next.github_job(ORDERS, "main"), &entry(), Some(PROD_EXTERNAL_ID), "2026-11-23T08:00:00Z");
    let loud = loud(&next, &parsed(&drafted(&org, &[])));
    assert!(loud.is_empty(), "{loud:?}");
}

#[test]
fn a_poisoned_history_is_not_learned() {
    let org = Organization::new("infer poison");
    week(&org);
    let right = Some(PROD_EXTERNAL_ID);
    let role = deploy();
    let wish = Assume { external_id: right, ..Assume::role(&role, "laptop") };
    for day in 7..12 {
        let time = |hour: u32| format!("2026-11-{day:02}T{hour:02}:00:00Z");
        go(&org.github_job("acme-evil/orders:environment:prod", "main"), &entry(), right, &time(9));
        go(&org.github_job("acme@4242/orders@9001:pull_request", "x"), &entry(), right, &time(10));
        let (user, _) = org.user(PROD, "ci/ci-orders", "203.0.113.99", "Boto3/1.40.2");
        user.assume(at(&time(11)), &wish).call(at(&time(11)).plus(9), Call::write("ecs", "UpdateService"));
        let person = org.person(at(&time(12)), PROD, "Admin", "bob@acme.example", "203.0.113.7");
        person.assume(at(&time(12)).plus(5), &wish).call(at(&time(12)).plus(9), Call::write("ecs", "UpdateService"));
    }
    // Too seldom, and only on one day.
    for time in ["2026-11-12T08:00:00Z", "2026-11-13T08:00:00Z"] {
        go(&org.github_job("acme@4242/orders@9001:ref:refs/heads/seldom", "x"), &entry(), right, time);
    }
    for minute in 0..5 {
        let job = org.github_job("acme@4242/orders@9001:environment:oneday", "x");
        go(&job, &entry(), right, &format!("2026-11-12T09:0{minute}:00Z"));
    }
    // Refused, and so never granted.
    for day in 2..9 {
        let job = org.github_job("acme@4242/refused@7:environment:prod", "x");
        job.refused(at(&format!("2026-11-{day:02}T15:00:00Z")), &entry(), true);
    }
    // A snapshot says whose the role is; without one the history alone decides nothing.
    let iam = details(&[self::role(ENTRY, &github_policy("StringLike", &json!([format!("repo:{ORDERS}")])))]);
    let draft = drafted(&org, &[iam]);
    let expected = said(&draft);
    for bad in ["acme-evil", "pull_request", ":user/", "AWSReservedSSO", "seldom", "oneday", "refused"] {
        assert!(!expected.contains(bad), "{bad}\n{}", draft.text());
    }
    assert!(expected.contains("gha-orders-prod") && expected.contains("environment = \"prod\""), "{}", draft.text());
    for told in ["acme-evil/orders", ":pull_request", "user/ci/ci-orders", "AWSReservedSSO_Admin", "seldom", "oneday"] {
        let at_end = draft.text().split("# Left out").nth(1).unwrap();
        assert!(at_end.contains(told), "{told}\n{}", draft.text());
    }
    let loud: Vec<&str> = loud(&org, &parsed(&draft)).into_iter().map(|(rule, _)| rule).collect();
    for rule in ["foreign-owner-subject", "deploy-without-oidc-origin", "human-in-deploy-chain", "unexpected-subject"] {
        assert!(loud.contains(&rule), "{rule}: {loud:?}");
    }
}

#[test]
fn of_several_owners_none_is_learned_whoever_came_first() {
    for first in [ORDERS, "acme-evil/orders:environment:prod"] {
        let org = Organization::new("infer dispute");
        for day in 2..12 {
            let is_first = day < 7;
            let other = if first == ORDERS { "acme-evil/orders:environment:prod" } else { ORDERS };
            let job = org.github_job(if is_first { first } else { other }, "main");
            go(&job, &entry(), Some(PROD_EXTERNAL_ID), &format!("2026-11-{day:02}T08:00:00Z"));
        }
        let draft = drafted(&org, &[]);
        let expected = said(&draft);
        for owner in ["github_owners", "acme-evil", "acme/orders"] {
            assert!(!expected.contains(owner), "{first} {owner}\n{}", draft.text());
        }
        let at_end = draft.text().split("# Left out").nth(1).unwrap();
        assert!(at_end.contains("acme-evil/orders") && at_end.contains(ORDERS), "{first}\n{}", draft.text());
    }
}

#[test]
fn a_change_in_the_logs_alone_admits_nobody() {
    let org = Organization::new("infer ghost");
    week(&org);
    let policy = github_policy("StringLike", &json!(["repo:acme-ghost/x:ref:refs/heads/main"]));
    let created = json!({"eventVersion": "1.08", "eventTime": "2026-11-03T10:00:00Z", "eventSource": "iam.amazonaws.com",
        "eventName": "CreateRole", "eventID": "ghost-1", "awsRegion": "us-east-1", "recipientAccountId": "111111111111",
        "readOnly": false, "userAgent": "HashiCorp Terraform/1.9.8 terraform-provider-aws/5.70", "userIdentity": {"type": "IAMUser", "principalId": "AIDABOB", "userName": "bob",
            "arn": "arn:aws:iam::111111111111:user/bob", "accountId": "111111111111"},
        "requestParameters": {"roleName": "ghost", "assumeRolePolicyDocument": policy.to_string()}});
    let records = org.records();
    let created = created.to_string();
    let all: Vec<&str> = records.iter().map(|record| record.json.as_str()).chain([created.as_str()]).collect();
    let draft = draft_of(&pipeline::audit_text(&envelope(&all), &Expectations::default()), &[]);
    assert!(!said(&draft).contains("acme-ghost"), "{}", draft.text());
    assert!(draft.text().contains("acme-ghost/x"), "{}", draft.text());
}

#[test]
fn who_begins_with_a_long_lived_key_changes_no_trust_by_trade() {
    let org = Organization::new("infer trade");
    week(&org);
    let tool = Role::new(PROD, "trust-maker");
    for day in 2..9 {
        let start = at(&format!("2026-11-{day:02}T11:00:00Z"));
        let (user, _) = org.user(PROD, "bob", "203.0.113.99", "Boto3/1.40.2");
        user.assume(start, &Assume::role(&tool, "bob"))
            .call(start.plus(9), Call::write("iam", "UpdateAssumeRolePolicy"));
    }
    let draft = drafted(&org, &[]);
    assert!(!said(&draft).contains("iac_roles"), "{}", draft.text());
    let at_end = draft.text().split("# Left out").nth(1).unwrap();
    assert!(at_end.contains("iac_roles"), "{}", draft.text());
}

fn github_policy(operator: &str, subjects: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::{TOOLING}:oidc-provider/{GITHUB}")},
        "Condition": {operator: {format!("{GITHUB}:sub"): subjects}, "StringEquals": {format!("{GITHUB}:aud"): "sts.amazonaws.com"}},
    }]})
}

fn aws_policy(principal: &str, external_id: Option<&str>) -> Value {
    let condition = external_id.map_or_else(|| json!({}), |id| json!({"StringEquals": {"sts:ExternalId": id}}));
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}, "Condition": condition,
    }]})
}

fn role(arn: &str, policy: &Value) -> Value {
    json!({"Arn": arn, "RoleName": arn.rsplit('/').next().unwrap(), "Path": "/", "AssumeRolePolicyDocument": policy})
}

fn details(roles: &[Value]) -> Snapshot {
    snapshot(&json!({"RoleDetailList": roles}))
}

#[test]
fn broad_grants_become_what_was_seen_of_them() {
    let org = Organization::new("infer week");
    week(&org);
    let snapshots = [details(&[
        role(ENTRY, &github_policy("StringLike", &json!(["repo:acme@4242/*", "repo:acme*/x:*"]))),
        role(DEPLOY, &aws_policy("arn:aws:iam::111111111111:root", Some(PROD_EXTERNAL_ID))),
    ])];
    let draft = drafted(&org, &snapshots);
    let expectations = parsed(&draft);
    let entry = expectations.role(ENTRY).unwrap();
    let admits = |subject: &str| entry.subjects.admit(&provider::parse(GITHUB, &format!("repo:{subject}")));
    assert!(admits(ORDERS) && !admits("acme@4242/docs@9002:environment:prod") && !admits("acme-evil/x:pull_request"));
    let deploy = expectations.role(DEPLOY).unwrap();
    assert!(deploy.caller(Some(ENTRY), Some(TOOLING)).is_some());
    assert!(deploy.caller(Some("arn:aws:iam::111111111111:role/other"), Some(TOOLING)).is_none());
    for told in ["repo:acme@4242/* (whole_owner)", "repo:acme*/x:*", "strangers (many_owners)", "has the permission"] {
        assert!(draft.text().contains(told), "{told}\n{}", draft.text());
    }
    // Without logs, the owner is all that is known of the one, and the other is not written at all.
    let without = drafted_from(&snapshots);
    let expectations = parsed(&without);
    let entry = expectations.role(ENTRY).unwrap();
    assert!(entry.subjects.admit(&provider::parse(GITHUB, "repo:acme@4242/docs@9002:environment:prod")));
    assert!(!entry.subjects.admit(&provider::parse(GITHUB, "repo:acme-evil/x:environment:prod")), "{}", without.text());
}

#[test]
fn what_is_left_out_is_told_as_the_token_said_it_and_whole() {
    let story = stories::all().into_iter().find(|story| drafted(&story.org, &[]).text().contains("acme@99021/"));
    let text = drafted(&story.unwrap().org, &[]).text().to_owned();
    assert!(text.contains("subject repo:acme@99021/orders@77123:"), "{text}");
    for story in stories::all() {
        let text = drafted(&story.org, &[]).text().to_owned();
        // A reason that was cut off ended so.
        assert!(!text.contains('…'), "{}\n{text}", story.name);
        let joined = text.replace("\n#         ", " ");
        let mut changes = joined.split("the change (").skip(1);
        assert!(changes.all(|it| it.lines().next().unwrap().contains(") carries the finding ")), "{text}");
        assert!(story.name != "13-intrusion" || joined.contains("the change ("), "{text}");
    }
}

#[test]
fn of_two_repositories_under_one_name_none_makes_a_habit_of_the_other() {
    let org = Organization::new("infer two ids");
    for (day, subject) in [(2, ORDERS), (3, ORDERS), (4, "acme@4242/orders@77:environment:prod")] {
        go(&org.github_job(subject, "main"), &entry(), Some(PROD_EXTERNAL_ID), &format!("2026-11-{day:02}T08:00:00Z"));
    }
    let outcome = judged(&org, &Expectations::default());
    let sources = infer::Sources { lineage: &outcome.lineage, findings: &[], snapshots: &[], since: None, until: None };
    let draft = infer::draft(&sources, infer::Options::default());
    assert!(parsed(&draft).role(ENTRY).is_none(), "{}", draft.text());
    assert!(draft.text().contains("orders@77:environment:prod\n#     seen once"), "{}", draft.text());
}

#[test]
fn a_role_whose_purpose_nothing_says_is_asked_about() {
    let pattern = json!(["repo:acme@4242/orders@9001:environment:prod"]);
    let of_token = || role(ENTRY, &github_policy("StringEquals", &pattern));
    let same_account = "arn:aws:iam::111111111111:role/x";
    // Nobody says that the entry role leads there, and nobody says that it does not.
    let draft = drafted_from(&[details(&[of_token(), role(same_account, &aws_policy("111111111111", None))])]);
    assert_eq!(parsed(&draft).role(ENTRY).unwrap().class, None, "{}", draft.text());
    assert!(draft.text().contains("class: entry or deploy?") && draft.text().contains("role/x"), "{}", draft.text());
    // Alone, it deploys.
    let draft = drafted_from(&[details(&[of_token()])]);
    assert!(said(&draft).contains("class = \"deploy\""), "{}", draft.text());
    let draft = drafted_from(&[details(&[role(same_account, &aws_policy("arn:aws:iam::111111111111:role/y", None))])]);
    assert!(draft.text().contains("# class: nothing here says it"), "{}", draft.text());
}

#[test]
fn accounts_that_nobody_declares_are_named_with_what_they_did() {
    let org = Organization::new("infer week");
    week(&org);
    let admin = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole";
    let draft = drafted(&org, &[details(&[role(admin, &aws_policy(VENDOR, None))])]);
    let told = draft.text().split_once("# Accounts that appear here").unwrap().1.split_once("[[").unwrap().0;
    assert!(told.contains(&format!("#   {VENDOR}\n#     the policy of {admin} admits it\n")), "{told}");
    assert!([TOOLING, PROD].iter().all(|own| !told.contains(&format!("#   {own}\n"))), "{told}");
    assert!(!drafted(&org, &[]).text().contains("# Accounts that appear here"));
}

#[test]
fn classes_callers_and_names_come_from_policies() {
    let holder = "arn:aws:iam::111111111111:role/holder";
    let mut of_holder = role(holder, &aws_policy("arn:aws:iam::111111111111:root", None));
    of_holder["AttachedManagedPolicies"] = json!([{"PolicyArn": "arn:aws:iam::111111111111:policy/go"}]);
    let mut wide = role(DEPLOY, &aws_policy("111111111111", None));
    wide["Tags"] = json!([{"Key": "Environment", "Value": "prod"}, {"Key": "team", "Value": "orders"}]);
    let service = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}});
    let saml = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
        "Principal": {"Federated": "arn:aws:iam::222222222222:saml-provider/okta"}}});
    let on = |name: &str, policy: &Value| role(&format!("arn:aws:iam::222222222222:role/{name}"), policy);
    let document = json!({
        "RoleDetailList": [
            of_holder, wide, on("machine", &service), on("people", &saml), on("break-glass", &saml),
            on("vendor", &aws_policy(VENDOR, Some("abc"))), on("gone", &aws_policy("AROAEXAMPLEEXAMPLE123", None)),
            role("arn:aws:iam::222222222222:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", &service),
        ],
        "Policies": [{"Arn": "arn:aws:iam::111111111111:policy/go", "PolicyVersionList": [
            {"IsDefaultVersion": false, "Document": {"Statement": []}},
            {"IsDefaultVersion": true, "Document": {"Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": [DEPLOY]}]}}]}],
    });
    let draft = drafted_from(&[snapshot(&document)]);
    let expectations = parsed(&draft);
    let class = |name: &str| {
        let role = expectations.role(&format!("arn:aws:iam::222222222222:role/{name}"));
        role.and_then(|role| role.class).map(rolechain::expect::RoleClass::as_str)
    };
    for (name, expected) in
        [("machine", "service"), ("people", "human"), ("break-glass", "break-glass"), ("vendor", "vendor")]
    {
        assert_eq!(class(name), Some(expected), "{name}\n{}", draft.text());
    }
    assert_eq!(class("gone"), None);
    assert!(!said(&draft).contains("AWSServiceRoleForX"));
    let deploy = expectations.role(DEPLOY).unwrap();
    assert_eq!((deploy.env.as_deref(), deploy.owner.as_deref()), (Some("prod"), Some("orders")));
    assert!(deploy.caller(Some(holder), Some(TOOLING)).is_some(), "{}", draft.text());
    assert!(deploy.caller(Some("arn:aws:iam::111111111111:role/other"), Some(TOOLING)).is_none());
    let vendor = expectations.role("arn:aws:iam::222222222222:role/vendor").unwrap();
    let id = vendor.caller(None, Some(VENDOR)).and_then(|caller| caller.external_id.clone()).unwrap();
    assert!(id.admits(Some("abc")) && !id.admits(Some("abd")) && !id.admits(None));
    assert!(draft.text().contains("names a principal that was deleted"), "{}", draft.text());
}

#[test]
fn external_ids_are_hashed_on_request_and_when_they_would_mean_something_else() {
    let vendor = "arn:aws:iam::222222222222:role/vendor";
    for (value, is_hashed, is_literal) in
        [("plain", false, true), ("plain", true, false), ("any", false, false), ("sha256:00", false, false)]
    {
        let lineage = Lineage::default();
        let snapshots = [details(&[role(vendor, &aws_policy(VENDOR, Some(value)))])];
        let sources =
            infer::Sources { lineage: &lineage, findings: &[], snapshots: &snapshots, since: None, until: None };
        let draft = infer::draft(&sources, infer::Options { hash_external_ids: is_hashed });
        assert_eq!(said(&draft).contains(&format!("external_id = \"{value}\"")), is_literal, "{value}");
        let expectations = parsed(&draft);
        let caller = expectations.role(vendor).unwrap().caller(None, Some(VENDOR)).unwrap();
        let id = caller.external_id.as_ref().unwrap();
        assert!(id.admits(Some(value)) && !id.admits(Some("other")) && !id.admits(None), "{value}");
    }
}

#[test]
fn what_a_plan_does_not_know_yet_is_said() {
    let resource = |address: &str, name: &str| json!({"address": address, "type": "aws_iam_role", "values": {"name": name, "path": "/"}});
    let plan = snapshot(&json!({"format_version": "1.2",
        "planned_values": {"root_module": {"resources": [resource("aws_iam_role.a", "a"), resource("aws_iam_role.b[0]", "b")]}},
        "variables": {"admin": {"value": "arn:aws:iam::222222222222:role/terraform"}},
        "configuration": {
            "provider_config": {"aws.prod": {"name": "aws", "alias": "prod",
                "expressions": {"assume_role": [{"role_arn": {"references": ["var.admin"]}}]}}},
            "root_module": {"resources": [
                {"address": "aws_iam_role.a", "provider_config_key": "aws"},
                {"address": "aws_iam_role.b", "provider_config_key": "aws.prod"}]}}}));
    let draft = drafted_from(&[plan]);
    assert!(draft.text().contains("nothing says in which account it will be made"), "{}", draft.text());
    assert!(draft.text().contains("known only after apply"), "{}", draft.text());
    assert!(said(&draft).contains("id = \"222222222222\"\nname = \"prod\""), "{}", draft.text());
}

#[test]
fn the_order_of_the_logs_does_not_matter() {
    let org = Organization::new("infer week");
    week(&org);
    let forth = org.records();
    let objects: Vec<String> = forth.iter().rev().map(|record| envelope(&[&record.json])).collect();
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let back = pipeline::audit_texts(&objects, &Expectations::default());
    assert_eq!(drafted(&org, &[]).text(), draft_of(&back, &[]).text());
}

/// Names that want to be something else: wildcards, quotes, line breaks, brackets, characters that turn text around.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("*"),
        Just("?"),
        Just("\""),
        Just("\\"),
        Just("\n# "),
        Just("\n[[role]]\n"),
        Just("]"),
        Just("}"),
        Just("{"),
        Just("'"),
        Just("\u{202e}"),
        Just("\u{0}"),
        Just("\u{7f}"),
        Just("\u{e0041}"),
        Just(":"),
        Just("/"),
        Just("@"),
        Just("%2A"),
        Just("${aws:username}"),
        Just("any"),
        Just("sha256:"),
        Just("é"),
        Just("prod"),
        Just("a"),
        Just(" "),
        Just("\"\"\""),
        Just("= 1"),
        Just("\r"),
        Just("##[error]"),
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn hostile_names_neither_break_the_file_nor_widen_it(names in proptest::collection::vec(hostile(), 8)) {
        let name = |at: usize| names[at].clone();
        let org = Organization::new("infer hostile");
        let subject = format!("acme/orders:environment:{}", name(0));
        let external_id = name(1);
        let hostile_role = Role { name: format!("r{}", name(2).replace('/', "")), ..Role::new(PROD, "ci/x") };
        for day in 2..7 {
            let start = at(&format!("2026-11-{day:02}T08:00:00Z"));
            let session = org.github_job(&subject, &name(3)).enter(start, &entry());
            let wish = Assume { external_id: Some(&external_id), ..Assume::role(&hostile_role, "run") };
            session.assume(start.plus(3), &wish).call(start.plus(9), Call::write("ecs", "UpdateService"));
        }
        let mut tagged = role(&format!("arn:aws:iam::{PROD}:role/{}", name(4)), &aws_policy(&name(5), Some(&name(6))));
        tagged["Tags"] = json!([{"Key": "env", "Value": name(7)}, {"Key": "Owner", "Value": name(3)}]);
        let pattern = format!("repo:acme/{}:{}", name(4), name(5));
        let of_token = role(&format!("arn:aws:iam::{TOOLING}:role/token"), &github_policy("StringLike", &json!([pattern])));
        let outcome = judged(&org, &Expectations::default());
        let snapshots = [details(&[tagged, of_token])];
        for snapshots in [&[][..], &snapshots[..]] {
            let draft = draft_of(&outcome, snapshots);
            let expectations = parsed(&draft);
            prop_assert!(!draft.text().contains(|c: char| c != '\n' && terminal::is_unsafe(c)), "{}", draft.text());
            // Whatever the environment was called, it admits no other one.
            if let Some(entry) = expectations.role(ENTRY) {
                let other = provider::parse(GITHUB, "repo:acme/orders:environment:some-other");
                prop_assert!(!entry.subjects.admit(&other) || entry.subjects.is_empty(), "{}", draft.text());
            }
            prop_assert!(expectations.roles.iter().all(|role| role.arn.is_literal() || role.arn.as_str().ends_with("sso.amazonaws.com/*")));
        }
        let alone = drafted_from(&snapshots);
        parsed(&alone);
    }
}
