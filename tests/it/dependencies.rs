//! What `deny.toml` says of licenses and sources holds, also where cargo-deny is not installed.

use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Whether a way of reading an SPDX expression has allowed licenses only.
fn may_ship(expression: &str, allowed: &[&str]) -> bool {
    if let Some(close) = expression.find(')') {
        let open = expression[..close].rfind('(').unwrap();
        let inner = if may_ship(&expression[open + 1..close], allowed) { allowed[0] } else { "none" };
        return may_ship(&format!("{}{inner}{}", &expression[..open], &expression[close + 1..]), allowed);
    }
    let mut ways = expression.split(" OR ").flat_map(|way| way.split('/'));
    ways.any(|way| way.split(" AND ").all(|license| allowed.contains(&license.trim())))
}

fn strings(list: &toml::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
    for expression in
        ["MIT", "MIT/GPL-3.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "GPL-3.0 OR Apache-2.0 WITH LLVM-exception"]
    {
        assert!(may_ship(expression, &allowed), "{expression}");
    }
    for expression in ["", "GPL-3.0", "(MIT OR Unicode-3.0) AND GPL-3.0", "Apache-2.0", "MIT AND GPL-3.0 OR GPL-2.0"] {
        assert!(!may_ship(expression, &allowed), "{expression}");
    }
}

#[test]
fn every_dependency_may_be_shipped_and_comes_from_the_registry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let deny: toml::Value = toml::from_str(&fs::read_to_string(root.join("deny.toml")).unwrap()).unwrap();
    let licenses = &deny["licenses"];
    let registries = strings(&deny["sources"]["allow-registry"]);

    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(100 < packages.len());
    for package in packages {
        let exceptions = licenses["exceptions"].as_array().unwrap().iter();
        let excepted = exceptions.filter(|exception| exception["crate"].as_str() == package["name"].as_str());
        let allowed: Vec<&str> =
            iter::once(licenses).chain(excepted).flat_map(|list| strings(&list["allow"])).collect();
        let license = package["license"].as_str().unwrap_or_default();
        assert!(may_ship(license, &allowed), "{} {}: {license:?}", package["name"], package["version"]);
        let known =
            |source: &str| source.strip_prefix("registry+").is_some_and(|registry| registries.contains(&registry));
        assert!(package["source"].as_str().is_none_or(known), "{}: {}", package["name"], package["source"]);
    }
}
