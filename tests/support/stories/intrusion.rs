//! Stories about people and intruders: who widened the trust, who came in, and who may be there.

use rolechain::model::time::Timestamp;

use super::Story;
use super::cast::{
    PROD_EXTERNAL_ID, background, deploy_prod, entry_prod, ordinary_release, reach_prod, update_service,
};
use crate::support::actor::{Actor, Assume, Call};
use crate::support::entrance::CLI;
use crate::support::identity::{foreign_account, iam_user, root};
use crate::support::json::{Object, texts};
use crate::support::organization::{Organization, Role};
use crate::support::{GITHUB, GLOBAL, HOME, PROD, STAGING, TOOLING, at};

const STRANGE_ISSUER: &str = "id.acme-builds.example";

/// Story 13: a trust policy is widened, and strangers come in.
pub(super) fn story() -> Story {
    let org = Organization::new("13-intrusion");
    background(&org, at("2026-11-08T07:00:00Z"));
    ordinary_release(&org, at("2026-11-06T08:41:00Z"));
    widen(&org, at("2026-11-08T21:03:00Z"));

    let start = at("2026-11-08T21:20:00Z");
    let evil = org.github_job("acme-evil@70707/orders@80808:ref:refs/heads/main", "main").at_address("192.0.2.9");
    update_service(&reach_prod(&evil, &entry_prod(), start), start.plus(40));

    let start = at("2026-11-08T21:50:00Z");
    let strange = org.github_job("acme@4242/orders@9001:environment:prod", "main").issued_by(STRANGE_ISSUER);
    let session = strange.at_address("192.0.2.9").enter(start, &Role::new(TOOLING, "ci/gha-packages"));
    session.call(start.plus(9), Call::read("ecr", "DescribeRepositories"));

    let start = at("2026-11-09T10:00:00Z");
    let squatter = org.github_job("acme@99021/orders@77123:environment:prod", "main");
    update_service(&reach_prod(&squatter, &entry_prod(), start), start.plus(40));

    take_root(&org, at("2026-11-09T11:00:00Z"));
    Story::new("13-intrusion", "An intrusion", org).told(
        "An administrator's session widens the trust policy of `gha-orders-prod` to `repo:acme*/orders*:*` and adds an identity\n\
         provider. Then `acme-evil/orders` enters and reaches production; a token of the new provider enters `gha-packages`;\n\
         and `acme/orders` comes back with other numbers: the name was given up and taken by someone else. Last, the session\n\
         takes the root of staging through `AssumeRoot`, and the root user of production makes an access key.",
        "`trust-policy-changed` (one step worse with expectations); `foreign-owner-subject` (a look-alike),\n\
         `cross-repo-deploy` and, with expectations, `unexpected-subject` for `acme-evil/orders`; `trust-too-wide` and\n\
         `trust-condition-defect` for the policy that let it in; `identity-provider-changed` for the new provider, and\n\
         `unknown-oidc-issuer` for its token; `repository-identity-changed` for the other numbers;\n\
         `root-key-or-root-activity` for production's root user, and `long-lived-key-created` for its key;\n\
         `assume-root-used` for the root task, which is no use of root credentials.",
    )
}

/// The administrator's session, from an address that is not the office.
fn widen(org: &Organization, start: Timestamp) {
    let admin = org.person(start, TOOLING, "PlatformAdmin", "bob@acme.example", "192.0.2.9");
    let provider =
        texts(&[("url", &format!("https://{STRANGE_ISSUER}"))]).raw("clientIDList", r#"["sts.amazonaws.com"]"#);
    admin.call(start.plus(60), Call::write("iam", "CreateOpenIDConnectProvider").parameters(&provider));
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{TOOLING}:oidc-provider/{GITHUB}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringLike":{{"{GITHUB}:sub":"repo:acme*/orders*:*"}}}}}}]}}"#
    );
    let widened = texts(&[("roleName", "gha-orders-prod"), ("policyDocument", &trust)]);
    admin.call(start.plus(95), Call::write("iam", "UpdateAssumeRolePolicy").parameters(&widened));
}

/// `AssumeRoot` into staging, and the root user of production.
fn take_root(org: &Organization, start: Timestamp) {
    let admin = org.person(start, TOOLING, "PlatformAdmin", "bob@acme.example", "192.0.2.9");
    let time = start.plus(30);
    let key = org.temporary_key(STAGING);
    let mut event = admin.event("sts.amazonaws.com", "AssumeRoot", time);
    let task = texts(&[("arn", "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")]);
    let request = texts(&[("targetPrincipal", STAGING)]).object("taskPolicyArn", &task);
    event.parameters = Some(request.number("durationSeconds", 900).json());
    event.response = Some(Object::new().object("credentials", &org.credentials(&key, time.plus(900))).json());
    event.read_only = false;
    event.shared_id = Some(org.uuid());
    org.write(&event);
    event.id = org.uuid();
    event.identity = foreign_account(&admin.principal_id, TOOLING);
    STAGING.clone_into(&mut event.recipient);
    org.write(&event);

    let staging_root = root_actor(org, STAGING, &key, time, true);
    staging_root.call(time.plus(20), Call::read("iam", "GetLoginProfile"));
    let console_key = org.temporary_key(PROD);
    let prod_root = root_actor(org, PROD, &console_key, start.plus(600), false);
    prod_root.call(start.plus(660), Call::write("iam", "CreateAccessKey"));
}

fn root_actor(org: &Organization, account: &'static str, key: &str, created: Timestamp, assumed: bool) -> Actor {
    let (mut actor, _) = org.user(account, "nobody", "192.0.2.9", CLI);
    account.clone_into(&mut actor.principal_id);
    actor.arn = format!("arn:aws:iam::{account}:root");
    actor.identity = root(account, key, created, assumed);
    actor.console = !assumed;
    actor
}

/// Story 16: people, in the console and where they should not be.
pub(super) fn people() -> Story {
    let org = Organization::new("16-people");
    background(&org, at("2026-11-11T07:00:00Z"));
    ordinary_release(&org, at("2026-11-11T08:41:00Z"));
    switch_role(&org, at("2026-11-11T13:30:00Z"));

    let start = at("2026-11-11T15:02:00Z");
    let admin = org.person(start, TOOLING, "PlatformAdmin", "bob@acme.example", "203.0.113.12");
    let role = deploy_prod();
    let wish = Assume { external_id: Some(PROD_EXTERNAL_ID), ..Assume::role(&role, "bob") };
    update_service(&admin.assume(start.plus(40), &wish), start.plus(70));

    let start = at("2026-11-12T09:10:00Z");
    let admin = org.person(start, PROD, "PlatformAdmin", "bob@acme.example", "203.0.113.12");
    let session = admin.assume(start.plus(30), &Assume::role(&Role::new(PROD, "break-glass-deploy"), "bob-INC-311"));
    update_service(&session, start.plus(60));
    Story::new("16-people", "People in the console and in the deploy chain", org).told(
        "Carol signs in to the console of the tooling account and switches to `prod-viewer` in production: STS issues one key\n\
         and the console uses another. Bob, signed in through Identity Center, becomes production's deploy role from his own\n\
         machine; the next day he does it properly, through `break-glass-deploy`.",
        "Carol's calls hang on her chain by principal id and creation time (a `strong` link), and raise no more\n\
         than a low `missing-external-id`. With expectations Bob's first visit is `human-in-deploy-chain` and\n\
         `deploy-without-oidc-origin`; the break-glass visit is listed and is no finding.",
    )
}

/// The console's role switch: both copies, `SwitchRole`, and then calls under a key that was never issued.
fn switch_role(org: &Organization, start: Timestamp) {
    let (mut carol, _) = org.user(TOOLING, "people/carol", "AWS Internal", "AWS Internal");
    let key = org.temporary_key(TOOLING);
    let user = iam_user(&carol.arn, &carol.principal_id, &key, Some(start.plus(-900)));
    carol.identity = user.text("invokedBy", "AWS Internal").json();
    let role = Role::new(PROD, "ops/prod-viewer");
    let issued = carol.assume(start, &Assume { duration: None, ..Assume::role(&role, "carol") });

    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let in_prod = issued.under_another_key(&org.temporary_key(PROD)).with_actor(|actor| {
        "203.0.113.15".clone_into(&mut actor.ip);
        browser.clone_into(&mut actor.agent);
        browser.clone_into(&mut actor.tool);
        actor.console = true;
    });
    let mut switch = in_prod.event("signin.amazonaws.com", "SwitchRole", start.plus(1));
    switch.identity = texts(&[
        ("type", "AssumedRole"),
        ("principalId", &in_prod.principal_id),
        ("arn", &in_prod.arn),
        ("accountId", PROD),
    ])
    .json();
    switch.response = Some(texts(&[("SwitchRole", "Success")]).json());
    switch.additional =
        Some(texts(&[("SwitchFrom", &carol.arn), ("RedirectTo", "https://console.aws.amazon.com/")]).json());
    switch.kind = "AwsConsoleSignIn";
    switch.read_only = false;
    GLOBAL.clone_into(&mut switch.region);
    switch.host = Some("signin.aws.amazon.com".to_owned());
    switch.from_console = false;
    org.write(&switch);
    for (after, service, name) in
        [(8, "ecs", "ListClusters"), (15, "ecs", "DescribeClusters"), (31, "logs", "DescribeLogGroups")]
    {
        in_prod.call(start.plus(after), Call::read(service, name).region(HOME));
    }
}
