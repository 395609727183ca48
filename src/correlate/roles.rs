//! Role names: the path that assumed-role ARNs drop, found again in other records.

use crate::model::arn;
use crate::model::observations::Map;
use crate::model::observations::Observations;
use crate::model::principal::Principal;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;

/// The ARN with path of each role that any record spells out, by account and name.
#[derive(Debug, Default)]
pub(super) struct Roles(Map<(String, String), Option<Sym>>);

impl Roles {
    /// Collects every role ARN. Two roles of one name in one account (they cannot exist at the same time) give none.
    pub(super) fn collect(observations: &Observations) -> Self {
        let mut seen: Map<Sym, ()> = Map::default();
        let mut roles: Map<(String, String), Option<Sym>> = Map::default();
        let named = observations.assumptions.iter().filter_map(|assumption| assumption.role_arn);
        let issuers = observations.principals.iter().filter_map(|principal| principal.issuer_arn);
        for sym in named.chain(issuers) {
            if seen.insert(sym, ()).is_some() {
                continue;
            }
            let text = observations.symbols.get(sym);
            let Some((account, name)) = key(text) else { continue };
            if !text.contains(":role/") {
                continue;
            }
            roles
                .entry((account.to_owned(), name.to_owned()))
                .and_modify(|known| {
                    if *known != Some(sym) {
                        *known = None;
                    }
                })
                .or_insert(Some(sym));
        }
        Self(roles)
    }

    /// Returns the role of a session as its records name it: the issuer's ARN, else the one that the assumed-role ARN
    /// stands for.
    pub(super) fn of_principal(&self, principal: &Principal, symbols: &mut Symbols) -> Option<Sym> {
        if let Some(issuer) = principal.issuer_arn
            && symbols.get(issuer).contains(":role/")
        {
            return Some(issuer);
        }
        self.of_assumed_role(principal.arn?, symbols)
    }

    /// Returns the role that an assumed-role ARN stands for. Without a record that spells it out, the path is unknown
    /// and left out.
    pub(super) fn of_assumed_role(&self, assumed: Sym, symbols: &mut Symbols) -> Option<Sym> {
        let text = symbols.get(assumed);
        if !text.contains(":assumed-role/") {
            return None;
        }
        let (account, name) = key(text)?;
        if let Some(Some(known)) = self.0.get(&(account.to_owned(), name.to_owned())) {
            return Some(*known);
        }
        let partition = arn::partition(text)?;
        let role = format!("arn:{partition}:iam::{account}:role/{name}");
        Some(symbols.intern(&role))
    }
}

/// Names the role of each session whose record does not hold what was asked: the answer has the session's name.
pub(super) fn complete(observations: &mut Observations) {
    if observations.assumptions.iter().all(|record| record.role_arn.is_some() || record.assumed_role_arn.is_none()) {
        return;
    }
    let roles = Roles::collect(observations);
    for record in &mut observations.assumptions {
        if let (None, Some(assumed)) = (record.role_arn, record.assumed_role_arn) {
            record.role_arn = roles.of_assumed_role(assumed, &mut observations.symbols);
        }
    }
}

fn key(text: &str) -> Option<(&str, &str)> {
    arn::account(text).zip(arn::role_name(text))
}
