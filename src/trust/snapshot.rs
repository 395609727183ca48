//! Snapshots: the trust policies of many roles at one moment.

use std::collections::BTreeMap;

use super::policy::Policy;
use super::read::Fault;
use crate::model::time::Timestamp;

/// What printed a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SnapshotKind {
    /// `aws iam get-account-authorization-details`.
    AccountDetails,
    /// `terraform show -json` of a state.
    TerraformState,
    /// `terraform show -json` of a plan: what will be, not what is.
    TerraformPlan,
}

impl SnapshotKind {
    /// Says it in words.
    pub fn said(self) -> &'static str {
        match self {
            Self::AccountDetails => "IAM snapshot",
            Self::TerraformState => "Terraform state",
            Self::TerraformPlan => "Terraform plan",
        }
    }
}

/// The roles and identity providers of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The file, as the user named it.
    pub name: String,
    /// What printed it.
    pub kind: SnapshotKind,
    /// When it was printed, if it says so. Only plans do.
    pub taken: Option<Timestamp>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The OIDC providers. Account details hold none.
    pub issuers: Vec<Issuer>,
    /// The accounts that Terraform configures, each with the name of its provider.
    pub accounts: BTreeMap<String, String>,
    /// What a reader must know of it, in words.
    pub notes: Vec<String>,
}

/// A role of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The role. A plan does not know the ARN of a role that is yet to be made.
    pub arn: Option<String>,
    /// The role's name, without path.
    pub name: String,
    /// The role's path: `/`, `/ci/`.
    pub path: String,
    /// `AROA…`: a role that was deleted and made again has another one.
    pub id: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its trust policy, or why there is none to read.
    pub policy: Result<Policy, Fault>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// How long its sessions may last. Account details do not say it.
    pub max_session_seconds: Option<u64>,
    /// The roles that its own policies let it assume: patterns of ARNs.
    pub may_assume: Vec<String>,
}

/// An OIDC provider of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The provider's ARN, when it is known.
    pub arn: Option<String>,
    /// The issuer, without scheme.
    pub issuer: String,
    /// The audiences that it accepts.
    pub audiences: Vec<String>,
}
