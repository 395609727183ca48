//! Timelines: which trust policy a role had, and from when, by the logs and by snapshots.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::grant;
use super::grant::Grant;
use super::judge::Verdict;
use super::observed::Observed;
use super::policy::Condition;
use super::policy::Policy;
use super::policy::Statement;
use super::read::Fault;
use super::snapshot::Role;
use super::snapshot::Snapshot;
use super::truth::Lack;
use crate::model::arn;
use crate::model::event_id::EventId;
use crate::model::kinds::Kinds;
use crate::model::lineage::Lineage;
use crate::model::time::Timestamp;

/// From where a policy is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// An event of the logs: its name and id.
    Event(&'a str, Option<EventId>),
    /// A snapshot.
    Snapshot(&'a Snapshot),
}

/// What a role trusted from a moment on.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// From when; `None` for a snapshot without a date, which is taken to hold all the time.
    pub from: Option<Timestamp>,
    /// From where it is known.
    pub source: Source<'a>,
    /// `None` when the role was deleted.
    pub policy: Option<Result<Policy, Fault>>,
    /// The role's unique id, when the snapshot has it.
    pub role_id: Option<&'a str>,
    /// Of which providers issuers are.
    pub kinds: &'a Kinds,
    grants: OnceLock<Vec<Grant>>,
}

/// The policies of one role, the earliest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline<'a> {
    /// Changes by the logs, and snapshots between them.
    pub steps: Vec<Step<'a>>,
    /// Snapshots without a date that the changes of the logs leave no place.
    set_aside: Vec<Step<'a>>,
    /// When a role of this name was made, the first time first.
    creations: Vec<Timestamp>,
}

/// Why a policy cannot be read that the record of its change does not hold.
const WITHHELD: &str = "the record does not hold it";

/// Roles by account and name: changes name a role without its path.
type Name<'a> = (&'a str, &'a str);

/// The policies of every role that a log or a snapshot speaks of.
#[derive(Clone, Debug, Default)]
pub struct Timelines<'a> {
    changes: BTreeMap<Name<'a>, Vec<Step<'a>>>,
    /// Changes whose records do not say of which role, by account, the earliest first: each may be of any.
    unnamed: BTreeMap<&'a str, Vec<Step<'a>>>,
    /// Those of a plan that have no ARN yet stand under the empty account.
    snapshots: BTreeMap<Name<'a>, Vec<Step<'a>>>,
    arns: Vec<&'a str>,
}

impl<'a> Timelines<'a> {
    /// Collects what the logs and the snapshots say.
    pub fn new(lineage: &'a Lineage, snapshots: &'a [Snapshot]) -> Self {
        let kinds = &lineage.kinds;
        let mut changes: BTreeMap<Name<'a>, Vec<Step<'a>>> = BTreeMap::new();
        let mut unnamed: BTreeMap<&'a str, Vec<Step<'a>>> = BTreeMap::new();
        // Changes are settled: in order of time, each once.
        for change in &lineage.observations.changes {
            let name = lineage.str(change.name);
            let is_trust = matches!(name, "CreateRole" | "UpdateAssumeRolePolicy" | "DeleteRole");
            if change.error_code.is_some() || !is_trust || lineage.str(change.source) != "iam.amazonaws.com" {
                continue;
            }
            let Some(account) = lineage.opt(change.account) else { continue };
            let unread = |message: &str| Some(Err(Fault { place: String::new(), message: message.to_owned() }));
            let source = Source::Event(name, change.event_id);
            let Some(role) = lineage.opt(change.target) else {
                if name == "UpdateAssumeRolePolicy" && change.time.is_some() {
                    let step = Step::new(change.time, source, unread(WITHHELD), kinds);
                    unnamed.entry(account).or_default().push(step);
                }
                continue;
            };
            let policy = match lineage.opt(change.document) {
                _ if name == "DeleteRole" => None,
                _ if change.omitted => unread(WITHHELD),
                Some(document) => Some(Policy::parse(document)),
                None => unread("the event has none"),
            };
            changes.entry((account, role)).or_default().push(Step::new(change.time, source, policy, kinds));
        }
        let mut known: BTreeMap<Name<'a>, Vec<Step<'a>>> = BTreeMap::new();
        let mut arns = Vec::new();
        for snapshot in snapshots {
            for role in &snapshot.roles {
                let account = role.arn.as_deref().and_then(arn::account).unwrap_or_default();
                known.entry((account, &role.name)).or_default().push(step(snapshot, role, kinds));
                arns.extend(role.arn.as_deref());
            }
        }
        Self { changes, unnamed, snapshots: known, arns }
    }

    /// Returns the timeline of a role, put together anew: it copies every policy that the role had.
    pub fn of(&self, role_arn: &str) -> Timeline<'a> {
        // A role of a plan may have no account yet.
        let name = arn::role_name(role_arn).map(|role| (arn::account(role_arn).unwrap_or_default(), role));
        let mut steps: Vec<Step<'a>> =
            name.and_then(|(account, role)| self.changes.get(&(account, role))).cloned().unwrap_or_default();
        let has_changes = !steps.is_empty();
        let mut set_aside = Vec::new();
        let names = name.into_iter().flat_map(|(account, role)| [(account, role), ("", role)]);
        let mut names: Vec<Name<'_>> = names.collect();
        names.dedup();
        for step in names.iter().filter_map(|name| self.snapshots.get(name)).flatten() {
            // Nobody knows between which of the changes it was taken.
            let into = if has_changes && step.from.is_none() { &mut set_aside } else { &mut steps };
            into.push(step.clone());
        }
        steps.sort_by_key(|step| step.from);
        let creations = steps.iter().filter(|step| matches!(step.source, Source::Event("CreateRole", _)));
        let creations = creations.filter_map(|step| step.from).collect();
        let unnamed = name.and_then(|(account, _)| self.unnamed.get(account)).map(Vec::as_slice).unwrap_or_default();
        // After one of them nothing is known until the role's next own step: the first of each stretch says it all.
        let first_after = |(at, step): (usize, &Step<'a>)| {
            let next = unnamed.get(unnamed.partition_point(|change| change.from < step.from))?;
            let is_before_own = steps.get(at + 1).is_none_or(|own| next.from < own.from);
            is_before_own.then(|| next.clone())
        };
        let doubts: Vec<Step<'a>> = steps.iter().enumerate().filter_map(first_after).collect();
        steps.extend(doubts);
        steps.sort_by_key(|step| step.from);
        Timeline { steps, set_aside, creations }
    }

    /// Returns true when no policy of any role is known.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.snapshots.is_empty()
    }

    /// Returns the roles that the snapshots hold and the logs made or changed, by ARN. The logs drop the path.
    pub fn role_arns(&self) -> Vec<String> {
        let mut arns: Vec<String> = self.arns.iter().map(|arn| (*arn).to_owned()).collect();
        let changed = self.changes.keys().filter(|name| !self.snapshots.contains_key(*name));
        arns.extend(changed.map(|(account, name)| format!("arn:aws:iam::{account}:role/{name}")));
        // A role that a plan makes in an account that it does not say is one of its own, unless a role has its name.
        let planned = self.snapshots.keys().filter(|(account, _)| account.is_empty());
        let known: BTreeSet<&str> = arns.iter().filter_map(|arn| arn::role_name(arn)).collect();
        let planned = planned.filter(|(_, name)| !known.contains(name));
        let planned: Vec<String> = planned.map(|(_, name)| format!("arn:aws:iam:::role/{name}")).collect();
        arns.extend(planned);
        arns.sort();
        arns.dedup();
        arns
    }
}

fn step<'a>(snapshot: &'a Snapshot, role: &'a Role, kinds: &'a Kinds) -> Step<'a> {
    let step = Step::new(snapshot.taken, Source::Snapshot(snapshot), Some(role.policy.clone()), kinds);
    Step { role_id: role.id.as_deref(), ..step }
}

impl<'a> Step<'a> {
    fn new(
        from: Option<Timestamp>,
        source: Source<'a>,
        policy: Option<Result<Policy, Fault>>,
        kinds: &'a Kinds,
    ) -> Self {
        Self { from, source, policy, role_id: None, kinds, grants: OnceLock::new() }
    }

    /// Returns what its policy grants, taken apart when first asked for; nothing when it cannot be read.
    pub fn grants(&self) -> &[Grant] {
        self.grants.get_or_init(|| match &self.policy {
            Some(Ok(policy)) => grant::all(policy, self.kinds),
            _ => Vec::new(),
        })
    }

    /// Says from where the policy is known.
    pub fn said(&self, lineage: &Lineage) -> String {
        match self.source {
            Source::Event(name, id) => {
                let id =
                    id.map(|id| format!(" (event {})", id.text(&lineage.observations.symbols))).unwrap_or_default();
                let time = self.from.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string());
                format!("{name} at {time}{id}")
            }
            Source::Snapshot(snapshot) => format!("{} {}", snapshot.kind.said(), snapshot.name),
        }
    }
}

impl<'a> Timeline<'a> {
    /// Returns what was in force at a moment. Of two at one moment the later one counts.
    pub fn at(&self, time: Option<Timestamp>) -> Option<&Step<'a>> {
        // Steps are in order, those of an unknown time first.
        let later = self.steps.partition_point(|step| step.from <= time);
        self.steps.get(later.checked_sub(1)?)
    }

    /// Returns when the role was made, as a moment knows it.
    pub fn created(&self, moment: Timestamp) -> Option<Timestamp> {
        let made = self.creations.partition_point(|made| *made <= moment);
        self.creations.get(made.checked_sub(1)?).copied()
    }

    /// Returns the latest policy that can be read, and from where it is known.
    pub fn latest(&self) -> Option<(&Step<'a>, &Policy)> {
        let step = self.steps.last()?;
        match &step.policy {
            Some(Ok(policy)) => Some((step, policy)),
            _ => None,
        }
    }

    /// Returns a snapshot that says otherwise than the last change in the logs.
    pub fn differs(&self) -> Option<&'a Snapshot> {
        let (_, latest) = self.latest()?;
        let differs = |step: &&Step<'a>| !matches!(&step.policy, Some(Ok(policy)) if policy == latest);
        self.set_aside.iter().find(differs).and_then(|step| match step.source {
            Source::Snapshot(snapshot) => Some(snapshot),
            Source::Event(..) => None,
        })
    }

    /// Returns the conditions that held when an assumption was granted: those of the one statement of the policy in force
    /// that can have let it in. What variables stand for is of each request, and proves nothing of another policy.
    pub fn proves(&self, observed: &Observed<'_>) -> Vec<Condition> {
        if matches!(self.judge(observed), Verdict::Denies(_)) {
            return Vec::new();
        }
        let policy = self.at(observed.time).and_then(|step| step.policy.as_ref()?.as_ref().ok());
        let action = observed.request.actions.first();
        let Some((policy, action)) = policy.zip(action) else { return Vec::new() };
        let applies =
            |statement: &&Statement| !statement.applies(action, &observed.request, policy.has_variables).is_no();
        let mut ways = policy.allowing().map(|(_, statement)| statement).filter(applies);
        let only = ways.next().filter(|_| ways.next().is_none());
        let conditions = only.map(|statement| statement.conditions.clone()).unwrap_or_default();
        let is_plain = |condition: &Condition| !condition.values.iter().any(|value| value.contains("${"));
        conditions.into_iter().filter(is_plain).collect()
    }

    /// Judges an observed assumption by the policy that was in force then.
    pub fn judge(&self, observed: &Observed<'_>) -> Verdict {
        let lacks = |words: String| Verdict::Unknown([Lack::Fact(words)].into());
        let Some(step) = self.at(observed.time) else {
            return lacks(if self.steps.is_empty() {
                "the role's trust policy".to_owned()
            } else {
                "the trust policy from before its first known change".to_owned()
            });
        };
        if let (Some(known), Some(own)) = (step.role_id, observed.role_id)
            && known != own
            && own.starts_with("AROA")
        {
            return lacks("the trust policy of an earlier role of the same name".to_owned());
        }
        match &step.policy {
            Some(Ok(policy)) => policy.judge(&observed.request),
            Some(Err(fault)) => lacks(format!("a trust policy that can be read ({fault})")),
            None => lacks("a trust policy: by the logs, the role had been deleted".to_owned()),
        }
    }
}
