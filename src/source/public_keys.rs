//! CloudTrail's public keys, asked of CloudTrail itself: one of the few calls to AWS, and only when the user asks for it.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::Builder;
use aws_sdk_cloudtrail::config::timeout::TimeoutConfig;
use aws_sdk_cloudtrail::primitives::DateTime;

use super::s3::Options;
use super::s3::client::Account;
use super::s3::client::retries;
use super::s3::explain;
use super::s3::explain::Kind;
use super::s3::explain::Trouble;
use crate::model::time::Timestamp;

/// How often a request is tried on the way.
const ATTEMPTS: u32 = 4;

/// How often the first one is: what cannot work should be known soon.
const HASTY_ATTEMPTS: u32 = 2;

/// One public key: the bytes (DER) and the fingerprint that CloudTrail gives to it.
pub type PublicKey = (Vec<u8>, Option<String>);

/// The keys could not be listed.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot list CloudTrail's public keys in {region}: {reason}\n  hint: {hint}; or name a file of keys: aws cloudtrail \
     list-public-keys --region {region} --start-time … > keys.json && rolechain verify --public-keys keys.json …"
)]
pub struct PublicKeyError {
    region: String,
    reason: String,
    hint: String,
}

/// Asks once whether keys can be listed at all, before the long work: the regions to ask in are known only after it.
/// Without a region it asks where the credentials are at home.
pub fn probe(region: Option<&str>, now: Timestamp, profile: Option<&str>) -> Result<(), PublicKeyError> {
    match ask(region, now, profile, HASTY_ATTEMPTS) {
        // An organization may forbid the regions that it does not use, and this one was a guess.
        Err((_, trouble)) if region.is_none() && is_about_a_region(&trouble) => Ok(()),
        Err((region, trouble)) => Err(refuse(region, &trouble, profile)),
        Ok(_) => Ok(()),
    }
}

/// Lists the keys of one region that signed anything from a moment on, by `ListPublicKeys`. Without an end, because
/// backfill digest files are signed later than the hours that they are about.
pub fn list(region: &str, from: Timestamp, profile: Option<&str>) -> Result<Vec<PublicKey>, PublicKeyError> {
    ask(Some(region), from, profile, ATTEMPTS).map_err(|(region, trouble)| refuse(region, &trouble, profile))
}

fn ask(
    region: Option<&str>,
    from: Timestamp,
    profile: Option<&str>,
    attempts: u32,
) -> Result<Vec<PublicKey>, (String, Trouble)> {
    let known = || region.unwrap_or_default().to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| (known(), Trouble::new(Kind::Other, error.to_string())))?;
    runtime.block_on(async {
        let [profile, region] = [profile, region].map(|text| text.map(str::to_owned));
        let account = Account::load(&Options { profile, region, ..Options::default() })
            .await
            .map_err(|trouble| (known(), trouble))?;
        let region = account.region();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_millis(3_100))
            .operation_attempt_timeout(Duration::from_secs(40));
        let config = Builder::from(account.shared())
            .region(Region::new(region.clone()))
            .retry_config(retries(attempts))
            .timeout_config(timeouts.build());
        let client = Client::from_conf(config.build());
        let mut pages = client.list_public_keys().start_time(DateTime::from_secs(from.0)).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| (region.clone(), Trouble::of(&error)))?;
            for key in page.public_key_list.unwrap_or_default() {
                keys.extend(key.value.map(|value| (value.into_inner(), key.fingerprint)));
            }
        }
        Ok(keys)
    })
}

fn is_about_a_region(trouble: &Trouble) -> bool {
    trouble.kind == Kind::Denied && trouble.says.contains("service control policy")
}

/// Says why keys cannot be listed, and what to do.
fn refuse(region: String, trouble: &Trouble, profile: Option<&str>) -> PublicKeyError {
    let says = &trouble.says;
    let login = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
    let (reason, hint) = match trouble.kind {
        Kind::NoCredentials => (
            format!("no AWS credentials: {says}"),
            format!(
                "name a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or renew with `aws sso \
                 login{login}`"
            ),
        ),
        Kind::Expired => (
            format!("the credentials have expired ({says})"),
            format!("renew them, for example with `aws sso login{login}`"),
        ),
        Kind::BadCredentials => (
            format!("CloudTrail does not accept the credentials ({says})"),
            "check which ones are used: `aws sts get-caller-identity`".to_owned(),
        ),
        Kind::Login => (format!("the profile signs in by `aws login`: {says}"), explain::hand_over(profile)),
        Kind::NoTrust => (says.clone(), "correct it, or leave it out".to_owned()),
        Kind::Clock => (format!("the clock of this machine is wrong ({says})"), "set the clock".to_owned()),
        Kind::Denied => (
            format!("CloudTrail denies it ({says})"),
            "allow cloudtrail:ListPublicKeys in the identity's policy".to_owned(),
        ),
        Kind::Connection => (
            format!("CloudTrail cannot be reached: {says}"),
            "check the network, the proxy, and AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_CLOUDTRAIL if one is set"
                .to_owned(),
        ),
        Kind::Throttled | Kind::Server => (format!("CloudTrail keeps failing: {says}"), "run again later".to_owned()),
        _ => (
            format!("CloudTrail refuses it: {says}"),
            "this calls cloudtrail:ListPublicKeys with the credentials of the environment".to_owned(),
        ),
    };
    PublicKeyError { region, reason, hint }
}
