//! `unexpected-edge`: a role was assumed by somebody whom its expectation does not name.

use crate::audit::account_trust;
use crate::audit::admitted;
use crate::audit::caller;
use crate::audit::caller::Caller;
use crate::audit::class;
use crate::audit::grade;
use crate::audit::memo::Memo;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::expect::RoleExpectation;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "unexpected-edge",
    title: "A role was assumed by somebody whom its expectation does not name",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `[[role.from]]` of the role or its trust policy (`--iam`)",
    remediation: "Name the exact role ARNs that may assume the role in its trust policy, instead of a whole account. \
                  If the caller is wanted, add it as [[role.from]] in rolechain.toml.",
    techniques: &["T1548.005", "T1550.001", "T1021.007"],
    reading: &[(
        "AWS: principals in policies",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    )],
    page: include_str!("../../../../docs/rules/unexpected-edge.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    account_trust::check(context, matches);
    let expects_callers = context.expectations.roles.iter().any(|role| !role.from.is_empty());
    if !expects_callers {
        return;
    }
    let is_edge = |session: &SessionView<'_>| caller::is_assumed(*session) && !class::is_noise(*session);
    let edges = context.lineage.sessions().filter(is_edge);
    let by_edge =
        gather(edges.filter_map(|session| Some(((session.session.role_arn?, caller::caller(session)?), session))));
    let memo = Memo::default();
    for ((role, caller), sessions) in by_edge {
        let role_arn = context.lineage.str(role);
        let Some(expected) = context.expectations.role(role_arn).filter(|role| !role.from.is_empty()) else { continue };
        if !admitted::admits(expected, role_arn, &caller) && !is_told_elsewhere(expected, sessions.first()) {
            let wanted = memo.get(expected.arn.as_str(), || wanted(context, expected));
            let found = matched(context, role_arn, &wanted, &caller, &sessions);
            matches.push(grade::learned(found, Some(expected)));
        }
    }
}

/// Returns true for people and keys in deploy roles: `human-in-deploy-chain` and `deploy-without-oidc-origin` say more
/// about them.
fn is_told_elsewhere(expected: &RoleExpectation, session: SessionView<'_>) -> bool {
    let kind = session.origin().kind;
    let is_other = kind.is_person() || kind.rests_on_key();
    expected.class == Some(RoleClass::Deploy) && is_other && !expected.admits_origin(kind.name())
}

/// Names the callers that a role expects.
fn wanted(context: &Context<'_>, expected: &RoleExpectation) -> String {
    phrase::any_of(expected.from.iter().map(|from| match (&from.principal, &from.account) {
        (Some(principal), _) => phrase::short(principal.as_str()).to_owned(),
        (None, Some(id)) => phrase::account(context, id),
        (None, None) => "anybody".to_owned(),
    }))
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    wanted: &str,
    caller: &Caller<'_>,
    sessions: &Occurrences<'_>,
) -> Match {
    let (key, name, long_name) = match caller {
        Caller::Principal(arn) if arn.contains(":role/") || arn.contains(":assumed-role/") => {
            ("principal_arn", phrase::short(arn).to_owned(), phrase::role(context, arn))
        }
        Caller::Principal(arn) => ("principal_arn", phrase::short(arn).to_owned(), (*arn).to_owned()),
        Caller::SomebodyOf(id) => {
            let name = format!("a principal of {}", phrase::account(context, id));
            ("caller_account_id", name.clone(), name)
        }
    };
    let (Caller::Principal(value) | Caller::SomebodyOf(value)) = caller;
    let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
    Match {
        key: vec![("role_arn", role_arn.to_owned()), (key, (*value).to_owned())],
        severity: grade::in_prod(RULE.severity, context, role_arn),
        confidence: confidence.unwrap_or(RULE.confidence),
        basis: RULE.basis,
        title: format!("{name} assumed {}, which expects {wanted}", phrase::short(role_arn)),
        message: format!(
            "{}, {long_name} assumed {}. The expectations admit {wanted} and nobody else. \
             The trust policy let it happen, usually because it names a whole account; \
             whether the caller meant harm, this does not prove.",
            sessions.when(),
            phrase::role(context, role_arn),
        ),
        remediation: Some(format!(
            "Name the exact callers in the trust policy of {role_arn} ({wanted}) instead of a whole account. \
             If this caller is wanted, add it to the role in rolechain.toml: [[role.from]] {} = {value:?}.",
            if key == "principal_arn" { "principal" } else { "account" }
        )),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
