//! What changed since the run before: possible only when a store remembers that run.

use super::Block;
use super::Cell;
use super::Column;
use super::Kind;
use super::Section;
use super::Table;
use super::View;
use super::count;
use super::seen;
use crate::model::width::wide;
use crate::report::names::number;
use crate::report::wire::finding::Finding;

/// How many findings of each status are named.
const MAX_NAMED: usize = 100;

/// The statuses that are changes, in the order of the table.
const CHANGES: [&str; 3] = ["new", "reopened", "dormant"];

const COLUMNS: [Column; 5] = [
    Column::new("status", Kind::Words),
    Column::new("severity", Kind::Words),
    Column::new("finding", Kind::Words).flowing(""),
    Column::new("rule", Kind::Name).detail(),
    Column::new("last seen", Kind::Time),
];

/// What the statuses mean.
const MEANING: &str = "New: not seen in any earlier run. Reopened: back after it was dormant or resolved. Dormant: not seen on \
    the last seven covered days or longer, and not known to be over.";

/// Says whether an earlier run is known.
pub(in crate::report) fn is_known(view: &View<'_>) -> bool {
    view.rows.report.findings.iter().any(|finding| !matches!(finding.status.name(), "excepted" | "new"))
}

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let mut section = Section { id: "changes", title: "What changed", note: String::new(), blocks: Vec::new() };
    if !is_known(view) {
        "no earlier run is known here, so every finding counts as new; a store remembers runs (--store)"
            .clone_into(&mut section.note);
        return section;
    }
    let with = |status| view.rows.report.findings.iter().filter(move |finding| finding.status.name() == status);
    let changed = CHANGES.map(|status| format!("{} {status}", number(wide(with(status).count()))));
    section.note = format!("{}; {} as before", changed.join(", "), count(wide(with("ongoing").count()), "finding"));
    let mut table = Table::new("Findings that changed since the run before", &COLUMNS);
    for finding in CHANGES.iter().flat_map(|status| with(status).take(MAX_NAMED)) {
        table.row(cells(view, &view.rows.finding(finding)));
    }
    table.all = CHANGES.iter().map(|status| with(status).count()).sum();
    section.blocks.push(table.block());
    section.blocks.push(Block::Note(MEANING.to_owned()));
    section
}

fn cells(view: &View<'_>, finding: &Finding<'_>) -> Vec<Cell> {
    vec![
        finding.status.into(),
        finding.severity.into(),
        Cell::from(finding.title.as_ref()).linked(view.place(&finding.fingerprint)),
        finding.rule.into(),
        seen(finding.last_seen).into(),
    ]
}
