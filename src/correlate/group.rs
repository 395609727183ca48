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
use crate::model::width::place;

use super::order::Order;
use super::order::text_order;

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
    let (activity, places) = (std::mem::take(&mut observations.activity), std::mem::take(&mut observations.contacts));
    let symbols = &observations.symbols;
    let ranks = rank(&observations.actions, symbols);
    let rank_of = |id: ActionId| ranks.get(place(id.0)).copied().unwrap_or(u32::MAX);
    let (actions, contacts) = rayon::join(
        || {
            let mut actions = by_principal(principals, activity);
            sort_groups(&mut actions, |a, b| rank_of(a.0).cmp(&rank_of(b.0)));
            actions
        },
        || {
            let mut contacts = by_principal(principals, places);
            sort_groups(&mut contacts, |(a, first), (b, second)| {
                first
                    .first
                    .time()
                    .cmp(&second.first.time())
                    .then_with(|| text_order(a.source_ip, b.source_ip, symbols))
                    .then_with(|| text_order(a.user_agent, b.user_agent, symbols))
                    .then_with(|| a.via_vpc_endpoint.cmp(&b.via_vpc_endpoint))
            });
            contacts
        },
    );
    Activity { actions, contacts }
}

/// Returns each action's place in the order of source, name, error and mode.
fn rank(actions: &[Action], symbols: &Symbols) -> Vec<u32> {
    let says = |action: &Action| {
        (symbols.opt(action.source), symbols.opt(action.name), symbols.opt(action.error_code), action.read_only)
    };
    Order::of(actions, |a, b| says(a).cmp(&says(b))).new
}

fn by_principal<T: Copy + Eq + Hash>(principals: usize, tallies: Tallies<(PrincipalId, T)>) -> Grouped<(T, Tally)> {
    let mut starts = vec![0usize; principals + 1];
    for ((principal, _), _) in tallies.iter() {
        if let Some(count) = starts.get_mut(place(principal.0) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let Some(filler) = tallies.iter().next().map(|((_, what), tally)| (*what, *tally)) else {
        return Grouped { starts, rows: Vec::new() };
    };
    // Every row is overwritten: there are as many places as tallies.
    let mut rows = vec![filler; tallies.len()];
    for ((principal, what), tally) in tallies.into_rows() {
        let Some(at) = next.get_mut(place(principal.0)) else { continue };
        if let Some(row) = rows.get_mut(*at) {
            *row = (what, tally);
        }
        *at += 1;
    }
    Grouped { starts, rows }
}

fn sort_groups<T>(groups: &mut Grouped<T>, compare: impl Fn(&T, &T) -> std::cmp::Ordering) {
    for (start, end) in groups.starts.iter().zip(groups.starts.iter().skip(1)) {
        if let Some(group) = groups.rows.get_mut(*start..*end) {
            group.sort_unstable_by(&compare);
        }
    }
}
