//! Strangers: does a condition keep them out? Decided by its values, never by the key that occurs in it.
//!
//! A stranger has AWS accounts and an organization of their own, reads what is public, and chooses everything that a caller
//! may choose: names of roles and sessions, tags, addresses. What they do not have is an account, an organization, a network
//! or an identity of somebody else's.

use std::net::IpAddr;

use ipnet::IpNet;

use super::breadth::Breadth;
use super::operator::Operator;
use super::operator::Quantifier;
use super::operator::Test;
use super::policy::Condition;
use super::policy::Policy;
use super::policy::Statement;
use super::policy::Who;
use super::principal::Principal;
use super::request;
use super::scalar;
use crate::model::arn;
use crate::provider::Claim;
use crate::provider::Issuer;

/// Keys that every signed call has, so that a condition on them cannot be passed by leaving them away.
const ALWAYS_THERE: [&str; 5] =
    ["aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principaltype", "aws:userid"];

/// Keys whose values the caller chooses, or sets in an account of its own.
const CHOSEN_BY_CALLER: [&str; 23] = [
    "aws:calledvia",
    "aws:currenttime",
    // An address inside of a network of the caller's own.
    "aws:ec2instancesourceprivateipv4",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceidentity",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:username",
    "aws:viaawsservice",
    // An address inside of a network of the caller's own.
    "aws:vpcsourceip",
    "sts:durationseconds",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:taskpolicyarn",
    "sts:transitivetagkeys",
];

/// Keys that tell of the role, and not of who asks for it.
const OF_THE_ROLE: [&str; 3] = ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"];

/// Tags: those of the caller, which its owner sets, and those of the role, which tell nothing of who asks.
const NOT_OF_CALLERS_ACCOUNT: [&str; 4] =
    ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/"];

/// So many characters begin the unique id of a role or a user, at least, that nobody else has one that begins so.
const UNIQUE: usize = 16;

impl Condition {
    /// True when no stranger can meet the condition.
    pub fn keeps_strangers_out(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        let operator = &self.operator;
        let is_there = ALWAYS_THERE.contains(&key.as_str());
        let may_be_left_away = operator.passes_when_absent() && !is_there;
        if operator.is_negated || operator.test == Test::Null || may_be_left_away || self.values.is_empty() {
            return false;
        }
        if key == "aws:sourceip" {
            return operator.test == Test::Ip && !holds_much_of_the_internet(&self.values);
        }
        if let Some((issuer, claim)) = request::claim(&self.key) {
            return is_claim_of_nobody_else(issuer, claim, operator.test, &self.values);
        }
        self.values.iter().all(|value| is_nobody_elses(&key, operator.test, value))
    }

    /// True when the condition speaks of some only, and so of no stranger whom these are not: a `Deny` with it leaves the
    /// others be.
    fn is_about_some(&self) -> bool {
        self.operator.is_guard() && self.keeps_strangers_out()
    }

    /// True when every stranger meets the condition: what a `Deny` needs to keep them all out.
    fn holds_for_strangers(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        let Operator { quantifier, test, is_negated, .. } = self.operator;
        if key == "aws:principalisawsservice" && test == Test::Bool {
            return self.values.iter().any(|value| value.eq_ignore_ascii_case("false"));
        }
        // Who has no such key passes a negated operator, but for `ForAnyValue`.
        let passes_without = quantifier != Quantifier::Any || ALWAYS_THERE.contains(&key.as_str());
        let positive = Self {
            operator: Operator {
                is_negated: false,
                if_exists: false,
                quantifier: Quantifier::One,
                ..self.operator.clone()
            },
            ..self.clone()
        };
        is_negated && passes_without && positive.keeps_strangers_out()
    }
}

impl Policy {
    /// True when a `Deny` may keep strangers from coming by a call: one that is about everybody, or about tokens, and not
    /// only about some of them.
    pub fn may_deny_strangers(&self, call: &str) -> bool {
        let is_about_others = |denial: &Statement| match &denial.who {
            Who::These(principals) => principals.iter().any(|principal| is_for_all(principal, call)),
            Who::NotThese => true,
        };
        let mut denials = self.denying().map(|(_, denial)| denial).filter(|denial| denial.actions.cover(call));
        denials.any(|denial| is_about_others(denial) && !denial.conditions.iter().any(Condition::is_about_some))
    }

    /// True when a statement of the policy lets no stranger come by a call, by its own conditions or by a `Deny`.
    pub fn keeps_strangers_out_of(&self, statement: &Statement, call: &str) -> bool {
        statement.conditions.iter().any(Condition::keeps_strangers_out) || self.denies_strangers(call)
    }

    /// True when a `Deny` keeps every stranger from coming by a call.
    pub fn denies_strangers(&self, call: &str) -> bool {
        let denies = |denial: &Statement| {
            matches!(&denial.who, Who::These(principals) if principals.iter().any(|it| is_for_all(it, call)))
                && denial.actions.cover(call)
                && denial.conditions.iter().all(Condition::holds_for_strangers)
        };
        self.denying().any(|(_, denial)| denies(denial))
    }
}

/// True when a principal stands for all strangers that may come by a call: everybody, and for tokens a provider's.
fn is_for_all(principal: &Principal, call: &str) -> bool {
    let is_by_token = call == "sts:AssumeRoleWithWebIdentity";
    *principal == Principal::Anybody || (is_by_token && matches!(principal, Principal::Federated(_)))
}

/// True when a stranger cannot have such a value.
fn is_nobody_elses(key: &str, test: Test, value: &str) -> bool {
    let has_wildcards = matches!(test, Test::Like | Test::Arn) && value.contains(['*', '?']);
    // Without wildcards, a star is a character that no such value holds.
    let is_impossible = !matches!(test, Test::Like | Test::Arn) && value.contains('*') && !value.contains("${");
    // What a variable stands for is the caller's to choose, but for the three escapes.
    let is_variable = value.split("${").skip(1).any(|rest| !rest.starts_with(['*', '?', '$']));
    if is_impossible {
        return true;
    }
    if is_variable
        || CHOSEN_BY_CALLER.contains(&key)
        || OF_THE_ROLE.contains(&key)
        || NOT_OF_CALLERS_ACCOUNT.iter().any(|tag| key.starts_with(tag))
    {
        return false;
    }
    match key {
        "aws:principalarn" | "aws:federatedprovider" => names_account(value),
        "aws:sourcearn" | "aws:sourcevpcarn" => names_account(value) || !has_wildcards,
        "aws:principalisawsservice" => value.eq_ignore_ascii_case("true"),
        "aws:userid" => {
            let beginning = value.split([':', '*', '?']).next().unwrap_or_default();
            beginning.len() >= UNIQUE || arn::is_account_id(beginning)
        }
        "aws:principalorgpaths" | "aws:sourceorgpaths" => {
            let organization = value.split_once('/').map(|(organization, _)| organization);
            organization
                .is_some_and(|organization| organization.starts_with("o-") && !organization.contains(['*', '?']))
        }
        _ => !has_wildcards,
    }
}

/// True when a pattern of ARNs names one account: nothing that a stranger may name in an ARN holds a colon.
fn names_account(pattern: &str) -> bool {
    // Behind its twelve digits an account's id ends, whatever wildcard stands there.
    pattern.split(':').skip(1).any(|part| arn::is_account_id(part.trim_end_matches(['*', '?'])))
}

/// True when no stranger has a token with such a claim, which a session carries on.
fn is_claim_of_nobody_else(issuer: &str, claim: &str, test: Test, values: &[String]) -> bool {
    let has_wildcards = test == Test::Like;
    if claim.eq_ignore_ascii_case("sub") {
        return values.iter().all(|value| Breadth::of_subjects(issuer, value, has_wildcards) < Breadth::Callers);
    }
    let is_chosen = matches!(Issuer::from(issuer).claim(&claim.to_ascii_lowercase()), Claim::Context | Claim::Run);
    let is_open = has_wildcards && values.iter().any(|value| value.contains(['*', '?']));
    !is_chosen && !is_open
}

/// True when networks hold a quarter of all addresses or more, or when one of them is none.
fn holds_much_of_the_internet(networks: &[String]) -> bool {
    let read: Option<Vec<IpNet>> = networks.iter().map(|network| scalar::network(network)).collect();
    let Some(networks) = read else { return true };
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for network in networks {
        match network {
            IpNet::V4(network) => v4.push(network),
            IpNet::V6(network) => v6.push(network),
        }
    }
    let v4 = ipnet::Ipv4Net::aggregate(&v4);
    let addresses: u64 = v4.iter().map(|network| 1 << (32 - network.prefix_len())).sum();
    // Of version 6, an eighth of all addresses is public: 2000::/3.
    let public = IpAddr::V6([0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].into());
    let is_wide = |network: &ipnet::Ipv6Net| network.prefix_len() <= 5 && IpNet::V6(*network).contains(&public);
    addresses >= 1 << 30 || ipnet::Ipv6Net::aggregate(&v6).iter().any(is_wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(operator: &str, key: &str, values: &[&str]) -> Condition {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Condition { operator: Operator::read(operator).unwrap(), key: key.to_owned(), values }
    }

    #[test]
    fn a_guard_guards_by_its_value() {
        let role = "arn:aws:iam::111111111111:role/deploy";
        for (operator, key, values) in [
            ("StringEquals", "aws:PrincipalArn", vec![role]),
            ("ArnLike", "aws:PrincipalArn", vec!["arn:aws:iam::111111111111:role/*"]),
            ("StringLike", "aws:PrincipalArn", vec!["arn:*:iam::111111111111:*", role]),
            ("StringLike", "aws:PrincipalArn", vec!["*:111111111111:role/deploy"]),
            // A star that is a plain character: nobody has such an ARN.
            ("StringEquals", "aws:PrincipalArn", vec!["arn:aws:iam::*:role/deploy"]),
            ("ForAllValues:StringEquals", "aws:PrincipalArn", vec![role]),
            ("StringEqualsIfExists", "aws:PrincipalAccount", vec!["111111111111"]),
            ("StringEqualsIgnoreCase", "aws:PrincipalOrgID", vec!["o-a1b2c3d4e5"]),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", vec!["o-a1b2c3d4e5/r-ab12/*"]),
            ("StringLike", "aws:userid", vec!["AROAQWERTYUIOPASDF01:*"]),
            ("Bool", "aws:PrincipalIsAWSService", vec!["true"]),
            ("IpAddress", "aws:SourceIp", vec!["192.0.2.0/24", "198.51.100.7"]),
            ("StringEquals", "aws:SourceVpce", vec!["vpce-0a1b2c3d"]),
            ("StringEquals", "aws:SourceAccount", vec!["111111111111"]),
            ("StringLike", "aws:PrincipalArn", vec!["arn:aws:iam::111111111111*"]),
            ("ArnLike", "aws:SourceVpcArn", vec!["arn:aws:ec2:*:111111111111:vpc/*"]),
            ("StringLike", "token.actions.githubusercontent.com:sub", vec!["repo:acme/orders:*"]),
        ] {
            let condition = asks(operator, key, &values);
            assert!(condition.keeps_strangers_out(), "{operator} {key} {values:?}");
        }
        for (operator, key, values) in [
            ("ArnLike", "aws:PrincipalArn", vec!["arn:aws:iam::*:role/deploy"]),
            ("StringLike", "aws:PrincipalArn", vec![role, "*:role/vendor"]),
            ("StringLike", "aws:PrincipalArn", vec!["arn:aws:iam::1111*"]),
            ("StringEquals", "aws:PrincipalArn", vec!["arn:aws:iam::${aws:PrincipalAccount}:role/deploy"]),
            ("StringNotEquals", "aws:PrincipalAccount", vec!["111111111111"]),
            ("StringEqualsIfExists", "aws:PrincipalOrgID", vec!["o-a1b2c3d4e5"]),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgID", vec!["o-a1b2c3d4e5"]),
            ("StringLike", "aws:PrincipalOrgID", vec!["o-*"]),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", vec!["o-*/r-ab12/*"]),
            ("StringLike", "aws:userid", vec!["AROA*"]),
            ("StringLike", "aws:userid", vec!["*:deploy"]),
            ("Bool", "aws:PrincipalIsAWSService", vec!["false"]),
            ("Bool", "aws:MultiFactorAuthPresent", vec!["true"]),
            ("Null", "aws:PrincipalOrgID", vec!["false"]),
            ("IpAddress", "aws:SourceIp", vec!["0.0.0.0/0"]),
            ("IpAddress", "aws:SourceIp", vec!["0.0.0.0/1", "128.0.0.0/1"]),
            ("IpAddress", "aws:SourceIp", vec!["192.0.2.0/24", "::/0"]),
            ("IpAddress", "aws:SourceIp", vec!["0.0.0.0/2"]),
            ("StringLike", "aws:SourceIp", vec!["*"]),
            ("StringEquals", "aws:ResourceTag/env", vec!["prod"]),
            ("StringEquals", "iam:ResourceTag/env", vec!["prod"]),
            ("StringEquals", "aws:FederatedProvider", vec!["accounts.google.com"]),
            ("StringEquals", "token.actions.githubusercontent.com:sub", vec!["environment:production"]),
            ("StringLike", "token.actions.githubusercontent.com:sub", vec!["repo:acme/orders:*", "repo:*"]),
            ("NotIpAddress", "aws:SourceIp", vec!["192.0.2.0/24"]),
            ("StringLike", "aws:SourceVpce", vec!["vpce-*"]),
            ("StringEquals", "aws:ResourceAccount", vec!["111111111111"]),
            ("StringEquals", "aws:PrincipalTag/team", vec!["shop"]),
            ("StringEquals", "sts:ExternalId", vec!["4471"]),
        ] {
            let condition = asks(operator, key, &values);
            assert!(!condition.keeps_strangers_out(), "{operator} {key} {values:?}");
        }
    }

    #[test]
    fn a_denial_keeps_out_whom_no_condition_of_it_misses() {
        for (operator, key, values, expected) in [
            ("StringNotEquals", "aws:PrincipalOrgID", vec!["o-a1b2c3d4e5"], true),
            ("StringNotEqualsIfExists", "aws:PrincipalOrgID", vec!["o-a1b2c3d4e5"], true),
            ("ForAnyValue:StringNotEquals", "aws:PrincipalOrgID", vec!["o-a1b2c3d4e5"], false),
            ("ForAnyValue:StringNotEquals", "aws:PrincipalAccount", vec!["111111111111"], true),
            ("NotIpAddress", "aws:SourceIp", vec!["192.0.2.0/24"], true),
            ("NotIpAddress", "aws:SourceIp", vec!["0.0.0.0/0"], false),
            ("StringNotLike", "aws:PrincipalArn", vec!["arn:aws:iam::111111111111:role/*"], true),
            ("StringNotLike", "aws:PrincipalArn", vec!["*:role/deploy"], false),
            ("StringNotEquals", "aws:PrincipalTag/team", vec!["shop"], false),
            ("StringEquals", "aws:PrincipalAccount", vec!["111111111111"], false),
            ("Bool", "aws:PrincipalIsAWSService", vec!["false"], true),
        ] {
            let condition = asks(operator, key, &values);
            assert_eq!(condition.holds_for_strangers(), expected, "{operator} {key} {values:?}");
        }
    }
}
