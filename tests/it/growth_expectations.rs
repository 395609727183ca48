//! Growth of what owners write: as many entries of a list as there are things to ask about it. Asking each entry about each
//! thing would take minutes here, for numbers that take a second or two when a list is asked as one.

use std::fmt::Write as _;

use rolechain::audit;
use rolechain::expect::Expectations;
use rolechain::expect::Refusal;
use rolechain::provider;

const MANY: usize = 30_000;
const ISSUER: &str = "token.actions.githubusercontent.com";
const ROLE: &str = "arn:aws:iam::222222222222:role/ci/deploy";

/// Reads a file of so many of what `entry` writes, below a head.
fn read(head: &str, entry: impl Fn(usize) -> String) -> Expectations {
    let text = (0..MANY).fold(format!("schema = 1\n{head}"), |mut text, at| {
        let _ = writeln!(text, "{}", entry(at));
        text
    });
    Expectations::parse("rolechain.toml", &text, &audit::rule_ids()).unwrap()
}

fn role(list: &str, entry: impl Fn(usize) -> String) -> Expectations {
    let mut expectations = format!("[[role]]\narn = {ROLE:?}\n{list} = [\n");
    for at in 0..MANY {
        let _ = writeln!(expectations, "{},", entry(at));
    }
    Expectations::parse("rolechain.toml", &format!("schema = 1\n{expectations}]\n"), &audit::rule_ids()).unwrap()
}

#[test]
fn subjects_and_subjects_that_are_expected() {
    let matcher = |at: usize| format!("{{ repo = \"acme/o{at}\", ref = \"refs/heads/r{at}*\", pull_request = false }}");
    let expectations = role("subjects", matcher);
    let role = expectations.role(ROLE).unwrap();
    for at in 0..MANY {
        let of = |subject: String| role.subject_refusal(&provider::parse(ISSUER, &subject));
        assert_eq!(of(format!("repo:acme/o{at}:ref:refs/heads/r{at}x")), None);
        assert_eq!(of(format!("repo:acme/o{at}:ref:refs/heads/main")), Some(Refusal::Ref));
        assert_eq!(of(format!("repo:acme/p{at}:ref:refs/heads/r{at}")), Some(Refusal::Repository));
    }
}

#[test]
fn subjects_of_pull_requests_and_pinned_ids() {
    let matcher = |at: usize| format!("{{ repo = \"acme/o{at}\", repo_id = {at}, pull_request = true }}");
    let expectations = role("subjects", matcher);
    let role = expectations.role(ROLE).unwrap();
    for at in 0..MANY {
        let subject = provider::parse(ISSUER, &format!("repo:acme@1/o{at}@{at}:pull_request"));
        assert!(role.subjects.admit_pull_request(&subject));
        assert!(role.subjects.pin(&format!("Acme/O{at}")) && !role.subjects.pin(&format!("acme/p{at}")));
    }
}

#[test]
fn actions_and_repositories_that_are_expected() {
    let expectations = role("may", |at| format!("\"s3:Get{at}*\""));
    let of_role = expectations.role(ROLE).unwrap();
    assert!(
        (0..MANY).all(|at| of_role.may_call(&format!("S3:get{at}Object")) && !of_role.may_call(&format!("s3:Put{at}")))
    );
    let expectations = role("repos", |at| format!("\"acme/o{at}\""));
    let of_role = expectations.role(ROLE).unwrap();
    assert!((0..MANY).all(|at| {
        of_role.admits_repository(&format!("Acme/O{at}")) && !of_role.admits_repository(&format!("acme/p{at}"))
    }));
}

#[test]
fn callers_and_their_external_ids() {
    let caller = |at: usize| format!("arn:aws:iam::{at:012}:role/ci/c{at}");
    let expectations = role("from", |at| format!("{{ principal = {:?}, external_id = \"any\" }}", caller(at)));
    let of_role = expectations.role(ROLE).unwrap();
    for at in 0..MANY {
        let account = format!("{at:012}");
        let found =
            of_role.caller(Some(&format!("arn:aws:sts::{account}:assumed-role/c{at}/s")), Some(&account)).unwrap();
        assert_eq!(found.principal.as_ref().unwrap().as_str(), caller(at));
        assert!(of_role.from.may_be_of(&account) && of_role.from.external_id_of_account(&account).is_some());
        assert!(of_role.caller(Some(&format!("arn:aws:iam::{account}:role/other")), Some(&account)).is_none());
    }
    let ids: Vec<String> = (0..MANY).map(|at| format!("\"id-{at}\"")).collect();
    let expectations = Expectations::parse(
        "rolechain.toml",
        &format!(
            "schema = 1\n[[role]]\narn = {ROLE:?}\nfrom = [{{ account = \"111111111111\", external_id = [{}] }}]\n",
            ids.join(", ")
        ),
        &audit::rule_ids(),
    )
    .unwrap();
    let expected = expectations.role(ROLE).unwrap().from[0].external_id.clone().unwrap();
    assert!(
        (0..MANY).all(|at| expected.admits(Some(&format!("id-{at}"))) && !expected.admits(Some(&format!("x-{at}"))))
    );
}

#[test]
fn issuers_and_hosts() {
    let expectations =
        read("", |at| format!("[[issuer]]\nurl = \"i{at}.example/*\"\nkind = \"gitlab\"\naudiences = [\"a{at}\"]"));
    for at in 0..MANY {
        let issuer = expectations.issuer(&format!("https://I{at}.example/x")).unwrap();
        assert!(issuer.audiences.has(&format!("a{at}")));
        assert!(expectations.issuer(&format!("https://j{at}.example/x")).is_none());
    }
}

#[test]
fn owners_tools_users_and_networks() {
    let list = |entry: &dyn Fn(usize) -> String| (0..MANY).map(entry).collect::<Vec<_>>().join(", ");
    let head = format!(
        "[org]\ngithub_owners = [{}]\niac_roles = [{}]\n[keys]\nallow_users = [{}]\n[networks]\n",
        list(&|at| format!("\"owner-{at}\"")),
        list(&|at| format!("\"arn:aws:iam::*:role/tool-{at}\"")),
        list(&|at| format!("\"arn:aws:iam::111111111111:user/u{at}\"")),
    );
    let network = |at: usize| format!("n{at} = {{ cidrs = [\"10.{}.{}.0/24\"] }}", at / 256, at % 256);
    let expectations = read(&head, network);
    for at in 0..MANY {
        assert!(expectations.github_owner(&format!("Owner-{at}")).is_some());
        assert!(expectations.github_owner(&format!("other-{at}")).is_none());
        assert!(expectations.is_iac_role(&format!("arn:aws:iam::222222222222:role/tool-{at}")));
        assert!(!expectations.is_iac_role(&format!("arn:aws:iam::222222222222:role/other-{at}")));
        assert!(expectations.keys.allows_user(&format!("arn:aws:iam::111111111111:user/u{at}")));
        assert!(!expectations.keys.allows_user(&format!("arn:aws:iam::111111111111:user/v{at}")));
        let label = expectations.networks.label(&format!("10.{}.{}.7", at / 256, at % 256));
        assert_eq!(label, Some(&*format!("n{at}")));
    }
}

#[test]
fn exceptions_and_findings() {
    let expectations = read("", |at| {
        format!(
            "[[exception]]\ndetection = \"unexpected-subject\"\n\
             match = {{ role = \"arn:aws:iam::*:role/r{at}\", repository = \"acme/*\" }}\n\
             reason = \"x\"\nowner = \"y\"\ncreated = 2026-11-01\nexpires = 2026-12-01"
        )
    });
    for at in 0..MANY {
        let role = format!("arn:aws:iam::222222222222:role/r{at}");
        let covering = |repository: &'static str| {
            let key = |part: &str| match part {
                "role_arn" => Some(role.as_str()),
                "repository" => Some(repository),
                _ => None,
            };
            expectations.exceptions.covering("unexpected-subject", key)
        };
        let found = covering("acme/orders");
        let lines: Vec<usize> =
            found.iter().flat_map(|number| expectations.exceptions.alike(*number)).map(|(_, it)| it.line).collect();
        assert_eq!(lines, [2 + 7 * at]);
        assert!(covering("evil/orders").is_empty());
        let matched = format!("repository = acme/*, role_arn = arn:aws:iam::*:role/r{at}");
        assert_eq!(expectations.exception("unexpected-subject", &matched).map(|it| it.line), Some(2 + 7 * at));
    }
}

#[test]
fn environments_and_deployments_to_them() {
    let stanza =
        |at: usize| format!("[[environment]]\nrepo = \"acme/o{at}-*\"\nname = \"prod\"\napprovals = {}", at + 1);
    let expectations = read("", stanza);
    for at in 0..MANY {
        let found = expectations.environments.of(&format!("acme/o{at}-x"), "prod").map(|one| one.approvals);
        assert_eq!(found, u64::try_from(at + 1).ok());
        assert!(expectations.environments.of(&format!("acme/p{at}-x"), "prod").is_none());
    }
}

/// Of exceptions that match the same, and of matchers that ask for the same, there is one to ask.
#[test]
fn entries_that_are_alike() {
    let expectations = read("", |at| {
        format!(
            "[[exception]]\ndetection = \"unexpected-subject\"\nmatch = {{ role = \"*\" }}\n\
             reason = \"x{at}\"\nowner = \"y\"\ncreated = 2026-11-01\nexpires = 2026-12-01"
        )
    });
    let covering = |role: &str| expectations.exceptions.covering("unexpected-subject", |_| Some(role).map(|_| "r"));
    assert!((0..MANY).all(|_| covering("r").len() == 1));
    let expectations = role("subjects", |_| "{ repo = \"acme/orders\" }".to_owned());
    let subject = provider::parse(ISSUER, "repo:acme/other:ref:refs/heads/main");
    let role = expectations.role(ROLE).unwrap();
    assert!((0..MANY).all(|_| role.subject_refusal(&subject) == Some(Refusal::Repository)));
}
