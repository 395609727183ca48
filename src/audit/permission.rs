//! Permissions: who changed what a caller may do, or whom a role lets in, and whether the logs would show it.

use std::collections::BTreeSet;

use crate::audit::changes;
use crate::audit::rule::Context;
use crate::model::arn;
use crate::model::change::Change;
use crate::model::observations::Map;
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

/// What a change is of: the trust of a role, the rights of one, or those of a user.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Trust,
    Role,
    User,
}

impl Of {
    fn read(call: &str) -> Option<Self> {
        match call {
            "CreateRole" | "UpdateAssumeRolePolicy" => Some(Self::Trust),
            "AttachRolePolicy" | "PutRolePolicy" => Some(Self::Role),
            "AttachUserPolicy" | "PutUserPolicy" => Some(Self::User),
            _ => None,
        }
    }
}

/// What these logs would show of changes: looked up once for all that ask.
pub(super) struct Sight<'a> {
    /// The changes of trust and rights in order of time, by what was changed: by anybody, and by each principal.
    changes: Map<(Of, Option<&'a str>, &'a str), Vec<&'a Change>>,
    own: Map<(Of, Option<&'a str>, &'a str, &'a str), Vec<&'a Change>>,
    /// Who made a role: account, name and maker.
    makers: BTreeSet<(&'a str, &'a str, String)>,
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
        let mut sight = Self {
            changes: Map::default(),
            own: Map::default(),
            makers: BTreeSet::new(),
            accounts: of_iam.filter_map(|cell| lineage.opt(cell.account)).collect(),
            elsewhere,
            began: cells.values().filter_map(|cell| cell.first).min(),
        };
        lineage.observations.changes.iter().for_each(|change| sight.note(context, change));
        sight
    }

    fn note(&mut self, context: &Context<'a>, change: &'a Change) {
        let lineage = context.lineage;
        let (account, call) = (lineage.opt(change.account), lineage.str(change.name));
        let Some(target) = lineage.opt(change.target).filter(|_| change.error_code.is_none()) else { return };
        if let Some(of) = Of::read(call).filter(|_| changes::is_of_iam(context, change)) {
            self.changes.entry((of, account, target)).or_default().push(change);
            if let Some(by) = lineage.opt(lineage.principal(change.caller).arn) {
                self.own.entry((of, account, target, by)).or_default().push(change);
            }
        }
        if let Some(account) = account.filter(|_| call == "CreateRole") {
            self.makers.extend(changes::actor(context, change).map(|actor| (account, target, actor)));
        }
    }

    /// Returns the first change of the role's trust or of the caller's own rights that was made in this time; only what
    /// this principal made, when one is given.
    pub(super) fn change(
        &self,
        (caller, role_arn): (&str, &str),
        by: Option<&str>,
        (from, to): (Timestamp, Timestamp),
    ) -> Option<&'a Change> {
        let user = arn::short(caller).rsplit('/').next();
        let meant = [
            (Of::Trust, role_arn, arn::role_name(role_arn)),
            (Of::Role, caller, arn::role_name(caller)),
            (Of::User, caller, user),
        ];
        let first = |(of, arn, name): (Of, &str, Option<&str>)| {
            let (account, name) = (arn::account(arn), name?);
            let made = match by {
                Some(by) => self.own.get(&(of, account, name, by)),
                None => self.changes.get(&(of, account, name)),
            }?;
            made.get(made.partition_point(|change| change.time < Some(from))).copied()
        };
        let first = meant.into_iter().filter_map(first).filter(|change| change.time <= Some(to));
        first.min_by_key(|change| change.time)
    }

    /// True when the caller made the role: whoever sets up a role tries it.
    pub(super) fn is_maker(&self, caller: &str, role_arn: &str) -> bool {
        let role = arn::account(role_arn).zip(arn::role_name(role_arn));
        role.is_some_and(|(account, name)| self.makers.contains(&(account, name, caller.to_owned())))
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
