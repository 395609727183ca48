//! What does the CI system say? Reads what people export of it (runs, jobs, approvals, deployments, audit logs) and brings it
//! together as facts.
//!
//! Everything here is foreign input: whoever starts a run names branches, workflows and jobs, and whoever exports a file can
//! edit it.

mod facts;

pub use facts::*;
