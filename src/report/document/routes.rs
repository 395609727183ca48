//! Routes: who reached which role, how often, what they changed, and what findings say of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use super::count;
use super::moment;
use crate::model::finding::Severity;
use crate::model::route;
use crate::provider;
use crate::provider::Issuer;
use crate::provider::Subject;
use crate::report::names::via;
use crate::report::wire::chain::Route;

/// How many of the busiest routes that no finding names a terminal shows.
const BUSIEST: usize = 12;

/// How many of the rarest ones it shows: what is rare is not hidden by what is busy.
const RAREST: usize = 8;

const COLUMNS: [Column; 8] = [
    Column::new("judged", Kind::Words),
    Column::new("from", Kind::Words),
    Column::new("origin", Kind::Name).flowing(""),
    Column::new("roles", Kind::Name).flowing("→ "),
    Column::new("runs", Kind::Number),
    Column::new("calls", Kind::Number).detail(),
    Column::new("writes", Kind::Number),
    Column::new("last call", Kind::Time),
];

/// Returns the numbers of the listed routes: what findings name first, the worst before all, and then the busiest.
pub(in crate::report) fn listed(view: &View<'_>) -> Vec<usize> {
    let routes = view.rows.lineage().routes.iter().enumerate();
    let mut listed: Vec<usize> =
        routes.filter(|(_, route)| view.rows.is_shown(route.is_listed)).map(|(at, _)| at).collect();
    // The lineage has the busiest first.
    listed.sort_by_key(|at| Reverse(judgment(view, *at)));
    listed
}

/// Returns the worst finding about who came a route.
pub(in crate::report) fn judgment(view: &View<'_>, route: usize) -> Option<Severity> {
    view.judged.routes.get(route).copied().flatten()
}

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let summary = &view.summary;
    let services = match summary.service_chains_not_listed {
        0 => String::new(),
        hidden => format!(
            "; {} that AWS services began by themselves not listed (--include-services)",
            count(hidden, "chain")
        ),
    };
    let mut section = Section { id: "routes", title: "Routes", note: String::new(), blocks: Vec::new() };
    let listed = listed(view);
    if listed.is_empty() {
        section.note = format!("no role was assumed{services}");
        return section;
    }
    let flagged = listed.iter().filter(|at| judgment(view, **at).is_some()).count();
    let named = match flagged {
        0 => String::new(),
        1 => "; 1 has findings".to_owned(),
        flagged => format!("; {flagged} have findings"),
    };
    let rows = folded(view, &listed);
    let folds =
        if rows.len() < listed.len() { format!(" in {}", super::count_of(rows.len(), "row")) } else { String::new() };
    let (routes, chains) = (count(summary.routes, "route"), count(summary.chains, "chain"));
    section.note = format!("{routes}{folds}, {chains}{named}{services}");
    let mut table = Table::new("Routes: the same origin and the same roles; those with findings come first", &COLUMNS);
    for routes in rows {
        table.row(cells(view, &routes));
    }
    table.all = table.rows.len();
    (table.short, table.tail) = (flagged + BUSIEST, RAREST);
    section.blocks.push(table.block());
    section
}

/// Puts routes into one row that differ only in what changes with every run: tags, merge queues, builds.
fn folded(view: &View<'_>, listed: &[usize]) -> Vec<Vec<usize>> {
    let lineage = view.rows.lineage();
    let mut rows: Vec<Vec<usize>> = Vec::new();
    let mut known: BTreeMap<((String, String), Vec<&str>), usize> = BTreeMap::new();
    for at in listed {
        let route = lineage.routes.get(*at);
        let roles = |route: &route::Route| route.role_arns.iter().map(|role| lineage.str(*role)).collect();
        let subject = pattern(view, *at).map(|subject| (subject.issuer, subject.raw));
        let key = route.and_then(|route| Some((subject?, roles(route))));
        match key.map(|key| *known.entry(key).or_insert(rows.len())).filter(|row| *row < rows.len()) {
            Some(row) => rows.get_mut(row).into_iter().for_each(|row| row.push(*at)),
            None => rows.push(vec![*at]),
        }
    }
    rows
}

/// Returns the subject of a route's origin as it is in every run, when something of it changes.
fn pattern(view: &View<'_>, at: usize) -> Option<Subject> {
    let lineage = view.rows.lineage();
    let origin = lineage.origin(lineage.routes.get(at)?.origin);
    let issuer = Issuer::of(&lineage.kinds, origin.provider.as_deref()?);
    Some(issuer.parse(&issuer.every_run(origin.subject.as_deref()?)?))
}

fn cells(view: &View<'_>, routes: &[usize]) -> Vec<Cell> {
    let judged = routes.iter().filter_map(|at| judgment(view, *at)).max();
    let judged = judged.map_or_else(Cell::default, |severity| Cell::marked(severity.name(), severity.into()));
    let lineage = view.rows.lineage();
    let rows: Vec<Route<'_>> =
        routes.iter().filter_map(|at| lineage.routes.get(*at)).map(|route| view.rows.route(route)).collect();
    let Some(first) = rows.first() else { return Vec::new() };
    let sum = |of: fn(&Route<'_>) -> u64| rows.iter().map(of).sum::<u64>();
    let last = rows.iter().filter_map(|route| route.activity.last_event).max();
    let pattern = routes.first().filter(|_| rows.len() > 1).and_then(|at| pattern(view, *at));
    let origin = match pattern {
        Some(subject) => {
            let spoken = provider::spoken(&subject).unwrap_or(subject.raw);
            format!("{} ({})", view.rows.shade.text(&spoken), super::count_of(rows.len(), "subject"))
        }
        None => view.names.origin(&first.origin, usize::MAX),
    };
    vec![
        judged,
        via(&first.origin).into(),
        origin.into(),
        view.names.path(&first.roles(), usize::MAX).into(),
        sum(|route| route.chains).into(),
        sum(|route| route.activity.calls).into(),
        sum(|route| route.activity.writes).into(),
        last.map_or_else(|| "no call".to_owned(), |last| moment(Some(last))).into(),
    ]
}

impl From<Severity> for Mark {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Alarm,
            Severity::Medium | Severity::Low => Self::Notice,
            Severity::Info => Self::Plain,
        }
    }
}
