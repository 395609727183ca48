//! `delegated-access`: an account outside acted in one's own by a temporary delegation.

use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "delegated-access",
    title: "An account outside acted by a temporary delegation",
    theme: Theme::Trust,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; expectations for production and for known accounts",
    remediation: "Ask whoever accepted the delegation request what it was for, and compare it with what the session did. \
                  Requests that are still open are in the IAM console under Temporary delegation requests. Let a service \
                  control policy refuse iam:AcceptDelegationRequest to everybody who should not decide this.",
    techniques: &["T1199"],
    reading: &[(
        "IAM User Guide: temporary delegation",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html",
    )],
    page: include_str!("../../../../docs/rules/delegated-access.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let delegated =
        context.lineage.sessions().filter_map(|session| Some(((session.role_arn(), session.delegate()?), session)));
    let groups = occurrences::gather(delegated);
    if groups.is_empty() {
        return;
    }
    let relations = Relations::new(context);
    for ((role_arn, account), sessions) in groups {
        matches.push(matched(context, &relations, role_arn, account, &sessions));
    }
}

fn matched(
    context: &Context<'_>,
    relations: &Relations<'_, '_>,
    role_arn: Option<&str>,
    account: &str,
    sessions: &Occurrences<'_>,
) -> Match {
    let role_label = role_arn.map_or_else(|| "a user".to_owned(), |role| phrase::role(context, role));
    let relation = relations.of_caller(role_arn.unwrap_or_default(), account);
    let is_listed = context.expectations.account(account).is_some();
    let (severity, why) = match relation {
        Relation::Own if is_listed => (Severity::Info, "The expectations list the account as one of your own."),
        // Who gets a partner's log as well has not said that the partner may act here.
        Relation::Own => (
            Severity::Low,
            "The account seems to be one of your own: its log or its IAM snapshot is here. The expectations do not list it.",
        ),
        _ if is_listed => (Severity::Low, "The expectations list the account, and not as one of your own."),
        _ => {
            let severity = role_arn.map_or(RULE.severity, |role| grade::in_prod(RULE.severity, context, role));
            (severity, "No expectations speak of the account.")
        }
    };
    let mut key = vec![("account_id", account.to_owned())];
    key.extend(role_arn.map(|role| ("role_arn", role.to_owned())));
    Match {
        key,
        severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!(
            "Account {account} acted as {} by a temporary delegation",
            role_arn.map_or("a user", phrase::short)
        ),
        message: format!(
            "{}, {} acted with the permissions of {role_label}, by a temporary delegation that somebody here accepted. {why}",
            sessions.when(),
            phrase::account(context, account),
        ),
        remediation: None,
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
