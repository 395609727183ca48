//! Subjects: from what a token said, or from the pattern of a policy, to one entry of a role's `subjects`.

use crate::expect::SubjectMatcher;
use crate::model::glob::Glob;
use crate::provider::Context;
use crate::provider::Issuer;
use crate::provider::Subject;
use crate::provider::SubjectForm;

/// Characters that a glob of the expectations gives another meaning, or refuses.
const NOT_LITERAL: [char; 6] = ['*', '?', '[', ']', '{', '}'];

/// Returns the entry that admits exactly this subject; `None` when no entry can say it.
pub(super) fn exact(subject: &Subject) -> Option<SubjectMatcher> {
    if subject.raw.contains(['*', '?']) {
        return None;
    }
    let in_parts = in_parts(subject, literal).filter(|matcher| matcher.matches(subject));
    in_parts.or_else(|| raw(&subject.issuer, &subject.raw))
}

/// Returns the entry that admits what a pattern of a policy admits.
pub(super) fn of_pattern(issuer: Issuer<'_>, pattern: &str) -> Option<SubjectMatcher> {
    if !pattern.contains(['*', '?']) {
        return exact(&issuer.parse(pattern));
    }
    let parts = issuer.parse_pattern(pattern);
    parts.and_then(|parts| in_parts(&parts, open)).or_else(|| raw(issuer.host, pattern))
}

/// GitHub's subjects name an owner that nobody else has; all other entries say whose tokens they mean.
fn issuer_of(issuer: &str) -> Option<Glob> {
    let is_shared_github = issuer == "token.actions.githubusercontent.com";
    if is_shared_github { None } else { Glob::new(issuer) }
}

fn raw(issuer: &str, text: &str) -> Option<SubjectMatcher> {
    if issuer.contains(NOT_LITERAL) {
        return None;
    }
    let raw = Some(Glob::new(text)?);
    Some(SubjectMatcher { raw, issuer: Glob::new(issuer), ..SubjectMatcher::default() })
}

/// What names the context may be a pattern. The reader refuses brackets and braces in every glob but `raw`.
fn open(text: &str) -> Option<Glob> {
    Glob::new(text).filter(|glob| !glob.as_str().contains(['[', ']', '{', '}']))
}

fn literal(text: &str) -> Option<Glob> {
    if text.contains(NOT_LITERAL) { None } else { Glob::new(text) }
}

/// Says a subject, or a pattern of subjects, in parts. `named` says what the context names.
fn in_parts(subject: &Subject, named: fn(&str) -> Option<Glob>) -> Option<SubjectMatcher> {
    // What has no key of its own would go unsaid; and a template that leaves the repository away names nobody's.
    let is_custom = subject.form == SubjectForm::Custom || !subject.extra.is_empty();
    let is_named = subject.owner.is_some() || matches!(subject.context, Context::ServiceAccount { .. });
    if is_custom || !is_named || subject.issuer.contains(NOT_LITERAL) {
        return None;
    }
    let mut matcher = SubjectMatcher { issuer: issuer_of(&subject.issuer), ..SubjectMatcher::default() };
    if let Some(repository) = &subject.repository {
        matcher.repo = Some(literal(repository).filter(|repo| repo.as_str().contains('/'))?);
    } else if let Some(owner) = &subject.owner {
        matcher.owner = Some(literal(owner).filter(|owner| !owner.as_str().contains('/'))?);
    }
    matcher.owner_id.clone_from(&subject.owner_id);
    matcher.repo_id.clone_from(&subject.repository_id);
    match &subject.context {
        Context::Branch(_) | Context::Tag(_) => matcher.git_ref = Some(named(&subject.git_ref()?)?),
        Context::PullRequest => matcher.pull_request = Some(true),
        Context::Environment(name) => matcher.environment = Some(named(name)?),
        Context::ServiceAccount { namespace, name } => {
            matcher.namespace = Some(literal(namespace)?);
            matcher.service_account = Some(literal(name)?);
        }
        Context::Workspace { project, workspace, run_phase } => {
            matcher.project = project.as_deref().map(|project| literal(project).ok_or(())).transpose().ok()?;
            matcher.workspace = Some(literal(workspace)?);
            matcher.run_phase = Some(literal(run_phase)?);
        }
        // All of a pattern's repository or owner.
        Context::None if subject.raw.contains('*') => {}
        Context::None | Context::Other(_) => return None,
    }
    Some(matcher)
}

/// Returns the keys of an entry, in the order of the documentation. The last part is true for ids.
pub(super) fn fields(matcher: &SubjectMatcher) -> Vec<(&'static str, String, bool)> {
    let glob = |key: &'static str, value: &Option<Glob>| value.as_ref().map(|it| (key, it.as_str().to_owned(), false));
    let id = |key: &'static str, value: &Option<String>| value.as_ref().map(|it| (key, it.clone(), true));
    [
        glob("issuer", &matcher.issuer),
        glob("raw", &matcher.raw),
        glob("owner", &matcher.owner),
        id("owner_id", &matcher.owner_id),
        glob("repo", &matcher.repo),
        id("repo_id", &matcher.repo_id),
        glob("ref", &matcher.git_ref),
        glob("environment", &matcher.environment),
        glob("project", &matcher.project),
        glob("workspace", &matcher.workspace),
        glob("run_phase", &matcher.run_phase),
        glob("namespace", &matcher.namespace),
        glob("service_account", &matcher.service_account),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::exact;
    use super::fields;
    use super::of_pattern;
    use crate::expect::SubjectMatcher;
    use crate::provider;

    const GITHUB: &str = "token.actions.githubusercontent.com";

    fn said(matcher: Option<SubjectMatcher>) -> String {
        let Some(matcher) = matcher else { return "none".to_owned() };
        let pull_request = matcher.pull_request.map(|is| format!("pull_request={is}"));
        let fields = fields(&matcher).into_iter().map(|(key, value, _)| format!("{key}={value}"));
        fields.chain(pull_request).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_subject_becomes_the_entry_that_admits_it_and_nothing_else() {
        for (issuer, text, entry) in [
            (GITHUB, "repo:acme/orders:environment:prod", "repo=acme/orders environment=prod"),
            (
                GITHUB,
                "repo:acme@42/orders@9:ref:refs/heads/main",
                "owner_id=42 repo=acme/orders repo_id=9 ref=refs/heads/main",
            ),
            (GITHUB, "repo:acme/orders:pull_request", "repo=acme/orders pull_request=true"),
            (GITHUB, "ref:refs/heads/main", "issuer=token.actions.githubusercontent.com raw=ref:refs/heads/main"),
            // A name that would be a pattern admits more than was seen.
            (GITHUB, "repo:acme/orders:environment:*", "none"),
            (GITHUB, "repo:acme/orders:environment:pr?d", "none"),
            (
                GITHUB,
                "repo:acme/orders:environment:[x]",
                "issuer=token.actions.githubusercontent.com raw=repo:acme/orders:environment:[x]",
            ),
            (
                "oidc.eks.eu-central-1.amazonaws.com/id/5E1D0C7A92B34F68A0D3C4E5F6071829",
                "system:serviceaccount:kube-system:dns",
                "issuer=oidc.eks.eu-central-1.amazonaws.com/id/5E1D0C7A92B34F68A0D3C4E5F6071829 namespace=kube-system service_account=dns",
            ),
            ("id.example.org", "tenant:7", "issuer=id.example.org raw=tenant:7"),
        ] {
            assert_eq!(said(exact(&provider::parse(issuer, text))), entry, "{text}");
        }
    }

    #[test]
    fn a_pattern_of_a_policy_becomes_parts_where_it_can() {
        for (pattern, entry) in [
            ("repo:acme/orders:*", "repo=acme/orders"),
            ("repo:acme@*/orders@*:environment:prod", "repo=acme/orders environment=prod"),
            ("repo:acme@42/*", "owner=acme owner_id=42"),
            ("repo:acme/*:environment:prod", "owner=acme environment=prod"),
            ("repo:acme/orders:ref:refs/heads/release/*", "repo=acme/orders ref=refs/heads/release/*"),
            ("repo:acme/orders*", "issuer=token.actions.githubusercontent.com raw=repo:acme/orders*"),
            ("repo:acme*/x:*", "issuer=token.actions.githubusercontent.com raw=repo:acme*/x:*"),
        ] {
            assert_eq!(said(of_pattern(GITHUB.into(), pattern)), entry, "{pattern}");
        }
    }
}
