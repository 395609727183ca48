//! What `verify` says: the trails first, then every file that failed, then what could not be proved.

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Format;
use super::Options;
use super::RunInfo;
use super::document::integrity::sections;
use super::names::count;
use super::proof;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::table::blocks;
use super::wire::Time;
use super::wire::integrity::File;
use super::wire::integrity::Integrity;
use crate::model::integrity;
use crate::model::observations::Counts;
use crate::model::width::wide;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "rolechain.verify/1";

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
        _ => table(report, &row, options.all, &mut Screen::new(options, out)),
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

fn table(report: &Report<'_>, row: &Integrity<'_>, all: bool, screen: &mut Screen<'_>) -> io::Result<()> {
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
    sections(row).iter().try_for_each(|section| blocks::section(section, all, screen))
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
