//! The terminal report: the verdict first, then what to look at, then what it rests on and what could not be seen.

pub(super) mod blocks;
mod findings;

use std::io;

use super::Options;
use super::Report;
use super::document;
use super::document::View;
use super::document::facts;
use super::document::facts::Verdict;
use super::screen::Screen;
use super::screen::Style;
use super::screen::safe;

/// Writes the terminal report.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(report, options);
    let mut screen = Screen::new(options, out);
    let style = match facts::verdict(&view) {
        Verdict::Good => Style::Good,
        Verdict::Notice => Style::Strong,
        Verdict::Alarm => Style::High,
    };
    screen.paragraph("", &safe(&facts::sentence(&view)), Some(style))?;
    blocks::blocks(&facts::warnings(&view), true, &mut screen)?;
    findings::write(&view, &mut screen)?;
    for section in view.sections(document::limits::in_short()) {
        blocks::section(&section, options.all, &mut screen)?;
    }
    screen.heading("RUN", "")?;
    blocks::blocks(&[document::Block::Facts(facts::facts(&view))], true, &mut screen)
}
