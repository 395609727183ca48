//! The providers' pages are executed, and their grammars are put to the test with generated subjects.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use rolechain::provider::{self, Admits, Context, PROVIDERS, Subject, SubjectForm, Tenancy};

fn pages() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/providers")
}

/// Returns the insides of every block fenced with the word.
fn fenced<'p>(page: &'p str, word: &str) -> Vec<&'p str> {
    let opening = format!("```{word}\n");
    page.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Writes a subject as the pages do.
fn told(subject: &Subject) -> String {
    let mut lines = Vec::new();
    let mut line = |key: &str, value: Option<&str>| lines.extend(value.map(|value| format!("{key} = {value}\n")));
    line("provider", subject.provider);
    line("form", Some(subject.form.as_str()));
    line("owner", subject.owner.as_deref());
    line("owner_id", subject.owner_id.as_deref());
    line("repository", subject.repository.as_deref());
    line("repository_id", subject.repository_id.as_deref());
    line("context", Some(&subject.context.to_string()));
    for (claim, value) in &subject.extra {
        line(&format!("claim.{claim}"), Some(value));
    }
    line("spoken", provider::spoken(subject).as_deref());
    lines.concat()
}

#[test]
fn every_subject_on_the_pages_reads_as_the_page_says() {
    for provider in PROVIDERS {
        let page = fs::read_to_string(pages().join(format!("{}.md", provider.id))).unwrap();
        let blocks = fenced(&page, "subject");
        assert!(!blocks.is_empty(), "{} has no example", provider.id);
        for block in blocks {
            let mut lines = block.splitn(3, '\n');
            let issuer = lines.next().and_then(|line| line.strip_prefix("issuer = ")).unwrap();
            let text = lines.next().and_then(|line| line.strip_prefix("subject = ")).unwrap();
            let subject = provider::parse(issuer, text);
            assert_eq!(told(&subject), lines.next().unwrap(), "{}: {text}", provider.id);
            assert_eq!(subject.raw, text);
            assert_eq!(subject.provider, Some(provider.id));
        }
    }
}

#[test]
fn no_two_subjects_are_spoken_alike() {
    for provider in PROVIDERS {
        let mut names = std::collections::BTreeMap::new();
        for (issuer, text) in examples(provider.id) {
            let subject = provider::parse(&issuer, &text);
            let spoken = provider::spoken(&subject).unwrap_or_else(|| text.clone());
            // What is said of one's own is not said of another place, of another owner, or of another form.
            let before = names.insert(spoken.clone(), text.clone());
            assert!(before.is_none_or(|before| before == text), "{}: {spoken}", provider.id);
            for owner in [subject.owner, subject.owner_id].into_iter().flatten().filter(|owner| text.contains(owner)) {
                let other = provider::parse(&issuer, &text.replacen(&owner, "zz", 1));
                assert_ne!(provider::spoken(&other).unwrap_or_else(|| other.raw.clone()), spoken, "{text}");
            }
        }
    }
}

/// Returns the issuers and subjects on the page of a provider.
fn examples(id: &str) -> Vec<(String, String)> {
    let page = fs::read_to_string(pages().join(format!("{id}.md"))).unwrap();
    let value = |block: &str, key: &str| block.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    fenced(&page, "subject").into_iter().map(|block| (value(block, "issuer = "), value(block, "subject = "))).collect()
}

#[test]
fn with_any_owner_every_example_of_a_shared_issuer_admits_anybody() {
    let mut asked = std::collections::BTreeSet::new();
    for provider in PROVIDERS {
        for (issuer, text) in examples(provider.id) {
            let subject = provider::parse(&issuer, &text);
            assert!(provider.admits("*") == Admits::Anybody, "{}", provider.id);
            let owner =
                subject.owner.or(subject.owner_id).or_else(|| subject.extra.first().map(|(_, value)| value.clone()));
            let Some(owner) = owner.filter(|_| provider.is_shared(&issuer)) else { continue };
            for (instead, expected) in [("*".to_owned(), Admits::Anybody), (format!("{owner}*"), Admits::Owners)] {
                let pattern = text.replacen(&owner, &instead, 1);
                let admitted = provider.admits(&pattern);
                assert!(admitted == expected || admitted == Admits::Anybody, "{pattern}: {admitted:?}");
                asked.insert(provider.id);
            }
        }
    }
    let shared: std::collections::BTreeSet<&str> =
        ["buildkite", "github", "github-audit-log", "gitlab", "hcp-terraform", "pulumi", "scalr", "vercel"].into();
    assert!(asked.is_superset(&shared), "{asked:?}");
}

#[test]
fn every_example_is_one_workload_and_a_pattern_over_its_runs_is_the_same_one() {
    for provider in PROVIDERS {
        for (issuer, text) in examples(provider.id) {
            let subject = provider::parse(&issuer, &text);
            let is_default = matches!(subject.form, SubjectForm::Mutable | SubjectForm::Immutable);
            if is_default {
                let expected = provider.admits(&text);
                assert!(matches!(expected, Admits::OneWorkload | Admits::Project), "{text}: {expected:?}");
            }
            let Some(pattern) = provider::Issuer::from(issuer.as_str()).every_run(&text) else { continue };
            assert!(rolechain::model::glob::matches(&pattern, &text), "{pattern} does not admit {text}");
            assert!(provider.admits(&pattern) <= Admits::Project, "{pattern}: {:?}", provider.admits(&pattern));
        }
    }
}

#[test]
fn every_provider_has_a_page_and_every_page_a_provider() {
    let mut ids: Vec<_> = PROVIDERS.iter().map(|provider| provider.id.to_owned()).collect();
    let mut found: Vec<_> = fs::read_dir(pages())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert!(ids.is_sorted(), "PROVIDERS is in the order of ids");
    ids.sort();
    assert_eq!(ids, found);
}

#[test]
fn an_issuer_is_found_in_the_arns_of_every_partition() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let arn = format!("arn:{partition}:iam::111111111111:oidc-provider/gitlab.com");
        assert_eq!(provider::issuer_of(&arn), "gitlab.com");
    }
    // A slash at the end is a part of an issuer.
    assert_eq!(provider::issuer_of("https://sts.windows.net/1/"), "sts.windows.net/1/");
    assert!(provider::recognize("https://app.terraform.io/").is_some());
    assert_eq!(provider::issuer_of("cognito-identity.amazonaws.com"), "cognito-identity.amazonaws.com");
    let slug = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com/acme";
    assert_eq!(provider::issuer_of(slug), "token.actions.githubusercontent.com/acme");
}

#[test]
fn look_alike_issuers_are_not_recognized() {
    for issuer in [
        "",
        "/_services/token",
        "token.actions.githubusercontent.com.attacker.example",
        "attacker.example/token.actions.githubusercontent.com",
        "token.actions.a.b.ghe.com",
        "gitlab.com.attacker.example",
        "oidc.eks.eu-west-1.amazonaws.com/id/123",
        "oidc.eks.x.attacker.example/id/0123456789ABCDEF0123456789ABCDEF",
        "oidc.eks.a.b.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
        "oidc.circleci.com.attacker.example/org/x",
        "api.bitbucket.org/2.0/workspaces/a/b/pipelines-config/identity/oidc",
    ] {
        assert!(provider::recognize(issuer).is_none(), "{issuer}");
    }
}

#[test]
fn the_tenancy_tells_a_shared_issuer_from_a_private_one() {
    let github = provider::by_id("github").unwrap();
    assert_eq!(github.tenancy("Token.Actions.GitHubUserContent.com"), Some(Tenancy::Shared));
    assert_eq!(github.tenancy("token.actions.githubusercontent.com/acme"), Some(Tenancy::Tenant));
    assert_eq!(github.tenancy("token.actions.acme.ghe.com"), Some(Tenancy::Tenant));
    assert_eq!(github.tenancy("github.acme.example/_services/token"), Some(Tenancy::SelfHosted));
    assert!(github.is_shared("token.actions.githubusercontent.com"));
    assert!(!github.is_shared("gitlab.com"));
}

#[test]
fn both_spellings_of_a_subject_have_one_stripped_text() {
    let issuer = "token.actions.githubusercontent.com";
    let mutable = provider::parse(issuer, "repo:acme/orders:environment:a%3Ab");
    let immutable = provider::parse(issuer, "repo:acme@4242/orders@9001:environment:a%3Ab");
    assert_eq!(immutable.stripped(), mutable.raw);
    assert_eq!(mutable.stripped(), mutable.raw);
    assert!(mutable.is_same_repository(&immutable));
    assert!(immutable.has_ids() && !mutable.has_ids());
    let shouted = provider::parse(issuer, "repo:ACME/Orders:pull_request");
    assert!(shouted.is_same_repository(&mutable));
    let elsewhere = provider::parse("github.acme.example/_services/token", "repo:acme/orders:pull_request");
    assert!(!elsewhere.is_same_repository(&mutable));
}

#[test]
fn what_the_github_grammar_does_not_allow_is_opaque() {
    for text in [
        "",
        "repo",
        "repo:acme/orders:ref",
        "repo:acme:ref:refs/heads/main",
        "repo:acme/orders/more:ref:refs/heads/main",
        "repo:acme@1/orders:ref:refs/heads/main",
        "repo:acme@1/orders@:ref:refs/heads/main",
        "repo:acme/orders:ref:refs/heads/x:y",
        "repo:acme/orders:environment:prod:environment:staging",
        "repo:acme/orders:repository_owner:evil",
        "repository_id:nine",
        "unheard_of:acme:repo:acme/orders",
        "pull_request",
    ] {
        let subject = provider::parse("token.actions.githubusercontent.com", text);
        assert_eq!(subject.form, SubjectForm::Opaque, "{text}");
        assert_eq!((subject.owner, subject.repository, subject.context), (None, None, Context::None), "{text}");
    }
}

#[test]
fn a_ref_beside_an_environment_stays_readable() {
    let text = "repo:acme/orders:environment:prod:ref:refs/heads/main";
    let subject = provider::parse("token.actions.githubusercontent.com", text);
    assert_eq!(subject.environment(), Some("prod"));
    assert_eq!(subject.ref_name(), Some("main"));
    assert_eq!(subject.git_ref().as_deref(), Some("refs/heads/main"));
}

/// A GitHub context and how the subject spells it.
fn github_context() -> impl Strategy<Value = (Context, String)> {
    let value = "[a-zA-Z0-9 @/._:-]{1,20}";
    prop_oneof![
        value.prop_map(|name| (Context::Branch(name.clone()), format!("ref:refs/heads/{}", name.replace(':', "%3A")))),
        value.prop_map(|name| (Context::Tag(name.clone()), format!("ref:refs/tags/{}", name.replace(':', "%3A")))),
        value
            .prop_map(|name| (Context::Environment(name.clone()), format!("environment:{}", name.replace(':', "%3A")))),
        Just((Context::PullRequest, "pull_request".to_owned())),
    ]
}

proptest! {
    #[test]
    fn generated_github_subjects_read_as_they_were_written(
        owner in "[a-zA-Z0-9][a-zA-Z0-9-]{0,12}",
        name in "[a-zA-Z0-9._-]{1,12}",
        ids in proptest::option::of((1_u64.., 1_u64..)),
        (context, spelled) in github_context(),
    ) {
        let repo = match ids {
            Some((owner_id, id)) => format!("{owner}@{owner_id}/{name}@{id}"),
            None => format!("{owner}/{name}"),
        };
        let subject = provider::parse("token.actions.githubusercontent.com", &format!("repo:{repo}:{spelled}"));
        prop_assert_eq!(subject.form, if ids.is_some() { SubjectForm::Immutable } else { SubjectForm::Mutable });
        prop_assert_eq!(subject.stripped(), format!("repo:{}/{}:{}", &owner, &name, spelled));
        prop_assert_eq!(subject.repository, Some(format!("{owner}/{name}")));
        prop_assert_eq!(subject.owner_id, ids.map(|(id, _)| id.to_string()));
        prop_assert_eq!(subject.repository_id, ids.map(|(_, id)| id.to_string()));
        prop_assert_eq!(subject.context, context);
        prop_assert!(subject.extra.is_empty());
    }

    #[test]
    fn parsing_is_total_and_keeps_the_raw_text(
        issuer in prop_oneof![
            Just("token.actions.githubusercontent.com".to_owned()),
            Just("gitlab.com".to_owned()),
            Just("app.terraform.io".to_owned()),
            Just("oidc.circleci.com".to_owned()),
            Just("agent.buildkite.com".to_owned()),
            Just("oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF".to_owned()),
            any::<String>(),
        ],
        text in prop_oneof![
            any::<String>(),
            "(repo|project_path|organization|org/|ref|[a-z_]{1,6})(:|@|/|%3A|[a-z0-9é]{0,4}){0,12}",
        ],
    ) {
        let subject = provider::parse(&issuer, &text);
        prop_assert_eq!(&subject.raw, &text);
        if subject.form == SubjectForm::Opaque {
            prop_assert!(subject.owner.is_none() && subject.extra.is_empty() && subject.context == Context::None);
        }
        for provider in PROVIDERS {
            prop_assert_eq!(provider.parse(&issuer, &text).raw, text.clone());
        }
    }
}
