//! Identities and issuances as AWS writes them: who stood at the origin, and what is one session.

use rolechain::model::chain::GapKind;
use rolechain::model::chain::LinkKind;
use rolechain::model::lineage::Lineage;
use rolechain::model::lineage::SessionView;
use rolechain::model::origin::OriginKind;
use rolechain::provider::ci_run;
use serde_json::Value;
use serde_json::json;

use crate::growth::PROD;
use crate::growth::TOOLING;
use crate::growth::assume;
use crate::growth::issued;
use crate::growth::lineage;
use crate::growth::record;
use crate::growth::session;
use crate::growth::time;
use crate::growth::user;
use crate::growth::web;

/// What a user's session looks like: with this key, if any, and this service in front of it, if any.
fn of_user(key: Option<&str>, service: Option<&str>, created: usize) -> Value {
    let mut who = user("alice", 7);
    let map = who.as_object_mut().unwrap();
    map.remove("accessKeyId");
    map.extend(key.map(|key| ("accessKeyId".to_owned(), json!(key))));
    map.extend(service.map(|service| ("invokedBy".to_owned(), json!(service))));
    map.insert("sessionContext".to_owned(), json!({ "attributes": { "creationDate": time(created) } }));
    who
}

fn write(who: &Value, second: usize, more: Value) -> Value {
    let mut call = record(who, second, "ec2.amazonaws.com", "CreateVpc", TOOLING, Value::Null);
    if let Value::Object(more) = more {
        call.as_object_mut().unwrap().extend(more);
    }
    call
}

/// The call by which a long-term key of the same user is seen.
fn by_key(second: usize) -> Value {
    record(&user("alice", 7), second, "cloudformation.amazonaws.com", "CreateStack", TOOLING, Value::Null)
}

fn sign_in(second: usize) -> Value {
    let mut who = user("alice", 7);
    who.as_object_mut().unwrap().remove("accessKeyId");
    record(&who, second, "signin.amazonaws.com", "ConsoleLogin", TOOLING, Value::Null)
}

/// Returns the kind of the only session.
fn kind(records: &[Value]) -> OriginKind {
    let lineage = lineage(records);
    assert_eq!(lineage.sessions.len(), 1, "{records:#?}");
    lineage.sessions().next().unwrap().origin().kind
}

#[test]
fn a_users_session_is_of_the_console_only_with_proof() {
    let key = Some("ASIA0000000000000001");
    let plain = || write(&of_user(key, None, 0), 10, Value::Null);
    assert_eq!(kind(&[plain()]), OriginKind::SessionToken);
    let proofs = [
        json!({ "sessionCredentialFromConsole": "true" }),
        json!({ "userAgent": "Mozilla/5.0 (X11; Linux x86_64)" }),
        json!({ "userAgent": "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488]" }),
        json!({ "userAgent": "aws-cli/2.15.0 exec-env/CloudShell" }),
        json!({ "sourceIPAddress": "AWS Internal" }),
    ];
    for proof in proofs {
        assert_eq!(kind(&[write(&of_user(key, None, 0), 10, proof.clone())]), OriginKind::Console, "{proof}");
        // One record of the group is enough: some of the console lack the flag.
        let other = write(&of_user(Some("ASIA0000000000000002"), None, 0), 20, proof.clone());
        assert_eq!(kind(&[plain(), other]), OriginKind::Console, "{proof}");
    }
    assert_eq!(kind(&[plain(), sign_in(0)]), OriginKind::Console, "a sign-in of that moment");
    assert_eq!(kind(&[write(&of_user(key, None, 600), 610, Value::Null), sign_in(0)]), OriginKind::Unknown);
    assert_eq!(kind(&[write(&of_user(key, None, 50_000), 50_010, Value::Null), sign_in(0)]), OriginKind::SessionToken);
    assert_eq!(kind(&[write(&of_user(None, None, 0), 10, Value::Null)]), OriginKind::Unknown);
    // Without a time of creation it is no session token: a service acts that does not say so.
    let mut bare = of_user(key, None, 0);
    bare.as_object_mut().unwrap().remove("sessionContext");
    assert_eq!(kind(&[write(&bare, 10, Value::Null)]), OriginKind::ForwardAccess);
    // A token whose holder uses services is a token.
    let through = write(&of_user(Some("ASIA0000000000000003"), Some("athena.amazonaws.com"), 0), 20, Value::Null);
    assert_eq!(kind(&[plain(), through]), OriginKind::SessionToken);
}

#[test]
fn what_a_service_does_in_a_users_name_counts_for_the_one_key_that_fits() {
    for key in [Some("ASIA0000000000000001"), None] {
        let done = |second| write(&of_user(key, Some("cloudformation.amazonaws.com"), 100), second, Value::Null);
        let lineage = lineage(&[by_key(100), done(105), done(106)]);
        let session = lineage.sessions().next().unwrap();
        assert_eq!((lineage.sessions.len(), session.origin().kind), (1, OriginKind::ForwardAccess));
        assert_eq!(session.origin().service.as_deref(), Some("cloudformation.amazonaws.com"));
        let keys: Vec<u64> = lineage.long_term_keys.iter().map(|key| key.activity.writes).collect();
        assert_eq!((keys, session.gaps().len()), (vec![3], 0));
    }
}

#[test]
fn where_no_key_or_more_than_one_fits_behind_a_service_the_gap_names_them() {
    let done = || write(&of_user(None, Some("cloudformation.amazonaws.com"), 100), 105, Value::Null);
    let second_key = || {
        let mut who = user("alice", 7);
        who["accessKeyId"] = json!("AKIA000000000000SECOND");
        record(&who, 100, "ec2.amazonaws.com", "RunInstances", TOOLING, Value::Null)
    };
    let first = user("alice", 7)["accessKeyId"].as_str().unwrap().to_owned();
    let worlds = [
        (vec![done()], Vec::new()),
        (vec![by_key(100), second_key(), done()], vec![first.clone(), "AKIA000000000000SECOND".to_owned()]),
        (vec![by_key(90_000), done()], vec![first.clone()]),
    ];
    for (records, named) in worlds {
        let lineage = lineage(&records);
        let session = lineage.sessions().next().unwrap();
        let gaps = session.gaps();
        assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::IssuanceNotLogged]);
        for key in &named {
            assert!(gaps[0].message.contains(key), "{key} is not in {}", gaps[0].message);
        }
        assert_eq!(session.origin().access_key_id, None);
        assert!(lineage.long_term_keys.iter().all(|key| key.activity.writes <= 1));
    }
}

fn of_service(service: &str, name: &str, key: usize, more: &Value) -> Value {
    let mut issued = issued(PROD, "worker", name, key, 9, 10);
    issued["requestParameters"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record(&json!({ "type": "AWSService", "invokedBy": service }), 10, "sts.amazonaws.com", "AssumeRole", PROD, issued)
}

fn used(name: &str, key: usize) -> Value {
    let mut who = session("worker", name, key, 9, 10);
    who["accountId"] = json!(PROD);
    record(&who, 20, "s3.amazonaws.com", "PutObject", PROD, Value::Null)
}

fn the_only(lineage: &Lineage) -> SessionView<'_> {
    let mut sessions = lineage.sessions();
    let only = sessions.next().unwrap();
    assert!(sessions.next().is_none(), "{:#?}", lineage.sessions);
    only
}

#[test]
fn a_pod_is_one_session_whose_subject_is_its_service_account() {
    let tags = ["eks-cluster-name", "kubernetes-namespace", "kubernetes-service-account"];
    let tags: Vec<Value> =
        tags.iter().zip(["shop", "billing", "invoice"]).map(|(k, v)| json!({ "key": k, "value": v })).collect();
    let asked = record(
        &session("node", "i-0f3a91c27d64be580", 1, 1, 0),
        10,
        "eks-auth.amazonaws.com",
        "AssumeRoleForPodIdentity",
        PROD,
        json!({ "requestParameters": { "clusterName": "shop" }, "responseElements": null }),
    );
    let pod = of_service("pods.eks.amazonaws.com", "eks-shop-invoice-1", 5, &json!({ "tags": tags }));
    let lineage = lineage(&[asked, pod, used("eks-shop-invoice-1", 5)]);
    let worker: Vec<SessionView<'_>> =
        lineage.sessions().filter(|session| session.role_arn().is_some_and(|role| role.contains("worker"))).collect();
    assert_eq!((worker.len(), lineage.sessions.len()), (1, 2), "the node's session, and the pod's");
    let origin = worker[0].origin();
    assert_eq!((origin.kind, origin.subject.as_deref()), (OriginKind::PodIdentity, Some("shop/billing/invoice")));
}

#[test]
fn a_certificate_is_one_session_whichever_records_are_here() {
    let key = format!("ASIA{:016}", 5);
    let set = json!([{
        "assumedRoleUser": { "arn": format!("arn:aws:sts::{PROD}:assumed-role/worker/3f09"), "assumedRoleId": format!("AROA{:017}:3f09", 9) },
        "credentials": { "accessKeyId": key, "expiration": time(3_610) }, "sourceIdentity": "CN=backup01",
    }]);
    let own = record(
        &json!({ "type": "Unknown", "principalId": "", "accountId": PROD }),
        10,
        "rolesanywhere.amazonaws.com",
        "CreateSession",
        PROD,
        json!({
            "requestParameters": { "roleArn": format!("arn:aws:iam::{PROD}:role/ci/worker"), "durationSeconds": 3600 },
            "responseElements": { "credentialSet": set },
        }),
    );
    let sts = of_service("rolesanywhere.amazonaws.com", "3f09", 5, &json!({ "sourceIdentity": "CN=backup01" }));
    for issuing in [vec![own.clone(), sts.clone()], vec![sts.clone(), own.clone()], vec![own], vec![sts]] {
        let records: Vec<Value> = issuing.into_iter().chain([used("3f09", 5)]).collect();
        let lineage = lineage(&records);
        let session = the_only(&lineage);
        let origin = session.origin();
        assert_eq!((origin.kind, origin.subject.as_deref()), (OriginKind::RolesAnywhere, Some("CN=backup01")));
        assert_eq!(session.session.expires.map(|expires| expires.to_string()), Some(time(3_610)));
        assert_eq!((session.activity().writes, session.gaps().len()), (1, 0));
    }
}

#[test]
fn later_records_tell_token_person_and_delegate() {
    let base = || session("worker", "s", 5, 9, 10);
    let with = |name: &str, value: Value| {
        let mut who = base();
        who[name] = value;
        who
    };
    let mut cognito = base();
    cognito["sessionContext"]["webIdFederationData"] = json!({
        "federatedProvider": "cognito-identity.amazonaws.com",
        "attributes": { "cognito-identity.amazonaws.com:amr": "[]", "cognito-identity.amazonaws.com:aud": "pool", "cognito-identity.amazonaws.com:sub": "person" },
    });
    let worlds = [
        (cognito, OriginKind::Oidc, Some("person"), Some("pool"), Some(TOOLING)),
        (
            with("onBehalfOf", json!({ "userId": "b1c2" })),
            OriginKind::IdentityCenter,
            Some("b1c2"),
            None,
            Some(TOOLING),
        ),
        (
            with("invokedByDelegate", json!({ "accountId": "640000000041" })),
            OriginKind::ExternalAccount,
            None,
            None,
            Some("640000000041"),
        ),
        (base(), OriginKind::Unknown, None, None, Some(TOOLING)),
    ];
    for (who, kind, subject, audience, account) in worlds {
        let lineage = lineage(&[record(&who, 20, "s3.amazonaws.com", "PutObject", TOOLING, Value::Null)]);
        let origin = the_only(&lineage).origin();
        assert_eq!((origin.kind, origin.subject.as_deref()), (kind, subject), "{who}");
        assert_eq!((origin.audience.as_deref(), origin.account_id.as_deref()), (audience, account), "{who}");
    }
}

#[test]
fn a_root_task_is_done_in_the_account_that_it_names() {
    for target in [PROD.to_owned(), format!("arn:aws:iam::{PROD}:root")] {
        let who = session("root-tasks", "nadia", 1, 1, 0);
        let asked = json!({
            "requestParameters": { "targetPrincipal": target },
            "responseElements": { "credentials": { "accessKeyId": "ASIA0000000000000005", "expiration": time(910) } },
        });
        let lineage = lineage(&[record(&who, 10, "sts.amazonaws.com", "AssumeRoot", TOOLING, asked)]);
        let task = lineage.sessions().find(|session| session.issuing_record().is_some()).unwrap();
        assert_eq!((task.account(), task.crosses_accounts()), (Some(PROD), Some(true)), "{target}");
    }
}

#[test]
fn a_token_of_aws_links_two_partitions() {
    let first = web("gha", "GitHubActions", 1, 1, 0);
    let token = |id: &str| {
        record(
            &session("gha", "GitHubActions", 1, 1, 0),
            5,
            "sts.amazonaws.com",
            "GetWebIdentityToken",
            TOOLING,
            json!({ "responseElements": { "webIdentityTokenId": id } }),
        )
    };
    let entered = |id: &str| {
        let mut issued = issued(PROD, "gov-deploy", "GitHubActions", 2, 2, 8);
        issued["requestParameters"]["webIdentityTokenId"] = json!(id);
        let who = json!({ "type": "WebIdentityUser", "userName": format!("arn:aws:iam::{TOOLING}:role/ci/gha") });
        record(&who, 8, "sts.amazonaws.com", "AssumeRoleWithWebIdentity", PROD, issued)
    };
    let gov = |lineage: &Lineage| {
        let session = lineage.sessions().find(|session| session.account() == Some(PROD)).unwrap();
        (
            session.session.link.kind,
            session.parent().is_some(),
            session.origin().subject.clone(),
            session.crosses_accounts(),
        )
    };
    let linked = lineage(&[first.clone(), token("t1"), entered("t1")]);
    let subject = "repo:acme/orders:ref:refs/heads/main".to_owned();
    assert_eq!(gov(&linked), (LinkKind::Exact, true, Some(subject), Some(true)));
    assert_eq!(linked.chains.len(), 1);
    let unlinked = lineage(&[first, token("t2"), entered("t1")]);
    assert!(!gov(&unlinked).1);
}

#[test]
fn inherited_tags_name_the_run() {
    let mut issued = issued(PROD, "deploy", "d", 2, 2, 5);
    issued["requestParameters"]["incomingTransitiveTags"] = json!({ "Repository": "acme/orders", "RunId": "19999" });
    let afar = json!({ "type": "AWSAccount", "principalId": format!("AROA{:017}:x", 1), "accountId": TOOLING });
    let lineage = lineage(&[record(&afar, 5, "sts.amazonaws.com", "AssumeRole", PROD, issued)]);
    assert_eq!(ci_run::of_session(the_only(&lineage)).map(|run| run.run_id), Some("19999".to_owned()));
}

#[test]
fn a_source_identity_is_handed_down_to_every_later_session() {
    let with = |mut who: Value, identity: Option<&str>| {
        if let Some(identity) = identity {
            who["sessionContext"]["sourceIdentity"] = json!(identity);
        }
        who
    };
    for (set, inherits, expected) in
        [(Some("alice"), Some("alice"), Some("alice")), (Some("alice"), None, None), (None, None, None)]
    {
        let mut first = issued(TOOLING, "entry", "e", 2, 2, 5);
        if let Some(set) = set {
            first["requestParameters"]["sourceIdentity"] = json!(set);
        }
        let entry = with(session("entry", "e", 2, 2, 5), inherits);
        let second = issued(TOOLING, "middle", "m", 3, 3, 10);
        let third = issued(TOOLING, "deploy", "d", 4, 4, 15);
        let middle = with(session("middle", "m", 3, 3, 10), inherits);
        // The last session makes no call: only who called for it says what it inherits.
        let records = [assume(&user("alice", 7), 5, first), assume(&entry, 10, second), assume(&middle, 15, third)];
        let lineage = lineage(&records);
        let said: Vec<_> =
            lineage.sessions().map(|session| lineage.opt(session.session.sums.source_identity)).collect();
        assert_eq!(said, [inherits, expected, expected], "{set:?} {inherits:?}");
        let report = rolechain::report::Report {
            lineage: &lineage,
            findings: &[],
            run: &rolechain::report::RunInfo::default(),
            account_names: &std::collections::BTreeMap::new(),
            integrity: None,
            ci: None,
        };
        let mut bytes = Vec::new();
        let options = rolechain::report::Options::default();
        rolechain::report::render(rolechain::report::Format::Json, &report, &options, &mut bytes).unwrap();
        let report: Value = serde_json::from_slice(&bytes).unwrap();
        let hops = report["chains"][0]["hops"].as_array().unwrap();
        let named: Vec<_> = hops.iter().map(|hop| hop["source_identity"].as_str()).collect();
        assert_eq!(named, [set, expected, expected], "{set:?} {inherits:?}");
    }
}

#[test]
fn a_key_that_takes_a_session_token_first_is_still_the_key() {
    let token = json!({ "responseElements": { "credentials": { "accessKeyId": "ASIA0000000000000077", "expiration": time(3_600) } } });
    let asked = record(&user("alice", 7), 0, "sts.amazonaws.com", "GetSessionToken", TOOLING, token);
    let became = assume(&of_user(Some("ASIA0000000000000077"), None, 0), 5, issued(TOOLING, "deploy", "d", 2, 2, 5));
    let lineage = lineage(&[asked, became]);
    let deploy = lineage.sessions().find(|session| session.role_arn().is_some()).unwrap();
    assert_eq!(
        (deploy.origin().kind, deploy.origin().access_key_id.as_deref()),
        (OriginKind::LongTermKey, user("alice", 7)["accessKeyId"].as_str())
    );
}
