//! The connection to one bucket: credentials, region, endpoint, retries and timeouts.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::ConfigLoader;
use aws_config::SdkConfig;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::IdentityCache;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::retry::RetryPartition;
use aws_sdk_s3::config::retry::TokenBucket;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;

use super::explain::Kind;
use super::explain::Trouble;
use super::options::Options;
use super::trust;

/// How often a request is tried. With 30 % of all answers `SlowDown`, one object in two million fails all of them.
pub(super) const ATTEMPTS: u32 = 12;

/// Where a bucket is looked for when nothing says where it is: S3 answers with the right region from there.
const DEFAULT_REGION: &str = "us-east-1";

/// What all buckets of a run share.
pub(in crate::source) struct Account {
    shared: SdkConfig,
    endpoint: Option<String>,
    is_signed: bool,
}

impl Account {
    /// Reads the environment and the shared configuration files. No request is made.
    pub(in crate::source) async fn load(options: &Options) -> Result<Self, Trouble> {
        let mut profile_region = ProfileFileRegionProvider::builder();
        if let Some(profile) = &options.profile {
            profile_region = profile_region.profile_name(profile);
        }
        // The instance metadata service is never asked for a region: where there is none, that takes three seconds.
        let region = RegionProviderChain::first_try(options.region.clone().map(Region::new))
            .or_else(EnvironmentVariableRegionProvider::new())
            .or_else(profile_region.build())
            .or_else(Region::from_static(DEFAULT_REGION))
            .region()
            .await;
        let mut shared = loader(options, region.clone(), None).load().await;
        // Read here, because the SDK does not know it: as the AWS CLI does, nothing else is trusted then.
        if let Some(bundle) = configured(&shared, "AWS_CA_BUNDLE", "ca_bundle") {
            let client = trust::https(&bundle).map_err(|says| Trouble::new(Kind::NoTrust, says))?;
            shared = loader(options, region, Some(client)).load().await;
        }
        let endpoint = options.endpoint_url.clone();
        let endpoint = endpoint.or_else(|| configured(&shared, "AWS_ENDPOINT_URL", "endpoint_url"));
        Ok(Self { shared, endpoint, is_signed: !options.no_sign_request })
    }

    /// Returns what is common to the services of AWS.
    pub(in crate::source) fn shared(&self) -> &SdkConfig {
        &self.shared
    }

    /// Returns the region where a bucket is looked for first.
    pub(in crate::source) fn region(&self) -> String {
        self.shared.region().map_or(DEFAULT_REGION, |region| region.as_ref()).to_owned()
    }

    /// Returns the server that is spoken to in place of AWS's, if one is configured in any way.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Makes a client for the buckets of one region.
    pub(super) fn client(&self, region: &str) -> Client {
        // The SDK's own retry quota is shared by all requests, and runs dry when a third of them are throttled: objects
        // would be lost. Its adaptive mode sends 37 requests a second when one in a hundred is throttled.
        let patience = RetryPartition::custom("rolechain").token_bucket(TokenBucket::unlimited()).build();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_millis(3_100))
            // Time to the first byte of an answer: a connection that stalled is given up.
            .operation_attempt_timeout(Duration::from_secs(40))
            .build();
        let mut config = aws_sdk_s3::config::Builder::from(&self.shared)
            .region(Region::new(region.to_owned()))
            .retry_config(retries(ATTEMPTS))
            .retry_partition(patience)
            .timeout_config(timeouts);
        if let Some(url) = &self.endpoint {
            config = config.endpoint_url(url).force_path_style(true);
        }
        if !self.is_signed {
            config = config.allow_no_auth();
        }
        Client::from_conf(config.build())
    }
}

/// Says what is to be loaded, and with which client when it is not the SDK's own.
fn loader(options: &Options, region: Option<Region>, client: Option<SharedHttpClient>) -> ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region.clone())
        // A process that gives credentials may take its time.
        .identity_cache(IdentityCache::lazy().load_timeout(Duration::from_secs(30)).build());
    // What a profile takes roles with needs all this, too.
    let mut provider = ProviderConfig::without_region().with_region(region);
    if let Some(client) = client {
        provider = provider.with_http_client(client.clone());
        loader = loader.http_client(client);
    }
    if let Some(profile) = &options.profile {
        // The environment names credentials, too, and goes first in the chain. Who names a profile means the profile.
        let credentials = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(credentials);
    }
    if options.no_sign_request { loader.no_credentials() } else { loader }
}

/// Returns what is configured for S3: in the environment, in the profile's section of services, or in the profile.
fn configured(shared: &SdkConfig, variable: &str, name: &str) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id("S3").env(variable).profile(name).build().ok()?;
    shared.service_config()?.load_config(key).filter(|value| !value.is_empty())
}

/// Standard mode with so many attempts.
pub(in crate::source) fn retries(attempts: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(10))
}
