//! Sets of chains: those through a session stand together in the lineage, so a set is a few runs and never a list.

use super::chain::ChainId;
use super::width::place;

/// A run of the lineage's `by_descent`: where it starts, and where it ends.
pub type Run = (u32, u32);

/// Some chains of a lineage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains {
    /// In order, and apart from one another.
    runs: Vec<Run>,
}

impl Chains {
    /// Returns how many chains there are.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|(start, end)| place(end - start)).sum()
    }

    /// Returns true when there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Returns the ids of the chains, out of those of the lineage.
    pub fn ids<'l>(&'l self, by_descent: &'l [ChainId]) -> impl Iterator<Item = ChainId> + 'l {
        let runs = self.runs.iter().filter_map(|(start, end)| by_descent.get(place(*start)..place(*end)));
        runs.flatten().copied()
    }
}

impl FromIterator<Run> for Chains {
    fn from_iter<T: IntoIterator<Item = Run>>(runs: T) -> Self {
        let mut chains = Self::default();
        chains.extend(runs);
        chains
    }
}

impl Extend<Run> for Chains {
    fn extend<T: IntoIterator<Item = Run>>(&mut self, runs: T) {
        self.runs.extend(runs.into_iter().filter(|(start, end)| start < end));
        self.runs.sort_unstable();
        self.runs.dedup_by(|later, kept| {
            let touches = later.0 <= kept.1;
            if touches {
                kept.1 = kept.1.max(later.1);
            }
            touches
        });
    }
}

impl IntoIterator for Chains {
    type Item = Run;
    type IntoIter = std::vec::IntoIter<Run>;

    fn into_iter(self) -> Self::IntoIter {
        self.runs.into_iter()
    }
}
