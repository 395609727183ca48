//! `read-events-missing`: a log without read-only events has no role assumptions in it, whatever happened.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::class;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chain::GapKind;
use crate::model::chains::Chains;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::CellCount;
use crate::model::principal::PrincipalKind;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "read-events-missing",
    title: "A log holds no read-only events, and so no role assumptions",
    theme: Theme::Integrity,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Set the trail's event selectors to readWriteType = All (or remove the readOnly condition from its \
                  advanced selectors): AssumeRole and its kin are logged as read-only events. Check with \
                  logging-tampered whether somebody changed this lately.",
    techniques: &["T1562.008", "T1685.002"],
    reading: &[(
        "CloudTrail User Guide: management events",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html",
    )],
    page: include_str!("../../../../docs/rules/read-events-missing.md"),
    check,
};

/// So many records without one that only reads are no accident.
const MANY: u64 = 1_000;

/// In a smaller log, so many records and so many sessions without a beginning are needed for a suspicion.
const SOME: u64 = 10;
const LOST: usize = 2;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let mut accounts: BTreeMap<&str, CellCount> = BTreeMap::new();
    let mut regions: BTreeMap<(&str, &str), CellCount> = BTreeMap::new();
    for (cell, count) in &lineage.observations.cells {
        let Some(account) = lineage.opt(cell.account) else { continue };
        accounts.entry(account).or_default().merge(count);
        if let Some(region) = lineage.opt(cell.region) {
            regions.entry((account, region)).or_default().merge(count);
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for ((account, region), count) in &regions {
        if MANY <= count.records && count.read_only == 0 {
            told.insert(account);
            matches.push(by_number(context, account, region, count));
        }
    }
    let mut lost: BTreeMap<&str, Vec<SessionView<'_>>> = BTreeMap::new();
    for session in lineage.sessions().filter(|session| is_lost(*session)) {
        if let Some(account) = session.account() {
            lost.entry(account).or_default().push(session);
        }
    }
    for (account, sessions) in &lost {
        let Some(count) = accounts.get(account) else { continue };
        let is_suspicious = SOME <= count.records && count.read_only == 0 && count.sts == 0 && LOST <= sessions.len();
        if is_suspicious && !told.contains(account) {
            matches.push(by_sessions(context, account, sessions, count));
        }
    }
}

/// True for a role session that was used, that nobody issued, and whose issuance should be here.
fn is_lost(session: SessionView<'_>) -> bool {
    let lineage = session.lineage();
    let mut principals = session.principals().iter().map(|id| lineage.principal(*id));
    session.session.issuance.is_none()
        && !class::is_noise(session)
        && principals.any(|principal| principal.kind == PrincipalKind::AssumedRole && principal.invoked_by.is_none())
        && session.session.gaps.iter().any(|gap| gap.kind == GapKind::IssuanceMissing)
}

fn by_number(context: &Context<'_>, account: &str, region: &str, count: &CellCount) -> Match {
    let named = phrase::account(context, account);
    Match {
        key: vec![("account_id", account.to_owned()), ("region", region.to_owned())],
        severity: Severity::High,
        confidence: Confidence::High,
        basis: Basis::Heuristic,
        title: format!("The log of {named} in {region} holds no read-only events"),
        message: format!(
            "None of the {} records of {named} in {region} is of a read-only event. A trail that records only write \
             events leaves out every role assumption: chains of this account cannot be seen, and silence about it \
             means nothing.",
            count.records
        ),
        remediation: None,
        count: 1,
        // No single record proves that others are absent: what there is says from when to when.
        evidence: [count.first, count.last]
            .into_iter()
            .map(|event_time| Evidence { event_time, event_id: None, object: None })
            .collect(),
        chain_ids: Chains::default(),
    }
}

fn by_sessions(context: &Context<'_>, account: &str, sessions: &[SessionView<'_>], count: &CellCount) -> Match {
    let named = phrase::account(context, account);
    let number = wide(sessions.len());
    Match {
        key: vec![("account_id", account.to_owned())],
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        basis: Basis::Heuristic,
        title: format!("The log of {named} holds no read-only and no STS events, though roles are used"),
        message: format!(
            "{} were used in {named} that began after its first record here, yet none of its {} records is of STS or \
             of a read-only event. That is what a trail looks like that records only write events: it leaves out \
             every role assumption.",
            phrase::count(number, "role session"),
            count.records
        ),
        remediation: None,
        count: number,
        evidence: sessions
            .first()
            .into_iter()
            .chain(sessions.last())
            .flat_map(|session| occurrences::proof(*session))
            .collect(),
        chain_ids: sessions.iter().flat_map(|session| context.chain_ids(session.id)).collect(),
    }
}
