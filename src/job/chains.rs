//! Which chains were asked for, and the routes that they take.

use std::collections::BTreeMap;

use super::answer::Audited;
use crate::model::arn;
use crate::model::assurance::Reason;
use crate::model::chain::Activity;
use crate::model::chain::Chain;
use crate::model::glob;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::origin::OriginKind;
use crate::model::route::Route;
use crate::model::width::place;

/// Which chains to show: all that is said must fit. Texts are globs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainFilter {
    /// The subject of the origin.
    pub subject: Option<String>,
    /// A role's ARN, or its name with or without path.
    pub role: Option<String>,
    /// The account of the origin or of a role.
    pub account: Option<String>,
    /// The access key id of the origin or of a session.
    pub key: Option<String>,
    /// How the chain began.
    pub origin: Option<OriginKind>,
}

impl ChainFilter {
    /// Says whether anything was asked for.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// Leaves only the chains that fit, and the routes that they take, counted anew. That none fits is a reason why nothing
    /// was judged.
    pub fn apply(&self, audited: &mut Audited) {
        let named = |typed: &&String| audited.account_names.iter().find(|(_, name)| name.eq_ignore_ascii_case(typed));
        let account = self.account.as_ref().map(|typed| named(&typed).map_or(typed, |(id, _)| id).clone());
        let lineage = &mut audited.outcome.lineage;
        if !self.is_set() || lineage.chains.is_empty() {
            return;
        }
        let by_role = passing(lineage, |session| fits(self.role.as_ref(), session.role_arn(), is_role));
        let by_account = passing(lineage, |session| fits(account.as_ref(), session.account(), glob::matches));
        let by_key = passing(lineage, |session| fits(self.key.as_ref(), session.access_key(), glob::matches));
        keep(lineage, |lineage, chain| {
            let origin = lineage.origin_of(chain);
            let leaf = place(lineage.leaf(chain).id.0);
            let passes = |by: &[bool]| by.get(leaf).copied().unwrap_or_default();
            self.origin.is_none_or(|kind| kind == origin.kind)
                && fits(self.subject.as_ref(), origin.subject.as_deref(), glob::matches)
                && passes(&by_role)
                && (fits(account.as_ref(), origin.account_id.as_deref(), glob::matches) || passes(&by_account))
                && (fits(self.key.as_ref(), origin.access_key_id.as_deref(), glob::matches) || passes(&by_key))
        });
        if lineage.chains.is_empty() {
            audited.run.assurance.nothing_judged.get_or_insert_with(|| Reason {
                kind: "no_chain",
                message: "no chain fits these filters".to_owned(),
                remedy: "Leave a filter out, or write it as `rolechain chains` shows the value; a glob fits parts.",
            });
        }
    }
}

/// True when nothing is asked for, or a text fits it.
fn fits(pattern: Option<&String>, text: Option<&str>, matches: fn(&str, &str) -> bool) -> bool {
    pattern.is_none_or(|pattern| text.is_some_and(|text| matches(pattern, text)))
}

pub(super) fn is_role(pattern: &str, role: &str) -> bool {
    glob::matches(pattern, role)
        || glob::matches(pattern, arn::short(role))
        || arn::role_name(role).is_some_and(|name| glob::matches(pattern, name))
}

/// Says of each session whether any session on the way to it fits, itself included.
pub(super) fn passing(lineage: &Lineage, fits: impl Fn(SessionView<'_>) -> bool) -> Vec<bool> {
    lineage.handed_down(|session, above| above == Some(&true) || fits(session))
}

/// Leaves only some chains, and the routes that they take, counted anew.
pub(super) fn keep(lineage: &mut Lineage, fits: impl Fn(&Lineage, &Chain) -> bool) {
    let chains = std::mem::take(&mut lineage.chains);
    let mut kept: Vec<Chain> = chains.into_iter().filter(|chain| fits(lineage, chain)).collect();
    // Chains name their route by its place in the list.
    let mut routes: BTreeMap<u32, Route> = BTreeMap::new();
    for (at, mut route) in (0..).zip(std::mem::take(&mut lineage.routes)) {
        (route.chains, route.activity, route.is_listed) = (0, Activity::default(), false);
        routes.insert(at, route);
    }
    for chain in &kept {
        if let Some(route) = routes.get_mut(&chain.route) {
            route.chains += 1;
            route.activity.merge(&lineage.leaf(chain).activity());
            route.is_listed |= chain.is_listed;
        }
    }
    routes.retain(|_, route| route.chains > 0);
    let places: BTreeMap<u32, u32> = routes.keys().copied().zip(0..).collect();
    for chain in &mut kept {
        chain.route = places.get(&chain.route).copied().unwrap_or(chain.route);
    }
    lineage.routes = routes.into_values().collect();
    lineage.chains = kept;
}
