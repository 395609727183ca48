//! Exactly what was typed.
#![expect(clippy::doc_markdown, reason = "doc comments here are help texts, where backticks would be noise")]
#![expect(clippy::struct_excessive_bools, reason = "flags are what people type")]

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

const EXAMPLES: &str = "\
Examples:
  rolechain audit logs/                       who did what, through which roles, and was it expected
  rolechain audit logs/ --fail-on high        for CI: exit 1 when something high or critical is found
  rolechain chains logs/ --role '*ci-deploy*' how people and pipelines reach a role
  rolechain trace ASIA2EXAMPLEKEY logs/       one session from its origin to its last call
  rolechain explain missing-external-id       what a finding means and what to do";

const AUDIT_EXAMPLES: &str = "\
Examples:
  rolechain audit logs/                                        everything below a directory
  rolechain audit logs/ --since 7d                             the last seven days
  rolechain audit logs/ --expectations rolechain.toml          judge by what the owners expect
  rolechain audit logs/ --format json --output report.json     for programs
  zcat *.json.gz | rolechain audit -                           from standard input

Exit status: 0 done; 1 findings at or above --fail-on; 2 usage or operational error;
3 with --strict, when some input was incomplete or unreadable.";

const CHAINS_EXAMPLES: &str = "\
Examples:
  rolechain chains logs/                                      every route, the busiest first
  rolechain chains logs/ --subject 'repo:acme/orders:*'       what one repository reaches
  rolechain chains logs/ --origin long_term_key --account 222222222222
  rolechain chains logs/ --role '*/ci-deploy-role' --tree     one chain after the other, as trees";

const EXPORT_EXAMPLES: &str = "\
Examples:
  rolechain export logs/ --to out/ --format parquet                      every table as one file
  rolechain export logs/ --to out/ --format csv --table findings         only the findings, for a spreadsheet
  rolechain export logs/ --to out/ --format parquet --partition-by-day   for Athena and Spark

The directory is replaced as a whole: readers see the old export or the new one, never half of one.
docs/schema.md describes the tables, docs/export.md how BI tools read them.";

const QUERY_EXAMPLES: &str = "\
Examples:
  rolechain query                                        the shipped queries
  rolechain query who-reached-prod logs/                 one of them, over logs
  rolechain query who-reached-prod out/ --format csv     the same over an export, which is read, not scanned again
  rolechain query --sql 'select * from chains' logs/     your own; docs/schema.md describes the tables
  rolechain query --file report.sql out/ --format json";

const TRACE_EXAMPLES: &str = "\
ID is a chain id (ch-…), an access key id, an event id, a session ARN, or the number of a CI run.

Examples:
  rolechain trace ch-0f3c9a1be2d45678 logs/
  rolechain trace ASIA2EXAMPLEKEY logs/
  rolechain trace arn:aws:sts::222222222222:assumed-role/ci-deploy-role/GitHubActions logs/
  rolechain trace 19000000001 logs/";

/// Reads CloudTrail logs and says who really deployed, through which roles, and whether that was expected.
#[derive(Debug, Parser)]
#[command(name = "rolechain", version, about, after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Link role sessions into chains, judge them, and report
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// List routes and chains, filtered
    #[command(after_help = CHAINS_EXAMPLES)]
    Chains(ChainsArgs),
    /// Show one chain or session in full, as a tree with times
    #[command(after_help = TRACE_EXAMPLES)]
    Trace(TraceArgs),
    /// Write the tables of a run for BI tools and SQL, as Parquet or CSV
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportArgs),
    /// Ask the tables by SQL: shipped queries, or your own
    #[command(after_help = QUERY_EXAMPLES)]
    Query(QueryArgs),
    /// List the rules that audit applies
    Rules(ShowArgs),
    /// Explain one rule: what it finds, when it stays silent, what to do
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff
    Man,
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Read only the logs of this account (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Input")]
    pub(super) account: Vec<String>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// How to say it
    #[arg(long, value_enum, default_value_t = FormatArg::Table, help_heading = "Output")]
    pub(super) format: FormatArg,
    /// Exit 1 when a finding is at least this severe
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Output")]
    pub(super) fail_on: Option<SeverityArg>,
    /// Exit 3 when some input could not be read
    #[arg(long, help_heading = "Output")]
    pub(super) strict: bool,
}

#[derive(Debug, Args)]
pub(super) struct ChainsArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Only chains whose origin's subject fits this glob
    #[arg(long, value_name = "GLOB", help_heading = "Filter")]
    pub(super) subject: Option<String>,
    /// Only chains through a role whose ARN, or name with path, fits this glob
    #[arg(long, value_name = "GLOB", help_heading = "Filter")]
    pub(super) role: Option<String>,
    /// Only chains that began like this: oidc, saml, identity_center, long_term_key, root, console, aws_service, … (or short: sso, key, service, account)
    #[arg(long, value_name = "KIND", help_heading = "Filter")]
    pub(super) origin: Option<String>,
    /// Only chains with a role of this account
    #[arg(long, value_name = "GLOB", help_heading = "Filter")]
    pub(super) account: Option<String>,
    /// Only chains with a session or an origin of this access key id
    #[arg(long, value_name = "GLOB", help_heading = "Filter")]
    pub(super) key: Option<String>,
    /// Draw each chain as a tree
    #[arg(long)]
    pub(super) tree: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t = FormatArg::Table, help_heading = "Output")]
    pub(super) format: FormatArg,
}

#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    /// A chain id, access key id, event id, session ARN, or CI run id
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Read only the logs of this account (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Input")]
    pub(super) account: Vec<String>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Read only the logs of this account (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Input")]
    pub(super) account: Vec<String>,
    /// The directory to write; an export that is there is replaced
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(super) to: String,
    /// How to write the tables
    #[arg(long, value_enum, help_heading = "Output")]
    pub(super) format: TableFormatArg,
    /// One folder for each day, in Hive layout: TABLE/dt=YYYY-MM-DD/
    #[arg(long, help_heading = "Output")]
    pub(super) partition_by_day: bool,
    /// Only this table (repeatable); by default all
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub(super) table: Vec<String>,
    /// Show only the last four characters of access key ids
    #[arg(long, help_heading = "Output")]
    pub(super) redact: bool,
    /// Chains of one hop that AWS services make for themselves, too
    #[arg(long, help_heading = "Output")]
    pub(super) include_services: bool,
    /// Say nothing but errors
    #[arg(long, short, help_heading = "Output")]
    pub(super) quiet: bool,
    /// Show no progress bar
    #[arg(long, help_heading = "Output")]
    pub(super) no_progress: bool,
}

#[derive(Debug, Args)]
#[command(mut_arg("sources", |arg| arg.required(false).value_name("NAME] [SOURCE").help(
    "The name of a shipped query (not with --sql and --file), then directories (walked), files, - for standard input, or one export directory"
)))]
pub(super) struct QueryArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Read only the logs of this account (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Input")]
    pub(super) account: Vec<String>,
    /// The query itself
    #[arg(long, value_name = "TEXT", help_heading = "Query", conflicts_with = "file")]
    pub(super) sql: Option<String>,
    /// A file with the query
    #[arg(long, value_name = "FILE", help_heading = "Query")]
    pub(super) file: Option<String>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = AnswerFormatArg::Table, help_heading = "Output")]
    pub(super) format: AnswerFormatArg,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// When to use colour
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule's id, as reports name it
    pub(super) rule: String,
    #[command(flatten)]
    pub(super) show: ShowArgs,
}

/// What to read.
#[derive(Clone, Debug, Args)]
pub(super) struct InputArgs {
    /// Directories (walked), files, or - for standard input; several may be mixed
    #[arg(value_name = "SOURCE", required = true)]
    pub(super) sources: Vec<String>,
    /// Only events from this moment on: RFC 3339, a date, or how long ago (7d, 12h)
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    pub(super) since: Option<String>,
    /// Only events before this moment
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    pub(super) until: Option<String>,
    /// Only events of this region (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub(super) region: Vec<String>,
    /// What should happen; by default rolechain.toml here or beside a source, if there
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) expectations: Option<String>,
    /// Look for no expectations file
    #[arg(long, conflicts_with = "expectations", help_heading = "Input")]
    pub(super) no_expectations: bool,
    /// How many threads, 1 to 256; by default one per core
    #[arg(long, value_name = "N", help_heading = "Input", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
}

/// How to show it.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<String>,
    /// Show only the last four characters of access key ids
    #[arg(long, help_heading = "Output")]
    pub(super) redact: bool,
    /// List chains of one hop that AWS services make for themselves, too
    #[arg(long, help_heading = "Output")]
    pub(super) include_services: bool,
    /// When to use colour (NO_COLOR is honoured)
    #[arg(long, value_enum, default_value_t = ColorArg::Auto, help_heading = "Output")]
    pub(super) color: ColorArg,
    /// Say nothing on standard error but errors
    #[arg(long, short, help_heading = "Output")]
    pub(super) quiet: bool,
    /// Show no progress bar
    #[arg(long, help_heading = "Output")]
    pub(super) no_progress: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    /// For people
    Table,
    /// One document, schema rolechain.report/1
    Json,
    /// One object a line
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormatArg {
    /// For Athena, DuckDB, Spark, pandas and most BI tools
    Parquet,
    /// For spreadsheets and Power BI
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AnswerFormatArg {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// An array with one object for each row
    Json,
    /// One Parquet file; needs --output
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SeverityArg {
    Info,
    Low,
    Medium,
    High,
    Critical,
}
