//! What may happen? Trust policies: read, judged against what happened, and drawn up anew.
//!
//! Answers are three-valued, because CloudTrail does not record every condition key.

pub mod caller;
mod condition;
mod judge;
pub mod like;
pub mod observed;
pub mod operator;
pub mod policy;
pub mod principal;
pub mod read;
pub mod request;
mod scalar;
pub mod snapshot;
mod terraform;
pub mod timeline;
pub mod truth;
mod variable;

pub use judge::Refusal;
pub use judge::Verdict;
pub use policy::Policy;
pub use principal::Principal;
