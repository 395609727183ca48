//! Requests: what IAM would see of one attempt to assume a role, as far as its record tells.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::caller::Caller;
use super::policy::Condition;
use crate::model::assumption::Said;

/// What is known of a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'r> {
    /// It has these values.
    Values(&'r [String]),
    /// The request has no such key.
    Absent,
    /// CloudTrail does not record it.
    Unknown,
}

/// One attempt to assume a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The actions that the trust policy must allow: the call itself, and `sts:TagSession` or `sts:SetSourceIdentity`
    /// when tags or a source identity are passed.
    pub actions: Vec<&'static str>,
    /// Who asks.
    pub caller: Caller,
    /// The values of condition keys, by the key in lower case. No value: the request has no such key.
    keys: BTreeMap<String, Vec<String>>,
    /// Beginnings of keys that are absent unless they stand in `keys`.
    closed: BTreeSet<String>,
    /// The issuer of the token, in lower case; its claims are unknown unless they stand in `keys`.
    issuer: Option<String>,
    /// True when claims of issuers may have been handed down from an earlier session.
    may_have_claims: bool,
    /// Conditions that held: the policy in force let the request in by a statement that has them.
    proved: Vec<Condition>,
}

impl Request {
    /// Makes a request of which no condition key is known yet.
    pub fn new(actions: Vec<&'static str>, caller: Caller) -> Self {
        Self {
            actions,
            caller,
            keys: BTreeMap::new(),
            closed: BTreeSet::new(),
            issuer: None,
            may_have_claims: false,
            proved: Vec::new(),
        }
    }

    /// Sets a key to one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.keys.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    /// Sets a key to several values.
    pub fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.keys.insert(key.to_ascii_lowercase(), values);
    }

    /// Sets a key to its value, or says that the request has no such key.
    pub fn set_or_absent(&mut self, key: &str, value: Option<&str>) {
        self.set_all(key, value.map(str::to_owned).into_iter().collect());
    }

    /// Sets a key to what a record says of it; a parameter that was withheld stays unknown.
    pub fn set_said(&mut self, key: &str, said: Said<&str>) {
        if said != Said::Withheld {
            self.set_or_absent(key, said.value());
        }
    }

    /// Says that the request has no such key.
    pub fn absent(&mut self, key: &str) {
        self.set_all(key, Vec::new());
    }

    /// Says that of all keys that begin so, the request has those that were set and no other.
    pub fn close(&mut self, prefix: &str) {
        self.closed.insert(prefix.to_ascii_lowercase());
    }

    /// Says which conditions are known to have held.
    pub fn prove(&mut self, conditions: Vec<Condition>) {
        self.proved = conditions;
    }

    /// True when this very condition is known to have held.
    pub(super) fn has_proved(&self, condition: &Condition) -> bool {
        self.proved.contains(condition)
    }

    /// Says whose token comes with the request.
    pub fn set_issuer(&mut self, issuer: &str) {
        self.issuer = Some(issuer.to_ascii_lowercase());
    }

    /// Says that claims of a token may have been handed down from an earlier session.
    pub fn may_have_claims(&mut self) {
        self.may_have_claims = true;
    }

    /// Looks a key up. Names of keys have no case.
    pub fn lookup(&self, key: &str) -> Lookup<'_> {
        let key = key.to_ascii_lowercase();
        if let Some(values) = self.keys.get(&key) {
            return if values.is_empty() { Lookup::Absent } else { Lookup::Values(values) };
        }
        if let Some((issuer, claim)) = claim(&key) {
            // IAM has no such key: what it would say, the provider says.
            if claim == "iss" {
                return Lookup::Absent;
            }
            let is_own = self.issuer.as_deref() == Some(issuer);
            return if is_own || self.may_have_claims { Lookup::Unknown } else { Lookup::Absent };
        }
        let is_closed = self.closed.iter().any(|prefix| key.starts_with(prefix.as_str()));
        if is_closed { Lookup::Absent } else { Lookup::Unknown }
    }
}

/// Splits the key of a token's claim (`token.actions.githubusercontent.com:sub`) into issuer and claim. AWS's own keys
/// begin with the name of a service, which has no dot.
pub fn claim(key: &str) -> Option<(&str, &str)> {
    let is_of_aws = ["aws:", "iam:", "saml:", "sts:"]
        .iter()
        .any(|service| key.get(..service.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(service)));
    key.rsplit_once(':').filter(|(issuer, _)| issuer.contains('.') && !is_of_aws)
}
