//! Accepted findings: covered by an exception or by a baseline; still judged, counted and shown.

use super::Cell;
use super::Column;
use super::Kind;
use super::Section;
use super::Table;
use super::View;
use super::count_of;
use super::seen;
use crate::report::names::day;
use crate::report::names::number;
use crate::report::wire::finding::Finding;

const COLUMNS: [Column; 10] = [
    Column::new("severity", Kind::Words),
    Column::new("finding", Kind::Words).flowing(""),
    Column::new("reason", Kind::Words).flowing("because: "),
    Column::new("rule", Kind::Name).detail(),
    Column::new("owner", Kind::Words),
    Column::new("by", Kind::Words).detail(),
    Column::new("until", Kind::Time),
    Column::new("days left", Kind::Number),
    Column::new("times", Kind::Number).detail(),
    Column::new("last seen", Kind::Time).detail(),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let accepted: Vec<Finding<'_>> = view.rows.findings().filter(|finding| finding.status == "excepted").collect();
    let mut section = Section { id: "exceptions", title: "Accepted", note: String::new(), blocks: Vec::new() };
    if accepted.is_empty() {
        "no finding is accepted".clone_into(&mut section.note);
        return section;
    }
    section.note = format!(
        "{} accepted by an exception or a baseline, and not counted above; days left count from the newest record",
        count_of(accepted.len(), "finding")
    );
    let mut table = Table::new("Findings that are accepted", &COLUMNS);
    for finding in &accepted {
        table.row(cells(finding));
    }
    section.blocks.push(table.block());
    section
}

fn cells(finding: &Finding<'_>) -> Vec<Cell> {
    let accepted = finding.accepted.as_ref();
    let left = match accepted.and_then(|accepted| accepted.days_left) {
        None => "not known".to_owned(),
        Some(days) if days < 0 => "over, not seen since".to_owned(),
        Some(days) => number(days.unsigned_abs()),
    };
    vec![
        finding.severity.into(),
        finding.title.as_ref().into(),
        reason(finding).into(),
        finding.rule.into(),
        accepted.map_or("not given", |accepted| accepted.owner.as_ref()).into(),
        accepted.map_or("", |accepted| accepted.by).into(),
        day(accepted.map(|accepted| accepted.expires)).into(),
        left.into(),
        finding.count.into(),
        seen(finding.last_seen).into(),
    ]
}

/// Returns why a finding is accepted, and where that was decided.
fn reason(finding: &Finding<'_>) -> String {
    match finding.accepted.as_ref().map(|accepted| (&accepted.reason, &accepted.ticket)) {
        None => "no reason given".to_owned(),
        Some((reason, None)) => reason.to_string(),
        Some((reason, Some(ticket))) => format!("{reason} ({ticket})"),
    }
}
