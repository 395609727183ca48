//! What must hold of every trust policy and every request, and of every suggestion in every made-up world.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rolechain::model::glob;
use rolechain::model::lineage::Lineage;
use rolechain::trust::Policy;
use rolechain::trust::Verdict;
use rolechain::trust::caller::AwsCaller;
use rolechain::trust::caller::Caller;
use rolechain::trust::observed;
use rolechain::trust::observed::Observed;
use rolechain::trust::replay;
use rolechain::trust::request::Request;
use rolechain::trust::snapshot::Snapshot;
use rolechain::trust::suggest;
use rolechain::trust::write;
use serde_json::Value;
use serde_json::json;

use crate::support::cases;
use crate::trust_keys::lineage;
use crate::world;

/// `StringLike` as its definition says it: slow, recursive, and plain to see.
fn fits(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => fits(rest, text) || (!text.is_empty() && fits(pattern, &text[1..])),
        (Some(('?', rest)), Some((_, tail))) => fits(rest, tail),
        (Some((own, rest)), Some((other, tail))) => own == other && fits(rest, tail),
        _ => false,
    }
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let principal = prop_oneof![
        Just(json!("*")),
        Just(json!({"AWS": "111111111111"})),
        Just(json!({"AWS": "arn:aws:iam::111111111111:role/a"})),
        Just(json!({"AWS": ["222222222222"]})),
        Just(json!({"Service": "ec2.amazonaws.com"})),
    ];
    let action = prop_oneof![Just("sts:AssumeRole"), Just("sts:*"), Just("sts:TagSession")];
    let operator = prop_oneof![
        Just("StringEquals"),
        Just("StringNotEquals"),
        Just("StringLikeIfExists"),
        Just("ForAllValues:StringEquals"),
        Just("Null"),
    ];
    let key = prop_oneof![Just("x:known"), Just("x:absent"), Just("x:unknown")];
    let value = prop_oneof![Just("a"), Just("b"), Just("*"), Just("true")];
    let condition = prop::option::of((operator, key, value));
    (principal, action, condition, any::<bool>()).prop_map(move |(principal, action, condition, is_not)| {
        let mut statement = json!({"Effect": effect, "Action": action});
        statement[if is_not && effect == "Deny" { "NotPrincipal" } else { "Principal" }] = principal;
        if let Some((operator, key, value)) = condition {
            statement["Condition"] = json!({operator: {key: value}});
        }
        statement
    })
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(prop_oneof![3 => statement("Allow"), 1 => statement("Deny")], 0..5)
}

fn request() -> Request {
    let caller = AwsCaller {
        account: Some("111111111111".to_owned()),
        arn: Some("arn:aws:iam::111111111111:role/a".to_owned()),
        ..AwsCaller::default()
    };
    let mut request = Request::new(vec!["sts:AssumeRole", "sts:TagSession"], Caller::Aws(caller));
    request.set("x:known", "a");
    request.absent("x:absent");
    request
}

fn judge(statements: &[Value]) -> Verdict {
    Policy::of_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap().judge(&request())
}

/// Any JSON, and much of it with the names of policies.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z:*?${}', /%]{0,12}".prop_map(Value::from),
        prop_oneof![Just("Allow"), Just("Deny"), Just("*"), Just("sts:*"), Just("%7B%22Statement%22:[]}")]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        let name = prop_oneof![
            Just("Statement"),
            Just("Effect"),
            Just("Principal"),
            Just("AWS"),
            Just("Action"),
            Just("Condition"),
            Just("StringLike"),
            Just("ForAllValues:ArnLike"),
            Just("RoleDetailList"),
            Just("AssumeRolePolicyDocument"),
            Just("Arn"),
            Just("planned_values"),
            Just("format_version"),
            Just("root_module"),
            Just("resources"),
            Just("x:known"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

/// Suggests a policy for each role, writes it, reads it back and replays it; says who would be denied.
fn denied_by_suggestions(lineage: &Lineage, in_force: Option<&Policy>) -> Vec<String> {
    let observed = observed::all(lineage);
    let roles: BTreeSet<&str> = observed.iter().map(|one| one.role_arn).collect();
    let mut denied = Vec::new();
    for role in roles {
        let uses: Vec<&Observed<'_>> = observed.iter().filter(|one| one.role_arn == role).collect();
        let suggestion = suggest::suggest(&uses, in_force);
        let written = write::json(&suggestion.policy, "aws");
        let policy = Policy::parse(&written).unwrap();
        let replay = replay::replay(&policy, &uses);
        let refused = replay.denied.iter().filter(|group| !suggestion.left_out.contains(&group.user));
        denied.extend(refused.map(|group| format!("{role}: {group:?}\n{written}")));
        // Whoever could be named comes in for certain when nothing was taken over from another policy.
        if in_force.is_none() {
            let unsure = replay.unknown.iter().filter(|group| !suggestion.left_out.contains(&group.user));
            denied.extend(unsure.map(|group| format!("{role} is unsure: {group:?}\n{written}")));
        }
    }
    denied
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn string_like_is_what_its_definition_says(pattern in "[ab*?é/:]{0,8}", text in "[abé/:]{0,8}") {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        prop_assert_eq!(glob::matches(&pattern, &text), fits(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn a_statement_that_allows_never_takes_away(before in statements(), more in statement("Allow")) {
        let after = judge(&[before.clone(), vec![more]].concat());
        match judge(&before) {
            Verdict::Allows => prop_assert_eq!(after, Verdict::Allows),
            Verdict::Unknown(_) => prop_assert!(!matches!(after, Verdict::Denies(_))),
            Verdict::Denies(refusal) if refusal.is_explicit => prop_assert!(matches!(after, Verdict::Denies(_))),
            Verdict::Denies(_) => {}
        }
    }

    #[test]
    fn a_statement_that_denies_never_lets_in(before in statements(), more in statement("Deny")) {
        let after = judge(&[before.clone(), vec![more]].concat());
        match judge(&before) {
            Verdict::Denies(_) => prop_assert!(matches!(after, Verdict::Denies(_))),
            Verdict::Unknown(_) => prop_assert!(after != Verdict::Allows),
            Verdict::Allows => {}
        }
    }

    #[test]
    fn the_order_of_statements_means_nothing(mut statements in statements()) {
        let name = |verdict: Verdict| match verdict {
            Verdict::Unknown(lacks) => format!("{lacks:?}"),
            other => other.name().to_owned(),
        };
        let forwards = name(judge(&statements));
        statements.reverse();
        prop_assert_eq!(forwards, name(judge(&statements)));
    }

    #[test]
    fn a_policy_that_is_written_and_read_is_the_same(statements in statements()) {
        let policy = Policy::of_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap();
        let is_modeled = policy.statements.iter().all(|statement| !statement.principals().is_empty());
        prop_assume!(is_modeled);
        prop_assert_eq!(Policy::parse(&write::json(&policy, "aws")).unwrap(), policy);
    }

    #[test]
    fn nothing_panics_on_any_json(value in any_json()) {
        let text = value.to_string();
        if let Ok(policy) = Policy::parse(&text) {
            let _ = policy.judge(&request());
            let _ = write::terraform(&policy, "aws", &text);
        }
        if let Ok(policy) = Policy::of_value(&value) {
            let _ = policy.judge(&request());
        }
        let _ = Snapshot::read("file.json", &text);
    }

    #[test]
    fn a_suggestion_denies_nothing_that_it_was_drawn_up_from(happenings in world::happenings()) {
        let lineage = lineage(&world::records(&happenings));
        let denied = denied_by_suggestions(&lineage, None);
        prop_assert!(denied.is_empty(), "{}", denied.join("\n"));
    }

    #[test]
    fn what_is_taken_over_denies_nothing_either(happenings in world::happenings(), in_force in statements()) {
        let lineage = lineage(&world::records(&happenings));
        let policy = Policy::of_value(&json!({"Version": "2012-10-17", "Statement": in_force})).unwrap();
        let denied = denied_by_suggestions(&lineage, Some(&policy));
        prop_assert!(denied.is_empty(), "{}", denied.join("\n"));
    }
}

#[test]
fn every_story_survives_its_own_suggestions() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-logs");
    let mut stories = 0;
    let mut assumptions = 0;
    for story in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let plan = rolechain::pipeline::Plan {
            sources: vec![story.to_string_lossy().into_owned()],
            ..rolechain::pipeline::Plan::default()
        };
        let outcome = rolechain::pipeline::run(&plan, &rolechain::pipeline::Silent).unwrap();
        assumptions += observed::all(&outcome.lineage).len();
        let denied = denied_by_suggestions(&outcome.lineage, None);
        assert!(denied.is_empty(), "{}: {}", story.display(), denied.join("\n"));
        stories += 1;
    }
    assert!(stories >= 16 && assumptions > 50, "{stories} stories, {assumptions} assumptions");
}
