//! Parameters that a record does not hold are unknown, and never absent: taking them out of records accuses nobody.

use rolechain::audit::RULES;
use rolechain::expect::Expectations;
use rolechain::model::assumption::IssuingCall;
use rolechain::model::assumption::Said;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use serde_json::Value;
use serde_json::json;

use crate::support::examples;
use crate::support::stories;

/// The ways in which parameters go missing: a size limit, a filter that empties a field, one that takes it out.
fn ways() -> [(&'static str, fn(&mut Value)); 3] {
    [
        ("omitted", |record| {
            record["requestParameters"] = json!({"omitted": true, "reason": "requestParameters too large"});
        }),
        ("null", |record| record["requestParameters"] = Value::Null),
        ("missing", |record| {
            record.as_object_mut().unwrap().remove("requestParameters");
        }),
    ]
}

fn is_assumption(record: &Value) -> bool {
    let call = (record["eventSource"].as_str(), record["eventName"].as_str());
    let without_need = [IssuingCall::GetSessionToken, IssuingCall::PodIdentity, IssuingCall::RolesAnywhere];
    let mut calls = IssuingCall::ALL.into_iter().filter(|call| !without_need.contains(call));
    calls.any(|known| (Some(known.event().0), Some(known.event().1)) == call) && record.get("errorCode").is_none()
}

/// A root task that is not named may be any: that is worth a word, of middling severity.
fn is_unnamed_task(finding: &Finding) -> bool {
    finding.rule == "assume-root-used" && finding.severity == Severity::Medium
}

/// Says whether these findings say as much as this one: of the same thing, or of a part of it, and as severe.
fn say(known: &[Finding], finding: &Finding) -> bool {
    known.iter().any(|known| {
        known.rule == finding.rule
            && known.severity >= finding.severity
            && finding.key.iter().all(|(part, value)| known.key.get(part) == Some(value))
    })
}

/// Compares what is said of records with what is said of them when the assumptions among them hold no request.
fn accused(name: &str, text: &str, judge: impl Fn(&str) -> Outcome, wrong: &mut Vec<String>) {
    let value: Value = serde_json::from_str(text).unwrap();
    let records = value.as_array().or_else(|| value["Records"].as_array()).unwrap();
    if !records.iter().any(is_assumption) {
        return;
    }
    let before = judge(text).findings;
    for (way, withhold) in ways() {
        let mut records = records.clone();
        for record in records.iter_mut().filter(|record| is_assumption(record)) {
            if let Some(role) = record["requestParameters"].get("roleArn").cloned() {
                // CloudTrail names the role beside the parameters.
                record["resources"] = json!([{"type": "AWS::IAM::Role", "ARN": role}]);
            }
            withhold(record);
        }
        let after = judge(&Value::from(records).to_string()).findings;
        for finding in after.iter().filter(|finding| !say(&before, finding) && !is_unnamed_task(finding)) {
            wrong.push(format!("{name} {way}: {} {} {:?}", finding.severity.name(), finding.rule, finding.key));
        }
    }
}

#[test]
fn nobody_is_accused_by_what_is_withheld() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in examples::of(rule).iter().filter(|example| !example.is_of_objects()) {
            accused(&example.name, &example.text, |text| example.judged_as(text), &mut wrong);
        }
    }
    for story in stories::all() {
        let records: Vec<Value> =
            story.org.records().iter().filter_map(|it| serde_json::from_str(&it.json).ok()).collect();
        let judge = |text: &str| pipeline::audit_text(text, &Expectations::default());
        accused(story.name, &Value::from(records).to_string(), judge, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// A granted call by which another account comes in: the copy of the role's account.
fn call(parameters: Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": "2026-11-06T02:30:11Z", "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole", "awsRegion": "eu-central-1", "sourceIPAddress": "192.0.2.140", "userAgent": "x",
        "userIdentity": {"type": "AWSAccount", "principalId": "AROACALLER:run", "accountId": "999988887777"},
        "requestParameters": parameters,
        "responseElements": {"credentials": {"accessKeyId": "ASIATHPL2AOHAI7IDWQO", "expiration": "Nov 6, 2026, 3:30:11 AM"},
                             "assumedRoleUser": {"assumedRoleId": "AROAROLE:run"}},
        "resources": [{"accountId": "222222222222", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::222222222222:role/r"}],
        "eventID": "3c231ab0-de98-4f1e-ad05-6e2e5234a18f", "requestID": "dad51002-5e85-40b1-adfd-2c41d3b56ed6",
        "sharedEventID": "5c121ac5-4fb2-4905-9b84-2438ec350858", "eventType": "AwsApiCall",
        "recipientAccountId": "222222222222", "readOnly": true
    })
}

fn asked(more: Value) -> Value {
    let mut parameters = json!({"roleArn": "arn:aws:iam::222222222222:role/r", "roleSessionName": "run"});
    parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    parameters
}

fn run(records: &[Value]) -> Outcome {
    pipeline::audit_text(&Value::from(records.to_vec()).to_string(), &Expectations::default())
}

fn is_found(outcome: &Outcome) -> bool {
    outcome.findings.iter().any(|finding| finding.rule == "missing-external-id")
}

#[test]
fn a_parameter_is_there_or_not_or_nobody_knows() {
    for (parameters, is_passed) in [
        (asked(json!({"externalId": "e"})), Some(true)),
        (asked(json!({})), Some(false)),
        (asked(json!({"externalId": null})), Some(false)),
        (asked(json!({"externalId": "HIDDEN_DUE_TO_SECURITY_REASONS"})), None),
        (asked(json!({"omitted": true})), None),
        (json!({"omitted": true, "reason": "requestParameters too large", "originalSize": 130_000}), None),
        (json!({"roleArn": "arn:aws:iam::222222222222:role/r"}), None),
        (json!({"roleSessionName": "run"}), None),
        (json!({"externalId": "e"}), Some(true)),
        (json!({}), None),
        (json!([]), None),
        (json!("requestParameters too large"), None),
        (json!(7), None),
        (Value::Null, None),
    ] {
        let outcome = run(&[call(parameters.clone())]);
        let record = &outcome.lineage.observations.assumptions[0];
        assert_eq!(record.said(record.external_id).is_passed(), is_passed, "{parameters}");
        assert_eq!(is_found(&outcome), is_passed == Some(false), "{parameters}");
    }
}

#[test]
fn of_two_copies_the_fuller_counts() {
    let whole = call(asked(json!({"externalId": "e", "tags": [{"key": "a", "value": "1"}]})));
    for (way, withhold) in ways() {
        let mut less = whole.clone();
        withhold(&mut less);
        let mut bare = less.clone();
        bare["responseElements"] = Value::Null;
        // The caller's copy of the same call has an id of its own, and who asked.
        let mut callers = less.clone();
        callers["eventID"] = json!("00000000-de98-4f1e-ad05-6e2e5234a18f");
        callers["recipientAccountId"] = json!("999988887777");
        callers["userIdentity"] = json!({
            "type": "IAMUser", "principalId": "AIDACALLER", "arn": "arn:aws:iam::999988887777:user/run",
            "accountId": "999988887777", "accessKeyId": "AKIA6RU73QDQZG3SFL6J", "userName": "run"
        });
        let mut bare_callers = callers.clone();
        bare_callers["responseElements"] = Value::Null;
        for other in [less, bare, callers, bare_callers] {
            for records in [[whole.clone(), other.clone()], [other.clone(), whole.clone()]] {
                let outcome = run(&records);
                assert!(!is_found(&outcome), "{way} {other}");
                let issued = outcome.lineage.sessions().filter(|session| session.session.issuance.is_some());
                let told: Vec<_> = issued
                    .map(|session| {
                        let record = session.issuing_record().unwrap();
                        let external_id = record.said(record.external_id.map(|id| outcome.lineage.str(id)));
                        (external_id, session.tag("a"), session.access_key())
                    })
                    .collect();
                assert_eq!(told, [(Said::Value("e"), Some("1"), Some("ASIATHPL2AOHAI7IDWQO"))], "{way} {other}");
            }
        }
    }
}
