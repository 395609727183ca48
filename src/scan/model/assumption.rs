//! Assumptions: attempts to issue a session, granted or denied.

use super::event_id::EventId;
use super::principal::PrincipalId;
use super::symbols::Renaming;
use super::symbols::Sym;
use super::time::Timestamp;
use super::width::place;

/// The call that issues a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssuingCall {
    /// `sts:AssumeRole`.
    AssumeRole,
    /// `sts:AssumeRoleWithWebIdentity`.
    WebIdentity,
    /// `sts:AssumeRoleWithSAML`.
    Saml,
    /// `sts:AssumeRoot`.
    AssumeRoot,
    /// `sts:GetSessionToken`.
    GetSessionToken,
    /// `sts:GetFederationToken`.
    GetFederationToken,
    /// `eks-auth:AssumeRoleForPodIdentity`.
    PodIdentity,
    /// `rolesanywhere:CreateSession`.
    RolesAnywhere,
    /// `sts:GetWebIdentityToken`: no session, but a token that another partition, or somebody outside, makes one from.
    WebIdentityToken,
}

impl IssuingCall {
    /// Every call, in the order of the variants.
    pub const ALL: [Self; 9] = [
        Self::AssumeRole,
        Self::WebIdentity,
        Self::Saml,
        Self::AssumeRoot,
        Self::GetSessionToken,
        Self::GetFederationToken,
        Self::PodIdentity,
        Self::RolesAnywhere,
        Self::WebIdentityToken,
    ];

    /// Returns the `eventSource` and `eventName` of the call.
    pub fn event(self) -> (&'static str, &'static str) {
        match self {
            Self::AssumeRole => ("sts.amazonaws.com", "AssumeRole"),
            Self::WebIdentity => ("sts.amazonaws.com", "AssumeRoleWithWebIdentity"),
            Self::Saml => ("sts.amazonaws.com", "AssumeRoleWithSAML"),
            Self::AssumeRoot => ("sts.amazonaws.com", "AssumeRoot"),
            Self::GetSessionToken => ("sts.amazonaws.com", "GetSessionToken"),
            Self::GetFederationToken => ("sts.amazonaws.com", "GetFederationToken"),
            Self::PodIdentity => ("eks-auth.amazonaws.com", "AssumeRoleForPodIdentity"),
            Self::RolesAnywhere => ("rolesanywhere.amazonaws.com", "CreateSession"),
            Self::WebIdentityToken => ("sts.amazonaws.com", "GetWebIdentityToken"),
        }
    }

    /// Returns the `eventName` of the call.
    pub fn event_name(self) -> &'static str {
        self.event().1
    }
}

/// What a record says of one parameter of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said<T> {
    /// It was passed, with this value.
    Value(T),
    /// It was not passed.
    Absent,
    /// Nobody knows: the record does not hold what was asked.
    Withheld,
}

impl<T> Said<T> {
    /// Returns the value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Withheld => None,
        }
    }

    /// Says whether it was passed; `None` when nobody knows.
    pub fn is_passed(&self) -> Option<bool> {
        match self {
            Self::Value(_) => Some(true),
            Self::Absent => Some(false),
            Self::Withheld => None,
        }
    }
}

/// One record of an attempt to issue a session. A cross-account call has two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// `eventID`.
    pub event_id: Option<EventId>,
    /// `sharedEventID`.
    pub shared_event_id: Option<EventId>,
    /// `requestID`.
    pub request_id: Option<EventId>,
    /// Which call it was.
    pub call: IssuingCall,
    /// `eventTime`.
    pub time: Option<Timestamp>,
    /// `responseElements.credentials.expiration`.
    pub expires: Option<Timestamp>,
    /// `requestParameters.durationSeconds`.
    pub duration_seconds: Option<u32>,
    /// `awsRegion`.
    pub region: Option<Sym>,
    /// `recipientAccountId`: in whose log the record stands.
    pub recipient_account: Option<Sym>,
    /// Who asked.
    pub caller: PrincipalId,
    /// The role asked for, with its path. For denied `AssumeRole`, read from `errorMessage`.
    pub role_arn: Option<Sym>,
    /// `requestParameters.roleSessionName`.
    pub session_name: Option<Sym>,
    /// `requestParameters.externalId`.
    pub external_id: Option<Sym>,
    /// `requestParameters.sourceIdentity`, or `responseElements.sourceIdentity`.
    pub source_identity: Option<Sym>,
    /// `responseElements.credentials.accessKeyId`.
    pub issued_key: Option<Sym>,
    /// `responseElements.assumedRoleUser.assumedRoleId`: `AROA…:session`.
    pub assumed_role_id: Option<Sym>,
    /// `responseElements.assumedRoleUser.arn`, or the federated user's.
    pub assumed_role_arn: Option<Sym>,
    /// The token's subject.
    pub subject: Option<Sym>,
    /// The token's audience.
    pub audience: Option<Sym>,
    /// The identity provider: an ARN, or the host of a built-in one.
    pub provider: Option<Sym>,
    /// `sourceIPAddress`.
    pub source_ip: Option<Sym>,
    /// `userAgent`.
    pub user_agent: Option<Sym>,
    /// `errorCode`; `None` when the call was granted.
    pub error_code: Option<Sym>,
    /// `errorMessage`.
    pub error_message: Option<Sym>,
    /// True when the record does not hold all that was asked: a filter, a limit of size or AWS itself took parameters
    /// out. What is not there is then unknown, and not absent. [`Self::said`] tells them apart.
    pub withholds_request: bool,
    /// The object that holds the record.
    pub object: Sym,
    /// Where in the object the record stands.
    pub index: u32,
    /// What few records carry.
    pub extra: Option<Box<AssumptionExtra>>,
}

/// The rarer fields of an [`Assumption`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssumptionExtra {
    /// `requestParameters.tags` (or `principalTags`), sorted by key.
    pub tags: Vec<(Sym, Sym)>,
    /// `requestParameters.incomingTransitiveTags`: tags handed down by the previous hop.
    pub incoming_tags: Vec<(Sym, Sym)>,
    /// True when `policy` or `policyArns` narrowed the session.
    pub has_session_policy: bool,
    /// `AssumeRoot`'s `targetPrincipal`.
    pub target_principal: Option<Sym>,
    /// `AssumeRoot`'s task policy.
    pub task_policy: Option<Sym>,
    /// `additionalEventData.RequestDetails.awsServingRegion`.
    pub serving_region: Option<Sym>,
    /// `additionalEventData.RequestDetails.endpointType`.
    pub endpoint_type: Option<Sym>,
    /// `additionalEventData.explicitTrustGrant`.
    pub explicit_trust_grant: Option<bool>,
    /// The action that was refused, when not the call itself: `sts:TagSession`.
    pub denied_action: Option<Sym>,
    /// `webIdentityTokenId`: the token that `GetWebIdentityToken` issued, or that was passed for a role elsewhere.
    pub token_id: Option<Sym>,
    /// The event that the record stands in for: `addendum.originalEventID`, where data was corrected.
    pub amends: Option<EventId>,
}

impl Assumption {
    /// Returns true when a session was issued.
    pub fn is_granted(&self) -> bool {
        self.error_code.is_none() && self.error_message.is_none()
    }

    /// Returns true when a session was refused.
    pub fn is_refused(&self) -> bool {
        !self.is_granted() && self.call != IssuingCall::WebIdentityToken
    }

    /// Returns true when the record can stand for a session. That of `AssumeRoleForPodIdentity` names neither key nor role:
    /// the session is that of the STS record beside it.
    pub fn issues_session(&self) -> bool {
        let says_which = self.issued_key.is_some() || self.assumed_role_id.is_some() || self.role_arn.is_some();
        match self.call {
            IssuingCall::WebIdentityToken => false,
            IssuingCall::PodIdentity => self.is_granted() && says_which,
            _ => self.is_granted(),
        }
    }

    /// Says what the record tells of a parameter of the request, given what stands in its field.
    pub fn said<T>(&self, parameter: Option<T>) -> Said<T> {
        match parameter {
            Some(value) => Said::Value(value),
            None if self.withholds_request => Said::Withheld,
            None => Said::Absent,
        }
    }

    /// Renames every symbol, and the caller by `callers`.
    pub fn rename(&mut self, names: &Renaming, callers: &[PrincipalId]) {
        for id in [&mut self.event_id, &mut self.shared_event_id, &mut self.request_id] {
            *id = id.map(|id| id.renamed(names));
        }
        for sym in [
            &mut self.region,
            &mut self.recipient_account,
            &mut self.role_arn,
            &mut self.session_name,
            &mut self.external_id,
            &mut self.source_identity,
            &mut self.issued_key,
            &mut self.assumed_role_id,
            &mut self.assumed_role_arn,
            &mut self.subject,
            &mut self.audience,
            &mut self.provider,
            &mut self.source_ip,
            &mut self.user_agent,
            &mut self.error_code,
            &mut self.error_message,
        ] {
            *sym = names.opt(*sym);
        }
        self.object = names.of(self.object);
        if let Some(caller) = callers.get(place(self.caller.0)) {
            self.caller = *caller;
        }
        if let Some(extra) = &mut self.extra {
            extra.amends = extra.amends.map(|id| id.renamed(names));
            for (key, value) in extra.tags.iter_mut().chain(&mut extra.incoming_tags) {
                *key = names.of(*key);
                *value = names.of(*value);
            }
            for sym in [
                &mut extra.target_principal,
                &mut extra.task_policy,
                &mut extra.serving_region,
                &mut extra.endpoint_type,
                &mut extra.denied_action,
                &mut extra.token_id,
            ] {
                *sym = names.opt(*sym);
            }
        }
    }
}
