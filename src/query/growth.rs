//! Functions that make much of little: what they answer may be longer than any memory, and then the program ends.

use sqlparser::ast::Expr;
use sqlparser::ast::Function;
use sqlparser::ast::FunctionArg;
use sqlparser::ast::FunctionArgExpr;
use sqlparser::ast::FunctionArguments;
use sqlparser::ast::Spanned as _;
use sqlparser::ast::Value;

use super::fault::Fault;
use super::fault::Place;

/// To so many characters text is filled up, at most: more than any column is wide.
const MOST_WIDE: usize = 1_000;

/// So many times as long all calls of `replace` together may make a text.
const MOST_LONGER: usize = 1_000;

/// How much longer the calls that were looked at so far may make a text.
pub(super) struct Growth(usize);

impl Default for Growth {
    fn default() -> Self {
        Self(1)
    }
}

impl Growth {
    /// Returns what is wrong with an expression, if it is a call. Only with itself: the visitor comes to its parts.
    pub(super) fn check(&mut self, expr: &Expr) -> Option<Fault> {
        let Expr::Function(function) = expr else { return None };
        let name = function.name.to_string();
        let arguments = arguments(function);
        let fault = |what: String| Fault::at(Place::from(function.name.span().start).of_word(&name), what);
        match (name.to_lowercase().as_str(), arguments.as_slice()) {
            ("lpad" | "rpad", [_, length, ..]) if number(length).is_none_or(|length| MOST_WIDE < length) => {
                let what = format!("`{name}` fills text up to {MOST_WIDE} characters at most");
                Some(fault(what).with_hint("write the length as a number: lpad(origin, 40)".to_owned()))
            }
            ("replace", [_, from, to]) => {
                let Some(to) = text(to) else {
                    let what = format!("`{name}` puts text in that stands in the query, and no column");
                    return Some(
                        fault(what).with_hint("write it in single quotes: replace(origin, ':', ' ')".to_owned()),
                    );
                };
                // An empty text is found before and behind each character.
                let shortest = text(from).map_or(0, str::len);
                let longer = if shortest == 0 { to.len().saturating_add(1) } else { to.len().div_ceil(shortest) };
                self.0 = self.0.saturating_mul(longer.max(1));
                (MOST_LONGER < self.0).then(|| {
                    let what = format!("this makes text more than {MOST_LONGER} times as long");
                    fault(what).with_hint("put in less, or replace less often".to_owned())
                })
            }
            _ => None,
        }
    }
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let argument = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    list.args.iter().filter_map(argument).collect()
}

/// Returns a whole number that stands in the query.
fn number(expr: &Expr) -> Option<usize> {
    let Expr::Value(value) = expr else { return None };
    if let Value::Number(text, _) = &value.value { text.parse().ok() } else { None }
}

/// Returns text that stands in the query.
fn text(expr: &Expr) -> Option<&str> {
    let Expr::Value(value) = expr else { return None };
    if let Value::SingleQuotedString(text) = &value.value { Some(text) } else { None }
}
