//! Long-lived keys: whose they are and what they still do.

use std::io;

use super::empty;
use super::rest;
use crate::model::width::wide;
use crate::report::grid;
use crate::report::grid::Grid;
use crate::report::grid::Side;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::UNKNOWN;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::report::wire::Rows;
use crate::report::wire::key::LongTermKey;
use crate::text::fit;

/// How many keys are shown.
const MAX_KEYS: usize = 12;

pub(in crate::report) fn write(rows: &Rows<'_>, names: Names<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let keys: Vec<LongTermKey<'_>> = rows.long_term_keys().collect();
    if keys.is_empty() {
        return empty(screen, "LONG-LIVED KEYS", "none was used");
    }
    let in_ci = wide(keys.iter().filter(|key| key.ci).count());
    let in_ci = if in_ci > 0 { format!(", {} in CI", names::number(in_ci)) } else { String::new() };
    screen.heading("LONG-LIVED KEYS", &format!("{} used{in_ci}", count(wide(keys.len()), "key")))?;
    for line in table(&keys, names, screen.width).lines() {
        screen.line(&line)?;
    }
    rest(screen, MAX_KEYS, keys.len())
}

fn table(keys: &[LongTermKey<'_>], names: Names<'_>, width: usize) -> Grid {
    let keys = keys.get(..MAX_KEYS).unwrap_or(keys);
    let column = |cell: fn(&LongTermKey<'_>) -> String| keys.iter().map(cell).collect::<Vec<String>>();
    let ids = column(|key| fit::cut_middle(&safe(&key.access_key_id), 24).into_owned());
    let calls = column(|key| names::number(key.calls));
    let writes = column(|key| names::number(key.writes));
    let roles = column(|key| names::number(key.assumptions));
    let last = column(|key| names::day(key.last_event));
    let signs = column(|key| key.ci_sign.unwrap_or_default().to_owned());
    let others = [
        grid::widest("key", &ids),
        grid::widest("calls", &calls),
        grid::widest("writes", &writes),
        grid::widest("assumed", &roles),
        grid::widest("ci", &signs),
        grid::widest("last use", &last),
    ];
    let room = grid::room(width, &others).max(8);
    let mut grid = Grid::new(&[
        ("key", Side::Left),
        ("user", Side::Left),
        ("calls", Side::Right),
        ("writes", Side::Right),
        ("assumed", Side::Right),
        ("ci", Side::Left),
        ("last use", Side::Left),
    ]);
    let columns = grid::across([ids, calls, writes, roles, last]);
    for (key, [id, calls, writes, roles, last]) in keys.iter().zip(columns) {
        let user = key.principal_arn.as_deref().map_or_else(|| UNKNOWN.to_owned(), |arn| names.principal(arn, room));
        let ci = key.ci_sign.map(|sign| paint(Style::Medium, sign)).unwrap_or_default();
        grid.row(vec![id, user, calls, writes, roles, ci, last]);
    }
    grid
}
