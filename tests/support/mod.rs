//! CloudTrail logs made to measure: records, objects, and the stories that they tell.

pub(crate) mod actor;
pub(crate) mod delivery;
pub(crate) mod digests;
pub(crate) mod entrance;
pub(crate) mod evidence;
pub(crate) mod examples;
pub(crate) mod identity;
pub(crate) mod ids;
pub(crate) mod json;
pub(crate) mod markup;
pub(crate) mod organization;
pub(crate) mod record;
pub(crate) mod s3;
pub(crate) mod schema;
pub(crate) mod stories;

use proptest::test_runner::Config;
use rolechain::model::time::Timestamp;

/// The account that GitHub may enter.
pub(crate) const TOOLING: &str = "111111111111";
/// The production account.
pub(crate) const PROD: &str = "222222222222";
/// The staging account.
pub(crate) const STAGING: &str = "333333333333";
/// The account that keeps the logs.
pub(crate) const ARCHIVE: &str = "444444444444";
/// An account of another company.
pub(crate) const VENDOR: &str = "999988887777";
/// The region that logs what has no region.
pub(crate) const GLOBAL: &str = "us-east-1";
/// The region where the organization works.
pub(crate) const HOME: &str = "eu-central-1";
/// The issuer of GitHub's tokens.
pub(crate) const GITHUB: &str = "token.actions.githubusercontent.com";

/// So many cases of a property, or as many as `PROPTEST_CASES` says: few in every run, many when there is time for them.
pub(crate) fn cases(count: u32) -> Config {
    let plain = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { plain } else { Config { cases: count, ..plain } }
}

/// Reads a moment: `2026-11-03T09:15:00Z`. Text that is none is a mistake of the story, and stops the test.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_iso(text).unwrap_or_else(|| panic!("not a moment: {text}"))
}
