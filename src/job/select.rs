//! Which accounts and regions to show. Everything is read, so that origins are known; then the rest is left out.

use std::collections::BTreeSet;

use super::chains;
use crate::model::arn;
use crate::model::assurance::Reason;
use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::finding::Finding;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::route::Route;
use crate::model::width::place;
use crate::pipeline::Outcome;

/// The accounts and regions to show; empty lists are all of them. What touches one of each is shown as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Account ids.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
}

impl Selection {
    /// Says whether anything was asked for.
    pub fn is_set(&self) -> bool {
        !self.accounts.is_empty() || !self.regions.is_empty()
    }

    /// Leaves only what was asked for. What fits nothing in these logs is a reason why nothing was judged.
    pub(super) fn apply(&self, outcome: &mut Outcome) {
        if !self.is_set() {
            return;
        }
        let lineage = &mut outcome.lineage;
        let touched = self.touched(lineage);
        let shows = |lineage: &Lineage, chain: &Chain| self.shows(lineage, chain, &touched);
        let is_touched = lineage.chains.iter().any(|chain| shows(lineage, chain));
        let unknown = self.unknown(lineage).filter(|_| !is_touched);
        let direct: Vec<Route> = lineage.routes.iter().filter(|route| route.chains == 0).cloned().collect();
        chains::keep(lineage, shows);
        self.keep_denied_and_keys(lineage);
        let kept: BTreeSet<ChainId> = lineage.chains.iter().map(|chain| chain.id).collect();
        let lineage = &outcome.lineage;
        outcome.findings.retain(|finding| self.concerns(lineage, finding, &kept));
        if let Some(reason) = unknown {
            outcome.findings.clear();
            outcome.lineage.denied.clear();
            outcome.lineage.long_term_keys.clear();
            outcome.assurance.nothing_judged.get_or_insert(reason);
        }
        Self::keep_direct(&mut outcome.lineage, direct);
    }

    /// What is denied and what keys do has no region: of other accounts alone it is left out.
    fn keep_denied_and_keys(&self, lineage: &mut Lineage) {
        let fits = |account: Option<&str>| fits(&self.accounts, account);
        let of_arn = |arn: Option<&str>| fits(arn.and_then(arn::account));
        let mut denied = std::mem::take(&mut lineage.denied);
        denied.retain(|run| {
            let arns = [run.role_arn, run.principal].map(|arn| lineage.opt(arn));
            fits(lineage.opt(run.account)) || arns.into_iter().any(of_arn)
        });
        lineage.denied = denied;
        let origins = lineage.chains.iter().filter_map(|chain| lineage.origin_of(chain).access_key_id.clone());
        let origins: BTreeSet<String> = origins.collect();
        let mut keys = std::mem::take(&mut lineage.long_term_keys);
        keys.retain(|key| {
            let mut arns = key.principals.iter().map(|id| lineage.opt(lineage.principal(*id).arn));
            arns.any(of_arn) || origins.contains(lineage.str(key.access_key))
        });
        lineage.long_term_keys = keys;
    }

    /// Returns why a selection that fits no record shows nothing.
    fn unknown(&self, lineage: &Lineage) -> Option<Reason> {
        let cells = &lineage.observations.cells;
        let has_record = cells.iter().any(|(cell, count)| {
            count.records > 0
                && fits(&self.accounts, lineage.opt(cell.account))
                && fits(&self.regions, lineage.opt(cell.region))
        });
        (!has_record).then(|| Reason {
            kind: "selection_fits_nothing",
            message: format!("no record and no chain is of {}, so this report says nothing about it", self.told()),
            remedy: "Check the spelling of --account and --region against the accounts and regions that were read.",
        })
    }

    fn told(&self) -> String {
        let parts = [("account", &self.accounts), ("region", &self.regions)];
        let told = parts.iter().filter(|(_, names)| !names.is_empty());
        told.map(|(noun, names)| format!("{noun} {}", names.join(" or "))).collect::<Vec<_>>().join(" in ")
    }

    /// Says of each session whether the way to it leads through an account, and through a region, that was asked for.
    fn touched(&self, lineage: &Lineage) -> [Vec<bool>; 2] {
        let has_records = self.has_records(lineage);
        let is_of_account = |session: SessionView<'_>| {
            let mut accounts = [session.account(), session.caller_account()].into_iter();
            accounts.any(|account| fits(&self.accounts, account))
        };
        [
            chains::passing(lineage, is_of_account),
            chains::passing(lineage, |session| self.is_in_region(lineage, session, has_records)),
        ]
    }

    fn shows(&self, lineage: &Lineage, chain: &Chain, touched: &[Vec<bool>; 2]) -> bool {
        let leaf = place(lineage.leaf(chain).id.0);
        let [is_of_account, is_in_region] = touched.each_ref().map(|of| of.get(leaf).copied().unwrap_or_default());
        (is_of_account || fits(&self.accounts, lineage.origin_of(chain).account_id.as_deref())) && is_in_region
    }

    /// Activity is counted without regions: a session that called any service is in doubt, and so it is shown.
    fn is_in_region(&self, lineage: &Lineage, session: SessionView<'_>, has_records: bool) -> bool {
        let issued_in = session.issuing_record().and_then(|record| lineage.opt(record.region));
        fits(&self.regions, issued_in) || has_records && session.activity().calls > 0
    }

    fn has_records(&self, lineage: &Lineage) -> bool {
        let mut cells = lineage.observations.cells.keys();
        cells.any(|cell| lineage.opt(cell.region).is_some_and(|region| fits(&self.regions, Some(region))))
    }

    /// Routes that no chain takes are those of keys that were used directly: they are shown with their keys. The busiest come
    /// first, so these come last.
    fn keep_direct(lineage: &mut Lineage, direct: Vec<Route>) {
        let keys: BTreeSet<&str> = lineage.long_term_keys.iter().map(|key| lineage.str(key.access_key)).collect();
        let is_kept =
            |route: &Route| lineage.origin(route.origin).access_key_id.as_deref().is_some_and(|key| keys.contains(key));
        let kept: Vec<Route> = direct.into_iter().filter(is_kept).collect();
        lineage.routes.extend(kept);
    }

    /// Findings of a chain that is shown, of an account that was asked for, or of no account at all.
    fn concerns(&self, lineage: &Lineage, finding: &Finding, chains: &BTreeSet<ChainId>) -> bool {
        if finding.chain_ids.ids(&lineage.by_descent).any(|id| chains.contains(&id)) {
            return true;
        }
        let of_key = finding
            .key
            .values()
            .filter_map(|value| if arn::is_account_id(value) { Some(value.as_str()) } else { arn::account(value) });
        let accounts: Vec<&str> = of_key.collect();
        if !self.accounts.is_empty() && !accounts.is_empty() {
            return accounts.iter().any(|account| fits(&self.accounts, Some(account)));
        }
        finding.key.get("region").is_none_or(|region| fits(&self.regions, Some(region))) && finding.chain_ids.is_empty()
    }
}

fn fits(wanted: &[String], found: Option<&str>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.iter().any(|wanted| wanted == found))
}
