//! The origin of a chain.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use crate::model::origin;
use crate::provider;
use crate::provider::Subject;

/// Where trust began.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Origin<'a> {
    /// What kind of thing it is.
    #[schemars(extend("enum" = ["oidc", "saml", "identity_center", "long_term_key", "root", "console",
        "session_token", "forward_access", "aws_service", "roles_anywhere", "pod_identity", "external_account", "unknown"]))]
    pub kind: &'static str,
    /// The identity provider: an issuer's host (and path) for OIDC, the provider's ARN for SAML.
    pub provider: Option<Text<'a>>,
    /// The token's subject; the person's name for SAML and Identity Center; the certificate (`CN=…`) for Roles Anywhere;
    /// cluster, namespace and service account (`shop/billing/invoice`) for Pod Identity.
    pub subject: Option<Text<'a>>,
    /// What the subject says, when its grammar is known.
    pub subject_parts: Option<SubjectParts>,
    /// The token's subject as people say it.
    #[serde(skip)]
    pub spoken: Option<String>,
    /// The token's audience.
    pub audience: Option<Text<'a>>,
    /// The ARN of the user (or other principal) that began.
    pub principal_arn: Option<Text<'a>>,
    /// The long-term key that began.
    pub access_key_id: Option<Text<'a>>,
    /// The account in which the chain began.
    pub account_id: Option<Text<'a>>,
    /// The AWS service that began.
    pub service: Option<Text<'a>>,
}

/// A token's subject in parts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SubjectParts {
    /// The provider whose grammar was used, such as `github`.
    pub provider: &'static str,
    /// How the subject names its place: by names that can be taken over (`mutable`), by ids (`immutable`), by a
    /// template of its owner (`custom`), or in a grammar that is not known (`opaque`).
    #[schemars(extend("enum" = ["mutable", "immutable", "custom", "opaque"]))]
    pub form: &'static str,
    /// The owner of the repository.
    pub owner: Option<String>,
    /// `owner/name`, without ids.
    pub repository: Option<String>,
    /// The provider's id of the owner.
    pub owner_id: Option<String>,
    /// The provider's id of the repository.
    pub repository_id: Option<String>,
    /// What the token was issued to: `branch`, `tag`, `pull_request`, `environment`, …
    pub context_kind: &'static str,
    /// The deployment environment.
    pub environment: Option<String>,
    /// The full git ref.
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
}

impl<'a> Rows<'a> {
    /// Returns the origin as a row.
    pub fn origin(&self, origin: &'a origin::Origin) -> Origin<'a> {
        let text = |part: &'a Option<String>| part.as_deref().map(|part| self.shade.text(part));
        Origin {
            kind: origin.kind.name(),
            provider: text(&origin.provider),
            subject: text(&origin.subject),
            subject_parts: self.subject_parts(origin),
            spoken: self.spoken(origin.token.as_ref()),
            audience: text(&origin.audience),
            principal_arn: text(&origin.principal_arn),
            access_key_id: origin.access_key_id.as_deref().map(|key| self.shade.key(key)),
            account_id: text(&origin.account_id),
            service: text(&origin.service),
        }
    }

    /// Returns a token's subject as people say it, where that is not its text.
    pub(super) fn spoken(&self, token: Option<&Subject>) -> Option<String> {
        provider::spoken(token?).map(|spoken| self.shade.text(&spoken).into_owned())
    }

    fn subject_parts(&self, origin: &origin::Origin) -> Option<SubjectParts> {
        let subject = origin.token.as_ref()?;
        let shown = |part: Option<String>| part.map(|part| self.shade.text(&part).into_owned());
        Some(SubjectParts {
            provider: subject.provider?,
            form: subject.form.as_str(),
            context_kind: subject.context.kind(),
            environment: shown(subject.environment().map(str::to_owned)),
            git_ref: shown(subject.git_ref()),
            owner: shown(subject.borne_owner().map(str::to_owned)),
            repository: shown(subject.borne().map(str::to_owned)),
            owner_id: shown(subject.owner_id.clone()),
            repository_id: shown(subject.repository_id.clone()),
        })
    }
}
