//! The sessions that fit a link, when several do: never copied, and asked without being walked.

use super::chain::Run;
use super::chain::SessionId;
use super::width::place;

/// The sessions that fit a link: parts of lists, each in order of issue, with no session in two.
#[derive(Clone, Debug, Default)]
pub struct Fitting<'l>(Vec<&'l [SessionId]>);

impl<'l> Fitting<'l> {
    /// Looks runs up in the lists that they are of.
    pub fn of(runs: &[Run], list: impl Fn(u32) -> &'l [SessionId]) -> Self {
        let part = |run: &Run| list(run.list).get(place(run.start)..place(run.end)).unwrap_or_default();
        Self(runs.iter().map(part).collect())
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|part| part.len()).sum()
    }

    /// Returns true when there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many there are besides one.
    pub fn others_than(&self, id: SessionId) -> usize {
        let is_in = self.0.iter().any(|part| part.binary_search(&id).is_ok());
        self.len() - usize::from(is_in)
    }
}

impl Iterator for Fitting<'_> {
    type Item = SessionId;

    /// Returns the next in order of issue.
    fn next(&mut self) -> Option<SessionId> {
        let first = self.0.iter_mut().filter(|part| !part.is_empty()).min_by_key(|part| part.first().copied())?;
        let (id, rest) = first.split_first()?;
        *first = rest;
        Some(*id)
    }
}
