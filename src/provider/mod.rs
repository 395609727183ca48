//! Who signed the token, and what does its subject say?
//!
//! One file per provider. To add one: write `<id>.rs` here, `docs/providers/<id>.md`, and a line in [`PROVIDERS`].

mod aks;
mod azure_devops;
mod bitbucket;
mod buildkite;
pub mod ci_run;
mod circleci;
mod claims;
mod cognito;
mod eks;
mod entra;
mod github;
mod github_audit_log;
mod github_run;
mod gitlab;
mod gke;
mod google;
mod hcp_terraform;
mod issuer;
mod kubernetes;
mod openshift;
mod pattern;
mod pulumi;
mod run;
mod scalr;
mod spacelift;
mod spoken;
mod vercel;

use pattern::Admitted;

pub use crate::model::subject::{Context, Subject, SubjectForm};
pub use github::ACTION;
pub use issuer::Issuer;
pub use pattern::{Admits, Claim};

/// Every provider that is recognized, in the order of their ids.
pub const PROVIDERS: &[Provider] = &[
    aks::PROVIDER,
    azure_devops::PROVIDER,
    bitbucket::PROVIDER,
    buildkite::PROVIDER,
    circleci::PROVIDER,
    cognito::PROVIDER,
    eks::PROVIDER,
    entra::PROVIDER,
    github::PROVIDER,
    github_audit_log::PROVIDER,
    gitlab::PROVIDER,
    gke::PROVIDER,
    google::PROVIDER,
    hcp_terraform::PROVIDER,
    openshift::PROVIDER,
    pulumi::PROVIDER,
    scalr::PROVIDER,
    spacelift::PROVIDER,
    vercel::PROVIDER,
];

/// To whom a provider hands its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The jobs of a CI system.
    Pipeline,
    /// Running software.
    Workload,
    /// People and their devices.
    Person,
    /// The platform itself: no workflow stands behind it.
    Platform,
}

/// Whose tokens an issuer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tenancy {
    /// One issuer for all customers of the vendor: only the subject (or audience) says whose token it is.
    Shared,
    /// An issuer that the vendor runs for one customer.
    Tenant,
    /// An issuer on somebody's own host, recognized by its shape only. The host proves nothing about its owner.
    SelfHosted,
}

/// A kind of token issuer.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// The word for it in columns, flags and the expectations file: `github`.
    pub id: &'static str,
    /// Its name for people: `GitHub Actions`.
    pub name: &'static str,
    /// To whom it hands its tokens.
    pub holder: Holder,
    /// True when the provider, or an owner who runs many of its issuers, makes and removes issuers all the time: a file that
    /// names one of them speaks of them all, and one that names none speaks of none.
    pub is_class: bool,
    /// What people call a project of it: `repository`, `pipeline`, `namespace`.
    pub project: &'static str,
    /// The claim, besides `sub`, that tells one customer's tokens from another's: the customer's own application.
    pub customer_claim: Option<&'static str>,
    recognizes: fn(issuer: &str) -> Option<Tenancy>,
    parse: Option<fn(issuer: &str, subject: &str) -> Option<Subject>>,
    reads: fn(pattern: &str) -> Admitted,
    tells: fn(claim: &str) -> Claim,
    parse_pattern: fn(pattern: &str) -> Option<Subject>,
    spoken: fn(subject: &Subject) -> Option<String>,
    repeats: fn(subject: &Subject) -> Vec<Repeated>,
    every_run: fn(subject: &str) -> Option<String>,
    /// Pieces of user agents that only its jobs send.
    pub clients: &'static [&'static str],
    run_in_agent: fn(user_agent: &str) -> Option<&str>,
}

/// A claim that a subject repeats, and its value; `None` when the subject says that the token has no such claim.
pub type Repeated = (&'static str, Option<String>);

impl Provider {
    /// What holds for most providers.
    const USUAL: Self = Self {
        id: "",
        name: "",
        holder: Holder::Pipeline,
        is_class: false,
        project: "repository",
        customer_claim: None,
        recognizes: |_| None,
        parse: None,
        reads: |pattern| Admitted::Known(pattern::not_read(pattern)),
        // Whoever gets tokens of the issuer may choose it, as far as anybody here knows.
        tells: |_| Claim::Context,
        parse_pattern: |_| None,
        spoken: spoken::of_names,
        repeats: |_| Vec::new(),
        every_run: |_| None,
        clients: &[],
        run_in_agent: |_| None,
    };

    /// Whose tokens `issuer` signs, or `None` when the issuer is not this provider's.
    pub fn tenancy(&self, issuer: &str) -> Option<Tenancy> {
        (self.recognizes)(&bare(issuer))
    }

    /// True when many customers of the vendor share `issuer`, so that a trust policy must test the subject.
    pub fn is_shared(&self, issuer: &str) -> bool {
        self.tenancy(issuer) == Some(Tenancy::Shared)
    }

    /// Says whose tokens a pattern of subjects admits; `*` and `?` are wildcards in it.
    pub fn admits(&self, pattern: &str) -> Admits {
        (self.reads)(pattern).admits()
    }

    /// Returns the owner whose tokens alone a pattern of subjects admits, where the pattern names it.
    pub fn owner(&self, pattern: &str) -> Option<String> {
        (self.reads)(pattern).owner()
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
    issuer.strip_prefix("https://").unwrap_or(issuer)
}

/// Returns an issuer as it is compared: in lower case, and without a slash at the end, which people leave out.
fn bare(issuer: &str) -> String {
    issuer_of(issuer).trim_end_matches('/').to_ascii_lowercase()
}

/// Returns the provider that signs for `issuer` (bare, with scheme, or as an identity provider's ARN).
pub fn recognize(issuer: &str) -> Option<&'static Provider> {
    let issuer = bare(issuer);
    PROVIDERS.iter().find(|provider| (provider.recognizes)(&issuer).is_some())
}

/// Returns the run that a job of any CI system names in its user agent.
pub fn run_in_agent(user_agent: &str) -> Option<&str> {
    PROVIDERS.iter().find_map(|provider| (provider.run_in_agent)(user_agent))
}

/// Returns the provider called `id`.
pub fn by_id(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.id == id)
}

/// Of an issuer that no provider here speaks for: it is one's own, and so is what its tokens say.
fn tells_of_unknown(claim: &str) -> Claim {
    if matches!(claim, "amr" | "aud" | "azp" | "oaud") { Claim::Context } else { Claim::Firm }
}

/// Reads a subject by the grammar that the host of its issuer tells.
pub fn parse(issuer: &str, subject: &str) -> Subject {
    Issuer::from(issuer).parse(subject)
}

/// Returns a subject as people say it: `acme/orders branch main`; `None` where its text says more than its parts. It is
/// foreign: escape it for the medium at hand.
pub fn spoken(subject: &Subject) -> Option<String> {
    (by_id(subject.provider?)?.spoken)(subject)
}

/// Returns the claims of the token that a subject repeats.
pub fn repeats(subject: &Subject) -> Vec<Repeated> {
    subject.provider.and_then(by_id).map(|provider| (provider.repeats)(subject)).unwrap_or_default()
}
