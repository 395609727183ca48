//! Where trust began, in columns.

use crate::frame::Value;
use crate::model::arn;
use crate::report::wire::Text;
use crate::report::wire::origin::Origin;

/// What stands between the roles of a path.
const ARROW: &str = " > ";

/// Returns the one thing that names the origin best; `None` when nothing does.
pub(super) fn label<'o>(origin: &'o Origin<'_>) -> Option<&'o str> {
    let named = match origin.kind {
        "long_term_key" => origin.access_key_id.as_deref(),
        "aws_service" => origin.service.as_deref(),
        "external_account" => origin.principal_arn.as_deref().or(origin.account_id.as_deref()),
        _ => None,
    };
    named
        .or(origin.subject.as_deref())
        .or(origin.principal_arn.as_deref())
        .or(origin.service.as_deref())
        .or(origin.provider.as_deref())
        .or(origin.account_id.as_deref())
}

/// Returns the cells of the columns from `origin_kind` to `git_ref`.
pub(super) fn cells<'o>(origin: &'o Origin<'_>) -> [Value<'o>; 16] {
    let parts = origin.subject_parts.as_ref();
    [
        origin.kind.into(),
        label(origin).into(),
        origin.provider.as_deref().into(),
        origin.subject.as_deref().into(),
        origin.audience.as_deref().into(),
        origin.principal_arn.as_deref().into(),
        origin.access_key_id.as_deref().into(),
        origin.account_id.as_deref().into(),
        origin.service.as_deref().into(),
        parts.map(|parts| parts.provider).into(),
        parts.map(|parts| parts.form).into(),
        parts.map(|parts| parts.context_kind).into(),
        parts.and_then(|parts| parts.owner.as_deref()).into(),
        parts.and_then(|parts| parts.repository.as_deref()).into(),
        parts.and_then(|parts| parts.environment.as_deref()).into(),
        parts.and_then(|parts| parts.git_ref.as_deref()).into(),
    ]
}

/// Returns the role's name: without path and account.
pub(super) fn role_name(role_arn: &str) -> &str {
    arn::role_name(role_arn).unwrap_or_else(|| arn::short(role_arn))
}

/// Writes the names of roles as a path; `None` when there is none.
pub(super) fn role_path(role_arns: &[Text<'_>]) -> Option<String> {
    let names: Vec<&str> = role_arns.iter().map(|role| role_name(role)).collect();
    (!names.is_empty()).then(|| names.join(ARROW))
}
