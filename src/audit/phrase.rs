//! Phrases: how roles, accounts, people and lists are called in titles and messages.

use crate::audit::rule::Context;
use crate::model::arn;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;

/// How many roles above a session are named in words, the nearest first.
pub(super) const MAX_ROLES: usize = 16;

/// At most so many things of a list are named.
const NAMED: usize = 3;

/// Names an account: by the name that the expectations give to it, else by its id.
pub(super) fn account(context: &Context<'_>, id: &str) -> String {
    match context.expectations.account(id).and_then(|account| account.name.as_deref()) {
        Some(name) => format!("account {name} ({id})"),
        None => format!("account {id}"),
    }
}

/// Names a role for a title: with its path, except for the long one of IAM Identity Center.
pub(super) fn short(role_arn: &str) -> &str {
    let short = arn::short(role_arn);
    if arn::is_identity_center_role(role_arn) { arn::role_name(role_arn).unwrap_or(short) } else { short }
}

/// Names a role with its account: `role ci/deploy of account prod (222222222222)`.
pub(super) fn role(context: &Context<'_>, role_arn: &str) -> String {
    let name = short(role_arn);
    match arn::account(role_arn) {
        Some(id) => format!("role {name} of {}", account(context, id)),
        None => format!("role {name}"),
    }
}

/// Joins things to `a`, `a or b`, `a, b or c`, `a, b, c or 4 more`. Things are sorted and named once.
pub(super) fn any_of<T: Into<String>>(things: impl IntoIterator<Item = T>) -> String {
    joined(things, "or")
}

/// Joins things to `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. Things are sorted and named once.
pub(super) fn all_of<T: Into<String>>(things: impl IntoIterator<Item = T>) -> String {
    joined(things, "and")
}

fn joined<T: Into<String>>(things: impl IntoIterator<Item = T>, word: &str) -> String {
    let mut things: Vec<String> = things.into_iter().map(Into::into).collect();
    things.sort();
    things.dedup();
    let more = things.len().saturating_sub(NAMED);
    if more > 0 {
        things.truncate(NAMED);
        things.push(format!("{more} more"));
    }
    match things.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

/// Says in words who began: `the long-term key AKIA… of arn:…`, `alice through IAM Identity Center`, …
pub(super) fn origin(context: &Context<'_>, origin: &Origin) -> String {
    let label = origin.label();
    match origin.kind {
        OriginKind::Oidc => format!("the token {label}"),
        OriginKind::Saml => format!("{label} through SAML"),
        OriginKind::IdentityCenter => format!("{label} through IAM Identity Center"),
        OriginKind::LongTermKey => match &origin.principal_arn {
            Some(user) => format!("the long-term key {label} of {user}"),
            None => format!("the long-term key {label}"),
        },
        OriginKind::Root => "the root user".to_owned(),
        OriginKind::Console => format!("{label} through the console"),
        OriginKind::SessionToken => format!("a session token of {label}"),
        OriginKind::ForwardAccess => {
            format!("{} in the name of {label}", origin.service.as_deref().unwrap_or("an AWS service"))
        }
        OriginKind::AwsService => format!("the service {label}"),
        OriginKind::RolesAnywhere => format!("{} through IAM Roles Anywhere", workload(origin, "the certificate")),
        OriginKind::PodIdentity => format!("{} through EKS Pod Identity", workload(origin, "the service account")),
        OriginKind::ExternalAccount => {
            let of = origin.account_id.as_deref().map(|id| account(context, id));
            format!("a principal of {}", of.unwrap_or_else(|| "an unknown account".to_owned()))
        }
        OriginKind::Unknown => "an origin that the logs do not show".to_owned(),
    }
}

fn workload(origin: &Origin, word: &str) -> String {
    origin.subject.as_deref().map_or_else(|| word.replacen("the", "a", 1), |subject| format!("{word} {subject}"))
}

/// Returns `word` or its plural, with the number before it.
pub(super) fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
