//! The rules: what was not expected? One file and one page each; to add one, list it in `RULES`.

mod acceptance;
mod account_not_covered;
mod account_trust;
mod action;
mod ambiguous_link;
mod artefact;
mod assume_role_denied;
mod assume_root_used;
mod baseline_unused;
mod chain_too_deep;
mod changes;
mod class;
mod client;
mod cross_repo_deploy;
mod dead_end;
mod denial;
mod denied_then_succeeded;
mod deploy_session_in_console;
mod deploy_without_environment;
mod deploy_without_oidc_origin;
mod digest_validation_failed;
mod direct_oidc_into_deploy;
mod entry_role_overreach;
mod environment;
mod environment_mismatch;
mod exception_expired;
mod exception_unused;
mod external_id;
mod external_id_as_only_guard;
mod external_id_not_enforced;
mod federation_token_issued;
mod fold;
mod foreign_owner_subject;
mod forgotten_role_chaining;
mod generic_session_name;
mod global_sts_endpoint;
mod grade;
mod granted;
mod human_in_deploy_chain;
mod identity_provider_changed;
mod idle_session;
mod immutable_subject_rejected;
mod in_force;
mod inputs_stale;
mod key_quarantined;
mod log_gap;
mod logging_tampered;
mod long_lived_key_assumes_role;
mod long_lived_key_created;
mod long_lived_key_deploys;
mod long_lived_key_in_ci;
mod missing_external_id;
mod missing_link;
mod missing_session_tags;
mod mutable_subject;
pub mod network;
mod new_edge;
mod novelty;
mod observed_outside_trust;
mod occurrences;
mod one_sided_cross_account;
mod permission;
mod persistence_from_chain;
mod phrase;
mod pull_request_subject_on_deploy_role;
mod read_events_missing;
mod records_not_parsed;
mod region_not_covered;
mod relation;
mod repository_identity_changed;
mod role_juggling;
mod role_probing;
mod root_key_or_root_activity;
mod session_duration_over_limit;
mod session_moved;
mod session_name_nonconforming;
mod shut_out;
mod silence;
mod subject_drift;
mod subjects;
mod tag_subject_mismatch;
mod token_checks;
mod trail;
mod trust;
mod trust_condition_defect;
mod trust_difference;
mod trust_lacks_external_id;
mod trust_policy_changed;
mod trust_too_wide;
mod trust_width;
mod trusted_owners;
mod unexpected_audience;
mod unexpected_edge;
mod unexpected_external_id;
mod unexpected_subject;
mod unfinished_migration;
mod unknown_oidc_issuer;
mod unprotected_ref_on_deploy_role;
mod web_identity_denied;

use std::collections::BTreeMap;

use crate::expect::Expectations;
use crate::model::baseline::Baseline;
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

pub use crate::model::acceptance::ACCEPTANCE_RULES;
pub use acceptance::Settled;
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

impl Rule {
    /// Returns what it needs to find anything: the row of its page.
    pub fn needs(&self) -> &'static str {
        let mut rows = self.page.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
        let row =
            rows.find_map(|row| row.split_once('|').filter(|(name, _)| name.trim().eq_ignore_ascii_case("needs")));
        row.map_or("", |(_, needs)| needs.trim())
    }
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
    /// What was accepted of what the other rules found. Empty until they have been asked.
    pub settled: Settled<'a>,
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
    &ambiguous_link::RULE,
    &assume_role_denied::RULE,
    &assume_root_used::RULE,
    &baseline_unused::RULE,
    &chain_too_deep::RULE,
    &cross_repo_deploy::RULE,
    &denied_then_succeeded::RULE,
    &deploy_session_in_console::RULE,
    &deploy_without_environment::RULE,
    &deploy_without_oidc_origin::RULE,
    &digest_validation_failed::RULE,
    &direct_oidc_into_deploy::RULE,
    &entry_role_overreach::RULE,
    &environment_mismatch::RULE,
    &exception_expired::RULE,
    &exception_unused::RULE,
    &external_id_as_only_guard::RULE,
    &external_id_not_enforced::RULE,
    &federation_token_issued::RULE,
    &foreign_owner_subject::RULE,
    &forgotten_role_chaining::RULE,
    &generic_session_name::RULE,
    &global_sts_endpoint::RULE,
    &human_in_deploy_chain::RULE,
    &identity_provider_changed::RULE,
    &idle_session::RULE,
    &immutable_subject_rejected::RULE,
    &inputs_stale::RULE,
    &key_quarantined::RULE,
    &log_gap::RULE,
    &logging_tampered::RULE,
    &long_lived_key_assumes_role::RULE,
    &long_lived_key_created::RULE,
    &long_lived_key_deploys::RULE,
    &long_lived_key_in_ci::RULE,
    &missing_external_id::RULE,
    &missing_link::RULE,
    &missing_session_tags::RULE,
    &mutable_subject::RULE,
    &new_edge::RULE,
    &observed_outside_trust::RULE,
    &one_sided_cross_account::RULE,
    &persistence_from_chain::RULE,
    &pull_request_subject_on_deploy_role::RULE,
    &read_events_missing::RULE,
    &records_not_parsed::RULE,
    &region_not_covered::RULE,
    &repository_identity_changed::RULE,
    &role_juggling::RULE,
    &role_probing::RULE,
    &root_key_or_root_activity::RULE,
    &session_duration_over_limit::RULE,
    &session_moved::RULE,
    &session_name_nonconforming::RULE,
    &subject_drift::RULE,
    &tag_subject_mismatch::RULE,
    &trust_condition_defect::RULE,
    &trust_lacks_external_id::RULE,
    &trust_policy_changed::RULE,
    &trust_too_wide::RULE,
    &unexpected_audience::RULE,
    &unexpected_edge::RULE,
    &unexpected_external_id::RULE,
    &unexpected_subject::RULE,
    &unfinished_migration::RULE,
    &unknown_oidc_issuer::RULE,
    &unprotected_ref_on_deploy_role::RULE,
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
    /// The findings that were known on a day, and are accepted for a time.
    pub baseline: Option<&'a Baseline>,
}

/// Asks every rule, folds what they say, and settles what of it is accepted: the worst findings first.
pub fn audit(lineage: &Lineage, expectations: &Expectations, known: Known<'_>) -> Vec<Finding> {
    let mut context = Context {
        lineage,
        expectations,
        history: known.history,
        chains: lineage.chains_by_session(),
        integrity: known.integrity,
        in_force: InForce::new(lineage, known.snapshots),
        settled: Settled::default(),
    };
    let (about_acceptance, about_logs): (Vec<&Rule>, Vec<&Rule>) =
        RULES.iter().partition(|rule| ACCEPTANCE_RULES.contains(&rule.id));
    let mut findings = ask(&about_logs, &context);
    context.settled = acceptance::settle(&mut findings, &context, known.baseline);
    findings.extend(ask(&about_acceptance, &context));
    fold::sort(&mut findings);
    findings
}

fn ask(rules: &[&'static Rule], context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules {
        let mut claims = Vec::new();
        (rule.check)(context, &mut claims);
        findings.extend(fold::fold(rule, claims, context.expectations));
    }
    findings
}
