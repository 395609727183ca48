//! Writing trust policies: as JSON, and as Terraform.

use std::collections::BTreeMap;

use serde::Serialize;

use super::policy::Condition;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::Statement;
use super::principal::Principal;

/// A lone value stands without a list, as people write it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn new(mut values: Vec<String>) -> Self {
        match values.pop() {
            Some(one) if values.is_empty() => Self::One(one),
            last => {
                values.extend(last);
                Self::Many(values)
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    effect: &'static str,
    principal: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Values>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<Values>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<String, BTreeMap<String, Values>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Named {
    Anybody(&'static str),
    Kinds(BTreeMap<String, Values>),
}

fn effect(statement: &Statement) -> &'static str {
    match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

/// Returns the principals by kind, as a document names them. Accounts are written as their root's ARN.
fn principals(statement: &Statement, partition: &str) -> BTreeMap<String, Vec<String>> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for principal in statement.principals() {
        let (kind, value) = match principal {
            Principal::Anybody => ("AWS", "*".to_owned()),
            Principal::Account(id) => ("AWS", format!("arn:{partition}:iam::{id}:root")),
            Principal::Aws(arn) => ("AWS", arn.clone()),
            Principal::Federated(provider) => ("Federated", provider.clone()),
            Principal::Service(service) => ("Service", service.clone()),
            Principal::Other(text) => text.split_once(' ').map_or(("AWS", text.clone()), |(k, v)| (k, v.to_owned())),
        };
        kinds.entry(kind.to_owned()).or_default().push(value);
    }
    kinds
}

/// Writes a policy as JSON. `partition` is that of the role: `aws`, `aws-cn`, `aws-us-gov`.
pub fn json(policy: &Policy, partition: &str) -> String {
    let entry = |statement: &Statement| {
        let mut kinds = principals(statement, partition);
        let is_anybody = kinds.len() == 1 && kinds.get("AWS").is_some_and(|values| values.as_slice() == ["*"]);
        let principal = if is_anybody {
            Named::Anybody("*")
        } else {
            let kinds = std::mem::take(&mut kinds);
            Named::Kinds(kinds.into_iter().map(|(kind, values)| (kind, Values::new(values))).collect())
        };
        let actions = Values::new(statement.actions.patterns.clone());
        let (action, not_action) =
            if statement.actions.is_negated { (None, Some(actions)) } else { (Some(actions), None) };
        let mut condition: BTreeMap<String, BTreeMap<String, Values>> = BTreeMap::new();
        for Condition { operator, key, values } in &statement.conditions {
            condition.entry(operator.written.clone()).or_default().insert(key.clone(), Values::new(values.clone()));
        }
        Entry { sid: statement.sid.clone(), effect: effect(statement), principal, action, not_action, condition }
    };
    let document = Document { version: "2012-10-17", statement: policy.statements.iter().map(entry).collect() };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// IAM counts a trust policy without its white space, and takes this much unless the quota was raised (to 4,096).
pub const SIZE_LIMIT: usize = 2_048;

/// Returns how large IAM finds a policy.
pub fn size(json: &str) -> usize {
    json.chars().filter(|character| !character.is_whitespace()).count()
}

/// Writes a policy as a data source of Terraform, formatted as `terraform fmt` does.
pub fn terraform(policy: &Policy, partition: &str, name: &str) -> String {
    let mut out = format!("data \"aws_iam_policy_document\" \"{}\" {{\n", identifier(name));
    for (at, statement) in policy.statements.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out += "  statement {\n";
        let mut attributes = Vec::new();
        attributes.extend(statement.sid.as_ref().map(|sid| ("sid", quoted(sid))));
        attributes.push(("effect", quoted(effect(statement))));
        let actions = if statement.actions.is_negated { "not_actions" } else { "actions" };
        attributes.push((actions, list(&statement.actions.patterns, 4)));
        out += &aligned(&attributes, 4);
        for (kind, values) in principals(statement, partition) {
            let kind = if kind == "AWS" && values.as_slice() == ["*"] { "*".to_owned() } else { kind };
            out += "\n    principals {\n";
            out += &aligned(&[("type", quoted(&kind)), ("identifiers", list(&values, 6))], 6);
            out += "    }\n";
        }
        for Condition { operator, key, values } in &statement.conditions {
            out += "\n    condition {\n";
            let test = quoted(&operator.written);
            out += &aligned(&[("test", test), ("variable", quoted(key)), ("values", list(values, 6))], 6);
            out += "    }\n";
        }
        out += "  }\n";
    }
    out + "}\n"
}

/// Writes attributes with their values in one column; those of several lines stand apart.
fn aligned(attributes: &[(&str, String)], indent: usize) -> String {
    let is_short = |value: &str| !value.contains('\n');
    let short = attributes.iter().filter(|(_, value)| is_short(value));
    let width = short.map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| {
        let width = if is_short(value) { width } else { name.len() };
        format!("{:indent$}{name:width$} = {value}\n", "")
    };
    attributes.iter().map(line).collect()
}

fn list(values: &[String], indent: usize) -> String {
    match values {
        [] => "[]".to_owned(),
        [one] => format!("[{}]", quoted(one)),
        several => {
            let lines = several.iter().map(|value| format!("{:1$}{2},", "", indent + 2, quoted(value)));
            format!("[\n{}\n{:indent$}]", lines.collect::<Vec<_>>().join("\n"), "")
        }
    }
}

/// Writes a string of Terraform's language: `${` and `%{` would begin a template.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([character, character]),
            control if control.is_control() => out.extend(format!("\\u{:04x}", u32::from(control)).chars()),
            other => out.push(other),
        }
    }
    out + "\""
}

/// Makes a name of Terraform's language.
fn identifier(name: &str) -> String {
    let mut out: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect();
    if !out.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        out.insert(0, '_');
    }
    out
}
