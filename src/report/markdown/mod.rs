//! Markdown for a job summary, a pull request or a wiki: the verdict first, findings folded away one by one.

mod blocks;
mod findings;

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use super::Options;
use super::Report;
use super::document;
use super::document::Block;
use super::document::View;
use super::document::facts;
use super::names;
use crate::model::width::wide;
use crate::text::exit::Exit;
use crate::text::markdown;

/// A job summary of GitHub holds 1 MiB for each step, and is dropped whole when it is longer. The rest is a margin.
const MAX_BYTES: usize = 1_000_000;

/// How much of it findings may take: tables come after them.
const MAX_FINDINGS_BYTES: usize = 800_000;

/// How many rows a table has.
const MAX_ROWS: usize = 50;

/// The longest sentence that is shown, in characters.
const MAX_SENTENCE: usize = 4000;

/// Where the rest is.
const REST: &str = "`--format json` lists all";

/// A page that grows, and knows how much it may.
pub(super) struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Begins a part with its heading.
    fn heading(&mut self, title: &str) {
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self.line(&format!("\n\n## {title}\n"));
    }

    fn has_room(&self, most: usize) -> bool {
        self.text.len() < most
    }

    /// Writes a table; its cells are safe. Says how many rows were left out.
    fn table(&mut self, heads: &[&str], rows: impl Iterator<Item = Vec<String>>, all: usize) {
        self.line(&format!("| {} |", heads.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(heads.len())));
        let mut shown = 0;
        for row in rows.take(MAX_ROWS) {
            if !self.has_room(MAX_BYTES) {
                break;
            }
            self.line(&format!("| {} |", row.join(" | ")));
            shown += 1;
        }
        if all > shown {
            let more = names::number(wide(all - shown));
            let _ = writeln!(self.text, "\n… and {more} more ({REST}).");
        }
    }
}

/// Writes the page.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let view = View::new(report, options);
    let mut page = Page { text: String::new() };
    page.line("# rolechain\n");
    page.line(&format!("**{}**\n", markdown::prose(&facts::sentence(&view))));
    blocks::blocks(&facts::warnings(&view), &mut page);
    findings::write(&view, &mut page);
    for section in view.sections(document::limits::section()) {
        blocks::section(&section, &mut page);
    }
    page.heading("Run");
    blocks::blocks(&[Block::Facts(facts::facts(&view))], &mut page);
    out.write_all(page.text.as_bytes())
}

/// Cuts a sentence that is too long.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SENTENCE).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
