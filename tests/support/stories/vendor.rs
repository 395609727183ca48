//! Story 04: a third party that is let in without an ExternalId.

use super::Story;
use super::cast::{background, ordinary_release};
use crate::support::actor::{Assume, Call, Copies};
use crate::support::organization::{Organization, Role};
use crate::support::{PROD, VENDOR, at};

/// The vendor's calls without an ExternalId, and one with.
pub(super) fn without_external_id() -> Story {
    let org = Organization::new("04-vendor-without-external-id");
    background(&org, at("2026-11-04T06:00:00Z"));
    ordinary_release(&org, at("2026-11-04T08:41:00Z"));
    let collector = Role::new(VENDOR, "collector/costtool-collector");
    let role = Role::new(PROD, "vendor-costtool");
    let (mut vendor, _) =
        org.user(VENDOR, "nobody", "192.0.2.140", "aws-sdk-java/2.36.2 md/io#sync md/http#Apache ua/2.1");
    vendor.tool.clone_from(&vendor.agent);
    let key = org.temporary_key(VENDOR);
    let vendor = vendor.become_session(&collector, "collector-7f9c", &key, at("2026-11-04T00:00:00Z"), None);
    for (day, external_id) in
        [(4, None), (5, None), (6, Some("costtool-51b0e2c7-93d4-4e0f-a6c8-7b2f19d03e55")), (7, None)]
    {
        let start = at(&format!("2026-11-{day:02}T02:30:11Z"));
        let wish = Assume { external_id, copies: Copies::TargetOnly, ..Assume::role(&role, "costtool") };
        let session = vendor.assume(start, &wish);
        session.call(start.plus(4), Call::read("ce", "GetCostAndUsage").region("us-east-1"));
        session.call(start.plus(9), Call::read("ec2", "DescribeInstances"));
    }
    Story::new("04-vendor-without-external-id", "A vendor without an ExternalId", org).told(
        "The account 999988887777 of a cost tool assumes `vendor-costtool` in production every night. Three times it sends no\n\
         ExternalId and is let in; once it sends one. Only the target account's copies exist: the vendor's log is not ours.",
        "`missing-external-id` (high, a proof) and `external-id-not-enforced` (high: one caller, with and without).\n\
         With expectations the vendor's account is none of the organization's, and nobody misses its log; without them\n\
         `account-not-covered` (info) says that it is not here.",
    )
}
