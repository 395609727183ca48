//! What `verify` says: the trails first, then every file that failed, then what could not be proved.

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Format;
use super::Options;
use super::RunInfo;
use super::grid::Grid;
use super::grid::Side;
use super::names::UNKNOWN;
use super::names::count;
use super::names::minute;
use super::names::number;
use super::proof;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::wire::Text;
use super::wire::Time;
use super::wire::integrity::Count;
use super::wire::integrity::File;
use super::wire::integrity::Integrity;
use super::wire::integrity::Trail;
use crate::model::integrity;
use crate::model::observations::Counts;
use crate::model::width::wide;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::fit;
use crate::text::redact::Shade;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "rolechain.verify/1";

/// How many gaps are shown.
const MAX_GAPS: usize = 20;

/// How many accounts and regions without digest files are shown.
const MAX_BARE: usize = 60;

/// How many trails are shown.
const MAX_TRAILS: usize = 60;

/// What `verify` tells.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What came of the check.
    pub integrity: &'a integrity::Integrity,
    /// What was read.
    pub counts: &'a Counts,
    /// What belongs to this run.
    pub run: &'a RunInfo,
}

impl Report<'_> {
    /// Says whether there was not one object of CloudTrail: then nothing is said of any.
    pub fn is_nothing_read(&self) -> bool {
        let counts = self.counts;
        counts.objects_read + counts.objects_failed + counts.digests + counts.insights == 0
    }
}

#[derive(Serialize)]
struct Run<'a> {
    version: &'a str,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    sources: &'a [String],
    since: Option<Time>,
    until: Option<Time>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: Run<'a>,
    integrity: Integrity<'a>,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct Line<T> {
    r#type: &'static str,
    #[serde(flatten)]
    row: T,
}

/// Writes it: as JSON, as JSON lines, and in every other case for people.
pub fn render(format: Format, report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let shade = Shade::new(options.redact);
    let row = Integrity::new(report.integrity, shade);
    let files = report.integrity.files.iter().map(|file| File::new(file, shade));
    match format {
        Format::Json => exit::through(Medium::Json, shade, out, |out| {
            let document = Document { schema: SCHEMA, run: run(report.run), integrity: row, files: files.collect() };
            serde_json::to_writer_pretty(&mut *out, &document)?;
            out.write_all(b"\n")
        }),
        Format::Ndjson => exit::through(Medium::Json, shade, out, |out| {
            for row in files {
                serde_json::to_writer(&mut *out, &Line { r#type: "file", row })?;
                out.write_all(b"\n")?;
            }
            serde_json::to_writer(&mut *out, &Line { r#type: "integrity", row })?;
            out.write_all(b"\n")
        }),
        _ => table(report, &row, &mut Screen::new(options, out)),
    }
}

fn run(run: &RunInfo) -> Run<'_> {
    Run {
        version: &run.version,
        started_at: run.started_at.map(Time),
        finished_at: run.finished_at.map(Time),
        sources: &run.sources,
        since: run.since.map(Time),
        until: run.until.map(Time),
    }
}

fn table(report: &Report<'_>, row: &Integrity<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.is_nothing_read() {
        let text = "there is no CloudTrail log or digest file in these sources, so nothing was checked.";
        return screen.paragraph(&format!("{} ", paint(Style::High, "NOTHING READ:")), text, None);
    }
    screen.paragraph("", &verdict(row), None)?;
    if report.counts.objects_failed > 0 {
        let failed = count(report.counts.objects_failed, "object");
        let first = format!("{} ", paint(Style::High, "INCOMPLETE:"));
        screen.paragraph(&first, &format!("{failed} could not be read to the end."), None)?;
    }
    trails(&row.trails, screen)?;
    let failures: Vec<_> = report.integrity.failures().collect();
    if !failures.is_empty() {
        screen.heading("FAILED", &count(wide(failures.len()), "file"))?;
        for file in failures {
            let line = safe(&file.to_string().replace('\t', "  ")).into_owned();
            screen.verbatim(&format!("  {line}"))?;
            if let Some(object) = file.object.as_deref().filter(|object| *object != file.place) {
                screen.verbatim(&paint(Style::Quiet, &format!("    read at {}", safe(object))))?;
            }
        }
    }
    gaps(&row.trails, screen)?;
    bare(row, screen)?;
    unproved(row, screen)
}

/// Says in a few lines what digest files prove.
pub(super) fn verdict(row: &Integrity<'_>) -> String {
    let style = match row.verdict {
        "failed" => Style::High,
        "verified" => Style::Good,
        _ => Style::Medium,
    };
    format!("{} {}", paint(style, &format!("{}:", proof::word(row))), proof::sentence(row))
}

fn trails(trails: &[Trail<'_>], screen: &mut Screen<'_>) -> io::Result<()> {
    if trails.is_empty() {
        return Ok(());
    }
    screen.heading("TRAILS", "verified of all, by account and region; times are UTC")?;
    let mut grid = Grid::new(&[
        ("account", Side::Left),
        ("region", Side::Left),
        ("trail", Side::Left),
        ("digests", Side::Right),
        ("logs", Side::Right),
        ("first hour", Side::Left),
        ("last hour", Side::Left),
        ("empty", Side::Right),
        ("gaps", Side::Right),
    ]);
    for trail in trails.iter().take(MAX_TRAILS) {
        let [account, region, name] = [&trail.account_id, &trail.region, &trail.trail].map(shown);
        grid.row(vec![
            account,
            region,
            name,
            ratio(&trail.all_digests(), 0),
            ratio(&trail.logs, trail.not_in_any_digest),
            minute(trail.first),
            minute(trail.last),
            number(trail.hours_proven_empty),
            number(wide(trail.gaps.len())),
        ]);
    }
    let lines = grid.lines();
    if lines.iter().all(|line| fit::width(line) <= screen.width) {
        for line in lines {
            screen.line(&line)?;
        }
    } else {
        // Nothing of it may be cut: numbers least of all.
        for trail in trails.iter().take(MAX_TRAILS) {
            in_words(trail, screen)?;
        }
    }
    if let Some(more) = trails.len().checked_sub(MAX_TRAILS).filter(|more| *more > 0) {
        screen.line(&paint(Style::Quiet, &format!("  … and {} more (--format json lists all)", number(wide(more)))))?;
    }
    Ok(())
}

/// Tells of a trail in two lines, where a table is too wide.
fn in_words(trail: &Trail<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let [account, region, name] = [&trail.account_id, &trail.region, &trail.trail].map(shown);
    screen.hanging("  ", "    ", &format!("{account} {region} {name}"), Some(Style::Strong))?;
    let gaps = match wide(trail.gaps.len()) {
        0 => "no gaps".to_owned(),
        gaps => count(gaps, "gap"),
    };
    let words = format!(
        "digests {}, logs {}, {} to {}, {} empty, {gaps}",
        ratio(&trail.all_digests(), 0),
        ratio(&trail.logs, trail.not_in_any_digest),
        minute(trail.first),
        minute(trail.last),
        count(trail.hours_proven_empty, "hour"),
    );
    screen.paragraph("    ", &words, None)
}

fn shown(text: &Text<'_>) -> String {
    if text.is_empty() { UNKNOWN.to_owned() } else { safe(text).into_owned() }
}

fn ratio(files: &Count, others: u64) -> String {
    let text = format!("{}/{}", number(files.verified), number(files.all()));
    match () {
        () if files.failed + others > 0 => paint(Style::High, &text),
        () if files.not_verifiable > 0 => paint(Style::Medium, &text),
        () => text,
    }
}

fn gaps(trails: &[Trail<'_>], screen: &mut Screen<'_>) -> io::Result<()> {
    let all: usize = trails.iter().map(|trail| trail.gaps.len()).sum();
    if all == 0 {
        return Ok(());
    }
    screen.heading("GAPS", "hours that no digest file covers")?;
    let gaps = trails.iter().flat_map(|trail| trail.gaps.iter().map(move |gap| (trail, gap)));
    for (trail, gap) in gaps.take(MAX_GAPS) {
        let first = format!("  {} {}  ", safe(&trail.account_id), safe(&trail.region));
        let (from, to) = (minute(Some(gap.from)), minute(Some(gap.to)));
        screen.paragraph(
            &first,
            &format!("{from} to {to} ({}): {}", count(gap.hours, "hour"), proof::gap(gap)),
            None,
        )?;
    }
    if all > MAX_GAPS {
        let more = number(wide(all - MAX_GAPS));
        screen.line(&paint(Style::Quiet, &format!("  … and {more} more (--format json lists all)")))?;
    }
    Ok(())
}

/// Tells of accounts and regions with log files and without any digest file.
fn bare(row: &Integrity<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    if row.without_digests.is_empty() {
        return Ok(());
    }
    screen.heading("NO DIGEST FILES", "accounts and regions with log files and not one digest file")?;
    for bare in proof::worst_first(row).into_iter().take(MAX_BARE) {
        let style = if bare.lost_by.is_some() { Style::High } else { Style::Strong };
        let first = format!("  {}  ", paint(style, &format!("{} {}", safe(&bare.account_id), safe(&bare.region))));
        screen.paragraph(&first, &proof::bare(bare, |trail| safe(trail).into_owned()), None)?;
    }
    if let Some(more) = row.without_digests.len().checked_sub(MAX_BARE).filter(|more| *more > 0) {
        screen.line(&paint(Style::Quiet, &format!("  … and {} more (--format json lists all)", number(wide(more)))))?;
    }
    Ok(())
}

/// Says by reasons what could not be proved.
fn unproved(row: &Integrity<'_>, screen: &mut Screen<'_>) -> io::Result<()> {
    let without = row.logs_without_digests;
    if row.not_verifiable.is_empty() && without == 0 {
        return Ok(());
    }
    screen.heading("NOT VERIFIABLE", "nothing speaks against it, and nothing proves it")?;
    for unproved in &row.not_verifiable {
        let first = format!("  {}: ", count(unproved.files, proof::noun(unproved.kind)));
        screen.paragraph(&first, &safe(&unproved.message), None)?;
    }
    if without > 0 {
        screen.paragraph(&format!("  {}: ", count(without, "log file")), proof::WITHOUT, None)?;
    }
    Ok(())
}
