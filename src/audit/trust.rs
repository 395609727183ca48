//! Trust: what a trust policy grants, to whom and under which conditions.

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
pub(super) type Conditions = BTreeMap<String, BTreeSet<String>>;

/// A trust policy: for each principal the conditions of each statement that lets it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    pub(super) grants: BTreeMap<Principal, Vec<Conditions>>,
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

    /// Says whom the policy lets in, and on which conditions. Equal policies say the same.
    pub(super) fn said(&self) -> Vec<String> {
        let on = |conditions: &Conditions| {
            let said = |(key, values): (&String, &BTreeSet<String>)| {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                format!("{} is {}", key_said(key), values.join(" or "))
            };
            let said: Vec<String> = conditions.iter().map(said).collect();
            if said.is_empty() { "on no condition".to_owned() } else { format!("where {}", said.join(" and ")) }
        };
        let grants = self.grants.iter();
        grants.flat_map(|(who, sets)| sets.iter().map(move |set| format!("{} {}", who.said(), on(set)))).collect()
    }

    /// Returns true when strangers hold subjects that the policy admits: tokens of an issuer that many share, with no
    /// condition on the subject, or one that leaves the owner open.
    pub(super) fn admits_strangers(&self) -> bool {
        let is_open = |conditions: &Conditions| {
            let mut subjects = conditions.iter().filter(|(key, _)| Guard::of(key) == Some(Guard::Subject)).peekable();
            subjects.peek().is_none() || subjects.any(|(_, values)| values.iter().any(|value| leaves_owner_open(value)))
        };
        self.grants.iter().any(|(principal, sets)| match principal {
            Principal::Federated(provider) => {
                super::subjects::is_shared(crate::provider::issuer_of(provider)) && sets.iter().any(is_open)
            }
            _ => false,
        })
    }
}

/// Says a condition key in words.
pub(super) fn key_said(key: &str) -> String {
    Guard::of(key).map_or_else(|| key.to_owned(), |guard| guard.said().to_owned())
}

/// Returns true when a pattern of subjects has a wildcard where the owner stands: `*`, `repo:*`, `repo:acme*/orders:*`.
/// `repo:acme@*/orders@*:…` leaves only the ids open.
fn leaves_owner_open(pattern: &str) -> bool {
    let owner = pattern.split_once('/').map_or(pattern, |(owner, _)| owner);
    owner.split('@').next().is_some_and(|name| name.contains(['*', '?']))
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

    #[test]
    fn an_open_owner_admits_strangers() {
        let trust = |sub: &str| {
            let condition = format!(r#"{{"StringLike":{{"token.actions.githubusercontent.com:sub":{sub}}}}}"#);
            let provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
            Trust::read(&format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
                    "Principal":{{"Federated":"{provider}"}},"Condition":{condition}}}]}}"#
            ))
            .expect("a trust policy")
        };
        for (sub, is_open) in [
            (r#""repo:acme/orders:environment:prod""#, false),
            (r#""repo:acme/*""#, false),
            (r#""repo:acme@*/orders@*:environment:prod""#, false),
            (r#"["repo:acme/orders:*","repo:acme*/orders*:*"]"#, true),
            (r#""repo:*""#, true),
            (r#""*""#, true),
        ] {
            assert_eq!(trust(sub).admits_strangers(), is_open, "{sub}");
        }
    }

    #[test]
    fn what_is_no_policy_is_none() {
        for text in ["", "null", "[]", "{}", r#"{"policyDocument":"nonsense"}"#, r#""\"x\"""#] {
            assert!(Trust::read(text).is_none(), "{text}");
        }
    }
}
