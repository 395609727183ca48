//! The expectations file answers what rules ask of it.

use std::fs;
use std::io;
use std::path::PathBuf;

use proptest::prelude::*;
use rolechain::expect::{Expectations, ExternalIdExpectation, Refusal, RoleClass, schema};
use rolechain::model::acceptance;
use rolechain::model::finding::{Basis, Severity};
use rolechain::model::glob;
use rolechain::model::time::Timestamp;
use rolechain::provider;

const GITHUB: &str = "token.actions.githubusercontent.com";
const RULES: &[&str] = &["long-lived-key-assumes-role", "mutable-subject", "unexpected-subject"];

fn read(text: &str) -> Expectations {
    Expectations::parse("rolechain.toml", text, RULES).unwrap_or_else(|error| panic!("{error}"))
}

fn entry_role(subjects: &str) -> Expectations {
    read(&format!("[[role]]\narn = \"arn:aws:iam::111111111111:role/gha\"\nsubjects = [{subjects}]\n"))
}

/// Asks whether a role with one matcher admits a GitHub subject.
fn admits(matcher: &str, subject: &str) -> Result<(), Refusal> {
    let expectations = entry_role(matcher);
    match expectations.roles[0].subject_refusal(&provider::parse(GITHUB, subject)) {
        None => Ok(()),
        Some(refusal) => Err(refusal),
    }
}

fn page() -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/expectations.md")).unwrap()
}

#[test]
fn every_example_on_the_page_is_a_good_file() {
    let page = page();
    let examples: Vec<_> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect();
    assert!(examples.len() > 3);
    for example in &examples {
        read(example);
    }
    let whole = read(examples.last().unwrap());
    let deploy = whole.role("arn:aws:iam::222222222222:role/ci-deploy-role").unwrap();
    assert_eq!(deploy.class, Some(RoleClass::Deploy));
}

#[test]
fn every_key_that_is_read_is_on_the_page() {
    let page = page();
    for table in schema::TABLES {
        let (_, rest) = page.split_once(&format!("## `{}`", table.name)).unwrap_or_else(|| panic!("no {}", table.name));
        let section = rest.split("\n## ").next().unwrap();
        for key in table.keys {
            assert!(section.contains(&format!("| `{key}` |")), "{key} of {} is not on the page", table.name);
        }
    }
}

#[test]
fn the_empty_file_expects_nothing() {
    for expectations in [Expectations::default(), read(""), read("schema = 1\n")] {
        assert_eq!(expectations.is_own_account("111111111111"), None);
        assert!(expectations.role("arn:aws:iam::111111111111:role/x").is_none());
        assert!(expectations.github_owners().is_empty());
        assert_eq!(expectations.limits.chain_depth(), 2);
        assert_eq!(expectations.limits.session_seconds(), 3600);
        assert_eq!(expectations.limits.log_gap_minutes, 75);
        assert_eq!(expectations.keys.max_age_days, 90);
        assert_eq!(expectations.keys.ci_markers.len(), 2);
        assert_eq!(expectations.networks.label("203.0.113.9"), None);
    }
}

#[test]
fn declared_accounts_are_ones_own_and_lend_their_environment() {
    let expectations = read(
        "[[account]]\nid = '111111111111'\n[[account]]\nid = '222222222222'\nenv = 'prod'\n\
         [[role]]\narn = 'arn:aws:iam::222222222222:role/canary'\nenv = 'staging'\n",
    );
    assert_eq!(expectations.is_own_account("222222222222"), Some(true));
    assert_eq!(expectations.is_own_account("999988887777"), Some(false));
    assert_eq!(expectations.env_of_role("arn:aws:iam::222222222222:role/x"), Some("prod"));
    assert_eq!(expectations.env_of_role("arn:aws:iam::222222222222:role/canary"), Some("staging"));
    assert_eq!(expectations.env_of_role("arn:aws:iam::111111111111:role/x"), None);
}

#[test]
fn an_environment_is_found_by_its_repository_first_and_case_does_not_matter() {
    let stanza = |repo: &str, name: &str, approvals: u64| {
        format!("[[environment]]\nrepo = '{repo}'\nname = '{name}'\napprovals = {approvals}\n")
    };
    let expectations = read(
        &[
            stanza("acme/*", "prod-*", 1),
            stanza("acme/*", "prod*", 2),
            stanza("Acme/orders", "*", 3),
            stanza("acme/order?", "*", 4),
            "[[environment]]\nrepo = 'acme/docs'\nname = 'x'\napprovers = ['Priya', 'sam']\nrunners = 'any'\n"
                .to_owned(),
        ]
        .concat(),
    );
    let approvals =
        |repo: &str, name: &str| expectations.environments.of(repo, name).map(|environment| environment.approvals);
    assert_eq!(approvals("acme/web", "prod-eu"), Some(1));
    assert_eq!(approvals("ACME/web", "Prod"), Some(2));
    assert_eq!(approvals("acme/orders", "prod"), Some(3), "the whole name counts more than a part of it");
    assert_eq!(approvals("acme/order1", "prod"), Some(4));
    assert_eq!(approvals("acme/web", "staging"), None);
    let docs = expectations.environments.of("acme/docs", "x").unwrap();
    assert_eq!((docs.approvals, docs.is_hosted), (1, None), "who lists approvers asks for one of them");
    assert_eq!(["PRIYA", "octavia"].map(|login| docs.admits_approver(login)), [true, false]);
}

#[test]
fn a_role_is_found_by_arn_then_by_name_then_by_the_narrowest_glob() {
    let expectations = read(
        "[[role]]\narn = 'arn:aws:iam::*:role/*'\nowner = 'all'\n\
         [[role]]\narn = 'arn:aws:iam::222222222222:role/ci-*'\nowner = 'ci'\n\
         [[role]]\narn = 'arn:aws:iam::222222222222:role/ci/deploy'\nowner = 'deploy'\n\
         [[role]]\narn = 'arn:aws:iam::222222222222:role/bare'\nowner = 'bare'\n",
    );
    let owner = |arn: &str| expectations.role(arn).and_then(|role| role.owner.clone()).unwrap_or_default();
    assert_eq!(owner("arn:aws:iam::222222222222:role/ci/deploy"), "deploy");
    assert_eq!(owner("arn:aws:iam::222222222222:role/deploy"), "deploy", "the path was dropped");
    assert_eq!(owner("arn:aws:sts::222222222222:assumed-role/deploy/GitHubActions"), "deploy");
    assert_eq!(owner("arn:aws:iam::222222222222:role/other/bare"), "bare");
    assert_eq!(owner("arn:aws:iam::222222222222:role/other/deploy"), "all", "another path is another role");
    assert_eq!(owner("arn:aws:iam::111111111111:role/deploy"), "all");
    assert_eq!(owner("arn:aws:iam::222222222222:role/ci-x"), "ci");
}

#[test]
fn a_matcher_without_ids_admits_both_forms() {
    let matcher = "{ repo = 'Acme/orders', environment = 'prod' }";
    assert_eq!(admits(matcher, "repo:acme/Orders:environment:prod"), Ok(()));
    assert_eq!(admits(matcher, "repo:acme@4242/orders@9001:environment:prod"), Ok(()));
    assert_eq!(admits(matcher, "repo:acme/orders:environment:Prod"), Err(Refusal::Environment));
    assert_eq!(admits(matcher, "repo:acme/orders:ref:refs/heads/main"), Err(Refusal::Environment));
    assert_eq!(admits(matcher, "repo:acme-evil/orders:environment:prod"), Err(Refusal::Repository));
}

#[test]
fn a_matcher_with_ids_requires_them() {
    let matcher = "{ repo = 'acme/orders', repo_id = 9001, owner_id = '4242' }";
    assert_eq!(admits(matcher, "repo:acme@4242/orders@9001:pull_request"), Ok(()));
    assert_eq!(admits(matcher, "repo:acme@4242/orders@77123:pull_request"), Err(Refusal::RepositoryId));
    assert_eq!(admits(matcher, "repo:acme@4243/orders@9001:pull_request"), Err(Refusal::OwnerId));
    assert_eq!(admits(matcher, "repo:acme/orders:pull_request"), Err(Refusal::NoOwnerId));
    let refusal = admits("{ repo = 'acme/orders', repo_id = 9001 }", "repo:acme/orders:pull_request").unwrap_err();
    assert_eq!(refusal.to_string(), "the subject carries no repository id");
}

#[test]
fn refs_are_compared_in_full_and_exactly() {
    let matcher = "{ repo = 'acme/*', ref = 'refs/heads/release/*' }";
    assert_eq!(admits(matcher, "repo:acme/orders:ref:refs/heads/release/1/2"), Ok(()));
    assert_eq!(admits(matcher, "repo:acme/orders:ref:refs/tags/release/1"), Err(Refusal::Ref));
    assert_eq!(admits(matcher, "repo:acme/orders:ref:refs/heads/Release/1"), Err(Refusal::Ref));
    assert_eq!(admits(matcher, "repo:acme/orders:pull_request"), Err(Refusal::Ref));
}

#[test]
fn pull_requests_are_told_apart_only_on_demand() {
    assert_eq!(admits("{ repo = 'acme/orders' }", "repo:acme/orders:pull_request"), Ok(()));
    let no_pulls = "{ repo = 'acme/orders', pull_request = false }";
    assert_eq!(admits(no_pulls, "repo:acme/orders:pull_request"), Err(Refusal::PullRequest));
    assert_eq!(admits(no_pulls, "repo:acme/orders:ref:refs/heads/x"), Ok(()));
    let pulls = "{ repo = 'acme/orders', pull_request = true }";
    assert_eq!(admits(pulls, "repo:acme/orders:ref:refs/heads/x"), Err(Refusal::PullRequest));
}

#[test]
fn an_opaque_subject_is_admitted_by_its_text_only() {
    assert_eq!(admits("{ repo = '*' }", "acme-orders"), Err(Refusal::Repository));
    assert_eq!(admits("{ raw = 'acme-*' }", "acme-orders"), Ok(()));
}

#[test]
fn the_refusal_of_the_closest_matcher_is_told() {
    let two = "{ repo = 'acme/docs' }, { repo = 'acme/orders', ref = 'refs/heads/main' }";
    assert_eq!(admits(two, "repo:acme/orders:ref:refs/heads/x"), Err(Refusal::Ref));
}

#[test]
fn matchers_speak_of_other_providers_too() {
    let expectations = entry_role(
        "{ owner = 'acme', project = 'Default *', workspace = 'net-*', run_phase = 'apply' }, \
         { issuer = 'oidc.eks.*', namespace = 'pay', service_account = 'led*' }",
    );
    let role = &expectations.roles[0];
    let apply = "organization:acme:project:Default Project:workspace:net-prod:run_phase:apply";
    assert!(role.subjects.admit(&provider::parse("app.terraform.io", apply)));
    assert!(!role.subjects.admit(&provider::parse("app.terraform.io", &apply.replace("apply", "plan"))));
    let cluster = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    assert!(role.subjects.admit(&provider::parse(cluster, "system:serviceaccount:pay:ledger")));
    assert!(!role.subjects.admit(&provider::parse(GITHUB, "repo:acme/orders:pull_request")));
}

#[test]
fn the_declared_kind_of_an_issuer_decides_the_grammar() {
    let expectations = read(
        "[[issuer]]\nurl = 'https://git.acme.example/'\nkind = 'gitlab'\naudiences = ['aws']\n\
         [[issuer]]\nurl = 'oidc.eks.*.amazonaws.com/id/*'\nkind = 'eks'\n",
    );
    let subject = expectations.parse_subject("git.acme.example", "project_path:acme/orders:ref_type:branch:ref:main");
    assert_eq!(subject.repository.as_deref(), Some("acme/orders"));
    let arn = "arn:aws:iam::111111111111:oidc-provider/git.acme.example";
    assert_eq!(expectations.issuer(arn).unwrap().audiences[..], ["aws"]);
    assert!(expectations.issuer("oidc.eks.eu-west-1.amazonaws.com/id/AB").is_some());
    assert!(expectations.issuer("id.attacker.example").is_none());
}

#[test]
fn callers_are_told_by_principal_before_account() {
    let expectations = read(
        "[[role]]\narn = 'arn:aws:iam::222222222222:role/deploy'\n\
         [[role.from]]\naccount = '111111111111'\nexternal_id = 'any'\n\
         [[role.from]]\nprincipal = 'arn:aws:iam::111111111111:role/ci/gha-*'\n\
         external_id = ['sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'old']\n\
         [[role.from]]\nprincipal = 'arn:aws:iam::111111111111:role/ci/tool'\n",
    );
    let role = &expectations.roles[0];
    let by_glob = role.caller(Some("arn:aws:iam::111111111111:role/ci/gha-x"), None).unwrap();
    let ids = by_glob.external_id.as_ref().unwrap();
    assert!(ids.admits(Some("abc")) && ids.admits(Some("old")));
    assert!(!ids.admits(Some("new")) && !ids.admits(None));
    let by_name = role.caller(Some("arn:aws:sts::111111111111:assumed-role/tool/x"), Some("111111111111")).unwrap();
    assert_eq!(by_name.external_id, None);
    let by_account = role.caller(Some("arn:aws:iam::111111111111:role/other"), None).unwrap();
    assert_eq!(by_account.external_id, Some(ExternalIdExpectation::Any));
    assert!(role.caller(Some("arn:aws:iam::999988887777:role/other"), None).is_none());
    assert!(role.caller(None, Some("111111111111")).is_some());
    assert!(role.caller(None, Some("999988887777")).is_none());
}

#[test]
fn a_role_answers_for_its_actions_origins_repositories_and_names() {
    let expectations = read(
        "[[role]]\narn = 'arn:aws:iam::222222222222:role/deploy'\nclass = 'break-glass'\norigin = ['sso', 'oidc']\n\
         may = ['sts:Assume*']\nrepos = ['acme/*']\nsession_name = '^gha-[0-9]+$'\nlearned = true\n",
    );
    let role = &expectations.roles[0];
    assert_eq!(role.class.map(RoleClass::as_str), Some("break-glass"));
    assert!(role.admits_origin("identity_center") && role.admits_origin("oidc") && !role.admits_origin("console"));
    assert!(role.may_call("sts:AssumeRole") && role.may_call("STS:assumerole") && !role.may_call("s3:PutObject"));
    assert!(role.admits_repository("ACME/orders") && !role.admits_repository("acme-evil/orders"));
    let names = role.session_name.as_ref().unwrap();
    assert!(names.matches("gha-1") && !names.matches("gha-1x"));
    assert!(role.learned);
}

#[test]
fn the_narrowest_network_gives_its_name() {
    let mut expectations = read(
        "[networks]\noffice = { cidrs = ['203.0.113.0/24', '2001:db8::/32'] }\ndesk = { cidrs = ['203.0.113.7'] }\n\
         hosted = { file = 'meta.json', key = 'actions' }\naws = { file = 'ranges.json' }\n",
    );
    assert_eq!(expectations.networks.label("198.51.100.1"), None);
    let files = |path: &str| match path {
        "meta.json" => Ok(r#"{"actions":["198.51.100.0/25"],"web":["192.0.2.0/24"]}"#.to_owned()),
        "ranges.json" => Ok(r#"{"prefixes":[{"ip_prefix":"198.51.100.0/24","region":"x"}]}"#.to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    expectations.networks.load(&files).unwrap();
    let label = |ip: &str| expectations.networks.label(ip).map(str::to_owned).unwrap_or_default();
    assert_eq!(label("203.0.113.7"), "desk");
    assert_eq!(label("203.0.113.8"), "office");
    assert_eq!(label("2001:db8::1"), "office");
    assert_eq!(label("198.51.100.1"), "hosted");
    assert_eq!(label("198.51.100.200"), "aws");
    assert_eq!(label("192.0.2.1"), "");
    assert_eq!(label("AWS Internal"), "");
    assert!(expectations.networks.contains("aws", "198.51.100.1"));
}

#[test]
fn a_file_of_ranges_that_has_none_is_an_error() {
    let mut expectations = read("[networks]\nhosted = { file = 'meta.json', key = 'action' }\n");
    let error = expectations.networks.load(&|_| Ok("{\"actions\":[]}".to_owned())).unwrap_err();
    assert_eq!(error.to_string(), "network \"hosted\": meta.json holds no address ranges under the key \"action\"");
    assert!(expectations.networks.load(&|_| Ok("{".to_owned())).is_err());
    assert!(expectations.networks.load(&|_| Err(io::Error::from(io::ErrorKind::NotFound))).is_err());
}

#[test]
fn an_exception_covers_what_it_names_until_the_end_of_its_last_day() {
    let expectations = read(
        "[severity]\nmutable-subject = 'high'\n[[exception]]\ndetection = 'long-lived-key-assumes-role'\n\
         match = { user = 'arn:aws:iam::222222222222:user/erp-*' }\nreason = 'appliance'\nowner = 'it'\n\
         created = 2026-09-01\nexpires = 2026-12-31\n",
    );
    assert_eq!(expectations.severity.get("mutable-subject"), Some(&Severity::High));
    let exception = &expectations.exceptions[0];
    assert_eq!(exception.line, 3);
    let key = |part: &str| (part == "principal_arn").then_some("arn:aws:iam::222222222222:user/erp-1");
    assert!(exception.covers("long-lived-key-assumes-role", key));
    assert!(!exception.covers("unexpected-subject", key));
    assert!(!exception.covers("long-lived-key-assumes-role", |_| None));
    let at = |text: &str| Timestamp::parse_iso(text).unwrap();
    let last_day = exception.last_day(Severity::Critical, Basis::Match);
    assert!(acceptance::holds_at(last_day, at("2026-12-31T23:59:59Z")));
    assert!(!acceptance::holds_at(last_day, at("2027-01-01T00:00:00Z")));
    // What is critical and proves itself is accepted for thirty days at most.
    assert_eq!(exception.last_day(Severity::Critical, Basis::Proof), at("2026-10-01T00:00:00Z"));
    assert_eq!(exception.last_day(Severity::High, Basis::Proof), at("2026-12-31T00:00:00Z"));
}

/// The meaning of a glob, by definition and slowly.
fn reference(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=text.len()).any(|taken| reference(rest, &text[taken..])),
        (['?', rest @ ..], [_, more @ ..]) => reference(rest, more),
        ([p, rest @ ..], [t, more @ ..]) => p == t && reference(rest, more),
        _ => false,
    }
}

proptest! {
    #[test]
    fn a_glob_means_what_its_definition_says(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
        let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
        prop_assert_eq!(glob::matches(&pattern, &text), reference(&p, &t));
    }

    #[test]
    fn a_text_without_wildcards_matches_itself(text in "[^*?]{0,20}") {
        prop_assert!(glob::matches(&text, &text));
        prop_assert!(glob::matches_ignore_case(&text.to_ascii_uppercase(), &text));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = Expectations::parse("f", &text, RULES);
    }

    #[test]
    fn no_value_makes_the_reader_panic(
        table in "(org|account|issuer|role|environment|keys|limits|networks|severity|exception)",
        key in "(id|arn|url|subjects|from|x|schema|match|expires|name|repo|approvals|runners|runs|cidrs|github_owners)",
        value in "(1|-1|1.5|true|'é'|''|2026-01-01|\\[\\]|\\[1\\]|\\{\\}|\\{ a = 1 \\}|\\[\\{\\}\\]|'arn:aws:iam::1:role/')",
        list in any::<bool>(),
    ) {
        let header = if list { format!("[[{table}]]") } else { format!("[{table}]") };
        if let Err(error) = Expectations::parse("f", &format!("{header}\n{key} = {value}\n"), RULES) {
            prop_assert!(error.to_string().starts_with("f:"));
        }
    }
}
