//! Exactly what was typed.
#![expect(clippy::doc_markdown, reason = "doc comments here are help texts, where backticks would be noise")]
#![expect(clippy::struct_excessive_bools, reason = "flags are what people type")]

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use super::args_trust::TrustArgs;
use super::bucket::BucketArgs;

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
  rolechain audit s3://bucket/AWSLogs --since 7d               the same, straight from the bucket
  rolechain audit logs/ --expectations rolechain.toml          judge by what the owners expect
  rolechain audit logs/ -o report.md -o findings.sarif         several files, each by its extension
  rolechain audit logs/ --report out/                          every format at once
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

const RULES_EXAMPLES: &str = "\
Examples:
  rolechain rules                             all of them, with their usual severity
  rolechain rules --color never | grep key    those that speak of keys";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  rolechain explain missing-external-id       what it finds, when it stays silent, what to do
  rolechain explain unexpected-subject | less";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  rolechain completions bash > ~/.local/share/bash-completion/completions/rolechain
  rolechain completions zsh > \"${fpath[1]}/_rolechain\"
  rolechain completions fish > ~/.config/fish/completions/rolechain.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  rolechain man | man -l -                    one page with every command
  rolechain man --to ~/.local/share/man/man1  a page for each command";
const VERIFY_EXAMPLES: &str = "\
Examples:
  rolechain verify s3://trail-bucket --list-public-keys --since 7d   asks CloudTrail for its public keys
  aws cloudtrail list-public-keys --region eu-central-1 --start-time 2026-11-01 > keys.json
  rolechain verify logs/ --public-keys keys.json                     a local copy, offline
  rolechain verify logs/                                             hashes and chains only, no signatures

SOURCE holds the log files and the digest files (AWSLogs/…/CloudTrail/ and AWSLogs/…/CloudTrail-Digest/).
CloudTrail is asked for its keys only with --list-public-keys, once for each region.
Beside a copied digest file FILE, FILE.signature may hold its signature in hexadecimal, or what
aws s3api head-object prints of it.

Exit status: 0 done; 2 usage or operational error; 3 with --strict, when something failed or could not be read.";

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
    /// Check logs against CloudTrail's digest files: unchanged, complete, and signed by CloudTrail
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Replay trust policies, suggest tighter ones, and list what is granted and what is used
    Trust(TrustArgs),
    /// Write the tables of a run for BI tools and SQL, as Parquet or CSV
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportArgs),
    /// Ask the tables by SQL: shipped queries, or your own
    #[command(after_help = QUERY_EXAMPLES)]
    Query(QueryArgs),
    /// List the rules that audit applies
    #[command(after_help = RULES_EXAMPLES)]
    Rules(ShowArgs),
    /// Look after a store: what is in it, compact it, merge others into it
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Explain one rule: what it finds, when it stays silent, what to do
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual, in roff
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// Write a page for each command into this directory instead
        #[arg(long, value_name = "DIR")]
        to: Option<String>,
    },
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
    /// How to say it, on standard output and in files whose extension does not say [default: table]
    #[arg(long, value_enum, help_heading = "Output")]
    pub(super) format: Option<FormatArg>,
    /// Write every format into this directory, each file whole or not at all
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(super) report: Option<String>,
    /// Exit 1 when a finding is at least this severe
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Output")]
    pub(super) fail_on: Option<SeverityArg>,
    /// Exit 3 when some input could not be read, or failed the check of --verify
    #[arg(long, help_heading = "Output")]
    pub(super) strict: bool,
    /// With --store: keep so many days with records, such as 400d; older ones go, open chains stay whole
    #[arg(long, value_name = "DAYS", requires = "store", help_heading = "Input")]
    pub(super) keep: Option<String>,
    /// Check the logs against CloudTrail's digest files, too, while they are read
    #[arg(long, help_heading = "Integrity")]
    pub(super) verify: bool,
    #[command(flatten)]
    pub(super) keys: KeyArgs,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Check only the digests of this account (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Input")]
    pub(super) account: Vec<String>,
    #[command(flatten)]
    pub(super) keys: KeyArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// How to say it: table, json or ndjson
    #[arg(long, value_enum, help_heading = "Output")]
    pub(super) format: Option<FormatArg>,
    /// Exit 3 when something failed, or could not be read
    #[arg(long, help_heading = "Output")]
    pub(super) strict: bool,
}

/// The keys that signatures are checked with.
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    /// CloudTrail's public keys: the JSON that `aws cloudtrail list-public-keys` prints (repeatable, for several regions)
    #[arg(long, value_name = "FILE", help_heading = "Integrity")]
    pub(super) public_keys: Vec<String>,
    /// Ask CloudTrail for its public keys (cloudtrail:ListPublicKeys), in each region that digest files are from
    #[arg(long, help_heading = "Integrity")]
    pub(super) list_public_keys: bool,
}

impl KeyArgs {
    /// Says whether any keys are named or asked for.
    pub(super) fn is_given(&self) -> bool {
        self.list_public_keys || !self.public_keys.is_empty()
    }
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
    /// How to say it: table, json or ndjson [default: table, or what the extension of --output says]
    #[arg(long, value_enum, hide_possible_values = true, help_heading = "Output")]
    pub(super) format: Option<FormatArg>,
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
    /// Directories (walked), files, s3://bucket/prefix, or - for standard input; several may be mixed
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
    #[command(flatten)]
    pub(super) bucket: BucketArgs,
}

/// How to show it.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Write to this file, whole or not at all, instead of standard output, which is - (repeatable)
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Vec<String>,
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
    /// One self-contained page for a browser
    Html,
    /// For job summaries, pull requests and wikis
    Markdown,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit XML, a test case for each rule
    Junit,
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
