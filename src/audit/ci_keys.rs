//! Keys in CI: which contacts show that a CI system holds a long-lived key. Tables and rules say the same of it.

use super::network;
use crate::expect::Expectations;
use crate::model::lineage::Lineage;
use crate::model::long_term_key::CiSign;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Contact;
use crate::model::tallies::Tally;

/// What shows that a contact is of a CI system.
pub(super) struct Signs<'a> {
    expectations: &'a Expectations,
    networks: network::Ci<'a>,
}

impl<'a> Signs<'a> {
    /// Reads them off the expectations.
    pub(super) fn of(expectations: &'a Expectations) -> Self {
        Self { expectations, networks: network::Ci::of(expectations) }
    }

    /// Returns the contacts of a key that show what was decided of it.
    pub(super) fn contacts<'l>(&self, lineage: &'l Lineage, key: &'l LongTermKey) -> Vec<&'l (Contact, Tally)> {
        let shows = |contact: &Contact| key.ci.is_some_and(|sign| self.shows(lineage, sign, contact));
        direct(lineage, key).filter(|(contact, _)| shows(contact)).collect()
    }

    fn shows(&self, lineage: &Lineage, sign: CiSign, contact: &Contact) -> bool {
        match sign {
            CiSign::Client => {
                let agent = lineage.opt(contact.user_agent).unwrap_or_default();
                self.expectations.keys.ci_markers.iter().any(|marker| agent.contains(marker.as_str()))
            }
            CiSign::Network => {
                let ip = lineage.opt(contact.source_ip).and_then(network::real);
                !contact.via_vpc_endpoint && ip.is_some_and(|ip| self.networks.holds(self.expectations, ip))
            }
        }
    }
}

/// Decides of every long-lived key whether a CI system used it, and by what that shows: its client, or else its network.
pub fn mark_ci_keys(lineage: &mut Lineage, expectations: &Expectations) {
    let signs = Signs::of(expectations);
    let mut keys = std::mem::take(&mut lineage.long_term_keys);
    for key in &mut keys {
        let shown = |sign: &CiSign| direct(lineage, key).any(|(contact, _)| signs.shows(lineage, *sign, contact));
        key.ci = CiSign::ALL.into_iter().find(shown);
    }
    lineage.long_term_keys = keys;
}

/// Returns the contacts that were made with the key itself, and not by a service in its user's name.
fn direct<'l>(lineage: &'l Lineage, key: &'l LongTermKey) -> impl Iterator<Item = &'l (Contact, Tally)> {
    let own = key.principals.iter().filter(|id| lineage.principal(**id).invoked_by.is_none());
    own.flat_map(|id| lineage.contacts.of(*id))
}
