//! Reconciliation: totals and the parts that must add up to them.

use super::Block;
use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
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

const COLUMNS: [Column; 4] = [
    Column::new("what", Kind::Words),
    Column::new("total", Kind::Number),
    Column::new("parts", Kind::Words).flowing(""),
    Column::new("adds up", Kind::Words),
];

/// Says whether every total is the sum of its parts.
pub(in crate::report) fn adds_up(view: &View<'_>) -> bool {
    sums(view).iter().all(Sum::adds_up)
}

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let sums = sums(view);
    let wrong = sums.iter().filter(|sum| !sum.adds_up()).count();
    let (mut note, mut blocks) = (String::new(), Vec::new());
    if wrong > 0 {
        blocks.push(Block::Warning(
            "Does not add up",
            format!(
                "{wrong} of {} totals. Either the records contradict each other, or this is a fault of rolechain: \
                 please report it.",
                sums.len()
            ),
        ));
    } else {
        "where a total and its parts were counted independently, they agree: nothing was lost between reading and this \
         report"
            .clone_into(&mut note);
    }
    let mut table = Table::new("Totals and their parts", &COLUMNS);
    table.short = usize::MAX;
    for sum in &sums {
        let parts: Vec<String> =
            sum.parts.iter().map(|(word, part)| format!("{} {word}", names::number(*part))).collect();
        let (word, mark) = match (sum.adds_up(), sum.is_proof) {
            (true, true) => ("✓ counted apart", Mark::Good),
            (true, false) => ("a split of one count", Mark::Plain),
            (false, _) => ("no", Mark::Alarm),
        };
        table.row(vec![
            sum.what.into(),
            sum.total.into(),
            format!("= {}", parts.join(" + ")).into(),
            Cell::marked(word, mark),
        ]);
    }
    blocks.push(table.block());
    Section { id: "reconciliation", title: "Reconciliation", note, blocks }
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
                ("inside the window, counted by account and day", in_cells),
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
