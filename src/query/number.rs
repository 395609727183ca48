//! Numbers that are not what they seem: too large for the engine, which would go on without a word, and dates without quotes.

use sqlparser::ast::BinaryOperator;
use sqlparser::ast::Expr;
use sqlparser::ast::Spanned as _;
use sqlparser::ast::UnaryOperator;
use sqlparser::ast::Value;

use super::fault::Fault;
use super::fault::Place;

/// So many steps of a calculation are looked at: nobody writes more with numbers alone, and each step is looked at again.
const DEEPEST: usize = 40;

/// Returns what is wrong with an expression of numbers. Only with itself: the visitor comes to its parts.
pub(super) fn check(expr: &Expr) -> Option<Fault> {
    match expr {
        Expr::Value(value) => {
            let Value::Number(text, _) = &value.value else { return None };
            let is_whole = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
            let is_too_large = is_whole && text.parse::<i64>().is_err();
            is_too_large.then(|| too_large(Place::from(value.span.start).of_word(text), text))
        }
        Expr::BinaryOp { .. } => date(expr).or_else(|| {
            // Its parts fit, or they have been refused.
            let number = folded(expr).filter(|number| i64::try_from(*number).is_err())?;
            Some(too_large(Place::from(expr.span().start), &number.to_string()))
        }),
        _ => None,
    }
}

fn too_large(place: Place, number: &str) -> Fault {
    Fault::at(place, format!("{number} is out of range: whole numbers go up to {}, with either sign", i64::MAX))
        .with_hint("where a rounded number will do, write it with a point: 10000000000000000000.0".to_owned())
}

/// Computes what consists of whole numbers only, and of not too many.
fn folded(expr: &Expr) -> Option<i128> {
    fold(expr, DEEPEST)
}

fn fold(expr: &Expr, left_over: usize) -> Option<i128> {
    let left_over = left_over.checked_sub(1)?;
    match expr {
        Expr::Nested(inner) => fold(inner, left_over),
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => fold(expr, left_over)?.checked_neg(),
        Expr::BinaryOp { left, op, right } => {
            let (left, right) = (fold(left, left_over)?, fold(right, left_over)?);
            match op {
                BinaryOperator::Plus => left.checked_add(right),
                BinaryOperator::Minus => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A date without quotes is a subtraction, and true or false for all rows.
fn date(expr: &Expr) -> Option<Fault> {
    let (rest, day) = difference(expr)?;
    let (year, month) = difference(rest)?;
    let within = |expr: &Expr, from: i128, to: i128| {
        matches!(expr, Expr::Value(_)).then(|| folded(expr)).flatten().filter(|number| (from..=to).contains(number))
    };
    let (year, month, day) = (within(year, 1_970, 2_200)?, within(month, 1, 12)?, within(day, 1, 31)?);
    let text = format!("{year:04}-{month:02}-{day:02}");
    let place = Place::from(expr.span().start).of_word(&text);
    Some(
        Fault::at(place, format!("{text} is a subtraction, not a date"))
            .with_hint(format!("put dates in single quotes: '{text}'")),
    )
}

fn difference(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Minus, right } => Some((left, right)),
        _ => None,
    }
}
