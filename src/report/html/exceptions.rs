//! Exceptions: findings that the owners have accepted, still counted and shown.

use std::io;

use super::View;
use super::count;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::report::names::day;
use crate::report::wire::finding::Finding;

/// How many findings are shown.
const MAX_ROWS: usize = 500;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("exceptions", "Exceptions")?;
    let excepted: Vec<Finding<'_>> = view.rows.findings().filter(|finding| finding.status == "excepted").collect();
    if excepted.is_empty() {
        page.paragraph("No finding is covered by an exception.")?;
        return page.end_section();
    }
    page.paragraph(&format!(
        "{} covered by an exception of the expectations file. They are judged as all others, and not counted in the \
         verdict.",
        count(excepted.len() as u64, "finding")
    ))?;
    page.table(
        "Findings that are excepted",
        &[
            text("finding"),
            text("rule"),
            text("severity"),
            text("reason and owner"),
            number("times"),
            text("last seen"),
        ],
    )?;
    for finding in excepted.iter().take(MAX_ROWS) {
        page.row(&finding.title)?;
        page.code(&finding.rule)?;
        page.cell(&finding.severity)?;
        page.cell(&finding.exception.as_deref().unwrap_or("not given"))?;
        page.count(finding.count)?;
        page.time(&day(finding.last_seen))?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, excepted.len(), "excepted findings")?;
    page.end_section()
}
