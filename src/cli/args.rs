//! Exactly what was typed.
#![expect(clippy::doc_markdown, reason = "doc comments here are help texts, where backticks would be noise")]

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

use super::args_accept::BaselineCommand;
use super::args_accept::RulesArgs;
use super::args_accept::ShownArgs;
use super::args_ci::CiArgs;
use super::args_shared::AcceptArgs;
use super::args_shared::ContentArgs;
use super::args_shared::InputArgs;
use super::args_shared::LogsArgs;
use super::args_shared::NoiseArgs;
use super::args_shared::OutputArgs;
use super::args_shared::ShowArgs;
use super::args_trust::TrustArgs;
use super::examples;
use super::words;
use crate::export::FileFormat;
use crate::model::finding::Severity;
use crate::model::origin::OriginKind;
use crate::report::Format;

/// Reads CloudTrail logs and says who really deployed, through which roles, and whether that was expected.
#[derive(Debug, Parser)]
#[command(name = "rolechain", version, about, after_help = examples::EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Link role sessions into chains, judge them, and report
    #[command(after_help = examples::AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// List routes and chains, filtered
    #[command(after_help = examples::CHAINS_EXAMPLES)]
    Chains(ChainsArgs),
    /// Say who acted in an account, on a role, from a repository or address, and whether it was expected
    #[command(after_help = examples::WHO_EXAMPLES)]
    Who(WhoArgs),
    /// Show one chain, session, key, event, denied attempt or finding in full
    #[command(after_help = examples::TRACE_EXAMPLES)]
    Trace(TraceArgs),
    /// Check logs against CloudTrail's digest files: unchanged, complete, and signed by CloudTrail
    #[command(after_help = examples::VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Draft rolechain.toml from trust policies and from logs
    #[command(after_help = examples::INFER_EXAMPLES)]
    Infer(InferArgs),
    /// Replay trust policies, suggest tighter ones, and list what is granted and what is used
    Trust(TrustArgs),
    /// Say which CI runs these logs name, and fetch what the CI system knows of them
    Ci(CiArgs),
    /// Write the tables of a run for BI tools and SQL, as Parquet or CSV
    #[command(after_help = examples::EXPORT_EXAMPLES)]
    Export(ExportArgs),
    /// Ask the tables by SQL: shipped queries, or your own
    #[command(after_help = examples::QUERY_EXAMPLES)]
    Query(QueryArgs),
    /// List the rules that audit applies
    #[command(after_help = examples::RULES_EXAMPLES)]
    Rules(RulesArgs),
    /// Accept what is known today for a time, so that only new findings stand out
    #[command(after_help = examples::BASELINE_EXAMPLES)]
    Baseline {
        #[command(subcommand)]
        command: BaselineCommand,
    },
    /// Show what is in a store, compact it, or merge others into it
    #[command(after_help = examples::STORE_EXAMPLES)]
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Explain one rule: what it finds, when it stays silent, what to do
    #[command(after_help = examples::EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual, in roff
    #[command(after_help = examples::MAN_EXAMPLES)]
    Man {
        /// Write a page for each command into this directory instead
        #[arg(long, value_name = "DIR")]
        to: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// The format of standard output, and of files whose extension does not name one [default: table]
    #[arg(long, value_parser = words::formats(), help_heading = "Output")]
    pub(super) format: Option<Format>,
    /// Write every format into this directory, each file whole or not at all
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(super) report: Option<String>,
    /// Exit 1 when a finding that is shown is at least this severe
    #[arg(long, value_parser = words::of(Severity::WORST_FIRST, Severity::name), value_name = "SEVERITY", help_heading = "Output")]
    pub(super) fail_on: Option<Severity>,
    /// Exit 3 when some input could not be read, or failed the check of --verify
    #[arg(long, help_heading = "Output")]
    pub(super) strict: bool,
    /// With --store: keep so many days with records, such as 400d; older ones go, open chains stay whole
    #[arg(long, value_name = "DAYS", requires = "store", help_heading = "Input", value_parser = words::days, hide_short_help = true)]
    pub(super) keep: Option<u32>,
    #[command(flatten)]
    pub(super) accept: AcceptArgs,
    #[command(flatten)]
    pub(super) shown: ShownArgs,
    /// Check the logs against CloudTrail's digest files, too, while they are read
    #[arg(long, help_heading = "Integrity")]
    pub(super) verify: bool,
    #[command(flatten)]
    pub(super) keys: KeyArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("store", |arg| arg.hide(true)))]
#[command(mut_arg("list_since", |arg| arg.hide(true)))]
#[command(mut_arg("iam", |arg| arg.hide(true)))]
#[command(mut_arg("expectations", |arg| arg.hide(true)))]
#[command(mut_arg("no_expectations", |arg| arg.hide(true)))]
#[command(mut_arg("include_services", |arg| arg.hide(true)))]
#[command(mut_arg("account", |arg| arg.help("Check only the digests of this account (repeatable)")))]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    #[command(flatten)]
    pub(super) keys: KeyArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// The format: table, json or ndjson
    #[arg(long, value_parser = words::formats(), hide_possible_values = true, help_heading = "Output")]
    pub(super) format: Option<Format>,
    /// Exit 3 when something failed, or could not be read
    #[arg(long, help_heading = "Output")]
    pub(super) strict: bool,
}

/// The keys that signatures are checked with.
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    /// CloudTrail's public keys: the JSON that `aws cloudtrail list-public-keys` prints (repeatable, for several regions)
    #[arg(long, value_name = "FILE", help_heading = "Integrity", hide_short_help = true)]
    pub(super) public_keys: Vec<String>,
    /// Ask CloudTrail for its public keys (cloudtrail:ListPublicKeys), in each region that digest files are from
    #[arg(long, help_heading = "Integrity", hide_short_help = true)]
    pub(super) list_public_keys: bool,
}

impl KeyArgs {
    /// Says whether any keys are named or asked for.
    pub(super) fn is_given(&self) -> bool {
        self.list_public_keys || !self.public_keys.is_empty()
    }
}

#[derive(Debug, Args)]
#[command(mut_arg("iam", |arg| arg.hide(true)))]
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
    /// Only chains that began like this: oidc, saml, identity_center, long_term_key, root, console, session_token, aws_service, … (or short: sso, key, service, account)
    #[arg(long, value_name = "KIND", help_heading = "Filter", value_parser = words::origins(), hide_possible_values = true)]
    pub(super) origin: Option<OriginKind>,
    /// Only chains with a role of this account: its id, its name in rolechain.toml, or a glob over ids
    #[arg(long, value_name = "ACCOUNT", help_heading = "Filter")]
    pub(super) account: Option<String>,
    /// Only chains with a session or an origin of this access key id
    #[arg(long, value_name = "GLOB", help_heading = "Filter")]
    pub(super) key: Option<String>,
    /// Draw each chain as a tree
    #[arg(long)]
    pub(super) tree: bool,
    /// The format: table, json or ndjson [default: table, or what the extension of --output says]
    #[arg(long, value_parser = words::formats(), hide_possible_values = true, help_heading = "Output")]
    pub(super) format: Option<Format>,
}

#[derive(Debug, Args)]
#[command(mut_arg("iam", |arg| arg.hide(true)))]
pub(super) struct WhoArgs {
    /// An account (id, or name in rolechain.toml), a role (name, ARN or glob), a repository (owner/name or name), an access key id, a user, an address, or days (2026-05-27, today, yesterday, 2026-05-27..2026-05-29)
    #[arg(value_name = "TARGET")]
    pub(super) target: String,
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    #[command(flatten)]
    pub(super) accept: AcceptArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Write a table or JSON [default: table, or what the extension of --output says]
    #[arg(long, value_parser = words::table_or_json(), hide_possible_values = true, help_heading = "Output")]
    pub(super) format: Option<Format>,
}

#[derive(Debug, Args)]
#[command(mut_arg("iam", |arg| arg.hide(true)))]
pub(super) struct TraceArgs {
    /// A chain id, access key id, event id, session ARN, address, CI run id or fingerprint of a finding, or the beginning of one
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    #[command(flatten)]
    pub(super) accept: AcceptArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Write a table or JSON [default: table, or what the extension of --output says]
    #[arg(long, value_parser = words::table_or_json(), hide_possible_values = true, help_heading = "Output")]
    pub(super) format: Option<Format>,
}

#[derive(Debug, Args)]
#[command(mut_arg("sources", |arg| arg.required(false)))]
#[command(mut_arg("expectations", |arg| arg.help("Take the kinds of issuers from this file, and nothing else")))]
#[command(mut_arg("no_expectations", |arg| arg.hide(true)))]
#[command(mut_arg("store", |arg| arg.hide(true)))]
#[command(mut_arg("list_since", |arg| arg.hide(true)))]
pub(super) struct InferArgs {
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    /// Write the SHA-256 of external ids instead of their values
    #[arg(long, help_heading = "Output")]
    pub(super) hash_external_ids: bool,
    /// Write to this file, whole or not at all, instead of standard output; one that is there is left alone
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<String>,
    /// Write over a file that is there
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(super) force: bool,
    /// Exit 3 when some of the logs could not be read; the draft is written all the same
    #[arg(long, help_heading = "Output")]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) noise: NoiseArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("quiet", |arg| arg.help("Say nothing but errors")))]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    #[command(flatten)]
    pub(super) accept: AcceptArgs,
    /// The directory to write; an export that is there is replaced
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(super) to: String,
    /// How to write the tables
    #[arg(long, help_heading = "Output", value_parser = words::with_help([
        (FileFormat::Parquet, "For Athena, DuckDB, Spark, pandas and most BI tools"),
        (FileFormat::Csv, "For spreadsheets and Power BI"),
    ], FileFormat::name))]
    pub(super) format: FileFormat,
    /// One folder for each day, in Hive layout: TABLE/dt=YYYY-MM-DD/
    #[arg(long, help_heading = "Output")]
    pub(super) partition_by_day: bool,
    /// Only this table (repeatable); by default all
    #[arg(long, value_name = "NAME", help_heading = "Output", value_parser = words::tables(), hide_possible_values = true)]
    pub(super) table: Vec<String>,
    #[command(flatten)]
    pub(super) content: ContentArgs,
    #[command(flatten)]
    pub(super) noise: NoiseArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("sources", |arg| arg.required(false).help(
    "Directories (walked), files, s3://bucket/prefix, - for standard input, or one export directory"
)))]
pub(super) struct QueryArgs {
    /// The name of a shipped query, where neither --sql nor --file is given
    #[arg(value_name = "NAME", value_parser = words::queries(), hide_possible_values = true)]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) logs: LogsArgs,
    #[command(flatten)]
    pub(super) accept: AcceptArgs,
    /// The query itself
    #[arg(long, value_name = "TEXT", help_heading = "Query", conflicts_with = "file")]
    pub(super) sql: Option<String>,
    /// A file with the query
    #[arg(long, value_name = "FILE", help_heading = "Query")]
    pub(super) file: Option<String>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// How to write the answer [default: table, or what the extension of --output says]
    #[arg(long, value_enum, help_heading = "Output")]
    pub(super) format: Option<AnswerFormatArg>,
}

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Say what is in a store: days, accounts, objects, findings, sizes
    Status {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// The format
        #[arg(long, value_parser = words::table_or_json(), default_value = "table")]
        format: Format,
    },
    /// Merge the files of each day into one, and let old days go
    Compact {
        /// The store
        #[arg(value_name = "DIR")]
        directory: String,
        /// Keep so many days with records, such as 400d; older ones go, open chains stay whole
        #[arg(long, value_name = "DAYS", value_parser = words::days)]
        keep: Option<u32>,
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

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule's id, as reports name it
    #[arg(value_parser = words::rules(), hide_possible_values = true)]
    pub(super) rule: String,
    #[command(flatten)]
    pub(super) show: ShowArgs,
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
