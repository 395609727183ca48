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

/// What leads to the run of each system is wanted, until the evidence holds a run with it that is over.
#[test]
fn what_the_records_name_is_wanted_of_each_system() {
    let bitbucket = format!("{{5c1f2a7e-4f0b-4d52-9a31-000000000001}}:{{{STEP}}}");
    let commit = "9f3b2c9f3b2c9f3b2c9f3b2c9f3b2c9f3b2c9f3b";
    let buildkite = format!("organization:acme:pipeline:orders:ref:refs/heads/main:commit:{commit}:step:deploy");
    let gitlab = "project_path:acme/shop/orders:ref_type:branch:ref:main";
    let step = format!(
        r#"{{"values":[{{"type":"pipeline_step","uuid":"{{{STEP}}}","started_on":"2026-11-10T09:59:00Z",
        "completed_on":"2026-11-10T10:02:00Z","pipeline":{{"uuid":"{{99999999-0000-4000-8000-000000000001}}"}},
        "state":{{"name":"COMPLETED","result":{{"name":"SUCCESSFUL"}}}}}}]}}{{"type":"pipeline",
        "uuid":"{{99999999-0000-4000-8000-000000000001}}","completed_on":"2026-11-10T10:03:00Z",
        "state":{{"name":"COMPLETED","result":{{"name":"SUCCESSFUL"}}}}}}"#
    );
    let build = format!(
        r#"[{{"id":"01908131-0000-4000-8000-000000000001","number":27,"state":"passed","branch":"main","commit":"{commit}",
        "web_url":"https://buildkite.com/acme/orders/builds/27","finished_at":"2026-11-10T10:03:00Z","jobs":[{{"type":"script",
        "id":"01908131-0000-4000-8000-0000000000aa","step_key":"deploy","started_at":"2026-11-10T09:59:00Z",
        "finished_at":"2026-11-10T10:02:00Z"}}]}}]"#
    );
    let job = r#"[{"id":30200001,"name":"deploy","status":"success","started_at":"2026-11-10T09:59:00Z",
        "finished_at":"2026-11-10T10:02:00Z","pipeline":{"id":574,"project_id":20},
        "web_url":"https://gitlab.com/acme/shop/orders/-/jobs/30200001"},{"id":574,"status":"success",
        "web_url":"https://gitlab.com/acme/shop/orders/-/pipelines/574"}]"#;
    let workspace = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
    for (issuer, subject, evidence, line) in [
        (
            workspace,
            &*bitbucket,
            &*step,
            format!("bitbucket bitbucket.org acme/5c1f2a7e-4f0b-4d52-9a31-000000000001 {STEP}"),
        ),
        ("agent.buildkite.com", &*buildkite, &*build, format!("buildkite buildkite.com acme/orders {commit}")),
        ("gitlab.com", gitlab, job, "gitlab gitlab.com acme/shop/orders 30200001".to_owned()),
    ] {
        let lineage = pipeline::audit_text(&logs(issuer, subject, "job-30200001"), &Expectations::default()).lineage;
        let wanted: Vec<_> = join::wanted(&lineage, None).into_iter().collect();
        assert!(
            rolechain::ci::script(&wanted, &std::collections::BTreeSet::new()).lines().any(|found| found == line),
            "{line} {wanted:?}"
        );
        let mut facts = Facts::default();
        facts.read("evidence.json", evidence.as_bytes()).unwrap();
        facts.settle();
        assert!(join::wanted(&lineage, Some(&facts)).is_empty(), "{line} {:?}", facts.runs);
    }
}
