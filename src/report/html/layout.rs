//! Where the boxes and ribbons of the graph lie. Whole numbers only: the same routes give the same bytes everywhere.

use super::graph::Edge;
use super::graph::Graph;
use super::graph::Node;
use super::steps::characters;

/// The width of a character of the boxes.
const CHARACTER: i64 = 7;

/// The height of a line of the boxes.
pub(super) const LINE: i64 = 14;

/// The room beside and above the text of a box.
const PADDING: i64 = 18;

/// The room between columns.
const GAP: i64 = 48;

/// The room around the drawing.
const MARGIN: i64 = 6;

/// The room for the heads of the columns.
const HEAD: i64 = 30;

/// The room between boxes.
const SPACE: i64 = 12;

/// How often the columns are sorted by their neighbors, to and fro.
const SWEEPS: usize = 4;

/// A box with its place.
pub(super) struct Placed {
    pub(super) node: Node,
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A ribbon with its place: from right of one box to left of another.
pub(super) struct Ribbon {
    pub(super) edge: Edge,
    pub(super) from: (i64, i64),
    pub(super) to: (i64, i64),
    pub(super) thickness: i64,
    /// Where it ends when it goes on through the column at its end.
    pub(super) through: Option<i64>,
}

/// The drawing.
pub(super) struct Drawing {
    pub(super) heads: Vec<(i64, &'static str)>,
    pub(super) boxes: Vec<Placed>,
    pub(super) ribbons: Vec<Ribbon>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Returns how thick a ribbon is: it grows by one step whenever its use doubles.
fn thickness(runs: u64) -> i64 {
    3 + 2 * i64::from(runs.max(1).ilog2())
}

/// Returns the left and the right edge of each column.
fn sides(heads: &[&'static str]) -> Vec<(i64, i64)> {
    let mut next = MARGIN;
    let side = |head: &&'static str| {
        let left = next;
        let right = left + PADDING + CHARACTER * i64::try_from(characters(head)).unwrap_or(0);
        next = right + GAP;
        (left, right)
    };
    heads.iter().map(side).collect()
}

/// Places every box and ribbon.
pub(super) fn lay_out(graph: Graph) -> Drawing {
    let Graph { heads, nodes, edges } = graph;
    let heights = heights(&nodes, &edges);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); heads.len()];
    for (at, node) in nodes.iter().enumerate() {
        if let Some(column) = columns.get_mut(node.column) {
            column.push(at);
        }
    }
    let mut tops = vec![0; nodes.len()];
    stack(&columns, &heights, &mut tops);
    for sweep in 0..SWEEPS {
        let is_forth = sweep % 2 == 0;
        let order: Vec<usize> =
            if is_forth { (1..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for column in order {
            if let Some(column) = columns.get_mut(column) {
                settle(column, &edges, &heights, &mut tops, is_forth);
            }
        }
    }
    let rise = HEAD - tops.iter().min().copied().unwrap_or(HEAD);
    for top in &mut tops {
        *top += rise;
    }
    let bottom = tops.iter().zip(&heights).map(|(top, height)| top + height).max().unwrap_or(0);
    let sides = sides(&heads);
    let ribbons = ribbons(edges, &nodes, &sides, &heights, &tops);
    let heads: Vec<(i64, &'static str)> = sides.iter().zip(&heads).map(|((left, _), head)| (*left, *head)).collect();
    let width = sides.last().map_or(0, |(_, right)| right + MARGIN);
    let place = |(at, node): (usize, Node)| {
        let (x, right) = sides.get(node.column).copied().unwrap_or_default();
        Placed { x, y: value(&tops, at), width: right - x, height: value(&heights, at), node }
    };
    let boxes = nodes.into_iter().enumerate().map(place).filter(|placed| placed.node.is_box).collect();
    Drawing { heads, boxes, ribbons, width, height: bottom + MARGIN }
}

fn value(of: &[i64], at: usize) -> i64 {
    of.get(at).copied().unwrap_or(0)
}

/// A box is as high as what comes in or goes out, whichever is more, and high enough to be read.
fn heights(nodes: &[Node], edges: &[Edge]) -> Vec<i64> {
    let mut sides = vec![(0, 0); nodes.len()];
    for edge in edges {
        if let Some(side) = sides.get_mut(edge.from) {
            side.1 += thickness(edge.runs);
        }
        if let Some(side) = sides.get_mut(edge.to) {
            side.0 += thickness(edge.runs);
        }
    }
    let height = |(node, (enters, leaves)): (&Node, (i64, i64))| {
        let text = LINE * i64::try_from(node.lines.len()).unwrap_or(0) + PADDING / 2;
        if node.is_box { (enters.max(leaves) + 6).max(text) } else { enters.max(leaves) }
    };
    nodes.iter().zip(sides).map(height).collect()
}

/// Puts the boxes of each column below each other, in the order in which they came.
fn stack(columns: &[Vec<usize>], heights: &[i64], tops: &mut [i64]) {
    for column in columns {
        let mut next = HEAD;
        for at in column {
            if let Some(top) = tops.get_mut(*at) {
                *top = next;
            }
            next += value(heights, *at) + SPACE;
        }
    }
}

/// Sorts a column by where its neighbors lie, and puts each box as near to them as the boxes above it allow.
fn settle(column: &mut [usize], edges: &[Edge], heights: &[i64], tops: &mut [i64], is_forth: bool) {
    let middle = |at: usize| value(tops, at) + value(heights, at) / 2;
    let mut wanted: Vec<(i64, usize)> = Vec::with_capacity(column.len());
    for at in column.iter() {
        let (mut sum, mut weight) = (0, 0);
        for edge in edges {
            let (here, there) = if is_forth { (edge.to, edge.from) } else { (edge.from, edge.to) };
            if here == *at {
                sum += middle(there) * thickness(edge.runs);
                weight += thickness(edge.runs);
            }
        }
        wanted.push((if weight == 0 { middle(*at) } else { sum / weight }, *at));
    }
    // Ties are broken by the order in which the routes brought the boxes, which is that of the report.
    wanted.sort_unstable();
    let mut next = i64::MIN;
    let mut drift = 0;
    for (place, (want, at)) in column.iter_mut().zip(&wanted) {
        *place = *at;
        let want = want - value(heights, *at) / 2;
        let top = next.max(want);
        drift += top - want;
        if let Some(old) = tops.get_mut(*at) {
            *old = top;
        }
        next = top + value(heights, *at) + SPACE;
    }
    // Boxes only ever push others down; the column as a whole goes back up by what that came to on average.
    let drift = drift / i64::try_from(wanted.len()).unwrap_or(1).max(1);
    for at in column.iter() {
        if let Some(top) = tops.get_mut(*at) {
            *top -= drift;
        }
    }
}

/// Places the ends of the ribbons at the sides of the boxes, in the order of where their other ends lie.
fn ribbons(edges: Vec<Edge>, nodes: &[Node], sides: &[(i64, i64)], heights: &[i64], tops: &[i64]) -> Vec<Ribbon> {
    let leaves = ends(&edges, heights, tops, |edge| (edge.from, edge.to));
    let enters = ends(&edges, heights, tops, |edge| (edge.to, edge.from));
    let side = |at: usize| nodes.get(at).and_then(|node| sides.get(node.column)).copied().unwrap_or_default();
    let ribbon = |(at, edge): (usize, Edge)| Ribbon {
        from: (side(edge.from).1, value(&leaves, at)),
        to: (side(edge.to).0, value(&enters, at)),
        thickness: thickness(edge.runs),
        through: nodes.get(edge.to).filter(|node| !node.is_box).map(|_| side(edge.to).1),
        edge,
    };
    edges.into_iter().enumerate().map(ribbon).collect()
}

/// Returns for each ribbon the height of its middle at one side.
fn ends(edges: &[Edge], heights: &[i64], tops: &[i64], sides: fn(&Edge) -> (usize, usize)) -> Vec<i64> {
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by_key(|at| edges.get(*at).map(|edge| (sides(edge).0, value(tops, sides(edge).1), *at)));
    let mut total = vec![0; heights.len()];
    for edge in edges {
        if let Some(total) = total.get_mut(sides(edge).0) {
            *total += thickness(edge.runs);
        }
    }
    let mut used = vec![0; heights.len()];
    let mut places = vec![0; edges.len()];
    for at in order {
        let Some(edge) = edges.get(at) else { continue };
        let here = sides(edge).0;
        let (Some(used), Some(place)) = (used.get_mut(here), places.get_mut(at)) else { continue };
        let wide = thickness(edge.runs);
        *place = value(tops, here) + (value(heights, here) - value(&total, here)) / 2 + *used + wide / 2;
        *used += wide;
    }
    places
}
