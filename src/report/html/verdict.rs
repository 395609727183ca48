//! The verdict: one sentence, the numbers behind it, whether the input was whole; and what the page rests on.

use std::io;

use super::View;
use super::blocks;
use super::findings;
use super::page::Page;
use crate::report::SCHEMA;
use crate::report::document::Fact;
use crate::report::document::Kind;
use crate::report::document::assurance;
use crate::report::document::facts;
use crate::report::document::facts::Verdict;
use crate::report::names::number;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let grade = match facts::verdict(view) {
        Verdict::Good => "good",
        Verdict::Notice => "notice",
        Verdict::Alarm => "alarm",
    };
    page.put("<section id=\"verdict\" class=\"verdict {}\" aria-labelledby=\"verdict-title\">\n", [&grade])?;
    page.raw("<h2 id=\"verdict-title\">Verdict</h2>\n")?;
    page.put("<p class=\"sentence\">{}</p>\n", [&facts::sentence(view)])?;
    blocks::blocks(&facts::warnings(view), page)?;
    if view.coverage.records.read > 0 {
        tiles(view, page)?;
    }
    let assurance = assurance::section(view);
    if assurance.blocks.is_empty() {
        page.put("<p class=\"note\">Assurance: {}.</p>\n", [&assurance.note])?;
    } else {
        page.put("<details class=\"assurance\"><summary>Assurance: {}</summary>\n", [&assurance.note])?;
        blocks::blocks(&assurance.blocks, page)?;
        page.raw("</details>\n")?;
    }
    findings::worst(view, page)?;
    page.end_section()
}

fn tiles(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<ul class=\"tiles\" aria-label=\"Open findings by severity\">\n")?;
    for (severity, count) in view.summary.findings.worst_first() {
        let class = if count == 0 { "none" } else { severity };
        page.put(
            "<li class=\"{}\"><span class=\"figure\">{}</span> <span>{}</span></li>\n",
            [&class, &number(count), &severity],
        )?;
    }
    page.raw("</ul>\n")
}

/// Says what made this page, from what, and how.
pub(super) fn provenance(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let run = view.rows.run();
    page.section("provenance", "Provenance")?;
    blocks::write_facts(&facts::facts(view), page)?;
    let fact = |name, text: String| Fact { name, kind: Kind::Words, text };
    let mut facts = Vec::new();
    if let Some(started) = run.started_at {
        let finished = run.finished_at.map_or_else(|| "?".to_owned(), |time| time.to_string());
        facts.push(fact("Run", format!("{started} to {finished}")));
    }
    let (choice, shown) = (view.rows.report.run.choice, view.rows.options.redact);
    facts.push(fact(
        "findings shown",
        format!(
            "severity from {}, confidence from {}, for {} readers",
            choice.min_severity.name(),
            choice.min_confidence.name(),
            choice.persona.name()
        ),
    ));
    facts.push(fact("key ids", if shown { "only the last four characters" } else { "in full" }.to_owned()));
    facts.push(fact("same rows as data", format!("--format json, schema {SCHEMA}")));
    blocks::write_facts(&facts, page)?;
    page.end_section()
}
