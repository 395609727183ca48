//! Digest files: signed as CloudTrail signs them, for any log files, with a key that the tests make.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use aws_lc_rs::signature::RsaKeyPair;
use md5::Digest as _;
use rolechain::model::time::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::delivery::gzip;

/// Where everything is said to be delivered.
pub(crate) const BUCKET: &str = "trail-bucket";

/// A key pair, as each region of CloudTrail has.
pub(crate) struct Signer {
    pair: RsaKeyPair,
}

/// One digest file.
#[derive(Clone, Debug)]
pub(crate) struct DigestFile {
    pub(crate) key: String,
    pub(crate) json: Value,
    pub(crate) text: Vec<u8>,
    pub(crate) signature: String,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

/// Inflates one gzip object.
pub(crate) fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
    text
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

impl Signer {
    pub(crate) fn new() -> Self {
        Self { pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    fn der(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub(crate) fn fingerprint(&self) -> String {
        hex(&md5::Md5::digest(self.der()))
    }

    /// What `aws cloudtrail list-public-keys` prints of it.
    pub(crate) fn public_keys(&self) -> String {
        let key = json!({"Value": base64(self.der()), "Fingerprint": self.fingerprint(),
            "ValidityStartTime": "2026-10-01T00:00:00+00:00", "ValidityEndTime": "2027-10-01T00:00:00+00:00"});
        json!({"PublicKeyList": [key]}).to_string()
    }

    fn sign(&self, text: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        hex(&signature)
    }

    /// Makes a digest file of what it says, and signs it.
    pub(crate) fn digest(&self, json: Value) -> DigestFile {
        let text = json.to_string().into_bytes();
        let of = |name: &str| json[name].as_str().unwrap().to_owned();
        let previous = json["previousDigestSignature"].as_str().unwrap_or("null");
        let signed = format!(
            "{}\n{}/{}\n{}\n{previous}",
            of("digestEndTime"),
            of("digestS3Bucket"),
            of("digestS3Object"),
            sha256(&text)
        );
        DigestFile { key: of("digestS3Object"), signature: self.sign(&signed), json, text }
    }

    /// Makes the digest files of one account and region for these hours: each names the log files whose delivery, by
    /// their names, falls into its hour. The first one follows `last`, if that is given.
    pub(crate) fn chain(
        &self,
        (account, region): (&str, &str),
        hours: std::ops::Range<i64>,
        last: Option<&DigestFile>,
        logs: &BTreeMap<String, Vec<u8>>,
        key: impl Fn(Timestamp) -> String,
    ) -> Vec<DigestFile> {
        let mut chain: Vec<DigestFile> = Vec::new();
        for hour in hours {
            let (start, end) = (Timestamp(hour * 3_600 + 91), Timestamp((hour + 1) * 3_600 + 91));
            let of_hour = logs.iter().filter(|(name, _)| {
                let is_of = name.contains(&format!("/{account}_CloudTrail_{region}_"));
                is_of && delivered(name).is_some_and(|time| start <= time && time < end)
            });
            let log_files: Vec<Value> = of_hour
                .map(|(name, bytes)| {
                    json!({"s3Bucket": BUCKET, "s3Object": name, "hashValue": sha256(&inflate(bytes)), "hashAlgorithm": "SHA-256",
                           "newestEventTime": null, "oldestEventTime": null})
                })
                .collect();
            let last = chain.last().or(last);
            let previous = |value: &dyn Fn(&DigestFile) -> Value| last.map_or(Value::Null, value);
            let digest = json!({
                "awsAccountId": account, "digestStartTime": start.to_string(), "digestEndTime": end.to_string(),
                "digestS3Bucket": BUCKET, "digestS3Object": key(end),
                "digestPublicKeyFingerprint": self.fingerprint(), "digestSignatureAlgorithm": "SHA256withRSA",
                "newestEventTime": null, "oldestEventTime": null,
                "previousDigestS3Bucket": previous(&|_| json!(BUCKET)),
                "previousDigestS3Object": previous(&|last| json!(last.key)),
                "previousDigestHashValue": previous(&|last| json!(sha256(&last.text))),
                "previousDigestHashAlgorithm": previous(&|_| json!("SHA-256")),
                "previousDigestSignature": previous(&|last| json!(last.signature)),
                "logFiles": log_files,
            });
            chain.push(self.digest(digest));
        }
        chain
    }
}

/// Returns when a log file was delivered, by its name.
fn delivered(name: &str) -> Option<Timestamp> {
    let stamp = name.rsplit('/').next()?.split('_').nth(3)?.strip_suffix('Z')?;
    Timestamp::parse_iso(&format!("{stamp}00Z"))
}

impl DigestFile {
    /// Returns it as CloudTrail stores it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        gzip(&self.text)
    }
}

/// Returns account and region of each log file.
pub(crate) fn places(logs: &BTreeMap<String, Vec<u8>>) -> BTreeSet<(String, String)> {
    let place = |name: &String| {
        let mut parts = name.rsplit('/').next()?.split('_');
        let account = parts.next()?.to_owned();
        Some((account, parts.nth(1)?.to_owned()))
    };
    logs.keys().filter_map(place).collect()
}
