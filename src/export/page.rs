//! `docs/schema.md`: what the tables are, from their declarations.

use std::fmt::Write as _;

use super::SCHEMA_VERSION;
use super::tables::Shape;
use super::tables::TABLES;
use crate::frame::Kind;

/// Returns the page.
pub fn schema() -> String {
    let mut page = format!(
        "# Tables of `rolechain export` and `rolechain query`\n\n\
         Schema version {SCHEMA_VERSION}. Within a version, tables and columns are only added, at the end or in between; none is renamed, \
         removed or given another type or meaning. The version stands in `_rolechain_export.json`. This page is written \
         by the tests from the declarations in the code.\n\n\
         | type | Parquet | CSV |\n| --- | --- | --- |\n"
    );
    for kind in [Kind::Text, Kind::Integer, Kind::Moment, Kind::Boolean] {
        let (parquet, csv) = match kind {
            Kind::Text => (
                "`BYTE_ARRAY` (UTF8)",
                "UTF-8. Text that begins like a formula, at its start or behind `;` and the like, has `'` before it; control characters and commands of CI systems are written as `\\u{1b}`; empty text is `\"\"`",
            ),
            Kind::Integer => ("`INT64`, signed", "digits"),
            Kind::Moment => ("`INT64` (timestamp, microseconds, adjusted to UTC)", "`2026-11-02T08:00:00Z`"),
            Kind::Boolean => ("`BOOLEAN`", "`true`, `false`"),
        };
        let _ = writeln!(page, "| {} | {parquet} | {csv} |", kind.name());
    }
    page.push_str(
        "\nUnknown is null in Parquet and an empty cell in CSV, never `\"\"`, `-` or `0`. Account ids are text: as numbers they would lose their \
         leading zeros. No column is nested; the few that hold names and values are JSON objects as text. Every column may be null \
         but those that name a row.\n\n\
         Chains, hops and routes are those of the report: chains of one hop that AWS services make for themselves are left out \
         unless `--include-services` is given. `sessions`, `activity`, `contacts` and `assumptions` always hold all.\n\n\
         With `--partition-by-day`, a row lies in `TABLE/dt=YYYY-MM-DD/`, by the UTC day of the column named below; rows without that time lie in \
         `dt=__HIVE_DEFAULT_PARTITION__`.\n\n\
         | table | one row is | named by | day of |\n| --- | --- | --- | --- |\n",
    );
    for shape in TABLES {
        let Shape { table, key, day, .. } = shape;
        let key: Vec<String> = key.iter().map(|column| format!("`{column}`")).collect();
        let _ = writeln!(page, "| [`{0}`](#{0}) | {1} | {2} | `{day}` |", table.name, table.doc, key.join(", "));
    }
    for shape in TABLES {
        let Shape { table, .. } = shape;
        let _ = write!(page, "\n## {}\n\n{}\n\n{}", table.name, table.doc, table.markdown());
        if !shape.joins.is_empty() {
            let joins: Vec<String> =
                shape.joins.iter().map(|(column, other)| format!("`{column}` = `{other}`")).collect();
            let _ = write!(page, "\nJoins: {}.\n", joins.join(", "));
        }
    }
    page
}
