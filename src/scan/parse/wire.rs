//! The JSON of calls that issue sessions: which fields are looked at, and where they stand.

use serde::Deserialize;
use serde::Deserializer;
use serde_json::value::RawValue;

use super::identity::Flag;
use super::identity::Lenient;
use super::identity::Text;
use super::object;
use super::quick::Next;
use super::quick::Quick;

/// An object of which some keys are read.
pub(super) trait Wire<'a>: Default + Deserialize<'a> {
    /// Reads the keys of the object that was entered, see [`Quick`].
    fn quick(quick: &mut Quick<'a>) -> Option<Self>;
}

/// Reads an object, the quick way if it can. What is no object says nothing.
pub(super) fn read<'a, T: Wire<'a>>(raw: Option<&'a str>) -> T {
    raw.and_then(|raw| Quick::read(raw, T::quick).or_else(|| object::read(raw))).unwrap_or_default()
}

/// A value as written, unless it is null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Raw<'a>(pub(super) Option<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Option<&'a RawValue> = Deserialize::deserialize(deserializer)?;
        Ok(Self(raw.map(RawValue::get)))
    }
}

impl<'a> Raw<'a> {
    fn fill(&mut self, quick: &mut Quick<'a>) -> Option<()> {
        let value = quick.value().filter(|value| *value != "null" && self.0.is_none())?;
        self.0 = Some(value);
        Some(())
    }
}

impl<'a, T: Wire<'a>> Lenient<T> {
    fn fill(&mut self, quick: &mut Quick<'a>) -> Option<()> {
        quick.open()?;
        let value = T::quick(quick).filter(|_| self.0.is_none())?;
        self.0 = Some(value);
        Some(())
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireRequest<'a> {
    #[serde(borrow)]
    pub(super) role_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) role_session_name: Text<'a>,
    #[serde(borrow)]
    pub(super) external_id: Text<'a>,
    pub(super) duration_seconds: Lenient<u32>,
    #[serde(borrow)]
    pub(super) source_identity: Text<'a>,
    #[serde(borrow)]
    pub(super) tags: Raw<'a>,
    #[serde(borrow)]
    pub(super) incoming_transitive_tags: Raw<'a>,
    #[serde(borrow)]
    pub(super) principal_tags: Raw<'a>,
    #[serde(borrow)]
    pub(super) policy: Raw<'a>,
    #[serde(borrow)]
    pub(super) policy_arns: Raw<'a>,
    #[serde(borrow)]
    pub(super) principal_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) target_principal: Text<'a>,
    #[serde(borrow)]
    pub(super) task_policy_arn: Lenient<WireArn<'a>>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) web_identity_token_id: Text<'a>,
    /// What stands in the place of parameters that were too large.
    pub(super) omitted: Flag,
}

impl<'a> Wire<'a> for WireRequest<'a> {
    fn quick(quick: &mut Quick<'a>) -> Option<Self> {
        let mut read = Self::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"roleArn" => quick.fill(&mut read.role_arn.0)?,
                b"roleSessionName" => quick.fill(&mut read.role_session_name.0)?,
                b"externalId" => quick.fill(&mut read.external_id.0)?,
                b"durationSeconds" => {
                    let seconds = quick.value()?.parse().ok().filter(|_| read.duration_seconds.0.is_none())?;
                    read.duration_seconds.0 = Some(seconds);
                }
                b"sourceIdentity" => quick.fill(&mut read.source_identity.0)?,
                b"tags" => read.tags.fill(quick)?,
                b"incomingTransitiveTags" => read.incoming_transitive_tags.fill(quick)?,
                b"principalTags" => read.principal_tags.fill(quick)?,
                b"policy" => read.policy.fill(quick)?,
                b"policyArns" => read.policy_arns.fill(quick)?,
                b"principalArn" => quick.fill(&mut read.principal_arn.0)?,
                b"webIdentityTokenId" => quick.fill(&mut read.web_identity_token_id.0)?,
                b"targetPrincipal" | b"taskPolicyArn" | b"name" | b"omitted" => return None,
                _ => drop(quick.value()?),
            }
        }
        Some(read)
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default)]
pub(super) struct WireArn<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct WireTag<'a> {
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(super) value: Text<'a>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireResponse<'a> {
    #[serde(borrow)]
    pub(super) credentials: Lenient<WireCredentials<'a>>,
    #[serde(borrow)]
    pub(super) assumed_role_user: Lenient<WireSession<'a>>,
    #[serde(borrow)]
    pub(super) federated_user: Lenient<WireSession<'a>>,
    /// Where `CreateSession` of IAM Roles Anywhere puts what the others put into the response itself.
    #[serde(borrow)]
    pub(super) credential_set: Lenient<Vec<Lenient<WireCredentialSet<'a>>>>,
    #[serde(borrow)]
    pub(super) web_identity_token_id: Text<'a>,
    #[serde(borrow)]
    pub(super) subject_from_web_identity_token: Text<'a>,
    #[serde(borrow)]
    pub(super) audience: Text<'a>,
    #[serde(borrow)]
    pub(super) provider: Text<'a>,
    #[serde(borrow)]
    pub(super) source_identity: Text<'a>,
}

impl<'a> Wire<'a> for WireResponse<'a> {
    fn quick(quick: &mut Quick<'a>) -> Option<Self> {
        let mut read = Self::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"credentials" => read.credentials.fill(quick)?,
                b"assumedRoleUser" => read.assumed_role_user.fill(quick)?,
                b"webIdentityTokenId" => quick.fill(&mut read.web_identity_token_id.0)?,
                b"subjectFromWebIdentityToken" => quick.fill(&mut read.subject_from_web_identity_token.0)?,
                b"audience" => quick.fill(&mut read.audience.0)?,
                b"provider" => quick.fill(&mut read.provider.0)?,
                b"sourceIdentity" => quick.fill(&mut read.source_identity.0)?,
                b"federatedUser" | b"credentialSet" => return None,
                _ => drop(quick.value()?),
            }
        }
        Some(read)
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireCredentials<'a> {
    #[serde(borrow)]
    pub(super) access_key_id: Text<'a>,
    #[serde(borrow)]
    pub(super) expiration: Text<'a>,
}

impl<'a> Wire<'a> for WireCredentials<'a> {
    fn quick(quick: &mut Quick<'a>) -> Option<Self> {
        let mut read = Self::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"accessKeyId" => quick.fill(&mut read.access_key_id.0)?,
                b"expiration" => quick.fill(&mut read.expiration.0)?,
                _ => drop(quick.value()?),
            }
        }
        Some(read)
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireCredentialSet<'a> {
    #[serde(borrow)]
    pub(super) credentials: Lenient<WireCredentials<'a>>,
    #[serde(borrow)]
    pub(super) assumed_role_user: Lenient<WireSession<'a>>,
    #[serde(borrow)]
    pub(super) source_identity: Text<'a>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireSession<'a> {
    #[serde(borrow)]
    pub(super) assumed_role_id: Text<'a>,
    /// How EKS Pod Identity spells it.
    #[serde(borrow)]
    pub(super) assume_role_id: Text<'a>,
    #[serde(borrow)]
    pub(super) federated_user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
}

impl<'a> Wire<'a> for WireSession<'a> {
    fn quick(quick: &mut Quick<'a>) -> Option<Self> {
        let mut read = Self::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"assumedRoleId" => quick.fill(&mut read.assumed_role_id.0)?,
                b"arn" => quick.fill(&mut read.arn.0)?,
                b"assumeRoleId" | b"federatedUserId" => return None,
                _ => drop(quick.value()?),
            }
        }
        Some(read)
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireAdditional<'a> {
    #[serde(rename = "RequestDetails", borrow)]
    pub(super) request_details: Lenient<WireDetails<'a>>,
    pub(super) explicit_trust_grant: Flag,
}

impl<'a> Wire<'a> for WireAdditional<'a> {
    fn quick(quick: &mut Quick<'a>) -> Option<Self> {
        let mut read = Self::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"RequestDetails" => read.request_details.fill(quick)?,
                b"explicitTrustGrant" => {
                    let flag = quick.flag().filter(|_| read.explicit_trust_grant.0.is_none())?;
                    read.explicit_trust_grant.0 = Some(flag);
                }
                _ => drop(quick.value()?),
            }
        }
        Some(read)
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireDetails<'a> {
    #[serde(borrow)]
    pub(super) aws_serving_region: Text<'a>,
    #[serde(borrow)]
    pub(super) endpoint_type: Text<'a>,
}

impl<'a> Wire<'a> for WireDetails<'a> {
    fn quick(quick: &mut Quick<'a>) -> Option<Self> {
        let mut read = Self::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"awsServingRegion" => quick.fill(&mut read.aws_serving_region.0)?,
                b"endpointType" => quick.fill(&mut read.endpoint_type.0)?,
                _ => drop(quick.value()?),
            }
        }
        Some(read)
    }
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default)]
pub(super) struct WireResource<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    #[serde(rename = "ARN", alias = "arn", borrow)]
    pub(super) arn: Text<'a>,
}
