//! Trusted owners: whose repositories the trust policies of snapshots name, pattern by pattern.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::model::arn;
use crate::model::kinds::Kinds;
use crate::provider;
use crate::provider::Issuer;
use crate::trust::Principal;
use crate::trust::breadth::Breadth;
use crate::trust::grant;
use crate::trust::snapshot::Snapshot;

/// The owners that snapshots name, and the roles whose policies are among them.
pub(super) struct TrustedOwners<'a> {
    /// Owners by issuer.
    owners: BTreeMap<String, BTreeSet<String>>,
    /// By account and name: logs may leave the path out.
    roles: BTreeSet<(Option<&'a str>, Option<&'a str>)>,
}

impl<'a> TrustedOwners<'a> {
    /// Collects the owners of narrow patterns. Changes in the logs are left out: who opens a role to strangers would
    /// otherwise make them known.
    pub(super) fn of(snapshots: &'a [Snapshot], kinds: &Kinds) -> Self {
        let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut roles = BTreeSet::new();
        for role in snapshots.iter().flat_map(|snapshot| &snapshot.roles) {
            let Ok(policy) = &role.policy else { continue };
            roles.extend(role.arn.as_deref().map(name));
            for grant in grant::all(policy, kinds) {
                let (Principal::Federated(provider), Some(subject)) = (&grant.principal, &grant.subject) else {
                    continue;
                };
                let known = Issuer::of(kinds, provider).provider.filter(|_| grant.breadth != Breadth::Nothing);
                if let Some(owner) = known.and_then(|known| known.owner(&subject.text)) {
                    let issuer = provider::issuer_of(provider).to_ascii_lowercase();
                    owners.entry(issuer).or_default().insert(owner);
                }
            }
        }
        Self { owners, roles }
    }

    /// Returns the owners that are known for tokens of an issuer in a role; `None` when the role's own policy is in no
    /// snapshot, or when no policy names any.
    pub(super) fn for_role(&self, role_arn: &str, issuer: &str) -> Option<&BTreeSet<String>> {
        let is_known = self.roles.contains(&name(role_arn));
        self.owners.get(&issuer.to_ascii_lowercase()).filter(|_| is_known)
    }
}

fn name(role_arn: &str) -> (Option<&str>, Option<&str>) {
    (arn::account(role_arn), arn::role_name(role_arn))
}

#[cfg(test)]
mod tests {
    use super::TrustedOwners;
    use crate::model::kinds::Kinds;
    use crate::trust::snapshot::Snapshot;

    #[test]
    fn only_patterns_that_name_an_owner_count() {
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
            "Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"},
            "Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":
                ["repo:acme@4242/*","repo:acme-labs/tool:ref:*","repo:evil*","repo:*/x:*","repository_owner:acme-shop"]}}}]}"#;
        let text = format!(
            r#"{{"RoleDetailList":[{{"RoleName":"r","Arn":"arn:aws:iam::111111111111:role/r","AssumeRolePolicyDocument":{policy}}}]}}"#
        );
        let snapshots = [Snapshot::read("iam.json", &text).expect("a snapshot")];
        let trusted = TrustedOwners::of(&snapshots, &Kinds::default());
        let issuer = "token.actions.githubusercontent.com";
        let known = trusted.for_role("arn:aws:iam::111111111111:role/r", issuer);
        assert_eq!(known, Some(&["acme", "acme-labs", "acme-shop"].map(str::to_owned).into()));
        assert_eq!(trusted.for_role("arn:aws:iam::111111111111:role/other", issuer), None);
        assert_eq!(trusted.for_role("arn:aws:iam::111111111111:role/r", "gitlab.com"), None);
    }
}
