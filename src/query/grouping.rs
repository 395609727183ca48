//! Aggregates where the engine takes them and answers something that nobody asked for.

use std::ops::ControlFlow;

use sqlparser::ast::Expr;
use sqlparser::ast::Function;
use sqlparser::ast::GroupByExpr;
use sqlparser::ast::Query;
use sqlparser::ast::Select;
use sqlparser::ast::SelectItem;
use sqlparser::ast::Spanned as _;
use sqlparser::ast::Visit;
use sqlparser::ast::Visitor;

use super::fault::Fault;
use super::fault::Place;

/// Functions that make one value of many rows.
const AGGREGATES: &[&str] = &[
    "array_agg",
    "avg",
    "corr",
    "count",
    "covar",
    "covar_pop",
    "covar_samp",
    "first",
    "last",
    "max",
    "mean",
    "median",
    "min",
    "quantile_cont",
    "quantile_disc",
    "stddev",
    "stddev_samp",
    "stdev",
    "stdev_samp",
    "string_agg",
    "sum",
    "var",
    "var_samp",
    "variance",
];

/// Returns what is wrong with the aggregates of a SELECT.
pub(super) fn check(select: &Select) -> Option<Fault> {
    let condition = select.selection.as_ref().and_then(|selection| Uses::of(selection).aggregate);
    if let Some((name, place)) = condition {
        return Some(
            Fault::at(place, format!("`{name}` counts over rows, and WHERE looks at one row at a time"))
                .with_hint("group with GROUP BY, and write the condition after HAVING".to_owned()),
        );
    }
    let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    if is_grouped {
        return None;
    }
    let aliases: Vec<&str> = select.projection.iter().filter_map(alias).collect();
    let uses: Vec<Uses> = select.projection.iter().filter_map(expression).map(Uses::of).collect();
    let (aggregate, _) = uses.iter().find_map(|uses| uses.aggregate.as_ref())?;
    let is_column = |(name, _): &&(String, Place)| !aliases.contains(&name.as_str());
    let (column, place) = uses.iter().find_map(|uses| uses.columns.iter().find(is_column))?;
    Some(
        Fault::at(*place, format!("`{column}` stands beside `{aggregate}`, which makes one row of all"))
            .with_hint(format!("add GROUP BY {column}, or leave the column out")),
    )
}

fn expression(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

fn alias(item: &SelectItem) -> Option<&str> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(&alias.value),
        _ => None,
    }
}

/// What an expression uses: what stands in windows and in subqueries has rows of its own.
#[derive(Default)]
struct Uses {
    /// The first aggregate.
    aggregate: Option<(String, Place)>,
    /// Columns outside of aggregates.
    columns: Vec<(String, Place)>,
    /// How many of these are around the expression that is visited.
    inside: usize,
}

impl Uses {
    fn of(expr: &Expr) -> Self {
        let mut uses = Self::default();
        // Nothing breaks off.
        let _ = expr.visit(&mut uses);
        uses
    }
}

/// Says whether the columns in a call are not those of its own row.
fn folds(function: &Function) -> bool {
    function.over.is_some() || is_aggregate(function)
}

fn is_aggregate(function: &Function) -> bool {
    function.over.is_none() && AGGREGATES.contains(&function.name.to_string().to_lowercase().as_str())
}

impl Visitor for Uses {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.inside += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.inside = self.inside.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function) if folds(function) => {
                if self.inside == 0 && is_aggregate(function) && self.aggregate.is_none() {
                    let name = function.name.to_string();
                    let place = Place::from(function.name.span().start).of_word(&name);
                    self.aggregate = Some((name, place));
                }
                self.inside += 1;
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) if self.inside == 0 => {
                let name = expr.to_string();
                let place = Place::from(expr.span().start).of_word(&name);
                self.columns.push((name, place));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Function(function) if folds(function)) {
            self.inside = self.inside.saturating_sub(1);
        }
        ControlFlow::Continue(())
    }
}
