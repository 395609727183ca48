//! Which condition keys a record supplies, and which it does not: records, conditions and verdicts.

use rolechain::correlate;
use rolechain::expect::Expectations;
use rolechain::model::lineage::Lineage;
use rolechain::observe::Filter;
use rolechain::observe::Observer;
use rolechain::observe::Seen;
use rolechain::read;
use rolechain::trust::Policy;
use rolechain::trust::Verdict;
use rolechain::trust::observed;
use rolechain::trust::snapshot::Snapshot;
use rolechain::trust::timeline::Timelines;
use serde_json::Value;
use serde_json::json;

const ROLE: &str = "arn:aws:iam::222222222222:role/ci/deploy";
const ISSUER: &str = "token.actions.githubusercontent.com";

/// Reads records and links them.
pub(crate) fn lineage(records: &[Value]) -> Lineage {
    let seen = Seen::default();
    let filter = Filter::default();
    let mut observer = Observer::new(&seen, &filter);
    let mut scratch = read::Scratch::default();
    let text = json!({ "Records": records }).to_string();
    observer.begin("world");
    let summary = read::read_object(text.as_bytes(), &mut scratch, &read::Limits::default(), &mut observer);
    observer.end(summary.kind, 0, summary.inflated_bytes);
    let options = correlate::Options { include_services: true, ..correlate::Options::default() };
    let mut lineage = correlate::correlate(observer.finish(), &options);
    Expectations::default().read_tokens(&mut lineage);
    lineage
}

fn record(name: &str, caller: &Value, request: Value) -> Value {
    let mut request = request;
    request["roleArn"] = json!(ROLE);
    request["roleSessionName"] = json!("run-7");
    json!({
        "eventVersion": "1.08", "eventTime": "2026-11-02T12:00:00Z", "eventSource": "sts.amazonaws.com", "eventName": name,
        "eventID": "e-1", "awsRegion": "eu-central-1", "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/2",
        "recipientAccountId": "222222222222", "userIdentity": caller, "requestParameters": request,
        "responseElements": {"credentials": {"accessKeyId": "ASIAQWERTYUIOPASDF2B", "expiration": "Nov 2, 2026, 1:00:00 PM"},
            "assumedRoleUser": {"assumedRoleId": "AROADEPLOY:run-7", "arn": "arn:aws:sts::222222222222:assumed-role/deploy/run-7"}},
    })
}

fn by_role(request: Value) -> Value {
    let caller = json!({"type": "AssumedRole", "principalId": "AROAENTRY:gha-1",
        "arn": "arn:aws:sts::222222222222:assumed-role/entry/gha-1", "accountId": "222222222222",
        "accessKeyId": "ASIAQWERTYUIOPASDF2A", "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::222222222222:role/ci/entry", "principalId": "AROAENTRY",
                "accountId": "222222222222", "userName": "entry"},
            "attributes": {"creationDate": "2026-11-02T11:59:00Z", "mfaAuthenticated": "false"}}});
    record("AssumeRole", &caller, request)
}

fn by_user(key: &str) -> Value {
    let caller = json!({"type": "IAMUser", "principalId": "AIDABOB", "arn": "arn:aws:iam::222222222222:user/bob",
        "accountId": "222222222222", "accessKeyId": key, "userName": "bob"});
    record("AssumeRole", &caller, json!({}))
}

fn by_token(issuer: &str) -> Value {
    let provider = format!("arn:aws:iam::222222222222:oidc-provider/{issuer}");
    let subject = "repo:acme/orders:environment:prod";
    let caller = json!({"type": "WebIdentityUser", "principalId": format!("{provider}:sts.amazonaws.com:{subject}"),
        "userName": subject, "identityProvider": provider});
    let mut record = record("AssumeRoleWithWebIdentity", &caller, json!({}));
    record["responseElements"]["subjectFromWebIdentityToken"] = json!(subject);
    record["responseElements"]["audience"] = json!("sts.amazonaws.com");
    record["responseElements"]["provider"] = json!(provider);
    record
}

/// What a condition comes to for a record: `yes`, `no`, or what is lacking.
fn said(record: &Value, condition: &str) -> String {
    let condition: Value = serde_json::from_str(condition).unwrap();
    let lineage = lineage(std::slice::from_ref(record));
    let observed = observed::all(&lineage);
    let [one] = observed.as_slice() else { panic!("one assumption, not {}", observed.len()) };
    let principal = json!({"AWS": ["222222222222", "999988887777"], "Service": "ec2.amazonaws.com",
        "Federated": [format!("arn:aws:iam::222222222222:oidc-provider/{ISSUER}"),
            "arn:aws:iam::222222222222:oidc-provider/accounts.google.com", "arn:aws:iam::222222222222:saml-provider/corp"]});
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:*",
        "Condition": condition}});
    match Policy::of_value(&policy).unwrap().judge(&one.request) {
        Verdict::Allows => "yes".to_owned(),
        Verdict::Denies(_) => "no".to_owned(),
        Verdict::Unknown(lacks) => lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

#[track_caller]
fn table(record: &Value, rows: &[(&str, &str)]) {
    for (condition, expected) in rows {
        assert_eq!(said(record, condition), *expected, "{condition}");
    }
}

#[test]
fn a_role_that_assumes_a_role_supplies_these() {
    let plain = by_role(json!({}));
    table(
        &plain,
        &[
            (r#"{"StringEquals":{"sts:ExternalId":"x"}}"#, "no"),
            (r#"{"Null":{"sts:ExternalId":"true"}}"#, "yes"),
            (r#"{"StringEquals":{"sts:RoleSessionName":"run-7"}}"#, "yes"),
            (r#"{"StringEquals":{"sts:SourceIdentity":"alice"}}"#, "no"),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/ci/*"}}"#, "yes"),
            (r#"{"StringEquals":{"aws:PrincipalAccount":"222222222222"}}"#, "yes"),
            (r#"{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}"#, "yes"),
            (r#"{"StringLike":{"aws:userid":"AROAENTRY:*"}}"#, "yes"),
            (r#"{"StringLike":{"aws:username":"*"}}"#, "no"),
            (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "yes"),
            (r#"{"StringEquals":{"aws:RequestedRegion":"eu-central-1"}}"#, "yes"),
            (r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-11-02T11:00:00Z"}}"#, "yes"),
            (r#"{"DateLessThan":{"aws:TokenIssueTime":"2026-11-02T12:00:00Z"}}"#, "yes"),
            (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, "yes"),
            (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, "no"),
            (r#"{"StringLike":{"aws:RequestTag/team":"*"}}"#, "no"),
            (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}"#, "yes"),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, "aws:PrincipalOrgID"),
            (r#"{"StringEquals":{"aws:PrincipalTag/team":"x"}}"#, "aws:PrincipalTag/team"),
            (r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, "aws:SourceVpce"),
            (r#"{"StringEquals":{"saml:aud":"x"}}"#, "no"),
            // A session may carry claims of the token that it began with.
            (
                r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"x"}}"#,
                "token.actions.githubusercontent.com:sub",
            ),
        ],
    );
    let full = by_role(json!({"externalId": "x", "sourceIdentity": "alice", "durationSeconds": 900,
        "tags": [{"key": "Team", "value": "orders"}]}));
    table(
        &full,
        &[
            (r#"{"StringEquals":{"sts:ExternalId":"x","sts:SourceIdentity":"alice"}}"#, "yes"),
            (r#"{"NumericLessThanEquals":{"sts:DurationSeconds":"3600"}}"#, "yes"),
            (r#"{"StringEquals":{"aws:RequestTag/team":"orders"}}"#, "yes"),
            (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Env"]}}"#, "no"),
            (r#"{"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":["Team"]}}"#, "sts:TransitiveTagKeys"),
        ],
    );
    let mut inside = by_role(json!({}));
    inside["sourceIPAddress"] = json!("10.0.0.7");
    table(&inside, &[(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, "aws:SourceIp")]);
}

#[test]
fn a_user_supplies_these() {
    table(
        &by_user("AKIAQWERTYUIOPASDF2A"),
        &[
            (r#"{"StringEquals":{"aws:username":"bob","aws:PrincipalType":"User"}}"#, "yes"),
            (r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::222222222222:user/bob"}}"#, "yes"),
            // Whether a code came with the call shows only in what the session did later.
            (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, "aws:MultiFactorAuthPresent"),
            (r#"{"Null":{"aws:TokenIssueTime":"true"}}"#, "yes"),
            (r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"x"}}"#, "no"),
        ],
    );
}

#[test]
fn a_code_shows_in_the_session_that_it_issued() {
    let assumption = by_user("AKIAQWERTYUIOPASDF2A");
    let condition = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    for (mfa, expected) in [("true", "allows"), ("false", "denies")] {
        let call = json!({"eventVersion": "1.08", "eventTime": "2026-11-02T12:01:00Z", "eventSource": "ec2.amazonaws.com",
            "eventName": "DescribeInstances", "eventID": "e-2", "awsRegion": "eu-central-1", "readOnly": true,
            "recipientAccountId": "222222222222", "userIdentity": {"type": "AssumedRole", "principalId": "AROADEPLOY:run-7",
                "arn": "arn:aws:sts::222222222222:assumed-role/deploy/run-7", "accountId": "222222222222",
                "accessKeyId": "ASIAQWERTYUIOPASDF2B", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE,
                    "principalId": "AROADEPLOY"}, "attributes": {"creationDate": "2026-11-02T12:00:00Z", "mfaAuthenticated": mfa}}}});
        let lineage = lineage(&[assumption.clone(), call]);
        let observed = observed::all(&lineage);
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
            "Condition": condition}});
        let verdict = Policy::of_value(&policy).unwrap().judge(&observed[0].request);
        assert_eq!(verdict.name(), expected, "{mfa}");
    }
}

#[test]
fn a_token_supplies_these() {
    table(
        &by_token(ISSUER),
        &[
            (
                r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:acme/orders:environment:prod"}}"#,
                "yes",
            ),
            (r#"{"StringLike":{"Token.Actions.GitHubUserContent.com:SUB":"repo:acme/*"}}"#, "yes"),
            (r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#, "yes"),
            (r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"other"}}"#, "no"),
            (
                r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_id":"9"}}"#,
                "token.actions.githubusercontent.com:repository_id",
            ),
            (
                r#"{"ForAllValues:StringLike":{"token.actions.githubusercontent.com:job_workflow_ref":"acme/*"}}"#,
                "token.actions.githubusercontent.com:job_workflow_ref",
            ),
            // Claims of another issuer are not in this token; a call with a token is not signed.
            (r#"{"StringEquals":{"gitlab.com:sub":"x"}}"#, "no"),
            (r#"{"StringNotEquals":{"gitlab.com:sub":"x"}}"#, "yes"),
            (r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#, "no"),
            (r#"{"StringEquals":{"sts:ExternalId":"x"}}"#, "no"),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, "no"),
        ],
    );
    table(
        &by_token("accounts.google.com"),
        &[
            (r#"{"StringEquals":{"accounts.google.com:oaud":"sts.amazonaws.com"}}"#, "yes"),
            (r#"{"StringEquals":{"accounts.google.com:aud":"sts.amazonaws.com"}}"#, "accounts.google.com:aud"),
        ],
    );
}

#[test]
fn an_assertion_supplies_its_provider_and_nothing_else() {
    let provider = "arn:aws:iam::222222222222:saml-provider/corp";
    let caller = json!({"type": "SAMLUser", "principalId": "x:alice", "userName": "alice", "identityProvider": "x"});
    let record = record("AssumeRoleWithSAML", &caller, json!({"principalArn": provider}));
    table(
        &record,
        &[("{}", "yes"), (r#"{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#, "SAML:aud")],
    );
}

#[test]
fn services_and_other_accounts_supply_little() {
    let service = record("AssumeRole", &json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}), json!({}));
    table(
        &service,
        &[
            ("{}", "yes"),
            (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, "yes"),
            (r#"{"StringEquals":{"aws:SourceAccount":"222222222222"}}"#, "aws:SourceAccount"),
        ],
    );
    let caller = json!({"type": "AWSAccount", "principalId": "AROAVENDOR:scan", "accountId": "999988887777"});
    let foreign = record("AssumeRole", &caller, json!({}));
    table(
        &foreign,
        &[
            ("{}", "yes"),
            (r#"{"StringEquals":{"aws:PrincipalAccount":"999988887777"}}"#, "yes"),
            (r#"{"StringLike":{"aws:userid":"AROAVENDOR:*"}}"#, "yes"),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#, "aws:PrincipalArn"),
        ],
    );
}

fn change(name: &str, time: &str, document: &Value) -> Value {
    let mut parameters = json!({"roleName": "deploy"});
    let field = if name == "CreateRole" { "assumeRolePolicyDocument" } else { "policyDocument" };
    if !document.is_null() {
        parameters[field] = json!(document.to_string());
    }
    json!({"eventVersion": "1.08", "eventTime": time, "eventSource": "iam.amazonaws.com", "eventName": name,
        "eventID": format!("c-{time}"), "awsRegion": "us-east-1", "recipientAccountId": "222222222222", "readOnly": false,
        "userIdentity": {"type": "IAMUser", "principalId": "AIDABOB", "arn": "arn:aws:iam::222222222222:user/bob",
            "accountId": "222222222222", "userName": "bob"}, "requestParameters": parameters})
}

fn details(role_id: &str, document: &Value) -> Snapshot {
    let text = json!({"RoleDetailList": [{"Path": "/ci/", "RoleName": "deploy", "RoleId": role_id, "Arn": ROLE,
        "AssumeRolePolicyDocument": document}]});
    Snapshot::read("details.json", &text.to_string()).unwrap()
}

#[test]
fn each_assumption_is_judged_by_the_policy_of_its_time() {
    let trusting = |account: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}});
    let (own, other) = (trusting("222222222222"), trusting("333333333333"));
    let at = |hour: u8| {
        let mut record = by_role(json!({}));
        record["eventTime"] = json!(format!("2026-11-02T{hour:02}:30:00Z"));
        record["eventID"] = json!(format!("e-{hour}"));
        record["responseElements"]["credentials"]["accessKeyId"] = json!(format!("ASIAQWERTYUIOPAS{hour:04}"));
        record
    };
    let judged = |changes: &[Value], snapshots: &[Snapshot]| {
        let records: Vec<Value> = changes.iter().cloned().chain([10, 12, 14, 16].map(at)).collect();
        let lineage = lineage(&records);
        let timeline = Timelines::new(&lineage, snapshots).of(ROLE);
        let observed = observed::all(&lineage);
        let words: Vec<&str> = observed.iter().map(|one| timeline.judge(one).name()).collect();
        (words.join(" "), timeline.differs().is_some())
    };
    let changes = [
        change("CreateRole", "2026-11-02T11:00:00Z", &own),
        change("UpdateAssumeRolePolicy", "2026-11-02T13:00:00Z", &other),
        change("DeleteRole", "2026-11-02T15:00:00Z", &Value::Null),
    ];
    assert_eq!(judged(&[], &[]), ("unknown unknown unknown unknown".to_owned(), false));
    assert_eq!(judged(&changes, &[]), ("unknown allows denies unknown".to_owned(), false));
    // A snapshot has no date: it counts all the time, or not at all.
    assert_eq!(judged(&[], &[details("AROADEPLOY", &own)]), ("allows allows allows allows".to_owned(), false));
    assert_eq!(
        judged(&changes[..2], &[details("AROADEPLOY", &own)]),
        ("unknown allows denies denies".to_owned(), true)
    );
    assert_eq!(
        judged(&changes[..2], &[details("AROADEPLOY", &other)]),
        ("unknown allows denies denies".to_owned(), false)
    );
    // It is of another role of the same name.
    assert_eq!(judged(&[], &[details("AROANEWROLE", &own)]), ("unknown unknown unknown unknown".to_owned(), false));
    // A plan has a date.
    let plan = json!({"format_version": "1.2", "timestamp": "2026-11-02T13:00:00Z", "planned_values": {"root_module": {"resources": [
        {"type": "aws_iam_role", "address": "a", "values": {"name": "deploy", "assume_role_policy": own.to_string()}}]}}});
    let plan = Snapshot::read("plan.json", &plan.to_string()).unwrap();
    assert_eq!(judged(&[], std::slice::from_ref(&plan)), ("unknown unknown allows allows".to_owned(), false));
    // What was refused changed nothing; what cannot be read is not guessed.
    let mut refused = change("UpdateAssumeRolePolicy", "2026-11-02T11:00:00Z", &other);
    refused["errorCode"] = json!("AccessDenied");
    assert_eq!(judged(&[refused], &[details("AROADEPLOY", &own)]), ("allows allows allows allows".to_owned(), false));
    let odd = change("UpdateAssumeRolePolicy", "2026-11-02T11:00:00Z", &json!({"Statement": 7}));
    assert_eq!(judged(&[odd], &[]), ("unknown unknown unknown unknown".to_owned(), false));
}
