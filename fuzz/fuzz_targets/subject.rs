//! Reading a subject never fails, its parts agree with each other, and reading it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolechain::provider::{self, Subject, SubjectForm};

const ISSUERS: [&str; 16] = [
    "token.actions.githubusercontent.com",
    "https://token.actions.githubusercontent.com/acme",
    "ghe.example.com/_services/token",
    "token.actions.acme.ghe.com",
    "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com",
    "gitlab.com",
    "https://gitlab.example.com/",
    "app.terraform.io",
    "oidc.circleci.com/org/6d8b1c64-2b1f-4c3a-9a55-111111111111",
    "agent.buildkite.com",
    "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
    "oidc.eks.eu-central-1.amazonaws.com/id/5E1D0C7A92B34F68A0D3C4E5F6071829",
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "api.pulumi.com/oidc",
    "oidc.vercel.com/acme",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match ISSUERS.get(usize::from(*selector)) {
        Some(issuer) => check(issuer, &text),
        // The first line is the issuer.
        None => {
            let (issuer, subject) = text.split_once('\n').unwrap_or(("", &text));
            check(issuer, subject);
        }
    }
    for provider in provider::PROVIDERS {
        check_parts(&provider.parse("issuer.example.com", &text), &text);
    }
});

fn check(issuer: &str, text: &str) {
    let subject = provider::parse(issuer, text);
    check_parts(&subject, text);
    assert_eq!(provider::parse(issuer, &subject.raw), subject, "reading it again");
    assert_eq!(provider::parse(&subject.issuer, text), subject, "by the issuer that it names");
    assert_eq!(subject.provider, provider::recognize(issuer).map(|provider| provider.id));

    let stripped = subject.stripped();
    let without_ids = provider::parse(issuer, &stripped);
    let place = |subject: &Subject| (subject.owner.clone(), subject.repository.clone(), subject.context.clone());
    assert_eq!(place(&without_ids), place(&subject), "without ids: {stripped:?}");
    assert!(subject.is_same_repository(&without_ids) || subject.repository.is_none());
}

fn check_parts(subject: &Subject, text: &str) {
    assert_eq!(subject.raw, text);
    assert_eq!(subject.to_string(), text);
    if let Some(repository) = &subject.repository {
        let parts = subject.owner.as_ref().zip(subject.repository_name.as_ref());
        let (owner, name) = parts.expect("a repository has an owner and a name");
        assert_eq!(*repository, format!("{owner}/{name}"));
        assert!(!owner.is_empty() && !name.is_empty());
    }
    if subject.form == SubjectForm::Opaque {
        assert_eq!((&subject.owner, &subject.repository), (&None, &None), "opaque, and yet read");
    }
    if subject.form == SubjectForm::Immutable {
        assert!(subject.has_ids());
    }
    let _ = (subject.context.to_string(), subject.git_ref(), subject.environment());
    if let Some(name) = subject.ref_name() {
        assert!(subject.git_ref().is_some_and(|git_ref| git_ref.ends_with(name)));
    }
}
