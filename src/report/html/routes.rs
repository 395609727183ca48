//! Routes: drawn from subjects through roles and accounts to services, and the same as a table.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;

use super::View;
use super::count;
use super::graph::Drawn;
use super::graph::Graph;
use super::judged::Grade;
use super::layout;
use super::page::Page;
use super::page::number;
use super::page::text;
use super::ribbon;
use crate::model::width::wide;
use crate::report::names::minute;
use crate::report::names::via;

/// How many routes are drawn.
const MAX_DRAWN: usize = 24;

/// How many of them are there because they are flagged; the others because they are busy.
const MAX_FLAGGED: usize = 16;

/// How many routes the table holds.
const MAX_ROWS: usize = 200;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("routes", "Routes")?;
    let listed: Vec<usize> = listed(view);
    if listed.is_empty() {
        page.paragraph("No role was assumed.")?;
        return page.end_section();
    }
    let chosen = chosen(view, &listed);
    let flagged = listed.iter().filter(|at| grade(view, **at) > Grade::Plain).count();
    page.paragraph(&format!(
        "{} of {}; findings speak of {flagged}. A route is the chains with the same origin and the same roles; a run is \
         one chain.",
        count(wide(listed.len()), "route"),
        count(view.summary.chains, "chain"),
    ))?;
    let drawn = drawn(view, &chosen);
    let (caption, left_out) = caption(view, &listed, &chosen);
    ribbon::write(&layout::lay_out(Graph::of(view, &drawn)), &caption, page)?;
    page.note(&left_out)?;
    table(view, &listed, page)?;
    page.end_section()
}

/// Returns the numbers of the listed routes, the busiest first.
fn listed(view: &View<'_>) -> Vec<usize> {
    let routes = view.rows.lineage().routes.iter().enumerate();
    routes.filter(|(_, route)| view.rows.is_shown(route.is_listed)).map(|(at, _)| at).collect()
}

fn grade(view: &View<'_>, route: usize) -> Grade {
    view.judged.routes.get(route).copied().unwrap_or_default()
}

/// Chooses what is drawn: the worst flagged routes and then the busiest, in the order of the report. What is rare and
/// wrong must not hide behind what is busy.
fn chosen(view: &View<'_>, listed: &[usize]) -> Vec<usize> {
    let mut flagged: Vec<usize> = listed.iter().copied().filter(|at| grade(view, *at) > Grade::Plain).collect();
    flagged.sort_by_key(|at| Reverse(grade(view, *at)));
    let mut chosen: BTreeSet<usize> = flagged.into_iter().take(MAX_FLAGGED).collect();
    for at in listed {
        if chosen.len() >= MAX_DRAWN {
            break;
        }
        chosen.insert(*at);
    }
    chosen.into_iter().collect()
}

fn caption(view: &View<'_>, listed: &[usize], chosen: &[usize]) -> (String, String) {
    let flagged = |routes: &[usize]| routes.iter().filter(|at| grade(view, **at) > Grade::Plain).count();
    let (drawn, left) = (wide(chosen.len()), wide(listed.len() - chosen.len()));
    let caption =
        format!("{} drawn: from the origin, through roles and accounts, to the services called", count(drawn, "route"));
    let left_out = match left {
        0 => "Every route is drawn.".to_owned(),
        _ => format!(
            "… and {} not drawn, {} of them flagged: drawn are the {} worst flagged routes and then the busiest.",
            count(left, "more route")
                .replace("more routes", "more routes are")
                .replace("more route ", "more route is "),
            flagged(listed) - flagged(chosen),
            MAX_FLAGGED,
        ),
    };
    (caption, left_out)
}

/// Makes the rows that are drawn, and counts in one pass over the chains which services they called.
fn drawn<'a>(view: &View<'a>, chosen: &[usize]) -> Vec<Drawn<'a>> {
    let lineage = view.rows.lineage();
    let mut drawn: BTreeMap<usize, Drawn<'a>> = BTreeMap::new();
    for at in chosen {
        let Some(route) = lineage.routes.get(*at) else { continue };
        let route = view.rows.route(route);
        drawn.insert(*at, Drawn { route, grade: grade(view, *at), services: BTreeMap::new() });
    }
    for chain in lineage.chains.iter().filter(|chain| view.rows.is_shown(chain.is_listed)) {
        let Some(route) = usize::try_from(chain.route).ok().and_then(|at| drawn.get_mut(&at)) else { continue };
        let called: BTreeSet<&'a str> =
            lineage.leaf(chain).actions().filter_map(|(action, _)| lineage.opt(action.source)).collect();
        for service in called {
            *route.services.entry(service).or_default() += 1;
        }
    }
    drawn.into_values().collect()
}

fn table(view: &View<'_>, listed: &[usize], page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<details><summary>The same routes as a table</summary>\n")?;
    page.table(
        "Routes, the busiest first",
        &[
            text("origin"),
            text("by"),
            text("roles"),
            number("runs"),
            number("calls"),
            number("writes"),
            text("last call"),
            text("judgement"),
        ],
    )?;
    for at in listed.iter().take(MAX_ROWS) {
        let Some(route) = view.rows.lineage().routes.get(*at) else { continue };
        let grade = grade(view, *at);
        let route = view.rows.route(route);
        page.row(&view.names.origin(&route.origin, usize::MAX))?;
        page.cell(&via(&route.origin))?;
        page.cell(&view.names.path(&route.roles(), usize::MAX))?;
        page.count(route.chains)?;
        page.count(route.activity.calls)?;
        page.count(route.activity.writes)?;
        let last = route.activity.last_event;
        page.time(&last.map_or_else(|| "no call".to_owned(), |last| minute(Some(last))))?;
        page.put("<td class=\"{}\">{}{}</td>", [&grade.class(), &grade.mark(), &grade.words()])?;
        page.end_row()?;
    }
    page.end_table()?;
    page.rest(MAX_ROWS, listed.len(), "routes")?;
    page.raw("</details>\n")
}
