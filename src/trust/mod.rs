//! What may happen? Trust policies: read, judged against what happened, and drawn up anew.
//!
//! Answers are three-valued, because CloudTrail does not record every condition key.

pub mod breadth;
pub mod caller;
pub mod claims;
pub mod closes;
mod condition;
pub mod grant;
mod judge;
pub mod observed;
pub mod operator;
mod permission;
pub mod policy;
pub mod principal;
pub mod read;
mod repeated;
pub mod replay;
pub mod request;
mod scalar;
pub mod snapshot;
mod snapshot_file;
mod stranger;
pub mod suggest;
mod terraform;
mod terraform_account;
mod terraform_attached;
pub mod timeline;
pub mod truth;
pub mod usage;
mod variable;
pub mod write;

pub use judge::Refusal;
pub use judge::Verdict;
pub use policy::Policy;
pub use principal::Principal;
pub use repeated::repeated_keys;
