//! Snapshots: the trust policies of many roles at one moment, as other tools print them. Recognised by content.

use std::collections::BTreeMap;

use serde_json::Value;

use super::permission;
use super::policy::Policy;
use super::read::Fault;
use super::terraform;
use crate::model::arn;
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

/// What to give instead of a file that is no snapshot.
const HINT: &str = "give the output of `aws iam get-account-authorization-details` or of `terraform show -json`";

impl Snapshot {
    /// Reads a snapshot. `name` is the file as the user named it.
    pub fn read(name: &str, text: &str) -> Result<Self, Fault> {
        let fault = |place: String, message: String| Fault { place, message };
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            fault(
                format!("{name}, line {} column {}", error.line(), error.column()),
                format!("this is not JSON: {message}\n  hint: {HINT}"),
            )
        })?;
        if let Some(roles) = value.get("RoleDetailList") {
            let Some(roles) = roles.as_array() else {
                return Err(fault(format!("{name}: RoleDetailList"), "this is not a list".to_owned()));
            };
            return account_details(name, &value, roles).map_err(|fault| placed(name, fault));
        }
        if value.get("format_version").is_some() || value.get("terraform_version").is_some() {
            return terraform::read(name, &value).map_err(|fault| placed(name, fault));
        }
        Err(fault(
            name.to_owned(),
            format!("this is neither an IAM snapshot nor a Terraform state or plan\n  hint: {HINT}"),
        ))
    }
}

fn placed(name: &str, fault: Fault) -> Fault {
    let place = if fault.place.is_empty() { name.to_owned() } else { format!("{name}: {}", fault.place) };
    Fault { place, message: fault.message }
}

fn account_details(name: &str, document: &Value, roles: &[Value]) -> Result<Snapshot, Fault> {
    let mut notes = vec![
        "it has no date: its policies are taken to have been in force all the time, unless the logs show a change"
            .to_owned(),
        "it lists no identity providers, so that their audiences are not known".to_owned(),
    ];
    if document.get("IsTruncated").and_then(Value::as_bool) == Some(true) {
        notes.push("it is truncated: roles are missing from it".to_owned());
    }
    let managed = permission::managed(document);
    let role = |(at, role): (usize, &Value)| {
        let text = |field: &str| role.get(field).and_then(Value::as_str).map(str::to_owned);
        let place = format!("RoleDetailList[{at}]");
        let missing = |field: &str| Fault { place: place.clone(), message: format!("the role has no `{field}`") };
        let arn = text("Arn");
        let own_name = text("RoleName").or_else(|| arn.as_deref().and_then(arn::role_name).map(str::to_owned));
        Ok(Role {
            name: own_name.ok_or_else(|| missing("RoleName"))?,
            path: text("Path").unwrap_or_else(|| "/".to_owned()),
            id: text("RoleId"),
            created: text("CreateDate").as_deref().and_then(Timestamp::parse_iso),
            policy: role
                .get("AssumeRolePolicyDocument")
                .ok_or_else(|| missing("AssumeRolePolicyDocument"))
                .and_then(Policy::of_value),
            arn: Some(arn.ok_or_else(|| missing("Arn"))?),
            tags: tags(role),
            max_session_seconds: None,
            may_assume: permission::of_role(role, &managed),
        })
    };
    Ok(Snapshot {
        name: name.to_owned(),
        kind: SnapshotKind::AccountDetails,
        taken: None,
        roles: roles.iter().enumerate().map(role).collect::<Result<_, Fault>>()?,
        issuers: Vec::new(),
        accounts: BTreeMap::new(),
        notes,
    })
}

fn tags(role: &Value) -> BTreeMap<String, String> {
    let list = role.get("Tags").and_then(Value::as_array);
    let text = |tag: &Value, field: &str| tag.get(field).and_then(Value::as_str).map(str::to_owned);
    list.into_iter().flatten().filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value")?))).collect()
}
