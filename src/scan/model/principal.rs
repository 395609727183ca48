//! Who called: the identity of a record, reduced to what correlation needs.

use super::symbols::Renaming;
use super::symbols::Sym;
use super::time::Timestamp;

/// `userIdentity.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// `Root`.
    Root,
    /// `IAMUser`: a person or a program with long-term keys, or with a session made from them.
    IamUser,
    /// `AssumedRole`: a role session.
    AssumedRole,
    /// `Role`.
    Role,
    /// `FederatedUser`: a session of `GetFederationToken`.
    FederatedUser,
    /// `WebIdentityUser`: an unsigned call with a token of an OIDC provider.
    WebIdentityUser,
    /// `SAMLUser`: an unsigned call with a SAML assertion.
    SamlUser,
    /// `IdentityCenterUser`.
    IdentityCenterUser,
    /// `Directory`.
    Directory,
    /// `AWSAccount`: a principal of another account, as the target account's copy shows it.
    AwsAccount,
    /// `AWSService`.
    AwsService,
    /// `Unknown`, a type that is not listed here, or no type at all.
    Unknown,
}

impl PrincipalKind {
    /// Returns the spelling of CloudTrail.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "Root",
            Self::IamUser => "IAMUser",
            Self::AssumedRole => "AssumedRole",
            Self::Role => "Role",
            Self::FederatedUser => "FederatedUser",
            Self::WebIdentityUser => "WebIdentityUser",
            Self::SamlUser => "SAMLUser",
            Self::IdentityCenterUser => "IdentityCenterUser",
            Self::Directory => "Directory",
            Self::AwsAccount => "AWSAccount",
            Self::AwsService => "AWSService",
            Self::Unknown => "Unknown",
        }
    }

    /// Reads the spelling of CloudTrail.
    pub fn parse(text: &str) -> Self {
        match text {
            "Root" => Self::Root,
            "IAMUser" => Self::IamUser,
            "AssumedRole" => Self::AssumedRole,
            "Role" => Self::Role,
            "FederatedUser" => Self::FederatedUser,
            "WebIdentityUser" => Self::WebIdentityUser,
            "SAMLUser" => Self::SamlUser,
            "IdentityCenterUser" => Self::IdentityCenterUser,
            "Directory" => Self::Directory,
            "AWSAccount" => Self::AwsAccount,
            "AWSService" => Self::AwsService,
            _ => Self::Unknown,
        }
    }
}

/// Names a day, account and region of one set of observations: what its principals are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotId(pub u32);

/// Names a [`Principal`] of one set of observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PrincipalId(pub u32);

/// One distinct `userIdentity`: the calls of one principal under one set of credentials.
///
/// One session may appear as several of these: services that act for it carry no key, forward-access sessions another
/// one, and the console a new key for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// `type`, or what the ARN says when the type is missing.
    pub kind: PrincipalKind,
    /// `principalId`: `AIDA…`, or `AROA…:session` for a role session.
    pub principal_id: Option<Sym>,
    /// `arn`.
    pub arn: Option<Sym>,
    /// `accountId`.
    pub account: Option<Sym>,
    /// `accessKeyId`.
    pub access_key: Option<Sym>,
    /// `userName`.
    pub user_name: Option<Sym>,
    /// `invokedBy`: the service (or `AWS Internal`) that called for the principal.
    pub invoked_by: Option<Sym>,
    /// `identityProvider` of unsigned calls.
    pub identity_provider: Option<Sym>,
    /// `sessionContext.sessionIssuer.arn`: the role with its path (or the user, for federation tokens).
    pub issuer_arn: Option<Sym>,
    /// `sessionContext.sessionIssuer.principalId`: `AROA…`.
    pub issuer_id: Option<Sym>,
    /// `sessionContext.webIdFederationData.federatedProvider`.
    pub federated_provider: Option<Sym>,
    /// The subject of the token behind the session, where its records repeat it (Amazon Cognito).
    pub federated_subject: Option<Sym>,
    /// The audience of that token.
    pub federated_audience: Option<Sym>,
    /// `sessionContext.attributes.creationDate`: when the session was issued.
    pub created: Option<Timestamp>,
    /// `sessionContext.attributes.mfaAuthenticated`.
    pub mfa: Option<bool>,
    /// `sessionContext.sourceIdentity`.
    pub source_identity: Option<Sym>,
    /// `sessionContext.assumedRoot`.
    pub assumed_root: bool,
    /// `onBehalfOf.userId`: the Identity Center user behind the session.
    pub on_behalf_of: Option<Sym>,
    /// `inScopeOf.credentialsIssuedTo`: the function or instance that the session was delivered to.
    pub issued_to: Option<Sym>,
    /// `invokedByDelegate.accountId`: the account outside that acts by a temporary delegation.
    pub delegate: Option<Sym>,
    /// True when the record says `sessionCredentialFromConsole`.
    pub from_console: bool,
    /// When the call was made, to a quarter of an hour, where the record says nothing else of the session: in the log of
    /// another account, whose copy of the call names neither key nor time of creation. `None` everywhere else.
    pub called: Option<Timestamp>,
    /// The day, account and region of the records, in runs that remember; `None` everywhere else.
    pub slot: Option<SlotId>,
}

impl Principal {
    /// Says whether this is a role session as the log of another account names it, at the time of a call.
    pub fn is_seen_from_afar(&self) -> bool {
        self.kind == PrincipalKind::AwsAccount && self.called.is_some() && self.principal_id.is_some()
    }

    /// Returns the same principal under the names of another symbol table.
    #[must_use]
    pub fn renamed(&self, names: &Renaming) -> Self {
        Self {
            principal_id: names.opt(self.principal_id),
            arn: names.opt(self.arn),
            account: names.opt(self.account),
            access_key: names.opt(self.access_key),
            user_name: names.opt(self.user_name),
            invoked_by: names.opt(self.invoked_by),
            identity_provider: names.opt(self.identity_provider),
            issuer_arn: names.opt(self.issuer_arn),
            issuer_id: names.opt(self.issuer_id),
            federated_provider: names.opt(self.federated_provider),
            federated_subject: names.opt(self.federated_subject),
            federated_audience: names.opt(self.federated_audience),
            source_identity: names.opt(self.source_identity),
            on_behalf_of: names.opt(self.on_behalf_of),
            issued_to: names.opt(self.issued_to),
            delegate: names.opt(self.delegate),
            ..*self
        }
    }
}
