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
    /// List the rules that audit applies
    Rules(ShowArgs),
    /// Look after a store: what is in it, compact it, merge others into it
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
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

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Say what is in a store: days, accounts, objects, findings, sizes
    Status {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// How to say it
        #[arg(long, value_enum, default_value_t = StatusFormatArg::Table)]
        format: StatusFormatArg,
    },
    /// Merge the files of each day into one, and let old days go
    Compact {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// Keep so many days with records, such as 400d; older ones go, open chains stay whole
        #[arg(long, value_name = "DAYS")]
        keep: Option<String>,
    },
    /// Add to one store what others hold: nothing is counted twice
    Merge {
        /// The stores to read
        #[arg(value_name = "DIR", required = true)]
        directories: Vec<String>,
        /// The store to add to; made when it is not there
        #[arg(long, value_name = "DIR")]
        into: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StatusFormatArg {
    /// For people
    Table,
    /// One document
    Json,
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
    /// With --store: keep so many days with records, such as 400d; older ones go, open chains stay whole
    #[arg(long, value_name = "DAYS", requires = "store", help_heading = "Input")]
    pub(super) keep: Option<String>,
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
#[derive(Debug, Args)]
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
    /// Remember in this directory what was read, and read only what is new; docs/store.md tells more
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(super) store: Option<String>,
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
