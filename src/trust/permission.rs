//! Permissions: which roles a role's own policies let it assume. No boundaries, no organization policies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::policy::Actions;

/// Documents of managed policies, by ARN: the default version of each.
pub(super) type Managed<'v> = BTreeMap<&'v str, &'v Value>;

/// Collects the managed policies of account details.
pub(super) fn managed(document: &Value) -> Managed<'_> {
    let is_default = |version: &&Value| version.get("IsDefaultVersion").and_then(Value::as_bool) == Some(true);
    items(document, "Policies")
        .filter_map(|policy| {
            let current = items(policy, "PolicyVersionList").find(is_default)?;
            Some((policy.get("Arn")?.as_str()?, current.get("Document")?))
        })
        .collect()
}

/// Returns the patterns of roles that a role of account details may assume.
pub(super) fn of_role(role: &Value, managed: &Managed<'_>) -> Vec<String> {
    let inline = items(role, "RolePolicyList").filter_map(|policy| policy.get("PolicyDocument"));
    let attached = items(role, "AttachedManagedPolicies")
        .filter_map(|policy| managed.get(policy.get("PolicyArn")?.as_str()?).copied());
    let mut found: Vec<String> = inline.chain(attached).flat_map(assumable).collect();
    found.sort();
    found.dedup();
    found
}

/// Returns the patterns of roles that a permission policy lets its holder assume. What cannot be read grants nothing.
pub(super) fn assumable(document: &Value) -> Vec<String> {
    let parsed;
    let document = match document {
        Value::String(text) => {
            let text =
                if text.trim_start().starts_with('%') { super::read::percent_decoded(text) } else { text.clone() };
            parsed = serde_json::from_str(&text).unwrap_or(Value::Null);
            &parsed
        }
        other => other,
    };
    let lone = document.get("Statement").into_iter().filter(|statement| statement.is_object());
    let statements = items(document, "Statement").chain(lone);
    statements
        .filter(|statement| is_about_assuming(statement))
        .flat_map(|statement| texts(statement, "Resource"))
        .collect()
}

fn is_about_assuming(statement: &Value) -> bool {
    let patterns = texts(statement, "Action");
    let actions = Actions { patterns, is_negated: false };
    statement.get("Effect").and_then(Value::as_str) == Some("Allow") && actions.cover("sts:AssumeRole")
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn texts(value: &Value, field: &str) -> Vec<String> {
    match value.get(field) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
