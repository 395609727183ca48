//! `generic-session-name`: a session has the name that its program gives to every session.

use crate::audit::Context;
use crate::audit::Rule;
use crate::audit::class;
use crate::audit::missing_session_tags;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "generic-session-name",
    title: "A session has a name that says nothing about who uses it",
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Pedantic,
    remediation: "Set the session name where the role is assumed: role-session-name: gha-${{ github.run_id }} in the action, \
                  role_session_name in a profile of the AWS CLI.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname",
        "https://github.com/aws-actions/configure-aws-credentials#session-tagging-and-name",
    ],
    page: include_str!("../../docs/rules/generic-session-name.md"),
    check,
};

/// What the action for GitHub calls every session.
const ACTION: &str = "GitHubActions";

/// How the names begin that SDKs make of the time.
const PREFIXES: [&str; 3] = ["botocore-session-", "aws-go-sdk-", "aws-sdk-java-"];

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let by_role = gather(context.lineage.sessions().filter_map(|session| {
        let role = session.session.role_arn?;
        (session.session_name().is_some_and(is_generic) && is_untold(context, session)).then_some((role, session))
    }));
    for (role, sessions) in by_role {
        let role_arn = context.lineage.str(role);
        let names = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::session_name));
        claims.push(Claim {
            key: vec![("role_arn", role_arn.to_owned())],
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("Sessions of {} are called {names}", phrase::short(role_arn)),
            message: format!(
                "{}, a session of {} was opened under a name that its program gives to every session: {names}. No user agent \
                 and no tag names the run either, so the records do not say which run did what.",
                sessions.when(),
                phrase::role(context, role_arn),
            ),
            remediation: None,
            count: sessions.count(),
            evidence: sessions.evidence(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}

fn is_generic(name: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit());
    name == ACTION || PREFIXES.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_number))
}

/// True when nothing else names the run, and neither AWS chose the name nor the owners said what it should be.
fn is_untold(context: &Context<'_>, session: SessionView<'_>) -> bool {
    let expected = session.role_arn().and_then(|role| context.expectations.role(role));
    session.issuing_record().is_some()
        && !class::is_noise(session)
        && expected.is_none_or(|role| role.session_name.is_none())
        && !missing_session_tags::names_run(session)
}
