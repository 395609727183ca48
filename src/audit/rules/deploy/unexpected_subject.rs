//! `unexpected-subject`: a token entered a role whose expectation does not admit its subject.

use crate::audit::grade;
use crate::audit::memo::Memo;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::shut_out;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::expect::Refusal;
use crate::expect::RoleExpectation;
use crate::expect::SubjectMatcher;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "unexpected-subject",
    title: "A token entered a role whose expectation does not admit its subject",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `subjects` of the role in `rolechain.toml`; or a change of its trust policy in the logs",
    remediation: "Narrow the sub condition of the role's trust policy to the repositories and environments that need \
                  it. If the access was wanted, add the subject to the role's subjects in rolechain.toml. If nobody \
                  wanted it, deny sessions of the role that were issued before now (aws:TokenIssueTime) and review \
                  what they did.",
    techniques: &["T1078.004", "T1199"],
    reading: &[
        ("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc"),
        (
            "AWS: create a role for OpenID Connect federation",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/unexpected-subject.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = context.lineage.sessions().filter(|session| subjects::is_entry(*session));
    let by_subject =
        gather(entries.filter_map(|session| Some(((session.session.role_arn?, session.session.origin), session))));
    let memo = Memo::default();
    for (_, entries) in by_subject {
        let first = entries.first();
        let (Some(role_arn), Some(subject)) = (first.role_arn(), first.origin().token.as_ref()) else { continue };
        let Some(expected) = context.expectations.role(role_arn) else { continue };
        let Some(refusal) = expected.subject_refusal(subject).filter(|_| !expected.subjects.is_empty()) else {
            continue;
        };
        let wanted = memo.get((expected.arn.as_str(), refusal), || wanted(expected, refusal));
        let found = matched(context, &entries, &Entry { role_arn, subject, expected, refusal, wanted: &wanted });
        matches.push(grade::learned(found, Some(expected)));
    }
    shut_out::check(context, matches);
}

struct Entry<'a> {
    role_arn: &'a str,
    subject: &'a Subject,
    expected: &'a RoleExpectation,
    refusal: Refusal,
    /// What the matchers that came closest wanted instead.
    wanted: &'a str,
}

fn matched(context: &Context<'_>, entries: &Occurrences<'_>, entry: &Entry<'_>) -> Match {
    let Entry { role_arn, subject, expected, refusal, wanted } = entry;
    let mut key = vec![("role_arn", (*role_arn).to_owned()), ("context", subjects::context_class(subject))];
    key.extend(subjects::key_of(subject));
    let role = phrase::role(context, role_arn);
    Match {
        key,
        severity: grade::in_prod(RULE.severity, context, role_arn),
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{} entered {}, which expects {wanted}", subject.raw, phrase::short(role_arn)),
        message: format!(
            "{}, a token of {} with the subject {} was let into {role}. \
             The expectations list {} for this role and none fits: {refusal}. \
             The trust policy admitted the token, so it is wider than what its owners expect; \
             a new workflow that nobody has declared yet looks the same as an intruder.",
            entries.when(),
            subjects::issuer(context, &subject.issuer).name(),
            subject.raw,
            phrase::count(wide(expected.subjects.len()), "subject"),
        ),
        remediation: Some(standing::advice(
            standing::of(context, Some(role_arn), subject),
            subject,
            role_arn,
            remediation(role_arn, subject, expected),
        )),
        count: entries.count(),
        evidence: entries.evidence(),
        chain_ids: entries.chain_ids(context),
    }
}

/// Says what the matchers that came closest wanted instead.
fn wanted(expected: &RoleExpectation, refusal: Refusal) -> String {
    type Wanted = fn(&SubjectMatcher) -> Option<String>;
    let (word, of): (&str, Wanted) = match refusal {
        Refusal::Issuer => ("tokens of ", |m| m.issuer.as_ref().map(ToString::to_string)),
        Refusal::Raw => ("", |m| m.raw.as_ref().map(ToString::to_string)),
        Refusal::Owner => ("a repository of ", |m| m.owner.as_ref().map(ToString::to_string)),
        Refusal::Repository => ("", |m| m.repo.as_ref().map(ToString::to_string)),
        Refusal::NoOwnerId | Refusal::OwnerId => ("the owner id ", |m| m.owner_id.clone()),
        Refusal::NoRepositoryId | Refusal::RepositoryId => ("the repository id ", |m| m.repo_id.clone()),
        Refusal::Ref => ("", |m| m.git_ref.as_ref().map(ToString::to_string)),
        Refusal::Environment => ("environment ", |m| m.environment.as_ref().map(ToString::to_string)),
        Refusal::PullRequest => ("", |m| {
            m.pull_request.map(|wanted| (if wanted { "pull requests" } else { "no pull requests" }).to_owned())
        }),
        Refusal::Project => ("project ", |m| m.project.as_ref().map(ToString::to_string)),
        Refusal::Workspace => ("workspace ", |m| m.workspace.as_ref().map(ToString::to_string)),
        Refusal::RunPhase => ("run phase ", |m| m.run_phase.as_ref().map(ToString::to_string)),
        Refusal::Namespace => ("namespace ", |m| m.namespace.as_ref().map(ToString::to_string)),
        Refusal::ServiceAccount => ("service account ", |m| m.service_account.as_ref().map(ToString::to_string)),
    };
    format!("{word}{}", phrase::any_of(expected.subjects.iter().filter_map(of)))
}

fn remediation(role_arn: &str, subject: &Subject, expected: &RoleExpectation) -> String {
    let owner = expected.owner.as_deref().map(|owner| format!(" with {owner}")).unwrap_or_default();
    format!(
        "Narrow the sub condition in the trust policy of {role_arn} so that it no longer admits {}. \
         If the access was wanted, agree on it{owner} and add {} to the role's subjects in rolechain.toml. \
         If nobody wanted it, deny sessions of the role that were issued before now (aws:TokenIssueTime) and review \
         what the listed chains did.",
        subject.raw,
        subjects::stanza(subject)
    )
}
