//! In force: what the trust policies said when something happened, worked out when the first rule asks.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::model::arn;
use crate::model::chain::SessionId;
use crate::model::change::Change;
use crate::model::event_id::EventId;
use crate::model::lineage::Lineage;
use crate::model::time::DAY;
use crate::trust::Verdict;
use crate::trust::observed;
use crate::trust::observed::Observed;
use crate::trust::snapshot::Role;
use crate::trust::snapshot::Snapshot;
use crate::trust::timeline::Source;
use crate::trust::timeline::Step;
use crate::trust::timeline::Timeline;
use crate::trust::timeline::Timelines;
use crate::trust::usage;
use crate::trust::usage::RoleUse;

/// A policy that is put back within a day was not meant to stay.
const SHORT: i64 = DAY;

/// The trust policies of every role that a log or a snapshot speaks of, and the requests that they had to decide.
#[derive(Debug)]
pub struct InForce<'a> {
    lineage: &'a Lineage,
    snapshots: &'a [Snapshot],
    timelines: OnceLock<Timelines<'a>>,
    /// Of every role that was assumed or whose policy is known, by account and name.
    by_role: OnceLock<BTreeMap<(String, String), Timeline<'a>>>,
    /// Of the roles that nothing is known of.
    unknown: Timeline<'a>,
    changes: OnceLock<HashMap<EventId, &'a Change>>,
    observed: OnceLock<Vec<Observed<'a>>>,
    by_session: OnceLock<BTreeMap<SessionId, usize>>,
    roles: OnceLock<Vec<RoleUse<'a>>>,
    snapshot_roles: OnceLock<BTreeMap<SameRole<'a>, &'a Role>>,
    only_audiences: OnceLock<BTreeMap<&'a str, &'a str>>,
}

/// What ARNs of one role have in common: account and name, whatever the path; of what is no role, all of it.
type SameRole<'a> = (Option<&'a str>, &'a str);

impl<'a> InForce<'a> {
    /// Takes what is known; nothing is worked out yet.
    pub(super) fn new(lineage: &'a Lineage, snapshots: &'a [Snapshot]) -> Self {
        Self {
            lineage,
            snapshots,
            timelines: OnceLock::new(),
            by_role: OnceLock::new(),
            unknown: Timeline::default(),
            changes: OnceLock::new(),
            observed: OnceLock::new(),
            by_session: OnceLock::new(),
            roles: OnceLock::new(),
            snapshot_roles: OnceLock::new(),
            only_audiences: OnceLock::new(),
        }
    }

    /// Returns the snapshots.
    pub fn snapshots(&self) -> &'a [Snapshot] {
        self.snapshots
    }

    /// Returns what the first snapshot that speaks of a role says of it.
    pub fn snapshot_role(&self, role_arn: &str) -> Option<&'a Role> {
        let roles = self.snapshot_roles.get_or_init(|| {
            let roles = self.snapshots.iter().rev().flat_map(|snapshot| snapshot.roles.iter().rev());
            roles.filter_map(|role| Some((same_role(role.arn.as_deref()?), role))).collect()
        });
        roles.get(&same_role(role_arn)).copied()
    }

    /// Returns the audience that an identity provider accepts, when a snapshot lists just one for it.
    pub fn only_audience(&self, provider_arn: &str) -> Option<&'a str> {
        let audiences = self.only_audiences.get_or_init(|| {
            let issuers = self.snapshots.iter().rev().flat_map(|snapshot| snapshot.issuers.iter().rev());
            issuers
                .filter_map(|issuer| match issuer.audiences.as_slice() {
                    [only] => Some((issuer.arn.as_deref()?, only.as_str())),
                    _ => None,
                })
                .collect()
        });
        audiences.get(provider_arn).copied()
    }

    fn timelines(&self) -> &Timelines<'a> {
        self.timelines.get_or_init(|| Timelines::new(self.lineage, self.snapshots))
    }

    /// Returns the policies of a role over time. Each role's are put together once.
    pub fn timeline(&self, role_arn: &str) -> &Timeline<'a> {
        let by_role = self.by_role.get_or_init(|| {
            let known = self.timelines().role_arns();
            // A role of a plan may have no ARN yet, and is known by the name under which it was assumed.
            let assumed = self.observed().iter().map(|one| one.role_arn);
            let names: BTreeMap<_, _> =
                known.iter().map(String::as_str).chain(assumed).filter_map(|arn| Some((name(arn)?, arn))).collect();
            names.into_iter().map(|(name, arn)| (name, self.timelines().of(arn))).collect()
        });
        name(role_arn).and_then(|name| by_role.get(&name)).unwrap_or(&self.unknown)
    }

    /// Returns the change that an event made.
    pub fn change(&self, event: EventId) -> Option<&'a Change> {
        let changes = self.changes.get_or_init(|| {
            // Of two with one id the first counts.
            let changes = self.lineage.observations.changes.iter().rev();
            changes.filter_map(|change| Some((change.event_id?, change))).collect()
        });
        changes.get(&event).copied()
    }

    /// Returns every granted assumption of a role, as the request that IAM had before it, in order of time.
    ///
    /// Costs an allocation or two for each session: ask only when some policy is known.
    pub fn observed(&self) -> &[Observed<'a>] {
        self.observed.get_or_init(|| observed::all(self.lineage))
    }

    /// Returns true when the trust policy of any role is known.
    pub fn is_known(&self) -> bool {
        !self.timelines().is_empty()
    }

    /// Returns the request by which a session was issued; `None` when no policy is known, or no policy decided.
    pub fn request_of(&self, session: SessionId) -> Option<&Observed<'a>> {
        if !self.is_known() {
            return None;
        }
        let observed = self.observed();
        let places = self
            .by_session
            .get_or_init(|| observed.iter().enumerate().map(|(at, observed)| (observed.session.id, at)).collect());
        observed.get(*places.get(&session)?)
    }

    /// Returns granted against used, for every role; nothing when no policy is known.
    pub fn roles(&self) -> &[RoleUse<'a>] {
        self.roles
            .get_or_init(|| if self.is_known() { usage::roles(self.observed(), self.timelines()) } else { Vec::new() })
    }
}

fn same_role(role_arn: &str) -> SameRole<'_> {
    arn::role_name(role_arn).map_or((None, role_arn), |name| (arn::account(role_arn), name))
}

fn name(role_arn: &str) -> Option<(String, String)> {
    Some((arn::account(role_arn)?.to_owned(), arn::role_name(role_arn)?.to_owned()))
}

/// Returns the place of the policy that let an assumption in, when the ones before and after would have refused it and
/// it stood for less than a day.
pub(super) fn opened_for_short(timeline: &Timeline<'_>, observed: &Observed<'_>) -> Option<usize> {
    let time = observed.time?;
    let at = timeline.steps.partition_point(|step| step.from <= Some(time)).checked_sub(1)?;
    let (before, own, after) =
        (timeline.steps.get(at.checked_sub(1)?)?, timeline.steps.get(at)?, timeline.steps.get(at + 1)?);
    let (from, until) = own.from.zip(after.from)?;
    let is_event = |step: &Step<'_>| matches!(step.source, Source::Event(..));
    let refuses = |step: &Step<'_>| match &step.policy {
        Some(Ok(policy)) => matches!(policy.judge(&observed.request), Verdict::Denies(_)),
        _ => false,
    };
    // Whoever makes a role tries policies until one is right.
    let is_being_made = timeline.created(from).is_some_and(|made| until < made.plus(SHORT));
    let is_short = until < from.plus(SHORT) && is_event(own) && is_event(after) && !is_being_made;
    (is_short && refuses(before) && refuses(after)).then_some(at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::InForce;
    use crate::correlate;
    use crate::model::observations::Observations;
    use crate::trust::Policy;
    use crate::trust::snapshot::Role;
    use crate::trust::snapshot::Snapshot;
    use crate::trust::snapshot::SnapshotKind;

    /// Comparing each with each would take minutes.
    #[test]
    fn many_roles_are_found_in_many_snapshots() {
        let lineage = correlate::correlate(Observations::default(), &correlate::Options::default());
        let role = |at: usize| Role {
            arn: Some(format!("arn:aws:iam::111111111111:role/ci/r{at}")),
            name: format!("r{at}"),
            path: "/ci/".to_owned(),
            id: Some(at.to_string()),
            created: None,
            policy: Policy::parse(r#"{"Statement":[]}"#),
            tags: BTreeMap::new(),
            max_session_seconds: None,
            may_assume: Vec::new(),
        };
        let snapshot = |roles: std::ops::Range<usize>| Snapshot {
            name: "iam.json".to_owned(),
            kind: SnapshotKind::AccountDetails,
            taken: None,
            roles: roles.map(role).collect(),
            issuers: Vec::new(),
            accounts: BTreeMap::new(),
            notes: Vec::new(),
        };
        let mut snapshots = [snapshot(0..30_000), snapshot(15_000..45_000)];
        for role in &mut snapshots[1].roles {
            role.id = None;
        }
        let in_force = InForce::new(&lineage, &snapshots);
        for at in 0..45_000 {
            // Logs name roles without their path; of two snapshots the first counts.
            let found = in_force.snapshot_role(&format!("arn:aws:iam::111111111111:role/r{at}")).unwrap();
            assert_eq!((&found.name, found.id.is_some()), (&format!("r{at}"), at < 30_000));
        }
        assert!(in_force.snapshot_role("arn:aws:iam::222222222222:role/ci/r1").is_none());
    }
}
