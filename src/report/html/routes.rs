//! Routes: drawn from subjects through roles and accounts to services, and the same as a table.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use maud::Markup;
use maud::html;

use super::View;
use super::blocks;
use super::count;
use super::graph::Graph;
use super::layout;
use super::page;
use super::ribbon;
use super::steps::Drawn;
use crate::model::width::wide;
use crate::report::document::Mark;
use crate::report::document::routes;

/// How many routes are drawn.
const MAX_DRAWN: usize = 24;

/// How many of them are there because they are flagged; the others because they are busy.
const MAX_FLAGGED: usize = 16;

pub(super) fn section(view: &View<'_>) -> Markup {
    let listed = routes::listed(view);
    if listed.is_empty() {
        return blocks::section(&routes::section(view));
    }
    let chosen = chosen(view, &listed);
    let (caption, left_out) = caption(view, &listed, &chosen);
    let drawing = ribbon::figure(&layout::lay_out(Graph::of(view, &drawn(view, &chosen))), &caption);
    blocks::drawn(&routes::section(view), &html! { (drawing) (page::note(&left_out)) })
}

fn grade(view: &View<'_>, route: usize) -> Mark {
    routes::judgment(view, route).map(Mark::from).unwrap_or_default()
}

/// Chooses what is drawn: the worst flagged routes and then the busiest, in the order of the report. What is rare and
/// wrong must not hide behind what is busy.
fn chosen(view: &View<'_>, listed: &[usize]) -> Vec<usize> {
    let mut flagged: Vec<usize> = listed.iter().copied().filter(|at| grade(view, *at) > Mark::Plain).collect();
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
    let flagged = |routes: &[usize]| routes.iter().filter(|at| grade(view, **at) > Mark::Plain).count();
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
        let step = |nth| view.judged.steps.get(&(*at, nth)).copied().map(Mark::from).unwrap_or_default();
        let steps = (0..=route.role_arns.len()).map(step).collect();
        let finding = view.route_findings.get(at).cloned();
        drawn.insert(*at, Drawn { route, steps, finding, services: BTreeMap::new() });
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
