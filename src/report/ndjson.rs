//! JSON lines: the run first, then one row on each line, and the summary last.

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Options;
use super::Report;
use super::SCHEMA;
use super::wire::Rows;
use crate::text::exit::Exit;

/// A row and the name of what it is.
#[derive(Serialize)]
struct Line<T> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    #[serde(flatten)]
    row: T,
}

/// Writes the lines.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let first = Line { r#type: "run", schema: Some(SCHEMA), row: rows.run() };
    serde_json::to_writer(&mut *out, &first)?;
    out.write_all(b"\n")?;
    lines(out, "finding", rows.findings())?;
    lines(out, "chain", rows.chains())?;
    lines(out, "route", rows.routes())?;
    lines(out, "denied", rows.denied().into_iter())?;
    lines(out, "long_term_key", rows.long_term_keys())?;
    lines(out, "coverage", std::iter::once(rows.coverage()))?;
    lines(out, "summary", std::iter::once(rows.summary()))
}

fn lines<T: Serialize>(out: &mut Exit<'_>, r#type: &'static str, rows: impl Iterator<Item = T>) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &Line { r#type, schema: None, row })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
