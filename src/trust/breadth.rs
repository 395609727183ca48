//! Breadth: how much a grant admits, from one subject to everybody.

use crate::provider;

/// How much a grant admits, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    /// Nothing: a `*` under `StringEquals` is a plain character, which no subject has.
    Nothing,
    /// What is left of a principal that was deleted.
    DeletedPrincipal,
    /// One subject.
    Exact,
    /// One role, user or session.
    OnePrincipal,
    /// An AWS service.
    Service,
    /// Some branches, tags or environments of one repository.
    ContextWildcard,
    /// Another claim of the token than the subject decides.
    OtherClaim,
    /// A pattern over subjects that have no grammar here.
    Pattern,
    /// Every branch, environment and pull request of one repository.
    WholeRepo,
    /// Every repository whose name begins so, whoever makes it in that organisation: `repo:acme/orders*`.
    RepoPrefix,
    /// Every repository of one owner.
    WholeOwner,
    /// Everybody in one account whose own policy allows it.
    WholeAccount,
    /// A SAML provider: everybody whom it signs in to this role.
    WholeProvider,
    /// Every owner whose name begins so: `repo:acme*` admits `acme-evil`.
    ManyOwners,
    /// Every subject of the issuer.
    AnySubject,
    /// `*`.
    Everybody,
    /// What is not modelled.
    NotModelled,
}

impl Breadth {
    /// Returns the word for it in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::DeletedPrincipal => "deleted_principal",
            Self::Exact => "exact",
            Self::OnePrincipal => "one_principal",
            Self::Service => "service",
            Self::ContextWildcard => "context_wildcard",
            Self::OtherClaim => "other_claim",
            Self::Pattern => "pattern",
            Self::WholeRepo => "whole_repo",
            Self::RepoPrefix => "repo_prefix",
            Self::WholeOwner => "whole_owner",
            Self::WholeAccount => "whole_account",
            Self::WholeProvider => "whole_provider",
            Self::ManyOwners => "many_owners",
            Self::AnySubject => "any_subject",
            Self::Everybody => "everybody",
            Self::NotModelled => "not_modelled",
        }
    }

    /// Returns how much a pattern of subjects admits. In `pattern`, `*` and `?` are wildcards.
    pub fn of_subjects(issuer: &str, pattern: &str) -> Self {
        if !has_wildcard(pattern) {
            return Self::Exact;
        }
        match provider::recognise(issuer).map(|provider| provider.id) {
            Some("github") => of_github(pattern),
            Some("gitlab") => pattern.strip_prefix("project_path:").map_or_else(|| of_unknown(pattern), of_repository),
            _ => of_unknown(pattern),
        }
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Without a grammar, only a pattern that pins nothing is known for what it is.
fn of_unknown(pattern: &str) -> Breadth {
    let is_open = pattern.starts_with(['*', '?']);
    if is_open { Breadth::AnySubject } else { Breadth::Pattern }
}

fn of_github(pattern: &str) -> Breadth {
    for claim in ["repo:", "repository:"] {
        if let Some(rest) = pattern.strip_prefix(claim) {
            return of_repository(rest);
        }
    }
    for (claim, whole) in [
        ("repository_owner:", Breadth::WholeOwner),
        ("repository_owner_id:", Breadth::WholeOwner),
        ("repository_id:", Breadth::WholeRepo),
    ] {
        if let Some(rest) = pattern.strip_prefix(claim) {
            let value = rest.split(':').next().unwrap_or_default();
            return match value {
                _ if !has_wildcard(value) => whole,
                _ if value.starts_with(['*', '?']) => Breadth::AnySubject,
                _ => Breadth::ManyOwners,
            };
        }
    }
    match pattern.split_once(':') {
        // Some other claim comes first, and is pinned.
        Some((claim, _)) if !has_wildcard(claim) => Breadth::Pattern,
        _ => Breadth::AnySubject,
    }
}

/// Reads what follows `repo:`: owner, repository and context, of which the ids may be open.
fn of_repository(rest: &str) -> Breadth {
    let name = |part: &str| part.split('@').next().unwrap_or_default().to_owned();
    let (owner, tail) = rest.split_once('/').unwrap_or((rest, ""));
    let owner = name(owner);
    if has_wildcard(&owner) {
        return if owner.starts_with(['*', '?']) { Breadth::AnySubject } else { Breadth::ManyOwners };
    }
    let (repository, context) = tail.split_once(':').unwrap_or((tail, ""));
    let repository = name(repository);
    match repository.as_str() {
        "*" => Breadth::WholeOwner,
        _ if has_wildcard(&repository) => Breadth::RepoPrefix,
        _ if context == "*" => Breadth::WholeRepo,
        // `acme/orders@*` without a context crosses into every context.
        _ if context.is_empty() => Breadth::WholeRepo,
        _ => Breadth::ContextWildcard,
    }
}

#[cfg(test)]
mod tests {
    use super::Breadth;

    #[test]
    fn a_pattern_is_as_broad_as_what_it_leaves_open() {
        let github = "token.actions.githubusercontent.com";
        for (issuer, pattern, breadth) in [
            (github, "repo:acme/orders:environment:prod", "exact"),
            (github, "repo:acme@42/orders@9:ref:refs/heads/main", "exact"),
            (github, "repo:acme/orders:ref:refs/heads/release/*", "context_wildcard"),
            (github, "repo:acme/orders:environment:?rod", "context_wildcard"),
            (github, "repo:acme@*/orders@*:environment:prod", "context_wildcard"),
            (github, "repo:acme/orders:*", "whole_repo"),
            (github, "repo:acme@42/orders@*", "whole_repo"),
            (github, "repo:acme/orders*", "repo_prefix"),
            (github, "repo:acme/orders*:environment:prod", "repo_prefix"),
            (github, "repo:acme/*", "whole_owner"),
            (github, "repo:acme/*:environment:prod", "whole_owner"),
            (github, "repository_owner:acme:*", "whole_owner"),
            (github, "repo:acme*", "many_owners"),
            (github, "repo:acme*/orders:environment:prod", "many_owners"),
            (github, "repo:*", "any_subject"),
            (github, "repo:*/orders:environment:prod", "any_subject"),
            (github, "*", "any_subject"),
            (github, "*:ref:refs/heads/main", "any_subject"),
            ("gitlab.com", "project_path:acme/orders:*", "whole_repo"),
            ("gitlab.com", "project_path:acme/*", "whole_owner"),
            ("id.example.org", "tenant:7:*", "pattern"),
            ("id.example.org", "*:7", "any_subject"),
        ] {
            assert_eq!(Breadth::of_subjects(issuer, pattern).name(), breadth, "{pattern}");
        }
    }
}
