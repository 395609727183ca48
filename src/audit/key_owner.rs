//! Key owner: whose a long-lived key is, in the words of findings.

use super::rule::Context;
use crate::model::arn;
use crate::model::finding::Evidence;
use crate::model::long_term_key::LongTermKey;

/// A key and its user, as findings name them.
pub(super) struct KeyOwner<'a> {
    /// The key's id.
    pub(super) key: &'a str,
    /// The user's ARN, when a record says it.
    user: Option<&'a str>,
}

impl<'a> KeyOwner<'a> {
    /// Looks up who used the key.
    pub(super) fn of(context: &Context<'a>, key: &LongTermKey) -> Self {
        let lineage = context.lineage;
        let user = key.principals.iter().find_map(|id| lineage.opt(lineage.principal(*id).arn));
        Self::named(lineage.str(key.access_key), user)
    }

    /// Takes a key's id and the ARN of its user.
    pub(super) fn named(key: &'a str, user: Option<&'a str>) -> Self {
        Self { key, user }
    }

    /// True when the owners know the user's keys and accept them.
    pub(super) fn is_allowed(&self, context: &Context<'_>) -> bool {
        self.user.is_some_and(|user| context.expectations.keys.allows_user(user))
    }

    /// Names the user in full.
    pub(super) fn who(&self) -> &'a str {
        self.user.unwrap_or("an unnamed user")
    }

    /// Names the user for a title.
    pub(super) fn short(&self) -> &'a str {
        self.user.map_or("an unnamed user", arn::short)
    }

    /// Returns what a finding about the key is folded over.
    pub(super) fn key_parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = vec![("access_key_id", self.key.to_owned())];
        parts.extend(self.user.map(|user| ("principal_arn", user.to_owned())));
        parts
    }

    /// Returns the first and the last use of the key as evidence.
    pub(super) fn ends(context: &Context<'_>, key: &LongTermKey) -> Vec<Evidence> {
        let lineage = context.lineage;
        let tallies = || key.principals.iter().flat_map(|id| lineage.contacts.of(*id)).map(|(_, tally)| tally);
        let first = tallies().map(|tally| tally.first).find(|mark| mark.time() == key.first_event);
        let last = tallies().map(|tally| tally.last).find(|mark| mark.time() == key.last_event);
        [first, last].into_iter().flatten().map(|mark| lineage.evidence(&mark)).collect()
    }
}
