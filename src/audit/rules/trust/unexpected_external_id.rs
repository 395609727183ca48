//! `unexpected-external-id`: a call with an external id that the owners do not expect succeeded, so the trust policy accepts others.

use crate::audit::external_id;
use crate::audit::external_id::Verdict;
use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "unexpected-external-id",
    title: "A role was assumed with an ExternalId that its owners do not expect",
    theme: Theme::Trust,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `[[role.from]]` with `external_id` or the trust policy (`--iam`)",
    remediation: "Pin the expected value in the trust policy with StringEquals on sts:ExternalId, and ask the caller \
                  where the other value comes from. While a value is being rotated, list both in external_id.",
    techniques: &["T1199", "T1078.004"],
    reading: &[(
        "IAM User Guide: access for third parties",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    )],
    page: include_str!("../../../../docs/rules/unexpected-external-id.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.expectations.roles.iter().all(|role| role.from.is_empty()) && !context.in_force.is_known() {
        return;
    }
    let lineage = context.lineage;
    // Judged once for each caller and value, not for each call.
    let by_value = external_id::calls(lineage).filter_map(|(door, session)| {
        let value = external_id::sent(session).value()?;
        Some(((door, value, external_id::caller_arn(session)), session))
    });
    for ((door, value, caller), calls) in occurrences::gather(by_value) {
        let by_owners = external_id::by_expectations(context, calls.first());
        // What a policy asks changes with it, so that every call is looked at.
        let by_policy =
            || calls.sessions().iter().any(|call| external_id::judge(context, *call) == Verdict::Unexpected);
        let is_unexpected = match by_owners {
            Verdict::Open => context.in_force.is_known() && by_policy(),
            verdict => verdict == Verdict::Unexpected,
        };
        if !is_unexpected {
            continue;
        }
        let reason = if by_owners == Verdict::Open {
            "which is not one that the trust policy asks of this caller. Another of its statements let the call in, so \
             that the demand keeps nobody out"
        } else {
            "which is not one that the expectations list for this caller. The calls succeeded, so the trust policy \
             accepts it; the log does not show whether it accepts every value or only this one besides"
        };
        let role_arn = lineage.str(door.role);
        let role = phrase::role(context, role_arn);
        let account = phrase::account(context, lineage.str(door.caller_account));
        let who = caller.map_or_else(|| format!("a principal of {account}"), |caller| format!("{caller} of {account}"));
        let found = Match {
            key: door.key(lineage),
            severity: Severity::High,
            confidence: Confidence::High,
            basis: Basis::Match,
            title: format!("{} let {account} in with an unexpected ExternalId", arn::short(role_arn)),
            message: format!(
                "{}, {who} assumed {role} with the ExternalId {:?}, {reason}.",
                calls.when(),
                lineage.str(value)
            ),
            remediation: None,
            count: calls.count(),
            evidence: calls.evidence(),
            chain_ids: calls.chain_ids(context),
        };
        let by_stanza = context.expectations.role(role_arn).filter(|_| by_owners != Verdict::Open);
        matches.push(grade::learned(found, by_stanza));
    }
}
