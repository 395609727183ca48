//! `rolechain trust` as it is run: on the sample stories, with snapshots, and with what is wrong.

use std::fs;

use crate::program::program;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

const ENTRY: &str = "arn:aws:iam::111111111111:role/ci/gha-orders-prod";
const DEPLOY: &str = "arn:aws:iam::222222222222:role/ci/ci-deploy-role";
const BRANCH: &str = "sample-logs/02-unexpected-branch";
const ISSUER: &str = "token.actions.githubusercontent.com";

/// Runs `rolechain trust`, and returns what it wrote.
#[track_caller]
fn trust(args: &[&str], code: i32) -> (String, String) {
    let output = program()
        .arg("trust")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

#[track_caller]
fn document(args: &[&str]) -> Value {
    serde_json::from_str(&trust(&[args, &["--format", "json"]].concat(), 0).0).unwrap()
}

fn file(folder: &TempDir, name: &str, value: &Value) -> String {
    let path = folder.path().join(name);
    fs::write(&path, value.to_string()).unwrap();
    path.to_string_lossy().into_owned()
}

fn github(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
        "Principal": {"Federated": format!("arn:aws:iam::111111111111:oidc-provider/{ISSUER}")},
    }]})
}

fn details(role_arn: &str, document: &Value) -> Value {
    let name = role_arn.rsplit('/').next().unwrap();
    json!({"UserDetailList": [], "RoleDetailList": [{"Path": "/ci/", "RoleName": name, "Arn": role_arn,
        "CreateDate": "2026-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": document}], "IsTruncated": false})
}

/// Encodes every byte, as `%7B`.
pub(crate) fn percent_encoded(text: &str) -> String {
    let hex = text.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>();
    format!("%{}", hex.join("%"))
}

#[test]
fn check_says_what_would_have_been_denied() {
    let folder = TempDir::new().unwrap();
    let prod = format!("{ISSUER}:sub");
    let policy =
        file(&folder, "new.json", &github(&json!({"StringLike": {prod: "repo:acme@*/orders@*:environment:prod"}})));
    let args = ["check", "--policy", &policy, "--role", ENTRY, BRANCH];
    let found = document(&args);
    assert_eq!(found["replayed"], 3);
    assert_eq!(
        (&found["would_be_denied"], &found["would_be_allowed"], &found["undecided"]),
        (&json!(2), &json!(1), &json!(0))
    );
    let denied = &found["denied"][0];
    assert_eq!(denied["name"], "repo:acme@4242/orders@9001:ref:refs/heads/feature/quick-fix");
    assert_eq!((&denied["runs"], &denied["days"]), (&json!(2), &json!(2)));
    assert_eq!(denied["event_ids"].as_array().unwrap().len(), 2);
    assert!(denied["reasons"][0].as_str().unwrap().contains("StringLike asks for"), "{denied}");
    trust(&args, 0);
    trust(&[&args[..], &["--fail-on-denied"]].concat(), 1);
    // A window that holds the good one only.
    trust(&[&args[..], &["--fail-on-denied", "--until", "2026-11-09T12:00:00Z"]].concat(), 0);
}

#[test]
fn what_cloudtrail_does_not_record_is_named_and_not_guessed() {
    let folder = TempDir::new().unwrap();
    let claim = format!("{ISSUER}:actor_id");
    let policy = file(&folder, "new.json", &github(&json!({"StringEquals": {claim.clone(): "9001"}})));
    let found = document(&["check", "--policy", &policy, "--role", ENTRY, BRANCH]);
    assert_eq!((&found["would_be_denied"], &found["undecided"]), (&json!(0), &json!(3)));
    assert_eq!(found["unknown"][0]["reasons"], json!([claim]));
}

#[test]
fn suggest_then_check_denies_nothing_in_any_story() {
    let folder = TempDir::new().unwrap();
    for (role, story) in [
        (ENTRY, "01-healthy"),
        (DEPLOY, "01-healthy"),
        (ENTRY, "02-unexpected-branch"),
        (DEPLOY, "05-long-lived-key-in-ci"),
        (DEPLOY, "06-unfinished-migration"),
        ("arn:aws:iam::222222222222:role/vendor-costtool", "04-vendor-without-external-id"),
        (ENTRY, "13-intrusion"),
    ] {
        let logs = format!("sample-logs/{story}");
        let policy = folder.path().join("suggested.json").to_string_lossy().into_owned();
        trust(&["suggest", "--role", role, &logs, "--as", "json", "--output", &policy, "--quiet"], 0);
        let found = document(&["check", "--policy", &policy, "--role", role, &logs]);
        assert_eq!((&found["would_be_denied"], &found["undecided"]), (&json!(0), &json!(0)), "{story} {role}");
        assert!(found["would_be_allowed"].as_u64() > Some(0), "{story} {role}");
    }
}

#[test]
fn a_suggestion_says_what_it_closes_and_keeps_what_cannot_be_replayed() {
    let folder = TempDir::new().unwrap();
    let (sub, claim) = (format!("{ISSUER}:sub"), format!("{ISSUER}:actor_id"));
    let patterns = json!(["repo:acme*", "repo:acme/legacy:environment:prod"]);
    let known = github(&json!({"StringLike": {sub: patterns}, "StringEquals": {claim.clone(): "4242"}}));
    let iam = file(&folder, "details.json", &details(ENTRY, &known));
    let found = document(&["suggest", "--role", ENTRY, "--iam", &iam, BRANCH, "--exclude", "*:ref:*"]);
    let closes = found["closes"].as_array().unwrap();
    let of = |breadth: &str| closes.iter().find(|closed| closed["breadth"] == breadth).unwrap();
    assert_eq!(of("many_owners")["left"], json!(["repo:acme@4242/orders@9001:environment:prod"]));
    assert_eq!(of("many_owners")["demands"], json!(["aud"]));
    assert_eq!(of("exact")["left"], json!([]));
    let conditions = &found["policy"]["Statement"][0]["Condition"]["StringEquals"];
    assert_eq!(conditions[&claim], "4242");
    assert_eq!(conditions[format!("{ISSUER}:sub")], "repo:acme@4242/orders@9001:environment:prod");
    assert!(found["notes"].to_string().contains(&claim), "{}", found["notes"]);
}

#[test]
fn list_sets_granted_against_used() {
    let folder = TempDir::new().unwrap();
    let sub = format!("{ISSUER}:sub");
    let patterns = json!(["repo:acme/*", "repo:acme@4242/orders@9001:*"]);
    let known = github(&json!({"StringLike": {sub: patterns}}));
    let encoded = percent_encoded(&known.to_string());
    let iam = file(&folder, "details.json", &details(ENTRY, &json!(encoded)));
    let found = document(&["list", "--iam", &iam, BRANCH]);
    let roles = found["roles"].as_array().unwrap();
    let role = roles.iter().find(|role| role["role_arn"] == ENTRY).unwrap();
    assert_eq!(role["breadth"], "whole_owner");
    assert_eq!(role["used"]["runs"], 3);
    assert_eq!(role["dormant_grants"], 1);
    assert_eq!(role["in_force"], json!({"allowed": 3, "denied": 0, "unknown": 0}));
    let grants = role["grants"].as_array().unwrap();
    assert_eq!((&grants[0]["subject"], &grants[0]["dormant"]), (&json!("repo:acme/*"), &json!(true)));
    assert_eq!(grants[1]["users"].as_array().unwrap().len(), 2);
    let deploy = roles.iter().find(|role| role["role_arn"] == DEPLOY).unwrap();
    assert_eq!((&deploy["breadth"], &deploy["policy"]), (&Value::Null, &Value::Null));
    assert!(trust(&["list", "--iam", &iam, BRANCH], 0).0.contains("dormant"));
}

#[test]
fn terraform_states_and_plans_are_read() {
    let folder = TempDir::new().unwrap();
    let known = github(&json!({"StringEquals": {format!("{ISSUER}:sub"): "repo:acme/orders:environment:prod"}}));
    let role =
        |values: Value| json!({"address": "module.ci.aws_iam_role.gha", "type": "aws_iam_role", "values": values});
    let module = |role: Value| {
        json!({"root_module": {"child_modules": [{"child_modules": [{"resources": [role,
        {"address": "x", "type": "aws_iam_openid_connect_provider",
         "values": {"url": format!("https://{ISSUER}"), "client_id_list": ["sts.amazonaws.com"]}}]}]}]}})
    };
    let state = json!({"format_version": "1.0", "values": module(role(json!({"arn": ENTRY, "name": "gha-orders-prod",
        "path": "/ci/", "assume_role_policy": known.to_string()})))});
    // A plan knows neither the ARN of a new role nor a policy that names what is yet to be made.
    let plan = json!({"format_version": "1.2", "timestamp": "2026-11-09T00:00:00Z",
        "planned_values": module(role(json!({"name": "gha-orders-prod", "path": "/ci/", "assume_role_policy": known.to_string()})))});
    let unknown = json!({"format_version": "1.2", "planned_values": module(role(json!({"name": "gha-orders-prod"})))});
    let of = |value: &Value| {
        let iam = file(&folder, "terraform.json", value);
        let found = document(&["list", "--iam", &iam, BRANCH]);
        let roles = found["roles"].as_array().unwrap();
        (roles.iter().find(|role| role["role_arn"] == ENTRY).unwrap().clone(), found["snapshots"][0].clone())
    };
    let (role, snapshot) = of(&state);
    assert_eq!((&role["breadth"], &snapshot["kind"]), (&json!("exact"), &json!("Terraform state")));
    // Nobody came in by that subject: the repository has moved to ids.
    assert_eq!(role["in_force"], json!({"allowed": 0, "denied": 3, "unknown": 0}));
    let (role, snapshot) = of(&plan);
    assert_eq!((&role["breadth"], &snapshot["kind"]), (&json!("exact"), &json!("Terraform plan")));
    assert_eq!(snapshot["taken"], "2026-11-09T00:00:00Z");
    let (role, _) = of(&unknown);
    assert_eq!(role["breadth"], Value::Null);
    assert!(role["unreadable"].as_str().unwrap().contains("known only after apply"), "{role}");
}

/// The intrusion: the policy in force changes in the middle of the logs.
#[test]
fn assumptions_are_judged_by_the_policy_of_their_time() {
    let found = document(&["list", "sample-logs/13-intrusion", "--role", "*gha-orders-prod"]);
    let role = &found["roles"][0];
    // The one from before the change cannot be judged: what the policy was is not in the logs.
    assert_eq!(role["in_force"], json!({"allowed": 2, "denied": 0, "unknown": 1}));
    assert_eq!(role["breadth"], "many_owners");
    assert!(role["policy"].as_str().unwrap().starts_with("UpdateAssumeRolePolicy at 2026-11-08T21:04:35Z"), "{role}");
}

#[test]
fn errors_say_what_and_where() {
    let folder = TempDir::new().unwrap();
    let good = file(&folder, "good.json", &github(&json!({})));
    let odd = file(&folder, "odd.json", &github(&json!({"StringEqual": {}})));
    let other = file(&folder, "other.json", &json!({"Statement": []}));
    let broken = folder.path().join("broken.json").to_string_lossy().into_owned();
    fs::write(&broken, "{\n\"RoleDetailList\": [\n").unwrap();
    let bad_role = file(&folder, "bad.json", &json!({"RoleDetailList": [{"RoleName": "gha"}]}));
    for (args, words) in [
        (vec!["check", "--policy", "none.json", "--role", ENTRY, BRANCH], vec!["cannot read the policy none.json"]),
        (
            vec!["check", "--policy", &odd, "--role", ENTRY, BRANCH],
            vec!["Statement[0].Condition.StringEqual", "`StringEquals`"],
        ),
        (vec!["check", "--policy", &good, "--role", "gha", BRANCH], vec!["this is no role", "hint:"]),
        (
            vec!["check", "--policy", &good, "--role", "arn:aws:iam::111111111111:role/ci/gha-orders-prd", BRANCH],
            vec!["no granted assumption", "did you mean", ENTRY],
        ),
        (vec!["suggest", "--role", ENTRY, BRANCH, "--exclude", "*"], vec!["--exclude leaves nothing"]),
        (vec!["suggest", "--role", ENTRY, BRANCH, "--as", "json", "--format", "json"], vec!["cannot be used with"]),
        (vec!["list", BRANCH, "--iam", &other], vec!["neither an IAM snapshot nor", "hint:"]),
        (vec!["list", BRANCH, "--iam", &broken], vec!["broken.json, line 3", "not JSON"]),
        (vec!["list", BRANCH, "--iam", &bad_role], vec!["RoleDetailList[0]", "the role has no `Arn`"]),
        (vec!["list"], vec!["SOURCE"]),
    ] {
        let (_, stderr) = trust(&args, 2);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: no {word} in {stderr}");
        }
    }
}

#[test]
fn terraform_is_written_as_its_formatter_writes_it() {
    let (written, _) = trust(&["suggest", "--role", ENTRY, BRANCH, "--as", "terraform"], 0);
    let expected = r#"data "aws_iam_policy_document" "gha-orders-prod_trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values = [
        "repo:acme@4242/orders@9001:environment:prod",
        "repo:acme@4242/orders@9001:ref:refs/heads/feature/quick-fix",
      ]
    }
  }
}
"#;
    assert_eq!(written, expected);
}

#[test]
fn what_the_subject_repeats_is_decided_and_the_issuer_is_no_key() {
    let folder = TempDir::new().unwrap();
    let claim = |name: &str, value: &str| json!({"StringEquals": {format!("{ISSUER}:{name}"): value}});
    for (condition, denied, undecided) in [
        (claim("repository", "acme/orders"), 0, 0),
        (claim("repository", "acme/other"), 3, 0),
        (claim("repository_owner", "acme"), 0, 0),
        (claim("repository_id", "9001"), 0, 0),
        (claim("repository_owner_id", "77"), 3, 0),
        // Of three tokens one is of an environment, and two of a branch.
        (claim("environment", "prod"), 2, 0),
        (claim("environment", "staging"), 3, 0),
        (claim("ref", "refs/heads/main"), 2, 1),
        (claim("job_workflow_ref", "acme/x/.github/workflows/y.yml@refs/heads/main"), 0, 3),
        (claim("iss", &format!("https://{ISSUER}")), 3, 0),
        (json!({"ForAllValues:StringEquals": {format!("{ISSUER}:iss"): format!("https://{ISSUER}")}}), 0, 0),
    ] {
        let policy = file(&folder, "new.json", &github(&condition));
        let found = document(&["check", "--policy", &policy, "--role", ENTRY, BRANCH]);
        let counts = (&found["would_be_denied"], &found["undecided"]);
        assert_eq!(counts, (&json!(denied), &json!(undecided)), "{condition}");
    }
}

/// A call by a person of a permission set.
fn by_person(number: u32, suffix: &str) -> Value {
    let role = format!(
        "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_{suffix}"
    );
    json!({"eventTime": format!("2026-11-{:02}T10:00:00Z", 2 + number), "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
        "awsRegion": "eu-west-1", "readOnly": true, "recipientAccountId": "222222222222", "eventID": format!("p-{number}"),
        "userIdentity": {"type": "AssumedRole", "principalId": "AROAQWERTYUIOPASDF01:ada", "accountId": "111111111111",
            "arn": format!("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_{suffix}/ada"),
            "accessKeyId": format!("ASIAQWERTYUI{number:08}"),
            "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAQWERTYUIOPASDF01", "arn": role},
                "attributes": {"creationDate": "2026-11-02T09:00:00Z"}}},
        "requestParameters": {"roleArn": DEPLOY, "roleSessionName": "ada"},
        "responseElements": {"credentials": {"accessKeyId": format!("ASIAASDFGHJK{number:08}")},
            "assumedRoleUser": {"assumedRoleId": "AROAQWERTYUIOPASDF02:ada",
                "arn": "arn:aws:sts::222222222222:assumed-role/ci-deploy-role/ada"}}})
}

#[test]
fn people_are_suggested_and_drafted_by_their_permission_set() {
    let folder = TempDir::new().unwrap();
    let logs = |name: &str, suffixes: [&str; 3]| {
        let records: Vec<Value> = (0..).zip(suffixes).map(|(at, suffix)| by_person(at, suffix)).collect();
        file(&folder, name, &json!({ "Records": records }))
    };
    let first = logs("first.json", ["0123456789abcdef"; 3]);
    let (text, _) = trust(&["suggest", "--role", DEPLOY, &first, "--as", "json"], 0);
    assert!(text.contains(r#""aws:PrincipalArn": "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_*""#), "{text}");
    let policy = folder.path().join("policy.json").to_string_lossy().into_owned();
    fs::write(&policy, text).unwrap();
    // The set is assigned anew; another set has another name.
    let check =
        |logs: &str| document(&["check", "--policy", &policy, "--role", DEPLOY, logs])["would_be_denied"].clone();
    assert_eq!(check(&logs("second.json", ["fedcba9876543210"; 3])), 0);
    let mut other = by_person(0, "0123456789abcdef");
    let named = other.to_string().replace("SSO_Admin_", "SSO_Other_");
    other = serde_json::from_str(&named).unwrap();
    assert_eq!(check(&file(&folder, "other.json", &json!({ "Records": [other] }))), 1);
    let own: Vec<Value> = (0..3).map(|at| by_person(at, "0123456789abcdef")).collect();
    let own = json!({ "Records": own })
        .to_string()
        .replace("111111111111", "222222222222")
        .replace("ci-deploy-role", "support");
    let own = file(&folder, "own.json", &serde_json::from_str(&own).unwrap());
    let drafted = program().args(["infer", &own]).output().unwrap();
    let drafted = String::from_utf8(drafted.stdout).unwrap();
    assert!(drafted.contains("AWSReservedSSO_Admin_*\""), "{drafted}");
}

#[test]
fn what_a_suggestion_keeps_word_for_word_stays() {
    let folder = TempDir::new().unwrap();
    let sub = format!("{ISSUER}:sub");
    let known = github(&json!({"StringLike": {sub: "repo:acme@4242/orders@9001:environment:prod"}}));
    let iam = file(&folder, "details.json", &details(ENTRY, &known));
    let found = document(&["suggest", "--role", ENTRY, "--iam", &iam, BRANCH, "--exclude", "*:ref:*"]);
    let (text, _) = trust(&["suggest", "--role", ENTRY, "--iam", &iam, BRANCH, "--exclude", "*:ref:*"], 0);
    assert_eq!(found["closes"][0]["demands"], json!(["aud"]));
    assert!(text.contains("environment:prod: stays; aud is demanded"), "{text}");
}

#[test]
fn a_key_that_stands_twice_in_a_policy_is_told() {
    let folder = TempDir::new().unwrap();
    let (aud, sub) = (format!("{ISSUER}:aud"), format!("{ISSUER}:sub"));
    let text = github(
        &json!({"One": {aud: "sts.amazonaws.com"}, "Two": {sub: "repo:acme@4242/orders@9001:environment:prod"}}),
    );
    let text = text.to_string().replace("\"One\"", "\"StringEquals\"").replace("\"Two\"", "\"StringEquals\"");
    let path = folder.path().join("twice.json").to_string_lossy().into_owned();
    fs::write(&path, text).unwrap();
    let args = ["check", "--policy", &path, "--role", ENTRY, BRANCH];
    assert_eq!(document(&args)["repeated_keys"], json!(["StringEquals"]));
    assert!(trust(&args, 0).0.contains("StringEquals stands twice"));
}

#[test]
fn what_the_policy_in_force_asked_for_is_decided_in_a_check() {
    let folder = TempDir::new().unwrap();
    let condition =
        json!({"StringEquals": {format!("{ISSUER}:aud"): "sts.amazonaws.com", format!("{ISSUER}:actor_id"): "77"}});
    let known = github(&condition);
    let iam = file(&folder, "details.json", &details(ENTRY, &known));
    let policy = folder.path().join("policy.json").to_string_lossy().into_owned();
    trust(&["suggest", "--role", ENTRY, "--iam", &iam, BRANCH, "--as", "json", "--output", &policy, "--quiet"], 0);
    assert!(fs::read_to_string(&policy).unwrap().contains("actor_id"));
    let undecided = |args: &[&str]| {
        document(&[&["check", "--policy", &policy, "--role", ENTRY, BRANCH], args].concat())["undecided"].clone()
    };
    assert_eq!(undecided(&["--iam", &iam]), 0, "it held, or nobody would have come in");
    assert_eq!(undecided(&[]), 3, "without the policy nobody knows");
    // Another value is another question, and by two statements nobody knows which let it in.
    let other = condition.to_string().replace("77", "78");
    let other = file(&folder, "other.json", &github(&serde_json::from_str(&other).unwrap()));
    let args = ["check", "--policy", &other, "--role", ENTRY, BRANCH, "--iam", &iam];
    assert_eq!(document(&args)["undecided"], 3);
    let mut two = known.clone();
    let again = two["Statement"][0].clone();
    two["Statement"].as_array_mut().unwrap().push(again);
    let iam = file(&folder, "two.json", &details(ENTRY, &two));
    assert_eq!(undecided(&["--iam", &iam]), 3);
}
