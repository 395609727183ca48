//! CloudTrail's public keys, asked of CloudTrail itself: one of the few calls to AWS, and only when the user asks for it.

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::primitives::DateTime;

use super::s3::explain::Trouble;
use crate::model::time::Timestamp;

/// One public key: the bytes (DER) and the fingerprint that CloudTrail gives to it.
pub type PublicKey = (Vec<u8>, Option<String>);

/// The keys could not be listed.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot list CloudTrail's public keys in {region}: {reason}\n  hint: this calls cloudtrail:ListPublicKeys with the \
     credentials of the environment; or name a file: aws cloudtrail list-public-keys --region {region} --start-time … \
     > keys.json && rolechain verify --public-keys keys.json …"
)]
pub struct PublicKeyError {
    region: String,
    reason: String,
}

/// Lists the keys of one region that signed anything from a moment on, by `ListPublicKeys`. Without an end, because
/// backfill digest files are signed later than the hours that they are about.
pub fn list(region: &str, from: Timestamp, profile: Option<&str>) -> Result<Vec<PublicKey>, PublicKeyError> {
    let failed = |reason: String| PublicKeyError { region: region.to_owned(), reason };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    runtime.block_on(async {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(Region::new(region.to_owned()));
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        let mut pages =
            Client::new(&config).list_public_keys().start_time(DateTime::from_secs(from.0)).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(Trouble::of(&error).says))?;
            for key in page.public_key_list.unwrap_or_default() {
                keys.extend(key.value.map(|value| (value.into_inner(), key.fingerprint)));
            }
        }
        Ok(keys)
    })
}
