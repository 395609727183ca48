//! `root-key-or-root-activity`: somebody acted as the root user.

use std::collections::BTreeMap;

use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::arn::KeyKind;
use crate::model::assumption::IssuingCall;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::observations::ActionId;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalId;
use crate::model::principal::PrincipalKind;
use crate::model::tallies::Tally;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "root-key-or-root-activity",
    title: "The root user, or its access key, was used",
    theme: Theme::Root,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Find out who signed in and for which of the few tasks that need the root user. For member accounts of \
                  an organization, turn on centralized root access and remove the root credentials.",
    techniques: &["T1078.004"],
    reading: &[
        (
            "IAM User Guide: root user best practices",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
        ),
        (
            "IAM User Guide: tasks that need root",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html",
        ),
    ],
    page: include_str!("../../../../docs/rules/root-key-or-root-activity.md"),
    check,
};

/// Root of one account, with its key if it is a long-lived one.
type Who<'a> = (Option<&'a str>, Option<&'a str>);

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut roots: BTreeMap<Who<'_>, Vec<PrincipalId>> = BTreeMap::new();
    for (id, principal) in (0u32..).map(PrincipalId).zip(&lineage.observations.principals) {
        if principal.kind == PrincipalKind::Root && principal.invoked_by.is_none() && !is_lent(context, id, principal) {
            let key = lineage.opt(principal.access_key).filter(|key| arn::key_kind(key) == KeyKind::LongTerm);
            let account = lineage.opt(principal.account).or_else(|| arn::account(lineage.opt(principal.arn)?));
            roots.entry((account, key)).or_default().push(id);
        }
    }
    for (who, principals) in roots {
        matches.extend(matched(context, who, &principals));
    }
}

/// True for the short root sessions of `AssumeRoot`: no root credentials are involved in them.
fn is_lent(context: &Context<'_>, id: PrincipalId, principal: &Principal) -> bool {
    let sessions = &context.lineage.session_of_principal;
    let session = usize::try_from(id.0).ok().and_then(|at| sessions.get(at)).copied().flatten();
    let record = session.and_then(|session| context.lineage.session(session).issuing_record());
    principal.assumed_root || record.is_some_and(|record| record.call == IssuingCall::AssumeRoot)
}

/// True for what happens at the door, before anybody is let in.
fn is_sign_in(context: &Context<'_>, action: ActionId) -> bool {
    let lineage = context.lineage;
    lineage.opt(lineage.action(action).source) == Some("signin.amazonaws.com")
}

fn matched(context: &Context<'_>, (account, key): Who<'_>, principals: &[PrincipalId]) -> Option<Match> {
    let lineage = context.lineage;
    let tallies: Vec<_> = principals.iter().flat_map(|id| lineage.contacts.of(*id)).map(|(_, tally)| *tally).collect();
    let count: u64 = tallies.iter().map(Tally::count).sum();
    // Events that were only seen as duplicates of others count nothing.
    (count > 0).then_some(())?;
    let first = tallies.iter().filter_map(|tally| tally.first.time()).min();
    let last = tallies.iter().filter_map(|tally| tally.last.time()).max();
    let actions: Vec<_> = principals.iter().flat_map(|id| lineage.actions.of(*id)).collect();
    let errors: u64 = actions
        .iter()
        .filter(|(action, _)| lineage.action(*action).error_code.is_some())
        .map(|(_, tally)| tally.count())
        .sum();
    let names = actions.iter().filter_map(|(action, _)| lineage.opt(lineage.action(*action).name));
    let what = phrase::all_of(names);
    let usual = if key.is_some() { Severity::Critical } else { Severity::High };
    // Knocking is less than coming in.
    let severity = match (usual, errors == count) {
        (Severity::Critical, true) => Severity::High,
        (_, true) => Severity::Medium,
        (usual, false) => usual,
    };
    let place = account.map_or_else(|| "an unnamed account".to_owned(), |id| phrase::account(context, id));
    let means = key.map(|key| format!(" with its access key {key}")).unwrap_or_default();
    let outcome =
        if errors == count { "Every call was refused." } else { "No policy limits what root may do in its account." };
    let is_knock = errors == count && actions.iter().all(|(action, _)| is_sign_in(context, *action));
    let calls = if what.is_empty() { String::new() } else { format!(": {what}") };
    let mut id = Vec::new();
    id.extend(account.map(|account| ("account_id", account.to_owned())));
    id.extend(key.map(|key| ("access_key_id", key.to_owned())));
    id.extend(
        principals
            .iter()
            .filter_map(|id| lineage.opt(lineage.principal(*id).arn))
            .min()
            .map(|arn| ("principal_arn", arn.to_owned())),
    );
    Some(Match {
        key: id,
        severity,
        confidence: Confidence::High,
        basis: Basis::Match,
        title: if is_knock {
            format!("Somebody tried to sign in as the root user of {place}, and failed")
        } else {
            format!("The root user of {place} was used{means}")
        },
        message: if is_knock {
            format!(
                "{}, somebody tried to sign in as the root user of {place}, and failed.",
                occurrences::when(count, first, last)
            )
        } else {
            format!(
                "{}, the root user of {place} called AWS{means}{calls}. {outcome}",
                occurrences::when(count, first, last)
            )
        },
        remediation: key.map(|key| {
            format!(
                "Delete the root access key {key}: nothing needs one. Then read all that it did, and turn on \
                 centralized root access so that no member account can make another."
            )
        }),
        count,
        evidence: tallies
            .iter()
            .flat_map(|tally| [tally.first, tally.last])
            .map(|mark| lineage.evidence(&mark))
            .collect(),
        chain_ids: Chains::default(),
    })
}
