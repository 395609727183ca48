//! Annotations of GitHub Actions: one workflow command for each finding, the worst first.

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use super::Options;
use super::Report;
use super::line;
use super::names;
use super::place;
use super::wire::Rows;
use super::wire::finding::Finding;
use crate::model::width::wide;
use crate::text::exit::Exit;
use crate::text::workflow;

/// How many annotations of one level GitHub shows for a step: more are dropped, and nobody is told.
const MAX_OF_LEVEL: usize = 10;

/// The severities of each level.
const LEVELS: [(&str, &[&str]); 3] =
    [("error", &["critical", "high"]), ("warning", &["medium"]), ("notice", &["low", "info"])];

/// Writes the commands, and at last one notice with the verdict.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let open: Vec<Finding<'_>> = rows.findings().filter(|finding| finding.status != "excepted").collect();
    let mut left_out = 0;
    for (level, severities) in LEVELS {
        // The verdict is a notice, too, and so is what was left out.
        let most = if level == "notice" { MAX_OF_LEVEL - 1 } else { MAX_OF_LEVEL };
        let of_level: Vec<_> = open.iter().filter(|finding| severities.contains(&finding.severity)).collect();
        for finding in of_level.iter().take(most) {
            write_one(report, level, finding, out)?;
        }
        left_out += of_level.len().saturating_sub(most);
    }
    let mut verdict = line::summary(report, options);
    if left_out > 0 {
        let more = names::count(wide(left_out), "more finding").replace('\u{a0}', " ");
        let _ = write!(
            verdict,
            " · {more} not annotated: GitHub shows {MAX_OF_LEVEL} of a level; the other formats list all"
        );
    }
    writeln!(out, "::notice title=rolechain::{}", workflow::message(&[&verdict]))
}

fn write_one(report: &Report<'_>, level: &str, finding: &Finding<'_>, out: &mut Exit<'_>) -> io::Result<()> {
    let place = place::of(report, &finding.fingerprint);
    let file = if place.exists && !place.file.starts_with('/') {
        let file = place.file.strip_prefix("./").unwrap_or(&place.file);
        format!("file={},line={},", workflow::property(file), place.line)
    } else {
        String::new()
    };
    let title = workflow::property(&format!("{}: {}", finding.severity, finding.title));
    let text = workflow::message(&[&finding.message, &format!("Fix: {}", finding.remediation), finding.rule]);
    writeln!(out, "::{level} {file}title={title}::{text}")
}
