//! The verdict: one sentence, the numbers behind it, whether the input was whole; and what the page rests on.

use maud::Markup;
use maud::html;

use super::View;
use super::blocks;
use super::findings;
use super::page;
use crate::report::SCHEMA;
use crate::report::document::Fact;
use crate::report::document::Kind;
use crate::report::document::assurance;
use crate::report::document::facts;
use crate::report::document::facts::Verdict;
use crate::report::names::number;

/// What people write in.
const FIELDS: [&str; 4] = ["Name", "Role", "Date", "Signature"];

pub(super) fn section(view: &View<'_>) -> Markup {
    let grade = match facts::verdict(view) {
        Verdict::Good => "good",
        Verdict::Notice => "notice",
        Verdict::Alarm => "alarm",
    };
    let assurance = assurance::section(view);
    html! {
        section id="verdict" class={ "verdict " (grade) } aria-labelledby="verdict-title" {
            h2 id="verdict-title" { "Verdict" }
            p.sentence { (facts::sentence(view)) }
            (blocks::blocks(&facts::warnings(view)))
            @if view.coverage.records.read > 0 { (tiles(view)) }
            @if assurance.blocks.is_empty() {
                (page::note(&format!("Assurance: {}.", assurance.note)))
            } @else {
                details.assurance { summary { "Assurance: " (assurance.note) } (blocks::blocks(&assurance.blocks)) }
            }
            (findings::worst(view))
        }
    }
}

fn tiles(view: &View<'_>) -> Markup {
    html! {
        ul.tiles aria-label="Open findings by severity" {
            @for (severity, count) in view.summary.findings.worst_first() {
                li class=(if count == 0 { "none" } else { severity }) {
                    span.figure { (number(count)) } " " span { (severity) }
                }
            }
        }
    }
}

/// Says what made this page, from what, and how.
pub(super) fn provenance(view: &View<'_>) -> Markup {
    let run = view.rows.report.run;
    let choice = run.choice;
    let fact = |name, text: String| Fact { name, kind: Kind::Words, text };
    let time = run.started_at.map(|started| {
        let finished = run.finished_at.map_or_else(|| "?".to_owned(), |time| time.to_string());
        fact("Run", format!("{started} to {finished}"))
    });
    let shown = format!(
        "severity from {}, confidence from {}, for {} readers",
        choice.min_severity.name(),
        choice.min_confidence.name(),
        choice.persona.name()
    );
    let keys = if view.rows.options.redact { "only the last four characters" } else { "in full" };
    let mut facts = facts::facts(view);
    facts.extend(time);
    facts.push(fact("findings shown", shown));
    facts.push(fact("key ids", keys.to_owned()));
    facts.push(fact("same rows as data", format!("--format json, schema {SCHEMA}")));
    page::section("provenance", "Provenance", &blocks::facts(&facts))
}

/// Empty fields, to be filled in by people.
pub(super) fn attestation(_: &View<'_>) -> Markup {
    let body = html! {
        p {
            "To be signed by people. Until then nobody vouches for this page; the same report as JSON carries the same rows \
             for whoever wants to check it."
        }
        table.sign {
            caption { "Prepared and reviewed by" }
            thead { tr { td {} th scope="col" { "Prepared by" } th scope="col" { "Reviewed by" } } }
            tbody { @for field in FIELDS { tr { th scope="row" { (field) } td {} td {} } } }
        }
    };
    page::section("attestation", "Attestation", &body)
}
