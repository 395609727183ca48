//! The catalogue of rules for pages and programs: what each finds, how grave and how sure it is, for whom, and what it
//! needs.

use std::io;

use serde::Serialize;

use crate::audit::Rule;
use crate::text::markdown;

/// One rule.
#[derive(Serialize)]
struct Row {
    id: &'static str,
    title: &'static str,
    severity: &'static str,
    confidence: &'static str,
    basis: &'static str,
    persona: &'static str,
    needs: &'static str,
    remediation: &'static str,
    references: Vec<&'static str>,
    page: String,
}

impl Row {
    fn of(rule: &'static Rule) -> Self {
        Self {
            id: rule.id,
            title: rule.title,
            severity: rule.severity.name(),
            confidence: rule.confidence.name(),
            basis: rule.basis.name(),
            persona: rule.persona.name(),
            needs: rule.needs,
            remediation: rule.remediation,
            references: rule.references().collect(),
            page: format!("docs/rules/{}.md", rule.id),
        }
    }
}

/// Writes the rules as a JSON array.
pub fn json(rules: &[&'static Rule], out: &mut dyn io::Write) -> io::Result<()> {
    let rows: Vec<Row> = rules.iter().map(|rule| Row::of(rule)).collect();
    serde_json::to_writer_pretty(&mut *out, &rows)?;
    out.write_all(b"\n")
}

/// Writes the page `docs/rules/README.md`.
pub fn markdown(rules: &[&'static Rule], out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "# The rules\n\n\
         Printed by `rolechain rules --markdown`. Severity, confidence and basis are the usual ones: each page says what \
         raises and lowers them.\n\
         Basis: *proof* follows from what AWS guarantees, *match* contradicts an expectation, a policy or a known pattern, \
         *novelty* was not seen before, *heuristic* looks like something.\n\
         Persona: *regular* is shown always, *pedantic* and *auditor* only to who asks with `--persona`.\n\n\
         | rule | what it finds | severity | confidence | basis | persona | needs |\n\
         | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for rule in rules {
        let row = Row::of(rule);
        writeln!(
            out,
            "| [{}]({}.md) | {} | {} | {} | {} | {} | {} |",
            row.id,
            row.id,
            markdown::cell(row.title),
            row.severity,
            row.confidence,
            row.basis,
            row.persona,
            // Markdown already.
            row.needs,
        )?;
    }
    Ok(())
}
