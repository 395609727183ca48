//! Trust: what a trust policy grants to whom under which conditions, and what a change of it did.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::expect::Glob;

/// Whom a statement trusts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Principal {
    /// `*`: everybody.
    Anybody,
    /// A whole account, by its id.
    Account(String),
    /// A role, user or session, by its ARN, or by the id that is left when it was deleted.
    Aws(String),
    /// An identity provider: an ARN or a host.
    Federated(String),
    /// An AWS service.
    Service(String),
    /// A kind that is not known.
    Other(String),
}

impl Principal {
    fn read(kind: &str, value: &str) -> Self {
        match kind {
            "AWS" if value == "*" => Self::Anybody,
            "AWS" if is_account(value) => Self::Account(value.to_owned()),
            "AWS" => {
                match value.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).filter(|id| is_account(id)) {
                    Some(account) => Self::Account(account.to_owned()),
                    None => Self::Aws(value.to_owned()),
                }
            }
            "Federated" => Self::Federated(value.to_owned()),
            "Service" => Self::Service(value.to_owned()),
            _ => Self::Other(format!("{kind} {value}")),
        }
    }

    /// Returns the account of an AWS principal.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Account(id) => Some(id),
            Self::Aws(arn) => crate::model::arn::account(arn),
            _ => None,
        }
    }

    /// Says it in words.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Anybody => "everybody (*)".to_owned(),
            Self::Account(id) => format!("the whole account {id}"),
            Self::Aws(arn) => arn.clone(),
            Self::Federated(provider) => format!("the issuer {}", crate::provider::issuer_of(provider)),
            Self::Service(service) => format!("the service {service}"),
            Self::Other(text) => text.clone(),
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The conditions that keep strangers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Guard {
    /// The token's subject.
    Subject,
    /// The token's audience.
    Audience,
    /// `sts:ExternalId`.
    ExternalId,
    /// `aws:MultiFactorAuthPresent` or `aws:MultiFactorAuthAge`.
    Mfa,
}

impl Guard {
    /// Returns the guard that a condition key stands for. Keys come in lower case.
    pub(super) fn of(key: &str) -> Option<Self> {
        match key {
            "sts:externalid" => Some(Self::ExternalId),
            "aws:multifactorauthpresent" | "aws:multifactorauthage" => Some(Self::Mfa),
            _ if key.ends_with(":sub") => Some(Self::Subject),
            _ if key.ends_with(":aud") => Some(Self::Audience),
            _ => None,
        }
    }

    /// Says it in words.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::ExternalId => "ExternalId",
            Self::Mfa => "MFA",
        }
    }
}

/// The conditions of one statement: the values by condition key in lower case. Only those that fail when the key is
/// absent: `…IfExists` and `ForAllValues` guard nothing.
type Conditions = BTreeMap<String, BTreeSet<String>>;

/// A trust policy: for each principal the conditions of each statement that lets it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    grants: BTreeMap<Principal, Vec<Conditions>>,
    /// True when the policy holds what is not modelled: `Deny`, `NotPrincipal`, `NotAction`.
    pub(super) is_partial: bool,
}

impl Trust {
    /// Reads a trust policy: the document itself, or the request parameters that hold it, as an object or as text.
    pub(super) fn read(text: &str) -> Option<Self> {
        Self::of_value(&serde_json::from_str(text).ok()?, 0)
    }

    fn of_value(value: &Value, depth: usize) -> Option<Self> {
        match value {
            Value::String(text) if depth < 3 => Self::of_value(&serde_json::from_str(text).ok()?, depth + 1),
            Value::Object(object) => {
                let inner =
                    ["assumeRolePolicyDocument", "policyDocument"].into_iter().find_map(|name| object.get(name));
                match (object.get("Statement"), inner) {
                    (Some(statements), _) => Some(Self::of_statements(statements)),
                    (None, Some(inner)) if depth < 3 => Self::of_value(inner, depth + 1),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn of_statements(statements: &Value) -> Self {
        let mut trust = Self::default();
        // A lone statement may stand without its list.
        let statements = statements.as_array().map_or_else(|| std::slice::from_ref(statements), Vec::as_slice);
        for statement in statements.iter().filter_map(Value::as_object) {
            trust.add(statement);
        }
        for conditions in trust.grants.values_mut() {
            conditions.sort();
            conditions.dedup();
        }
        trust
    }

    fn add(&mut self, statement: &Map<String, Value>) {
        let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or_default();
        let is_modelled = effect == "Allow" && statement.contains_key("Principal") && statement.contains_key("Action");
        if !is_modelled {
            self.is_partial = true;
            return;
        }
        let actions = statement.get("Action").map(strings).unwrap_or_default();
        if !actions.iter().any(|action| lets_assume(action)) {
            return;
        }
        let conditions = conditions(statement.get("Condition"));
        for principal in principals(statement.get("Principal")) {
            self.grants.entry(principal).or_default().push(conditions.clone());
        }
    }

    /// Returns whom the policy lets in.
    pub(super) fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.grants.keys()
    }

    /// Returns what changed from `self` to `next`.
    pub(super) fn changes_to(&self, next: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        for (principal, conditions) in &next.grants {
            match self.grants.get(principal) {
                None => found.push(Difference::Added(principal.clone())),
                Some(before) => compare(principal, before, conditions, &mut found),
            }
        }
        let removed = self.grants.keys().filter(|principal| !next.grants.contains_key(principal));
        found.extend(removed.cloned().map(Difference::Removed));
        if self.is_partial != next.is_partial {
            found.push(Difference::Unmodelled);
        }
        found
    }
}

/// One thing that a change of a trust policy did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// Somebody is let in who was not before.
    Added(Principal),
    /// Somebody is let in no more.
    Removed(Principal),
    /// A condition fell away: some statement lets the principal in without it. Its key, in lower case.
    Unguarded(Principal, String),
    /// A condition came: every statement for the principal now has it.
    Guarded(Principal, String),
    /// A condition admits values that it did not admit before.
    Widened(Principal, String, Vec<String>),
    /// A condition admits fewer values.
    Narrowed(Principal, String),
    /// What is not modelled came or went.
    Unmodelled,
}

impl Difference {
    /// Returns true when the change only takes away.
    pub(super) fn is_narrowing(&self) -> bool {
        matches!(self, Self::Removed(_) | Self::Guarded(..) | Self::Narrowed(..))
    }

    /// Says it in words that follow `the change`.
    pub(super) fn said(&self) -> String {
        let key_said = |key: &str| Guard::of(key).map_or_else(|| key.to_owned(), |guard| guard.said().to_owned());
        match self {
            Self::Added(principal) => format!("lets in {}", principal.said()),
            Self::Removed(principal) => format!("takes out {}", principal.said()),
            Self::Unguarded(principal, key) => {
                format!("drops the condition on {} for {}", key_said(key), principal.said())
            }
            Self::Guarded(principal, key) => {
                format!("adds the condition on {} for {}", key_said(key), principal.said())
            }
            Self::Widened(principal, key, values) => {
                format!("lets the {} of {} also be {}", key_said(key), principal.said(), values.join(" or "))
            }
            Self::Narrowed(principal, key) => format!("narrows the {} of {}", key_said(key), principal.said()),
            Self::Unmodelled => "touches Deny, NotPrincipal or NotAction, which are not modelled".to_owned(),
        }
    }
}

fn compare(principal: &Principal, before: &[Conditions], after: &[Conditions], found: &mut Vec<Difference>) {
    let keys: BTreeSet<&String> = before.iter().chain(after).flat_map(BTreeMap::keys).collect();
    for key in keys {
        let (old, new) = (values_of(before, key), values_of(after, key));
        match (old, new) {
            (Some(_), None) => found.push(Difference::Unguarded(principal.clone(), key.clone())),
            (None, Some(_)) => found.push(Difference::Guarded(principal.clone(), key.clone())),
            (Some(old), Some(new)) if old != new => {
                let covers = |known: &BTreeSet<&String>, value: &str| {
                    known.iter().any(|known| {
                        known.as_str() == value || Glob::new(known).is_some_and(|glob| glob.matches(value))
                    })
                };
                let wider: Vec<String> =
                    new.iter().filter(|value| !covers(&old, value)).map(ToString::to_string).collect();
                found.push(if wider.is_empty() {
                    Difference::Narrowed(principal.clone(), key.clone())
                } else {
                    Difference::Widened(principal.clone(), key.clone(), wider)
                });
            }
            _ => {}
        }
    }
}

/// Returns the values that a key may have, when every statement tests it; one that does not makes the others idle.
fn values_of<'c>(statements: &'c [Conditions], key: &str) -> Option<BTreeSet<&'c String>> {
    let mut values = BTreeSet::new();
    for conditions in statements {
        values.extend(conditions.get(key)?);
    }
    Some(values)
}

fn lets_assume(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let calls = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];
    Glob::new(&action).is_some_and(|glob| calls.iter().any(|call| glob.matches(call)))
}

fn principals(value: Option<&Value>) -> Vec<Principal> {
    match value {
        Some(Value::String(text)) => vec![Principal::read("AWS", text)],
        Some(Value::Object(kinds)) => kinds
            .iter()
            .flat_map(|(kind, values)| strings(values).into_iter().map(|value| Principal::read(kind, &value)))
            .collect(),
        _ => Vec::new(),
    }
}

fn conditions(value: Option<&Value>) -> Conditions {
    let mut conditions = Conditions::new();
    for (operator, keys) in value.and_then(Value::as_object).into_iter().flatten() {
        let operator = operator.to_ascii_lowercase();
        let passes_when_absent = operator.ends_with("ifexists") || operator.starts_with("forallvalues:");
        let is_negative = operator.contains("not") || operator == "null";
        if passes_when_absent || is_negative {
            continue;
        }
        for (key, values) in keys.as_object().into_iter().flatten() {
            let key = key.to_ascii_lowercase();
            let values = strings(values);
            let asks_for_mfa = key != "aws:multifactorauthpresent" || values.iter().any(|value| value == "true");
            if asks_for_mfa {
                conditions.entry(key).or_default().extend(values);
            }
        }
    }
    conditions
}

/// Returns a string, or a list of them, as a list. Numbers and booleans are as good as their text.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Trust;

    fn said(before: &str, after: &str) -> Vec<String> {
        let read = |statement: &str| Trust::read(&format!(r#"{{"Statement":{statement}}}"#)).expect("a trust policy");
        read(before).changes_to(&read(after)).iter().map(super::Difference::said).collect()
    }

    const ACCOUNT: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"}}"#;
    const GUARDED: &str = r#"{"Effect":"Allow","Action":["sts:AssumeRole"],"Principal":{"AWS":["arn:aws:iam::999988887777:root"]},
        "Condition":{"stringequals":{"sts:externalid":"a"}}}"#;

    #[test]
    fn spelling_changes_nothing() {
        let list = format!("[{ACCOUNT}]");
        assert!(said(ACCOUNT, &list).is_empty());
        let root = ACCOUNT.replace("999988887777", "arn:aws:iam::999988887777:root");
        assert!(said(ACCOUNT, &root).is_empty());
    }

    #[test]
    fn conditions_come_go_and_move() {
        assert_eq!(said(GUARDED, ACCOUNT), ["drops the condition on ExternalId for the whole account 999988887777"]);
        assert_eq!(said(ACCOUNT, GUARDED), ["adds the condition on ExternalId for the whole account 999988887777"]);
        let if_exists = GUARDED.replace("stringequals", "StringEqualsIfExists");
        assert_eq!(said(GUARDED, &if_exists), ["drops the condition on ExternalId for the whole account 999988887777"]);
        let wide = GUARDED.replace(r#""a""#, r#"["a","b"]"#);
        assert_eq!(said(GUARDED, &wide), ["lets the ExternalId of the whole account 999988887777 also be b"]);
        assert_eq!(said(&wide, GUARDED), ["narrows the ExternalId of the whole account 999988887777"]);
    }

    #[test]
    fn what_is_no_policy_is_none() {
        for text in ["", "null", "[]", "{}", r#"{"policyDocument":"nonsense"}"#, r#""\"x\"""#] {
            assert!(Trust::read(text).is_none(), "{text}");
        }
    }
}
