//! One JSON document, and the schema that describes it.

use std::io;
use std::io::Write as _;

use schemars::generate::SchemaSettings;

use super::Options;
use super::Report;
use super::wire::Document;
use super::wire::Rows;
use crate::text::exit::Exit;

/// Writes the document, with a line break at its end.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Rows::new(report, options).document())?;
    out.write_all(b"\n")
}

/// Returns the JSON Schema of the document.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Document<'_>>();
    serde_json::to_string_pretty(&schema).map(|text| text + "\n").unwrap_or_default()
}
