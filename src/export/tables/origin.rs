//! Where trust began, in columns.

use crate::export::Source;
use crate::frame::columns;
use crate::model::arn;
use crate::report::wire::origin::Origin;

/// What stands between the roles of a path.
const ARROW: &str = " > ";

columns! {
    /// The columns from `origin_kind` to `git_ref`.
    pub(super) struct OriginColumns;
    write origin: &'v Origin<'v>, with source: Source<'v> {
        let parts = origin.subject_parts.as_ref();
    };
    origin_kind: str = origin.kind,
        "What stood at the beginning: `oidc`, `saml`, `identity_center`, `long_term_key`, `root`, `console`, `session_token`, `forward_access`, `aws_service`, `roles_anywhere`, `pod_identity`, `external_account`, `unknown`.";
    origin: str = label(origin),
        "The one thing that names the origin best: subject, key, principal, service, provider or account.";
    origin_provider: str = &origin.provider,
        "The identity provider: an issuer's host (and path) for OIDC, the provider's ARN for SAML.";
    origin_subject: str = &origin.subject, "The token's subject, or the person's name for SAML and Identity Center.";
    origin_audience: str = &origin.audience, "The token's audience.";
    origin_principal_arn: str = &origin.principal_arn, "The ARN of the user (or other principal) that began.";
    origin_access_key_id: str = &origin.access_key_id, "The long-term key that began.";
    origin_account_id: str = &origin.account_id, "The account in which the chain began.";
    origin_service: str = &origin.service, "The AWS service that began.";
    subject_provider: str = parts.map(|parts| parts.provider),
        "The provider whose grammar reads the subject, such as `github`; null when none does.";
    subject_form: str = parts.map(|parts| parts.form),
        "`mutable` (by names that can be taken over), `immutable` (by ids), `custom` or `opaque`.";
    subject_context: str = parts.map(|parts| parts.context_kind),
        "What the token was issued to: `branch`, `tag`, `pull_request`, `environment` and others.";
    repository_owner: str = parts.and_then(|parts| parts.owner.as_deref()), "The owner of the repository.";
    repository: str = parts.and_then(|parts| parts.repository.as_deref()), "`owner/name`, without ids.";
    environment: str = parts.and_then(|parts| parts.environment.as_deref()), "The deployment environment.";
    git_ref: str = parts.and_then(|parts| parts.git_ref.as_deref()), "The full git ref.";
}

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

/// Returns the role's name: without path and account.
pub(super) fn role_name(role_arn: &str) -> &str {
    arn::role_name(role_arn).unwrap_or_else(|| arn::short(role_arn))
}

/// Writes the names of roles as a path; `None` when there is none.
pub(super) fn role_path(role_arns: &[impl AsRef<str>]) -> Option<String> {
    let names: Vec<&str> = role_arns.iter().map(|role| role_name(role.as_ref())).collect();
    (!names.is_empty()).then(|| names.join(ARROW))
}
