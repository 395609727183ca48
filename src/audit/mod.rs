//! The rules: what was not expected? One file and one page each; to add one, list it in `RULES`.

mod account_not_covered;
mod assume_role_denied;
mod class;
mod client;
mod cross_repo_deploy;
mod denial;
mod deploy_without_oidc_origin;
mod digest_validation_failed;
mod environment;
mod environment_mismatch;
mod external_id;
mod external_id_not_enforced;
mod fold;
mod foreign_owner_subject;
mod forgotten_role_chaining;
mod grade;
mod human_in_deploy_chain;
mod in_force;
mod log_gap;
mod logging_tampered;
mod long_lived_key_assumes_role;
mod long_lived_key_in_ci;
mod missing_external_id;
mod missing_link;
pub mod network;
mod new_edge;
mod novelty;
mod occurrences;
mod phrase;
mod pull_request_subject_on_deploy_role;
mod read_events_missing;
mod records_not_parsed;
mod region_not_covered;
mod relation;
mod repository_identity_changed;
mod role_juggling;
mod root_key_or_root_activity;
mod session_moved;
mod silence;
mod subject_drift;
mod subjects;
mod trail;
mod trust;
mod trust_difference;
mod trust_policy_changed;
mod unexpected_edge;
mod unexpected_external_id;
mod unexpected_subject;
mod unfinished_migration;
mod unknown_oidc_issuer;
mod web_identity_denied;

use std::collections::BTreeMap;

use crate::expect::Expectations;
use crate::model::chain::Chain;
use crate::model::chain::SessionId;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Finding;
use crate::model::finding::History;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::integrity::Integrity;
use crate::model::lineage::Lineage;
use crate::trust::snapshot::Snapshot;

pub use in_force::InForce;

/// One rule: what it is called, how it is explained, and the question that it asks.
#[derive(Debug)]
pub struct Rule {
    /// The rule's id in kebab case, named by the bad thing: the stem of its file and of its page.
    pub id: &'static str,
    /// What it finds, in one line.
    pub title: &'static str,
    /// The usual severity; a claim may carry another one.
    pub severity: Severity,
    /// The usual confidence.
    pub confidence: Confidence,
    /// The usual basis.
    pub basis: Basis,
    /// Whom it is for.
    pub persona: Persona,
    /// What to do, in one to three sentences.
    pub remediation: &'static str,
    /// ATT&CK techniques (v18; log tampering also under its v19 number), then pages to read.
    pub references: &'static [&'static str],
    /// The rule's page, `docs/rules/<id>.md`: prose, and examples that the tests execute.
    pub page: &'static str,
    /// The question.
    pub check: fn(&Context<'_>, &mut Vec<Claim>),
}

/// What a rule may look at.
#[derive(Debug)]
pub struct Context<'a> {
    /// Every session, chain, key and denial.
    pub lineage: &'a Lineage,
    /// What the owners say should happen. Empty when there is no file.
    pub expectations: &'a Expectations,
    /// What a store knows of earlier days; `None` without one.
    pub history: Option<&'a History>,
    /// The chains through each session.
    pub chains: BTreeMap<SessionId, Vec<&'a Chain>>,
    /// What the digest files prove, when they were checked.
    pub integrity: Option<&'a Integrity>,
    /// What the trust policies say, by the logs and by snapshots.
    pub in_force: InForce<'a>,
}

impl Context<'_> {
    /// Returns the ids of the chains through a session.
    pub fn chain_ids(&self, session: SessionId) -> Vec<String> {
        self.chains.get(&session).into_iter().flatten().map(|chain| chain.id.to_string()).collect()
    }
}

/// Every rule, in alphabetical order of ids.
pub static RULES: &[&Rule] = &[
    &account_not_covered::RULE,
    &assume_role_denied::RULE,
    &cross_repo_deploy::RULE,
    &deploy_without_oidc_origin::RULE,
    &digest_validation_failed::RULE,
    &environment_mismatch::RULE,
    &external_id_not_enforced::RULE,
    &foreign_owner_subject::RULE,
    &forgotten_role_chaining::RULE,
    &human_in_deploy_chain::RULE,
    &log_gap::RULE,
    &logging_tampered::RULE,
    &long_lived_key_assumes_role::RULE,
    &long_lived_key_in_ci::RULE,
    &missing_external_id::RULE,
    &missing_link::RULE,
    &new_edge::RULE,
    &pull_request_subject_on_deploy_role::RULE,
    &read_events_missing::RULE,
    &records_not_parsed::RULE,
    &region_not_covered::RULE,
    &repository_identity_changed::RULE,
    &role_juggling::RULE,
    &root_key_or_root_activity::RULE,
    &session_moved::RULE,
    &subject_drift::RULE,
    &trust_policy_changed::RULE,
    &unexpected_edge::RULE,
    &unexpected_external_id::RULE,
    &unexpected_subject::RULE,
    &unfinished_migration::RULE,
    &unknown_oidc_issuer::RULE,
    &web_identity_denied::RULE,
];

/// The rules that have nothing to judge before digest files are checked.
pub const INTEGRITY_RULES: &[&str] = &["digest-validation-failed", "log-gap"];

/// Returns the ids of all rules.
pub fn rule_ids() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.id).collect()
}

/// Returns the rule of this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// What is known besides the logs and the expectations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What the digest files prove, when they were checked.
    pub integrity: Option<&'a Integrity>,
    /// What is known of earlier days.
    pub history: Option<&'a History>,
    /// Trust policies, as other tools print them.
    pub snapshots: &'a [Snapshot],
}

/// Asks every rule, and folds what they say: the worst findings first.
pub fn audit(lineage: &Lineage, expectations: &Expectations, known: Known<'_>) -> Vec<Finding> {
    let context = Context {
        lineage,
        expectations,
        history: known.history,
        chains: lineage.chains_by_session(),
        integrity: known.integrity,
        in_force: InForce::new(lineage, known.snapshots),
    };
    let mut findings = Vec::new();
    for rule in RULES {
        let mut claims = Vec::new();
        (rule.check)(&context, &mut claims);
        findings.extend(fold::fold(rule, claims, expectations));
    }
    fold::sort(&mut findings);
    findings
}
