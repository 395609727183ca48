//! Replay: what a proposed policy would have said to every observed assumption of a role.

use std::collections::BTreeMap;

use super::judge::Verdict;
use super::observed::Observed;
use super::policy::Policy;
use super::usage::Count;
use super::usage::User;

/// Assumptions of one user to which the policy says the same, for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Who.
    pub user: User,
    /// The token's audience.
    pub audience: Option<String>,
    /// Why it is refused, or what would be needed to decide; empty when it is allowed.
    pub reasons: Vec<String>,
    /// How many, and when.
    pub count: Count,
}

/// What a proposed policy would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// What it would have refused.
    pub denied: Vec<Group>,
    /// What cannot be decided.
    pub unknown: Vec<Group>,
    /// What it lets in.
    pub allowed: Vec<Group>,
}

impl Replay {
    /// Returns how many assumptions a list of groups holds.
    pub fn runs(groups: &[Group]) -> u64 {
        groups.iter().map(|group| group.count.seen.runs).sum()
    }
}

/// Replays assumptions, given in order of time, against a policy.
pub fn replay(policy: &Policy, observed: &[&Observed<'_>]) -> Replay {
    type Key = (u8, User, Option<String>, Vec<String>);
    let mut groups: BTreeMap<Key, Count> = BTreeMap::new();
    for one in observed {
        let (rank, reasons) = match policy.judge(&one.request) {
            Verdict::Denies(refusal) => (0, vec![refusal.said()]),
            Verdict::Unknown(lacks) => (1, lacks.iter().map(ToString::to_string).collect()),
            Verdict::Allows => (2, Vec::new()),
        };
        let key = (rank, User::of(one), one.audience.map(str::to_owned), reasons);
        groups.entry(key).or_default().add(one);
    }
    let mut replay = Replay::default();
    for ((rank, user, audience, reasons), count) in groups {
        let into = match rank {
            0 => &mut replay.denied,
            1 => &mut replay.unknown,
            _ => &mut replay.allowed,
        };
        into.push(Group { user, audience, reasons, count });
    }
    for list in [&mut replay.denied, &mut replay.unknown, &mut replay.allowed] {
        list.sort_by_key(|group| std::cmp::Reverse(group.count.seen.runs));
    }
    replay
}
