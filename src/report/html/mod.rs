//! One self-contained page for those who look rather than read: no network, no script, nothing that foreign text could
//! run or forge.

mod attestation;
mod changes;
mod controls;
mod coverage;
mod days;
mod denied;
mod exceptions;
mod finding;
mod findings;
mod graph;
mod head;
mod integrity;
mod judged;
mod keys;
mod layout;
mod limits;
mod page;
mod provenance;
mod reconciliation;
mod ribbon;
mod routes;
mod themes;
mod timeline;
mod verdict;

use std::io;

use super::Options;
use super::Report;
use super::names::Names;
use super::wire::Rows;
use super::wire::coverage::Coverage;
use super::wire::summary::Summary;
use crate::text::exit::Exit;
use days::Days;
use judged::Judged;
use page::Page;

/// What every part of the page may look at.
struct View<'a> {
    rows: Rows<'a>,
    names: Names<'a>,
    summary: Summary,
    coverage: Coverage<'a>,
    judged: Judged<'a>,
    days: Option<Days>,
}

impl<'a> View<'a> {
    fn new(report: &Report<'a>, options: &Options) -> Self {
        let rows = Rows::new(report, options);
        Self {
            rows,
            names: Names::new(report, options),
            summary: rows.summary(),
            coverage: rows.coverage(),
            judged: Judged::of(&rows),
            days: Days::of(&rows),
        }
    }
}

/// Writes one part of the page.
type Part = fn(&View<'_>, &mut Page<'_>) -> io::Result<()>;

/// The parts, in the order of the page.
const PARTS: [Part; 15] = [
    verdict::write,
    provenance::write,
    changes::write,
    routes::write,
    findings::write,
    timeline::write,
    keys::write,
    denied::write,
    coverage::write,
    integrity::write,
    reconciliation::write,
    exceptions::write,
    controls::write,
    limits::write,
    attestation::write,
];

/// Writes the page, part by part: it is never in memory as a whole.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let view = View::new(report, options);
    let mut page = Page::new(out);
    head::write(&view, &mut page)?;
    for part in PARTS {
        part(&view, &mut page)?;
    }
    page.raw("</main>\n</div>\n</body>\n</html>\n")
}

/// Writes a number with its noun, with plain spaces: a page breaks its lines itself.
fn count(number: u64, noun: &str) -> String {
    super::names::count(number, noun).replace('\u{a0}', " ")
}
