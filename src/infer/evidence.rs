//! Evidence: how often something was seen, and whether that is often enough to learn from.

use std::collections::BTreeSet;

use crate::model::time::Timestamp;
use crate::trust::observed::Observed;
pub(super) use crate::trust::usage::Seen;

/// What was seen less often is not learned.
const FEWEST_RUNS: u64 = 3;

/// What was seen on fewer days is not learned.
const FEWEST_DAYS: usize = 2;

impl Seen {
    /// Counts all of these.
    pub(super) fn of<'o, 'l: 'o>(observed: impl IntoIterator<Item = &'o Observed<'l>>) -> Self {
        let mut seen = Self::default();
        for one in observed {
            seen.add(one.time);
        }
        seen
    }

    /// True when it was seen often enough, on enough days, to be a habit.
    pub(super) fn is_enough(&self) -> bool {
        self.runs >= FEWEST_RUNS && self.days.len() >= FEWEST_DAYS
    }

    /// True when it was not seen at all.
    pub(super) fn is_none(&self) -> bool {
        self.runs == 0
    }

    /// Says it in words: `seen 41 times 2026-10-02..11-19`.
    pub(super) fn said(&self) -> String {
        let times = match self.runs {
            0 => return "not seen".to_owned(),
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            runs => format!("{runs} times"),
        };
        let day = |time: Option<Timestamp>| time.map(Timestamp::date);
        match (day(self.first), day(self.last)) {
            (Some(first), Some(last)) if first == last => format!("seen {times} on {first}"),
            (Some(first), Some(last)) => {
                // The year is said once.
                let is_same_year = first.get(..5) == last.get(..5);
                let last = if is_same_year { last.get(5..).unwrap_or_default() } else { &last };
                format!("seen {times} {first}..{last}")
            }
            _ => format!("seen {times}"),
        }
    }

    /// Says why it is not enough.
    pub(super) fn too_little(&self) -> String {
        format!("{}; a habit is {FEWEST_RUNS} times on {FEWEST_DAYS} days", self.said())
    }
}

/// Returns the one value that all are, if they are one.
pub(super) fn only<T: Ord>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values = values.into_iter().collect::<BTreeSet<T>>().into_iter();
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use crate::model::time::Timestamp;

    #[test]
    fn a_habit_takes_three_times_on_two_days() {
        let at = |text: &str| Timestamp::parse_iso(text);
        let mut seen = Seen::default();
        assert_eq!(seen.said(), "not seen");
        for (time, said, is_enough) in [
            ("2026-10-02T08:00:00Z", "seen once on 2026-10-02", false),
            ("2026-10-02T09:00:00Z", "seen twice on 2026-10-02", false),
            ("2026-10-02T10:00:00Z", "seen 3 times on 2026-10-02", false),
            ("2026-11-19T10:00:00Z", "seen 4 times 2026-10-02..11-19", true),
            ("2027-01-01T10:00:00Z", "seen 5 times 2026-10-02..2027-01-01", true),
        ] {
            seen.add(at(time));
            assert_eq!((seen.said().as_str(), seen.is_enough()), (said, is_enough));
        }
    }
}
