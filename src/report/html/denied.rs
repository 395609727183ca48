//! Denied attempts: who was refused, where, and how often they tried.

use std::io;

use super::View;
use super::count;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::report::names;
use crate::report::names::UNKNOWN;
use crate::report::names::minute;
use crate::report::wire::denied::Denied;

/// How many rows are shown.
const MAX_ROWS: usize = 300;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("denied", "Denied attempts")?;
    let rows = view.rows.denied();
    if rows.is_empty() {
        page.paragraph("No assumption was denied, as far as these logs say.")?;
        return page.end_section();
    }
    let settling: u64 = rows.iter().map(|row| row.settling_runs).sum();
    page.paragraph(&format!(
        "{} in {}. Retries within two minutes are one attempt. {}: the role or its policy had just been changed, and the \
         call succeeded soon after.",
        count(view.summary.denied_assumptions, "denied record"),
        count(rows.iter().map(|row| row.runs).sum(), "attempt"),
        match settling {
            0 => "None of them was of the harmless kind".to_owned(),
            1 => "One of them was of the harmless kind".to_owned(),
            settling => format!("{} of them were of the harmless kind", names::number(settling)),
        }
    ))?;
    page.table(
        "Denied attempts, the most events first",
        &[
            text("who"),
            text("call"),
            text("role asked for"),
            text("error"),
            number("attempts"),
            number("records"),
            text("first"),
            text("last"),
            text("event"),
        ],
    )?;
    for row in rows.iter().take(MAX_ROWS) {
        write_one(view, row, page)?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, rows.len(), "rows")?;
    page.end_section()
}

fn write_one(view: &View<'_>, row: &Denied<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let principal = || row.principal.as_deref().map(|principal| view.names.principal(principal, usize::MAX));
    let who = names::denied_subject(row).or_else(principal).unwrap_or_else(|| UNKNOWN.to_owned());
    page.row(&who)?;
    page.code(&row.event_name)?;
    let role = row.role_arn.as_deref().map(|role| view.names.role(role));
    page.cell(&role.as_deref().unwrap_or("not recorded"))?;
    page.code(&row.error_code.as_deref().unwrap_or(UNKNOWN))?;
    page.count(row.runs)?;
    page.count(row.events)?;
    page.time(&minute(row.first_event))?;
    page.time(&minute(row.last_event))?;
    page.code(&row.event_ids.last().map_or("no event id", String::as_str))?;
    page.end_row()
}
