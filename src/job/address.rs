//! Network addresses: from where it was called.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::denial::DenialRun;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Sym;

/// One address, or a range of them.
pub(super) struct Range(IpNet);

impl Range {
    /// Reads `198.51.100.7`, `2001:db8::7` or `198.51.100.0/24`.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let address = || typed.parse::<IpAddr>().ok().map(IpNet::from);
        address().or_else(|| typed.parse().ok()).map(Self)
    }

    /// Says whether an address is one of them, however either is spelled.
    pub(super) fn has(&self, address: &str) -> bool {
        address.parse::<IpAddr>().is_ok_and(|address| self.0.contains(&address))
    }
}

/// Returns from where a session was asked for and used.
pub(super) fn of_session(session: SessionView<'_>) -> impl Iterator<Item = &str> {
    let asked = session.issuing_record().and_then(|record| record.source_ip);
    let used = session.contacts().map(|(_, contact, _)| contact.source_ip);
    used.chain([asked]).filter_map(move |address| text(session.lineage(), address))
}

/// Returns from where these principals called.
pub(super) fn of_principals<'l>(lineage: &'l Lineage, ids: &'l [PrincipalId]) -> impl Iterator<Item = &'l str> {
    let contacts = ids.iter().flat_map(|id| lineage.contacts.of(*id));
    contacts.filter_map(|(contact, _)| text(lineage, contact.source_ip))
}

/// Returns from where something was asked for in vain.
pub(super) fn of_denial<'l>(lineage: &'l Lineage, run: &'l DenialRun) -> impl Iterator<Item = &'l str> {
    run.records.iter().filter_map(|record| text(lineage, lineage.assumption(*record).source_ip))
}

/// Services have a name where others have an address.
fn text(lineage: &Lineage, address: Option<Sym>) -> Option<&str> {
    lineage.opt(address).filter(|text| text.parse::<IpAddr>().is_ok())
}
