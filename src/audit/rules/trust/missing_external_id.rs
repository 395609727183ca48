//! `missing-external-id`: another account came into a role without an external id, so the trust policy did not ask for one.

use std::collections::BTreeSet;

use crate::audit::external_id;
use crate::audit::external_id::Door;
use crate::audit::external_id::Verdict;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::assumption::Said;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "missing-external-id",
    title: "Another account assumed a role without an ExternalId",
    theme: Theme::Trust,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs; `[[account]]` tells whose an account is",
    remediation: "Let the third party issue a unique ExternalId for you, and require it in the role's trust policy \
                  with a StringEquals condition on sts:ExternalId. Between accounts of your own, prefer to name the \
                  exact calling role as principal.",
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
    page: include_str!("../../../../docs/rules/missing-external-id.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let relations = Relations::new(context);
    let without =
        external_id::calls(context.lineage).filter(|(_, session)| external_id::sent(*session) == Said::Absent);
    for (door, calls) in occurrences::gather(without) {
        matches.push(matched(context, &relations, door, &calls));
    }
}

fn matched(context: &Context<'_>, relations: &Relations<'_, '_>, door: Door, calls: &Occurrences<'_>) -> Match {
    let lineage = context.lineage;
    let role_arn = lineage.str(door.role);
    let caller = lineage.str(door.caller_account);
    let relation = relations.of_caller(role_arn, caller);
    let demand = demand(context, calls);
    let is_required = demand.is_some();
    let severity = match relation {
        Relation::Own if is_required => Severity::Medium,
        Relation::Own => Severity::Low,
        Relation::ThirdParty | Relation::Undeclared => Severity::High,
    };
    let confidence = if relation == Relation::Undeclared { Confidence::Medium } else { Confidence::High };
    let role = phrase::role(context, role_arn);
    let account = phrase::account(context, caller);
    let who = match relation {
        Relation::Own => format!("{account}, which counts as one of the organization's own,"),
        Relation::ThirdParty => format!("{account}, which is none of the organization's own,"),
        Relation::Undeclared => format!(
            "{account}, which no expectation declares and which has no records here, so that it is treated as a third \
             party,"
        ),
    };
    let proof = "The calls succeeded, which proves that the trust policy did not require an ExternalId of this caller \
                 at that time";
    let rest = match relation {
        Relation::Own if demand == Some(Demand::Expectations) => "; the expectations say that it should",
        Relation::Own if is_required => {
            "; one of its statements asks for one, and another lets the same caller in without"
        }
        Relation::Own => {
            "; inside one organization that is a matter of taste as long as the trust names the exact role"
        }
        _ => ", so the other party could be talked into using this role for one of its other customers",
    };
    Match {
        key: door.key(lineage),
        severity,
        confidence,
        basis: Basis::Proof,
        title: format!("{} let {account} in without an ExternalId", arn::short(role_arn)),
        message: format!("{}, {who} assumed {role} without an ExternalId. {proof}{rest}.", calls.when()),
        remediation: (relation == Relation::Own).then(|| own_remediation(is_required)),
        count: calls.count(),
        evidence: calls.evidence(),
        chain_ids: calls.chain_ids(context),
    }
}

fn own_remediation(is_required: bool) -> String {
    if is_required {
        "Add the expected value to the role's trust policy as a StringEquals condition on sts:ExternalId, and pass it \
         in the call (role-external-id of aws-actions/configure-aws-credentials)."
    } else {
        "Name the exact calling role as the principal of the trust policy instead of its account. An ExternalId is \
         not a secret and adds little between accounts of one organization."
    }
    .to_owned()
}

/// Who asks for an external id that was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// The expectations do.
    Expectations,
    /// Another statement of the trust policy does, and it names this caller as exactly.
    Policy,
}

/// Returns who expects an external id of any of the callers.
fn demand(context: &Context<'_>, calls: &Occurrences<'_>) -> Option<Demand> {
    let is_described = calls.first().role_arn().is_some_and(|role| context.expectations.role(role).is_some());
    let mut judged = BTreeSet::new();
    let is_expected = is_described
        && calls.sessions().iter().any(|session| {
            judged.insert(external_id::caller_arn(*session))
                && external_id::by_expectations(context, *session) == Verdict::Missing
        });
    if is_expected {
        return Some(Demand::Expectations);
    }
    let by_policy = context.in_force.is_known()
        && calls.sessions().iter().any(|session| external_id::judge(context, *session) == Verdict::Missing);
    by_policy.then_some(Demand::Policy)
}
