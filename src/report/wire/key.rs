//! Long-term keys.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use crate::model::long_term_key;

/// A long-term key (`AKIA…`) and all that was done with it directly.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LongTermKey<'a> {
    /// The key.
    pub access_key_id: Text<'a>,
    /// The user.
    pub principal_arn: Option<Text<'a>>,
    /// The user's account.
    pub account_id: Option<Text<'a>>,
    /// Calls made with the key. Assumptions are not counted.
    pub calls: u64,
    /// Writes made with the key.
    pub writes: u64,
    /// Granted assumptions made with the key.
    pub assumptions: u64,
    /// The first use, assumptions included.
    pub first_event: Option<Time>,
    /// The last use, assumptions included.
    pub last_event: Option<Time>,
    /// From where, sorted.
    pub source_ips: BTreeSet<Text<'a>>,
    /// With what clients, sorted.
    pub user_agents: BTreeSet<Text<'a>>,
    /// True when a CI system used it.
    pub ci: bool,
    /// By what that shows: its client, or the network that it was used from; null when nothing does.
    #[schemars(extend("enum" = ["client", "network", null]))]
    pub ci_sign: Option<&'static str>,
    /// What shows it: the piece of the user agent, or the network's name. Several are separated by commas.
    pub ci_reason: Option<Text<'a>>,
}

impl<'a> Rows<'a> {
    /// Returns long-term keys: all, or those that began one of the chains that were asked for.
    pub fn long_term_keys(self) -> impl Iterator<Item = LongTermKey<'a>> + 'a {
        let lineage = self.lineage();
        let only = self.options.only_chains.then(|| -> BTreeSet<&'a str> {
            lineage.chains.iter().filter_map(|chain| lineage.origin_of(chain).access_key_id.as_deref()).collect()
        });
        let is_told = move |key: &&'a long_term_key::LongTermKey| {
            only.as_ref().is_none_or(|only| only.contains(lineage.str(key.access_key)))
        };
        lineage.long_term_keys.iter().filter(is_told).map(move |key| self.long_term_key(key))
    }

    pub(in crate::report) fn long_term_key(&self, key: &'a long_term_key::LongTermKey) -> LongTermKey<'a> {
        let lineage = self.lineage();
        let principals = || key.principals.iter().map(|id| lineage.principal(*id));
        let contacts = || key.principals.iter().flat_map(|id| lineage.contacts.of(*id));
        // Usually one. When records contradict each other, the same one for every order of files.
        let arn = principals().filter_map(|principal| lineage.opt(principal.arn)).min();
        let account = principals().filter_map(|principal| lineage.opt(principal.account)).min();
        LongTermKey {
            access_key_id: self.shade.key(lineage.str(key.access_key)),
            principal_arn: arn.map(|arn| self.shade.text(arn)),
            account_id: account.map(|account| self.shade.text(account)),
            calls: key.activity.calls,
            writes: key.activity.writes,
            assumptions: key.assumptions,
            first_event: key.first_event.map(Time),
            last_event: key.last_event.map(Time),
            source_ips: contacts().filter_map(|(contact, _)| self.text(contact.source_ip)).collect(),
            user_agents: contacts().filter_map(|(contact, _)| self.text(contact.user_agent)).collect(),
            ci: key.ci.is_some(),
            ci_sign: key.ci.as_ref().map(|ci| ci.sign.name()),
            ci_reason: key.ci.as_ref().map(|ci| Text::Owned(ci.shown_by.join(", "))),
        }
    }
}
