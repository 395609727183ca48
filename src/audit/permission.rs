//! Permissions: who changed what a caller may do, or whom a role lets in, and whether the logs would show it.

use std::collections::BTreeSet;

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
            && match lineage.str(change.name) {
                "CreateRole" | "UpdateAssumeRolePolicy" => is_of(role_arn, arn::role_name(role_arn)),
                "AttachRolePolicy" | "PutRolePolicy" => is_of(caller, arn::role_name(caller)),
                "AttachUserPolicy" | "PutUserPolicy" => is_of(caller, arn::short(caller).rsplit('/').next()),
                _ => false,
            }
    };
    // Who has both names is asked for once; the earliest change is the first.
    let names = [arn::role_name(role_arn), arn::role_name(caller), arn::short(caller).rsplit('/').next()];
    let names: BTreeSet<&str> = names.into_iter().flatten().collect();
    let mut meant: Vec<&Change> =
        names.into_iter().flat_map(|name| lineage.changes_between(name, from, to)).filter(is_meant).collect();
    meant.sort_by_key(|change| change.time);
    meant
}

/// True when the caller made the role: whoever sets up a role tries it.
pub(super) fn is_maker(context: &Context<'_>, caller: &str, role_arn: &str) -> bool {
    let lineage = context.lineage;
    let mut changes = arn::role_name(role_arn).into_iter().flat_map(|name| lineage.changes_of(name));
    changes.any(|change| {
        change.error_code.is_none()
            && lineage.str(change.name) == "CreateRole"
            && lineage.opt(change.account) == arn::account(role_arn)
            && changes::actor(context, change).is_some_and(|actor| actor == caller)
    })
}

/// What these logs would show of changes: looked up once for all that ask.
pub(super) struct Sight<'a> {
    /// Accounts whose calls of IAM would be here.
    accounts: BTreeSet<&'a str>,
    /// When calls changed policies without a word about whose, by the first one; and when the last one was, of all so far.
    elsewhere: Vec<(Option<Timestamp>, Option<Timestamp>)>,
    /// When the logs begin.
    pub(super) began: Option<Timestamp>,
}

impl<'a> Sight<'a> {
    /// Looks at what the logs cover.
    pub(super) fn new(context: &Context<'a>) -> Self {
        let lineage = context.lineage;
        let cells = &lineage.observations.cells;
        let of_iam =
            cells.keys().filter(|cell| lineage.opt(cell.region).is_some_and(|region| IAM_REGIONS.contains(&region)));
        let said = lineage.actions.rows.iter().filter(|(action, _)| {
            let action = lineage.action(*action);
            action.error_code.is_none() && lineage.opt(action.name).is_some_and(|name| ELSEWHERE.contains(&name))
        });
        // A call without a time may have been at any: it never ends.
        let spans = said.map(|(_, tally)| (tally.first.time(), tally.last.time().or(Some(Timestamp(i64::MAX)))));
        let mut elsewhere: Vec<_> = spans.collect();
        elsewhere.sort_unstable();
        let mut latest = None;
        for (_, last) in &mut elsewhere {
            latest = latest.max(*last);
            *last = latest;
        }
        Self {
            accounts: of_iam.filter_map(|cell| lineage.opt(cell.account)).collect(),
            elsewhere,
            began: cells.values().filter_map(|cell| cell.first).min(),
        }
    }

    /// True when the account's calls of IAM would be in these logs.
    pub(super) fn covers(&self, account: &str) -> bool {
        self.accounts.contains(account)
    }

    /// True when policies were changed in this time by calls that do not say whose.
    pub(super) fn may_have_changed(&self, from: Timestamp, to: Timestamp) -> bool {
        let begun = self.elsewhere.partition_point(|(first, _)| *first <= Some(to));
        let latest = begun.checked_sub(1).and_then(|at| self.elsewhere.get(at));
        latest.is_some_and(|(_, last)| *last >= Some(from))
    }
}
