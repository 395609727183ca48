//! Exactly what was typed, where several commands take the same.
#![expect(clippy::doc_markdown, reason = "doc comments here are help texts, where backticks would be noise")]

use clap::Args;
use clap::ValueEnum;

use crate::text::redact::Shade;

/// What to read.
#[derive(Clone, Debug, Args)]
pub(super) struct InputArgs {
    /// Directories (walked), files, s3://bucket/prefix, or - for standard input; several may be mixed
    #[arg(value_name = "SOURCE", required = true)]
    pub(super) sources: Vec<String>,
    /// Only events from this moment on: RFC 3339, a date, or how long ago (7d, 12h)
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    pub(super) since: Option<String>,
    /// Only events before this moment; a date means to the end of that day (UTC)
    #[arg(long, value_name = "TIME", help_heading = "Input")]
    pub(super) until: Option<String>,
    /// Show only what touches this region (repeatable); everything is read
    #[arg(long, value_name = "NAME", help_heading = "Input", hide_short_help = true)]
    pub(super) region: Vec<String>,
    /// What should happen; by default rolechain.toml here or beside a source, if there
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) expectations: Option<String>,
    /// Look for no expectations file
    #[arg(long, conflicts_with = "expectations", help_heading = "Input", hide_short_help = true)]
    pub(super) no_expectations: bool,
    /// Trust policies: output of aws iam get-account-authorization-details, or of terraform show -json; - for standard input (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) iam: Vec<String>,
    /// What your CI system says of its runs: files, or folders of them, as docs/ci.md fetches them (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) ci: Vec<String>,
    /// Remember in this directory what was read, and read only what is new; docs/store.md tells more
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(super) store: Option<String>,
    /// With --store: list in buckets only what was delivered from this moment on; the report is of the whole store
    #[arg(long, value_name = "TIME", requires = "store", conflicts_with_all = ["since", "until"], help_heading = "Input", hide_short_help = true)]
    pub(super) list_since: Option<String>,
    /// How many threads, 1 to 256; by default one per core
    #[arg(long, value_name = "N", help_heading = "Input", value_parser = clap::value_parser!(u16).range(1..=256), hide_short_help = true)]
    pub(super) threads: Option<u16>,
    #[command(flatten)]
    pub(super) bucket: BucketArgs,
}

/// How to reach a bucket.
#[derive(Clone, Debug, Args)]
pub(super) struct BucketArgs {
    /// Take credentials and region from this profile of the AWS configuration
    #[arg(long, value_name = "NAME", help_heading = "S3", hide_short_help = true)]
    pub(super) profile: Option<String>,
    /// The region of the bucket; by default it is found
    #[arg(long, value_name = "REGION", help_heading = "S3", hide_short_help = true)]
    pub(super) region_of_bucket: Option<String>,
    /// A server that speaks S3, in path style (AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL are honored)
    #[arg(long, value_name = "URL", help_heading = "S3", hide_short_help = true)]
    pub(super) endpoint_url: Option<String>,
    /// Agree to pay for requests, for buckets whose requester pays
    #[arg(long, help_heading = "S3", hide_short_help = true)]
    pub(super) request_payer: bool,
    /// Sign no request, for public buckets
    #[arg(long, help_heading = "S3", hide_short_help = true)]
    pub(super) no_sign_request: bool,
    /// How many objects to fetch at the same time, at most: 1 to 256
    #[arg(long, value_name = "N", help_heading = "S3", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256), hide_short_help = true)]
    pub(super) concurrency: u16,
}

/// What to read, and of which accounts.
#[derive(Clone, Debug, Args)]
pub(super) struct LogsArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Show only what touches this account: its id, or its name in rolechain.toml (repeatable); everything is read
    #[arg(long, value_name = "ACCOUNT", help_heading = "Input")]
    pub(super) account: Vec<String>,
}

/// What is accepted.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AcceptArgs {
    /// Findings that were known on a day and are accepted for a time; baseline accept makes it
    #[arg(long, value_name = "FILE", help_heading = "Findings")]
    pub(super) baseline: Option<String>,
    /// Accept nothing: no exception of the expectations file holds
    #[arg(long, conflicts_with = "baseline", help_heading = "Findings", hide_short_help = true)]
    pub(super) no_exceptions: bool,
}

/// Where to write it, and how to show it.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Write to this file, whole or not at all, instead of standard output, which is - (repeatable)
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Vec<String>,
    #[command(flatten)]
    pub(super) content: ContentArgs,
    /// Cut no table and tell every finding in full; files are never cut
    #[arg(long, help_heading = "Output")]
    pub(super) all: bool,
    /// When to use color (NO_COLOR is honored)
    #[arg(long, value_enum, default_value_t = ColorArg::Auto, help_heading = "Output", hide_short_help = true)]
    pub(super) color: ColorArg,
    #[command(flatten)]
    pub(super) noise: NoiseArgs,
}

/// What of it to show.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ContentArgs {
    /// Show only the last four characters of access key ids
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    pub(super) redact: bool,
    /// List chains of one hop that AWS services make for themselves, too
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    pub(super) include_services: bool,
}

impl ContentArgs {
    /// How texts on standard error are shown.
    pub(super) fn shade(self) -> Shade {
        Shade::new(self.redact)
    }
}

/// What to say meanwhile.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct NoiseArgs {
    /// Say nothing on standard error but errors
    #[arg(long, short, help_heading = "Output", hide_short_help = true)]
    pub(super) quiet: bool,
    /// Show no progress bar
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    pub(super) no_progress: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// When to use color
    #[arg(long, value_enum, default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
}
