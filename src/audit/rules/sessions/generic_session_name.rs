//! `generic-session-name`: a session has the name that its program gives to every session.

use crate::audit::class;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::tags;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "generic-session-name",
    title: "A session has a name that says nothing about who uses it",
    theme: Theme::Sessions,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Pedantic,
    needs: "logs",
    remediation: "Set the session name where the role is assumed: role-session-name: gha-${{ github.run_id }} in the action, \
                  role_session_name in a profile of the AWS CLI.",
    techniques: &[],
    reading: &[
        (
            "AWS: sts:RoleSessionName",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname",
        ),
        (
            "configure-aws-credentials: session tagging and name",
            "https://github.com/aws-actions/configure-aws-credentials#session-tagging-and-name",
        ),
    ],
    page: include_str!("../../../../docs/rules/generic-session-name.md"),
    check,
};

/// What the action for GitHub calls every session.
const ACTION: &str = "GitHubActions";

/// How the names begin that SDKs make of the time.
const PREFIXES: [&str; 3] = ["botocore-session-", "aws-go-sdk-", "aws-sdk-java-"];

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let by_role = gather(context.lineage.sessions().filter_map(|session| {
        let role = session.session.role_arn?;
        (session.session_name().is_some_and(is_generic) && is_untold(context, session)).then_some((role, session))
    }));
    for (role, sessions) in by_role {
        let role_arn = context.lineage.str(role);
        let names = phrase::all_of(sessions.sessions().iter().filter_map(SessionView::session_name));
        matches.push(Match {
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
    session.issuing_record().is_some_and(|record| !record.withholds_request)
        && !class::is_noise(session)
        && expected.is_none_or(|role| role.session_name.is_none())
        && !tags::names_run(session)
}
