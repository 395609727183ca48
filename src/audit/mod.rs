//! What was not expected? Asks every rule, folds what they say into findings, and settles what of it is accepted.
//!
//! The rules stand in `rules/`, by theme; what they share stands here.

mod acceptance;
mod account_trust;
mod action;
mod admitted;
mod artifact;
mod assurance;
mod caller;
mod changes;
mod ci_keys;
mod class;
mod client;
mod covered_days;
mod dead_end;
mod denial;
mod deployment;
mod environment;
mod external_id;
mod fold;
mod forgotten;
mod freshness;
mod grade;
mod granted;
mod in_force;
mod issuer;
mod key_owner;
mod key_status;
mod memo;
pub mod network;
mod novelty;
mod occurrences;
mod permission;
mod phrase;
mod questions;
mod relation;
mod renumbered;
mod repositories;
mod reviewed;
mod rule;
mod rules;
mod runs;
mod settled;
mod shut_out;
mod silence;
mod standing;
mod subjects;
mod tags;
mod technique;
mod theme;
mod token_checks;
mod trail;
mod trust;
mod trust_difference;
mod trust_width;
mod trusted_owners;
mod uses;
mod way;

use rayon::prelude::*;

use crate::expect::Expectations;
use crate::model::finding::Finding;
use crate::model::lineage::Lineage;

pub use admitted::Entry;
pub use admitted::entries;
pub use assurance::assure;
pub use ci_keys::mark_ci_keys;
pub use environment::production_keys;
pub use environment::production_sessions;
pub use freshness::Clock;
pub use in_force::InForce;
pub use reviewed::is_reviewed;
pub use rule::Context;
pub use rule::Given;
pub use rule::Known;
pub use rule::Rule;
pub use rules::RULES;
pub use runs::approvals;
pub use runs::seconds_after_job;
pub use settled::Settled;
pub use technique::technique;
pub use theme::Theme;

/// Returns the ids of all rules.
pub fn rule_ids() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.id).collect()
}

/// Returns the ids of the rules that lack something that they need or are better with, in a run that was given this.
pub fn rules_not_asked(given: Given) -> Vec<&'static str> {
    RULES.iter().filter(|rule| !rule.is_asked(given)).map(|rule| rule.id).collect()
}

/// Returns the rule of this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// Asks every rule, folds what they say, and settles what of it is accepted: the worst findings first.
pub fn audit(lineage: &Lineage, expectations: &Expectations, known: Known<'_>) -> Vec<Finding> {
    let mut context = Context::new(lineage, expectations, known, RULES);
    let (about_acceptance, about_logs): (Vec<&Rule>, Vec<&Rule>) =
        RULES.iter().partition(|rule| rule.is_about_acceptance());
    let mut findings = ask(&about_logs, &context);
    context.settled = acceptance::settle(&mut findings, &context, known.baseline);
    findings.extend(ask(&about_acceptance, &context));
    fold::sort(&mut findings);
    fold::limit_chains(&mut findings, lineage.chains.len());
    findings
}

fn ask(rules: &[&'static Rule], context: &Context<'_>) -> Vec<Finding> {
    // Rules know nothing of each other; their findings stay in the order of the rules.
    let asked = |rule: &&'static Rule| {
        let mut matches = Vec::new();
        (rule.check)(context, &mut matches);
        fold::fold(rule, matches, context.expectations)
    };
    rules.par_iter().with_max_len(1).flat_map_iter(asked).collect()
}
