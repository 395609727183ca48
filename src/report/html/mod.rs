//! One self-contained page for those who look rather than read: no network, no script but the filter, which the page
//! does without, and nothing that foreign text could run or forge.

mod blocks;
mod coverage;
mod days;
mod finding;
mod findings;
mod graph;
mod head;
mod layout;
mod page;
mod ribbon;
mod routes;
mod steps;
mod timeline;
mod verdict;

use std::collections::BTreeMap;
use std::io;
use std::ops::Deref;

use maud::Markup;

use super::Options;
use super::Report;
use super::document;
use super::document::Section;
use super::document::groups;
use super::document::groups::Group;
use crate::text::exit::Exit;
use days::Days;

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
        // The worst findings come first.
        for (at, finding) in report.findings.iter().enumerate().filter(|(_, finding)| finding.is_open()) {
            let Some(place) = view.told.place(&finding.fingerprint) else { break };
            for route in view.told.judged.routes_of(at) {
                view.route_findings.entry(route).or_insert_with(|| place.clone());
            }
            if let Some(role) = finding.key.get("role_arn") {
                view.role_findings.entry(role.clone()).or_insert(place);
            }
        }
        view
    }
}

/// Makes one part of the page.
type Part = fn(&View<'_>) -> Markup;

/// The parts in the order of the page, with their ids and names.
const PARTS: [(&str, &str, Part); 19] = [
    ("verdict", "Verdict", verdict::section),
    ("findings", "Findings", findings::section),
    ("routes", "Routes", routes::section),
    ("deployments", "Deployments", |view| blocks::section(&document::deployments::section(view))),
    ("changes", "What changed", |view| blocks::section(&document::changes::section(view))),
    ("timeline", "Timeline", timeline::section),
    ("keys", "Long-lived keys", |view| blocks::section(&document::keys::section(view))),
    ("denied", "Denied attempts", |view| blocks::section(&document::denied::section(view))),
    ("coverage", "Coverage", coverage::section),
    ("defects", "Defects", |view| blocks::section(&document::coverage::defects(view))),
    (EVIDENCE, "CI evidence", |view| optional(document::evidence::section(view))),
    (INTEGRITY, "Integrity", |view| optional(document::integrity::section(view))),
    ("gaps", "Gaps", |view| blocks::section(&document::gaps::section(view))),
    ("reconciliation", "Reconciliation", |view| blocks::section(&document::reconciliation::section(view))),
    ("exceptions", "Accepted", |view| blocks::section(&document::accepted::section(view))),
    ("controls", "Controls", |view| blocks::section(&document::controls::section(view))),
    ("limits", "Limits", |_| blocks::section(&document::limits::section())),
    ("provenance", "Provenance", verdict::provenance),
    ("attestation", "Attestation", verdict::attestation),
];

/// The part that is there only when digest files were checked.
const INTEGRITY: &str = "integrity";

/// The part that is there only with files of a CI system.
const EVIDENCE: &str = "evidence";

fn optional(section: Option<Section>) -> Markup {
    section.map_or_else(Markup::default, |section| blocks::section(&section))
}

/// Writes the page, part by part: it is never in memory as a whole.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let view = View::new(report, options);
    let is_there = |id: &str| match id {
        INTEGRITY => view.coverage.integrity.is_some(),
        EVIDENCE => report.ci.is_some(),
        _ => true,
    };
    let parts = || PARTS.into_iter().filter(|(id, ..)| is_there(id));
    let contents: Vec<(&str, &str)> = parts().map(|(id, name, _)| (id, name)).collect();
    head::write(&view, &contents, out)?;
    for (.., part) in parts() {
        page::write(&part(&view), out)?;
    }
    head::end(out)
}

/// Writes a number with its noun, with plain spaces: a page breaks its lines itself.
fn count(number: u64, noun: &str) -> String {
    super::names::count(number, noun).replace('\u{a0}', " ")
}
