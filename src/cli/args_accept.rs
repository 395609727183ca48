//! Exactly what was typed about rules and findings: what is accepted, and what is shown.

use clap::Args;
use clap::Subcommand;

use super::args_shared::ShowArgs;
use super::words;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::report::Format;

/// Which findings are shown. The rest is counted, and the report says so.
#[derive(Debug, Args)]
pub(super) struct ShownArgs {
    /// Show only findings that are at least this severe
    #[arg(long, value_parser = words::of(Severity::WORST_FIRST, Severity::name), value_name = "SEVERITY", help_heading = "Findings")]
    pub(super) min_severity: Option<Severity>,
    /// Show only findings that are at least this sure
    #[arg(long, value_parser = words::of(Confidence::SUREST_FIRST, Confidence::name), value_name = "CONFIDENCE", help_heading = "Findings", hide_short_help = true)]
    pub(super) min_confidence: Option<Confidence>,
    /// For whom: who has to act, who wants it tidy, or who has to account for everything; each is also shown what those before are shown
    #[arg(long, default_value = "regular", help_heading = "Findings", value_parser = words::with_help([
        (Persona::Regular, "Whoever has to act"),
        (Persona::Pedantic, "Whoever wants it tidy"),
        (Persona::Auditor, "Whoever has to account for everything"),
    ], Persona::name), hide_short_help = true)]
    pub(super) persona: Persona,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Accept the open findings of JSON reports for a time
    #[command(after_help = super::examples::BASELINE_EXAMPLES)]
    Accept(BaselineAcceptArgs),
}

#[derive(Debug, Args)]
pub(super) struct BaselineAcceptArgs {
    /// Reports that rolechain audit --format json wrote
    #[arg(value_name = "REPORT", required = true)]
    pub(super) reports: Vec<String>,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Accept only what this rule found (repeatable)
    #[arg(long, value_name = "RULE", value_parser = words::rules(), hide_possible_values = true)]
    pub(super) rule: Vec<String>,
    /// How long it holds, 1 to 90 days from today
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=90))]
    pub(super) days: u16,
    /// Write to this file, whole or not at all, instead of standard output; one that is there is left alone
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// The catalogue as Markdown, as docs/rules/README.md holds it
    #[arg(long, conflicts_with = "format")]
    pub(super) markdown: bool,
    /// The format
    #[arg(long, default_value = "table", value_parser = words::with_help([
        (Format::Table, "For people"),
        (Format::Json, "An array with one object for each rule"),
        (Format::Markdown, "The catalogue, with links to the pages"),
    ], Format::name))]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) show: ShowArgs,
}
