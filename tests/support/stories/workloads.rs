//! A story about doors that are no CI system's: session tokens, pods, certificates, and a partner who was let in.

use rolechain::model::time::Timestamp;

use super::Story;
use super::cast::background;
use crate::support::actor::{Assume, Call, Session, assumed_role_user};
use crate::support::entrance::CLI;
use crate::support::identity::iam_user;
use crate::support::json::{Object, array, texts};
use crate::support::organization::{Organization, Role};
use crate::support::{HOME, PROD, STAGING, TOOLING, at};

/// Who asks for help and gets a temporary delegation.
const PARTNER: &str = "640000000041";

/// Story 18: workloads and helpers.
pub(super) fn story() -> Story {
    let org = Organization::new("18-workloads");
    background(&org, at("2026-11-13T07:00:00Z"));
    session_token(&org, at("2026-11-13T09:00:00Z"));
    stack(&org, at("2026-11-13T09:30:00Z"));
    let worker = Role::new(PROD, "apps/shared-worker");
    pod(&org, at("2026-11-13T10:10:00Z"), &worker, ["billing", "invoice"]);
    pod(&org, at("2026-11-13T10:20:00Z"), &worker, ["sandbox", "debug-shell"]);
    certificate(&org, at("2026-11-13T11:20:00Z"), "3f09c2aa71be5d04", "CN=backup01");
    certificate(&org, at("2026-11-13T11:40:00Z"), "77aa01bc9d20e1f3", "CN=laptop-of-intern");
    delegation(&org, at("2026-11-13T14:00:00Z"));
    Story::new("18-workloads", "Workloads, session tokens and a partner", org).told(
        "A user's key takes a session token (`GetSessionToken`) and with it a role in production; another key starts a stack,\n\
         and CloudFormation goes on in the user's name. Two service accounts of one cluster enter one role through EKS Pod\n\
         Identity, and two certificates another through IAM Roles Anywhere. Last, a partner acts as an administrator of\n\
         staging by a temporary delegation.",
        "The token does not hide the key: its chain begins with the key. `session-token-from-key` and\n\
         `long-lived-key-assumes-role` say so, beside a low `missing-external-id`. What CloudFormation did counts for the key\n\
         that called it: with expectations, which say that staging is deployed to, `long-lived-key-deploys`. Four workloads\n\
         are four routes, by service account and by certificate, and each credential is one session. `delegated-access`\n\
         names the partner's account.",
    )
}

/// A key, the token that it takes, and the role that the token becomes.
fn session_token(org: &Organization, start: Timestamp) {
    let (mut user, _) = org.user(TOOLING, "ops/mallow", "203.0.113.21", CLI);
    let key = org.temporary_key(TOOLING);
    let mut event = user.event("sts.amazonaws.com", "GetSessionToken", start);
    event.parameters = Some(Object::new().number("durationSeconds", 3600).json());
    event.response = Some(Object::new().object("credentials", &org.credentials(&key, start.plus(3600))).json());
    event.read_only = false;
    org.write(&event);
    user.identity = iam_user(&user.arn, &user.principal_id, &key, Some(start)).json();
    let role = Role::new(PROD, "ops/break-glass");
    let session = user.assume(start.plus(120), &Assume::role(&role, "mallow"));
    session.call(start.plus(180), Call::write("iam", "PutRolePolicy").with(&[("roleName", "orders-task")]));
}

/// A key that starts a stack, and the service that goes on.
fn stack(org: &Organization, start: Timestamp) {
    let (mut user, _) = org.user(STAGING, "ci/ci-stacks", "203.0.113.22", CLI);
    user.call(start, Call::write("cloudformation", "CreateStack").with(&[("stackName", "network")]));
    let host = "cloudformation.amazonaws.com";
    user.identity = iam_user(&user.arn, &user.principal_id, &org.temporary_key(STAGING), Some(start))
        .text("invokedBy", host)
        .json();
    host.clone_into(&mut user.ip);
    host.clone_into(&mut user.tool);
    user.call(start.plus(5), Call::write("ec2", "CreateVpc").with(&[("cidrBlock", "10.0.0.0/16")]));
    user.call(start.plus(6), Call::write("ec2", "CreateSubnet").with(&[("cidrBlock", "10.0.0.0/24")]));
}

/// A session that a service issues by a record of STS, with what the service adds to the request.
fn issued_by(
    org: &Organization,
    time: Timestamp,
    host: &str,
    role: &Role,
    (name, key): (&str, &str),
    more: Object,
) -> Session {
    let (mut actor, _) = org.user(role.account, "nobody", host, host);
    actor.identity = crate::support::identity::service(host);
    actor.tool = host.to_owned();
    let mut event = actor.event("sts.amazonaws.com", "AssumeRole", time);
    event.parameters =
        Some(more.text("roleArn", &role.arn()).text("roleSessionName", name).number("durationSeconds", 3600).json());
    event.response = Some(
        Object::new()
            .object("credentials", &org.credentials(key, time.plus(3600)))
            .object("assumedRoleUser", &assumed_role_user(role, name))
            .json(),
    );
    event.role_resource = Some((role.account.to_owned(), role.arn()));
    event.shared_id = Some(org.uuid());
    event.host = None;
    org.write(&event);
    let mut session = actor.become_session(role, name, key, time, None);
    session = session.with_actor(|actor| {
        "10.0.12.7".clone_into(&mut actor.ip);
        CLI.clone_into(&mut actor.tool);
    });
    session
}

/// A pod: the node asks for it, and STS issues the session to the service.
fn pod(org: &Organization, start: Timestamp, role: &Role, [namespace, account]: [&str; 2]) {
    let node = org.service_session(
        start.plus(-3600),
        &Role::new(PROD, "eks/node-pool-a"),
        "ec2.amazonaws.com",
        "i-0f3a91c27d64be580",
        21_600,
    );
    let mut asked = node.event("eks-auth.amazonaws.com", "AssumeRoleForPodIdentity", start);
    asked.parameters = Some(texts(&[("clusterName", "shop"), ("token", "HIDDEN_DUE_TO_SECURITY_REASONS")]).json());
    org.write(&asked);
    let tag = |key: &str, value: &str| texts(&[("key", key), ("value", value)]).json();
    let tags = array(&[
        tag("eks-cluster-name", "shop"),
        tag("kubernetes-namespace", namespace),
        tag("kubernetes-service-account", account),
    ]);
    let name = format!("eks-shop-{account}-{}", org.uuid());
    let key = org.temporary_key(PROD);
    let issued = issued_by(org, start, "pods.eks.amazonaws.com", role, (&name, &key), Object::new().raw("tags", &tags));
    issued.call(start.plus(90), Call::write("sqs", "SetQueueAttributes").with(&[("queueUrl", "orders")]));
}

/// A certificate: IAM Roles Anywhere records the session itself, and STS records it, too.
fn certificate(org: &Organization, start: Timestamp, serial: &str, subject: &str) {
    let role = Role::new(PROD, "onprem/backup-writer");
    let key = org.temporary_key(PROD);
    let (mut unknown, _) = org.user(PROD, "nobody", "203.0.113.40", "CredHelper/1.5.0 (linux; amd64)");
    unknown.identity = texts(&[("type", "Unknown"), ("principalId", ""), ("arn", ""), ("accountId", PROD)]).json();
    let mut own = unknown.event("rolesanywhere.amazonaws.com", "CreateSession", start);
    let anywhere = format!("arn:aws:rolesanywhere:{HOME}:{PROD}");
    let request = texts(&[
        ("profileArn", &format!("{anywhere}:profile/75a288c0-d689-4c5f-bb05-4590845978a8")),
        ("roleArn", &role.arn()),
        ("trustAnchorArn", &format!("{anywhere}:trust-anchor/c8184801-ed72-41c6-b358-4818b1c61f9f")),
    ]);
    own.parameters = Some(request.json());
    let credentials = texts(&[("accessKeyId", &key), ("expiration", &start.plus(3600).to_string())]);
    let set = Object::new()
        .object("credentials", &credentials)
        .object("assumedRoleUser", &assumed_role_user(&role, serial))
        .text("sourceIdentity", subject);
    own.response = Some(Object::new().raw("credentialSet", &array(&[set.json()])).json());
    own.read_only = false;
    org.write(&own);
    let more = texts(&[("sourceIdentity", subject)]);
    let session = issued_by(org, start, "rolesanywhere.amazonaws.com", &role, (serial, &key), more);
    session.call(start.plus(60), Call::write("s3", "PutBucketVersioning").with(&[("bucketName", "acme-backups")]));
}

/// A partner whose request for permissions somebody accepted.
fn delegation(org: &Organization, start: Timestamp) {
    let admin = org.person(start.plus(-600), STAGING, "PlatformAdmin", "bob@acme.example", "203.0.113.12");
    admin.call(start.plus(-300), Call::write("iam", "AcceptDelegationRequest"));
    let delegated = admin.under_another_key(&org.temporary_key(STAGING)).with_actor(|actor| {
        let delegate = texts(&[("accountId", PARTNER)]).json();
        let end = actor.identity.len() - 1;
        actor.identity.replace_range(end.., &format!(r#","invokedByDelegate":{delegate}}}"#));
        "198.51.100.77".clone_into(&mut actor.ip);
        "Boto3/1.40.0".clone_into(&mut actor.tool);
    });
    delegated.call(start, Call::write("iam", "CreateRole").with(&[("roleName", "vendor-monitoring")]));
}
