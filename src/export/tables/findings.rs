//! Findings: what they say, which chains they are about, and the events that prove them.

use super::Shape;
use super::cells::object;
use super::push;
use crate::export::Source;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::time::Timestamp;
use crate::report::wire::finding::Evidence;
use crate::report::wire::finding::Finding;

columns! {
    /// Findings.
    pub(super) struct Findings = "findings", "One judged statement, folded over what it is about.";
    write finding: &'v Finding<'v>, with source: Source<'v> {
        let account = finding.key.get("account_id").map(AsRef::as_ref);
        let accepted = finding.accepted.as_ref();
    };
    fingerprint: str = &finding.fingerprint, "Stable: the same finding has the same fingerprint in every run.";
    rule: str = finding.rule, "The rule's id; `rolechain explain RULE` says more.";
    severity: str = finding.severity,
        "How much harm is done if it is true: `info`, `low`, `medium`, `high`, `critical`.";
    severity_rank: i64 = rank(&["info", "low", "medium", "high", "critical"], finding.severity),
        "The severity as a number: 1 for `info` to 5 for `critical`.";
    confidence: str = finding.confidence, "How sure it is: `low`, `medium`, `high`.";
    confidence_rank: i64 = rank(&["low", "medium", "high"], finding.confidence),
        "The confidence as a number: 1 for `low` to 3 for `high`.";
    basis: str = finding.basis, "What it rests on: `proof`, `match`, `novelty`, `heuristic`.";
    persona: str = finding.persona, "Whom its rule is for: `regular`, `pedantic`, `auditor`.";
    regraded_from: str = finding.regraded_from, "The rule's own severity, when the owners gave another grade.";
    status: str = finding.status, "Where it stands in its life: `new`, `ongoing`, `reopened`, `dormant`, or `excepted` when an exception or a baseline accepts it.";
    is_open: bool = finding.status != "excepted", "True unless it is accepted.";
    title: str = &finding.title, "One line.";
    message: str = &finding.message, "What happened.";
    remediation: str = &finding.remediation, "What to do.";
    role_arn: str = finding.key.get("role_arn"), "The role that it is about.";
    principal_arn: str = finding.key.get("principal_arn"), "The principal that it is about.";
    subject: str = finding.key.get("subject"), "The token's subject that it is about.";
    repository: str = finding.key.get("repository"), "The repository that it is about.";
    issuer: str = finding.key.get("issuer"), "The token's issuer that it is about.";
    access_key_id: str = finding.key.get("access_key_id"), "The access key that it is about.";
    account_id: str = account, "The account that it is about.";
    account_name: str = source.account_name(account), "What the expectations call that account.";
    caller_account_id: str = finding.key.get("caller_account_id"), "The calling account that it is about.";
    region: str = finding.key.get("region"), "The region that it is about.";
    key: str = object(&finding.key), "All that it is about, as a JSON object.";
    occurrences: i64 = finding.count, "How many occurrences.";
    first_seen: Timestamp = finding.first_seen, "The earliest event.";
    last_seen: Timestamp = finding.last_seen, "The latest event.";
    chains: i64 = finding.count_chains(),
        "How many chains it is about; `finding_chains` names them, or a hundred when findings repeat them too often.";
    evidence: i64 = finding.evidence.len(), "How many events are named as proof; `evidence` names them.";
    exception: str = &finding.exception, "Why it is accepted; null when it is not.";
    accepted_by: str = accepted.map(|accepted| accepted.by),
        "What accepts it: `exception`, `baseline`; null when nothing does.";
    accepted_owner: str = accepted.map(|accepted| &accepted.owner), "Who answers for that.";
    accepted_until: Timestamp = accepted.map(|accepted| accepted.expires), "The last day it is accepted.";
}

pub(super) static SHAPE: Shape = Shape {
    table: Findings::TABLE,
    key: &["fingerprint"],
    joins: &[("access_key_id", "long_term_keys.access_key_id")],
    day: "last_seen",
    rows: |source, sink| source.rows.findings().try_for_each(|finding| push::<Findings>(&finding, source, sink)),
};

/// Returns the place of a name, from 1.
fn rank(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| *known == name).map(|at| at + 1)
}

columns! {
    /// Which findings are about which chains.
    pub(super) struct FindingChains = "finding_chains", "One chain that one finding is about.";
    write (finding, chain): (&'v Finding<'v>, &'v String), with source: Source<'v>;
    fingerprint: str = &finding.fingerprint, "The finding.";
    chain_id: str = chain, "The chain. Chains that are not listed are not in `chains`.";
    last_seen: Timestamp = finding.last_seen, "The latest event of the finding.";
}

pub(super) static CHAINS: Shape = Shape {
    table: FindingChains::TABLE,
    key: &["fingerprint", "chain_id"],
    joins: &[("fingerprint", "findings.fingerprint"), ("chain_id", "chains.chain_id")],
    day: "last_seen",
    rows: |source, sink| {
        source.rows.findings().try_for_each(|finding| {
            finding.chain_ids.iter().try_for_each(|chain| push::<FindingChains>((&finding, chain), source, sink))
        })
    },
};

columns! {
    /// The events that prove findings.
    pub(super) struct Proof = "evidence",
        "One event that proves a finding; at most five for each, the first and the last included.";
    write (fingerprint, position, event): (&'v str, usize, &'v Evidence<'v>), with source: Source<'v>;
    fingerprint: str = fingerprint, "The finding.";
    evidence_number: i64 = position, "Its place among the finding's events, from 1.";
    event_id: str = &event.event_id, "`eventID`; null for files that could not be read.";
    event_time: Timestamp = event.event_time, "When it happened.";
    object: str = &event.object, "The log file that holds the record.";
}

pub(super) static EVIDENCE: Shape = Shape {
    table: Proof::TABLE,
    key: &["fingerprint", "evidence_number"],
    joins: &[("fingerprint", "findings.fingerprint"), ("event_id", "assumptions.event_id")],
    day: "event_time",
    rows: |source, sink| {
        source.rows.findings().try_for_each(|finding| {
            let mut evidence = (1..).zip(&finding.evidence);
            evidence.try_for_each(|(at, event)| push::<Proof>((&finding.fingerprint, at, event), source, sink))
        })
    },
};
