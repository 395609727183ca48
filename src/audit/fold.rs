//! Folds what a rule says into findings: one for each key, with its span, its chains and at most five events.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sha2::Digest as _;
use sha2::Sha256;

use crate::audit::rule::Rule;
use crate::expect::Expectations;
use crate::model::chains::Chains;
use crate::model::finding::Evidence;
use crate::model::finding::Finding;
use crate::model::finding::Match;
use crate::model::finding::Status;

/// How many events prove a finding; the first and the last are always among them.
const MAX_EVIDENCE: usize = 5;

/// Folds matches of equal key. The worst match gives the words; among equals the earliest.
pub(super) fn fold(rule: &'static Rule, matches: Vec<Match>, expectations: &Expectations) -> Vec<Finding> {
    let mut by_key: BTreeMap<BTreeMap<String, String>, Vec<Match>> = BTreeMap::new();
    for matched in matches {
        let key = matched.key.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        by_key.entry(key).or_default().push(matched);
    }
    by_key.into_iter().filter_map(|(key, matches)| finding(rule, key, matches, expectations)).collect()
}

fn finding(
    rule: &'static Rule,
    key: BTreeMap<String, String>,
    mut matches: Vec<Match>,
    expectations: &Expectations,
) -> Option<Finding> {
    matches.sort_by(|a, b| {
        let rank = |matched: &Match| {
            (Reverse(matched.severity), Reverse(matched.confidence), matched.evidence.iter().min().cloned())
        };
        rank(a).cmp(&rank(b)).then_with(|| a.title.cmp(&b.title)).then_with(|| a.message.cmp(&b.message))
    });
    let mut evidence: Vec<Evidence> = matches.iter().flat_map(|matched| matched.evidence.iter().cloned()).collect();
    // An event without a time proves as much as others, and says less: it comes last.
    evidence.sort_by(|a, b| (a.event_time.is_none(), a).cmp(&(b.event_time.is_none(), b)));
    evidence.dedup_by(|later, kept| later == kept || (later.event_id.is_some() && later.event_id == kept.event_id));
    let chain_ids: Chains = matches.iter().flat_map(|matched| matched.chain_ids.clone()).collect();
    let count = matches.iter().map(|matched| matched.count).sum();
    let worst = matches.into_iter().next()?;
    let severity = expectations.severity.get(rule.id).copied().unwrap_or(worst.severity);
    let last_seen = evidence.iter().filter_map(|event| event.event_time).max();
    Some(Finding {
        rule: rule.id,
        severity,
        regraded_from: (severity != worst.severity).then_some(worst.severity),
        confidence: worst.confidence,
        basis: worst.basis,
        title: worst.title,
        message: worst.message,
        remediation: worst.remediation.unwrap_or_else(|| rule.remediation.to_owned()),
        references: rule.references().map(str::to_owned).collect(),
        fingerprint: fingerprint(rule.id, &key),
        count,
        first_seen: evidence.iter().filter_map(|event| event.event_time).min(),
        last_seen,
        listed_chains: chain_ids.len(),
        chain_ids,
        evidence: thin(evidence),
        status: Status::New,
        exception: None,
        key,
    })
}

/// Hashes the rule and the key, and nothing that changes from run to run. `rc1` is the version of the recipe.
fn fingerprint(rule: &str, key: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    hash.update(rule);
    for (name, value) in key {
        // Lengths keep `a` + `bc` apart from `ab` + `c`.
        hash.update([0]);
        hash.update(name.len().to_le_bytes());
        hash.update(name);
        hash.update(value.len().to_le_bytes());
        hash.update(value);
    }
    let digest = hash.finalize();
    let half = digest.iter().take(16).fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    format!("rc1:{half:032x}")
}

/// Keeps five events, evenly spread from the first to the last.
fn thin(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let last = evidence.len().saturating_sub(1);
    if evidence.len() <= MAX_EVIDENCE {
        return evidence;
    }
    let wanted: Vec<usize> = (0..MAX_EVIDENCE).map(|at| at * last / (MAX_EVIDENCE - 1)).collect();
    evidence.into_iter().enumerate().filter(|(at, _)| wanted.contains(at)).map(|(_, event)| event).collect()
}

/// Every finding lists so many chains …
const LISTED_CHAINS: usize = 100;

/// … and all of them, as long as no more than so many ids are listed for each chain that there is.
const LISTED_PER_CHAIN: usize = 20;

/// Limits how many chains the findings list together, the first ones first: when each hop of a chain of ten thousand has
/// a finding of its own, each is about all chains further down.
pub(super) fn limit_chains(findings: &mut [Finding], chains: usize) {
    let mut left = LISTED_PER_CHAIN.saturating_mul(chains);
    for finding in findings {
        let more = finding.chain_ids.len().saturating_sub(LISTED_CHAINS).min(left);
        left -= more;
        finding.listed_chains = finding.chain_ids.len().min(LISTED_CHAINS) + more;
    }
}

/// Sorts findings: the worst, surest and most frequent first; then by rule and key.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (Reverse(a.severity), Reverse(a.confidence), a.rule, &a.key).cmp(&(
            Reverse(b.severity),
            Reverse(b.confidence),
            b.rule,
            &b.key,
        ))
    });
}
