//! Reconciliation: totals and the parts that must add up to them.

use std::io;

use super::View;
use super::page::Page;
use super::page::number;
use super::page::text;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::lineage::Lineage;
use crate::model::width::wide;
use crate::report::names;

/// A total, and the parts that it is made of.
struct Sum {
    what: &'static str,
    total: u64,
    parts: Vec<(&'static str, u64)>,
    /// True when the total is counted apart from its parts, so that adding up proves something.
    is_proof: bool,
}

impl Sum {
    fn proof(what: &'static str, total: u64, parts: &[(&'static str, u64)]) -> Self {
        Self { what, total, parts: parts.to_vec(), is_proof: true }
    }

    fn split(what: &'static str, total: u64, parts: &[(&'static str, u64)]) -> Self {
        Self { what, total, parts: parts.to_vec(), is_proof: false }
    }

    fn adds_up(&self) -> bool {
        self.parts.iter().map(|(_, number)| number).sum::<u64>() == self.total
    }
}

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("reconciliation", "Reconciliation")?;
    let sums = sums(view);
    let wrong = sums.iter().filter(|sum| !sum.adds_up()).count();
    if wrong > 0 {
        page.put(
            "<p class=\"warning\"><strong>Does not add up:</strong> {} of {} totals. Either the \
            records contradict each other, or this is a fault of \
            rolechain: please report it.</p>\n",
            [&wrong, &sums.len()],
        )?;
    } else {
        page.paragraph(
            "Where a total and its parts were counted independently, they agree: nothing was lost between reading \
            and this page.",
        )?;
    }
    page.table("Totals and their parts", &[text("what"), number("total"), text("parts"), text("adds up")])?;
    for sum in &sums {
        page.row(&sum.what)?;
        page.count(sum.total)?;
        let parts: Vec<String> =
            sum.parts.iter().map(|(word, part)| format!("{} {word}", names::number(*part))).collect();
        page.cell(&format!("= {}", parts.join(" + ")))?;
        page.put(
            "<td class=\"{}\">{}</td>",
            match (sum.adds_up(), sum.is_proof) {
                (true, true) => [&"good", &"✓ counted apart"],
                (true, false) => [&"plain", &"a split of one count"],
                (false, _) => [&"alarm", &"▲ no"],
            },
        )?;
        page.end_row()?;
    }
    page.end_table()?;
    page.end_section()
}

fn sums(view: &View<'_>) -> Vec<Sum> {
    let (lineage, summary) = (view.rows.lineage(), &view.summary);
    let (objects, records) = (&view.coverage.objects, &view.coverage.records);
    let counted = |is: &dyn Fn(&crate::model::chain::Session) -> bool| {
        wide(lineage.sessions.iter().filter(|session| is(session)).count())
    };
    let issued = counted(&|session| session.issuance.is_some());
    let used = counted(&|session| session.use_link.is_some());
    let inner = counted(&|session| session.children.1 > 0);
    let sessions = summary.sessions;
    let in_cells: u64 = lineage.observations.cells.values().map(|cell| cell.records).sum();
    let chains = wide(lineage.chains.len());
    vec![
        Sum::proof(
            "objects listed",
            objects.listed,
            &[
                ("read", objects.read),
                ("not of records (digests, Insight files, not CloudTrail)", objects.skipped),
                ("failed", objects.failed),
            ],
        ),
        Sum::split(
            "records read",
            records.read,
            &[
                ("unique", records.unique),
                ("duplicate", records.duplicate),
                ("malformed", records.malformed),
                ("unsupported", records.unsupported),
            ],
        ),
        Sum::proof(
            "unique records",
            records.unique,
            &[
                ("inside the window, counted in the map above", in_cells),
                ("outside the window", records.outside_window),
            ],
        ),
        assumptions(view, issued),
        Sum::split(
            "sessions",
            sessions,
            &[
                ("issued in these logs", issued),
                ("issued where these logs do not reach", sessions.saturating_sub(issued)),
            ],
        ),
        Sum::split("sessions", sessions, &[("with calls", used), ("without a call", sessions.saturating_sub(used))]),
        Sum::proof(
            "sessions",
            sessions,
            &[("at the end of a chain", chains), ("that issued a further session", inner)],
        ),
        Sum::split(
            "chains",
            chains,
            &[
                ("listed", summary.chains),
                ("single hops of AWS services, not listed", summary.service_chains_not_listed),
            ],
        ),
        Sum::split(
            "listed chains",
            summary.chains,
            &[
                ("complete", summary.chains.saturating_sub(summary.chains_with_gaps)),
                ("with a gap", summary.chains_with_gaps),
            ],
        ),
    ]
}

/// Sessions and records of assumptions are counted apart, so that they prove each other as long as none is left over.
fn assumptions(view: &View<'_>, issued: u64) -> Sum {
    let lineage = view.rows.lineage();
    let total = wide(lineage.observations.assumptions.len());
    let denied = view.summary.denied_assumptions;
    let issuances = lineage.sessions.iter().filter_map(|session| session.issuance);
    let copies = wide(issuances.filter(|issuance| issuance.counterpart.is_some()).count());
    let beside = beside(lineage);
    let left = total.saturating_sub(denied + issued + copies + beside);
    let mut parts = vec![
        ("granted and joined to a session", issued),
        ("other copies of those, from the other account", copies),
        ("denied", denied),
    ];
    if beside > 0 {
        parts.push(("beside the record of STS that counts, or of a token and no session", beside));
    }
    if left > 0 {
        parts.push(("granted, of sessions that ended before the window or that no record uses", left));
    }
    Sum { what: "records of assumptions", total, parts, is_proof: left == 0 }
}

/// Counts the records that stand for no session of their own: a service's call beside that of STS, and tokens of AWS.
fn beside(lineage: &Lineage) -> u64 {
    let is_such = |record: &&Assumption| {
        matches!(record.call, IssuingCall::PodIdentity | IssuingCall::RolesAnywhere | IssuingCall::WebIdentityToken)
            && !record.is_refused()
    };
    let all = lineage.observations.assumptions.iter().filter(is_such).count();
    let counted = lineage.sessions().filter_map(|session| session.issuing_record()).filter(is_such).count();
    wide(all - counted)
}
