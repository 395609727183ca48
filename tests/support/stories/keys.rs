//! Stories about long-lived keys in pipelines.

use rolechain::model::time::Timestamp;

use super::Story;
use super::cast::{background, deploy_prod, ordinary_release, release, update_service};
use crate::support::actor::{Actor, Assume};
use crate::support::organization::Organization;
use crate::support::{PROD, at};

/// A job that uses the key of `ci-orders`, as the action does with static keys.
fn job_with_key(org: &Organization, time: Timestamp) -> Actor {
    let job = org.github_job("acme/orders:ref:refs/heads/main", "main");
    let (mut user, _) = org.user(PROD, "ci/ci-orders", &job.actor().ip, &job.actor().agent);
    user.tags = job.tags().to_vec();
    user.who_am_i(time);
    user
}

fn assume_deploy_role(user: &Actor, time: Timestamp) {
    let deploy = user.assume(time, &Assume::role(&deploy_prod(), "GitHubActions"));
    deploy.who_am_i(time.plus(1));
    update_service(&deploy, time.plus(18));
}

/// Story 05: the pipeline has a key.
pub(super) fn in_ci() -> Story {
    let org = Organization::new("05-long-lived-key-in-ci");
    background(&org, at("2026-11-02T07:00:00Z"));
    for day in [2, 3, 4, 5] {
        let start = at(&format!("2026-11-{day:02}T09:30:12Z"));
        let user = job_with_key(&org, start);
        if day == 2 {
            release(&user, start);
        } else {
            update_service(&user, start.plus(15));
        }
        if day % 2 == 1 {
            assume_deploy_role(&user, start.plus(3));
        }
    }
    Story::new("05-long-lived-key-in-ci", "A long-lived key in the pipeline", org).told(
        "The workflow of `acme/orders` holds the key of the IAM user `ci-orders`. Each run asks who it is with that key, under\n\
         the action's user agent, and then deploys with it; some runs also become production's deploy role.",
        "`long-lived-key-in-ci` for every use of the key, `long-lived-key-assumes-role` for the two times\n\
         that it became the deploy role and, with expectations, `long-lived-key-deploys` for what it did without one and\n\
         `deploy-without-oidc-origin`. No migration is under way, so `unfinished-migration` is silent.",
    )
}

/// Story 06: OIDC works, and the key still does.
pub(super) fn unfinished_migration() -> Story {
    let org = Organization::new("06-unfinished-migration");
    background(&org, at("2026-11-02T07:00:00Z"));
    for day in [2, 3, 4, 5, 6] {
        let start = at(&format!("2026-11-{day:02}T09:30:12Z"));
        if day >= 4 {
            ordinary_release(&org, start.plus(1_800));
        }
        if day != 5 {
            let user = job_with_key(&org, start);
            assume_deploy_role(&user, start.plus(3));
        }
    }
    Story::new("06-unfinished-migration", "One role, two doors", org).told(
        "Since 4 November `acme/orders` reaches production's deploy role through OIDC, but a forgotten workflow still assumes\n\
         the same role with the key of `ci-orders`, the last time on 6 November.",
        "`unfinished-migration` with the repository, the role and the last use of the key; also\n\
         `long-lived-key-in-ci`, `long-lived-key-assumes-role` and, with expectations, `deploy-without-oidc-origin`.",
    )
}
