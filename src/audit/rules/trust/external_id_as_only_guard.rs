//! `external-id-as-only-guard`: a trust policy lets in everybody who knows an ExternalId.

use crate::audit::granted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::trust::Principal;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "external-id-as-only-guard",
    title: "A trust policy lets in everybody who knows an ExternalId",
    theme: Theme::Trust,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--iam`, or the change of the trust policy in the logs",
    remediation: "Name the exact role or account of the third party as principal, and keep the ExternalId beside it. \
                  An ExternalId is no password: it stands in logs, in configurations and in the other party's database.",
    techniques: &["T1199", "T1078.004"],
    reading: &[
        (
            "IAM User Guide: access for third parties",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
        ),
        (
            "IAM User Guide: Principal",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/external-id-as-only-guard.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for granted in granted::all(context) {
        let mut allowing = granted.policy().allowing().map(|(_, statement)| statement);
        let is_only_guard = allowing.any(|statement| {
            statement.actions.cover("sts:AssumeRole")
                && statement.principals().contains(&Principal::Anybody)
                && !granted.policy().keeps_strangers_out_of(statement, "sts:AssumeRole")
                && granted::guards(statement).any(|guard| guard.key.eq_ignore_ascii_case("sts:ExternalId"))
        });
        if !is_only_guard {
            continue;
        }
        let role_arn = granted.role_arn();
        let (severity, confidence, note) = granted.careful("sts:AssumeRole", RULE.severity);
        matches.push(Match {
            key: vec![("role_arn", role_arn.to_owned())],
            severity,
            confidence,
            basis: RULE.basis,
            title: format!("{} trusts everybody who knows its ExternalId", phrase::short(role_arn)),
            message: format!(
                "By {}, {} lets in the principal *, and the ExternalId is all that it asks for. Whoever has an AWS \
                 account and reads the value in a log or a configuration gets the role.{note}",
                granted.source(context),
                granted.said(context),
            ),
            remediation: None,
            count: 1,
            evidence: granted.evidence(context),
            chain_ids: Chains::default(),
        });
    }
}
