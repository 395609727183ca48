//! Who appears in the stories, and what they do every day.

use rolechain::model::time::Timestamp;

use crate::support::actor::{Actor, Assume, Call, Session};
use crate::support::entrance::TokenHolder;
use crate::support::json::{Object, texts};
use crate::support::organization::{Organization, Role};
use crate::support::{ARCHIVE, HOME, PROD, STAGING, TOOLING};

/// The ExternalId that production's deploy role asks for.
pub(crate) const PROD_EXTERNAL_ID: &str = "b7d1f0c4-52ea-4c1b-9a57-3e0d6f2a8c91";
/// The ExternalId that staging's deploy role asks for.
pub(crate) const STAGING_EXTERNAL_ID: &str = "2c94e6a8-7f13-49d0-8b6e-d51a0c37f4e2";
/// The orders repository at production, in the immutable form.
pub(crate) const ORDERS_PROD: &str = "acme@4242/orders@9001:environment:prod";

/// The role that GitHub enters to reach production.
pub(crate) fn entry_prod() -> Role {
    Role::new(TOOLING, "ci/gha-orders-prod")
}

/// The role that GitHub enters to reach staging.
pub(crate) fn entry_staging() -> Role {
    Role::new(TOOLING, "ci/gha-orders-staging")
}

/// The role that several repositories share.
pub(crate) fn entry_shared() -> Role {
    Role::new(TOOLING, "ci/gha-shared")
}

/// Production's deploy role.
pub(crate) fn deploy_prod() -> Role {
    Role::new(PROD, "ci/ci-deploy-role")
}

/// Staging's deploy role.
pub(crate) fn deploy_staging() -> Role {
    Role::new(STAGING, "ci/ci-deploy-role")
}

/// Enters production's deploy role as the action does: token, question, role, question.
pub(crate) fn reach_prod(job: &TokenHolder, entry: &Role, at: Timestamp) -> Session {
    reach(
        job,
        entry,
        at,
        &Assume { external_id: Some(PROD_EXTERNAL_ID), ..Assume::role(&deploy_prod(), "GitHubActions") },
    )
}

/// Enters staging's deploy role.
pub(crate) fn reach_staging(job: &TokenHolder, entry: &Role, at: Timestamp) -> Session {
    let role = deploy_staging();
    reach(job, entry, at, &Assume { external_id: Some(STAGING_EXTERNAL_ID), ..Assume::role(&role, "GitHubActions") })
}

fn reach(job: &TokenHolder, entry: &Role, at: Timestamp, wish: &Assume<'_>) -> Session {
    let first = job.enter(at, entry);
    first.who_am_i(at.plus(1));
    let second = first.assume(at.plus(3), wish);
    second.who_am_i(at.plus(4));
    second
}

/// Releases the orders service: an image, a stack, a service.
pub(crate) fn release(deploy: &Actor, at: Timestamp) {
    let image = texts(&[("repositoryName", "orders"), ("imageTag", "release"), ("registryId", &deploy.account)]);
    let stack = texts(&[("stackName", "orders"), ("changeSetName", "release")]);
    let service = texts(&[("cluster", "orders"), ("service", "orders-api"), ("taskDefinition", "orders-api")]);
    let calls = [
        (12, Call::read("ecr", "GetAuthorizationToken")),
        (19, Call::write("ecr", "PutImage").parameters(&image)),
        (31, Call::write("cloudformation", "CreateChangeSet").parameters(&stack)),
        (44, Call::read("cloudformation", "DescribeChangeSet").parameters(&stack)),
        (47, Call::write("cloudformation", "ExecuteChangeSet").parameters(&stack)),
        (81, Call::write("ecs", "RegisterTaskDefinition").with(&[("family", "orders-api")])),
        (83, Call::write("ecs", "UpdateService").parameters(&service)),
        (114, Call::read("ecs", "DescribeServices").with(&[("cluster", "orders")])),
        (120, Call::write("s3", "PutBucketTagging").with(&[("bucketName", "acme-orders-assets")])),
    ];
    for (after, call) in calls {
        deploy.call(at.plus(after), call);
    }
}

/// Updates the orders service, and nothing else.
pub(crate) fn update_service(deploy: &Actor, at: Timestamp) {
    deploy.call(at, Call::read("ecs", "DescribeServices").with(&[("cluster", "orders")]));
    let service = texts(&[("cluster", "orders"), ("service", "orders-api")]);
    let response = Object::new().object("service", &texts(&[("serviceName", "orders-api"), ("status", "ACTIVE")]));
    deploy.call(at.plus(2), Call::write("ecs", "UpdateService").parameters(&service).response(&response));
}

/// One ordinary release of the orders service to production.
pub(crate) fn ordinary_release(org: &Organization, at: Timestamp) {
    let job = org.github_job(ORDERS_PROD, "main");
    update_service(&reach_prod(&job, &entry_prod(), at), at.plus(20));
}

/// What happens in every account on any day: AWS Config looks around, in both regions.
pub(crate) fn background(org: &Organization, at: Timestamp) {
    for (index, account) in [TOOLING, PROD, STAGING, ARCHIVE].into_iter().enumerate() {
        let at = at.plus(60 * i64::try_from(index).unwrap_or(0));
        let role = Role::new(account, "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
        let issued = org.service_session(at, &role, "config.amazonaws.com", "AWSConfig-Describe", 3600);
        let config = issued.through_service("config.amazonaws.com", None);
        config.call(at.plus(1), Call::read("iam", "ListRoles"));
        config.call(at.plus(2), Call::read("ec2", "DescribeVpcs").region(HOME));
    }
}
