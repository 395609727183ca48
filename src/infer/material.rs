//! Material: what is known of each role, from policies and from logs, brought together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Sources;
use super::dispute::Dispute;
use super::evidence::Seen;
use super::guard::Guard;
use super::holders::Holders;
use crate::model::arn;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider::Issuer;
use crate::trust::Policy;
use crate::trust::Principal;
use crate::trust::caller::Caller;
use crate::trust::grant;
use crate::trust::grant::Grant;
use crate::trust::observed;
use crate::trust::observed::Observed;
use crate::trust::snapshot;
use crate::trust::timeline::Source;
use crate::trust::timeline::Step;
use crate::trust::timeline::Timelines;

/// A role by account and name: sessions and events drop its path.
pub(super) type Name = (String, String);

/// What is known of one role.
#[derive(Debug)]
pub(super) struct Role<'a> {
    /// With its path, when anything says it.
    pub(super) arn: String,
    /// Its trust policy, when one is known and can be read.
    pub(super) policy: Option<Policy>,
    /// What the policy grants.
    pub(super) grants: Vec<Grant>,
    /// From where the policy is known.
    pub(super) source: Option<String>,
    /// True when the policy is known from a snapshot, not only from a change in the logs.
    pub(super) is_in_snapshot: bool,
    /// True when the logs say that the role is gone.
    pub(super) is_deleted: bool,
    /// Why the latest policy cannot be read or relied on, if so.
    pub(super) unreadable: Option<String>,
    /// What a snapshot says of the role besides.
    pub(super) details: Option<&'a snapshot::Role>,
    /// Its granted assumptions, without those of AWS services, in order of time.
    pub(super) observed: Vec<Observed<'a>>,
    /// What several owners' entries leave open.
    pub(super) dispute: Dispute,
    /// How often AWS services assumed it.
    pub(super) served: Seen,
}

impl<'a> Role<'a> {
    /// Returns the entries of sessions that carry no bad finding.
    pub(super) fn well(&self, guard: &Guard) -> Vec<&Observed<'a>> {
        self.observed.iter().filter(|one| guard.against(one.session).is_none()).collect()
    }

    /// True unless the policy in force is known, and admits none of these.
    pub(super) fn may_still_admit(&self, entries: &[&Observed<'_>]) -> bool {
        let Some(policy) = &self.policy else { return true };
        entries.iter().any(|one| self.grants.iter().any(|grant| grant.may_admit(policy, one)))
    }
}

/// What is known of everything.
#[derive(Debug)]
pub(super) struct Material<'a> {
    pub(super) sources: Sources<'a>,
    pub(super) guard: Guard,
    pub(super) roles: BTreeMap<Name, Role<'a>>,
    /// Which roles may assume which, by their own policies.
    pub(super) holders: Holders,
    /// Accounts with a snapshot or a log.
    pub(super) own_accounts: BTreeSet<String>,
    /// Accounts with roles that IAM Identity Center made.
    pub(super) identity_center: BTreeSet<(String, String)>,
    /// Roles of snapshots of which nobody can say in which account they will be.
    pub(super) without_account: BTreeSet<String>,
    /// The first two roles whose policies leave it to an account who may assume them, by that account: of a role that is
    /// asked about, one of them is another one.
    admitting: BTreeMap<String, Vec<Name>>,
    /// What several owners' entries leave open, of all roles together.
    pub(super) disputes: Dispute,
}

impl<'a> Material<'a> {
    /// Brings together what the sources say.
    pub(super) fn gather(sources: &Sources<'a>) -> Self {
        let timelines = Timelines::new(sources.lineage, sources.snapshots);
        let mut material = Self {
            sources: *sources,
            guard: Guard::new(sources),
            roles: BTreeMap::new(),
            holders: Holders::default(),
            own_accounts: own_accounts(sources),
            identity_center: BTreeSet::new(),
            without_account: BTreeSet::new(),
            admitting: BTreeMap::new(),
            disputes: Dispute::default(),
        };
        for role_arn in timelines.role_arns() {
            material.role(&role_arn);
        }
        for one in observed::all(sources.lineage) {
            let is_inside = sources.since.is_none_or(|since| one.time.is_some_and(|time| since <= time))
                && sources.until.is_none_or(|until| one.time.is_some_and(|time| time < until));
            if let Some(role) = material.role(one.role_arn).filter(|_| is_inside) {
                if is_machinery(&one) { role.served.add(one.time) } else { role.observed.push(one) }
            }
        }
        let named = |snapshot: &'a snapshot::Snapshot| snapshot.roles.iter();
        for details in sources.snapshots.iter().flat_map(named) {
            match details.arn.as_deref().and_then(name) {
                Some(name) => {
                    if let Some(role) = material.roles.get_mut(&name) {
                        role.details = Some(details);
                    }
                }
                None => {
                    material.without_account.insert(details.name.clone());
                }
            }
        }
        let distrust = Distrust::of(sources);
        for role in material.roles.values_mut() {
            let timeline = timelines.of(&role.arn);
            let Some(step) = timeline.steps.last() else { continue };
            match &step.policy {
                None => role.is_deleted = true,
                Some(Err(fault)) => role.unreadable = Some(fault.to_string()),
                Some(Ok(policy)) => {
                    if let Some(rule) = distrust.by(sources, &role.arn, step) {
                        let change = step.said(sources.lineage);
                        role.unreadable = Some(format!("the change ({change}) carries the finding {rule}"));
                        continue;
                    }
                    role.source = Some(step.said(sources.lineage));
                    role.is_in_snapshot = matches!(step.source, Source::Snapshot(_));
                    role.grants = grant::all(policy, &sources.lineage.kinds);
                    role.policy = Some(policy.clone());
                }
            }
        }
        for role in material.roles.values_mut() {
            let named = if role.is_in_snapshot { role.grants.as_slice() } else { &[] };
            role.dispute = Dispute::of(&role.observed, named);
        }
        material.disputes = Dispute::together(material.roles.values().map(|role| &role.dispute));
        for ((account, _), role) in &material.roles {
            let patterns = role.details.map(|details| details.may_assume.as_slice()).unwrap_or_default();
            material.holders.add(account, &role.arn, patterns);
        }
        for (name, role) in &material.roles {
            for grant in &role.grants {
                let Principal::Account(id) = &grant.principal else { continue };
                let known = material.admitting.entry(id.clone()).or_default();
                if known.len() < 2 && known.last() != Some(name) {
                    known.push(name.clone());
                }
            }
        }
        material
    }

    /// Returns an issuer of the kind that the owners give to it, else of the one that its host tells.
    pub(super) fn issuer<'i>(&self, issuer: &'i str) -> Issuer<'i> {
        Issuer::of(&self.sources.lineage.kinds, issuer)
    }

    /// Returns another role whose policy leaves it to the account of this one who may assume it.
    pub(super) fn other_admitting(&self, name: &Name) -> Option<&Role<'a>> {
        let other = self.admitting.get(&name.0)?.iter().find(|other| *other != name)?;
        self.roles.get(other)
    }

    /// True when there are logs to see what is used in.
    pub(super) fn has_logs(&self) -> bool {
        !self.sources.lineage.observations.cells.is_empty()
    }

    /// Returns the account's role, made when it is new; `None` for roles that AWS makes.
    fn role(&mut self, role_arn: &str) -> Option<&mut Role<'a>> {
        let name = name(role_arn)?;
        if arn::is_service_linked_role(role_arn) {
            return None;
        }
        if arn::is_identity_center_role(role_arn) {
            let partition = arn::partition(role_arn).unwrap_or("aws");
            if partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
                self.identity_center.insert((partition.to_owned(), name.0));
            }
            return None;
        }
        let role = self.roles.entry(name).or_insert_with(|| Role {
            arn: role_arn.to_owned(),
            policy: None,
            grants: Vec::new(),
            source: None,
            is_in_snapshot: false,
            is_deleted: false,
            unreadable: None,
            details: None,
            observed: Vec::new(),
            dispute: Dispute::default(),
            served: Seen::default(),
        });
        // The longer spelling holds the path.
        if role.arn.len() < role_arn.len() {
            role_arn.clone_into(&mut role.arn);
        }
        Some(role)
    }
}

/// Changes that the audit found something against: whoever changes a trust policy to get in must not thereby say what
/// should happen.
struct Distrust<'a> {
    events: BTreeMap<&'a str, &'static str>,
    roles: BTreeMap<Name, &'static str>,
}

impl<'a> Distrust<'a> {
    fn of(sources: &Sources<'a>) -> Self {
        let bad = sources.findings.iter().filter(|finding| finding.severity >= Severity::Medium);
        let events = bad.clone().flat_map(|finding| {
            finding.evidence.iter().filter_map(|event| Some((event.event_id.as_deref()?, finding.rule)))
        });
        let changed = bad.clone().filter(|finding| finding.rule == "trust-policy-changed");
        let roles = changed.filter_map(|finding| Some((name(finding.key.get("role_arn")?)?, finding.rule)));
        Self { events: events.collect(), roles: roles.collect() }
    }

    /// Returns the rule that found something against the change that set a policy.
    fn by(&self, sources: &Sources<'_>, role_arn: &str, step: &Step<'_>) -> Option<&'static str> {
        let Source::Event(_, id) = step.source else { return None };
        let id = id.map(|id| id.text(&sources.lineage.observations.symbols));
        let by_event = id.and_then(|id| self.events.get(id.as_str()));
        by_event.or_else(|| self.roles.get(&name(role_arn)?)).copied()
    }
}

/// Returns the account and the name of a role.
pub(super) fn name(role_arn: &str) -> Option<Name> {
    let account = arn::account(role_arn).filter(|account| arn::is_account_id(account))?;
    Some((account.to_owned(), arn::role_name(role_arn).filter(|name| !name.is_empty())?.to_owned()))
}

/// True when an AWS service assumed the role, for itself or in the name of somebody else.
fn is_machinery(one: &Observed<'_>) -> bool {
    let session: SessionView<'_> = one.session;
    let lineage = session.lineage();
    let by_service = session.caller().and_then(|caller| lineage.opt(caller.invoked_by));
    matches!(one.request.caller, Caller::Service(_))
        || by_service.is_some_and(|service| service.ends_with(".amazonaws.com"))
}

fn own_accounts(sources: &Sources<'_>) -> BTreeSet<String> {
    let of_logs = sources.lineage.covered_accounts().into_iter();
    let of_roles = sources.snapshots.iter().flat_map(|snapshot| &snapshot.roles);
    let of_roles = of_roles.filter_map(|role| arn::account(role.arn.as_deref()?));
    let of_providers = sources.snapshots.iter().flat_map(|snapshot| snapshot.accounts.keys().map(String::as_str));
    of_logs.chain(of_roles).chain(of_providers).filter(|id| arn::is_account_id(id)).map(str::to_owned).collect()
}
