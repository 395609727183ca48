//! Integrity: what digest files prove about what was read, in a few lines.

use std::io;

use crate::model::width::wide;
use crate::report::names::count;
use crate::report::screen::Screen;
use crate::report::screen::Style;
use crate::report::screen::paint;
use crate::report::screen::safe;
use crate::report::verify;
use crate::report::wire::integrity::Integrity;

/// How many files that failed are shown.
const MAX_FAILURES: usize = 8;

pub(super) fn write(integrity: Option<&Integrity<'_>>, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(integrity) = integrity else { return Ok(()) };
    screen.heading("INTEGRITY", "what CloudTrail's digest files prove")?;
    screen.paragraph("  ", &verify::verdict(integrity), None)?;
    let empty: u64 = integrity.trails.iter().map(|trail| trail.hours_proven_empty).sum();
    let gaps: usize = integrity.trails.iter().map(|trail| trail.gaps.len()).sum();
    let mut parts = Vec::new();
    if empty > 0 {
        parts.push(format!("{} proven empty", count(empty, "hour")));
    }
    if gaps > 0 {
        parts.push(format!("{} between digest files", count(wide(gaps), "gap")));
    }
    // Those that lost theirs are told in the verdict.
    if integrity.logs_without_digests > 0 && integrity.without_digests.iter().all(|bare| bare.lost_by.is_none()) {
        parts.push(format!(
            "{} of accounts and regions without digest files",
            count(integrity.logs_without_digests, "log file")
        ));
    }
    if !parts.is_empty() {
        screen.paragraph("  ", &parts.join(", "), Some(Style::Quiet))?;
    }
    for file in integrity.failures.iter().take(MAX_FAILURES) {
        screen.verbatim(&format!("  {}", safe(&file.message.replace('\t', "  "))))?;
    }
    if let Some(more) = integrity.failures_total.checked_sub(wide(MAX_FAILURES)).filter(|more| *more > 0) {
        screen.line(&paint(Style::Quiet, &format!("  … and {more} more (`rolechain verify` lists all)")))?;
    }
    Ok(())
}
