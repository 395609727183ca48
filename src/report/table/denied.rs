//! Denied attempts: who asked for which role and was refused.

use std::io;

use super::empty;
use super::rest;
use crate::report::grid;
use crate::report::grid::Grid;
use crate::report::grid::Side;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::UNKNOWN;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::safe;
use crate::report::wire::Rows;
use crate::report::wire::denied::Denied;
use crate::text::fit;

/// How many rows are shown.
const MAX_ROWS: usize = 12;

pub(super) fn write(rows: &Rows<'_>, names: Names<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let denied = rows.denied();
    if denied.is_empty() {
        return empty(screen, "DENIED", "no assumption was denied");
    }
    let runs: u64 = denied.iter().map(|row| row.runs).sum();
    let events: u64 = denied.iter().map(|row| row.events).sum();
    let retries = if events == runs { String::new() } else { format!(", {} with all retries", count(events, "event")) };
    screen.heading("DENIED", &format!("{}{retries}", count(runs, "attempt")))?;
    for line in table(&denied, names, screen.width).lines() {
        screen.line(&line)?;
    }
    rest(screen, MAX_ROWS, denied.len())
}

fn table(denied: &[Denied<'_>], names: Names<'_>, width: usize) -> Grid {
    let denied = denied.get(..MAX_ROWS).unwrap_or(denied);
    let column = |cell: fn(&Denied<'_>) -> String| denied.iter().map(cell).collect::<Vec<String>>();
    let errors = column(|row| {
        let error = row.error_code.as_deref().map_or(UNKNOWN.into(), safe);
        fit::cut(error.strip_suffix("Exception").unwrap_or(&error), 20).into_owned()
    });
    let runs = column(|row| names::number(row.runs));
    let last = column(|row| names::minute(row.last_event));
    let others = [grid::widest("error", &errors), grid::widest("runs", &runs), grid::widest("last", &last)];
    let room = grid::room(width, &others);
    let mut grid = Grid::new(&[
        ("who asked for which role", Side::Left),
        ("error", Side::Left),
        ("runs", Side::Right),
        ("last", Side::Left),
    ]);
    let columns = grid::across([errors, runs, last]);
    for (row, [error, runs, last]) in denied.iter().zip(columns) {
        let principal = || row.principal.as_deref().map(|principal| names.principal(principal, room));
        let who = names::denied_subject(row).or_else(principal).unwrap_or_else(|| UNKNOWN.to_owned());
        let settling = if row.settling_runs == row.runs { ", settling" } else { "" };
        let role_room = room.saturating_sub(2 + settling.len());
        let role = row.role_arn.as_ref().map(|arn| names.path(std::slice::from_ref(arn), role_room));
        let role = role.unwrap_or_else(|| "a role that was not logged".to_owned());
        let line = format!("{who}{}{role}{settling}", names::ARROW);
        let cell = if fit::width(&line) <= room {
            line
        } else {
            let role = format!("→ {role}{settling}");
            format!("{}\n{}", fit::cut_middle(&who, room), fit::cut_middle(&role, room))
        };
        grid.row(vec![cell, error, runs, last]);
    }
    grid
}
