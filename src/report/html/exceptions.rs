//! Exceptions: findings that the owners have accepted, still counted and shown.

use std::io;

use super::View;
use super::count;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::audit;
use crate::audit::Rule;
use crate::model::width::wide;
use crate::report::names::day;
use crate::report::wire::finding::Finding;

/// How many findings are shown.
const MAX_ROWS: usize = 500;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("exceptions", "Exceptions")?;
    if let Some(baseline) = &view.rows.report.run.baseline {
        page.put("<p>Baseline: {}. Because: {}</p>\n", [&baseline.told(), &baseline.reason])?;
    }
    let excepted: Vec<Finding<'_>> = view.rows.findings().filter(|finding| finding.status == "excepted").collect();
    if excepted.is_empty() {
        page.paragraph("No finding is accepted.")?;
    } else {
        page.paragraph(&format!(
            "{} accepted by an exception of the expectations file or by a baseline. They are judged as all others, and \
             not counted in the verdict.",
            count(wide(excepted.len()), "finding")
        ))?;
        accepted(&excepted, page)?;
    }
    judged(view, page)?;
    page.end_section()
}

fn accepted(excepted: &[Finding<'_>], page: &mut Page<'_>) -> io::Result<()> {
    page.table(
        "Findings that are accepted",
        &[
            text("finding"),
            text("rule"),
            text("severity"),
            text("reason"),
            text("owner"),
            text("by"),
            text("until"),
            number("days left"),
            number("times"),
            text("last seen"),
        ],
    )?;
    for finding in excepted.iter().take(MAX_ROWS) {
        page.row(&finding.title)?;
        page.code(&finding.rule)?;
        page.cell(&finding.severity)?;
        let accepted = finding.accepted.as_ref();
        page.cell(&accepted.map_or("not given", |accepted| accepted.reason.as_ref()))?;
        page.cell(&accepted.map_or("not given", |accepted| accepted.owner.as_ref()))?;
        page.cell(&accepted.map_or("", |accepted| accepted.by))?;
        page.time(&day(accepted.map(|accepted| accepted.expires)))?;
        match accepted.and_then(|accepted| accepted.days_left) {
            None => page.cell(&"not known")?,
            Some(days) if days < 0 => page.cell(&"over, not seen since")?,
            Some(days) => page.count(days.unsigned_abs())?,
        }
        page.count(finding.count)?;
        page.time(&day(finding.last_seen))?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, excepted.len(), "accepted findings")
}

/// Names the acceptances that are over or accept nothing: they are findings, too.
fn judged(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let is_about = |finding: &Finding<'_>| audit::rule(finding.rule).is_some_and(Rule::is_about_acceptance);
    let judged: Vec<Finding<'_>> = view.rows.findings().filter(is_about).collect();
    if judged.is_empty() {
        return Ok(());
    }
    page.table("Exceptions and baselines that are over or accept nothing", &[text("finding"), text("rule")])?;
    for finding in judged.iter().take(MAX_ROWS) {
        page.row(&finding.title)?;
        page.code(&finding.rule)?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, judged.len(), "of these")
}
