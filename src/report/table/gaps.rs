//! Gaps: why some chains are not complete.

use std::collections::BTreeMap;
use std::io;

use super::empty;
use crate::report::grid;
use crate::report::grid::Grid;
use crate::report::grid::Side;
use crate::report::names;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::safe;
use crate::report::wire::Rows;
use crate::text::fit;

pub(super) fn write(rows: &Rows<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let summary = rows.summary();
    if summary.chains_with_gaps == 0 {
        let words = if summary.chains == 0 { "no chain" } else { "none: every chain is complete" };
        return empty(screen, "GAPS", words);
    }
    let of = count(summary.chains, "chain");
    screen.heading("GAPS", &format!("{} of {of} not complete", names::number(summary.chains_with_gaps)))?;
    // Each kind with its number and one example: the first in the order of chains.
    let mut kinds: BTreeMap<&'static str, (u64, String)> = BTreeMap::new();
    for chain in rows.lineage().chains.iter().filter(|chain| rows.is_shown(chain.is_listed)) {
        let mut of_chain: Vec<(&'static str, &str)> = Vec::new();
        for gap in rows.lineage().leaf(chain).gaps() {
            if of_chain.iter().all(|(kind, _)| *kind != gap.kind.name()) {
                of_chain.push((gap.kind.name(), &gap.message));
            }
        }
        for (kind, message) in of_chain {
            let (chains, _) = kinds.entry(kind).or_insert_with(|| (0, rows.shade.text(message).into_owned()));
            *chains += 1;
        }
    }
    let mut grid = Grid::new(&[("chains", Side::Right), ("gap", Side::Left), ("for example", Side::Left)]);
    let words: Vec<String> = kinds.keys().map(|kind| kind.replace('_', " ")).collect();
    let room = grid::room(screen.width, &[6, grid::widest("gap", &words)]);
    for ((chains, message), words) in kinds.values().zip(&words) {
        let message = fit::wrap(&safe(message), room).join("\n");
        grid.row(vec![names::number(*chains), words.clone(), message]);
    }
    for line in grid.lines() {
        screen.line(&line)?;
    }
    Ok(())
}
