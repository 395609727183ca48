//! Questions about what records and policies say: each is asked only where there is something to ask about.

use std::collections::BTreeMap;

use super::InForce;
use super::class;
use super::deployment;
use super::external_id;
use super::rule::Context;
use super::runs;
use crate::ci::File;
use crate::join::Grade;
use crate::join::Joined;
use crate::join::RunLink;
use crate::model::arn;
use crate::model::assumption::IssuingCall;
use crate::model::assumption::Said;
use crate::model::assurance::Answer;
use crate::model::assurance::Question;
use crate::model::assurance::Reason;
use crate::model::assurance::several;
use crate::model::coverage::DefectKind;
use crate::model::lineage::Lineage;
use crate::model::origin::OriginKind;
use crate::model::width::wide;
use crate::trust::snapshot::Snapshot;

/// What can be done about parameters that are not in the records.
const KEEP_PARAMETERS: &str =
    "Read the logs as CloudTrail delivers them to S3: filters of subscriptions take fields out.";

/// How many objects are named in a reason.
const MOST_NAMED: usize = 3;

/// Whose token was it? Asked where a token began something: the subject of a session that was issued out of sight stands in
/// no record of its use.
pub(super) fn subjects(lineage: &Lineage) -> Option<Answer> {
    let has_token = |session: &crate::model::lineage::SessionView<'_>| session.origin().kind == OriginKind::Oidc;
    let asked = lineage.chains.iter().map(|chain| lineage.leaf(chain)).filter(has_token);
    let (mut all, mut without) = (0u64, 0u64);
    for leaf in asked {
        all += 1;
        without += u64::from(leaf.origin().subject.is_none());
    }
    (all > 0).then(|| {
        let reason = (without > 0).then(|| Reason {
            kind: "subject_unknown",
            message: format!("{} with a token whose subject is in no record", several(without, "chain")),
            remedy: "Read from before the sessions were issued, and every field of the records.",
        });
        Answer::of(Question::Subjects, reason.into_iter().collect(), without == all)
    })
}

/// Did each other account that came in send an `ExternalId`? Asked where one came in.
pub(super) fn external_ids(lineage: &Lineage) -> Option<Answer> {
    let (mut all, mut withheld) = (0u64, 0u64);
    for (_, session) in external_id::calls(lineage) {
        all += 1;
        withheld += u64::from(external_id::sent(session) == Said::Withheld);
    }
    (all > 0).then(|| {
        let reason = (withheld > 0).then(|| Reason {
            kind: "parameters_withheld",
            message: format!(
                "{} of another account whose records do not hold what was asked",
                several(withheld, "assumption")
            ),
            remedy: KEEP_PARAMETERS,
        });
        Answer::of(Question::ExternalId, reason.into_iter().collect(), withheld == all)
    })
}

/// Were long-lived keys used? Asked always: that there are none is an answer.
pub(super) fn long_lived_keys(lineage: &Lineage) -> Answer {
    let defects = lineage.observations.defects.iter();
    let unreadable = defects.filter(|defect| defect.kind == DefectKind::UnreadableCaller).count();
    let issued = lineage.sessions().filter_map(|session| session.issuing_record());
    // A token that GetSessionToken or GetFederationToken issues is another form of the key that asked.
    let is_of_key = |call| matches!(call, IssuingCall::GetSessionToken | IssuingCall::GetFederationToken);
    let nameless =
        issued.filter(|record| is_of_key(record.call) && lineage.principal(record.caller).access_key.is_none()).count();
    let mut reasons = Vec::new();
    if unreadable > 0 {
        reasons.push(Reason {
            kind: "caller_unreadable",
            message: format!("{} with a caller that cannot be read", several(wide(unreadable), "record")),
            remedy: "The defects name each of them: any may be of a long-lived key.",
        });
    }
    if nameless > 0 {
        reasons.push(Reason {
            kind: "key_unknown",
            message: format!("{} of a user whose key is in no record", several(wide(nameless), "session token")),
            remedy: "Read the log of the user's account, and every field of the records.",
        });
    }
    Answer::of(Question::LongLivedKeys, reasons, false)
}

/// Do the trust policies let in what came in? Asked with `--iam`, of the roles of accounts whose logs are here.
///
/// A condition on a claim that CloudTrail never records is no reason: nobody could ever do anything about it.
pub(super) fn trust_policies(lineage: &Lineage, snapshots: &[Snapshot]) -> Option<Answer> {
    if snapshots.is_empty() {
        return None;
    }
    let roles = snapshots.iter().flat_map(|snapshot| &snapshot.roles);
    let unreadable = roles.filter(|role| role.policy.is_err()).count();
    let in_force = InForce::new(lineage, snapshots);
    let covered = lineage.covered_accounts();
    let mut is_known: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for one in in_force.observed().iter().filter(|one| !class::is_noise(one.session)) {
        let (Some(account), Some(role)) = (arn::account(one.role_arn), arn::role_name(one.role_arn)) else { continue };
        if covered.binary_search(&account).is_err() {
            continue;
        }
        let timeline = in_force.timeline(one.role_arn);
        let is_unread = timeline.at(one.time).is_some_and(|step| matches!(step.policy, Some(Err(_))));
        *is_known.entry((account, role)).or_insert(true) &= !timeline.steps.is_empty() && !is_unread;
    }
    let unknown = is_known.values().filter(|is_known| !**is_known).count();
    let mut reasons = Vec::new();
    if unreadable > 0 {
        reasons.push(Reason {
            kind: "policy_unreadable",
            message: format!(
                "{} of the snapshots with a trust policy that cannot be read",
                several(wide(unreadable), "role")
            ),
            remedy: "Make the snapshot again, with the tool that the documentation names.",
        });
    }
    if unknown > 0 {
        reasons.push(Reason {
            kind: "policy_unknown",
            message: format!("{} assumed whose trust policy is not known", several(wide(unknown), "role")),
            remedy: "Give a snapshot of every account whose logs are read: --iam may be repeated.",
        });
    }
    let is_unanswered = unknown > 0 && unknown == is_known.len();
    Some(Answer::of(Question::TrustPolicies, reasons, is_unanswered))
}

/// Returns the objects that have a form that is not read, and may hold logs.
fn unread(lineage: &Lineage) -> Vec<&str> {
    let unread = lineage.observations.defects.iter().filter(|defect| defect.kind == DefectKind::UnreadForm);
    let mut names: Vec<&str> = unread.map(|defect| defect.object.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Counts and names what was not read because of its form.
pub(super) fn objects_unread(lineage: &Lineage) -> (u64, Option<Reason>) {
    let names = unread(lineage);
    let listed = names.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let count = wide(names.len());
    let reason = (count > 0).then(|| Reason {
        kind: "objects_unread",
        message: format!("{} in a form that is not read ({listed}{more})", several(count, "object")),
        remedy: "The defects say what each of them is: unpack it, or export it as JSON lines.",
    });
    (count, reason)
}

/// Which CI run stands behind what a CI job began?
pub(super) fn ci_runs(ci: &Joined, context: &Context<'_>) -> Answer {
    let mut reasons = Vec::new();
    let defects: u64 = ci.facts.files.iter().map(File::defects_total).sum();
    if defects > 0 {
        reasons.push(Reason {
            kind: "ci_files_not_understood",
            message: format!("{} of CI files not understood", several(defects, "part")),
            remedy: "Fetch these files again: ci_evidence.files in the JSON report names each part.",
        });
    }
    let is_open =
        |grade: Grade| matches!(grade, Grade::Unknown | Grade::NotCovered | Grade::Ambiguous | Grade::Probable);
    let open = ci.links.values().filter(|link| is_open(link.grade)).count();
    if open > 0 {
        reasons.push(Reason {
            kind: "ci_runs_not_covered",
            message: format!(
                "the CI evidence does not say for sure which run made {open} of {} of CI jobs",
                several(wide(ci.links.len()), "chain")
            ),
            remedy: "`rolechain ci wanted` writes the script that fetches what is missing from GitHub; fetch the runs of other systems anew.",
        });
    }
    let has_no_job = |link: &&RunLink| {
        link.grade == Grade::Strong
            && link
                .found
                .as_ref()
                .is_some_and(|found| found.attempt(&ci.facts).is_none_or(|attempt| !attempt.has_all_jobs()))
    };
    let without_jobs = ci.links.values().filter(has_no_job).count();
    if without_jobs > 0 {
        reasons.push(Reason {
            kind: "ci_jobs_missing",
            message: format!(
                "the CI evidence does not have all jobs of the runs of {}",
                several(wide(without_jobs), "chain")
            ),
            remedy: "Fetch them again, all pages (`rolechain ci wanted`): without jobs nobody knows when they ended.",
        });
    }
    let goes_on = |link: &&RunLink| {
        link.sure()
            .and_then(|found| found.attempt(&ci.facts))
            .is_some_and(|attempt| !attempt.jobs.is_empty() && !attempt.is_over())
    };
    let unfinished = ci.links.values().filter(goes_on).count();
    if unfinished > 0 {
        reasons.push(Reason {
            kind: "ci_runs_not_over",
            message: format!("the runs of {} had not ended when they were fetched", several(wide(unfinished), "chain")),
            remedy: "Fetch them again: until then nobody knows what came after their end.",
        });
    }
    let unjudged = runs::signed(context).filter(|sure| deployment::is_open(context, *sure)).count();
    if unjudged > 0 {
        reasons.push(Reason {
            kind: "ci_deployments_not_judged",
            message: format!(
                "the CI evidence lacks what {} must be judged by: approvals, workflow, event or runner",
                several(wide(unjudged), "deployment")
            ),
            remedy: "Fetch the runs again with `rolechain ci wanted`. Of a run that was started again, GitHub does not say which attempt an approval was for.",
        });
    }
    let disputed = ci.facts.runs.values().filter(|run| !run.disputed.is_empty()).count();
    if disputed > 0 {
        reasons.push(Reason {
            kind: "ci_files_disagree",
            message: format!("the CI files contradict each other about {}", several(wide(disputed), "run")),
            remedy: "Fetch these runs again, and ask who changed the files.",
        });
    }
    Answer::of(Question::CiRuns, reasons, open > 0 && open == ci.links.len())
}
