//! The time axis that the timeline and the coverage map share: days, or stretches of days when there are many.

use crate::model::time::DAY;
use crate::model::time::Timestamp;
use crate::report::wire::Rows;

/// How many columns a time axis has at most.
const MAX_COLUMNS: i64 = 62;

/// How many days a column may stand for; longer periods take even stretches of whatever length is needed.
const STEPS: [i64; 5] = [1, 7, 28, 91, 364];

/// The days of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    first: i64,
    step: i64,
    /// How many columns there are.
    pub(super) columns: usize,
}

impl Days {
    /// Returns the days from the first to the last record, and those of the window; `None` when no record has
    /// a time.
    pub(super) fn of(rows: &Rows<'_>) -> Option<Self> {
        let cells = rows.lineage().observations.cells.keys();
        let days: Vec<i64> = cells.filter_map(|cell| cell.day).map(i64::from).collect();
        let (first, last) = (days.iter().min().copied()?, days.iter().max().copied()?);
        let run = rows.report.run;
        let since = run.since.map_or(first, Timestamp::day);
        // The end of a window is no part of it.
        let until = run.until.map_or(last, |until| until.plus(-1).day());
        Some(Self::between(first.min(since), last.max(until)))
    }

    fn between(first: i64, last: i64) -> Self {
        let days = last.saturating_sub(first).saturating_add(1).max(1);
        let fits = |step: &i64| (days.saturating_sub(1)) / step < MAX_COLUMNS;
        let step = STEPS.into_iter().find(fits).unwrap_or_else(|| days / MAX_COLUMNS + 1);
        Self { first, step, columns: usize::try_from((days - 1) / step + 1).unwrap_or(1) }
    }

    /// Returns the column of a day since 1970.
    pub(super) fn column_of_day(&self, day: i64) -> Option<usize> {
        let at = usize::try_from(day.checked_sub(self.first)?.div_euclid(self.step)).ok()?;
        (at < self.columns).then_some(at)
    }

    /// Returns the column of a moment.
    pub(super) fn column(&self, time: Timestamp) -> Option<usize> {
        self.column_of_day(time.day())
    }

    /// Returns the first day of a column: `2026-11-02`.
    pub(super) fn date(&self, column: usize) -> String {
        let day = self.first + self.step * i64::try_from(column).unwrap_or(0);
        let mut text = Timestamp(day.saturating_mul(DAY)).to_string();
        text.truncate(10);
        text
    }

    /// Returns what one column stands for.
    pub(super) fn unit(&self) -> String {
        match self.step {
            1 => "day".to_owned(),
            7 => "week".to_owned(),
            days => format!("{days} days"),
        }
    }

    /// Returns how a column is called in the head of a table.
    pub(super) fn head(&self) -> &'static str {
        if self.step == 1 { "day" } else { "from" }
    }
}

#[cfg(test)]
mod tests {
    use super::Days;

    #[test]
    fn long_periods_take_longer_steps() {
        for (last, step, columns) in
            [(0, 1, 1), (61, 1, 62), (62, 7, 9), (433, 7, 62), (434, 28, 16), (40_000, 646, 62)]
        {
            let days = Days::between(0, last);
            assert_eq!((days.step, days.columns), (step, columns), "{last}");
            assert_eq!(days.column_of_day(last), Some(columns - 1));
            assert_eq!(days.column_of_day(-1), None);
        }
        assert_eq!(Days::between(20_759, 20_760).date(1), "2026-11-03");
    }
}
