//! Reads the SQL before the engine does: which tables it names, and whether it does anything but ask.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::Expr;
use sqlparser::ast::Ident;
use sqlparser::ast::ObjectName;
use sqlparser::ast::Query;
use sqlparser::ast::SetExpr;
use sqlparser::ast::Spanned as _;
use sqlparser::ast::Statement;
use sqlparser::ast::TableFactor;
use sqlparser::ast::Visit as _;
use sqlparser::ast::Visitor;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::fault;
use super::fault::Fault;
use super::fault::Place;
use super::grouping;
use super::growth::Growth;
use super::number;
use crate::export::tables;
use crate::export::tables::Shape;
use crate::export::tables::TABLES;

/// Longer queries are refused: what is written by people is not.
const MAX_CHARS: usize = 100_000;

/// Deeper expressions are refused: the engine walks over them by recursion, partly on threads of its own.
const MAX_DEPTH: usize = 1_000;

/// More parts are refused: planning them takes time that grows faster than their number.
const MAX_SELECTS: usize = 200;

/// Returns the tables that the query names.
pub(super) fn tables(sql: &str) -> Result<Vec<&'static Shape>, Fault> {
    if sql.len() > MAX_CHARS {
        return Err(Fault::whole(format!("the query is longer than {MAX_CHARS} characters")));
    }
    let statements = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| fault::of_parser(&error, sql))?;
    let statement = match statements.as_slice() {
        [] => return Err(Fault::whole("there is no query".to_owned())),
        [statement] => statement,
        [_, second, ..] => {
            let place = Place::from(second.span().start);
            return Err(Fault::at(place, "one query at a time: a second one begins here".to_owned()));
        }
    };
    let Statement::Query(query) = statement else {
        let place = Place::from(statement.span().start);
        return Err(Fault::at(place, "only SELECT (and WITH … SELECT): a query asks, and changes nothing".to_owned()));
    };
    let mut names = Names::default();
    if let ControlFlow::Break(fault) = query.visit(&mut names) {
        return Err(fault);
    }
    names.shapes()
}

/// What a query names.
#[derive(Default)]
struct Names {
    /// Tables, and where the name stands.
    relations: Vec<(String, Place)>,
    /// Names that the query gives itself.
    own: BTreeSet<String>,
    /// How many expressions are around the one that is visited.
    depth: usize,
    /// How many SELECTs there have been.
    selects: usize,
    /// How much longer than the tables' an answer may be.
    growth: Growth,
}

impl Names {
    fn shapes(self) -> Result<Vec<&'static Shape>, Fault> {
        let mut shapes: Vec<&'static Shape> = Vec::new();
        for (name, place) in &self.relations {
            if self.own.contains(name) {
                continue;
            }
            let Some(shape) = tables::named(name) else {
                return Err(unknown(name, *place, &self.own));
            };
            if !shapes.iter().any(|known| known.table.name == shape.table.name) {
                shapes.push(shape);
            }
        }
        Ok(shapes)
    }
}

fn unknown(name: &str, place: Place, own: &BTreeSet<String>) -> Fault {
    let known: Vec<&str> = TABLES.iter().map(|shape| shape.table.name).chain(own.iter().map(String::as_str)).collect();
    let nearest = fault::nearest(name, &known).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let fault = Fault::at(place.of_word(name), format!("there is no table `{name}`"));
    fault.with_hint(format!("{nearest}The tables are {}", known.join(", ")))
}

impl Visitor for Names {
    type Break = Fault;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Fault> {
        if let Some(with) = &query.with {
            if with.recursive {
                let place = Place::from(query.span().start);
                let fault = Fault::at(place, "WITH RECURSIVE is not supported".to_owned());
                return ControlFlow::Break(fault.with_hint(
                    "chains are already linked: `hops` has one row for each session of a chain".to_owned(),
                ));
            }
            self.own.extend(with.cte_tables.iter().map(|cte| cte.alias.name.value.clone()));
        }
        let is_asking = matches!(
            &*query.body,
            SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::SetOperation { .. } | SetExpr::Values(_)
        );
        if !is_asking {
            let place = Place::from(query.span().start);
            return ControlFlow::Break(Fault::at(place, "only SELECT: a query asks, and changes nothing".to_owned()));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &sqlparser::ast::Select) -> ControlFlow<Fault> {
        self.selects += 1;
        if self.selects > MAX_SELECTS {
            return ControlFlow::Break(Fault::whole(format!("more than {MAX_SELECTS} SELECTs in one query")));
        }
        if let Some(into) = &select.into {
            let place = Place::from(into.span().start);
            let fault = Fault::at(place, "SELECT INTO is not supported: a query changes nothing".to_owned());
            return ControlFlow::Break(fault);
        }
        grouping::check(select).map_or(ControlFlow::Continue(()), ControlFlow::Break)
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Fault> {
        let function = match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                Some(name.to_string())
            }
            TableFactor::TableFunction { expr, .. } => Some(expr.to_string()),
            TableFactor::Derived { alias, .. } | TableFactor::NestedJoin { alias, .. } => {
                self.own.extend(alias.iter().map(|alias| alias.name.value.clone()));
                None
            }
            _ => None,
        };
        match function {
            Some(function) => {
                let place = Place::from(factor.span().start);
                let fault =
                    Fault::at(place, format!("`{function}` cannot be read from: data comes from the SOURCEs only"));
                ControlFlow::Break(fault)
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let what = format!("an expression of more than {MAX_DEPTH} steps");
            return ControlFlow::Break(
                Fault::whole(what).with_hint("write x in (1, 2, …) instead of many OR".to_owned()),
            );
        }
        number::check(expr).or_else(|| self.growth.check(expr)).map_or(ControlFlow::Continue(()), ControlFlow::Break)
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<Fault> {
        self.depth = self.depth.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Fault> {
        let ident: Option<&Ident> = match relation.0.as_slice() {
            [part] => part.as_ident(),
            _ => None,
        };
        let place = Place::from(relation.span().start);
        let name = ident.map_or_else(|| relation.to_string(), |ident| ident.value.clone());
        self.relations.push((name, place));
        ControlFlow::Continue(())
    }
}
