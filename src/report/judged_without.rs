//! Which findings speak of what has no chain: a key used directly, a session without a role, a caller, a denied attempt.

use std::collections::BTreeSet;
use std::collections::HashMap;

use super::judged_rank::is_of_door;
use super::judged_rank::rank;
use super::wire::denied::Denied;
use crate::audit;
use crate::audit::Theme;
use crate::model::arn;
use crate::model::finding::Finding;
use crate::model::lineage::Lineage;
use crate::model::principal::PrincipalId;
use crate::provider;

/// The parts of a key by which findings about denied attempts are looked up: the most telling first.
const TELLING: [&str; 5] = ["subject", "repository", "principal_arn", "role_arn", "issuer"];

/// The findings without a chain, by what they are about. Those that count most come first in each list.
pub(super) struct WithoutChain<'a> {
    /// All findings, by the events that prove them.
    by_event: HashMap<&'a str, Vec<&'a Finding>>,
    by_key: HashMap<&'a str, Vec<&'a Finding>>,
    /// Those that name a principal and no key of it.
    by_principal: HashMap<&'a str, Vec<&'a Finding>>,
    /// Those about denied attempts, by the most telling part of their key.
    of_denials: HashMap<&'a str, Vec<&'a Finding>>,
}

/// What is found about somebody without a chain.
#[derive(Clone, Debug, Default)]
pub(super) struct About<'a> {
    /// Its own calls, or its own key, are what a finding rests on.
    pub(super) proved: Vec<&'a Finding>,
    /// The finding names its user, in the time of its calls: which of the user's keys and sessions it was, is not known.
    pub(super) of_user: Vec<&'a Finding>,
}

impl<'a> WithoutChain<'a> {
    /// Sorts findings; those that count most come first.
    pub(super) fn of(findings: &[&'a Finding]) -> Self {
        let mut sorted = Self {
            by_event: HashMap::new(),
            by_key: HashMap::new(),
            by_principal: HashMap::new(),
            of_denials: HashMap::new(),
        };
        for finding in findings {
            for event in finding.evidence.iter().filter_map(|event| event.event_id.as_deref()) {
                sorted.by_event.entry(event).or_default().push(finding);
            }
            if audit::rule(finding.rule).is_some_and(|rule| rule.theme == Theme::Denials) {
                let part = TELLING.iter().find_map(|part| finding.key.get(*part));
                if let Some(part) = part {
                    sorted.of_denials.entry(looked_up(part)).or_default().push(finding);
                }
            }
            if !is_without(finding) {
                continue;
            }
            if let Some(key) = finding.key.get("access_key_id") {
                sorted.by_key.entry(key).or_default().push(finding);
            } else if let Some(principal) = finding.key.get("principal_arn") {
                sorted.by_principal.entry(principal).or_default().push(finding);
            }
        }
        sorted
    }

    /// Returns what is found about principals, who may have used a key of this id.
    pub(super) fn about(&self, lineage: &'a Lineage, principals: &[PrincipalId], key: Option<&str>) -> About<'a> {
        let of = |list: Option<&Vec<&'a Finding>>| list.cloned().unwrap_or_default();
        let mut about = About::default();
        let mut known = BTreeSet::new();
        let mut add = |list: &mut Vec<&'a Finding>, found: Vec<&'a Finding>| {
            list.extend(found.into_iter().filter(|finding| known.insert(finding.fingerprint.as_str())));
        };
        add(&mut about.proved, key.map(|key| of(self.by_key.get(key))).unwrap_or_default());
        for mark in
            principals.iter().flat_map(|id| lineage.actions.of(*id)).flat_map(|(_, tally)| [tally.first, tally.last])
        {
            if let Some(event) = lineage.evidence(&mark).event_id {
                let proved = of(self.by_event.get(event.as_str()));
                add(&mut about.proved, proved.into_iter().filter(|finding| is_without(finding)).collect());
            }
        }
        let arns: BTreeSet<&str> = principals.iter().filter_map(|id| lineage.opt(lineage.principal(*id).arn)).collect();
        let activities = principals.iter().map(|id| lineage.activity_of_principal(*id));
        let spans: Vec<_> = activities.filter_map(|did| did.first_event.zip(did.last_event)).collect();
        let overlaps = |finding: &&Finding| {
            finding
                .first_seen
                .zip(finding.last_seen)
                .is_none_or(|(first, last)| spans.iter().any(|(begin, end)| *begin <= last && first <= *end))
        };
        for arn in arns {
            let named = of(self.by_principal.get(arn));
            add(&mut about.of_user, named.into_iter().filter(overlaps).collect());
        }
        about.proved.sort_by_key(|finding| rank(finding));
        about.of_user.sort_by_key(|finding| rank(finding));
        about
    }

    /// Returns what is found about denied attempts with these events.
    pub(super) fn denied(&self, row: &Denied<'_>, events: impl Iterator<Item = String>) -> Vec<&'a Finding> {
        let mut found: Vec<&'a Finding> = Vec::new();
        for event in events {
            found.extend(self.by_event.get(event.as_str()).into_iter().flatten());
        }
        let issuer = row.provider.as_deref().map(provider::issuer_of);
        let repositories = row.token.map(|token| [token.repository.as_deref(), token.borne()]);
        let names = [row.subject.as_deref(), row.principal.as_deref(), row.role_arn.as_deref(), issuer];
        for name in names.into_iter().chain(repositories.into_iter().flatten()).flatten() {
            let about = self.of_denials.get(looked_up(name)).into_iter().flatten();
            found.extend(about.filter(|finding| speaks_of(finding, row)));
        }
        let mut known = BTreeSet::new();
        found.retain(|finding| known.insert(finding.fingerprint.as_str()));
        found.sort_by_key(|finding| rank(finding));
        found
    }
}

/// True of a finding that may be of somebody without a chain: who changed a door is none of the chains that came in later.
fn is_without(finding: &Finding) -> bool {
    finding.chain_ids.is_empty() || is_of_door(finding)
}

/// Returns a role's name for any ARN of it, and other text as it is.
fn looked_up(text: &str) -> &str {
    arn::role_name(text).unwrap_or(text)
}

/// Says whether every part of a finding's key that a denied attempt has, too, agrees with it: there are more attempts than
/// a finding has evidence.
fn speaks_of(finding: &Finding, row: &Denied<'_>) -> bool {
    let issuer = row.provider.as_deref().map(provider::issuer_of);
    let mut is_about_one = false;
    let agrees = finding.key.iter().all(|(part, value)| {
        let is_same = match part.as_str() {
            "principal_arn" => {
                row.principal.as_deref().map(|principal| principal == value || arn::is_same_role(principal, value))
            }
            "role_arn" => row.role_arn.as_deref().map(|role| arn::is_same_role(role, value)),
            "issuer" => issuer.map(|issuer| issuer == value),
            "subject" => row.subject.as_deref().map(|subject| subject == value),
            "repository" => row.token.map(|token| [token.repository.as_deref(), token.borne()].contains(&Some(value))),
            "account_id" => row.provider.as_deref().and_then(arn::account).map(|account| account == value),
            _ => None,
        };
        is_about_one |= is_same == Some(true) && part != "account_id";
        is_same != Some(false)
    });
    agrees && is_about_one
}
