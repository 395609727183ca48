//! `key-quarantined`: AWS found a user's key in public and put the user in quarantine.

use std::collections::BTreeMap;

use crate::audit::changes;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chains::Chains;
use crate::model::change::Change;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "key-quarantined",
    title: "AWS put a user in quarantine because its key was found in public",
    theme: Theme::Keys,
    severity: Severity::Critical,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs of IAM",
    remediation: "Deactivate every key of the user now, read what was done with them since they leaked, and follow the \
                  support case that AWS opened. The quarantine denies some actions and is no repair: leave it attached \
                  until the keys are deleted.",
    techniques: &["T1552"],
    reading: &[(
        "AWS managed policies: AWSCompromisedKeyQuarantineV3",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html",
    )],
    page: include_str!("../../../../docs/rules/key-quarantined.md"),
    check,
};

/// How the names of the policies begin that AWS attaches.
const POLICIES: [&str; 2] = ["AWSCompromisedKeyQuarantine", "AWSExposedCredentialPolicy_DO_NOT_REMOVE"];

/// A user, by account and name.
type User<'a> = (Option<&'a str>, &'a str);

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut users: BTreeMap<User<'_>, Vec<(&Change, String)>> = BTreeMap::new();
    for change in &lineage.observations.changes {
        if let (Some(policy), Some(user)) = (policy(context, change), lineage.opt(change.target)) {
            users.entry((lineage.opt(change.account), user)).or_default().push((change, policy));
        }
    }
    for ((account, user), made) in users {
        matches.push(matched(context, account, user, &made));
    }
}

/// Returns the name of the quarantine policy that the change attached.
fn policy(context: &Context<'_>, change: &Change) -> Option<String> {
    let lineage = context.lineage;
    if !changes::is_of_iam(context, change) {
        return None;
    }
    let key = match lineage.str(change.name) {
        "AttachUserPolicy" => "policyArn",
        "PutUserPolicy" => "policyName",
        _ => return None,
    };
    let named = changes::parameter(context, change, key)?;
    let name = named.rsplit('/').next()?;
    POLICIES.iter().any(|policy| name.starts_with(policy)).then(|| name.to_owned())
}

fn matched(context: &Context<'_>, account: Option<&str>, user: &str, made: &[(&Change, String)]) -> Match {
    let lineage = context.lineage;
    let place = account.map_or_else(|| "an unnamed account".to_owned(), |id| phrase::account(context, id));
    let keys: Vec<&str> = lineage
        .long_term_keys
        .iter()
        .filter(|key| {
            key.principals.iter().map(|id| lineage.principal(*id)).any(|principal| {
                lineage.opt(principal.user_name) == Some(user) && lineage.opt(principal.account) == account
            })
        })
        .map(|key| lineage.str(key.access_key))
        .collect();
    let known = if keys.is_empty() {
        "No key of the user was used in these logs.".to_owned()
    } else {
        format!("In these logs the user's calls came with {}.", phrase::all_of(keys.iter().copied()))
    };
    let count = wide(made.len());
    let first = made.first().and_then(|(change, _)| change.time);
    let when = occurrences::when(count, first, made.last().and_then(|(change, _)| change.time));
    let policies = phrase::all_of(made.iter().map(|(_, policy)| policy.as_str()));
    let mut key = vec![("target", user.to_owned())];
    key.extend(account.map(|account| ("account_id", account.to_owned())));
    Match {
        key,
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("AWS put the user {user} of {place} in quarantine: a key of it is public"),
        message: format!(
            "{when}, the policy {policies} was attached to the user {user} of {place}. AWS does so when it finds a \
             user's access key in public, such as in a repository. {known}"
        ),
        remediation: None,
        count,
        evidence: made.iter().map(|(change, _)| changes::evidence(context, change)).collect(),
        chain_ids: Chains::default(),
    }
}
