//! Terraform: roles and OIDC providers of `terraform show -json`, of a state or of a plan.

use std::collections::BTreeMap;

use serde_json::Value;

use super::policy::Policy;
use super::read::Fault;
use super::snapshot::Issuer;
use super::snapshot::Role;
use super::snapshot::Snapshot;
use super::snapshot::SnapshotKind;
use super::terraform_account;
use super::terraform_account::Places;
use super::terraform_attached::Attached;
use crate::model::arn;
use crate::model::time::Timestamp;
use crate::provider;

/// Reads a state or a plan.
pub(super) fn read(name: &str, document: &Value) -> Result<Snapshot, Fault> {
    let planned = document.get("planned_values");
    let kind = if planned.is_some() { SnapshotKind::TerraformPlan } else { SnapshotKind::TerraformState };
    let Some(values) = planned.or_else(|| document.get("values")) else {
        let message = "this Terraform file has neither `values` nor `planned_values`\n  hint: an empty state has none; \
                       write it with `terraform show -json`";
        return Err(Fault { place: String::new(), message: message.to_owned() });
    };
    let mut snapshot = Snapshot {
        name: name.to_owned(),
        kind,
        taken: document.get("timestamp").and_then(Value::as_str).and_then(Timestamp::parse_iso),
        roles: Vec::new(),
        issuers: Vec::new(),
        accounts: BTreeMap::new(),
        notes: Vec::new(),
    };
    let places = Places::read(document);
    snapshot.accounts = places.accounts();
    let mut attached = Attached::default();
    if kind == SnapshotKind::TerraformPlan {
        snapshot.notes.push("a plan says what will be, not what is".to_owned());
    }
    for resource in terraform_account::resources(values) {
        let at = snapshot.roles.len();
        take(resource, &places, &mut snapshot);
        attached.take(resource, (at < snapshot.roles.len()).then_some(at), &places);
    }
    attached.settle(&mut snapshot);
    snapshot.roles.sort_by(|a, b| (&a.arn, &a.name).cmp(&(&b.arn, &b.name)));
    snapshot.issuers.sort_by(|a, b| (&a.arn, &a.issuer).cmp(&(&b.arn, &b.issuer)));
    Ok(snapshot)
}

fn take(resource: &Value, places: &Places, snapshot: &mut Snapshot) {
    let field = |name: &str| resource.get(name).and_then(Value::as_str);
    let place = field("address").and_then(|address| places.of(address));
    let values = resource.get("values").unwrap_or(&Value::Null);
    let text = |name: &str| values.get(name).and_then(Value::as_str).map(str::to_owned);
    // What only `apply` decides is left out of the values, or stands there as null.
    match field("type") {
        Some("aws_iam_role") => {
            let own_arn = text("arn");
            let own_name = text("name").or_else(|| own_arn.as_deref().and_then(arn::role_name).map(str::to_owned));
            let address = field("address").unwrap_or("aws_iam_role").to_owned();
            let Some(name) = own_name else {
                snapshot.notes.push(format!("{address}: its name is known only after apply; it is left out"));
                return;
            };
            let policy = match values.get("assume_role_policy") {
                None | Some(Value::Null) => Err(Fault {
                    place: format!("{address}.assume_role_policy"),
                    message: "known only after apply".to_owned(),
                }),
                Some(policy) => Policy::of_value(policy),
            };
            let path = text("path").unwrap_or_else(|| "/".to_owned());
            let worked_out =
                place.map(|place| format!("arn:{}:iam::{}:role{path}{name}", place.partition, place.account));
            snapshot.roles.push(Role {
                arn: own_arn.or(worked_out),
                name,
                path,
                id: text("unique_id"),
                created: text("create_date").as_deref().and_then(Timestamp::parse_iso),
                policy,
                tags: tags(values),
                max_session_seconds: values.get("max_session_duration").and_then(Value::as_u64),
                may_assume: Vec::new(),
            });
        }
        Some("aws_iam_openid_connect_provider") => {
            let Some(url) = text("url") else { return };
            let audiences = values.get("client_id_list").and_then(Value::as_array);
            let audiences = audiences.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            let issuer = provider::issuer_of(&url).to_owned();
            let worked_out =
                place.map(|place| format!("arn:{}:iam::{}:oidc-provider/{issuer}", place.partition, place.account));
            snapshot.issuers.push(Issuer { arn: text("arn").or(worked_out), issuer, audiences });
        }
        _ => {}
    }
}

fn tags(values: &Value) -> BTreeMap<String, String> {
    let all = values.get("tags_all").filter(|tags| tags.is_object()).or_else(|| values.get("tags"));
    let tags = all.and_then(Value::as_object).into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
