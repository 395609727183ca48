//! Stories about refusals: a pipeline that forgot a switch, and refusals of other kinds.

use super::Story;
use super::cast::{ORDERS_PROD, background, deploy_prod, entry_prod, entry_staging, ordinary_release};
use crate::support::actor::{Assume, Call};
use crate::support::json::Object;
use crate::support::organization::{Organization, Role};
use crate::support::{PROD, TOOLING, at};

/// The action's retries: seconds after the first refusal.
const RETRIES: [i64; 12] = [0, 0, 1, 1, 2, 4, 6, 11, 17, 31, 58, 101];

/// Story 07: the second step asks GitHub again instead of the first role.
pub(super) fn forgotten_chaining() -> Story {
    let org = Organization::new("07-forgotten-role-chaining");
    background(&org, at("2026-11-05T07:00:00Z"));
    ordinary_release(&org, at("2026-11-05T08:41:00Z"));
    for (start, names_the_role) in [("2026-11-05T10:12:40Z", true), ("2026-11-05T10:44:03Z", false)] {
        let start = at(start);
        let job = org.github_job(ORDERS_PROD, "main");
        job.enter(start, &entry_prod()).who_am_i(start.plus(1));
        for seconds in RETRIES {
            job.refused(start.plus(3 + seconds), &deploy_prod(), names_the_role);
        }
    }
    Story::new("07-forgotten-role-chaining", "The second step forgot `role-chaining: true`", org).told(
        "Two runs of `acme/orders` enter the tooling account. Their next step should go on from there, but asks GitHub for\n\
         another token and presents it to production, twelve times within two minutes, in vain. The records of the second\n\
         run's refusals do not even name the role.",
        "`forgotten-role-chaining` (medium), two runs and not twenty-four events, with `role-chaining: true` as the\n\
         remedy; `web-identity-denied` is silent, as the refusals are explained. Nothing about unexpected subjects.",
    )
}

/// Story 12: refusals of other kinds.
pub(super) fn refusals() -> Story {
    let org = Organization::new("12-denied");
    background(&org, at("2026-11-06T07:00:00Z"));
    ordinary_release(&org, at("2026-11-06T08:41:00Z"));

    // A staging job that was pointed at production: four runs in one day, each retried.
    for start in ["2026-11-06T09:00:07Z", "2026-11-06T10:00:09Z", "2026-11-06T11:00:06Z", "2026-11-06T12:00:08Z"] {
        let start = at(start);
        let job = org.github_job("acme@4242/orders@9001:ref:refs/heads/main", "main");
        let entry = job.enter(start, &entry_staging());
        for seconds in RETRIES.into_iter().take(7) {
            entry.refused(start.plus(3 + seconds), &deploy_prod());
        }
    }

    // A stranger who knows the role's name.
    let start = at("2026-11-06T22:14:31Z");
    let stranger = org.github_job("acme-evil@70707/orders@80808:ref:refs/heads/main", "main").at_address("192.0.2.9");
    for seconds in RETRIES {
        stranger.refused(start.plus(seconds), &entry_prod(), true);
    }

    // A role that is a few seconds old: IAM has not settled yet.
    let start = at("2026-11-06T14:30:00Z");
    let admin = org.person(start, TOOLING, "PlatformAdmin", "bob@acme.example", "203.0.113.12");
    let role = Role::new(TOOLING, "ops/report-reader");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"sts:AssumeRole"}}]}}"#,
        admin.role.arn()
    );
    let created =
        Object::new().text("path", &role.path).text("roleName", &role.name).text("assumeRolePolicyDocument", &trust);
    admin.call(start.plus(40), Call::write("iam", "CreateRole").parameters(&created));
    admin.refused(start.plus(44), &role);
    admin.refused(start.plus(49), &role);
    let reader = admin.assume(start.plus(56), &Assume::role(&role, "bob"));
    reader.call(start.plus(60), Call::read("s3", "ListBuckets"));

    // An error that is not a refusal.
    let message = "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint";
    let invalid = Call::read("sts", "AssumeRole").fails("ValidationError", message);
    admin.call(start.plus(200), invalid);
    let denied = Call::read("ecs", "DescribeServices").fails("AccessDeniedException", "not authorized");
    org.person(start.plus(300), PROD, "ReadOnly", "alice@acme.example", "203.0.113.7").call(start.plus(330), denied);

    Story::new("12-denied", "Refusals", org).told(
        "A staging job tries to become production's deploy role, in four runs with retries: the records have no parameters, the\n\
         role stands only in the message. A repository of `acme-evil` presents its token to `gha-orders-prod` and is refused.\n\
         An administrator creates a role and is refused for a few seconds until IAM has settled.",
        "`assume-role-denied` once for the staging job (four runs, medium), `web-identity-denied` for\n\
         `acme-evil` (high with expectations: a foreign owner; medium without), and silence about the administrator: refusals of a role that settles are no news.",
    )
}
