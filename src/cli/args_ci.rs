//! What was typed after `rolechain ci`.

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use super::args_shared::InputArgs;
use super::args_shared::OutputArgs;

const EXAMPLES: &str = "\
Examples:
  rolechain ci wanted logs/ > fetch.sh && sh fetch.sh ci-evidence   fetch it with gh, glab, curl
  rolechain audit logs/ --ci ci-evidence                            then audit with it";

const WANTED_EXAMPLES: &str = "\
Examples:
  rolechain ci wanted logs/ > fetch.sh && sh fetch.sh ci-evidence
  rolechain ci wanted logs/ --ci ci-evidence      only what is not there yet
  rolechain ci wanted logs/ --format json         the runs, for a collector of your own

The script asks GitHub with gh, GitLab with glab, and Bitbucket and Buildkite with curl and the tokens in BITBUCKET_TOKEN and
BUILDKITE_API_TOKEN. It can be started again: what is there and cannot change is not fetched again. Runs that GitHub does not
have are recorded as missing; what may not be read is named, and is not.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CiArgs {
    #[command(subcommand)]
    pub(super) command: CiCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum CiCommand {
    /// Write the script that fetches what CI systems know of the runs in these logs
    #[command(after_help = WANTED_EXAMPLES)]
    Wanted(WantedArgs),
}

#[derive(Debug, Args)]
pub(super) struct WantedArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// The form
    #[arg(long, value_enum, default_value_t = WantedForm::Sh, help_heading = "Output")]
    pub(super) format: WantedForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum WantedForm {
    /// A script for a POSIX shell
    Sh,
    /// One JSON object on each line
    Json,
}
