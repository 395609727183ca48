//! Routes: who reached which role, how often, and what they changed.

use std::io;

use super::empty;
use super::rest;
use crate::report::grid;
use crate::report::grid::Grid;
use crate::report::grid::Side;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::wire::Rows;
use crate::report::wire::chain::Route;

/// How many routes are shown.
pub(in crate::report) const MAX_ROUTES: usize = 15;

/// Writes the routes, at most so many; `if_empty` is what to say when there is none.
pub(in crate::report) fn write(
    rows: &Rows<'_>,
    names: Names<'_>,
    screen: &mut Screen<'_>,
    most: Option<usize>,
    if_empty: &str,
) -> io::Result<()> {
    let summary = rows.summary();
    let hidden = match summary.service_chains_not_listed {
        0 => String::new(),
        hidden => format!("; {} of AWS services not listed", count(hidden, "chain")),
    };
    if summary.routes == 0 {
        return empty(screen, "ROUTES", &format!("{if_empty}{hidden}"));
    }
    let note = format!("{}, {}{hidden}", count(summary.routes, "route"), count(summary.chains, "chain"));
    screen.heading("ROUTES", &note)?;
    let routes: Vec<Route<'_>> = rows.routes().take(most.unwrap_or(usize::MAX)).collect();
    for line in table(&routes, names, screen.width).lines() {
        screen.line(&line)?;
    }
    rest(screen, routes.len(), usize::try_from(summary.routes).unwrap_or(usize::MAX))
}

/// Lays routes out in one line each where the terminal is wide enough, and in two where it is not.
fn table(routes: &[Route<'_>], names: Names<'_>, width: usize) -> Grid {
    let column = |cell: fn(&Route<'_>) -> String| routes.iter().map(cell).collect::<Vec<String>>();
    let via = column(|route| names::via(&route.origin).to_owned());
    let runs = column(|route| names::number(route.chains));
    let writes = column(|route| names::number(route.activity.writes));
    let last = column(|route| {
        route.activity.last_event.map_or_else(|| "no call".to_owned(), |last| names::minute(Some(last)))
    });
    let fixed = [
        grid::widest("from", &via),
        grid::widest("runs", &runs),
        grid::widest("writes", &writes),
        grid::widest("last call", &last),
    ];
    let origins: Vec<String> = routes.iter().map(|route| names.origin(&route.origin, usize::MAX)).collect();
    let origin_width = grid::widest("origin", &origins);
    let room = grid::room(width, &fixed);
    let path_width = routes.iter().map(|route| Names::least_path_width(&route.roles())).max().unwrap_or(0);
    let is_wide = origin_width + 2 + path_width <= room;
    let tail = [("runs", Side::Right), ("writes", Side::Right), ("last call", Side::Left)];
    let titles: &[&str] = if is_wide { &["from", "origin", "roles"] } else { &["from", "origin and roles"] };
    let heads: Vec<_> = titles.iter().map(|title| (*title, Side::Left)).chain(tail).collect();
    let mut grid = Grid::new(&heads);
    let columns = grid::across([via, origins, runs, writes, last]);
    for (route, [via, origin, runs, writes, last]) in routes.iter().zip(columns) {
        let mut row = vec![via];
        if is_wide {
            row.push(origin);
            row.push(names.path(&route.roles(), room - origin_width - 2));
        } else {
            let path = names.path(&route.roles(), room.saturating_sub(2));
            row.push(format!("{}\n→ {path}", names.origin(&route.origin, room)));
        }
        let wrote = if route.activity.writes > 0 { paint(Style::Accent, &writes) } else { writes };
        row.extend([runs, wrote, last]);
        grid.row(row);
    }
    grid
}
