//! One week of every provider's tokens, and the next: what is suggested and drafted from the first holds in the second, and
//! keeps strangers out.

use std::fs;
use std::path::Path;

use crate::program::program;
use rolechain::provider;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/ci-entry";

/// One workload.
pub(crate) struct Workload {
    pub(crate) provider: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) audience: &'static str,
    /// Its subject in a run.
    pub(crate) subject: fn(u32) -> String,
    /// Subjects that are somebody else's, or of another place.
    pub(crate) others: &'static [&'static str],
}

/// A number that looks like a UUID.
fn uuid(number: u32) -> String {
    format!("{number:08x}-1111-4222-8333-444444444444")
}

const GITHUB: &str = "token.actions.githubusercontent.com";
const CIRCLE: &str = "oidc.circleci.com/org/0000000a-1111-4222-8333-444444444444";
const BITBUCKET: &str = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
const SERVICE_ACCOUNT: fn(u32) -> String = |_| "system:serviceaccount:shop:till".to_owned();
const OTHER_ACCOUNTS: &[&str] = &["system:serviceaccount:shop:other", "system:serviceaccount:dev:till"];

#[expect(clippy::too_many_lines, reason = "a table: one entry for each workload")]
pub(crate) fn workloads() -> Vec<Workload> {
    let of = |provider, issuer, audience, subject, others| Workload { provider, issuer, audience, subject, others };
    let sts = "sts.amazonaws.com";
    vec![
        of(
            "github",
            GITHUB,
            sts,
            |_| "repo:acme/orders:environment:prod".to_owned(),
            &[
                "repo:evil/orders:environment:prod",
                "repo:acme/other:environment:prod",
                "repo:acme/orders:environment:dev",
                "repo:acme/orders:pull_request",
            ],
        ),
        of(
            "github",
            GITHUB,
            sts,
            |_| "repo:acme@42/orders@9:ref:refs/heads/main".to_owned(),
            &[
                "repo:evil@43/orders@8:ref:refs/heads/main",
                "repo:acme@43/orders@9:ref:refs/heads/main",
                "repo:acme@42/orders@9:ref:refs/heads/main2",
            ],
        ),
        of(
            "github",
            GITHUB,
            sts,
            |run| format!("repo:acme/orders:ref:refs/tags/v1.{run}.0"),
            &[
                "repo:evil/orders:ref:refs/tags/v1.1.0",
                "repo:acme/orders:ref:refs/tags/nightly",
                "repo:acme/orders:ref:refs/heads/v1",
            ],
        ),
        of(
            "github",
            GITHUB,
            sts,
            |run| format!("repo:acme/orders:ref:refs/heads/gh-readonly-queue/main/pr-{run}-{run:040x}"),
            &[
                "repo:evil/orders:ref:refs/heads/gh-readonly-queue/main/pr-1-00",
                "repo:acme/orders:ref:refs/heads/gh-readonly-queue/release/pr-1-00",
                "repo:acme/orders:ref:refs/heads/feature",
            ],
        ),
        of(
            "gitlab",
            "gitlab.com",
            "https://gitlab.com",
            |_| "project_path:acme/shop/orders:ref_type:branch:ref:main".to_owned(),
            &[
                "project_path:evil/orders:ref_type:branch:ref:main",
                "project_path:acme/shop/orders:ref_type:branch:ref:other",
            ],
        ),
        of(
            "gitlab",
            "gitlab.com",
            "https://gitlab.com",
            |run| format!("project_path:acme/orders:ref_type:tag:ref:v{run}"),
            &["project_path:evil/orders:ref_type:tag:ref:v1", "project_path:acme/orders:ref_type:branch:ref:v1"],
        ),
        of(
            "bitbucket",
            BITBUCKET,
            "ari:cloud:bitbucket::workspace/1",
            |run| format!("{{{}}}:{{{}}}", uuid(7), uuid(100 + run)),
            &[
                "{00000007-1111-4222-8333-444444444444}:{00000008-1111-4222-8333-444444444444}:{00000064-1111-4222-8333-444444444444}",
                "{00000009-1111-4222-8333-444444444444}:{00000064-1111-4222-8333-444444444444}",
            ],
        ),
        of(
            "bitbucket",
            BITBUCKET,
            "ari:cloud:bitbucket::workspace/1",
            |run| format!("{{{}}}:{{{}}}:{{{}}}", uuid(7), uuid(8), uuid(100 + run)),
            &[
                "{00000009-1111-4222-8333-444444444444}:{00000008-1111-4222-8333-444444444444}:{00000064-1111-4222-8333-444444444444}",
                "{00000007-1111-4222-8333-444444444444}:{00000009-1111-4222-8333-444444444444}:{00000064-1111-4222-8333-444444444444}",
            ],
        ),
        of(
            "buildkite",
            "agent.buildkite.com",
            sts,
            |run| format!("organization:acme:pipeline:orders:ref:refs/heads/main:commit:{run:040x}:step:deploy"),
            &[
                "organization:evil:pipeline:orders:ref:refs/heads/main:commit:0:step:deploy",
                "organization:acme:pipeline:other:ref:refs/heads/main:commit:0:step:deploy",
                "organization:acme:pipeline:orders:ref:refs/heads/x:commit:0:step:deploy",
                "organization:acme:pipeline:orders:ref:refs/heads/main:commit:0:step:test",
            ],
        ),
        of(
            "circleci",
            CIRCLE,
            "0000000a-1111-4222-8333-444444444444",
            |run| format!("org/{}/project/{}/user/{}", uuid(10), uuid(11), uuid(200 + run % 3)),
            &[
                "org/0000000a-1111-4222-8333-444444444444/project/0000000c-1111-4222-8333-444444444444/user/000000c8-1111-4222-8333-444444444444",
            ],
        ),
        of(
            "circleci",
            CIRCLE,
            "0000000a-1111-4222-8333-444444444444",
            |run| {
                format!(
                    "org/{}/project/{}/user/{}/vcs-origin/github.com/acme/orders/vcs-ref/refs/heads/main",
                    uuid(10),
                    uuid(11),
                    uuid(200 + run)
                )
            },
            &[
                "org/0000000a-1111-4222-8333-444444444444/project/0000000b-1111-4222-8333-444444444444/user/000000c8-1111-4222-8333-444444444444/vcs-origin/github.com/acme/orders/vcs-ref/refs/heads/x",
                "org/0000000a-1111-4222-8333-444444444444/project/0000000b-1111-4222-8333-444444444444/user/000000c8-1111-4222-8333-444444444444/vcs-origin/github.com/acme/orders/vcs-ref/refs/heads/x/vcs-origin/github.com/acme/orders/vcs-ref/refs/heads/main",
            ],
        ),
        of(
            "hcp-terraform",
            "app.terraform.io",
            "aws.workload.identity",
            |run| {
                format!(
                    "organization:acme:project:Shop:workspace:network:run_phase:{}",
                    if run % 2 == 0 { "plan" } else { "apply" }
                )
            },
            &[
                "organization:evil:project:Shop:workspace:network:run_phase:apply",
                "organization:acme:project:Shop:workspace:other:run_phase:apply",
            ],
        ),
        of(
            "vercel",
            "oidc.vercel.com/acme",
            "https://vercel.com/acme",
            |_| "owner:acme:project:site:environment:production".to_owned(),
            &["owner:acme:project:site:environment:preview", "owner:acme:project:other:environment:production"],
        ),
        of(
            "pulumi",
            "api.pulumi.com/oidc",
            "aws:acme",
            |_| "pulumi:deploy:org:acme:project:site:stack:prod:operation:update:scope:write".to_owned(),
            &[
                "pulumi:deploy:org:evil:project:site:stack:prod:operation:update:scope:write",
                "pulumi:deploy:org:acme:project:site:stack:dev:operation:update:scope:write",
            ],
        ),
        of(
            "scalr",
            "scalr.io",
            "aws.scalr-run-workload",
            |_| "account:acme:environment:prod:workspace:network".to_owned(),
            &["account:evil:environment:prod:workspace:network", "account:acme:environment:prod:workspace:other"],
        ),
        of(
            "spacelift",
            "acme.app.spacelift.io",
            "acme.app.spacelift.io",
            |_| "space:prod:stack:network:run_type:TRACKED:scope:write".to_owned(),
            &[
                "space:prod:stack:other:run_type:TRACKED:scope:write",
                "space:prod:stack:network:run_type:PROPOSED:scope:read",
            ],
        ),
        of(
            "azure-devops",
            "vstoken.dev.azure.com/00000001-1111-4222-8333-444444444444",
            "api://AzureADTokenExchange",
            |_| "sc://acme/Shop/aws-prod".to_owned(),
            &["sc://acme/Shop/aws-dev", "sc://acme/Other/aws-prod"],
        ),
        of(
            "eks",
            "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
            sts,
            SERVICE_ACCOUNT,
            OTHER_ACCOUNTS,
        ),
        of(
            "gke",
            "container.googleapis.com/v1/projects/acme/locations/europe-west1/clusters/main",
            sts,
            SERVICE_ACCOUNT,
            OTHER_ACCOUNTS,
        ),
        of(
            "aks",
            "westeurope.oic.prod-aks.azure.com/00000001-1111-4222-8333-444444444444/00000002-1111-4222-8333-444444444444/",
            sts,
            SERVICE_ACCOUNT,
            OTHER_ACCOUNTS,
        ),
        of("openshift", "oidc.op1.openshiftapps.com/2ab3cd4ef5", sts, SERVICE_ACCOUNT, OTHER_ACCOUNTS),
        of(
            "entra",
            "sts.windows.net/00000001-1111-4222-8333-444444444444/",
            "api://aws",
            |_| uuid(77),
            &["0000004e-1111-4222-8333-444444444444"],
        ),
    ]
}

/// The records of one run: a token, and what is done with the session.
fn run(workload: &Workload, subject: &str, number: u32) -> [Value; 2] {
    let provider = format!("arn:aws:iam::111111111111:oidc-provider/{}", workload.issuer);
    let (key, day) = (format!("ASIAQWERTYUI{number:08}"), 2 + number);
    let session = format!("run-{number}");
    let user = json!({"type": "AssumedRole", "principalId": format!("AROAQWERTYUIOPASDF01:{session}"), "accessKeyId": key,
        "arn": format!("arn:aws:sts::111111111111:assumed-role/ci-entry/{session}"), "accountId": "111111111111",
        "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAQWERTYUIOPASDF01", "arn": ROLE},
            "attributes": {"creationDate": format!("2026-11-{day:02}T10:00:00Z")}}});
    [
        json!({"eventTime": format!("2026-11-{day:02}T10:00:00Z"), "eventSource": "sts.amazonaws.com", "awsRegion": "eu-west-1",
            "eventName": "AssumeRoleWithWebIdentity", "readOnly": true, "recipientAccountId": "111111111111",
            "userIdentity": {"type": "WebIdentityUser", "userName": subject, "identityProvider": provider},
            "requestParameters": {"roleArn": ROLE, "roleSessionName": session},
            "responseElements": {"subjectFromWebIdentityToken": subject, "provider": provider, "audience": workload.audience,
                "credentials": {"accessKeyId": key}, "assumedRoleUser": {"arn": user["arn"], "assumedRoleId": user["principalId"]}},
            "eventID": format!("w-{number}"), "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli/2.31"}),
        json!({"eventTime": format!("2026-11-{day:02}T10:01:00Z"), "eventSource": "s3.amazonaws.com", "awsRegion": "eu-west-1",
            "eventName": "PutBucketTagging", "readOnly": false, "recipientAccountId": "111111111111", "userIdentity": user,
            "eventID": format!("c-{number}"), "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli/2.31"}),
    ]
}

pub(crate) fn file(
    folder: &Path,
    name: &str,
    workload: &Workload,
    subjects: impl Iterator<Item = (u32, String)>,
) -> String {
    let records: Vec<Value> = subjects.flat_map(|(number, subject)| run(workload, &subject, number)).collect();
    let path = folder.join(name);
    fs::write(&path, json!({ "Records": records }).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs the program, and returns what it wrote.
pub(crate) fn told(args: &[&str]) -> String {
    let output = program().args(args).env("ROLECHAIN_NOW", "2026-11-20T00:00:00Z").output().unwrap();
    assert!(output.status.code() < Some(2), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

struct Weeks {
    folder: TempDir,
    first: String,
    second: String,
    others: Vec<String>,
}

fn weeks(workload: &Workload) -> Weeks {
    let folder = TempDir::new().unwrap();
    let week = |name: &str, runs: std::ops::Range<u32>| {
        file(folder.path(), name, workload, runs.map(|run| (run, (workload.subject)(run))))
    };
    let (first, second) = (week("first.json", 0..6), week("second.json", 7..13));
    let other = |(at, subject): (usize, &&str)| {
        file(folder.path(), &format!("other-{at}.json"), workload, [(14, (*subject).to_owned())].into_iter())
    };
    let others = workload.others.iter().enumerate().map(other).collect();
    Weeks { folder, first, second, others }
}

#[test]
fn every_provider_has_a_workload_whose_weeks_are_told() {
    let people = ["cognito", "google", "github-audit-log"];
    for provider in provider::PROVIDERS.iter().filter(|provider| !people.contains(&provider.id)) {
        let own: Vec<Workload> = workloads().into_iter().filter(|workload| workload.provider == provider.id).collect();
        assert!(!own.is_empty(), "{}", provider.id);
        for workload in own {
            let found = provider::recognize(workload.issuer).map(|found| found.id);
            assert_eq!(found, Some(workload.provider), "{}", workload.issuer);
        }
    }
}

#[test]
fn a_suggestion_of_one_week_holds_in_the_next_and_keeps_others_out() {
    for workload in workloads() {
        let Weeks { folder, first, second, others } = weeks(&workload);
        let policy = folder.path().join("policy.json").to_str().unwrap().to_owned();
        told(&["trust", "suggest", "--role", ROLE, &first, "--as", "json", "--output", &policy, "--quiet"]);
        let check = |logs: &str| -> Value {
            let args = ["trust", "check", "--policy", &policy, "--role", ROLE, logs, "--format", "json"];
            serde_json::from_str(&told(&args)).unwrap()
        };
        let name = (workload.subject)(0);
        for logs in [&first, &second] {
            let found = check(logs);
            assert_eq!((&found["would_be_denied"], &found["undecided"]), (&json!(0), &json!(0)), "{name}");
        }
        for (logs, other) in others.iter().zip(workload.others) {
            assert_eq!(check(logs)["would_be_denied"], 1, "{name} admits {other}");
        }
    }
}

#[test]
fn a_draft_of_one_week_is_quiet_in_the_next_and_loud_about_others() {
    for workload in workloads() {
        let Weeks { folder, first, second, others } = weeks(&workload);
        let draft = folder.path().join("rolechain.toml").to_str().unwrap().to_owned();
        told(&["infer", &first, "--output", &draft, "--quiet"]);
        let rules = |logs: &str| -> Vec<String> {
            let args = ["audit", logs, "--expectations", &draft, "--format", "json", "--min-severity", "medium"];
            let report: Value = serde_json::from_str(&told(&args)).unwrap();
            let findings = report["findings"].as_array().unwrap().iter();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            findings.map(|finding| format!("{} {}", text(&finding["rule"]), text(&finding["title"]))).collect()
        };
        let name = (workload.subject)(0);
        assert_eq!(rules(&first), Vec::<String>::new(), "{name}: its own week");
        assert_eq!(rules(&second), Vec::<String>::new(), "{name}: the next week");
        for (logs, other) in others.iter().zip(workload.others) {
            let said = rules(logs);
            let is_loud = said.iter().any(|said| {
                ["unexpected-subject ", "foreign-owner-subject "].iter().any(|rule| said.starts_with(rule))
            });
            assert!(is_loud, "{name}: {other} passes: {said:?}\n{}", fs::read_to_string(&draft).unwrap());
        }
    }
}
