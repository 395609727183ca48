//! `direct-oidc-into-deploy`: a token opened a deploy role itself, past the entry role.

use crate::audit::Context;
use crate::audit::Rule;
use crate::audit::environment;
use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::subjects;
use crate::audit::subjects::Subjects;
use crate::audit::unexpected_subject;
use crate::expect::RoleClass;
use crate::expect::RoleExpectation;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider::Subject;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "direct-oidc-into-deploy",
    title: "A token opened a deploy role itself, past the entry role",
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    remediation: "Take the identity provider out of the deploy role's trust policy and let the entry role assume it. If \
                  tokens may enter the role directly, list them as its subjects in rolechain.toml.",
    references: &[
        "T1078.004",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
        "https://github.com/aws-actions/configure-aws-credentials#assuming-a-role",
    ],
    page: include_str!("../../docs/rules/direct-oidc-into-deploy.md"),
    check,
};

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let is_declared = |role: &RoleExpectation| role.class == Some(RoleClass::Deploy);
    if !context.expectations.roles.iter().any(is_declared) {
        return;
    }
    let subjects = Subjects::read(context);
    let direct = context.lineage.sessions().filter(|session| way(context, *session).is_some());
    let by_subject = gather(direct.filter_map(|session| {
        let subject = subjects.of(session)?;
        Some(((session.session.role_arn?, subjects::key_of(subject), way(context, session)?), session))
    }));
    for ((role, key, way), sessions) in by_subject {
        if let Some(subject) = subjects.of(sessions.first()) {
            claims.push(claim(context, context.lineage.str(role), subject, &way, &sessions, key));
        }
    }
}

/// How the expectations say that tokens take another way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// The role expects callers, and a token is none.
    Callers(Vec<String>),
    /// The tokens of the issuer may enter other accounts only.
    OtherAccounts(Vec<String>),
    /// Other roles are for tokens to enter.
    EntryRoles(Vec<String>),
}

/// Returns the way that tokens were to take, when a token opened a deploy role that does not expect any.
///
/// Federating each account directly is as good a design: a role that lists subjects has declared it.
pub(super) fn way(context: &Context<'_>, session: SessionView<'_>) -> Option<Way> {
    if !subjects::is_entry(session) {
        return None;
    }
    let expectations = context.expectations;
    let role_arn = session.role_arn()?;
    let expected = expectations.role(role_arn).filter(|role| role.class == Some(RoleClass::Deploy))?;
    if !expected.subjects.is_empty() {
        return None;
    }
    if !expected.from.is_empty() {
        let callers = expected.from.iter().map(|from| match (&from.principal, &from.account) {
            (Some(principal), _) => phrase::short(principal.as_str()).to_owned(),
            (None, Some(id)) => phrase::account(context, id),
            (None, None) => "anybody".to_owned(),
        });
        return Some(Way::Callers(callers.collect()));
    }
    let issuer = session.origin().provider.as_deref().and_then(|issuer| expectations.issuer(issuer));
    let accounts = issuer.map(|issuer| issuer.accounts.as_slice()).unwrap_or_default();
    if !accounts.is_empty() {
        let is_at_home = session.account().is_some_and(|own| accounts.iter().any(|id| id == own));
        let others = || accounts.iter().map(|id| phrase::account(context, id)).collect();
        return (!is_at_home).then(|| Way::OtherAccounts(others()));
    }
    let entries = expectations.roles.iter().filter(|role| role.class == Some(RoleClass::Entry));
    let entries: Vec<String> = entries.map(|role| phrase::short(role.arn.as_str()).to_owned()).collect();
    (!entries.is_empty()).then_some(Way::EntryRoles(entries))
}

fn claim(
    context: &Context<'_>,
    role_arn: &str,
    subject: &Subject,
    way: &Way,
    sessions: &Occurrences<'_>,
    mut key: Vec<(&'static str, String)>,
) -> Claim {
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    let expected = match way {
        Way::Callers(callers) => format!("and list as its callers {} and no tokens", phrase::all_of(callers)),
        Way::OtherAccounts(accounts) => format!("and let tokens of the issuer into {} only", phrase::all_of(accounts)),
        Way::EntryRoles(roles) => format!("and say that tokens enter {}", phrase::any_of(roles)),
    };
    // That other roles are for tokens says little about this one.
    let is_guess = matches!(way, Way::EntryRoles(_));
    let is_worse = environment::is_prod_role(context, role_arn) && !is_guess;
    let severity = if is_worse { Severity::High } else { RULE.severity };
    key.push(("role_arn", role_arn.to_owned()));
    Claim {
        key,
        severity: grade::learned(severity, context.expectations.role(role_arn)),
        confidence: if is_guess { Confidence::Medium } else { RULE.confidence },
        basis: RULE.basis,
        title: format!("A token of {who} opened {} itself, past the entry role", phrase::short(role_arn)),
        message: format!(
            "{}, a token of {} with the subject {} was let into {} with no role between them. \
             The expectations say that the role is for deployments, {expected}. \
             Either its trust policy still admits the identity provider, or the pipeline lacks the second step.",
            sessions.when(),
            subjects::issuer_name(context, &subject.issuer),
            subject.raw,
            phrase::role(context, role_arn),
        ),
        remediation: Some(format!(
            "Take the identity provider {} out of the trust policy of {role_arn}, and let the pipeline assume the role \
             from the entry role. If tokens may enter this role directly, which is a fair design, list them: \
             subjects = [{}] for the role in rolechain.toml.",
            subject.issuer,
            unexpected_subject::stanza(subject),
        )),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
