//! `docs/queries.md`: the queries that come with the program, from their headings.

use std::fmt::Write as _;

use super::shipped::SHIPPED;

/// Returns the page.
pub fn queries() -> String {
    let mut page = "# Shipped queries\n\n\
        `rolechain query` lists them, `rolechain query NAME SOURCE...` runs one, over logs or over a directory that `rolechain export` wrote \
        as Parquet. Each is a file in `queries/`, and runs in DuckDB unchanged over the exported files: `export.md` shows how. \
        The tables are those of `schema.md`. This page is written by the tests from the headings of the files.\n\n\
        In SQL of your own, whole numbers go up to 9223372036854775807. Larger ones are refused where they are written, but a \
        calculation with columns that grows beyond begins again at the other end, without a word: where that may happen, \
        calculate with `cast(column as double)`.\n"
        .to_owned();
    for query in SHIPPED {
        let _ = write!(
            page,
            "\n## {}\n\n**{}**\n\n{}\n\n{}\n",
            query.name,
            query.question(),
            sentence(&query.columns()),
            query.answer()
        );
    }
    page
}

/// Begins with a capital: on the page, the columns are a sentence of their own.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
