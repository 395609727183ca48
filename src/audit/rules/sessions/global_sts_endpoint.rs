//! `global-sts-endpoint`: sessions are asked for at the global endpoint of STS.

use std::collections::BTreeMap;

use crate::audit::occurrences;
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
use crate::model::principal::PrincipalKind;
use crate::model::width::wide;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "global-sts-endpoint",
    title: "Sessions are asked for at the global endpoint of STS",
    theme: Theme::Sessions,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Auditor,
    needs: "logs",
    remediation: "Use the regional endpoints: update the SDK, or set AWS_STS_REGIONAL_ENDPOINTS=regional.",
    techniques: &[],
    reading: &[(
        "AWS: regional endpoints of STS",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html",
    )],
    page: include_str!("../../../../docs/rules/global-sts-endpoint.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut by_account: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (record, assumption) in (0u32..).zip(&lineage.observations.assumptions) {
        let endpoint = assumption.extra.as_ref().and_then(|extra| extra.endpoint_type);
        let caller = lineage.principal(assumption.caller);
        // The caller chooses the endpoint: the copy in another account's log says nothing new.
        let is_own = caller.account.is_none() || caller.account == assumption.recipient_account;
        let is_counted = lineage.opt(endpoint) == Some("global") && is_own && caller.kind != PrincipalKind::AwsService;
        if let Some(account) = lineage.opt(assumption.recipient_account).filter(|_| is_counted) {
            by_account.entry(account).or_default().push(record);
        }
    }
    for (account, records) in by_account {
        let count = wide(records.len());
        let time = |record: Option<&u32>| record.and_then(|record| lineage.assumption(*record).time);
        let ends = [records.first(), records.last()];
        let named = phrase::account(context, account);
        matches.push(Match {
            key: vec![("account_id", account.to_owned())],
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("Callers in {named} use the global endpoint of STS"),
            message: format!(
                "{}, a session was asked for in {named} at the global endpoint of STS (sts.amazonaws.com). Such calls may be \
                 logged in us-east-1, whichever region they come from, so a trail of one region can miss them.",
                occurrences::when(count, time(records.first()), time(records.last())),
            ),
            remediation: None,
            count,
            evidence: ends.into_iter().flatten().map(|record| lineage.assumption_evidence(*record)).collect(),
            chain_ids: Chains::default(),
        });
    }
}
