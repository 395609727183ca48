//! Stories about links between sessions: circles, halves, and keys that are not unique.

use super::Story;
use super::cast::{
    ORDERS_PROD, PROD_EXTERNAL_ID, STAGING_EXTERNAL_ID, background, deploy_prod, deploy_staging, entry_prod,
    entry_staging, ordinary_release, update_service,
};
use crate::support::actor::{Assume, Call, Copies};
use crate::support::organization::{Organization, Role};
use crate::support::{PROD, at};

/// Story 08: two roles keep each other alive.
pub(super) fn juggling() -> Story {
    let org = Organization::new("08-role-juggling");
    background(&org, at("2026-11-07T20:00:00Z"));
    let start = at("2026-11-07T21:00:00Z");
    let host = Role::new(PROD, "ops/jump-host");
    let roles = [Role::new(PROD, "ops/report-runner"), Role::new(PROD, "ops/batch-runner")];
    let mut session =
        org.service_session(start, &host, "ec2.amazonaws.com", "i-0f9e8d7c6b5a40312", 21_600).with_actor(|actor| {
            "203.0.113.44".clone_into(&mut actor.ip);
            "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux lang/python#3.12.3".clone_into(&mut actor.agent);
            actor.tool.clone_from(&actor.agent);
        });
    for step in 0..12 {
        let time = start.plus(120 + step * 540);
        let role = &roles[usize::try_from(step % 2).unwrap_or(0)];
        session = session.assume(time, &Assume::role(role, "juggle"));
        if step % 4 == 3 {
            session.call(time.plus(30), Call::read("s3", "ListBuckets"));
        }
    }
    session.call(start.plus(6_200), Call::write("secretsmanager", "PutSecretValue").with(&[("secretId", "orders/db")]));
    Story::new("08-role-juggling", "Two roles keep each other alive", org).told(
        "From an instance's role, someone becomes `report-runner`, from there `batch-runner`, from there `report-runner` again,\n\
         every nine minutes for more than an hour and a half. Each session is chained and limited to one hour; together they\n\
         have no limit.",
        "`role-juggling` (critical): one chain of thirteen hops, the instance's own role and twelve more, that\n\
         returns to the same role five times.",
    )
}

/// Story 09: only the target account's copy is there.
pub(super) fn one_sided() -> Story {
    let org = Organization::new("09-one-sided");
    background(&org, at("2026-11-09T07:00:00Z"));
    let target = deploy_prod();
    let wish = Assume {
        external_id: Some(PROD_EXTERNAL_ID),
        copies: Copies::TargetOnly,
        ..Assume::role(&target, "GitHubActions")
    };

    // One live session: it can only have been this one.
    let start = at("2026-11-09T06:10:00Z");
    let entry = org.github_job(ORDERS_PROD, "main").enter(start, &entry_prod());
    update_service(&entry.assume(start.plus(4), &wish), start.plus(30));

    // Two live sessions of the same role under the same name: either may have been it.
    let start = at("2026-11-09T13:00:00Z");
    let first = org.github_job(ORDERS_PROD, "main").enter(start, &entry_prod());
    first.who_am_i(start.plus(1));
    let second = org.github_job(ORDERS_PROD, "main").enter(start.plus(420), &entry_prod());
    second.who_am_i(start.plus(421));
    update_service(&second.assume(start.plus(600), &wish), start.plus(640));

    Story::new("09-one-sided", "Half of a cross-account call", org).told(
        "Production's copies of two `AssumeRole` calls are there, the tooling account's copies are not. At 06:10 one session of\n\
         `gha-orders-prod` was live, so the caller is probable. At 13:10 two were, both named `GitHubActions`: the caller is\n\
         ambiguous, though both began with the same subject.",
        "one hop with a `probable` link; one with an `ambiguous` link, both candidates listed, none chosen, and\n\
         the origin stated all the same because the candidates share it. Both are gaps of their chains, not findings.",
    )
}

/// Story 10: the same key id, twice at once.
pub(super) fn collision() -> Story {
    let org = Organization::new("10-key-collision");
    background(&org, at("2026-11-10T07:00:00Z"));
    let key = org.temporary_key(PROD);
    let start = at("2026-11-10T12:00:00Z");

    let prod = org.github_job(ORDERS_PROD, "main").at_address("198.51.100.41").enter(start, &entry_prod());
    let role = deploy_prod();
    let wish = Assume { external_id: Some(PROD_EXTERNAL_ID), key: Some(&key), ..Assume::role(&role, "GitHubActions") };
    let in_prod = prod.assume(start.plus(4), &wish);

    let job = org.github_job("acme@4242/orders@9001:ref:refs/heads/main", "main").at_address("198.51.100.187");
    let staging = job.enter(start.plus(31), &entry_staging());
    let role = deploy_staging();
    let wish =
        Assume { external_id: Some(STAGING_EXTERNAL_ID), key: Some(&key), ..Assume::role(&role, "GitHubActions") };
    let in_staging = staging.assume(start.plus(35), &wish);

    for seconds in [60, 95, 140] {
        update_service(&in_prod, start.plus(seconds));
        update_service(&in_staging, start.plus(seconds + 7));
    }
    ordinary_release(&org, start.plus(3_000));
    Story::new("10-key-collision", "The same key id twice", org).told(
        "Two runs deploy at the same time, one to production, one to staging. STS happens to issue the same access key id to\n\
         both sessions: key ids are unique only together with their secrets.",
        "two chains, each with its own work, kept apart by principal id and creation time, every link exact. No\n\
         finding: neither `session-moved` nor `environment-mismatch`, which a join by key alone would invent.",
    )
}
