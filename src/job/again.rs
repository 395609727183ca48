//! What a job was asked with, for the commands that its report prints.

use super::Job;
use super::files;
use crate::report::again::Again;

impl Job {
    /// Names the flags with which a command asks the same.
    pub(super) fn again(&self) -> Again {
        let (plan, bucket) = (&self.plan, &self.plan.s3);
        let moment = |moment: Option<crate::model::time::Timestamp>| moment.map(|moment| moment.to_string());
        let mut read = Flags::default();
        read.with("--since", moment(plan.filter.since));
        read.with("--until", moment(plan.filter.until));
        read.with("--store", plan.store.as_ref().map(|store| store.to_string_lossy().into_owned()));
        read.with("--list-since", moment(plan.list_since));
        read.with("--profile", bucket.profile.clone());
        read.with("--region-of-bucket", bucket.region.clone());
        read.with("--endpoint-url", bucket.endpoint_url.clone());
        read.when("--request-payer", bucket.request_payer);
        read.when("--no-sign-request", bucket.no_sign_request);
        let mut judged = Flags::default();
        let at_hand = || files::expectations_at_hand(&plan.sources);
        match &self.run.expectations {
            // What was found by looking is found again.
            Some(file) if at_hand().is_some_and(|found| found.to_string_lossy() == file.as_str()) => {}
            Some(file) => judged.with("--expectations", [file.clone()]),
            None => judged.when("--no-expectations", at_hand().is_some()),
        }
        judged.with("--iam", self.run.iam_snapshots.clone());
        judged.with("--ci", self.ci.clone());
        judged.with("--account", self.selection.accounts.clone());
        judged.with("--region", self.selection.regions.clone());
        judged.with("--baseline", self.baseline.clone());
        judged.when("--no-exceptions", self.run.no_exceptions);
        judged.when("--include-services", plan.include_services);
        Again { read: read.0, judged: judged.0 }
    }
}

#[derive(Default)]
struct Flags(Vec<String>);

impl Flags {
    fn with(&mut self, flag: &str, values: impl IntoIterator<Item = String>) {
        self.0.extend(values.into_iter().flat_map(|value| [flag.to_owned(), value]));
    }

    fn when(&mut self, flag: &str, is_given: bool) {
        self.0.extend(is_given.then(|| flag.to_owned()));
    }
}
