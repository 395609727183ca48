//! Small made-up worlds of records that relate to each other, for properties that must hold in all of them.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

/// The accounts of every world.
const ACCOUNTS: [&str; 3] = ["111111111111", "222222222222", "333333333333"];

/// 2026-11-02T08:00:00Z.
const START: i64 = 1_793_606_400;

/// One thing that happens. Numbers are taken modulo the size of what they choose from, so that every value is one.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A token becomes a session.
    WebIdentity { role: u8, subject: u8, at: u16, key: u8 },
    /// A session, a user or a service assumes a role; which copies of the record are there.
    Assume { by: u8, role: u8, at: u16, key: u8, copies: u8, external_id: bool },
    /// A session or a user calls something; how the credentials look.
    Call { by: u8, at: u16, action: u8, shape: u8 },
    /// A session or a token is refused.
    Denied { by: u8, role: u8, at: u16 },
}

pub(crate) fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    // Few keys, so that they collide; few moments, so that sessions share seconds.
    let happening = prop_oneof![
        2 => (any::<u8>(), 0..3u8, 0..900u16, 0..6u8)
            .prop_map(|(role, subject, at, key)| Happening::WebIdentity { role, subject, at, key }),
        4 => (any::<u8>(), any::<u8>(), 0..900u16, 0..6u8, 0..4u8, any::<bool>()).prop_map(
            |(by, role, at, key, copies, external_id)| Happening::Assume { by, role, at, key, copies, external_id }
        ),
        5 => (any::<u8>(), 0..900u16, 0..5u8, 0..6u8)
            .prop_map(|(by, at, action, shape)| Happening::Call { by, at, action, shape }),
        1 => (any::<u8>(), any::<u8>(), 0..900u16).prop_map(|(by, role, at)| Happening::Denied { by, role, at }),
    ];
    prop::collection::vec(happening, 1..40)
}

/// A principal that can act.
#[derive(Clone)]
struct Actor {
    account: usize,
    principal_id: String,
    arn: String,
    key: String,
    role_arn: Option<String>,
    issued: i64,
}

/// Writes the records of a world.
pub(crate) fn records(happenings: &[Happening]) -> Vec<Value> {
    let mut actors = vec![Actor {
        account: 1,
        principal_id: "AIDA2EXAMPLE".to_owned(),
        arn: format!("arn:aws:iam::{}:user/ci", ACCOUNTS[1]),
        key: "AKIA2EXAMPLE".to_owned(),
        role_arn: None,
        issued: START,
    }];
    let mut records = Vec::new();
    for (number, happening) in happenings.iter().enumerate() {
        match happening {
            Happening::WebIdentity { role, subject, at, key } => {
                let actor = session(usize::from(*role), usize::from(*key), START + i64::from(*at));
                records.push(web_identity(number, &actor, *subject));
                actors.push(actor);
            }
            Happening::Assume { by, role, at, key, copies, external_id } => {
                let parent = actors[usize::from(*by) % actors.len()].clone();
                let actor =
                    session(usize::from(*role), usize::from(*key), parent.issued.max(START) + i64::from(*at % 300));
                records.extend(assume(number, &parent, &actor, *copies, *external_id));
                actors.push(actor);
            }
            Happening::Call { by, at, action, shape } => {
                let actor = &actors[usize::from(*by) % actors.len()];
                records.push(call(number, actor, actor.issued + i64::from(*at % 600), *action, *shape));
            }
            Happening::Denied { by, role, at } => {
                let actor = &actors[usize::from(*by) % actors.len()];
                records.push(denied(number, actor, usize::from(*role), START + i64::from(*at)));
            }
        }
    }
    records
}

fn session(role: usize, key: usize, issued: i64) -> Actor {
    let account = role % ACCOUNTS.len();
    let name = ["gha-entry", "ci-deploy-role", "reader"][role / 3 % 3];
    // Two session names, so that principal ids are shared.
    let session = ["GitHubActions", "worker"][role / 9 % 2];
    Actor {
        account,
        principal_id: format!("AROA{account}{name}:{session}"),
        arn: format!("arn:aws:sts::{}:assumed-role/{name}/{session}", ACCOUNTS[account]),
        key: format!("ASIA{key}EXAMPLE"),
        role_arn: Some(format!("arn:aws:iam::{}:role/ci/{name}", ACCOUNTS[account])),
        issued,
    }
}

fn time(seconds: i64) -> String {
    rolechain::model::time::Timestamp(seconds).to_string()
}

fn id(number: usize, copy: usize) -> String {
    format!("00000000-0000-4000-8000-{copy:04}{number:08}")
}

fn identity(actor: &Actor) -> Value {
    match &actor.role_arn {
        None => json!({"type": "IAMUser", "principalId": actor.principal_id, "arn": actor.arn,
            "accountId": ACCOUNTS[actor.account], "accessKeyId": actor.key, "userName": "ci"}),
        Some(role) => json!({"type": "AssumedRole", "principalId": actor.principal_id, "arn": actor.arn,
            "accountId": ACCOUNTS[actor.account], "accessKeyId": actor.key,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role},
                "attributes": {"creationDate": time(actor.issued), "mfaAuthenticated": "false"}}}),
    }
}

fn issued(actor: &Actor) -> Value {
    json!({"credentials": {"accessKeyId": actor.key, "sessionToken": "IQoJb3JpZ2luX2Vj", "expiration": time(actor.issued + 3_600)},
        "assumedRoleUser": {"assumedRoleId": actor.principal_id, "arn": actor.arn}})
}

fn base(name: &str, source: &str, number: usize, copy: usize, at: i64, account: usize) -> Value {
    json!({"eventVersion": "1.08", "eventTime": time(at), "eventSource": source, "eventName": name,
        "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli/2",
        "eventID": id(number, copy), "readOnly": true, "recipientAccountId": ACCOUNTS[account]})
}

fn with(mut record: Value, fields: Value) -> Value {
    if let (Value::Object(record), Value::Object(fields)) = (&mut record, fields) {
        record.extend(fields);
    }
    record
}

fn web_identity(number: usize, actor: &Actor, subject: u8) -> Value {
    let subject = [
        "repo:acme/orders:environment:prod",
        "repo:acme@1/orders@2:ref:refs/heads/main",
        "repo:evil/orders:pull_request",
    ][usize::from(subject) % 3];
    let provider =
        format!("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com", ACCOUNTS[actor.account]);
    let mut response = issued(actor);
    response["subjectFromWebIdentityToken"] = json!(subject);
    response["audience"] = json!("sts.amazonaws.com");
    response["provider"] = json!(provider);
    let record = base("AssumeRoleWithWebIdentity", "sts.amazonaws.com", number, 0, actor.issued, actor.account);
    with(
        record,
        json!({"userIdentity": {"type": "WebIdentityUser", "principalId": format!("{provider}:sts.amazonaws.com:{subject}"),
                "userName": subject, "identityProvider": provider},
            "requestParameters": {"roleArn": actor.role_arn, "roleSessionName": "GitHubActions"},
            "responseElements": response}),
    )
}

fn assume(number: usize, parent: &Actor, actor: &Actor, copies: u8, external_id: bool) -> Vec<Value> {
    let mut request = json!({"roleArn": actor.role_arn, "roleSessionName": "x"});
    if external_id {
        request["externalId"] = json!("acme-7c1e");
    }
    let common = json!({"requestParameters": request, "responseElements": issued(actor),
        "requestID": id(number, 9), "sharedEventID": id(number, 8)});
    let record = |copy: usize, account: usize, caller: Value| {
        let record = base("AssumeRole", "sts.amazonaws.com", number, copy, actor.issued, account);
        with(with(record, common.clone()), json!({"userIdentity": caller}))
    };
    let service = json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"});
    let seen_from_target =
        json!({"type": "AWSAccount", "principalId": parent.principal_id, "accountId": ACCOUNTS[parent.account]});
    let callers = || record(0, parent.account, identity(parent));
    let targets = || record(1, actor.account, seen_from_target.clone());
    match copies {
        0 if parent.account != actor.account => vec![callers(), targets()],
        1 if parent.account != actor.account => vec![targets()],
        2 => vec![record(0, actor.account, service)],
        _ => vec![callers()],
    }
}

fn call(number: usize, actor: &Actor, at: i64, action: u8, shape: u8) -> Value {
    let (name, source, read_only) = [
        ("DescribeInstances", "ec2.amazonaws.com", true),
        ("UpdateService", "ecs.amazonaws.com", false),
        ("PutObject", "s3.amazonaws.com", false),
        ("GetCallerIdentity", "sts.amazonaws.com", true),
        ("CreateAccessKey", "iam.amazonaws.com", false),
    ][usize::from(action) % 5];
    let mut caller = identity(actor);
    let mut record = base(name, source, number, 0, at, actor.account);
    match shape {
        // A service calls in the session's name, with a key of its own, or with none.
        1 => {
            caller["accessKeyId"] = json!("ASIAfas");
            caller["invokedBy"] = json!("AWS Internal");
        }
        2 => {
            caller["invokedBy"] = json!("rds.amazonaws.com");
            if let Value::Object(fields) = &mut caller {
                fields.remove("accessKeyId");
            }
        }
        // The console made a key for this request.
        3 if actor.role_arn.is_some() => {
            caller["accessKeyId"] = json!(format!("ASIAconsole{number}"));
            record["sessionCredentialFromConsole"] = json!("true");
        }
        4 => record["errorCode"] = json!("AccessDenied"),
        _ => {}
    }
    with(record, json!({"userIdentity": caller, "readOnly": read_only}))
}

fn denied(number: usize, actor: &Actor, role: usize, at: i64) -> Value {
    let target = session(role, 0, at);
    let message = format!(
        "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
        actor.arn,
        target.role_arn.unwrap_or_default()
    );
    let record = base("AssumeRole", "sts.amazonaws.com", number, 0, at, actor.account);
    with(
        record,
        json!({"userIdentity": identity(actor), "errorCode": "AccessDenied", "errorMessage": message,
            "requestParameters": null, "responseElements": null}),
    )
}
