//! Environments: which words mean production, which mean something before it, and what a role or account is for.

use std::collections::BTreeSet;

use crate::audit::rule::Context;
use crate::expect::Expectations;
use crate::model::arn;
use crate::model::chain::SessionId;
use crate::model::finding::Evidence;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::long_term_key::LongTermKey;
use crate::model::subject::Subject;

/// Words that name production.
const PROD: [&str; 4] = ["prod", "prd", "production", "live"];

/// Words that name what comes before production.
const BEFORE_PROD: [&str; 18] = [
    "dev",
    "develop",
    "development",
    "int",
    "integration",
    "nonprod",
    "preprod",
    "preview",
    "qa",
    "review",
    "sandbox",
    "sbx",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "uat",
];

/// Words that turn the next one into its opposite: `non-prod`, `pre_prod`.
const NEGATIONS: [&str; 4] = ["no", "non", "not", "pre"];

/// What a name says about the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Production.
    Prod,
    /// Before production.
    BeforeProd,
}

/// Reads a name such as `prod-eu`, `gha-orders-prod` or `non-prod`. `None` when no word of it is known, or when its
/// words contradict each other.
pub(super) fn stage(name: &str) -> Option<Stage> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let is_negated = at.checked_sub(1).and_then(|at| words.get(at)).is_some_and(|word| NEGATIONS.contains(word));
        let read = match (PROD.contains(word), BEFORE_PROD.contains(word)) {
            (true, _) if is_negated => Stage::BeforeProd,
            (true, _) => Stage::Prod,
            (_, true) => Stage::BeforeProd,
            _ => continue,
        };
        if found.is_some_and(|found| found != read) {
            return None;
        }
        found = Some(read);
    }
    found
}

/// How the environment of a role is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The expectations say so, of the role or of its account.
    Declared,
    /// The name that the expectations give to the account says so.
    ByAccountName,
}

/// Returns true when the role acts in production, and how that is known.
pub(super) fn prod_role(context: &Context<'_>, role_arn: &str) -> Option<Known> {
    known_prod_role(context.expectations, role_arn)
}

fn known_prod_role(expectations: &Expectations, role_arn: &str) -> Option<Known> {
    if let Some(env) = expectations.env_of_role(role_arn) {
        return (stage(env) == Some(Stage::Prod)).then_some(Known::Declared);
    }
    let name = expectations.account(arn::account(role_arn)?)?.name.as_deref()?;
    (stage(name) == Some(Stage::Prod)).then_some(Known::ByAccountName)
}

/// Returns true when the role acts in production.
pub(super) fn is_prod_role(context: &Context<'_>, role_arn: &str) -> bool {
    prod_role(context, role_arn).is_some()
}

/// Returns the sessions that changed something in production: their role acts there, by the expectations, or the token that
/// began them is for an environment that is called so.
pub fn production_sessions(lineage: &Lineage, expectations: &Expectations) -> BTreeSet<SessionId> {
    let is_change = |session: &SessionView<'_>| {
        let by_role = || match session.role_arn() {
            Some(role) => known_prod_role(expectations, role).is_some(),
            // Root and users act in their account.
            None => session.account().is_some_and(|account| is_prod_account_id(expectations, account)),
        };
        let by_token =
            || session.origin().token.as_ref().and_then(Subject::environment).and_then(stage) == Some(Stage::Prod);
        session.activity().writes > 0 && (by_role() || by_token())
    };
    lineage.sessions().filter(is_change).map(|session| session.id).collect()
}

/// Returns the long-term keys that changed something in production themselves: those of users of accounts that the
/// expectations call so.
pub fn production_keys(lineage: &Lineage, expectations: &Expectations) -> BTreeSet<String> {
    let is_change = |key: &&LongTermKey| {
        let mut arns = key.principals.iter().filter_map(|id| lineage.opt(lineage.principal(*id).arn));
        key.activity.writes > 0 && arns.any(|arn| is_prod_account_of(expectations, arn))
    };
    let keys = lineage.long_term_keys.iter().filter(is_change);
    keys.map(|key| lineage.str(key.access_key).to_owned()).collect()
}

/// Returns true when the role's account is for production, whatever is said of the role.
pub(super) fn is_prod_account(context: &Context<'_>, role_arn: &str) -> bool {
    is_prod_account_of(context.expectations, role_arn)
}

fn is_prod_account_of(expectations: &Expectations, arn: &str) -> bool {
    arn::account(arn).is_some_and(|id| is_prod_account_id(expectations, id))
}

fn is_prod_account_id(expectations: &Expectations, id: &str) -> bool {
    let account = expectations.account(id);
    let said = account.and_then(|account| account.env.as_deref().or(account.name.as_deref()));
    said.and_then(stage) == Some(Stage::Prod)
}

/// Returns true when `env` names an environment before production: by its words, or because the expectations use it
/// for roles or accounts and it is none of the words for production.
pub(super) fn is_before_prod(context: &Context<'_>, env: &str) -> bool {
    if let Some(stage) = stage(env) {
        return stage == Stage::BeforeProd;
    }
    let expectations = context.expectations;
    let of_accounts = expectations.accounts.iter().filter_map(|account| account.env.as_deref());
    let of_roles = expectations.roles.iter().filter_map(|role| role.env.as_deref());
    of_accounts.chain(of_roles).any(|known| known.eq_ignore_ascii_case(env))
}

/// Returns the furthest role in production that the session opened, or is.
pub(super) fn production<'a>(context: &Context<'_>, session: SessionView<'a>) -> Option<(&'a str, Vec<Evidence>)> {
    let mut reached = session.descendants();
    reached.retain(|session| session.role_arn().is_some_and(|role| is_prod_role(context, role)));
    let end = reached.last()?.role_arn()?;
    Some((end, reached.iter().flat_map(SessionView::issuing_evidence).take(4).collect()))
}

#[cfg(test)]
mod tests {
    use super::Stage;
    use super::stage;

    #[test]
    fn names_say_their_stage_or_nothing() {
        for (name, expected) in [
            ("prod", Some(Stage::Prod)),
            ("Production", Some(Stage::Prod)),
            ("prod-eu", Some(Stage::Prod)),
            ("gha-orders-prod", Some(Stage::Prod)),
            ("non-prod", Some(Stage::BeforeProd)),
            ("nonprod", Some(Stage::BeforeProd)),
            ("pre_prod", Some(Stage::BeforeProd)),
            ("acme/staging", Some(Stage::BeforeProd)),
            ("staging-to-prod", None),
            ("products", None),
            ("", None),
        ] {
            assert_eq!(stage(name), expected, "{name}");
        }
    }
}
