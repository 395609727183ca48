//! Usage: who used a role, how often and when; and which of its grants that explains.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::breadth::Breadth;
use super::caller::Caller;
use super::grant;
use super::grant::Grant;
use super::grant::Standing;
use super::observed::Observed;
use super::policy::Policy;
use super::snapshot::Snapshot;
use super::timeline::Step;
use super::timeline::Timelines;
use crate::model::arn;
use crate::model::finding::Evidence;
use crate::model::kinds::Kinds;
use crate::model::time::Timestamp;
use crate::provider;

/// So many records are named for each user of a role.
pub const MAX_EVIDENCE: usize = 5;

/// How often something was seen, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub runs: u64,
    /// The first time.
    pub first: Option<Timestamp>,
    /// The last time.
    pub last: Option<Timestamp>,
    /// The days, since 1970-01-01.
    pub days: BTreeSet<i64>,
}

impl Seen {
    /// Counts one more.
    pub fn add(&mut self, time: Option<Timestamp>) {
        self.runs += 1;
        self.first = [self.first, time].into_iter().flatten().min();
        self.last = self.last.max(time);
        self.days.extend(time.map(Timestamp::day));
    }
}

/// Assumptions of one kind, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many, and when.
    pub seen: Seen,
    /// The records of the first ones and of the last one.
    pub evidence: Vec<Evidence>,
}

impl Count {
    /// Takes in one more. They come in order of time.
    pub fn add(&mut self, observed: &Observed<'_>) {
        self.seen.add(observed.time);
        // One copy names the event; the last one takes the place of the one before it.
        if self.evidence.len() == MAX_EVIDENCE {
            self.evidence.pop();
        }
        self.evidence.extend(observed.evidence().into_iter().next());
    }
}

/// Who used a role: a subject of an issuer, a principal, a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct User {
    /// `subject`, `principal`, `service` or `unknown`.
    pub kind: &'static str,
    /// The issuer of a token, without scheme.
    pub issuer: Option<String>,
    /// Who.
    pub name: String,
}

impl User {
    /// Returns who made an observed assumption.
    pub fn of(observed: &Observed<'_>) -> Self {
        let (kind, issuer) = match &observed.request.caller {
            Caller::Federated(provider) => {
                ("subject", provider.as_deref().map(|it| provider::issuer_of(it).to_owned()))
            }
            Caller::Aws(_) => ("principal", None),
            Caller::Service(_) => ("service", None),
            Caller::Unknown => ("unknown", None),
        };
        Self { kind, issuer, name: observed.who() }
    }
}

/// A grant, and who came in by it.
#[derive(Clone, Debug)]
pub struct GrantUse {
    /// The grant.
    pub grant: Grant,
    /// Who came in by it, as far as can be told; nobody: it is dormant.
    pub users: BTreeMap<User, Count>,
}

/// The latest policy of a role, and from where it is known.
#[derive(Clone, Debug)]
pub struct InForce<'a> {
    /// From where and when it is known.
    pub step: Step<'a>,
    /// What it says.
    pub policy: Policy,
    /// What it grants, the broadest first.
    pub grants: Vec<GrantUse>,
}

/// A role: granted against used.
#[derive(Clone, Debug)]
pub struct RoleUse<'a> {
    /// The role, with its path when anything says it.
    pub role_arn: String,
    /// Its latest policy; `None` when none is known, or it cannot be read.
    pub in_force: Option<InForce<'a>>,
    /// Why the latest policy cannot be read, if so.
    pub unreadable: Option<String>,
    /// Who used it.
    pub users: BTreeMap<User, Count>,
    /// All uses.
    pub total: Count,
    /// A snapshot that says otherwise than the last change in the logs.
    pub differs: Option<&'a Snapshot>,
    /// How the uses stand to the policies that were in force at their times.
    pub standing: Standing,
}

impl RoleUse<'_> {
    /// Returns the broadest grant.
    pub fn breadth(&self) -> Option<Breadth> {
        self.in_force.as_ref()?.grants.iter().map(|used| used.grant.breadth).max()
    }

    /// Says whether only AWS services assume it, and only they may, as far as is known.
    pub fn is_of_services(&self) -> bool {
        self.users.keys().all(|user| user.kind == "service")
            && self.breadth().is_none_or(|breadth| breadth == Breadth::Service)
            && (self.breadth().is_some() || !self.users.is_empty())
    }

    /// Returns the grants that nobody used.
    pub fn dormant(&self) -> impl Iterator<Item = &Grant> {
        let grants = self.in_force.iter().flat_map(|known| &known.grants);
        grants.filter(|used| used.users.is_empty()).map(|used| &used.grant)
    }
}

/// Returns every role that was assumed, or whose policy is known, the broadest trust first.
pub fn roles<'a>(observed: &[Observed<'_>], timelines: &Timelines<'a>) -> Vec<RoleUse<'a>> {
    let mut by_role: BTreeMap<(String, String), (String, Vec<&Observed<'_>>)> = BTreeMap::new();
    let known = timelines.role_arns();
    for role_arn in known.iter().map(String::as_str).chain(observed.iter().map(|it| it.role_arn)) {
        let (longest, _) = by_role.entry(name(role_arn)).or_default();
        // The longer spelling holds the path.
        if role_arn.len() > longest.len() {
            role_arn.clone_into(longest);
        }
    }
    for one in observed {
        if let Some((_, uses)) = by_role.get_mut(&name(one.role_arn)) {
            uses.push(one);
        }
    }
    let roles = by_role.into_values().map(|(role_arn, uses)| role(role_arn, &uses, timelines));
    let mut roles: Vec<RoleUse<'a>> = roles.collect();
    // Sorting is stable: roles of one breadth stay in the order of their names.
    roles.sort_by_key(|role| std::cmp::Reverse(role.breadth()));
    roles
}

fn name(role_arn: &str) -> (String, String) {
    (arn::account(role_arn).unwrap_or_default().to_owned(), arn::role_name(role_arn).unwrap_or(role_arn).to_owned())
}

fn role<'a>(role_arn: String, observed: &[&Observed<'_>], timelines: &Timelines<'a>) -> RoleUse<'a> {
    let timeline = timelines.of(&role_arn);
    let mut users: BTreeMap<User, Count> = BTreeMap::new();
    let mut total = Count::default();
    let mut standing = Standing::default();
    for one in observed {
        users.entry(User::of(one)).or_default().add(one);
        total.add(one);
        standing.add(&timeline.judge(one));
    }
    let in_force = timeline.latest().map(|(step, policy)| InForce {
        step: step.clone(),
        policy: policy.clone(),
        grants: grants(policy, observed, step.kinds),
    });
    let unreadable = timeline.steps.last().and_then(|step| match &step.policy {
        Some(Err(fault)) => Some(fault.to_string()),
        None => Some("the role was deleted".to_owned()),
        Some(Ok(_)) => None,
    });
    RoleUse { role_arn, in_force, unreadable, differs: timeline.differs(), users, total, standing }
}

/// Returns what a policy grants and who came in by it, the broadest first.
pub fn grants(policy: &Policy, observed: &[&Observed<'_>], kinds: &Kinds) -> Vec<GrantUse> {
    let of = |grant: Grant| {
        let mut users: BTreeMap<User, Count> = BTreeMap::new();
        for one in observed.iter().filter(|one| grant.may_admit(policy, one)) {
            users.entry(User::of(one)).or_default().add(one);
        }
        GrantUse { grant, users }
    };
    let mut grants: Vec<GrantUse> = grant::all(policy, kinds).into_iter().map(of).collect();
    grants.sort_by_key(|used| std::cmp::Reverse(used.grant.breadth));
    grants
}
