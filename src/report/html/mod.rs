//! One self-contained page for those who look rather than read: no network, no script but the filter, which the page
//! does without, and nothing that foreign text could run or forge.

mod attestation;
mod blocks;
mod changes;
mod controls;
mod coverage;
mod days;
mod finding;
mod findings;
mod grade;
mod graph;
mod head;
mod layout;
mod page;
mod reconciliation;
mod ribbon;
mod routes;
mod steps;
mod themes;
mod timeline;
mod verdict;

use std::collections::BTreeMap;
use std::io;
use std::ops::Deref;

use super::Options;
use super::Report;
use super::document;
use super::document::groups;
use super::document::groups::Group;
use crate::text::exit::Exit;
use days::Days;
use page::Page;

/// What every part of the page may look at: what the document is made of, and the time axis of the drawings.
struct View<'a> {
    told: document::View<'a>,
    groups: Vec<Group<'a>>,
    /// The places of the worst findings about routes and about roles themselves.
    route_findings: BTreeMap<usize, String>,
    role_findings: BTreeMap<String, String>,
    days: Option<Days>,
}

impl<'a> Deref for View<'a> {
    type Target = document::View<'a>;

    fn deref(&self) -> &Self::Target {
        &self.told
    }
}

impl<'a> View<'a> {
    fn new(report: &Report<'a>, options: &Options) -> Self {
        let told = document::View::new(report, options);
        let groups = groups::groups(&told);
        let mut view = Self {
            groups,
            route_findings: BTreeMap::new(),
            role_findings: BTreeMap::new(),
            days: Days::of(&told.rows),
            told,
        };
        // Only what is sure to be on the page is linked. The worst findings come first.
        if report.findings.len() <= findings::MAX_LINES {
            for (at, finding) in report.findings.iter().enumerate().filter(|(_, finding)| finding.is_open()) {
                let place = finding::anchor(&finding.fingerprint);
                for route in view.told.judged.routes_of(at) {
                    view.route_findings.entry(route).or_insert_with(|| place.clone());
                }
                if let Some(role) = finding.key.get("role_arn") {
                    view.role_findings.entry(role.clone()).or_insert(place);
                }
            }
        }
        view
    }
}

/// Writes one part of the page.
type Part = fn(&View<'_>, &mut Page<'_>) -> io::Result<()>;

/// The parts, in the order of the page.
const PARTS: [Part; 17] = [
    verdict::write,
    findings::write,
    routes::write,
    changes::write,
    timeline::write,
    |view, page| blocks::section(&document::keys::section(view), page),
    |view, page| blocks::section(&document::denied::section(view), page),
    coverage::write,
    |view, page| blocks::section(&document::coverage::defects(view), page),
    |view, page| document::integrity::section(view).map_or(Ok(()), |section| blocks::section(&section, page)),
    |view, page| blocks::section(&document::gaps::section(view), page),
    reconciliation::write,
    |view, page| blocks::section(&document::accepted::section(view), page),
    controls::write,
    |_, page| blocks::section(&document::limits::section(), page),
    verdict::provenance,
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
    head::end(&mut page)
}

/// Writes a number with its noun, with plain spaces: a page breaks its lines itself.
fn count(number: u64, noun: &str) -> String {
    super::names::count(number, noun).replace('\u{a0}', " ")
}
