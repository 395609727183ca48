//! Story 14: a pipeline's session turns the logs off.

use super::Story;
use super::cast::{ORDERS_PROD, background, entry_prod, ordinary_release, reach_prod, update_service};
use crate::support::actor::Call;
use crate::support::json::{Object, array, texts};
use crate::support::organization::Organization;
use crate::support::{HOME, PROD, at};

/// A deploy session narrows the trail, stops it, and works on.
pub(super) fn story() -> Story {
    let org = Organization::new("14-log-tampering");
    background(&org, at("2026-11-13T07:00:00Z"));
    ordinary_release(&org, at("2026-11-13T08:41:00Z"));
    let start = at("2026-11-13T23:48:10Z");
    let trail = format!("arn:aws:cloudtrail:{HOME}:{PROD}:trail/prod-trail");
    let deploy = reach_prod(&org.github_job(ORDERS_PROD, "main"), &entry_prod(), start);
    let selectors = Object::new().text("readWriteType", "WriteOnly").flag("includeManagementEvents", true);
    let narrowed = texts(&[("trailName", &trail)]).raw("eventSelectors", &array(&[selectors.json()]));
    deploy.call(start.plus(30), Call::read("cloudtrail", "DescribeTrails"));
    deploy.call(start.plus(41), Call::write("cloudtrail", "PutEventSelectors").parameters(&narrowed));
    let single = texts(&[("name", &trail)]).flag("isMultiRegionTrail", false).flag("enableLogFileValidation", false);
    deploy.call(start.plus(55), Call::write("cloudtrail", "UpdateTrail").parameters(&single));
    deploy.call(start.plus(70), Call::write("cloudtrail", "StopLogging").with(&[("name", &trail)]));
    update_service(&deploy, start.plus(420));
    let message =
        format!("User: {} is not authorized to perform: cloudtrail:DeleteTrail on resource: {trail}", deploy.arn);
    let refused = Call::write("cloudtrail", "DeleteTrail").with(&[("name", &trail)]).fails("AccessDenied", &message);
    deploy.call(start.plus(900), refused);
    Story::new("14-log-tampering", "The pipeline turns the logs off", org).told(
        "Just before midnight the deploy session of an ordinary-looking run switches a trail of production to write-only, takes\n\
         it out of the other regions and its validation files away, stops it, and goes on working. Its attempt to delete the trail is refused. Some of the\n\
         records arrive after midnight, in the next day's folder.",
        "`logging-tampered` (critical: it happened in a CI chain), with the three successful calls as evidence.",
    )
}
