//! Functions that make much of little: what they answer may be longer than any memory, and then the program ends.

use sqlparser::ast::BinaryOperator;
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

/// So many times as long all calls together may make a text.
const MOST_LONGER: usize = 1_000;
const TOO_LONG: &str = "this makes text more than 1000 times as long";

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
        if let Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } = expr {
            let place = Place::from(expr.span().start);
            return self.joined([left.as_ref(), right.as_ref()].into_iter(), || Fault::at(place, TOO_LONG.to_owned()));
        }
        let Expr::Function(function) = expr else { return None };
        // Quoted or not, the engine finds it.
        let name = function.name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.clone())?;
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
                self.longer(longer, || fault(TOO_LONG.to_owned()))
            }
            ("concat" | "concat_ws", parts) => self.joined(parts.iter().copied(), || fault(TOO_LONG.to_owned())),
            _ => None,
        }
    }

    /// Joined columns may be the same one over and over.
    fn joined<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>, fault: impl FnOnce() -> Fault) -> Option<Fault> {
        self.longer(parts.filter(|part| text(part).is_none()).count(), fault)
    }

    fn longer(&mut self, times: usize, fault: impl FnOnce() -> Fault) -> Option<Fault> {
        self.0 = self.0.saturating_mul(times.max(1));
        (MOST_LONGER < self.0).then(|| {
            fault().with_hint("put in less, replace less often, or join many columns by one concat(…)".to_owned())
        })
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
