//! Novelty: what was never seen before, when enough days are known to say so.

use crate::audit::occurrences::Occurrences;
use crate::audit::rule::Context;
use crate::model::finding::LEARNING_DAYS;
use crate::model::lineage::SessionView;

/// After so many covered days, what was new is no longer.
const FRESH_DAYS: usize = 7;

/// Returns the session that was the first of its kind, when the role has been known for long enough before it and the
/// store has not gone on for long since. `role` are all sessions of the same role, in order of issue.
pub(super) fn newcomer<'a>(
    context: &Context<'_>,
    kind: &Occurrences<'a>,
    role: &Occurrences<'_>,
) -> Option<SessionView<'a>> {
    let history = context.history?;
    let first = kind.first();
    let (seen, known) = (first.issued()?.day(), role.first().issued()?.day());
    // The days before it on which the role could have been entered like this, and was not.
    let learned = history.days_between(known - 1, seen - 1);
    let since = history.days_between(seen, i64::MAX);
    (LEARNING_DAYS <= learned && since < FRESH_DAYS).then_some(first)
}

/// Says how long was looked, in words.
pub(super) fn looked(context: &Context<'_>, role: &Occurrences<'_>, first: SessionView<'_>) -> String {
    let days = context.history.zip(role.first().issued()).zip(first.issued());
    let days = days.map_or(0, |((history, known), seen)| history.days_between(known.day() - 1, seen.day() - 1));
    format!("{days} covered days")
}
