//! The listing of `rolechain chains`: routes, the long-lived keys that were used beside them, then every chain with its id;
//! or chains drawn as trees.

use crate::model::width::wide;
use crate::text::fit;
use std::io;

use super::Options;
use super::Report;
use super::document;
use super::document::View;
use super::grid;
use super::grid::Grid;
use super::grid::Side;
use super::names;
use super::names::Names;
use super::names::count;
use super::run_words;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::table::blocks;
use super::tree;
use super::wire::Rows;
use super::wire::chain::Chain;

/// How many chains a listing shows: more are for programs.
const MAX_CHAINS: usize = 500;

/// How many chains are drawn.
const MAX_TREES: usize = 50;

/// The links from the surest to the least sure.
const LINKS: [&str; 5] = ["exact", "strong", "probable", "ambiguous", "missing"];

/// Writes routes and chains as tables.
pub fn table(report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let names = Names::new(report, options);
    let mut screen = Screen::new(options, out);
    let view = View::new(report, options);
    let mut routes = document::routes::section(&view);
    if routes.blocks.is_empty() {
        none(report, options).clone_into(&mut routes.note);
    }
    blocks::section(&routes, true, &mut screen)?;
    // A key that is used directly makes no chain, and changes as much.
    if !options.only_chains && rows.long_term_keys().next().is_some() {
        blocks::section(&document::keys::section(&view), options.all, &mut screen)?;
    }
    let all = rows.summary().chains;
    if all == 0 {
        return Ok(());
    }
    screen.heading("CHAINS", &format!("{}; `rolechain trace ID` shows one in full", count(all, "chain")))?;
    let chains: Vec<Chain<'_>> = rows.chains().take(MAX_CHAINS).collect();
    for line in listing(&chains, names, screen.width).lines() {
        screen.line(&line)?;
    }
    left_out(&mut screen, all, chains.len(), "--format json lists all")
}

/// Says why there is nothing to list.
fn none(report: &Report<'_>, options: &Options) -> &'static str {
    let was_assumed = !report.lineage.sessions.is_empty();
    if options.only_chains && was_assumed { "no chain fits these filters" } else { "no role was assumed" }
}

/// Draws each chain as a tree.
pub fn trees(report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let mut screen = Screen::new(options, out);
    let listed = || report.lineage.chains.iter().filter(|chain| rows.is_shown(chain.is_listed));
    let all = listed().count();
    if all == 0 {
        return screen.line(none(report, options));
    }
    for (at, chain) in listed().take(MAX_TREES).enumerate() {
        if at > 0 {
            screen.blank()?;
        }
        tree::chain(&rows, chain, &mut screen)?;
    }
    left_out(&mut screen, wide(all), MAX_TREES, "filter by --role, --subject, …")
}

fn left_out(screen: &mut Screen<'_>, all: u64, shown: usize, hint: &str) -> io::Result<()> {
    match all.saturating_sub(wide(shown)) {
        0 => Ok(()),
        more => screen.line(&paint(Style::Quiet, &format!("  … and {} more ({hint})", names::number(more)))),
    }
}

/// Texts are not broken to less than this.
const FEWEST: usize = 20;

fn listing(chains: &[Chain<'_>], names: Names<'_>, width: usize) -> Grid {
    let column = |cell: fn(&Chain<'_>) -> String| chains.iter().map(cell).collect::<Vec<String>>();
    let calls = column(|chain| names::number(chain.activity.total.calls));
    let writes = column(|chain| names::number(chain.activity.total.writes));
    let links = column(|chain| chain.way.weakest_link.name().to_owned());
    // A chain's id is as wide as a time of day: they share a column.
    let others = [19, grid::widest("calls", &calls), grid::widest("writes", &writes), grid::widest("link", &links)];
    let room = grid::room(width, &others);
    let mut grid = Grid::new(&[
        ("chain, issued", Side::Left),
        ("origin and roles", Side::Left),
        ("calls", Side::Right),
        ("writes", Side::Right),
        ("link", Side::Left),
    ]);
    for (chain, [calls, writes, link]) in chains.iter().zip(grid::across([calls, writes, links])) {
        // A subject that is cut may be any of two: it takes the lines that it needs.
        let origin = format!("{} {}", names::via(&chain.origin), names.origin(&chain.origin, usize::MAX));
        let origin = fit::wrap(&origin, room.max(FEWEST)).join("\n");
        let issued = chain.hops.first().and_then(|hop| hop.event_time);
        // Whoever is behind it stands above where it came from.
        let run = chain.ci.as_ref().map(|ci| {
            let said = fit::wrap(&run_words::line(ci, chain.ci_run.as_ref(), issued), room.max(FEWEST));
            said.iter().map(|line| paint(run_words::mark(ci), line) + "\n").collect::<String>()
        });
        let style = if LINKS.iter().position(|known| *known == link) > Some(2) { Style::Medium } else { Style::Quiet };
        grid.row(vec![
            format!("{}\n{}", chain.id, names::second(issued)),
            format!("{}{origin}\n→ {}", run.unwrap_or_default(), names.path(&chain.roles(), room.saturating_sub(2))),
            calls,
            writes,
            paint(style, &link),
        ]);
    }
    grid
}
