//! The flags of sources in S3: every command that takes SOURCE has them.

#![expect(clippy::doc_markdown, reason = "doc comments here are help texts, where backticks would be noise")]

use clap::Args;

use crate::source::s3::Options;

/// How to reach a bucket.
#[derive(Clone, Debug, Args)]
pub(super) struct BucketArgs {
    /// Take credentials and region from this profile of the AWS configuration
    #[arg(long, value_name = "NAME", help_heading = "S3")]
    pub(super) profile: Option<String>,
    /// The region of the bucket; by default it is found
    #[arg(long, value_name = "REGION", help_heading = "S3")]
    pub(super) region_of_bucket: Option<String>,
    /// A server that speaks S3, in path style (AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL are honoured)
    #[arg(long, value_name = "URL", help_heading = "S3")]
    pub(super) endpoint_url: Option<String>,
    /// Agree to pay for requests, for buckets whose requester pays
    #[arg(long, help_heading = "S3")]
    pub(super) request_payer: bool,
    /// Sign no request, for public buckets
    #[arg(long, help_heading = "S3")]
    pub(super) no_sign_request: bool,
    /// How many objects to fetch at the same time, at most: 1 to 256
    #[arg(long, value_name = "N", help_heading = "S3", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) concurrency: u16,
}

impl BucketArgs {
    /// Returns what they say.
    pub(super) fn options(&self) -> Options {
        Options {
            profile: self.profile.clone(),
            region: self.region_of_bucket.clone(),
            endpoint_url: self.endpoint_url.clone().or_else(endpoint_of_environment),
            request_payer: self.request_payer,
            no_sign_request: self.no_sign_request,
            concurrency: usize::from(self.concurrency),
        }
    }
}

/// Returns the endpoint that the environment names for S3. The one for all services is found by the SDK.
fn endpoint_of_environment() -> Option<String> {
    let value = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let is_ignored =
        value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    value("AWS_ENDPOINT_URL_S3").filter(|url| !is_ignored && !url.is_empty())
}
