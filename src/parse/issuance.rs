//! Which calls issue credentials.

use crate::model::record::Record;

/// The ways to be issued a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issuance {
    /// `sts:AssumeRole`.
    AssumeRole,
    /// `sts:AssumeRoleWithWebIdentity`.
    WebIdentity,
    /// `sts:AssumeRoleWithSAML`.
    Saml,
    /// `sts:AssumeRoot`.
    AssumeRoot,
    /// `sts:GetSessionToken`.
    SessionToken,
    /// `sts:GetFederationToken`.
    FederationToken,
    /// `eks-auth:AssumeRoleForPodIdentity`.
    PodIdentity,
    /// `rolesanywhere:CreateSession`.
    RolesAnywhere,
}

impl Issuance {
    /// Says which way of issuing credentials the record is, if any. Costs two comparisons for most records.
    #[inline]
    pub fn of(record: &Record<'_>) -> Option<Self> {
        let name = record.event_name.as_deref()?;
        match record.event_source.as_deref()? {
            "sts.amazonaws.com" => match name {
                "AssumeRole" => Some(Self::AssumeRole),
                "AssumeRoleWithWebIdentity" => Some(Self::WebIdentity),
                "AssumeRoleWithSAML" => Some(Self::Saml),
                "AssumeRoot" => Some(Self::AssumeRoot),
                "GetSessionToken" => Some(Self::SessionToken),
                "GetFederationToken" => Some(Self::FederationToken),
                _ => None,
            },
            "eks-auth.amazonaws.com" if name == "AssumeRoleForPodIdentity" => Some(Self::PodIdentity),
            "rolesanywhere.amazonaws.com" if name == "CreateSession" => Some(Self::RolesAnywhere),
            _ => None,
        }
    }
}

/// Says whether the record is an attempt, successful or denied, to be issued credentials.
#[inline]
pub fn is_issuance(record: &Record<'_>) -> bool {
    Issuance::of(record).is_some()
}
