//! Reads a snapshot as other tools print it, recognized by content: IAM's account details here, Terraform beside it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::permission;
use super::policy::Policy;
use super::read::Fault;
use super::snapshot::Role;
use super::snapshot::Snapshot;
use super::snapshot::SnapshotKind;
use super::terraform;
use crate::model::arn;
use crate::model::time::Timestamp;

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
