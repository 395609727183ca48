//! An issuer as a run knows it: its host, and the provider that the owners, or the host itself, say it is of.

use super::pattern::{self, Admits, Claim};
use super::{Holder, Provider, Subject, by_id, issuer_of, recognize, tells_of_unknown};
use crate::model::kinds::Kinds;

/// An issuer of tokens.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// The issuer without scheme.
    pub host: &'a str,
    /// Whose grammar its tokens follow, when that is known.
    pub provider: Option<&'static Provider>,
}

impl<'a> From<&'a str> for Issuer<'a> {
    /// Knows an issuer by its host alone.
    fn from(identity_provider: &'a str) -> Self {
        let host = issuer_of(identity_provider);
        Self { host, provider: recognize(host) }
    }
}

/// Issuers built into AWS that no provider here speaks for, with the claim that holds the customer's own application.
const BY_APPLICATION: [(&str, &str); 2] = [("graph.facebook.com", "app_id"), ("www.amazon.com", "app_id")];

impl<'a> Issuer<'a> {
    /// Knows an issuer (bare, with scheme, or as an identity provider's ARN): what the owners say of it counts, else what its
    /// host says.
    pub fn of(kinds: &Kinds, identity_provider: &'a str) -> Self {
        let by_host = Self::from(identity_provider);
        Self { provider: kinds.of(by_host.host).and_then(by_id).or(by_host.provider), ..by_host }
    }

    /// True for the issuer of the provider called `id`.
    pub fn is_of(&self, id: &str) -> bool {
        self.provider.is_some_and(|provider| provider.id == id)
    }

    /// True when many customers of a vendor share it, so that its tokens may come from strangers.
    pub fn is_shared(&self) -> bool {
        self.provider.is_some_and(|provider| provider.is_shared(self.host))
    }

    /// True when it hands its tokens to the jobs of a CI system.
    pub fn is_for_pipelines(&self) -> bool {
        self.provider.is_some_and(|provider| provider.holder == Holder::Pipeline)
    }

    /// Returns its name for people: `GitHub Actions`, or its host.
    pub fn name(&self) -> &'a str {
        self.provider.map_or(self.host, |provider| provider.name)
    }

    /// Reads a subject. What no grammar reads is kept raw, in the form `Opaque`.
    pub fn parse(&self, subject: &str) -> Subject {
        match self.provider {
            Some(provider) => provider.parse(self.host, subject),
            None => Subject { issuer: self.host.to_owned(), raw: subject.to_owned(), ..Subject::default() },
        }
    }

    /// Reads a pattern of subjects into parts that may hold wildcards; `None` when they would say less than the pattern.
    pub fn parse_pattern(&self, pattern: &str) -> Option<Subject> {
        let provider = self.provider?;
        let parts = (provider.parse_pattern)(pattern)?;
        Some(Subject { provider: Some(provider.id), issuer: self.host.to_owned(), raw: pattern.to_owned(), ..parts })
    }

    /// Says whose tokens a pattern of its subjects admits.
    pub fn admits(&self, pattern: &str) -> Admits {
        self.provider.map_or_else(|| pattern::not_read(pattern), |provider| provider.admits(pattern))
    }

    /// Returns the pattern that admits the workload of a subject in every run; `None` when nothing of it changes with the run.
    /// What stands before the wildcards is signed by the provider.
    pub fn every_run(&self, subject: &str) -> Option<String> {
        // What holds a wildcard already would admit more than it says.
        let provider = self.provider.filter(|_| !subject.contains(['*', '?']))?;
        let pattern = (provider.every_run)(subject).filter(|pattern| pattern != subject)?;
        // Never more than the project whose workload it is.
        (provider.admits(&pattern) <= Admits::Project).then_some(pattern)
    }

    /// Says what a claim of its tokens, as a condition key names it, tells of whose they are.
    pub fn claim(&self, claim: &str) -> Claim {
        self.provider.map_or_else(|| tells_of_unknown(claim), |provider| (provider.tells)(claim))
    }

    /// Returns the claim, besides `sub`, that tells one customer's tokens from another's.
    pub fn customer_claim(&self) -> Option<&'static str> {
        let is_own = |(of, _): &&(&str, &str)| of.eq_ignore_ascii_case(self.host);
        let of_others = || BY_APPLICATION.iter().find(is_own).map(|(_, claim)| *claim);
        self.provider.and_then(|provider| provider.customer_claim).or_else(of_others)
    }
}
