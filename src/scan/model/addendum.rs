//! Addenda: records that stand in for one that was logged before them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::Hash;

use super::call::Action;
use super::call::Contact;
use super::delivery;
use super::event_id::EventId;
use super::principal::PrincipalId;
use super::symbols::Renaming;
use super::symbols::Sym;
use super::symbols::Symbols;
use super::time::Timestamp;
use super::width::place;

/// One record with an `addendum` of the reason `UPDATED_DATA`: CloudTrail delivers an event again, corrected. Its event id
/// is a new one or that of its original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addendum {
    /// `eventID`.
    pub event_id: Option<EventId>,
    /// `addendum.originalEventID`: the record that it stands in for.
    pub original: EventId,
    /// `addendum.updatedFields`, as written: names of fields with commas between them.
    pub updated: Option<Sym>,
    /// `eventTime`: that of the call, the same in both records.
    pub time: Option<Timestamp>,
    /// `awsRegion`.
    pub region: Option<Sym>,
    /// `recipientAccountId`.
    pub account: Option<Sym>,
    /// Who called.
    pub caller: PrincipalId,
    /// What was called, and how it ended.
    pub action: Action,
    /// From where, and with what client.
    pub contact: Contact,
    /// The object that holds the record.
    pub object: Sym,
}

impl Addendum {
    /// Renames every symbol, and the caller by `callers`.
    pub fn rename(&mut self, names: &Renaming, callers: &[PrincipalId]) {
        self.event_id = self.event_id.map(|id| id.renamed(names));
        self.original = self.original.renamed(names);
        for sym in [
            &mut self.updated,
            &mut self.region,
            &mut self.account,
            &mut self.action.source,
            &mut self.action.name,
            &mut self.action.error_code,
            &mut self.contact.source_ip,
            &mut self.contact.user_agent,
        ] {
            *sym = names.opt(*sym);
        }
        self.object = names.of(self.object);
        if let Some(caller) = callers.get(place(self.caller.0)) {
            self.caller = *caller;
        }
    }
}

/// Orders two addenda to one event by when they were delivered, as far as the names of their objects tell: the later one
/// knows more.
pub fn by_delivery(a: Sym, b: Sym, symbols: &Symbols) -> Ordering {
    let delivered = |object| delivery::delivered(symbols.get(object));
    delivered(a).cmp(&delivered(b))
}

/// Returns the originals for which others stand in, from pairs of an addendum's own name and its original's.
///
/// Left out is what goes round in a circle, and what leads into one: each would take the other away, and nothing of the
/// call would be left. CloudTrail writes no such thing.
pub fn replaced<K: Copy + Eq + Hash>(pairs: &[(Option<K>, K)]) -> HashSet<K> {
    // From a name to those that stand in for it, and how many originals of each are not yet known to be sound.
    let mut followers: HashMap<K, Vec<K>> = HashMap::new();
    let mut open: HashMap<K, usize> = HashMap::new();
    for (own, original) in pairs {
        if let Some(own) = own.filter(|own| own != original) {
            followers.entry(*original).or_default().push(own);
            *open.entry(own).or_default() += 1;
        }
    }
    let mut next: Vec<K> =
        pairs.iter().map(|(_, original)| *original).filter(|name| !open.contains_key(name)).collect();
    let mut sound: HashSet<K> = HashSet::new();
    while let Some(name) = next.pop() {
        sound.insert(name);
        for follower in followers.remove(&name).unwrap_or_default() {
            if let Some(count) = open.get_mut(&follower) {
                *count -= 1;
                next.extend((*count == 0).then_some(follower));
            }
        }
    }
    pairs.iter().filter(|(_, original)| sound.contains(original)).map(|(_, original)| *original).collect()
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn what_goes_round_in_a_circle_replaces_nothing() {
        let replaced = |pairs: &[(Option<u8>, u8)]| {
            let mut names: Vec<u8> = replaced(pairs).into_iter().collect();
            names.sort_unstable();
            names
        };
        assert_eq!(replaced(&[(Some(2), 1), (Some(3), 2), (None, 4), (Some(5), 5)]), [1, 2, 4, 5]);
        assert_eq!(replaced(&[(Some(2), 1), (Some(1), 2), (Some(3), 2), (Some(5), 4)]), [4]);
        assert_eq!(replaced(&[(Some(2), 1), (Some(2), 1), (Some(3), 1)]), [1]);
    }
}
