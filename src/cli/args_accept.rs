//! Exactly what was typed about what is accepted, and about what is shown.

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use super::args::SeverityArg;

/// What is accepted.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AcceptArgs {
    /// Findings that were known on a day and are accepted for a time; baseline accept makes it
    #[arg(long, value_name = "FILE", help_heading = "Findings")]
    pub(super) baseline: Option<String>,
    /// Accept nothing: no exception of the expectations file holds
    #[arg(long, conflicts_with = "baseline", help_heading = "Findings")]
    pub(super) no_exceptions: bool,
}

/// Which findings are shown. The rest is counted, and the report says so.
#[derive(Debug, Args)]
pub(super) struct ShownArgs {
    /// Show only findings that are at least this severe
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Findings")]
    pub(super) min_severity: Option<SeverityArg>,
    /// Show only findings that are at least this sure
    #[arg(long, value_enum, value_name = "CONFIDENCE", help_heading = "Findings")]
    pub(super) min_confidence: Option<ConfidenceArg>,
    /// For whom: who has to act, who wants it tidy, or who has to account for everything; each hears what those before hear
    #[arg(long, value_enum, default_value_t = PersonaArg::Regular, help_heading = "Findings")]
    pub(super) persona: PersonaArg,
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
    #[arg(long, value_name = "RULE")]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfidenceArg {
    Low,
    Medium,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PersonaArg {
    /// Whoever has to act
    Regular,
    /// Whoever wants it tidy
    Pedantic,
    /// Whoever has to account for everything
    Auditor,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// The catalogue as Markdown, as docs/rules/README.md holds it
    #[arg(long, conflicts_with = "format")]
    pub(super) markdown: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t = RulesFormatArg::Table)]
    pub(super) format: RulesFormatArg,
    #[command(flatten)]
    pub(super) show: super::args::ShowArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormatArg {
    /// For people
    Table,
    /// An array with one object for each rule
    Json,
    /// The catalogue, with links to the pages
    Markdown,
}
