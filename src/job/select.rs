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
        let unknown = self.unknown(&outcome.lineage);
        let lineage = &mut outcome.lineage;
        chains::keep(lineage, |lineage, chain| self.shows(lineage, chain));
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
        let is_touched = || lineage.chains.iter().any(|chain| self.shows(lineage, chain));
        (!has_record && !is_touched()).then(|| Reason {
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

    fn shows(&self, lineage: &Lineage, chain: &Chain) -> bool {
        let sessions = || chain.path.iter().map(|id| lineage.session(*id));
        let accounts = || {
            let of_origin = lineage.origin_of(chain).account_id.as_deref();
            sessions().flat_map(|session| [session.account(), session.caller_account()]).chain([of_origin])
        };
        (self.accounts.is_empty() || accounts().flatten().any(|account| fits(&self.accounts, Some(account))))
            && (self.regions.is_empty() || sessions().any(|session| self.is_in_region(lineage, session)))
    }

    /// Activity is counted without regions: a session that called any service is in doubt, and so it is shown.
    fn is_in_region(&self, lineage: &Lineage, session: SessionView<'_>) -> bool {
        let issued_in = session.issuing_record().and_then(|record| lineage.opt(record.region));
        session.activity().calls > 0 && self.has_records(lineage)
            || issued_in.is_some_and(|region| fits(&self.regions, Some(region)))
    }

    fn has_records(&self, lineage: &Lineage) -> bool {
        let mut cells = lineage.observations.cells.keys();
        cells.any(|cell| lineage.opt(cell.region).is_some_and(|region| fits(&self.regions, Some(region))))
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
