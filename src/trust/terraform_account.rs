//! Terraform: the account in which a resource is made, as far as the configuration of its provider says.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use crate::model::arn;

/// The account that a provider works in, and the provider's name: `prod` of `aws.prod`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) partition: String,
    pub(super) alias: Option<String>,
}

/// What the configuration of a plan says of its resources, by their addresses without indexes.
#[derive(Debug, Default)]
pub(super) struct Places {
    by_address: BTreeMap<String, Place>,
    /// The address of the role that each policy refers to.
    roles: BTreeMap<String, String>,
}

impl Places {
    /// Reads the configuration of a plan. A state has none.
    pub(super) fn read(document: &Value) -> Self {
        let configuration = document.get("configuration").unwrap_or(&Value::Null);
        let providers = configuration.get("provider_config").and_then(Value::as_object);
        let variables = document.get("variables").unwrap_or(&Value::Null);
        let mut known: BTreeMap<&str, Option<Place>> = providers
            .into_iter()
            .flatten()
            .filter_map(|(key, provider)| Some((key.as_str(), Some(place(provider, variables)?))))
            .collect();
        let mut keys: BTreeMap<String, &str> = BTreeMap::new();
        let mut places = Self::default();
        let mut modules: Vec<(String, &Value)> =
            configuration.get("root_module").map(|root| (String::new(), root)).into_iter().collect();
        while let Some((prefix, module)) = modules.pop() {
            let calls = module.get("module_calls").and_then(Value::as_object);
            let inner = calls
                .into_iter()
                .flatten()
                .filter_map(|(name, call)| Some((format!("{prefix}module.{name}."), call.get("module")?)));
            modules.extend(inner);
            for resource in module.get("resources").and_then(Value::as_array).into_iter().flatten() {
                let field = |name: &str| resource.get(name).and_then(Value::as_str);
                let Some(address) = field("address").map(|address| format!("{prefix}{address}")) else { continue };
                let role = resource.pointer("/expressions/role/references").and_then(Value::as_array);
                let mut role = role.into_iter().flatten().filter_map(Value::as_str);
                // `aws_iam_role.entry.name` stands before `aws_iam_role.entry`.
                let role = role
                    .find(|reference| reference.starts_with("aws_iam_role.") && reference.matches('.').count() == 1);
                places.roles.extend(role.map(|role| (address.clone(), format!("{prefix}{}", without_indexes(role)))));
                keys.extend(field("provider_config_key").map(|key| (address, key)));
            }
        }
        let aliases = |key: &str| providers?.get(key)?.get("alias")?.as_str().map(str::to_owned);
        // What was there before the plan tells the account of its provider, where the configuration does not.
        let mut seen: BTreeMap<&str, Option<Place>> = BTreeMap::new();
        let before = document.pointer("/prior_state/values");
        for resource in before.into_iter().flat_map(resources) {
            let address = resource.get("address").and_then(Value::as_str).map(without_indexes);
            let Some(key) = address.and_then(|address| keys.get(&address).copied()) else { continue };
            let Some((account, partition)) = account_of(resource) else { continue };
            let place = Place { account, partition, alias: aliases(key) };
            let known = seen.entry(key).or_insert_with(|| Some(place.clone()));
            if *known != Some(place) {
                *known = None;
            }
        }
        for (key, place) in seen {
            known.entry(key).or_insert(place);
        }
        let of_key = |(address, key): (String, &str)| Some((address, known.get(key)?.clone()?));
        places.by_address = keys.into_iter().filter_map(of_key).collect();
        places
    }

    /// Returns the address of the role that a policy refers to, without its index.
    pub(super) fn role_of(&self, address: &str) -> Option<String> {
        self.roles.get(&without_indexes(address)).cloned()
    }

    /// Returns where a resource is made. Addresses of values carry the index of `count` and `for_each`, those of the
    /// configuration do not.
    pub(super) fn of(&self, address: &str) -> Option<&Place> {
        self.by_address.get(&without_indexes(address))
    }

    /// Returns the accounts, each with the name of its provider; without those that two providers name differently.
    pub(super) fn accounts(&self) -> BTreeMap<String, String> {
        let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
        for place in self.by_address.values() {
            let name = names.entry(place.account.clone()).or_insert_with(|| place.alias.clone());
            if *name != place.alias {
                *name = None;
            }
        }
        names.into_iter().map(|(account, name)| (account, name.unwrap_or_default())).collect()
    }
}

/// Returns the resources of a state or of planned values. Modules hold modules, as deep as somebody liked: a list of what is
/// to do, and no recursion.
pub(super) fn resources(values: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    let mut modules: Vec<&Value> = values.get("root_module").into_iter().collect();
    while let Some(module) = modules.pop() {
        let list = |field: &str| module.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        modules.extend(list("child_modules"));
        all.extend(list("resources"));
    }
    all
}

/// Returns account and partition of the provider that read or made a resource.
fn account_of(resource: &Value) -> Option<(String, String)> {
    let values = resource.get("values")?;
    let text = |name: &str| values.get(name).and_then(Value::as_str);
    let arn = text("arn")?;
    let field = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
    // Other things may be another account's, such as a network that is shared.
    let account = match (field("mode"), field("type")) {
        ("data", "aws_caller_identity") => text("account_id"),
        ("managed", kind) if kind.starts_with("aws_iam_") => arn::account(arn),
        _ => None,
    };
    let account = account.filter(|account| arn::is_account_id(account))?;
    Some((account.to_owned(), arn::partition(arn)?.to_owned()))
}

fn place(provider: &Value, variables: &Value) -> Option<Place> {
    let expressions = provider.get("expressions")?;
    let alias = provider.get("alias").and_then(Value::as_str).map(str::to_owned);
    let roles = expressions.get("assume_role").and_then(Value::as_array);
    let role =
        roles.into_iter().flatten().filter_map(|role| known(role.get("role_arn")?, variables)).find_map(|role| {
            let role = role.as_str()?;
            Some((arn::account(role)?.to_owned(), arn::partition(role)?.to_owned()))
        });
    let allowed = || {
        let allowed = known(expressions.get("allowed_account_ids")?, variables)?;
        match allowed.as_array().map(Vec::as_slice) {
            Some([only]) => Some((only.as_str()?.to_owned(), "aws".to_owned())),
            _ => None,
        }
    };
    let (account, partition) = role.or_else(allowed).filter(|(account, _)| arn::is_account_id(account))?;
    Some(Place { account, partition, alias })
}

/// Returns the value of an expression: a constant, or a variable.
fn known<'v>(expression: &'v Value, variables: &'v Value) -> Option<&'v Value> {
    let variable = || {
        let mut references = expression.get("references")?.as_array()?.iter().filter_map(Value::as_str);
        let name = references.find_map(|reference| reference.strip_prefix("var."))?;
        variables.as_object().and_then(|all: &Map<String, Value>| all.get(name))?.get("value")
    };
    expression.get("constant_value").or_else(variable)
}

/// Returns an address without the indexes of `count` and `for_each`.
pub(super) fn without_indexes(address: &str) -> String {
    let mut plain = String::with_capacity(address.len());
    let mut rest = address;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        // A key may hold brackets itself, inside its quotes.
        rest = match after.strip_prefix('"') {
            Some(key) => key.split_once("\"]").map_or("", |(_, rest)| rest),
            None => after.split_once(']').map_or("", |(_, rest)| rest),
        };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::without_indexes;

    #[test]
    fn indexes_are_taken_out_of_addresses() {
        for (address, plain) in [
            ("aws_iam_role.entry", "aws_iam_role.entry"),
            ("aws_iam_role.entry[0]", "aws_iam_role.entry"),
            ("module.a[\"x[1]\"].aws_iam_role.entry[\"y.z\"]", "module.a.aws_iam_role.entry"),
            ("aws_iam_role.entry[", "aws_iam_role.entry"),
        ] {
            assert_eq!(without_indexes(address), plain);
        }
    }
}
