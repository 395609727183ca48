//! Parameters that a record does not hold are unknown, and never absent: taking them out of records accuses nobody.

use rolechain::audit;
use rolechain::audit::Known;
use rolechain::audit::RULES;
use rolechain::expect::Expectations;
use rolechain::model::assumption::IssuingCall;
use rolechain::model::assumption::Said;
use rolechain::model::assurance::Question;
use rolechain::model::assurance::State;
use rolechain::model::finding::Finding;
use rolechain::model::finding::Severity;
use rolechain::model::time::Timestamp;
use rolechain::pipeline;
use rolechain::pipeline::Outcome;
use rolechain::trust::snapshot::Snapshot;
use rolechain::trust::timeline::Timelines;
use serde_json::Value;
use serde_json::json;

use crate::support::examples;
use crate::support::stories;

/// A name, and what takes parameters out of a record.
type Way = (&'static str, fn(&mut Value));

/// The ways in which parameters go missing: a size limit, a filter that empties a field, one that takes it out.
fn ways() -> [Way; 3] {
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
#[expect(clippy::needless_pass_by_value, reason = "literals read better without references")]
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

#[expect(clippy::needless_pass_by_value, reason = "literals read better without references")]
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

/// Returns the state and the kinds of reasons of a question; `None` when it was not asked.
fn answer(records: &[Value], snapshots: &[Snapshot], question: Question) -> Option<(State, Vec<&'static str>)> {
    let assurance =
        audit::assure(&run(records).lineage, &Expectations::default(), Known { snapshots, ..Known::default() }, None);
    let found = assurance.answers.into_iter().find(|answer| answer.question == question)?;
    Some((found.state, found.reasons.iter().map(|reason| reason.kind).collect()))
}

fn other(record: &Value, number: u32) -> Value {
    let mut other = record.clone();
    for name in ["eventID", "requestID", "sharedEventID"] {
        other[name] = json!(format!("{number:08x}-de98-4f1e-ad05-6e2e5234a18f"));
    }
    other["responseElements"]["credentials"]["accessKeyId"] = json!(format!("ASIATHPL2AOH{number:08X}"));
    other
}

fn token(subject: Option<&str>) -> Value {
    let mut record = call(asked(json!({})));
    record["eventName"] = json!("AssumeRoleWithWebIdentity");
    record["userIdentity"] =
        json!({"type": "WebIdentityUser", "identityProvider": "token.actions.githubusercontent.com"});
    record["responseElements"]["provider"] = json!("token.actions.githubusercontent.com");
    record["responseElements"]["subjectFromWebIdentityToken"] = json!(subject);
    record
}

#[test]
fn a_question_is_asked_where_it_makes_sense_and_says_what_is_not_known() {
    let told = call(asked(json!({"externalId": "e"})));
    let bare = other(&call(Value::Null), 1);
    let subject = token(Some("repo:acme/orders:environment:prod"));
    let no_subject = other(&token(None), 2);
    let mut own = told.clone();
    own["userIdentity"]["accountId"] = json!("222222222222");
    let mut unreadable = other(&own, 3);
    unreadable["userIdentity"] = json!(7);
    let role = |policy: Value| {
        let details = json!({"RoleDetailList": [{
            "Arn": "arn:aws:iam::222222222222:role/r", "RoleName": "r", "Path": "/", "AssumeRolePolicyDocument": policy
        }]});
        vec![Snapshot::read("iam.json", &details.to_string()).unwrap()]
    };
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}
    ]});
    let known = role(policy.clone());
    let unread = role(json!({"Version": "2012-10-17"}));
    let elsewhere = {
        let details = json!({"RoleDetailList": [{
            "Arn": "arn:aws:iam::333333333333:role/r", "RoleName": "r", "Path": "/", "AssumeRolePolicyDocument": policy
        }]});
        vec![Snapshot::read("iam.json", &details.to_string()).unwrap()]
    };
    let full = Some((State::Answered, vec![]));
    let cases: [(&[&Value], &[Snapshot], Question, _); 14] = [
        (&[&told], &[], Question::ExternalId, full.clone()),
        (&[&bare], &[], Question::ExternalId, Some((State::NotAnswered, vec!["parameters_withheld"]))),
        (&[&told, &bare], &[], Question::ExternalId, Some((State::Partly, vec!["parameters_withheld"]))),
        (&[&own], &[], Question::ExternalId, None),
        (&[&subject], &[], Question::Subjects, full.clone()),
        (&[&no_subject], &[], Question::Subjects, Some((State::NotAnswered, vec!["subject_unknown"]))),
        (&[&subject, &no_subject], &[], Question::Subjects, Some((State::Partly, vec!["subject_unknown"]))),
        (&[&told], &[], Question::Subjects, None),
        (&[&told], &[], Question::LongLivedKeys, full.clone()),
        (&[&told, &unreadable], &[], Question::LongLivedKeys, Some((State::Partly, vec!["caller_unreadable"]))),
        (&[&told], &[], Question::TrustPolicies, None),
        (&[&told], &known, Question::TrustPolicies, full),
        (
            &[&told],
            &unread,
            Question::TrustPolicies,
            Some((State::NotAnswered, vec!["policy_unreadable", "policy_unknown"])),
        ),
        (&[&told], &elsewhere, Question::TrustPolicies, Some((State::NotAnswered, vec!["policy_unknown"]))),
    ];
    for (at, (records, snapshots, question, expected)) in cases.into_iter().enumerate() {
        let records: Vec<Value> = records.iter().map(|record| (*record).clone()).collect();
        assert_eq!(answer(&records, snapshots, question), expected, "{at}: {question:?}");
    }
}

#[test]
fn a_change_of_an_unnamed_role_leaves_every_policy_of_the_account_unknown() {
    let role = "arn:aws:iam::222222222222:role/r";
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}
    ]});
    let change = |day: u32, account: &str, parameters: Value| {
        json!({
            "eventVersion": "1.11", "eventTime": format!("2026-11-{day:02}T08:00:00Z"), "eventSource": "iam.amazonaws.com",
            "eventName": "UpdateAssumeRolePolicy", "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.1",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDA", "arn": "arn:aws:iam::222222222222:user/a",
                             "accountId": "222222222222", "accessKeyId": "AKIATHPL2AOHAI7IDWQO", "userName": "a"},
            "requestParameters": parameters, "eventID": format!("{day:08}-de98-4f1e-ad05-6e2e5234a18f"),
            "eventType": "AwsApiCall", "recipientAccountId": account, "readOnly": false
        })
    };
    let named = json!({"roleName": "r", "policyDocument": policy.to_string()});
    let records = [
        change(1, "222222222222", named.clone()),
        change(2, "333333333333", Value::Null),
        change(4, "222222222222", Value::Null),
        change(5, "222222222222", json!({"omitted": true, "reason": "requestParameters too large"})),
        change(7, "222222222222", named),
    ];
    let lineage = run(&records).lineage;
    let timeline = Timelines::new(&lineage, &[]).of(role);
    let days: Vec<u32> = (1..=8)
        .filter(|day| {
            let step = timeline.at(Timestamp::parse_iso(&format!("2026-11-{day:02}T09:00:00Z")));
            step.is_some_and(|step| matches!(step.policy, Some(Ok(_))))
        })
        .collect();
    assert_eq!(days, [1, 2, 3, 7, 8]);
    assert_eq!(timeline.steps.len(), 3, "one doubt says it all until the next policy that is known");
}
