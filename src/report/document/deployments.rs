//! Deployments: every chain that changed something, with its CI run, and whether it was expected. The newest come first.

use std::cmp::Reverse;

use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use super::count_of;
use super::moment;
use crate::model::chain::Activity;
use crate::model::chain::Chain;
use crate::model::finding::Severity;
use crate::model::width::place;
use crate::provider::ci_run;
use crate::report::judged::Judged;
use crate::report::links;
use crate::report::names::via;
use crate::report::production;
use crate::report::run_words;
use crate::report::wire::Time;

/// How many are listed.
const MAX_LISTED: usize = 500;

/// How much of a commit's hash is shown: more than any repository needs.
const HASH: usize = 12;

const COLUMNS: [Column; 11] = [
    Column::new("judged", Kind::Words),
    Column::new("last call", Kind::Time),
    Column::new("from", Kind::Words),
    Column::new("origin", Kind::Name).flowing(""),
    Column::new("roles", Kind::Name).flowing("→ "),
    Column::new("run", Kind::Words),
    Column::new("commit", Kind::Words).detail(),
    Column::new("actor", Kind::Words).detail(),
    Column::new("people", Kind::Words).flowing("by: "),
    Column::new("missing", Kind::Words).flowing("missing: "),
    Column::new("writes", Kind::Number),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let lineage = view.rows.lineage();
    let totals = lineage.handed_down(|session, above: Option<&Activity>| {
        let mut total = session.activity();
        total.merge(&above.copied().unwrap_or_default());
        total
    });
    let listed = lineage.chains.iter().filter(|chain| view.rows.is_shown(chain.is_listed));
    let with_total = listed.filter_map(|chain| Some((chain, totals.get(place(lineage.leaf(chain).id.0))?)));
    let mut deployments: Vec<(&Chain, &Activity)> = with_total.filter(|(_, total)| total.writes > 0).collect();
    deployments.sort_by_key(|(chain, total)| (Reverse(total.last_event), chain.id));
    let mut section = Section { id: "deployments", title: "Deployments", note: String::new(), blocks: Vec::new() };
    if deployments.is_empty() {
        "no chain changed anything, as far as these logs say".clone_into(&mut section.note);
        return section;
    }
    section.note = format!(
        "{} that changed something; run, commit and actor are what the workflow says of itself, and a run that a token \
         does not prove is a claim; what keys did directly is under long-lived keys",
        count_of(deployments.len(), "chain")
    );
    let judged = Judged::of(&view.rows);
    let mut table = Table::new("Chains that changed something, the newest first", &COLUMNS);
    for (chain, total) in deployments.iter().take(MAX_LISTED) {
        table.row(cells(view, &judged, chain, total));
    }
    table.all = deployments.len();
    section.blocks.push(table.block());
    section
}

fn cells(view: &View<'_>, judged: &Judged<'_>, chain: &Chain, total: &Activity) -> Vec<Cell> {
    let lineage = view.rows.lineage();
    let origin = view.rows.origin(lineage.origin_of(chain));
    let roles = view.rows.roles_of(chain);
    let run = view.rows.ci_run(chain);
    let repository = lineage.origin_of(chain).token.as_ref().and_then(ci_run::repository_url);
    let (proof, address) = match &run {
        Some(run) if run.basis == "proved" => ("", Some(run.url.clone())),
        // A link would look like a proof.
        Some(_) => ("claims ", None),
        None => ("", None),
    };
    let tag = |key| {
        let value = chain.path.iter().find_map(|id| lineage.session(*id).tag(key));
        value.map(|value| view.rows.shade.text(value).into_owned()).unwrap_or_default()
    };
    let commit = tag("Commit");
    let at_host = address.as_ref().and(repository.as_deref()).and_then(|repository| links::commit(repository, &commit));
    let ci = view.rows.ci(chain);
    // Without files of a CI system all of it would be missing, and is not asked for.
    let missing = view.rows.report.ci.and_then(|_| production::gap(ci.as_ref(), run.is_some()));
    vec![
        judgment(view, judged, chain),
        moment(total.last_event.or(lineage.leaf(chain).issued()).map(Time)).into(),
        via(&origin).into(),
        Cell::from(view.names.origin(&origin, usize::MAX)).linked(repository),
        Cell::from(view.names.path(&roles, usize::MAX)).linked(roles.last().and_then(|role| links::identity(role))),
        Cell::from(run.map(|run| format!("{proof}{}", run.run_id)).unwrap_or_default()).linked(address),
        Cell::from(commit.chars().take(HASH).collect::<String>()).linked(at_host),
        // Where the CI system says who it was, the tag says nothing more.
        if ci.as_ref().is_some_and(|ci| ci.started_by.is_some()) { Cell::default() } else { tag("Actor").into() },
        ci.as_ref().and_then(run_words::people).unwrap_or_default().into(),
        Cell::from(missing.unwrap_or_default()),
        total.writes.into(),
    ]
}

/// Says whether it was expected.
fn judgment(view: &View<'_>, judged: &Judged<'_>, chain: &Chain) -> Cell {
    let judgment = judged.chain(chain);
    let severity = Severity::WORST_FIRST.into_iter().find(|severity| Some(severity.name()) == judgment.severity);
    let place = judgment.fingerprint.as_deref().and_then(|fingerprint| view.place(fingerprint));
    match (judgment.expected, severity.zip(judgment.rule)) {
        ("yes", _) => Cell::marked("expected", Mark::Good),
        ("accepted", _) => "accepted".into(),
        (_, Some((severity, rule))) => {
            Cell::marked(format!("{}: {rule}", severity.name()), severity.into()).linked(place)
        }
        _ => "no finding".into(),
    }
}
