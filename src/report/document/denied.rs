//! Denied attempts: who was refused which role, and how often they tried.

use super::Block;
use super::Cell;
use super::Column;
use super::Kind;
use super::Section;
use super::Table;
use super::View;
use super::count;
use super::moment;
use crate::report::names;
use crate::report::names::UNKNOWN;
use crate::report::wire::denied::Denied;

const COLUMNS: [Column; 9] = [
    Column::new("who", Kind::Name).flowing(""),
    Column::new("role asked for", Kind::Name).flowing("→ "),
    Column::new("error", Kind::Name),
    Column::new("attempts", Kind::Number),
    Column::new("records", Kind::Number),
    Column::new("call", Kind::Name).detail(),
    Column::new("first", Kind::Time).detail(),
    Column::new("last", Kind::Time),
    Column::new("last event", Kind::Name).detail(),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let denied = view.rows.denied();
    let mut section = Section { id: "denied", title: "Denied attempts", note: String::new(), blocks: Vec::new() };
    if denied.is_empty() {
        "no assumption was denied, as far as these logs say".clone_into(&mut section.note);
        return section;
    }
    let attempts: u64 = denied.iter().map(|row| row.runs).sum();
    let records: u64 = denied.iter().map(|row| row.events).sum();
    section.note = format!(
        "{} in {}: retries within two minutes are one attempt",
        count(records, "record"),
        count(attempts, "attempt")
    );
    let settling: u64 = denied.iter().map(|row| row.settling_runs).sum();
    if settling > 0 {
        section.blocks.push(Block::Note(format!(
            "{} succeeded soon after: the role or its policy had just been changed.",
            count(settling, "attempt")
        )));
    }
    let mut table = Table::new("Denied attempts, the most records first", &COLUMNS);
    for row in &denied {
        table.row(cells(view, row));
    }
    section.blocks.push(table.block());
    section
}

fn cells(view: &View<'_>, row: &Denied<'_>) -> Vec<Cell> {
    let principal = || row.principal.as_deref().map(|principal| view.names.principal(principal, usize::MAX));
    let who = names::denied_subject(row).or_else(principal).unwrap_or_else(|| UNKNOWN.to_owned());
    let role = row.role_arn.as_deref().map(|role| view.names.role(role));
    let role = role.unwrap_or_else(|| "a role that was not recorded".to_owned());
    let role = if row.settling_runs == row.runs { format!("{role}, granted soon after") } else { role };
    let error = row.error_code.as_deref().unwrap_or(UNKNOWN);
    vec![
        who.into(),
        role.into(),
        error.strip_suffix("Exception").unwrap_or(error).into(),
        row.runs.into(),
        row.events.into(),
        row.event_name.into(),
        moment(row.first_event).into(),
        moment(row.last_event).into(),
        row.event_ids.last().map_or("no event id", String::as_str).into(),
    ]
}
