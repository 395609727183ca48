//! The policies that the documentation asks people to paste: they allow reading, and nothing else.

use serde_json::Value;

/// All that the program does.
const READS: [&str; 3] = ["s3:ListBucket", "s3:GetObject", "kms:Decrypt"];

fn policies() -> Vec<Value> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/s3.md")).unwrap();
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| serde_json::from_str(block).unwrap()).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map_or_else(|| vec![value.as_str().unwrap()], |all| all.iter().filter_map(Value::as_str).collect())
}

#[test]
fn the_policies_in_the_documentation_only_read() {
    let policies = policies();
    assert_eq!(policies.len(), 4);
    let mut seen = Vec::new();
    for statement in policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap()) {
        assert_eq!(statement["Effect"], "Allow");
        for name in ["NotAction", "NotResource", "NotPrincipal"] {
            assert!(statement.get(name).is_none(), "{statement}");
        }
        for action in texts(&statement["Action"]) {
            assert!(READS.contains(&action), "{action}");
            seen.push(action);
            match action {
                "s3:ListBucket" => assert!(!statement["Resource"].as_str().unwrap().contains('/'), "{statement}"),
                "s3:GetObject" => assert!(statement["Resource"].as_str().unwrap().ends_with("/AWSLogs/*")),
                _ => assert!(statement["Condition"]["StringEquals"]["kms:ViaService"].is_string(), "{statement}"),
            }
        }
    }
    assert!(READS.iter().all(|action| seen.contains(action)), "{seen:?}");
}
