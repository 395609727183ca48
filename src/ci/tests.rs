//! Every source in every form, in every order, broken in every place.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::*;
use crate::model::time::Timestamp;

const RUN: &str = r#"{"id":7001,"name":"deploy","head_branch":"main","head_sha":"abc","path":".github/workflows/deploy.yml@main",
"run_number":41,"event":"push","status":"completed","conclusion":"success","workflow_id":5,"run_attempt":2,
"url":"https://api.github.com/repos/acme/orders/actions/runs/7001","html_url":"https://github.com/acme/orders/actions/runs/7001",
"pull_requests":[],"created_at":"2026-11-09T09:00:00Z","updated_at":"2026-11-10T08:10:05Z","run_started_at":"2026-11-10T08:00:00Z",
"actor":{"login":"octavia","id":501,"type":"User"},"triggering_actor":{"login":"sam","id":502,"type":"User"},
"repository":{"id":9001,"full_name":"acme/orders","fork":false},"head_repository":{"id":9001,"full_name":"acme/orders"}}"#;

const OTHER_RUN: &str = r#"{"id":7002,"name":"deploy","head_branch":"main","head_sha":"abd","path":".github/workflows/deploy.yml",
"run_number":43,"event":"push","status":"in_progress","conclusion":null,"workflow_id":5,"run_attempt":1,
"url":"https://api.github.com/repos/acme/orders/actions/runs/7002","html_url":"https://github.com/acme/orders/actions/runs/7002",
"created_at":"2026-11-11T09:00:00Z","updated_at":"2026-11-11T09:00:05Z","run_started_at":"2026-11-11T09:00:00Z",
"actor":{"login":"dependabot[bot]","id":99,"type":"Bot"},"repository":{"id":9001,"full_name":"acme/orders"},"head_repository":null}"#;

const JOB: &str = r#"{"id":81,"run_id":7001,"run_url":"https://api.github.com/repos/acme/orders/actions/runs/7001","run_attempt":2,
"html_url":"https://github.com/acme/orders/actions/runs/7001/job/81","status":"completed","conclusion":"success",
"created_at":"2026-11-10T08:00:10Z","started_at":"2026-11-10T08:01:00Z","completed_at":"2026-11-10T08:09:00Z","name":"Deploy",
"steps":[{"name":"Set up job","number":1}],"labels":["ubuntu-24.04"],"runner_id":1,"runner_name":"GitHub Actions 1000018028",
"runner_group_id":0,"runner_group_name":"GitHub Actions"}"#;

const SKIPPED: &str = r#"{"id":82,"run_id":7001,"run_attempt":2,"html_url":"https://github.com/acme/orders/actions/runs/7001/job/82",
"status":"completed","conclusion":"skipped","started_at":"2026-11-10T08:09:05Z","completed_at":"2026-11-10T08:09:05Z",
"name":"Roll back","labels":[],"runner_name":null,"runner_group_name":null}"#;

const OWN_RUNNER: &str = r#"{"id":83,"run_id":7002,"run_attempt":1,"html_url":"https://github.com/acme/orders/actions/runs/7002/job/83",
"status":"in_progress","conclusion":null,"started_at":"2026-11-11T09:00:30Z","completed_at":null,"name":"Deploy",
"labels":["self-hosted","linux"],"runner_name":"build-1","runner_group_name":"Default"}"#;

const APPROVALS: &str = r#"[{"state":"approved","comment":"ship it","user":{"login":"priya","id":503,"type":"User"},
"environments":[{"id":1,"name":"prod","html_url":"https://github.com/acme/orders/deployments/activity_log?environments_filter=prod"}]}]"#;

const DEPLOYMENT: &str = r#"{"url":"https://api.github.com/repos/acme/orders/deployments/875","id":875,"task":"deploy","environment":"prod",
"sha":"abc","ref":"main","payload":"{}","creator":{"login":"octavia","id":501},"created_at":"2026-11-10T08:00:12Z",
"statuses_url":"https://api.github.com/repos/acme/orders/deployments/875/statuses","production_environment":true}"#;

const STATUS: &str = r#"{"id":4,"state":"success","environment":"prod","log_url":"https://github.com/acme/orders/actions/runs/7001/job/81",
"deployment_url":"https://api.github.com/repos/acme/orders/deployments/875","created_at":"2026-11-10T08:09:00Z"}"#;

const ENVIRONMENTS: &str = r#"{"total_count":1,"environments":[{"id":1,"name":"prod","updated_at":"2026-08-20T12:00:00Z",
"url":"https://api.github.com/repos/acme/orders/environments/prod","protection_rules":[{"type":"required_reviewers",
"prevent_self_review":true,"reviewers":[{"type":"User","reviewer":{"login":"priya"}},{"type":"Team","reviewer":{"slug":"ops"}}]}]}]}"#;

const AUDIT: &str = r#"{"@timestamp":1794297645000,"created_at":1794297645000,"action":"workflows.approve_workflow_job","actor":"priya",
"actor_id":503,"workflow_run_id":7001,"run_number":41,"repo":["acme/orders"],"repo_id":9001,"org":["acme"],"_document_id":"a"}
{"at_sign_timestamp":"2026-11-10T08:00:58Z","action":"workflows.prepared_workflow_job","workflow_run_id":"7001","job_name":"Deploy",
"environment_name":"prod","is_hosted_runner":true,"repo":"acme/orders","repo_id":9001}
{"created_at":1794387600000,"action":"workflows.created_workflow_run","actor":"mallory","actor_id":666,"actor_is_bot":false,
"started_at":"2026-11-11T09:00:00.000Z","name":"deploy","head_branch":"dev","head_sha":"bad","event":"push","workflow_id":5,
"workflow_run_id":7009,"repo":"acme/orders","repo_id":9001}
{"created_at":1794387700000,"action":"workflows.delete_workflow_run","actor":"mallory","actor_id":666,"workflow_run_id":7009,
"repo":"acme/orders","repo_id":9001}
{"created_at":1794387700000,"action":"environment.remove_protection_rule","actor":"mallory","name":"prod","repo":"acme/orders"}
{"created_at":1794387700000,"action":"git.push","actor":"mallory","repository":"acme/orders","repo":"acme/orders"}"#;

const EVENT: &str = r#"{"eventUuid":"u","eventType":"workflow_job_completed","eventTimestamp":"2026-11-10T08:09:00Z","organizationId":4242,
"eventData":{"job_id":81,"job_key":"deploy","job_conclusion":"success","job_started_at":"2026-11-10T08:01:00.0000000Z",
"job_completed_at":"2026-11-10T08:09:00.0000000Z","runner_name":"GitHub Actions 1000018028","runner_group_name":"GitHub Actions",
"repository_id":9001,"workflow_run_id":7001,"workflow_run_attempt":2,"workflow_run_actor_id":501,"workflow_run_head_sha":"abc"}}"#;

const GH: &str = r#"[{"attempt":1,"conclusion":"success","createdAt":"2026-11-12T09:00:00Z","databaseId":7003,"event":"push",
"headBranch":"main","headSha":"abe","name":"deploy","number":44,"startedAt":"2026-11-12T09:00:00Z","status":"completed",
"updatedAt":"2026-11-12T09:05:00Z","url":"https://github.com/acme/orders/actions/runs/7003","workflowDatabaseId":5,
"jobs":[{"databaseId":84,"name":"Deploy","startedAt":"2026-11-12T09:01:00Z","completedAt":"2026-11-12T09:04:00Z",
"status":"completed","conclusion":"success","url":"https://github.com/acme/orders/actions/runs/7003/job/84"}]}]"#;

const COLLECTED: &str = r#"{"repo":"acme/orders","run_id":7010,"missing":true,"asked_at":"2026-11-20T00:00:00Z"}
{"run_id":7003,"approvals":[]}
{"run_id":7002,"state":"rejected","user":{"login":"priya","id":503},"environments":[{"name":"prod"}]}"#;

const GITLAB: &str = r#"[{"id":41,"iid":7,"ref":"main","sha":"555","created_at":"2026-11-10T09:01:00.222Z","status":"success",
"user":{"id":77,"username":"octavia"},"environment":{"id":9,"name":"prod"},"deployable":{"id":302,"name":"deploy","stage":"deploy",
"status":"success","started_at":"2026-11-10T09:02:00.722Z","finished_at":"2026-11-10T09:03:50.895Z","user":{"username":"octavia"},
"pipeline":{"id":574,"project_id":20,"ref":"main","sha":"555"},"runner":{"description":"shared-1","runner_type":"instance_type"},
"web_url":"https://gitlab.com/acme/shop/orders/-/jobs/302"},"approvals":[{"user":{"id":78,"username":"priya"},"status":"approved",
"created_at":"2026-11-10T09:01:40.097Z"}]},
{"id":574,"iid":31,"project_id":20,"sha":"555","ref":"main","status":"success","source":"push","created_at":"2026-11-10T09:00:00Z",
"updated_at":"2026-11-10T09:04:00Z","web_url":"https://gitlab.com/acme/shop/orders/-/pipelines/574"}]"#;

const BITBUCKET: &str = r#"{"values":[{"type":"pipeline_step","uuid":"{AAAA-1}","name":"Deploy","started_on":"2026-11-10T09:02:00.1Z",
"completed_on":"2026-11-10T09:02:50.9Z","pipeline":{"uuid":"{9999-1}"},"state":{"name":"COMPLETED"}},
{"type":"pipeline","uuid":"{9999-1}","build_number":12,"creator":{"display_name":"Octavia","nickname":"octavia"},
"repository":{"full_name":"acme/orders"},"target":{"ref_name":"main","commit":{"hash":"fff"}},"trigger":{"name":"PUSH"},
"state":{"name":"COMPLETED","result":{"name":"SUCCESSFUL"}},"created_on":"2026-11-10T09:00:00Z"}],"page":1}"#;

const BUILDKITE: &str = r#"[{"id":"0190","number":27,"state":"passed","branch":"main","commit":"9f3","source":"webhook",
"web_url":"https://buildkite.com/acme/orders/builds/27","creator":{"name":"Octavia","email":"o@acme.example"},
"created_at":"2026-11-10T09:00:00Z","started_at":"2026-11-10T09:00:10Z","finished_at":"2026-11-10T09:03:00Z","jobs":[
{"id":"aa","type":"script","step_key":"deploy","started_at":"2026-11-10T09:02:00Z","finished_at":"2026-11-10T09:02:50Z",
"agent":{"name":"prod-1","ip_address":"203.0.113.9"}},
{"id":"ab","type":"manual","unblocked_by":{"name":"Priya"},"unblocked_at":"2026-11-10T09:01:50Z"}]}]"#;

const HCP: &str = r#"{"data":[{"id":"run-abc","type":"runs","attributes":{"status":"applied","source":"tfe-ui","created-at":
"2026-11-10T09:00:00Z","status-timestamps":{"confirmed-at":"2026-11-10T09:02:00+00:00","applied-at":"2026-11-10T09:03:00+00:00"}},
"relationships":{"created-by":{"data":{"id":"user-1"}},"confirmed-by":{"data":{"id":"user-2"}}}}],"meta":{"pagination":{}}}"#;

const CIRCLECI: &str = r#"{"items":[{"id":"p1","number":3,"project_slug":"gh/acme/orders","created_at":"2026-11-10T09:00:00Z",
"trigger":{"type":"webhook","actor":{"login":"octavia"}},"vcs":{"branch":"main","revision":"eee"}}],"next_page_token":null}"#;

const META: &str = r#"{"actions":["198.51.100.0/24"],"actions_macos":["198.51.100.128/25"],"web":["192.0.2.0/24"]}"#;

/// Files of every source, one line of JSON for each value where it is a stream.
pub(super) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let line = |text: &str| text.replace('\n', "");
    let lines = |texts: &[&str]| texts.iter().map(|text| line(text)).collect::<Vec<_>>().join("\n").into_bytes();
    let entries = AUDIT.replace("}\n{", "}\u{0}{").replace('\n', "").replace('\u{0}', "\n");
    vec![
        ("runs.json", format!("{{\"total_count\":2,\"workflow_runs\":[{RUN},{OTHER_RUN}]}}").into_bytes()),
        ("jobs.ndjson", lines(&[JOB, SKIPPED, OWN_RUNNER])),
        ("approvals-7001.json", APPROVALS.into()),
        ("runs/7002/approvals.json", "[]".into()),
        ("deployments.json", format!("[{DEPLOYMENT}]").into_bytes()),
        ("statuses.ndjson", lines(&[STATUS])),
        ("environments.json", ENVIRONMENTS.into()),
        ("audit.json", entries.into_bytes()),
        ("stream.ndjson", lines(&[EVENT, EVENT])),
        ("gh.json", GH.into()),
        ("wanted.ndjson", COLLECTED.into()),
        ("gitlab.json", GITLAB.into()),
        ("bitbucket.json", BITBUCKET.into()),
        ("buildkite.json", BUILDKITE.into()),
        ("hcp.json", HCP.into()),
        ("circleci.json", CIRCLECI.into()),
        ("meta.json", META.into()),
    ]
}

pub(super) fn facts(files: &[(&str, Vec<u8>)]) -> Facts {
    let mut facts = Facts::default();
    for (name, bytes) in files {
        facts.read(name, bytes.as_slice()).unwrap();
    }
    facts.settle();
    facts
}

fn github(id: &str) -> RunKey {
    intake::github_run("github.com", id)
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_iso(text)
}

/// What is said, without who says it.
fn said(facts: &Facts) -> Facts {
    Facts { files: Vec::new(), covered: BTreeMap::new(), ..facts.clone() }
}

#[test]
fn every_file_is_understood() {
    let facts = facts(&files());
    for file in &facts.files {
        assert_eq!(file.defects, [], "{}", file.name);
        assert!(!file.holds.is_empty() && !file.holds.contains_key("values of other kinds"), "{file:?}");
    }
}

#[test]
fn a_run_its_attempts_and_its_job_come_together() {
    let facts = facts(&files());
    let run = &facts.runs[&github("7001")];
    assert_eq!((run.number, run.repository_id, run.workflow_id), (Some(41), Some(9001), Some(5)));
    assert_eq!(run.workflow_path.as_deref(), Some(".github/workflows/deploy.yml"));
    assert_eq!((run.created, run.is_shown), (moment("2026-11-09T09:00:00Z"), true));
    // The list shows the latest attempt: what it says of times is about that one.
    let latest = run.attempts.get(&2).unwrap();
    assert_eq!(run.attempts.len(), 1);
    assert_eq!((latest.started, latest.ended), (moment("2026-11-10T08:00:00Z"), moment("2026-11-10T08:10:05Z")));
    assert_eq!(&*latest.triggered_by.as_ref().unwrap().login, "sam");
    assert_eq!(&*run.actor.as_ref().unwrap().login, "octavia");
    let job = &latest.jobs.get("81").unwrap();
    assert_eq!((job.started, job.ended), (moment("2026-11-10T08:01:00Z"), moment("2026-11-10T08:09:00Z")));
    assert_eq!((job.key.as_deref(), job.environment.as_deref()), (Some("deploy"), Some("prod")));
    assert_eq!((job.is_hosted, job.has_run), (Some(true), true));
    let skipped = &latest.jobs.get("82").unwrap();
    assert_eq!((skipped.has_run, skipped.started, skipped.is_hosted), (false, None, None));
    // The approval has its environment from the API, and its time from the audit log.
    let approval = run.approvals.first().unwrap();
    assert_eq!(run.approvals.len(), 1);
    assert_eq!((approval.environment.as_deref(), approval.at), (Some("prod"), Some(Timestamp(1_794_297_645))));
    assert_eq!(run.disputed, BTreeSet::new());
}

#[test]
fn a_run_that_goes_on_has_no_end_and_its_own_runner_is_known() {
    let facts = facts(&files());
    let run = &facts.runs[&github("7002")];
    assert_eq!(
        (run.attempts.get(&1).unwrap().ended, run.attempts.get(&1).unwrap().conclusion.as_deref()),
        (None, None)
    );
    let job = run.attempts.get(&1).unwrap().jobs.get("83").unwrap();
    assert_eq!((job.ended, job.is_hosted, job.has_run), (None, Some(false), true));
    assert!(run.actor.as_ref().unwrap().is_bot && run.approvals_asked);
    assert!(!run.approvals.first().unwrap().is_approved);
}

#[test]
fn what_only_the_audit_log_knows_is_a_run_and_an_act() {
    let facts = facts(&files());
    let run = &facts.runs[&github("7009")];
    assert!(!run.is_shown);
    assert_eq!((run.created, run.head_sha.as_deref()), (moment("2026-11-11T09:00:00Z"), Some("bad")));
    let acts: Vec<_> =
        facts.acts.iter().map(|act| (act.kind, act.run_id.as_deref(), act.environment.as_deref())).collect();
    assert_eq!(acts, [(ActKind::RunDeleted, Some("7009"), None), (ActKind::GuardRemoved, None, Some("prod"))]);
    assert!(facts.acts.iter().all(|act| &*act.place.as_ref().unwrap().host == "github.com"));
    assert!(facts.runs[&github("7010")].is_missing);
}

#[test]
fn other_systems_say_what_they_know() {
    let facts = facts(&files());
    let of = |system, host: &str, id: &str| facts.runs[&RunKey { system, host: host.into(), id: id.into() }].clone();
    let gitlab = of(System::GitLab, "gitlab.com", "574");
    let job = gitlab.attempts.get(&1).unwrap().jobs.get("302").unwrap();
    assert_eq!((job.environment.as_deref(), job.is_hosted), (Some("prod"), Some(true)));
    assert_eq!(gitlab.approvals.first().unwrap().at, moment("2026-11-10T09:01:40Z"));
    assert_eq!((gitlab.number, gitlab.event.as_deref()), (Some(31), Some("push")));
    let bitbucket = of(System::Bitbucket, "bitbucket.org", "9999-1");
    assert_eq!(bitbucket.attempts.get(&1).unwrap().jobs.get("aaaa-1").unwrap().ended, moment("2026-11-10T09:02:50Z"));
    assert_eq!((&*bitbucket.actor.unwrap().login, bitbucket.head_sha.as_deref()), ("octavia", Some("fff")));
    let buildkite = of(System::Buildkite, "buildkite.com", "0190");
    assert!(
        buildkite.attempts.get(&1).unwrap().jobs.get("aa").unwrap().is_over
            && buildkite.attempts.get(&1).unwrap().has_all_jobs()
    );
    assert_eq!(&*buildkite.approvals.first().unwrap().person.login, "Priya");
    let hcp = of(System::HcpTerraform, "app.terraform.io", "run-abc");
    assert_eq!(hcp.approvals.first().unwrap().at, moment("2026-11-10T09:02:00Z"));
    assert_eq!(&*of(System::CircleCi, "circleci.com", "p1").actor.unwrap().login, "octavia");
    assert_eq!(facts.ranges[&System::GitHub].networks.len(), 2);
    let guard = facts.guards.values().next().unwrap();
    assert!(guard.asks_for_review && guard.refuses_self_review);
}

/// One page, pages one after another, pages in a list, a line for each run, and the runs in a list, indented or not.
#[test]
fn all_forms_say_the_same() {
    let page = |runs: &str| format!("{{\"total_count\":2,\"workflow_runs\":[{runs}]}}");
    let line = |text: &str| text.replace('\n', "");
    let forms = [
        page(&format!("{RUN},{OTHER_RUN}")),
        format!("{}{}", page(RUN), page(OTHER_RUN)),
        format!("[{},{}]", page(RUN), page(OTHER_RUN)),
        format!("{}\n{}\n", line(RUN), line(OTHER_RUN)),
        format!("{}\r\n{}", line(RUN), line(OTHER_RUN)),
        format!("{RUN}{OTHER_RUN}"),
        format!("\u{feff}[{RUN},{OTHER_RUN}]"),
        format!("[[{RUN}],\n[{OTHER_RUN}]]"),
        format!("{{\"action\":\"completed\",\"workflow_run\":{RUN},\"repository\":{{\"id\":9001}}}}{OTHER_RUN}"),
        page(&format!("{RUN},{OTHER_RUN},{RUN}")),
    ];
    let first = facts(&[("a", forms[0].clone().into_bytes())]);
    assert_eq!(first.runs.len(), 2);
    for form in &forms {
        let again = facts(&[("a", form.clone().into_bytes())]);
        assert_eq!(said(&again), said(&first), "{form}");
    }
}

#[test]
fn a_line_that_is_cut_off_takes_no_other_with_it() {
    let line = |text: &str| text.replace('\n', "");
    let (first, second) = (line(RUN), line(OTHER_RUN));
    for cut in 1..first.len() {
        let text = format!("{}\n{second}\n", first.chars().take(cut).collect::<String>());
        let facts = facts(&[("a", text.into_bytes())]);
        assert!(facts.runs.contains_key(&github("7002")), "{cut}");
        assert!(!facts.files[0].defects.is_empty(), "{cut}");
    }
}

#[test]
fn fields_of_an_unexpected_type_are_as_if_absent() {
    for (field, odd) in [
        ("\"actor\":{\"login\":\"octavia\",\"id\":501,\"type\":\"User\"}", "\"actor\":17"),
        ("\"run_attempt\":2", "\"run_attempt\":{\"a\":[]}"),
        ("\"created_at\":\"2026-11-09T09:00:00Z\"", "\"created_at\":[true]"),
        ("\"head_branch\":\"main\"", "\"head_branch\":{\"name\":\"main\"}"),
        ("\"pull_requests\":[]", "\"pull_requests\":-1.5e3"),
        ("\"repository\":{\"id\":9001,", "\"repository\":{\"id\":[],"),
        ("\"id\":7001", "\"id\":\"7001\""),
    ] {
        assert!(RUN.contains(field), "{field}");
        let facts = facts(&[("a", RUN.replace(field, odd).into_bytes())]);
        assert_eq!(facts.runs[&github("7001")].number, Some(41), "{odd}");
        assert_eq!(facts.files[0].defects, [], "{odd}");
    }
}

#[test]
fn what_contradicts_is_named_and_what_only_changes_is_not() {
    let read = |texts: &[&str]| facts(&texts.iter().map(|text| ("a", text.as_bytes().to_vec())).collect::<Vec<_>>());
    let renamed = RUN.replace("octavia", "octavia-new").replace("acme/orders", "acme/shop");
    let later = RUN.replace("2026-11-10T08:10:05Z", "2026-11-19T00:00:00Z");
    let begun = RUN.replace("\"completed\"", "\"in_progress\"").replace("\"success\"", "null");
    let facts = read(&[RUN, &renamed, &later, &begun]);
    let run = &facts.runs[&github("7001")];
    assert_eq!(run.disputed, BTreeSet::new());
    assert_eq!(run.attempts.get(&2).unwrap().ended, moment("2026-11-10T08:10:05Z"));
    assert_eq!(run.repositories.len(), 2);
    let facts = read(&[RUN, &RUN.replace("\"abc\"", "\"abb\""), JOB, &JOB.replace("08:09:00Z", "08:59:00Z")]);
    let run = &facts.runs[&github("7001")];
    assert_eq!(run.disputed, ["head_sha", "job.ended"].into());
    assert_eq!(run.head_sha.as_deref(), Some("abb"));
}

#[test]
fn runs_are_those_of_their_host() {
    let server =
        RUN.replace("api.github.com/", "git.acme.example/api/v3/").replace("github.com/acme", "git.acme.example/acme");
    let audit = AUDIT.replace("7009", "7001");
    // Alone, what names no host belongs to the server; beside a run of github.com with the same id it cannot be said.
    let facts = facts(&[("a", server.into_bytes()), ("b", audit.into_bytes())]);
    let hosts: BTreeSet<&str> = facts.runs.keys().map(|key| &*key.host).collect();
    assert_eq!(hosts, ["git.acme.example"].into());
    assert!(facts.acts.iter().all(|act| &*act.place.as_ref().unwrap().host == "git.acme.example"));
}

#[test]
fn jobs_without_an_attempt_find_it() {
    let first =
        RUN.replace("\"run_attempt\":2", "\"run_attempt\":1").replace("2026-11-10T08:00:00Z", "2026-11-09T09:00:00Z");
    let job = JOB.replace("\"run_attempt\":2,", "");
    let earlier =
        job.replace("\"id\":81", "\"id\":80").replace("2026-11-10T", "2026-11-09T09:").replace("T09:08:0", "T09:0");
    let facts = facts(&[("a", format!("{RUN}{first}{job}{earlier}").into_bytes())]);
    let run = &facts.runs[&github("7001")];
    assert_eq!(run.attempts.keys().copied().collect::<Vec<_>>(), [1, 2]);
    assert!(
        run.attempts.get(&2).unwrap().jobs.contains_key("81") && run.attempts.get(&1).unwrap().jobs.contains_key("80")
    );
}

#[test]
fn files_that_say_nothing_are_named() {
    let said = |bytes: &[u8]| {
        let file = facts(&[("a", bytes.to_vec())]).files.swap_remove(0);
        file.defects.into_iter().map(|defect| defect.message).collect::<Vec<_>>().join("; ")
    };
    for other in [r#"{"message":"Not Found","status":"404"}"#, r#"{"Records":[{"eventVersion":"1.08"}]}"#] {
        assert!(said(other.as_bytes()).starts_with("holds nothing"), "{other}");
    }
    for fine in ["[]", "", r#"{"total_count":0,"workflow_runs":[]}"#, RUN] {
        assert_eq!(said(fine.as_bytes()), "", "{fine}");
    }
    // One value that nobody knows is said, whatever else the file holds, with the byte of the first.
    for (text, expected) in [
        (
            format!("{RUN}\n{{\"message\":\"Server Error\",\"status\":\"502\"}}"),
            format!("{}: holds a value", RUN.len() + 1),
        ),
        (format!("{RUN}\n{{\"message\":1}}\n[7,null]"), format!("{}: holds 3 values", RUN.len() + 1)),
        (format!("[{RUN},\"APPROVED\"]"), format!("{}: holds a value", RUN.len() + 2)),
    ] {
        let defects = facts(&[("a", text.clone().into_bytes())]).files.swap_remove(0).defects;
        let found: Vec<String> = defects.iter().map(|defect| format!("{}: {}", defect.at, defect.message)).collect();
        assert!(found.len() == 1 && found[0].starts_with(&expected), "{found:?} {expected}");
    }
    let entry = r#"{"action":"org.x","actor":"a","created_at":1794297645000,"data":{"old":"b"},"values":null}"#;
    assert_eq!(said(entry.as_bytes()), "");
    // All parts are counted, and the first thousand are kept.
    let file = facts(&[("a", "{\n".repeat(1_500).into_bytes())]).files.swap_remove(0);
    assert_eq!((file.defects.len(), file.defects_total()), (1_000, 1_500));
    for wide in [&b"\xff\xfe{\0\"\0\n\0}\0"[..], b"\xfe\xff\0{\0\n\0}", b"[\0{\0}\0]\0", b"\0[\0]"] {
        assert_eq!(said(wide), "this is UTF-16: save it as UTF-8", "{wide:?}");
    }
    assert!(said(b"action,actor\nworkflows.delete_workflow_run,octavia\n").contains("not the one as CSV"));
    assert!(said(&[0x1f, 0x8b, 8, 0, 0]).starts_with("cannot be inflated"));
}
