//! What was typed after `rolechain trust`.

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use super::args_shared::InputArgs;
use super::args_shared::OutputArgs;
use super::words;
use crate::report::Format;

const EXAMPLES: &str = "\
Examples:
  rolechain trust list --iam details.json logs/          what is granted, and what is used
  rolechain trust suggest --role ARN logs/               what admits all that was observed
  rolechain trust check --policy new.json --role ARN logs/   what it would have denied";

const CHECK_EXAMPLES: &str = "\
Examples:
  rolechain trust check --policy new.json --role arn:aws:iam::111111111111:role/ci/gha-orders logs/
  rolechain trust check --policy new.json --role ARN logs/ --fail-on-denied     for CI

Exit status: 0 done; 1 with --fail-on-denied, when something would have been denied; 2 usage or operational error,
also when no assumption of the role was observed; 3 when nothing was judged.";

const SUGGEST_EXAMPLES: &str = "\
Examples:
  rolechain trust suggest --role ARN logs/                         the policy, and what it closes
  rolechain trust suggest --role ARN --iam details.json logs/      beside the policy in force
  rolechain trust suggest --role ARN logs/ --as terraform > trust.tf
  rolechain trust suggest --role ARN logs/ --exclude '*:pull_request'   all but these";

const LIST_EXAMPLES: &str = "\
Examples:
  rolechain trust list logs/                                   by the policies that the logs show
  aws iam get-account-authorization-details > all.json; rolechain trust list --iam all.json logs/
  terraform show -json > state.json; rolechain trust list --iam state.json logs/ --format json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TrustArgs {
    #[command(subcommand)]
    pub(super) command: TrustCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum TrustCommand {
    /// Replay every observed assumption of a role against a proposed trust policy
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Draw up the tightest trust policy that admits what was observed
    #[command(after_help = SUGGEST_EXAMPLES)]
    Suggest(SuggestArgs),
    /// List roles: what their trust policies grant, and what of it was used
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
}

#[derive(Debug, Args)]
#[command(mut_arg("iam", |arg| arg.hide(true)))]
pub(super) struct CheckArgs {
    /// The proposed trust policy: JSON, plain or percent-encoded
    #[arg(long, value_name = "FILE")]
    pub(super) policy: String,
    /// The role that would have it
    #[arg(long, value_name = "ARN", value_parser = words::role)]
    pub(super) role: String,
    /// Exit 1 when an observed assumption would have been denied
    #[arg(long, help_heading = "Output")]
    pub(super) fail_on_denied: bool,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct SuggestArgs {
    /// The role
    #[arg(long, value_name = "ARN", value_parser = words::role)]
    pub(super) role: String,
    /// Leave out subjects and principals that fit this glob (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Write the policy alone, in this form
    #[arg(long = "as", value_enum, value_name = "FORM", conflicts_with = "format", help_heading = "Output")]
    pub(super) form: Option<FormArg>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only roles whose ARN, or name with path, fits this glob
    #[arg(long, value_name = "GLOB")]
    pub(super) role: Option<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// The format
    #[arg(long, value_parser = words::table_or_json(), default_value = "table", help_heading = "Output")]
    pub(super) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FormArg {
    /// A policy document
    Json,
    /// A data source of Terraform
    Terraform,
}
