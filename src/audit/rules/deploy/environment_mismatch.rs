//! `environment-mismatch`: the token says staging, and the chain ends in production.

use crate::audit::environment;
use crate::audit::environment::Known;
use crate::audit::environment::Stage;
use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider::Context as SubjectContext;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "environment-mismatch",
    title: "The token says one environment, and the chain ends in production",
    theme: Theme::Deploy,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `env` of accounts or roles",
    remediation: "Give each environment an entry role of its own, let its trust policy admit only the subject of that \
                  environment, and let only the production entry role assume the production deploy role.",
    techniques: &["T1078.004", "T1548.005"],
    reading: &[(
        "GitHub: deployment environments",
        "https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments",
    )],
    page: include_str!("../../../../docs/rules/environment-mismatch.md"),
    check,
};

/// What the token says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// By its environment.
    Environment,
    /// By its branch or workspace, whose names are habits and no promises.
    ByName,
}

/// How the role at the end is known to be in production.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proven {
    Declared,
    ByAccountName,
    ByRoleName,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let ends = context.lineage.chains.iter().filter_map(|chain| {
        let leaf = context.lineage.leaf(chain);
        leaf.origin().token.as_ref().map(|_| leaf)
    });
    let by_end = gather(ends.filter_map(|leaf| {
        let end = end(leaf)?;
        Some(((end.session.role_arn?, leaf.session.origin), end))
    }));
    for (_, sessions) in by_end {
        let end = sessions.first();
        let (Some(subject), Some(role_arn)) = (end.origin().token.as_ref(), end.role_arn()) else { continue };
        let Some((said, word)) = says(context, subject) else { continue };
        let Some(proven) = is_prod(context, role_arn) else { continue };
        // A name against a name proves nothing.
        if (said, proven) != (Said::ByName, Proven::ByRoleName) {
            let found = matched(context, &Mismatch { role_arn, subject, said, word, proven }, &sessions);
            matches.push(grade::learned_env(found, context, role_arn));
        }
    }
}

/// Returns the last role of a chain; sessions of users that it handed on to have no environment.
fn end(leaf: SessionView<'_>) -> Option<SessionView<'_>> {
    leaf.ancestry().find(|session| session.role_arn().is_some())
}

/// Returns the environment before production that the token names.
fn says<'s>(context: &Context<'_>, subject: &'s Subject) -> Option<(Said, &'s str)> {
    let (said, word) = match &subject.context {
        SubjectContext::Environment(name) => (Said::Environment, name),
        SubjectContext::Branch(name) => (Said::ByName, name),
        SubjectContext::Workspace { workspace, .. } => (Said::ByName, workspace),
        _ => return None,
    };
    let is_before = match said {
        Said::Environment => environment::is_before_prod(context, word),
        // A branch called feature/test-login says nothing; one called staging does.
        Said::ByName => {
            let is_plain = !word.contains('/') || matches!(subject.context, SubjectContext::Workspace { .. });
            is_plain && environment::stage(word) == Some(Stage::BeforeProd)
        }
    };
    is_before.then_some((said, word.as_str()))
}

fn is_prod(context: &Context<'_>, role_arn: &str) -> Option<Proven> {
    if context.expectations.env_of_role(role_arn).is_some() {
        return environment::prod_role(context, role_arn).map(|_| Proven::Declared);
    }
    match environment::prod_role(context, role_arn) {
        Some(Known::Declared) => Some(Proven::Declared),
        Some(Known::ByAccountName) => Some(Proven::ByAccountName),
        // The names of roles are all there is without expectations.
        None => {
            let is_named = environment::stage(arn::role_name(role_arn)?) == Some(Stage::Prod);
            let is_unsaid = context.expectations.account(arn::account(role_arn)?).is_none();
            (is_named && is_unsaid).then_some(Proven::ByRoleName)
        }
    }
}

struct Mismatch<'a> {
    role_arn: &'a str,
    subject: &'a Subject,
    said: Said,
    word: &'a str,
    proven: Proven,
}

fn matched(context: &Context<'_>, mismatch: &Mismatch<'_>, sessions: &Occurrences<'_>) -> Match {
    let Mismatch { role_arn, subject, said, word, proven } = mismatch;
    let (severity, confidence, basis) = match (said, proven) {
        (Said::Environment, Proven::Declared) => (RULE.severity, RULE.confidence, RULE.basis),
        (Said::Environment, Proven::ByAccountName) => (RULE.severity, Confidence::Medium, RULE.basis),
        (Said::ByName, Proven::Declared | Proven::ByAccountName) => {
            (Severity::High, Confidence::Medium, Basis::Heuristic)
        }
        (_, Proven::ByRoleName) => (Severity::Medium, Confidence::Low, Basis::Heuristic),
    };
    let links = sessions.sessions().iter().map(|session| grade::of_links(confidence, *session)).max();
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    let short = phrase::short(role_arn);
    let what = match (said, &subject.context) {
        (Said::Environment, _) => format!("environment {word}"),
        (Said::ByName, SubjectContext::Workspace { .. }) => format!("workspace {word}"),
        (Said::ByName, _) => format!("branch {word}"),
    };
    let why = match proven {
        Proven::Declared => "The expectations say that the role acts in production.",
        Proven::ByAccountName => "The name that the expectations give to the account says production.",
        Proven::ByRoleName => "Only the role's name says production: no expectations tell its environment.",
    };
    let through: Vec<&str> = sessions.first().roles_above().take(phrase::MAX_ROLES).map(phrase::short).collect();
    let through = if through.is_empty() {
        String::new()
    } else {
        format!(" by way of {}", through.into_iter().rev().collect::<Vec<_>>().join(" and "))
    };
    let cut = if through.is_empty() {
        format!("Take {} out of the trust policy of {role_arn} and give {word} a role of its own.", subject.raw)
    } else {
        format!(
            "Give {word} an entry role of its own, and let {role_arn} trust only the entry role whose subjects are \
             those of production."
        )
    };
    let mut key = vec![("role_arn", (*role_arn).to_owned()), ("context", subjects::context_class(subject))];
    key.extend(subjects::key_of(subject));
    Match {
        key,
        severity,
        confidence: links.unwrap_or(confidence),
        basis,
        title: format!("{who} of {what} came to {short}, which is in production"),
        message: format!(
            "{}, a token of {who} for {what} led{through} to {}. {why} \
             Whatever guards production was not asked: the token was given out under the rules of {word}.",
            sessions.when(),
            phrase::role(context, role_arn),
        ),
        remediation: Some(standing::advice(
            standing::of(context, Some(role_arn), subject),
            subject,
            subjects::entry_of(sessions.first()).role_arn().unwrap_or(role_arn),
            format!(
                "{cut} Until then no rule of the production environment (reviewers, protected branches) guards this \
                 role. If {word} is a name for production, give the role or account that env in rolechain.toml."
            ),
        )),
        count: sessions.count(),
        evidence: sessions.chain_evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
