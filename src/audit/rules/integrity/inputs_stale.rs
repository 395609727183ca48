//! `inputs-stale`: a snapshot is older than what the logs show.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::granted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::trust::snapshot::SnapshotKind;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "inputs-stale",
    title: "A snapshot of IAM is older than what the logs show",
    theme: Theme::Integrity,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--iam`, and changes of trust policies in the logs",
    remediation: "Take a new snapshot: aws iam get-account-authorization-details > iam.json, or terraform show -json. \
                  What is granted is judged by the logs where they know better, and by the snapshot elsewhere.",
    techniques: &[],
    reading: &[(
        "AWS: GetAccountAuthorizationDetails",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html",
    )],
    page: include_str!("../../../../docs/rules/inputs-stale.md"),
    check,
};

/// What is stale of one account's snapshots.
#[derive(Default)]
struct Stale<'a> {
    names: BTreeSet<&'a str>,
    roles: BTreeSet<&'a str>,
    evidence: Vec<Evidence>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut accounts: BTreeMap<&str, Stale<'_>> = BTreeMap::new();
    for granted in granted::all(context) {
        // A plan is meant to differ from what is.
        let differs = granted.role.differs.filter(|snapshot| snapshot.kind != SnapshotKind::TerraformPlan);
        let (Some(snapshot), Some(account)) = (differs, granted.account()) else { continue };
        let stale = accounts.entry(account).or_default();
        stale.names.insert(&snapshot.name);
        stale.roles.insert(granted.role_arn());
        stale.evidence.extend(granted.evidence(context));
    }
    for (account, stale) in accounts {
        matches.push(matched(context, account, stale));
    }
}

fn matched(context: &Context<'_>, account: &str, stale: Stale<'_>) -> Match {
    let roles = phrase::all_of(stale.roles.iter().map(|role| arn::short(role)));
    let names = phrase::all_of(stale.names);
    let place = phrase::account(context, account);
    Match {
        key: vec![("account_id", account.to_owned()), ("input", "iam_snapshot".to_owned())],
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("The snapshot of {place} is not what the logs say of {roles}"),
        message: format!(
            "The logs show how the trust policy of {roles} of {place} was last changed, and {names} says otherwise: it \
             was taken before that change, or after one that these logs do not hold. For these roles the logs were \
             believed.",
        ),
        remediation: None,
        count: wide(stale.roles.len()),
        evidence: stale.evidence,
        chain_ids: Chains::default(),
    }
}
