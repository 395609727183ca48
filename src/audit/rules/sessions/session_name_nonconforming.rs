//! `session-name-nonconforming`: a session has a name that its role's expectation does not know.

use crate::audit::class;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "session-name-nonconforming",
    title: "A session has a name that its role's expectation does not know",
    theme: Theme::Sessions,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `session_name` of the role in `rolechain.toml`",
    remediation: "Set the session name where the role is assumed (role-session-name), and enforce it with a condition on \
                  sts:RoleSessionName in the trust policy.",
    techniques: &["T1036"],
    reading: &[(
        "AWS: sts:RoleSessionName",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname",
    )],
    page: include_str!("../../../../docs/rules/session-name-nonconforming.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.expectations.roles.iter().all(|role| role.session_name.is_none()) {
        return;
    }
    let sessions = context.lineage.sessions().filter(|session| !class::is_noise(*session));
    let by_role = gather(sessions.filter_map(|session| {
        let expected = context.expectations.role(session.role_arn()?)?.session_name.as_ref()?;
        let is_strange = !expected.matches(session.session_name()?);
        is_strange.then_some((session.session.role_arn?, session))
    }));
    for (role, sessions) in by_role {
        let role_arn = context.lineage.str(role);
        let expected = context.expectations.role(role_arn);
        let Some(wanted) = expected.and_then(|role| role.session_name.as_ref()) else { continue };
        let names = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::session_name));
        let origins =
            phrase::all_of(sessions.sessions().iter().map(|session| phrase::origin(context, session.origin())));
        matches.push(Match {
            key: vec![("role_arn", role_arn.to_owned())],
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("Sessions of {} are called {names}, and {wanted} is expected", phrase::short(role_arn)),
            message: format!(
                "{}, a session of {} was opened under a name that does not fit {wanted}: {names}. It began with {origins}. \
                 Whoever asks for a session chooses its name, so a strange one may be a new pipeline as well as somebody \
                 who does not know the custom.",
                sessions.when(),
                phrase::role(context, role_arn),
            ),
            remediation: Some(format!(
                "Set the name where the role is assumed (role-session-name in the action), and enforce it with a condition \
                 on sts:RoleSessionName in the trust policy of {role_arn}. If the name is right, widen the role's \
                 session_name in rolechain.toml."
            )),
            count: sessions.count(),
            evidence: sessions.evidence(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}
