//! JSON lines: the run first, then one row on each line, and the summary last.

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Options;
use super::Report;
use super::SCHEMA;
use super::wire::Rows;

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
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let mut out = io::BufWriter::new(out);
    let first = Line { r#type: "run", schema: Some(SCHEMA), row: rows.run() };
    serde_json::to_writer(&mut out, &first)?;
    out.write_all(b"\n")?;
    lines(&mut out, "finding", rows.findings())?;
    lines(&mut out, "chain", rows.chains())?;
    lines(&mut out, "route", rows.routes())?;
    lines(&mut out, "denied", rows.denied().into_iter())?;
    lines(&mut out, "long_term_key", rows.long_term_keys())?;
    lines(&mut out, "coverage", std::iter::once(rows.coverage()))?;
    lines(&mut out, "summary", std::iter::once(rows.summary()))?;
    out.flush()
}

fn lines<T: Serialize>(out: &mut dyn io::Write, r#type: &'static str, rows: impl Iterator<Item = T>) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &Line { r#type, schema: None, row })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
