//! Deployments: each session or key that changed something, with its CI run, and whether it was expected. The newest come first.

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
use crate::model::finding::Severity;
use crate::provider::ci_run;
use crate::report::judged::Judged;
use crate::report::judged::Judgment;
use crate::report::links;
use crate::report::names::via;
use crate::report::production;
use crate::report::production::Change;
use crate::report::run_words;
use crate::report::wire::Time;

/// How many are listed.
const MAX_LISTED: usize = 500;

const COLUMNS: [Column; 10] = [
    Column::new("judged", Kind::Words),
    Column::new("last call", Kind::Time),
    Column::new("from", Kind::Words),
    Column::new("origin", Kind::Name).flowing(""),
    Column::new("roles", Kind::Name).flowing("→ "),
    Column::new("run", Kind::Words),
    Column::new("commit", Kind::Words).detail(),
    Column::new("people", Kind::Words).flowing("by: "),
    Column::new("missing", Kind::Words).flowing("missing: "),
    Column::new("writes", Kind::Number),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let mut changed = production::changed(&view.rows);
    changed.sort_by_key(|by| Reverse(by.activity().last_event));
    let mut section = Section { id: "deployments", title: "Deployments", note: String::new(), blocks: Vec::new() };
    if changed.is_empty() {
        "nothing was changed, as far as these logs say".clone_into(&mut section.note);
        return section;
    }
    section.note = format!(
        "{}: each is all that one session, or one long-lived key, wrote; a run that a token does not prove is a claim, and \
         without CI evidence people and commits are what the workflow says of itself",
        count_of(changed.len(), "change")
    );
    let judged = Judged::of(&view.rows);
    let mut table = Table::new("Changes, the newest first", &COLUMNS);
    for by in changed.iter().take(MAX_LISTED) {
        table.row(cells(view, &Change::of(&view.rows, &judged, *by)));
    }
    table.all = changed.len();
    section.blocks.push(table.block());
    section
}

fn cells(view: &View<'_>, change: &Change<'_>) -> Vec<Cell> {
    let run = change.named_run.as_ref();
    let (proof, address) = match run {
        Some(run) if run.basis == "proved" => ("", Some(run.url.clone())),
        // A link would look like a proof.
        Some(_) => ("claims ", None),
        None => ("", None),
    };
    let [from, origin, roles] = way(view, change);
    let at_host = address.as_ref().and(origin.link.as_deref()).zip(change.commit());
    let commit = at_host.and_then(|(repository, commit)| links::commit(repository, commit));
    vec![
        judgment(view, &change.judgment),
        moment(change.activity.last_event.map(Time)).into(),
        from,
        origin,
        roles,
        Cell::from(run.map(|run| format!("{proof}{}", run.run_id)).unwrap_or_default()).linked(address),
        Cell::from(change.commit().map(run_words::short).unwrap_or_default()).linked(commit),
        change.people().unwrap_or_default().into(),
        // Without files of a CI system all of it would be missing, and is not asked for.
        view.rows.report.ci.and_then(|_| change.gap()).unwrap_or_default().into(),
        change.activity.writes.into(),
    ]
}

/// Returns where it came from, who that is, and through which roles.
fn way(view: &View<'_>, change: &Change<'_>) -> [Cell; 3] {
    let Some((session, chain)) = change.session else {
        let user = view.names.principal(&change.origin, usize::MAX);
        let key = change.access_key_id().unwrap_or_default();
        return ["key".into(), format!("{key} of {user}").into(), "used directly, no role".into()];
    };
    let origin = view.rows.origin(session.origin());
    let roles = view.rows.roles_to(chain, session.id);
    [
        via(&origin).into(),
        Cell::from(view.names.origin(&origin, usize::MAX))
            .linked(session.origin().token.as_ref().and_then(ci_run::repository_url)),
        Cell::from(view.names.path(&roles, usize::MAX)).linked(roles.last().and_then(|role| links::identity(role))),
    ]
}

/// Says whether it was expected.
fn judgment(view: &View<'_>, judgment: &Judgment<'_>) -> Cell {
    let severity = judgment.severity.and_then(Severity::parse);
    let mark = match (judgment.expected, severity) {
        ("yes", _) => Mark::Good,
        ("accepted", _) | (_, None) => Mark::Plain,
        (_, Some(severity)) => severity.into(),
    };
    Cell::marked(judgment.plain(), mark).linked(judgment.fingerprint.as_deref().and_then(|it| view.place(it)))
}
