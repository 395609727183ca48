//! `region-not-covered`: an account's log is here, but not that of a region in which it must have records.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::class;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::chain::GapKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalKind;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "region-not-covered",
    title: "An account's log lacks a region in which it must have records",
    theme: Theme::Integrity,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs",
    remediation: "Make the trail a multi-Region trail, or add the region's prefix to the input.",
    techniques: &[],
    reading: &[
        (
            "IAM User Guide: STS endpoints and Regions",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html",
        ),
        (
            "CloudTrail User Guide: global service events",
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events",
        ),
    ],
    page: include_str!("../../../../docs/rules/region-not-covered.md"),
    check,
};

/// Where the calls to the global STS endpoint, and to IAM, are logged.
const GLOBAL: &str = "us-east-1";

/// An account with so many records always has some of a global service.
const MANY: u64 = 1_000;

/// What is known of one account.
#[derive(Default)]
struct Covered<'a> {
    regions: BTreeSet<&'a str>,
    records: u64,
    /// Sessions whose issuance is nowhere, though the account is covered.
    lost: Vec<SessionView<'a>>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.lineage.is_filtered {
        // What was left out on purpose is not missing.
        return;
    }
    let lineage = context.lineage;
    let mut accounts: BTreeMap<&str, Covered<'_>> = BTreeMap::new();
    for (cell, count) in &lineage.observations.cells {
        if let Some(account) = lineage.opt(cell.account) {
            let covered = accounts.entry(account).or_default();
            covered.regions.extend(lineage.opt(cell.region));
            covered.records += count.records;
        }
    }
    for session in lineage.sessions().filter(|session| !class::is_noise(*session)) {
        let is_lost = session.session.gaps.iter().any(|gap| gap.kind == GapKind::IssuanceMissing);
        if session.session.issuance.is_none()
            && is_lost
            && let Some(covered) = session.account().and_then(|account| accounts.get_mut(account))
        {
            covered.lost.push(session);
        }
    }
    for (account, covered) in &accounts {
        matches.extend(global(context, account, covered));
    }
    halves(context, &accounts, matches);
}

/// The region of the global endpoint is missing.
fn global(context: &Context<'_>, account: &str, covered: &Covered<'_>) -> Option<Match> {
    let is_commercial =
        covered.regions.iter().any(|region| !region.starts_with("cn-") && !region.starts_with("us-gov-"));
    if !is_commercial || covered.regions.contains(GLOBAL) {
        return None;
    }
    let severity = match (covered.lost.is_empty(), covered.records >= MANY) {
        (false, _) => Severity::High,
        (true, true) => Severity::Low,
        (true, false) => return None,
    };
    let named = phrase::account(context, account);
    let effect = if covered.lost.is_empty() {
        "Changes of IAM and sign-ins are not seen; every session of the account was found all the same.".to_owned()
    } else {
        let lost = wide(covered.lost.len());
        format!("Where {} of its roles began, these logs do not look.", phrase::count(lost, "session"))
    };
    Some(Match {
        key: vec![("account_id", account.to_owned()), ("region", GLOBAL.to_owned())],
        severity,
        confidence: if covered.lost.is_empty() { Confidence::Medium } else { Confidence::High },
        basis: Basis::Heuristic,
        title: format!("The log of {named} lacks {GLOBAL}"),
        message: format!(
            "The log of {named} has records of {}, but none of {GLOBAL}, where calls to the global STS endpoint and to IAM are \
             logged. {effect}",
            phrase::all_of(covered.regions.iter().copied())
        ),
        remediation: None,
        count: wide(covered.lost.len()).max(1),
        evidence: covered
            .lost
            .first()
            .into_iter()
            .chain(covered.lost.last())
            .flat_map(|session| occurrences::proof(*session))
            .collect(),
        chain_ids: covered.lost.iter().flat_map(|session| context.chain_ids(session.id)).collect(),
    })
}

/// One copy of a cross-account call is here; the other account is covered, but nothing of it in that region.
fn halves(context: &Context<'_>, accounts: &BTreeMap<&str, Covered<'_>>, matches: &mut Vec<Match>) {
    let lineage = context.lineage;
    let alone = lineage.sessions().filter_map(|session| {
        let issuance = session.session.issuance.filter(|issuance| issuance.counterpart.is_none())?;
        let record = lineage.assumption(issuance.record);
        if !session.is_cross_account() || class::is_noise(session) {
            return None;
        }
        let is_target_copy = session.caller()?.kind == PrincipalKind::AwsAccount;
        let other = if is_target_copy { session.caller_account()? } else { session.account()? };
        let region = lineage.opt(record.region)?;
        let is_missing = accounts.get(other).is_some_and(|covered| !covered.regions.contains(region));
        // The global region has a match of its own when sessions are lost with it.
        let is_told = region == GLOBAL && accounts.get(other).is_some_and(|covered| !covered.lost.is_empty());
        (is_missing && !is_told).then_some(((other, region), session))
    });
    for ((account, region), calls) in occurrences::gather(alone) {
        let named = phrase::account(context, account);
        matches.push(Match {
            key: vec![("account_id", account.to_owned()), ("region", region.to_owned())],
            severity: if region == GLOBAL { Severity::High } else { Severity::Medium },
            confidence: Confidence::High,
            basis: Basis::Match,
            title: format!("The log of {named} lacks {region}"),
            message: format!(
                "{}, a call between accounts was logged in {region}; its copy in the log of {named} is not here, and \
                 neither is any other record of that account and region.",
                calls.when()
            ),
            remediation: None,
            count: calls.count(),
            evidence: calls.evidence(),
            chain_ids: calls.chain_ids(context),
        });
    }
}
