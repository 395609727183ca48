//! Permissions: who changed what a caller may do, or whom a role lets in, and whether the logs would show it.

use crate::audit::changes;
use crate::audit::rule::Context;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::time::Timestamp;

/// The regions in whose logs the calls of IAM stand.
const IAM_REGIONS: [&str; 3] = ["us-east-1", "us-gov-west-1", "cn-north-1"];

/// Calls that change what somebody may do, without a word about whom.
const ELSEWHERE: [&str; 14] = [
    "AddUserToGroup",
    "AttachGroupPolicy",
    "AttachPolicy",
    "CreatePolicyVersion",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPolicy",
    "DetachPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutGroupPolicy",
    "PutRolePermissionsBoundary",
    "SetDefaultPolicyVersion",
    "UpdatePolicy",
];

/// Returns the changes of the role's trust and of the caller's own rights that were made in this time.
pub(super) fn changes<'a>(
    context: &Context<'a>,
    caller: &str,
    role_arn: &str,
    from: Timestamp,
    to: Timestamp,
) -> Vec<&'a Change> {
    let lineage = context.lineage;
    let is_meant = |change: &&Change| {
        let (account, target) = (lineage.opt(change.account), lineage.opt(change.target));
        let is_of = |arn: &str, name: Option<&str>| account == arn::account(arn) && target.is_some() && target == name;
        changes::is_of_iam(context, change)
            && change.time.is_some_and(|time| from <= time && time <= to)
            && match lineage.str(change.name) {
                "CreateRole" | "UpdateAssumeRolePolicy" => is_of(role_arn, arn::role_name(role_arn)),
                "AttachRolePolicy" | "PutRolePolicy" => is_of(caller, arn::role_name(caller)),
                "AttachUserPolicy" | "PutUserPolicy" => is_of(caller, arn::short(caller).rsplit('/').next()),
                _ => false,
            }
    };
    lineage.observations.changes.iter().filter(is_meant).collect()
}

/// True when the caller made the role: whoever sets up a role tries it.
pub(super) fn is_maker(context: &Context<'_>, caller: &str, role_arn: &str) -> bool {
    let lineage = context.lineage;
    lineage.observations.changes.iter().any(|change| {
        change.error_code.is_none()
            && lineage.str(change.name) == "CreateRole"
            && lineage.opt(change.account) == arn::account(role_arn)
            && lineage.opt(change.target) == arn::role_name(role_arn)
            && changes::actor(context, change).is_some_and(|actor| actor == caller)
    })
}

/// True when the account's calls of IAM would be in these logs.
pub(super) fn is_in_sight(context: &Context<'_>, account: &str) -> bool {
    let lineage = context.lineage;
    let mut cells = lineage.observations.cells.keys();
    cells.any(|cell| {
        lineage.opt(cell.account) == Some(account)
            && lineage.opt(cell.region).is_some_and(|region| IAM_REGIONS.contains(&region))
    })
}

/// True when policies were changed in this time by calls that do not say whose.
pub(super) fn may_have_changed(context: &Context<'_>, from: Timestamp, to: Timestamp) -> bool {
    let lineage = context.lineage;
    lineage.actions.rows.iter().any(|(action, tally)| {
        let action = lineage.action(*action);
        action.error_code.is_none()
            && lineage.opt(action.name).is_some_and(|name| ELSEWHERE.contains(&name))
            && tally.first.time().is_none_or(|first| first <= to)
            && tally.last.time().is_none_or(|last| from <= last)
    })
}
