//! Every rule: its module by theme, and its place in the list.
//! To add one, write its file and its page, and name it twice here.

mod deploy {
    pub(super) mod chain_too_deep;
    pub(super) mod cross_repo_deploy;
    pub(super) mod deploy_without_environment;
    pub(super) mod deploy_without_oidc_origin;
    pub(super) mod direct_oidc_into_deploy;
    pub(super) mod entry_role_overreach;
    pub(super) mod environment_mismatch;
    pub(super) mod foreign_owner_subject;
    pub(super) mod forgotten_role_chaining;
    pub(super) mod human_in_deploy_chain;
    pub(super) mod missing_link;
    pub(super) mod new_edge;
    pub(super) mod persistence_from_chain;
    pub(super) mod pull_request_subject_on_deploy_role;
    pub(super) mod repository_identity_changed;
    pub(super) mod repository_renamed;
    pub(super) mod role_juggling;
    pub(super) mod subject_drift;
    pub(super) mod subject_fanout;
    pub(super) mod tag_subject_mismatch;
    pub(super) mod unexpected_audience;
    pub(super) mod unexpected_edge;
    pub(super) mod unexpected_subject;
    pub(super) mod unknown_oidc_issuer;
    pub(super) mod unprotected_ref_on_deploy_role;
}

mod trust {
    pub(super) mod delegated_access;
    pub(super) mod external_id_as_only_guard;
    pub(super) mod external_id_not_enforced;
    pub(super) mod identity_provider_changed;
    pub(super) mod missing_external_id;
    pub(super) mod mutable_subject;
    pub(super) mod observed_outside_trust;
    pub(super) mod trust_condition_defect;
    pub(super) mod trust_lacks_external_id;
    pub(super) mod trust_policy_changed;
    pub(super) mod trust_too_wide;
    pub(super) mod unexpected_external_id;
}

mod ci {
    pub(super) mod ci_fork_reached_aws;
    pub(super) mod ci_network_mismatch;
    pub(super) mod ci_run_contradicts_tags;
    pub(super) mod ci_run_contradicts_token;
    pub(super) mod ci_run_deleted;
    pub(super) mod ci_run_unknown;
    pub(super) mod credentials_outlived_job;
    pub(super) mod deployment_self_approved;
    pub(super) mod deployment_without_approval;
    pub(super) mod protection_weakened;
    pub(super) mod run_started_by_another;
    pub(super) mod run_without_session;
    pub(super) mod session_without_run;
    pub(super) mod unexpected_workflow;
    pub(super) mod unreviewed_commit_deployed;
    pub(super) mod workflow_changed_with_deploy;
}

mod keys {
    pub(super) mod dormant_key_awakened;
    pub(super) mod federation_token_issued;
    pub(super) mod key_quarantined;
    pub(super) mod long_lived_key_assumes_role;
    pub(super) mod long_lived_key_created;
    pub(super) mod long_lived_key_deploys;
    pub(super) mod long_lived_key_in_ci;
    pub(super) mod long_lived_key_too_old;
    pub(super) mod retirable_key;
    pub(super) mod session_token_from_key;
    pub(super) mod unfinished_migration;
}

mod root {
    pub(super) mod assume_root_used;
    pub(super) mod root_key_or_root_activity;
}

mod sessions {
    pub(super) mod deploy_session_in_console;
    pub(super) mod generic_session_name;
    pub(super) mod global_sts_endpoint;
    pub(super) mod idle_session;
    pub(super) mod missing_session_tags;
    pub(super) mod session_duration_over_limit;
    pub(super) mod session_moved;
    pub(super) mod session_name_nonconforming;
}

mod denials {
    pub(super) mod assume_role_denied;
    pub(super) mod denied_then_succeeded;
    pub(super) mod immutable_subject_rejected;
    pub(super) mod role_probing;
    pub(super) mod web_identity_denied;
}

mod integrity {
    pub(super) mod account_not_covered;
    pub(super) mod ambiguous_link;
    pub(super) mod digest_validation_failed;
    pub(super) mod inputs_stale;
    pub(super) mod log_gap;
    pub(super) mod logging_tampered;
    pub(super) mod one_sided_cross_account;
    pub(super) mod read_events_missing;
    pub(super) mod records_not_parsed;
    pub(super) mod region_not_covered;
}

mod review {
    pub(super) mod baseline_unused;
    pub(super) mod exception_expired;
    pub(super) mod exception_unused;
}

use crate::audit::rule::Rule;

/// Every rule, in alphabetical order of ids.
pub static RULES: &[&Rule] = &[
    &integrity::account_not_covered::RULE,
    &integrity::ambiguous_link::RULE,
    &denials::assume_role_denied::RULE,
    &root::assume_root_used::RULE,
    &review::baseline_unused::RULE,
    &deploy::chain_too_deep::RULE,
    &ci::ci_fork_reached_aws::RULE,
    &ci::ci_network_mismatch::RULE,
    &ci::ci_run_contradicts_tags::RULE,
    &ci::ci_run_contradicts_token::RULE,
    &ci::ci_run_deleted::RULE,
    &ci::ci_run_unknown::RULE,
    &ci::credentials_outlived_job::RULE,
    &deploy::cross_repo_deploy::RULE,
    &trust::delegated_access::RULE,
    &denials::denied_then_succeeded::RULE,
    &sessions::deploy_session_in_console::RULE,
    &deploy::deploy_without_environment::RULE,
    &deploy::deploy_without_oidc_origin::RULE,
    &ci::deployment_self_approved::RULE,
    &ci::deployment_without_approval::RULE,
    &integrity::digest_validation_failed::RULE,
    &deploy::direct_oidc_into_deploy::RULE,
    &keys::dormant_key_awakened::RULE,
    &deploy::entry_role_overreach::RULE,
    &deploy::environment_mismatch::RULE,
    &review::exception_expired::RULE,
    &review::exception_unused::RULE,
    &trust::external_id_as_only_guard::RULE,
    &trust::external_id_not_enforced::RULE,
    &keys::federation_token_issued::RULE,
    &deploy::foreign_owner_subject::RULE,
    &deploy::forgotten_role_chaining::RULE,
    &sessions::generic_session_name::RULE,
    &sessions::global_sts_endpoint::RULE,
    &deploy::human_in_deploy_chain::RULE,
    &trust::identity_provider_changed::RULE,
    &sessions::idle_session::RULE,
    &denials::immutable_subject_rejected::RULE,
    &integrity::inputs_stale::RULE,
    &keys::key_quarantined::RULE,
    &integrity::log_gap::RULE,
    &integrity::logging_tampered::RULE,
    &keys::long_lived_key_assumes_role::RULE,
    &keys::long_lived_key_created::RULE,
    &keys::long_lived_key_deploys::RULE,
    &keys::long_lived_key_in_ci::RULE,
    &keys::long_lived_key_too_old::RULE,
    &trust::missing_external_id::RULE,
    &deploy::missing_link::RULE,
    &sessions::missing_session_tags::RULE,
    &trust::mutable_subject::RULE,
    &deploy::new_edge::RULE,
    &trust::observed_outside_trust::RULE,
    &integrity::one_sided_cross_account::RULE,
    &deploy::persistence_from_chain::RULE,
    &ci::protection_weakened::RULE,
    &deploy::pull_request_subject_on_deploy_role::RULE,
    &integrity::read_events_missing::RULE,
    &integrity::records_not_parsed::RULE,
    &integrity::region_not_covered::RULE,
    &deploy::repository_identity_changed::RULE,
    &deploy::repository_renamed::RULE,
    &keys::retirable_key::RULE,
    &deploy::role_juggling::RULE,
    &denials::role_probing::RULE,
    &root::root_key_or_root_activity::RULE,
    &ci::run_started_by_another::RULE,
    &ci::run_without_session::RULE,
    &sessions::session_duration_over_limit::RULE,
    &sessions::session_moved::RULE,
    &sessions::session_name_nonconforming::RULE,
    &keys::session_token_from_key::RULE,
    &ci::session_without_run::RULE,
    &deploy::subject_drift::RULE,
    &deploy::subject_fanout::RULE,
    &deploy::tag_subject_mismatch::RULE,
    &trust::trust_condition_defect::RULE,
    &trust::trust_lacks_external_id::RULE,
    &trust::trust_policy_changed::RULE,
    &trust::trust_too_wide::RULE,
    &deploy::unexpected_audience::RULE,
    &deploy::unexpected_edge::RULE,
    &trust::unexpected_external_id::RULE,
    &deploy::unexpected_subject::RULE,
    &ci::unexpected_workflow::RULE,
    &keys::unfinished_migration::RULE,
    &deploy::unknown_oidc_issuer::RULE,
    &deploy::unprotected_ref_on_deploy_role::RULE,
    &ci::unreviewed_commit_deployed::RULE,
    &denials::web_identity_denied::RULE,
    &ci::workflow_changed_with_deploy::RULE,
];
