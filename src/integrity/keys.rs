//! The public keys of CloudTrail, as `aws cloudtrail list-public-keys` prints them.

use std::collections::BTreeMap;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::digest::SHA256;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use md5::Digest as _;
use md5::Md5;
use serde::Deserialize;

use super::encoding;

/// The public keys, by fingerprint.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    by_fingerprint: BTreeMap<String, ParsedPublicKey>,
}

/// What is wrong with a file of public keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is not what the command prints.
    #[error("it is not what `aws cloudtrail list-public-keys` prints: {0}")]
    NotAList(serde_json::Error),
    /// The list is empty.
    #[error("it holds no public keys")]
    Empty,
    /// A value is no RSA key of 2048 bits or more.
    #[error("key {number} is not an RSA public key in base64 (DER)")]
    NotAKey {
        /// Which one, counted from 1.
        number: usize,
    },
    /// The fingerprint is not that of the key.
    #[error("key {number} has another fingerprint than the list says: the list was changed")]
    WrongFingerprint {
        /// Which one, counted from 1.
        number: usize,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    public_key_list: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    value: String,
    fingerprint: Option<String>,
}

impl Keys {
    /// Adds the keys of a text: one list, or several one after the other (one for each region).
    pub fn read(&mut self, text: &str) -> Result<(), KeyError> {
        let mut number = 0;
        for list in serde_json::Deserializer::from_str(text).into_iter::<List>() {
            for entry in list.map_err(KeyError::NotAList)?.public_key_list {
                number += 1;
                let der = encoding::base64(&entry.value).ok_or(KeyError::NotAKey { number })?;
                self.add(&der, entry.fingerprint.as_deref(), number)?;
            }
        }
        if number == 0 { Err(KeyError::Empty) } else { Ok(()) }
    }

    /// Adds one key: DER, as `RSAPublicKey` (PKCS #1) or `SubjectPublicKeyInfo`; AWS's documentation shows both.
    ///
    /// A fingerprint is the MD5 of these bytes: so it is for the three keys of the documentation. `number` is for errors.
    pub fn add(&mut self, der: &[u8], fingerprint: Option<&str>, number: usize) -> Result<(), KeyError> {
        let own = encoding::to_hex(&Md5::digest(der));
        if fingerprint.is_some_and(|claimed| !claimed.eq_ignore_ascii_case(&own)) {
            return Err(KeyError::WrongFingerprint { number });
        }
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| KeyError::NotAKey { number })?;
        self.by_fingerprint.insert(own, key);
        Ok(())
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.by_fingerprint.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_fingerprint.is_empty()
    }

    /// Says whether a key of this fingerprint is there.
    pub fn has(&self, fingerprint: &str) -> bool {
        self.by_fingerprint.contains_key(&fingerprint.to_ascii_lowercase())
    }

    /// Says whether the key of this fingerprint made the signature of a text, given by the text's SHA-256. `None` when
    /// there is no such key.
    pub fn fits(&self, fingerprint: &str, sha256: &[u8; 32], signature: &[u8]) -> Option<bool> {
        let key = self.by_fingerprint.get(&fingerprint.to_ascii_lowercase())?;
        let digest = Digest::import_less_safe(sha256, &SHA256).ok()?;
        Some(key.verify_digest_sig(&digest, signature).is_ok())
    }
}
