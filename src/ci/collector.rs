//! Lines that whoever collected the evidence wrote beside what the system said: that it does not have a run, and that a run
//! was asked for its approvals.

use super::facts::Run;
use super::facts::RunKey;
use super::facts::System;
use super::github_rest;
use super::intake::APPROVALS;
use super::intake::Intake;
use super::intake::kept;
use super::item::Item;

const SYSTEMS: [System; 6] =
    [System::GitHub, System::GitLab, System::Bitbucket, System::Buildkite, System::CircleCi, System::HcpTerraform];

/// Takes a line of a collector.
pub(super) fn take(item: &Item<'_>, intake: &mut Intake<'_>) -> Option<&'static str> {
    let id = item.run_id.as_deref()?;
    let system = match item.system.as_deref() {
        None => System::GitHub,
        Some(word) => SYSTEMS.into_iter().find(|system| system.provider() == word)?,
    };
    let host = item.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    let key = RunKey { system, host: host.into(), id: id.into() };
    let repositories = kept(&item.repo).into_iter().collect();
    if item.missing == Some(true) {
        intake.run(key, Run { repositories, is_missing: true, ..Run::default() });
        return Some("runs that the system does not have");
    }
    let approvals = item.approvals.as_ref().filter(|_| item.action.is_none())?;
    let named = intake.named_run.replace(id.into());
    let count = approvals.iter().filter_map(|approval| github_rest::approvals(approval, intake)).count();
    intake.named_run = named;
    let approvals_unclear = !intake.understood(APPROVALS, count, approvals.len());
    intake.run(key, Run { repositories, approvals_asked: true, approvals_unclear, ..Run::default() });
    Some("answers about approvals")
}
