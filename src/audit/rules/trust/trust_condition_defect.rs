//! `trust-condition-defect`: a trust policy does not check the token, or checks it so that the check cannot fail or
//! cannot pass.

use std::collections::BTreeMap;

use crate::audit::granted;
use crate::audit::granted::Granted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::audit::token_checks;
use crate::audit::token_checks::Defect;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "trust-condition-defect",
    title: "A trust policy does not check the token, or checks it in vain",
    theme: Theme::Trust,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--iam`, or the change of the trust policy in the logs",
    remediation: "Check both claims in the same statement with StringEquals: sub against the whole subjects that need \
                  the role, aud against the audience of your tokens (sts.amazonaws.com). No ForAllValues, no IfExists: \
                  they pass when the key is absent.",
    techniques: &["T1199", "T1556"],
    reading: &[
        (
            "IAM User Guide: controls for shared OIDC providers",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
        ),
        (
            "IAM User Guide: keys with one and with several values",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
        ),
        ("configure-aws-credentials: OIDC", "https://github.com/aws-actions/configure-aws-credentials#oidc"),
    ],
    page: include_str!("../../../../docs/rules/trust-condition-defect.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for granted in granted::all(context) {
        // One finding for each issuer and defect, whatever the number of statements that have it.
        let mut found: BTreeMap<(String, &str), (Defect, Vec<usize>)> = BTreeMap::new();
        for (at, statement) in granted.policy().allowing() {
            for (issuer, defect) in token_checks::defects(context, granted.policy(), statement) {
                found.entry((issuer.to_owned(), defect.name())).or_insert_with(|| (defect, Vec::new())).1.push(at);
            }
        }
        for ((issuer, _), (defect, statements)) in found {
            matches.push(matched(context, granted, &issuer, &defect, &statements));
        }
    }
}

fn matched(
    context: &Context<'_>,
    granted: Granted<'_, '_>,
    issuer: &str,
    defect: &Defect,
    statements: &[usize],
) -> Match {
    let role_arn = granted.role_arn();
    let known = subjects::issuer(context, issuer);
    let (severity, confidence, note) =
        granted.careful("sts:AssumeRoleWithWebIdentity", defect.severity(known.is_shared()));
    let names = phrase::all_of(statements.iter().map(|at| granted.policy().statement_name(*at)));
    let is_way_in = |breadth: Breadth| !matches!(breadth, Breadth::Nothing | Breadth::DeletedPrincipal);
    let by_tokens = granted.grants().iter().filter(|used| {
        statements.contains(&used.grant.statement)
            && matches!(used.grant.principal, Principal::Federated(_))
            && is_way_in(used.grant.breadth)
    });
    let mut evidence = granted.evidence(context);
    let users: BTreeMap<_, _> = by_tokens.flat_map(|used| &used.users).collect();
    evidence.extend(users.values().flat_map(|count| count.evidence.iter().cloned()));
    let used = match wide(users.len()) {
        _ if defect.is_harmless() => String::new(),
        0 => " Nobody came in by it in these logs.".to_owned(),
        users => format!(" In these logs {} came in by it.", phrase::count(users, "subject")),
    };
    Match {
        key: vec![
            ("role_arn", role_arn.to_owned()),
            ("issuer", issuer.to_owned()),
            ("defect", defect.name().to_owned()),
        ],
        severity,
        confidence,
        basis: RULE.basis,
        title: format!("{} {}", phrase::short(role_arn), defect.said(known.name())),
        message: format!(
            "By {}, {names} of {} {}: {}.{used}{note}",
            granted.source(context),
            granted.said(context),
            defect.said(known.name()),
            defect.meaning(known.is_shared()),
        ),
        remediation: Some(defect.remediation(role_arn, known)),
        count: 1,
        evidence,
        chain_ids: Chains::default(),
    }
}
