//! Hashes what an object holds while it is inflated, for the check of digests: no object is read twice.

use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use crate::model::receipt::Content;

/// Text that is kept of every object, to see whether it goes on as a digest file does.
const HEAD: usize = 64 << 10;

/// A longer digest file is not kept. CloudTrail's own have some hundred bytes for each log file of an hour.
const LONGEST: usize = 64 << 20;

/// Keys of a digest file, one of which stands in its head.
const KEYS: [&[u8]; 2] = [b"\"digestS3Object\"", b"\"digestEndTime\""];

/// Where what was witnessed is found once the text has ended.
pub(super) type Testimony = Arc<OnceLock<Content>>;

/// Sees the text of the first gzip member go by (of all the text, when it is not gzip).
pub(super) struct Witness {
    hash: Sha256,
    text: Vec<u8>,
    is_kept: bool,
    testimony: Testimony,
}

impl Witness {
    pub(super) fn new(testimony: &Testimony) -> Self {
        Self { hash: Sha256::new(), text: Vec::new(), is_kept: true, testimony: Arc::clone(testimony) }
    }

    /// Sees some more text.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        if !self.is_kept {
            return;
        }
        self.text.extend_from_slice(bytes);
        let has_head = self.text.len() >= HEAD;
        let is_digest = || {
            let head = self.text.get(..HEAD).unwrap_or(&self.text);
            KEYS.iter().any(|key| memchr::memmem::find(head, key).is_some())
        };
        if has_head && (self.text.len() > LONGEST || !is_digest()) {
            self.is_kept = false;
            self.text = Vec::new();
        }
    }

    /// The text has come to its end as it should.
    pub(super) fn end(self, has_trailing_bytes: bool) {
        let Self { hash, text, is_kept, testimony } = self;
        let content = Content {
            sha256: Some(hash.finalize().into()),
            has_trailing_bytes,
            digest: is_kept.then_some(text),
            signature: None,
        };
        let _ = testimony.set(content);
    }

    /// What was hashed is not what CloudTrail could have written.
    pub(super) fn reject(self) {
        let content = Content { sha256: None, has_trailing_bytes: false, digest: None, signature: None };
        let _ = self.testimony.set(content);
    }
}
