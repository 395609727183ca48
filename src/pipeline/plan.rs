//! What to read and how to judge it, and why that may fail.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ci::Facts;
use crate::expect::Expectations;
use crate::integrity::KeyError;
use crate::integrity::Keys;
use crate::model::baseline::Baseline;
use crate::model::time::Timestamp;
use crate::observe::Filter;
use crate::read::Limits;
use crate::source::SourceError;
use crate::source::public_keys::PublicKeyError;
use crate::source::s3;
use crate::store::StoreError;
use crate::trust::snapshot::Snapshot;

/// What to do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What to read, as the user named it.
    pub sources: Vec<String>,
    /// Which records count.
    pub filter: Filter,
    /// What should happen.
    pub expectations: Expectations,
    /// Trust policies, as other tools print them.
    pub snapshots: Vec<Snapshot>,
    /// List single hops of AWS services, too.
    pub include_services: bool,
    /// How to reach buckets.
    pub s3: s3::Options,
    /// How many threads; 0 for one per core.
    pub threads: usize,
    /// What hostile input may cost.
    pub limits: Limits,
    /// The store that remembers what was read.
    pub store: Option<PathBuf>,
    /// From which delivery on buckets are listed, whatever is reported; a store knows the rest.
    pub list_since: Option<Timestamp>,
    /// How many covered days the store keeps; all of them when not said.
    pub keep: Option<u32>,
    /// The findings that were known on a day, and are accepted for a time.
    pub baseline: Option<Baseline>,
    /// The store remembers the life of findings: only for runs that judge all there is to judge.
    pub remembers: bool,
    /// How to check the digest files among what is read, if at all.
    pub check: Option<Check>,
    /// What CI systems say of their runs, when files of them were given.
    pub ci: Option<Arc<Facts>>,
}

/// How digest files are checked.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// The public keys at hand.
    pub keys: Keys,
    /// CloudTrail is asked for the other keys that are needed.
    pub asks_for_keys: bool,
    /// Every file is listed in the result, and not only those that failed.
    pub lists_all: bool,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// What was asked for makes no sense, or a file that it names cannot be used.
    #[error("{0}")]
    Refused(String),
    /// There is nothing in the sources to answer from.
    #[error("{0}")]
    Nothing(String),
    /// A source could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source is a store, and there is another one to remember in.
    #[error(
        "{directory} is a store, and --store {store} is another one\n  hint: `rolechain store merge {directory} --into {store}` adds the one to the other"
    )]
    Mixed {
        /// The store to remember in.
        store: String,
        /// The source.
        directory: String,
    },
    /// CloudTrail did not list its public keys.
    #[error(transparent)]
    NoKeys(#[from] PublicKeyError),
    /// What CloudTrail listed is no key.
    #[error("the public keys that CloudTrail lists in {region}: {reason}")]
    BadKey {
        /// Where they were listed.
        region: String,
        /// What is wrong.
        reason: KeyError,
    },
    /// Something that should be a store is none.
    #[error("{path} is not a store\n  hint: `rolechain audit LOGS --store DIR` makes one")]
    NoStore {
        /// What the user typed.
        path: String,
    },
}

impl RunError {
    /// Refuses what was asked for: the message says why, and what to do.
    pub fn refused(message: impl fmt::Display) -> Self {
        Self::Refused(message.to_string())
    }
}
