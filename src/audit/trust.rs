//! Trust: what a trust policy grants, to whom and under which conditions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::model::kinds::Kinds;
use crate::provider::Issuer;
use crate::trust::Policy;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;
use crate::trust::grant;
use crate::trust::policy::Statement;
use crate::trust::policy::Who;

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

/// Conditions that name the organization of the caller.
const OWN: [&str; 2] = ["aws:principalorgid", "aws:principalorgpaths"];

/// The conditions of one statement: the values by condition key in lower case. Only those that fail when the key is
/// absent: `…IfExists` and `ForAllValues` guard nothing.
pub(super) type Conditions = BTreeMap<String, BTreeSet<String>>;

/// A trust policy: for each principal the conditions of each statement that lets it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    pub(super) grants: BTreeMap<Principal, Vec<Conditions>>,
    /// True when the policy holds what is not modeled: `Deny`, `NotPrincipal`, `NotAction`.
    pub(super) is_partial: bool,
    /// True when strangers hold tokens that the policy admits.
    is_open: bool,
}

impl Trust {
    /// Reads a trust policy: the document itself, or the request parameters that hold it, as an object or as text.
    pub(super) fn read(text: &str) -> Option<Self> {
        Policy::parse(text).ok().map(|policy| Self::of(&policy))
    }

    /// Sums up a trust policy.
    pub(super) fn of(policy: &Policy) -> Self {
        let mut trust = Self::default();
        let is_modeled = |statement: &Statement| statement.who != Who::NotThese && !statement.actions.is_negated;
        trust.is_open = grant::all(policy, &Kinds::default()).iter().any(|grant| {
            let is_wide = matches!(grant.breadth, Breadth::Callers | Breadth::ManyOwners | Breadth::AnySubject);
            // Issuers on hosts of their owners are not shared, whatever their kind.
            let is_shared =
                matches!(&grant.principal, Principal::Federated(provider) if Issuer::from(provider.as_str()).is_shared());
            is_wide && is_shared
        });
        trust.is_partial = policy.denying().next().is_some() || !policy.statements.iter().all(is_modeled);
        for (_, statement) in policy.allowing().filter(|(_, statement)| is_modeled(statement)) {
            for principal in statement.principals() {
                trust.grants.entry(principal.clone()).or_default().push(conditions(statement));
            }
        }
        for conditions in trust.grants.values_mut() {
            conditions.sort();
            conditions.dedup();
        }
        trust
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

    /// Returns true when the conditions hold for principals of a named organization only.
    pub(super) fn is_for_own(conditions: &Conditions) -> bool {
        OWN.iter().any(|key| conditions.contains_key(*key))
    }

    /// Returns true when the conditions ask for an `ExternalId`.
    pub(super) fn asks_for_external_id(conditions: &Conditions) -> bool {
        conditions.keys().any(|key| Guard::of(key) == Some(Guard::ExternalId))
    }

    /// Returns true when strangers hold subjects that the policy admits: tokens of an issuer that many share, with no
    /// condition on the subject, or one that leaves the owner open.
    pub(super) fn admits_strangers(&self) -> bool {
        self.is_open
    }
}

/// Says a condition key in words.
pub(super) fn key_said(key: &str) -> String {
    Guard::of(key).map_or_else(|| key.to_owned(), |guard| guard.said().to_owned())
}

fn conditions(statement: &Statement) -> Conditions {
    let mut conditions = Conditions::new();
    for condition in statement.conditions.iter().filter(|condition| condition.operator.is_guard()) {
        let key = condition.key.to_ascii_lowercase();
        let values = &condition.values;
        let asks_for_mfa = key != "aws:multifactorauthpresent" || values.iter().any(|value| value == "true");
        if asks_for_mfa {
            conditions.entry(key).or_default().extend(values.iter().cloned());
        }
    }
    conditions
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
