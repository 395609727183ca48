//! CI systems besides GitHub: each names its runs in its own way, and the link says by what it was found.

use std::sync::Arc;

use rolechain::ci::Facts;
use rolechain::expect::Expectations;
use rolechain::join;
use rolechain::join::Grade;
use rolechain::pipeline;

/// One session that a token opened at ten.
fn logs(issuer: &str, subject: &str, session: &str) -> String {
    format!(
        r#"{{"Records":[{{"eventVersion":"1.08","eventID":"0e2f4c1a-8a37-4a51-9f0e-3b1f3c1d2e4f",
        "eventTime":"2026-11-10T10:00:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity",
        "awsRegion":"eu-central-1","recipientAccountId":"111111111111","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2.31",
        "userIdentity":{{"type":"WebIdentityUser","userName":"{subject}",
            "identityProvider":"arn:aws:iam::111111111111:oidc-provider/{issuer}"}},
        "requestParameters":{{"roleArn":"arn:aws:iam::111111111111:role/deploy","roleSessionName":"{session}"}},
        "responseElements":{{"credentials":{{"accessKeyId":"ASIAQWERTYUIOPASDF1A"}},
            "assumedRoleUser":{{"assumedRoleId":"AROAS3MJTUCQEWGWZGHGF:{session}"}}}}}}]}}"#
    )
}

/// Links the session with evidence: how sure, and what agreed.
fn linked(logs: &str, evidence: &str) -> (Grade, Vec<&'static str>) {
    let lineage = pipeline::audit_text(logs, &Expectations::default()).lineage;
    let mut facts = Facts::default();
    facts.read("evidence.json", evidence.as_bytes()).unwrap();
    facts.settle();
    assert!(facts.files[0].defects.is_empty(), "{:?}", facts.files);
    let joined = join::join(&lineage, Arc::new(facts));
    assert_eq!(joined.links.len(), 1);
    let link = joined.links.into_values().next().unwrap();
    (link.grade, link.matched_on)
}

const STEP: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

#[test]
fn the_token_of_bitbucket_names_the_step() {
    let issuer = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    let logs = logs(issuer, &format!("{{5c1f2a7e-4f0b-4d52-9a31-000000000001}}:{{{STEP}}}"), "deploy");
    let steps = |step: &str, ended: &str| {
        format!(
            r#"{{"values":[{{"type":"pipeline_step","uuid":"{{{step}}}","name":"Deploy","started_on":"2026-11-10T09:59:00Z",
            "completed_on":"{ended}","pipeline":{{"uuid":"{{99999999-0000-4000-8000-000000000001}}"}},
            "state":{{"name":"COMPLETED","result":{{"name":"SUCCESSFUL"}}}}}}]}}"#
        )
    };
    assert_eq!(linked(&logs, &steps(STEP, "2026-11-10T10:02:00Z")), (Grade::Exact, vec!["job_id", "job_time"]));
    // The step of the token was over an hour before.
    let early = steps(STEP, "2026-11-10T09:00:00Z").replace("09:59", "08:59");
    assert_eq!(linked(&logs, &early).0, Grade::Contradicted);
    let other = steps("00000000-bbbb-4ccc-8ddd-eeeeeeeeeeee", "2026-11-10T10:02:00Z");
    assert_eq!(linked(&logs, &other).0, Grade::NotCovered);
}

#[test]
fn the_token_of_buildkite_names_commit_and_step() {
    let subject = "organization:acme:pipeline:orders:ref:refs/heads/main:commit:9f3b2c:step:deploy";
    let logs = logs("agent.buildkite.com", subject, "deploy");
    let build = |commit: &str| {
        format!(
            r#"[{{"id":"01908131-0000-4000-8000-000000000001","number":27,"state":"passed","branch":"main","commit":"{commit}",
            "source":"webhook","web_url":"https://buildkite.com/acme/orders/builds/27","created_at":"2026-11-10T09:58:00Z",
            "started_at":"2026-11-10T09:58:10Z","finished_at":"2026-11-10T10:03:00Z","pipeline":{{"slug":"orders"}},
            "jobs":[{{"id":"01908131-0000-4000-8000-0000000000aa","type":"script","step_key":"deploy","state":"passed",
            "started_at":"2026-11-10T09:59:00Z","finished_at":"2026-11-10T10:02:00Z"}}]}}]"#
        )
    };
    let (grade, matched_on) = linked(&logs, &build("9f3b2c"));
    assert_eq!(grade, Grade::Exact);
    assert!(matched_on.contains(&"commit") && matched_on.contains(&"job_time"), "{matched_on:?}");
    assert!(linked(&logs, &build("000000")).0 > Grade::Probable);
}

#[test]
fn a_session_name_of_gitlab_holds_the_job_where_the_workflow_put_it() {
    let subject = "project_path:acme/orders:ref_type:branch:ref:main";
    let jobs = r#"[{"id":30200001,"name":"deploy","stage":"deploy","status":"success","ref":"main","tag":false,
        "created_at":"2026-11-10T09:58:00Z","started_at":"2026-11-10T09:59:00Z","finished_at":"2026-11-10T10:02:00Z",
        "user":{"id":77,"username":"octavia"},"commit":{"id":"5555555555555555555555555555555555555555"},
        "pipeline":{"id":574,"project_id":20,"ref":"main","sha":"5555555555555555555555555555555555555555","status":"success"},
        "web_url":"https://gitlab.com/acme/orders/-/jobs/30200001"}]"#;
    let (grade, matched_on) = linked(&logs("gitlab.com", subject, "job-30200001"), jobs);
    assert_eq!((grade, matched_on.first()), (Grade::Exact, Some(&"job_id")));
    // A year is no job.
    let (grade, _) = linked(&logs("gitlab.com", subject, "orders-2026"), jobs);
    assert!(grade > Grade::Probable, "{grade:?}");
}
