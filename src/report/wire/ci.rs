//! Runs of CI systems.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use crate::model::chain::Chain;
use crate::provider::ci_run;

/// A run of a CI system.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiRun {
    /// Where to look at it.
    pub url: String,
    /// `owner/name`.
    pub repository: String,
    /// The run's number.
    pub run_id: String,
    /// Which attempt at the run, when the records say it.
    pub attempt: Option<u32>,
    /// Which part of the records names it: the token's `subject`, which the CI system signed, a `user_agent`, a `session_tag`,
    /// or a `session_name`, which the caller chose.
    #[schemars(extend("enum" = ["subject", "user_agent", "session_tag", "session_name"]))]
    pub named_in: &'static str,
    /// Why it may be believed: a token of the CI system for this repository began the chain (`proved`), or whoever assumed a
    /// role passed it as tags or in the user agent (`claimed`).
    #[schemars(extend("enum" = ["proved", "claimed"]))]
    pub basis: &'static str,
}

impl Rows<'_> {
    /// Returns the CI run of a chain, when its records name it.
    pub fn ci_run(&self, chain: &Chain) -> Option<CiRun> {
        ci_run::of_chain(self.lineage(), chain).map(|run| CiRun {
            url: self.shade.text(&run.url()).into_owned(),
            repository: self.shade.text(&run.repository).into_owned(),
            run_id: run.run_id,
            attempt: run.attempt,
            named_in: run.named_in.name(),
            basis: run.basis.name(),
        })
    }
}
