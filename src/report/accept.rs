//! What of a JSON report can be accepted: its open findings, by fingerprint.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SCHEMA;
use crate::audit;
use crate::audit::Rule;
use crate::model::baseline::Known;
use crate::model::finding::Severity;

/// What a report says of its findings.
#[derive(Debug, Default)]
pub struct Acceptable {
    /// The open findings, by fingerprint.
    pub open: BTreeMap<String, Known>,
    /// How many findings an exception or a baseline accepts already.
    pub accepted: u64,
    /// How many findings are about exceptions and baselines: those are not accepted by another one.
    pub about_acceptance: u64,
    /// How many findings the report was asked not to show.
    pub not_shown: u64,
}

#[derive(Deserialize)]
struct Document {
    schema: Option<String>,
    #[serde(default)]
    findings: Vec<Row>,
    #[serde(default)]
    summary: Summary,
}

#[derive(Default, Deserialize)]
struct Summary {
    /// By the filter that left them out.
    #[serde(default)]
    findings_not_shown: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Row {
    rule: String,
    severity: String,
    title: String,
    fingerprint: String,
    status: String,
}

/// Reads a report.
pub fn read(text: &str) -> Result<Acceptable, String> {
    let recipe = format!("`rolechain audit --format json` writes one, schema {SCHEMA}");
    let document: Document = serde_json::from_str(text).map_err(|error| {
        format!("it is no JSON report: line {}, column {}\n  hint: {recipe}", error.line(), error.column())
    })?;
    if document.schema.as_deref() != Some(SCHEMA) {
        return Err(format!("its schema is not {SCHEMA}\n  hint: {recipe}"));
    }
    // What is for another persona is not missing: whoever did not ask for it does not have to accept it.
    let below = |(filter, _): &(&String, &u64)| filter.starts_with("below_");
    let not_shown = document.summary.findings_not_shown.iter().filter(below).map(|(_, count)| count).sum();
    let mut found = Acceptable { not_shown, ..Acceptable::default() };
    for row in document.findings {
        let severity = Severity::parse(&row.severity)
            .ok_or_else(|| format!("a finding of {} has no known severity\n  hint: {recipe}", row.rule))?;
        match row.status.as_str() {
            "new" | "ongoing" | "reopened" | "dormant"
                if audit::rule(&row.rule).is_some_and(Rule::is_about_acceptance) =>
            {
                found.about_acceptance += 1;
            }
            "new" | "ongoing" | "reopened" | "dormant" => {
                found.open.insert(row.fingerprint, Known { rule: row.rule, severity, title: row.title });
            }
            "excepted" => found.accepted += 1,
            _ => {}
        }
    }
    Ok(found)
}
