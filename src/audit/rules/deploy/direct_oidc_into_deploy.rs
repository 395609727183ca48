//! `direct-oidc-into-deploy`: a token opened a deploy role itself, past the entry role.

use crate::audit::environment;
use crate::audit::grade;
use crate::audit::memo::Memo;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::audit::way;
use crate::audit::way::Way;
use crate::audit::way::way;
use crate::expect::RoleClass;
use crate::expect::RoleExpectation;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "direct-oidc-into-deploy",
    title: "A token opened a deploy role itself, past the entry role",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and a role of class `deploy` in `rolechain.toml`",
    remediation: "Take the identity provider out of the deploy role's trust policy and let the entry role assume it. If \
                  tokens may enter the role directly, list them as its subjects in rolechain.toml.",
    techniques: &["T1078.004"],
    reading: &[
        ("AWS: roles for OIDC", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html"),
        ("The action: assuming a role", "https://github.com/aws-actions/configure-aws-credentials#assuming-a-role"),
    ],
    page: include_str!("../../../../docs/rules/direct-oidc-into-deploy.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_declared = |role: &RoleExpectation| role.class == Some(RoleClass::Deploy);
    if !context.expectations.roles.iter().any(is_declared) {
        return;
    }
    let direct = context.lineage.sessions().filter(|session| way(context, *session).is_some());
    let by_subject = gather(direct.filter_map(|session| {
        let subject = session.origin().token.as_ref()?;
        Some(((session.session.role_arn?, subjects::key_of(subject), way(context, session)?), session))
    }));
    let memo = Memo::default();
    for ((role, key, way), sessions) in by_subject {
        let first = sessions.first();
        if let Some(subject) = first.origin().token.as_ref() {
            let role_arn = context.lineage.str(role);
            // The callers are those of the role, the accounts those of the issuer, and the entry roles the same for all.
            let about = match way {
                Way::Callers => role_arn,
                Way::OtherAccounts => first.origin().provider.as_deref().unwrap_or_default(),
                Way::EntryRoles => "",
            };
            let expected = memo.get((way, about), || way::said(context, way, first));
            let found = matched(context, role_arn, subject, (way, &expected), &sessions, key);
            matches.push(grade::learned(found, context.expectations.role(role_arn)));
        }
    }
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    subject: &Subject,
    (way, expected): (Way, &str),
    sessions: &Occurrences<'_>,
    mut key: Vec<(&'static str, String)>,
) -> Match {
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    // That other roles are for tokens says little about this one.
    let is_guess = way == Way::EntryRoles;
    let is_worse = environment::is_prod_role(context, role_arn) && !is_guess;
    let severity = if is_worse { Severity::High } else { RULE.severity };
    key.push(("role_arn", role_arn.to_owned()));
    Match {
        key,
        severity,
        confidence: if is_guess { Confidence::Medium } else { RULE.confidence },
        basis: RULE.basis,
        title: format!("A token of {who} opened {} itself, past the entry role", phrase::short(role_arn)),
        message: format!(
            "{}, a token of {} with the subject {} was let into {} with no role between them. \
             The expectations say that the role is for deployments, {expected}. \
             Either its trust policy still admits the identity provider, or the pipeline lacks the second step.",
            sessions.when(),
            subjects::issuer(context, &subject.issuer).name(),
            subject.raw,
            phrase::role(context, role_arn),
        ),
        remediation: Some(standing::advice(
            standing::of(context, Some(role_arn), subject),
            subject,
            role_arn,
            format!(
                "Take the identity provider {} out of the trust policy of {role_arn}, and let the pipeline assume the \
                 role from the entry role. If tokens may enter this role directly, which is a fair design, list them: \
                 subjects = [{}] for the role in rolechain.toml.",
                subject.issuer,
                subjects::stanza(subject),
            ),
        )),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
