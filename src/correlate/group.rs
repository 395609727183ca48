//! Groups what was tallied by principal, so that asking for one principal's part costs nothing.

use std::hash::Hash;

use crate::model::lineage::Grouped;
use crate::model::observations::Action;
use crate::model::observations::ActionId;
use crate::model::observations::Contact;
use crate::model::observations::Observations;
use crate::model::principal::PrincipalId;
use crate::model::symbols::Symbols;
use crate::model::tallies::Tallies;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;

/// What each principal did and from where.
#[derive(Debug, Default)]
pub(super) struct Activity {
    pub(super) actions: Grouped<(ActionId, Tally)>,
    pub(super) contacts: Grouped<(Contact, Tally)>,
}

impl Activity {
    /// Returns when a principal was first and last seen.
    pub(super) fn span(&self, principal: PrincipalId) -> Option<(Timestamp, Timestamp)> {
        let contacts = self.contacts.of(principal);
        let first = contacts.iter().filter_map(|(_, tally)| tally.first.time()).min()?;
        let last = contacts.iter().filter_map(|(_, tally)| tally.last.time()).max()?;
        Some((first, last))
    }
}

/// Moves the tallies out of the observations into lists by principal, each in an order that depends on text and time.
pub(super) fn group(observations: &mut Observations) -> Activity {
    let principals = observations.principals.len();
    let ranks = rank(&observations.actions, &observations.symbols);
    let rank_of = |id: ActionId| ranks.get(super::index(id.0)).copied().unwrap_or(u32::MAX);
    let mut actions = by_principal(principals, std::mem::take(&mut observations.activity));
    sort_groups(&mut actions, |a, b| rank_of(a.0).cmp(&rank_of(b.0)));
    let mut contacts = by_principal(principals, std::mem::take(&mut observations.contacts));
    let symbols = &observations.symbols;
    sort_groups(&mut contacts, |a, b| {
        let text = |contact: &Contact| {
            (symbols.opt(contact.source_ip), symbols.opt(contact.user_agent), contact.via_vpc_endpoint)
        };
        a.1.first.time().cmp(&b.1.first.time()).then_with(|| text(&a.0).cmp(&text(&b.0)))
    });
    Activity { actions, contacts }
}

/// Returns each action's place in the order of source, name, error and mode.
fn rank(actions: &[Action], symbols: &Symbols) -> Vec<u32> {
    let mut order: Vec<usize> = (0..actions.len()).collect();
    order.sort_unstable_by_key(|at| {
        let action = &actions[*at];
        (symbols.opt(action.source), symbols.opt(action.name), symbols.opt(action.error_code), action.read_only)
    });
    let mut ranks = vec![0; actions.len()];
    for (rank, at) in (0u32..).zip(order) {
        ranks[at] = rank;
    }
    ranks
}

fn by_principal<T: Copy + Eq + Hash>(principals: usize, tallies: Tallies<(PrincipalId, T)>) -> Grouped<(T, Tally)> {
    let mut starts = vec![0usize; principals + 1];
    for ((principal, _), _) in tallies.iter() {
        if let Some(count) = starts.get_mut(super::index(principal.0) + 1) {
            *count += 1;
        }
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut next = starts.clone();
    let Some(filler) = tallies.iter().next().map(|((_, what), tally)| (*what, *tally)) else {
        return Grouped { starts, rows: Vec::new() };
    };
    // Every row is overwritten: there are as many places as tallies.
    let mut rows = vec![filler; tallies.len()];
    for ((principal, what), tally) in tallies.into_rows() {
        if let Some(at) = next.get_mut(super::index(principal.0)) {
            rows[*at] = (what, tally);
            *at += 1;
        }
    }
    Grouped { starts, rows }
}

fn sort_groups<T>(groups: &mut Grouped<T>, compare: impl Fn(&T, &T) -> std::cmp::Ordering) {
    for at in 1..groups.starts.len() {
        let (start, end) = (groups.starts[at - 1], groups.starts[at]);
        if end - start > 1 {
            groups.rows[start..end].sort_unstable_by(&compare);
        }
    }
}
