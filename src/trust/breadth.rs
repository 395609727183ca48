//! Breadth: how much a grant admits, from one subject to everybody.

use crate::provider::Admits;
use crate::provider::Issuer;

/// How much a grant admits, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    /// Nothing: a `*` under `StringEquals` is a plain character, which no subject has.
    Nothing,
    /// What is left of a principal that was deleted.
    DeletedPrincipal,
    /// One subject.
    Exact,
    /// One workload: of its subject only what changes with every run is open.
    OneWorkload,
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
    /// Every branch of one repository, with or without its environments and pull requests.
    WholeRepo,
    /// Whoever may run what the pattern names, such as a reusable workflow: in a public repository, anybody.
    Callers,
    /// Every repository whose name begins so, whoever makes it in that organization: `repo:acme/orders*`.
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
    /// What is not modeled.
    NotModeled,
}

impl Breadth {
    /// Returns the word for it in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::DeletedPrincipal => "deleted_principal",
            Self::Exact => "exact",
            Self::OneWorkload => "one_workload",
            Self::OnePrincipal => "one_principal",
            Self::Service => "service",
            Self::ContextWildcard => "context_wildcard",
            Self::OtherClaim => "other_claim",
            Self::Pattern => "pattern",
            Self::WholeRepo => "whole_repo",
            Self::Callers => "callers",
            Self::RepoPrefix => "repo_prefix",
            Self::WholeOwner => "whole_owner",
            Self::WholeAccount => "whole_account",
            Self::WholeProvider => "whole_provider",
            Self::ManyOwners => "many_owners",
            Self::AnySubject => "any_subject",
            Self::Everybody => "everybody",
            Self::NotModeled => "not_modeled",
        }
    }

    /// Returns how much a pattern of an issuer's subjects admits. With `has_wildcards`, `*` and `?` are wildcards in it.
    pub fn of_subjects<'i>(issuer: impl Into<Issuer<'i>>, pattern: &str, has_wildcards: bool) -> Self {
        if !has_wildcards && pattern.contains('*') {
            return Self::Nothing;
        }
        // Without wildcards, a question mark is a character like others.
        let literal = pattern.replace('?', "x");
        let pattern = if has_wildcards { pattern } else { &literal };
        match issuer.into().admits(pattern) {
            Admits::OneWorkload if !pattern.contains(['*', '?']) => Self::Exact,
            Admits::OneWorkload => Self::OneWorkload,
            Admits::SomeContexts => Self::ContextWildcard,
            Admits::NotRead => Self::Pattern,
            Admits::Project => Self::WholeRepo,
            Admits::Callers => Self::Callers,
            Admits::Projects => Self::RepoPrefix,
            Admits::Owner => Self::WholeOwner,
            Admits::Owners => Self::ManyOwners,
            Admits::Anybody => Self::AnySubject,
        }
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
            (github, "repo:acme@*/orders@*:environment:prod", "one_workload"),
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
            (github, "repo:acme@42*", "whole_owner"),
            (github, "repo:acme/orders:ref:refs/*", "whole_repo"),
            (github, "repo:acme/orders:ref:refs/heads/*", "whole_repo"),
            (github, "repo:acme/orders:ref:refs/tags/*", "context_wildcard"),
            (github, "repo:acme/orders:environment:*", "whole_repo"),
            (github, "actor:octocat", "any_subject"),
            (github, "enterprise:acme-corp:*", "whole_owner"),
            (
                "oidc.circleci.com/org/1",
                "org/1/project/2/user/*/vcs-origin/github.com/acme/orders/vcs-ref/x",
                "whole_repo",
            ),
            ("acme.app.spacelift.io", "space:*:stack:net:run_type:TRACKED:scope:write", "context_wildcard"),
            (
                "api.pulumi.com/oidc",
                "pulumi:environments:pulumi.organization.login:acme:currentEnvironment.name:prod",
                "exact",
            ),
            (github, "environment:production", "any_subject"),
            (github, "ref:refs/heads/main:environment:prod", "any_subject"),
            (github, "workflow:deploy", "any_subject"),
            (github, "repository_visibility:private:*", "any_subject"),
            (github, "job_workflow_ref:*", "any_subject"),
            (github, "job_workflow_ref:acme/shared/.github/workflows/deploy.yml@refs/heads/main", "callers"),
            (github, "job_workflow_ref:acme/shared/*", "callers"),
            (github, "job_workflow_ref:acme/shared*", "any_subject"),
            (github, "repo:acme/orders:job_workflow_ref:*", "whole_repo"),
            (github, "workflow_ref:acme/orders/.github/workflows/deploy.yml@*", "whole_repo"),
            (github, "workflow_ref:acme/*", "whole_owner"),
            (github, "repository_owner:acme", "whole_owner"),
            (github, "repo:acme/orders", "whole_repo"),
            (github, "repo:acme/orders:context:environment:prod", "exact"),
            (github, "repo:acme/orders:ref:refs/heads/main:sha:*", "one_workload"),
            (github, "actions-data-stream:organization/42", "exact"),
            (github, "actions-data-stream:*", "any_subject"),
            ("app.terraform.io", "organization:*:project:*:workspace:*:run_phase:*", "any_subject"),
            ("app.terraform.io", "organization:acme*", "many_owners"),
            ("app.terraform.io", "organization:acme:*", "whole_owner"),
            ("app.terraform.io", "organization:acme:project:Shop:*", "whole_repo"),
            ("app.terraform.io", "organization:acme:project:*:workspace:network:run_phase:*", "context_wildcard"),
            (
                "agent.buildkite.com",
                "organization:acme:pipeline:orders:ref:refs/heads/main:commit:*:step:x",
                "one_workload",
            ),
            ("agent.buildkite.com", "organization:acme:pipeline:*", "whole_owner"),
            ("agent.buildkite.com", "main", "any_subject"),
            ("oidc.vercel.com", "owner:*:project:site:environment:production", "any_subject"),
            ("scalr.io", "account:*", "any_subject"),
            ("api.pulumi.com/oidc", "pulumi:deploy:org:*:project:site:*", "any_subject"),
            ("accounts.google.com", "1*", "any_subject"),
            ("cognito-identity.amazonaws.com", "eu-west-1:*", "any_subject"),
            (
                "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
                "system:serviceaccount:*:till",
                "any_subject",
            ),
            (
                "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
                "system:serviceaccount:shop:*",
                "whole_repo",
            ),
            ("gitlab.com", "project_path:acme/orders:*", "whole_repo"),
            ("gitlab.com", "project_path:acme/orders:ref_type:branch:ref:*", "whole_repo"),
            ("gitlab.com", "project_path:acme/orders:ref_type:branch:ref:main", "exact"),
            ("gitlab.com", "project_path:acme/orders:ref_type:tag:ref:*", "context_wildcard"),
            ("gitlab.com", "project_path:acme/*", "whole_owner"),
            ("id.example.org", "tenant:7:*", "pattern"),
            ("id.example.org", "*:7", "any_subject"),
        ] {
            assert_eq!(Breadth::of_subjects(issuer, pattern, true).name(), breadth, "{pattern}");
        }
    }
}
