//! Origins: who stood at the beginning of a chain.

use super::subject::Subject;

/// Where trust began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OriginKind {
    /// A token of an OIDC provider.
    Oidc,
    /// A SAML assertion.
    Saml,
    /// AWS IAM Identity Center.
    IdentityCenter,
    /// An `AKIA…` key of an IAM user.
    LongTermKey,
    /// The root user.
    Root,
    /// An IAM user who signed in to the console: the records prove it.
    Console,
    /// A session token of an IAM user (`GetSessionToken`), made with a long-term key that the logs do not name.
    SessionToken,
    /// A service that acts in the name of an IAM user who called it (a forward access session).
    ForwardAccess,
    /// An AWS service acting for a role that was made for it.
    AwsService,
    /// IAM Roles Anywhere: an X.509 certificate.
    RolesAnywhere,
    /// EKS Pod Identity.
    PodIdentity,
    /// A principal of an account whose logs are not here.
    ExternalAccount,
    /// The logs do not say.
    Unknown,
}

impl OriginKind {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Oidc,
        Self::Saml,
        Self::IdentityCenter,
        Self::LongTermKey,
        Self::Root,
        Self::Console,
        Self::SessionToken,
        Self::ForwardAccess,
        Self::AwsService,
        Self::RolesAnywhere,
        Self::PodIdentity,
        Self::ExternalAccount,
        Self::Unknown,
    ];

    /// What else people call a kind, on the command line and in the expectations file.
    pub const SHORT: [(&str, Self); 3] =
        [("sso", Self::IdentityCenter), ("key", Self::LongTermKey), ("iam-key", Self::LongTermKey)];

    /// True for people who signed in under a name of their own.
    pub fn is_person(self) -> bool {
        matches!(self, Self::IdentityCenter | Self::Saml | Self::Console)
    }

    /// True where a long-term key stands behind, named or not.
    pub fn rests_on_key(self) -> bool {
        matches!(self, Self::LongTermKey | Self::SessionToken | Self::ForwardAccess)
    }

    /// Returns the name used in reports, filters and the expectations file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Saml => "saml",
            Self::IdentityCenter => "identity_center",
            Self::LongTermKey => "long_term_key",
            Self::Root => "root",
            Self::Console => "console",
            Self::SessionToken => "session_token",
            Self::ForwardAccess => "forward_access",
            Self::AwsService => "aws_service",
            Self::RolesAnywhere => "roles_anywhere",
            Self::PodIdentity => "pod_identity",
            Self::ExternalAccount => "external_account",
            Self::Unknown => "unknown",
        }
    }
}

/// Who stood at the beginning of a chain. Unknown parts are `None`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Where trust began.
    pub kind: OriginKind,
    /// The identity provider: an issuer's host (and path) for OIDC, the provider's ARN for SAML.
    pub provider: Option<String>,
    /// The token's subject; the person's name for SAML and Identity Center; the certificate for Roles Anywhere; cluster,
    /// namespace and service account for Pod Identity.
    pub subject: Option<String>,
    /// The subject of an OIDC token in parts, read once by the grammar of its issuer's kind, after linking.
    pub token: Option<Subject>,
    /// True for the token of a CI system's job, read with the parts.
    pub is_pipeline: bool,
    /// The token's audience.
    pub audience: Option<String>,
    /// The ARN of the user (or other principal) that began.
    pub principal_arn: Option<String>,
    /// The long-term key that began, or the one key that fits behind a service.
    pub access_key_id: Option<String>,
    /// The account in which the chain began.
    pub account_id: Option<String>,
    /// The AWS service that began.
    pub service: Option<String>,
}

impl Origin {
    /// Makes an origin of which only the kind is known.
    pub fn of_kind(kind: OriginKind) -> Self {
        Self {
            kind,
            provider: None,
            subject: None,
            token: None,
            is_pipeline: false,
            audience: None,
            principal_arn: None,
            access_key_id: None,
            account_id: None,
            service: None,
        }
    }

    /// Returns the one thing that names the origin best: subject, key, principal, service, provider or account.
    pub fn label(&self) -> String {
        let named = match self.kind {
            OriginKind::LongTermKey => self.access_key_id.as_ref().or(self.principal_arn.as_ref()),
            OriginKind::AwsService => self.service.as_ref(),
            OriginKind::ExternalAccount => self.principal_arn.as_ref().or(self.account_id.as_ref()),
            _ => None,
        };
        named
            .or(self.subject.as_ref())
            .or(self.principal_arn.as_ref())
            .or(self.service.as_ref())
            .or(self.provider.as_ref())
            .or(self.account_id.as_ref())
            .cloned()
            .unwrap_or_else(|| "unknown".to_owned())
    }
}
