//! Keys in CI: whether a CI system holds a long-lived key, and what shows it. Decided once, for tables and rules.

use std::collections::BTreeSet;

use super::network;
use super::phrase;
use super::rule::Context;
use crate::expect::Expectations;
use crate::model::lineage::Lineage;
use crate::model::long_term_key::CiSign;
use crate::model::long_term_key::InCi;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Contact;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::tallies::Tally;
use crate::provider;

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
        let sign = key.ci.as_ref().map(|ci| ci.sign);
        let shows = |contact: &Contact| sign.is_some_and(|sign| self.shown(lineage, sign, contact).is_some());
        direct(lineage, key).filter(|(contact, _)| shows(contact)).collect()
    }

    /// Returns what shows a sign in a contact: the piece of the user agent, or the name of the network.
    fn shown(&self, lineage: &Lineage, sign: CiSign, contact: &Contact) -> Option<&'a str> {
        match sign {
            CiSign::Client => {
                let agent = lineage.opt(contact.user_agent)?;
                let mut markers = self.expectations.keys.ci_markers.iter().map(String::as_str);
                markers.find(|marker| agent.contains(marker))
            }
            CiSign::Network => {
                let ip = lineage.opt(contact.source_ip).and_then(network::real)?;
                let is_direct = !contact.via_vpc_endpoint;
                self.networks.holding(self.expectations, ip).filter(|_| is_direct)
            }
        }
    }
}

/// Decides of every long-lived key whether a CI system used it, and by what that shows: its client, or else its network.
pub fn mark_ci_keys(lineage: &mut Lineage, expectations: &Expectations) {
    let signs = Signs::of(expectations);
    let mut keys = std::mem::take(&mut lineage.long_term_keys);
    for key in &mut keys {
        key.ci = CiSign::ALL.into_iter().find_map(|sign| {
            let shown = direct(lineage, key).filter_map(|(contact, _)| signs.shown(lineage, sign, contact));
            let shown: BTreeSet<&str> = shown.collect();
            (!shown.is_empty()).then(|| InCi { sign, shown_by: shown.into_iter().map(str::to_owned).collect() })
        });
    }
    lineage.long_term_keys = keys;
}

/// Returns the contacts that were made with the key itself, and not by a service in its user's name.
fn direct<'l>(lineage: &'l Lineage, key: &'l LongTermKey) -> impl Iterator<Item = &'l (Contact, Tally)> {
    let own = key.principals.iter().filter(|id| lineage.principal(**id).invoked_by.is_none());
    own.flat_map(|id| lineage.contacts.of(*id))
}

/// What was decided, by key, for rules that speak of a key in passing.
pub(super) struct CiKeys<'a> {
    lineage: &'a Lineage,
    signs: Signs<'a>,
    keys: Map<Sym, &'a LongTermKey>,
}

impl<'a> CiKeys<'a> {
    /// Collects the keys that a CI system used.
    pub(super) fn of(context: &Context<'a>) -> Self {
        let keys = context.lineage.long_term_keys.iter().filter(|key| key.ci.is_some());
        Self {
            lineage: context.lineage,
            signs: Signs::of(context.expectations),
            keys: keys.map(|key| (key.access_key, key)).collect(),
        }
    }

    /// Says in a sentence, to be appended, that CI used a key, and what shows it; `None` when nothing does.
    pub(super) fn reason(&self, key: Sym) -> Option<String> {
        let key = *self.keys.get(&key)?;
        let ci = key.ci.as_ref()?;
        let contacts = self.signs.contacts(self.lineage, key);
        let agents = contacts.iter().filter_map(|(contact, _)| self.lineage.opt(contact.user_agent));
        let runs: BTreeSet<&str> = agents.filter_map(provider::run_in_agent).collect();
        let word = if runs.len() == 1 { "run" } else { "runs" };
        let which = if runs.is_empty() { String::new() } else { format!(", {word} {}", phrase::all_of(runs)) };
        Some(format!(" A CI system used the key: {}{which}.", said(ci)))
    }
}

/// Says what shows that CI used a key.
pub(super) fn said(ci: &InCi) -> String {
    let shown = phrase::all_of(ci.shown_by.iter().map(String::as_str));
    match ci.sign {
        CiSign::Client => format!("its user agent holds {shown}"),
        CiSign::Network => format!("it came from the network {shown}"),
    }
}
