//! Times as people write them: text beside a column of times becomes a time of the engine, which reads few spellings of its
//! own, and those only to the right of a column.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::BinaryOperator;
use sqlparser::ast::DataType;
use sqlparser::ast::Expr;
use sqlparser::ast::Function;
use sqlparser::ast::FunctionArg;
use sqlparser::ast::FunctionArgExpr;
use sqlparser::ast::FunctionArguments;
use sqlparser::ast::Select;
use sqlparser::ast::SelectItem;
use sqlparser::ast::Spanned as _;
use sqlparser::ast::Value;
use sqlparser::ast::ValueWithSpan;
use sqlparser::ast::Visit;
use sqlparser::ast::VisitMut;
use sqlparser::ast::Visitor;
use sqlparser::ast::VisitorMut;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::fault::Fault;
use super::fault::Place;
use crate::export::tables::Shape;
use crate::frame::Column;
use crate::frame::Kind;
use crate::model::time::Timestamp;

/// Functions that make times of times.
const KEEPING: [&str; 7] = ["max", "min", "coalesce", "greatest", "least", "first", "last"];

/// Names are looked up again while queries around them give them others; deeper, the engine is left to its own ways.
const DEEPEST: usize = 8;

/// Returns the query with its times as the engine reads them.
pub(super) fn spelled(sql: &str, shapes: &[&'static Shape]) -> Result<String, Fault> {
    let Ok(mut statements) = Parser::parse_sql(&GenericDialect {}, sql) else { return Ok(sql.to_owned()) };
    let columns = shapes.iter().flat_map(|shape| shape.table.columns);
    let (times, others): (Vec<&Column>, Vec<&Column>) = columns.partition(|column| column.kind == Kind::Moment);
    let [times, others] = [times, others].map(|list| list.iter().map(|column| column.name.to_owned()).collect());
    let mut names = Names { times, others };
    for _ in 0..DEEPEST {
        let known = names.times.len() + names.others.len();
        let _: ControlFlow<()> = Visit::visit(&statements, &mut names);
        if names.times.len() + names.others.len() == known {
            break;
        }
    }
    names.times.retain(|name| !names.others.contains(name));
    let mut writer = Writer { names, is_changed: false };
    match VisitMut::visit(&mut statements, &mut writer) {
        ControlFlow::Break(fault) => Err(fault),
        ControlFlow::Continue(()) if writer.is_changed => Ok(statements.iter().map(ToString::to_string).collect()),
        ControlFlow::Continue(()) => Ok(sql.to_owned()),
    }
}

/// What is called by which name.
struct Names {
    /// Columns of times, and what queries call a time.
    times: BTreeSet<String>,
    /// What queries call anything else.
    others: BTreeSet<String>,
}

impl Names {
    fn is_time(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Nested(inner) => self.is_time(inner),
            Expr::Identifier(name) => self.times.contains(&name.value),
            Expr::CompoundIdentifier(path) => path.last().is_some_and(|name| self.times.contains(&name.value)),
            Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
                self.is_time(left) && matches!(&**right, Expr::Interval(_))
            }
            Expr::Function(function) => {
                let is_keeping = KEEPING.iter().any(|name| function.name.to_string().eq_ignore_ascii_case(name));
                is_keeping && arguments(function).any(|argument| self.is_time(argument))
            }
            _ => false,
        }
    }
}

fn arguments(function: &Function) -> impl Iterator<Item = &Expr> {
    let list = match &function.args {
        FunctionArguments::List(list) => list.args.as_slice(),
        FunctionArguments::None | FunctionArguments::Subquery(_) => &[],
    };
    list.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    })
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { expr, alias } = item {
                let is_time = self.is_time(expr);
                let names = if is_time { &mut self.times } else { &mut self.others };
                names.insert(alias.value.clone());
            }
        }
        ControlFlow::Continue(())
    }
}

/// Writes times as the engine reads them.
struct Writer {
    names: Names,
    is_changed: bool,
}

impl VisitorMut for Writer {
    type Break = Fault;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Fault> {
        match self.rewritten(expr) {
            Ok(Some(new)) => {
                *expr = new;
                self.is_changed = true;
                ControlFlow::Continue(())
            }
            Ok(None) => ControlFlow::Continue(()),
            Err(fault) => ControlFlow::Break(fault),
        }
    }
}

impl Writer {
    /// Returns the expression with the times that stand in it, if any do. Its parts come later.
    fn rewritten(&self, expr: &Expr) -> Result<Option<Expr>, Fault> {
        let is_time = |expr: &Expr| self.names.is_time(expr);
        let time = |expr: &Expr| text(expr).map_or_else(|| Ok(expr.to_string()), moment);
        Ok(match expr {
            Expr::BinaryOp { left, op, right } if is_comparison(op) => match (text(left), text(right)) {
                (None, Some(text)) if is_time(left) => parsed(&format!("{left} {op} {}", moment(text)?)),
                (Some(text), None) if is_time(right) => parsed(&format!("{} {op} {right}", moment(text)?)),
                _ => None,
            },
            Expr::Between { expr, negated, low, high } if is_time(expr) && (text(low).or(text(high)).is_some()) => {
                let not = if *negated { "not " } else { "" };
                parsed(&format!("{expr} {not}between {} and {}", time(low)?, time(high)?))
            }
            // The engine compares no time with a list.
            Expr::InList { expr, list, negated } if is_time(expr) => {
                let one = |item: &Expr| Ok(format!("{expr} = {}", time(item)?));
                let any = list.iter().map(one).collect::<Result<Vec<String>, Fault>>()?.join(" or ");
                parsed(&format!("{}({any})", if *negated { "not " } else { "" }))
            }
            Expr::Like { expr, .. } | Expr::ILike { expr, .. } if is_time(expr) => {
                let hint =
                    format!("compare with its ends, {expr} >= '2026-11-01', or with strftime({expr}, '%Y-%m-%d')");
                let fault = Fault::at(Place::from(expr.span().start), format!("{expr} is a time, and no text"));
                return Err(fault.with_hint(hint));
            }
            Expr::TypedString(typed) => of_type(&typed.value, &typed.data_type)?,
            Expr::Cast { expr, data_type, .. } => match &**expr {
                Expr::Value(value) => of_type(value, data_type)?,
                _ => None,
            },
            Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("date") => {
                let argument = arguments(function).next().filter(|argument| is_time(argument));
                argument.and_then(|argument| parsed(&format!("cast({argument} as date)")))
            }
            _ => None,
        })
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    ["=", "<>", "<", "<=", ">", ">="].contains(&op.to_string().as_str())
}

/// Returns the text that an expression is.
fn text(expr: &Expr) -> Option<&ValueWithSpan> {
    match expr {
        Expr::Nested(inner) => text(inner),
        Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => Some(value),
        _ => None,
    }
}

/// Reads a text that is called a time or a date.
fn of_type(value: &ValueWithSpan, kind: &DataType) -> Result<Option<Expr>, Fault> {
    let Value::SingleQuotedString(text) = &value.value else { return Ok(None) };
    Ok(match kind {
        DataType::Timestamp(..) | DataType::Datetime(_) | DataType::TimestampNtz(_) => parsed(&moment(value)?),
        DataType::Date if Timestamp::parse_date(text).is_some() => parsed(&format!("date('{text}')")),
        _ => None,
    })
}

/// Writes a time as the engine reads it.
fn moment(value: &ValueWithSpan) -> Result<String, Fault> {
    let Value::SingleQuotedString(text) = &value.value else { return Ok(value.to_string()) };
    // A fraction would be lost.
    let at = Timestamp::parse_date(text).or_else(|| Timestamp::parse_event(text).filter(|_| !text.contains('.')));
    let Some(at) = at else {
        let place = Place::from(value.span.start).of_word(&value.to_string());
        let hint = "write a date or a time in UTC: '2026-11-01', '2026-11-01 08:30' or '2026-11-01T08:30:00Z'";
        return Err(Fault::at(place, format!("{value} is no time")).with_hint(hint.to_owned()));
    };
    Ok(format!("timestamp('{}', '%Y-%m-%dT%H:%M:%S%z')", at.to_string().replace('Z', "+0000")))
}

fn parsed(sql: &str) -> Option<Expr> {
    Parser::new(&GenericDialect {}).try_with_sql(sql).and_then(|mut parser| parser.parse_expr()).ok()
}
