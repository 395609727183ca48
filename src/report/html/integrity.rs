//! Integrity: what CloudTrail's digest files prove of the log files, when they were checked: what failed comes first.

use std::io;

use super::View;
use super::count;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::model::width::wide;
use crate::report::names;
use crate::report::names::UNKNOWN;
use crate::report::names::minute;
use crate::report::proof;
use crate::report::wire::Text;
use crate::report::wire::integrity::Count;
use crate::report::wire::integrity::Integrity;

/// How many rows each table has.
const MAX_ROWS: usize = 200;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let Some(integrity) = &view.coverage.integrity else { return Ok(()) };
    page.section("integrity", "Integrity")?;
    let class = if integrity.verdict == "verified" { "plain" } else { "warning" };
    let sentence = proof::sentence(integrity).replace('\u{a0}', " ");
    page.put("<p class=\"{}\"><strong>{}:</strong> {}</p>\n", [&class, &proof::word(integrity), &sentence])?;
    page.paragraph(
        "A digest file is verified when CloudTrail signed it for its place, a log file when a verified digest file has its \
         hash, and an hour is proven empty when a verified digest file of that hour names no log file.",
    )?;
    failures(integrity, page)?;
    gaps(integrity, page)?;
    bare(integrity, page)?;
    unproved(integrity, page)?;
    trails(integrity, page)?;
    page.end_section()
}

fn failures(integrity: &Integrity<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.put("<h3>Failed: {}</h3>\n", [&count(integrity.failures_total, "file")])?;
    if integrity.failures.is_empty() {
        return page.paragraph("No file was changed, moved, added or missing, as far as digest files tell.");
    }
    page.table("Files that failed", &[text("what"), text("file"), text("why")])?;
    for file in integrity.failures.iter().take(MAX_ROWS) {
        page.row(&proof::noun(file.kind))?;
        match file.object.as_ref().filter(|object| **object != file.place) {
            Some(object) => {
                page.put("<td><code>{}</code><br>read at <code>{}</code></td>", [&file.place, object])?;
            }
            None => page.code(&file.place)?,
        }
        page.put("<td class=\"alarm\">{}</td>", [&file.why])?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, usize::try_from(integrity.failures_total).unwrap_or(usize::MAX), "files")
}

fn gaps(integrity: &Integrity<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let all: usize = integrity.trails.iter().map(|trail| trail.gaps.len()).sum();
    if all == 0 {
        return Ok(());
    }
    page.put("<h3>Gaps: {}</h3>\n", [&names::number(wide(all))])?;
    let columns =
        [text("account"), text("region"), text("trail"), text("from"), text("to"), number("hours"), text("why")];
    page.table("Hours that no digest file covers", &columns)?;
    let gaps = integrity.trails.iter().flat_map(|trail| trail.gaps.iter().map(move |gap| (trail, gap)));
    for (trail, gap) in gaps.take(MAX_ROWS) {
        page.row(&name(&trail.account_id))?;
        page.cell(&name(&trail.region))?;
        page.cell(&name(&trail.trail))?;
        page.time(&minute(Some(gap.from)))?;
        page.time(&minute(Some(gap.to)))?;
        page.count(gap.hours)?;
        page.cell(&proof::gap(gap))?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, all, "gaps")
}

fn bare(integrity: &Integrity<'_>, page: &mut Page<'_>) -> io::Result<()> {
    if integrity.without_digests.is_empty() {
        return Ok(());
    }
    page.put("<h3>Without digest files: {}</h3>\n", [&proof::places(integrity.without_digests.len())])?;
    page.table("Log files without any digest file", &[text("account"), text("region"), text("what is known")])?;
    for bare in proof::worst_first(integrity).into_iter().take(MAX_ROWS) {
        page.row(&bare.account_id)?;
        page.cell(&bare.region)?;
        let words = proof::bare(bare, str::to_owned).replace('\u{a0}', " ");
        let class = if bare.lost_by.is_some() { "notice" } else { "plain" };
        page.put("<td class=\"{}\">{}</td>", [&class, &words])?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, integrity.without_digests.len(), "regions of accounts")
}

fn unproved(integrity: &Integrity<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let without = integrity.logs_without_digests;
    if integrity.not_verifiable.is_empty() && without == 0 {
        return Ok(());
    }
    page.raw("<h3>Not verifiable</h3>\n")?;
    page.table("Files that nothing speaks against and nothing proves", &[text("what"), number("files"), text("why")])?;
    for unproved in &integrity.not_verifiable {
        page.row(&proof::noun(unproved.kind))?;
        page.count(unproved.files)?;
        page.cell(&unproved.message)?;
        page.end_row()?;
    }
    if without > 0 {
        page.row(&"log file")?;
        page.count(without)?;
        page.cell(&proof::WITHOUT)?;
        page.end_row()?;
    }
    page.end_table()
}

fn trails(integrity: &Integrity<'_>, page: &mut Page<'_>) -> io::Result<()> {
    if integrity.trails.is_empty() {
        return Ok(());
    }
    page.raw("<h3>Trails</h3>\n")?;
    page.table(
        "Digest files and log files of each trail: verified of all",
        &[
            text("account"),
            text("region"),
            text("trail"),
            number("digest files"),
            number("log files"),
            text("first hour"),
            text("last hour"),
            number("hours proven empty"),
            number("gaps"),
        ],
    )?;
    for trail in integrity.trails.iter().take(MAX_ROWS) {
        page.row(&name(&trail.account_id))?;
        page.cell(&name(&trail.region))?;
        page.cell(&name(&trail.trail))?;
        ratio(&trail.all_digests(), 0, page)?;
        ratio(&trail.logs, trail.not_in_any_digest, page)?;
        page.time(&minute(trail.first))?;
        page.time(&minute(trail.last))?;
        page.count(trail.hours_proven_empty)?;
        page.count(wide(trail.gaps.len()))?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, integrity.trails.len(), "trails")
}

fn ratio(files: &Count, others: u64, page: &mut Page<'_>) -> io::Result<()> {
    let class = match () {
        () if files.failed + others > 0 => "n alarm",
        () if files.not_verifiable > 0 => "n notice",
        () => "n",
    };
    let sign = match () {
        () if files.failed + others > 0 => "▲ ",
        () if files.not_verifiable > 0 => "△ ",
        () => "",
    };
    let (verified, all) = (names::number(files.verified), names::number(files.all()));
    page.put("<td class=\"{}\">{}{}/{}</td>", [&class, &sign, &verified, &all])
}

fn name<'t>(text: &'t Text<'_>) -> &'t str {
    if text.is_empty() { UNKNOWN } else { text }
}
