//! The graph of routes: origins, roles, accounts and services as nodes in columns, and how often one led to the next.

use std::collections::BTreeMap;

use super::View;
use super::steps::AGAIN;
use super::steps::Drawn;
use super::steps::FOLDED;
use super::steps::Key;
use super::steps::ORIGIN;
use super::steps::ROLE;
use super::steps::Step;
use super::steps::account_step;
use super::steps::origin;
use super::steps::role_step;
use super::steps::service_step;
use crate::report::document::Mark;

/// How many columns of roles there are at most. Of longer paths, the roles in the middle become one node.
const MAX_ROLES: usize = 3;

/// How many services have a node of their own.
const MAX_SERVICES: usize = 12;

/// One box of the drawing.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) column: usize,
    /// What the box says; the lines that are marked are smaller.
    pub(super) lines: Vec<(String, bool)>,
    /// The full name.
    pub(super) title: String,
    pub(super) grade: Mark,
    /// The place of the worst finding about it on the page.
    pub(super) finding: Option<String>,
    /// False for a ribbon on its way.
    pub(super) is_box: bool,
}

/// A ribbon from a node to a node of the next column.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) grade: Mark,
    pub(super) runs: u64,
    pub(super) title: String,
}

/// Nodes and ribbons, in an order that depends on the routes alone.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) heads: Vec<&'static str>,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// The graph while it is built.
#[derive(Default)]
struct Builder {
    graph: Graph,
    nodes: BTreeMap<(usize, Key), usize>,
    edges: BTreeMap<(usize, usize, Mark), usize>,
}

impl Graph {
    /// Builds the graph of some routes.
    pub(super) fn of(view: &View<'_>, drawn: &[Drawn<'_>]) -> Self {
        let paths: Vec<Vec<String>> = drawn.iter().map(|drawn| shortened(&drawn.route.role_arns)).collect();
        let ranks = ranks(&paths);
        let columns: Vec<Vec<usize>> = paths.iter().map(|path| columns(path, &ranks)).collect();
        let role_columns = columns.iter().flatten().max().map_or(0, |last| last + 1);
        let mut builder = Builder::default();
        builder.graph.heads = vec![ORIGIN];
        builder.graph.heads.extend(std::iter::repeat_n(ROLE, role_columns));
        builder.graph.heads.extend(["account", "service"]);
        let busiest = busiest_services(drawn);
        for (drawn, (path, columns)) in drawn.iter().zip(paths.iter().zip(&columns)) {
            let origin = Step { finding: drawn.finding.clone(), ..origin(view, &drawn.route.origin) };
            let mut at = builder.node(origin);
            for (nth, (role, column)) in path.iter().zip(columns).enumerate() {
                let grade = drawn.grade_into(nth, path.len());
                at = builder.lead(at, role_step(view, role, 1 + column), grade, drawn.route.chains);
            }
            let account = account_step(view, drawn, 1 + role_columns);
            let grade = drawn.grade_into(path.len(), path.len());
            at = builder.lead(at, account, grade, drawn.route.chains);
            for (service, runs) in services(drawn, &busiest) {
                builder.lead(at, service_step(view, &service, 2 + role_columns), Mark::Plain, runs);
            }
        }
        tell_apart(&mut builder.graph.nodes);
        builder.graph
    }
}

impl Builder {
    fn node(&mut self, step: Step) -> usize {
        let nodes = &mut self.graph.nodes;
        let is_box = !matches!(step.key, Key::Pass(..));
        let Step { column, key, lines, title, grade, finding } = step;
        let known = finding.clone();
        let at = *self.nodes.entry((column, key)).or_insert_with(|| {
            nodes.push(Node { column, lines, title, grade, finding, is_box });
            nodes.len() - 1
        });
        if let Some(node) = nodes.get_mut(at).filter(|node| node.finding.is_none()) {
            node.finding = known;
        }
        at
    }

    /// Leads a ribbon from a node to a step, through the columns between them.
    fn lead(&mut self, from: usize, step: Step, grade: Mark, runs: u64) -> usize {
        let column = step.column;
        let to = self.node(step);
        let name = |builder: &Self, at: usize| builder.graph.nodes.get(at).map(|node| node.title.clone());
        let title = format!("{} → {}", name(self, from).unwrap_or_default(), name(self, to).unwrap_or_default());
        let begin = self.graph.nodes.get(from).map_or(0, |node| node.column);
        let mut at = from;
        for between in begin + 1..column {
            let key = Key::Pass(from, to, grade);
            let words = title.clone();
            let pass = self.node(Step { column: between, key, lines: Vec::new(), title: words, grade, finding: None });
            self.join(at, pass, grade, runs, &title);
            at = pass;
        }
        self.join(at, to, grade, runs, &title);
        to
    }

    fn join(&mut self, from: usize, to: usize, grade: Mark, runs: u64, title: &str) {
        let edges = &mut self.graph.edges;
        let at = *self.edges.entry((from, to, grade)).or_insert_with(|| {
            edges.push(Edge { from, to, grade, runs: 0, title: title.to_owned() });
            edges.len() - 1
        });
        if let Some(edge) = edges.get_mut(at) {
            edge.runs += runs;
        }
    }
}

impl Drawn<'_> {
    /// Returns what findings say of one step of the path as it is drawn, of so many roles.
    fn grade_into(&self, nth: usize, drawn: usize) -> Mark {
        let all = self.steps.len().saturating_sub(1);
        let folded = all.saturating_sub(drawn);
        // The roles before the last are the ones that share a box.
        let steps = match drawn.checked_sub(2) {
            Some(shared) if nth == shared && folded > 0 => nth..nth + folded + 1,
            Some(shared) if nth > shared => nth + folded..nth + folded + 1,
            _ => nth..nth + 1,
        };
        self.steps.get(steps).into_iter().flatten().max().copied().unwrap_or_default()
    }
}

/// Numbers the origins that would look alike and are not the same.
fn tell_apart(nodes: &mut [Node]) {
    let mut seen: BTreeMap<Vec<(String, bool)>, usize> = BTreeMap::new();
    for node in nodes.iter_mut().filter(|node| node.column == 0 && node.is_box) {
        let number = seen.entry(node.lines.clone()).or_default();
        *number += 1;
        if *number > 1 {
            node.lines.push((format!("no. {number} of this name"), true));
        }
    }
}

/// Returns the roles of a path, those in the middle folded when there are too many. A role that comes again is told
/// apart from the first time by its number.
fn shortened(roles: &[crate::report::wire::Text<'_>]) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    for role in roles {
        let again = path.iter().filter(|before| before.split(AGAIN).next() == Some(role)).count();
        path.push(if again == 0 { role.to_string() } else { format!("{role}{AGAIN}{}", again + 1) });
    }
    if path.len() > MAX_ROLES {
        let folded = path.len() - (MAX_ROLES - 1);
        let last = path.pop();
        path.truncate(MAX_ROLES - 2);
        path.push(format!("{FOLDED}{folded} roles"));
        path.extend(last);
    }
    path
}

/// Returns for each role the column it wants: one after every role that leads to it. A few rounds are enough, because
/// there are few columns; roles that lead to each other in a circle end at the right.
fn ranks(paths: &[Vec<String>]) -> BTreeMap<&str, usize> {
    let mut ranks: BTreeMap<&str, usize> = paths.iter().flatten().map(|role| (role.as_str(), 0)).collect();
    for _ in 0..MAX_ROLES {
        for path in paths {
            let mut least = 0;
            for role in path {
                let rank = ranks.entry(role).or_default();
                *rank = (*rank).max(least).min(MAX_ROLES - 1);
                least = *rank + 1;
            }
        }
    }
    ranks
}

/// Returns the columns of a path: as its roles want, always to the right, and never past the last.
fn columns(path: &[String], ranks: &BTreeMap<&str, usize>) -> Vec<usize> {
    let mut least = 0;
    let mut columns = Vec::with_capacity(path.len());
    for (at, role) in path.iter().enumerate() {
        let most = MAX_ROLES - (path.len() - at);
        let column = ranks.get(role.as_str()).copied().unwrap_or(0).max(least).min(most);
        columns.push(column);
        least = column + 1;
    }
    columns
}

/// Returns the services that most runs called; the others share a node.
fn busiest_services(drawn: &[Drawn<'_>]) -> Vec<String> {
    let mut runs: BTreeMap<&str, u64> = BTreeMap::new();
    for (service, count) in drawn.iter().flat_map(|drawn| &drawn.services) {
        *runs.entry(service).or_default() += count;
    }
    let mut runs: Vec<(&str, u64)> = runs.into_iter().collect();
    runs.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    runs.into_iter().take(MAX_SERVICES).map(|(service, _)| service.to_owned()).collect()
}

fn services(drawn: &Drawn<'_>, busiest: &[String]) -> BTreeMap<String, u64> {
    let mut services: BTreeMap<String, u64> = BTreeMap::new();
    for (service, runs) in &drawn.services {
        let own = busiest.iter().any(|name| name == service);
        let known = services.entry(if own { (*service).to_owned() } else { OTHERS.to_owned() }).or_default();
        // One run may have called several of the others: the most that is certain is the largest number.
        *known = (*known).max(*runs);
    }
    services
}

/// The node of all services that have none of their own.
const OTHERS: &str = "other services";

#[cfg(test)]
mod tests {
    use super::{columns, ranks, shortened};

    fn path(roles: &[&str]) -> Vec<String> {
        roles.iter().map(|role| (*role).to_owned()).collect()
    }

    #[test]
    fn a_role_stands_in_one_column_whichever_way_it_is_reached() {
        let paths = [path(&["entry", "deploy"]), path(&["deploy"]), path(&["deploy", "audit"])];
        let ranks = ranks(&paths);
        assert_eq!(paths.each_ref().map(|path| columns(path, &ranks)), [vec![0, 1], vec![1], vec![1, 2]]);
    }

    #[test]
    fn circles_and_long_paths_fit() {
        let circle = [path(&["a", "b"]), path(&["b", "a"])];
        for path in &circle {
            let columns = columns(path, &ranks(&circle));
            assert!(columns[0] < columns[1] && columns[1] < 3, "{columns:?}");
        }
        let long = ["a", "b", "c", "d", "e", "f"].map(std::borrow::Cow::Borrowed);
        assert_eq!(shortened(&long), ["a", "…4 roles", "f"]);
        let juggling = ["a", "b", "a"].map(std::borrow::Cow::Borrowed);
        assert_eq!(shortened(&juggling), ["a", "b", "a\u{1}2"]);
    }
}
