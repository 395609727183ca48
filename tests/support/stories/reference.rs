//! Story 17: the set-up of `docs/reference-architecture`, at work.

use super::Story;
use super::cast::{ORDERS_PROD, PROD_EXTERNAL_ID, background, deploy_prod, entry_prod, release, update_service};
use crate::support::actor::Assume;
use crate::support::at;
use crate::support::organization::Organization;

/// A week of deployments by `deploy.yml`, whose sessions are named after its runs.
pub(super) fn story() -> Story {
    let org = Organization::new("17-reference");
    background(&org, at("2026-11-03T06:00:00Z"));
    for day in [3, 4, 6, 9, 11] {
        let start = at(&format!("2026-11-{day:02}T09:12:00Z"));
        let mut job = org.github_job(ORDERS_PROD, "main");
        let run = job.tags().iter().find(|(key, _)| key == "RunId").map(|(_, run)| run.clone()).unwrap_or_default();
        job.session = format!("gha-{run}");
        let entry = job.enter(start, &entry_prod());
        entry.who_am_i(start.plus(1));
        let role = deploy_prod();
        let wish = Assume { external_id: Some(PROD_EXTERNAL_ID), ..Assume::role(&role, &job.session) };
        let deploy = entry.assume(start.plus(3), &wish);
        deploy.who_am_i(start.plus(4));
        if day == 6 { release(&deploy, start) } else { update_service(&deploy, start.plus(22)) }
    }
    Story::new("17-reference", "The reference architecture at work", org).told(
        "The Terraform of `docs/reference-architecture` is applied, and its workflow deploys `acme/orders` five times: GitHub's\n\
         token enters `gha-orders-prod`, which becomes production's deploy role with the ExternalId, under a session name that\n\
         is the run's number.",
        "one route of five runs, every link exact, and no finding at all; nor with the expectations that\n\
         `rolechain infer` drafts from the plan.",
    )
}
