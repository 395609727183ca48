//! Drafting what the owners seem to expect.

use super::answer::Audited;
use crate::audit;
use crate::audit::Theme;
use crate::expect::Expectations;
use crate::infer;
use crate::infer::Draft;
use crate::infer::Options;
use crate::infer::Sources;
use crate::model::finding::Finding;
use crate::model::kinds::Kinds;
use crate::model::lineage::Lineage;
use crate::pipeline::RunError;
use crate::trust::snapshot::Snapshot;

/// Drafts from trust policies, and from what an audit without expectations found, when there are logs.
pub(super) fn draft(
    snapshots: &[Snapshot],
    audited: Option<&Audited>,
    kinds: &Kinds,
    options: Options,
) -> Result<Draft, RunError> {
    if audited.is_none() && snapshots.is_empty() {
        return Err(RunError::refused(
            "there is nothing to infer from\n  hint: name logs, --iam FILE with the output of `aws iam get-account-authorization-details`, or both: `rolechain infer --iam details.json logs/ -o rolechain.toml`",
        ));
    }
    let nothing = Lineage { kinds: kinds.clone(), ..Lineage::default() };
    // What is missing in the logs says nothing against who is in them.
    let is_of_logs = |rule: &str| audit::RULES.iter().any(|known| known.id == rule && known.theme == Theme::Integrity);
    let findings: Vec<&Finding>;
    let mut sources = Sources { lineage: &nothing, findings: &[], snapshots, since: None, until: None };
    if let Some(Audited { outcome, run, .. }) = audited {
        if outcome.lineage.observations.cells.is_empty() && snapshots.is_empty() {
            return Err(RunError::Nothing(
                "there is nothing to infer from: the sources hold no records\n  hint: `rolechain audit` on them says what was read"
                    .to_owned(),
            ));
        }
        let (since, until) = (run.since, run.until);
        findings = outcome.findings.iter().filter(|finding| !is_of_logs(finding.rule)).collect();
        sources = Sources { lineage: &outcome.lineage, findings: &findings, since, until, ..sources };
    }
    let draft = infer::draft(&sources, options);
    // What cannot be read back would be noticed only in the next nightly run.
    Expectations::parse("the draft", draft.text(), &audit::rule_ids()).map_err(|error| {
        RunError::refused(format!(
            "the draft cannot be read back, which is a fault of rolechain: please report it\n{error}"
        ))
    })?;
    Ok(draft)
}
