//! Gaps: why some chains are not complete.

use std::collections::BTreeMap;

use super::Column;
use super::Kind;
use super::Section;
use super::Table;
use super::View;
use super::count;
use crate::report::names::number;

const COLUMNS: [Column; 3] = [
    Column::new("gap", Kind::Words),
    Column::new("chains", Kind::Number),
    Column::new("for example", Kind::Words).flowing(""),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let (all, with_gaps) = (view.summary.chains, view.summary.chains_with_gaps);
    let mut section = Section { id: "gaps", title: "Gaps", note: String::new(), blocks: Vec::new() };
    section.note = match (all, with_gaps) {
        (0, _) => "no chain".to_owned(),
        (_, 0) => "none: every chain is known from its origin to its end".to_owned(),
        _ => format!("{} of {} not complete", number(with_gaps), count(all, "chain")),
    };
    if with_gaps == 0 {
        return section;
    }
    // Each kind with its number and one example: the first in the order of chains.
    let mut kinds: BTreeMap<&'static str, (u64, &str)> = BTreeMap::new();
    let lineage = view.rows.lineage();
    for chain in lineage.chains.iter().filter(|chain| view.rows.is_shown(chain.is_listed)) {
        let mut of_chain: BTreeMap<&'static str, &str> = BTreeMap::new();
        for gap in lineage.leaf(chain).gaps() {
            of_chain.entry(gap.kind.name()).or_insert(&gap.message);
        }
        for (kind, message) in of_chain {
            kinds.entry(kind).or_insert((0, message)).0 += 1;
        }
    }
    let mut table = Table::new("Why chains are not complete; one may have several gaps", &COLUMNS);
    for (kind, (chains, message)) in kinds {
        table.row(vec![kind.replace('_', " ").into(), chains.into(), view.rows.shade.text(message).as_ref().into()]);
    }
    section.blocks.push(table.block());
    section
}
