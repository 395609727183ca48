//! The schema as Markdown: the generated part of `docs/store.md`.

use std::fmt::Write as _;

use super::tables;
use crate::frame::Kind;

/// Returns every table and its columns as Markdown.
pub fn schema_markdown() -> String {
    let mut text = String::new();
    for table in tables::TABLES {
        let is_daily = tables::DAILY.iter().any(|daily| daily.name == table.name);
        let place = if is_daily { "one folder for each day: `dt=2026-11-02`" } else { "not by day" };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "### `{}`\n\n{} ({place})\n\n| column | type | meaning |\n| --- | --- | --- |\n",
            table.name, table.doc
        );
        for column in table.columns {
            let kind = match column.kind {
                Kind::Text => "text",
                Kind::Integer => "integer",
                Kind::Moment => "timestamp",
                Kind::Boolean => "boolean",
            };
            let _ = writeln!(text, "| `{}` | {kind} | {} |", column.name, column.doc);
        }
        text.push('\n');
    }
    text
}
