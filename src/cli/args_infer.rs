//! Exactly what was typed after `rolechain infer`.

use clap::Args;

use super::args_shared::LogsArgs;
use super::args_shared::NoiseArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  aws iam get-account-authorization-details > details.json
  rolechain infer --iam details.json logs/ -o rolechain.toml     from policies and from what of them is used
  rolechain infer --iam tooling.json --iam prod.json             from policies alone; one file for each account
  rolechain infer logs/ -o rolechain.toml                        from the logs alone: learned = true
  terraform show -json plan.out > plan.json; rolechain infer --iam plan.json

At least one --iam or SOURCE. Each stanza says what it rests on; what looks bad is never learned, and is told at the
end of the file. docs/infer.md tells more.";

#[derive(Debug, Args)]
#[command(mut_arg("sources", |arg| arg.required(false)))]
#[command(mut_arg("expectations", |arg| arg.hide(true)))]
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
