//! `trust-lacks-external-id`: a trust policy lets another party in without an ExternalId.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::granted;
use crate::audit::granted::Granted;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;
use crate::trust::Principal;
use crate::trust::policy::Statement;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "trust-lacks-external-id",
    title: "A trust policy lets another party in without an ExternalId",
    theme: Theme::Trust,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--iam`, or the change of the trust policy in the logs; `[[account]]` tells whose an account is",
    remediation: "Let the third party issue an ExternalId that is unique to you, and add a StringEquals condition on \
                  sts:ExternalId to the statement. Between accounts of your own name the exact roles instead, or add \
                  a condition on aws:PrincipalOrgID.",
    techniques: &["T1199"],
    reading: &[
        (
            "IAM User Guide: access for third parties",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
        ),
        (
            "IAM User Guide: the confused deputy problem",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/trust-lacks-external-id.md"),
    check,
};

/// Keys that keep a deputy from being confused: whose customer it acts for, or that a person with a code calls.
const GUARDS: [&str; 8] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "sts:externalid",
];

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let relations = Relations::new(context);
    let mut own: BTreeMap<(&str, &str), Vec<Granted<'_, '_>>> = BTreeMap::new();
    for granted in granted::all(context) {
        let Some(home) = granted.account() else { continue };
        for (account, is_whole) in unguarded(granted) {
            if account == home {
                continue;
            }
            match relations.of_caller(granted.role_arn(), account) {
                Relation::Own => own.entry((home, account)).or_default().push(granted),
                relation => matches.push(foreign(context, granted, account, is_whole, relation)),
            }
        }
    }
    matches.extend(own.into_iter().map(|((home, account), granted)| siblings(context, home, account, &granted)));
}

/// Returns the accounts that come in without a guard, and whether as a whole or by the names of their roles.
fn unguarded<'r>(granted: Granted<'r, '_>) -> BTreeMap<&'r str, bool> {
    let is_guarded = |statement: &Statement| {
        granted::guards(statement).any(|guard| {
            let key = guard.key.to_ascii_lowercase();
            let is_of_account = match key.as_str() {
                "aws:multifactorauthage" | "sts:externalid" => true,
                "aws:multifactorauthpresent" => guard.values.iter().all(|value| value.eq_ignore_ascii_case("true")),
                _ => guard.keeps_strangers_out(),
            };
            GUARDS.contains(&key.as_str()) && is_of_account
        })
    };
    let mut found: BTreeMap<&str, bool> = BTreeMap::new();
    for (_, statement) in granted.policy().allowing() {
        if !statement.actions.cover("sts:AssumeRole") || is_guarded(statement) {
            continue;
        }
        // A condition on the caller's ARN names roles as a principal would.
        let names_callers = granted::names_callers(statement);
        for principal in statement.principals() {
            if let Some(account) = principal.account() {
                *found.entry(account).or_default() |= matches!(principal, Principal::Account(_)) && !names_callers;
            }
        }
    }
    found
}

fn foreign(
    context: &Context<'_>,
    granted: Granted<'_, '_>,
    account: &str,
    is_whole: bool,
    relation: Relation,
) -> Match {
    let role_arn = granted.role_arn();
    let severity = match (relation, is_whole) {
        (Relation::Undeclared, true) => Severity::Medium,
        (Relation::Undeclared, false) => Severity::Low,
        _ => RULE.severity,
    };
    let (severity, confidence, note) = granted.careful("sts:AssumeRole", severity);
    let is_declared = relation == Relation::ThirdParty;
    let name = phrase::account(context, account);
    let who = if is_declared {
        "which is none of the organization's own".to_owned()
    } else {
        "which nobody declares, and of which neither logs nor snapshots are here, so that it may be a third party"
            .to_owned()
    };
    let what = if is_whole { format!("the whole {name}") } else { format!("principals of {name}") };
    let mut evidence = granted.evidence(context);
    let is_set_here = !evidence.is_empty();
    let used = granted.role.users.iter().filter(|(user, _)| arn::account(&user.name) == Some(account));
    let proof: Vec<_> = used.flat_map(|(_, count)| count.evidence.clone()).collect();
    let is_unused = proof.is_empty();
    evidence.extend(proof);
    Match {
        key: vec![("role_arn", role_arn.to_owned()), ("caller_account_id", account.to_owned())],
        severity,
        confidence: if is_declared { confidence } else { confidence.min(Confidence::Medium) },
        basis: RULE.basis,
        title: format!("{} trusts {name} without an ExternalId", phrase::short(role_arn)),
        message: format!(
            "By {}, {} lets in {what}, {who}, and asks for no ExternalId. A service that serves many customers could \
             be talked into using this role for one of the others.{note}",
            granted.source(context),
            granted.said(context),
        ),
        remediation: advice(role_arn, account, is_declared, is_set_here && is_unused),
        count: 1,
        evidence,
        chain_ids: Chains::default(),
    }
}

/// Returns what to do, where it is more than the rule says.
fn advice(role_arn: &str, account: &str, is_declared: bool, may_be_backdoor: bool) -> Option<String> {
    let backdoor = "The grant was set in these logs and nobody has used it: it may be a backdoor. Find out who set it and \
                    why; if nobody can say, take it out, and review what else they did.";
    let ask = format!(
        "let its owner issue an ExternalId that is unique to you, and add a StringEquals condition on sts:ExternalId to \
         the trust policy of {role_arn}."
    );
    let usual =
        format!("If the account is yours, declare it: [[account]] id = {account:?} in rolechain.toml. If not, {ask}");
    match (may_be_backdoor, is_declared) {
        (false, true) => None,
        (false, false) => Some(usual),
        (true, true) => Some(format!("{backdoor} If it is wanted, {ask}")),
        (true, false) => Some(format!("{backdoor} {usual}")),
    }
}

/// Tells of one's own accounts once for each pair, not once for each role.
fn siblings(context: &Context<'_>, home: &str, account: &str, granted: &[Granted<'_, '_>]) -> Match {
    let roles: BTreeSet<&str> = granted.iter().map(|granted| phrase::short(granted.role_arn())).collect();
    let count = wide(roles.len());
    let (from, to) = (phrase::account(context, account), phrase::account(context, home));
    Match {
        key: vec![("account_id", home.to_owned()), ("caller_account_id", account.to_owned())],
        severity: Severity::Info,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{from} comes into {} of {to} without an ExternalId", phrase::count(count, "role")),
        message: format!(
            "The trust policies let {from}, which counts as one of the organization's own, into {} of {to} and ask for no \
             ExternalId. Inside one organization that is a matter of taste as long as the trust names the exact roles.",
            phrase::all_of(roles.iter().copied()),
        ),
        remediation: Some(
            "Name the exact calling roles as principals instead of the account. An ExternalId is not a secret and adds \
             little between accounts of one organization."
                .to_owned(),
        ),
        count,
        evidence: granted.iter().flat_map(|granted| granted.evidence(context)).collect(),
        chain_ids: Chains::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn a_grant_that_was_set_here_and_never_used_may_be_a_backdoor() {
        let says = |is_declared: bool, may_be_backdoor: bool| {
            advice("arn:aws:iam::222222222222:role/r", "999988887777", is_declared, may_be_backdoor)
        };
        assert_eq!(says(true, false), None);
        assert!(!says(false, false).unwrap_or_default().contains("backdoor"));
        for is_declared in [true, false] {
            let advice = says(is_declared, true).unwrap_or_default();
            assert!(advice.contains("may be a backdoor") && advice.contains("ExternalId"), "{advice}");
        }
    }
}
