//! The reference architecture: its plan is the plan of its Terraform, as far as that can be told without the provider.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference-architecture")
}

fn json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

/// Every block at the margin of the `.tf` files: its words, and its lines.
fn blocks() -> BTreeMap<Vec<String>, Vec<String>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "tf"));
    files.sort();
    let mut blocks = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(head) = line.strip_suffix(" {").filter(|line| !line.starts_with([' ', '#'])) {
                let words = head.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect();
                blocks.insert(words, lines.by_ref().take_while(|line| *line != "}").map(str::to_owned).collect());
            }
        }
    }
    blocks
}

/// Returns what stands behind `name =` in a block.
fn value<'b>(block: &'b [String], name: &str) -> Option<&'b str> {
    block.iter().find_map(|line| line.trim().strip_prefix(name)?.trim_start().strip_prefix("= ")).map(str::trim)
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The constants and variables of `names.tf`, worked out by the values of the plan.
fn locals(plan: &Value) -> BTreeMap<String, String> {
    let variable = |path: &str| {
        let (name, field) = path.split_once('.').unwrap_or((path, ""));
        let value = &plan["variables"][name]["value"];
        let value = if field.is_empty() { value } else { &value[field] };
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for line in &blocks()[&vec!["locals".to_owned()]] {
        let Some((name, text)) = line.trim().split_once('=') else { continue };
        let text = text.trim();
        let worked_out = if let Some(rest) = text.strip_prefix("split(\":\", var.") {
            let (name, place) = rest.split_once(")[").unwrap();
            variable(name).split(':').nth(place.trim_end_matches(']').parse().unwrap()).unwrap().to_owned()
        } else {
            filled(text.trim_matches('"'), &known, &variable)
        };
        known.insert(name.trim().to_owned(), worked_out);
    }
    known
}

/// Fills in the `${…}` of a text.
fn filled(text: &str, locals: &BTreeMap<String, String>, variable: &dyn Fn(&str) -> String) -> String {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        filled += &match name.split_once('.').unwrap() {
            ("local", name) => locals[name].clone(),
            ("var", path) => variable(path),
            (other, _) => panic!("{other}"),
        };
        filled += rest;
    }
    filled
}

#[test]
fn the_plan_has_every_block_of_the_terraform_files_and_no_other() {
    let plan = json("plan.json");
    let mut in_files = BTreeSet::new();
    let mut in_providers = BTreeMap::new();
    for (words, block) in blocks() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["resource", kind, name] => {
                in_files.insert(format!("{kind}.{name}"));
                in_providers.insert(format!("{kind}.{name}"), value(&block, "provider").unwrap().to_owned());
            }
            ["data", kind, name] => {
                in_files.insert(format!("data.{kind}.{name}"));
            }
            _ => {}
        }
    }
    let addresses = |pointer: &str| -> BTreeSet<String> {
        list(&plan, pointer).iter().map(|resource| resource["address"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(addresses("/configuration/root_module/resources"), in_files);
    let managed: BTreeSet<String> = in_providers.keys().cloned().collect();
    assert_eq!(addresses("/planned_values/root_module/resources"), managed);
    assert_eq!(addresses("/resource_changes"), managed);
    for resource in list(&plan, "/configuration/root_module/resources") {
        if let Some(provider) = in_providers.get(resource["address"].as_str().unwrap()) {
            assert_eq!(resource["provider_config_key"], provider.as_str());
        }
    }
    let outputs: BTreeSet<&String> = plan["planned_values"]["outputs"].as_object().unwrap().keys().collect();
    let in_files: Vec<Vec<String>> = blocks().into_keys().filter(|words| words[0] == "output").collect();
    assert_eq!(outputs, in_files.iter().map(|words| &words[1]).collect());
}

#[test]
fn the_plan_was_made_with_the_example_values() {
    let plan = json("plan.json");
    let mut expected = json("example.tfvars.json");
    let expected = expected.as_object_mut().unwrap();
    expected.insert("environment".to_owned(), Value::from("prod"));
    let found: BTreeMap<&String, &Value> =
        plan["variables"].as_object().unwrap().iter().map(|(name, value)| (name, &value["value"])).collect();
    assert_eq!(found, expected.iter().collect());
    let declared: BTreeSet<String> =
        blocks().into_keys().filter(|words| words[0] == "variable").map(|words| words[1].clone()).collect();
    assert_eq!(declared, found.keys().map(|name| (*name).clone()).collect());
}

#[test]
fn the_plan_says_what_the_terraform_files_say() {
    let plan = json("plan.json");
    let locals = locals(&plan);
    let resources = list(&plan, "/planned_values/root_module/resources");
    let values = |address: &str| &resources.iter().find(|resource| resource["address"] == address).unwrap()["values"];
    for (address, name) in [("aws_iam_role.entry", "entry_role_name"), ("aws_iam_role.deploy", "deploy_role_name")] {
        let (kind, own) = address.split_once('.').unwrap();
        let block = &blocks()[&["resource", kind, own].map(str::to_owned).to_vec()];
        assert_eq!(value(block, "name"), Some(format!("local.{name}").as_str()));
        assert_eq!(values(address)["name"], locals[name]);
        assert_eq!(values(address)["path"], locals["path"]);
        assert_eq!(
            value(block, "max_session_duration"),
            Some(values(address)["max_session_duration"].to_string().as_str())
        );
    }
    assert_eq!(values("aws_iam_openid_connect_provider.github")["url"], format!("https://{}", locals["issuer"]));
    let variable = |path: &str| {
        let (name, field) = path.split_once('.').unwrap_or((path, ""));
        let value = &plan["variables"][name]["value"];
        let value = if field.is_empty() { value } else { &value[field] };
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    // Every text of a trust policy's block, worked out, stands in the planned policy.
    for (document, role) in [("entry_trust", "aws_iam_role.entry"), ("deploy_trust", "aws_iam_role.deploy")] {
        let block = &blocks()[&["data", "aws_iam_policy_document", document].map(str::to_owned).to_vec()];
        let policy = values(role)["assume_role_policy"].as_str().unwrap();
        let mut texts = 0;
        for line in block.iter().map(|line| line.trim()).filter(|line| !line.starts_with('#')) {
            for text in line.split('"').skip(1).step_by(2) {
                let text = filled(text, &locals, &variable);
                assert!(policy.contains(&text), "{document}: {text} is not in {policy}");
                texts += 1;
            }
            if let Some(local) = line.strip_prefix("identifiers = [local.") {
                assert!(policy.contains(&locals[local.trim_end_matches(']')]), "{document}: {local}");
                texts += 1;
            }
        }
        assert!(texts > 8, "{document}: {texts}");
    }
    let external_id = plan["variables"]["external_id"]["value"].as_str().unwrap();
    assert!(values("aws_iam_role.deploy")["assume_role_policy"].as_str().unwrap().contains(external_id));
    let goes_on = values("aws_iam_role_policy.entry")["policy"].as_str().unwrap();
    assert!(goes_on.contains(&locals["deploy_role_arn"]) && !goes_on.contains('*'), "{goes_on}");
}
