//! The engine's words in plain ones: it speaks of types that nobody wrote.

/// What the engine says, by a piece of it; what it means; and what to write instead.
const PLAIN: &[(&str, &str, &str)] = &[
    (
        "arithmetic on dtypes",
        "this calculates with something that is not a number",
        "cast(column as bigint) makes a number of text, try_cast(column as bigint) makes null of what is none; durations are \
         columns in seconds, such as duration_seconds",
    ),
    (
        "not allowed on datetime",
        "this calculates with a time as if it were a number",
        "compare times with times: first_event > '2026-11-01'; durations are columns in seconds, such as duration_seconds",
    ),
    (
        "cannot compare string with numeric",
        "this compares text with a number",
        "put text in single quotes: account_id = '123456789012'",
    ),
    (
        "to a string value",
        "this compares a time with text that is no time",
        "write a date or a time in UTC: '2026-11-01' or '2026-11-01 08:30:00'",
    ),
    (
        "filter predicate must be of type",
        "WHERE needs a condition that is true or false",
        "compare with something: chain_id = 'ch-22fddd70d013e968', or is not null",
    ),
    (
        "expected `Boolean`",
        "a condition is missing: what stands here is neither true nor false",
        "compare with something: x > 1, or is not null",
    ),
    (
        "expected `String`",
        "this function takes text, and gets something else",
        "strftime(column, '%Y-%m-%d') makes text of a time, cast(column as varchar) of a number",
    ),
    ("HAVING clause not valid", "HAVING needs GROUP BY", "a condition on single rows stands after WHERE"),
    ("non-numeric arguments for LIMIT", "LIMIT takes a whole number, from 0 on", "for example LIMIT 10"),
    ("returns more than one column", "a subquery after IN gives one column", "name only the column that is compared"),
    (
        "UNION requires equal number of columns",
        "both sides of UNION need the same columns",
        "name the columns after SELECT, on both sides in the same order",
    ),
    ("regex parse error", "this is no regular expression", "write like 'a%' for plain text, or escape ( as \\("),
    ("requires at least one GROUP BY", "this needs GROUP BY", "name the columns to group by after GROUP BY"),
];

/// Returns what the engine means and what to write instead, when it speaks of itself rather than of the query.
pub(super) fn plain(text: &str) -> Option<(String, String)> {
    let known = PLAIN.iter().find(|(sign, ..)| text.contains(sign));
    known
        .map(|(_, what, hint)| ((*what).to_owned(), (*hint).to_owned()))
        .or_else(|| conversion(text))
        .or_else(|| sum(text))
}

/// Some values are not what they are taken for.
fn conversion(text: &str) -> Option<(String, String)> {
    let rest = text.strip_prefix("conversion from ")?;
    let column = rest.split("in column '").nth(1)?.split('\'').next()?;
    let kind =
        if rest.contains("to `i") || rest.contains("to `u") || rest.contains("to `f") { "number" } else { "time" };
    Some((
        format!("`{column}` holds text that is no {kind}"),
        "try_cast(column as bigint) makes null of what does not fit".to_owned(),
    ))
}

/// A function of numbers got something else.
fn sum(text: &str) -> Option<(String, String)> {
    let (function, _) = text.strip_prefix('`')?.split_once("` operation not supported for dtype")?;
    Some((
        format!("`{function}` takes numbers, and gets something else"),
        "count(column) counts values, cast(column as bigint) makes numbers of text".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn types_of_the_engine_are_said_in_plain_words() {
        let (what, _) =
            plain("conversion from `str` to `i32` failed in column 'chain_id' for 2 out of 2 values: [\"x\"]").unwrap();
        assert_eq!(what, "`chain_id` holds text that is no number");
        let (what, _) = plain("`sum` operation not supported for dtype `str`").unwrap();
        assert_eq!(what, "`sum` takes numbers, and gets something else");
        assert!(plain("unsupported function 'foo'").is_none());
    }
}
