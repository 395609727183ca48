//! The quick way through `userIdentity`: the keys that AWS writes, each once.

use super::identity_fields::Identity;
use super::quick::Next;
use super::quick::Quick;
use crate::model::time::Timestamp;

/// Reads an identity, or gives up.
pub(super) fn quick(raw: &str) -> Option<Identity<'_>> {
    Quick::read(raw, |quick| {
        let mut read = Identity::default();
        while let Next::Key(key) = quick.key()? {
            match key {
                b"type" => quick.fill(&mut read.kind)?,
                b"principalId" => quick.fill(&mut read.principal_id)?,
                b"arn" => quick.fill(&mut read.arn)?,
                b"accountId" => quick.fill(&mut read.account_id)?,
                b"accessKeyId" => quick.fill(&mut read.access_key_id)?,
                b"userName" => quick.fill(&mut read.user_name)?,
                b"invokedBy" => quick.fill(&mut read.invoked_by)?,
                b"identityProvider" => quick.fill(&mut read.identity_provider)?,
                b"sessionContext" => {
                    quick.once(0)?;
                    quick.open()?;
                    quick_context(quick, &mut read)?;
                }
                _ => return None,
            }
        }
        Some(read)
    })
}

/// Reads `sessionContext`.
fn quick_context<'a>(quick: &mut Quick<'a>, read: &mut Identity<'a>) -> Option<()> {
    // What is not kept.
    let [mut issuer_type, mut issuer_account, mut issuer_name, mut delivery] = [const { None }; 4];
    while let Next::Key(key) = quick.key()? {
        match key {
            b"sourceIdentity" => quick.fill(&mut read.source_identity)?,
            b"ec2RoleDelivery" => quick.fill(&mut delivery)?,
            b"assumedRoot" => {
                quick.once(1)?;
                read.assumed_root = Some(quick.flag()?);
            }
            b"sessionIssuer" => {
                quick.once(2)?;
                quick.open()?;
                while let Next::Key(key) = quick.key()? {
                    match key {
                        b"arn" => quick.fill(&mut read.issuer_arn)?,
                        b"principalId" => quick.fill(&mut read.issuer_principal_id)?,
                        b"type" => quick.fill(&mut issuer_type)?,
                        b"accountId" => quick.fill(&mut issuer_account)?,
                        b"userName" => quick.fill(&mut issuer_name)?,
                        _ => return None,
                    }
                }
            }
            b"webIdFederationData" => {
                quick.once(3)?;
                quick.open()?;
                while let Next::Key(key) = quick.key()? {
                    match key {
                        b"federatedProvider" => quick.fill(&mut read.federated_provider)?,
                        // Nearly every session's are empty.
                        b"attributes" => quick.once(4).filter(|()| quick.value() == Some("{}"))?,
                        _ => return None,
                    }
                }
            }
            b"attributes" => {
                quick.once(5)?;
                quick.open()?;
                while let Next::Key(key) = quick.key()? {
                    match key {
                        b"creationDate" => {
                            quick.once(6)?;
                            read.created = Timestamp::parse_iso(quick.string()?);
                        }
                        b"mfaAuthenticated" => {
                            quick.once(7)?;
                            read.mfa = Some(quick.flag()?);
                        }
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
    }
    Some(())
}
