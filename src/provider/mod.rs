//! Who signed the token, and what does its subject say?
//!
//! One file per provider. To add one: write `<id>.rs` here, `docs/providers/<id>.md`, and a line in [`PROVIDERS`].

mod bitbucket;
mod buildkite;
pub mod ci_run;
mod circleci;
mod claims;
mod cognito;
mod eks;
mod github;
mod github_audit_log;
mod gitlab;
mod google;
mod hcp_terraform;
mod pulumi;
mod subject;
mod vercel;

pub use subject::{Context, Subject, SubjectForm};

/// Every provider that is recognised, in the order of their ids.
pub const PROVIDERS: &[Provider] = &[
    bitbucket::PROVIDER,
    buildkite::PROVIDER,
    circleci::PROVIDER,
    cognito::PROVIDER,
    eks::PROVIDER,
    github::PROVIDER,
    github_audit_log::PROVIDER,
    gitlab::PROVIDER,
    google::PROVIDER,
    hcp_terraform::PROVIDER,
    pulumi::PROVIDER,
    vercel::PROVIDER,
];

/// Providers whose tokens are handed to running software or to the platform itself, and to no pipeline.
const NOT_PIPELINES: [&str; 4] = ["cognito", "eks", "github-audit-log", "google"];

/// Whose tokens an issuer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tenancy {
    /// One issuer for all customers of the vendor: only the subject (or audience) says whose token it is.
    Shared,
    /// An issuer that the vendor runs for one customer.
    Tenant,
    /// An issuer on somebody's own host, recognised by its shape only. The host proves nothing about its owner.
    SelfHosted,
}

/// A kind of token issuer.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// The word for it in columns, flags and the expectations file: `github`.
    pub id: &'static str,
    /// Its name for people: `GitHub Actions`.
    pub name: &'static str,
    /// The audiences that its tokens usually carry on AWS.
    pub audiences: &'static [&'static str],
    recognises: fn(issuer: &str) -> Option<Tenancy>,
    parse: Option<fn(issuer: &str, subject: &str) -> Option<Subject>>,
}

impl Provider {
    /// Whose tokens `issuer` signs, or `None` when the issuer is not this provider's.
    pub fn tenancy(&self, issuer: &str) -> Option<Tenancy> {
        (self.recognises)(&issuer_of(issuer).to_ascii_lowercase())
    }

    /// True when many customers of the vendor share `issuer`, so that a trust policy must test the subject.
    pub fn is_shared(&self, issuer: &str) -> bool {
        self.tenancy(issuer) == Some(Tenancy::Shared)
    }

    /// True when the subjects of this provider have a grammar that is read into parts.
    pub fn has_grammar(&self) -> bool {
        self.parse.is_some()
    }

    /// Reads a subject by this provider's grammar, whatever the issuer's host: for self-hosted issuers.
    pub fn parse(&self, issuer: &str, subject: &str) -> Subject {
        let issuer = issuer_of(issuer);
        let parts = self.parse.and_then(|parse| parse(issuer, subject)).unwrap_or_default();
        Subject { provider: Some(self.id), issuer: issuer.to_owned(), raw: subject.to_owned(), ..parts }
    }
}

/// Returns the issuer, without scheme, that an identity provider's ARN names; a bare issuer is returned as it is.
pub fn issuer_of(identity_provider: &str) -> &str {
    let issuer = match identity_provider.split_once(":oidc-provider/") {
        Some((arn, issuer)) if arn.starts_with("arn:") => issuer,
        _ => identity_provider,
    };
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

/// Returns the provider that signs for `issuer` (bare, with scheme, or as an identity provider's ARN).
pub fn recognise(issuer: &str) -> Option<&'static Provider> {
    let issuer = issuer_of(issuer).to_ascii_lowercase();
    PROVIDERS.iter().find(|provider| (provider.recognises)(&issuer).is_some())
}

/// Returns the provider called `id`.
pub fn by_id(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.id == id)
}

/// True when the provider called `id` hands its tokens to the jobs of a CI system.
pub fn is_for_pipelines(id: &str) -> bool {
    !NOT_PIPELINES.contains(&id)
}

/// Reads a subject by the grammar of its issuer. What no grammar reads is kept raw, in the form `Opaque`.
pub fn parse(issuer: &str, subject: &str) -> Subject {
    match recognise(issuer) {
        Some(provider) => provider.parse(issuer, subject),
        None => Subject { issuer: issuer_of(issuer).to_owned(), raw: subject.to_owned(), ..Subject::default() },
    }
}
