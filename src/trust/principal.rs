//! Principals: whom a statement names, and whether a caller is one of them.

use super::caller::AwsCaller;
use super::caller::Caller;
use super::truth::Lack;
use super::truth::Truth;
use crate::model::arn;
use crate::provider;

/// Whom a statement names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
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
    /// A kind that is not modeled, with its value.
    Other(String),
}

impl Principal {
    /// Reads a principal of a kind: `AWS`, `Federated`, `Service`, `CanonicalUser`.
    pub fn read(kind: &str, value: &str) -> Self {
        match kind {
            "AWS" if value == "*" => Self::Anybody,
            "AWS" if arn::is_account_id(value) => Self::Account(value.to_owned()),
            "AWS" => {
                match value.strip_suffix(":root").and_then(|_| arn::account(value)).filter(|id| arn::is_account_id(id))
                {
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
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(id) => Some(id),
            Self::Aws(arn) => arn::account(arn),
            _ => None,
        }
    }

    /// Says it in words.
    pub fn said(&self) -> String {
        match self {
            Self::Anybody => "everybody (*)".to_owned(),
            Self::Account(id) => format!("the whole account {id}"),
            Self::Aws(arn) => arn.clone(),
            Self::Federated(provider) => format!("the issuer {}", provider::issuer_of(provider)),
            Self::Service(service) => format!("the service {service}"),
            Self::Other(text) => text.clone(),
        }
    }

    /// Says whether a caller is this principal.
    pub fn is(&self, caller: &Caller) -> Truth {
        let unknown = |what: &str| Truth::lacks(Lack::Fact(what.to_owned()));
        match (self, caller) {
            (Self::Other(text), _) => Truth::lacks(Lack::Unmodelled(format!("principal {text}"))),
            (_, Caller::Unknown) => unknown("who called"),
            (Self::Anybody, Caller::Aws(_)) => Truth::Yes,
            // No AWS page says whether `*` also stands for tokens and for services.
            (Self::Anybody, Caller::Federated(_) | Caller::Service(_)) => {
                Truth::lacks(Lack::Unmodelled("principal * for tokens and services".to_owned()))
            }
            (Self::Account(id), Caller::Aws(caller)) => {
                caller.account.as_deref().map_or_else(|| unknown("the caller's account"), |own| Truth::of(own == id))
            }
            (Self::Aws(named), Caller::Aws(caller)) => is_principal(named, caller),
            (Self::Federated(named), Caller::Federated(Some(provider))) => {
                let is_host = !named.starts_with("arn:") || !provider.starts_with("arn:");
                let hosts = || provider::issuer_of(named) == provider::issuer_of(provider);
                Truth::of(named == provider || (is_host && hosts()))
            }
            (Self::Federated(_), Caller::Federated(None)) => unknown("the identity provider"),
            (Self::Service(named), Caller::Service(Some(service))) => Truth::of(named == service),
            (Self::Service(_), Caller::Service(None)) => unknown("the calling service"),
            _ => Truth::No,
        }
    }
}

/// Compares a principal's ARN or unique id with a caller of AWS.
fn is_principal(named: &str, caller: &AwsCaller) -> Truth {
    let unknown = |what: &str| Truth::lacks(Lack::Fact(what.to_owned()));
    let own_id = caller.unique_id.as_deref();
    if !named.starts_with("arn:") {
        // What is left of a principal that was deleted; it never stands for a new one of the same name.
        return own_id.map_or_else(|| unknown("the caller's unique id"), |own| Truth::of(own == named));
    }
    let is_other_account = match (arn::account(named), caller.account.as_deref()) {
        (Some(named), Some(own)) => named != own,
        _ => false,
    };
    if is_other_account {
        return Truth::No;
    }
    if [&caller.arn, &caller.session_arn].into_iter().flatten().any(|own| own == named) {
        return Truth::Yes;
    }
    let resource = arn::resource(named).unwrap_or_default();
    let is_role_id = own_id.is_some_and(|id| id.starts_with("AROA"));
    let is_user_id = own_id.is_some_and(|id| id.starts_with("AIDA"));
    if resource.starts_with("role/") {
        return match (&caller.arn, &caller.session_arn) {
            (Some(_), _) => Truth::No,
            // The session's ARN drops the path; names are unique in an account.
            (None, Some(session)) => Truth::of(arn::is_same_role(session, named)),
            (None, None) if is_user_id => Truth::No,
            (None, None) => unknown("the caller's ARN"),
        };
    }
    let is_session = resource.starts_with("assumed-role/");
    match (&caller.arn, &caller.session_arn) {
        (_, Some(_)) => Truth::No,
        (Some(own), None) if !is_session || !arn::resource(own).is_some_and(|own| own.starts_with("role/")) => {
            Truth::No
        }
        _ if is_session && is_user_id => Truth::No,
        _ if !is_session && is_role_id => Truth::No,
        _ => unknown("the caller's ARN"),
    }
}
