//! Stories about who stood at the far end: a branch, a pull request, another repository.

use super::Story;
use super::cast::{ORDERS_PROD, background, entry_prod, entry_shared, ordinary_release, reach_prod, update_service};
use crate::support::at;
use crate::support::organization::Organization;

/// Story 02: the trust policy admits any branch, and one used it.
pub(super) fn unexpected_branch() -> Story {
    let org = Organization::new("02-unexpected-branch");
    background(&org, at("2026-11-09T07:00:00Z"));
    ordinary_release(&org, at("2026-11-09T08:41:00Z"));
    for start in ["2026-11-09T15:20:10Z", "2026-11-10T16:02:41Z"] {
        let job = org.github_job("acme@4242/orders@9001:ref:refs/heads/feature/quick-fix", "feature/quick-fix");
        update_service(&reach_prod(&job, &entry_prod(), at(start)), at(start).plus(25));
    }
    Story::new("02-unexpected-branch", "A feature branch deploys to production", org).told(
        "After an ordinary release, two runs of the branch `feature/quick-fix` of `acme/orders` enter `gha-orders-prod`, which\n\
         is meant for the environment `prod`, go on to production's deploy role and update the service.",
        "`unexpected-subject` (critical), one finding for both runs; nothing about owners, pull requests,\n\
         ExternalIds or keys. Only the expectations say which branch is wrong, so nothing is found without them.",
    )
}

/// Story 03: a pull request reached production.
pub(super) fn pull_request() -> Story {
    let org = Organization::new("03-pull-request");
    background(&org, at("2026-11-10T07:00:00Z"));
    ordinary_release(&org, at("2026-11-10T08:41:00Z"));
    let start = at("2026-11-10T11:31:05Z");
    let job = org.github_job("acme@4242/orders@9001:pull_request", "feature/discounts");
    update_service(&reach_prod(&job, &entry_prod(), start), start.plus(30));
    Story::new("03-pull-request", "A pull request reaches production", org).told(
        "A run of a pull request in `acme/orders` enters `gha-orders-prod`, becomes production's deploy role and updates the\n\
         service before anyone has reviewed the change.",
        "`pull-request-subject-on-deploy-role` (critical: the chain reaches production and writes) and, with\n\
         expectations, `unexpected-subject`, as the role is for the environment `prod`.",
    )
}

/// Story 15: what a shared entry role makes possible.
pub(super) fn cross_repo() -> Story {
    let org = Organization::new("15-cross-repo");
    background(&org, at("2026-11-12T07:00:00Z"));
    let shared = entry_shared();

    let start = at("2026-11-12T09:02:00Z");
    let job = org.github_job(ORDERS_PROD, "main");
    update_service(&reach_prod(&job, &shared, start), start.plus(22));

    let start = at("2026-11-12T10:15:00Z");
    let job = org.github_job("acme@4242/docs@9002:ref:refs/heads/main", "main");
    update_service(&reach_prod(&job, &shared, start), start.plus(19));

    let start = at("2026-11-12T11:40:00Z");
    let job = org.github_job("acme@4242/orders@9001:environment:staging", "main");
    update_service(&reach_prod(&job, &shared, start), start.plus(21));

    let start = at("2026-11-12T14:05:00Z");
    let job = org.github_job(ORDERS_PROD, "main").at_address("198.51.100.23");
    let deploy = reach_prod(&job, &entry_prod(), start);
    update_service(&deploy, start.plus(20));
    let stolen = deploy.with_actor(|actor| {
        "192.0.2.77".clone_into(&mut actor.ip);
        "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux lang/python#3.12.3".clone_into(&mut actor.tool);
        actor.agent.clone_from(&actor.tool);
    });
    stolen.who_am_i(start.plus(130));
    update_service(&stolen, start.plus(210));

    Story::new("15-cross-repo", "A shared entry role, and a session that moved", org).told(
        "`gha-shared` admits several repositories and can go on to production. `acme/docs` uses it to become the deploy role of\n\
         the orders team; a staging run of `acme/orders` ends in production the same way. Later the deploy session of an\n\
         ordinary run is used from another network with another client while the run still goes on.",
        "`cross-repo-deploy` for `acme/docs`, `environment-mismatch` for the staging run, `session-moved` for the\n\
         last session. Every entry was expected, so `unexpected-subject` is silent. Without expectations nobody says whose\n\
         the deploy role is: `cross-repo-deploy` only notes that two repositories share the way to it, `session-moved` is\n\
         medium, as no network has a name, and `environment-mismatch` is silent.",
    )
}
