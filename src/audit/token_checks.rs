//! Token checks: what a statement of a trust policy asks of a token, and how that goes wrong.

use crate::audit::granted;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::model::finding::Severity;
use crate::provider;
use crate::provider::Claim;
use crate::provider::Issuer;
use crate::trust::Policy;
use crate::trust::Principal;
use crate::trust::operator::Test;
use crate::trust::policy::Condition;
use crate::trust::policy::Statement;
use crate::trust::request;

/// The call that tokens come by.
const TOKEN_CALL: &str = "sts:AssumeRoleWithWebIdentity";

/// What is wrong with a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// Nothing is asked that tells one holder of a token from another.
    SubjectNotChecked {
        /// The claims that are asked for, and that strangers choose themselves.
        instead: Vec<String>,
    },
    /// The subject is asked for by an operator that passes when the key is absent.
    SubjectPassesWhenAbsent {
        /// The operator, as the policy spells it.
        operator: String,
    },
    /// Nothing is asked of the audience.
    AudienceNotChecked {
        /// The only audience that the provider itself accepts, when a snapshot says so.
        only: Option<String>,
    },
    /// A `*` under an operator for which it is a plain character.
    LiteralStar {
        /// The operator, as the policy spells it.
        operator: String,
        /// The value.
        value: String,
    },
    /// A key that tokens of this issuer never have.
    NeverMatches {
        /// The key, as the policy spells it.
        key: String,
    },
}

/// Returns what is wrong with the checks of an `Allow` statement, with the issuer.
pub(super) fn defects<'p>(context: &Context<'_>, policy: &Policy, statement: &'p Statement) -> Vec<(&'p str, Defect)> {
    let mut found = Vec::new();
    if !statement.actions.cover(TOKEN_CALL) {
        return found;
    }
    let providers = statement.principals().iter().filter_map(|principal| match principal {
        Principal::Federated(provider) if !provider.contains(":saml-provider/") => Some(provider.as_str()),
        _ => None,
    });
    let providers: Vec<&str> = providers.collect();
    for provider in &providers {
        let issuer = provider::issuer_of(provider);
        if let Some(key) = stranger_key(statement, issuer) {
            // With several providers in one statement the check is meant for another one of them.
            if providers.len() == 1 {
                found.push((issuer, Defect::NeverMatches { key: key.to_owned() }));
            }
            continue;
        }
        found.extend(literal_stars(statement, issuer).map(|defect| (issuer, defect)));
        found.extend(
            subject_defect(policy, statement, subjects::issuer(context, issuer)).map(|defect| (issuer, defect)),
        );
        found.extend(audience_defect(context, statement, provider).map(|defect| (issuer, defect)));
    }
    found
}

/// Returns the key of a check that no token of the issuer passes: a claim of another issuer, or an ExternalId.
fn stranger_key<'p>(statement: &'p Statement, issuer: &str) -> Option<&'p str> {
    let demands = statement.conditions.iter().filter(|condition| condition.operator.is_guard());
    let mut keys = demands.map(|condition| condition.key.as_str());
    keys.find(|key| match request::claim(key) {
        Some((of, _)) => !of.eq_ignore_ascii_case(issuer),
        None => key.eq_ignore_ascii_case("sts:ExternalId"),
    })
}

/// Returns the name of the claim of this issuer that a condition is about, in lower case.
fn claim_of(condition: &Condition, issuer: &str) -> Option<String> {
    let (of, claim) = request::claim(&condition.key)?;
    of.eq_ignore_ascii_case(issuer).then(|| claim.to_ascii_lowercase())
}

fn literal_stars<'p>(statement: &'p Statement, issuer: &str) -> impl Iterator<Item = Defect> + use<'p> {
    let issuer = issuer.to_owned();
    let plain = statement.conditions.iter().filter(move |condition| {
        let is_plain = matches!(condition.operator.test, Test::Equals | Test::EqualsIgnoreCase);
        let claim = claim_of(condition, &issuer);
        is_plain && !condition.operator.is_negated && claim.is_some_and(|claim| claim == "sub" || claim == "aud")
    });
    plain.filter_map(|condition| {
        // `${*}` is how a policy writes a star that is meant.
        let value = condition.values.iter().find(|value| value.contains('*') && !value.contains("${"))?;
        Some(Defect::LiteralStar { operator: condition.operator.written.clone(), value: value.clone() })
    })
}

fn subject_defect(policy: &Policy, statement: &Statement, issuer: Issuer<'_>) -> Option<Defect> {
    let customer = issuer.customer_claim();
    let mut instead = Vec::new();
    for condition in granted::guards(statement) {
        let Some(claim) = claim_of(condition, issuer.host) else { continue };
        let is_open = condition.values.iter().any(|value| value.contains(['*', '?']));
        if customer == Some(claim.as_str()) && !is_open {
            return None;
        }
        // What strangers choose, or what any value passes, tells no stranger from a friend.
        let is_chosen = matches!(issuer.claim(&claim), Claim::Context | Claim::Run);
        if claim == "sub" || (!is_chosen && !is_open) {
            return None;
        }
        if claim != "aud" {
            instead.push(claim);
        }
    }
    // A pattern that admits every subject is told by its breadth, and a Deny on the subject is a check as well.
    let asks_subject = |condition: &Condition| claim_of(condition, issuer.host).is_some_and(|claim| claim == "sub");
    let mut own = statement.conditions.iter().filter(|condition| asks_subject(condition));
    // A Deny says as much where it is about all tokens whose subject is none of those that are wanted.
    let is_denied = || policy.denies_strangers(TOKEN_CALL);
    match own.clone().find(|condition| condition.operator.is_guard()) {
        Some(_) => None,
        None if is_denied() => None,
        None => Some(match own.find(|condition| condition.operator.passes_when_absent()) {
            Some(condition) if !condition.operator.is_negated => {
                Defect::SubjectPassesWhenAbsent { operator: condition.operator.written.clone() }
            }
            _ => Defect::SubjectNotChecked { instead },
        }),
    }
}

fn audience_defect(context: &Context<'_>, statement: &Statement, provider: &str) -> Option<Defect> {
    let issuer = provider::issuer_of(provider);
    let is_audience = |condition: &Condition| {
        claim_of(condition, issuer).is_some_and(|claim| matches!(claim.as_str(), "aud" | "oaud"))
    };
    if subjects::issuer(context, issuer).customer_claim().is_some() || granted::guards(statement).any(is_audience) {
        return None;
    }
    let only = context.in_force.only_audience(provider).map(str::to_owned);
    Some(Defect::AudienceNotChecked { only })
}

impl Defect {
    /// Returns the word for it in keys.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::SubjectNotChecked { .. } => "subject_not_checked",
            Self::SubjectPassesWhenAbsent { .. } => "subject_passes_when_absent",
            Self::AudienceNotChecked { .. } => "audience_not_checked",
            Self::LiteralStar { .. } => "literal_star",
            Self::NeverMatches { .. } => "never_matches",
        }
    }

    /// True when it lets nobody in.
    pub(super) fn is_harmless(&self) -> bool {
        matches!(self, Self::LiteralStar { .. } | Self::NeverMatches { .. })
    }

    /// Says how bad it is: strangers have tokens of an issuer that many customers share.
    pub(super) fn severity(&self, is_shared: bool) -> Severity {
        match (self, is_shared) {
            (Self::SubjectNotChecked { .. }, true) => Severity::Critical,
            (Self::SubjectPassesWhenAbsent { .. }, true) => Severity::High,
            (Self::SubjectNotChecked { .. } | Self::SubjectPassesWhenAbsent { .. }, false) => Severity::Medium,
            (Self::AudienceNotChecked { .. } | Self::LiteralStar { .. } | Self::NeverMatches { .. }, _) => {
                Severity::Low
            }
        }
    }

    /// Says it in words that follow the role or the statement.
    pub(super) fn said(&self, issuer: &str) -> String {
        match self {
            Self::SubjectNotChecked { .. } => format!("does not check the sub of tokens of {issuer}"),
            Self::SubjectPassesWhenAbsent { operator } => {
                format!("checks the sub of tokens of {issuer} with {operator}, which passes when the key is absent")
            }
            Self::AudienceNotChecked { .. } => format!("does not check the aud of tokens of {issuer}"),
            Self::LiteralStar { operator, value } => {
                format!("compares tokens of {issuer} with {value} under {operator}, where * is a plain character")
            }
            Self::NeverMatches { key } => format!("asks tokens of {issuer} for {key}, which they never have"),
        }
    }

    /// Says what follows from it, in words that follow a colon.
    pub(super) fn meaning(&self, is_shared: bool) -> String {
        match self {
            Self::SubjectNotChecked { instead } if is_shared => {
                let instead = match instead.len() {
                    0 => String::new(),
                    _ => {
                        format!(" (it asks for {}, which strangers set as they like)", phrase::all_of(instead.clone()))
                    }
                };
                format!("every customer of this issuer, anybody who signs up, gets the role{instead}")
            }
            Self::SubjectNotChecked { .. } => "whoever gets any token of this issuer gets the role".to_owned(),
            Self::SubjectPassesWhenAbsent { .. } => {
                "the check holds only as long as the key is spelled as AWS fills it, and otherwise lets everybody in"
                    .to_owned()
            }
            Self::AudienceNotChecked { only: Some(only) } => {
                format!(
                    "today the provider itself accepts {only} alone, and one more audience there would open the role"
                )
            }
            Self::AudienceNotChecked { only: None } => {
                "every audience that the provider in IAM accepts will do, which may be one more than this role was made for"
                    .to_owned()
            }
            Self::LiteralStar { .. } => "no token has such a value, so that this line lets nobody in".to_owned(),
            Self::NeverMatches { .. } => "the statement lets nobody in".to_owned(),
        }
    }

    /// Says what to do.
    pub(super) fn remediation(&self, role_arn: &str, issuer: Issuer<'_>) -> String {
        let (customer, issuer) = (issuer.customer_claim(), issuer.host);
        match (self, customer) {
            (Self::SubjectNotChecked { .. }, Some(claim)) => format!(
                "Add a StringEquals condition on {issuer}:{claim} to the trust policy of {role_arn}, with the value that only \
                 your own tokens carry (your identity pool, your application, your organization), or one on {issuer}:sub with \
                 the whole subjects. Until then treat the role's sessions as being in foreign hands and review them."
            ),
            (Self::SubjectNotChecked { .. }, None) => format!(
                "Add a StringEquals condition on {issuer}:sub with the whole subjects that need {role_arn}; `rolechain \
                 trust suggest --role {role_arn}` lists those that were seen. Until then treat the role's sessions as \
                 being in foreign hands and review them. AWS refuses such policies when they are written today, and \
                 does not look at old ones again."
            ),
            (Self::SubjectPassesWhenAbsent { .. }, _) => format!(
                "Write StringEquals or StringLike without prefix and suffix on {issuer}:sub in the trust policy of \
                 {role_arn}: the claim has one value, so that ForAllValues and IfExists add nothing but a hole."
            ),
            (Self::AudienceNotChecked { .. }, _) => format!(
                "Add a StringEquals condition on {issuer}:aud to the statement, with the audience that your tokens carry \
                 (usually sts.amazonaws.com)."
            ),
            (Self::LiteralStar { .. }, _) => format!(
                "If the line is needed, name the whole value under StringEquals in the trust policy of {role_arn}; \
                 under StringLike the * would be a wildcard, which may be more than is wanted. If not, take it out."
            ),
            (Self::NeverMatches { .. }, _) => format!(
                "Ask for {issuer}:sub and {issuer}:aud, spelled as the provider's address, or take the statement out of \
                 the trust policy of {role_arn}."
            ),
        }
    }
}
