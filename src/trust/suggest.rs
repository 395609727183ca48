//! Suggestions: the tightest trust policy that still admits what was observed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::caller::Caller;
use super::observed::Observed;
use super::operator::Operator;
use super::policy::Actions;
use super::policy::Condition;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::Statement;
use super::policy::Who;
use super::principal::Principal;
use super::request;
use super::truth::Truth;
use super::usage::User;
use super::variable;
use crate::model::arn;
use crate::model::assumption::Said;
use crate::provider;

/// A drawn-up policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The policy.
    pub policy: Policy,
    /// What a person must know before applying it, in words.
    pub notes: Vec<String>,
    /// Who was observed and is not admitted, because the records do not say enough of them to be exact.
    pub left_out: BTreeSet<User>,
}

/// Who comes in by one statement, besides the principals: all of the statement's conditions in a form that sorts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Door {
    /// Tokens of a provider, for an audience.
    Token { provider: String, audience: Option<String> },
    /// Principals that always pass one of these as ExternalId, or (when there is none) not always one.
    Principals { external_ids: BTreeSet<String> },
    /// People of one permission set of Identity Center, whose role gets another suffix when it is made anew.
    PermissionSet { account: String, pattern: String, external_ids: BTreeSet<String> },
    /// A principal of which only account and unique id are known, or not even the id.
    ById { account: String, id: Option<String>, external_ids: BTreeSet<String> },
    /// Assertions of a SAML provider.
    Assertion { provider: String },
    /// A service.
    Service { name: String },
}

/// What comes in by a door.
#[derive(Clone, Debug, Default)]
struct Entrants<'o, 'l> {
    /// Subjects of tokens, each with its pattern when it changes with every run; or ARNs of principals.
    names: BTreeMap<String, Option<String>>,
    actions: BTreeSet<&'static str>,
    observed: Vec<&'o Observed<'l>>,
}

/// Draws up a policy for observed assumptions of one role, given in order of time. `in_force` is the policy that they
/// came in by, if it is known: what the logs cannot replay is taken over from it.
pub fn suggest(observed: &[&Observed<'_>], in_force: Option<&Policy>) -> Suggestion {
    let mut left_out = BTreeSet::new();
    let external_ids = external_ids(observed);
    let mut doors: BTreeMap<Door, Entrants<'_, '_>> = BTreeMap::new();
    for one in observed {
        let Some((door, name)) = door(one, &external_ids) else {
            left_out.insert(User::of(one));
            continue;
        };
        let entrants = doors.entry(door).or_default();
        entrants.names.extend(name.map(|name| (name, one.every_run())));
        entrants.actions.extend(&one.request.actions);
        entrants.observed.push(one);
    }
    let mut notes = Vec::new();
    let mut policy = Policy { has_variables: true, statements: Vec::new() };
    for (door, entrants) in &doors {
        let mut statement = statement(door, entrants);
        if let Some(in_force) = in_force {
            take_over(&mut statement, entrants, in_force, &mut notes);
        }
        policy.statements.push(statement);
    }
    if let Some(in_force) = in_force {
        keep_denials(&mut policy, observed, in_force, &mut notes);
    }
    say_doors(&doors, &mut notes);
    if !left_out.is_empty() {
        notes.push(format!("left out, because the records do not say enough of it to be exact: {}", said(&left_out)));
    }
    notes.dedup();
    Suggestion { policy, notes, left_out }
}

fn said(users: &BTreeSet<User>) -> String {
    users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What each principal passed as ExternalId, by its name; nothing when it did not always pass one.
type ExternalIds = BTreeMap<String, BTreeSet<String>>;

fn external_ids(observed: &[&Observed<'_>]) -> ExternalIds {
    let mut ids = ExternalIds::new();
    let mut without: BTreeSet<String> = BTreeSet::new();
    for one in observed {
        let name = one.who();
        match one.record.said(one.record.external_id) {
            Said::Value(id) => {
                ids.entry(name).or_default().insert(one.session.lineage().str(id).to_owned());
            }
            Said::Absent => {
                without.insert(name);
            }
            Said::Withheld => {}
        }
    }
    ids.retain(|name, _| !without.contains(name));
    ids
}

/// Returns the door by which an assumption comes in, and the name under which; `None` when too little is known of it.
fn door(one: &Observed<'_>, external_ids: &ExternalIds) -> Option<(Door, Option<String>)> {
    let ids = || external_ids.get(&one.who()).cloned().unwrap_or_default();
    match &one.request.caller {
        Caller::Federated(Some(provider)) if one.request.actions.contains(&"sts:AssumeRoleWithSAML") => {
            Some((Door::Assertion { provider: provider.clone() }, None))
        }
        Caller::Federated(Some(provider)) => {
            let door = Door::Token { provider: provider.clone(), audience: one.audience.map(str::to_owned) };
            Some((door, Some(one.subject?.to_owned())))
        }
        Caller::Aws(caller) if caller.is_exact() => {
            let pattern = caller.arn.as_deref().and_then(arn::permission_set_pattern);
            if let Some((pattern, account)) = pattern.zip(caller.account.clone()) {
                return Some((Door::PermissionSet { account, pattern, external_ids: ids() }, None));
            }
            Some((Door::Principals { external_ids: ids() }, caller.arn.clone()))
        }
        Caller::Aws(caller) => {
            let account = caller.account.clone()?;
            let id = caller.unique_id.clone();
            Some((Door::ById { account, id, external_ids: ids() }, None))
        }
        Caller::Service(Some(name)) => Some((Door::Service { name: name.clone() }, None)),
        Caller::Federated(None) | Caller::Service(None) | Caller::Unknown => None,
    }
}

fn condition(operator: &str, key: &str, values: impl IntoIterator<Item = String>) -> Option<Condition> {
    Some(Condition { operator: Operator::read(operator)?, key: key.to_owned(), values: values.into_iter().collect() })
}

fn exactly<'v>(key: &str, values: impl IntoIterator<Item = &'v String>) -> Option<Condition> {
    condition("StringEquals", key, values.into_iter().map(|value| variable::escaped(value)))
}

/// Returns the condition on subjects: the whole ones, and patterns of those that change with every run.
fn subjects(issuer: &str, names: &BTreeMap<String, Option<String>>) -> Option<Condition> {
    let key = format!("{issuer}:sub");
    let patterns: BTreeSet<String> = names.values().flatten().cloned().collect();
    if patterns.is_empty() {
        return exactly(&key, names.keys());
    }
    // All stand under one operator: two conditions on one key would both have to hold.
    let whole = names.iter().filter(|(_, pattern)| pattern.is_none());
    let whole = whole.map(|(name, _)| variable::escaped(name).replace('*', "${*}").replace('?', "${?}"));
    condition("StringLike", &key, patterns.into_iter().chain(whole))
}

fn statement(door: &Door, entrants: &Entrants<'_, '_>) -> Statement {
    let mut conditions = Vec::new();
    let principals = match door {
        Door::Token { provider, audience } => {
            let issuer = provider::issuer_of(provider);
            // Google's `aud` key is another claim; the audience has a key of its own.
            let claim = if issuer == "accounts.google.com" { "oaud" } else { "aud" };
            conditions.extend(audience.iter().filter_map(|it| exactly(&format!("{issuer}:{claim}"), [it])));
            conditions.extend(subjects(issuer, &entrants.names));
            vec![Principal::Federated(provider.clone())]
        }
        Door::Principals { external_ids } => {
            conditions.extend(external_id(external_ids));
            entrants.names.keys().map(|arn| Principal::Aws(arn.clone())).collect()
        }
        Door::PermissionSet { account, pattern, external_ids } => {
            conditions.extend(condition("ArnLike", "aws:PrincipalArn", [pattern.clone()]));
            conditions.extend(external_id(external_ids));
            vec![Principal::Account(account.clone())]
        }
        Door::ById { account, id, external_ids } => {
            // IAM takes no unique id as a principal; the account, narrowed by the id, comes to the same.
            let by_id = |id: &String| condition("StringLike", "aws:userid", [id.clone(), format!("{id}:*")]);
            conditions.extend(id.as_ref().and_then(by_id));
            conditions.extend(external_id(external_ids));
            vec![Principal::Account(account.clone())]
        }
        Door::Assertion { provider } => vec![Principal::Federated(provider.clone())],
        Door::Service { name } => vec![Principal::Service(name.clone())],
    };
    Statement {
        sid: None,
        effect: Effect::Allow,
        who: Who::These(principals),
        actions: Actions {
            patterns: entrants.actions.iter().map(|action| (*action).to_owned()).collect(),
            is_negated: false,
        },
        conditions,
    }
}

fn external_id(ids: &BTreeSet<String>) -> Option<Condition> {
    if ids.is_empty() { None } else { exactly("sts:ExternalId", ids) }
}

/// Takes over the conditions of the statement in force that let all of these in: those on other keys than the
/// suggestion itself asks for, as far as none of the assumptions speaks against them.
fn take_over(statement: &mut Statement, entrants: &Entrants<'_, '_>, in_force: &Policy, notes: &mut Vec<String>) {
    let applies = |known: &Statement| {
        entrants.observed.iter().all(|one| {
            let action = one.request.actions.first();
            action.is_some_and(|action| !known.applies(action, &one.request, in_force.has_variables).is_no())
        })
    };
    let Some((at, known)) = in_force.allowing().find(|(_, known)| applies(known)) else { return };
    for condition in &known.conditions {
        let is_asked = statement.conditions.iter().any(|own| own.key.eq_ignore_ascii_case(&condition.key));
        // Whom the statement names one by one has no other ARN.
        let is_named = condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
            && statement.principals().iter().all(|principal| matches!(principal, Principal::Aws(_)));
        if request::claim(&condition.key).is_some_and(|(_, claim)| claim.eq_ignore_ascii_case("iss")) {
            notes.push(format!(
                "left out of {}: {} is no condition key, and its check guards nothing",
                in_force.statement_name(at),
                condition.key
            ));
            continue;
        }
        if is_asked || is_named || is_variable_of_old(condition, in_force) {
            continue;
        }
        let holds = entrants.observed.iter().map(|one| condition.holds(&one.request, in_force.has_variables));
        match Truth::all(holds) {
            Truth::No => continue,
            Truth::Yes => {}
            Truth::Unknown(_) => notes.push(format!(
                "kept from {} as it stands, because the logs cannot replay it: {} {}",
                in_force.statement_name(at),
                condition.operator.written,
                condition.key
            )),
        }
        statement.conditions.push(condition.clone());
    }
}

/// True when a value of an older policy version would turn into a variable.
fn is_variable_of_old(condition: &Condition, policy: &Policy) -> bool {
    !policy.has_variables && condition.values.iter().any(|value| value.contains("${"))
}

/// Keeps what the policy in force denies, as far as nobody who was observed is denied by it.
fn keep_denials(policy: &mut Policy, observed: &[&Observed<'_>], in_force: &Policy, notes: &mut Vec<String>) {
    for (at, denial) in in_force.denying() {
        let mut denies = observed.iter().flat_map(|one| {
            one.request.actions.iter().map(|action| denial.applies(action, &one.request, in_force.has_variables))
        });
        let is_plain = denial.who != Who::NotThese
            && !denial.conditions.iter().any(|condition| is_variable_of_old(condition, in_force));
        if is_plain && !denies.any(|denied| denied.is_yes()) {
            policy.statements.push(denial.clone());
        } else {
            notes.push(format!(
                "{} of the policy in force denies, and is not taken over: look at it",
                in_force.statement_name(at)
            ));
        }
    }
}

/// Says what a person must look at in what was observed.
fn say_doors(doors: &BTreeMap<Door, Entrants<'_, '_>>, notes: &mut Vec<String>) {
    let mut owners: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (door, entrants) in doors {
        match door {
            Door::Token { provider, audience } => {
                let issuer = provider::issuer_of(provider);
                for pattern in entrants.names.values().flatten().collect::<BTreeSet<_>>() {
                    notes.push(format!("what changes with every run is left open: {pattern}"));
                }
                for token in entrants.observed.iter().filter_map(|one| one.token()).collect::<BTreeSet<_>>() {
                    if token.context == provider::Context::PullRequest {
                        notes.push(format!("a pull request came in, and would again: {token}"));
                    }
                    owners.entry(issuer).or_default().extend(token.owner.clone());
                }
                if audience.is_none() {
                    notes.push(format!(
                        "the audience of tokens of {issuer} is not recorded: add a condition on {issuer}:aud"
                    ));
                }
            }
            Door::Principals { external_ids } if external_ids.is_empty() => {
                for arn in entrants.names.keys().filter(|arn| is_foreign(arn, entrants)) {
                    notes.push(format!("{arn} calls from another account and was not always seen to pass an ExternalId: let it pass one, then demand it"));
                }
            }
            Door::PermissionSet { pattern, external_ids, .. } => {
                notes.push(format!(
                    "Identity Center gives the role of a permission set another suffix when it is made anew: it is left open \
                     in {pattern}"
                ));
                if external_ids.is_empty()
                    && entrants.observed.iter().any(|one| arn::account(one.role_arn) != arn::account(pattern))
                {
                    notes.push("people cannot pass an ExternalId in the console: none is demanded of them".to_owned());
                }
            }
            Door::ById { account, id, external_ids } => {
                let (known, who) = match id {
                    Some(id) => (format!("the unique id {id}"), id.as_str()),
                    None => ("the account".to_owned(), "a principal"),
                };
                notes.push(format!(
                    "of one caller of account {account} only {known} is recorded: name its role instead of the account when you know it"
                ));
                if external_ids.is_empty() {
                    notes.push(format!(
                        "{who} of account {account} was not always seen to pass an ExternalId: let it pass one, then demand it"
                    ));
                }
            }
            Door::Assertion { provider } => {
                notes.push(format!(
                    "assertions of {provider}: CloudTrail records no SAML key; keep the conditions that you have"
                ));
            }
            Door::Service { name } => {
                notes.push(format!("{name}: add aws:SourceAccount or aws:SourceArn if the service sets them; CloudTrail does not record them"));
            }
            Door::Principals { .. } => {}
        }
    }
    for (issuer, owners) in owners.into_iter().filter(|(_, owners)| owners.len() > 1) {
        let owners: Vec<String> = owners.into_iter().collect();
        notes.push(format!("subjects of {issuer} have several owners: {}; are all of them yours?", owners.join(", ")));
    }
}

fn is_foreign(arn: &str, entrants: &Entrants<'_, '_>) -> bool {
    let own = entrants.observed.first().and_then(|one| arn::account(one.role_arn));
    arn::account(arn) != own
}
