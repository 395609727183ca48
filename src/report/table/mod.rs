//! The terminal report: the verdict first, then what it rests on, then what could not be seen.

mod coverage;
mod denied;
mod findings;
mod gaps;
mod integrity;
pub(super) mod keys;
pub(super) mod routes;
pub(super) mod verdict;

use crate::model::width::wide;
use std::io;

use super::Options;
use super::Report;
use super::limits;
use super::names::Names;
use super::names::number;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::wire::Rows;

/// Writes the terminal report.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let names = Names::new(report, options);
    let mut screen = Screen::new(options, out);
    let coverage = rows.coverage();
    verdict::write(&rows, &coverage, &mut screen)?;
    routes::write(&rows, names, &mut screen, Some(routes::MAX_ROUTES), "no role was assumed")?;
    findings::write(&rows, &mut screen)?;
    keys::write(&rows, names, &mut screen)?;
    denied::write(&rows, names, &mut screen)?;
    coverage::write(&coverage, names, &mut screen)?;
    integrity::write(coverage.integrity.as_ref(), &mut screen)?;
    gaps::write(&rows, &mut screen)?;
    screen.heading("LIMITS", "")?;
    screen.paragraph("  ", limits::IN_SHORT, Some(Style::Quiet))
}

/// Says in one line that a section is empty.
fn empty(screen: &mut Screen<'_>, title: &str, words: &str) -> io::Result<()> {
    screen.heading(title, words)
}

/// Says how many rows were left out, if any.
fn rest(screen: &mut Screen<'_>, shown: usize, all: usize) -> io::Result<()> {
    if all <= shown {
        return Ok(());
    }
    let more = number(wide(all - shown));
    screen.line(&paint(Style::Quiet, &format!("  … and {more} more (--format json lists all)")))
}
